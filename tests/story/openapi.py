#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Holds the running agent against protocol/openapi.yaml: every path and method of the contract is
called, and status, members and types of each answer must be what the contract says. A member that
the contract does not know is a failure too: whoever adds one documents it.

usage: openapi.py CONTRACT AGENT SERVICES_DIR"""

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

try:
    import yaml
except ImportError:
    print("python3-yaml is not installed")
    sys.exit(77)

KINDS = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}

# What is sent, in an order that makes each call meaningful: method, path, template, body.
NEW = {"name": "svc", "url": "http://127.0.0.1:1/mcp", "allow_local": True, "check": False,
       "credential": {"type": "api_key", "api_key": "sk-contract"}}
SIGN_IN = {"name": "signed", "url": "http://127.0.0.1:1/mcp", "allow_local": True}
LOCAL = {"name": "local", "check": False,
         "command": {"argv": ["cat"], "deliver": "env", "variable": "TOKEN", "sandbox": False},
         "credential": {"type": "custom", "value": "sk-contract"}}
FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures")
SERVER = {"name": "server", "check": False, "command": {
    "argv": ["/usr/bin/python3", os.path.join(FIXTURES, "stdio-server.py")], "sandbox": False}}
POLICY = {"version": 1, "default": "deny", "rules": [
    {"tool": "delete_*", "effect": "deny"}, {"tool": ["get_*", "list_*"], "effect": "allow"},
    {"prompt": "*", "effect": "allow"}, {"resource": "file:///*", "effect": "allow"},
    {"method": "tasks/*", "effect": "allow"}]}
TRIAL = {"message": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_x"}}}
SALT = base64.b64encode(bytes(16)).decode()
KEY = base64.b64encode(bytes(32)).decode()
SCRYPT = {"algorithm": "scrypt", "salt": SALT, "log2_n": 14, "r": 8, "p": 1}
HKDF = {"algorithm": "hkdf-sha256", "salt": SALT}
# In a body: what an earlier call of this template answered, in base64.
FILE = {"$file": "/vault/export"}
CALLS = [
    ("GET", "/status", "/status", None),
    ("GET", "/services", "/services", None),
    ("GET", "/services?brief=true", "/services", None),
    ("GET", "/services/github", "/services/{service}", None),
    ("GET", "/services/nothing", "/services/{service}", None),
    ("POST", "/bindings", "/bindings", NEW),
    ("POST", "/bindings", "/bindings", {**NEW, "limits": {"response_timeout_ms": 1000}}),
    ("POST", "/bindings", "/bindings", {"name": "x"}),
    ("POST", "/bindings", "/bindings", LOCAL),
    ("GET", "/bindings", "/bindings", None),
    ("GET", "/bindings/local/stderr", "/bindings/{name}/stderr", None),
    ("GET", "/bindings/svc/stderr", "/bindings/{name}/stderr", None),
    ("GET", "/bindings/svc", "/bindings/{name}", None),
    ("GET", "/bindings/nothing", "/bindings/{name}", None),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"account": "work", "limits": {"request_bytes_max": 1000}}),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"name": "Not A Name"}),
    ("PATCH", "/bindings/svc", "/bindings/{name}",
     {"confirms": True, "lifetime_s": 3600, "constraints": {"tools": ["a*"], "clients": ["local"], "uses": 9}}),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"constraints": {"audience": "x"}}),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"confirms": False, "lifetime_s": 0, "constraints": None}),
    ("GET", "/bindings/svc/policy", "/bindings/{name}/policy", None),
    ("PUT", "/bindings/svc/policy", "/bindings/{name}/policy", POLICY),
    ("PUT", "/bindings/svc/policy", "/bindings/{name}/policy", {"version": 2}),
    ("GET", "/bindings/svc/policy", "/bindings/{name}/policy", None),
    ("PUT", "/bindings/nothing/policy", "/bindings/{name}/policy", POLICY),
    ("POST", "/bindings/svc/policy/test", "/bindings/{name}/policy/test", TRIAL),
    ("POST", "/bindings/svc/policy/test", "/bindings/{name}/policy/test",
     {"http": {"method": "GET", "path": "/a"}, "policy": {"version": 1, "default": "deny"}}),
    ("POST", "/bindings/svc/policy/test", "/bindings/{name}/policy/test", {"url": "https://example.com/"}),
    ("POST", "/bindings/svc/policy/test", "/bindings/{name}/policy/test", {}),
    ("POST", "/bindings/nothing/policy/test", "/bindings/{name}/policy/test", TRIAL),
    ("DELETE", "/bindings/svc/policy", "/bindings/{name}/policy", None),
    ("POST", "/bindings", "/bindings", {**NEW, "name": "bound", "policy": POLICY}),
    ("POST", "/bindings", "/bindings", {**NEW, "name": "wrong", "policy": {"version": 1}}),
    ("POST", "/bindings", "/bindings",
     {**NEW, "name": "profiled", "profile": "read-only", "rules": [{"tool": "x", "effect": "ask"}]}),
    ("POST", "/bindings", "/bindings", {**NEW, "name": "wrong", "profile": "closed"}),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"paused": True}),
    ("PATCH", "/bindings/svc", "/bindings/{name}", {"paused": False}),
    ("POST", "/bindings/svc/reveal", "/bindings/{name}/reveal", {"for": "git"}),
    ("POST", "/bindings/svc/reveal", "/bindings/{name}/reveal", {"for": "nobody"}),
    ("POST", "/bindings/none/reveal", "/bindings/{name}/reveal", {"for": "git"}),
    ("POST", "/bindings/svc/login", "/bindings/{name}/login", {"credential": NEW["credential"], "check": False}),
    ("POST", "/bindings/svc/login", "/bindings/{name}/login", {"check": False}),
    ("POST", "/bindings/svc/login", "/bindings/{name}/login", {"oauth": {"flow": "browser"}}),
    ("POST", "/bindings", "/bindings", {**SIGN_IN, "oauth": {"flow": "browser"}}),
    ("POST", "/bindings", "/bindings", {**SIGN_IN, "oauth": {"flow": "dance"}}),
    ("POST", "/bindings/svc/logout", "/bindings/{name}/logout", None),
    ("POST", "/bindings/nothing/logout", "/bindings/{name}/logout", None),
    ("GET", "/bindings/svc", "/bindings/{name}", None),
    ("POST", "/bindings/svc/login", "/bindings/{name}/login", {"credential": NEW["credential"], "check": False}),
    ("POST", "/bindings", "/bindings", SERVER),
    ("POST", "/bindings/server/test", "/bindings/{name}/test", None),
    ("POST", "/bindings/svc/test", "/bindings/{name}/test", None),
    ("POST", "/bindings/nothing/test", "/bindings/{name}/test", None),
    ("POST", "/probe", "/probe", {"url": "http://127.0.0.1:1/mcp", "allow_local": True}),
    ("POST", "/clients", "/clients", {"label": "one"}),
    ("POST", "/clients", "/clients", {"label": "two", "bindings": ["svc"]}),
    ("POST", "/clients", "/clients", {"label": ""}),
    ("GET", "/clients", "/clients", None),
    ("POST", "/bindings", "/bindings", {**NEW, "name": "sealed", "mode": "sealed", "client": "three"}),
    ("POST", "/bindings", "/bindings", {**NEW, "name": "other", "client": "three"}),
    ("GET", "/bindings/sealed", "/bindings/{name}", None),
    ("GET", "/bindings", "/bindings", None),
    ("POST", "/bindings/sealed/login", "/bindings/{name}/login",
     {"credential": NEW["credential"], "check": False, "client": "four"}),
    ("POST", "/bindings/sealed/login", "/bindings/{name}/login",
     {"credential": NEW["credential"], "client_key": "bnd_local_short"}),
    ("POST", "/clients", "/clients", {"label": "five", "bindings": ["sealed"], "unseal_with": "x"}),
    ("POST", "/clients", "/clients", {"label": "five", "bindings": ["sealed"]}),
    ("DELETE", "/clients/four", "/clients/{client}", None),
    ("DELETE", "/clients/four?force=true", "/clients/{client}", None),
    ("GET", "/prompts", "/prompts", None),
    ("GET", "/prompts/nothing", "/prompts/{prompt}", None),
    ("DELETE", "/prompts/quiet", "/prompts/quiet", None),
    ("POST", "/prompts/nothing/answer", "/prompts/{prompt}/answer", {"answer": "allow", "scope": "once"}),
    ("POST", "/prompters", "/prompters", {"kind": "window"}),
    ("GET", "/grants", "/grants", None),
    ("DELETE", "/grants", "/grants", None),
    ("DELETE", "/grants?binding=svc&client=one", "/grants", None),
    ("DELETE", "/grants?client=%2Fusr%2Fbin%2Ftrue", "/grants", None),
    ("DELETE", "/grants?binding=nothing", "/grants", None),
    ("DELETE", "/grants?client=nobody", "/grants", None),
    ("DELETE", "/grants/nothing", "/grants/{grant}", None),
    ("GET", "/events", "/events", None),
    ("GET", "/events?limit=x", "/events", None),
    ("PUT", "/clients/one/decoy", "/clients/{client}/decoy", {"service": "github"}),
    ("PUT", "/clients/one/decoy", "/clients/{client}/decoy", {"service": None}),
    ("PUT", "/clients/one/decoy", "/clients/{client}/decoy", {"service": "nothing"}),
    ("PUT", "/clients/nobody/decoy", "/clients/{client}/decoy", {}),
    ("POST", "/clients/one/report", "/clients/{client}/report", {"refused": {"key": 1}, "status": 0}),
    ("POST", "/clients/one/report", "/clients/{client}/report", {"refused": {"nothing": 1}}),
    ("GET", "/clients", "/clients", None),
    ("DELETE", "/clients/one/decoy", "/clients/{client}/decoy", None),
    ("DELETE", "/clients/nobody/decoy", "/clients/{client}/decoy", None),
    ("GET", "/events?outcome=blocked", "/events", None),
    ("GET", "/events?before=3&limit=2", "/events", None),
    ("GET", "/events?before=x", "/events", None),
    ("GET", "/events?outcome=fine", "/events", None),
    ("GET", "/usage", "/usage", None),
    ("GET", "/usage?by=day&since_ms=1&binding=svc", "/usage", None),
    ("GET", "/usage?by=year", "/usage", None),
    ("GET", "/usage?since_ms=x", "/usage", None),
    ("GET", "/usage?binding=nothing", "/usage", None),
    ("POST", "/events/verify", "/events/verify", None),
    ("POST", "/events/verify", "/events/verify",
     {"heads": [{"chain": "nothing", "sequence": 1, "hash": "0" * 64}]}),
    ("POST", "/events/verify", "/events/verify", {"heads": [{"chain": "nothing"}]}),
    ("DELETE", "/clients/one", "/clients/{client}", None),
    ("DELETE", "/clients/nothing", "/clients/{client}", None),
    ("GET", "/keyrings", "/keyrings", None),
    ("POST", "/bindings", "/bindings",
     {"name": "hub", "service": "github", "type": "sdk", "check": False, "credential": NEW["credential"]}),
    ("GET", "/bindings/hub/methods", "/bindings/{name}/methods", None),
    ("GET", "/bindings/svc/methods", "/bindings/{name}/methods", None),
    ("POST", "/bindings/hub/methods/issues.get", "/bindings/{name}/methods/{method}", {"owner": ".."}),
    ("POST", "/bindings/hub/methods/nothing", "/bindings/{name}/methods/{method}", {}),
    ("POST", "/bindings/svc/methods/nothing", "/bindings/{name}/methods/{method}", {}),
    ("POST", "/bindings/svc/move", "/bindings/{name}/move", {"keyring": "memory"}),
    ("POST", "/bindings/svc/move", "/bindings/{name}/move", {"keyring": "auto"}),
    ("POST", "/bindings/nothing/move", "/bindings/{name}/move", {"keyring": "memory"}),
    ("GET", "/doctor", "/doctor", None),
    ("POST", "/doctor/fix", "/doctor/fix", None),
    ("GET", "/settings", "/settings", None),
    ("PATCH", "/settings", "/settings", {"log.days": "30", "lock.on": "screen"}),
    ("PATCH", "/settings", "/settings", {"log.days": None}),
    ("PATCH", "/settings", "/settings", {"log.days": "many"}),
    ("PATCH", "/settings", "/settings", {"nothing": "1"}),
    ("PATCH", "/settings", "/settings", {}),
    ("PUT", "/lock/approval", "/lock/approval", {"kdf": SCRYPT, "key": KEY}),
    ("PUT", "/lock/approval", "/lock/approval", {}),
    ("PUT", "/lock/approval", "/lock/approval", {"old_key": KEY}),
    ("POST", "/panic", "/panic", {"bindings": ["nothere"]}),
    ("POST", "/panic", "/panic", {}),
    ("POST", "/freeze", "/freeze", None),
    ("POST", "/thaw", "/thaw", None),
    ("POST", "/lock", "/lock", {"kdf": SCRYPT, "key": KEY}),
    ("GET", "/lock", "/lock", None),
    ("GET", "/bindings", "/bindings", None),
    ("POST", "/unlock", "/unlock", None),
    ("POST", "/unlock", "/unlock", {"key": KEY}),
    ("POST", "/lock", "/lock", None),
    ("POST", "/lock", "/lock", None),
    ("DELETE", "/bindings/svc", "/bindings/{name}", None),
    ("GET", "/status", "/status", None),
    ("POST", "/unlock", "/unlock", None),
    ("DELETE", "/bindings/svc", "/bindings/{name}", None),
    ("DELETE", "/bindings/svc", "/bindings/{name}", None),
    ("GET", "/vault", "/vault", None),
    ("POST", "/vault", "/vault", {"slot": {"kind": "key_file"}}),
    ("POST", "/vault/slots", "/vault/slots", {"slot": {"kind": "passphrase", "kdf": SCRYPT, "key": KEY}}),
    ("POST", "/vault/slots", "/vault/slots", {"slot": {"kind": "recovery", "kdf": HKDF, "key": KEY}}),
    ("POST", "/vault/slots", "/vault/slots", {"slot": {"kind": "passphrase", "kdf": HKDF, "key": KEY}}),
    ("PUT", "/vault/slots/2", "/vault/slots/{number}", {"slot": {"kdf": SCRYPT, "key": KEY}}),
    ("PUT", "/vault/slots/9", "/vault/slots/{number}", {"slot": {"kdf": SCRYPT, "key": KEY}}),
    ("POST", "/vault/unlock", "/vault/unlock", {"slot": 2, "key": KEY}),
    ("POST", "/vault/unlock", "/vault/unlock", {"slot": 2, "key": "AAAA"}),
    ("POST", "/vault/rotate", "/vault/rotate", None),
    ("POST", "/vault/rotate", "/vault/rotate", {"expected": ["0123456789abcdef"]}),
    ("DELETE", "/vault/keys/0123456789abcdef", "/vault/keys/{fingerprint}", None),
    ("GET", "/vault", "/vault", None),
    ("GET", "/vault/backup", "/vault/backup", None),
    ("POST", "/vault/export", "/vault/export", {"kdf": HKDF, "key": KEY}),
    ("POST", "/vault/export", "/vault/export", {"kdf": SCRYPT, "key": KEY}),
    ("POST", "/vault/inspect", "/vault/inspect", {"file": FILE}),
    ("POST", "/vault/inspect", "/vault/inspect", {"file": "QUJD"}),
    ("POST", "/vault/restore", "/vault/restore", {"file": FILE}),
    ("POST", "/vault/restore?slot=1", "/vault/restore", {"file": FILE, "key": KEY}),
    ("POST", "/vault/check", "/vault/check", None),
    ("DELETE", "/vault/slots/1", "/vault/slots/{number}", None),
    ("POST", "/vault/slots", "/vault/slots", {"slot": {"kind": "key_file"}}),
    ("DELETE", "/vault/slots/1", "/vault/slots/{number}", None),
    ("GET", "/vault", "/vault", None),
]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = yaml.safe_load(file)

    def resolve(self, node):
        while "$ref" in node:
            target = self.root
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def methods(self):
        for template, item in self.root["paths"].items():
            for method in item:
                if method != "parameters":
                    yield method.upper(), template

    def response(self, template, method, status):
        responses = self.root["paths"][template][method.lower()]["responses"]
        found = responses.get(str(status), responses.get("default") if status >= 400 else None)
        return self.resolve(found) if found is not None else None

    def complaints(self, schema, value, where):
        schema = self.resolve(schema)
        if value is None:
            return [] if schema.get("nullable") else [f"{where}: null is not allowed"]
        if "oneOf" in schema:
            found = [self.complaints(option, value, where) for option in schema["oneOf"]]
            return min(found, key=len)
        if "type" not in schema:
            return []
        kind = KINDS[schema["type"]]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            return [f"{where}: {value!r} is not {schema['type']}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{where}: {value!r} is not one of {schema['enum']}"]
        if kind is list:
            return [text for i, item in enumerate(value)
                    for text in self.complaints(schema["items"], item, f"{where}[{i}]")]
        if kind is not dict or "properties" not in schema:
            return []
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in schema["properties"]:
                found += self.complaints(schema["properties"][name], item, f"{where}.{name}")
            else:
                found.append(f"{where}: {name} is not in the contract")
        return found


def check_answer(contract, call, status, content_type, body):
    method, path, template, _ = call
    where = f"{method} {path} → {status}"
    response = contract.response(template, method, status)
    if response is None:
        return [f"{where}: the contract does not know this status"]
    if "content" not in response:
        return [f"{where}: a body where none was announced"] if body else []
    if content_type not in response["content"]:
        return [f"{where}: {content_type} is not in the contract"]
    schema = response["content"][content_type]["schema"]
    if schema.get("format") == "binary":
        return [] if body else [f"{where}: an empty file"]
    texts = body.splitlines() if content_type == "application/x-ndjson" else [body]
    return [text for line in texts for text in contract.complaints(schema, json.loads(line), where)]


def run_calls(contract, socket_path):
    found = []
    files = {}
    called = set()
    for call in CALLS:
        method, path, template, body = call
        connection = UnixConnection(socket_path)
        if body is not None and body.get("file") == FILE:
            body = {**body, "file": base64.b64encode(files[FILE["$file"]]).decode()}
        connection.request(method, "/v1" + path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        content_type = response.getheader("Content-Type")
        answer = response.read()
        if content_type == "application/octet-stream":
            files[template] = answer
        text = answer if content_type == "application/octet-stream" else answer.decode("utf-8")
        found += check_answer(contract, call, response.status, content_type, text)
        called.add((method, template))
        connection.close()
    for method, template in contract.methods():
        if (method, template) not in called:
            found.append(f"{method} {template}: stands in the contract and is not called here")
    return found


# Sign-ins with a server that answers: path, template, body.
SIGN_INS = [
    ("/bindings", "/bindings", {"oauth": {"flow": "browser", "scope": "a"}, "mode": "sealed"}),
    ("/bindings/signed/login", "/bindings/{name}/login", {"oauth": {"flow": "device"}, "client": "six"}),
]


def follow_sign_in(contract, where, response):
    """Each line as it comes; what a person would be shown is opened."""
    schema = contract.root["components"]["schemas"]["SignInStep"]
    found, last = [], {}
    for line in response:
        last = json.loads(line)
        found += contract.complaints(schema, last, where)
        page = last.get("url") or last.get("verification_uri_complete")
        if page is not None and last["step"] != "done":
            with urllib.request.urlopen(page) as answer:
                answer.read()
    return found if last.get("step") == "done" else found + [f"{where}: ended with {last}"]


def run_sign_ins(contract, socket_path):
    fixture = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "sign-in-server.py")
    found = []
    with subprocess.Popen([sys.executable, fixture], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().strip().partition("port=")[2]
            for path, template, body in SIGN_INS:
                if template == "/bindings":
                    body = {**SIGN_IN, "url": f"http://127.0.0.1:{port}/mcp", **body}
                connection = UnixConnection(socket_path)
                connection.request("POST", "/v1" + path, json.dumps(body))
                found += follow_sign_in(contract, f"POST {path}", connection.getresponse())
                connection.close()
        finally:
            server.terminate()
    return found


def main():
    contract = Contract(sys.argv[1])
    with tempfile.TemporaryDirectory() as home:
        read_end, write_end = os.pipe()
        os.mkdir(os.path.join(home, "run"), 0o700)
        agent = subprocess.Popen(
            [sys.argv[2], "--port", "0", "--keyring", "vault", "--services-dir", sys.argv[3],
             "--ready-fd", str(write_end)],
            env={"HOME": home, "XDG_RUNTIME_DIR": os.path.join(home, "run"), "PATH": os.environ["PATH"]},
            pass_fds=[write_end])
        os.close(write_end)
        try:
            with os.fdopen(read_end, encoding="utf-8") as ready:
                socket_path = re.search(r"socket=(.*)", ready.readline()).group(1)
            found = run_calls(contract, socket_path) + run_sign_ins(contract, socket_path)
        finally:
            agent.send_signal(signal.SIGTERM)
            agent.wait()
    for line in found:
        print(line)
    print(f"{len(CALLS)} calls, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
