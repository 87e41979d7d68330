#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds an image of Prometheus without a registry: see usage.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: build_prometheus_image.sh [OPTION…]

  --tag TAG      of the image; default: GTESTNET_PROMETHEUS_IMAGE, else nomos-testnet-prometheus:local
  --binary FILE  the program; default: the installed one, else that of Debian's package prometheus, which is downloaded for it
                 and not installed
TEXT
}

die() {
  printf 'build_prometheus_image.sh: %s\n' "$*" >&2
  exit 1
}

tag=${GTESTNET_PROMETHEUS_IMAGE:-nomos-testnet-prometheus:local}
binary=
while [ $# -gt 0 ]; do
  case $1 in
    --tag | --binary)
      [ $# -ge 2 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && die "there is no option '$1'" ;;
  esac
done

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
[ -n "$binary" ] || binary=$(command -v prometheus || true)
if [ -z "$binary" ]; then
  command -v apt-get >/dev/null || die "there is no prometheus here, and no apt-get to download it: name one by --binary"
  mkdir "$context/package"
  (cd "$context/package" && apt-get download -qq -o APT::Sandbox::User=root prometheus) ||
    die "the package prometheus cannot be downloaded: run apt-get update, or name a program by --binary"
  dpkg-deb --extract "$context"/package/*.deb "$context/package"
  binary=$context/package/usr/bin/prometheus
fi
[ -x "$binary" ] || die "$binary is no program"

root=$context/rootfs
mkdir -p "$root"/{bin,etc/prometheus,prometheus,tmp}
chmod 1777 "$root"/{prometheus,tmp}
install -m 755 "$binary" "$root/bin/prometheus"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
# The shared libraries, with the loader, where the program looks for them.
libraries=$(ldd "$binary" 2>/dev/null) || libraries=
! grep -q 'not found' <<<"$libraries" || die "$binary lacks a shared library:"$'\n'"$libraries"
for library in $(grep -o '/[^ ]*' <<<"$libraries" || true); do
  install -D -m 755 "$library" "$root$library"
done
cat >"$context/Dockerfile" <<'TEXT'
FROM scratch
COPY rootfs/ /
USER 65532:65532
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
TEXT

output=$(DOCKER_BUILDKIT=0 docker build --quiet --tag "$tag" --file "$context/Dockerfile" "$context" 2>&1) ||
  die "docker could not build $tag: $output"
size=$(docker image inspect --format '{{.Size}}' "$tag")
version=$(docker run --rm --network none "$tag" --version 2>&1 | head -n 1) || die "$tag does not run: $version"
echo "$tag: $((size / 1024 / 1024)) MiB, $version"
