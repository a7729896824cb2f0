#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Large bodies through /http/NAME: they go up as they come, on both doors, and whoever breaks the rules half
way gets no further.

usage: http-stream.py TESTS_DIR AGENT SERVICES_DIR [MEGABYTES]"""

import hashlib
import json
import os
import re
import socket
import sys
import tempfile
import threading

from signing_in import PATIENCE_S, Agent

TOKEN = "stream-token-0123456789abcdef"
OTHER = "other-secret-0123456789abcdef"
MIB = 1024 * 1024
RSS_GROWTH_MAX_KB = 8 * 1024  # of the agent, whatever the size of a body


class Wire:
    """A socket that is read by lines and by counts."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self.file = sock.makefile("rb", 256 * 1024)

    def head(self):
        """The first line and the fields; None at the end."""
        first = self.file.readline().decode().strip()
        fields = {}
        while (line := self.file.readline().decode().strip()):
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        return (first, fields) if first else None

    def pieces(self, fields):
        if "chunked" in fields.get("transfer-encoding", ""):
            while (n := int(self.file.readline(), 16)):
                yield self.exactly(n)
                self.file.readline()
            self.file.readline()
            return
        left = int(fields.get("content-length", "0"))
        while left > 0:
            piece = self.file.read1(min(left, 256 * 1024))
            if not piece:
                raise EOFError
            left -= len(piece)
            yield piece

    def exactly(self, n):
        data = self.file.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def close(self):
        self.file.close()
        self.sock.close()


