#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""WebSockets through /http/NAME, to a service in plain http and to one with TLS: the handshake gets the
credential, bytes pass both ways, what comes down is searched, and nothing outlives its binding.

usage: http-websocket.py TESTS_DIR AGENT SERVICES_DIR"""

import importlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from signing_in import PATIENCE_S, Agent, Refused

stream = importlib.import_module("http-stream")
MIB = 1024 * 1024
ASKS = ("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n")


class Upstream:
    """Switches, says back what it gets, and remembers the handshakes and the ends."""

    def __init__(self, context=None):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heads, self.ends, self.news = [], 0, threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[peer], daemon=True).start()

    def serve(self, peer):
        try:
            if self.context is not None:
                peer = self.context.wrap_socket(peer, server_side=True)
            self.answer(stream.Wire(peer))
        except OSError:
            pass
        with self.news:
            self.ends += 1
            self.news.notify_all()

    def answer(self, wire):
        head = wire.head()
        self.heads.append(head)
        path = head[0].split()[1]
        if path == "/plain":
            stream.reply(wire, "200 OK", b"no switch")
            wire.close()
            return
        more = {"/wrong": "Upgrade: h2c\r\n", "/packed": "Upgrade: websocket\r\nSec-WebSocket-Extensions: x\r\n",
                "/sized": "Upgrade: websocket\r\nContent-Length: 3\r\n"}.get(path, "Upgrade: websocket\r\n")
        wire.sock.sendall(f"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n{more}"
                          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: a=b\r\n"
                          "Sec-WebSocket-Protocol: chat\r\n\r\n".encode())
        if path == "/leak":
            wire.sock.sendall(b"\x81\x40" + head[1]["authorization"].encode() + b" and more")
        while (piece := wire.file.read1(65536)):
            if piece == b"bye":
                break
            wire.sock.sendall(piece)
        wire.close()

    def count_ends(self):
        """When the last of those that have begun has ended."""
        with self.news:
            self.news.wait_for(lambda: self.ends >= len(self.heads), PATIENCE_S)
            return self.ends

    def wait_for_ends(self, n):
        with self.news:
            self.news.wait_for(lambda: self.ends >= n, PATIENCE_S)
            return self.ends


class Story(stream.Story):
    def open(self, path, door="unix", asks=ASKS, binding="rest"):
        wire = self.connect(door)
        key = f"Authorization: Bearer {self.key}\r\n" if door == "tcp" else ""
        wire.sock.sendall(f"GET /http/{binding}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.agent.port}\r\n"
                          f"{key}{asks}\r\n".encode())
        return wire, wire.head()

    def passes_bytes_both_ways(self):
        for door in ("unix", "tcp"):
            wire, head = self.open("/echo", door)
            stream.expect(head[0].split()[1], "101")
            stream.expect([head[1].get(name) for name in ("upgrade", "connection", "sec-websocket-accept", "set-cookie",
                                                          "sec-websocket-protocol", "content-length")],
                          ["websocket", "Upgrade", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", None, "chat", None])
            up = self.upstream.heads[-1][1]
            stream.expect([up.get(name) for name in ("authorization", "upgrade", "connection", "sec-websocket-extensions")],
                          [f"Bearer {stream.TOKEN}", "websocket", "Upgrade", None])
            for text in (b"b", b"bnd_local_", b"\x81\x05hello", stream.TOKEN[:7].encode()):
                wire.sock.sendall(text[:3])
                stream.expect(wire.exactly(len(text[:3])), text[:3])
            data = os.urandom(16 * MIB)
            sender = threading.Thread(target=wire.sock.sendall, args=[data])
            sender.start()
            stream.expect(wire.exactly(len(data)) == data, True)
            sender.join()
            wire.sock.sendall(b"bye")
            stream.expect(wire.file.read(), b"")
            wire.close()
        events = self.agent.ask("GET", "/v1/events?limit=20")
        stream.expect([event["bytes_down"] > 16 * MIB and event["bytes_up"] > 16 * MIB for event in events
                       if event.get("status") == 101], [True, True], events)

    def hides_secrets_that_come_down(self):
        wire, _ = self.open("/leak")
        stream.expect(wire.exactly(2 + 7 + len(stream.TOKEN) + 9),
                      b"\x81\x40Bearer " + b"*" * len(stream.TOKEN) + b" and more")
        wire.close()

    def switches_to_nothing_else(self):
        for path in ("/wrong", "/packed", "/sized"):
            wire, head = self.open(path)
            stream.expect(head[0].split()[1], "502", path)
            wire.close()
        wire, head = self.open("/plain")
        stream.expect(b"".join(wire.pieces(head[1])), b"no switch")
        wire.close()
        if self.scheme == "http":  # libsoup waits for what follows
            wire, head = self.open("/echo", asks=ASKS.replace("websocket", "h2c"))
            stream.expect(head[0].split()[1], "502", "a switch that nobody has asked for")
            wire.close()

    def ends_with_either_side(self):
        n = self.upstream.count_ends()
        wire, _ = self.open("/echo", "tcp")
        wire.close()
        stream.expect(self.upstream.wait_for_ends(n + 1), n + 1)

    def ends_with_its_binding(self):
        self.add("brief", "/", stream.OTHER + "2")
        pause, lock = "/v1/bindings/brief", "/v1/lock"
        for begin, end in ((("PATCH", pause, {"paused": True}), ("PATCH", pause, {"paused": False})),
                           (("POST", lock, {}), ("POST", "/v1/unlock", {})),
                           (("DELETE", pause, None), None)):
            self.ends_with(begin, "brief")
            if end is not None:
                self.agent.ask(*end)
        self.ends_with(("POST", "/v1/freeze", {}), "rest")

    def ends_with(self, what, binding):
        n = self.upstream.count_ends()
        wire, _ = self.open("/echo", binding=binding)
        wire.sock.sendall(b"ping")
        stream.expect(wire.exactly(4), b"ping", what)
        self.agent.ask(*what)
        try:
            stream.expect(wire.file.read(), b"", what)
        except ConnectionResetError:
            pass
        wire.close()
        stream.expect(self.upstream.wait_for_ends(n + 1), n + 1, what)


def make_context(home):
    """For 127.0.0.1, and the file with the authority."""
    path = os.path.join(home, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", path + ".key", "-out", path], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, path + ".key")
    return context


def refuses_strangers(agent, upstream):
    """The certificate is nobody's: no handshake, and so no credential."""
    agent.ask("POST", "/v1/bindings", {
        "name": "secure", "url": f"https://127.0.0.1:{upstream.port}/", "type": "http", "allow_local": True,
        "check": False, "credential": {"type": "api_key", "api_key": stream.TOKEN}})
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(agent.socket)
    wire = stream.Wire(sock)
    wire.sock.sendall(f"GET /http/secure/echo HTTP/1.1\r\nHost: x\r\n{ASKS}\r\n".encode())
    stream.expect(wire.head()[0].split()[1], "502")
    stream.expect(upstream.heads, [])
    wire.close()


