#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Takes protections out, one by one, and sees whether a test notices.

mutations.py [--only NAME]... [--check] SOURCE

SOURCE/tests/mutations/NAME.patch removes one protection. Above the diff it says in words what is
lost, and in lines of the form

    Test: NAME-OF-A-TEST [FILTER]

which tests have to fail then; FILTER is one of GoogleTest. The work is done in a copy: the tests
must pass there first. Ends with 1 if a mutation survives, or does not fit the source any more.
--check only looks whether each still fits.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TEST = re.compile(r"^Test: (\S+)(?: (\S+))?$", re.MULTILINE)


class Broken(Exception):
    """A mutation that says nothing: it does not fit, does not build, or has no test."""


def run(arguments, directory, **more):
    return subprocess.run(arguments, cwd=directory, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)


def apply(patch, directory, *flags):
    done = run(["git", "apply", *flags, str(patch)], directory)
    if done.returncode != 0:
        raise Broken(f"does not fit the source: {done.stdout.strip()}")


def tests_of(patch):
    tests = TEST.findall(patch.read_text(encoding="utf-8").split("\n--- ")[0])
    if not tests:
        raise Broken("names no test")
    return tests


def copy_source(source, target):
    """What git knows of, as it lies there now, and a repository of its own around it."""
    names = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], source)
    for name in filter(None, names.stdout.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)
    run(["git", "init", "-q"], target)


def run_test(tree, name, pattern):
    """TRUE if it passed. A test that did not run is neither."""
    log = tree / "build" / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    arguments = ["meson", "test", "-C", "build", name]
    if pattern:
        arguments += [f"--test-args=--gtest_filter={pattern}"]
    done = run(arguments, tree)
    if not log.exists():
        raise Broken(f"{name} cannot be built or does not exist: {done.stdout[-2000:]}")
    results = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    if not results or any("Running 0 tests" in result.get("stdout", "") for result in results):
        raise Broken(f"{name} {pattern} runs no test")
    return all(result["result"] in ("OK", "EXPECTEDFAIL") for result in results)


def judge(tree, patch):
    """The tests that noticed."""
    noticed = []
    tests = tests_of(patch)
    for name, pattern in tests:
        if not run_test(tree, name, pattern):
            raise Broken(f"{name} {pattern} fails without it, too")
    apply(patch, tree)
    try:
        for name, pattern in tests:
            if not run_test(tree, name, pattern):
                noticed.append(f"{name} {pattern}".strip())
    finally:
        apply(patch, tree, "--reverse")
    return noticed, len(tests)


def mutate(source, patches):
    n_bad = 0
    with tempfile.TemporaryDirectory(prefix="bindify-mutations-") as directory:
        tree = pathlib.Path(directory)
        copy_source(source, tree)
        environment = dict(os.environ, CCACHE_BASEDIR=directory, CCACHE_NOHASHDIR="1")
        setup = run(["meson", "setup", "build", "-Dwerror=false"], tree, env=environment)
        if setup.returncode != 0:
            sys.exit(setup.stdout)
        for patch in patches:
            try:
                noticed, n_tests = judge(tree, patch)
                verdict = "noticed by " + ", ".join(noticed) if noticed else "SURVIVED"
                n_bad += len(noticed) < n_tests
            except Broken as problem:
                verdict = f"BROKEN: {problem}"
                n_bad += 1
            print(f"{patch.stem}: {verdict}", flush=True)
    return n_bad


def check(source, patches):
    n_bad = 0
    for patch in patches:
        try:
            tests_of(patch)
            apply(patch, source, "--check")
        except Broken as problem:
            print(f"{patch.name} {problem}", file=sys.stderr)
            n_bad += 1
    return n_bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", action="append")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("source", type=pathlib.Path)
    options = parser.parse_args()
    source = options.source.resolve()
    patches = sorted((source / "tests" / "mutations").glob("*.patch"))
    if options.only:
        patches = [patch for patch in patches if patch.stem in options.only]
    if not patches:
        sys.exit("There is no mutation of that name")
    n_bad = (check if options.check else mutate)(source, patches)
    if not options.check:
        print(f"{len(patches)} mutations, {len(patches) - n_bad} noticed")
    sys.exit(1 if n_bad else 0)


if __name__ == "__main__":
    main()
