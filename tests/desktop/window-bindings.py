#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of bindings in the main window: what it shows, and what can be done with a binding.

usage: window-bindings.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import sys

from screen import wait_for
from tray_world import run_cases


def start(world):
    """The window, with the binding "notes"."""
    world.agent.start()
    world.add_notes()
    tray = world.start_tray(window=True)
    tray.wait_window("Bindings")
    tray.wait_text("notes")
    return tray


def state_of(world, name="notes"):
    return world.agent.ask("GET", "/v1/bindings/" + name)["binding"]["state"]


def names(world):
    return [binding["name"] for binding in world.agent.ask("GET", "/v1/bindings")["bindings"]]


def open_view(tray):
    """The page of the binding "notes"."""
    row = tray.wait_node("notes", "list item")
    row.grab_focus()
    tray.desktop.keys("Return")
    tray.wait_text("What Programs May Do")


def says_how_to_begin(world):
    tray = world.start(window=True)
    tray.wait_text("No Bindings Yet")
    tray.wait_node("Add a Binding", "push button")
    world.desktop.shot("window-empty")


def shows_a_binding_in_full(world):
    tray = start(world)
    tray.wait_text("Not used yet")
    world.desktop.shot("window-bindings")
    open_view(tray)
    tray.wait_text("You are asked before each use.")
    tray.wait_text("bindify-mcp notes")
    world.desktop.shot("window-binding")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [says_how_to_begin, shows_a_binding_in_full]))
