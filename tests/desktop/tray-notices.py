#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Notifications: when there is one, what it says, where it leads; and desktops that show none, or never answer.

usage: tray-notices.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import importlib.util
import sys

from notifications import MockDaemon, SilentDaemon
from panel import Panel
from screen import SKIPPED, wait_for
from tray_world import TOKEN, run_cases


@contextlib.contextmanager
def ending(thing):
    try:
        yield thing
    finally:
        thing.end()


def needs_login(world, tray, panel):
    """A binding whose server takes its credential no more."""
    with open(world.home + "/token", "w", encoding="utf-8") as file:
        file.write("another-" + TOKEN)
    world.bindify("bindify-add", world.second_url, "--name", "old", "--allow-local", "--token-stdin", "--no-check",
                  stdin="old-" + TOKEN)
    with contextlib.suppress(RuntimeError):
        world.bindify("bindify", "tools", "old")
    panel.wait_item().wait_row("old – Needs you to sign in")


def tells_once_of_a_sign_in(world):
    tray = world.start()
    world.second_url = world.add_notes()
    with ending(MockDaemon(world.desktop)) as daemon, ending(Panel(world.desktop)) as panel:
        needs_login(world, tray, panel)
        shown = daemon.wait_shown("needs you to sign in again")
        assert '"old"' not in shown and "“old”" in shown, shown
        # One button, and its word.
        assert '["default", "Open"]' in shown, shown
        with contextlib.suppress(RuntimeError):
            world.bindify("bindify", "tools", "old")
        item = panel.wait_item()
        item.choose("Freeze Everything")
        item.wait_icon("frozen")
        item.choose("Thaw")
        item.wait_icon("login")
        assert sum("sign in" in call for call in daemon.shown()) == 1, daemon.shown()
        daemon.press(1)
        tray.wait_window("Bindings")


def tells_of_an_alarm(world):
    tray = world.start()
    with ending(MockDaemon(world.desktop)) as daemon, ending(Panel(world.desktop)) as panel:
        item = panel.wait_item()
        key = world.agent.ask("POST", "/v1/clients", {"label": "watched"})["id"]
        decoy = world.agent.ask("PUT", f"/v1/clients/{key}/decoy", {"service": "github"})["decoy"]
        connection = world.agent.open_connection()
        connection.request("POST", "/mcp/nothing", "{}", {"Authorization": "Bearer " + decoy,
                                                          "Content-Type": "application/json"})
        connection.getresponse().read()
        item.wait_icon("alarm")
        assert "decoy" in item.tooltip()[1], item.tooltip()
        assert decoy not in item.tooltip()[1]
        daemon.wait_shown("bindify stopped something dangerous")
        item.choose("Show What Happened")
        tray.wait_window("bindify|Activity|Bindings")
        item.wait_icon("")
        wait_for(lambda: daemon.closed(), "The notification stays")


def tells_what_came_of_a_test(world):
    world.start()
    world.add_notes()
    with ending(MockDaemon(world.desktop, "body actions")) as daemon, ending(Panel(world.desktop)) as panel:
        item = panel.wait_item()
        item.wait_row("notes")
        item.choose("Test")
        assert "Its server answers, and has" in daemon.wait_shown("“notes” works")
        world.server.terminate()
        world.server.wait()
        item.choose("Test")
        daemon.wait_shown("“notes” does not work")


def goes_on_where_nobody_answers(world):
    """Neither the notification daemon that never answers nor the one that is missing keeps anything waiting."""
    tray = world.start()
    world.second_url = world.add_notes()
    with ending(SilentDaemon(world.desktop)) as daemon, ending(Panel(world.desktop)) as panel:
        needs_login(world, tray, panel)
        item = panel.wait_item()
        for _ in range(40):
            item.choose("Test")
        wait_for(lambda: daemon.kept, "It was not even tried")
        # For each of them one call is under way, whatever happens meanwhile.
        assert len(daemon.kept) <= 3, daemon.kept
        item.choose("Freeze Everything")
        item.wait_icon("frozen")
        item.activate()
        tray.wait_window("Bindings")
    assert tray.end() == 0, world.desktop.said("tray")


def ends_what_it_has_shown(world):
    tray = world.start()
    world.second_url = world.add_notes()
    with ending(MockDaemon(world.desktop)) as daemon, ending(Panel(world.desktop)) as panel:
        needs_login(world, tray, panel)
        daemon.wait_shown("needs you to sign in again")
        wait_for(lambda: tray.end() == 0 and daemon.closed(), "The notification outlives the program")


if __name__ == "__main__":
    if importlib.util.find_spec("dbusmock") is None:
        print("These tests want a notification daemon; please install: python3-dbusmock")
        sys.exit(SKIPPED)
    sys.exit(run_cases(__doc__, [tells_once_of_a_sign_in, tells_of_an_alarm, tells_what_came_of_a_test,
                                 goes_on_where_nobody_answers, ends_what_it_has_shown]))
