#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_package_image_test.sh COMPILER: what build_package_image.sh makes of packages that are installed and of those that are not
# (from a source of packages made here: no network is needed), and what it refuses. Exit status 77: there is no Docker or no apt,
# and GTESTNET_REQUIRE does not ask for compose.
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/build_package_image.sh
compiler=$1
work=$(mktemp -d)
tag=gtestnet-package-test:$$
trap 'rm -rf "$work"; docker image rm "$tag" "$tag-again" >/dev/null 2>&1 || true' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# expect STATUS TEXT WORDS…: the command ends with the status, and what it says has the text, in one line if it failed.
expect() {
  local status=$1 text=$2 said code=0
  shift 2
  said=$("$@" 2>&1) || code=$?
  [ "$code" = "$status" ] || fail "$*: status $code instead of $status: $said"
  [[ $said == *"$text"* ]] || fail "$*: it says '$said', not '$text'"
  [ "$code" = 0 ] || [ "$1" != "$script" ] || [[ $said == usage:* || $said != *$'\n'* ]] || fail "$*: several lines: $said"
}
refuse() { expect 1 "build_package_image.sh: $1" "$script" --tag "$tag" "${@:2}"; }

# ---- A source of packages ----

for command in apt-get dpkg-deb docker; do
  command -v "$command" >/dev/null && { [ "$command" != docker ] || docker version >/dev/null 2>&1; } && continue
  [ "$command" = docker ] && echo "no Docker Engine answers" || echo "there is no $command"
  case ",${GTESTNET_REQUIRE:-}," in *,compose,*) exit 1 ;; *) exit 77 ;; esac
done

architecture=$(dpkg --print-architecture)
libraries=usr/lib/$(dirname "$(ldd /bin/bash | sed -n 's|.*libc.so.6 => .*/lib/\([^ ]*\) .*|\1|p')")
mkdir -p "$work"/{source,state/lists/partial,cache/archives/partial}
# pack NAME DEPENDS: of what is in $work/NAME.
pack() {
  mkdir -p "$work/$1/DEBIAN"
  printf 'Package: %s\nVersion: 1.5-2+b1\nArchitecture: %s\nMaintainer: Nobody <nobody@example.org>\nDescription: a try\n%s' \
    "$1" "$architecture" "${2:+Depends: $2$'\n'}" >"$work/$1/DEBIAN/control"
  local deb=$work/source/$1_1.5-2+b1_$architecture.deb
  dpkg-deb --root-owner-group --build "$work/$1" "$deb" >/dev/null
  {
    cat "$work/$1/DEBIAN/control"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${deb##*/}" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d ' ' -f 1)"
  } >>"$work/source/Packages"
}
compile() { "$compiler" -O1 -w -x c "$1" -x none -o "$2" "${@:3}"; }

cat >"$work/library.c" <<'TEXT'
int answer(void) { return 42; }
TEXT
cat >"$work/plugin.c" <<'TEXT'
const char* what(void) { return "opened"; }
TEXT
cat >"$work/greeter.c" <<'TEXT'
#include <dlfcn.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>
int answer(void);
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) printf("argument %s\n", argv[i]);
  printf("answer %d\n", answer());
  void* plugin = dlopen(PLUGIN, RTLD_NOW);
  const char* (*what)(void) = plugin ? (const char* (*)(void))dlsym(plugin, "what") : 0;
  printf("plugin %s\n", what ? what() : "not there");
  const struct passwd* user = getpwuid(getuid());
  printf("user %s\n", user ? user->pw_name : "unknown");
  FILE* data = fopen("/usr/share/gtestnet-try/words", "r");
  char line[100] = "none\n";
  if (data) fgets(line, sizeof line, data);
  printf("words %s", line);
  printf("writes %s\n", fopen("written", "w") ? "yes" : "no");
  return 0;
}
TEXT
lib=$work/libgtestnettry1/$libraries
mkdir -p "$lib/gtestnet-try" "$work"/gtestnet-try-greeter/usr/{bin,lib/gtestnet-try,share/gtestnet-try} "$work"/gtestnet-try-{broken,gone}/bin
compile "$work/library.c" "$lib/libgtestnettry.so.1.2" -shared -fPIC -Wl,-soname,libgtestnettry.so.1
ln -s libgtestnettry.so.1.2 "$lib/libgtestnettry.so.1"
compile "$work/plugin.c" "$lib/gtestnet-try/plugin.so" -shared -fPIC
greeter=$work/gtestnet-try-greeter/usr
compile "$work/greeter.c" "$greeter/lib/gtestnet-try/greeter" -DPLUGIN="\"/$libraries/gtestnet-try/plugin.so\"" "$lib/libgtestnettry.so.1" -ldl
# A link by a whole path, as packages have them.
ln -s /usr/lib/gtestnet-try/greeter "$greeter/bin/gtestnet-try-greeter"
printf '#!/bin/sh\necho hello\n' >"$greeter/bin/gtestnet-try-script"
chmod 755 "$greeter/bin/gtestnet-try-script"
echo 'some words' >"$greeter/share/gtestnet-try/words"
cp "$greeter/lib/gtestnet-try/greeter" "$work/gtestnet-try-broken/bin/one"
cp "$greeter/lib/gtestnet-try/greeter" "$work/gtestnet-try-broken/bin/two"
cp "$work/gtestnet-try-broken/bin/one" "$work/gtestnet-try-gone/bin"
pack libgtestnettry1 ''
pack gtestnet-try-greeter libgtestnettry1
pack gtestnet-try-broken ''
pack gtestnet-try-gone ''
pack gtestnet-try-needy gtestnet-try-not-there
rm "$work"/source/gtestnet-try-gone_*
echo "deb [trusted=yes] file:$work/source ./" >"$work/sources.list"
cat >"$work/apt.conf" <<TEXT
Dir::State "$work/state"; Dir::State::status "/var/lib/dpkg/status"; Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "-"; APT::Sandbox::User "root";
TEXT
export APT_CONFIG=$work/apt.conf
apt-get update -qq

