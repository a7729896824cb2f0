#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# format.sh ROOT: every C and C++ file looks as clang-format would leave it. Versions of clang-format
# differ in details, so only Debian 12's judges; another one is a skip (77), not a failure.
set -eu

lint=$(cd "$(dirname "$0")" && pwd)
cd "$1"

for formatter in clang-format-14 clang-format; do
  command -v "$formatter" >/dev/null || continue
  case $("$formatter" --version) in
  *' 14.'*) break ;;
  esac
  formatter=
done
command -v "${formatter:-none}" >/dev/null || {
  echo "clang-format 14 is not installed"
  exit 77
}

files=$(python3 "$lint/files.py" c .)
[ -n "$files" ] || {
  echo "no C file found: the list is broken" >&2
  exit 1
}

# A file that is badly laid out on purpose must be refused, or this test cannot fail.
if printf 'int  main(void){return 0;}\n' |
  "$formatter" --style=file --assume-filename=probe.c --dry-run -Werror 2>/dev/null; then
  echo "$formatter accepts anything" >&2
  exit 1
fi

# Names of ours hold no blanks.
# shellcheck disable=SC2086
"$formatter" --style=file --dry-run -Werror $files
echo "$(echo "$files" | wc -l) files"
