#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""tree.py ROOT: nothing in the tree belongs to one machine.

No absolute path of somebody's machine, no address of a package registry or mirror, no lock file
(it would hold such addresses), and no file that Python would take for a module of its own, because
the folder of a program comes first where it looks. --self-test shows that each kind is found.
"""

import os
import re
import sys

import source

# Written in pieces, so that this file passes its own test. Names of people in examples are allowed.
EXAMPLES = "a|b|alice|bob|user|you|me|name|NAME|USER"
START = r"(?<![\w./$}>-])"
FORBIDDEN = (
    (START + r"/(?:work|root)" + r"(?=/)", "a path of one machine"),
    (START + r"/home" + r"/(?!(?:%s)\b)[A-Za-z0-9_]" % EXAMPLES, "a path of one machine"),
    (r"\"resolved\"" + r"\s*:", "a lock file's registry address"),
    (r"registry\." + r"(?:npmjs|yarnpkg)", "a registry's address"),
    (r"(?:deb|security|snapshot)\." + r"debian\.org", "a mirror's address"),
    (r"(?m)^\s*(?:registry|proxy|_auth\w*)" + r"\s*=\s*\S*://", "a registry's address"),
)
LOCK_FILES = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ".npmrc")


def wrong(name, text):
    if os.path.basename(name) in LOCK_FILES:
        yield 1, "a lock file holds the addresses of one machine's registry"
    base, extension = os.path.splitext(os.path.basename(name))
    if extension == ".py" and base in sys.stdlib_module_names:
        yield 1, f"Python has a module “{base}” of its own"
    for pattern, what in FORBIDDEN:
        for match in re.finditer(pattern, text):
            yield text.count("\n", 0, match.start()) + 1, f"{what}: {match.group()}"


PROBES = (
    ("a.c", "/wo" + "rk/main/x", True),
    ("a.c", '"/ro' + 'ot/.cache"', True),
    ("a.md", "see /ho" + "me/jdoe/src", True),
    ("a.md", "as in /ho" + "me/alice/src", False),
    ("a.md", "https://example.org/wo" + "rk/x and network/ro" + "ot/", False),
    ("a.json", '"reso' + 'lved": "x"', True),
    ("a.md", "https://registry." + "npmjs.org/", True),
    (".x", "registry" + "=http://localhost:1/", True),
    ("tests/tools/warn" + "ings.py", "", True),
    ("package-lock.json", "{}", True),
    ("package.json", "{}", False),
)


def self_test():
    failures = [probe for probe in PROBES if bool(list(wrong(*probe[:2]))) != probe[2]]
    print("\n".join([f"wrong: {probe}" for probe in failures] + [f"{len(PROBES)} probes"]))
    return len(failures)


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    names = source.project_files(arguments[0])
    found = [
        f"{name}:{line}: {what}"
        for name in names
        for line, what in wrong(name, source.read(arguments[0], name))
    ]
    print("\n".join(found + [f"{len(names)} files"]))
    return 1 if found or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
