#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The whole way: an MCP client that nobody here wrote (mcporter) calls a tool, the window asks, somebody clicks
“Allow”, the call succeeds and is on record; what was remembered is taken back, and it is asked again.

usage: tray-story.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…] (BINDIFY_NPM and BINDIFY_NODE as for
real-clients.py)"""

import json
import os
import subprocess
import sys

from conformance import is_installed
from screen import SKIPPED, wait_for
from tray_world import run_cases

TITLE = "bindify asks"


class Mcporter:
    """Calls "echo" of "notes" as the client “mcporter”."""

    def __init__(self, world):
        self.world = world
        key = json.loads(world.bindify("bindify", "client", "add", "mcporter", "--json"))["key"]
        url = f"http://127.0.0.1:{world.agent.port}/mcp/notes"
        self.config = os.path.join(world.home, "mcporter.json")
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump({"mcpServers": {"notes": {"baseUrl": url, "headers": {"Authorization": "Bearer " + key}}}}, file)

    def call(self, text):
        preload = os.path.join(self.world.tests, "npm", "loopback.cjs")
        environment = self.world.agent.environment(NODE_OPTIONS=f"--require {preload} --no-deprecation")
        child = subprocess.Popen(
            [os.environ["BINDIFY_NODE"], os.path.join(os.environ["BINDIFY_NPM"], "node_modules", ".bin", "mcporter"),
             "--config", self.config, "call", "notes.echo", "text=" + text],
            env=environment, cwd=self.world.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.world.helpers.append(child)
        return child


def from_a_call_to_its_end(world):
    tray = world.start()
    world.add_notes()
    mcporter = Mcporter(world)
    call = mcporter.call("one")
    window = tray.wait_window(TITLE)
    tray.wait_text("Let “mcporter” use the tool “echo” of “notes”?")
    tray.wait_text("Client: “mcporter” (known by its key)")
    tray.click("For 10 minutes", window, "check box")
    wait_for(lambda: tray.is_sensitive("Allow for 10 Minutes"), "It never counts")
    world.desktop.shot("story-asked")
    tray.click("Allow for 10 Minutes", window)
    said = call.communicate()[0]
    assert "one" in said and call.returncode == 0, said
    tray.wait_no_window(TITLE)
    assert "two" in mcporter.call("two").communicate()[0]
    granted = world.agent.events("approval_granted")
    used = world.agent.events("proxy_request")
    assert [event["client"] for event in granted] == ["mcporter"], granted
    assert len(world.agent.events("approval_requested")) == 1, used
    grants = world.bindify("bindify", "grants")
    world.bindify("bindify", "grants", "revoke", grants.split()[-1])
    call = mcporter.call("three")
    window = tray.wait_window(TITLE)
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    tray.click("Deny", window)
    said = call.communicate()[0]
    assert "three" not in said and "refused" in said, said
    assert len(world.agent.events("approval_denied")) == 1


if __name__ == "__main__":
    if "BINDIFY_NPM" not in os.environ or not is_installed(os.path.join(".bin", "mcporter")):
        print("BINDIFY_NPM and BINDIFY_NODE do not name the npm packages that ./check installs")
        sys.exit(SKIPPED)
    sys.exit(run_cases(__doc__, [from_a_call_to_its_end]))
