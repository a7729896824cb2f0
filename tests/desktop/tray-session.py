#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The tray in sessions that lack something: a display, a message bus, an agent that says much; and one whose bus goes
away.

usage: tray-session.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import os
import sys

from panel import Panel
from tray_world import Tray, run_cases

PASSPHRASE = "correct horse"


def ends_without_a_display(world):
    """With a sentence that says where to go on."""
    world.agent.start()
    for display in (None, "", ":4711", "nonsense"):
        child = world.desktop.start("tray", world.tray_program, "--socket", world.agent.socket, DISPLAY=display,
                                    GDK_BACKEND=None)
        assert child.wait(30) == 1, world.desktop.said("tray")
        said = world.desktop.said("tray").split("\n")
        assert "bindify prompts --watch" in said[-2] and "isplay" in said[-3], said
        assert ("neither DISPLAY nor WAYLAND_DISPLAY is set" in said[-3]) == (not display), said[-3]


def works_without_a_bus(world):
    """There is no icon, and a question opens its window all the same."""
    world.agent.start()
    world.add_notes()
    for address in (None, "unix:path=/nonexistent/bus"):
        tray = Tray(world.desktop, world.tray_program, world.agent, DBUS_SESSION_BUS_ADDRESS=address, GTK_A11Y="none")
        assert "This session has no D-Bus message bus, so there is no icon" in world.desktop.said("tray")
        asking = world.begin("bindify", "call", "notes", "echo", "text=one")
        tray.wait_window("bindify")
        world.bindify("bindify", "freeze")
        world.bindify("bindify", "thaw")
        asking.wait(30)
        assert tray.process.poll() is None, world.desktop.said("tray")
        assert tray.end() == 0, world.desktop.said("tray")


def ends_with_its_bus(world):
    world.agent.start()
    read_end, write_end = os.pipe()
    bus = world.desktop.start("bus-of-its-own", "dbus-daemon", "--nofork",
                              "--config-file=" + os.path.join(world.desktop.home, "bus.conf"),
                              f"--print-address={write_end}", pass_fds=[write_end])
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        address = answer.readline().strip()
    tray = Tray(world.desktop, world.tray_program, world.agent, DBUS_SESSION_BUS_ADDRESS=address, GTK_A11Y="none")
    world.desktop.stop(bus)
    assert tray.process.wait(30) == 1, world.desktop.said("tray")
    assert "The message bus of this session has gone away, so bindify-tray ends." in world.desktop.said("tray")


def knows_an_agent_that_is_locked_with_a_passphrase(world):
    """Which shows nothing but that, and lets it know when it is open again."""
    world.agent.start()
    world.add_notes()
    world.bindify("bindify", "lock", "--stdin", stdin=PASSPHRASE + "\n")
    world.start_tray(wait=False)
    panel = Panel(world.desktop)
    try:
        item = panel.wait_item()
        item.wait_icon("locked")
        assert item.menu().find("notes") is None and item.menu().find("Add") is None, item.describe()
        world.bindify("bindify", "unlock", "--stdin", stdin=PASSPHRASE + "\n")
        item.wait_icon("")
        item.wait_row("notes")
        world.bindify("bindify", "lock", "--stdin", stdin=PASSPHRASE + "\n")
        item.wait_icon("locked")
        item.wait_no_row("notes")
    finally:
        panel.end()


def registers_again_when_it_was_not_read_fast_enough(world):
    """It was stopped while much happened: it comes back, and knows what is true then."""
    tray = world.start()
    panel = Panel(world.desktop)
    try:
        item = panel.wait_item()
        url = world.add_notes()
        item.wait_row("notes")
        os.kill(tray.process.pid, 19)
        for number in range(1500):
            world.agent.ask("PATCH", "/v1/bindings/notes", {"paused": number % 2 == 0})
        world.bindify("bindify-add", url, "--name", "late", "--allow-local", "--no-check", "--token-stdin",
                      stdin="secret-0123456789abcdef")
        os.kill(tray.process.pid, 18)
        item.wait_row("late")
        item.wait_icon("")
        world.bindify("bindify", "freeze")
        item.wait_icon("frozen")
        tray.wait_registered()
    finally:
        panel.end()


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [ends_without_a_display, works_without_a_bus, ends_with_its_bus,
                                 knows_an_agent_that_is_locked_with_a_passphrase,
                                 registers_again_when_it_was_not_read_fast_enough]))
