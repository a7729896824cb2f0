#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""What the README shows of confirming each use, done: a program asks in one terminal, a person answers in
another one, which is tmux. What is printed and shown must be what stands in the README, line by line, but for
numbers, names of programs and blanks. BINDIFY_WRITE_README=FILE writes down the text for it.

usage: walk-through.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from conformance import ready_line
from signing_in import PATIENCE_S, Agent

SKIPPED = 77
TOKEN = "walk-through-0123456789abcdef"
END = "echo that-was-all"
END_SAID = "that-was-all\n"


class SampleServer:
    """fixtures/sample-server.py as a process."""

    def __init__(self, tests, home):
        path = os.path.join(home, "token")
        with open(path, "w", encoding="utf-8") as file:
            file.write(TOKEN)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(tests, "fixtures", "sample-server.py"), "--token-file", path],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{ready_line(self.process.stdout).group(1)}/mcp"

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Terminal:
    """A person's terminal with a program in it: tmux with a server of its own."""

    def __init__(self, environment, home, *words):
        self.environment = {**environment, "TERM": "xterm", "TMUX_TMPDIR": home}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "24", *words)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-L", "walk-through", *words], env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p").rstrip("\n")

    def wait_for(self, wanted):
        """The screen once it has that."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            screen = self.screen()
            if wanted in screen:
                return screen
            time.sleep(0.05)
        raise TimeoutError(f"“{wanted}” is not on the screen:\n{self.screen()}")

    def wait_without(self, unwanted):
        """The screen once it has that no more."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            screen = self.screen()
            if unwanted not in screen:
                return screen
            time.sleep(0.05)
        raise TimeoutError(f"“{unwanted}” stays on the screen:\n{self.screen()}")

    def answer(self, key):
        """To the next question, once an answer counts; what was shown."""
        self.wait_for("Time left")
        question = self.wait_without("counts in a moment")
        self.tmux("send-keys", key)
        self.wait_without("Time left")
        return question

    def end(self):
        self.tmux("kill-server")


class Shell:
    """A program that asks: a shell in which commands are typed. Keeps what is seen."""

    def __init__(self, environment, home):
        self.process = subprocess.Popen(["bash", "--norc"], env=environment, cwd=home, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.seen = []

    def begin(self, line):
        self.process.stdin.write(f"{line}\n{END}\n")
        self.process.stdin.flush()
        self.seen.append("$ " + line)

    def finish(self):
        """What the command printed."""
        printed = ""
        for line in self.process.stdout:
            if line == END_SAID:
                break
            printed += line
        self.seen += printed.rstrip("\n").split("\n")
        return printed

    def run(self, line):
        self.begin(line)
        return self.finish()

    def show(self, heading, screen):
        """What is seen elsewhere meanwhile."""
        # Whether a desktop has started the terminal that this runs in is not what the README tells of.
        lines = [line for line in screen.split("\n") if line.strip() and "Started as: " not in line]
        self.seen += [f"    --- {heading}"] + ["    " + line for line in lines]

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def walk(shell, server, person):
    person.wait_for("Nothing is asked")
    shell.run(f"bindify-add {server.url} --name notes --allow-local --token-stdin -c < token")
    shell.begin("bindify call notes echo text=one     # waits")
    shell.show("bindify prompts --watch, in another terminal", person.answer("t"))
    shell.show("t was pressed", person.screen())
    shell.finish()
    shell.run("bindify call notes echo text=two")
    grants = shell.run("bindify grants")
    shell.run("bindify grants revoke " + grants.split()[-1])
    shell.begin("bindify call notes echo text=three   # is asked about again; this time d is pressed")
    person.answer("d")
    shell.finish()


def plain(text):
    """Its lines without what differs from run to run."""
    for pattern, instead in ((r"\b[0-9a-f]*[0-9][0-9a-f]*\b", "0"), ("bash ← [^”]*”", "bash ← …”"),
                             ("“/[^”]*”", "“/…”"), (r"\b(now|0 \w+ ago)\b", "0 s ago"), (r"[ \t]+", " ")):
        text = re.sub(pattern, instead, text)
    return [line.strip() for line in text.split("\n") if line.strip()]


def main():
    tests, program, services, client_dir = sys.argv[1:]
    if shutil.which("tmux") is None:
        print("tmux is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="bindify-test-") as home:
        agent = Agent(home, os.path.abspath(program), services, "memory")
        server = SampleServer(tests, home)
        environment = agent.environment(LC_ALL="C.UTF-8")
        environment["PATH"] = os.path.abspath(client_dir) + ":" + environment["PATH"]
        shell = Shell(environment, home)
        person = None
        try:
            agent.start()
            person = Terminal(environment, home, "bindify", "prompts", "--watch")
            walk(shell, server, person)
        finally:
            if person is not None:
                person.end()
            shell.end()
            server.end()
            agent.end()
    text = "\n".join(shell.seen).replace(server.url, "http://127.0.0.1:8080/mcp") + "\n"
    if "BINDIFY_WRITE_README" in os.environ:
        with open(os.environ["BINDIFY_WRITE_README"], "w", encoding="utf-8") as file:
            file.write(text)
    with open(os.path.join(tests, "..", "README.md"), encoding="utf-8") as file:
        readme = "\n".join(plain(file.read()))
    if "\n".join(plain(text)) in readme:
        return 0
    print("The README does not show this:\n" + text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
