#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""`bindify run` and its agent as a user who is not root, and who has no rights but those of everybody: on a machine of
its own this is how people use it, and a sandbox that root can make is not always one that a user can.

usage: run-user.py TESTS_DIR AGENT SERVICES_DIR BINDIFY. Skipped where this user may make no user namespaces."""

import glob
import os
import shutil
import stat
import subprocess
import sys
import tempfile

from signing_in import Agent, ready_line

USER = 64321  # nobody's
PYTHON = "/usr/bin/python3"
SECRET = "sk-run-only-the-agent-has-this-0123456789"
TRY = """
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(urllib.request.Request(os.environ["BINDIFY_URL"] + "/v1/bindings"), timeout=20)
    print("ESCAPED")
except urllib.error.HTTPError as error:
    print("refused", error.code)
"""


def copy_all(folder, tests, agent, services, bindify):
    """What a test as somebody else needs may lie where only root can read it."""
    for name in ("story", "fixtures"):
        os.mkdir(f"{folder}/{name}")
        for script in glob.glob(f"{tests}/{name}/*.py"):
            shutil.copy(script, f"{folder}/{name}")
    shutil.copytree(services, folder + "/services")
    for program in (agent, bindify):
        shutil.copy(program, folder)
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            os.chmod(path, os.stat(path).st_mode | stat.S_IRGRP | stat.S_IROTH | (stat.S_IXOTH if name in folders else 0))


def as_user(words):
    with tempfile.TemporaryDirectory(prefix="bindify-") as folder:
        os.chmod(folder, 0o711)
        copy_all(folder, *words)
        home = folder + "/home"
        os.mkdir(home, 0o700)
        os.chown(home, USER, USER)
        agent, bindify = (f"{folder}/{os.path.basename(word)}" for word in (words[1], words[3]))
        return subprocess.run(
            ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
             PYTHON, "-B", f"{folder}/story/run-user.py", folder, agent, folder + "/services", bindify, home],
            cwd=home, check=False).returncode


def may_make_namespaces():
    words = ["/usr/bin/bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]
    return subprocess.run(words, check=False).returncode == 0


class Person:
    def __init__(self, agent, bindify, project):
        self.agent, self.bindify, self.project = agent, bindify, project

    def __call__(self, *words):
        ended = subprocess.run([self.bindify, "run", *words], env=self.agent.environment(LC_ALL="C.UTF-8"),
                               cwd=self.project, capture_output=True, text=True, check=False, timeout=120)
        print(ended.stdout, ended.stderr, flush=True)
        return ended


def check_sandbox(run):
    assert run("--", "sh", "-c", "exit 37").returncode == 37
    seen = run("--", "sh", "-c", "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; cat notes; "
               "echo x > notes || echo kept").stdout
    assert seen.splitlines()[0] == str(os.getuid())
    assert seen.count("\t0000000000000000\n") == 2 and "NoNewPrivs:\t1" in seen
    assert "mine" in seen and "kept" in seen


def check_binding(run):
    used = run("--binding", "sample", "--", PYTHON, "run-script.py", "sample")
    assert used.returncode == 0 and "sum 42\n" in used.stdout and "searched enough\n" in used.stdout
    assert "FOUND" not in used.stdout and SECRET not in used.stdout
    assert "refused 404" in run("--binding", "sample", "--", PYTHON, "-c", TRY).stdout
    events = run.agent.ask("GET", "/v1/events?limit=1000")
    refused = [event for event in events if event["type"] == "run_refused"]
    assert [(event["category"], event["client"]) for event in refused] == [("control", "run: python3")], refused
    ended = [event["detail"] for event in events if event["type"] == "run_ended"]
    assert len(ended) == 2 and any("refused: 1 control" in detail for detail in ended), ended
    assert run.agent.ask("GET", "/v1/clients")["clients"] == []


def story(tests, agent_program, services, bindify, home):
    if not may_make_namespaces():
        print("this user may make no user namespaces, or bubblewrap is missing")
        return 77
    project = home + "/project"
    os.mkdir(project)
    shutil.copy(tests + "/fixtures/run-script.py", project)
    for path, text in ((project + "/notes", "mine\n"), (home + "/token", SECRET)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    sample = subprocess.Popen([PYTHON, "-u", tests + "/fixtures/sample-server.py", "--token-file", home + "/token", "--leaky"],
                              stdout=subprocess.PIPE)
    agent = Agent(home, agent_program, services)
    try:
        url = f"http://127.0.0.1:{ready_line(sample.stdout).group(1)}/mcp"
        agent.start()
        agent.ask("POST", "/v1/bindings", {"name": "sample", "url": url, "allow_local": True, "check": False,
                                           "credential": {"type": "api_key", "api_key": SECRET}})
        run = Person(agent, bindify, project)
        check_sandbox(run)
        check_binding(run)
    finally:
        sample.terminate()
        sample.wait()
        status = agent.end()
    return status


def main():
    words = sys.argv[1:]
    if len(words) > 4:
        return story(*words)
    if os.geteuid() == 0:
        return as_user(words)
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        return story(*words, home)


if __name__ == "__main__":
    sys.exit(main())
