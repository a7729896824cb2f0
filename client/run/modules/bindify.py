# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""Bindings for scripts, inside of `bindify run`.

    from bindify import bindings

    issue = bindings.github.issues.create(owner="me", repo="it", title="Broken")
    user = bindings.github.get("/user")

A name behind a binding is a method of it, called by keyword arguments; what it gives back is what
the service said, as Python values. get, post, put, patch, delete, head and request with a path go
to its REST interface and give back a Response. Whatever goes wrong is a BindifyError, which says
what to type where something can be done about it. No secret is in this process: there is none in
BINDIFY_KEY, which opens these bindings for this run only.
"""

import http.client
import itertools
import json
import os
import urllib.parse

__all__ = ["BindifyError", "Response", "bindings"]

VERSION = "2026-07-28"
TIMEOUT_S = 300
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


class BindifyError(Exception):
    """code: a word or number for programs; hint: what to do, or None; data: what came along."""

    def __init__(self, message, code=None, hint=None, data=None):
        super().__init__(message if hint is None else f"{message} (try: {hint})")
        self.message, self.code, self.hint, self.data = message, code, hint, data


class Response:
    """An answer of a REST interface: status, headers (names in lower case), body as bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def ok(self):
        return 200 <= self.status < 300

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<Response {self.status}>"


def _door():
    url, key = os.environ.get("BINDIFY_URL"), os.environ.get("BINDIFY_KEY")
    if not url or not key:
        raise BindifyError("there are no bindings here", "no_bindings",
                           "bindify run --binding NAME -- COMMAND")
    return urllib.parse.urlsplit(url).netloc, key


def _send(verb, path, body=None, headers=None):
    host, key = _door()
    connection = http.client.HTTPConnection(host, timeout=TIMEOUT_S)
    try:
        connection.request(verb, path, body, {"Authorization": "Bearer " + key, **(headers or {})})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise BindifyError(f"bindify does not answer: {error}", "no_agent", "bindify status") from error
    finally:
        connection.close()


def _messages(response):
    """The JSON-RPC messages of an answer, which may be a stream of events."""
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        yield response.json()
        return
    for event in response.text.replace("\r\n", "\n").split("\n\n"):
        data = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
        if any(data):
            yield json.loads("\n".join(data))


def _failure(error, status=None):
    data = error.get("data")
    details = data if isinstance(data, dict) else {}
    code = error.get("error") or details.get("reason") or error.get("code") or status
    return BindifyError(error.get("message", "the request failed"), code,
                        error.get("hint") or details.get("hint"), data)


def _check(response):
    """An error that is bindify's own, and not the service's."""
    try:
        said = response.json()
    except ValueError:
        return
    if isinstance(said, dict) and "jsonrpc" in said and isinstance(said.get("error"), dict):
        raise _failure(said["error"], response.status)
    if isinstance(said, dict) and isinstance(said.get("error"), str) and "message" in said:
        raise _failure(said, response.status)


class Binding:
    _numbers = itertools.count(1)

    def __init__(self, name):
        self._name, self._known = name, None

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Method(self, (name,))

    def __getitem__(self, name):
        """A method whose name is none for Python."""
        return Method(self, (name,), is_exact=True)

    def __repr__(self):
        return f"<binding {self._name}>"

    def request(self, verb, path, body=None, headers=None, params=None):
        """A request to the REST interface. A body that is no text or bytes goes as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if params:
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(params, doseq=True)
        if isinstance(body, str):
            body = body.encode()
        response = _send(verb.upper(), "/http/" + self._name + path, body, headers)
        if response.status >= 400:
            _check(response)
        return response

    def methods(self):
        """What can be called: name, description, inputSchema."""
        if self._known is None:
            found, cursor = [], None
            while True:
                page = self._call("tools/list", {"cursor": cursor} if cursor else {})
                found += page.get("tools", [])
                cursor = page.get("nextCursor")
                if not cursor:
                    break
            self._known = found
        return self._known

    def _find(self, parts):
        """Services write issues.create as one word in their own ways."""
        names = [tool["name"] for tool in self.methods()]
        for mark in (".", "_", "-", "/"):
            if mark.join(parts) in names:
                return mark.join(parts)
        raise BindifyError(f"{self._name} has no method “{'.'.join(parts)}”", "not_found",
                           f"bindify tools {self._name}")

    def _call(self, method, params, name=None):
        number = next(self._numbers)
        meta = {"io.modelcontextprotocol/protocolVersion": VERSION,
                "io.modelcontextprotocol/clientCapabilities": {}}
        message = {"jsonrpc": "2.0", "id": number, "method": method,
                   "params": {**params, "_meta": meta}}
        headers = {"Content-Type": "application/json", "MCP-Protocol-Version": VERSION,
                   "Accept": "application/json, text/event-stream", "Mcp-Method": method}
        if name is not None:
            headers["Mcp-Name"] = name
        response = _send("POST", "/mcp/" + self._name, json.dumps(message).encode(), headers)
        try:
            answers = [m for m in _messages(response) if m.get("result") or m.get("error")]
        except (ValueError, AttributeError):
            answers = []
        if not answers:
            raise BindifyError(f"{self._name} has not answered (HTTP {response.status})",
                               response.status)
        if answers[-1].get("error"):
            raise _failure(answers[-1]["error"], response.status)
        return answers[-1]["result"]


class Method:
    def __init__(self, binding, parts, is_exact=False):
        self._binding, self._parts, self._is_exact = binding, parts, is_exact

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Method(self._binding, self._parts + (name,))

    def __repr__(self):
        return f"<method {'.'.join(self._parts)} of {self._binding._name}>"

    def __call__(self, *path, **arguments):
        verb = self._parts[0]
        if path and len(self._parts) == 1 and verb in VERBS:
            return self._binding.request(verb, *path, **arguments)
        if path:
            raise TypeError("methods take keyword arguments")
        name = verb if self._is_exact else self._binding._find(self._parts)
        result = self._binding._call("tools/call", {"name": name, "arguments": arguments}, name)
        return _value(result)


def _value(result):
    content = result.get("content") or []
    texts = [part["text"] for part in content if part.get("type") == "text"]
    if result.get("isError"):
        said = result.get("structuredContent") or {}
        raise BindifyError("\n".join(texts) or "the method failed", said.get("error") or "tool_error",
                           said.get("hint"), result)
    if "structuredContent" in result:
        return result["structuredContent"]
    if len(texts) != 1 or len(content) != 1:
        return content
    try:
        return json.loads(texts[0])
    except ValueError:
        return texts[0]


class Bindings:
    """bindings.NAME, or bindings["my-name"]."""

    def __init__(self):
        self._made = {}

    def __getitem__(self, name):
        if name not in self:
            hint = "bindify run --binding " + name + " -- COMMAND"
            raise BindifyError(f"this run has no binding “{name}”", "not_found", hint)
        return self._made.setdefault(name, Binding(name))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        spelled = name.replace("_", "-")
        return self[name if name in self or spelled not in self else spelled]

    def __contains__(self, name):
        return name in self.__iter_names()

    def __iter__(self):
        return iter(self.__iter_names())

    @staticmethod
    def __iter_names():
        return os.environ.get("BINDIFY_BINDINGS", "").split()


bindings = Bindings()
