#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""How the window is reached: by `bindify open`, by the launcher and its menu, by the bus; and that there is one.

usage: opening.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

from gi.repository import Gio

from screen import wait_for
from tray_world import run_cases

NAME = "io.bindify.Tray"
PATIENCE_S = 30
N_AT_ONCE = 8


def data_of(world, *words):
    """A file of data/, as it will be installed."""
    return os.path.join(os.path.dirname(os.path.dirname(world.tray_program)), "data", *words)


def entries(path, group):
    """{key: value} of a group of a file."""
    with open(path, encoding="utf-8") as file:
        found = file.read().split(f"[{group}]\n")[1].split("\n[")[0]
    return dict(line.split("=", 1) for line in found.split("\n") if "=" in line and not line.startswith("#"))


def environment(world, **more):
    """Of a person's terminal on this desktop; the program is not in the PATH, as little as it is installed."""
    return world.desktop.environment(BINDIFY_SOCK=world.agent.socket, **more)


def bindify(world, *words, **more):
    return subprocess.run([os.path.join(world.client_dir, "bindify"), *words], env=environment(world, **more),
                          check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=PATIENCE_S)


def opened(world, *words, **more):
    done = bindify(world, "open", *words, **more)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


def refused(world, *wanted, words=(), **more):
    done = bindify(world, "open", *words, **more)
    assert done.returncode == 1, done
    for text in wanted:
        assert text in done.stderr, done


def call_bus(world, method, *words):
    return world.desktop.ask("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
                             "org.freedesktop.DBus." + method, *words)


def pid_of_tray(world):
    return int(call_bus(world, "GetConnectionUnixProcessID", NAME).strip("(),\n").split()[-1])


@contextlib.contextmanager
def of_the_bus(world):
    """The bus knows how to start it: the file that is installed, with the program where it is now."""
    path = os.path.join(world.desktop.services, NAME + ".service")
    program = shlex.split(entries(data_of(world, "dbus", NAME + ".service"), "D-BUS Service")["Exec"])
    assert os.path.basename(program[0]) == "bindify-tray", program
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[D-BUS Service]\nName={NAME}\n"
                   f"Exec={world.tray_program} {' '.join(program[1:])} --socket {world.agent.socket}\n")
    call_bus(world, "ReloadConfig")
    try:
        yield
    finally:
        quit_tray(world)
        os.unlink(path)
        call_bus(world, "ReloadConfig")


@contextlib.contextmanager
def in_path(world):
    """A PATH in which bindify-tray is."""
    folder = os.path.join(world.home, "bin")
    os.mkdir(folder)
    os.symlink(world.tray_program, os.path.join(folder, "bindify-tray"))
    try:
        yield folder + ":" + os.environ["PATH"]
    finally:
        quit_tray(world)


def quit_tray(world):
    """It ends by itself; its exit is awaited by its name."""
    if world.desktop.has_owner(NAME):
        world.desktop.ask("gapplication", "action", NAME, "quit")
    wait_for(lambda: not world.desktop.has_owner(NAME), "It does not quit")


def without_tray(world):
    """A PATH with everything but bindify-tray: that of the test, where it is not installed."""
    found = shutil.which("bindify-tray")
    return os.environ["PATH"] if found is None else "/nonexistent"


def window(world, title):
    wait_for(lambda: world.desktop.windows(f"^{title}$"), f"There is no window “{title}”")


def is_opened_by_the_bus(world):
    world.agent.start()
    with of_the_bus(world):
        opened(world, "clients")
        window(world, "Clients")


def is_started_where_the_bus_does_not(world):
    world.agent.start()
    with in_path(world) as path:
        opened(world, PATH=path)
        window(world, "Bindings")
        # It outlives the terminal that it was opened from.
        assert os.getsid(pid_of_tray(world)) == pid_of_tray(world)


def shows_the_page_asked_for(world):
    world.start()
    for page in ("bindings", "clients", "grants", "activity", "keyring", "settings"):
        opened(world, page)
        window(world, page.capitalize())
    # Where the person was.
    opened(world, "clients")
    window(world, "Clients")
    opened(world)
    window(world, "Clients")


