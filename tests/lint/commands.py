#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Every command that we tell people to type is one that works: in the sources (hints of errors, of the agent and of
`bindify doctor`, messages), the records of services, the README and the manual pages. The programs themselves say
whether a line is one (`bindify complete --check`); words such as NAME, and what a format puts in, stand for anything.

A command ends at a punctuation mark; in a sentence it may also end before words that are no options. In code blocks
and in quotation marks the whole line counts.

usage: commands.py ROOT BINDIFY AGENT | --self-test ROOT BINDIFY AGENT"""

import glob
import json
import os
import re
import shlex
import subprocess
import sys

SOURCES = ("agent", "client", "keyring", "protocol", "tray")
PROGRAM = re.compile(r"(?<![\w/.-])bindify(?:-add|-mcp|-agent)?(?= +[-a-z%A-Z/0-9]|$)")
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*(?:[A-Z][A-Z_0-9]*\s*)?\\?\n?\s*"(?:[^"\\\n]|\\.)*")*')
PIECE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENTS = re.compile(r'/\*.*?\*/|("(?:[^"\\\n]|\\.)*")', re.S)
END = re.compile(r"[,;:!?)(”“\n…|<>&#`]|\.(?:\s|$)| \[")
# What stands before a string that is a hint: it begins with a command, whatever word comes next.
HINT = re.compile(r"(hint\w*|g_strdup(_printf)?) (=|\()\s*((self->|closure->)?cli,\s*)?(_ \(|N_ \()?$")
# Commands that the README may show before they are there. Once there is one, it is checked like all others.
COMING = {"import"}
# Labels of cryptography.
NO_COMMANDS = {"bindify vault key check 1", "bindify vault slot"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
# A word in a line for a shell, whatever marks are in it.
QUOTED = re.compile(r"(?<=[ =])'[^'\n]*'")


class Checker:
    """Asks the programs, each question once."""

    def __init__(self, bindify, agent):
        self.bindify, self.agent, self.known = bindify, agent, {}
        listed = subprocess.run([bindify, "help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.commands = set(re.findall(r"^  ([a-z-]+)  ", listed, re.M)) | {"mcp", "complete"}
        self.groups = {name for name in self.commands if self.is_group(name)}
        said = subprocess.run([agent, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.agent_options = set(OPTION.findall(said))

    def list_options(self):
        """Of all commands, and those within groups."""
        lines = [["bindify", name] for name in sorted(self.commands)]
        for group in sorted(self.groups):
            said = subprocess.run([self.bindify, "help", group], stdout=subprocess.PIPE, text=True, check=True).stdout
            lines += [["bindify", group, name] for name in re.findall(r"^  ([a-z-]+)  ", said, re.M)]
        found = set()
        for line in lines:
            said = subprocess.run([self.bindify, "complete", "--", *line, "--"], stdout=subprocess.PIPE, text=True,
                                  check=True).stdout
            found |= {option.split("\t")[0] for option in said.splitlines()}
        return found

    def is_group(self, name):
        said = subprocess.run([self.bindify, "help", name], stdout=subprocess.PIPE, text=True, check=False).stdout
        return f"{name} COMMAND …" in said

    def is_line(self, words):
        words = tuple(words)
        if words not in self.known:
            self.known[words] = self.ask(words)
        return self.known[words]

    def ask(self, words):
        if words[0] == "bindify-agent":
            return all(word.split("=")[0] in self.agent_options for word in words if word.startswith("--"))
        status = subprocess.run([self.bindify, "complete", "--check", "--", *words], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, check=False).returncode
        return status == 0

    def is_about_a_command(self, words):
        """Or only a sentence about the program."""
        if words[0] != "bindify":
            return len(words) > 1
        return len(words) > 1 and (words[1] in self.commands or words[1].startswith("-"))


def split(text):
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def fill(text):
    """Formats stand for a name, a number, or the rest of an option."""
    text = re.sub(r"(--[a-z-]+)%s%s", r"\1-tool NAME", text)
    text = text.replace("bindify COMMAND", "bindify status")
    text = re.sub(r"%[-0-9.*l]*[ud]|%\" *G_G\w+FORMAT *\"", "1", text)
    return re.sub(r"%[-0-9.*]*s", "NAME", text)


def is_name(checker, words):
    """“bindify client add” is the command’s name, in a sentence about it."""
    return len(words) <= 3 and all(re.fullmatch("[a-z-]+", word) for word in words) and \
        checker.is_line([*words, "--help"])


def find_trouble(checker, text, is_strict, is_hint=False):
    """The commands in a text that are none. @is_strict: a whole line; @is_hint: it begins with one, if at all."""
    if text in NO_COMMANDS:
        return
    text = fill(QUOTED.sub("WORD", text) if is_strict else text)
    for match in PROGRAM.finditer(text):
        rest = text[match.start():]
        end = END.search(rest)
        command = rest[:end.start()] if end else rest
        is_open = end is not None and end.group() == "…"
        is_quoted = match.start() > 0 and text[match.start() - 1] in "“`"
        is_first = is_hint and match.start() == 0
        words = split(command.rstrip())
        if len(words) > 1 and words[1] in COMING - checker.commands:
            continue
        if len(words) < 2 or not (is_first or is_quoted or is_strict or checker.is_about_a_command(words)):
            continue
        is_alone = command.strip() == text.strip() and (words[1] not in checker.groups or len(words) > 2)
        if not is_first and not is_alone and is_name(checker, words):
            continue
        if not is_understood(checker, words, is_strict or is_quoted, is_open):
            yield command.strip()


def is_understood(checker, words, is_strict, is_open):
    if checker.is_line(words):
        return True
    # “bindify set NAME …”, “bindify --socket PATH …”: there is more to come.
    if is_open and (checker.is_line([*words, "WORD"]) or words[1].startswith("--")):
        return True
    if is_strict:
        return False
    for length in range(len(words) - 1, 1, -1):
        if any(word.startswith("-") for word in words[length:]):
            return False
        if checker.is_line(words[:length]):
            return True
    return False


def literals(path):
    """The strings of a C file, joined where the compiler joins them."""
    with open(path, encoding="utf-8") as file:
        text = COMMENTS.sub(lambda match: match.group(1) or " ", file.read())
    for match in LITERALS.finditer(text):
        joined = "".join(PIECE.findall(match.group()))
        is_hint = path.endswith("protocol/error.c") or HINT.search(text[max(match.start() - 80, 0):match.start()])
        yield bool(is_hint), joined.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def source_texts(root):
    for folder in SOURCES:
        for path in sorted(glob.glob(os.path.join(root, folder, "**", "*.[ch]"), recursive=True)):
            for is_hint, text in literals(path):
                yield path, text, False, is_hint


def json_texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from json_texts(item)


def service_texts(root):
    for path in sorted(glob.glob(os.path.join(root, "data", "services", "*.json"))):
        with open(path, encoding="utf-8") as file:
            for text in json_texts(json.load(file)):
                yield path, text, False, False


def markdown_texts(path):
    """Its code: lines that begin with a command or a prompt, and `words`."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().replace("\\\n", " ").split("\n")
    is_code = False
    for line in lines:
        if line.startswith("```"):
            is_code = not is_code
            continue
        code = line.strip() if is_code or line.startswith("    ") else None
        if code is not None:
            command = re.sub(r"^\$ ", "", re.split(r"\s{2,}#|\s#\s", code)[0])
            if command.startswith("bindify"):
                yield path, command, True, False
        else:
            for span in re.findall(r"`([^`]+)`", line):
                if span.startswith("bindify"):
                    yield path, span, True, False


