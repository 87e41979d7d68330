#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the chart makes of its values, and what it refuses; without a cluster. Exit status 77: there is no helm, and
# GTESTNET_REQUIRE does not ask for k8s.
set -euo pipefail
chart=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ! command -v helm >/dev/null; then
  echo "there is no helm in PATH"
  case ",${GTESTNET_REQUIRE:-}," in *,k8s,*) exit 1 ;; *) exit 77 ;; esac
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# made OPTIONS…: what helm makes, in $work/made.
made() { helm template net "$chart" --namespace n "$@" >"$work/made" 2>"$work/stderr" || fail "helm template $*: $(cat "$work/stderr")"; }
# has NUMBER TEXT: so many lines of it have the text.
has() {
  local found
  found=$(grep -c -F -- "$2" "$work/made" || true)
  [ "$found" = "$1" ] || fail "'$2' is on $found lines instead of $1"
}
# refuses TEXT OPTIONS…
refuses() {
  local text=$1 said
  shift
  ! said=$(helm template net "$chart" "$@" 2>&1 >/dev/null) || fail "$*: it is taken"
  [[ $said == *"$text"* ]] || fail "$*: it says '$said', not '$text'"
}

helm lint --strict "$chart" >"$work/lint" 2>&1 || fail "helm lint: $(cat "$work/lint")"

echo "as it is"
made
has 4 "kind: StatefulSet"
has 1 "kind: Pod"
has 9 "kind: Service"
has 0 "kind: PersistentVolumeClaim"
has 0 "prometheus"
has 9 "emptyDir: {}"
for name in validator-0 validator-1 validator-2 executor-0; do
  has 1 "- --name=$name"
  has 1 "name: $name-outside"
done
has 4 'gtestnet.role: "executor"'
has 4 'gtestnet.index: "3"'
has 9 "publishNotReadyAddresses: true"
has 5 "type: NodePort"
has 4 "rollingUpdate: {partition: 1}"
# Versions that are stable from Kubernetes 1.20 to today.
[ "$(grep '^apiVersion:' "$work/made" | sort -u | tr '\n' ' ')" = "apiVersion: apps/v1 apiVersion: v1 " ] ||
  fail "other API versions: $(grep '^apiVersion:' "$work/made" | sort -u)"
# A paused node must not be killed, and nobody needs privileges.
has 0 "livenessProbe"
has 5 "readinessProbe:"
has 5 "allowPrivilegeEscalation: false"
has 5 "capabilities: {drop: [ALL]}"
has 5 "runAsNonRoot: true"
has 5 "automountServiceAccountToken: false"
[ "$(grep -c 'requests:' "$work/made")" = 5 ] || fail "a container has no requests"

echo "nodes"
made --set topology.validators=1,topology.executors=0
has 1 "kind: StatefulSet"
cat >"$work/values.yaml" <<'TEXT'
seed: 1000000
topology: {layout: star, validators: 2, executors: 1, late: [validator-1]}
added: [{role: validator, dials: [validator-0]}, {role: executor}]
TEXT
made --values "$work/values.yaml"
has 5 "kind: StatefulSet"
has 1 "- --name=validator-2"
has 1 "- --name=executor-1"
has 4 'gtestnet.index: "4"'
has 1 "--start-if=/var/lib/nomos/.cfgsync"
has 1 '"seed": 1000000,'
has 1 '"late": ['
# What is there already stays as it is when a node is added, but for cfgsync's file and annotation.
made --values "$work/values.yaml" --set agent.token=a-long-token,added=null
cp "$work/made" "$work/before"
made --values "$work/values.yaml" --set agent.token=a-long-token
changed=$(diff "$work/before" "$work/made" | grep '^<' || true)
[ "$(grep -c . <<<"$changed")" -le 2 ] || fail "an added node changes what was there: $changed"

