#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A person who presses Tab: bash, zsh and fish, each in a terminal of its own (tmux), complete commands, options
and names with a real agent, and go on without one. The completions lie as meson installs them. Also prints how
long `bindify complete` takes with 60 bindings.

usage: completion.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR COMPLETIONS_DIR"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from signing_in import PATIENCE_S, Agent

SKIPPED = 77
N_BINDINGS = 60
RUNS = 30
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

# What is typed, and what then stands on the line. "⇥" is Tab.
TYPED = [
    ("bindify resu⇥", "bindify resume "),
    ("bindify show uni⇥", "bindify show unique-one"),
    ("bindify policy expl⇥", "bindify policy explain "),
    ("bindify policy set unique-one --allow-t⇥", "bindify policy set unique-one --allow-tool"),
    ("bindify-add --keyring sec⇥", "bindify-add --keyring secret-service"),
    ("bindify-add gith⇥", "bindify-add github"),
    ("bindify-mcp uni⇥", "bindify-mcp unique-one"),
    ("bindify settings policy.p⇥", "bindify settings policy.profile"),
    ("bindify client remove label-of⇥", "bindify client remove label-of-a-client"),
    ("bindify vault backup a-file-th⇥", "bindify vault backup a-file-there"),
    ("bindify --socket=/nowhere show uni⇥", "bindify --socket=/nowhere show uni"),
    ("bindify-agent --ready⇥", "bindify-agent --ready-fd"),
]
# Of the forms with "=" each shell has its own ways.
TYPED_EQUALS = [("bindify-add --keyring=sec⇥", "bindify-add --keyring=secret-service")]


def bash_start(home, completions):
    folder = os.path.join(home, "data", "bash-completion", "completions")
    os.makedirs(folder)
    for name in ("bindify", "bindify-add", "bindify-mcp", "bindify-agent"):
        shutil.copy(os.path.join(completions, "bindify.bash"), os.path.join(folder, name))
    start = os.path.join(home, "bashrc")
    with open(start, "w", encoding="utf-8") as file:
        file.write(f"PS1='> '\nbind 'set bell-style none'\n. {BASH_COMPLETION}\n")
    return ["bash", "--noprofile", "--rcfile", start]


def zsh_start(home, completions):
    folder = os.path.join(home, "zsh-functions")
    os.makedirs(folder)
    shutil.copy(os.path.join(completions, "bindify.zsh"), os.path.join(folder, "_bindify"))
    with open(os.path.join(home, ".zshrc"), "w", encoding="utf-8") as file:
        file.write(f"PS1='> '\nfpath=({folder} $fpath)\nautoload -U compinit\ncompinit -u -D\nunsetopt beep\n")
    return ["zsh", "-d", "-i"]


def fish_start(home, completions):
    folder = os.path.join(home, "data", "fish", "vendor_completions.d")
    os.makedirs(folder)
    for name in ("bindify", "bindify-add", "bindify-mcp", "bindify-agent"):
        shutil.copy(os.path.join(completions, "bindify.fish"), os.path.join(folder, name + ".fish"))
    folder_of_settings = os.path.join(home, ".config", "fish")
    os.makedirs(folder_of_settings)
    with open(os.path.join(folder_of_settings, "config.fish"), "w", encoding="utf-8") as file:
        file.write("function fish_prompt; echo -n '> '; end\nset fish_greeting\nset -g fish_autosuggestion_enabled 0\n")
    return ["fish", "-i"]


SHELLS = {"bash": bash_start, "zsh": zsh_start, "fish": fish_start}


class Terminal:
    """tmux with a server of its own and one shell in it."""

    def __init__(self, environment, home, words):
        self.environment, self.home = {**environment, "TERM": "xterm", "TMUX_TMPDIR": home}, home
        self.server = words[0]  # one each: a server that ends still has its socket
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "40", "-c", home, *words)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-L", self.server, *words], env=self.environment, cwd=self.home,
                              check=True, stdout=subprocess.PIPE, text=True).stdout

    def line(self):
        """The prompt's line: what is being typed."""
        lines = [line for line in self.tmux("capture-pane", "-p").split("\n") if line.startswith(">")]
        return lines[-1][2:] if lines else None

    def wait_for_line(self, is_wanted):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            line = self.line()
            if line is not None and is_wanted(line):
                return True
            time.sleep(0.02)
        return False

    def type(self, text):
        """As a person does: Tab once what is before it is on the screen."""
        typed = text.removesuffix("⇥")
        self.tmux("send-keys", "-l", typed)
        if not self.wait_for_line(lambda line: line.rstrip() == typed.rstrip()):
            raise TimeoutError(f"“{typed}” does not appear, but “{self.line()}”")
        self.tmux("send-keys", "Tab")

    def clear(self):
        self.tmux("send-keys", "C-c")
        self.tmux("send-keys", "-l", "clear")
        self.tmux("send-keys", "Enter")
        if not self.wait_for_line(lambda line: line.strip() == ""):
            raise TimeoutError(f"The line stays: “{self.line()}”")

    def end(self):
        self.tmux("kill-server")


