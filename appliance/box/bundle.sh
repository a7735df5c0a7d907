#!/usr/bin/env bash
# What a machine without a network needs to become a box: the release, its wheels, and the distribution's packages it may
# lack, for this system or another. A part of install.sh, which reads it and has done what is common by then.
# shellcheck disable=SC2154  # of install.sh: here, venv, cache, box_packages

bundle() {
  local out=dist suite='' arch='' sources='' work label python
  while [ $# -gt 0 ]; do
    case $1 in
      --suite) suite=${2:?--suite takes a name}; shift 2 ;;
      --arch) arch=${2:?--arch takes a name}; shift 2 ;;
      --sources) sources=${2:?--sources takes a file}; shift 2 ;;
      -*) die "bundle: there is no option $1" ;;
      *) out=$1; shift ;;
    esac
  done
  set_up setup
  suite=${suite:-$(codename)}
  arch=${arch:-$(dpkg --print-architecture)}
  case $suite in
    jammy) python=3.10 ;; bookworm) python=3.11 ;; noble) python=3.12 ;; trixie) python=3.13 ;;
    *) die "bundle: $suite is not known; bookworm, trixie, jammy or noble was expected" ;;
  esac
  work=$cache/bundle
  rm -rf "$work" && mkdir -p "$work"
  step "Packing the release" copy_tree "$work"
  if fetch_photos; then cp -r "$cache/photos" "$work/photos"; else say "None, so the self-test will show a test picture: $(tail -n 1 "$log")"; fi
  step "Fetching the Python packages for $arch, Python $python" fetch_wheels "$work" "$arch" "$python"
  step "Fetching the distribution packages of $suite, $arch" fetch_debs "$work" "$suite" "$arch" "$sources"
  label=$(here=$work release_label)
  mkdir -p "$out"
  step "Writing $out/mofy-$label-$suite-$arch.tar.gz" \
    tar -C "$cache" --transform "s,^bundle,mofy-$label," -czf "$out/mofy-$label-$suite-$arch.tar.gz" bundle
  rm -rf "$work"
  say "Written: $out/mofy-$label-$suite-$arch.tar.gz; sign it with \`minisign -Sm\`, unpack it there and run its install.sh"
}

codename() {
  # shellcheck source=/dev/null
  . "${OS_RELEASE:-/etc/os-release}"
  printf '%s' "$VERSION_CODENAME"
}

fetch_wheels() {
  local work=$1 machine=x86_64 python=$3 platforms=() tag
  [ "$2" = amd64 ] || machine=aarch64
  for tag in manylinux_2_34 manylinux_2_31 manylinux_2_28 manylinux_2_27 manylinux_2_26 manylinux_2_17 manylinux2014; do
    platforms+=(--platform "${tag}_$machine")
  done
  "$venv/bin/python" -c '
import sys
from pip._vendor import tomli
project = tomli.load(open(sys.argv[1], "rb"))
print(*project["project"]["dependencies"], *project["build-system"]["requires"], "wheel", sep="\n")' \
    "$here/pyproject.toml" >"$work/requirements"
  "$venv/bin/python" -m pip download -q --only-binary=:all: "${platforms[@]}" --python-version "$python" \
    --dest "$work/wheels" -r "$work/requirements" && rm "$work/requirements"
}

fetch_debs() {
  local work=$1 suite=$2 arch=$3 sources=$4 apt=$cache/apt deb wanted
  rm -rf "$apt" && mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts" && : >"$apt/status"
  if [ -n "$sources" ]; then cp "$sources" "$apt/sources.list"; else other_suite "$suite" >"$apt/sources.list"; fi
  local options=(-o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status" -o "Dir::Cache::archives=$apt/archives"
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=$apt/parts" -o "APT::Architecture=$arch"
    -o "APT::Architectures=$arch" -o Debug::NoLocking=1 -o Acquire::Languages=none)
  apt-get "${options[@]}" -q update
  read -ra wanted <<<"${box_packages[*]} $(board_packages "${options[@]}")"
  apt-get "${options[@]}" -q -y --no-install-recommends --download-only install "${wanted[@]}"
  mkdir -p "$work/debs"
  for deb in "$apt"/archives/*.deb; do
    # Every system has the required ones, and replacing them would be an upgrade of the system.
    [ "$(dpkg-deb -f "$deb" Priority)" = required ] || mv "$deb" "$work/debs/"
  done
  rm -rf "$apt"
}

# This machine's own sources in their one-line form, for another suite.
other_suite() {
  local mine
  mine=$(codename)
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT) $(CREATED_BY)' | grep ' Packages$' | sort -u |
    while read -r site release component _; do
      printf 'deb %s %s %s\n' "$site" "${release/#$mine/$1}" "$component"
    done
}
