#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Bindings are added wholly in the window: by a token, by signing in, by an address, as a program.

usage: window-add.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import json
import os
import subprocess
import sys

from conformance import ready_line
from screen import wait_for
from signing_in import SignInServer, follow
from tray_world import TOKEN, run_cases

HEADER, MARGIN = 60, 20  # of a window, in pixels
WRONG_TOKEN = "wrong-token-0123456789abcdef"


def put_service(world, record):
    """A service of the user's own, in the place of one that is installed."""
    folder = os.path.join(world.agent.home, ".config", "bindify", "services.d")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, record["id"] + ".json"), "w", encoding="utf-8") as file:
        json.dump(record, file)


def start_server(world):
    """sample-server.py, which takes TOKEN: its URL."""
    path = os.path.join(world.home, "token")
    with open(path, "w", encoding="utf-8") as file:
        file.write(TOKEN)
    server = subprocess.Popen(
        [sys.executable, os.path.join(world.tests, "fixtures", "sample-server.py"), "--token-file", path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    world.helpers.append(server)
    return f"http://127.0.0.1:{ready_line(server.stdout).group(1)}/mcp"


def stand_in_for_github(world):
    """The catalogue's record of GitHub, with a server of this machine in its place."""
    url = start_server(world)
    with open(os.path.join(world.services, "github.json"), encoding="utf-8") as file:
        record = json.load(file)
    record["mcp_url"] = url
    record["api_key"]["probe"] = {
        "method": "POST", "url": url, "expect_status": 200,
        "headers": {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"},
        "body": {"jsonrpc": "2.0", "id": 1, "method": "initialize",
                 "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                            "clientInfo": {"name": "bindify", "version": "1"}}}}
    put_service(world, record)
    return url


def names(world):
    return [binding["name"] for binding in world.agent.ask("GET", "/v1/bindings")["bindings"]]


def stand_still(world):
    """Nothing slides: what is to be clicked stays where it is."""
    folder = os.path.join(world.desktop.home, "config", "gtk-4.0")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as file:
        file.write("[Settings]\ngtk-enable-animations=0\n")


def open_add(world, **more):
    stand_still(world)
    tray = world.start(window=True, **more)
    tray.wait_text("No Bindings Yet")
    world.desktop.keys("ctrl+n")
    tray.wait_window("Add a Binding")
    return tray


def click(tray, name, role, window):
    """With the mouse, whose wheel turns until the part is there to be clicked."""
    node = tray.wait_node(name, role)
    x, y, width, height = tray.desktop.geometry(window)
    tray.desktop.move(x + width // 2, y + height // 2)

    def is_there():
        place = tray.place(node, window)[1]
        if y + HEADER < place < y + height - MARGIN:
            return True
        tray.desktop.xdotool("click", "5" if place > y + HEADER else "4")
        return False

    wait_for(is_there, f"“{name}” is not to be reached")
    place = tray.place(node, window)
    tray.desktop.move(*place)
    tray.desktop.xdotool("click", "1")


def choose(tray, name, window):
    click(tray, name, "list item", tray.wait_window("Add a Binding"))
    return tray.wait_window(window)


def fill(tray, window, name, text):
    """Types into a field, in the place of what is in it."""
    click(tray, name, "text", window)
    tray.desktop.keys("ctrl+a")
    tray.desktop.xdotool("type", "--delay", "2", text)


def add_local(tray):
    """The button, and yes to the address of this computer in the service's record."""
    tray.press("Add")
    tray.wait_text("Use it only if you know the server there.")
    tray.press("Use It")


# The browser of somebody who always agrees, as the desktop's handler of web addresses.
BROWSER = """#!/bin/sh
exec curl -sSL -o "$HOME/page" "$1"
"""
HANDLER = """[Desktop Entry]
Type=Application
Name=Browser
Exec={program} %u
MimeType=x-scheme-handler/http;x-scheme-handler/https;
"""


def install_browser(world):
    desktop = world.desktop.home
    program = os.path.join(desktop, "browser")
    with open(program, "w", encoding="utf-8") as file:
        file.write(BROWSER)
    os.chmod(program, 0o700)
    os.makedirs(os.path.join(desktop, "data", "applications"), exist_ok=True)
    with open(os.path.join(desktop, "data", "applications", "browser.desktop"), "w", encoding="utf-8") as file:
        file.write(HANDLER.format(program=program))
    with open(os.path.join(desktop, "config", "mimeapps.list"), "w", encoding="utf-8") as file:
        file.write("[Default Applications]\nx-scheme-handler/http=browser.desktop\n"
                   "x-scheme-handler/https=browser.desktop\n")


def demo_service(world):
    """A service "demo" with a sign-in; the server."""
    server = SignInServer(world.tests)
    world.helpers.append(server.process)
    put_service(world, {
        "id": "demo", "name": "Demo", "mcp_url": server.url, "requires_refresh": True,
        "oauth": {"client": "dcr", "authorize_url": server.origin + "/authorize",
                  "token_url": server.origin + "/token", "registration_url": server.origin + "/register"}})
    return server


def adds_github_by_a_token(world):
    stand_in_for_github(world)
    tray = open_add(world)
    world.desktop.shot("add-choose")
    window = choose(tray, "GitHub", "GitHub")
    tray.wait_text("1. Open Settings on GitHub")
    tray.wait_text("https://github.com/settings/tokens")
    assert not tray.is_sensitive("Add"), "Nothing has been typed yet"
    fill(tray, window, "Token", WRONG_TOKEN)
    world.desktop.shot("add-github")
    assert not any(WRONG_TOKEN in text for text in tray.texts()), "A screen reader is told the token"
    tray.press("Add")
    # It is the person's own record that leads to this computer.
    tray.wait_text("Use it only if you know the server there.")
    tray.press("Use It")
    tray.wait_text("Check that it was copied whole and has not ended")
    world.desktop.shot("add-github-refused")
    assert names(world) == [], names(world)
    assert not tray.is_sensitive("Add"), "The refused token is still there"
    fill(tray, window, "Token", TOKEN)
    tray.press("Add")
    tray.wait_text("“github” Is Ready")
    world.desktop.shot("add-github-done")
    tray.wait_text("bindify-mcp github")
    tray.press("Done")
    tray.wait_no_window("GitHub")
    binding = world.agent.ask("GET", "/v1/bindings/github")["binding"]
    assert (binding["state"], binding["service"]) == ("ok", "github"), binding
    tray.wait_node("github", "list item")
    assert not any(TOKEN in text for text in tray.texts())


def counts_names_that_are_taken(world):
    stand_in_for_github(world)
    world.agent.start()
    world.bindify("bindify-add", "github", "--allow-local", "--token-stdin", stdin=TOKEN)
    stand_still(world)
    tray = world.start_tray(window=True)
    tray.wait_node("github", "list item")
    world.desktop.keys("ctrl+n")
    window = choose(tray, "GitHub", "GitHub")
    fill(tray, window, "Token", TOKEN)
    fill(tray, window, "Name", "github")
    tray.wait_text("There is a binding of that name already")
    assert not tray.is_sensitive("Add")
    fill(tray, window, "Name", "GitHub")
    tray.wait_text("A name has small letters")
    fill(tray, window, "Name", "github-2")
    add_local(tray)
    tray.wait_text("“github-2” Is Ready")
    assert names(world) == ["github", "github-2"], names(world)


def signs_in_with_the_browser(world):
    install_browser(world)
    demo_service(world)
    tray = open_add(world)
    choose(tray, "Demo", "Demo")
    add_local(tray)
    tray.wait_text("“demo” Is Ready")
    world.desktop.shot("add-signed-in")
    assert world.agent.ask("GET", "/v1/bindings/demo")["binding"]["auth_type"] == "oauth"
    assert os.path.exists(os.path.join(world.desktop.home, "page")), "The browser has not been opened"


def signs_in_with_a_code(world):
    server = demo_service(world)
    tray = open_add(world)
    window = choose(tray, "Demo", "Demo")
    click(tray, "Sign in with a code", "list item", window)
    add_local(tray)
    tray.wait_text("type this code there")
    world.desktop.shot("add-code")
    code = next(text for text in tray.texts() if len(text) == 9 and text[4] == "-")
    assert follow(server.origin + "/device/verify?user_code=" + code)[0] == 200
    tray.wait_text("“demo” Is Ready")


def leaves_nothing_behind_when_cancelled(world):
    server = demo_service(world)
    server.set(consent="form")
    install_browser(world)
    tray = open_add(world)
    choose(tray, "Demo", "Demo")
    add_local(tray)
    tray.wait_text("Sign in on the page that your browser shows now")
    world.desktop.shot("add-waiting")
    tray.press("Cancel")
    tray.wait_node("Sign in with the browser", "list item")
    world.desktop.keys("Escape")
    tray.wait_window("Add a Binding")
    world.desktop.keys("Escape")
    tray.wait_no_window("Add a Binding")
    assert names(world) == [], names(world)
    kinds = [event["type"] for event in world.agent.ask("GET", "/v1/events?limit=1000")]
    assert "binding_added" not in kinds, kinds


def asks_before_it_uses_an_address_of_this_computer(world):
    url = start_server(world)
    tray = open_add(world)
    window = choose(tray, "The Address of an MCP Server", "The Address of an MCP Server")
    fill(tray, window, "Address", "https://")
    tray.press("Continue")
    tray.wait_node("Address", "text")
    fill(tray, window, "Address", url)
    tray.press("Continue")
    tray.wait_text("127.0.0.1 is on this computer.")
    world.desktop.shot("add-local")
    tray.press("Use It")
    tray.wait_node("Token or password", "text")
    fill(tray, window, "Token or password", TOKEN)
    fill(tray, window, "Name", "notes")
    tray.press("Add")
    tray.wait_text("“notes” Is Ready")
    assert names(world) == ["notes"], names(world)


def adds_a_program(world):
    tray = open_add(world)
    window = choose(tray, "A Program on This Computer", "A Program on This Computer")
    fill(tray, window, "Command, like npx -y @example/notes-server",
         "/usr/bin/python3 " + os.path.join(world.tests, "fixtures", "stdio-server.py"))
    fill(tray, window, "Name of the variable, like GITHUB_TOKEN", "TOKEN")
    click(tray, "Sandbox", "list item", window)
    world.desktop.shot("add-program")
    tray.press("Continue")
    tray.wait_text("None: it can do whatever you can.")
    fill(tray, window, "Secret", TOKEN)
    world.desktop.shot("add-program-form")
    tray.press("Add")
    tray.wait_text("“stdio-server” Is Ready")
    binding = world.agent.ask("GET", "/v1/bindings/stdio-server")["binding"]
    assert binding["command"]["sandbox"] is False, binding
    assert binding["command"]["variable"] == "TOKEN", binding


def says_what_to_do_about_a_locked_agent(world):
    stand_in_for_github(world)
    tray = open_add(world)
    window = choose(tray, "GitHub", "GitHub")
    fill(tray, window, "Token", TOKEN)
    world.bindify("bindify", "lock", "--no-passphrase")
    tray.press("Add")
    tray.wait_text("then try again.")
    world.desktop.shot("add-locked")
    assert names(world) == [], names(world)


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [
        adds_github_by_a_token, counts_names_that_are_taken, signs_in_with_the_browser, signs_in_with_a_code,
        leaves_nothing_behind_when_cancelled, asks_before_it_uses_an_address_of_this_computer, adds_a_program,
        says_what_to_do_about_a_locked_agent]))
