#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# interrupted_run_test.sh GTESTNET: a run that is interrupted by Ctrl-C, or ended by SIGTERM, has its record and verdicts, and leaves
# nothing but these.
set -euo pipefail
gtestnet=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GTESTNET_ARTIFACTS=$work/artifacts

die() {
  printf '%s\n' "$*" >&2
  cat "$work/output" >&2 || true
  exit 1
}

for signal in INT TERM; do
  # What is read below is of this run.
  rm -f "$work/record.json" "$work/output"
  # With the default action for SIGINT, which a background process of a shell without job control does not have.
  env --default-signal=INT "$gtestnet" run --validators 2 --duration 10m --record "$work/record.json" >"$work/output" 2>&1 &
  run=$!
  # Some of the run must have been seen.
  until grep -q 'height [1-9]' "$work/output" 2>/dev/null; do
    kill -0 "$run" 2>/dev/null || die "it has not run"
    sleep 0.1
  done
  kill -s "$signal" "$run"
  status=0
  wait "$run" || status=$?
  [ "$status" -eq 1 ] || die "it ended with status $status"
  grep -q "^The run ended early: interrupted by SIG$signal" "$work/output" || die "it does not say that it was interrupted"
  grep -q '^  NOT JUDGED  is live' "$work/output" || die "it has no verdicts"
  "$gtestnet" judge "$work/record.json" >"$work/judged" || [ $? -eq 1 ] || die "its record cannot be read"
  grep -q "interrupted by SIG$signal" "$work/judged" || die "its record does not say why it ended"
  bundle=$(sed -n 's/^Record, logs and configs: //p' "$work/output")
  [ -s "$bundle/validator-1/log" ] || die "its bundle has no log"
  again=$(sed -n 's/^Again: //p' "$work/output")
  case $again in
    "GTESTNET_SEED="*" run --validators 2 --duration 10m --record "*) ;;
    *) die "it says to run it again by: $again" ;;
  esac
done
