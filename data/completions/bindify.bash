# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# bash completion for bindify, bindify-add, bindify-mcp and bindify-agent. `bindify complete` knows what can
# stand where, and the agent what has which name: there is nothing to keep up to date here.
#
# shellcheck shell=bash

# One candidate; bash replaces what stands behind the last "=" or ":" only.
_bindify_offer() {
  local value=$1 quoted
  value=${value#"$2"}
  case $value in
  *=) compopt -o nospace ;;
  esac
  printf -v quoted '%q' "$value"
  COMPREPLY+=("$quoted")
}

_bindify_offer_paths() {
  local path
  compopt -o filenames
  while IFS= read -r path; do
    COMPREPLY+=("$path")
  done < <(compgen "$1" -- "$2")
}

_bindify() {
  local words=() word line fixed last i
  COMPREPLY=()
  # bash has cut words at "=" and ":".
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 0)) && [[ $word == [=:]* || (-n $word && ${words[-1]} == *[=:]) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  last=${words[-1]}
  fixed=${last%"${last##*[=:]}"}

  while IFS= read -r line; do
    case $line in
    :files) _bindify_offer_paths -f "${last#"$fixed"}" ;;
    :folders) _bindify_offer_paths -d "${last#"$fixed"}" ;;
    *) _bindify_offer "${line%%$'\t'*}" "$fixed" ;;
    esac
  done < <(bindify complete -- "${words[@]}" 2>/dev/null)
}

# The agent has options only.
_bindify_agent() {
  local word=${COMP_WORDS[COMP_CWORD]} option
  COMPREPLY=()
  case $word in
  -*)
    while IFS= read -r option; do
      [[ $option == "$word"* ]] && COMPREPLY+=("$option")
    done < <(bindify-agent --help 2>/dev/null | sed -n 's/^  .*\(--[a-z-]*\).*/\1/p')
    ;;
  *) _bindify_offer_paths -f "$word" ;;
  esac
}

complete -F _bindify bindify bindify-add bindify-mcp
complete -F _bindify_agent bindify-agent
