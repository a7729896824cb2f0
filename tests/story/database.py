#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Database bindings with a real PostgreSQL 15 (SCRAM, TLS with an authority of our own) and a SQLite file: what
tools let through, what they refuse, rows that come one by one, programs on the relay’s socket, and where the
password is not.

usage: database.py AGENT SERVICES_DIR CLIENT_DIR; skipped where there is no server."""

import glob
import itertools
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time

from signing_in import Agent, Refused, UnixConnection

PASSWORD = "s3kret-of-the-database-äöü"
SKIPPED = 77


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return os.path.dirname(found[-1]) if found else None


def certificate(folder, name, names):
    """A key and a certificate for @names, signed by itself: its own authority."""
    key, cert = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + names, "-keyout", key,
                    "-out", cert], check=True, capture_output=True)
    return key, cert


class Server:
    """PostgreSQL in a folder of its own, on a free port of 127.0.0.1. It does not run as root."""

    def __init__(self):
        self.bin = programs()
        self.home = tempfile.mkdtemp(prefix="bindify-pg-")
        self.user = "nobody" if os.geteuid() == 0 else None
        key, self.cert = certificate(self.home, "server", "DNS:localhost,IP:127.0.0.1")
        _, self.other = certificate(self.home, "other", "DNS:localhost,IP:127.0.0.1")
        self.data = os.path.join(self.home, "data")
        password = os.path.join(self.home, "password")
        with open(password, "w", encoding="utf-8") as file:
            file.write(PASSWORD)
        if self.user:
            account = pwd.getpwnam(self.user)
            for path in (self.home, key, self.cert, password):
                os.chown(path, account.pw_uid, account.pw_gid)
        os.chmod(self.home, 0o711)
        os.chmod(self.cert, 0o644)
        os.chmod(self.other, 0o644)
        self.run("initdb", "-D", self.data, "-U", "ann", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256",
                 "--pwfile", password, "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "ssl": "on",
                    "ssl_cert_file": self.cert, "ssl_key_file": key, "fsync": "off"}
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.process = subprocess.Popen([os.path.join(self.bin, "postgres"), "-D", self.data], user=self.user,
                                        cwd=self.home, stdout=subprocess.DEVNULL,
                                        stderr=open(os.path.join(self.home, "log"), "wb"))
        self.wait()

    def run(self, program, *words):
        subprocess.run([os.path.join(self.bin, program), *words], user=self.user, cwd=self.home, check=True,
                       capture_output=True)

    def wait(self):
        ready = [os.path.join(self.bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        end = time.monotonic() + 30
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.05)  # it tells nobody else

    def url(self, more=""):
        return f"postgres://ann@127.0.0.1:{self.port}/postgres?sslrootcert={self.cert}{more}"

    def end(self):
        self.process.send_signal(signal.SIGINT)  # SIGTERM would wait for statements of who is long gone
        self.process.wait()
        shutil.rmtree(self.home)


class Story:
    def __init__(self, agent):
        self.agent, self.n_failed, self.n = agent, 0, 0

    def expect(self, what, is_so, told=""):
        self.n += 1
        if not is_so:
            self.n_failed += 1
            print(f"FAILED {what}: {told}")

    def rpc(self, binding, method, params):
        connection = UnixConnection(self.agent.socket)
        connection.timeout = 60
        connection.request("POST", f"/mcp/{binding}",
                           json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}),
                           {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"})
        text = connection.getresponse().read().decode()
        connection.close()
        lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
        return json.loads(lines[-1] if lines else text)

    def call(self, binding, tool, **arguments):
        """What the tool gives, or the text of what went wrong."""
        answer = self.rpc(binding, "tools/call", {"name": tool, "arguments": arguments})
        result = answer.get("result")
        if result is None or result.get("isError"):
            return json.dumps(answer, ensure_ascii=False)
        return result["structuredContent"]

    def rows(self, what, binding, tool, rows, **arguments):
        answer = self.call(binding, tool, **arguments)
        self.expect(what, isinstance(answer, dict) and answer.get("rows") == rows, answer)

    def refused(self, what, word, binding, tool, **arguments):
        answer = self.call(binding, tool, **arguments)
        self.expect(what, isinstance(answer, str) and word in answer, answer)


def add(agent, clients, url, name, password, *more):
    return subprocess.run([os.path.join(clients, "bindify"), "add", "--database", url, "--name", name, "--allow-local",
                           *(["--token-stdin"] if password is not None else []), *more],
                          input=password or "", text=True, capture_output=True, check=False,
                          env=agent.environment(), timeout=60)


def check_adding(story, server, clients):
    wrong = add(story.agent, clients, server.url(), "db", "wrong-password")
    story.expect("wrong password", wrong.returncode != 0 and "28P01" in wrong.stderr, wrong.stderr)
    untrusted = add(story.agent, clients, server.url().replace(server.cert, server.other), "db", PASSWORD)
    story.expect("wrong certificate", untrusted.returncode != 0 and "certificate" in untrusted.stderr,
                 untrusted.stderr)
    spelled = add(story.agent, clients, f"postgres://ann:{PASSWORD}@127.0.0.1:{server.port}/postgres", "db", PASSWORD)
    story.expect("password in the URL", spelled.returncode != 0 and PASSWORD not in spelled.stderr, spelled.stderr)
    good = add(story.agent, clients, server.url(), "db", PASSWORD)
    story.expect("added", good.returncode == 0 and PASSWORD not in good.stdout, good.stdout + good.stderr)
    listed = story.rpc("db", "tools/list", {})
    names = [tool["name"] for tool in listed.get("result", {}).get("tools", [])]
    story.expect("tools", names == ["query", "tables", "schema", "change", "execute"], listed)


def check_reading(story):
    story.rows("parameters", "db", "query", [["' or 1=1; drop table t --", 7, None, True]],
               sql="select $1::text, $2::int, $3::text, $4::bool", params=["' or 1=1; drop table t --", 7, None, True])
    story.rows("json", "db", "query", [[{"a": [1]}, "1.10", "NaN"]],
               sql="select '{\"a\":[1]}'::jsonb, 1.10::numeric, 'NaN'::float8")
    story.refused("insert by query", "query", "db", "query", sql="insert into t values (1, 'x')")
    story.refused("two statements", "one statement", "db", "query", sql="select 1; select 2")
    story.refused("COPY with a program", "COPY", "db", "execute", sql="copy (select 1) to program 'id'")
    story.refused("hidden in a CTE", "query", "db", "query",
                  sql="with x as (delete from t returning *) select * from x")
    story.refused("hidden in a function", "25006", "db", "query", sql="select sneak()")
    story.refused("out of the transaction", "set", "db", "query",
                  sql="select set_config('transaction_read_only', 'off', false)")
    story.refused("setting", "agent’s", "db", "execute", sql="set transaction read write")
    story.refused("nonsense", "42601", "db", "query", sql="select from from")
    story.rows("after an error", "db", "query", [[1]], sql="select 1")


def check_limits(story):
    some = story.call("db", "query", sql="select g from generate_series(1, 1000000) g", limit=3)
    story.expect("rows", isinstance(some, dict) and some["rows"] == [[1], [2], [3]] and some["truncated"], some)
    story.refused("a row too large", "too large", "db", "query", sql="select repeat('x', 200000000)")
    bytes_ = story.call("db", "query", sql="select repeat('x', 1000000) from generate_series(1, 100)")
    story.expect("bytes", isinstance(bytes_, dict) and bytes_["truncated"] and bytes_["n_rows"] < 12,
                 str(bytes_)[:200])
    story.agent.ask("PUT", "/v1/bindings/db/policy",
                    {"version": 1, "default": "allow", "rules": [], "network": {"timeout_ms": 500}})
    story.refused("time", "too long", "db", "query", sql="select pg_sleep(30)")


def check_writing(story):
    made = story.call("db", "execute", sql="create table t (id int primary key, word text)")
    story.expect("create", isinstance(made, dict), made)
    made = story.call("db", "execute", sql="create function sneak() returns int language plpgsql as "
                                           "$$ begin delete from t; return 1; end $$")
    story.expect("function", isinstance(made, dict), made)
    changed = story.call("db", "change", sql="insert into t values ($1, $2), (2, 'b')", params=[1, "a"])
    story.expect("insert", isinstance(changed, dict) and changed.get("n_changed") == 2, changed)
    story.refused("ddl by change", "execute", "db", "change", sql="drop table t")


def check_shape(story):
    story.rows("tables", "db", "tables", [["public", "t", "BASE TABLE"]])
    story.rows("columns", "db", "schema", [["public", "t", "id", "integer", False, None],
                                           ["public", "t", "word", "text", True, None]], table="t")
    story.rows("still there", "db", "query", [[2]], sql="select count(*) from t")


def check_policy(story):
    story.agent.ask("PUT", "/v1/bindings/db/policy",
                    {"version": 1, "default": "allow", "rules": [{"tool": "execute", "effect": "deny"}]})
    answer = story.call("db", "execute", sql="drop table t")
    story.expect("denied by policy", isinstance(answer, str) and "denied" in answer, answer)


def check_sqlite(story, clients):
    path = os.path.join(story.agent.home, "notes.db")
    with sqlite3.connect(path) as file:
        file.execute("create table note (id integer primary key, text text not null)")
        file.execute("insert into note values (1, 'one')")
    added = add(story.agent, clients, "sqlite:" + path, "notes", None)
    story.expect("sqlite added", added.returncode == 0, added.stderr)
    story.rows("sqlite query", "notes", "query", [[1, "one"]], sql="select * from note where text = $1", params=["one"])
    story.rows("sqlite tables", "notes", "tables", [["main", "note", "table"]])
    story.rows("sqlite columns", "notes", "schema", [["main", "note", "id", "INTEGER", 1, None],
                                                     ["main", "note", "text", "TEXT", 0, None]])
    story.refused("sqlite write", "query", "notes", "query", sql="delete from note")
    story.refused("sqlite attach", "agent’s", "notes", "execute", sql="attach '/tmp/x' as y")
    story.refused("sqlite pragma", "denied", "notes", "query", sql="pragma journal_mode = off")
    story.refused("sqlite function", "denied", "notes", "query", sql="select load_extension('/x')")
    changed = story.call("notes", "change", sql="insert into note values (2, 'two')")
    story.expect("sqlite change", isinstance(changed, dict) and changed.get("n_changed") == 1, changed)
    story.agent.ask("PUT", "/v1/bindings/notes/policy",
                    {"version": 1, "default": "allow", "rules": [], "network": {"timeout_ms": 500}})
    story.refused("sqlite time", "too long", "notes", "query",
                  sql="with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n")


def query(story, clients, *words):
    return subprocess.run([os.path.join(clients, "bindify"), "query", *words], text=True, capture_output=True,
                          check=False, env=story.agent.environment(), stdin=subprocess.DEVNULL, timeout=60)


def check_lines(story, clients):
    """Rows as they come, in the hands of a program and of a person."""
    told = query(story, clients, "db", "select $1::int as n, $2::text as word", "--param", "7", "--param", "007",
                 "--json")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    story.expect("lines", told.returncode == 0 and len(lines) == 3 and lines[1] == {"row": [7, "007"]} and
                 [c["name"] for c in lines[0]["columns"]] == ["n", "word"] and lines[2]["n_rows"] == 1,
                 told.stdout + told.stderr)
    told = query(story, clients, "db", "select 'a' as x, null as y union all select 'b', 'c'")
    story.expect("table", [line.split() for line in told.stdout.splitlines()] == [["x", "y"], ["a", "-"], ["b", "c"]],
                 told.stdout + told.stderr)
    told = query(story, clients, "db", "select 1 / (10 - g) from generate_series(1, 20) g", "--json")
    story.expect("error in the midst", told.returncode == 1 and "division" in told.stderr and
                 '"row":[1]' in told.stdout.replace(" ", ""), told.stdout[-300:] + told.stderr)
    told = query(story, clients, "db", "select g from generate_series(1, 5) g", "--limit", "3")
    story.expect("limit", len(told.stdout.splitlines()) == 4 and "--limit" in told.stderr, told.stdout + told.stderr)
    told = query(story, clients, "db", "delete from t")
    story.expect("no writing", told.returncode == 3 and told.stdout == "", told.stdout + told.stderr)
    told = query(story, clients, "notes", "select text from note order by id", "--json")
    story.expect("lines of sqlite", [json.loads(line).get("row") for line in told.stdout.splitlines()][1:-1]
                 == [["one"], ["two"]], told.stdout + told.stderr)


def check_slow_reader(story):
    """While nobody reads, the agent keeps no more than a little, and the rest comes all the same."""
    connection = UnixConnection(story.agent.socket)
    connection.request("POST", "/v1/bindings/db/methods/query",
                       json.dumps({"sql": "select repeat('x', 1000) from generate_series(1, 8000)", "limit": 100000}),
                       {"Content-Type": "application/json", "Accept": "application/x-ndjson"})
    response = connection.getresponse()
    first = json.loads(response.readline())
    story.expect("columns first", "columns" in first, first)
    story.agent.ask("GET", "/v1/status")
    with open(f"/proc/{story.agent.process.pid}/status", encoding="ascii") as file:
        before = int([line for line in file if line.startswith("VmRSS")][0].split()[1])
    lines = response.read().decode().splitlines()
    story.expect("all of it", len(lines) == 8001 and json.loads(lines[-1])["n_rows"] == 8000, lines[-1][:200])
    story.expect("little of it in memory", before < 64 * 1024 or "SAN_OPTIONS" in str(os.environ), before)
    connection.close()


def folder(story, name):
    return os.path.join(os.path.dirname(story.agent.socket), "pg", name)


def psql(story, server, name, *words, **more):
    command = [os.path.join(server.bin, "psql"), "-XAtq", "-h", folder(story, name), *words]
    return subprocess.run(command, text=True, capture_output=True, check=False, timeout=60,
                          env={"PATH": os.environ["PATH"], "HOME": story.agent.home, **more})


def check_relay(story, server, clients):
    added = add(story.agent, clients, server.url(), "shop", PASSWORD, "--relay")
    story.expect("relay added", added.returncode == 0, added.stderr)
    story.expect("only where it is wished for", os.listdir(os.path.dirname(folder(story, "x"))) == ["shop"])
    path = os.path.join(folder(story, "shop"), ".s.PGSQL.5432")
    story.expect("modes", stat.S_IMODE(os.stat(path).st_mode) == 0o600 and
                 stat.S_IMODE(os.stat(folder(story, "shop")).st_mode) == 0o700)
    told = psql(story, server, "shop", "-c", "select current_user, current_database()", PGUSER="eve", PGDATABASE="none")
    story.expect("psql", told.stdout == "ann|postgres\n", told.stdout + told.stderr)
    told = psql(story, server, "shop", "-c", "select repeat('x', 1000) from generate_series(1, 20000)")
    story.expect("20 MB", len(told.stdout) == 20000 * 1001, told.stderr)
    told = psql(story, server, "shop", "-c", "select length($$" + "y" * 100000 + "$$)")
    story.expect("a long statement", told.stdout == "100000\n", told.stdout[:100] + told.stderr[:300])
    told = story.call("shop", "relay")
    story.expect("the tool says where", isinstance(told, dict) and told.get("host") == folder(story, "shop"), told)
    events = [event for event in story.agent.ask("GET", "/v1/events?binding=shop&limit=50")
              if event.get("tool") == "relay" and event.get("bytes_down", 0) > 20000000]
    story.expect("one event for a session", len(events) == 1 and events[0]["bytes_up"] > 50, events)


def check_strangers(story):
    path = os.path.join(folder(story, "shop"), ".s.PGSQL.5432")
    for what, said in (("http", b"GET / HTTP/1.1\r\n\r\n"), ("version 2", b"\0\0\0\x12\0\2\0\0user\0ann\0\0"),
                       ("encryption only", b"\0\0\0\x08\x04\xd2\x16\x2f" * 3),
                       ("a call-off of nobody", b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1\0\0\0\1")):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(30)
            stranger.connect(path)
            stranger.sendall(said)
            answer = b""
            while part := stranger.recv(4096):
                answer += part
        story.expect(what, answer[:1] in (b"E", b"N", b"") and PASSWORD.encode() not in answer, answer)


SLEEPERS = itertools.count()


def begin_sleep(story, server):
    """A session that does something for long, once the server says that it does. Those that have ended may still
    sleep there: each has its own statement."""
    statement = f"select pg_sleep(50), {next(SLEEPERS)}"
    process = subprocess.Popen([os.path.join(server.bin, "psql"), "-X", "-h", folder(story, "shop"), "-c",
                                statement], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               env={"PATH": os.environ["PATH"], "HOME": story.agent.home})
    end = time.monotonic() + 30
    while time.monotonic() < end:
        seen = story.call("db", "query", sql="select count(*) from pg_stat_activity where query = $1 and pid <> "
                                             "pg_backend_pid()", params=[statement])
        if isinstance(seen, dict) and seen["rows"] == [[1]]:
            break
        time.sleep(0.05)  # the server tells nobody
    return process


def ended(process):
    return process.communicate(timeout=30)[0]


def check_ends(story, server):
    sleeping = begin_sleep(story, server)
    sleeping.send_signal(signal.SIGINT)
    said = ended(sleeping)
    story.expect("called off", "user request" in said, said)
    sleeping = begin_sleep(story, server)
    story.agent.ask("POST", "/v1/lock", {})
    said = ended(sleeping)
    story.expect("a lock ends it", "closed" in said, said)
    told = psql(story, server, "shop", "-c", "select 1")
    story.expect("locked", told.returncode != 0 and "locked" in told.stderr, told.stdout + told.stderr)
    story.agent.ask("POST", "/v1/unlock", {})
    sleeping = begin_sleep(story, server)
    story.agent.ask("PUT", "/v1/bindings/shop/policy",
                    {"version": 1, "default": "allow", "rules": [{"tool": "relay", "effect": "deny"}]})
    said = ended(sleeping)
    story.expect("another policy ends it", "closed" in said, said)
    told = psql(story, server, "shop", "-c", "select 1")
    story.expect("denied by policy", told.returncode != 0 and "does not permit" in told.stderr, told.stdout + told.stderr)
    story.agent.ask("DELETE", "/v1/bindings/shop/policy")
    story.agent.ask("POST", "/v1/freeze", {})
    told = psql(story, server, "shop", "-c", "select 1")
    story.expect("frozen", told.returncode != 0 and "froz" in told.stderr, told.stdout + told.stderr)
    story.agent.ask("POST", "/v1/thaw", {})
    story.agent.ask("PATCH", "/v1/bindings/shop", {"paused": True})
    told = psql(story, server, "shop", "-c", "select 1")
    story.expect("paused", told.returncode != 0 and "paused" in told.stderr, told.stdout + told.stderr)
    story.agent.ask("PATCH", "/v1/bindings/shop", {"paused": False})


def check_certificate(story, server, clients):
    added = add(story.agent, clients, server.url().replace(server.cert, server.other), "wrong", PASSWORD, "--relay",
                "--no-check")
    story.expect("added unseen", added.returncode == 0, added.stderr)
    told = psql(story, server, "wrong", "-c", "select 1")
    story.expect("wrong certificate, relayed", told.returncode != 0 and "certificate" in told.stderr,
                 told.stdout + told.stderr)
    story.agent.ask("DELETE", "/v1/bindings/wrong")
    story.expect("no socket without the binding", not os.path.exists(folder(story, "wrong")))
    added = add(story.agent, clients, server.url(), "refused", "another-password", "--relay", "--no-check")
    told = psql(story, server, "refused", "-c", "select 1")
    story.expect("wrong password, relayed", told.returncode != 0 and "password" in told.stderr and
                 "another-password" not in told.stderr, added.stderr + told.stdout + told.stderr)


def check_secrecy(story):
    """Nowhere below the home, the vault among it, nor in what the agent has said."""
    for folder, _, files in os.walk(story.agent.home):
        for name in files:
            if not os.path.isfile(os.path.join(folder, name)):
                continue
            with open(os.path.join(folder, name), "rb") as file:
                story.expect(f"no password in {name}", PASSWORD.encode() not in file.read())


def main():
    if programs() is None or shutil.which("openssl") is None:
        print("There is no PostgreSQL server: apt install postgresql-15")
        return SKIPPED
    program, services, clients = sys.argv[1:]
    server = Server()
    with tempfile.TemporaryDirectory(prefix="bindify-") as home:
        agent = Agent(home, program, services)
        agent.start()
        story = Story(agent)
        try:
            check_adding(story, server, clients)
            check_writing(story)
            check_reading(story)
            check_shape(story)
            check_limits(story)
            check_policy(story)
            check_sqlite(story, clients)
            check_lines(story, clients)
            check_slow_reader(story)
            check_relay(story, server, clients)
            check_strangers(story)
            check_ends(story, server)
            check_certificate(story, server, clients)
            check_secrecy(story)
        except Refused as error:
            story.expect("the agent’s answer", False, error)
        finally:
            status = agent.end()
            server.end()
        if story.n_failed:
            print(agent.said()[-3000:])
    print(f"{story.n} checks, {story.n_failed} failed")
    return 1 if story.n_failed or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
