#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The icon, its tooltip and its menu, as a panel sees them; the panel is fixture/panel.py.

usage: tray-icon.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import http.server
import os
import shutil
import signal
import sys
import threading

from gi.repository import GLib

from panel import Panel
from screen import wait_for
from tray_world import run_cases


@contextlib.contextmanager
def ending(thing):
    try:
        yield thing
    finally:
        thing.end()


def panel_of(world):
    return ending(Panel(world.desktop))


def says_what_it_needs_to_be_shown(world):
    world.start()
    with panel_of(world) as panel:
        found = panel.wait_item().properties()
    assert found["Id"] == "io.bindify.Tray" and found["Category"] == "SystemServices" and found["Title"] == "bindify"
    assert found["ItemIsMenu"] is False and found["Status"] == "Active", found
    assert os.path.exists(os.path.join(found["IconThemePath"], "hicolor", "symbolic", "apps",
                                       found["IconName"] + ".svg")), found["IconThemePath"]
    # Pixels for whoever does not find it: two sizes, ARGB, something in them, and not everywhere.
    assert [(width, height) for width, height, _ in found["IconPixmap"]] == [(22, 22), (44, 44)]
    for width, height, pixels in found["IconPixmap"]:
        assert len(pixels) == width * height * 4
        covered = sum(1 for alpha in pixels[::4] if alpha > 127)
        assert 0.05 < covered / (width * height) < 0.9, covered


def follows_the_states_of_the_agent(world):
    world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        item.wait_icon("")
        wait_for(lambda: "Nothing is connected yet" in item.tooltip()[1], lambda: str(item.tooltip()))
        world.add_notes()
        wait_for(lambda: "1 service is connected." in item.tooltip()[1], lambda: str(item.tooltip()))
        world.bindify("bindify", "lock", "--no-passphrase")
        item.wait_icon("locked")
        assert item.tooltip()[0] == "bindify is locked", item.tooltip()
        world.bindify("bindify", "unlock")
        item.wait_icon("")
        world.bindify("bindify", "freeze")
        item.wait_icon("frozen")
        world.bindify("bindify", "thaw")
        item.wait_icon("")
        names = {name for name, _ in item.signals}
        assert {"NewIcon", "NewToolTip", "LayoutUpdated"} <= names, names


def asks(world):
    world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        world.add_notes()
        world.begin("bindify", "call", "notes", "echo", "text=one")
        item.wait_icon("asking")
        found = item.properties()
        assert found["Status"] == "NeedsAttention" and found["AttentionIconName"] == found["IconName"], found
        question = world.agent.prompts()[0]
        assert question["title"] == item.tooltip()[1], item.tooltip()
        row = item.wait_row(question["title"][:40])
        assert row.is_enabled and not row.rows
        item.choose(question["title"][:40])
        world.tray.wait_text(question["title"])
        wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
        world.tray.press("Deny")
        item.wait_icon("")
        assert item.properties()["Status"] == "Active"


class SlowServer:
    """An upstream that answers only when it is told to."""

    def __init__(self):
        self.go_on = threading.Event()
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {
            "do_POST": lambda request: self.answer(request), "log_message": lambda *unused: None})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mcp"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        request.rfile.read(int(request.headers["Content-Length"]))
        self.go_on.wait(60)
        with contextlib.suppress(OSError):
            request.send_error(503)

    def end(self):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


def pulses_while_a_credential_is_in_use(world):
    """The icon alternates as long as an answer is on its way, and stands still before and after that."""
    world.start()
    slow = SlowServer()
    with panel_of(world) as panel, ending(slow):
        item = panel.wait_item()
        world.bindify("bindify-add", slow.url, "--name", "slow", "--allow-local", "--no-check", "--token-stdin",
                      stdin="secret-0123456789abcdef")
        item.wait_row("slow – Ready")
        item.wait_icon("")
        world.begin("bindify", "tools", "slow")
        item.wait_icon("active")
        assert "A program is using: slow." in item.tooltip()[1], item.tooltip()
        item.wait_row("slow – In use")
        for _ in range(2):
            item.wait_icon("")
            item.wait_icon("active")
        item.signals.clear()
        slow.go_on.set()
        item.wait_row("slow – Ready")
        # Nothing moves any more, once all that has been said is here.
        wait_for(lambda: any("slow – Ready" in str(values) for _, values in item.signals), lambda: str(item.signals))
        item.wait_icon("")
        item.signals.clear()
        world.bindify("bindify", "freeze")
        item.wait_icon("frozen")
        changes = lambda: [name for name, _ in item.signals].count("NewIcon")
        wait_for(changes, lambda: str(item.signals))
        assert changes() == 1, item.signals


