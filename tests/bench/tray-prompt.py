#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""How long it takes from the start of a request until the window that asks about it is on the screen, and until it
has been drawn: until its place on the screen is no longer black, as the X server sees it. Under Xvfb with openbox, the
tray running, by a process that polls without a pause. And what memory the tray takes.

usage: tray-prompt.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [RUNS]"""

import ctypes
import os
import statistics
import sys
import tempfile
import time

tests = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "."
sys.path[:0] = [os.path.join(tests, "fixture"), os.path.join(tests, "story")]

# pylint: disable=wrong-import-position
from screen import Desktop, skip_unless_complete, wait_for  # noqa: E402
from tray_world import World  # noqa: E402

WARM = 3
ALL_PLANES = ctypes.c_ulong(~0)
Z_PIXMAP = 2


class Screen:
    """The middle of the screen, by libX11."""

    def __init__(self, display):
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = self.x11.XGetImage.restype = ctypes.c_void_p
        self.x11.XDefaultRootWindow.restype = self.x11.XGetPixel.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(display.encode()))
        self.root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))

    def is_drawn(self):
        """Whether there is something in the middle that is not black."""
        image = ctypes.c_void_p(self.x11.XGetImage(self.display, self.root, 512, 400, 1, 1, ALL_PLANES, Z_PIXMAP))
        pixel = self.x11.XGetPixel(image, 0, 0) & 0xffffff
        self.x11.XDestroyImage(image)
        return pixel != 0


def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(world, screen, person, key, number):
    """Seconds from the request until it is drawn, and what of them the tray had the processor."""
    wait_for(lambda: not screen.is_drawn(), "The window stays")
    worked = processor_s(world.tray.process.pid)
    begin = time.monotonic()
    person.call(key, "echo", {"text": f"run {number}"})
    while not screen.is_drawn():
        pass
    drawn = time.monotonic() - begin
    worked = processor_s(world.tray.process.pid) - worked
    question = world.agent.prompts()[0]
    world.tray.wait_text(question["title"])
    wait_for(lambda: world.tray.is_sensitive("Allow Once"), "It never counts")
    world.tray.press("Allow Once")
    world.tray.wait_no_window("bindify asks")
    return drawn, worked


def main():
    if len(sys.argv) < 6:
        print(__doc__)
        return 2
    skip_unless_complete()
    runs = int(sys.argv[6]) if len(sys.argv) > 6 else 20
    with tempfile.TemporaryDirectory(prefix="bindify-test-") as home, Desktop(home) as desktop:
        world = World(desktop, home, sys.argv[1:6])
        try:
            world.start()
            world.add_notes()
            print(f"memory at first: {world.tray.memory_kb() // 1024} MB")
            screen = Screen(desktop.display)
            person = world.person("--apart")
            key = world.agent.add_client("bench")
            times = [measure(world, screen, person, key, number) for number in range(WARM + runs)]
            first, works = times[0], [worked for _, worked in times[WARM:]]
            times = sorted(drawn for drawn, _ in times[WARM:])
            print(f"the first one: {first[0] * 1000:.0f} ms, {first[1] * 1000:.0f} ms of the processor")
            print(f"processor, then: {statistics.mean(works) * 1000:.0f} ms")
            print(f"then ({runs}): minimum {times[0] * 1000:.0f} ms, median {statistics.median(times) * 1000:.0f} ms, "
                  f"maximum {times[-1] * 1000:.0f} ms")
            print(f"memory afterwards: {world.tray.memory_kb() // 1024} MB")
        finally:
            world.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
