#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""`bindify run` for a user who is not root, as nearly all are: bubblewrap and Landlock have to do without what root may
do. The agent is that user's, too.

usage: run-unprivileged.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR; skipped without bubblewrap, or where such users may
not make namespaces"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from signing_in import Agent

SKIPPED = 77
USER = 54321  # nobody has it
TOKEN = "unprivileged-0123456789abcdef"
SCRIPT = """
import os, socket, sys
from bindify import bindings

def attempt(what, action):
    try:
        action()
        print(what, "worked")
    except OSError:
        print(what, "failed")

print("user", os.getuid())
print("answer", bindings.shop.get("/items").text)
print("home", os.listdir(os.environ["HOME"]))
open("out/made", "w").close()
attempt("memory of the agent", lambda: open(f"/proc/{sys.argv[1]}/mem", "rb").close())
attempt("folder", lambda: open("made", "w").close())
attempt("agent", lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[2]))
attempt("network", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 5).close())
attempt("kernel", lambda: open("/proc/sys/kernel/core_pattern", "w").close())
sys.exit(23)
"""
SAID = ["user {user}", 'answer {{"authorization": "Bearer ****', "home []", "memory of the agent failed",
        "folder failed", "agent failed", "network failed", "kernel failed"]


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("Authorization") == "Bearer " + TOKEN
        body = json.dumps({"authorization": self.headers.get("Authorization")}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def become_nobody(tests, agent, services, clients):
    """Starts this story again as somebody else, with copies of the programs: these may lie where only root looks."""
    with tempfile.TemporaryDirectory(prefix="bindify-") as folder:
        bin_dir = os.path.join(folder, "bin")
        os.makedirs(bin_dir)
        shutil.copy(agent, os.path.join(bin_dir, "bindify-agent"))
        shutil.copy(os.path.join(clients, "bindify"), bin_dir)
        shutil.copytree(services, os.path.join(folder, "services"))
        shutil.copytree(os.path.join(tests, "story"), os.path.join(folder, "story"))
        temporary = os.path.join(folder, "tmp")
        os.makedirs(temporary)
        os.chown(temporary, USER, USER)
        os.chmod(folder, 0o755)
        words = ["/usr/bin/python3", os.path.join(folder, "story", os.path.basename(__file__)), folder,
                 os.path.join(bin_dir, "bindify-agent"), os.path.join(folder, "services"), bin_dir]
        return subprocess.run(words, user=USER, group=USER, extra_groups=[], cwd="/", check=False,
                              env={**os.environ, "HOME": temporary, "TMPDIR": temporary}).returncode


def check(agent, clients, home):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    project = os.path.join(home, "project")
    os.makedirs(os.path.join(project, "out"))
    with open(os.path.join(project, "script.py"), "w", encoding="utf-8") as file:
        file.write(SCRIPT)

    def bindify(*words, text=""):
        return subprocess.run([os.path.join(clients, "bindify"), *words], input=text, cwd=project, text=True, timeout=60,
                              capture_output=True, check=False, env=agent.environment())

    added = bindify("add", f"http://127.0.0.1:{server.server_port}", "--type", "http", "--name", "shop", "--token-stdin",
                    "--allow-local", "--no-check", text=TOKEN)
    assert added.returncode == 0, added.stderr
    done = bindify("run", "--binding", "shop", "--rw", "out", "--", "/usr/bin/python3", "script.py",
                   str(agent.process.pid), agent.socket, str(server.server_port))
    server.shutdown()
    server.server_close()
    lines = done.stdout.splitlines()
    wanted = [line.format(user=os.getuid()) for line in SAID]
    assert done.returncode == 23 and len(lines) == len(wanted), (done.returncode, done.stdout, done.stderr)
    assert all(line.startswith(start) for line, start in zip(lines, wanted)), (lines, wanted)
    assert os.path.exists(os.path.join(project, "out", "made"))


def main():
    if shutil.which("bwrap") is None:
        print("needs bubblewrap: apt install bubblewrap")
        return SKIPPED
    if os.geteuid() == 0:
        return become_nobody(*sys.argv[1:])
    if subprocess.run(["unshare", "-Ur", "true"], check=False, capture_output=True).returncode != 0:
        print("users who are not root may not make namespaces here")
        return SKIPPED
    _, program, services, clients = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(os.path.join(home, "agent"), program, services)
        agent.start()
        try:
            check(agent, clients, home)
        finally:
            status = agent.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
