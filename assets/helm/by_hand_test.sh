#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# by_hand_test.sh BINARIES: the chart in a real cluster as a person installs it (README.md), with the static programs in BINARIES,
# or with the image NOMOS_TESTNET_IMAGE if the cluster does not share this machine's Docker Engine. Exit status 77: there is no
# cluster, and GTESTNET_REQUIRE does not ask for k8s.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binaries=$1

skip() {
  echo "$*"
  case ",${GTESTNET_REQUIRE:-}," in *,k8s,*) exit 1 ;; *) exit 77 ;; esac
}
for program in helm kubectl; do
  command -v "$program" >/dev/null || skip "there is no $program in PATH"
done
runtime=$(kubectl --request-timeout=5s get nodes \
  -o 'jsonpath={.items[0].status.nodeInfo.containerRuntimeVersion}' 2>&1) || skip "no cluster answers: $runtime"

work=$(mktemp -d)
namespace=gtestnet-by-hand-$$
export HELM_NAMESPACE=$namespace HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data
own_image=
cleanup() {
  local status=$?
  if [ $status -ne 0 ]; then
    k get pods,events 2>&1 | tail -n 40 || true
    for pod in $(k get pods -o name 2>/dev/null); do k logs --tail 5 "$pod" 2>&1 || true; done
  fi
  quick_removal
  kubectl delete namespace "$namespace" --ignore-not-found --wait=true >/dev/null 2>&1 || true
  # Containers that were deleted by force have it for some seconds more.
  local tries=60
  while [ -n "$own_image" ] && ((tries-- > 0)) && docker image inspect "$own_image" >/dev/null 2>&1; do
    docker image rm "$own_image" >/dev/null 2>&1 || sleep 0.5
  done
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
k() { kubectl --namespace "$namespace" "$@"; }
step() { echo "$SECONDS s: $*"; }
# Plain deletion of seven pods takes more than a minute.
quick_removal() {
  k delete statefulsets,deployments --all --cascade=orphan --wait=false >/dev/null 2>&1 || true
  k delete pods --all --force --grace-period=0 --wait=false >/dev/null 2>&1 || true
}

image=${NOMOS_TESTNET_IMAGE:-}
if [ -z "$image" ]; then
  [[ $runtime == docker://* ]] || skip "the cluster runs $runtime: name an image that it has by NOMOS_TESTNET_IMAGE"
  docker version >/dev/null 2>&1 || skip "no Docker Engine answers"
  image=gtestnet-by-hand-k8s:$$
  own_image=$image
  NOMOS_TESTNET_IMAGE=$image "$here/../stack/scripts/build_test_image.sh" --binaries "$binaries"
fi

machine=$(kubectl get nodes -o 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')
# talk METHOD PORT PATH [BODY]: the status, and what comes back, without its header.
talk() {
  {
    printf '%s %s HTTP/1.0\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
      "$1" "$3" "${token:-}" "$([ $# -lt 4 ] && echo 0 || echo ${#4})" "${4-}" >&3
    timeout ${wait:-5} sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p; /^\r$/,$p' <&3 | tr -d '\r\n'
  } 2>/dev/null 3<>"/dev/tcp/$machine/$2"
}
declare -A ports
# port NODE api|agent: looked up once, as it stays.
port() {
  [ -n "${ports[$1.$2]:-}" ] ||
    ports[$1.$2]=$(k get service "$1-outside" -o "jsonpath={.spec.ports[?(@.name=='$2')].nodePort}")
}
ask() { port "$1" api && talk "$([ $# -lt 3 ] && echo GET || echo POST)" "${ports[$1.api]}" "${@:2}"; }
agent() { port "$1" agent && talk "${3:-POST}" "${ports[$1.agent]}" "/$2"; }
# verb NODE VERB STATE: it is done, and the state is that afterwards.
verb() {
  local answer
  answer=$(agent "$1" "$2") || fail "the agent of $1 does not answer"
  [[ $answer == 200*"\"state\":\"$3\""* ]] || fail "$2 $1: $answer"
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([0-9a-zA-Z]*\).*/\1/p"; }
height() { ask "$1" /cryptarchia/info | field height; }
# await SECONDS WORDS…: until the command succeeds.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "not in time: $*"
    sleep 0.1
  done
}
above() { local now; now=$(height "$1") && [ "${now:-0}" -ge "$2" ]; }
knows() { local block; block=$(ask "$1" /storage/block "\"$2\"") && [[ $block == 200* && $block != *null ]]; }
agree() {
  local final
  final=$(ask validator-0 /cryptarchia/info | field lib)
  for node in "$@"; do await 20 knows "$node" "$final"; done
}
is_ready() { [ "$(k get pod "$1-0" -o 'jsonpath={.status.containerStatuses[0].ready}' 2>/dev/null)" = true ]; }
restarts() { k get pod "$1-0" -o 'jsonpath={.status.containerStatuses[0].restartCount}'; }
containers() { k get pods -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.containerStatuses[0].restartCount}{"\n"}{end}'; }

step "install"
cat >"$work/values.yaml" <<TEXT
run: by-hand-$$
image: $image
topology: {layout: star, validators: 3, executors: 1, wallets: 50, late: [validator-2]}
TEXT
kubectl create namespace "$namespace" >/dev/null
helm install net "$here" --values "$work/values.yaml" >"$work/notes"
token=$(k get secret pod-agent -o 'jsonpath={.data.token}' | base64 -d)
early=(validator-0 validator-1 executor-0)
for node in "${early[@]}"; do await 90 above "$node" 12; done
agree "${early[@]}"

step "a late node"
has_agent() { [[ $(agent "$1" state GET) == 200* ]]; }
await 60 has_agent validator-2
[[ $(agent validator-2 state GET) == *'"state":"stopped"'* ]] || fail "a late node runs already"
verb validator-2 start running
nodes=("${early[@]}" validator-2)
await 30 above validator-2 "$(height validator-0)"
await 10 is_ready validator-2

step "pause, resume, kill, stop, start"
verb validator-1 pause paused
! ask validator-1 /cryptarchia/info >/dev/null || [ -z "$(height validator-1)" ] || fail "a paused node answers"
[[ $(agent validator-1 pause) == 409* ]] || fail "it is paused twice"
verb validator-1 resume running
before=$(height validator-1)
await 20 above validator-1 $((before + 2))
verb validator-1 kill stopped
verb validator-1 start running
await 20 above validator-1 "$before"
verb validator-1 stop stopped
verb validator-1 start running
await 20 above validator-1 $((before + 5))
[ "$(restarts validator-1)" = 0 ] || fail "the container was restarted"
[[ $(token=wrong-token agent validator-1 kill) == 401* ]] || fail "a wrong token is taken"

step "an exit that nobody asked for"
change=$(agent executor-0 state GET | sed -n 's/.*"change":"\([^"]*\)".*/\1/p')
k exec executor-0-0 -- /bin/sh -c '(sleep 1; kill -SEGV $(pidof nomos-executor)) >/dev/null 2>&1 &'
# Who watches is told. (Kubernetes' lastState says the same, but not always: it may remove the ended container first.)
told=$(wait=20 agent executor-0 "state?after=$change" GET)
[[ $told == *'"state":"exited"'*'"code":139,"asked":false'* ]] || fail "it does not say how the node ended: $told"
restarted() { [ "$(restarts executor-0)" = 1 ]; }
await 30 restarted
await 30 above executor-0 "$before"

step "a pod is deleted"
before=$(height validator-0)
k delete pod validator-0-0 --wait=true >/dev/null
await 60 above validator-0 $((before + 3))
if grep -q 'keeps its database' "$work/notes"; then
  tip=$(k logs validator-0-0 | sed -n 's/.*tip at height \([0-9]*\).*/\1/p')
  [ "$tip" -ge "$before" ] || fail "the database was lost: it came back with height $tip, and had $before"
fi
agree "${nodes[@]}"

step "a node is added"
containers | sort >"$work/before"
echo 'added: [{role: validator, dials: [validator-1, executor-0]}]' >>"$work/values.yaml"
helm upgrade net "$here" --values "$work/values.yaml" >/dev/null
await 60 above validator-3 "$(height validator-1)"
agree "${nodes[@]}" validator-3
[ "$(restarts validator-3)" = 0 ] || fail "the added node was restarted"
containers | grep -v '^validator-3-0 ' | sort >"$work/after"
diff "$work/before" "$work/after" || fail "something was restarted"
[ "$(k get secret pod-agent -o 'jsonpath={.data.token}' | base64 -d)" = "$token" ] || fail "there is another token"

# As in a cluster that has a DNS, but that the answers are in /etc/hosts: no variable is injected, and each name is known. cfgsync
# is a new one, which has not heard of the addresses either.
step "names instead of variables"
for service in cfgsync "${nodes[@]}" validator-3; do
  echo "{ip: $(k get service "$service" -o 'jsonpath={.spec.clusterIP}'), hostnames: [$service]}"
done | paste -sd, >"$work/by_names.hosts"
cat >"$work/by_names" <<'TEXT'
#!/bin/sh
exec sed "s|^\( *\)enableServiceLinks: true|\1enableServiceLinks: false\n\1hostAliases: [$(cat "$0.hosts")]|"
TEXT
chmod +x "$work/by_names"
containers >"$work/before"
by_names() { helm upgrade net "$here" --values "$work/values.yaml" --post-renderer "$work/by_names" "$@" >/dev/null; }
by_names
# The upgrade is known to the last StatefulSet, and holds: no node is another one, and a new pod is as the one before was.
is_observed() { ! k get statefulsets -o 'jsonpath={range .items[*]}{.metadata.generation} {.status.observedGeneration}{"\n"}{end}' | awk '$1 != $2' | grep -q .; }
await 20 is_observed
containers | diff "$work/before" - || fail "the upgrade restarted something"
k delete pod validator-2-0 --wait=true >/dev/null
await 60 is_ready validator-2
variables() { k exec "$1-0" -- /bin/sh -c 'env | grep -c VALIDATOR_0_SERVICE_HOST || true' 2>/dev/null; }
[ "$(variables validator-2)" = 1 ] || fail "the upgrade changed a node that it was not to restart"
before=$(height validator-1)
k delete pod cfgsync --wait=true >/dev/null
by_names --set node.restartOnUpgrade=true
has_none() { [ "$(variables "$1")" = 0 ]; }
for node in "${nodes[@]}" validator-3; do await 90 has_none "$node"; done
for node in "${nodes[@]}" validator-3; do await 90 above "$node" $((before + 3)); done
agree "${nodes[@]}" validator-3
[[ $(k exec validator-1-0 -- cat /var/lib/nomos/config.yaml) == *validator-0:3000* ]] || fail "it does not dial a name"

step "removal"
begun=$SECONDS
quick_removal
helm uninstall net >/dev/null
is_empty() { [ -z "$(k get pods,services,statefulsets,secrets,configmaps,persistentvolumeclaims -l app.kubernetes.io/instance=net -o name)" ]; }
await 60 is_empty
echo "nothing is left $((SECONDS - begun)) s later"

step "install, and wait"
helm install net "$here" --wait --timeout 120s --set "image=$image,topology.validators=2,topology.executors=1" >/dev/null
[ "$(k get pods -o 'jsonpath={.items[*].status.containerStatuses[0].ready}')" = "true true true true" ] ||
  fail "helm did not wait: $(k get pods)"
ports=()
for node in validator-0 validator-1 executor-0; do await 20 above "$node" 1; done
echo "all is well"