def locks_and_freezes_from_the_menu(world):
    world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        state = lambda: world.agent.ask("GET", "/v1/lock")
        item.choose("Lock")
        wait_for(lambda: state()["state"] == "plain", "The agent is not locked")
        item.choose("Unlock…")
        wait_for(lambda: state()["state"] == "open", "The agent stays locked")
        item.choose("Freeze Everything")
        wait_for(lambda: state()["frozen"], "The agent is not frozen")
        item.choose("Thaw")
        wait_for(lambda: not state()["frozen"], "The agent stays frozen")


def pauses_from_the_menu(world):
    world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        world.add_notes()
        notes = lambda: world.agent.ask("GET", "/v1/bindings")["bindings"][0]
        item.choose("Pause All for an Hour")
        wait_for(lambda: notes()["state"] == "paused", "It is not paused")
        assert notes()["resumes_at"], notes()
        wait_for(lambda: "goes on by itself in 60 minutes" in item.tooltip()[1], lambda: str(item.tooltip()))
        item.choose("End the Pause Now")
        wait_for(lambda: notes()["state"] == "ok", "It stays paused")
        item.choose("Pause Until Resumed")
        wait_for(lambda: notes()["state"] == "paused" and notes()["resumes_at"] is None, "It is not paused for good")
        item.choose("Resume")
        wait_for(lambda: notes()["state"] == "ok", "It stays paused")
        item.wait_row("Pause for an Hour")


def keeps_numbers_of_rows(world):
    """A click on an old picture of the menu never hits another row."""
    world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        world.add_notes()
        old = item.wait_row("notes").find("Pause Until Resumed")
        lock = item.menu().find("Lock").number
        world.bindify("bindify", "pause", "notes")
        item.wait_no_row("Pause Until Resumed")
        assert item.menu().find("Lock").number == lock
        with contextlib.suppress(GLib.Error):
            item.click(old)
        for number in (-1, 0, 2 ** 31 - 1):
            old.number = number
            with contextlib.suppress(GLib.Error):
                item.click(old)
        world.bindify("bindify", "resume", "notes")
        item.wait_row("Pause Until Resumed")
        assert world.agent.ask("GET", "/v1/bindings")["bindings"][0]["state"] == "ok"
        row = item.menu().find("Lock")
        same = item.menu_call("GetGroupProperties", GLib.Variant("(aias)", ([row.number], ["label"])))[0]
        assert same == [(row.number, {"label": "Lock"})], same
        assert item.menu_call("GetProperty", GLib.Variant("(is)", (row.number, "label")))[0] == "Lock"


def opens_the_window(world):
    tray = world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        for open_it in (item.activate, lambda: item.activate("SecondaryActivate"),
                        lambda: item.activate("ContextMenu"), lambda: item.choose("Open bindify")):
            open_it()
            tray.wait_window("Bindings")
            world.desktop.keys("ctrl+w")
            tray.wait_no_window("Bindings")
        item.choose("Quit This Icon")
        assert tray.process.wait(30) == 0, world.desktop.said("tray")


def survives_panels(world):
    tray = world.start()
    for _ in range(3):
        with panel_of(world) as panel:
            panel.wait_item().wait_icon("")
            assert len(panel.items) == 1, panel.items
    assert tray.process.poll() is None
    assert "rit" not in world.desktop.said("tray"), world.desktop.said("tray")


def shows_a_lost_agent(world):
    tray = world.start()
    with panel_of(world) as panel:
        item = panel.wait_item()
        world.add_notes()
        item.wait_row("notes")
        pid = world.agent.process.pid
        os.kill(pid, signal.SIGKILL)
        world.agent.process.wait()
        item.wait_icon("gone")
        assert item.menu().find("notes") is None and item.menu().find("Lock") is None
        assert "Choose Start the Agent" in item.tooltip()[1] and item.menu().find("Start the Agent"), item.tooltip()
        world.agent.start()
        item.wait_icon("")
        item.wait_row("notes")
        tray.wait_registered()


def waits_for_a_folder(world):
    """The folder of the socket is not there yet, and goes with the agent."""
    world.agent.start()
    folder = os.path.dirname(world.agent.socket)
    world.agent.end()
    shutil.rmtree(folder)
    tray = world.start_tray(wait=False)
    with panel_of(world) as panel:
        item = panel.wait_item()
        item.wait_icon("gone")
        for _ in range(2):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            world.agent.start()
            item.wait_icon("")
            tray.wait_registered()
            world.agent.end()
            shutil.rmtree(folder)
            item.wait_icon("gone")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [says_what_it_needs_to_be_shown, follows_the_states_of_the_agent, asks,
                                 pulses_while_a_credential_is_in_use,
                                 locks_and_freezes_from_the_menu, pauses_from_the_menu, keeps_numbers_of_rows,
                                 opens_the_window, survives_panels, shows_a_lost_agent, waits_for_a_folder]))
