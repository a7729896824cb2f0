#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The agent is killed, again and again, at any moment around a refresh, and started again. Afterwards either the
old or the new token works (behaviour, A12).

One window cannot be closed by any client of a server that rotates: the server has taken the old refresh token,
and nothing of its answer has come to rest here yet. A login that is lost counts as lost there only if neither
the vault nor the recovery record has changed in the round in which the server granted that token; any other
loss is a failure. The table tells how many kills fell into the window, and how wide it was at most.

usage: oauth-kill.py TESTS_DIR AGENT SERVICES_DIR SECONDS"""

import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time

from signing_in import Agent, McpClient, SignInServer

LIFE_S = 60
PATIENCE_S = 20
N_CLIENTS = 6
KILL_WITHIN_S = 0.1  # after the first calls, whose token the server takes no more
FILE_TICK_S = 0.01  # the times of files go in ticks
BESIDE_S = 0.1  # a kill so soon after a grant may have met its tokens on their way to rest


def work(agent, key, stop):
    """Calls until the agent is gone."""
    client = McpClient(agent.port, "kill", key)
    try:
        client.begin()
        while not stop.is_set():
            client.call("x")
    except (OSError, RuntimeError, ValueError):
        pass  # killed in the middle of it
    client.close()


def kill_once(agent, key, delay_s):
    """Clients call, and the agent dies under them; when."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(agent, key, stop)) for _ in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    stop.wait(delay_s)
    agent.kill()
    killed_at = time.time()
    stop.set()
    for thread in threads:
        thread.join()
    return killed_at


def works(agent, key):
    """Why a client's call does not come back, or None."""
    client = McpClient(agent.port, "kill", key)
    try:
        client.begin()
        client.call("still here")
        return None
    except (OSError, RuntimeError, ValueError) as error:
        return repr(error)
    finally:
        client.close()


def last_grant(log):
    """When the server granted the last tokens."""
    granted = [event["at"] for event in log["events"] if event["event"] == "token" and event["outcome"] == "granted"]
    return granted[-1]


def at_rest(state_dir):
    """What of the files that hold tokens has anything in it: a new one is another, wherever its time stands."""
    found = {}
    for name in ("recovery", "vault"):
        folder = os.path.join(state_dir, name)
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            if entry.is_file() and not entry.name.endswith(".lock"):
                with contextlib.suppress(FileNotFoundError):
                    status = os.stat(entry.path)
                    if status.st_size > 0:
                        found[f"{name}/{entry.name}"] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return found


def is_stored(rest, granted_at):
    """Whether the last grant has come to rest, and nothing is on its way."""
    stored_at = max((status[2] / 1e9 for name, status in rest.items() if name == "vault/vault.bfy"), default=0)
    return stored_at > granted_at - FILE_TICK_S and not any(name.startswith("recovery/") for name in rest)


def wait_until_stored(state_dir, server):
    """A refresh may be under way that nobody here has asked for: its grant belongs to no round."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        granted_at = last_grant(server.log())
        rest = at_rest(state_dir)
        if is_stored(rest, granted_at) and last_grant(server.log()) == granted_at:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not in the vault yet, granted at {granted_at}: {rest}")
        time.sleep(0.005)


class Kills:
    def __init__(self, agent, server):
        self.agent, self.server = agent, server
        self.state_dir = os.path.join(agent.home, ".local", "state", "bindify")
        self.n = self.n_beside_a_grant = self.n_in_window = 0
        self.window_s = 0.0
        self.found = []

    def sign_in(self):
        self.agent.sign_in("/v1/bindings/kill/login", {"oauth": {"flow": "browser"}})

    def one(self, key):
        # What the last refresh still has to bring to rest would count as this one's.
        wait_until_stored(self.state_dir, self.server)
        began_at = time.time()
        self.server.set(expire_all=True)
        before = at_rest(self.state_dir)
        killed_at = kill_once(self.agent, key, random.uniform(0, KILL_WITHIN_S))
        log = self.server.log()
        since_grant_s = killed_at - last_grant(log)
        after = at_rest(self.state_dir)
        is_at_rest = last_grant(log) < began_at or any(before.get(name) != status for name, status in after.items())
        self.n += 1
        self.n_beside_a_grant += since_grant_s < BESIDE_S
        self.agent.start()
        problem = works(self.agent, key)
        if problem is None:
            return
        if is_at_rest:
            self.found.append(f"kill {self.n}, {since_grant_s * 1000:.0f} ms after a grant: {problem}; at rest before "
                              f"{before}, after {after}")
        else:
            self.n_in_window += 1
            self.window_s = max(self.window_s, since_grant_s)
        self.sign_in()


def main():
    tests, program, services, seconds = sys.argv[1:]
    seed = int(os.environ.get("BINDIFY_SEED", time.time_ns() % 1000000))
    random.seed(seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as home:
        server = SignInServer(tests, "--life", str(LIFE_S))
        agent = Agent(os.path.join(home, "agent"), program, services)
        try:
            agent.start()
            agent.add("kill", server.url)
            key = agent.add_client()
            kills = Kills(agent, server)
            stop_at = time.monotonic() + float(seconds)
            while time.monotonic() < stop_at:
                kills.one(key)
            log = server.log()
            print("| kill -9 | kills | beside a grant | lost in the window | it was | lost otherwise | refreshes |")
            print("| ------- | ----: | -------------: | -----------------: | -----: | -------------: | --------: |")
            print(f"| random  | {kills.n} | {kills.n_beside_a_grant} | {kills.n_in_window} | "
                  f"{kills.window_s * 1000:.0f} ms | {len(kills.found)} | {log['token'].get('refresh_token', 0)} |")
            found = kills.found
            if kills.n_beside_a_grant == 0:
                found.append("no kill came near a refresh: this proves nothing")
            if found:
                print(agent.said()[-3000:])
        finally:
            agent.end()
            server.end()
    for line in found:
        print(line)
    print(f"{len(found)} complaints (seed {seed})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