def trusting(home, program):
    """A program that is @program and trusts the certificate; None where that cannot be had."""
    path = os.path.join(home, "trusting")
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return None
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nexec {' '.join(unshare)} sh -c 'mount --bind {home}/cert.pem "
                   f"/etc/ssl/certs/ca-certificates.crt && exec \"$0\" \"$@\"' {program} \"$@\"\n")
    os.chmod(path, 0o700)
    return path


def tell(story):
    problems = []
    steps = [getattr(story, name) for name in vars(Story) if name not in ("open", "ends_with") and not name.startswith("_")]
    if story.scheme == "http":
        steps.insert(0, lambda: refuses_strangers(story.agent, Upstream(make_context(story.agent.home))))
    for step in steps:
        try:
            step()
        except (AssertionError, Refused, OSError, EOFError, KeyError, TypeError, ValueError) as error:
            problems.append(f"{story.scheme} {getattr(step, '__name__', step)}: {error!r}")
    return problems


def main():
    services = sys.argv[3]
    problems = []
    for scheme in ("http", "https"):
        with tempfile.TemporaryDirectory(prefix="bindify-test-") as home:
            context = make_context(home) if scheme == "https" else None
            program = os.path.abspath(sys.argv[2])
            if context is not None:
                program = trusting(home, program)
            if program is None:
                print("no mount namespace here: TLS is left out")
                break
            agent = Agent(home, program, services, "memory")
            try:
                agent.start()
                problems += tell(Story(agent, Upstream(context), 0, scheme))
            finally:
                agent.end()
            if problems:
                print(agent.said()[-3000:])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
