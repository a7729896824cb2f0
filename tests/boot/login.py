#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A machine boots, somebody logs in with a password, and bindify is there: the agent on the first call, the icon
with the desktop, the credentials in the keyring that the login has unlocked. After logging out nothing is left.

usage: login.py TESTS_DIR BUILD_DIR

BINDIFY_BOOT_ROOT names the folder that make-root.sh has made; ./check does. Otherwise the test is skipped (77)."""

import json
import os
import subprocess
import sys
import tempfile

from machine import Machine, Session, alone, wait_for, why_not

SKIPPED = 77
TOKEN = "boot-token-0123456789abcdef"
# What a desktop has, and no more.
SESSION_TARGET = """[Unit]
Description=a desktop
BindsTo=graphical-session.target
Wants=xdg-desktop-autostart.target
Before=xdg-desktop-autostart.target
"""
DISPLAY = ":5"


def say(text):
    print("ok: " + text, flush=True)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def processes(machine, name):
    """Of alice's, by name."""
    found = machine.root("ps", "-C", name, "-o", "pid=,user=") if machine.asks("ps", "-C", name) else ""
    return [line.split()[0] for line in found.splitlines() if line.split()[1] == "alice"]


def has_gone(machine):
    return not machine.asks("systemctl", "is-active", "user@1000.service") and not machine.asks("pgrep", "-u", "alice")


def log_out(machine, session):
    session.logout()
    wait_for(lambda: has_gone(machine), lambda: "After logging out there is " + machine.root("ps", "-ef"))


def property_of(session, unit, name):
    return session.run(f"systemctl --user show -P {name} {unit}")


def before_anybody_is_there(machine):
    expect(machine.root("systemctl", "is-system-running", "--wait") == "running", "Something has failed at boot")
    # What a package does when it is installed.
    machine.root("systemctl", "--global", "preset", "bindify.socket", "bindify-tray.service")
    expect(machine.root("systemctl", "--global", "is-enabled", "bindify.socket", "bindify-tray.service").split() ==
           ["enabled", "enabled"], "The preset does not enable the units")
    expect(not processes(machine, "bindify-agent"), "An agent runs before anybody has logged in")
    say("nothing runs before anybody is there")


def first_login(machine):
    """The agent is started by the first that wants it. The keyring does not exist yet."""
    session = machine.login("alice", "alicepw")
    state = property_of(session, "bindify.socket", "ActiveState")
    expect(state == "active", f"The socket is {state!r}")
    expect(property_of(session, "bindify.service", "ActiveState") == "inactive", "The agent runs unasked")
    status = json.loads(session.run("bindify status --json"))
    expect(status["pid"] == int(property_of(session, "bindify.service", "MainPID")), status)
    expect(session.run("stat -c %a:%U $XDG_RUNTIME_DIR/bindify/agent.sock") == "600:alice", "Others reach the socket")
    expect(not processes(machine, "bindify-tray"), "There is a tray without a desktop")
    said = session.run("bindify open || true")
    expect("The window needs a desktop" in said, said)
    say("the agent answers as soon as somebody has logged in")
    log_out(machine, session)
    say("and is gone when that is over")


def start_desktop(session):
    session.run(f"systemd-run --user --quiet --unit=display Xvfb {DISPLAY} -screen 0 1024x768x24 -nolisten tcp")
    session.run(f"export DISPLAY={DISPLAY}; for i in $(seq 200); do xdpyinfo >/dev/null 2>&1 && break; sleep 0.1; done; "
                "xdpyinfo | head -n 1; dbus-update-activation-environment --systemd DISPLAY")
    session.run("systemctl --user start desktop.target")


def await_output(session, command, wanted):
    """Polls from here; @wanted: a part of what it says."""
    wait_for(lambda: wanted in session.run(f"{command} || true"),
             lambda: f"{command}: " + session.run(f"{command} || true"))


def await_state(session, unit, wanted):
    wait_for(lambda: property_of(session, unit, "ActiveState") == wanted,
             lambda: session.run(f"systemctl --user --no-pager status {unit} || true"))


def second_login(machine, port):
    """With a desktop. The keyring takes a credential: its password is the one that was typed."""
    session = machine.login("alice", "alicepw")
    start_desktop(session)
    await_state(session, "bindify-tray.service", "active")
    expect(processes(machine, "bindify-tray") == [property_of(session, "bindify-tray.service", "MainPID")],
           "There is more than one tray, or less")
    entries = session.run("ls $XDG_RUNTIME_DIR/systemd/generator.late || true")
    expect("bindify" not in entries, f"The entry in autostart is started as well: {entries}")
    await_output(session, "bindify log --json", "prompter_registered")
    say("the icon is started with the desktop, and asks for the agent")

    session.run("bindify open bindings")
    await_output(session, "xwininfo -root -tree", '"Bindings"')
    say("the window opens")

    session.run(f"bindify-add http://127.0.0.1:{port}/mcp --name notes --allow-local --token-stdin --keyring "
                f"secret-service <<<{TOKEN}")
    session.run("bindify test notes")
    say("the keyring takes a credential")

    session.run("bindify doctor >doctor.txt || true")
    told = session.run("cat doctor.txt")
    expect("agent and icon start at login" in told, told)
    session.run("systemctl --user stop desktop.target")
    await_state(session, "bindify-tray.service", "inactive")
    expect(not processes(machine, "bindify-tray"), "The tray outlives the desktop")
    expect(processes(machine, "bindify-agent"), "The agent ends with the desktop, not with the login")
    session.run("systemctl --user stop display.service")
    say("the icon ends with the desktop")
    log_out(machine, session)


