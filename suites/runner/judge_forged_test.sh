#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# judge_forged_test.sh <gtestnet> <record>: the verdicts of a record say that all is met, and what it recorded says otherwise.
set -u
forged="${2%.json}-forged.json"

fail() {
  echo "$*" >&2
  exit 1
}

# No sample says that its node answered.
sed 's/"reachable": *true/"reachable":false/g' "$2" > "$forged" || fail "the record cannot be forged"
cmp -s "$2" "$forged" && fail "nothing was forged"
out=$("$1" judge "$forged")
status=$?
rm -f "$forged"
[ "$status" = 1 ] || fail "status $status of what must fail:
$out"
echo "$out" | grep -q "Not what is recorded, which is MET: is live" || fail "it does not say what comes out otherwise:
$out"
