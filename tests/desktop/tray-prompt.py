#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The window for questions: what it shows, when it comes and goes (H01 to H08), and what becomes of an answer.

usage: tray-prompt.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import base64
import hashlib
import json
import os
import signal
import sys

from logind import Logind
from screen import Atspi, has_state, wait_for
from tray_world import run_cases

TITLE = "bindify asks"
WATCH_S = 1.5  # how long is looked at what must not happen
HOSTILE = "a\nb\u202eevil\u2066 <b>bold</b> &amp; $(reboot) `id` “quoted” \u200b\x1b[31m" + "x" * 10000


def asked(world, text="hello"):
    """A question is on the screen: (asker, window)."""
    world.start()
    world.add_notes()
    asker = world.ask(text)
    return asker, world.tray.wait_window(TITLE)


def never(world, condition, what):
    """@condition stays false for a while."""
    try:
        wait_for(condition, "", WATCH_S)
    except TimeoutError:
        return
    raise AssertionError(what)


def told(world, kind):
    return [(event["type"], event.get("category")) for event in world.agent.events(kind)]


def shows_what_the_agent_asks(world):
    asker, _ = asked(world)
    tray = world.tray
    question = world.wait_questions(1)[0]
    assert question["title"] == "Let “bash” use the tool “echo” of “notes”?", question
    tray.wait_text(question["title"])
    texts = tray.texts()
    for line in question["lines"] + question["meanings"]:
        assert line in texts, (line, texts)
    tray.wait_text("Verified: the system vouches")
    tray.wait_text("Denying refuses this, and the same again for an hour.")
    assert has_state(tray.wait_node("Deny", "push button"), Atspi.StateType.FOCUSED), "Deny is not focused"
    world.desktop.shot("prompt")
    tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]
    assert len(told(world, "approval_granted")) == 1
    tray.wait_no_window(TITLE)


def goes_before_an_askpass_program(world):
    """Which is asked as soon as there is no tray."""
    program, trace = (os.path.join(world.home, name) for name in ("askpass", "trace"))
    with open(program, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\necho "$*" >>{trace}\nexit 1\n')
    os.chmod(program, 0o700)
    world.configure(f"[prompts]\naskpass={program}\n")
    world.start()
    world.add_notes()
    wait_for(lambda: world.agent.ask("GET", "/v1/prompts")["prompters"] == 2, "The tray does not register")
    asker = world.ask()
    world.tray.wait_window(TITLE)
    world.tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]
    assert not os.path.exists(trace), "Both were asked"
    assert world.tray.end() == 0
    wait_for(lambda: world.agent.ask("GET", "/v1/prompts")["prompters"] == 1, "The tray stays registered")
    assert "put away" in world.ask("bye").communicate()[0]
    with open(trace, encoding="utf-8") as file:
        assert "echo" in file.read()


def denied_by_escape(world):
    asker, _ = asked(world)
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    world.desktop.keys("Escape")
    assert "refused" in asker.communicate()[0]
    assert len(told(world, "approval_denied")) == 1
    world.tray.wait_no_window(TITLE)


def closing_refuses_this_time_only(world):
    asker, window = asked(world)
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    world.tray.press("Close")
    assert "put away" in asker.communicate()[0]
    assert told(world, "approval_denied") == []
    asker = world.ask()
    world.tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]


def allowed_for_ten_minutes(world):
    world.start()
    world.add_notes()
    call = "bindify call notes echo text="
    program = world.type(call + "first", call + "second", "bindify grants")
    world.tray.click("For 10 minutes", world.tray.wait_window(TITLE), "check box")
    world.tray.press("Allow for 10 Minutes")
    said = program.communicate()[0]
    assert "first" in said and "second" in said and "10 minutes" in said, said
    assert len(told(world, "approval_requested")) == 1


def one_after_the_other(world):
    """Several questions are one window, in which one can go back and forth."""
    world.start()
    world.add_notes()
    person = world.person("--apart")
    key = world.agent.add_client("many")
    for tool in ("echo", "add", "count"):
        person.call(key, tool, {"text": "x", "a": 1, "b": 2, "to": 3})
    titles = [question["title"] for question in world.wait_questions(3)]
    tray = world.tray
    tray.wait_text("1 of 3, time left")
    tray.wait_text(titles[0])
    tray.press("Next question")
    tray.wait_text("2 of 3, time left")
    tray.wait_text(titles[1])
    world.desktop.shot("prompt-queue")
    tray.press("Allow Once")
    tray.wait_text("of 2, time left")
    assert len(world.desktop.windows(TITLE)) == 1
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    tray.press("Deny")
    tray.wait_no_text("of 2, time left")
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    tray.press("Deny")
    tray.wait_no_window(TITLE)
    assert len(told(world, "approval_denied")) == 2 and len(told(world, "approval_granted")) == 1


