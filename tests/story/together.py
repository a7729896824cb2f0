#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A script such as an AI client writes uses a REST service by its methods, a PostgreSQL server and a television in the
local network inside of `bindify run`, and a search of its memory, environment, files and traffic finds none of their
secrets, in no spelling.

usage: together.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR; skipped without bubblewrap or a PostgreSQL server"""

import base64
import http.server
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from database import PASSWORD, SKIPPED, Server, programs
from signing_in import Agent

TOKENS = {"github": "ghp_together0123456789abcdefghijklmnop", "tv": "tv-pin-together-98765"}
MAPPING_MAX = 1 << 30  # more of it only the shadow of the address sanitizer has, which is terabytes
CANARY = "canary-that-the-search-must-find"
RECORD = {
    "id": "hub", "name": "Hub", "api_key": {"injection": {"kind": "header", "name": "Authorization", "prefix": "token "}},
    "methods": [{"name": "issues.create", "title": "Create an issue", "access": "write",
                 "http": {"method": "POST", "path": "/repos/{owner}/{repo}/issues", "body": {"title": "{title}"}},
                 "params": {name: {"type": "string"} for name in ("owner", "repo", "title")},
                 "required": ["owner", "repo", "title"]},
                {"name": "echo", "title": "Say it again", "access": "read", "http": {"method": "GET", "path": "/echo"}}],
}


class Service(http.server.BaseHTTPRequestHandler):
    """Wants its token, and would give it away at /echo."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.handle_it(b"")

    def do_POST(self):
        self.handle_it(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def handle_it(self, body):
        given = self.headers.get("Authorization", "") + self.headers.get("X-Pin", "")
        if self.server.token not in given:
            self.answer(401, {"message": "who are you?"})
        elif self.path == "/echo":
            self.answer(200, {"you": dict(self.headers), "basic": base64.b64encode(given.encode()).decode()})
        else:
            self.server.asked.append((self.command, self.path, json.loads(body)))
            self.answer(201, {"number": len(self.server.asked)})

    def log_message(self, *_):
        pass


def serve(token):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.token, server.asked = token, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Tap:
    """Stands between `bindify run` and the agent, on both of its doors, and keeps all that is said. The run is told of
    its port in place of the agent's, which has as many digits."""

    def __init__(self, path, agent):
        self.path, self.agent, self.heard = path, agent, []
        near = socket.socket(socket.AF_UNIX)
        near.bind(path)
        tcp = socket.socket()
        tcp.bind(("127.0.0.1", 0))
        self.names = [f"127.0.0.1:{port}".encode() for port in (tcp.getsockname()[1], agent.port)]
        assert len(self.names[0]) == len(self.names[1]), self.names
        self.listeners = [near, tcp]
        for listener in self.listeners:
            listener.listen(64)
            threading.Thread(target=self.accept, args=[listener], daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=[near], daemon=True).start()

    def reach(self, family):
        far = socket.socket(family)
        far.connect(self.agent.socket if family == socket.AF_UNIX else ("127.0.0.1", self.agent.port))
        return far

    def carry(self, near):
        far = self.reach(near.family)
        heard = bytearray()
        self.heard.append(heard)
        ways = selectors.DefaultSelector()
        ways.register(near, selectors.EVENT_READ, (far, *self.names))
        ways.register(far, selectors.EVENT_READ, (near, *reversed(self.names)))
        while ways.get_map():
            for key, _ in ways.select():
                to, name, others = key.data
                try:
                    part = key.fileobj.recv(65536)
                    heard += part
                    to.sendall(part.replace(name, others)) if part else to.shutdown(socket.SHUT_WR)
                except OSError:
                    part = b""
                if not part:
                    ways.unregister(key.fileobj)
        near.close()
        far.close()

    def end(self):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def spellings(secret):
    """As a program might have it."""
    plain = secret.encode()
    yield plain
    yield plain[::-1]
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    yield json.dumps(secret)[1:-1].encode()
    yield secret.encode("utf-16-le")
    for lead in range(3):  # wherever in a longer text it stands
        yield base64.b64encode(b"x" * lead + plain)[(4 if lead else 0):-4]


WANTED = {name: sorted(set(spellings(secret)))
          for name, secret in {**TOKENS, "db": PASSWORD, "canary": CANARY}.items()}


def found(content):
    return {name for name, all_of_it in WANTED.items() if any(spelling in content for spelling in all_of_it)}


def descendants(pid):
    """It, and what it has started."""
    yield pid
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            for child in file.read().split():
                yield from descendants(int(child))


def memory(pid):
    """What is found in all that it can read, and that does not just show a file."""
    names, n_bytes = set(), 0
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", 0) as file:
        for line in maps:
            first, last, mode, inode = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)", line).groups()
            if mode[0] != "r" or "[v" in line or (mode[1] != "w" and inode != "0"):
                continue
            if int(last, 16) - int(first, 16) > MAPPING_MAX:
                continue
            file.seek(int(first, 16))
            try:
                content = file.read(int(last, 16) - int(first, 16))
            except OSError:  # a page of a file that has become shorter
                continue
            names |= found(content)
            n_bytes += len(content)
    return names, n_bytes


def files(root):
    names, seen = set(), set()
    for top in ("home", "root", "tmp", "run", "var", "etc"):
        for folder, _, here in os.walk(os.path.join(root, top)):
            for name in here:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) < 1 << 26:
                    with open(path, "rb") as file:
                        names |= found(file.read())
                    seen.add(name)
    return names, seen


