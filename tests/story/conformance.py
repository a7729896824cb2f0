#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Runs the public MCP conformance suite, in both published versions and for every revision of the
protocol, against the same server twice: directly, and through bindify with the server behind a gate
that demands the credential. Not one check may get lost on the way. Exit statuses of the suite are of
no use for that (some lost checks are mere warnings to it): what passed is counted per scenario.

usage: conformance.py TESTS_DIR AGENT SERVICES_DIR [BRIDGE]

With BRIDGE, the program bindify-mcp, the way is longer: the agent offers a local command, which is the
bridge, which asks the agent for the binding of the server. So every message crosses both translations
between HTTP and lines.

BINDIFY_NPM and BINDIFY_NODE come from ./check; without them the test is skipped."""

import collections
import concurrent.futures
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile

SECRET = "sk-conformance-0123456789abcdefghijklmnop"
READY_S = 30
LEG_S = 90
AT_ONCE = 4  # most of the suite's time is waiting

# name, package, arguments, how many checks pass at least when all is well.
Leg = collections.namedtuple("Leg", "name package arguments expected")
OLD, NEW = "conformance-0.1", "@modelcontextprotocol/conformance"
LEGS = (
    Leg("0.1.16, all", OLD, ("--suite", "all"), 44),
    Leg("2025-03-26", NEW, ("--suite", "all", "--spec-version", "2025-03-26"), 3),
    Leg("2025-06-18", NEW, ("--suite", "all", "--spec-version", "2025-06-18"), 56),
    Leg("2025-11-25", NEW, ("--requirements", "2025-11-25"), 84),
    Leg("2026-07-28", NEW, ("--requirements", "2026-07-28"), 147),
)

# A policy that takes a tool out of every list leaves the others what they are: scenario, revision,
# how many checks pass.
HIDDEN = "test_logging_tool"
POLICY = {"version": 1, "default": "allow", "rules": [{"tool": HIDDEN, "effect": "deny"}]}
VIEWS = (
    ("json-schema-2020-12", "2025-11-25", 8),
    ("json-schema-2020-12", "2026-07-28", 8),
    ("tools-list", "2026-07-28", 1),
)
# Behind a command, whose answers come as lines: scenario → how many checks fewer may pass. None may fail.
AS_LINES = {
    # An answer that nothing precedes is JSON here, not a stream: allowed, noted, and not counted.
    "server-sse-multiple-streams": 1,
    # A server that speaks in lines has no stream that it could end in the middle of a call.
    "server-sse-polling": 3,
}

# passed, failed: scenario → number of checks. unscored: names of what is not required.
Outcome = collections.namedtuple("Outcome", "passed failed unscored")


def parse(output):
    """What stands between "=== SUMMARY" and the end."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", output)
    summary = text.partition("=== SUMMARY")[2]
    if "Total:" not in summary:
        raise RuntimeError("the suite did not come to its end:\n" + text[-2000:])
    counts, _, rest = summary.partition("Total:")
    rows = re.findall(r"^\S+ (\S+): (\d+) passed, (\d+) failed", counts, re.M)
    return Outcome({name: int(passed) for name, passed, _ in rows},
                   {name: int(failed) for name, _, failed in rows},
                   set(re.findall(r"^\s+\S+ (\S+) \(\w+\)", rest, re.M)))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class World:
    """The two servers and the agent, in a directory of their own; all of it ends with the world."""

    def __init__(self, home, tests, agent, services):
        self.home = home
        self.tests = tests
        self.node = os.environ.get("BINDIFY_NODE", "node")
        self.npm = os.environ["BINDIFY_NPM"]
        self.children = []
        self.agent = agent
        self.services = services
        self.port = self.socket = self.key = None

    def environment(self, **more):
        return {"HOME": self.home, "PATH": os.environ["PATH"], "BINDIFY_NPM": self.npm,
                "XDG_RUNTIME_DIR": os.path.join(self.home, "run"), **more}

    def preloads(self, *names):
        return [word for name in names for word in ("--require", os.path.join(self.tests, "npm", name))]

    def start(self, argv, environment, **more):
        child = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, **more)
        self.children.append(child)
        return child

    def server(self, *preloads, **environment):
        script = os.path.join(self.tests, "fixtures", "conformance-server", "server.mjs")
        child = self.start([self.node, "--no-deprecation", *self.preloads(*preloads), script, "http"],
                           self.environment(**environment), stdout=subprocess.PIPE)
        return int(ready_line(child.stdout).group(1))

    def start_agent(self):
        os.mkdir(os.path.join(self.home, "run"), 0o700)
        read_end, write_end = os.pipe()
        self.start([self.agent, "--port", "0", "--keyring", "memory", "--services-dir", self.services,
                    "--ready-fd", str(write_end)], self.environment(), pass_fds=[write_end])
        os.close(write_end)
        with os.fdopen(read_end, "rb") as ready:
            match = ready_line(ready)
        self.port, self.socket = match.groups()
        self.key = control(self.socket, "/v1/clients", {"label": "suite"})["key"].removeprefix("bnd_local_")

    def bindify(self, upstream, name="suite", policy=None):
        """The URL under which the agent offers the upstream."""
        if self.socket is None:
            self.start_agent()
        control(self.socket, "/v1/bindings",
                {"name": name, "url": upstream, "allow_local": True, "policy": policy,
                 "profile": None if policy else "open",
                 "credential": {"type": "api_key", "api_key": SECRET}, "check": False})
        return f"http://127.0.0.1:{self.port}/mcp/{name}/{self.key}"

    def chain(self, upstream, bridge):
        """The URL of a local command that is the bridge, to the binding of the upstream."""
        self.bindify(upstream)
        # Without a sandbox: it wants the agent's socket.
        control(self.socket, "/v1/bindings",
                {"name": "chain", "command": {"argv": [bridge, "suite"], "sandbox": False,
                                              "pass": ["XDG_RUNTIME_DIR"]}, "check": False, "profile": "open"})
        return f"http://127.0.0.1:{self.port}/mcp/chain/{self.key}"

    def suite(self, package, url, *arguments):
        """What the suite prints."""
        script = os.path.join(self.npm, "node_modules", package, "dist", "index.js")
        options = " ".join(self.preloads("loopback.cjs") + ["--no-deprecation"])
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            done = subprocess.run([self.node, script, "server", "--url", url, *arguments],
                                  env=self.environment(NODE_OPTIONS=options), cwd=folder, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=LEG_S)
        return done.stdout.decode("utf-8", "replace")

    def run(self, leg, url):
        return parse(self.suite(leg.package, url, *leg.arguments))

    def end(self):
        for child in self.children:
            child.send_signal(signal.SIGTERM)
        for child in self.children:
            child.wait()