def what_cannot_be_undone_is_marked(world):
    world.start()
    world.add_notes()
    person = world.person("--apart")
    person.call(world.agent.add_client("careless"), "delete_everything", {})
    question = world.wait_questions(1)[0]
    assert question["access"] == "danger" and "always" not in question["scopes"], question
    world.tray.wait_text("Careful: what it does can’t be undone.")
    assert "Always" not in world.tray.texts()
    world.desktop.shot("prompt-danger")


def h01_a_hostile_label_is_shown_inert(world):
    world.start()
    world.add_notes("--account", "<b>me</b> $(id) “x” & co")
    person = world.person("--apart")
    key = world.agent.add_client("claude <b>bold</b> “$(reboot)” &amp; c")
    person.call(key, HOSTILE, {"text": HOSTILE, HOSTILE: "<i>"})
    question = world.wait_questions(1)[0]
    world.tray.wait_text(question["title"])
    texts = world.tray.texts()
    for line in [question["title"], *question["lines"]]:
        assert line in texts, (line, texts)
        assert len(line) <= 120 and line.isprintable(), line
    assert any("<b>bold</b>" in text for text in texts), texts
    assert any("$(reboot)" in text for text in texts), texts
    assert not any(sign in text for text in texts for sign in "\n\u202e\u2066\u200b\x1b"), texts
    _, _, width, height = world.desktop.geometry(world.tray.wait_window(TITLE))
    assert width <= 1024 and height <= 768, (width, height)
    world.desktop.shot("prompt-hostile")


def h03_identical_requests_are_one_question(world):
    world.start()
    world.add_notes()
    person = world.person("--apart")
    key = world.agent.add_client("twice")
    for _ in range(2):
        person.call(key, "echo", {"text": "the same"})
    wait_for(lambda: [question["waiting"] for question in world.agent.prompts()] == [2], "They are not one")
    world.tray.wait_text("Time left")
    assert not any(" of 2" in text for text in world.tray.texts())


def h04_who_hangs_up_is_not_asked_about(world):
    world.start()
    world.add_notes()
    person = world.person("--apart")
    number = person.call(world.agent.add_client("hasty"), "echo", {"text": "x"})
    world.tray.wait_window(TITLE)
    person.say(hang_up=number)
    world.tray.wait_text("Nobody waits for the answer any more")
    world.tray.press("Close")
    world.tray.wait_no_window(TITLE)


def h05_nobody_answers(world):
    world.configure("\n[prompts]\nwait_ms=1000\nlife_ms=2500\n")
    asked(world)
    world.tray.wait_text("Nobody answered in time")
    assert told(world, "approval_closed") == [("approval_closed", "timeout")], world.agent.events("approval_closed")
    assert world.agent.ask("GET", "/v1/grants")["grants"] == []


def h06_three_refusals_and_nobody_is_asked(world):
    world.start()
    world.add_notes()
    person = world.person("--apart")
    key = world.agent.add_client("insistent")
    for tool in ("echo", "add", "count"):
        number = person.call(key, tool, {"text": "x", "a": 1, "b": 2, "to": 3})
        world.tray.wait_window(TITLE)
        wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
        world.desktop.keys("Return")
        person.answer(number)
        world.tray.wait_no_window(TITLE)
    answer = person.answer(person.call(key, "leak", {}))
    assert "Nobody is asked for this client" in answer["body"], answer
    assert world.desktop.windows(TITLE) == [] and len(told(world, "approval_quiet")) == 1


def h07_without_a_place_for_icons(world):
    assert not world.desktop.has_owner("org.kde.StatusNotifierWatcher")
    asker, _ = asked(world)
    world.tray.press("Allow Once")
    assert "hello" in asker.communicate()[0]


def with_logind(world, case, config=""):
    logind = Logind(world.home)
    try:
        world.agent.more["DBUS_SYSTEM_BUS_ADDRESS"] = logind.address
        world.configure(config)
        asker, _ = asked(world)
        wait_for(lambda: world.agent.ask("GET", "/v1/lock")["logind"], "The agent does not look at logind")
        wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
        case(logind, asker)
    finally:
        logind.end()


def h08_nothing_is_asked_on_a_locked_screen(world):
    """Where the agent stays open meanwhile, the question comes back."""

    def case(logind, asker):
        logind.set_locked(True)
        world.tray.wait_no_window(TITLE)
        assert told(world, "approval_granted") == []
        logind.set_locked(False)
        world.tray.wait_window(TITLE)
        world.tray.press("Allow Once")
        assert "hello" in asker.communicate()[0]

    with_logind(world, case, "\n[lock]\non=suspend\n")


def h08_a_locked_screen_locks_the_agent(world):
    def case(logind, asker):
        logind.set_locked(True)
        world.tray.wait_no_window(TITLE)
        assert "locked" in asker.communicate()[0]
        assert world.agent.prompts() == [] and told(world, "approval_granted") == []

    with_logind(world, case)


