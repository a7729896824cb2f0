#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the grants: what was answered, until when, and how it is taken back.

usage: window-grants.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import json
import sys
import threading

from screen import wait_for
from tray_world import run_cases


def open_page(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.add_notes()
    world.desktop.keys("alt+3")
    tray.wait_window("Grants")
    return tray


def ask(world, **arguments):
    """A program asks for the tool "echo", and the person answers: by the agent's own interface, as the window of
    the questions does, for what is tested here comes afterwards."""
    return world.begin("bindify", "call", "notes", "echo", json.dumps(arguments))


def grants(world):
    return world.agent.ask("GET", "/v1/grants")["grants"]


class Prompter:
    """Answers every question in the same way."""

    def __init__(self, world, answer, scope):
        self.connection = world.agent.open_connection()
        self.world, self.answer, self.scope = world, answer, scope
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        self.connection.request("POST", "/v1/prompters", json.dumps({"kind": "tray"}),
                                {"Content-Type": "application/json"})
        stream = self.connection.getresponse()
        token, event = None, ""
        while True:
            line = stream.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
                token = data.get("token", token)
                if event == "opened":
                    body = {"token": token, "answer": self.answer, "digest": data["digest"]}
                    if self.answer == "allow":
                        body["scope"] = self.scope
                    self.world.agent.ask("POST", f"/v1/prompts/{data['id']}/answer", body)
                    return


def tells_what_they_are(world):
    tray = open_page(world)
    tray.wait_text("Nothing Is Granted")
    world.desktop.shot("window-grants-empty")


def shows_a_yes_and_takes_it_back(world):
    tray = open_page(world)
    Prompter(world, "allow", "10min")
    asked = ask(world, text="one")
    wait_for(lambda: grants(world), "There is no grant")
    asked.wait()
    tray.wait_text("may use echo of notes")
    tray.wait_text("Ends in 10 minutes.")
    world.desktop.shot("window-grants")
    tray.press(tray.wait_text("Take back: "))
    wait_for(lambda: not grants(world), "It is not taken back")
    tray.wait_no_text("may use echo of notes")


def shows_a_no_that_can_be_taken_back(world):
    tray = open_page(world)
    Prompter(world, "deny", None)
    asked = ask(world, text="one")
    wait_for(lambda: grants(world), "There is no grant")
    asked.wait()
    tray.wait_text("may not use echo of notes")
    tray.wait_text("Ends in 1 hour.")
    tray.press(tray.wait_text("Take back: "))
    tray.press("Undo")
    tray.wait_text("may not use echo of notes")
    assert grants(world), "The undo came too late"


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [tells_what_they_are, shows_a_yes_and_takes_it_back,
                                 shows_a_no_that_can_be_taken_back]))
