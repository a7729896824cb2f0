#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A device in the local network whose certificate it has made itself: refused until a person says that it is that one,
and then that one only, for that binding only.

usage: local-certificate.py AGENT SERVICES_DIR CLIENT_DIR"""

import http.server
import os
import pty
import re
import select
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from signing_in import Agent, Refused

PATIENCE_S = 60
PRINT = re.compile(r"sha256:[0-9a-f]{64}")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append(self.headers.get("X-Key"))
        body = b'{"name":"living room"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Device:
    """Which may change its certificate."""

    def __init__(self, folder):
        self.folder = folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.seen = []
        self.context = None
        plain = self.server.get_request
        self.server.get_request = lambda: self.wrap(*plain())
        self.server.handle_error = lambda *_: None
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wrap(self, connection, address):
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def show(self, name):
        """A certificate of that name, for another host, too; its print as openssl(1) has it."""
        key, cert = (os.path.join(self.folder, name + end) for end in (".key", ".pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=" + name, "-keyout", key, "-out", cert], check=True,
                       capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        said = subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-fingerprint", "-sha256"], check=True,
                              capture_output=True, text=True).stdout
        return "sha256:" + said.split("=")[1].strip().replace(":", "").lower()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Story:
    def __init__(self, agent, client_dir, device):
        self.agent, self.client_dir, self.device = agent, client_dir, device

    def cli(self, *words, given="k3y-of-the-tv\n"):
        return subprocess.run([os.path.join(self.client_dir, words[0]), *words[1:]], input=given, capture_output=True,
                              text=True, check=False, env=self.agent.environment(), timeout=PATIENCE_S)

    def add(self, name, *more):
        return self.cli("bindify-add", self.device.url, "--type", "local-network", "--name", name, "--header", "X-Key",
                        "--token-stdin", *more)

    def on_terminal(self, words, question, said):
        """What is on the screen at the end, and the status."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(os.path.join(self.client_dir, words[0]), words, self.agent.environment(TERM="dumb"))
        screen, end, is_asked = "", time.monotonic() + PATIENCE_S, False
        while time.monotonic() < end:
            ready, _, _ = select.select([fd], [], [], 1)
            try:
                screen += os.read(fd, 4096).decode() if ready else ""
            except OSError:
                break
            if question in screen and not is_asked:
                is_asked = True
                os.write(fd, said.encode())
        os.close(fd)
        return screen, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def is_refused_without_a_word(self, known):
        done = self.add("tv")
        assert done.returncode != 0 and known in done.stderr, done
        assert f"--certificate {known}" in done.stderr, done.stderr
        assert self.device.server.seen == [], "It got the key"
        assert self.cli("bindify", "show", "tv").returncode != 0

    def is_trusted_when_it_is_named(self, known):
        done = self.add("tv", "--certificate", known)
        assert done.returncode == 0, done
        done = self.cli("bindify", "http", "tv", "get", "/")
        assert "living room" in done.stdout, done
        assert set(self.device.server.seen) == {"k3y-of-the-tv"}, self.device.server.seen
        assert known in self.cli("bindify", "policy", "show", "tv", "--json").stdout

    def another_one_is_refused(self, known):
        n = len(self.device.server.seen)
        other = self.device.show("other")
        # Kept-alive connections have been greeted by the old one.
        self.agent.end()
        self.agent.start()
        done = self.cli("bindify", "http", "tv", "get", "/")
        assert done.returncode != 0 and other in done.stderr + done.stdout and known in done.stderr + done.stdout, done
        assert len(self.device.server.seen) == n, "It got the key"

    def is_asked_for_on_a_terminal(self):
        known = self.device.show("asked")
        words = ["bindify-add", self.device.url, "--type", "local-network", "--name", "asked", "--no-token"]
        screen, status = self.on_terminal(words, "Trust this certificate", "n\n")
        assert status != 0 and known in screen, screen
        screen, status = self.on_terminal(words, "Trust this certificate", "y\n")
        assert status == 0 and known in screen and "Added asked" in screen, screen
        assert "living room" in self.cli("bindify", "http", "asked", "get", "/").stdout

    def others_have_no_such_thing(self, known):
        for more in (["--type", "http", "--allow-local"], ["--allow-local"]):
            done = self.cli("bindify-add", self.device.url, "--name", "x", "--token-stdin", "--certificate", known, *more)
            assert done.returncode != 0 and "local-network" in done.stderr, done
        try:
            self.agent.ask("POST", "/v1/bindings", {"url": self.device.url, "name": "x", "type": "http", "check": False,
                                                    "allow_local": True, "certificate": known,
                                                    "credential": {"type": "api_key", "api_key": "k3y-of-the-tv"}})
            raise AssertionError("It was taken")
        except Refused as error:
            assert error.answer["error"] == "invalid_argument", error
        for bad in ("sha256:00", "sha1:" + "0" * 64, known.upper()):
            assert self.add("x", "--certificate", bad).returncode != 0, bad


def main():
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(os.path.join(home, "agent"), sys.argv[1], sys.argv[2])
        device = Device(home)
        known = device.show("tv")
        agent.start()
        try:
            story = Story(agent, sys.argv[3], device)
            story.is_refused_without_a_word(known)
            story.is_trusted_when_it_is_named(known)
            story.another_one_is_refused(known)
            story.is_asked_for_on_a_terminal()
            story.others_have_no_such_thing(known)
        finally:
            device.end()
            # Its status is not asked for: LeakSanitizer cannot look through what TLS has loaded.
            agent.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