def answered_elsewhere(world):
    """By somebody in a terminal, while the window shows it."""
    asker, _ = asked(world)
    person = world.person("--pty")
    token = person.answer(person.say(register={"kind": "terminal"}))["token"]
    question = person.hear(lambda line: line.get("event") == "opened")["data"]
    body = {"token": token, "answer": "allow", "scope": "once", "digest": question["digest"]}
    person.say(method="POST", path=f"/v1/prompts/{question['id']}/answer", body=json.dumps(body))
    assert "hello" in asker.communicate()[0]
    world.tray.wait_text("Allowed: " + question["title"])


def the_agent_dies_below_it(world):
    asked(world)
    world.agent.kill()
    world.tray.wait_text("The agent has gone away, and with it what it asked.")
    assert not any("Let “" in text for text in world.tray.texts())
    world.desktop.shot("prompt-agent-gone")
    world.agent.start()
    world.tray.wait_no_window(TITLE)
    world.tray.wait_registered()


def five_hundred_at_once(world):
    """The agent lets a hundred of them open; they are one window."""
    world.start()
    world.add_notes()
    before_kb = world.tray.memory_kb()
    person = world.person("--apart")
    for client in range(25):
        key = world.agent.add_client(f"client {client}")
        for number in range(20):
            person.call(key, f"tool {number}", {"text": "x"})
    world.wait_questions(100)
    world.tray.wait_text("1 of 100, time left")
    assert len(world.desktop.windows(TITLE)) == 1
    after_kb = world.tray.memory_kb()
    print(f"memory: {before_kb} KB, with a hundred questions {after_kb} KB")
    assert after_kb < 90 * 1024 or "ASAN_OPTIONS" in os.environ, after_kb
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    world.desktop.keys("Escape")
    world.tray.wait_text("1 of 99, time left")


def without_fonts(world):
    """It says so and ends, rather than be counted as somebody who shows questions."""
    world.agent.start()
    empty = world.home + "/fonts.conf"
    with open(empty, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    tray = world.start_tray(FONTCONFIG_FILE=empty, wait=False)
    assert tray.process.wait() == 1
    assert "There is no font" in world.desktop.said("tray")
    assert told(world, "prompter_registered") == []


def with_a_passphrase(world):
    """A no needs none; a yes needs it once."""
    world.agent.start()
    world.add_notes()
    set_passphrase(world)
    tray = world.start_tray()
    asker = world.ask()
    tray.wait_text("Allowing needs the passphrase for answers")
    world.desktop.shot("prompt-passphrase")
    tray.press("Allow Once")
    tray.wait_text("Type the passphrase for answers first")
    assert told(world, "approval_granted") == []
    window = tray.wait_window(TITLE)
    assert window
    world.desktop.xdotool("type", "wrong")
    world.desktop.keys("Return")
    tray.wait_text("passphrase")
    wait_for(lambda: ("prompter_refused", "passphrase") in told(world, "prompter_refused"), "It is not tried")
    assert told(world, "approval_granted") == []
    wait_for(lambda: world.agent.ask("GET", "/v1/lock")["wait_ms"] == 0, "One has to wait for ever")
    wait_for(lambda: tray.is_sensitive("Allow Once"), "It never counts")
    tray.wait_node("Allow Once", "push button")
    world.desktop.keys("alt+p")
    world.desktop.xdotool("type", "only the person knows")
    world.desktop.keys("Return")
    assert "hello" in asker.communicate()[0]
    assert not any("only the person" in text for text in tray.texts())
    asker = world.ask("again")
    tray.press("Allow Once")
    assert "again" in asker.communicate()[0]


def set_passphrase(world):
    """As “bindify prompts passphrase” does it."""
    salt = bytes(range(16))
    key = hashlib.scrypt(b"only the person knows", salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=32)
    kdf = {"algorithm": "scrypt", "salt": base64.b64encode(salt).decode(), "log2_n": 15, "r": 8, "p": 1}
    world.agent.ask("PUT", "/v1/lock/approval", {"kdf": kdf, "key": base64.b64encode(key).decode()})


def ends_with_a_question_open(world):
    asked(world)
    assert world.tray.end(signal.SIGTERM) == 0, world.desktop.said("tray")
    assert len(world.agent.prompts()) == 1


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [
        shows_what_the_agent_asks, goes_before_an_askpass_program, denied_by_escape,
        closing_refuses_this_time_only, allowed_for_ten_minutes, one_after_the_other,
        what_cannot_be_undone_is_marked, h01_a_hostile_label_is_shown_inert,
        h03_identical_requests_are_one_question, h04_who_hangs_up_is_not_asked_about, h05_nobody_answers,
        h06_three_refusals_and_nobody_is_asked, h07_without_a_place_for_icons,
        h08_nothing_is_asked_on_a_locked_screen, h08_a_locked_screen_locks_the_agent, answered_elsewhere,
        the_agent_dies_below_it, five_hundred_at_once, without_fonts, with_a_passphrase, ends_with_a_question_open]))
