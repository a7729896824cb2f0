#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Many clients use one binding whose tokens live a few seconds, at an authorization server that ends everything
when a refresh token comes twice. Nobody may notice: no call fails, nobody signs in a second time, no token
comes twice, and never are two token requests on their way. In half of the time a refresh also ends the access
token that was in use until then, as some servers do: calls that were on their way with it come back as 401.

usage: oauth-storm.py TESTS_DIR AGENT SERVICES_DIR SECONDS"""

import os
import signal
import sys
import tempfile
import threading
import time

from signing_in import Agent, McpClient, SignInServer

LIFE_S = 4
N_CLIENTS = 24
N_EXPIRED = 1000  # requests at once that meet an expired token
N_EXPIRED_THREADS = 50
PACE_S = 0.05
REFRESHES_PER_LIFE_MAX = 2.0


class Client(threading.Thread):
    """Calls until told to stop."""

    def __init__(self, agent, key, number, stop_at):
        super().__init__()
        self.client = McpClient(agent.port, "storm", key)
        self.number, self.stop_at = number, stop_at
        self.n_calls, self.failures, self.slowest_s = 0, [], 0.0

    def run(self):
        try:
            self.client.begin()
        except (OSError, RuntimeError, ValueError) as error:
            self.failures.append(repr(error))
        while time.monotonic() < self.stop_at:
            began = time.monotonic()
            try:
                self.client.call(f"{self.number} {self.n_calls}")
            except (OSError, RuntimeError, ValueError) as error:
                self.failures.append(repr(error))
                self.client.close()
            self.n_calls += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            time.sleep(PACE_S)
        self.client.close()


def storm(agent, server, key, seconds):
    """The clients, when they are through."""
    began = time.monotonic()
    clients = [Client(agent, key, number, began + seconds) for number in range(N_CLIENTS)]
    for client in clients:
        client.start()
    middle = threading.Timer(seconds / 2, server.set, kwargs={"old_access_dies": True})
    middle.start()
    for client in clients:
        client.join()
    middle.join()
    server.set(old_access_dies=False)
    return clients


def complaints(log, clients, seconds):
    failures = [failure for client in clients for failure in client.failures]
    if failures:
        yield f"{len(failures)} calls failed: {failures[:5]}"
    if log["authorizations"] != 1:
        yield f"{log['authorizations']} authorizations"
    if log["reuse"] != 0:
        yield f"{log['reuse']} refresh tokens came twice"
    if log["tokens_at_once"] != 1:
        yield f"{log['tokens_at_once']} token requests at once"
    n_refreshes = log["token"].get("refresh_token", 0)
    if not seconds / LIFE_S - 1 <= n_refreshes <= REFRESHES_PER_LIFE_MAX * seconds / LIFE_S + 1:
        yield f"{n_refreshes} refreshes in {seconds:.0f} s of tokens that live {LIFE_S} s"


def expired_at_once(agent, server, key):
    """A thousand requests find a token that is over: one token request."""
    server.set(life=3600)
    before = server.log()["token"].get("refresh_token", 0)
    # Also for the agent: it has seen how long this one lives.
    time.sleep(LIFE_S + 0.1)
    failures, begun = [], threading.Barrier(N_EXPIRED_THREADS)

    def work():
        client = McpClient(agent.port, "storm", key)
        try:
            begun.wait()
            for number in range(N_EXPIRED // N_EXPIRED_THREADS):
                if number == 0:
                    client.begin()
                client.call(str(number))
        except (OSError, RuntimeError, ValueError) as error:
            failures.append(repr(error))
        client.close()

    threads = [threading.Thread(target=work) for _ in range(N_EXPIRED_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    n_requests = server.log()["token"].get("refresh_token", 0) - before
    if failures:
        yield f"an expired token, {N_EXPIRED} calls: {len(failures)} failed: {failures[:5]}"
    if n_requests != 1:
        yield f"an expired token, {N_EXPIRED} calls: {n_requests} token requests"


def main():
    tests, program, services, seconds = sys.argv[1:]
    seconds = float(seconds)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as home:
        server = SignInServer(tests, "--life", str(LIFE_S))
        agent = Agent(os.path.join(home, "agent"), program, services)
        try:
            agent.start()
            agent.add("storm", server.url)
            key = agent.add_client()
            clients = storm(agent, server, key, seconds)
            log = server.log()
            found = list(complaints(log, clients, seconds)) + list(expired_at_once(agent, server, key))
            print("| storm | clients | seconds | calls | failed | refreshes | sign-ins | came twice | slowest call |")
            print("| ----- | ------: | ------: | ----: | -----: | --------: | -------: | ---------: | -----------: |")
            print(f"| {LIFE_S} s   | {len(clients)} | {seconds:.0f} | {sum(c.n_calls for c in clients)} | "
                  f"{sum(len(c.failures) for c in clients)} | {log['token'].get('refresh_token', 0)} | "
                  f"{log['authorizations']} | {log['reuse']} | {max(c.slowest_s for c in clients) * 1000:.0f} ms |")
            if agent.end() != 0:
                found.append("the agent did not end in order")
            if found:
                print(agent.said()[-3000:])
        finally:
            agent.end()
            server.end()
    for line in found:
        print(line)
    print(f"{len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