def check_line(terminal, shell, typed, wanted):
    terminal.clear()
    terminal.type(typed)
    if terminal.wait_for_line(lambda line: line.rstrip(" =") == wanted.rstrip()):
        return 0
    print(f"FAILED {shell}: “{typed}” gives “{terminal.line()}”, not “{wanted}”")
    return 1


def check_shell(shell, home, environment, completions):
    if shutil.which(shell) is None or (shell == "bash" and not os.path.exists(BASH_COMPLETION)):
        print(f"{shell}: not here, or its completion is not")
        return None
    words = SHELLS[shell](home, completions)
    more = {"XDG_DATA_HOME": os.path.join(home, "data"), "XDG_DATA_DIRS": os.path.join(home, "data") + ":/usr/share",
            "LC_ALL": "C.UTF-8", "ZDOTDIR": home}
    terminal = Terminal({**environment, **more}, home, words)
    try:
        if not terminal.wait_for_line(lambda line: line.strip() == ""):
            raise TimeoutError(f"{shell} shows no prompt")
        n_failed = sum(check_line(terminal, shell, *row) for row in TYPED + TYPED_EQUALS)
    finally:
        terminal.end()
    print(f"{shell}: {len(TYPED + TYPED_EQUALS)} lines, {n_failed} failed")
    return n_failed


def complete(environment, *words):
    return subprocess.run(["bindify", "complete", "--", *words], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def check_without_agent(environment):
    """It says what it knows by itself, and no word of what it does not."""
    silent = complete({**environment, "BINDIFY_SOCK": "/nowhere/agent.sock"}, "bindify", "show", "")
    known = complete({**environment, "BINDIFY_SOCK": "/nowhere/agent.sock"}, "bindify", "unl")
    if (silent.returncode, silent.stdout, silent.stderr) == (0, "", "") and known.stdout.startswith("unlock\t"):
        return 0
    print(f"FAILED without an agent: {silent}, {known}")
    return 1


def print_time(environment):
    times = []
    for _ in range(RUNS):
        begun = time.monotonic()
        answer = complete(environment, "bindify", "show", "")
        times.append((time.monotonic() - begun) * 1000)
    print(f"{len(answer.stdout.splitlines())} names in {statistics.median(times):.1f} ms (median of {RUNS}; "
          f"{min(times):.1f} to {max(times):.1f})")


def add_records(agent):
    for i in range(N_BINDINGS):
        name = "unique-one" if i == 0 else f"record-{i}"
        agent.ask("POST", "/v1/bindings", {
            "name": name, "url": "http://127.0.0.1:9/mcp", "allow_local": True, "check": False,
            "credential": {"type": "api_key", "api_key": f"completion-{i}-0123456789abcdef"}})
    agent.add_client("label-of-a-client")


def main():
    _tests, program, services, client_dir, completions = map(os.path.abspath, sys.argv[1:])
    if shutil.which("tmux") is None:
        print("there is no tmux")
        return SKIPPED

    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(home, program, services)
        agent.start()
        environment = agent.environment(
            PATH=os.pathsep.join([client_dir, os.path.dirname(program), os.environ["PATH"]]))
        with open(os.path.join(home, "a-file-there"), "w", encoding="utf-8"):
            pass
        try:
            add_records(agent)
            n_failed = [check_shell(shell, home, environment, completions) for shell in SHELLS]
            failed = sum(n or 0 for n in n_failed) + check_without_agent(environment)
            print_time(environment)
        finally:
            status = agent.end()
    if failed or status != 0:
        return 1
    return SKIPPED if None in n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
