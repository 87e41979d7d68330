#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# by_hand_test.sh BINARIES: the stack as a person runs it (README.md), with the static programs in BINARIES. Exit status 77: there
# is no Docker, and GTESTNET_REQUIRE does not ask for compose.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binaries=$1

if ! docker compose version >/dev/null 2>&1 || ! docker version >/dev/null 2>&1; then
  echo "no Docker Engine with Compose answers"
  case ",${GTESTNET_REQUIRE:-}," in *,compose,*) exit 1 ;; *) exit 77 ;; esac
fi

export COMPOSE_PROJECT_NAME=gtestnet-by-hand-$$ NOMOS_TESTNET_IMAGE=gtestnet-by-hand:$$
export GTESTNET_PROMETHEUS_IMAGE=gtestnet-by-hand-prometheus:$$
work=$(mktemp -d)
export GTESTNET_RUN_DIRECTORY=$work/run
cleanup() {
  local status=$?
  [ $status -eq 0 ] || docker compose -f "$work/compose.yaml" logs --tail 5 2>&1 || true
  docker compose -f "$work/compose.yaml" --profile telemetry down --volumes --timeout 5 >/dev/null 2>&1 || true
  docker image rm "$NOMOS_TESTNET_IMAGE" >/dev/null 2>&1 || true
  docker image rm "$GTESTNET_PROMETHEUS_IMAGE" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
stack() { docker compose -f "$work/compose.yaml" "$@" 2>"$work/stderr" || fail "docker compose $*: $(cat "$work/stderr")"; }
# ask NODE PATH [BODY]: what comes back, without its header.
ask() {
  local where
  where=$(docker compose -f "$work/compose.yaml" port "$1" "${port:-18080}" 2>/dev/null) || return 1
  {
    printf '%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
      "$([ $# -lt 3 ] && echo GET || echo POST)" "$2" "$([ $# -lt 3 ] && echo 0 || echo ${#3})" "${3-}" >&3
    timeout 5 sed '1,/^\r$/d' <&3
  } 3<>"/dev/tcp/${where%:*}/${where##*:}" 2>/dev/null
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
# knows NODE HEADER
knows() { local block; block=$(ask "$1" /storage/block "\"$2\"") && [ "$block" != null ] && [ -n "$block" ]; }
scraped() {
  local answer
  answer=$(port=9090 ask prometheus "/api/v1/query?query=consensus_tip_height%7Bnode=%22$1%22%7D")
  grep -q '"value":\[[0-9.]*,"[1-9]' <<<"$answer"
}
agree() {
  local final
  final=$(ask validator-0 /cryptarchia/info | field lib)
  for node in "$@"; do await 20 knows "$node" "$final"; done
}

"$here/../stack/scripts/build_test_image.sh" --binaries "$binaries"
mkdir "$GTESTNET_RUN_DIRECTORY"
cp -r "$here/../stack/cfgsync.yaml" "$here/../stack/monitoring" "$GTESTNET_RUN_DIRECTORY"
cp "$here/compose.yaml" "$work/compose.yaml"
sed -i "s|file: base.yaml|file: $here/base.yaml|; /^name:/d" "$work/compose.yaml"
nodes=(validator-0 validator-1 validator-2 executor-0)

echo "up"
stack up --detach --wait
for node in "${nodes[@]}"; do await 30 above "$node" 12; done
agree "${nodes[@]}"
start=$(port=4400 ask cfgsync /start | field start)
[ "$start" -gt 0 ] || fail "cfgsync knows no start"

echo "restart of a node and of cfgsync"
before=$(height validator-1)
stack restart validator-1 cfgsync
await 20 above validator-1 "$before"
await 20 above validator-1 $((before + 5))
[ "$(port=4400 ask cfgsync /start | field start)" = "$start" ] || fail "cfgsync forgot the start"

echo "kill of a node"
stack kill validator-2
stack start validator-2
await 20 above validator-2 "$before"
agree "${nodes[@]}"

echo "a node is added"
sed 's/^run:/added: [{role: validator, dials: [validator-0, validator-1]}]\nrun:/' \
  "$here/../stack/cfgsync.yaml" >"$GTESTNET_RUN_DIRECTORY/new.yaml"
mv "$GTESTNET_RUN_DIRECTORY/new.yaml" "$GTESTNET_RUN_DIRECTORY/cfgsync.yaml"
cat >>"$work/compose.yaml" <<TEXT

  validator-3:
    <<: *node
    environment: {<<: *environment, CFG_HOST_KIND: validator, CFG_HOST_IDENTIFIER: validator-3}
TEXT
stack up --detach --no-recreate validator-3
await 30 above validator-3 "$(height validator-0)"
agree "${nodes[@]}" validator-3

if command -v prometheus >/dev/null; then
  echo "Prometheus"
  "$here/../stack/scripts/build_prometheus_image.sh"
  stack --profile telemetry up --detach --no-recreate prometheus
  for node in "${nodes[@]}"; do
    await 30 scraped "$node"
  done
else
  echo "there is no prometheus here, and so no image of it"
fi

echo "stop"
stack --profile telemetry stop
for id in $(stack --profile telemetry ps --all --quiet); do
  status=$(docker inspect --format '{{.State.ExitCode}}' "$id")
  [ "$status" = 0 ] || fail "$(docker inspect --format '{{.Name}}' "$id") ended with status $status"
done
stack --profile telemetry down --volumes
left=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")
[ -z "$left" ] || fail "left behind: $left"
echo "all is well"
