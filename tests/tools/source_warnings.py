#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""source_warnings.py BUILD: asks the compiler of a build folder what it thinks of the sources in C++ that it has
not compiled there, because their programs come from another build. Nothing is written but the
precompiled headers. The status is 1 if it has a word to say; warnings are errors as in the build.
"""

import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

# With what follows them: where to write, and what depends on what.
WRITING = {"-o": 1, "-MQ": 1, "-MF": 1, "-MT": 1, "-MD": 0, "-c": 0}


def reading(command):
    """The command that only reads what COMMAND compiles."""
    words, n_dropped = [], 0
    for word in shlex.split(command):
        if n_dropped > 0:
            n_dropped -= 1
        elif word in WRITING:
            n_dropped = WRITING[word]
        else:
            words.append(word)
    return words + ["-fsyntax-only"]


def compiled(build):
    """The files that all of the build's programs are made from."""
    command = ["ninja", "-C", build, "-t", "inputs", "all"]
    return set(subprocess.check_output(command, encoding="utf-8").splitlines())


def unread(build):
    """The commands for sources in C++ of which the build makes nothing."""
    known = compiled(build)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as stream:
        for entry in json.load(stream):
            if entry["file"].endswith(".cc") and entry["output"] not in known:
                yield entry


def precompiled_headers(entries):
    """The headers that clang is told to include instead of reading the text again."""
    names = set()
    for entry in entries:
        words = shlex.split(entry["command"])
        names |= {after for word, after in zip(words, words[1:]) if word == "-include-pch"}
    return sorted(names)


def read(entry):
    return subprocess.run(
        reading(entry["command"]),
        cwd=entry["directory"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def main(build):
    entries = list(unread(build))
    headers = precompiled_headers(entries)
    if headers and subprocess.call(["ninja", "-C", build, "--quiet", *headers]) != 0:
        return 1
    n_bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, done in zip(entries, pool.map(read, entries)):
            if done.returncode != 0 or done.stdout:
                n_bad += 1
                print(f"FAILED: {entry['file']}", done.stdout, sep="\n")
    print(f"{len(entries)} files read, {n_bad} with warnings")
    return 1 if n_bad > 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
