#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The examples of bindify-bindings(7), typed as they stand there: one for each kind of binding, with a real agent, and
services on this machine in the place of those that do not exist.

usage: bindings-page.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR"""

import http.server
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

from signing_in import Agent

TOKEN = "pages-0123456789abcdef"
RESTART = "systemctl --user restart bindify"
# What is to be read in what each example prints.
SHOWN = {
    "mcp": ["Added notes", "echo", "hello", "bindify-mcp"],
    "custom": ["Added local", "look"],
    "http": ["Added shop", '"bread"'],
    "git": ["Added forge"],
    "sdk": ["Added till", "listItems", '"bread"'],
    "database": ["Added stock", "bread", "query"],
    "local-network": ["Added tv", "living room", "wake"],
    "Several at once": ["2"],
}


def examples(tests):
    """Heading to script."""
    with open(os.path.join(tests, "..", "data", "man", "bindify-bindings.7"), encoding="utf-8") as file:
        page = file.read()
    found = re.findall(r"^\.SS ([^\n]*)\n.*?^\.nf\n(.*?)^\.fi", page, re.M | re.S)
    letters = (("\\-", "-"), ("\\(dq", '"'), ("\\e", "\\"), ("\\&", ""))
    for heading, script in found:
        for roff, letter in letters:
            heading, script = heading.replace(roff, letter), script.replace(roff, letter)
        yield heading, script


class Service(http.server.BaseHTTPRequestHandler):
    """A shop, which wants the token."""

    def do_GET(self):
        if self.headers.get("Authorization") != "Bearer " + TOKEN:
            self.answer(401, {"message": "who are you?"})
        elif self.path == "/v1/items":
            self.answer(200, [{"name": "bread"}])
        else:
            self.answer(404, {"message": "no such thing"})

    do_HEAD = do_GET

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Television(Service):
    """Wants none."""

    def do_GET(self):
        self.answer(200, {"name": "living room"})

    do_HEAD = do_GET


class World:
    def __init__(self, tests, program, services, client_dir, home):
        self.fixtures, self.home, self.children = os.path.join(tests, "fixtures"), home, []
        self.work = os.path.join(home, "work")
        self.agent = Agent(os.path.join(home, "agent"), program, services, keyring="memory")
        self.agent.start()
        self.servers = []
        self.hosts = {"https://api.example.com": self.serve(Service),
                      "http://tv.local:8060": self.serve(Television),
                      "https://mcp.example.com": self.start_mcp(), "https://git.example.com": self.start_git()}
        self.put_files()
        # All stand-ins are on this machine, which has to be said, and nobody is there to be asked.
        wrappers = os.path.join(home, "bin")
        os.makedirs(wrappers)
        with open(os.path.join(wrappers, "bindify-add"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{client_dir}/bindify-add" --allow-local --yes "$@"\n')
        os.chmod(file.name, 0o700)
        self.path = f"{wrappers}:{client_dir}:{os.environ['PATH']}"

    def serve(self, kind):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
        self.servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def start(self, *words, **more):
        child = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, text=True, **more)
        self.children.append(child)
        line = child.stdout.readline()
        return "http://127.0.0.1:" + re.search(r"\d+$", line.strip()).group()

    def start_mcp(self):
        return self.start(os.path.join(self.fixtures, "sample-server.py"),
                          env={**os.environ, "SAMPLE_TOKEN": TOKEN})

    def start_git(self):
        forge = os.path.join(self.home, "forge")
        os.makedirs(forge)
        self.sh("git init -q --bare -b main code.git && git -C code.git config http.receivepack true && "
                "git init -q -b main first && git -C first commit -q --allow-empty -m first && "
                "git -C first push -q ../code.git main", forge)
        return self.start(os.path.join(self.fixtures, "git-server.py"), forge, "robot", TOKEN)

    def put_files(self):
        os.makedirs(self.work)
        shutil.copy(os.path.join(self.fixtures, "stdio-server.py"), os.path.join(self.work, "server.py"))
        document = {"openapi": "3.0.3", "info": {"title": "The till"},
                    "servers": [{"url": self.hosts["https://api.example.com"] + "/v1"}],
                    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
                    "paths": {"/items": {"get": {"operationId": "listItems", "summary": "List what is sold"}}}}
        with open(os.path.join(self.work, "openapi.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
        with open(os.path.join(self.work, "token.txt"), "w", encoding="utf-8") as file:
            file.write(TOKEN + "\n")
        database = sqlite3.connect(os.path.join(self.work, "stock.db"))
        database.execute("CREATE TABLE items (name TEXT, price INTEGER)")
        database.executemany("INSERT INTO items VALUES (?, ?)", [("bread", 4), ("wine", 12)])
        database.commit()
        database.close()

    def sh(self, script, folder, **more):
        person = {f"GIT_{who}_{what}": "ann@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return subprocess.run(["sh", "-ec", script], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
                              env={**self.agent.environment(**more), **person})

    def type(self, script):
        """Its status and all that it prints."""
        for known, here in self.hosts.items():
            script = script.replace(known, here)
        said = ""
        for number, part in enumerate(script.split(RESTART + "\n")):
            if number > 0:
                self.agent.end()
                self.agent.start()
            done = self.sh(part, self.work, PATH=self.path)
            said += done.stdout
            if done.returncode != 0:
                return done.returncode, said
        return 0, said

    def end(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()
        for child in self.children:
            child.terminate()
            child.wait()
            child.stdout.close()
        return self.agent.end()


def check(world, heading, script):
    status, said = world.type(script)
    missing = [text for text in SHOWN[heading] if text not in said]
    if status == 0 and not missing and TOKEN not in said:
        print(f"ok: {heading}")
        return 0
    print(f"FAILED {heading}: status {status}, without {missing}\n{script}\n{said}")
    return 1


def main():
    n_failed = n = 0
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        world = World(*sys.argv[1:], home)
        try:
            for heading, script in examples(sys.argv[1]):
                if "bindify run" in script and shutil.which("bwrap") is None:
                    print(f"skipped: {heading}, no bubblewrap")
                    continue
                n_failed += check(world, heading, script)
                n += 1
        finally:
            status = world.end()
    return 1 if n_failed or status != 0 or n < len(SHOWN) - 1 else 0


if __name__ == "__main__":
    sys.exit(main())
