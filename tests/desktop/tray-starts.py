#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The tray in a session: it registers with the agent, comes back when the agent does, and ends when it is told to.

usage: tray-starts.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import sys

from screen import wait_for
from tray_world import run_cases


def registers_as_tray(world):
    tray = world.start()
    told = world.agent.events("prompter_registered")
    assert [event["category"] for event in told] == ["tray"], told
    assert tray.end() == 0, world.desktop.said("tray")
    wait_for(lambda: world.agent.ask("GET", "/v1/prompts")["prompters"] == 0, "The agent does not see that it has ended")


def comes_back_with_the_agent(world):
    tray = world.start()
    world.agent.kill()
    world.agent.start()
    tray.wait_registered()
    assert tray.process.poll() is None, world.desktop.said("tray")


def waits_for_an_agent_that_is_not_there_yet(world):
    world.agent.start()
    world.agent.end()
    tray = world.start_tray(wait=False)
    world.agent.start()
    tray.wait_registered()


if __name__ == "__main__":
    sys.exit(run_cases(__doc__, [registers_as_tray, comes_back_with_the_agent,
                                 waits_for_an_agent_that_is_not_there_yet]))
