# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""What the lint tests share: which files are the project's, and C cut into tokens.

The tokens make the rules honest: a word in a comment or in a string is not a call.
"""

import collections
import os
import re
import subprocess

FOLDERS = ("protocol", "keyring", "agent", "client", "tray")

Token = collections.namedtuple("Token", "kind text line")

TOKEN = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<string>(?:u8|[uUL])?R"(?P<raw>[^()\\\s]{0,16})\(.*?\)(?P=raw)"
                 | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
      | (?P<char>[uUL]?'(?:\\.|[^'\\\n])*')
      | (?P<number>\.?[0-9](?:[eEpP][+-]|'(?=[0-9a-fA-F])|[\w.])*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<space>(?:\s|\\\n)+)
      | (?P<mark>.)""",
    re.DOTALL | re.VERBOSE,
)


def tokens(text):
    """Cuts C or C++ into comments, strings, characters, numbers, words and marks."""
    line = 1
    for match in TOKEN.finditer(text):
        if match.lastgroup != "space":
            kind = "string" if match.lastgroup == "raw" else match.lastgroup
            yield Token(kind, match.group(), line)
        line += match.group().count("\n")


def code(text):
    """The tokens that the compiler sees, without the preprocessor's lines."""
    bare = re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*$", blank_line, blank_comments(text))
    return [token for token in tokens(bare) if token.kind != "comment"]


def blank_comments(text):
    """The same text with the same lines, but with spaces for comments."""
    out = []
    for match in TOKEN.finditer(text):
        out.append(blank_line(match) if match.lastgroup == "comment" else match.group())
    return "".join(out)


def blank_line(match):
    return re.sub(r"[^\n]", " ", match.group())


Include = collections.namedtuple("Include", "path quoted line")


def includes(text):
    """Every #include, those inside #if too."""
    found = []
    for number, line in enumerate(blank_comments(text).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)', line)
        if match:
            found.append(Include(match[1] or match[2], match[1] is not None, number))
    return found


def project_files(root):
    """Paths below root: what git tracks or would track; without git, everything not generated."""
    command = ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-coz", "--exclude-standard"]
    names = None
    if os.path.exists(os.path.join(root, ".git")):
        try:
            listing = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if listing.returncode == 0:
                names = os.fsdecode(listing.stdout).split("\0")
        except OSError:
            pass
    if names is None:
        names = list(walk(root))
    return sorted({name for name in names if name and os.path.isfile(os.path.join(root, name))})


def walk(root):
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [
            name
            for name in subfolders
            if not name.startswith("build") and name not in (".git", ".check", ".quickstart")
            and name not in ("__pycache__", "node_modules", ".cache")
        ]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as stream:
        return stream.read()


def is_c(name):
    return name.endswith((".c", ".h", ".cc"))


def is_shell(root, name):
    if name.endswith(".sh"):
        return True
    return interpreter(root, name) in ("sh", "dash")


def interpreter(root, name):
    """The program named in a script's first line, or None."""
    with open(os.path.join(root, name), "rb") as stream:
        first = stream.readline(200).decode("utf-8", "replace")
    match = re.match(r"#!\s*\S*?([^/\s]+)(?:\s+(\S+))?\s*$", first)
    if not match:
        return None
    return match[2] if match[1] == "env" else match[1]
