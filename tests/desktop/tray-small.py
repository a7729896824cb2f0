#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The window for questions on a screen of 640x480: with letters of twice the size, in high contrast, dark, from right
to left, and without a window manager. Its buttons stay within reach, and nothing is allowed that was not in sight.

usage: tray-small.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import sys

from screen import wait_for
from tray_world import run_cases

TITLE = "bindify asks"
WIDTH, HEIGHT = 640, 480


def check_within_reach(world, window):
    x, y, width, height = world.desktop.geometry(window)
    assert x >= 0 and y >= 0 and x + width <= WIDTH and y + height <= HEIGHT, (x, y, width, height)
    for name in ("Deny", "Allow Once"):
        x, y = world.tray.place(world.tray.wait_node(name, "push button"), window)
        assert 0 < x < WIDTH and 0 < y < HEIGHT, (name, x, y)


def asked(world, **more):
    world.start(**more)
    world.add_notes("--account", "somebody with a rather long name")
    asker = world.ask()
    window = world.tray.wait_window(TITLE)
    world.tray.wait_text("Time left")
    return asker, window


@contextlib.contextmanager
def letters_of(world, dpi):
    """Of that size; 96 is usual."""
    def tell(text):
        world.desktop.ask("xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", text)
    tell(f"Xft.dpi:\t{dpi}\n")
    try:
        yield
    finally:
        tell("")


def at_twice_the_size(world):
    with letters_of(world, 192):
        asker, window = asked(world)
    tray = world.tray
    tray.wait_text("There is more to read: scroll down")
    check_within_reach(world, window)
    world.desktop.shot("prompt-200-percent")
    assert not tray.is_sensitive("Allow Once"), "What was not in sight can be allowed"

    def scroll():
        world.desktop.keys("Page_Down")
        return not any("There is more to read" in text for text in tray.texts())

    wait_for(scroll, "The end does not come into sight")
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    check_within_reach(world, window)
    tray.click("Allow Once", window)
    assert "hello" in asker.communicate()[0]


def looks(world, name, **more):
    asker, window = asked(world, **more)
    check_within_reach(world, window)
    world.desktop.shot(name)
    # To the end of it; then hands off, for with each key the time begins anew.
    world.desktop.keys("Page_Down", "Page_Down", "Page_Down")
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    world.tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]


def in_high_contrast(world):
    looks(world, "prompt-high-contrast", ADW_DEBUG_HIGH_CONTRAST="1")


def in_the_dark(world):
    looks(world, "prompt-dark", ADW_DEBUG_COLOR_SCHEME="prefer-dark")


def with_large_letters_in_high_contrast(world):
    with letters_of(world, 144):
        looks(world, "prompt-large-high-contrast", ADW_DEBUG_HIGH_CONTRAST="1")


def without_a_window_manager(world):
    """Nobody gives it the keyboard, but the mouse works."""
    world.desktop.stop(world.desktop.openbox)
    try:
        asker, window = asked(world)
        wait_for(lambda: world.tray.is_sensitive("Allow Once") or world.desktop.xdotool("click", "5") == "never",
                 "It never counts")
        world.tray.click("Allow Once", window)
        assert "hello" in asker.communicate()[0]
    finally:
        world.desktop.start_manager()


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [at_twice_the_size, in_high_contrast, in_the_dark, with_large_letters_in_high_contrast,
                                 without_a_window_manager], size=f"{WIDTH}x{HEIGHT}"))