def man_texts(path):
    """Its examples: what stands between .EX or .nf and their ends."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for block in re.findall(r"^\.(?:EX|nf)\n(.*?)^\.(?:EE|fi)", text, re.M | re.S):
        for line in block.replace("\\-", "-").replace("\\(aq", "'").split("\n"):
            line = re.sub(r"\\f.|^\.[BI]+ ", "", line)
            if re.match(r"(\$ )?bindify", line.strip()):
                yield path, re.sub(r"^\$ ", "", line.strip()), True, False


def all_texts(root):
    yield from source_texts(root)
    yield from service_texts(root)
    for name in ("README.md", "SECURITY.md"):
        yield from markdown_texts(os.path.join(root, name))
    for path in sorted(glob.glob(os.path.join(root, "data", "man", "*.[0-9]"))):
        yield from man_texts(path)


def check(root, checker):
    n_failed = 0
    options = checker.list_options()
    for path, text, is_strict, is_hint in all_texts(root):
        for command in find_trouble(checker, text, is_strict, is_hint):
            print(f"{os.path.relpath(path, root)}: no command line of ours: {command}")
            n_failed += 1
        # “the same with --no-check”; systemctl has options of its own.
        for option in OPTION.findall(text) if is_hint and "ctl " not in text else []:
            if option not in options:
                print(f"{os.path.relpath(path, root)}: no command has {option}: {text}")
                n_failed += 1
    n_understood = sum(checker.known.values())
    print(f"{n_understood} commands that work, {n_failed} that do not")
    if n_understood < 50:
        print("That is too few: the checker does not find them any more")
        return 1
    return 1 if n_failed else 0


SELF_TEST = [
    ("bindify show %s says whose key does", False, True),
    ("bindify shwo %s", False, True),  # a sentence for all we know, but not as a hint
    ("“bindify shwo %s” shows it", False, False),
    ("Make one with “bindify client add”", False, True),
    ("bindify show", False, False),
    ("bindify show %s --yes", False, False),
    ("bindify list, and your keyring's own program", False, True),
    ("Type “bindify policy set NAME --alow-tool X” first", False, False),
    ("Type “bindify policy set NAME --allow-tool X” first", False, True),
    ("bindify --socket /path/to/agent.sock …", False, True),
    ("bindify vault restore FILE", False, True),
    ("bindify vault restore", False, False),
    ("bindify keeps your API tokens", False, True),
    ("bindify show a b", True, False),
    ("bindify-agent --prot 1", False, False),
    ("bindify-agent --port 0", False, True),
    ("bindify policy set %s --allow 'http=%s %s'", False, True),
]


def self_test(checker):
    n_failed = 0
    for text, is_strict, is_right in SELF_TEST:
        trouble = list(find_trouble(checker, text, is_strict))
        if (not trouble) != is_right:
            print(f"“{text}”: {trouble}")
            n_failed += 1
    if not list(find_trouble(checker, "bindify shwo %s", False, True)):
        print("A hint may be anything")
        n_failed += 1
    return 1 if n_failed else 0


def main():
    words = sys.argv[1:]
    is_self_test = words[0] == "--self-test"
    root, bindify, agent = words[1:] if is_self_test else words
    checker = Checker(bindify, agent)
    return self_test(checker) if is_self_test else check(root, checker)


if __name__ == "__main__":
    sys.exit(main())
