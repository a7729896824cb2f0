#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""What the main window costs: how long until it is on the screen, and how much memory the tray has before, with it,
and after it was closed, several times in a row.

usage: tray-window.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [REPETITIONS]"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), name) for name in ("fixture", "story")]

from screen import Desktop, skip_unless_complete, wait_for  # noqa: E402
from tray_world import World  # noqa: E402

SETTLE_S = 1.5
BINDINGS = 20
OPEN = ("gdbus", "call", "--session", "-d", "io.bindify.Tray", "-o", "/io/bindify/Tray", "-m",
        "org.freedesktop.Application.ActivateAction", "open", "[<'bindings'>]", "{}")


def first_seen(desktop, began):
    """Seconds until a window with that title is on the screen."""
    while not desktop.windows("^Bindings$"):
        if time.monotonic() - began > 30:
            raise TimeoutError("The window does not come")
    return time.monotonic() - began


def time_looking(desktop):
    """What one look for a window takes by itself: that much of each figure is ours."""
    began = time.monotonic()
    for _ in range(10):
        desktop.windows("^Bindings$")
    return (time.monotonic() - began) / 10


def proportional_kb(pid):
    """Its share of what it has in memory."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def main():
    if len(sys.argv) < 6:
        print(__doc__)
        return 2
    skip_unless_complete()
    repetitions = int(sys.argv[6]) if len(sys.argv) > 6 else 10
    with tempfile.TemporaryDirectory(prefix="bindify-bench-") as home, Desktop(home) as desktop:
        world = World(desktop, os.path.join(home, "world"), sys.argv[1:6])
        os.makedirs(world.home, exist_ok=True)
        try:
            measure(world, repetitions)
        finally:
            world.end()
    return 0


def measure(world, repetitions):
    desktop = world.desktop
    world.agent.start()
    url = world.add_notes()
    for number in range(1, BINDINGS):
        world.bindify("bindify-add", url, "--name", f"notes-{number}", "--allow-local", "--token-stdin", "--no-check",
                      stdin="tray-token-0123456789abcdef")
    tray = world.start_tray()
    time.sleep(SETTLE_S)
    pid = tray.process.pid
    print(f"idle before            {tray.memory_kb() / 1024:6.1f} MB resident, {proportional_kb(pid) / 1024:6.1f} MB share")
    times = []
    for number in range(repetitions):
        began = time.monotonic()
        subprocess.run(OPEN, env=desktop.environment(), check=True, stdout=subprocess.DEVNULL)
        times.append(first_seen(desktop, began) * 1000)
        time.sleep(SETTLE_S)
        if number == 0:
            print(f"with the window        {tray.memory_kb() / 1024:6.1f} MB resident, "
                  f"{proportional_kb(pid) / 1024:6.1f} MB share, {BINDINGS} bindings")
        desktop.keys("ctrl+w")
        wait_for(lambda: not desktop.windows("^Bindings$"), "The window does not close")
        time.sleep(SETTLE_S)
        if number in (0, repetitions - 1):
            print(f"closed, {number + 1:3} times      {tray.memory_kb() / 1024:6.1f} MB resident, "
                  f"{proportional_kb(pid) / 1024:6.1f} MB share")
    print(f"from the call to the screen: first {times[0]:.0f} ms, median {statistics.median(times):.0f} ms, "
          f"worst {max(times):.0f} ms (of which {time_looking(desktop) * 1000:.0f} ms are looking)")


if __name__ == "__main__":
    sys.exit(main())
