#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Clients that nobody here wrote call tools of the conformance server and of the MCP project's reference
server through bindify: over HTTP, and on stdin and stdout of bindify-mcp. The MCP Inspector in each of its
eras, mcporter, and mcp-remote, which is a bridge itself.

usage: real-clients.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR (BINDIFY_NPM and BINDIFY_NODE as for
conformance.py)"""

import concurrent.futures
import json
import os
import subprocess
import sys
import threading

from conformance import SECRET, World, judge_in_world, ready_line

CLIENT_S = 60
AT_ONCE = 2
TEXT = "This is a simple text response for testing."
ECHO = "Echo: hello from the other side"
MESSAGES = (
    {"jsonrpc": "2.0", "id": 0, "method": "initialize",
     "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "lines", "version": "1"}}},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "test_simple_text", "arguments": {}}},
)


class ClientsWorld(World):
    """Both servers, bound as "suite" and "everything"."""

    def __init__(self, home, tests, agent, services, client_dir):
        super().__init__(home, tests, agent, services)
        self.bridge = [os.path.join(client_dir, "bindify-mcp"), "--socket"]
        self.config = os.path.join(home, "mcporter.json")

    def set_up(self):
        gated = self.server("gate.cjs", GATE_SECRET=SECRET)
        self.url = self.bindify(f"http://127.0.0.1:{gated}/mcp")
        script = os.path.join(self.tests, "npm", "everything.sh")
        child = self.start([script, "streamableHttp"],
                           self.environment(GATE_SECRET=SECRET, BINDIFY_NODE=self.node),
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.bindify(f"http://127.0.0.1:{ready_line(child.stdout).group(1)}/mcp", "everything")
        self.bridge.append(self.socket)
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump({"mcpServers": {"http": {"baseUrl": self.url},
                                      "stdio": {"command": self.bridge[0], "args": [*self.bridge[1:], "suite"]}}}, file)

    def command(self, program, arguments):
        options = " ".join(self.preloads("loopback.cjs") + ["--no-deprecation"])
        return {"args": [self.node, os.path.join(self.npm, "node_modules", ".bin", program), *arguments],
                "env": self.environment(NODE_OPTIONS=options), "cwd": self.home, "stdout": subprocess.PIPE}

    def talk(self, program, arguments):
        """Its exit status and everything that it says."""
        done = subprocess.run(**self.command(program, arguments), check=False, stdin=subprocess.DEVNULL,
                              stderr=subprocess.STDOUT, timeout=CLIENT_S)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def converse(self, program, arguments):
        """The same for one that reads messages; it ends when told to."""
        child = subprocess.Popen(**self.command(program, arguments), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        watchdog = threading.Timer(CLIENT_S, child.kill)
        watchdog.start()
        output = b""
        for message in MESSAGES:
            child.stdin.write(json.dumps(message).encode() + b"\n")
            child.stdin.flush()
            if "id" in message:
                output += child.stdout.readline()
        child.stdin.close()
        output += child.stdout.read()
        watchdog.cancel()
        child.terminate()
        child.wait()
        return 0, output.decode("utf-8", "replace")


def clients(world):
    """name → program, arguments, what it must say."""
    text = ["--method", "tools/call", "--tool-name", "test_simple_text"]
    echo = ["--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=hello from the other side"]
    with_prefix = ["--method", "tools/call", "--tool-name", "suite__test_simple_text"]
    of_all = world.url.replace("/suite/", "/~all/")
    common = ["--stored-auth-only", "--format", "json", "--protocol-era"]
    http = ["--cli", world.url, "--transport", "http", *common]
    stdio = ["--cli", "--transport", "stdio", *common]
    found = {}
    for era in ("legacy", "auto", "modern"):
        found[f"inspector over HTTP, {era}"] = ("mcp-inspector", [*http, era, *text], TEXT)
        found[f"inspector over stdio, {era}"] = ("mcp-inspector", [*stdio, era, *text, "--", *world.bridge, "suite"], TEXT)
        found[f"inspector with all over HTTP, {era}"] = (
            "mcp-inspector", ["--cli", of_all, *http[2:], era, *with_prefix], TEXT)
        found[f"inspector with all over stdio, {era}"] = (
            "mcp-inspector", [*stdio, era, *with_prefix, "--", *world.bridge, "--all"], TEXT)
        found[f"inspector with server-everything among all, {era}"] = (
            "mcp-inspector", ["--cli", of_all, *http[2:], era, *echo[:3], "everything__echo", *echo[4:]], ECHO)
    for era in ("legacy", "auto"):
        found[f"inspector with server-everything, {era}"] = (
            "mcp-inspector", [*stdio, era, *echo, "--", *world.bridge, "everything"], ECHO)
    for server in ("http", "stdio"):
        found[f"mcporter, {server}"] = ("mcporter", ["--config", world.config, "call", f"{server}.test_simple_text"], TEXT)
    found["mcp-remote"] = ("mcp-remote-client", [world.url, "--allow-http", "--transport", "http-only"],
                           "Connected successfully")
    return found


def judge(name, outcome, wanted):
    status, output = outcome
    if status == 0 and wanted in output and SECRET not in output:
        print(f"ok: {name}")
        return []
    return [f"{name}: status {status}: {output[-1000:].replace(SECRET, '***')}"]


def run_all(world):
    world.set_up()
    found = []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {(name, wanted): pool.submit(world.talk, program, arguments)
                for name, (program, arguments, wanted) in clients(world).items()}
        bridge = pool.submit(world.converse, "mcp-remote", [world.url, "--allow-http", "--transport", "http-only"])
    for (name, wanted), job in jobs.items():
        found += judge(name, job.result(), wanted)
    return found + judge("mcp-remote as a bridge", bridge.result(), TEXT)


if __name__ == "__main__":
    sys.exit(judge_in_world(lambda home: ClientsWorld(home, *sys.argv[1:]), run_all, os.path.join(".bin", "mcporter")))
