#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The client scenarios about authorization of the public MCP conformance suite (mcp.md D.5). Each of its mock
servers gets an agent that knows nothing yet; somebody signs in with bindify-add, and a client without any OAuth
calls a tool through the agent. When a call is refused because a login is needed, they type what the refusal
says and call again, until that is refused, too. Every check of every scenario that counts has to pass.

usage: conformance-auth.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR
       conformance-auth.py --client STATE_FILE URL (as the suite calls it)

BINDIFY_NPM and BINDIFY_NODE as for conformance.py."""

import collections
import concurrent.futures
import fcntl
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

from conformance import NEW, World, judge_in_world
from signing_in import Agent

SCENARIO_S = 120  # waiting for a slot included
LEG_S = 300
AT_ONCE = 4
DOCUMENT_URL = "https://conformance-test.local/client-metadata.json"  # the suite knows it by name
NEEDS_LOGIN = -31005

# How many kinds of checks pass at least when all is well, for the two revisions; None: only the newer one has it.
SCENARIOS = {
    "metadata-default": (15, 16), "metadata-var1": (15, 16), "metadata-var2": (15, 16), "metadata-var3": (15, 16),
    "basic-cimd": (10, 10), "scope-from-www-authenticate": (11, 12), "scope-from-scopes-supported": (11, 12),
    "scope-omitted-when-undefined": (11, 12), "scope-step-up": (12, 14), "scope-retry-limit": (10, 11),
    "token-endpoint-auth-basic": (16, 17), "token-endpoint-auth-post": (16, 17), "token-endpoint-auth-none": (16, 17),
    "pre-registration": (10, 10), "resource-mismatch": (None, 2), "offline-access-scope": (None, 10),
    "offline-access-not-supported": (None, 12), "authorization-server-migration": (None, 14),
    "iss-supported": (None, 12), "iss-not-advertised": (None, 12), "iss-supported-missing": (None, 8),
    "iss-wrong-issuer": (None, 8), "iss-unexpected": (None, 8), "iss-normalized": (None, 8),
    "metadata-issuer-mismatch": (None, 3),
    # An extension: not required of anybody.
    "client-credentials-basic": (5, 5),
}
BACKCOMPAT = {"2025-03-26-oauth-metadata-backcompat": 9, "2025-03-26-oauth-endpoint-fallback": 4}

Leg = collections.namedtuple("Leg", "name arguments expected")
LEGS = (
    Leg("2025-11-25", ("--requirements", "2025-11-25"),
        {name: n for name, (n, _) in SCENARIOS.items() if n is not None}),
    Leg("2026-07-28", ("--requirements", "2026-07-28"), {name: n for name, (_, n) in SCENARIOS.items()}),
    Leg("2025-03-26", ("--suite", "backcompat", "--spec-version", "2025-03-26"), BACKCOMPAT),
)

# passed: names of checks, without repetitions: how often one is made depends on how often somebody asks.
Outcome = collections.namedtuple("Outcome", "passed n_passed failed output")


class AuthWorld(World):
    """What all launchers share; the agents are theirs."""

    def __init__(self, home, tests, agent, services, client_dir):
        super().__init__(home, tests, agent, services)
        state = {"home": home, "tests": os.path.abspath(tests), "agent": agent, "services": services,
                 "client_dir": client_dir, "node": self.node, "npm": self.npm}
        self.state = os.path.join(home, "state.json")
        with open(self.state, "w", encoding="utf-8") as file:
            json.dump(state, file)
        self.browser = os.path.join(home, "browser")
        write_script(self.browser, 'exec curl --silent --output /dev/null --location --max-time 30 "$1"')
        # Other scenarios have a test of their own: what is not ours ends at once.
        ours = "|".join("auth/" + name for leg in LEGS for name in leg.expected)
        self.launcher = os.path.join(home, "launcher")
        write_script(self.launcher, f"case $MCP_CONFORMANCE_SCENARIO in {ours}) ;; *) exit 1 ;; esac\nexec "
                     + shlex.join([sys.executable, os.path.abspath(__file__), "--client", self.state]) + ' "$@"')

    def run_leg(self, leg):
        script = os.path.join(self.npm, "node_modules", NEW, "dist", "index.js")
        options = " ".join(self.preloads("loopback.cjs") + ["--no-deprecation"])
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            arguments = ["--command", self.launcher, *leg.arguments, "--timeout", str(SCENARIO_S * 1000), "-o", folder]
            done = subprocess.run([self.node, script, "client", *arguments], cwd=folder, check=False,
                                  env=self.environment(NODE_OPTIONS=options), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LEG_S)
            found = {name: read_outcome(folder, name) for name in leg.expected}
        if any(outcome is None for outcome in found.values()):
            raise RuntimeError("the suite did not come to its end:\n" + done.stdout.decode("utf-8", "replace")[-2000:])
        return found


def write_script(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o700)


def read_outcome(folder, name):
    """Of one scenario; None when the suite has written nothing."""
    found = glob.glob(os.path.join(folder, "auth", name + "-20*"))
    if not found:
        return None
    texts = []
    for part in ("checks.json", "stdout.txt", "stderr.txt"):
        with open(os.path.join(found[0], part), encoding="utf-8") as file:
            texts.append(file.read())
    names = collections.defaultdict(list)
    checks = json.loads(texts[0])
    for check in checks:
        names[check["status"]].append(f"{check['id']}: {check['description']}")
    passed = {check["id"] for check in checks if check["status"] == "SUCCESS"}
    return Outcome(passed, len(names["SUCCESS"]), names["FAILURE"] + names["WARNING"], texts[1] + texts[2])


def complaints(leg, outcomes):
    for name, outcome in outcomes.items():
        label = f"{leg.name}, {name}"
        if outcome.failed:
            yield f"{label}: {'; '.join(outcome.failed)}\n{outcome.output[-2000:]}"
        elif len(outcome.passed) < leg.expected[name]:
            yield (f"{label}: {len(outcome.passed)} kinds of checks pass, which should be {leg.expected[name]}\n"
                   + outcome.output[-2000:])


def judge(world):
    with concurrent.futures.ThreadPoolExecutor(len(LEGS)) as pool:
        outcomes = list(zip(LEGS, pool.map(world.run_leg, LEGS)))
    print(f"| {'auth leg':<10} | {'scenarios':>9} | {'green':>5} | {'checks passed':>13} | {'failed':>6} |")
    print(f"| {'-' * 10} | {'-' * 8}: | {'-' * 4}: | {'-' * 12}: | {'-' * 5}: |")
    for leg, found in outcomes:
        n_red = len(list(complaints(leg, found)))
        print(f"| {leg.name:<10} | {len(found):>9} | {len(found) - n_red:>5} | "
              f"{sum(outcome.n_passed for outcome in found.values()):>13} | "
              f"{sum(len(outcome.failed) for outcome in found.values()):>6} |")
    return [line for leg, found in outcomes for line in complaints(leg, found)]


class Person:
    """Types commands, and has a browser."""

    def __init__(self, state, agent):
        self.state, self.agent = state, agent
        # Without a display, $BROWSER is what xdg-open opens.
        self.environment = agent.environment(BROWSER=os.path.join(state["home"], "browser"), BINDIFY_SOCK=agent.socket)

    def types(self, program, *arguments, text=None):
        done = subprocess.run([os.path.join(self.state["client_dir"], program), *arguments], check=False,
                              env=self.environment, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=SCENARIO_S)
        print("$", program, *arguments, f"→ {done.returncode}\n{done.stdout}", flush=True)
        return done.returncode == 0

    def adds(self, url, context):
        """The binding "mock" by signing in; what the scenario hands over is typed in."""
        words, text = [], None
        if "client_id" in context:
            words, text = ["--client-id", context["client_id"], "--client-secret-stdin"], context["client_secret"]
        if os.environ["MCP_CONFORMANCE_SCENARIO"] == "auth/client-credentials-basic":
            words.append("--client-credentials")
        return self.types("bindify-add", "--oauth", "--allow-local", "--name", "mock", *words, url, text=text)

    def does_what_it_says(self, refusal):
        """Whether there was a command in it that mended something."""
        found = re.search(r"bindify (login mock)", refusal["message"])
        return refusal["code"] == NEEDS_LOGIN and found is not None and self.types("bindify", *found.group(1).split())


def use(state, agent, person, key):
    """The exit status of the client."""
    script = os.path.join(state["tests"], "fixtures", "conformance-client", "plain-client.mjs")
    url = f"http://127.0.0.1:{agent.port}/mcp/mock/{key.removeprefix('bnd_local_')}"
    environment = dict(os.environ, BINDIFY_NPM=state["npm"], NODE_OPTIONS="--no-deprecation")
    with subprocess.Popen([state["node"], script, url], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as client:
        for line in client.stdout:
            print("client:", line, end="", flush=True)
            client.stdin.write("again\n" if person.does_what_it_says(json.loads(line)) else "enough\n")
            client.stdin.flush()
        return client.wait()


def be_client(state_file, url):
    """One invocation: an agent of its own, and a person; no more than so many at once."""
    with open(state_file, encoding="utf-8") as file:
        state = json.load(file)
    with open(os.path.join(state["home"], f"slot-{os.getpid() % AT_ONCE}"), "w", encoding="utf-8") as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        home = tempfile.mkdtemp(dir=state["home"])
        agent = Agent(home, state["agent"], state["services"], "memory",
                      f"[oauth]\nclient-metadata-url={DOCUMENT_URL}\n")
        agent.start()
        try:
            person = Person(state, agent)
            context = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))
            if not person.adds(url, context):
                return 1
            return use(state, agent, person, agent.add_client())
        finally:
            agent.end()


def main():
    if sys.argv[1] == "--client":
        return be_client(*sys.argv[2:])
    # The suite starts its client elsewhere.
    paths = [os.path.abspath(argument) for argument in sys.argv[1:]]
    return judge_in_world(lambda home: AuthWorld(home, *paths), judge,
                          os.path.join("@modelcontextprotocol", "client"), NEW)


if __name__ == "__main__":
    sys.exit(main())
