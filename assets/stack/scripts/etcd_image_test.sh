#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The image of Debian's etcd starts, answers, and keeps what it is given. Exit status 77: there is no Docker, or no package
# etcd-server here or to be downloaded, and GTESTNET_REQUIRE does not ask for compose.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tag=gtestnet-etcd-test:$$
name=gtestnet-etcd-test-$$
trap 'docker rm --force --volumes "$name" >/dev/null 2>&1 || true; docker image rm "$tag" >/dev/null 2>&1 || true' EXIT

fail() {
  echo "FAILED: $*: $(docker logs --tail 5 "$name" 2>&1 || true)" >&2
  exit 1
}
skip() {
  echo "$*"
  case ",${GTESTNET_REQUIRE:-}," in *,compose,*) exit 1 ;; *) exit 77 ;; esac
}
ask() { # ask METHOD PATH BODY: what comes back, without its header.
  {
    printf '%s %s HTTP/1.0\r\nContent-Length: %s\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
    timeout 5 sed '1,/^\r$/d' <&3
  } 3<>"/dev/tcp/${where%:*}/${where##*:}" 2>/dev/null
}
# says TEXT WORDS…: until what the command says has the text.
says() {
  local end=$((SECONDS + 20)) text=$1 said
  shift
  until said=$("$@" 2>&1) && [[ $said == *"$text"* ]]; do
    [ $SECONDS -lt $end ] || fail "$* says '$said', not '$text'"
    sleep 0.1
  done
}

docker version >/dev/null 2>&1 || skip "no Docker Engine answers"
# With its client, where there is that.
build() { said=$("$here/build_package_image.sh" --tag "$tag" --writable /var/lib/etcd "$@" 2>&1); }
client=
if build etcd-server etcd-client; then
  client=yes
elif ! build etcd-server; then
  case $said in
    *"apt knows no package"* | *"cannot be downloaded"* | *"no apt-get"*) skip "$said" ;;
    *) fail "$said" ;;
  esac
fi
echo "$said"
docker run --detach --name "$name" --publish 127.0.0.1::2379 --read-only --cap-drop ALL --volume /var/lib/etcd "$tag" \
  --data-dir /var/lib/etcd/data --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls http://127.0.0.1:2379 >/dev/null
# (After a restart it is published at another port.)
published() { where=$(docker port "$name" 2379/tcp | head -n 1); }
published
says '{"health":"true"}' ask GET /health ''
says '"revision":"2"' ask POST /v3/kv/put '{"key":"a2V5","value":"dmFsdWU="}'
[ -z "$client" ] || says value docker exec "$name" etcdctl get key
docker kill "$name" >/dev/null
docker start "$name" >/dev/null
published
says '"value":"dmFsdWU="' ask POST /v3/kv/range '{"key":"a2V5"}'
echo "all is well"