echo "a spec of one's own"
printf 'run: r\nseed: 18446744073709551615\n' >"$work/cfgsync.yaml"
cat >"$work/values.yaml" <<'TEXT'
nodes:
  - {name: validator-0, role: validator, index: 0}
  - {name: executor-0, role: executor, index: 7, late: true}
TEXT
made --values "$work/values.yaml" --set-file "cfgsync.plan=$work/cfgsync.yaml"
has 1 "seed: 18446744073709551615"
has 2 "kind: StatefulSet"
has 4 'gtestnet.index: "7"'
has 1 "--start-if="

echo "the rest of the values"
made --set persistence.mode=claim,persistence.storageClass=quick,persistence.size=1Gi
has 4 "kind: PersistentVolumeClaim"
has 4 'storageClassName: "quick"'
has 4 'requests: {storage: "1Gi"}'
has 4 "claimName: data-"
made --set service.type=ClusterIP,prometheus.enabled=true,image=i:1,imagePullPolicy=Never,run=r7
has 0 "NodePort"
has 1 "url: http://CFGSYNC:4400/targets"
has 1 '{target_label: run, replacement: "r7"}'
has 1 "grep -qF '\"run\":\"r7\"'"
has 6 'image: "i:1"'
has 7 "imagePullPolicy: Never"
has 0 'gtestnet.run: "by-hand"'
made --set user=1000,node.env.NOMOS_LOG_LEVEL=debug,node.graceMilliseconds=2000 \
  --set 'mounts[0].name=kzg,mounts[0].path=/kzgrs_test_params,mounts[0].source.hostPath.path=/kzg'
has 4 "runAsUser: 1000"
has 4 '{name: NOMOS_LOG_LEVEL, value: "debug"}'
has 4 'mountPath: "/kzgrs_test_params", readOnly: true'
has 4 "--grace-ms=2000"
has 4 "terminationGracePeriodSeconds: 7"
made --set node.restartOnUpgrade=true
has 4 "rollingUpdate: {partition: 0}"
made --set user=0
has 4 "runAsNonRoot: false"
made --set agent.token=a-long-token
has 1 "token: $(printf a-long-token | base64)"

echo "another kind of node"
cat >"$work/values.yaml" <<'TEXT'
image: tools:1
ports: [{name: client, port: 2379, outside: true}, {name: peer, port: 2380}]
roles:
  validator: null
  executor: null
  member: {image: "etcd:1", imagePullPolicy: Never, directory: /data, volumes: [/wal], user: "1000:2000", health: {port: client}, env: {A: b}}
nodes: [{name: member-0, role: member, index: 0}]
TEXT
made --values "$work/values.yaml" --set cfgsync.plan=x,persistence.mode=claim
has 1 'image: "etcd:1"'
has 2 'image: "tools:1"'
has 1 "name: data-1-member-0"
has 1 'mountPath: "/wal"'
has 2 "name: client, port: 2379"
has 1 "name: peer, port: 2380"
has 1 "tcpSocket: {port: client}"
has 1 "runAsUser: 1000"
has 1 "runAsGroup: 2000"
has 1 "initContainers:"
has 1 '{name: A, value: "b"}'
has 0 "18080"

echo "refusals"
refuses "run: Does not match pattern" --set run=-x
refuses "service.type must be one of" --set service.type=LoadBalancer
refuses "Additional property what is not allowed" --set what=1
refuses "agent.token: Does not match" --set agent.token=short
refuses "node.graceMilliseconds: Must be greater" --set node.graceMilliseconds=-1
refuses "persistence.mode must be one of" --set persistence.mode=disk
refuses "role: Does not match pattern" --set "added[0].role=Miner"
refuses "roles has no miner" --set "added[0].role=miner"
refuses "list the nodes in nodes" --set cfgsync.plan=x
refuses "seed: Invalid type" --set seed=one
refuses "nodes.0: index is required" --set "nodes[0].name=a,nodes[0].role=validator"
echo "all is well"