class Upstream:
    """Answers by the first segment of the path, and remembers how each request ended."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ends, self.news = [], threading.Condition()
        self.release = threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[Wire(peer)], daemon=True).start()

    def serve(self, wire):
        try:
            while (head := wire.head()) is not None:
                seen = {"path": head[0].split()[1], "fields": head[1], "body": b"", "n": 0, "end": "cut off"}
                try:
                    self.answer(wire, seen)
                except (OSError, EOFError, ValueError):
                    pass
                with self.news:
                    self.ends.append(seen)
                    self.news.notify_all()
                if seen["end"] != "whole":
                    break
        except OSError:
            pass
        wire.close()

    def wait(self, path):
        """How the request for @path ended."""
        def find():
            return next((seen for seen in self.ends if seen["path"] == path), None)

        with self.news:
            self.news.wait_for(find, PATIENCE_S)
            return find()

    def answer(self, wire, seen):
        kind = seen["path"].split("/")[1]
        if kind == "early":
            reply(wire, "413 Too Large", b"enough", "Connection: close\r\n")
            seen["end"] = "early"
            return
        if kind == "stuck":
            self.release.wait(PATIENCE_S)
            return
        digest = hashlib.sha256()
        for piece in wire.pieces(seen["fields"]):
            seen["n"] += len(piece)
            digest.update(piece)
            seen["body"] = (seen["body"] + piece)[:MIB]
        seen["end"] = "whole"
        if kind == "down":
            self.send_down(wire, int(seen["path"].split("/")[2]))
        else:
            reply(wire, "200 OK", json.dumps({"n": seen["n"], "sha256": digest.hexdigest()}).encode())

    @staticmethod
    def send_down(wire, n):
        block = os.urandom(MIB)
        wire.sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {n}\r\n\r\n".encode())
        while n > 0:
            wire.sock.sendall(block[:min(n, MIB)])
            n -= min(n, MIB)


def reply(wire, status, body, more=""):
    wire.sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)


class Story:
    def __init__(self, agent, upstream, n_bytes, scheme="http"):
        self.agent, self.upstream, self.n_bytes, self.scheme = agent, upstream, n_bytes, scheme
        with open(agent.program, "rb") as file:
            self.is_sanitized = b"__asan_init" in file.read()
        self.add("rest", "/", TOKEN)
        self.add("other", "/", OTHER)
        self.key = agent.add_client()

    def add(self, name, path, secret, **more):
        self.agent.ask("POST", "/v1/bindings", {
            "name": name, "url": f"{self.scheme}://127.0.0.1:{self.upstream.port}{path}", "type": "http", "allow_local": True,
            "check": False, "credential": {"type": "api_key", "api_key": secret}, **more})

    def connect(self, door):
        if door == "tcp":
            return Wire(socket.create_connection(("127.0.0.1", self.agent.port)))
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.agent.socket)
        return Wire(sock)

    def begin(self, path, fields, door="unix", binding="rest"):
        wire = self.connect(door)
        head = f"POST /http/{binding}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.agent.port}\r\n{fields}"
        if door == "tcp":
            head += f"Authorization: Bearer {self.key}\r\n"
        wire.sock.sendall(head.encode() + b"\r\n")
        return wire

    @staticmethod
    def finish(wire):
        head = wire.head()
        status, body = 0, b""
        if head is not None:
            status = int(head[0].split()[1])
            try:
                body = b"".join(wire.pieces(head[1]))
            except EOFError:
                body = b"cut off"
        wire.close()
        return status, body

    def rss_kb(self):
        with open(f"/proc/{self.agent.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.MULTILINE)[1])

    def grew(self, by_kb, door):
        """AddressSanitizer keeps what was freed."""
        if by_kb > RSS_GROWTH_MAX_KB and not self.is_sanitized:
            raise AssertionError(f"{door}: the agent grew by {by_kb} KiB")

    # What is tested. Each returns nothing, or raises.

    def goes_up_as_it_comes(self):
        block = os.urandom(MIB)
        want = hashlib.sha256()
        for door, chunked in (("unix", False), ("tcp", True)):
            framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {self.n_bytes}"
            before_kb = self.rss_kb()
            most_kb = before_kb
            want = hashlib.sha256()
            wire = self.begin(f"/up/{door}", framing + "\r\n", door)
            for at in range(0, self.n_bytes, MIB):
                piece = block[: self.n_bytes - at]
                want.update(piece)
                wire.sock.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece)
                most_kb = max(most_kb, self.rss_kb())
            if chunked:
                wire.sock.sendall(b"0\r\n\r\n")
            status, body = self.finish(wire)
            expect(status, 200, body)
            expect(json.loads(body), {"n": self.n_bytes, "sha256": want.hexdigest()})
            seen = self.upstream.wait(f"/up/{door}")["fields"]
            expect(seen["authorization"], f"Bearer {TOKEN}")
            expect(seen.get("content-length"), None if chunked else str(self.n_bytes))
            self.grew(most_kb - before_kb, door)
        events = self.agent.ask("GET", "/v1/events?limit=20")
        expect(any(event.get("bytes_up") == self.n_bytes for event in events), True, events)

    def comes_down(self):
        for door in ("unix", "tcp"):
            wire = self.begin(f"/down/{self.n_bytes}", "Content-Length: 0\r\n", door)
            before_kb, most_kb, n = self.rss_kb(), 0, 0
            for piece in wire.pieces(wire.head()[1]):
                n += len(piece)
                most_kb = max(most_kb, self.rss_kb())
            wire.close()
            expect(n, self.n_bytes)
            self.grew(most_kb - before_kb, door)

    def holds_what_is_small(self):
        wire = self.begin("/up/small", "Transfer-Encoding: chunked\r\n")
        wire.sock.sendall(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        expect(self.finish(wire)[0], 200)
        expect(self.upstream.wait("/up/small")["fields"]["content-length"], "5")

    def says_when_to_go_on(self):
        expects = f"Content-Length: {MIB}\r\nExpect: 100-continue\r\n"
        wire = self.begin("/up/expect", expects, "tcp")
        expect(wire.head()[0], "HTTP/1.1 100 Continue")
        wire.sock.sendall(bytes(MIB))
        expect(self.finish(wire)[0], 200)
        self.agent.ask("PATCH", "/v1/bindings/rest", {"paused": True})
        wire = self.begin("/up/paused", expects)
        status, body = self.finish(wire)
        self.agent.ask("PATCH", "/v1/bindings/rest", {"paused": False})
        expect(json.loads(body)["error"], "paused", status)

    def ends_with_an_early_answer(self):
        for door in ("unix", "tcp"):
            wire = self.begin(f"/early/{door}", f"Content-Length: {64 * MIB}\r\n", door)
            wire.sock.sendall(bytes(100000))
            expect(self.finish(wire), (413, b"enough"))

    def stops_with_its_client(self):
        wire = self.begin("/up/gone", f"Content-Length: {MIB}\r\n", "tcp")
        wire.sock.sendall(bytes(300000))
        wire.close()
        expect(self.upstream.wait("/up/gone")["end"], "cut off")

    def passes_on_no_broken_chunk(self):
        wire = self.begin("/up/broken", "Transfer-Encoding: chunked\r\n")
        wire.sock.sendall(b"20000\r\n" + bytes(0x20000) + b"\r\n5;x\r\nhello\r\n0\r\n\r\n")
        expect(self.finish(wire)[0], 400)
        expect(self.upstream.wait("/up/broken")["end"], "cut off")

    def refuses_what_can_be_read_in_two_ways(self):
        n = f"Content-Length: {MIB}\r\n"
        for fields in (n + "Transfer-Encoding: chunked\r\n", n + "Content-Length: 5\r\n", n + n,
                       "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                       "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding:\r\n chunked\r\n",
                       f"Content-Length: +{MIB}\r\n", f"Content-Length: {MIB},{MIB}\r\n"):
            expect(self.finish(self.begin("/up/smuggled", fields))[0], 400, fields)
        expect([seen for seen in self.upstream.ends if seen["path"] == "/up/smuggled"], [])

    def keeps_secrets_back(self):
        """Cut in two between one piece and the next, and far behind what is held."""
        for name, secret in (("secret", OTHER), ("own", TOKEN), ("key", self.key)):
            wire = self.begin(f"/up/{name}", f"Content-Length: {4 * MIB}\r\n")
            wire.sock.sendall(b"x" * MIB + secret[:9].encode())
            wire.sock.sendall(secret[9:].encode())
            wire.sock.sendall(b"y" * (MIB - len(secret)))
            status, body = self.finish(wire)
            expect((status, json.loads(body)["error"]), (403, "denied"), name)
            seen = self.upstream.wait(f"/up/{name}")
            expect(seen["end"], "cut off")
            if secret[:9].encode() in seen["body"]:
                raise AssertionError(f"{name}: the upstream has got a part of it")
        events = self.agent.ask("GET", "/v1/events?limit=20")
        expect(any(event["type"] == "security_violation" for event in events), True, events)

    def stops_when_it_is_frozen_paused_or_removed(self):
        for name, begin, end in (("freeze", ("POST", "/v1/freeze", {}), ("POST", "/v1/thaw", {})),
                                 ("pause", ("PATCH", "/v1/bindings/rest", {"paused": True}),
                                  ("PATCH", "/v1/bindings/rest", {"paused": False}))):
            wire = self.begin(f"/up/{name}", f"Content-Length: {MIB}\r\n")
            wire.sock.sendall(bytes(300000))
            self.wait_for_connection(f"/up/{name}")
            self.agent.ask(*begin)
            status, body = self.finish(wire)
            self.agent.ask(*end)
            expect(json.loads(body)["error"], {"freeze": "frozen", "pause": "paused"}[name], status)
            expect(self.upstream.wait(f"/up/{name}")["end"], "cut off")

    def wait_for_connection(self, path):
        """Until the agent has taken up the request, which it has when another one is answered."""
        wire = self.begin(path + "/after", "Content-Length: 0\r\n")
        expect(self.finish(wire)[0], 200)

    def keeps_to_limits(self):
        self.add("limited", "/", TOKEN, limits={"request_bytes_max": 200000})
        wire = self.begin("/up/announced", "Content-Length: 200001\r\n", binding="limited")
        expect(self.finish(wire)[0], 413)
        wire = self.begin("/up/chunked", "Transfer-Encoding: chunked\r\n", binding="limited")
        wire.sock.sendall(b"20000\r\n" + bytes(0x20000) + b"\r\n20000\r\n" + bytes(0x20000) + b"\r\n")
        expect(self.finish(wire)[0], 413)
        expect(self.upstream.wait("/up/chunked")["end"], "cut off")

    def waits_no_longer_than_it_may(self):
        network = {"version": 1, "default": "allow", "network": {"timeout_ms": 1000}}
        self.add("timed", "/", TOKEN, policy=network)
        wire = self.begin("/up/endless", f"Content-Length: {MIB}\r\n", binding="timed")
        wire.sock.sendall(bytes(100000))
        expect(self.finish(wire)[0], 504)
        self.add("patient", "/", TOKEN, limits={"response_timeout_ms": 1000})
        wire = self.begin("/stuck/x", f"Content-Length: {64 * MIB}\r\n", binding="patient")
        sender = threading.Thread(target=send_all, args=[wire.sock, bytes(64 * MIB)])
        sender.start()
        expect(self.finish(wire)[0], 504)
        self.upstream.release.set()
        sender.join()

    def holds_what_a_rule_looks_at(self):
        rules = [{"http": "POST /up/*", "arguments": {"/title": "bug*"}, "effect": "allow"}]
        self.add("judged", "/", TOKEN, policy={"version": 1, "default": "deny", "rules": rules})
        for title, want in (("bug 1", 200), ("wish", 403)):
            body = json.dumps({"title": title, "text": "x" * 200000}).encode()
            fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            wire = self.begin("/up/judged", fields, binding="judged")
            wire.sock.sendall(body)
            expect(self.finish(wire)[0], want)


def send_all(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass


def expect(got, want, what=""):
    if got != want:
        raise AssertionError(f"{got!r} instead of {want!r} {what!r}")


def judge(story):
    problems = []
    for name in [name for name in vars(Story) if name.split("_")[0] in (
            "goes", "comes", "holds", "says", "ends", "stops", "passes", "refuses", "keeps", "waits")]:
        if name == "wait_for_connection":
            continue
        try:
            getattr(story, name)()
            print(f"{name}: ok", flush=True)
        except (AssertionError, OSError, EOFError, KeyError, TypeError, ValueError) as error:
            problems.append(f"{name}: {error!r}")
            print(problems[-1], flush=True)
    return problems


def main():
    program, services = sys.argv[2:4]
    n_bytes = int(sys.argv[4] if len(sys.argv) > 4 else "200") * MIB
    with tempfile.TemporaryDirectory(prefix="bindify-test-") as home:
        agent = Agent(home, os.path.abspath(program), services, "memory")
        try:
            agent.start()
            problems = judge(Story(agent, Upstream(), n_bytes))
        finally:
            agent.end()
        if problems:
            print(agent.said()[-3000:])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
