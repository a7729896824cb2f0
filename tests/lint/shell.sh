#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# shell.sh ROOT: every shell script is read without complaint by sh and, where there is one, by shellcheck; the
# completions by the shells that they are for.
set -eu

lint=$(cd "$(dirname "$0")" && pwd)
cd "$1"
failed=0

scripts=$(python3 "$lint/files.py" shell .)
[ -n "$scripts" ] || {
  echo "no shell script found: the list is broken" >&2
  exit 1
}
for script in $scripts; do
  sh -n "$script" || failed=1
done

if command -v shellcheck >/dev/null; then
  # SC2317 takes functions that are handed on by name for dead code. Names of ours hold no blanks.
  # shellcheck disable=SC2086
  shellcheck --shell=sh --external-sources --exclude=SC2317 $scripts || failed=1
else
  echo "shellcheck is not installed: only sh -n was asked"
fi
for shell in bash zsh fish; do
  if command -v "$shell" >/dev/null; then
    "$shell" -n "data/completions/bindify.$shell" || failed=1
  fi
done
if command -v shellcheck >/dev/null; then
  shellcheck data/completions/bindify.bash || failed=1
fi
echo "$(echo "$scripts" | wc -l) scripts"
exit $failed
