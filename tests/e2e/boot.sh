#!/bin/sh
# boot.sh NAME OPTION...: systemd-nspawn with the options, in a mount namespace of its own (unshare -m), made fit for it.
set -eu
groups=/sys/fs/cgroup

# The kernel gives no user namespaces, which our units ask for, below a root that is not that of its mount namespace.
# Of a chroot that is a mount, make one: step out of it, and turn it round.
space=/proc/self/ns/mnt
if [ "$(stat -c %d:%i /)" != "$(nsenter --mount="$space" stat -c %d:%i /)" ]; then
  exec 9</
  # shellcheck disable=SC2016  # the words are for the shell outside
  exec nsenter --mount="$space" sh -c '
    cd /proc/self/fd/9 && pivot_root . mnt && umount -l /mnt && exec 9<&- && exec /bin/sh "$@"' out "$0" "$@"
fi

# Debian 13 boots with the one hierarchy of control groups only; this machine may have the old ones, or none in view.
if [ "$(stat -f -c %T "$groups")" != cgroup2fs ]; then
  mount -t cgroup2 cgroup2 "$groups"
  mkdir -p "$groups/$1"
  echo $$ >"$groups/$1/cgroup.procs"
fi
name=$1
shift
exec systemd-nspawn -M "$name" "$@"
