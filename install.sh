#!/usr/bin/env bash
# Sets MOFY up in this checkout and runs its demo or its tests; ./install.sh --help tells how.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=$here/.venv
cache=$here/.cache
log=$cache/install.log
room_mb=1200

# What the distributions name alike; the rest comes from pip into .venv.
demo_packages=(
  ca-certificates python3 python3-venv
  python3-gi python3-gst-1.0 gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav glib-networking
)
test_packages=("${demo_packages[@]}" ffmpeg gstreamer1.0-tools shellcheck redis-server mosquitto chromium)

usage() {
  cat <<'USAGE'
./install.sh demo [OPTION...]    set everything up, then show a staged scene with one person enrolled,
                                 masked, on rtsp://127.0.0.1:8554/live; Ctrl-C ends it
      --source X                 a camera (/dev/video0), a file or an rtsp address instead of the scene
      --seconds N                end by itself after so many seconds
      --record OUT.mp4           keep the masked picture in a file as well
      ...                        anything else that `mofy run` takes
./install.sh test [ARGUMENT...]  set everything up, then run the whole test suite (arguments go to pytest)
./install.sh setup               set everything up for the demo, and end

Runs as root or with sudo on Debian 12 and 13, Ubuntu 22.04 and 24.04 and 64-bit Raspberry Pi OS. It installs what is
missing of the distribution's packages, and puts everything else into .venv and .cache of this folder.
USAGE
}

say() { printf '%s\n' "$*"; }
die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

# step WHAT COMMAND...: one line for a person; the command's own words go to the log and are shown when it fails.
step() {
  local what=$1
  shift
  say "$what"
  # A subshell, for whatever Ctrl-C makes this script say must not end up in the log.
  if ! ("$@") >"$log" 2>&1; then
    tail -n 12 "$log" >&2
    die "$what: failed; $(remedy)"
  fi
}

remedy() {
  case $(cat "$log" 2>/dev/null) in
    *"No space left on device"* | *"enough free space"*) say "the disk is full: make room and run this again" ;;
    *"Read-only file system"* | *"Permission denied: '$here"*)
      say "the folder cannot be written: make it writable and run this again" ;;
    *"not yet valid"* | *"not valid yet"*) say "this machine's clock is wrong: set it and run this again" ;;
    *"password is required"* | *"terminal is required"* | *"not in the sudoers"* | *"not allowed to"* | *"incorrect password"*)
      say "sudo was refused: run this as root, or as a user who may use sudo" ;;
    *"Could not get lock"* | *"Unable to lock"* | *"Unable to acquire the dpkg"*)
      say "another program is installing packages: wait until it has ended and run this again" ;;
    *"Temporary failure"* | *"Could not resolve"* | *"new connection"* | *"Could not connect"* | *"Network is unreachable"* | *"Connection failed"* | *"timed out"*)
      say "no network, or it is blocked: check the connection and run this again" ;;
    *"Unable to locate package"* | *"no installation candidate"*)
      say "the package lists lack it: enable the distribution's main component (on Ubuntu also universe) and run this again" ;;
    *) say "the whole log is in $log; run this again when the cause is gone" ;;
  esac
}

check_system() {
  local release=${OS_RELEASE:-/etc/os-release} ID='' VERSION_ID='' PRETTY_NAME='' machine
  # shellcheck source=/dev/null
  if [ -r "$release" ]; then . "$release"; fi
  machine=$(dpkg --print-architecture 2>/dev/null || uname -m)
  case $ID-$VERSION_ID in
    debian-12 | debian-13 | ubuntu-22.04 | ubuntu-24.04 | raspbian-12 | raspbian-13) ;;
    *) die "${PRETTY_NAME:-this system} is not supported: it takes Debian 12 or 13, Ubuntu 22.04 or 24.04, or 64-bit Raspberry Pi OS 12 or 13" ;;
  esac
  case $machine in
    amd64 | arm64) ;;
    *) die "a $machine system is not supported: the face models run on 64-bit systems only (amd64 or arm64)" ;;
  esac
}

check_folder() {
  local path
  for path in "$here" "$venv" "$cache"; do
    if [ -e "$path" ] && [ ! -w "$path" ]; then
      die "$path cannot be written by $(id -un): use a checkout of your own, or make it writable"
    fi
  done
  mkdir -p "$cache" || die "$cache cannot be made: make room or make $here writable, and run this again"
}

