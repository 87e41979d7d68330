#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clock_test.sh GTESTNET CLOCK_SHIFT: the wall clock that a run and its nodes see is set in the middle of it. The run says so, and
# judges nothing.
set -euo pipefail
gtestnet=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
# LD_PRELOAD takes no path with a space in it.
shift_library=$directory/clock_shift.so
cp "$2" "$shift_library"
export CLOCK_SHIFT_FILE=$directory/shift GTESTNET_PASS_ENV=CLOCK_SHIFT_FILE

# in_the_middle MILLISECONDS CLOCK_SHIFT DURATION: a run, in which the clock is set by so much once nodes are seen.
in_the_middle() {
  echo 0 >"$CLOCK_SHIFT_FILE"
  rm -f "$directory/out"
  LD_PRELOAD=$2 "$gtestnet" run --validators 3 --wallets 20 --rate 5 --duration "$3" --record "$directory/record" \
    >"$directory/out" 2>&1 &
  local run=$! status=0
  for _ in $(seq 600); do
    ! grep -q ' s: .*Online' "$directory/out" 2>/dev/null || break
    kill -0 "$run" 2>/dev/null || break
    sleep 0.05
  done
  echo "$1" >"$CLOCK_SHIFT_FILE.new"
  mv "$CLOCK_SHIFT_FILE.new" "$CLOCK_SHIFT_FILE"
  wait "$run" || status=$?
  cat "$directory/out"
  return $status
}

# set_by MILLISECONDS WORDS
set_by() {
  local status=0
  in_the_middle "$1" "$3" 20s || status=$?
  [ "$status" = 1 ] || { echo "status $status, not 1" && exit 1; }
  grep -q "^The run ended early: the clock of this machine was set $2, [0-9-]" "$directory/out" || exit 1
  ! grep -qE '^  (NOT )?MET' "$directory/out" || { echo "something was judged" && exit 1; }
  grep -q '"clock":\[' "$directory/record" || { echo "the record does not say so" && exit 1; }
}
set_by -8000 'back by 8 s' "$shift_library"
set_by 8000 'ahead by 8 s' "$shift_library"

# A step that no node notices much.
in_the_middle 20 "$shift_library" 5s