def ready_line(file):
    if not select.select([file], [], [], READY_S)[0]:
        raise RuntimeError("nothing said READY")
    line = file.readline().decode("utf-8")
    match = re.match(r"READY port=(\d+)(?: socket=(.*))?", line)
    if match is None:
        raise RuntimeError(f"not ready: {line!r}")
    return match


def control(path, target, body):
    connection = UnixConnection(path)
    connection.request("POST", target, json.dumps(body))
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    if response.status != 201:
        raise RuntimeError(f"{target}: {response.status} {answer}")
    return answer


def status_without_credential(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/mcp", "{}", {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


def unfit(leg, direct):
    """Why the server itself cannot be the measure."""
    found = [f"{leg.name}: {name} fails directly" for name, n in direct.failed.items()
             if n > 0 and name not in direct.unscored]
    scored = sum(n for name, n in direct.passed.items() if name not in direct.unscored or direct.failed[name] == 0)
    if scored < leg.expected:
        found.append(f"{leg.name}: {scored} checks pass directly, which should be {leg.expected}")
    return found


def lost(direct, proxied, allowed):
    """Scenarios with fewer passed checks, or more failed ones, than directly."""
    return [name for name in sorted(set(direct.passed) | set(proxied.passed))
            if proxied.passed.get(name, 0) < direct.passed.get(name, 0) - allowed.get(name, 0)
            or proxied.failed.get(name, 0) > direct.failed.get(name, 0)]


def run_legs(world, urls, legs):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {(leg, i): pool.submit(world.run, leg, url) for leg in legs for i, url in enumerate(urls)}
    return {leg: (jobs[leg, 0].result(), jobs[leg, 1].result()) for leg in legs}


def print_table(outcomes, allowed):
    """In Markdown's form, which ./check shows."""
    print(f"| {'leg':<12} | {'scenarios':>9} | {'passed directly':>15} | {'through bindify':>15} | {'lost':>4} |")
    print(f"| {'-' * 12} | {'-' * 8}: | {'-' * 14}: | {'-' * 14}: | {'-' * 3}: |")
    for leg, (direct, proxied) in outcomes.items():
        n_direct, n_proxied = sum(direct.passed.values()), sum(proxied.passed.values())
        print(f"| {leg.name:<12} | {len(direct.passed):>9} | {n_direct:>15} | {n_proxied:>15} | "
              f"{len(lost(direct, proxied, allowed)):>4} |")


def listed_tools(url):
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    target = re.match(r"http://([^/]*)(/.*)", url)
    connection = http.client.HTTPConnection(target.group(1))
    connection.request("POST", target.group(2), json.dumps(message),
                       {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                        "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"})
    text = connection.getresponse().read().decode("utf-8")
    connection.close()
    answer = json.loads(text[text.index("{"):])
    return {tool["name"] for tool in answer["result"]["tools"]}


def check_view(world, whole, part):
    """What a policy does to the lists that it should not do."""
    found = []
    if listed_tools(whole) - listed_tools(part) != {HIDDEN}:
        found.append(f"the policy should hide {HIDDEN} and nothing else")
    for scenario, revision, expected in VIEWS:
        output = world.suite(NEW, part, "--scenario", scenario, "--spec-version", revision)
        passed = re.search(r"^Passed: (\d+)/\d+, 0 failed", output, re.M)
        if passed is None or int(passed.group(1)) < expected:
            found.append(f"{scenario}, {revision}, with a policy: should pass {expected} checks:\n{output[-1000:]}")
    return found


def compare(world, bridge):
    allowed = AS_LINES if bridge is not None else {}
    gated = world.server("gate.cjs", GATE_SECRET=SECRET)
    if status_without_credential(gated) != 401:
        return ["the gate lets a request without the credential through"]
    upstream = f"http://127.0.0.1:{gated}/mcp"
    urls = (f"http://127.0.0.1:{world.server()}/mcp",
            world.bindify(upstream) if bridge is None else world.chain(upstream, bridge))
    outcomes = run_legs(world, urls, LEGS)
    # Some scenarios give an answer less than a second, whatever else the machine has to do. Those get a
    # second look, one at a time.
    for leg, (direct, proxied) in list(outcomes.items()):
        if unfit(leg, direct) or lost(direct, proxied, allowed):
            print(f"{leg.name}: once more, alone")
            outcomes[leg] = tuple(world.run(leg, url) for url in urls)
    print_table(outcomes, allowed)
    found = []
    if bridge is None:
        found += check_view(world, urls[1], world.bindify(f"http://127.0.0.1:{gated}/mcp", "view", POLICY))
    for leg, (direct, proxied) in outcomes.items():
        found += unfit(leg, direct)
        found += [f"{leg.name}: {name}: {direct.passed.get(name, 0)} passed and {direct.failed.get(name, 0)} failed "
                  f"directly, {proxied.passed.get(name, 0)} and {proxied.failed.get(name, 0)} through bindify"
                  for name in lost(direct, proxied, allowed)]
    return found


def is_installed(*names):
    return all(os.path.exists(os.path.join(os.environ.get("BINDIFY_NPM", ""), "node_modules", name)) for name in names)


def judge_in_world(make_world, judge, *needed):
    """The frame of a script of this kind: 77 if something @needed from npm is missing, else whether judge()
    found something to complain of in the world, whose programs end with it. The status to exit with."""
    if not is_installed(*needed):
        print("the npm programs are not installed (./check does that; BINDIFY_NPM names the place)")
        return 77
    # A test that takes too long is ended by a signal: the servers end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as home:
        world = make_world(home)
        try:
            found = judge(world)
        finally:
            world.end()
    for line in found:
        print(line)
    print(f"{len(found)} complaints")
    return 1 if found else 0


def main():
    tests, agent, services, *more = sys.argv[1:]
    return judge_in_world(lambda home: World(home, tests, agent, services),
                          lambda world: compare(world, more[0] if more else None), NEW)


if __name__ == "__main__":
    sys.exit(main())
