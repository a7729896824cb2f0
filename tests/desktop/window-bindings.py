#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of bindings in the main window: what it shows, and what can be done with a binding.

usage: window-bindings.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import os
import sys

from screen import wait_for
from signing_in import McpClient
from tray_world import TOKEN, run_cases

KEY_PREFIX = "bnd_local_"


def start(world):
    """The window, with the binding "notes"; nothing slides, so that what is clicked stays where it is."""
    folder = os.path.join(world.desktop.home, "config", "gtk-4.0")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as file:
        file.write("[Settings]\ngtk-enable-animations=0\n")
    world.agent.start()
    world.add_notes()
    tray = world.start_tray(window=True)
    tray.wait_window("Bindings")
    tray.wait_node("notes", "list item")
    return tray


def state_of(world, name="notes"):
    return world.agent.ask("GET", "/v1/bindings/" + name)["binding"]["state"]


def names(world):
    return [binding["name"] for binding in world.agent.ask("GET", "/v1/bindings")["bindings"]]


def open_view(tray):
    """The page of the binding "notes"."""
    tray.click("notes", tray.wait_window("Bindings"), "list item")
    tray.wait_text("What Programs May Do")


def from_menu(tray, choice):
    """What the menu on the page of the binding has."""
    tray.click("Menu", tray.wait_window("notes|Bindings"))
    tray.press(choice, "menu item")


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


def tests_pauses_and_resumes(world):
    tray = start(world)
    open_view(tray)
    tray.press("Test")
    tray.wait_text("“notes” works: ")
    tray.press("Pause")
    tray.wait_text("“notes” is paused: no program can use it.")
    tray.press("Undo")
    wait_for(lambda: state_of(world) == "ok", "Undo does not resume it")
    tray.press("Pause")
    wait_for(lambda: state_of(world) == "paused", "It is not paused a second time")
    world.desktop.shot("window-paused")
    tray.press("Resume")
    wait_for(lambda: state_of(world) == "ok", "It is not resumed")


def shows_the_new_key_of_a_sealed_binding(world):
    """Which nobody else has, and without which the new credential would be of no use."""
    tray = start(world)
    url = world.agent.ask("GET", "/v1/bindings/notes")["binding"]["url"]
    world.agent.ask("POST", "/v1/bindings", {
        "name": "safe", "url": url, "credential": {"type": "api_key", "api_key": "token-one"}, "mode": "sealed",
        "client": "editor", "allow_local": True, "check": False})
    tray.click("safe", tray.wait_window("Bindings"), "list item")
    tray.wait_text("The agent can use it only together with the key of a client.")
    tray.click("Menu", tray.wait_window("safe|Bindings"))
    tray.press("Sign In Again…", "menu item")
    window = tray.wait_window("^safe$")
    tray.click("Token", window, "text")
    world.desktop.xdotool("type", "--delay", "2", TOKEN)
    tray.press("Sign In")
    tray.wait_text("Only with this new key can the agent use the binding.")
    tray.wait_text("“editor” Cannot Use It Any More")
    world.desktop.shot("sealed-again")
    assert not any(KEY_PREFIX in text for text in tray.texts()), "It is to be covered until somebody asks for it"
    tray.press("Show", None)
    wait_for(lambda: any(KEY_PREFIX in text for text in tray.texts()), "The key is not uncovered")
    key = next(text for text in tray.texts() if KEY_PREFIX in text)
    client = McpClient(world.agent.port, "safe", key)
    client.begin()
    client.close()


def renames_and_takes_it_back(world):
    tray = start(world)
    open_view(tray)
    from_menu(tray, "Rename…")
    tray.wait_window("")
    tray.wait_text("Programs know the binding by its name")
    world.desktop.keys("ctrl+a")
    world.desktop.xdotool("type", "--delay", "2", "Bad Name")
    tray.wait_text("A name has small letters")
    world.desktop.keys("ctrl+a")
    world.desktop.xdotool("type", "--delay", "2", "memos")
    tray.press("Rename")
    wait_for(lambda: names(world) == ["memos"], "It is not renamed")
    tray.press("Undo")
    wait_for(lambda: names(world) == ["notes"], "The old name does not come back")


def removes_only_when_nobody_has_undone_it(world):
    tray = start(world)
    open_view(tray)
    from_menu(tray, "Remove")
    tray.wait_text("“notes” is removed with its credential.")
    tray.wait_text("No Bindings Yet")
    assert names(world) == ["notes"], "The agent heard of it at once"
    tray.press("Undo")
    tray.wait_node("notes", "list item")
    open_view(tray)
    from_menu(tray, "Remove")
    tray.wait_text("“notes” is removed with its credential.")
    world.desktop.keys("ctrl+w")
    wait_for(lambda: names(world) == [], "Closing the window does not carry it out")


def removes_what_is_pending_when_it_ends(world):
    tray = start(world)
    open_view(tray)
    from_menu(tray, "Remove")
    tray.wait_text("“notes” is removed with its credential.")
    assert tray.end() == 0, world.desktop.said("tray")
    assert names(world) == [], names(world)


def shows_what_has_changed_elsewhere(world):
    tray = start(world)
    world.bindify("bindify", "pause", "notes")
    tray.wait_text("Paused")
    world.bindify("bindify", "rename", "notes", "memos")
    tray.wait_node("memos", "list item")
    world.agent.kill()
    tray.wait_text("No Agent")
    world.agent.start()
    tray.wait_node("memos", "list item")


def shows_hostile_text_as_text(world):
    tray = start(world)
    world.agent.ask("PATCH", "/v1/bindings/notes", {"account": "<b>you</b> &amp; $(reboot) " + "x" * 60})
    shown = tray.wait_text("$(reboot)")
    assert "<b>you</b> &amp; $(reboot)" in shown, shown
    world.desktop.shot("window-hostile")


def searches(world):
    tray = start(world)
    world.desktop.keys("ctrl+f")
    world.desktop.xdotool("type", "--delay", "2", "nothing like it")
    tray.wait_text("No binding fits what you search for.")
    world.desktop.shot("window-search")


def is_usable_when_narrow(world):
    tray = start(world)
    window = tray.wait_window("Bindings")
    world.desktop.xdotool("windowsize", "--sync", window, "360", "600")
    wait_for(lambda: world.desktop.geometry(window)[2] <= 362,
             lambda: f"The window stays {world.desktop.geometry(window)[2]} wide")
    open_view(tray)
    world.desktop.shot("window-narrow")
    tray.press("Test")
    tray.wait_text("“notes” works: ")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [
        says_how_to_begin, shows_a_binding_in_full, tests_pauses_and_resumes,
        shows_the_new_key_of_a_sealed_binding, renames_and_takes_it_back,
        removes_only_when_nobody_has_undone_it, removes_what_is_pending_when_it_ends,
        shows_what_has_changed_elsewhere, shows_hostile_text_as_text, searches, is_usable_when_narrow]))
