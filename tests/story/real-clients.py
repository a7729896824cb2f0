#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Clients that nobody here wrote call a tool of the conformance server through bindify, over HTTP: the
MCP Inspector in each of its eras, mcporter and mcp-remote.

usage: real-clients.py TESTS_DIR AGENT SERVICES_DIR (BINDIFY_NPM and BINDIFY_NODE as for conformance.py)"""

import json
import os
import signal
import subprocess
import sys
import tempfile

from conformance import SECRET, World

CLIENT_S = 60
TEXT = "This is a simple text response for testing."


def clients(url, config):
    """name → program, arguments, what it must say."""
    inspector = ["--cli", url, "--transport", "http", "--stored-auth-only", "--format", "json",
                 "--method", "tools/call", "--tool-name", "test_simple_text", "--protocol-era"]
    found = {f"inspector, {era}": ("mcp-inspector", [*inspector, era], TEXT) for era in ("legacy", "auto", "modern")}
    found["mcporter"] = ("mcporter", ["--config", config, "call", "x.test_simple_text"], TEXT)
    found["mcp-remote"] = ("mcp-remote-client", [url, "--allow-http", "--transport", "http-only"],
                           "Connected successfully")
    return found


def run_all(world):
    gated = world.server("gate.cjs", GATE_SECRET=SECRET)
    url = world.bindify(f"http://127.0.0.1:{gated}/mcp")
    config = os.path.join(world.home, "mcporter.json")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"mcpServers": {"x": {"baseUrl": url}}}, file)
    options = " ".join(world.preloads("loopback.cjs") + ["--no-deprecation"])
    found = []
    for name, (program, arguments, wanted) in clients(url, config).items():
        done = subprocess.run([world.node, os.path.join(world.npm, "node_modules", ".bin", program), *arguments],
                              env=world.environment(NODE_OPTIONS=options), cwd=world.home, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=CLIENT_S)
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0 or wanted not in output or SECRET in output:
            found.append(f"{name}: status {done.returncode}: {output[-1000:].replace(SECRET, '***')}")
    return found


def main():
    if not os.path.exists(os.path.join(os.environ.get("BINDIFY_NPM", ""), "node_modules", ".bin", "mcporter")):
        print("the npm programs are not installed (./check does that; BINDIFY_NPM names the place)")
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as home:
        world = World(home, *sys.argv[1:])
        try:
            found = run_all(world)
        finally:
            world.end()
    for line in found:
        print(line)
    print(f"{len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
