#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the grants: what was answered, until when, and how it is taken back.

usage: window-grants.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import subprocess
import sys

from screen import wait_for
from tray_world import run_cases

TITLE = "bindify asks"


def open_page(world):
    tray = world.start(window=True)
    tray.wait_window("Bindings")
    world.add_notes()
    world.desktop.keys("alt+3")
    tray.wait_window("Grants")
    return tray


def grants(world):
    return world.agent.ask("GET", "/v1/grants")["grants"]


def keep_shell(world):
    """A shell that stays, because an answer for it lasts no longer than it does."""
    environment = world.agent.environment()
    environment["PATH"] = world.client_dir + ":" + environment["PATH"]
    shell = subprocess.Popen(["bash", "--norc"], env=environment, cwd=world.home, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    world.helpers.append(shell)
    return shell


def ask_and_answer(world, *presses):
    """A program asks for the tool "echo", and the person answers in the window for questions."""
    shell = keep_shell(world)
    shell.stdin.write("bindify call notes echo text=one\n")
    shell.stdin.flush()
    window = world.tray.wait_window(TITLE)
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    for name, role in presses:
        if role == "check box":
            world.tray.click(name, window, role)
        else:
            world.tray.press(name)
    return wait_for(lambda: grants(world), "There is no grant")


def take_back(tray):
    tray.press(tray.wait_text("Take back: "))


def tells_what_they_are(world):
    tray = open_page(world)
    tray.wait_text("Nothing Is Granted")
    world.desktop.shot("window-grants-empty")


def shows_a_yes_and_takes_it_back(world):
    tray = open_page(world)
    ask_and_answer(world, ("For 10 minutes", "check box"), ("Allow for 10 Minutes", None))
    tray.wait_text("may use echo of notes")
    tray.wait_text("Ends in 10 minutes.")
    world.desktop.shot("window-grants")
    take_back(tray)
    wait_for(lambda: not grants(world), "It is not taken back")
    tray.wait_no_text("may use echo of notes")


def shows_a_no_whose_end_can_be_undone(world):
    tray = open_page(world)
    ask_and_answer(world, ("Deny", None))
    tray.wait_text("may not use echo of notes")
    tray.wait_text("Ends in 60 minutes.")
    take_back(tray)
    tray.press("Undo")
    tray.wait_text("may not use echo of notes")
    assert grants(world), "The undo came too late"


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [tells_what_they_are, shows_a_yes_and_takes_it_back,
                                 shows_a_no_whose_end_can_be_undone]))
