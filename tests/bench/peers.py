# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""The proxies that proxies.py compares: how each is set up to do the same work.

All listen on loopback, keep connections alive on both sides, replace the Authorization header by the
token of the upstream and write down every request. One worker each: caddy gets GOMAXPROCS=1.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time

PATIENCE_S = 30
TOKEN = "sk-bench-0123456789abcdefghijklmnop"

NGINX = """daemon off; pid {dir}/nginx.pid; error_log {dir}/error.log; worker_processes 1;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log {dir}/access.log;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000000;
  upstream bench {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://bench; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer {token}"; proxy_read_timeout 1h;
    }}
  }}
}}
"""

HAPROXY = """global
  nbthread 1
  maxconn 4096
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  option http-no-delay
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend bench
  bind 127.0.0.1:{port}
  default_backend bench
backend bench
  http-request set-header Authorization "Bearer {token}"
  server one 127.0.0.1:{upstream}
"""

CADDY = """{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  log {{
    output file {dir}/access.log
  }}
  reverse_proxy 127.0.0.1:{upstream} {{
    header_up Authorization "Bearer {token}"
    transport http {{
      keepalive_idle_conns_per_host 256
    }}
  }}
}}
"""


def first_line(command):
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    return (output.stdout + output.stderr).split("\n", maxsplit=1)[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port, process):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen on port {port}")


def descendants(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
        except FileNotFoundError:
            pass
    return found


def memory_kb(pid, field):
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.MULTILINE)[1])
    except (FileNotFoundError, ProcessLookupError, PermissionError, TypeError):
        return 0


class Peer:
    """A running proxy, or nothing at all between the load and the upstream."""

    def __init__(self, name, port, process=None, headers=(), path="/mcp", connect=None):
        self.name = name
        self.process = process
        self.path = path
        self.headers = list(headers)
        self.connect = connect or str(port)
        self.url = f"http://127.0.0.1:{port}{path}"

    def target(self):
        arguments = ["--connect", self.connect, "--path", self.path]
        for header in self.headers:
            arguments += ["--header", header]
        return arguments

    def pids(self):
        return descendants(self.process.pid) if self.process else []

    def cpu_s(self):
        ticks = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                ticks += sum(int(field) for field in file.read().rsplit(")", 1)[1].split()[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_kb(self, field="Pss"):
        return sum(memory_kb(pid, field) for pid in self.pids())

    def switches(self):
        """How often each thread of it has gone to sleep and come back, by its id."""
        counts = {}
        for pid in self.pids():
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
                    found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.MULTILINE)
                counts[thread] = int(found[1])
        return counts

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE_S)


class Bench:
    """The upstream, and how to start each peer in front of it."""

    def __init__(self, build, directory):
        self.build = build
        self.directory = directory
        self.running = []
        self.upstream = subprocess.Popen(
            [os.path.join(build, "tests/bench/bench-upstream"), TOKEN], stdout=subprocess.PIPE, text=True
        )
        self.upstream_port = int(self.upstream.stdout.readline().strip().removeprefix("READY port="))

    def stop(self):
        for peer in self.running:
            peer.stop()
        self.upstream.terminate()
        self.upstream.wait(PATIENCE_S)

    def direct(self):
        return [Peer("direct", self.upstream_port, headers=[f"Authorization: Bearer {TOKEN}"])]

    def _start(self, name, command, config=None, config_name=None, environment=None):
        folder = os.path.join(self.directory, name)
        os.makedirs(folder, exist_ok=True)
        port = free_port()
        values = {"dir": folder, "port": port, "upstream": self.upstream_port, "token": TOKEN}
        path = os.path.join(folder, config_name)
        with open(path, "w", encoding="ascii") as file:
            file.write(config.format(**values))
        with open(os.path.join(folder, "output.log"), "w", encoding="ascii") as log:
            process = subprocess.Popen(
                [argument.format(config=path, **values) for argument in command],
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": folder, **(environment or {})},
            )
        peer = Peer(name, port, process)
        self.running.append(peer)
        await_port(port, process)
        return [peer]

    def nginx(self):
        return self._start("nginx", ["nginx", "-c", "{config}", "-p", "{dir}"], NGINX, "nginx.conf")

    def haproxy(self):
        return self._start("haproxy", ["haproxy", "-db", "-f", "{config}"], HAPROXY, "haproxy.cfg")

    def caddy(self):
        command = ["caddy", "run", "--config", "{config}", "--adapter", "caddyfile"]
        return self._start("caddy", command, CADDY, "Caddyfile", {"GOMAXPROCS": "1"})

    def environment(self):
        home = os.path.join(self.directory, "bindify")
        os.makedirs(home, mode=0o700, exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "XDG_RUNTIME_DIR": home,
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    def _client(self, *arguments, **options):
        program = os.path.join(self.build, "client", arguments[0])
        return subprocess.run(
            [program, *arguments[1:]], env=self.environment(), check=True, capture_output=True, **options
        ).stdout

    def bindify(self):
        read_end, write_end = os.pipe()
        process = subprocess.Popen(
            [
                os.path.join(self.build, "agent/bindify-agent"),
                *("--port", "0", "--keyring", "vault", "--ready-fd", str(write_end)),
            ],
            pass_fds=[write_end],
            env=self.environment(),
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as ready:
            facts = dict(part.split("=", 1) for part in ready.readline().split()[1:])
        url = f"http://127.0.0.1:{self.upstream_port}/mcp"
        self._client(
            "bindify-add", "--name", "bench", "--allow-local", "--profile", "reads-flow", "--allow-tool", "*",
            "--token-stdin", url, input=TOKEN.encode()
        )
        self._client(
            "bindify-add", "--name", "rest", "--type", "http", "--allow-local", "--profile", "open", "--no-check",
            "--token-stdin", f"http://127.0.0.1:{self.upstream_port}/", input=TOKEN.encode()
        )
        key = json.loads(self._client("bindify", "client", "add", "bench", "--json"))["key"]
        tcp = Peer("bindify", facts["port"], process, [f"Authorization: Bearer {key}"], "/mcp/bench")
        unix = Peer("bindify, UNIX", facts["port"], process, path="/mcp/bench", connect=facts["socket"])
        rest = Peer("bindify, /http", facts["port"], process, [f"Authorization: Bearer {key}"], "/http/rest/mcp")
        self.running.append(tcp)
        return [tcp, unix, rest]


# name, the program that has to be there, how it tells its version
PROXIES = [
    ("nginx", "nginx", ["nginx", "-v"]),
    ("haproxy", "haproxy", ["haproxy", "-v"]),
    ("caddy", "caddy", ["caddy", "version"]),
]


def available_proxies():
    """Their names with their versions; what is missing is None."""
    return {
        name: first_line(version) if shutil.which(program) else None for name, program, version in PROXIES
    }
