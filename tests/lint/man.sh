#!/bin/sh
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# man.sh BINDIFY PAGE…: groff reads each manual page without a warning, and bindify.1 knows every command
# that `bindify help` lists, and those of its groups. Without groff the test is skipped (77).
set -eu

bindify=$1
shift
command -v groff >/dev/null || {
  echo "no groff here"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# What groff has to say about a page, with all its warnings.
complaints() {
  groff -K utf8 -man -Tutf8 -ww -z "$1" 2>&1
}

# The commands that a help text lists: two blanks, the name, and what it does.
listed() {
  "$bindify" help "$@" | sed -n 's/^  \([a-z][a-z-]*\)  *[A-Z].*/\1/p'
}

# Whether a page explains the words as a command. Hyphens are written "\-".
explains() {
  page=$1
  shift
  words=$(printf '%s' "$*" | sed 's/-/\\\\-/g')
  grep -Eq "^\.(B|BI|BR|RB) \"?$words([ \"]|\$)" "$page"
}

for page; do
  said=$(complaints "$page")
  [ -z "$said" ] || {
    echo "$said"
    failed=1
  }
  case $page in
  */bindify.1) main_page=$page ;;
  esac
done

n_commands=0
for command in $(listed); do
  n_commands=$((n_commands + 1))
  subcommands=
  # That of `help` is the overview again.
  if [ "$command" != help ] && "$bindify" help "$command" | grep -q '^Usage: .* COMMAND …$'; then
    subcommands=$(listed "$command")
  fi
  for word in ${subcommands:-""}; do
    # shellcheck disable=SC2086
    explains "$main_page" $command $word || {
      echo "bindify.1 does not explain: bindify $command $word"
      failed=1
    }
  done
done
[ "$n_commands" -gt 10 ] || {
  echo "bindify help lists $n_commands commands: the test does not understand it any more"
  failed=1
}

# Neither question may be one that everything passes.
printf '.TH X 1\n.NOSUCHREQUEST\n' >"$work/bad.1"
[ -n "$(complaints "$work/bad.1")" ] || {
  echo "groff finds nothing wrong with anything"
  failed=1
}
if explains "$main_page" juggle; then
  echo "any word passes for a command"
  failed=1
fi
echo "$# pages, $n_commands commands"
exit "$failed"