check_room() {
  local free_mb
  free_mb=$(df --output=avail -B1M "$here" | tail -n 1)
  [ "$free_mb" -ge "$room_mb" ] || die "$here has $((free_mb)) MB of room and setting up takes $room_mb MB: make room and run this again"
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

as_root() {
  local settings=(DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8)
  if [ "$(id -u)" = 0 ]; then env "${settings[@]}" "$@"; else sudo env "${settings[@]}" "$@"; fi
}

install_packages() {
  local missing
  read -ra missing <<<"$(missing_packages "$@")"
  [ "${#missing[@]}" -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "packages are missing (${missing[*]}): run this as root, or install sudo"
  # A third party's broken source must not stop us, and a run that was cut off may have left packages half configured.
  # shellcheck disable=SC2016
  step "Installing ${#missing[@]} distribution packages (a few minutes the first time)" as_root sh -c '
    apt-get update -q || true
    dpkg --configure -a || true
    exec apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"' sh "${missing[@]}"
}

# What `sudo ./install.sh` makes in a user's checkout belongs to that user, and so does what then runs.
leave_root() {
  [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] || return 0
  [ "$(stat -c %U "$here")" = "$SUDO_USER" ] || return 0
  chown -Rh "$SUDO_USER:" "$cache"
  [ ! -e "$venv" ] || chown -Rh "$SUDO_USER:" "$venv"
  exec sudo -H -u "$SUDO_USER" env ${MOFY_DATA:+"MOFY_DATA=$MOFY_DATA"} "$here/install.sh" "$@"
}

# Nothing of the caller's Python may leak in (ROS, conda, ~/.local), and caches stay in the checkout.
keep_to_ourselves() {
  unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
  export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 XDG_CACHE_HOME="$cache"
}

make_venv() {
  # A checkout that was moved and a system that was upgraded need a new one, and so does one that was cut off.
  local origin
  origin="$here $(/usr/bin/python3 -V)"
  [ "$(cat "$venv/.origin" 2>/dev/null)" != "$origin" ] || return 0
  check_room
  step "Making the virtual environment" /usr/bin/python3 -m venv --clear --system-site-packages "$venv"
  printf '%s\n' "$origin" >"$venv/.origin"
}

install_python() {
  local extra=$1 wanted done_with
  wanted=$(sha256sum <"$here/pyproject.toml")
  for done_with in "$extra" test; do
    [ "$(cat "$venv/.installed-$done_with" 2>/dev/null)" != "$wanted" ] || return 0
  done
  rm -rf "$venv"/.installed-* "$cache/tmp"
  mkdir -p "$cache/tmp"
  # Not into /tmp, which on a board may be a small part of its memory.
  step "Installing the Python packages (a minute or two the first time)" env TMPDIR="$cache/tmp" \
    "$venv/bin/python" -m pip install --prefer-binary -e "$here$([ "$extra" != test ] || echo '[test]')"
  rm -rf "$cache/tmp"
  printf '%s\n' "$wanted" >"$venv/.installed-$extra"
}

fetch_photos() {
  say "Checking the face photos of the staged scene"
  "$venv/bin/mofy" photos "$cache/photos" >"$log" 2>&1
}

fetch_judge() {
  say "Checking the models that judge recordings"
  export MOFY_AUDIT_MODELS=$cache/audit
  "$venv/bin/mofy" models add audit >"$log" 2>&1
}

set_up() {
  local purpose=$1
  check_system
  if [ "$purpose" = test ]; then install_packages "${test_packages[@]}"; else install_packages "${demo_packages[@]}"; fi
  leave_root "${arguments[@]}"
  make_venv
  install_python "$purpose"
}

demo() {
  local option source=walk
  set_up demo
  for option in "$@"; do [[ $option != --source* ]] || source=''; done
  fetch_photos || [ -z "$source" ] || die "the staged scene needs its face photos: $(tail -n 1 "$log")"
  if [ -z "${MOFY_DATA:-}" ]; then
    export MOFY_DATA=$cache/demo
    [ -z "$source" ] || enrol
  fi
  exec "$venv/bin/mofy" run ${source:+--source "$source"} "$@"
}

enrol() {
  local person="Barack Obama"
  "$venv/bin/mofy" people show "$person" >"$log" 2>&1 ||
    step "Enrolling $person from two photos" "$venv/bin/mofy" people add "$person" "$cache/photos/obama.jpg" "$cache/photos/obama2.jpg"
}

test_suite() {
  set_up test
  fetch_photos || say "No face photos, so the tests that need them are skipped: $(tail -n 1 "$log")"
  fetch_judge || say "No models for the judge, so its tests are skipped: $(tail -n 1 "$log")"
  cd "$here"
  export PATH="$venv/bin:$PATH"
  [ $# -gt 0 ] || set -- --cov --cov-report=term:skip-covered --durations=10
  exec "$venv/bin/python" -m pytest "$@"
}

trap 'say "install.sh: stopped; run it again to go on"; exit 130' INT TERM
arguments=("$@")
command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  demo | test | setup) check_folder && keep_to_ourselves ;;
esac
case $command in
  demo) demo "$@" ;;
  test) test_suite "$@" ;;
  setup)
    set_up demo
    fetch_photos || say "No face photos yet, so there is no staged scene: $(tail -n 1 "$log")"
    say "Ready: ./install.sh demo, or $venv/bin/mofy --help"
    ;;
  -h | --help | help) usage ;;
  '') usage >&2; exit 2 ;;
  *) die "there is no command '$command': demo, test, setup or --help" ;;
esac
