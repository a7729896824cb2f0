#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# desktop.sh LAUNCHER BUS-SERVICE METAINFO TRAY-UNIT AUTOSTART…: the files by which a desktop finds bindify are
# what their specifications say, and agree with each other. Without desktop-file-validate, appstreamcli and
# systemd-analyze the test is skipped (77).
set -eu

launcher=$1 service=$2 metainfo=$3 unit=$4
shift 4
for program in desktop-file-validate appstreamcli systemd-analyze; do
  command -v "$program" >/dev/null || {
    echo "no $program here"
    exit 77
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/runtime"
export XDG_RUNTIME_DIR="$work/runtime" HOME="$work" XDG_CACHE_HOME="$work"
failed=0

fail() {
  echo "$*"
  failed=1
}

# has FILE LINE
has() {
  grep -qxF -- "$2" "$1" || fail "$1 lacks the line $2"
}

# What there is to say about each of them.
desktop_complaints() {
  desktop-file-validate "$1" 2>&1
}
metainfo_complaints() {
  appstreamcli validate --no-net --strict "$1" 2>&1 || echo failed
}
unit_complaints() {
  # The program need not be installed where it will be.
  sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$1" >"$work/bindify-tray.service"
  (cd "$work" && systemd-analyze --user --man=no --recursive-errors=no verify ./bindify-tray.service 2>&1) || echo failed
}

for file in "$launcher" "$@"; do
  said=$(desktop_complaints "$file")
  [ -z "$said" ] || fail "$said"
done
said=$(metainfo_complaints "$metainfo")
case $said in
*failed* | *[EW]:\ *) fail "$said" ;;
esac
said=$(unit_complaints "$unit")
[ -z "$said" ] || fail "$said"

# One name, wherever it stands.
has "$service" Name=io.bindify.Tray
has "$service" SystemdService=bindify-tray.service
has "$unit" BusName=io.bindify.Tray
has "$launcher" DBusActivatable=true
has "$launcher" Icon=io.bindify.Tray
grep -qF '<id>io.bindify.Tray</id>' "$metainfo" || fail "$metainfo is about something else"
# Where systemd runs the session, the units start what these would start.
for file; do
  has "$file" X-systemd-skip=true
done
# Login screens and other accounts of the system have none, and it ends with the desktop.
has "$unit" 'ConditionUser=!@system'
has "$unit" PartOf=graphical-session.target
# What one of them starts is what the others start, without a window.
program=$(sed -n 's/^ExecStart=//p' "$unit")
case $program in
/*/bindify-tray\ --background) ;;
*) fail "$unit starts $program" ;;
esac
has "$service" "Exec=$program"
grep -qxF "Exec=$program" "$@" || fail "no entry in autostart starts $program"

# No question may be one that everything passes.
printf '[Desktop Entry]\nType=Application\nName=x\nExec=x\nNonsense=1\n' >"$work/bad.desktop"
[ -n "$(desktop_complaints "$work/bad.desktop")" ] || fail "desktop-file-validate finds nothing wrong with anything"
sed '/<summary>/d' "$metainfo" >"$work/io.bindify.Tray.metainfo.xml"
case $(metainfo_complaints "$work/io.bindify.Tray.metainfo.xml") in
*failed*) ;;
*) fail "appstreamcli finds nothing wrong with anything" ;;
esac
sed 's|^BusName=|BusNmae=|' "$unit" >"$work/bad.service"
unit_complaints "$work/bad.service" | grep -q "Unknown key.*BusNmae" ||
  fail "systemd-analyze finds nothing wrong with anything"
exit "$failed"
