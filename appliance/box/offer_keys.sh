#!/bin/sh
# offer_keys.sh DATA STORE: of the keys sealed in DATA, those that this machine can open, put where systemd looks for them.
# One that it cannot open stays away: a service would not start with it, and a box that covers everyone beats a dark one.
set -u
umask 077

offer() {
  rm -f "$2"
  [ -e "$1" ] || return 0
  # Copied first and tried then: what was tried is what the services are given.
  if cp "$1" "$2" && systemd-creds decrypt "$2" - >/dev/null; then return 0; fi
  rm -f "$2"
  echo "mofy: $1: this machine cannot open it; \`sudo mofy doctor secrets\` tells what to do" >&2
}

offer "$1/key.sealed" "$2/mofy-key"
offer "$1/page-key.sealed" "$2/mofy-page-key"
offer "$1/jobs/key.sealed" "$2/mofy-jobs-key"
