#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Runs the public MCP conformance suite, and the MCP Inspector, as clients of one era against servers that
speak the other one only, through bindify: over HTTP, and as a local command. Prints what passes; every
scenario has to, but for those named below, which ask for what the other era has no word for.

usage: eras-conformance.py TESTS_DIR AGENT SERVICES_DIR (BINDIFY_NPM and BINDIFY_NODE as for conformance.py)"""

import collections
import concurrent.futures
import os
import subprocess
import sys

from conformance import LEGS, NEW, SECRET, World, control, judge_in_world, ready_line

CLIENT_S = 60
AT_ONCE = 2
TEXT = "This is a simple text response for testing."
MODERN, LEGACY = "2026-07-28", "2025-11-25"

# server → scenario → how many checks may fail, and why.
Excuse = collections.namedtuple("Excuse", "n why")
NO_KEY = Excuse(1, "a legacy server's question has no key of its own")
EXCUSES = {
    "http-legacy": {
        "input-required-result-basic-elicitation": NO_KEY,
        "server-stateless": Excuse(2, "a legacy server knows no -32021 for a capability that the client lacks"),
    },
    "stdio-legacy": {
        "input-required-result-basic-elicitation": NO_KEY,
        "server-stateless": Excuse(3, "no -32021; and other capabilities mean another program, which has to start"),
    },
    "http-modern": {},
    "stdio-modern": {
        "tools-call-with-logging": Excuse(1, "a program that all share does not say whose call a log line is about"),
    },
}
# How many checks pass at least, of all scenarios that count.
FLOORS = {MODERN: 114, LEGACY: 71}


class Bridge(World):
    """Four servers, each of one era only, behind one agent."""

    def begin(self):
        ports = {era: self.gated(era) for era in ("legacy", "modern")}
        first = self.bindify(f"http://127.0.0.1:{ports['legacy']}/mcp")
        self.add("http-modern", {"url": f"http://127.0.0.1:{ports['modern']}/mcp", "allow_local": True,
                                 "credential": {"type": "api_key", "api_key": SECRET}})
        for era in ("legacy", "modern"):
            self.add(f"stdio-{era}", {"command": self.command(era)})
        names = {"http-legacy": "suite"}
        return {name: first.replace("/suite/", f"/{names.get(name, name)}/")
                for name in ("http-legacy", "stdio-legacy", "http-modern", "stdio-modern")}

    def script(self):
        return os.path.join(self.tests, "fixtures", "conformance-server", "server.mjs")

    def gated(self, era):
        child = self.start([self.node, "--no-deprecation", *self.preloads("gate.cjs"), self.script(), "http"],
                           self.environment(GATE_SECRET=SECRET, ERA=era), stdout=subprocess.PIPE)
        return int(ready_line(child.stdout).group(1))

    def command(self, era):
        return {"argv": ["/usr/bin/env", f"ERA={era}", f"BINDIFY_NPM={self.npm}", self.node, "--no-deprecation",
                         self.script(), "stdio"], "sandbox": False, "deliver": "nothing"}

    def add(self, name, body):
        control(os.path.join(self.home, "run", "bindify", "agent.sock"), "/v1/bindings",
                {"name": name, "check": False, "profile": "open", **body})

    def inspect(self, url, era):
        options = " ".join(self.preloads("loopback.cjs") + ["--no-deprecation"])
        program = os.path.join(self.npm, "node_modules", ".bin", "mcp-inspector")
        done = subprocess.run([self.node, program, "--cli", url, "--transport", "http", "--stored-auth-only",
                               "--format", "json", "--method", "tools/call", "--tool-name", "test_simple_text",
                               "--protocol-era", era],
                              env=self.environment(NODE_OPTIONS=options), cwd=self.home, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=CLIENT_S)
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode == 0 and TEXT in output and SECRET not in output:
            return []
        return [f"inspector, {era}: status {done.returncode}: {output[-1000:].replace(SECRET, '***')}"]


def revision(name):
    """What the client of this server speaks: what the server does not."""
    return MODERN if name.endswith("legacy") else LEGACY


def judge(name, outcome):
    """Scenarios that should pass and do not, and excuses that are none any more."""
    excuses = EXCUSES[name]
    found = []
    for scenario, failed in outcome.failed.items():
        allowed = excuses[scenario].n if scenario in excuses else 0
        if scenario not in outcome.unscored and (failed > allowed or failed == 0 < allowed):
            found.append(f"{name}: {scenario}: {failed} checks fail, {allowed} are expected to")
    passed = sum(n for scenario, n in outcome.passed.items() if scenario not in outcome.unscored)
    if passed < FLOORS[revision(name)]:
        found.append(f"{name}: {passed} checks pass, which should be {FLOORS[revision(name)]}")
    return found


def run_all(world):
    urls = world.begin()
    legs = {leg.name: leg for leg in LEGS}
    found = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {name: pool.submit(world.run, legs[revision(name)], url) for name, url in urls.items()}
    outcomes = {name: job.result() for name, job in jobs.items()}
    # As in conformance.py: some scenarios give an answer less than a second.
    for name, outcome in list(outcomes.items()):
        if judge(name, outcome):
            print(f"{name}: once more, alone")
            outcomes[name] = world.run(legs[revision(name)], urls[name])
    print(f"| {'server':<12} | {'client':<10} | {'scenarios':>9} | {'checks passed':>13} | {'not expressible':>15} |")
    print(f"| {'-' * 12} | {'-' * 10} | {'-' * 8}: | {'-' * 12}: | {'-' * 14}: |")
    for name, outcome in outcomes.items():
        scored = [scenario for scenario in outcome.passed if scenario not in outcome.unscored]
        print(f"| {name:<12} | {revision(name):<10} | {len(scored):>9} | {sum(outcome.passed[s] for s in scored):>13} | "
              f"{sum(outcome.failed[s] for s in scored):>15} |")
        found += judge(name, outcome)
    for name, excuses in EXCUSES.items():
        for scenario, excuse in excuses.items():
            print(f"{name}: {scenario}: {excuse.why}")
    for name, url in urls.items():
        for era in ("legacy", "auto", "modern"):
            found += [f"{name}: {line}" for line in world.inspect(url, era)]
    return found


if __name__ == "__main__":
    sys.exit(judge_in_world(lambda home: Bridge(home, *sys.argv[1:]), run_all, NEW))
