#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""What the manual pages say, done with a real agent: it takes every policy that bindify-policy(5) shows, and its
settings have the values that bindify.conf(5) has for them.

usage: pages.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR"""

import json
import os
import re
import sys
import tempfile

from signing_in import Agent, Refused


def read_page(tests, name):
    with open(os.path.join(tests, "..", "data", "man", name), encoding="utf-8") as file:
        return file.read().replace("\\-", "-").replace("\\(dq", '"')


def shown_policies(page):
    blocks = [block.strip() for block in re.findall(r"^\.nf\n(.*?)^\.fi", page, re.M | re.S)]
    return [block for block in blocks if block.startswith("{")]


def shown_settings(page):
    """group.key to what stands behind it."""
    values, group = {}, None
    for line in page.splitlines():
        heading = re.match(r"\.SH (?:\[(\w+)\])?", line)
        key = re.match(r"\.B ([a-z_-]+)=(.*)", line)
        if heading:
            group = heading.group(1)
        elif key and group:
            values[f"{group}.{key.group(1)}"] = key.group(2)
    return values


def check_policies(agent, tests):
    policies = shown_policies(read_page(tests, "bindify-policy.5"))
    n_failed = 0
    for text in policies:
        try:
            # The page shows capabilities of GitHub.
            agent.ask("PUT", "/v1/bindings/github/policy", json.loads(text))
        except (Refused, ValueError) as error:
            print(f"FAILED {error}: {text}")
            n_failed += 1
    print(f"{len(policies)} policies")
    return n_failed + (len(policies) < 5)


def check_settings(agent, tests):
    shown = shown_settings(read_page(tests, "bindify.conf.5"))
    n_failed = 0
    for setting in agent.ask("GET", "/v1/settings")["settings"]:
        if shown.get(setting["name"]) != setting["default"]:
            print(f"FAILED {setting['name']}: {shown.get(setting['name'])} is shown, it is {setting['default']}")
            n_failed += 1
    return n_failed


def main():
    tests, program, services, _client_dir = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(home, program, services)
        agent.start()
        try:
            agent.ask("POST", "/v1/bindings", {"service": "github", "name": "github", "check": False,
                                               "credential": {"type": "api_key", "api_key": "pages-0123456789"}})
            n_failed = check_policies(agent, tests) + check_settings(agent, tests)
        finally:
            status = agent.end()
    return 1 if n_failed or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
