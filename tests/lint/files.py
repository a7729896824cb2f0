#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""files.py c|shell ROOT: prints the project's C and C++ files, or its shell scripts, one a line."""

import sys

import source


def main():
    kind, root = sys.argv[1:]
    for name in source.project_files(root):
        if source.is_c(name) if kind == "c" else source.is_shell(root, name):
            print(name)


main()
