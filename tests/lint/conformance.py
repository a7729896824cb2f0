#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""conformance.py ROOT: each entry of the lists that bindify is accepted by has its test.

The lists are the acceptance cases of behaviour 25 (A1 to A24) and the bugs that others had (craft
5.2, J01 to J46). tests/conformance.txt has one line for each, in order:

    ENTRY FOLDER/FILE SUITE.NAME     a test in tests/FOLDER/FILE.cc, or FILE.py with a function
    ENTRY later REASON               it cannot be tested yet, and why

NAME begins with the entry. --self-test shows that each mistake is found.
"""

import pathlib
import re
import sys

LIST = "tests/conformance.txt"
ENTRIES = [f"A{n}" for n in range(1, 25)] + [f"J{n:02}" for n in range(1, 47)]
TEST = r"\bTEST(?:_F|_P)?\s*\(\s*%s,\s*%s\s*\)"
INSTANCE = r"\bINSTANTIATE_TEST_SUITE_P\s*\(\s*%s,\s*%s,"


def has_test(text, suite, name):
    """A table's rows may be named after the entry, too: A18/NetworkUrl."""
    return re.search(TEST % (suite, name), text) or re.search(INSTANCE % (name, suite), text)


def check_test(entry, words, read):
    if len(words) != 2 or words[1].count(".") != 1:
        return f"{entry}: is FOLDER/FILE SUITE.NAME, or later REASON"
    text = read(f"tests/{words[0]}.cc")
    suite, name = words[1].split(".")
    if text is None:
        return f"{entry}: there is no tests/{words[0]}.cc"
    if not re.match(re.escape(entry) + r"(?!\d)", name):
        return f"{entry}: {name} does not begin with {entry}"
    if not has_test(text, re.escape(suite), re.escape(name)):
        return f"{entry}: tests/{words[0]}.cc has no test {words[1]}"
    return None


def wrong(lines, read):
    rows = [line.split() for line in lines]
    names = [row[0] if row else "" for row in rows]
    for entry in ENTRIES:
        if names.count(entry) != 1:
            yield f"{entry}: is there {names.count(entry)} times, not once"
    if not set(names) <= set(ENTRIES):
        yield f"not in the lists: {' '.join(sorted(set(names) - set(ENTRIES)))}"
    elif names != sorted(names, key=ENTRIES.index):
        yield "the lines are not in order"
    for row in rows:
        if row[1:2] == ["later"]:
            problem = None if len(row) > 3 else f"{row[0]}: later needs a reason"
        else:
            problem = check_test(row[0] if row else "", row[1:], read)
        if problem:
            yield problem


PROBE = "TEST_F (S, {0}Name)\nINSTANTIATE_TEST_SUITE_P (\n    A18,\n    Table,\n"


def probe_lines(changes):
    lines = {entry: f"{entry} unit/{entry.lower()} S.{entry}Name" for entry in ENTRIES}
    return [line for line in {**lines, **changes}.values() if line is not None]


def probe_read(path):
    entry = pathlib.PurePath(path).stem.upper()
    return PROBE.format(entry) if entry in ENTRIES else None


PROBES = (
    ({}, False),
    ({"A18": "A18 unit/a18 Table.A18"}, False),
    ({"J20": "J20 later nobody can be asked"}, False),
    ({"J20": "J20 later"}, True),
    ({"J20": None}, True),
    ({"J20": "J21 unit/j21 S.J21Name"}, True),
    ({"A1": "A1 unit/a1 S.A10Name"}, True),
    ({"A1": "A1 unit/a1 S.A1Other"}, True),
    ({"A1": "A1 unit/a1 T.A1Name"}, True),
    ({"A1": "A1 unit/none S.A1Name"}, True),
    ({"A1": "A1 unit/a1"}, True),
    ({"A1": "A2 unit/a2 S.A2Name", "A2": "A1 unit/a1 S.A1Name"}, True),
    ({"A1": "K1 unit/a1 S.A1Name"}, True),
    ({"A1": ""}, True),
)


def self_test():
    failures = [
        probe for probe in PROBES if bool(list(wrong(probe_lines(probe[0]), probe_read))) != probe[1]
    ]
    print("\n".join([f"wrong: {probe}" for probe in failures] + [f"{len(PROBES)} probes"]))
    return len(failures)


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    root = pathlib.Path(arguments[0])

    def read(path):
        return (root / path).read_text(encoding="utf-8") if (root / path).is_file() else None

    lines = (root / LIST).read_text(encoding="utf-8").splitlines()
    found = list(wrong(lines, read))
    n_later = sum(line.split()[1:2] == ["later"] for line in lines)
    print("\n".join(found + [f"{len(lines)} entries, {n_later} of them later"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
