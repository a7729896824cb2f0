#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""On Wayland: the icon in waybar, and a question, under sway, whose screen is a window of Xvfb, so that a real mouse
can click.

usage: tray-waybar.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import glob
import os
import sys

from screen import SKIPPED, Atspi, has_state, skip_unless_complete, wait_for
from tray_world import Tray, run_cases

HEIGHT = 30
WATCHER = "org.kde.StatusNotifierWatcher"
WAYBAR = f'{{"layer": "top", "height": {HEIGHT}, "modules-left": ["tray"], "tray": {{"icon-size": 21, "spacing": 10}}}}'
SWAY = "output X11-1 resolution 800x600\nxwayland disable\n"


@contextlib.contextmanager
def sway_of(world):
    """The environment of programs in it."""
    desktop = world.desktop
    runtime = os.path.join(desktop.home, "run")
    with open(os.path.join(world.home, "sway.config"), "w", encoding="utf-8") as file:
        file.write(SWAY)
    os.makedirs(os.path.join(desktop.home, "config", "waybar"), exist_ok=True)
    with open(os.path.join(desktop.home, "config", "waybar", "config"), "w", encoding="utf-8") as file:
        file.write(WAYBAR)
    # It refuses root; in a namespace of its own root is somebody, who has root's files.
    somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    sway = desktop.start("sway", *somebody, "sway", "--unsupported-gpu", "-c", os.path.join(world.home, "sway.config"),
                         WLR_BACKENDS="x11", WLR_RENDERER="pixman", WLR_LIBINPUT_NO_DEVICES="1",
                         LIBSEAT_BACKEND="noop", XDG_CURRENT_DESKTOP="sway", GDK_BACKEND=None)
    wait_for(lambda: glob.glob(runtime + "/sway-ipc.*") or sway.poll() is not None, "sway does not start")
    if sway.poll() is not None:
        print("sway does not run here: " + desktop.said("sway"))
        sys.exit(SKIPPED)
    display = next(os.path.basename(path) for path in glob.glob(runtime + "/wayland-*") if not path.endswith(".lock"))
    found = {"WAYLAND_DISPLAY": display, "GDK_BACKEND": "wayland", "DISPLAY": None, "XDG_CURRENT_DESKTOP": "sway",
             "SWAYSOCK": glob.glob(runtime + "/sway-ipc.*")[0]}
    waybar = desktop.start("waybar", "waybar", G_DEBUG=None, GTK_A11Y=None, **found)
    try:
        wait_for(lambda: desktop.has_owner(WATCHER), lambda: "waybar has no tray: " + desktop.said("waybar"))
        yield found
    finally:
        desktop.stop(waybar)
        desktop.stop(sway)


def is_drawn_and_clicked(world):
    world.agent.start()
    with sway_of(world) as environment:
        tray = Tray(world.desktop, world.tray_program, world.agent, **environment)
        world.tray = tray

        def titles():
            return world.desktop.ask("swaymsg", "-s", environment["SWAYSOCK"], "-t", "get_tree")

        def click():
            # Two moves, or the bar does not see the pointer enter.
            for place in (HEIGHT // 2 - 1, HEIGHT // 2):
                world.desktop.move(place, place)
            world.desktop.xdotool("click", "1")
            return '"Bindings' in titles()

        wait_for(click, lambda: "A click opens no window: " + world.desktop.said("waybar") + world.desktop.said("tray"))
        world.desktop.shot("icon-waybar")
        assert tray.end() == 0, world.desktop.said("tray")


def asks_and_takes_an_answer(world):
    world.agent.start()
    world.add_notes()
    with sway_of(world) as environment:
        tray = Tray(world.desktop, world.tray_program, world.agent, **environment)
        world.tray = tray

        def windows():
            return world.desktop.ask("swaymsg", "-s", environment["SWAYSOCK"], "-t", "get_tree")

        asker = world.ask("hello")
        wait_for(lambda: '"bindify asks' in windows(), lambda: "Nothing asks: " + world.desktop.said("tray"))
        assert has_state(tray.wait_node("Deny", "push button"), Atspi.StateType.FOCUSED), "Deny is not focused"
        world.desktop.shot("prompt-wayland")
        tray.press("Allow Once")
        assert "hello" in asker.communicate()[0]
        wait_for(lambda: '"bindify asks' not in windows(), "The answered question stays")

        asker = world.ask("bye")
        wait_for(lambda: '"bindify asks' in windows(), lambda: "Nothing asks again: " + world.desktop.said("tray"))
        wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
        world.desktop.move(400, 300)
        world.desktop.keys("Escape")
        assert "refused" in asker.communicate()[0]
        assert tray.end() == 0, world.desktop.said("tray")


if __name__ == "__main__":
    skip_unless_complete(("sway", "sway"), ("waybar", "waybar"))
    sys.exit(run_cases(__doc__, [is_drawn_and_clicked, asks_and_takes_an_answer], manager=False))
