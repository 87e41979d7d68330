#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# closed_descriptors_test.sh GTESTNET PROGRAM…: started as daemons start things, with standard descriptors closed, runs pass, and each
# program has opened them on /dev/null before it opens anything else: its first file here is a pipe that nobody writes to.
set -euo pipefail
gtestnet=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkfifo "$directory/pipe"
printf 'run: alone\nseed: 1\nport: 0\ntopology:\n  layout: star\n  validators: 1\n' >"$directory/cfgsync.yaml"
printf '{"run": "alone", "port": 0, "nodes": []}' >"$directory/plan.json"
printf '#!/bin/sh\nexec sleep 60\n' >"$directory/kubectl"
chmod +x "$directory/kubectl"

# starts_on_null WORD…: the command's three standard descriptors are /dev/null, though it was given none.
starts_on_null() {
  "$@" <&- >&- 2>&- &
  local pid=$! descriptor tries
  for tries in $(seq 1000); do
    for descriptor in 0 1 2; do
      [ "$(readlink "/proc/$pid/fd/$descriptor" || true)" = /dev/null ] || { sleep 0.01 && continue 2; }
    done
    kill -KILL "$pid" && wait "$pid" || true
    echo "$1: all three are on /dev/null"
    return 0
  done
  ls -l "/proc/$pid/fd" || true
  kill -KILL "$pid" || true
  echo "$*: a standard descriptor is not open, or is something else"
  return 1
}

for program in "$@"; do
  case $program in
    # Its nodes are none, and never answer.
    */gtestnet) NOMOS_NODE_BIN=$directory/kubectl starts_on_null "$program" up --validators 1 ;;
    */gtestnet-must-fail) starts_on_null "$program" --golden "$directory/none" -- /bin/sleep 60 ;;
    */gtestnet-kzg-cache) starts_on_null "$program" "$directory/pipe" "$directory/cache" ;;
    */gtestnet-fake-node) starts_on_null "$program" --listen=127.0.0.1:0 ;;
    */pod-agent) POD_AGENT_TOKEN=a-long-token starts_on_null "$program" --name=n --host=127.0.0.1 --port=0 -- /bin/sleep 60 ;;
    */gtestnet-sweep) starts_on_null "$program" k8s "$directory/kubectl" context run-id namespace ;;
    */cfgsync-client)
      # Nobody is there.
      CFG_SERVER_ADDR=http://127.0.0.1:9 CFG_HOST_KIND=validator CFG_HOST_IDENTIFIER=validator-0 starts_on_null "$program"
      ;;
    */nomos-cfgsync-server) starts_on_null "$program" "$directory/cfgsync.yaml" ;;
    */cfgsync-server) starts_on_null "$program" "$directory/plan.json" ;;
    */nomos-*) starts_on_null "$program" "$directory/pipe" ;;
    *_cases) starts_on_null "$program" "--gtest_flagfile=$directory/pipe" ;;
    *) echo "what does $program read first?" && exit 1 ;;
  esac
done

run() { "$gtestnet" run --validators 3 --duration 4s --record "$directory/record"; }
run <&-
run >&-
run 2>&-
run <&- >&-
run <&- 2>&-
run >&- 2>&-
run <&- >&- 2>&-
"$gtestnet" judge "$directory/record"