# ---- What it refuses ----

expect 1 "there is no option '--what'" "$script" --what
refuse "--tag needs a value" --tag
refuse "no package is named"
refuse "'../x' is no name of a package" ../x
refuse "--writable data: it has to be a whole path" --writable data bash
refuse "apt knows no package gtestnet-try-nothing: is that its name, and has apt-get update been run?" gtestnet-try-nothing
refuse "the package gtestnet-try-gone, or one that it depends on, cannot be downloaded: " gtestnet-try-gone
refuse "what the package gtestnet-try-needy depends on cannot be had: " gtestnet-try-needy
refuse "the package libgtestnettry1 has no program" libgtestnettry1
refuse "the package gtestnet-try-broken has several programs; name those that are wanted by --program: one two" gtestnet-try-broken
refuse "there is no program 'three' in gtestnet-try-broken; there is one two" --program three gtestnet-try-broken
refuse "/bin/one loads libgtestnettry.so.1, which is neither here nor in the packages that it depends on" --program one gtestnet-try-broken
refuse "/usr/bin/gtestnet-try-script is a script" --program gtestnet-try-script gtestnet-try-greeter
refuse "--library libnothing.so.1: it is neither here nor in the packages" --library libnothing.so.1 gtestnet-try-greeter
refuse "--file /nothing: there is no /nothing here nor in the packages" --file /nothing gtestnet-try-greeter
refuse "--binary: /etc/passwd is no program" --binary /etc/passwd gtestnet-try-greeter
mkdir "$work/bin"
for program in /usr/bin/* /bin/*; do
  case ${program##*/} in apt* | dpkg*) ;; *) ln -sf "$program" "$work/bin/" ;; esac
done
PATH=$work/bin refuse "the package bash is not installed here, and there is no apt-get to download it: install it, or name a program by --binary" bash
expect 1 "no Docker Engine answers: " env DOCKER_HOST="unix://$work/no.sock" "$script" --tag "$tag" bash

# ---- What it makes ----

run() { docker run --rm --network none --cap-drop ALL --read-only --tmpfs /data "$@"; }
id() { docker image inspect --format '{{.Id}}' "$tag"; }
expect 0 "$tag: " "$script" --tag "$tag" bash
# shellcheck disable=SC2016
expect 0 "hello as 65532" run "$tag" -c 'echo hello as $UID'

greeter=(--tag "$tag" --library "/$libraries/gtestnet-try/plugin.so" --file /usr/share/gtestnet-try --writable /data
  gtestnet-try-greeter -- "with a \"quote\"" '\n')
before=$(id)
expect 0 "/usr/bin/gtestnet-try-greeter of gtestnet-try-greeter=1.5-2+b1" "$script" "${greeter[@]}"
[ "$(id)" != "$before" ] || fail "another package made the same image"
! docker image inspect "$before" >/dev/null 2>&1 || [ "$(docker image inspect --format '{{len .RepoTags}}' "$before")" != 0 ] ||
  fail "the image before, $before, is still there"
said=$(run --user 65532 --tmpfs /data:mode=1777 "$tag")
wanted=$'argument with a "quote"\nargument \\n\nanswer 42\nplugin opened\nuser nobody\nwords some words\nwrites yes'
[ "$said" = "$wanted" ] || fail "it says '$said' instead of '$wanted'"
said=$(docker run --rm --network none "$tag" other | sed -n '1p;$p')
[ "$said" = $'argument other\nwrites yes' ] || fail "given other arguments it says '$said'"

# The same again is the same, also when the files are newer, whoever builds it.
before=$(id)
docker image rm "$tag" >/dev/null
(umask 077 && "$script" "${greeter[@]}" >/dev/null)
[ "$(id)" = "$before" ] || fail "the same package made another image"
expect 0 "MiB" "$script" "${greeter[@]}"

expect 0 "/usr/bin/gtestnet-try-greeter, " "$script" --tag "$tag" --binary /bin/true gtestnet-try-greeter
expect 0 "" run "$tag"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  expect 0 "MiB" "$script" --tag "$tag" --certificates bash
  # shellcheck disable=SC2016
  expect 0 "BEGIN CERTIFICATE" run "$tag" -c 'echo "$(</etc/ssl/certs/ca-certificates.crt)"'
fi
echo "all is well"
