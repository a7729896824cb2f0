#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Signing in as a person does it, with parts that nobody here wrote: the authorization server is oidc-provider,
the browser Chromium, opened by xdg-open. From `bindify-add` over Cancel, login, consent, many refreshes, a
rotated token whose answer got lost, and `bindify login`, to `bindify logout`.

usage: oidc-provider.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR [SECONDS of use]

BINDIFY_NPM and BINDIFY_NODE as for conformance.py; Chromium and xdg-open are Debian's. Without one of them: 77."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time

from conformance import World, judge_in_world
from signing_in import Agent, McpClient

COMMAND_S = 60
LIFE_S = 3
USE_S = 8  # so that tokens end more than twice, if not told otherwise
N_CLIENTS = 8
PACE_S = 0.05
EXIT_DENIED, EXIT_NEEDS_LOGIN = 3, 4
NEEDS_LOGIN, COOL_DOWN = -31005, -31007


class OidcWorld(World):
    def __init__(self, home, tests, agent, services, client_dir, seconds=USE_S):
        super().__init__(home, tests, agent, services)
        self.client_dir, self.seconds = client_dir, float(seconds)
        self.agent_home = os.path.join(home, "agent")
        self.desk = Agent(self.agent_home, agent, services)
        self.visits = os.path.join(home, "visits")
        self.found = []

    def end(self):
        if self.desk.process is not None:
            self.expect("the agent ends in order", self.desk.end(), 0)
        super().end()

    # Parts.

    def start_provider(self):
        script = os.path.join(self.tests, "fixtures", "oidc-provider", "provider.mjs")
        child = self.start([self.node, "--no-deprecation", script], self.environment(LIFE=str(LIFE_S)),
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = int(child.stdout.readline().decode().strip().partition("READY port=")[2])
        self.url = f"http://127.0.0.1:{self.port}/mcp"

    def choose_browser(self):
        """What a person sets in a desktop's settings, and xdg-open reads."""
        self.browser = os.path.join(self.home, "browser")
        folder = os.path.join(self.agent_home, ".local", "share", "applications")
        os.makedirs(folder)
        with open(os.path.join(folder, "test-browser.desktop"), "w", encoding="utf-8") as file:
            file.write(f"[Desktop Entry]\nType=Application\nName=Test browser\nExec={self.browser} %u\n"
                       "MimeType=x-scheme-handler/http;x-scheme-handler/https;\n")
        with open(os.path.join(self.agent_home, ".config", "mimeapps.list"), "w", encoding="utf-8") as file:
            file.write("[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n")

    def provider(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def seen(self, name):
        """How often the provider had this event, or a token request of this grant."""
        log = self.provider("GET", "/__log")
        return log["events"].get(name, 0) + log["requests"].get(name, 0)

    def types(self, act, program, *arguments):
        """A command whose browser does @act: exit status, what it says."""
        script = os.path.join(self.tests, "fixtures", "oidc-provider", "browser.mjs")
        with open(self.browser, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{self.node}" "{script}" {act} "$1" >>"{self.visits}" 2>&1\n')
        os.chmod(self.browser, 0o700)
        environment = self.desk.environment(DISPLAY=":0", BINDIFY_NPM=self.npm, BINDIFY_SOCK=self.desk.socket)
        done = subprocess.run([os.path.join(self.client_dir, program), *arguments], env=environment, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=COMMAND_S)
        print("$", program, *arguments, f"→ {done.returncode}\n{done.stdout}")
        return done.returncode, done.stdout

    # Judgement.

    def expect(self, what, found, wanted):
        if found != wanted:
            self.found.append(f"{what}: {found!r}, which should be {wanted!r}")

    def expect_in(self, what, part, text):
        if part not in text:
            self.found.append(f"{what}: {part!r} is not in {text!r}")

    def last_page(self):
        """What the browser showed at the end; it may still be closing."""
        deadline = time.monotonic() + COMMAND_S
        text = ""
        while time.monotonic() < deadline:
            try:
                with open(self.visits, encoding="utf-8") as file:
                    text = file.read()
                page = json.loads(text)
                os.unlink(self.visits)
                return page
            except (FileNotFoundError, ValueError):
                time.sleep(0.05)
        self.found.append(f"the browser did not come to its end: {text}")
        return {"address": "", "text": ""}

    def call(self):
        """One call by a client that begins anew: its error, or None."""
        client = McpClient(self.desk.port, "calendar", self.key)
        try:
            return refusal(client)
        finally:
            client.close()


def refusal(client):
    status, answer = client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                                  "params": {"name": "echo", "arguments": {"text": "hello"}}})
    if status == 200 and "result" in answer:
        return None
    return answer.get("error", {"code": status, "message": ""})


def is_refused(world, error, code=NEEDS_LOGIN):
    """Whether the refusal tells what to type."""
    if error is None or error["code"] != code:
        world.found.append(f"a call that needs a login: {error}")
    else:
        world.expect_in("its refusal", "bindify login calendar", error["message"])


def signs_in(world):
    """Says no, then yes."""
    add = ("bindify-add", "--oauth", "--allow-local", "--name", "calendar", world.url)
    status, text = world.types("cancel", *add)
    world.expect("a sign-in that was cancelled", status, EXIT_DENIED)
    world.expect("tokens asked for after Cancel", world.seen("authorization_code"), 0)
    world.expect("bindings after Cancel", world.desk.ask("GET", "/v1/bindings")["bindings"], [])
    world.last_page()
    status, text = world.types("allow", *add)
    world.expect("a sign-in", status, 0)
    page = world.last_page()
    world.expect_in("the last page's address", "/callback", page["address"])
    world.expect("sign-ins that the provider granted", world.seen("authorization_code"), 1)
    world.key = world.desk.add_client()
    world.expect("the first call", world.call(), None)


def uses(world):
    """Several clients for longer than tokens live; nobody notices."""
    stop_at = time.monotonic() + world.seconds
    failures, counts = [], [0] * N_CLIENTS

    def work(number):
        client = McpClient(world.desk.port, "calendar", world.key)
        while time.monotonic() < stop_at:
            error = refusal(client)
            counts[number] += 1
            if error is not None:
                failures.append(error)
            time.sleep(PACE_S)
        client.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.expect("calls that failed", failures, [])
    n_refreshes = world.seen("refresh_token")
    if not 2 <= n_refreshes <= world.seconds:
        world.found.append(f"{n_refreshes} refreshes in {world.seconds:.0f} s of tokens that live {LIFE_S} s")
    world.expect("refresh tokens that came twice", world.seen("grant.revoked"), 0)
    world.expect("authorizations", world.seen("authorization.success"), 1)
    return [N_CLIENTS, round(world.seconds), sum(counts), len(failures), n_refreshes]


def loses_an_answer(world):
    """The provider has rotated the token, and nobody heard of it: the one failure that only a person can
    mend (RFC 9700, 4.14.2). It is told once, with the command."""
    world.provider("POST", "/__faults", {"token": ["lost"]})
    deadline = time.monotonic() + COMMAND_S
    error = None
    while error is None and time.monotonic() < deadline:
        time.sleep(PACE_S)
        error = world.call()
    world.expect("a call while the agent waits after a failure", error and error["code"], COOL_DOWN)
    world.desk.end()  # nobody waits for the end of that
    world.desk.start()
    is_refused(world, world.call())
    world.expect("refresh tokens that came twice", world.seen("grant.revoked"), 1)
    n_before = world.seen("refresh_token")
    for _ in range(3):
        is_refused(world, world.call())
    world.expect("token requests once it is over", world.seen("refresh_token"), n_before)
    events = world.desk.ask("GET", "/v1/events")
    told = [event for event in events if "invalid_grant" in json.dumps(event)]
    world.expect("events that tell of it", len(told), 1)
    status, text = world.types("allow", "bindify", "list")
    world.expect_in("the list", "bindify login calendar", text)


def signs_in_again(world):
    """In place: name, endpoint and key stay."""
    status, text = world.types("allow", "bindify", "login", "calendar")
    world.expect("bindify login", status, 0)
    world.last_page()
    world.expect("a call after it, with the key of before", world.call(), None)


def signs_out(world):
    n_before = world.seen("grant.revoked")
    status, text = world.types("allow", "bindify", "logout", "calendar")
    world.expect("bindify logout", status, 0)
    world.expect("grants that it ended", world.seen("grant.revoked"), n_before + 1)
    is_refused(world, world.call(), NEEDS_LOGIN)


def judge(world):
    world.start_provider()
    world.choose_browser()
    world.desk.start()
    figures = []
    for act in (signs_in, uses, loses_an_answer, signs_in_again, signs_out):
        began = time.monotonic()
        figures += act(world) or []
        print(f"-- {act.__name__}: {time.monotonic() - began:.1f} s")
    print("| oidc-provider, Chromium | clients | seconds | calls | failed | refreshes |")
    print("| ----------------------- | ------: | ------: | ----: | -----: | --------: |")
    print("| tokens that live 3 s    |", " | ".join(map(str, figures)), "|")
    if world.found:
        print(world.desk.said()[-3000:])
    return world.found


def main():
    missing = [name for name in ("chromium", "xdg-open") if shutil.which(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}")
        return 77
    return judge_in_world(lambda home: OidcWorld(home, *sys.argv[1:]), judge, "oidc-provider", "playwright-core",
                          os.path.join("@modelcontextprotocol", "server"))


if __name__ == "__main__":
    sys.exit(main())
