#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# systemd-credential.sh AGENT CLIENT_DIR SERVICE SERVICES_DIR: our own unit under a real `systemd --user` with
# LoadCredential=, as the manual page says: the vault opens with what systemd hands over, and not without.
#
# `systemd --user` wants /run/systemd/system, a tree of cgroups and a cgroup of its own. As root all that is
# made in a private mount namespace, with a user that exists nowhere else; otherwise, or where that cannot be
# had, the test is skipped (77).
set -eu

skip() {
  echo "$*"
  exit 77
}

manager=/lib/systemd/systemd
uid=54321

# The second stage, alone in its mount namespace.
prepare() {
  mkdir -p /run/systemd
  mount -t tmpfs -o mode=755 tmpfs /run/systemd || return 77
  mkdir /run/systemd/system
  mount -t cgroup2 cgroup2 /sys/fs/cgroup || return 77
  # Readable paths for the user, wherever the build folder lies.
  mount --bind "$work/passwd" /etc/passwd || return 77
  group=/sys/fs/cgroup/bindify-test-$$
  # Where this shell is; threaded or read-only trees will not do.
  home=/sys/fs/cgroup$(sed -n 's|^0::||p' /proc/self/cgroup)
  mkdir "$group" 2>/dev/null || return 77
  chown "$uid" "$group" "$group/cgroup.procs" "$group/cgroup.subtree_control" "$group/cgroup.threads"
  echo $$ >"$group/cgroup.procs" || return 77
  status=0
  setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 USER=bindify-test \
    HOME="$work/home" XDG_RUNTIME_DIR="$work/run" sh "$work/story.sh" user "$work" || status=$?
  echo $$ >"$home/cgroup.procs"
  # Whatever was left behind, and nothing else.
  echo 1 >"$group/cgroup.kill"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
  return "$status"
}

fail() {
  echo "FAILED: $*" >&2
  failed=1
}

# expect STATUS TEXT COMMAND…: how it ends, and a part of what it says.
expect() {
  want=$1 text=$2
  shift 2
  status=0
  said=$("$@" 2>&1) || status=$?
  [ "$status" -eq "$want" ] || fail "$*: status $status instead of $want: $said"
  case $said in
  *"$text"*) ;;
  *) fail "$*: \"$text\" is not in: $said" ;;
  esac
}

# Polls until the command succeeds, for ten seconds at most.
await() {
  tries=200
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.05
  done
}

is_running() {
  case $(systemctl --user is-system-running 2>/dev/null) in
  running | degraded) ;;
  *) return 1 ;;
  esac
}

# The third stage: the user, and its manager.
story() {
  failed=0
  PATH=$work/bin:$PATH
  "$manager" --user --log-target=console >"$work/home/systemd.log" 2>&1 &
  manager_pid=$!
  await is_running || {
    tail -n 5 "$work/home/systemd.log"
    kill "$manager_pid" 2>/dev/null || true
    return 77
  }
  systemctl --user start bindify.service
  expect 0 "vault: absent" bindify status
  expect 0 "key file" bindify vault init
  expect 0 "Added key slot 2 (systemd credential)" bindify vault add-key --systemd-credential
  expect 0 "Removed key slot 1" bindify vault remove-key 1

  systemctl --user restart bindify.service
  expect 0 "sound" bindify vault check

  # Another machine, or somebody else's service: without the credential it stays shut.
  rm "$work/home/.config/systemd/user/bindify.service.d/credential.conf"
  systemctl --user daemon-reload
  systemctl --user restart bindify.service
  expect 4 "LoadCredential=" bindify vault check
  expect 0 "vault: locked" bindify status

  systemctl --user stop bindify.service
  kill -TERM "$manager_pid"
  wait "$manager_pid" || true
  return "$failed"
}

case $1 in
user)
  work=$2
  story
  exit
  ;;
namespace)
  work=$2
  prepare
  exit
  ;;
esac

agent=$1 client_dir=$2 service=$3 services_dir=$4
[ "$(id -u)" -eq 0 ] || skip "this needs root"
[ -x "$manager" ] || skip "no systemd here"
for program in unshare setpriv systemctl; do
  command -v "$program" >/dev/null || skip "no $program here"
done
unshare -m true 2>/dev/null || skip "no mount namespace of our own can be had"
! getent passwd "$uid" >/dev/null || skip "there is a user $uid"

work=$(mktemp -d /tmp/bindify-systemd-XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 755 "$work/bin" "$work/services"
mkdir -m 700 "$work/home" "$work/run"
cp "$agent" "$client_dir/bindify" "$work/bin/"
cp "$services_dir"/*.json "$work/services/"
cp "$0" "$work/story.sh"
cp /etc/passwd "$work/passwd"
echo "bindify-test:x:$uid:$uid::$work/home:/bin/sh" >>"$work/passwd"
units=$work/home/.config/systemd/user
mkdir -p "$units/bindify.service.d"
sed "s|^ExecStart=.*|ExecStart=$work/bin/bindify-agent --port 0 --keyring vault --services-dir $work/services|
  /^Requires=/d; /^After=/d" "$service" >"$units/bindify.service"
printf 0123456789abcdef0123456789abcdef >"$work/home/secret"
chmod 400 "$work/home/secret"
printf '[Service]\nLoadCredential=bindify.vault-key:%s/home/secret\n' "$work" \
  >"$units/bindify.service.d/credential.conf"
chown -R "$uid:$uid" "$work/home" "$work/run"

status=0
unshare -m --propagation private sh "$0" namespace "$work" || status=$?
[ "$status" -ne 77 ] || skip "systemd --user cannot be started here"
exit "$status"
