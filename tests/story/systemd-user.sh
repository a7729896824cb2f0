#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# systemd-user.sh, read by the stories beside it: our own unit under a real `systemd --user`.
#
# That wants /run/systemd/system, a tree of cgroups and a cgroup of its own. As root all that is made in a
# private mount namespace, with a user that exists nowhere else; otherwise, or where that cannot be had, the
# test is skipped (77).
#
# The story calls systemd_world, puts into $work what it needs besides, and calls systemd_run; its function
# story is then run by that user with the manager running. The same script is started three times for that:
# by the test, alone in its mount namespace, and as the user.

manager=/lib/systemd/systemd
uid=54321

skip() {
  echo "$*"
  exit 77
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

# The first stage. $1 $2 $3 $4: agent, folder of the client, our unit, services.
systemd_world() {
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
  cp "$1" "$2/bindify" "$work/bin/"
  cp "$4"/*.json "$work/services/"
  cp "$0" "$work/story.sh"
  cp "${0%/*}/systemd-user.sh" "$work/"
  cp /etc/passwd "$work/passwd"
  echo "bindify-test:x:$uid:$uid::$work/home:/bin/sh" >>"$work/passwd"
  units=$work/home/.config/systemd/user
  mkdir -p "$units/bindify.service.d"
  sed "s|^ExecStart=.*|ExecStart=$work/bin/bindify-agent --port 0 --keyring vault --services-dir $work/services|
    /^Requires=/d; /^After=/d" "$3" >"$units/bindify.service"
}

systemd_run() {
  chown -R "$uid:$uid" "$work/home" "$work/run"
  status=0
  unshare -m --propagation private sh "$work/story.sh" namespace "$work" || status=$?
  [ "$status" -ne 77 ] || skip "systemd --user cannot be started here"
  exit "$status"
}

# The second stage.
systemd_namespace() {
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
  setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i PATH="$work/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 \
    USER=bindify-test HOME="$work/home" XDG_RUNTIME_DIR="$work/run" ${BUS:+DBUS_SESSION_BUS_ADDRESS="unix:path=$work/run/bus"} \
    sh "$work/story.sh" user "$work" || status=$?
  echo $$ >"$home/cgroup.procs"
  # Whatever was left behind, and nothing else.
  echo 1 >"$group/cgroup.kill"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
  return "$status"
}

# With BUS set: the manager's own, as on a desktop.
systemd_bus() {
  dbus-daemon --session --nofork --nopidfile --address="unix:path=$work/run/bus" >"$work/home/bus.log" 2>&1 &
  bus_pid=$!
  await test -S "$work/run/bus"
}

# The third stage.
systemd_user() {
  failed=0
  [ -z "${BUS:-}" ] || systemd_bus
  "$manager" --user --log-target=console >"$work/home/systemd.log" 2>&1 &
  manager_pid=$!
  if await is_running; then
    story
  else
    tail -n 5 "$work/home/systemd.log"
    failed=77
  fi
  kill -TERM "$manager_pid" 2>/dev/null || true
  wait "$manager_pid" || true
  [ -z "${bus_pid:-}" ] || kill "$bus_pid"
  return "$failed"
}

# stage NAME WORK: what the script has been started for.
systemd_stage() {
  case $1 in
  namespace | user)
    work=$2
    "systemd_$1"
    exit
    ;;
  esac
}
