#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_test_image_test.sh BINARIES: what build_test_image.sh makes, and what it refuses. Exit status 77: there is no Docker, and
# GTESTNET_REQUIRE does not ask for compose.
set -euo pipefail
script=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/build_test_image.sh
binaries=$1
work=$(mktemp -d)
export NOMOS_TESTNET_IMAGE=gtestnet-image-test:$$
trap 'rm -rf "$work"; docker image rm "$NOMOS_TESTNET_IMAGE" >/dev/null 2>&1 || true' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# expect STATUS TEXT WORDS…: the command ends with the status, and what it says has the text.
expect() {
  local status=$1 text=$2 said code=0
  shift 2
  said=$("$@" 2>&1) || code=$?
  [ "$code" = "$status" ] || fail "$*: status $code instead of $status: $said"
  [[ $said == *"$text"* ]] || fail "$*: it says '$said', not '$text'"
}

expect 1 "there is no option '--what'" "$script" --what
expect 1 "--tag needs a value" "$script" --tag
expect 1 "there is no nomos-node in $work" "$script" --binaries "$work"
cp /bin/true "$work/nomos-node"
expect 1 "needs shared libraries, which the image has not" "$script" --binaries "$work"
rm "$work/nomos-node"
cp "$binaries"/{nomos-node,nomos-executor,nomos-cfgsync-server,cfgsync-client,pod-agent} "$work"
kzg=$(cd "$binaries/../../share/gtestnet/kzgrs_test_params" && pwd)
expect 1 "/bin/true needs shared libraries: install" "$script" --binaries "$work" --kzg "$kzg" --busybox /bin/true

if ! docker version >/dev/null 2>&1; then
  echo "no Docker Engine answers"
  case ",${GTESTNET_REQUIRE:-}," in *,compose,*) exit 1 ;; *) exit 77 ;; esac
fi
build=("$script" --binaries "$work" --kzg "$kzg")
expect 3 "$NOMOS_TESTNET_IMAGE is not there" "${build[@]}" --check
expect 0 "MiB, made of" "${build[@]}"
expect 0 "is made of what is here" "${build[@]}" --check
# The same files again are the same image to it, and a changed one is not.
expect 0 "is made of what is here" "$script" --binaries "$binaries" --kzg "$kzg" --check
printf x >>"$work/cfgsync-client"
expect 4 "is made of something else than what is here" "${build[@]}" --check

# A new image leaves nothing of the one before. (Of what is here unchanged there may be the default tag's image, which is the
# same one.)
expect 0 "MiB, made of" "${build[@]}"
printf y >>"$work/cfgsync-client"
before=$(docker image inspect --format '{{.Id}}' "$NOMOS_TESTNET_IMAGE")
expect 0 "MiB, made of" "${build[@]}"
expect 0 "is made of what is here" "${build[@]}" --check
# (It may have another name, where somebody has built an image of the same files.)
[ "$(docker image inspect --format '{{len .RepoTags}}' "$before" 2>/dev/null)" != 0 ] ||
  fail "the image before, $before, is still there"
expect 0 "MiB, made of" "$script" --binaries "$binaries" --kzg "$kzg"

size=$(docker image inspect --format '{{.Size}}' "$NOMOS_TESTNET_IMAGE")
[ "$size" -lt $((40 * 1024 * 1024)) ] || fail "the image has $size bytes"
run() { docker run --rm --network none --cap-drop ALL --entrypoint "$1" "$NOMOS_TESTNET_IMAGE" "${@:2}"; }
for program in nomos-node nomos-executor; do
  expect 0 "usage: $program" run "/usr/bin/$program" --help
done
expect 2 "no file is given" run /usr/bin/cfgsync-server
expect 2 "no command is given" run /usr/bin/pod-agent
expect 2 "CFG_SERVER_ADDR" run /usr/bin/cfgsync-client --help
expect 0 "kzgrs_test_params.cache" run /bin/ls /kzgrs_test_params
expect 0 "uid=65532" run /bin/id
echo "all is well"