def third_login(machine, requests):
    """The credential is there again; nobody is asked for anything, and nobody could be."""
    n_before = len(requests())
    session = machine.login("alice", "alicepw")
    keyrings = {row["name"]: row["state"] for row in json.loads(session.run("bindify status --json"))["keyrings"]}
    expect(keyrings["secret-service"] == "ready", keyrings)
    session.run("bindify test notes")
    asked = requests()[n_before:]
    expect(asked and all(row["credential"] for row in asked), f"The credential did not arrive: {asked}")
    say("the credential is there after the next login, without a question")
    log_out(machine, session)


def switched_off(machine):
    """As the switch in the window does it: no icon with the desktop, but whoever opens the window has it."""
    session = machine.login("alice", "alicepw")
    session.run("mkdir -p ~/.config/systemd/user/graphical-session.target.wants && "
                "ln -s /dev/null ~/.config/systemd/user/graphical-session.target.wants/bindify-tray.service && "
                "systemctl --user daemon-reload")
    session.run("mkdir -p ~/.config/autostart && printf '[Desktop Entry]\\nType=Application\\nName=x\\nHidden=true\\n' "
                ">~/.config/autostart/io.bindify.Tray.desktop")
    start_desktop(session)
    await_state(session, "desktop.target", "active")
    expect(property_of(session, "bindify-tray.service", "ActiveState") == "inactive", "The icon is started all the same")
    session.run("bindify open")
    await_state(session, "bindify-tray.service", "active")
    expect("the icon does not" in session.run("bindify doctor | grep Desktop:"), "It is said to start at login")
    session.run("systemctl --user stop desktop.target display.service")
    log_out(machine, session)
    say("what is switched off does not start at login, and opens all the same")


def wrong_password(machine):
    """So that the keyring's opening means something."""
    with Session(machine, "alice", "not-her-password") as session:
        session.expect("Login incorrect")


def accounts_of_the_system(machine):
    """Login screens are such an account with a session of its own."""
    uid = machine.root("id", "-u", "messagebus")
    machine.root("systemctl", "start", f"user@{uid}.service")
    state = machine.root("runuser", "-u", "messagebus", "--", "env", f"XDG_RUNTIME_DIR=/run/user/{uid}", "systemctl",
                         "--user", "show", "-P", "ConditionResult", "-P", "ActiveState", "bindify.socket").split()
    expect(state == ["inactive", "no"] or state == ["no", "inactive"], f"bindify.socket: {state}")
    expect(not os.path.exists(os.path.join(machine.merged, f"run/user/{uid}/bindify")), "There is a socket")
    machine.root("systemctl", "stop", f"user@{uid}.service")
    say("accounts of the system have no agent")


def install(build, folder):
    """As it will be, with the units where a package puts them; the desktop for the test besides."""
    done = subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", folder], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    expect(done.returncode == 0, done.stdout)
    units = os.path.join(folder, "etc/systemd/user")
    os.makedirs(units)
    with open(os.path.join(units, "desktop.target"), "w", encoding="utf-8") as file:
        file.write(SESSION_TARGET)


def start_server(machine, tests, folder):
    """(port, function for what it was asked)"""
    token, log = os.path.join(folder, "token"), os.path.join(folder, "requests")
    with open(token, "w", encoding="utf-8") as file:
        file.write(TOKEN)
    server = machine.on_its_network(sys.executable, os.path.join(tests, "fixtures", "sample-server.py"), "--token-file",
                                    token, "--log", log, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().split("port=")[1])

    def requests():
        with open(log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    return port, requests


def main(arguments):
    if len(arguments) != 2:
        print(__doc__)
        return 2
    root = os.environ.get("BINDIFY_BOOT_ROOT")
    reason = why_not() if root else "there is no BINDIFY_BOOT_ROOT (tests/boot/make-root.sh makes one, ./check does)"
    if reason:
        print("No machine is booted here: " + reason)
        return SKIPPED
    alone()
    tests, build = map(os.path.abspath, arguments)
    with tempfile.TemporaryDirectory(prefix="bindify-boot-") as folder:
        os.chmod(folder, 0o755)
        installed = os.path.join(folder, "installed")
        os.mkdir(installed)
        os.chmod(installed, 0o755)
        install(build, installed)
        with Machine(root, installed) as machine:
            port, requests = start_server(machine, tests, folder)
            before_anybody_is_there(machine)
            first_login(machine)
            wrong_password(machine)
            second_login(machine, port)
            third_login(machine, requests)
            switched_off(machine)
            accounts_of_the_system(machine)
            expect(machine.halt() == 0, "The machine does not halt")
            say("the machine halts")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
