#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the image of a node from static programs: see usage.
set -euo pipefail
# What may be left in a shell, and would make another image, or none.
unset CDPATH GREP_OPTIONS DOCKER_DEFAULT_PLATFORM DOCKER_CONTENT_TRUST DOCKER_API_VERSION
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stack=$(dirname "$here")
# Beside the nodes: cfgsync-server also reads topologies of theirs in the image of the bundled node.
tools=(cfgsync-client pod-agent)

usage() {
  cat <<'TEXT'
usage: build_test_image.sh [OPTION…]

  --tag TAG          of the image; default: NOMOS_TESTNET_IMAGE, else nomos-testnet:local; with --tools GTESTNET_TOOLS_IMAGE, else
                     gtestnet-tools:local
  --tools            an image without the bundled node, for kinds of node that bring their own
  --build-type TYPE  takes the programs of build/TYPE (dev, release); default: dev
  --binaries DIR     takes nomos-node, nomos-executor, nomos-cfgsync-server, cfgsync-server, cfgsync-client and pod-agent, as far
                     as they are needed, from DIR. They must be static
  --kzg DIR          takes the KZG parameters and their cache from DIR; default: those of the build
  --busybox FILE     a static busybox; default: Debian's (package busybox-static)
  --check            builds nothing, but says whether the image is made of what is here now. Exit status: 0 it is,
                     3 there is no such image, 4 it is made of something else
TEXT
}

die() {
  printf 'build_test_image.sh: %s\n' "$*" >&2
  exit 1
}

tag=
tools_only=
build_type=dev
binaries=
kzg=
busybox=
check=
while [ $# -gt 0 ]; do
  case $1 in
    --tag | --build-type | --binaries | --kzg | --busybox)
      [ $# -ge 2 ] || die "$1 needs a value"
      name=${1#--}
      printf -v "${name//-/_}" %s "$2"
      shift 2
      ;;
    --check) check=yes && shift ;;
    --tools) tools_only=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && die "there is no option '$1'" ;;
  esac
done

if [ -n "$tools_only" ]; then
  tag=${tag:-${GTESTNET_TOOLS_IMAGE:-gtestnet-tools:local}}
  server=cfgsync-server
  nodes=()
  dockerfile=$stack/tools.Dockerfile
else
  tag=${tag:-${NOMOS_TESTNET_IMAGE:-nomos-testnet:local}}
  server=nomos-cfgsync-server
  nodes=(nomos-node nomos-executor)
  dockerfile=$stack/Dockerfile
fi
programs=(${nodes[@]+"${nodes[@]}"} "$server" "${tools[@]}")

# In the source tree, or as installed: <prefix>/share/gtestnet/assets/stack.
if [ -z "$binaries" ]; then
  for candidate in "$stack/../../build/$build_type/image/bin" "$stack/../../../../libexec/gtestnet/image"; do
    [ ! -d "$candidate" ] || { binaries=$candidate && break; }
  done
  [ -n "$binaries" ] || die "there are no static programs in build/$build_type/image/bin: build them first (./dev build), or name a directory by --binaries"
fi
if [ -z "$kzg" ] && [ -z "$tools_only" ]; then
  for candidate in "$binaries/../../share/gtestnet/kzgrs_test_params" "$stack/../../kzgrs_test_params" \
    "$stack/../../build/$build_type/share/gtestnet/kzgrs_test_params"; do
    [ ! -f "$candidate/kzgrs_test_params" ] || { kzg=$candidate && break; }
  done
  [ -n "$kzg" ] || die "there are no KZG parameters of a build; name their directory by --kzg"
fi
if [ -z "$busybox" ]; then
  for candidate in /bin/busybox /usr/bin/busybox; do
    [ ! -x "$candidate" ] || { busybox=$candidate && break; }
  done
  [ -n "$busybox" ] || die "there is no busybox: install the package busybox-static, or name one by --busybox"
fi

is_static() {
  ! LC_ALL=C grep -aq '/ld-linux\|/ld-musl\|/lib64/ld' <(head -c 4096 "$1")
}
for program in "${programs[@]}"; do
  [ -x "$binaries/$program" ] || die "there is no $program in $binaries"
  is_static "$binaries/$program" || die "$binaries/$program needs shared libraries, which the image has not: link it statically"
done
is_static "$busybox" || die "$busybox needs shared libraries: install the package busybox-static"

# What the image is made of, for its label: the name and the content of every file.
sources=("$dockerfile" "$busybox" "${programs[@]/#/$binaries/}" "${BASH_SOURCE[0]}")
if [ -z "$tools_only" ]; then
  sources+=("$here"/run_nomos*.sh "$kzg/kzgrs_test_params")
  [ ! -f "$kzg/kzgrs_test_params.cache" ] || sources+=("$kzg/kzgrs_test_params.cache")
fi
hash=$(for file in "${sources[@]}"; do
  printf '%s %s\n' "${file##*/}" "$(sha256sum <"$file")"
done | sha256sum | cut -c 1-32)

if [ -n "$check" ]; then
  found=$(docker image inspect --format '{{index .Config.Labels "gtestnet.hash"}}' "$tag" 2>/dev/null) || {
    docker version >/dev/null 2>&1 || die "no Docker daemon answers"
    echo "$tag is not there"
    exit 3
  }
  [ "$found" != "$hash" ] || { echo "$tag is made of what is here" && exit 0; }
  echo "$tag is made of something else than what is here (it says ${found:-nothing}, and this is $hash)"
  exit 4
fi

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
root=$context/rootfs
mkdir -p "$root"/{bin,etc/gtestnet/run,usr/bin,opt/gtestnet,tmp,var/lib/gtestnet,var/log/gtestnet}
cp "$dockerfile" "$context/Dockerfile"
install -m 755 "$binaries/$server" "$root/usr/bin/cfgsync-server"
# These are mounted into the containers of other images.
install -m 755 "${tools[@]/#/$binaries/}" "$root/opt/gtestnet/"
for tool in "${tools[@]}"; do ln -s "/opt/gtestnet/$tool" "$root/usr/bin/$tool"; done
install -m 755 "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
if [ -z "$tools_only" ]; then
  mkdir -p "$root"/{etc/nomos/scripts,kzgrs_test_params,var/lib/nomos,var/log/nomos}
  install -m 755 "${nodes[@]/#/$binaries/}" "$root/usr/bin/"
  install -m 755 "$here"/run_nomos*.sh "$root/etc/nomos/scripts/"
  install -m 644 "$kzg"/kzgrs_test_params* "$root/kzgrs_test_params/"
fi
printf 'root:x:0:0:root:/:/bin/sh\ngtestnet:x:65532:65532:gtestnet:/var/lib/gtestnet:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\ngtestnet:x:65532:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
# Whatever user a container is given.
chmod 1777 "$root"/tmp "$root"/var/lib/* "$root"/var/log/*

before=$(docker image inspect --format '{{.Id}}' "$tag" 2>/dev/null) || before=
output=$(DOCKER_BUILDKIT=0 docker build --quiet --label "gtestnet.hash=$hash" --tag "$tag" "$context" 2>&1) ||
  die "docker could not build $tag: $output"
# The image that had the tag would stay without one. (Another one's container, or another tag, keeps it.)
if [ -n "$before" ] && [ "$(docker image inspect --format '{{len .RepoTags}}' "$before" 2>/dev/null)" = 0 ]; then
  docker image rm "$before" >/dev/null 2>&1 || true
fi
size=$(docker image inspect --format '{{.Size}}' "$tag")
echo "$tag: $((size / 1024 / 1024)) MiB, made of $hash"
