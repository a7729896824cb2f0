# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
#
# fish completion; see bindify.bash. The agent has options only, and says them itself.

function __bindify_complete
    set -l word (commandline -ct)
    set -l fixed (string match -r '^-.*=' -- $word)
    for line in (bindify complete -- (commandline -opc) "$word" 2>/dev/null)
        switch $line
            case :files
                printf '%s\n' "$fixed"(__fish_complete_path (string replace -r '^-.*=' '' -- $word))
            case :folders
                printf '%s\n' "$fixed"(__fish_complete_directories (string replace -r '^-.*=' '' -- $word))
            case '*'
                printf '%s\n' $line
        end
    end
end

for name in bindify bindify-add bindify-mcp
    complete -c $name -f -a '(__bindify_complete)'
end
complete -c bindify-agent -a "(bindify-agent --help 2>/dev/null | string match -r -- '--[a-z-]+')"
