#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the settings: what is switched there is in the files, and the other way round.

usage: window-settings.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import os
import sys

from screen import Atspi, has_state, name_of, role_of, wait_for
from tray_world import run_cases


def open_page(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.desktop.keys("alt+6")
    tray.wait_window("Settings")
    tray.wait_text("When the screen is locked")
    return tray


def find_switch(tray, name):
    """The switch itself, not the row that has the same name."""
    return wait_for(lambda: next((node for node in tray.nodes() if name_of(node) == name
                                  and role_of(node) in ("switch", "toggle button", "check box")), None), name)


def is_on(tray, name):
    node = find_switch(tray, name)
    return has_state(node, Atspi.StateType.CHECKED) or has_state(node, Atspi.StateType.PRESSED)


def value(world, name):
    return next(setting["value"] for setting in world.agent.ask("GET", "/v1/settings")["settings"]
                if setting["name"] == name)


def what_is_switched_is_in_the_file(world):
    tray = open_page(world)
    wait_for(lambda: is_on(tray, "When the screen is locked"), "The page does not show what is set")
    world.desktop.shot("window-settings")
    find_switch(tray, "When the screen is locked").do_action(0)
    wait_for(lambda: value(world, "lock.on") == "suspend,session", lambda: value(world, "lock.on"))
    find_switch(tray, "Serve them at a port of this computer").do_action(0)
    wait_for(lambda: value(world, "agent.tcp") == "false", "The door stays open")
    tray.wait_text("Until then the agent goes by the former values of these: agent.tcp.")


def what_an_editor_changed_is_shown(world):
    tray = open_page(world)
    wait_for(lambda: is_on(tray, "When the computer sleeps"), "The page does not show what is set")
    world.desktop.keys("alt+1")
    tray.wait_window("Bindings")
    world.bindify("bindify", "settings", "lock.on", "none")
    world.desktop.keys("alt+6")
    wait_for(lambda: not is_on(tray, "When the computer sleeps"), "It shows what was before")


def a_file_that_may_not_be_written_says_so(world):
    tray = open_page(world)
    wait_for(lambda: is_on(tray, "When the screen is locked"), "The page does not show what is set")
    path = world.agent.ask("GET", "/v1/settings")["file"]
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "a", encoding="utf-8"):
        os.chmod(path, 0o400)
    find_switch(tray, "When the screen is locked").do_action(0)
    tray.wait_text("is read-only")
    wait_for(lambda: is_on(tray, "When the screen is locked"), "It is not put back")


def starting_at_login_is_a_switch(world):
    entry = os.path.join(world.desktop.home, "config", "autostart", "io.bindify.Tray.desktop")
    tray = open_page(world)
    wait_for(lambda: is_on(tray, "Start it when you log in"), "It is off without a reason")
    find_switch(tray, "Start it when you log in").do_action(0)
    wait_for(lambda: os.path.exists(entry), "There is no entry")
    with open(entry, encoding="utf-8") as file:
        assert "Hidden=true" in file.read()
    find_switch(tray, "Start it when you log in").do_action(0)
    wait_for(lambda: not os.path.exists(entry), "The entry stays")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [what_is_switched_is_in_the_file, what_an_editor_changed_is_shown,
                                 a_file_that_may_not_be_written_says_so, starting_at_login_is_a_switch]))
