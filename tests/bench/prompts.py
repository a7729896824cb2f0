#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""What a question to a person costs everybody else.

prompts.py BUILD TESTS [SECONDS]: calls that are allowed, on 8 connections, while nothing is asked; while
500 equal requests wait for one answer; and while such 500 come in, are answered and go on, over and over.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading

from peers import TOKEN, Bench

N_ALIKE = 500
N_CONNECTIONS = 8
CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "create_issue", "arguments": {"size": 10}},
}


class Person:
    """tests/fixtures/person.py"""

    def __init__(self, tests, socket, port, *options):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(tests, "fixtures", "person.py"), socket, port, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.last = 0

    def say(self, **line):
        self.last += 1
        self.process.stdin.write(json.dumps({"id": self.last, **line}) + "\n")
        self.process.stdin.flush()
        return self.last

    def hear(self, fits):
        for text in self.process.stdout:
            line = json.loads(text)
            if fits(line):
                return line
        sys.exit("a helper has ended")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def ask(asker, key, n_round):
    body = json.dumps({**CALL, "params": {**CALL["params"], "arguments": {"size": 10, "round": n_round}}})
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(N_ALIKE):
        asker.say(door="tcp", path="/mcp/asked", body=body, headers=headers)


def await_all(person):
    def fits(line):
        return line.get("event") in ("opened", "changed") and line["data"]["waiting"] == N_ALIKE

    return person.hear(fits)["data"]


def answer(person, token, prompt):
    body = {"token": token, "answer": "allow", "scope": "10min", "digest": prompt["digest"]}
    number = person.say(path=f"/v1/prompts/{prompt['id']}/answer", body=json.dumps(body))
    if person.hear(lambda line: line.get("id") == number)["status"] != 204:
        sys.exit("the answer was refused")


def load(build, peer, seconds):
    command = [os.path.join(build, "tests/bench/bench-load"), "calls", *peer.target()]
    command += ["--connections", str(N_CONNECTIONS), "--size", "1024", "--seconds", str(seconds)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return json.loads(output.splitlines()[0])


def show(what, figures):
    print(f"{what}: median {figures['p50']:.0f} µs, p99 {figures['p99']:.0f} µs, maximum {figures['max']:.0f} µs")


def storm(asker, person, token, key, bench, stopped):
    """Each round under a fresh yes."""
    n_round = 0
    while not stopped.is_set():
        n_round += 1
        ask(asker, key, n_round)
        answer(person, token, await_all(person))
        for _ in range(N_ALIKE):
            asker.hear(lambda line: line.get("status") == 200)
        bench._client("bindify", "grants", "revoke", "--all")
    return n_round


def measure(bench, peer, people, seconds):
    asker, person, token = people
    key = peer.headers[0].rpartition(" ")[2]

    show("nothing is asked", load(bench.build, peer, seconds))
    ask(asker, key, 0)
    prompt = await_all(person)
    show(f"{N_ALIKE} wait", load(bench.build, peer, seconds))
    answer(person, token, prompt)
    for _ in range(N_ALIKE):
        asker.hear(lambda line: line.get("status") == 200)
    bench._client("bindify", "grants", "revoke", "--all")

    stopped = threading.Event()
    thread = threading.Thread(target=storm, args=(asker, person, token, key, bench, stopped))
    thread.start()
    show(f"{N_ALIKE} at a time come, are answered and go", load(bench.build, peer, seconds))
    stopped.set()
    thread.join()


def main(build, tests, seconds):
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(build, directory)
        people = []
        try:
            peer, local = bench.bindify()
            bench._client(
                *("bindify-add", "--name", "asked", "--allow-local", "--profile", "reads-flow", "--token-stdin"),
                f"http://127.0.0.1:{bench.upstream_port}/mcp",
                input=TOKEN.encode(),
            )
            people += [Person(tests, local.connect, peer.connect)]
            people += [Person(tests, local.connect, peer.connect, "--pty")]
            people[1].say(register={"kind": "terminal"})
            token = people[1].hear(lambda line: "token" in line)["token"]
            measure(bench, peer, (*people, token), seconds)
        finally:
            for one in people:
                one.stop()
            bench.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 5.0)
