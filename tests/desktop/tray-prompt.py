#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The window for questions: what it shows, and which answers count.

usage: tray-prompt.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import sys

from tray_world import run_cases


def shows_who_asks_for_what(world):
    tray = world.start()
    world.add_notes()
    asker = world.begin("bindify", "call", "notes", "echo", "text=hello")
    window = tray.wait_window("bindify asks")
    print(tray.wait_text("Let “"))
    for node in tray.nodes():
        from tray_world import role_of, name_of
        print(role_of(node), "|", name_of(node))
    print(world.desktop.shot("prompt"))
    tray.press("Allow Once")
    print(asker.communicate()[0])
    print(tray.memory_kb())


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [shows_who_asks_for_what]))
