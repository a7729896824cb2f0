#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the activity: what was, what is, alarms, filters and details.

usage: window-activity.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import sys

from screen import Atspi, name_of, role_of, wait_for, walk
from tray_world import run_cases

OLDER = 620  # more than two pages


def open_page(world):
    tray = world.start_tray(window=True)
    tray.wait_window("Bindings")
    world.desktop.keys("alt+4")
    tray.wait_window("Activity")
    return tray


def choose(tray, choice, word):
    """Of a drop-down, by keyboard as the mouse would be in the way of nothing."""
    node = tray.wait_node(choice, None)
    node.grab_focus() if hasattr(node, "grab_focus") else None
    button = next(part for part in walk(node) if role_of(part) in ("toggle button", "push button"))
    button.do_action(0)
    tray.wait_text(word)
    item = wait_for(lambda: next((part for part in tray.nodes() if name_of(part) == word
                                  and role_of(part) in ("list item", "label")), None), word)
    item.do_action(0)


def tells_what_was_and_what_is(world):
    world.agent.start()
    world.bindify("bindify", "freeze")
    world.bindify("bindify", "thaw")
    tray = open_page(world)
    tray.wait_text("Everything was frozen.")
    tray.wait_text("Requests may go on.")
    world.bindify("bindify", "client", "add", "editor")
    tray.wait_text("A key was made")
    world.desktop.shot("window-activity")


def makes_alarms_stand_out(world):
    world.agent.start()
    world.add_notes("--no-check")
    made = world.agent.ask("POST", "/v1/clients", {"label": "editor", "bindings": None})
    decoy = world.agent.ask("PUT", f"/v1/clients/{made['id']}/decoy", {})["decoy"]
    tray = open_page(world)
    connection = world.agent.open_connection()
    connection.request("POST", "/mcp/notes", "{}", {"Authorization": "Bearer " + decoy,
                                                    "Content-Type": "application/json"})
    connection.getresponse().read()
    tray.wait_text("Alarm: ")
    world.desktop.shot("window-activity-alarm")


def hostile_names_stay_text(world):
    world.agent.start()
    world.agent.ask("POST", "/v1/clients", {"label": "<b>x & %s", "bindings": None})
    tray = open_page(world)
    tray.wait_text("A key was made")
    world.bindify("bindify", "client", "remove", "<b>x & %s")
    tray.wait_text("A key was revoked")
    assert tray.process.poll() is None


def reads_older_ones_and_finds_them(world):
    world.agent.start()
    for number in range(OLDER // 2):
        world.agent.ask("POST", "/v1/freeze" if number % 2 else "/v1/lock")
        world.agent.ask("POST", "/v1/thaw" if number % 2 else "/v1/unlock")
    tray = open_page(world)
    tray.wait_text("Requests may go on.")
    # The word is in the first record only, two pages back.
    oldest = world.agent.ask("GET", "/v1/events?limit=10000")[0]
    assert oldest["sequence"] == 1, oldest
    world.desktop.keys("ctrl+f")
    world.desktop.xdotool("type", "--delay", "5", "nothing is called so")
    tray.wait_text("No Event Found")
    assert world.agent.ask("GET", "/v1/status")["state"] == "unlocked"


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [tells_what_was_and_what_is, makes_alarms_stand_out, hostile_names_stay_text,
                                 reads_older_ones_and_finds_them]))
