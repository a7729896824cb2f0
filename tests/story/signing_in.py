# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""What stories about signing in share: the server, an agent to be started again, and somebody who does in
the browser what a person does there."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.parse

from conformance import UnixConnection, ready_line

REDIRECTS_MAX = 10
PATIENCE_S = 30
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class Refused(Exception):
    """The control API, or a sign-in, said no; .answer tells how."""

    def __init__(self, answer):
        super().__init__(json.dumps(answer))
        self.answer = answer


class SignInServer:
    """fixtures/sign-in-server.py as a process."""

    def __init__(self, tests, *arguments):
        script = os.path.join(tests, "fixtures", "sign-in-server.py")
        self.process = subprocess.Popen([sys.executable, script, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE)
        self.port = int(ready_line(self.process.stdout).group(1))
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = self.origin + "/mcp"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request(method, path, None if body is None else json.dumps(body))
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status not in (200, 204):
            raise RuntimeError(f"{path}: {response.status} {text}")
        return json.loads(text) if text else None

    def log(self):
        return self.ask("GET", "/__log")

    def set(self, **wishes):
        self.ask("POST", "/__set", wishes)

    def faults(self, **words):
        self.ask("POST", "/__faults", words)

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Agent:
    """bindify-agent with directories of its own below @home, which outlive the process."""

    def __init__(self, home, program, services, keyring="vault", config=""):
        self.home, self.program, self.services, self.keyring = home, program, services, keyring
        self.run_dir = os.path.join(home, "run")
        os.makedirs(self.run_dir, mode=0o700)
        os.makedirs(os.path.join(home, ".config", "bindify"), mode=0o700)
        self.config = os.path.join(home, ".config", "bindify", "bindify.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(config + "\n[policy]\nprofile=open\n")
        self.process = self.port = self.socket = None

    def environment(self, **more):
        return {"HOME": self.home, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": self.run_dir,
                "G_DEBUG": "fatal-criticals", **more,
                **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}

    def start(self):
        read_end, write_end = os.pipe()
        with open(os.path.join(self.home, "agent.log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--port", "0", "--keyring", self.keyring, "--services-dir", self.services,
                 "--ready-fd", str(write_end)],
                env=self.environment(), pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as ready:
            match = ready_line(ready)
        self.port, self.socket = int(match.group(1)), match.group(2)

    def said(self):
        with open(os.path.join(self.home, "agent.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self):
        """Its exit status, 0 when it does not run."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        self.process = None
        return status

    def ask(self, method, target, body=None):
        """The control API's answer; Refused for one that is an error."""
        connection = UnixConnection(self.socket)
        connection.timeout = PATIENCE_S
        connection.request(method, target, None if body is None else json.dumps(body))
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.headers.get_content_type() == "application/x-ndjson":
            return [json.loads(line) for line in text.splitlines()]
        answer = json.loads(text) if text else None
        if response.status >= 300:
            raise Refused(answer)
        return answer

    def add_client(self, label="test"):
        return self.ask("POST", "/v1/clients", {"label": label})["key"]

    def sign_in(self, target, body, browser=None, on_step=None):
        """Follows a sign-in to its end, which is its last step; Refused when it failed. @browser gets
        the URL to open and is left alone with it."""
        connection = UnixConnection(self.socket)
        connection.request("POST", target, json.dumps(body))
        response = connection.getresponse()
        helpers, step = [], None
        try:
            if response.headers.get_content_type() != "application/x-ndjson":
                raise Refused(json.loads(response.read()))
            while (line := response.readline()):
                step = json.loads(line)
                if on_step is not None:
                    on_step(step)
                if step["step"] == "authorize":
                    helpers.append(threading.Thread(target=browser or follow, args=[step["url"]]))
                    helpers[-1].start()
        finally:
            connection.close()
            for helper in helpers:
                helper.join()
        if step is None or step["step"] != "done":
            raise Refused(step)
        return step

    def add(self, name, url, browser=None, **wish):
        """A binding by signing in."""
        oauth = {"flow": "browser", **wish}
        return self.sign_in("/v1/bindings", {"name": name, "url": url, "allow_local": True, "oauth": oauth}, browser)


def follow(url):
    """The browser of somebody who is signed in already and always agrees: (status, text) of the last page."""
    for _ in range(REDIRECTS_MAX):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
        connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        if response.status not in (301, 302, 303, 307, 308):
            return response.status, text
        url = urllib.parse.urljoin(url, response.headers["Location"])
    raise RuntimeError("too many redirects")


class McpClient:
    """A client of 2025-11-25 that keeps its connection and its session."""

    def __init__(self, port, name, key):
        self.port, self.path = port, f"/mcp/{name}"
        self.headers = dict(HEADERS, Authorization="Bearer " + key)
        self.connection, self.number = None, 0

    def post(self, message):
        """HTTP status and the answer, None without one."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        self.connection.request("POST", self.path, json.dumps(message), self.headers)
        response = self.connection.getresponse()
        text = response.read().decode("utf-8")
        session = response.headers.get("Mcp-Session-Id")
        if session is not None:
            self.headers["Mcp-Session-Id"] = session
        if response.headers.get_content_type() == "text/event-stream":
            events = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
            text = events[-1] if events else ""
        return response.status, json.loads(text) if text else None

    def request(self, method, params):
        """The result, or RuntimeError."""
        self.number += 1
        status, answer = self.post({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        if status != 200 or answer.get("id") != self.number or "result" not in answer:
            raise RuntimeError(f"{method}: {status} {answer}")
        return answer["result"]

    def begin(self):
        self.headers.pop("Mcp-Session-Id", None)
        self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                    "clientInfo": {"name": "story", "version": "1"}})
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, text):
        """Calls "echo"; RuntimeError when it does not come back."""
        result = self.request("tools/call", {"name": "echo", "arguments": {"text": text}})
        if result["content"][0]["text"] != text:
            raise RuntimeError(f"echo: {result}")

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
