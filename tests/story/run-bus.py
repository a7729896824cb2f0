#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A run with --bus shows a notification, and reaches nothing else on the session's bus: not the keyring, not portals, not
systemd, and not what else the program can do that shows the notification. Without --bus there is no bus.

usage: run-bus.py BINDIFY. Needs Debian's python3-gi, hence /usr/bin/python3."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

INTERFACE = """<node>
<interface name="org.freedesktop.Notifications">
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
</interface>
<interface name="example.Everything"><method name="Do"><arg type="s" direction="out"/></method></interface>
</node>"""
NAMES = ("org.freedesktop.Notifications", "org.freedesktop.secrets", "org.freedesktop.portal.Desktop",
         "org.freedesktop.systemd1")
NOTIFY = ("gdbus", "call", "--session", "--timeout", "20", "--dest", NAMES[0], "--object-path", "/org/freedesktop/Notifications",
          "--method", "org.freedesktop.Notifications.Notify", "me", "uint32 0", "", "Hello", "from inside",
          "@as []", "@a{sv} {}", "int32 1000")


def desktop():
    """All names in one process, as a desktop's shell; prints what reaches it."""
    from gi.repository import Gio, GLib  # pylint: disable=import-outside-toplevel

    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)

    def on_call(_bus, _sender, path, interface, method, values, invocation):
        print(method, path, values.unpack()[3:5] if method == "Notify" else "", flush=True)
        invocation.return_value(GLib.Variant("(u)", (7,)) if method == "Notify" else GLib.Variant("(s)", ("done",)))

    for path in ("/org/freedesktop/Notifications", "/"):
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces:
            bus.register_object(path, interface, on_call, None, None)
    for name in NAMES:
        Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE, None, None)
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId", None, None, 0, -1, None)
    print("READY", flush=True)
    GLib.MainLoop().run()


def start_bus(folder, environment):
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:path=" + folder + "/run/bus"],
                           stdout=subprocess.PIPE, text=True, env=environment)
    environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    return bus


def call(name, path, method):
    return ("gdbus", "call", "--session", "--timeout", "20", "--dest", name, "--object-path", path, "--method", method)


def others_are_refused(run):
    """Each of these works outside."""
    attempts = [call(name, "/", "example.Everything.Do") for name in NAMES]
    attempts += [call(NAMES[0], "/org/freedesktop/Notifications", "example.Everything.Do"),
                 call("org.freedesktop.DBus", "/", "org.freedesktop.DBus.RequestName") + (NAMES[0] + ".x", "uint32 0")]
    for attempt in attempts:
        assert subprocess.run(attempt, env=run.environment, capture_output=True, check=False).returncode == 0, attempt
        ended = run(["--bus", "--", *attempt])
        assert ended.returncode != 0, (attempt, ended.stdout)
    for _ in attempts[:-1]:
        run.desktop.stdout.readline()


def left_of_proxy(folder):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if b"xdg-dbus-proxy" in words.split(b"\0")[0] and folder.encode() in words:
            found.append(entry)
    return found


def ends_with_the_run(run):
    process = subprocess.Popen([run.bindify, "run", "--bus", "--", "sh", "-c", "echo in; exec sleep 600"],
                               env=run.environment, cwd=run.project, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "in\n"
    assert left_of_proxy(run.folder)
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 20
    while left_of_proxy(run.folder):
        assert time.monotonic() < end, "the proxy of the bus goes on"
        time.sleep(0.02)


class Run:
    def __init__(self, bindify, folder):
        self.bindify, self.folder, self.project = bindify, folder, os.path.join(folder, "home", "project")
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder + "/home", "XDG_RUNTIME_DIR": folder + "/run",
                            "TMPDIR": folder + "/tmp", "LC_ALL": "C.UTF-8"}
        for name in ("home/project", "run", "tmp"):
            os.makedirs(f"{folder}/{name}", 0o700)
        self.bus = start_bus(folder, self.environment)
        self.desktop = subprocess.Popen(["/usr/bin/python3", __file__, "--desktop"], env=self.environment,
                                        stdout=subprocess.PIPE, text=True)
        assert self.desktop.stdout.readline() == "READY\n"

    def __call__(self, words):
        return subprocess.run([self.bindify, "run", *words], env=self.environment, cwd=self.project, capture_output=True,
                              text=True, check=False, timeout=60)

    def end(self):
        for process in (self.desktop, self.bus):
            process.terminate()
            process.wait()


def story(run):
    ended = run(["--bus", "--", *NOTIFY])
    assert ended.returncode == 0 and "uint32 7" in ended.stdout, ended
    assert run.desktop.stdout.readline() == "Notify /org/freedesktop/Notifications ('Hello', 'from inside')\n"
    assert run(["--", *NOTIFY]).returncode != 0
    others_are_refused(run)

    layers = {layer["name"]: layer for layer in json.loads(run(["--bus", "--explain", "--json"]).stdout)}
    assert layers["bus"]["in_force"] and "--bus" in layers["bus"]["text"]
    ends_with_the_run(run)
    assert not [name for name in os.listdir(run.folder + "/tmp")][1:], "folders are left"

    del run.environment["DBUS_SESSION_BUS_ADDRESS"]
    assert run(["--bus", "true"]).returncode == 1


def main():
    if sys.argv[1] == "--desktop":
        desktop()
        return 0
    for program in ("/usr/bin/bwrap", "/usr/bin/xdg-dbus-proxy", "/usr/bin/dbus-daemon", "/usr/bin/gdbus"):
        if shutil.which(program) is None:
            print(program, "is not installed")
            return 77
    with tempfile.TemporaryDirectory(prefix="bindify-") as folder:
        run = Run(os.path.abspath(sys.argv[1]), os.path.realpath(folder))
        try:
            story(run)
        finally:
            run.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
