#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The client scenarios of the public MCP conformance suite: its mock servers look at what a client on the
official SDK sends. The client talks to them directly, through the agent over HTTP, and through bindify-mcp
over stdio, where it is the bridge that has to be the HTTP client. Not one check may get lost on the way.

usage: conformance-client.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR
       conformance-client.py --client LEG STATE_FILE URL (as the suite calls it)

BINDIFY_NPM and BINDIFY_NODE as for conformance.py."""

import collections
import concurrent.futures
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile

from conformance import NEW, SECRET, World, control, judge_in_world

CLIENT_S = 60
SCENARIO_S = 90  # the suite's own time included
AT_ONCE = 3
LEGS = ("direct", "HTTP", "stdio")

# name, revision, how many checks pass directly at least when all is well.
Scenario = collections.namedtuple("Scenario", "name revision expected")
LEGACY, MODERN = "2025-11-25", "2026-07-28"
SCENARIOS = (
    Scenario("initialize", LEGACY, 1),
    Scenario("tools_call", LEGACY, 2),
    Scenario("elicitation-sep1034-client-defaults", LEGACY, 5),
    Scenario("sse-retry", LEGACY, 3),
    Scenario("json-schema-2020-12-preservation", LEGACY, 9),
    Scenario("tools_call", MODERN, 2),
    Scenario("request-metadata", MODERN, 8),
    Scenario("sep-2322-client-request-state", MODERN, 5),
    Scenario("http-standard-headers", MODERN, 9),
    Scenario("http-custom-headers", MODERN, 18),
    Scenario("http-invalid-tool-headers", MODERN, 12),
    Scenario("json-schema-ref-no-deref", MODERN, 1),
    Scenario("json-schema-2020-12-preservation", MODERN, 9),
)

# Two counters of check names.
Outcome = collections.namedtuple("Outcome", "passed failed output")


class ClientWorld(World):
    """An agent that gets a binding for each mock server, and one launcher per leg."""

    def __init__(self, home, tests, agent, services, client_dir):
        super().__init__(home, tests, agent, services)
        self.start_agent()
        state = {"agent": self.socket, "url": f"http://127.0.0.1:{self.port}/mcp/", "key": self.key,
                 "bridge": os.path.join(client_dir, "bindify-mcp"), "node": self.node,
                 "driver": os.path.join(tests, "fixtures", "conformance-client", "client.mjs")}
        self.state = os.path.join(home, "state.json")
        with open(self.state, "w", encoding="utf-8") as file:
            json.dump(state, file)
        self.launchers = {leg: self.launcher(leg) for leg in LEGS}

    def launcher(self, leg):
        """The suite takes a command apart at blanks, which paths may have."""
        path = os.path.join(self.home, leg)
        words = [sys.executable, os.path.abspath(__file__), "--client", leg, self.state]
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        os.chmod(path, 0o700)
        return path

    def run_scenario(self, scenario, leg):
        script = os.path.join(self.npm, "node_modules", NEW, "dist", "index.js")
        options = " ".join(self.preloads("loopback.cjs") + ["--no-deprecation"])
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            arguments = ["--command", self.launchers[leg], "--scenario", scenario.name, "--spec-version",
                         scenario.revision, "--timeout", str(CLIENT_S * 1000), "-o", folder]
            try:
                done = subprocess.run([self.node, script, "client", *arguments], cwd=folder, check=False,
                                      env=self.environment(NODE_OPTIONS=options), stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SCENARIO_S)
            except subprocess.TimeoutExpired as error:
                return outcome([], (error.output or b"") + b"\nIt did not end.")
            found = glob.glob(os.path.join(folder, "*", "checks.json"))
            checks = []
            if found:
                with open(found[0], encoding="utf-8") as file:
                    checks = json.load(file)
        return outcome(checks, done.stdout)


def outcome(checks, output):
    output = output.decode("utf-8", "replace")
    names = collections.defaultdict(collections.Counter)
    for check in checks:
        names[check["status"]][f"{check['id']} {check['name']}"] += 1
    return Outcome(names["SUCCESS"], names["FAILURE"] + names["WARNING"], output)


def lost(direct, other):
    """What passes directly and not there, or fails there and not directly."""
    return sorted((direct.passed - other.passed) | (other.failed - direct.failed))


def complaints(scenario, outcomes):
    direct = outcomes["direct"]
    label = f"{scenario.name}, {scenario.revision}"
    if direct.passed.total() < scenario.expected:
        yield (f"{label}: {direct.passed.total()} checks pass directly, which should be {scenario.expected}:\n"
               + direct.output[-2000:])
    for leg in LEGS[1:]:
        names = lost(direct, outcomes[leg])
        if names:
            yield f"{label}: over {leg}: {', '.join(names)}:\n{outcomes[leg].output[-2000:]}"
        if SECRET in outcomes[leg].output:
            yield f"{label}: over {leg}: the client got to see the credential"


def run_all(world):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {(scenario, leg): pool.submit(world.run_scenario, scenario, leg)
                for scenario in SCENARIOS for leg in LEGS}
    outcomes = {scenario: {leg: jobs[scenario, leg].result() for leg in LEGS} for scenario in SCENARIOS}
    # Some scenarios measure time, whatever else the machine has to do: a second look, one at a time.
    for scenario, found in outcomes.items():
        if list(complaints(scenario, found)):
            print(f"{scenario.name}, {scenario.revision}: once more, alone")
            outcomes[scenario] = {leg: world.run_scenario(scenario, leg) for leg in LEGS}
    return outcomes


def print_table(outcomes):
    """In Markdown's form, which ./check shows."""
    print(f"| {'client leg':<10} | {'scenarios':>9} | {'passed directly':>15} | {'over HTTP':>9} | {'over stdio':>10} | lost |")
    print(f"| {'-' * 10} | {'-' * 8}: | {'-' * 14}: | {'-' * 8}: | {'-' * 9}: | ---: |")
    for revision in (LEGACY, MODERN):
        rows = [found for scenario, found in outcomes.items() if scenario.revision == revision]
        sums = [sum(row[leg].passed.total() for row in rows) for leg in LEGS]
        n_lost = sum(len(lost(row["direct"], row[leg])) for row in rows for leg in LEGS[1:])
        print(f"| {revision} | {len(rows):>9} | {sums[0]:>15} | {sums[1]:>9} | {sums[2]:>10} | {n_lost:>4} |")


def be_client(leg, state_file, url):
    """Binds the mock server, and becomes the client of the binding."""
    with open(state_file, encoding="utf-8") as file:
        state = json.load(file)
    name = f"mock-{os.getpid()}"
    target = [url]
    if leg != "direct":
        control(state["agent"], "/v1/bindings",
                {"name": name, "url": url, "allow_local": True, "check": False, "profile": "open",
                 "credential": {"type": "api_key", "api_key": SECRET}})
    if leg == "HTTP":
        target = [f"{state['url']}{name}/{state['key']}"]
    if leg == "stdio":
        target = [state["bridge"], "--socket", state["agent"], name]
    os.execv(state["node"], [state["node"], state["driver"], *target])


def judge(world):
    outcomes = run_all(world)
    print_table(outcomes)
    return [line for scenario, row in outcomes.items() for line in complaints(scenario, row)]


def main():
    if sys.argv[1] == "--client":
        be_client(*sys.argv[2:])
    return judge_in_world(lambda home: ClientWorld(home, *sys.argv[1:]), judge,
                          os.path.join("@modelcontextprotocol", "client"), NEW)


if __name__ == "__main__":
    sys.exit(main())
