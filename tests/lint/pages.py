#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The manual pages beside what they speak of: every option that a command takes is in its page and every option in a
page is one; bindify.conf(5) has every key that the agent reads, bindify-protocol(7) every error with its numbers and
every route, and none that there is not.

usage: pages.py ROOT BINDIFY AGENT [TRAY]  |  --self-test"""

import os
import re
import subprocess
import sys

import yaml

METHODS = ("get", "post", "put", "patch", "delete")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")
LISTED = re.compile(r"^  ([a-z-]+)  ", re.M)
# Options of other programs, which pages name as well.
FOREIGN = {"--user", "--global", "--unix-socket", "--now", "--full", "--allow-empty"}
# Page by program; what `bindify` does is in bindify.1, but for the commands that have pages of their own.
OWN_PAGES = {"add": "bindify-add.1", "credential": "bindify-credential.1", "import": "bindify-import.1", "mcp": "bindify-mcp.1",
             "run": "bindify-run.1"}
# Their options are those of bindify-add, to which bindify.1 points.
AS_ADD = ("login", "set")


def said(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def plain(page):
    """Roff without what it does to letters."""
    text = re.sub(r"\\f[BIRP]|\\&", "", page).replace("\\-", "-").replace("\\(dq", '"').replace("\\(ti", "~")
    return text


def commands(bindify):
    """All as words: ["log", "verify"]."""
    for name in [*LISTED.findall(said(bindify, "help")), "mcp"]:
        overview = subprocess.run([bindify, "help", name], stdout=subprocess.PIPE, text=True, check=False).stdout
        groups = LISTED.findall(overview) if f"{name} COMMAND …" in overview else []
        # Those that run alone, too, are asked by what can stand behind them.
        more = [line.split("\t")[0] for line in said(bindify, "complete", "--", "bindify", name, "").splitlines()
                if "\t" in line and name in ("grants", "log", "prompts", "services")]
        for sub in groups or more:
            if re.fullmatch("[a-z-]+", sub):
                yield [name, sub]
        if not groups:
            yield [name]


def options(bindify, words):
    lines = said(bindify, "complete", "--", "bindify", *words, "--").splitlines()
    return {line.split("\t")[0] for line in lines} - {"--help", "--version", "--socket", "--json"}


def agent_options(program):
    return set(OPTION.findall(said(program, "--help"))) - {"--help", "--version"}


def compare(what, wanted, present):
    """Lines of complaint."""
    return ([f"{what}: nothing about {item}" for item in sorted(wanted - present)] +
            [f"{what}: there is no {item}" for item in sorted(present - wanted)])


def check_options(root, bindify, agent, tray):
    pages = {name: set(OPTION.findall(plain(read(root, "data", "man", name))))
             for name in os.listdir(os.path.join(root, "data", "man")) if name.endswith((".1", ".5", ".7"))}
    known = {"--help", "--version", "--socket", "--json"} | FOREIGN
    trouble = []
    for words in commands(bindify):
        page = OWN_PAGES.get(words[0], "bindify.1")
        found = options(bindify, words)
        known |= found
        if words[0] in AS_ADD:
            found -= pages["bindify-add.1"]
        trouble += [f"{page}: nothing about {option} of bindify {' '.join(words)}"
                    for option in sorted(found - pages[page])]
    for page, program in (("bindify-agent.1", agent), ("bindify-tray.1", tray)):
        found = agent_options(program) if program else set()
        known |= found
        trouble += [f"{page}: nothing about {option}" for option in sorted(found - pages[page])]
    for page, present in sorted(pages.items()):
        if page != "bindify-tray.1" or tray:
            trouble += [f"{page}: no program has {option}" for option in sorted(present - known)]
    return trouble


def conf_keys(settings_source):
    """group.key, as settings.c takes them."""
    keys = {f"{group}.{key}" for group, key in
            re.findall(r'settings_file_take_\w+ \(\s*\w+, "(\w+)", "([\w-]+)"', settings_source)}
    keys |= {f"log.{key}" for key in re.findall(r'take_count \(reader, "(\w+)"', settings_source)}
    keys |= {f"prompts.{key}" for key in re.findall(r'take_prompt_time \(reader, "(\w+)"', settings_source)}
    table = settings_source[settings_source.index("limit_keys[] = {"):]
    keys |= {f"limits.{key}" for key in re.findall(r'\{ "(\w+)", G_STRUCT', table)}
    return keys


def conf_page_keys(page):
    keys, group = set(), None
    for line in plain(page).splitlines():
        heading = re.match(r"\.SH \[(\w+)\]", line)
        key = re.match(r"\.B ([a-z_-]+)=", line)
        if line.startswith(".SH"):
            group = heading.group(1) if heading else None
        elif key and group:
            keys.add(f"{group}.{key.group(1)}")
    return keys


def error_rows(source):
    rows = re.findall(r'\[BFY_ERROR_\w+\] = \{ "(\w+)", (\d+), \w+, (-\d+), (\d)', source)
    return {f"{name} ({status}, {rpc}, exit {exit_status})" for name, status, rpc, exit_status in rows}


def error_page_rows(page):
    return {f"{name} {rest}" for name, rest in re.findall(r'^\.BR (\w+) " (\(\d+, -\d+, exit \d\))"$', plain(page), re.M)}


def routes(document):
    return {f"{method.upper()} /v1{path}" for path, item in document["paths"].items() for method in METHODS
            if method in item}


def page_routes(page):
    return set(re.findall(r'^\.BR "((?:GET|POST|PUT|PATCH|DELETE) /v1[^"]*)"$', plain(page), re.M))


def self_test():
    source = 'x_settings_file_take_text (self, "agent", "keyring");\nlimit_keys[] = {\n  { "a_max", G_STRUCT'.replace(
        "x_", "bfy_")
    page = ".SH [agent]\n.B keyring=auto\n.SH [limits]\n.B b_max=1\n.SH EXAMPLES\n.B no=key\n"
    trouble = compare("conf", conf_keys(source), conf_page_keys(page))
    errors = compare("errors", error_rows('[BFY_ERROR_X] = { "gone", 404, FALSE, -31001, 1, NULL }'),
                     error_page_rows('.BR gone " (404, \\-31001, exit 2)"\n'))
    right = (trouble == ["conf: nothing about limits.a_max", "conf: there is no limits.b_max"] and len(errors) == 2 and
             page_routes('.BR "GET /v1/x"\n') == routes({"paths": {"/x": {"get": {}}}}))
    if not right:
        print(trouble, errors)
    return 0 if right else 1


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    root, bindify, agent, *tray = sys.argv[1:]
    protocol = read(root, "data", "man", "bindify-protocol.7")
    keys = conf_keys(read(root, "agent", "settings.c"))
    errors = error_rows(read(root, "protocol", "error.c"))
    trouble = check_options(root, bindify, agent, tray[0] if tray else None)
    trouble += compare("bindify.conf.5", keys, conf_page_keys(read(root, "data", "man", "bindify.conf.5")))
    trouble += compare("bindify-protocol.7", errors, error_page_rows(protocol))
    trouble += compare("bindify-protocol.7", routes(yaml.safe_load(read(root, "protocol", "openapi.yaml"))),
                       page_routes(protocol))
    for line in trouble:
        print(line)
    print(f"{len(keys)} settings, {len(errors)} errors")
    # Should the sources be written otherwise one day, this must not pass by finding nothing.
    return 1 if trouble or len(keys) < 20 or len(errors) < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
