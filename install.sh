#!/usr/bin/env bash
# Makes this machine a MOFY box, or sets MOFY up in this checkout for its demo or its tests; ./install.sh --help tells how.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
venv=$here/.venv
cache=$here/.cache
log=$cache/install.log
room_mb=1200
home=${MOFY_HOME:-/opt/mofy}
dry=''

# What a release consists of; a bundle brings wheels, distribution packages and the publisher's key besides.
content=(appliance web models systemd docs install.sh pyproject.toml README.md README.ko.md LICENSE)
bundled=(wheels debs photos release.pub)

# What the distributions name alike; the rest comes from pip into .venv.
demo_packages=(
  ca-certificates python3 python3-venv
  python3-gi python3-gst-1.0 gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libav gstreamer1.0-rtsp gstreamer1.0-alsa gstreamer1.0-pulseaudio glib-networking
)
box_packages=("${demo_packages[@]}" mosquitto avahi-daemon avahi-utils dnsmasq-base iw minisign)
test_packages=("${demo_packages[@]}" xvfb gstreamer1.0-x gstreamer1.0-gl ffmpeg pulseaudio gstreamer1.0-tools shellcheck redis-server mosquitto mosquitto-clients dnsmasq-base)
container_packages=(systemd systemd-container procps)

usage() {
  cat <<'USAGE'
./install.sh [install]           make this machine a MOFY box: services that start with it; people and options are kept
      --dry-run                  only tell what would be done
./install.sh upgrade FILE        to a signed release (or an https:// address); it goes back by itself if it does not work
./install.sh rollback            to the release before
./install.sh uninstall [--purge] take the box away again; --purge: people, passwords and options too
./install.sh bundle [FOLDER]     pack this release with all it needs for a machine without a network
      --suite NAME --arch NAME   for another system than this one: bookworm, trixie, jammy or noble; arm64 or amd64
      --sources FILE             its apt sources, where they are not this machine's with another suite
./install.sh demo [OPTION...]    set everything up, then show a staged scene with one person enrolled,
                                 masked, on rtsp://127.0.0.1:8554/live; Ctrl-C ends it
      --source X                 a camera (/dev/video0), a file or an rtsp address instead of the scene
      --seconds N                end by itself after so many seconds
      --record OUT.mp4           keep the masked picture in a file as well
      ...                        anything else that `mofy run` takes
./install.sh test [ARGUMENT...]  set everything up, then run the whole test suite (arguments go to pytest)
./install.sh test --box          the box: installed, booted, killed, upgraded and taken away in a container, as root
./install.sh setup               set everything up for the demo, and end

Runs as root or with sudo on Debian 12 and 13, Ubuntu 22.04 and 24.04 and 64-bit Raspberry Pi OS. It installs what is
missing of the distribution's packages. demo, test and setup put everything else into .venv and .cache of this folder;
a box lies in /opt/mofy, /etc/mofy and /var/lib/mofy, with its units in /etc/systemd/system.
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
  : >"$log" || die "$log cannot be written: make room, or make its folder writable"
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
  if [ -d "$here/debs" ]; then install_debs "${missing[@]}" && return; fi
  # A third party's broken source must not stop us, and a run that was cut off may have left packages half configured.
  # shellcheck disable=SC2016
  step "Installing ${#missing[@]} distribution packages (a few minutes the first time)" as_root sh -c '
    apt-get update -q || true
    dpkg --configure -a || true
    exec apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"' sh "${missing[@]}"
}

# From the bundle, without asking any server; only what is not there yet, and nothing newer is replaced.
install_debs() {
  local deb files=()
  for deb in "$here"/debs/*.deb; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$(dpkg-deb -f "$deb" Package)" 2>/dev/null)" = installed ] || files+=("$deb")
  done
  step "Installing ${#files[@]} distribution packages of the bundle" as_root apt-get install -y -q --no-install-recommends \
    --no-remove -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null "${files[@]}"
  read -ra files <<<"$(missing_packages "$@")"
  [ "${#files[@]}" = 0 ] || die "the bundle lacks packages (${files[*]}): make it again for this system"
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
  local extra=$1 wanted done_with offline=()
  [ ! -d "$here/wheels" ] || offline=(--no-index --find-links "$here/wheels")
  wanted=$(sha256sum <"$here/pyproject.toml")
  for done_with in "$extra" test; do
    [ "$(cat "$venv/.installed-$done_with" 2>/dev/null)" != "$wanted" ] || return 0
  done
  rm -rf "$venv"/.installed-* "$cache/tmp"
  mkdir -p "$cache/tmp"
  # Not into /tmp, which on a board may be a small part of its memory.
  step "Installing the Python packages (a minute or two the first time)" env TMPDIR="$cache/tmp" \
    "$venv/bin/python" -m pip install --prefer-binary "${offline[@]}" -e "$here$([ "$extra" != test ] || echo '[test]')"
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
  # Ubuntu has its browser as a snap only; without one the tests that need it are skipped.
  grep -q '^ID=ubuntu' "${OS_RELEASE:-/etc/os-release}" 2>/dev/null || test_packages+=(chromium)
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

release_label() {
  local version
  version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$here/appliance/__init__.py")
  printf '%s-%s\n' "$version" "$(release_files | sha256sum | cut -c1-8)"
}

# One stream of bytes for one state of the files, whoever packs them and when.
release_files() {
  local here_of=() name
  for name in "${content[@]}" "${bundled[@]}"; do [ ! -e "$here/$name" ] || here_of+=("$name"); done
  tar -C "$here" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --exclude=__pycache__ --exclude='*.egg-info' -cf - "${here_of[@]}"
}

# Makes the release of these files below /opt/mofy/releases, complete with its Python packages, and leaves the rest alone.
make_release() {
  local label=$1 folder=$home/releases/$1
  [ ! -e "$folder/.whole" ] || return 0
  mkdir -p "$folder/.cache"
  log=$folder/.cache/install.log
  step "Copying the release $label" copy_tree "$folder"
  here=$folder venv=$folder/.venv cache=$folder/.cache
  keep_to_ourselves
  # Of one release to the next most packages stay the same: then it needs no network.
  export PIP_CACHE_DIR=$home/pip-cache
  make_venv
  install_python box
  box_photos
  step "Compiling" "$venv/bin/python" -m compileall -q "$folder/appliance" "$folder/web"
  rm -rf "$folder/wheels" "$folder/debs" "$folder/photos"
  # All of it on the disk before the mark that says so.
  sync -f "$folder"
  touch "$folder/.whole"
  sync -f "$folder"
}

# Of all releases together: the staged scene that a release must mask before it may run.
box_photos() {
  if [ -d "$here/photos" ]; then rm -rf "$home/photos" && mv "$here/photos" "$home/photos"; fi
  say "Checking the face photos of the self-test"
  "$venv/bin/mofy" photos "$home/photos" >"$log" 2>&1 || say "None, so it shows a test picture: $(tail -n 1 "$log")"
}

copy_tree() { release_files | tar -C "$1" -xf - ; }

# Only what the machine's own distribution has: the Pi's camera comes from Raspberry Pi OS alone.
board_packages() {
  if apt-cache "$@" show python3-picamera2 >/dev/null 2>&1; then printf '%s ' python3-picamera2; fi
}

# After the others, when the lists are there that a fresh system may lack; a box with a USB camera works without.
install_board_packages() {
  local packages
  read -ra packages <<<"$(board_packages)"
  read -ra packages <<<"$(missing_packages "${packages[@]}")"
  if [ "${#packages[@]}" -gt 0 ] && [ -d "$here/debs" ]; then
    say "The bundle lacks ${packages[*]}, so that cameras on a ribbon cable will not be found"
  else
    install_packages "${packages[@]}"
  fi
}

must_be_root() { [ "$(id -u)" = 0 ] || die "$1: changes the system, so run it as root: sudo ./install.sh $1"; }

install_box() {
  local label
  [ "${1:-}" != --dry-run ] || { dry=yes; shift; }
  [ $# -eq 0 ] || die "install takes --dry-run and nothing else, got $*"
  check_system
  label=$(release_label)
  [ -z "$dry" ] || { tell_plan "$label"; return; }
  must_be_root install
  check_home
  log=$home/install.log
  install_packages "${box_packages[@]}"
  install_board_packages
  make_release "$label"
  trust_publisher "$home/releases/$label/release.pub"
  "$home/releases/$label/.venv/bin/mofy" box activate "$label"
  say "This machine is a MOFY box now: \`mofy status\` tells what it does, \`mofy doctor\` what it lacks, \`mofy help\` how it is used."
}

# The first bundle brings the key that every later release must be signed with.
trust_publisher() {
  if [ -e "$1" ] && [ ! -e /etc/mofy/release.pub ]; then install -D -m 0644 "$1" /etc/mofy/release.pub; fi
}

check_home() {
  # What lies there is for the services to read, whatever umask the caller has.
  umask 022
  mkdir -p "$home/releases" || die "$home cannot be made: make room, or make it writable"
  # Two at once would make the same release in the same folder.
  exec 9<"$home"
  flock -n 9 || die "MOFY is being installed or upgraded here already: wait until that has ended"
  local free_mb
  free_mb=$(df --output=avail -B1M "$home" | tail -n 1)
  [ "$free_mb" -ge "$room_mb" ] || die "$home has $((free_mb)) MB of room and a release takes $room_mb MB: make room and run this again"
}

tell_plan() {
  local label=$1 missing
  read -ra missing <<<"${box_packages[*]} $(board_packages)"
  read -ra missing <<<"$(missing_packages "${missing[@]}")"
  say "Would install ${#missing[@]} distribution packages${missing[0]:+: ${missing[*]}}"
  if [ -e "$home/releases/$label/.whole" ]; then say "Would keep the release $label, which is there"; else
    say "Would make the release $label in $home/releases, with its Python packages"
  fi
  say "Would make it the current one, keep /etc/mofy and /var/lib/mofy if they are there, and start:"
  (cd "$here/systemd" && printf '  %s\n' *.service *.socket *.target)
  say "Nothing was changed."
}

# Asked by a box that upgrades: the release of this tree, made and not started; its label is the last line.
release() {
  local label
  must_be_root release
  check_system
  check_home
  label=$(release_label)
  log=$home/install.log
  install_packages "${box_packages[@]}"
  make_release "$label"
  printf '%s\n' "$label"
}

on_the_box() {
  [ -x "$home/current/.venv/bin/mofy" ] || die "$1: there is no MOFY box on this machine: sudo ./install.sh makes one"
  exec "$home/current/.venv/bin/mofy" box "$@"
}

# The current release may be broken, or none may be current yet: any that is whole can take the box away.
uninstall() {
  local release said=''
  must_be_root uninstall
  case $* in '' | --purge) ;; *) die "uninstall takes --purge and nothing else, got $*" ;; esac
  for release in "$home"/current "$home"/releases/*; do
    [ -e "$release/.whole" ] || continue
    if said=$("$release/.venv/bin/mofy" box uninstall "$@" 2>&1); then
      say "$said"
      return
    fi
  done
  [ -z "$said" ] || die "uninstall: ${said##*$'\n'}"
  rm -rf "$home"/releases "$home"/current "$home"/previous "$home"/photos "$home"/pip-cache "$home"/install.log
  say "Removed what there was of MOFY in $home; if /etc/mofy or /var/lib/mofy are there, they are of an earlier box and stay"
}

test_suite() {
  if [ "${1:-}" = --box ]; then
    shift
    must_be_root "test --box"
    SUDO_USER=''
    test_packages+=("${box_packages[@]}" "${container_packages[@]}")
    set -- tests/e2e/test_box.py -rs "$@"
  fi
  set_up test
  fetch_photos || say "No face photos, so the tests that need them are skipped: $(tail -n 1 "$log")"
  fetch_judge || say "No models for the judge, so its tests are skipped: $(tail -n 1 "$log")"
  cd "$here"
  export PATH="$venv/bin:$PATH"
  # Most tests wait for what they started, so that two workers need little more of the machine than one.
  [ $# -gt 0 ] || set -- --numprocesses=2 --dist=loadfile --durations=10
  exec "$venv/bin/python" -m pytest "$@"
}

trap 'say "install.sh: stopped; run it again to go on"; exit 130' INT TERM
arguments=("$@")
command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  demo | test | setup | bundle) check_folder && keep_to_ourselves ;;
esac
case $command in
  install | '') install_box "$@" ;;
  --dry-run) install_box --dry-run "$@" ;;
  release) release ;;
  upgrade | rollback) must_be_root "$command" && on_the_box "$command" "$@" ;;
  uninstall) uninstall "$@" ;;
  bundle)
    # shellcheck source=appliance/box/bundle.sh
    . "$here/appliance/box/bundle.sh"
    bundle "$@"
    ;;
  demo) demo "$@" ;;
  test) test_suite "$@" ;;
  setup)
    set_up demo
    fetch_photos || say "No face photos yet, so there is no staged scene: $(tail -n 1 "$log")"
    say "Ready: ./install.sh demo, or $venv/bin/mofy --help"
    ;;
  -h | --help | help) usage ;;
  *) die "there is no command '$command': install, upgrade, rollback, uninstall, bundle, demo, test, setup or --help" ;;
esac
