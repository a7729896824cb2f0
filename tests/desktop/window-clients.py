#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the clients: a key is made, shown this once, copied, and revoked.

usage: window-clients.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import sys

from screen import name_of, role_of, wait_for
from tray_world import run_cases

KEY = "bnd_local_"


def open_page(world, **more):
    tray = world.start(window=True, **more)
    tray.wait_window("Bindings")
    world.desktop.keys("alt+2")
    tray.wait_window("Clients")
    return tray


def clients(world):
    return world.agent.ask("GET", "/v1/clients")["clients"]


def type_into(tray, name, text):
    """Into the entry row with that name, as a person: the mouse, then the keyboard."""
    tray.wait_node(name)
    tray.desktop.xdotool("type", "--delay", "5", text)


def find_choice(tray, name):
    """The switch or check button itself, not the row of the same name."""
    return wait_for(lambda: next((node for node in tray.nodes() if name_of(node) == name
                                  and role_of(node) in ("switch", "toggle button", "check box")), None), name)


def tells_what_to_do_when_there_is_none(world):
    tray = open_page(world)
    tray.wait_text("No Program Has Used a Binding")
    world.desktop.shot("window-clients-empty")


def makes_a_key_that_works_and_revokes_it(world):
    tray = open_page(world)
    world.add_notes()
    tray.wait_text("Connect a Program…")
    tray.press("Connect a Program…")
    tray.wait_window("Connect a Program")
    type_into(tray, "Name of the program", "Claude Code <b>")
    world.desktop.keys("Return")
    tray.wait_text("It is shown only now.")
    world.desktop.shot("window-clients-key")
    assert not any(KEY in text for text in tray.texts()), "The key can be read before it is uncovered"
    tray.press("Show", None)
    key = tray.wait_text(KEY)
    assert len(key) > 90, key
    tray.press("Hide", None)
    tray.wait_no_text(KEY)
    made, = clients(world)
    assert made["label"] == "Claude Code <b>" and made["bindings"] is None, made
    tray.press("Copy the key")
    tray.wait_node("Copied; it leaves the clipboard in five minutes")
    world.desktop.keys("Escape")
    tray.wait_no_window("Connect a Program")
    tray.wait_text("Claude Code <b>")
    tray.wait_text("May use all bindings. Not used yet.")
    world.desktop.shot("window-clients")

    # Undone, and then not.
    tray.press("Revoke the key of Claude Code <b>")
    tray.wait_text("is revoked")
    tray.wait_no_text("May use all bindings.")
    tray.press("Undo")
    tray.wait_text("May use all bindings.")
    assert len(clients(world)) == 1
    tray.press("Revoke the key of Claude Code <b>")
    tray.wait_no_text("May use all bindings.")
    assert len(clients(world)) == 1, "It is not sent while it can be undone"
    world.desktop.keys("ctrl+w")
    wait_for(lambda: not clients(world), "Closing the window does not send what was wanted")


def limits_a_key_to_bindings(world):
    tray = open_page(world)
    world.add_notes()
    tray.press("Connect a Program…")
    tray.wait_window("Connect a Program")
    tray.press("Make a Key")
    tray.wait_text("Give the program a name")
    type_into(tray, "Name of the program", "editor")
    find_choice(tray, "All bindings").do_action(0)
    tray.click("notes", tray.wait_window("Connect a Program"), "check box")
    tray.press("Make a Key")
    tray.wait_text("It is shown only now.")
    assert clients(world)[0]["bindings"] == ["notes"], clients(world)


def gives_a_decoy_and_takes_it_back(world):
    tray = open_page(world)
    world.bindify("bindify", "client", "add", "editor")
    tray.press("Give editor a decoy")
    tray.wait_text("A token that opens nothing.")
    world.desktop.keys("Escape")
    tray.wait_text("It has a decoy")
    tray.press("Take the decoy of editor back")
    tray.wait_no_text("It has a decoy")


def shows_programs_of_this_computer(world):
    tray = open_page(world)
    world.add_notes("--no-check")
    world.bindify("bindify", "set", "notes", "--no-confirm")
    world.bindify("bindify", "tools", "notes")
    tray.wait_text("Programs of This Computer")
    tray.wait_text("Last seen just now.")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [tells_what_to_do_when_there_is_none, makes_a_key_that_works_and_revokes_it,
                                 limits_a_key_to_bindings, gives_a_decoy_and_takes_it_back,
                                 shows_programs_of_this_computer]))
