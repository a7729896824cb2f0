#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The main window as such: when it comes and goes, and what it says when nothing works.

usage: window-shell.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import sys

from screen import GLib, wait_for
from tray_world import run_cases


def opens_when_a_person_starts_it(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.desktop.shot("window-first")
    world.desktop.keys("ctrl+w")
    tray.wait_no_window("Bindings")
    assert tray.process.poll() is None, "Closing the window ends the program"


def stays_away_at_login(world):
    tray = world.start()
    assert not world.desktop.windows("Bindings")
    second = world.desktop.start("second", world.tray_program, "--background", "--socket", world.agent.socket)
    assert second.wait(30) == 0, world.desktop.said("second")
    assert not world.desktop.windows("Bindings")
    third = world.desktop.start("third", world.tray_program, "--socket", world.agent.socket)
    assert third.wait(30) == 0, world.desktop.said("third")
    tray.wait_window("Bindings")


def says_that_the_agent_is_gone(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.agent.end()
    tray.wait_text("The agent is not running")
    world.desktop.shot("window-agent-gone")
    world.agent.start()
    tray.wait_no_text("The agent is not running")


def says_that_it_is_locked_or_frozen(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.bindify("bindify", "freeze")
    tray.wait_text("Everything is frozen")
    tray.press("Let Requests Go On")
    tray.wait_no_text("Everything is frozen")
    world.bindify("bindify", "lock", "--no-passphrase")
    tray.wait_text("The agent is locked: no credential is used.")
    tray.press("Unlock")
    tray.wait_no_text("The agent is locked")
    wait_for(lambda: world.agent.ask("GET", "/v1/lock")["state"] == "open", "The agent stays locked")


def survives_a_reader_that_comes_late(world):
    """It asks for the part of the program that was there a moment ago; GTK then tells of the last window of all, shown
    or not, and dies when that one was never on the screen."""
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    root = wait_for(tray.root, "It cannot be read")
    with contextlib.suppress(GLib.Error):
        root.get_child_at_index(1)
    world.desktop.keys("F1")
    tray.wait_text("Keyboard shortcuts")
    world.desktop.keys("Escape")
    tray.wait_no_text("Keyboard shortcuts")
    with contextlib.suppress(GLib.Error):
        root.get_child_at_index(1)
    world.add_notes()
    asker = world.ask()
    world.wait_questions(1)
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    tray.press("Deny")
    asker.wait()
    tray.wait_no_window("bindify asks")
    world.desktop.keys("ctrl+w")
    tray.wait_no_window("Bindings")
    with contextlib.suppress(GLib.Error):
        root.get_child_at_index(0)
    wait_for(lambda: world.agent.ask("GET", "/v1/prompts")["prompters"] > 0,
             lambda: f"Nobody would be asked; the tray's status is {tray.process.poll()}")
    assert tray.process.poll() is None, "It has ended"


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [opens_when_a_person_starts_it, stays_away_at_login, says_that_the_agent_is_gone,
                                 says_that_it_is_locked_or_frozen, survives_a_reader_that_comes_late]))
