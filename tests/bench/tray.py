#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""What the tray costs somebody who does not look at it: its memory after the start, after its window has been open,
and how often it wakes up while nothing happens, with a panel that shows it; and how long until the icon is there.

usage: tray.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [SECONDS]"""

import glob
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), name) for name in ("fixture", "story")]

from panel import Panel  # noqa: E402
from screen import Desktop, skip_unless_complete, turn_main_loop, wait_for  # noqa: E402
from tray_world import World  # noqa: E402

SETTLED_S = 3  # what a start leaves behind is over by then


def field(text, name):
    return sum(int(line.split()[1]) for line in text.split("\n") if line.startswith(name + ":"))


def memory(pid):
    """Resident memory, and our share of it, in MB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        text = file.read()
    return f"{field(text, 'Rss') / 1024:.1f} MB resident, {field(text, 'Pss') / 1024:.1f} MB of its own share"


def wakes(pid):
    """How often its threads have gone to sleep, by name."""
    found = {}
    for path in glob.glob(f"/proc/{pid}/task/*"):
        with open(path + "/status", encoding="utf-8") as file:
            text = file.read()
        name = text.split("\n", 1)[0].split("\t")[1]
        found[name] = found.get(name, 0) + field(text, "voluntary_ctxt_switches")
    return found


def idle(pid, seconds):
    """Nothing happens in this process either, but for what the bus has to tell."""
    before = wakes(pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        turn_main_loop()
        time.sleep(0.2)
    after = wakes(pid)
    by_thread = {name: number - before.get(name, 0) for name, number in after.items()}
    return sum(by_thread.values()), {name: number for name, number in by_thread.items() if number}


def run(world, seconds):
    panel = Panel(world.desktop)
    world.agent.start()
    world.add_notes()
    begun = time.monotonic()
    tray = world.start_tray(wait=False)
    item = panel.wait_item()
    print(f"icon registered after {1000 * (time.monotonic() - begun):.0f} ms")
    item.wait_row("notes")
    tray.wait_registered()
    pid = tray.process.pid
    time.sleep(SETTLED_S)
    print(f"after the start: {memory(pid)}")
    number, threads = idle(pid, seconds)
    print(f"idle with a panel: {number} wake-ups in {seconds} s {threads or ''}")
    begun = time.monotonic()
    item.activate()
    tray.wait_window("Bindings")
    print(f"window on the screen after {1000 * (time.monotonic() - begun):.0f} ms (looked for by a process each time)")
    time.sleep(SETTLED_S)
    print(f"with its window: {memory(pid)}")
    world.desktop.keys("ctrl+w")
    wait_for(lambda: not world.desktop.windows("Bindings"), "The window stays")
    time.sleep(SETTLED_S)
    print(f"after its window: {memory(pid)}")
    number, threads = idle(pid, seconds)
    print(f"idle after its window: {number} wake-ups in {seconds} s {threads or ''}")
    world.agent.end()
    item.wait_icon("gone")
    time.sleep(20)  # it tries for 16 s
    number, threads = idle(pid, seconds)
    print(f"idle without an agent: {number} wake-ups in {seconds} s {threads or ''}")
    panel.end()


def main():
    if len(sys.argv) < 6:
        print(__doc__)
        return 2
    skip_unless_complete()
    with tempfile.TemporaryDirectory(prefix="bindify-bench-") as home, Desktop(home) as desktop:
        os.mkdir(os.path.join(home, "world"))
        world = World(desktop, os.path.join(home, "world"), sys.argv[1:6])
        try:
            run(world, int(sys.argv[6]) if len(sys.argv) > 6 else 30)
        finally:
            world.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
