#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A person who needs longer than a minute in the browser, and a log that nothing happens in for as long: no
part between them and the agent may lose its patience. HTTP libraries like to, after sixty seconds.

usage: patience.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR SECONDS"""

import os
import subprocess
import sys
import tempfile
import threading
import time

from signing_in import PATIENCE_S, Agent, SignInServer, follow


class Command:
    """A command line that goes on while others do, and what it prints."""

    def __init__(self, agent, client_dir, *words):
        self.process = subprocess.Popen(
            [os.path.join(client_dir, words[0]), *words[1:]], env=agent.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines, self.news = [], threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.strip())
                self.news.notify_all()

    def wait_for(self, wanted):
        """The first line that has it, None when there is none for too long."""
        with self.news:
            self.news.wait_for(lambda: any(wanted in line for line in self.lines), PATIENCE_S)
            return next((line for line in self.lines if wanted in line), None)

    def is_running(self):
        return self.process.poll() is None

    def end(self):
        """Its exit status."""
        self.process.terminate()
        self.reader.join()
        self.process.stdout.close()
        return self.process.wait()


def judge(agent, server, client_dir, seconds):
    log = Command(agent, client_dir, "bindify", "log", "-f")
    add = Command(agent, client_dir, "bindify-add", server.url, "--name", "slow", "--allow-local", "--no-browser")
    try:
        url = add.wait_for("/authorize?")
        if url is None:
            return ["bindify-add told no address: " + " / ".join(add.lines)]
        time.sleep(seconds)  # what is tested: the silence
        problems = [f"{name} gave up: " + " / ".join(command.lines)
                    for name, command in (("bindify-add", add), ("bindify log -f", log)) if not command.is_running()]
        if not problems and follow(url)[0] != 200:
            problems.append("the browser was not welcome")
        if not problems and add.wait_for("Added slow") is None:
            problems.append("nothing was added: " + " / ".join(add.lines))
        if not problems and log.wait_for("binding_created") is None:
            problems.append("the log does not tell: " + " / ".join(log.lines))
        return problems
    finally:
        add.end()
        log.end()


def main():
    tests, program, services, client_dir, seconds = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bindify-test-") as home:
        agent = Agent(home, os.path.abspath(program), services, "memory")
        server = SignInServer(tests)
        try:
            agent.start()
            problems = judge(agent, server, client_dir, float(seconds))
        finally:
            agent.end()
            server.end()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
