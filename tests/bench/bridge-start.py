#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""How long bindify-mcp takes from its start to its first answer, with a real agent and a real server.

bridge-start.py TESTS AGENT CLIENT_DIR [RUNS]: TESTS is the folder of the tests, CLIENT_DIR that of
bindify-add and bindify-mcp. The time runs from just before fork and exec until the line with the
answer to initialize has been read; the first runs warm up and are not counted.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP_RUNS = 5
PATIENCE_S = 30
TOKEN = "sk-bench-0123456789abcdefghijklmnop"
HELLO = (
    b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    b'"capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}\n'
)


def start_server(tests, directory):
    token_file = os.path.join(directory, "token")
    with open(token_file, "w", encoding="ascii") as file:
        file.write(TOKEN)
    server = subprocess.Popen(
        [sys.executable, os.path.join(tests, "fixtures", "sample-server.py"), "--token-file", token_file],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    port = server.stdout.readline().decode().strip().removeprefix("READY port=")
    return server, f"http://127.0.0.1:{port}/mcp"


def start_agent(program, directory, environment):
    read_end, write_end = os.pipe()
    agent = subprocess.Popen(
        [program, "--port", "0", "--keyring", "vault", "--ready-fd", str(write_end)],
        pass_fds=[write_end],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as ready:
        if not ready.readline().startswith("READY"):
            sys.exit("the agent did not start")
    return agent


def time_start(bridge, environment):
    """Milliseconds to the first answer."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [bridge, "bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    process.stdin.write(HELLO)
    process.stdin.flush()
    line = process.stdout.readline()
    end = time.monotonic()
    process.stdin.close()
    if b'"result"' not in line or process.wait(PATIENCE_S) != 0:
        sys.exit(f"no answer: {line!r}")
    process.stdout.close()
    return (end - begin) * 1000


def measure(tests, agent_program, client_dir, n_runs, directory):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "XDG_RUNTIME_DIR": directory,
                   "DBUS_SESSION_BUS_ADDRESS": "disabled:"}  # fmt: skip
    server, url = start_server(tests, directory)
    agent = None
    try:
        agent = start_agent(agent_program, directory, environment)
        subprocess.run(
            [os.path.join(client_dir, "bindify-add"), "--name", "bench", "--allow-local", "--token-stdin", url],
            input=TOKEN.encode(),
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        bridge = os.path.join(client_dir, "bindify-mcp")
        return [time_start(bridge, environment) for _ in range(WARM_UP_RUNS + n_runs)][WARM_UP_RUNS:]
    finally:
        for process in (agent, server):
            if process is not None:
                process.terminate()
                process.wait(PATIENCE_S)


def main():
    tests, agent_program, client_dir = (os.path.abspath(path) for path in sys.argv[1:4])
    n_runs = int(sys.argv[4]) if len(sys.argv) > 4 else 50
    with tempfile.TemporaryDirectory() as directory:
        times_ms = measure(tests, agent_program, client_dir, n_runs, directory)
    print(f"bindify-mcp, start to first answer, {n_runs} runs: min {min(times_ms):.1f} ms,"
          f" median {statistics.median(times_ms):.1f} ms, max {max(times_ms):.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
