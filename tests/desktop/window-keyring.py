#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The page of the keyrings: the lock, passphrases, the vault, and what is wrong.

usage: window-keyring.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import os
import sys

from screen import wait_for
from tray_world import TrayAgent, run_cases

PASSPHRASE = "correct horse 7"
# The first entry of each window.
ENTRIES = {"Lock with a Passphrase": "New passphrase", "Unlock the Agent": "Passphrase",
           "Unlock the Vault": "Passphrase or recovery code", "A Passphrase for Answers": "New passphrase",
           "No Passphrase for Answers": "Present passphrase"}


def open_page(world):
    tray = world.start_tray(window=True)
    tray.wait_window("Bindings")
    world.desktop.keys("alt+5")
    tray.wait_window("Keyring")
    return tray


def state(world):
    return world.agent.ask("GET", "/v1/lock")["state"]


def wait_for_entry(world, window, name):
    """Something can be typed into that entry: the window is there, and what was tried before is through."""
    wait_for(lambda: world.desktop.xdotool("getactivewindow", "getwindowname").strip() == window, "It is not active")
    wait_for(lambda: world.tray.is_sensitive(name, None), "It cannot be typed into")


def type_passphrases(world, window, *texts):
    """Into the entries of a window, one after the other; the first one has the focus."""
    world.tray.wait_window(window)
    wait_for_entry(world, window, ENTRIES[window])
    for number, text in enumerate(texts):
        if number:
            world.desktop.keys("Tab")
        world.desktop.xdotool("type", "--delay", "10", text)


def nothing_can_be_read(world):
    assert not any(PASSPHRASE in text for text in world.tray.texts()), "The passphrase is to be read"


def locks_and_unlocks_with_a_passphrase(world):
    world.agent.start()
    tray = open_page(world)
    tray.wait_text("Open: programs may use credentials.")
    world.desktop.shot("window-keyring")
    tray.press("Lock…")
    type_passphrases(world, "Lock with a Passphrase", PASSPHRASE)
    world.desktop.keys("Return")
    tray.wait_text("The two new passphrases are not the same.")
    nothing_can_be_read(world)
    type_again(world)
    world.desktop.keys("Return")
    wait_for(lambda: state(world) == "passphrase", "It is not locked")
    tray.wait_text("Locked with a passphrase.")
    tray.press("Unlock")
    type_passphrases(world, "Unlock the Agent", "wrong")
    world.desktop.keys("Return")
    tray.wait_text("assphrase")
    assert state(world) == "passphrase"
    wait_for(lambda: world.agent.ask("GET", "/v1/lock")["wait_ms"] == 0, "The wait does not end")
    wait_for_entry(world, "Unlock the Agent", "Passphrase")
    world.desktop.xdotool("type", "--delay", "10", PASSPHRASE)
    world.desktop.keys("Return")
    wait_for(lambda: state(world) == "open", "It stays locked")
    assert PASSPHRASE not in world.desktop.said("tray")


def type_again(world):
    """The second entry, which was left empty."""
    world.desktop.keys("Tab", "Tab")
    world.desktop.xdotool("type", "--delay", "10", PASSPHRASE)


def opens_the_vault(world):
    world.agent = TrayAgent(world.home, world.agent.program, world.services, "vault-agent", "vault")
    world.agent.start()
    world.bindify("bindify", "vault", "init", "--passphrase-stdin", "--no-key-file", stdin=PASSPHRASE + "\n")
    world.agent.end()
    world.agent.start()
    tray = open_page(world)
    tray.wait_text("Locked: what rests there cannot be used until it is unlocked.")
    tray.press("Unlock: Vault")
    type_passphrases(world, "Unlock the Vault", "not " + PASSPHRASE)
    world.desktop.keys("Return")
    tray.wait_text("That is neither its passphrase nor a recovery code of it.")
    wait_for_entry(world, "Unlock the Vault", "Passphrase or recovery code")
    world.desktop.xdotool("type", "--delay", "10", PASSPHRASE)
    world.desktop.keys("Return")
    wait_for(lambda: world.agent.ask("GET", "/v1/vault")["state"] == "ready", "The vault stays locked")
    tray.wait_no_text("Locked: what rests there")


def asks_for_a_passphrase_for_answers(world):
    world.agent.start()
    tray = open_page(world)
    tray.wait_text("Not set: a click is enough for an answer.")
    tray.press("Set…")
    type_passphrases(world, "A Passphrase for Answers", PASSPHRASE)
    type_again(world)
    world.desktop.keys("Return")
    wait_for(lambda: world.agent.ask("GET", "/v1/lock")["approval_kdf"], "None is set")
    tray.wait_text("Set: who answers")
    tray.press("Remove…")
    type_passphrases(world, "No Passphrase for Answers", PASSPHRASE)
    world.desktop.keys("Return")
    wait_for(lambda: not world.agent.ask("GET", "/v1/lock")["approval_kdf"], "It stays set")


def finds_and_repairs(world):
    world.agent = TrayAgent(world.home, world.agent.program, world.services, "damaged", "vault")
    world.agent.start()
    world.add_notes("--no-check")
    os.chmod(os.path.join(world.agent.home, ".local", "state", "bindify", "bindify.db"), 0o644)
    tray = open_page(world)
    tray.wait_text("Something is not as it should be")
    world.desktop.shot("window-keyring-findings")


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [locks_and_unlocks_with_a_passphrase, opens_the_vault,
                                 asks_for_a_passphrase_for_answers, finds_and_repairs]))
