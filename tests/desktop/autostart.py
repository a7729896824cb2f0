#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Starting at login where there is neither systemd nor logind: a real xfce4-session starts what lies in autostart.

usage: autostart.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import glob
import json
import os
import shutil
import subprocess
import sys

from screen import BUS_CONFIG, SKIPPED, missing, wait_for
from tray_world import run_cases

PATIENCE_S = 60
NAME = "io.bindify.Tray"


class XfceSession:
    """One login: a bus, and a session on it that knows our two entries and Xfce's own settings."""

    def __init__(self, world, agent_words):
        self.world = world
        self.home = os.path.join(world.home, "login")
        self.config_dirs = os.path.join(self.home, "xdg")
        for name in ("run", "services"):
            os.makedirs(os.path.join(self.home, name), mode=0o700)
        shutil.copytree("/etc/xdg/xfce4", os.path.join(self.config_dirs, "xfce4"))
        for path in glob.glob("/usr/share/dbus-1/services/org.xfce.*.service"):
            shutil.copy(path, os.path.join(self.home, "services"))
        self.install({"bindify-agent": [world.agent.program, *agent_words], "bindify-tray": [world.tray_program]})
        config = os.path.join(self.home, "bus.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(BUS_CONFIG.format(folder=os.path.join(self.home, "run"),
                                         services=os.path.join(self.home, "services")))
        self.process = world.desktop.start(
            "xfce", "dbus-run-session", "--config-file=" + config, "--", "sh", "-c",
            f"echo $DBUS_SESSION_BUS_ADDRESS >{self.home}/address; exec xfce4-session", **self.environment())

    def install(self, programs):
        """The entries as they will be installed, with the programs where they are now."""
        source = os.path.join(os.path.dirname(os.path.dirname(self.world.tray_program)), "data", "autostart")
        target = os.path.join(self.config_dirs, "autostart")
        os.makedirs(target)
        for name in os.listdir(source):
            with open(os.path.join(source, name), encoding="utf-8") as file:
                lines = file.read().split("\n")
            with open(os.path.join(target, name), "w", encoding="utf-8") as file:
                for line in lines:
                    key, _, value = line.partition("=")
                    if key in ("Exec", "TryExec"):
                        program, *words = value.split()
                        now, *more = programs[os.path.basename(program)]
                        line = f"{key}={' '.join([now, *words, *more] if key == 'Exec' else [now])}"
                    file.write(line + "\n")

    def environment(self, **more):
        return {"HOME": self.home, "XDG_RUNTIME_DIR": os.path.join(self.home, "run"), "XDG_CURRENT_DESKTOP": "XFCE",
                "XDG_CONFIG_DIRS": self.config_dirs, "DBUS_SESSION_BUS_ADDRESS": None, "G_DEBUG": None,
                **{f"XDG_{name}_HOME": None for name in ("CONFIG", "CACHE", "DATA", "STATE")}, **more}

    def ask(self, *words):
        with contextlib.suppress(OSError), open(os.path.join(self.home, "address"), encoding="utf-8") as file:
            bus = file.read().strip()
            done = subprocess.run(words, env=self.world.desktop.environment(
                **self.environment(DBUS_SESSION_BUS_ADDRESS=bus)), check=False, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            return done.stdout
        return ""

    def bindify(self, *words):
        return self.ask(os.path.join(self.world.client_dir, "bindify"), *words)

    def has_owner(self, name):
        return "true" in self.ask("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
                                  "org.freedesktop.DBus.NameHasOwner", name)

    def pid_of_tray(self):
        said = self.ask("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
                        "org.freedesktop.DBus.GetConnectionUnixProcessID", NAME)
        return int(said.strip("(),\n").split()[-1])

    def pid_of_agent(self):
        return json.loads(self.bindify("status", "--json"))["pid"]

    def end(self):
        """As the menu does it."""
        self.ask("xfce4-session-logout", "--logout", "--fast")
        self.process.wait(PATIENCE_S)


def is_gone(pid):
    """Ended; whether process 1 has taken note of it is not our business."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def starts_with_the_session_and_ends_with_it(world):
    session = XfceSession(world, ["--port", "0", "--keyring", "memory", "--services-dir", world.services])
    said = lambda: world.desktop.said("xfce")
    wait_for(lambda: session.has_owner(NAME), lambda: "No tray: " + said(), PATIENCE_S)
    wait_for(lambda: '"pid"' in session.bindify("status", "--json"), lambda: "No agent: " + said(), PATIENCE_S)
    wait_for(lambda: "prompter_registered" in session.bindify("log", "--json"),
             lambda: "They do not find each other: " + said(), PATIENCE_S)
    assert not world.desktop.windows("Bindings"), "A window came up at login"
    assert session.bindify("open") == ""
    wait_for(lambda: world.desktop.windows("Bindings"), "The window does not open")
    pids = [session.pid_of_agent(), session.pid_of_tray()]
    assert not any(map(is_gone, pids)), pids
    session.end()
    wait_for(lambda: all(map(is_gone, pids)), lambda: f"After logging out: {[pid for pid in pids if not is_gone(pid)]}")


def leaves_an_agent_alone_that_is_there(world):
    """Started by hand, or by a systemd that xfce4-session knows nothing of."""
    world.agent.start()
    session = XfceSession(world, ["--socket", world.agent.socket])
    wait_for(lambda: session.has_owner("org.xfce.SessionManager"), lambda: world.desktop.said("xfce"), PATIENCE_S)
    wait_for(lambda: session.has_owner(NAME), lambda: "No tray: " + world.desktop.said("xfce"), PATIENCE_S)
    assert world.agent.ask("GET", "/v1/status")["pid"] == world.agent.process.pid
    assert "already running" not in world.desktop.said("xfce"), world.desktop.said("xfce")
    session.end()
    assert world.agent.process.poll() is None, "An agent that somebody else has started ended as well"


if __name__ == "__main__":
    wanted = missing(("xfce4-session", "xfce4-session"), ("xfwm4", "xfwm4"), ("dbus-run-session", "dbus-daemon"))
    if wanted:
        print("This test wants a desktop; please install: " + " ".join(wanted))
        sys.exit(SKIPPED)
    sys.exit(run_cases(__doc__, [starts_with_the_session_and_ends_with_it, leaves_an_agent_alone_that_is_there],
                       manager=False))
