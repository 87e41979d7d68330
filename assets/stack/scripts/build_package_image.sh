#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds an image from nothing but the programs of Debian packages and what they load, without a registry: see usage.
set -euo pipefail
# What may be left in a shell, and would make another image, or none.
unset CDPATH GREP_OPTIONS LD_PRELOAD LD_LIBRARY_PATH TAR_OPTIONS DOCKER_DEFAULT_PLATFORM DOCKER_CONTENT_TRUST DOCKER_API_VERSION
export LC_ALL=C
umask 022

usage() {
  cat <<'TEXT'
usage: build_package_image.sh [OPTION…] PACKAGE… [-- ARGUMENT…]

Makes an image of programs from Debian packages, at the paths that they have in Debian, with the loader and the libraries that
they load. It takes an installed package as it is here, and downloads any other, with what it depends on, without installing it.
The same files make the same image, by its id. The first program is what a container runs, as user 65532, with the ARGUMENTs
unless it is given others.

  --tag TAG         of the image; default: gtestnet-PACKAGE:local, by the first package
  --program NAME    a program of the packages, or its whole path there; may be repeated. Default: each package's program that has
                    its name, else its only one
  --binary FILE     takes the first program from FILE; its package is then not needed, if it is the only one
  --library NAME    a library that a program opens by itself (libgcc_s.so.1), or its whole path; may be repeated. Those by which
                    the C library resolves names are there in any case
  --certificates    adds the certificates of Debian's package ca-certificates
  --file PATH[:TO]  adds a file or a directory, of the packages or of this machine, as PATH or TO; may be repeated
  --writable DIR    adds a directory that any user may write to; may be repeated. A container begins in the first. /tmp is there
                    in any case
TEXT
}

die() {
  printf 'build_package_image.sh: %s\n' "$*" >&2
  exit 1
}
# What a command said, as the end of a sentence: its last error, or its last line.
last_words() {
  local words
  words=$(grep '^E: \|rror' <<<"$1" | tail -n 1) || words=$(tail -n 1 <<<"$1")
  printf %s "${words#E: }"
}

tag=
binary=
certificates=
programs=()
libraries=()
files=()
writable=()
packages=()
while [ $# -gt 0 ]; do
  case $1 in
    --tag | --program | --binary | --library | --file | --writable)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --tag) tag=$2 ;;
        --binary) binary=$2 ;;
        --program) programs+=("$2") ;;
        --library) libraries+=("$2") ;;
        --file) files+=("$2") ;;
        --writable) writable+=("$2") ;;
      esac
      shift 2
      ;;
    --certificates) certificates=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) usage >&2 && die "there is no option '$1'" ;;
    *)
      [[ $1 =~ ^[a-z0-9][a-z0-9+.-]+$ ]] || die "'$1' is no name of a package"
      packages+=("$1") && shift
      ;;
  esac
