#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# units.sh SERVICE SOCKET: systemd knows every line of our user units and finds them tight enough. No
# systemd needs to run; without systemd-analyze the test is skipped (77).
set -eu

command -v systemd-analyze >/dev/null || {
  echo "no systemd-analyze here"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/runtime" "$work/bad"
export XDG_RUNTIME_DIR="$work/runtime" HOME="$work"

# The agent need not be installed where it will be.
sed "s|^ExecStart=[^ ]*|ExecStart=/bin/true|" "$1" >"$work/bindify.service"
cp "$2" "$work/"
grep -q '^ExecStart=/.*/bindify-agent$' "$1"

# verify FOLDER: everything that systemd has to say, so that warnings count as well.
verify() {
  (cd "$1" && systemd-analyze --user --man=no --recursive-errors=no verify ./bindify.service ./bindify.socket 2>&1) || echo failed
}

# exposure TENTHS: whether the service is not more exposed than that (0 is a fortress, 100 naked).
exposure() {
  systemd-analyze --user security --offline=true --no-pager --threshold="$1" "$work/bindify.service" >"$work/score"
}

complaints=$(verify "$work")
[ -z "$complaints" ] || {
  printf 'verify says: %s\n' "$complaints"
  exit 1
}
exposure 67 || {
  tail -n 1 "$work/score"
  exit 1
}
tail -n 1 "$work/score"

# Neither question may be one that everything passes.
if exposure 10; then
  echo "systemd-analyze finds anything tight enough"
  exit 1
fi
sed 's|^Restart=|Restrat=|' "$work/bindify.service" >"$work/bad/bindify.service"
cp "$work/bindify.socket" "$work/bad/"
verify "$work/bad" | grep -q "Unknown key.*Restrat"

# What must not change by accident.
grep -qx 'ListenStream=%t/bindify/agent.sock' "$2"
grep -qx 'SocketMode=0600' "$2"
grep -qx 'DirectoryMode=0700' "$2"
grep -qx 'ConditionUser=!@system' "$1"
if grep 'WantedBy' "$1"; then
  echo "the service is started by its socket only"
  exit 1
fi
