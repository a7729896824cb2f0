#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests what ./check counts, shows and cleans up with: reaper.py, tally.py, tables.py, and source_warnings.py, with
which it looks at what is not compiled."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# A session of its own, no parent left: what a daemon does.
DAEMON = "setsid sh -c 'sleep 300 & echo $! >%s/pid' & wait"


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
            return stream.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Reaper(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.report = os.path.join(self.folder.name, "report")

    def start(self, script, *options, grace="0.2"):
        command = [sys.executable, os.path.join(HERE, "reaper.py"), *options, "--report", self.report]
        return subprocess.Popen(
            command + ["sh", "-c", script],
            env=dict(os.environ, REAPER_GRACE_S=grace),
            stderr=subprocess.DEVNULL,
        )

    def daemon_pid(self):
        path = os.path.join(self.folder.name, "pid")
        while not os.path.exists(path) or os.path.getsize(path) == 0:
            time.sleep(0.01)
        with open(path, encoding="utf-8") as stream:
            return int(stream.read())

    def reported(self):
        if not os.path.exists(self.report):
            return []
        with open(self.report, encoding="utf-8") as stream:
            return stream.read().splitlines()

    def test_gives_the_status_of_the_command(self):
        self.assertEqual(self.start("exit 0").wait(), 0)
        self.assertEqual(self.start("exit 7").wait(), 7)
        self.assertEqual(self.start("kill -9 $$").wait(), 137)
        self.assertEqual(self.reported(), [])

    def test_steps_behind_all_other_sessions(self):
        answer = os.path.join(self.folder.name, "answer")
        self.assertEqual(self.start(f"(nice; cat /proc/self/autogroup) >{answer}", "--behind").wait(), 0)
        with open(answer, encoding="utf-8") as stream:
            nice, *group = stream.read().splitlines()
        self.assertEqual(nice, "19")
        if os.path.exists("/proc/self/autogroup"):
            self.assertIn(" nice 19", group[0])

    def test_ends_and_names_what_is_left(self):
        self.assertEqual(self.start(DAEMON % self.folder.name).wait(), 0)
        self.assertFalse(is_alive(self.daemon_pid()))
        self.assertEqual(len(self.reported()), 1)
        self.assertIn("sleep 300", self.reported()[0])

    def test_leaves_time_to_end(self):
        self.assertEqual(self.start("setsid sleep 0.3 & true", grace="20").wait(), 0)
        self.assertEqual(self.reported(), [])

    def test_a_signal_ends_everything(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                process = self.start(DAEMON % self.folder.name + "; sleep 300")
                pid = self.daemon_pid()
                process.send_signal(number)
                self.assertEqual(process.wait(timeout=20), 128 + number)
                self.assertFalse(is_alive(pid))
                os.remove(os.path.join(self.folder.name, "pid"))


GTEST = """<testsuite name="bindify.bindify:unit / {name}.Suite">{cases}</testsuite>"""
PLAIN = """<testsuite name="bindify">{cases}</testsuite>"""
PASS, FAIL, SKIP = "<testcase name='a'/>", "<testcase name='b'><failure/></testcase>", "<testcase name='c'><skipped/></testcase>"


class Tally(unittest.TestCase):
    def count(self, suites, results):
        with tempfile.TemporaryDirectory() as folder:
            base = os.path.join(folder, "log")
            with open(base + ".junit.xml", "w", encoding="utf-8") as stream:
                stream.write(f"<testsuites>{suites}</testsuites>")
            with open(base + ".json", "w", encoding="utf-8") as stream:
                for name, result in results:
                    stream.write(json.dumps({"name": f"bindify:unit / {name}", "result": result}) + "\n")
            command = [sys.executable, os.path.join(HERE, "tally.py"), base]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
            return tuple(int(number) for number in done.stdout.split())

    def test_cases(self):
        gtest = GTEST.format(name="x", cases=PASS + PASS + SKIP)
        bad = GTEST.format(name="x", cases=PASS + FAIL + FAIL)
        own = "<testcase name='bindify:unit / x'/>"
        rows = (
            ("good", gtest, "OK", (2, 0, 1)),
            ("failed cases", bad, "FAIL", (1, 2, 0)),
            ("a leak after good cases", gtest, "FAIL", (2, 1, 1)),
            ("a crash without cases", PLAIN.format(cases=own), "FAIL", (0, 1, 0)),
            ("a plain test", PLAIN.format(cases=own), "OK", (1, 0, 0)),
            ("a timeout, which meson writes as passed", PLAIN.format(cases=own), "TIMEOUT", (0, 1, 0)),
            ("another program's failure", GTEST.format(name="xx", cases=FAIL), "ERROR", (0, 2, 0)),
            ("an unexpected pass", PLAIN.format(cases=own), "UNEXPECTEDPASS", (0, 1, 0)),
            ("an interrupt", "", "INTERRUPT", (0, 1, 0)),
        )
        for name, suites, result, wanted in rows:
            with self.subTest(name):
                self.assertEqual(self.count(suites, [("x", result)]), wanted)

    def test_a_run_without_tests(self):
        command = [sys.executable, os.path.join(HERE, "tally.py"), os.path.join(HERE, "none")]
        self.assertEqual(subprocess.check_output(command), b"0 0 0\n")


class Tables(unittest.TestCase):
    def show(self, *results):
        with tempfile.TemporaryDirectory() as folder:
            base = os.path.join(folder, "testlog")
            with open(base + ".json", "w", encoding="utf-8") as stream:
                stream.writelines(json.dumps(result) + "\n" for result in results)
            return subprocess.run([sys.executable, os.path.join(HERE, "tables.py"), base], check=True,
                                  capture_output=True, encoding="utf-8").stdout

    def test_shows_tables_and_nothing_else(self):
        output = "starting\n| leg | lost |\n| --- | ---: |\n| old |    0 |\nthe end\n"
        self.assertEqual(self.show({"name": "legs", "stdout": output}),
                         "\nlegs\n\n| leg | lost |\n| --- | ---: |\n| old |    0 |\n\n")

    def test_says_nothing_of_tests_without_tables(self):
        self.assertEqual(self.show({"name": "quiet"}, {"name": "loud", "stdout": "a | b\n"}), "")

    def test_bears_a_run_without_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            base = os.path.join(folder, "testlog")
            subprocess.run([sys.executable, os.path.join(HERE, "tables.py"), base], check=True)


class Warnings(unittest.TestCase):
    """A build that makes a program of made.cc, and could make other.o of other.cc."""

    def read(self, **sources):
        with tempfile.TemporaryDirectory() as folder:
            commands = []
            for name, text in sources.items():
                with open(os.path.join(folder, f"{name}.cc"), "w", encoding="utf-8") as stream:
                    stream.write(text + "\n")
                command = f"c++ -Wall -Werror -MD -MQ {name}.o -MF {name}.d -o {name}.o -c {name}.cc"
                commands.append({"directory": folder, "command": command, "file": f"{name}.cc", "output": f"{name}.o"})
            with open(os.path.join(folder, "compile_commands.json"), "w", encoding="utf-8") as stream:
                json.dump(commands, stream)
            with open(os.path.join(folder, "build.ninja"), "w", encoding="utf-8") as stream:
                stream.write("rule c\n command = false\nbuild made.o: c made.cc\n"
                             "build made: c made.o\nbuild all: phony made\n")
            before = sorted(os.listdir(folder))
            command = [sys.executable, os.path.join(HERE, "source_warnings.py"), folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=False)
            self.assertEqual(sorted(os.listdir(folder)), before)
            return done.returncode, done.stdout

    def test_says_nothing_of_good_code(self):
        self.assertEqual(self.read(made="int a;", other="int b;"), (0, "1 files read, 0 with warnings\n"))

    def test_finds_what_a_compiler_finds(self):
        for text in ("void f () { int unused; }", "int f (", "#include <nothing-like-this>"):
            with self.subTest(text):
                status, output = self.read(made="int a;", other=text)
                self.assertEqual(status, 1)
                self.assertIn("FAILED: other.cc\n", output)

    def test_leaves_to_the_build_what_the_build_compiles(self):
        self.assertEqual(self.read(made="int f ("), (0, "0 files read, 0 with warnings\n"))


if __name__ == "__main__":
    unittest.main()
