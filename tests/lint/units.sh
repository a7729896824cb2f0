#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# units.sh EXPOSURE SERVICE SOCKET…: systemd knows every line of our user units and finds them tight enough.
# No systemd needs to run; without systemd-analyze the test is skipped (77).
set -eu

command -v systemd-analyze >/dev/null || {
  echo "no systemd-analyze here"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/runtime" "$work/units" "$work/bad"
export XDG_RUNTIME_DIR="$work/runtime" HOME="$work"

exposure=$1 service=$2
shift 2

fail() {
  printf '%s\n' "$*"
  exit 1
}

# The agent need not be installed where it will be.
sed "s|^ExecStart=[^ ]*|ExecStart=/bin/true|" "$service" >"$work/units/bindify.service"
cp "$@" "$work/units/"
grep -q '^ExecStart=/.*/bindify-agent$' "$service"

# verify FOLDER: everything that systemd has to say, so that warnings count as well.
verify() {
  (cd "$1" && systemd-analyze --user --man=no --recursive-errors=no verify ./*.service ./*.socket 2>&1) || echo failed
}

# is_below TENTHS [OPTION…]: whether the service is not more exposed than that (0 is a fortress, 100 naked).
is_below() {
  tenths=$1
  shift
  systemd-analyze --user security --offline=true --no-pager --threshold="$tenths" "$@" \
    "$work/units/bindify.service" >"$work/score"
}

complaints=$(verify "$work/units")
[ -z "$complaints" ] || fail "verify says: $complaints"

# systemd-analyze takes each unit for one of the system, with all the rights of root. exposure.json leaves out
# what a program of a user cannot do anyway, and no unit of a user can forbid: it has no capabilities, it is
# not root, and the clock, the host's name, the kernel's settings, modules and log, and mounts are root's.
is_below 39 --security-policy="$exposure" || fail "$(tail -n 1 "$work/score")"
tail -n 1 "$work/score"
is_below 62 || fail "$(tail -n 1 "$work/score")"
tail -n 1 "$work/score"

# No question may be one that everything passes.
if is_below 10 || is_below 10 --security-policy="$exposure"; then
  fail "systemd-analyze finds anything tight enough"
fi
sed '/^SystemCallFilter=/d' "$work/units/bindify.service" >"$work/loose.service"
cp "$work/units/bindify.service" "$work/tight.service"
cp "$work/loose.service" "$work/units/bindify.service"
if is_below 39 --security-policy="$exposure"; then
  fail "a unit without a filter of system calls is tight enough"
fi
cp "$work/tight.service" "$work/units/bindify.service"
sed 's|^Restart=|Restrat=|' "$work/units/bindify.service" >"$work/bad/bindify.service"
cp "$@" "$work/bad/"
verify "$work/bad" | grep -q "Unknown key.*Restrat"

# What systemd gives a user inside of a user namespace alone, or not at all: see the unit.
if grep -En '^(Private|Protect|ProcSubset|ReadOnly|ReadWrite|Inaccessible|TemporaryFileSystem|Bind|Root|CapabilityB|Ambient)[A-Za-z]*=' \
  "$service"; then
  fail "with these lines the agent could not tell which program asks, or would not start"
fi

# What must not change by accident.
for unit in "$service" "$@"; do
  grep -qx 'ConditionUser=!@system' "$unit" || fail "$unit starts for accounts of the system"
  case $unit in
  */bindify.socket)
    grep -qx 'ListenStream=%t/bindify/agent.sock' "$unit"
    grep -qx 'SocketMode=0600' "$unit"
    grep -qx 'DirectoryMode=0700' "$unit"
    ;;
  */bindify-http.socket)
    if grep '^ListenStream=.' "$unit" | grep -vx 'ListenStream=127.0.0.1:7391'; then
      fail "$unit is not on loopback alone"
    fi
    ;;
  esac
done
if grep 'WantedBy' "$service"; then
  fail "the service is started by its sockets only"
fi