class World:
    def __init__(self, home, tests, program, services, clients):
        self.home, self.tests, self.clients = home, tests, clients
        self.database = Server()
        self.hub, self.tv = serve(TOKENS["github"]), serve(TOKENS["tv"])
        self.agent = Agent(os.path.join(home, "agent"), program, services)
        records = os.path.join(os.path.dirname(self.agent.config), "services.d")
        os.makedirs(records, mode=0o700)
        with open(os.path.join(records, "hub.json"), "w", encoding="utf-8") as file:
            json.dump({**RECORD, "rest_url": f"http://127.0.0.1:{self.hub.server_port}"}, file)
        self.agent.start()
        self.project = os.path.join(home, "project")
        os.makedirs(os.path.join(self.project, "out"))
        shutil.copy(os.path.join(tests, "fixtures", "together-script.py"), os.path.join(self.project, "script.py"))

    def bindify(self, *words, text=None):
        done = subprocess.run([os.path.join(self.clients, "bindify"), *words], input=text or "", text=True, timeout=60,
                              capture_output=True, check=False, env=self.agent.environment())
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def add(self):
        self.bindify("add", "hub", "--type", "sdk", "--name", "github", "--token-stdin", "--allow-local", "--no-check",
                     text=TOKENS["github"])
        self.bindify("add", "--database", self.database.url(), "--name", "db", "--token-stdin", "--allow-local",
                     text=PASSWORD)
        self.bindify("add", f"http://127.0.0.1:{self.tv.server_port}", "--type", "local-network", "--name", "tv",
                     "--header", "X-Pin", "--token-stdin", "--no-check", text=TOKENS["tv"])
        for sql in ("create table article (name text, n int)",
                    "insert into article values ('bread', 1), ('wine', 40), ('salt', 2)"):
            self.agent.ask("POST", "/v1/bindings/db/methods/execute", {"sql": sql})
        self.agent.ask("PUT", "/v1/bindings/db/policy", {"version": 1, "default": "deny",
                                                         "rules": [{"tool": "query", "effect": "allow"}]})

    def start_script(self, tap):
        return subprocess.Popen([os.path.join(self.clients, "bindify"), "run", "--socket", tap.path, "--binding",
                                 "github", "--binding", "db", "--binding", "tv", "--rw", "out", "--",
                                 "/usr/bin/python3", "script.py"],
                                cwd=self.project, env=self.agent.environment(), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self):
        status = self.agent.end()  # first: the database waits for who is connected
        self.database.end()
        for server in (self.hub, self.tv):
            server.shutdown()
            server.server_close()
        return status


# What becomes of what it tries beside its work, in this order: whether it worked, and what it was told.
TOLD = [(True, "****"), (True, "****"), (False, "query"), (False, "execute"), (False, "delete"),
        (False, "methods, not paths")]


def check_work(world, done):
    for (worked, said), (works, word) in zip(done["told"], TOLD, strict=True):
        assert worked == works and word in json.dumps(said, ensure_ascii=False), (worked, said, word)
    assert done["sold_out"] == [["bread", 1], ["salt", 2]], done
    assert done["made"] == [1, 2] and done["shown"] == 201, done
    assert world.hub.asked == [("POST", "/repos/ann/shop/issues", {"title": f"Order {name}, {n} left"})
                               for name, n in done["sold_out"]], world.hub.asked
    assert world.tv.asked == [("POST", "/message", {"text": "2 issues: [1, 2]"})], world.tv.asked


def check_processes(pid):
    """The search finds what the script does have, so that it would find what it must not have."""
    inside = 0
    names = set()
    for each in set(descendants(pid)):
        there, n_bytes = memory(each)
        names |= there
        with open(f"/proc/{each}/environ", "rb") as file:
            assert not found(file.read()), f"a secret is in the environment of {each}"
        with open(f"/proc/{each}/cmdline", "rb") as file:
            command = file.read()
        assert not found(command), command
        if b"script.py" in command and b"bindify" not in command:
            inside += 1
            there, seen = files(f"/proc/{each}/root")
            assert there == {"canary"} and {"notes", "script.py", "bindify.py", "passwd"} <= seen, (there, seen)
            assert n_bytes > 1 << 20, n_bytes
    assert inside >= 1 and names == {"canary"}, (inside, names)


def check_traffic(tap):
    heard = b"\n".join(bytes(part) for part in tap.heard)
    assert not found(heard), found(heard)
    for passed in (b"Order bread", b"2 issues", b"****"):
        assert passed in heard, passed


def check_log(world):
    events = [json.loads(line) for line in world.bindify("log", "--json", "-n", "200").splitlines()]
    of_it = {(event.get("binding"), event.get("tool")) for event in events if "run" in str(event.get("client"))}
    assert {("github", "issues.create"), ("db", "query")} <= of_it, of_it
    assert any(event.get("binding") == "tv" for event in events), events
    assert not found(json.dumps(events, ensure_ascii=False).encode()), "a secret is in the log"


def main():
    if programs() is None or shutil.which("bwrap") is None:
        print("needs bubblewrap and a PostgreSQL server: apt install bubblewrap postgresql-15")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        world = World(home, *sys.argv[1:])
        tap = Tap(os.path.join(home, "tap"), world.agent)
        script = None
        try:
            world.add()
            script = world.start_script(tap)
            line = script.stdout.readline()
            assert line, script.stderr.read()
            check_work(world, json.loads(line))
            check_processes(script.pid)
            said, complaints = script.communicate("\n", timeout=30)
            assert script.returncode == 0 and not found((said + complaints).encode()), said + complaints
            with open(os.path.join(world.project, "out", "notes"), "rb") as file:
                assert not found(file.read())
            assert "run:" not in json.dumps(world.agent.ask("GET", "/v1/clients"))
            check_traffic(tap)
            check_log(world)
        finally:
            if script is not None and script.poll() is None:
                script.kill()
                script.wait()
            tap.end()
            status = world.end()
    return status


if __name__ == "__main__":
    sys.exit(main())
