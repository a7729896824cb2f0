#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""tally.py LOGBASE: counts the test cases of one `meson test` run: prints "PASSED FAILED SKIPPED".

LOGBASE.junit.xml knows the cases inside a GoogleTest program; LOGBASE.json knows how each program
ended. A program that crashed, timed out, or failed after its last case (a leak, say) has no failed
case to show for it and counts as one. Failed cases are named on standard error.
"""

import json
import sys
import xml.etree.ElementTree

GOOD = ("OK", "EXPECTEDFAIL", "SKIP")


def cases(path):
    """(suite, case, "passed"|"failed"|"skipped") of the JUnit file."""
    for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                verdict = "failed"
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                verdict = "skipped"
            else:
                verdict = "passed"
            yield suite.get("name"), case.get("name"), verdict


def programs(path):
    with open(path, encoding="utf-8", errors="replace") as stream:
        return [json.loads(line) for line in stream]


def belongs(program, suite, case):
    return case == program or f".{program}." in f"{suite}."


def count(logbase):
    found = list(cases(logbase + ".junit.xml"))
    for program in programs(logbase + ".json"):
        name, result = program["name"], program["result"]
        mine = [entry for entry in found if belongs(name, *entry[:2])]
        if result in GOOD or any(verdict == "failed" for *_, verdict in mine):
            continue
        # The row that meson wrote for the program itself says "passed" for a timeout.
        found = [entry for entry in found if entry[1] != name]
        found.append((name, result.lower(), "failed"))
    return found


def main(logbase):
    try:
        found = count(logbase)
    except FileNotFoundError:
        found = []  # no test of that suite
    for suite, case, verdict in found:
        if verdict == "failed":
            print(f"FAILED {suite} {case}", file=sys.stderr)
    verdicts = [verdict for *_, verdict in found]
    print(*(verdicts.count(verdict) for verdict in ("passed", "failed", "skipped")))


if __name__ == "__main__":
    main(sys.argv[1])
