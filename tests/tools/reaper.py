#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""reaper.py [--behind] [--report FILE] COMMAND [ARGUMENT…]: runs COMMAND and lets nothing it started
live on.

Whatever COMMAND's descendants leave behind becomes our child (PR_SET_CHILD_SUBREAPER). It gets some
seconds to end by itself, because what a message bus has started ends a moment after its bus; then it
is named, in FILE too, and ended. Ctrl-C, SIGTERM and SIGHUP end everything at once. The exit status
is COMMAND's.

--behind: COMMAND gets what everything else leaves of the processor.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

GRACE_S = float(os.environ.get("REAPER_GRACE_S", "10"))
PR_SET_CHILD_SUBREAPER = 36
POLL_S = 0.05
LAST = 19


def parents():
    """pid -> parent of every process that is not a zombie."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stream:
                    state, parent = stream.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state not in "ZX":
                found[int(name)] = int(parent)
    return found


def descendants():
    tree = parents()
    found = []
    front = [os.getpid()]
    while front:
        front = [pid for pid, parent in tree.items() if parent in front]
        found += front
    return found


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as stream:
            return stream.read().replace("\0", " ").strip()[:120]
    except OSError:
        return "?"


def collect_zombies():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def wait_until_gone(seconds):
    """What is still there after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        collect_zombies()
        left = descendants()
        if not left or time.monotonic() >= end:
            return left
        time.sleep(POLL_S)


def end_all(left):
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        left = wait_until_gone(2)


class Interrupted(Exception):
    pass


def on_signal(number, frame):
    raise Interrupted(number)


def step_back():
    """The kernel shares the processor among sessions first, and looks at nice(2) within each only:
    so this is a session of its own, and that one comes last (sched(7), autogroup)."""
    os.setsid()
    os.nice(LAST)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as stream:
            stream.write(str(LAST))
    except OSError:
        pass


def run(command, report, is_behind):
    child = subprocess.Popen(command, preexec_fn=step_back if is_behind else None)
    status = child.wait()
    for pid in (left := wait_until_gone(GRACE_S)):
        line = f"left behind: {pid} {title(pid)}"
        print(line, file=sys.stderr)
        if report is not None:
            with open(report, "a", encoding="utf-8") as stream:
                stream.write(line + "\n")
    end_all(left)
    return status if status >= 0 else 128 - status


def main(arguments):
    report = None
    is_behind = arguments[:1] == ["--behind"]
    arguments = arguments[is_behind:]
    if arguments[:1] == ["--report"]:
        report = arguments[1]
        arguments = arguments[2:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        return run(arguments, report, is_behind)
    except Interrupted as interrupted:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all(descendants())
        return 128 + interrupted.args[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
