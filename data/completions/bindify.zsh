#compdef bindify bindify-add bindify-mcp bindify-agent
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# zsh completion; see bindify.bash. The agent has options only, and says them itself.

local line value
local -a parts described

if [[ $service == bindify-agent ]]; then
  _arguments --
  return
fi

for line in "${(@f)$(bindify complete -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
  case $line in
    ('') ;;
    (:files) compset -P '*='; _files && return ;;
    (:folders) compset -P '*='; _files -/ && return ;;
    (*)
      value=${line%%$'\t'*}
      if [[ $value == *= ]]; then
        parts+=("$value")
      else
        # _describe parts the value from what it is by a colon.
        described+=("${value//:/\\:}${${line#$value}/$'\t'/:}")
      fi
      ;;
  esac
done

(( $#parts )) && compadd -S '' -- "${parts[@]}"
(( $#described )) && _describe 'what bindify knows' described
