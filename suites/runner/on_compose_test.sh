#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# on_compose_test.sh GTESTNET SCENARIO: what a person does with the command on Docker Compose: doctor, run, up until Ctrl-C, and
# nothing is left. Status 77 where compose is not to be had, unless GTESTNET_REQUIRE names it.
set -euo pipefail
gtestnet=$1
scenario=$2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

doctor=$("$gtestnet" doctor | grep '^  compose ' || true)
case $doctor in
  *ready*) ;;
  *)
    echo "$doctor"
    case ",${GTESTNET_REQUIRE:-}," in
      *,compose,*) exit 1 ;;
    esac
    exit 77
    ;;
esac

"$gtestnet" run "$scenario" --deployer compose

"$gtestnet" up --deployer compose --validators 2 >"$directory/up" 2>&1 &
up=$!
for _ in $(seq 1200); do
  ! grep -q 'Up until Ctrl-C' "$directory/up" || break
  kill -0 "$up" 2>/dev/null || { cat "$directory/up" && exit 1; }
  sleep 0.1
done
cat "$directory/up"
port=$(sed -n 's/^validator-1 .* api 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$directory/up")
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /cryptarchia/info HTTP/1.0\r\n\r\n' >&3
grep -q '"height"' <&3 || { echo "validator-1 does not answer at port $port" && exit 1; }
kill -INT "$up"
wait "$up" || { echo "up ended with status $?" && exit 1; }