def says_what_is_missing(world):
    world.agent.start()
    path = without_tray(world)
    refused(world, "no page “binding”", "it has bindings, clients", "Try: bindify open bindings", words=["binding"])
    refused(world, "Too many words", words=["bindings", "clients"])
    refused(world, "The window needs a desktop, and this session has none", "Try: bindify list", DISPLAY=None)
    refused(world, "a session from elsewhere", DISPLAY=None, SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    refused(world, "This session has no D-Bus", "Try: dbus-run-session bindify-tray", DBUS_SESSION_BUS_ADDRESS=None)
    refused(world, "The window needs a desktop", DBUS_SESSION_BUS_ADDRESS=None, DISPLAY=None)
    refused(world, "bindify-tray, and that is not installed", "Try: bindify list", PATH=path)
    folder = os.path.join(world.home, "broken")
    os.mkdir(folder)
    broken = os.path.join(folder, "bindify-tray")
    with open(broken, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexit 3\n")
    os.chmod(broken, 0o755)
    refused(world, f"{broken} ended as soon as it was started", f"Try: {broken}", PATH=folder + ":" + path)
    world.start_tray()
    refused(world, "--socket counts only when it is started", words=["--socket", world.agent.socket])
    # The desktop of somebody who comes by ssh is found all the same, as its bus is.
    opened(world, DISPLAY=None, SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    window(world, "Bindings")


def launcher(world):
    """The desktop file as desktops read it, with the program where it is now."""
    source = data_of(world, "applications", NAME + ".desktop")
    path = os.path.join(world.home, NAME + ".desktop")
    with open(source, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(entries(source, "Desktop Entry")["TryExec"], world.tray_program))
    entry = Gio.DesktopAppInfo.new_from_filename(path)
    # A launcher stays on the bus; what it asked for is forgotten when it leaves.
    entry.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return entry


def is_opened_by_the_launcher(world):
    world.agent.start()
    with of_the_bus(world):
        entry = launcher(world)
        assert entry is not None and entry.get_boolean("DBusActivatable")
        assert entry.launch([], None)
        window(world, "Bindings")
        entry.launch_action("activity", None)
        window(world, "Activity")
        entry.launch_action("bindings", None)
        window(world, "Bindings")


def locks_and_freezes_from_the_launcher(world):
    world.agent.start()
    with of_the_bus(world):
        entry = launcher(world)
        entry.launch_action("lock", None)
        wait_for(lambda: world.agent.ask("GET", "/v1/lock")["state"] != "open", "Nothing is locked")
        entry.launch_action("freeze", None)
        wait_for(lambda: world.agent.ask("GET", "/v1/status")["lock"]["frozen"], "Nothing is frozen")
        assert not world.desktop.windows("Bindings"), "A window came up"
        world.agent.end()
        entry.launch_action("lock", None)
        window(world, "Bindings")


def has_all_that_the_launcher_offers(world):
    """And what a launcher without D-Bus runs instead is understood as well."""
    tray = world.start()
    entry = launcher(world)
    names = entry.list_actions()
    assert len(names) == 4, names
    known = world.desktop.ask("gdbus", "call", "--session", "-d", NAME, "-o", "/io/bindify/Tray", "-m",
                              "org.gtk.Actions.List")
    assert all(f"'{name}'" in known for name in names), (names, known)
    for name in names:
        words = shlex.split(entries(data_of(world, "applications", NAME + ".desktop"),
                                    "Desktop Action " + name)["Exec"])
        assert os.path.basename(words[0]) == "bindify", words
        done = bindify(world, *words[1:])
        assert done.returncode == 0, done
    assert world.agent.ask("GET", "/v1/status")["lock"]["frozen"]
    tray.wait_window("Activity")


def there_is_one_however_often_it_is_started(world):
    """As the unit and the entry in autostart do, at once."""
    world.agent.start()
    words = shlex.split(entries(data_of(world, "autostart", NAME + ".desktop"), "Desktop Entry")["Exec"])[1:]
    assert words == ["--background"], words
    several = [world.desktop.start(f"tray-{number}", world.tray_program, *words, "--socket", world.agent.socket)
               for number in range(N_AT_ONCE)]
    wait_for(lambda: sum(child.poll() is None for child in several) == 1,
             lambda: f"How they ended: {[child.poll() for child in several]}")
    left = next(child for child in several if child.poll() is None)
    assert all(child.returncode == 0 for child in several if child is not left), [c.returncode for c in several]
    wait_for(lambda: world.desktop.has_owner(NAME), "The last one has no name")
    assert pid_of_tray(world) == left.pid
    assert not world.desktop.windows("Bindings"), "A window came up at login"
    assert world.desktop.stop(left) == 0


def doctor_says_what_runs(world):
    world.agent.start()
    with in_path(world) as path:
        done = bindify(world, "doctor", PATH=path)
        assert done.returncode == 1 and "tray_stopped: The icon does not run" in done.stdout, done
        assert "Try: bindify open\n" in done.stdout, done
        assert "Desktop: the icon does not run; nothing starts at login (systemctl --user enable" in done.stdout, done
        opened(world, PATH=path)
        done = bindify(world, "doctor", PATH=path)
        assert done.returncode == 0, done
        assert "Desktop: the icon runs, but no panel here shows icons" in done.stdout, done
        found = json.loads(bindify(world, "doctor", "--json", PATH=path).stdout)["desktop"]
        assert found == {"tray": "running", "tray_host": False, "tray_at_login": "no", "agent_at_login": "no"}, found
        entry = os.path.join(world.desktop.home, "config", "autostart", NAME + ".desktop")
        os.makedirs(os.path.dirname(entry), exist_ok=True)
        shutil.copy(data_of(world, "autostart", NAME + ".desktop"), entry)
        assert "the icon starts at login, the agent does not" in bindify(world, "doctor", PATH=path).stdout
        with open(entry, "a", encoding="utf-8") as file:
            file.write("Hidden=true\n")
        assert "nothing starts at login" in bindify(world, "doctor", PATH=path).stdout
        os.unlink(entry)


def agent_of_a_session_ends_with_its_bus(world):
    """Where no systemd starts it: the entry in autostart."""
    words = shlex.split(entries(data_of(world, "autostart", "io.bindify.Agent.desktop"), "Desktop Entry")["Exec"])
    assert words[1:] == ["--session"], words
    home = os.path.join(world.home, "bus")
    os.mkdir(home)
    config = os.path.join(home, "bus.conf")
    shutil.copy(os.path.join(world.desktop.home, "bus.conf"), config)
    bus = subprocess.Popen(["dbus-daemon", "--nofork", "--config-file=" + config, "--print-address=1"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    world.helpers.append(bus)
    world.agent.more = {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
    read_end, write_end = os.pipe()
    command = [world.agent.program, "--session", "--port", "0", "--keyring", "memory", "--services-dir", world.services]
    child = subprocess.Popen([*command, "--ready-fd", str(write_end)], env=world.agent.environment(),
                             pass_fds=[write_end], stdin=subprocess.DEVNULL)
    world.helpers.append(child)
    os.close(write_end)
    with os.fdopen(read_end) as ready:
        assert "READY" in ready.readline()
    second = subprocess.run(command, env=world.agent.environment(), stdin=subprocess.DEVNULL, timeout=PATIENCE_S,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert (second.returncode, second.stdout) == (0, ""), second
    bus.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE_S) == 0, "It outlives its session"
    assert not os.path.exists(os.path.join(world.agent.run_dir, "bindify", "agent.sock"))


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [is_opened_by_the_bus, is_started_where_the_bus_does_not, shows_the_page_asked_for,
                                 says_what_is_missing, is_opened_by_the_launcher, locks_and_freezes_from_the_launcher,
                                 has_all_that_the_launcher_offers, there_is_one_however_often_it_is_started,
                                 doctor_says_what_runs, agent_of_a_session_ends_with_its_bus]))
