#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""How fast a large body goes through /http/NAME, up and down, and what the agent needs for it.

http-stream.py TESTS AGENT SERVICES [MEGABYTES [RUNS]]

The upstream, which throws away what it gets and sends zero bytes, the client and the agent are processes
of their own on loopback. A direct connection and both doors are interleaved; medians. The leak guard
looks for the binding's credential all the while."""

import multiprocessing
import os
import re
import socket
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(sys.argv[1], "story"))
from signing_in import Agent  # noqa: E402

TOKEN = "stream-token-0123456789abcdef"
MIB = 1024 * 1024
BLOCK = MIB


def read_head(sock):
    """What follows the head, and its length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            raise EOFError
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    match = re.search(rb"content-length: (\d+)", head.lower())
    return head, len(rest), int(match[1]) if match else 0


def take(sock, n, room):
    while n > 0:
        got = sock.recv_into(room, min(n, BLOCK))
        if not got:
            raise EOFError
        n -= got


def serve_one(sock):
    room, block = bytearray(BLOCK), bytes(BLOCK)
    while True:
        head, n_rest, length = read_head(sock)
        take(sock, length - n_rest, room)
        n = int(head.split(b"/down/")[1].split()[0]) if b"/down/" in head else 0
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n)
        while n > 0:
            sock.sendall(block[: min(n, BLOCK)])
            n -= min(n, BLOCK)


def serve_to_the_end(sock):
    try:
        serve_one(sock)
    except (OSError, EOFError):
        sock.close()


def serve(listener):
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve_to_the_end, args=[sock], daemon=True).start()


class Way:
    def __init__(self, name, connect, prefix, fields="Host: x\r\n"):
        self.name, self.connect, self.prefix, self.fields = name, connect, prefix, fields

    def request(self, target, n_up):
        sock = self.connect()
        sock.sendall(
            f"POST {self.prefix}{target} HTTP/1.1\r\n{self.fields}Content-Length: {n_up}\r\n\r\n".encode()
        )
        return sock

    def up(self, n):
        block = bytes(BLOCK)
        begin = time.monotonic()
        sock = self.request("/up", n)
        for _ in range(n // BLOCK):
            sock.sendall(block)
        head, _, _ = read_head(sock)
        assert head.startswith(b"HTTP/1.1 200"), head
        sock.close()
        return n / 1e6 / (time.monotonic() - begin)

    def down(self, n):
        room = bytearray(BLOCK)
        begin = time.monotonic()
        sock = self.request(f"/down/{n}", 0)
        head, n_rest, length = read_head(sock)
        assert length == n, head
        take(sock, n - n_rest, room)
        sock.close()
        return n / 1e6 / (time.monotonic() - begin)


def to_unix(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    return sock


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return sum(int(field) for field in file.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def status_kb(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.MULTILINE)[1])


def measure(agent, upstream_port, n, n_runs):
    agent.ask("POST", "/v1/bindings", {
        "name": "rest", "url": f"http://127.0.0.1:{upstream_port}/", "type": "http", "allow_local": True,
        "check": False, "credential": {"type": "api_key", "api_key": TOKEN}})  # fmt: skip
    key = agent.add_client()
    ways = [
        Way("direct", lambda: socket.create_connection(("127.0.0.1", upstream_port)), ""),
        Way("TCP door", lambda: socket.create_connection(("127.0.0.1", agent.port)), "/http/rest",
            f"Host: 127.0.0.1:{agent.port}\r\nAuthorization: Bearer {key}\r\n"),
        Way("UNIX door", lambda: to_unix(agent.socket), "/http/rest"),
    ]  # fmt: skip
    rates, cpu = {}, {}
    for _ in range(n_runs):
        for direction in ("up", "down"):
            for way in ways:
                before_s = cpu_s(agent.process.pid)
                rates.setdefault((direction, way.name), []).append(getattr(way, direction)(n))
                cpu.setdefault((direction, way.name), []).append(cpu_s(agent.process.pid) - before_s)
    for what, figures in rates.items():
        of_agent = n / 1e6 / max(statistics.median(cpu[what]), 0.001)
        core = "" if what[1] == "direct" else f"{of_agent:8.0f} MB for each second of the agent's CPU"
        print(f"{what[0]:5} {what[1]:10} {statistics.median(figures):8.0f} MB/s  {core}")
    print(f"the agent: {status_kb(agent.process.pid, 'VmHWM') / 1024:.1f} MiB resident at most")


def main():
    _, program, services = sys.argv[1:4]
    n = int(sys.argv[4] if len(sys.argv) > 4 else "1024") * MIB
    n_runs = int(sys.argv[5] if len(sys.argv) > 5 else "3")
    listener = socket.create_server(("127.0.0.1", 0))
    upstream = multiprocessing.Process(target=serve, args=[listener], daemon=True)
    upstream.start()
    with tempfile.TemporaryDirectory(prefix="bindify-bench-") as home:
        agent = Agent(home, os.path.abspath(program), services, "memory")
        try:
            agent.start()
            measure(agent, listener.getsockname()[1], n, n_runs)
        finally:
            agent.end()
            upstream.terminate()


if __name__ == "__main__":
    main()