done
arguments=("$@")
[ ${#packages[@]} -gt 0 ] || die "no package is named (--help says how)"
[ -n "$tag" ] || tag=gtestnet-${packages[0]}:local
[[ ${tag##*/} == *:* ]] || tag=$tag:latest
for argument in ${arguments[@]+"${arguments[@]}"}; do
  [[ $argument != *[[:cntrl:]]* ]] || die "an ARGUMENT has a line's end in it, or the like"
done
for directory in ${writable[@]+"${writable[@]}"}; do
  [[ $directory == /* && $directory != *..* ]] || die "--writable $directory: it has to be a whole path"
done

said=$(docker version 2>&1) || die "no Docker Engine answers: $(last_words "$said")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/packages # what was downloaded, unpacked; what is installed is in /
root=$work/rootfs
mkdir -p "$tree" "$work/debs" "$root"

# ---- The packages ----

# What of the packages there is, one a line: the package, where the file is here, where it is in Debian.
listing=$work/listing
: >"$listing"
versions=()

take_installed() { # take_installed PACKAGE
  versions+=("$1=$(dpkg-query --show --showformat '${Version}' "$1")")
  dpkg-query --listfiles "$1" | awk -v p="$1" '{ print p "\t" $0 "\t" $0 }' >>"$listing"
}
# Downloads and unpacks the package, and whatever it depends on that is not installed here in the version that it needs.
take_downloaded() { # take_downloaded PACKAGE
  local said wanted deb debs=$work/debs/$1
  command -v apt-get >/dev/null ||
    die "the package $1 is not installed here, and there is no apt-get to download it: install it, or name a program by --binary"
  grep -q '^  Candidate: [^(]' <<<"$(apt-cache policy "$1" 2>/dev/null)" ||
    die "apt knows no package $1: is that its name, and has apt-get update been run?"
  said=$(apt-get install --simulate -qq --no-install-recommends "$1" 2>&1) ||
    die "what the package $1 depends on cannot be had: $(last_words "$said")"
  readarray -t wanted < <(awk '$1 == "Inst" { print $2 }' <<<"$said")
  mkdir -p "$debs"
  said=$(cd "$debs" && apt-get download -qq -o APT::Sandbox::User=root "${wanted[@]}" 2>&1) ||
    die "the package $1, or one that it depends on, cannot be downloaded: $(last_words "$said")"
  for deb in "$debs"/*.deb; do
    said=$(dpkg-deb --extract "$deb" "$tree" 2>&1) || die "${deb##*/} cannot be unpacked: $(last_words "$said")"
  done
  deb=$(echo "$debs/$1"_*.deb)
  versions+=("$1=$(dpkg-deb --field "$deb" Version)")
  dpkg-deb --fsys-tarfile "$deb" | tar --list --quoting-style=literal | sed 's|^\./|/|; s|/$||' |
    awk -v p="$1" -v t="$tree" '{ print p "\t" t $0 "\t" $0 }' >>"$listing"
}
take() { # take PACKAGE
  if [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; then
    take_installed "$1"
  else
    take_downloaded "$1"
  fi
}

for package in "${packages[@]}"; do
  # The first program's own package is not needed where the program is named.
  [ -z "$binary" ] || [ "$package" != "${packages[0]}" ] || [ ${#programs[@]} -gt 1 ] || continue
  take "$package"
done

# ---- Files into the image ----

# Its path in the image, where /bin, /sbin and /lib… are links into /usr, as they are in Debian.
inside() {
  case $1 in
    /bin/* | /sbin/* | /lib/* | /lib32/* | /lib64/* | /libx32/*) echo "/usr$1" ;;
    *) echo "$1" ;;
  esac
}
# Where a path of Debian is here: among what was downloaded, or on this machine. A link is followed as the image would.
here() {
  local path=$1 at target
  for _ in {1..20}; do
    at=
    for candidate in "$tree$path" "$tree$(inside "$path")" "$tree${path#/usr}" "$path"; do
      if [ -e "$candidate" ] || [ -L "$candidate" ]; then at=$candidate && break; fi
    done
    [ -n "$at" ] || return 1
    [ -L "$at" ] || { echo "$at" && return; }
    target=$(readlink "$at")
    [[ $target == /* ]] || target=$(realpath --no-symlinks --canonicalize-missing "${path%/*}/$target")
    path=$target
  done
  return 1
}
add() { # add MODE FILE PATH
  [ -e "$root$(inside "$3")" ] || install -D -m "$1" "$2" "$root$(inside "$3")"
}

mkdir -p "$root"/{etc,tmp} "$root"/usr/{bin,sbin,lib,lib64}
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
chmod 1777 "$root/tmp"
printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65532:65532:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnobody:x:65532:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

# ---- The programs ----

programs_of() { awk -F '\t' -v p="$1" '$1 == p && $3 ~ "^/(usr/)?s?bin/[^/]+$" { print $3 }' "$listing"; }
# The default of --program: one of each package.
if [ ${#programs[@]} -eq 0 ]; then
  for package in "${packages[@]}"; do
    if [ -n "$binary" ] && [ ${#programs[@]} -eq 0 ]; then
      programs=("/usr/bin/$package")
      continue
    fi
    readarray -t has < <(programs_of "$package")
    for path in "${has[@]}"; do
      [ "${path##*/}" != "$package" ] || has=("$path")
    done
    [ ${#has[@]} -gt 0 ] || die "the package $package has no program"
    names=$(printf '%s ' "${has[@]##*/}")
    [ ${#has[@]} -eq 1 ] || die "the package $package has several programs; name those that are wanted by --program: ${names% }"
    programs+=("${has[0]}")
  done
fi

entrypoint=
loader=
loaded=  # the first program that is not static
loads=() # the files whose libraries are wanted
for program in "${programs[@]}"; do
  if [ -n "$binary" ] && [ -z "$entrypoint" ]; then
    [[ -f $binary && -x $binary ]] || die "--binary: $binary is no program"
    file=$binary
    path=$program
    [[ $path == /* ]] || path=/usr/bin/$path
  else
    path=$(awk -F '\t' -v p="$program" '$3 == p || $3 ~ "^/(usr/)?s?bin/[^/]+$" && substr($3, length($3) - length(p)) == "/" p \
      { print $3; exit }' "$listing")
    [ -n "$path" ] || {
      names=$(for package in "${packages[@]}"; do programs_of "$package"; done | sed 's|.*/||' | tr '\n' ' ')
      die "there is no program '$program' in ${packages[*]}; there is ${names:-none}"
    }
    file=$(here "$path") || die "$path of ${packages[*]} leads nowhere here"
  fi
  # What a link leads to is where the program looks for what is beside it.
  real=${file#"$tree"}
  if [ "$file" != "$binary" ] && [ "$(inside "$real")" != "$(inside "$path")" ]; then
    add 755 "$file" "$real"
    mkdir -p "$root$(inside "${path%/*}")"
    ln -s "$real" "$root$(inside "$path")"
  else
    add 755 "$file" "$path"
  fi
  [ "$(head -c 2 "$file" | tr -d '\0')" != '#!' ] || die "$path is a script, and the image would have nothing that runs it"
  [ "$(head -c 4 "$file" | tr -d '\0')" = $'\x7fELF' ] || die "$path is no program for Linux"
  [ -n "$entrypoint" ] || entrypoint=$path
  # (Where there is none, the program is static.)
  found=$(head -c 4096 "$file" | grep -aom1 '/lib[a-z0-9/_-]*/ld[a-z0-9_-]*\.so\.[0-9]*') || found=
  [ -z "$found" ] || { loader=$found && loaded=${loaded:-$path} && loads+=("$file"); }
done

# ---- The libraries ----

if [ -n "$loader" ]; then
  loader_file=$(here "$loader") || die "$entrypoint needs the loader $loader, which is neither here nor in the packages"
  add 755 "$loader_file" "$loader"
  # Downloaded ones first. (That a program names a directory of its own is of no use where it is not at its place.)
  directories=$(find "$tree" -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
  system=
  add_libraries() { # add_libraries FILE
    local said name at path
    said=$(LD_TRACE_LOADED_OBJECTS=1 "$loader_file" ${directories:+--library-path "$directories"} "$1" 2>&1) ||
      die "${1#"$tree"}: $(last_words "$said")"
    while read -r name _ at _; do
      [ "$at" != not ] || die "${1#"$tree"} loads $name, which is neither here nor in the packages that it depends on"
      [[ $at == /* ]] || continue
      path=${at#"$tree"}
      [ "$name" != libc.so.6 ] || system=$(inside "${path%/*}")
      [ "$(inside "$path")" = "$(inside "$loader")" ] || add 644 "$at" "$path"
    done < <(grep ' => ' <<<"$said" | sed 's/=> not found/=> not/')
  }
  for file in "${loads[@]}"; do add_libraries "$file"; done
  for library in ${libraries[@]+"${libraries[@]}"}; do
    if [[ $library == /* ]]; then
      file=$(here "$library") || file=
    else
      # shellcheck disable=SC2086
      file=$(find ${directories//:/ } "$system" /usr/lib /lib -maxdepth 1 -name "$library" 2>/dev/null | head -n 1)
    fi
    [ -n "$file" ] || die "--library $library: it is neither here nor in the packages"
    path=$library
    [[ $path == /* ]] || path=$system/$library
    add 644 "$(realpath "$file")" "$path"
    add_libraries "$(realpath "$file")"
  done
  # By these an older C library resolves names.
  for library in libnss_files.so.2 libnss_dns.so.2; do
    file=$(here "$system/$library") || continue
    add 644 "$file" "$system/$library"
    add_libraries "$file"
  done
  # One that is found here only by this machine's settings.
  find "$root/usr/lib" -name '*.so*' ! -path "$root$system/*" | sort | while read -r file; do
    [ -e "$root$system/${file##*/}" ] || [ "${file%/*}" = "$root/usr/lib" ] || [ "${file##*/}" = "${loader##*/}" ] ||
      ln -s "${file#"$root"}" "$root$system/${file##*/}"
  done
elif [ ${#libraries[@]} -gt 0 ]; then
  die "--library ${libraries[0]}: $entrypoint is static, and loads none"
fi

# ---- Whatever else is wanted ----

if [ -n "$certificates" ]; then
  bundle=/etc/ssl/certs/ca-certificates.crt
  if [ -f "$bundle" ]; then
    add 644 "$bundle" "$bundle"
  else
    take ca-certificates
    mkdir -p "$root/etc/ssl/certs"
    awk -F '\t' '$1 == "ca-certificates" && $3 ~ "[.]crt$" { print $2 }' "$listing" | sort | tr '\n' '\0' |
      xargs -0 cat >"$root$bundle"
  fi
fi
for file in ${files[@]+"${files[@]}"}; do
  from=${file%%:*}
  to=${file#*:}
  [[ $from == /* ]] || from=$PWD/$from
  [[ $to == /* && $to != *..* ]] || die "--file $file: it has to be a whole path in the image"
  at=$(here "$from") || die "--file $file: there is no $from here nor in the packages"
  mkdir -p "$root$(inside "${to%/*}/x" | sed 's|/x$||')"
  rm -rf "${root:?}$(inside "$to")"
  cp -R --preserve=mode "$at" "$root$(inside "$to")"
done
for directory in ${writable[@]+"${writable[@]}"}; do
  mkdir -p "$root$directory"
  chmod 1777 "$root$directory"
done

# ---- The image ----

json() { # json WORD…: a list of strings
  local word separator=
  printf '['
  for word in "$@"; do
    word=${word//\\/\\\\}
    word=${word//\"/\\\"}
    printf '%s"%s"' "$separator" "$word"
    separator=,
  done
  printf ']'
}
case $(uname -m) in
  x86_64) architecture=amd64 ;;
  aarch64) architecture=arm64 ;;
  *) architecture=$(uname -m) ;;
esac
# Times, owners and the order are always the same, and so is the image.
pack() { tar --create --format=gnu --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --directory="$1" .; }
image=$work/image
mkdir "$image"
pack "$root" >"$image/layer.tar"
layer=$(sha256sum <"$image/layer.tar" | cut -d ' ' -f 1)
epoch=1970-01-01T00:00:00Z
cat >"$image/config.json" <<JSON
{"architecture":"$architecture","os":"linux","created":"$epoch","config":{"User":"65532:65532","Env":["PATH=/usr/sbin:/usr/bin"],
"Entrypoint":$(json "$entrypoint"),"Cmd":$(json ${arguments[@]+"${arguments[@]}"}),"WorkingDir":"${writable[0]:-/}",
"Labels":{"gtestnet.packages":"${versions[*]-}"}},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},
"history":[{"created":"$epoch","created_by":"build_package_image.sh"}]}
JSON
config=$(sha256sum <"$image/config.json" | cut -d ' ' -f 1)
mv "$image/config.json" "$image/$config.json"
printf '[{"Config":"%s.json","RepoTags":%s,"Layers":["layer.tar"]}]\n' "$config" "$(json "$tag")" >"$image/manifest.json"

before=$(docker image inspect --format '{{.Id}}' "$tag" 2>/dev/null) || before=
if [ "$before" != "sha256:$config" ]; then
  output=$(pack "$image" | docker load --quiet 2>&1) || die "docker could not load $tag: $(last_words "$output")"
  # The image that had the tag would stay without one. (Another one's container, or another tag, keeps it.)
  if [ -n "$before" ] && [ "$(docker image inspect --format '{{len .RepoTags}}' "$before" 2>/dev/null)" = 0 ]; then
    docker image rm "$before" >/dev/null 2>&1 || true
  fi
fi
if [ -n "$loader" ]; then
  output=$(docker run --rm --network none --entrypoint "$loader" "$tag" --list "$loaded" 2>&1) ||
    die "$tag is there, and $loaded cannot be loaded in it: $(last_words "$output")"
fi
size=$(docker image inspect --format '{{.Size}}' "$tag")
echo "$tag: $((size / 1024 / 1024)) MiB, $entrypoint${versions[0]+ of ${versions[*]}}, ${config:0:12}"
