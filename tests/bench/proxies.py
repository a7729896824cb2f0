#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""bindify beside a direct connection, other reverse proxies and other bridges, in one run.

proxies.py BUILD [--quick] [--runs N] [--seconds S] [--scenarios E,A,A2,C] [--only NAME,…] [--csv FILE]
           [--npm DIR]

BUILD is the build directory. Repetitions are interleaved (ABCABC), so that whatever else the machine
does falls on all. Prints Markdown; the single measurements go to the CSV file. What is not installed
is left out, with a line that says so. See README.md for the scenarios.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from figures import Record, print_table
from peers import PATIENCE_S, TOKEN, Bench, Peer, available_proxies, descendants, memory_kb

CALL_CASES = [(size, n) for size in (1024, 65536, 1048576) for n in (1, 32, 256)]
QUICK_CALL_CASES = [(1024, 1), (1024, 32)]
N_OPEN = 1000
MIB = 1024


def label(size, n_connections):
    return f"{size // 1024} KiB, {n_connections} connection{'s' if n_connections > 1 else ''}"


class Driver:
    def __init__(self, options, bench, peers):
        self.options = options
        self.bench = bench
        self.peers = peers
        self.record = Record()
        self.load_program = os.path.join(options.build, "tests/bench/bench-load")

    def load(self, *arguments):
        """The figures that bench-load prints, by their names."""
        output = subprocess.run(
            [self.load_program, *arguments], stdout=subprocess.PIPE, check=True, text=True, timeout=600
        ).stdout
        return {line["what"]: line for line in map(json.loads, output.splitlines())}

    def names(self):
        return [peer.name for peer in self.peers]

    def interleaved(self):
        for run in range(self.options.runs):
            for peer in self.peers:
                yield run, peer

    # A: calls through each proxy

    def calls(self):
        cases = QUICK_CALL_CASES if self.options.quick else CALL_CASES
        for size, n in cases:
            for run, peer in self.interleaved():
                self.call_once(run, peer, size, n)
        names = self.names()
        for metric, title in (
            ("p50", "Median time of a call, µs"),
            ("p99", "99th percentile, µs"),
            ("rate", "Calls per second"),
            ("cpu", "CPU time of the proxy per call, µs"),
        ):
            rows = [(label(*case), self.record.values("A", label(*case), metric)) for case in cases]
            print_table(f"A. {title}", names, rows)
        rows = [(label(*case), self.record.added("A", label(*case), "p50")) for case in cases]
        print_table("A. Added to the median of a direct call, µs", names[1:], rows)

    def call_once(self, run, peer, size, n):
        cpu_s = peer.cpu_s()
        result = self.load(
            *("calls", *peer.target(), "--size", str(size), "--connections", str(n)),
            *("--seconds", str(self.options.seconds), "--warm-up", str(self.options.warm_up)),
        )["calls"]
        cpu_s = peer.cpu_s() - cpu_s
        # The warm-up has cost CPU time as well; calls are counted without it.
        all_calls = result["n"] * (1 + self.options.warm_up / self.options.seconds)
        self.record.add(
            "A", label(size, n), peer.name, run,
            p50=result["p50"], p99=result["p99"], p999=result["p999"], errors=result["errors"],
            rate=result["n"] / result["seconds"], cpu=cpu_s * 1e6 / all_calls, rss=peer.memory_kb("Rss"),
        )  # fmt: skip
        if result["errors"]:
            print(f"{peer.name}: {result['errors']} of {result['n']} calls failed", file=sys.stderr)

    # A2: an event stream

    def events(self):
        for run, peer in self.interleaved():
            result = self.load("events", *peer.target(), "--events", str(self.options.events))
            self.record.add(
                "A2", "events", peer.name, run,
                first=result["first-byte"]["p50"], p50=result["events"]["p50"],
                p99=result["events"]["p99"], lost=result["events"]["errors"],
            )  # fmt: skip
        rows = [
            ("time to the first byte", self.record.values("A2", "events", "first")),
            ("an event under way, median", self.record.values("A2", "events", "p50")),
            ("an event under way, 99th percentile", self.record.values("A2", "events", "p99")),
            ("added at the 99th percentile", self.record.added("A2", "events", "p99")),
            ("events lost", self.record.values("A2", "events", "lost")),
        ]
        print_table(f"A2. {self.options.events} events of 100 bytes, one each ms; µs", self.names(), rows)

    # C: stdio to HTTP

    def bridges(self):
        bridges = self.find_bridges()
        clients = [1] if self.options.quick else [1, 10]
        for n in clients:
            for run in range(self.options.runs):
                for name, command in bridges.items():
                    self.bridge_once(run, name, command, n)
        for n in clients:
            rows = [
                ("start to first answer, ms", self.record.values("C", n, "start_ms")),
                ("a call, median, µs", self.record.values("C", n, "p50")),
                ("a call, 99th percentile, µs", self.record.values("C", n, "p99")),
                ("calls per second", self.record.values("C", n, "rate")),
                ("memory of all bridges (PSS), MiB", self.record.values("C", n, "pss_mib")),
            ]
            print_table(f"C. stdio to HTTP, {n} client{'s' if n > 1 else ''}", list(bridges), rows)

    def find_bridges(self):
        bridges = {}
        bindify = [peer for peer in self.peers if peer.name == "bindify"]
        if bindify:
            bridges["bindify-mcp"] = [os.path.join(self.options.build, "client/bindify-mcp"), "bench"]
        url = f"http://127.0.0.1:{self.bench.upstream_port}/mcp"
        header = f"Authorization: Bearer {TOKEN}"
        node = shutil.which(os.environ.get("BINDIFY_NODE", "node"))
        modules = os.path.join(self.options.npm or "", "node_modules")
        for name, script, arguments in (
            ("mcp-remote", "mcp-remote/dist/proxy.js", [url, "--allow-http", "--header", header]),
            ("supergateway", "supergateway/dist/index.js", ["--streamableHttp", url, "--header", header]),
        ):
            path = os.path.join(modules, script)
            if node and os.path.exists(path):
                bridges[name] = [node, path, *arguments]
            else:
                print(f"- {name}: Node.js or {path} is missing, left out")
        return bridges

    def bridge_once(self, run, name, command, n):
        process = subprocess.Popen(
            [self.load_program, "stdio", "--connections", str(n), "--calls", str(self.options.calls), "--", *command],
            env=self.bench.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        pids = descendants(process.pid)[1:]
        pss_kb = sum(memory_kb(pid, "Pss") for pid in pids)
        process.stdin.close()
        process.wait(PATIENCE_S)
        if name == "bindify-mcp":
            pss_kb += next(peer for peer in self.peers if peer.name == "bindify").memory_kb()
        self.record.add(
            "C", n, name, run,
            start_ms=lines[0]["p50"] / 1000, p50=lines[1]["p50"], p99=lines[1]["p99"],
            rate=lines[1]["n"] / lines[1]["seconds"], pss_mib=pss_kb / MIB,
        )  # fmt: skip

    # E: idle, and with many silent streams

    def idle(self):
        real = [peer for peer in self.peers if peer.process and peer.name != "bindify, UNIX"]
        before = {peer.name: peer.switches() for peer in real}
        time.sleep(self.options.idle)
        for peer in real:
            switches = peer.switches()
            n = sum(switches[id] - before[peer.name].get(id, 0) for id in switches)
            wake_ups = n / self.options.idle
            self.record.add("E", "", peer.name, 0, wake_ups=wake_ups, pss=peer.memory_kb() / MIB)
            self.open_streams(peer)
        rows = [
            ("wake-ups per second, idle", self.record.values("E", "", "wake_ups")),
            ("memory after all this (PSS), MiB", self.record.values("E", "", "pss")),
            (f"RSS with {N_OPEN} open streams, MiB", self.record.values("E", "", "open_rss")),
            (f"RSS that {N_OPEN} streams add, MiB", self.record.values("E", "", "streams")),
        ]
        print_table("E. Idle", [peer.name for peer in real], rows)

    def open_streams(self, peer):
        before_kb = peer.memory_kb("Rss")
        process = subprocess.Popen(
            [self.load_program, "open", *peer.target(), "--connections", str(N_OPEN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        is_open = process.stdout.readline() != b""
        after_kb = peer.memory_kb("Rss")
        process.stdin.close()
        process.wait(PATIENCE_S)
        if is_open:
            self.record.add("E", "", peer.name, 0, open_rss=after_kb / MIB, streams=(after_kb - before_kb) / MIB)
        else:
            print(f"{peer.name} did not open {N_OPEN} streams", file=sys.stderr)


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer cases, three short runs")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", dest="seconds_given", type=float, help="of each run of scenario A")
    parser.add_argument("--scenarios", default="E,A,A2,C")
    parser.add_argument("--only", default="", help="direct, nginx, haproxy, caddy, bindify")
    parser.add_argument("--csv")
    parser.add_argument("--npm", default=os.environ.get("BINDIFY_NPM"))
    options = parser.parse_args()
    options.runs = options.runs or (3 if options.quick else 5)
    options.seconds, options.warm_up = (0.7, 0.2) if options.quick else (3, 1)
    if options.seconds_given is not None:
        options.seconds, options.warm_up = options.seconds_given, options.seconds_given / 3
    options.events = 200 if options.quick else 1000
    options.calls = 200 if options.quick else 1000
    options.idle = 5 if options.quick else 60
    return options


def print_surroundings(versions, options):
    with open("/proc/loadavg", encoding="ascii") as file:
        load = " ".join(file.read().split()[:3])
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "?")
    print(f"- {os.cpu_count()} × {model}, Linux {platform.release()}, load before {load}")
    print("- nothing is pinned: load, proxy and upstream share the cores; loopback, no TLS")
    print(f"- {options.runs} interleaved runs of {options.seconds} s after {options.warm_up} s of warm-up; "
          "median [95 % bootstrap interval of it]")  # fmt: skip
    for name, version in versions.items():
        print(f"- {name}: {version or 'not installed, left out'}")


def start_peers(bench, versions, only):
    wanted = ["direct", *(name for name, version in versions.items() if version), "bindify"]
    return [peer for name in wanted if not only or name in only for peer in getattr(bench, name)()]


def main():
    options = parse_options()
    versions = available_proxies()
    print_surroundings(versions, options)
    with tempfile.TemporaryDirectory(prefix="bindify-bench-") as directory:
        bench = Bench(options.build, directory)
        try:
            only = [name for name in options.only.split(",") if name]
            driver = Driver(options, bench, start_peers(bench, versions, only))
            scenarios = {"A": driver.calls, "A2": driver.events, "C": driver.bridges, "E": driver.idle}
            for name in options.scenarios.split(","):
                scenarios[name]()
            if options.csv:
                driver.record.save(options.csv)
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
