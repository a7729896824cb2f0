#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""tables.py LOGBASE: shows the tables that tests of one `meson test` run have printed.

A table is what stands between "|" at the start of a line, as in Markdown. Everything else that a
test prints stays in meson's log.
"""

import json
import sys


def tables(text):
    """The lines of every table, each table ending with an empty one."""
    lines = []
    for line in text.splitlines():
        if line.startswith("|"):
            lines.append(line)
        elif lines and lines[-1]:
            lines.append("")
    return lines


def main(logbase):
    try:
        with open(logbase + ".json", encoding="utf-8", errors="replace") as stream:
            results = [json.loads(line) for line in stream]
    except FileNotFoundError:
        return  # no test of that suite
    for result in results:
        lines = tables(result.get("stdout") or "")
        if lines:
            print("", result["name"], "", *lines, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
