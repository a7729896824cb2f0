#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The window for questions comes up below hands that are doing something else. What they do must not answer it
(H02): only a key or a button that goes down when an answer counts, and is let go again.

usage: tray-hands.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import subprocess
import sys

from screen import Atspi, has_state, wait_for
from tray_world import run_cases

TITLE = "bindify asks"
WATCH_S = 2  # how long is looked at what must not happen


def start(world):
    world.start()
    world.add_notes()


def stays_open(world, number=1):
    """Nothing is answered for a while."""
    def is_answered():
        return len(world.agent.prompts()) != number
    with contextlib.suppress(TimeoutError):
        wait_for(is_answered, "", WATCH_S)
        raise AssertionError([event["type"] for event in world.agent.ask("GET", "/v1/events")])


def wait_armed(world):
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")


def ends_well(world, asker):
    """A yes that is meant, and the only answer."""
    wait_armed(world)
    world.tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]
    assert world.agent.events("approval_denied") == [] and len(world.agent.events("approval_granted")) == 1


@contextlib.contextmanager
def down(world, *keys):
    """Held, from before the window comes up."""
    for key in keys:
        world.desktop.xdotool("keydown", key)
    try:
        yield
    finally:
        for key in reversed(keys):
            world.desktop.xdotool("keyup", key)


def held(world, *keys):
    start(world)
    with down(world, *keys):
        asker = world.ask()
        world.tray.wait_window(TITLE)
        stays_open(world)
        assert not world.tray.is_sensitive("Allow Once"), "It counts while a key is held"
    ends_well(world, asker)


def a_held_return_key_answers_nothing(world):
    held(world, "Return")


def a_held_escape_key_answers_nothing(world):
    held(world, "Escape")


def a_held_mnemonic_answers_nothing(world):
    held(world, "Alt_L", "a")


def h02_somebody_is_typing(world):
    """Into another window, it was. Each key begins the time anew."""
    start(world)
    for keys in (("Return",), ("space",), ("alt+a", "alt+d"), ("a", "Return", "space", "Escape")):
        typing = subprocess.Popen(["xdotool", "key", "--delay", "80", *keys * (100 // len(keys))],
                                  env=world.desktop.environment())
        try:
            asker = world.ask()
            world.tray.wait_window(TITLE)
            stays_open(world)
        finally:
            typing.terminate()
            typing.wait()
        # It may have ended with a key down.
        for key in ("Return", "space", "a", "d", "Escape", "Alt_L"):
            world.desktop.xdotool("keyup", key)
        wait_armed(world)
        world.tray.press("Allow Once")
        assert "hello" in asker.communicate()[0]
    assert world.agent.events("approval_denied") == []


def a_click_that_began_before_answers_nothing(world):
    """The button was pressed above the place where “Allow” is now."""
    start(world)
    asker = world.ask()
    window = world.tray.wait_window(TITLE)
    x, y = world.tray.place(world.tray.wait_node("Allow Once", "push button"), window)
    wait_armed(world)
    world.tray.press("Allow Once")
    asker.communicate()
    world.tray.wait_no_window(TITLE)
    world.desktop.move(x, y)
    world.desktop.xdotool("mousedown", "1")
    asker = world.ask()
    window = world.tray.wait_window(TITLE)
    wait_armed(world)
    assert world.desktop.geometry(window)[0] <= x
    world.desktop.xdotool("mouseup", "1")
    stays_open(world)
    world.desktop.xdotool("mousedown", "1")
    world.desktop.xdotool("mouseup", "1")
    assert "hello" in asker.communicate()[0]


def an_early_click_answers_nothing(world):
    """Clicks without a pause, on both buttons."""
    start(world)
    for name in ("Deny", "Allow Once"):
        asker = world.ask()
        window = world.tray.wait_window(TITLE)
        x, y = world.tray.place(world.tray.wait_node(name, "push button"), window)
        wait_armed(world)
        world.tray.press("Allow Once")
        asker.communicate()
        world.tray.wait_no_window(TITLE)
        world.desktop.move(x, y)
        clicking = subprocess.Popen(["xdotool", "click", "--repeat", "200", "--delay", "80", "1"],
                                    env=world.desktop.environment())
        try:
            asker = world.ask()
            world.tray.wait_window(TITLE)
            stays_open(world)
        finally:
            clicking.terminate()
            clicking.wait()
        world.desktop.xdotool("mouseup", "1")
        world.desktop.xdotool("mousemove", "1", "1")
        wait_armed(world)
        world.tray.press("Allow Once")
        assert "hello" in asker.communicate()[0]
    assert world.agent.events("approval_denied") == []


def a_double_click_answers_one_question(world):
    start(world)
    person = world.person("--apart")
    key = world.agent.add_client("two")
    for tool in ("echo", "add"):
        person.call(key, tool, {"text": "x", "a": 1, "b": 2})
    world.wait_questions(2)
    window = world.tray.wait_window(TITLE)
    world.tray.wait_text("1 of 2")
    x, y = world.tray.place(world.tray.wait_node("Allow Once", "push button"), window)
    wait_armed(world)
    world.desktop.move(x, y)
    world.desktop.xdotool("click", "--repeat", "4", "--delay", "60", "1")
    world.wait_questions(1)
    stays_open(world)
    assert len(world.agent.events("approval_granted")) == 1 and world.agent.events("approval_denied") == []


def a_double_return_answers_one_question(world):
    start(world)
    person = world.person("--apart")
    key = world.agent.add_client("two")
    for tool in ("echo", "add"):
        person.call(key, tool, {"text": "x", "a": 1, "b": 2})
    world.wait_questions(2)
    world.tray.wait_text("1 of 2")
    wait_armed(world)
    world.desktop.xdotool("key", "--delay", "60", "Return", "Return", "Return")
    world.wait_questions(1)
    stays_open(world)
    assert len(world.agent.events("approval_denied")) == 1


def without_a_mouse(world):
    """Tab goes from one to the next; Space presses."""
    start(world)
    asker = world.ask()
    world.tray.wait_window(TITLE)
    wait_armed(world)
    for name, role in (("Allow Once", "push button"),):
        world.desktop.keys("Tab")
        wait_for(lambda: has_state(world.tray.find(name, role), Atspi.StateType.FOCUSED), "The keyboard is elsewhere")
    world.desktop.keys("space")
    assert "hello" in asker.communicate()[0]
    asker = world.ask()
    world.tray.wait_window(TITLE)
    wait_armed(world)
    world.desktop.keys("alt+1")
    world.tray.wait_text("Allow for 10 Minutes")
    world.desktop.keys("alt+o")
    world.tray.wait_text("Allow Once")
    world.desktop.keys("alt+a")
    assert "hello" in asker.communicate()[0]
    asker = world.ask()
    world.tray.wait_window(TITLE)
    wait_armed(world)
    world.desktop.keys("alt+d")
    assert "refused" in asker.communicate()[0]


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [
        h02_somebody_is_typing, a_held_return_key_answers_nothing, a_held_escape_key_answers_nothing,
        a_held_mnemonic_answers_nothing, a_click_that_began_before_answers_nothing, an_early_click_answers_nothing,
        a_double_click_answers_one_question, a_double_return_answers_one_question, without_a_mouse]))
