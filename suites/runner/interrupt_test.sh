#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# interrupt_test.sh GTESTNET: Ctrl-C while `up`, `run` and `demo` wait for nodes that never become ready ends them at once,
# though they would wait for half an hour, and nothing is left.
set -euo pipefail
gtestnet=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export TMPDIR=$directory/tmp NOMOS_NODE_BIN=$directory/node GTESTNET_TIMEOUT_SCALE=100 GTESTNET_PASS_ENV=STARTED
export STARTED=$directory/started
mkdir "$TMPDIR"
printf '#!/bin/sh\ntouch "$STARTED"\nexec sleep 1000\n' >"$NOMOS_NODE_BIN"
chmod +x "$NOMOS_NODE_BIN"

await() { # WHAT COMMAND…: for a minute
  local what=$1
  shift
  for _ in $(seq 600); do
    ! "$@" || return 0
    sleep 0.1
  done
  echo "not in a minute: $what" && exit 1
}
is_clean() { [ -z "$(find "$TMPDIR" -maxdepth 1 -name 'gtestnet.*' -print -quit)" ]; }
has_ended() { ! kill -0 "$1" 2>/dev/null; }

for command in "up --validators 2" "run --validators 2 --duration 5s" demo; do
  for signal in INT TERM; do
    rm -f "$STARTED"
    # In a session of its own, as job control would give it; a shell's background job ignores SIGINT.
    # shellcheck disable=SC2086
    setsid env --default-signal=INT "$gtestnet" $command >"$directory/out" 2>&1 &
    pid=$!
    await "the first node of: $command" test -f "$STARTED"
    kill -"$signal" "$pid"
    await "the end of: $command" has_ended "$pid"
    wait "$pid" && { echo "$command ended well, though it was interrupted" && exit 1; }
    await "the removal of what was made by: $command" is_clean
  done
done
