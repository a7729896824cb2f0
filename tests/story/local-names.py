#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""A home network of two: this machine, and a device that is known by its name below .local and can be woken. Both are
network namespaces with a cable between them. Others in that network lie about names; the agent must not believe them.

usage: local-names.py AGENT SERVICES_DIR CLIENT_DIR. Where there are no such namespaces: 77"""

import concurrent.futures
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

from signing_in import Agent

SKIPPED, PATIENCE_S = 77, 60
INSIDE = "--inside"
OWN = "192.168.77.1"
DEVICE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "local-device.py")
MAC = "52:54:00:12:34:56"
HAS_6 = os.path.exists("/proc/net/if_inet6")
PACKET = "ff" * 6 + MAC.replace(":", "") * 16


def unshare():
    return ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])


def run(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE_S)


class Device:
    """A process in a namespace at the other end of the cable, and what it tells."""

    def __init__(self):
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "home0", "type", "veth", "peer", "name", "tv0")
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, DEVICE, "tv0"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.told, self.news = [], threading.Condition()
        # unshare(1) becomes the device, which can only be moved to when it has left our namespace.
        while os.readlink(f"/proc/{self.process.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            os.sched_yield()
        run("ip", "link", "set", "tv0", "netns", str(self.process.pid))
        run("ip", "addr", "add", OWN + "/24", "dev", "home0")
        run("ip", "link", "set", "home0", "addrgenmode", "none", "up")
        if HAS_6:
            run("ip", "addr", "add", "fe80::1/64", "dev", "home0", "nodad")
        # Everywhere is behind the device, so that what leads to the internet would arrive.
        run("ip", "route", "add", "default", "via", "192.168.77.2")
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        threading.Thread(target=self.listen, daemon=True).start()
        self.wait(lambda told: {"ready": True} in told)

    def listen(self):
        for line in self.process.stdout:
            with self.news:
                self.told.append(json.loads(line))
                self.news.notify_all()

    def wait(self, is_enough):
        with self.news:
            assert self.news.wait_for(lambda: is_enough(self.told), PATIENCE_S), self.told

    def get(self, member):
        with self.news:
            return [fact[member] for fact in self.told if member in fact]

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Private(http.server.BaseHTTPRequestHandler):
    """A service of this machine, which nobody in the network has any business with."""

    def do_GET(self):
        self.server.seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Story:
    def __init__(self, agent, client_dir, device):
        self.agent, self.client_dir, self.device = agent, client_dir, device
        self.private = http.server.ThreadingHTTPServer(("127.0.0.1", 8001), Private)
        self.private.seen = []
        threading.Thread(target=self.private.serve_forever, daemon=True).start()

    def cli(self, *words):
        return subprocess.run([os.path.join(self.client_dir, words[0]), *words[1:]], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, env=self.agent.environment(),
                              timeout=PATIENCE_S)

    def add(self, name, *more, kind="local-network"):
        return self.cli("bindify-add", f"http://{name}.local:8001/", "--type", kind, "--name", name, "--no-token", *more)

    def is_added(self, name, *more):
        done = self.add(name, *more)
        assert done.returncode == 0, done

    def get(self, name, path="/"):
        return self.cli("bindify", "http", name, "get", path)

    def is_found_by_its_name(self):
        self.is_added("tv")
        done = self.get("tv", "/query/device-info")
        assert "living room" in done.stdout, done
        seen = [fact for fact in self.device.told if fact.get("path") == "/query/device-info"]
        assert seen == [{"at": "192.168.77.2", "host": "tv.local:8001", "path": "/query/device-info"}], seen
        assert self.device.get("asked").count("tv.local") <= 2, "It is not remembered"

    def is_asked_again(self):
        self.is_added("late", "--no-check")
        done = self.get("late")
        assert "living room" in done.stdout, done
        assert self.device.get("asked").count("late.local") == 3, self.device.told

    def is_found_without_ipv4(self):
        """Its address means nothing without the network that it is in."""
        if not HAS_6:
            return
        self.is_added("six", "--no-check")
        done = self.get("six", "/by-six")
        assert "living room" in done.stdout, done
        assert [fact["at"] for fact in self.device.told if fact.get("path") == "/by-six"] == ["fe80::2"], self.device.told

    def liars_lose(self):
        self.is_added("crowd", "--no-check")
        assert "living room" in self.get("crowd").stdout
        liars = ("wrong-number", "other", "public", "here")
        for name in liars:
            self.is_added(name, "--no-check")
        # All at once, since each is waited for.
        with concurrent.futures.ThreadPoolExecutor(len(liars)) as pool:
            for name, done in zip(liars, pool.map(self.get, liars)):
                assert done.returncode == 1 and f"answers for {name}.local" in done.stderr, done
        assert set(self.device.get("at")) <= {"192.168.77.2", "fe80::2"}, self.device.get("at")
        assert self.private.seen == [], self.private.seen

    def nobody_answers(self):
        done = self.add("nobody")
        assert done.returncode == 1 and "Nobody in the local network answers for nobody.local" in done.stderr, done
        assert "bindify-add" in done.stderr, done

    def others_do_not_ask(self):
        n = len(self.device.get("asked"))
        done = self.add("x", kind="http")
        assert done.returncode != 0 and "private network" in done.stderr and "--allow-local" in done.stderr, done
        done = self.add("x", "--allow-local", kind="http")
        assert done.returncode != 0, done
        assert len(self.device.get("asked")) == n, self.device.told

    def is_woken(self):
        done = self.cli("bindify", "do", "tv", "wake")
        assert done.returncode != 0 and self.device.get("woken") == [], done
        assert self.cli("bindify", "set", "tv", "--mac", MAC.upper().replace(":", "-")).returncode == 0
        done = self.cli("bindify", "do", "tv", "wake")
        assert done.returncode == 0 and json.loads(done.stdout) == {"mac": MAC, "n_networks": 1}, done
        # To everybody, and to all of the network; three times.
        self.device.wait(lambda told: sum("woken" in fact for fact in told) >= 6)
        assert self.device.get("woken") == [PACKET] * 6, self.device.get("woken")
        done = self.cli("bindify", "do", "tv", "wake", "port=7")
        assert done.returncode == 1 and len(self.device.get("woken")) == 6, done

    def is_told_of(self):
        assert json.loads(self.cli("bindify", "show", "tv", "--json").stdout)["mac"] == MAC
        listed = {one["name"]: one["mac"] for one in json.loads(self.cli("bindify", "list", "--json").stdout)}
        assert listed["tv"] == MAC and listed["late"] is None, listed
        assert "wake" in self.cli("bindify", "tools", "tv").stdout
        events = [json.loads(line) for line in self.cli("bindify", "log", "--json").stdout.splitlines()]
        uses = [event for event in events if event.get("tool") == "wake"]
        assert uses and uses[0]["binding"] == "tv" and uses[0]["outcome"] == "success", uses
        self.agent.end()
        self.agent.start()
        assert json.loads(self.cli("bindify", "show", "tv", "--json").stdout)["mac"] == MAC

    def waking_is_writing(self):
        self.is_added("shy", "--mac", MAC, "--profile", "read-only", "--no-check")
        n = len(self.device.get("woken"))
        done = self.cli("bindify", "do", "shy", "wake")
        assert done.returncode == 3, done
        assert len(self.device.get("woken")) == n
        assert self.cli("bindify", "set", "tv", "--mac", "none").returncode == 0
        assert self.cli("bindify", "do", "tv", "wake").returncode != 0
        assert "living room" in self.get("tv").stdout

    def takes_good_addresses_only(self):
        for bad in ("", "52:54:00:12:34", "52:54:00:12:34:5g", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff",
                    "01:00:5e:00:00:fb", "525400123456", "52:54-00:12:34:56", MAC + ":01"):
            for done in (self.add("bad", "--mac", bad, "--no-check"), self.cli("bindify", "set", "tv", "--mac", bad)):
                assert done.returncode == 1 and "MAC address" in done.stderr, done
        done = self.cli("bindify-add", "https://api.example.com/", "--type", "http", "--name", "bad", "--no-token", "--mac",
                        MAC)
        assert done.returncode == 1 and "--type local-network" in done.stderr, done

    def end(self):
        self.private.shutdown()
        self.private.server_close()


def tell_it(arguments):
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(os.path.join(home, "agent"), arguments[0], arguments[1], keyring="memory")
        device = Device()
        agent.start()
        story = Story(agent, arguments[2], device)
        try:
            story.is_found_by_its_name()
            story.is_asked_again()
            story.is_found_without_ipv4()
            story.liars_lose()
            story.nobody_answers()
            story.others_do_not_ask()
            story.is_woken()
            story.is_told_of()
            story.waking_is_writing()
            story.takes_good_addresses_only()
        finally:
            status = agent.end()
            story.end()
            device.end()
    return status


def main():
    if sys.argv[1] == INSIDE:
        return tell_it(sys.argv[2:])
    tried = [*unshare(), "sh", "-c", "ip link add home0 type veth peer name tv0 && unshare --net true"]
    if subprocess.run(tried, capture_output=True, check=False).returncode != 0:
        print("skipped: no network namespaces of our own can be had")
        return SKIPPED
    return subprocess.run([*unshare(), sys.executable, os.path.abspath(__file__), INSIDE, *sys.argv[1:]],
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
