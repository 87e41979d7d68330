#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# limits_test.sh GTESTNET: with little of something, a run passes, or says in one sentence what there is too little of, and how much
# it needs. Nothing is made before, and nothing is left.
set -euo pipefail
gtestnet=$1
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export TMPDIR=$directory
export GTESTNET_ARTIFACTS=$directory/artifacts

run() { "$gtestnet" run --validators 3 --executors 1 --rate 5 --wallets 20 --duration 4s; }

fail() {
  cat "$directory/out"
  echo "$*"
  exit 1
}

# passes COMMAND…
passes() {
  "$@" >"$directory/out" 2>&1 || fail "$* ended with status $?, not 0"
  echo "passes: $*"
}

# refuses WORDS COMMAND…: status 2 and one line on the standard error, with the words in it.
refuses() {
  local words=$1 status=0
  shift
  "$@" >"$directory/out" 2>"$directory/error" || status=$?
  cat "$directory/error" >>"$directory/out"
  [ "$status" = 2 ] || fail "$* ended with status $status, not 2"
  [ "$(wc -l <"$directory/error")" = 1 ] || fail "$*: not one sentence"
  grep -qE "$words" "$directory/error" || fail "$*: no '$words' in it"
  ! compgen -G "$directory/gtestnet.*" >/dev/null || fail "$*: something is left"
  cat "$directory/error"
}

# limited LIMIT…: a run under limits of the shell, hard and soft.
limited() (
  ulimit "$@" && run
)

passes limited -n 64
refuses 'need 36 more open files, .* \(ulimit -n\) is 24' limited -n 24
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -lt 256 ] || passes limited -Sn 24
refuses 'files of up to 9 MiB.*\(ulimit -f\)' limited -f 64
refuses 'address space.*\(ulimit -v\)' limited -v 150000

with() (export "$1" && run)
refuses "temporary directory $directory/none: No such file or directory; set TMPDIR" with "TMPDIR=$directory/none"
refuses 'temporary directory /proc/self: .*; set TMPDIR' with TMPDIR=/proc/self
refuses 'written to /proc/self: .*; set GTESTNET_ARTIFACTS' with GTESTNET_ARTIFACTS=/proc/self

if [ "$(id -u)" != 0 ]; then
  tasks=$(ps -L -U "$(id -u)" --no-headers | wc -l)
  refuses 'need 26 more processes and threads, .*\(ulimit -u\)' limited -u $((tasks + 12))
fi

# What needs privileges that this user may have.
user=()
[ "$(id -u)" = 0 ] || user=(-r)
on_disk() {
  mkdir -p "$directory/disk"
  unshare "${user[@]}" -m sh -c 'mount -t tmpfs -o "$1" none "$2" && shift 2 && TMPDIR='"$directory/disk"' exec "$@"' - \
    "$1" "$directory/disk" "$gtestnet" run --validators 3 --executors 1 --duration 4s
}
if unshare "${user[@]}" -m mount -t tmpfs none /mnt 2>"$directory/out"; then
  refuses 'need 17 MiB more on the disk, .*the disk of .* is 1 MiB' on_disk size=1m
  refuses 'need [0-9]+ more files, .* is 20' on_disk size=64m,nr_inodes=20
  refuses 'Read-only file system; set TMPDIR' on_disk size=64m,ro
else
  echo "no disks of its own: $(cat "$directory/out")"
fi

# Two users with one temporary directory: each has a bundle.
as() { setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"; }
if [ "$(id -u)" = 0 ] && as 65534 test -x "$gtestnet"; then
  chmod 711 "$directory"
  mkdir -m 1777 "$directory/shared"
  for user in 0 65534; do
    status=0
    (unset GTESTNET_ARTIFACTS && TMPDIR=$directory/shared as $user "$gtestnet" run --validators 1 --wallets 5 --rate 1 \
      --duration 1s --expect 'IncludesTransactions(Ge(2))') >"$directory/out" 2>&1 || status=$?
    [ $status = 1 ] || fail "a run of user $user ended with status $status, not 1"
    grep "^Record, logs and configs: $directory/shared/gtestnet-artifacts-$user/" "$directory/out" || fail "no bundle of user $user"
  done
fi

group=/sys/fs/cgroup/pids
[ -d $group ] || group=/sys/fs/cgroup
group=$group/gtestnet-limits-test.$$
in_group() {
  echo "$1" >"$group/pids.max" && bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group" \
    "$gtestnet" run --validators 3 --executors 1 --duration 4s
}
if mkdir "$group" 2>"$directory/out"; then
  trap 'rmdir "$group" || true; rm -rf "$directory"' EXIT
  if [ -w "$group/pids.max" ]; then
    refuses 'need 26 more processes and threads, .*pids.max of the cgroup /.* is 20' in_group 20
    passes in_group 60
  fi
else
  echo "no cgroup of its own: $(cat "$directory/out")"
fi
