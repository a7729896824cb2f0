#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""services.py ROOT: every record of data/services is as data/service.schema.json says, and good enough to ship.

More is asked of what we ship than of what a person writes: each fact has a page on which somebody read it on a
day, words are as others are, and no two records claim one host or one kind of token.
The schema itself is held against tests/fixtures/service-rows.json, as the agent's own is by a unit test.
--self-test ROOT breaks a good record in each of these ways.
"""

import copy
import datetime
import json
import os
import re
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

SOURCED = ("mcp_url", "token_url", "instructions", "api_key", "oauth", "hosts", "env", "git", "quirks",
           "token_patterns", "capabilities", "methods")
SHIPPED = ("keywords", "icon", "capabilities")
FIRST_DAY = datetime.date(2026, 1, 1)
NAME_LENGTH_MAX = 60
KEY = "A-Za-z0-9_\\-"
CHARACTERS = {"hex": "0-9A-Fa-f", "alnum": "A-Za-z0-9", "key": KEY, "base64": KEY + "+/=",
              "dotted": KEY + ".+/=%"}
READING = ("GET", "HEAD", "POST")
CHANGES = re.compile(r"^(Add|Archive|Cancel|Change|Create|Delete|Edit|Merge|Remove|Send|Update|Write)\b")
READS = re.compile(r"^(Find|Get|List|Look|Read|Search|See|View)\b")


def read_json(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


def covered(record):
    facts = {fact for source in record.get("sources", []) for fact in source["facts"]}
    return facts | {fact.split(".")[0] for fact in facts}


def has_fact(record, fact):
    place = record
    for name in fact.split("."):
        if not isinstance(place, dict) or name not in place:
            return False
        place = place[name]
    return True


def check_covered(record):
    facts = covered(record)
    missing = [name for name in SOURCED if name in record and name not in facts]
    yield from (f"no source says its {name}" for name in missing)


def check_sources(record):
    yield from check_covered(record)
    for source in record.get("sources", []):
        if not source["url"].startswith("https://"):
            yield f"a source is not an https page: {source['url']}"
        yield from (f"a source is said to tell {fact}, which the record does not have" for fact in source["facts"]
                    if not has_fact(record, fact))
        yield from check_day(source["checked"])


def check_day(text):
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        yield f"{text} is no day"
        return
    if not FIRST_DAY <= day <= datetime.date.today() + datetime.timedelta(days=1):
        yield f"nobody can have read a source on {day}"


def check_text(text, what):
    if text != " ".join(text.split()):
        yield f"{what} has blanks that nobody sees: {text}"
    if re.search(r"[\"'`]", text):
        yield f"{what} has straight quotes: {text}"


def check_instructions(record):
    for step in record.get("instructions", []):
        yield from check_text(step, "a step")
        if not step.endswith((".", ".”", "!")) or not step[0].isupper():
            yield f"a step is not a sentence: {step}"


def check_access(capability):
    name, access = capability["name"], capability["access"]
    if access == "read" and CHANGES.search(name):
        yield f"“{name}” changes something and is called read"
    if access != "read" and READS.search(name):
        yield f"“{name}” only reads and is called {access}"
    for request in capability.get("http", []):
        if access == "read" and request.split()[0] not in READING:
            yield f"“{name}” is called read and sends {request}"


def check_capabilities(record):
    names = [capability["name"] for capability in record.get("capabilities", [])]
    ids = [capability["id"] for capability in record.get("capabilities", [])]
    for known in (names, ids):
        yield from (f"two capabilities are called {name}" for name in set(known) if known.count(name) > 1)
    for capability in record.get("capabilities", []):
        name = capability["name"]
        yield from check_text(name, "a capability")
        yield from check_access(capability)
        if not name[0].isupper() or name.endswith(".") or len(name) > NAME_LENGTH_MAX:
            yield f"a capability is a few words, the first with a capital: {name}"


def check_methods(record):
    names = [method["name"] for method in record.get("methods", [])]
    yield from (f"two methods are called {name}" for name in sorted(set(names)) if names.count(name) > 1)
    for method in record.get("methods", []):
        title, access, http = method["title"], method["access"], method["http"]
        yield from check_text(title, "a method")
        if access == "read" and CHANGES.search(title):
            yield f"“{title}” changes something and is called read"
        if access != "danger" and http["method"] == "DELETE":
            yield f"“{title}” deletes and is called {access}"
        if access != "read" and (READS.search(title) or http["method"] == "GET"):
            yield f"“{title}” only reads and is called {access}"
        if not title[0].isupper() or title.endswith(".") or len(title) > NAME_LENGTH_MAX:
            yield f"a method is a few words, the first with a capital: {title}"


def check_whole(record):
    yield from (f"it has no {name}" for name in SHIPPED if not record.get(name))
    if "mcp_url" not in record and "api_key" not in record:
        yield "it has neither an MCP server nor an API key"
    if "api_key" in record and not record.get("hosts"):
        yield "it has an API key and no host"
    if "api_key" in record and not record.get("instructions"):
        yield "it has an API key and does not say how to get one"


def check_record(validator, file, record):
    problems = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(record)]
    if problems:
        yield from problems
        return
    if file != record["id"] + ".json":
        yield f"the record of {record['id']} is in another’s file"
    for check in (check_whole, check_sources, check_instructions, check_capabilities,
                  check_methods):
        yield from check(record)


def name_covers(name, host):
    return host.endswith(name[1:]) if name.startswith("*.") else name == host


def is_one_claim(one, other):
    """The same host, unless both say which paths they mean and mean others."""
    if not name_covers(one["host"], other["host"]) and not name_covers(other["host"], one["host"]):
        return False
    return "path" not in one or "path" not in other or one["path"] == other["path"]


def as_expression(prefix):
    return "".join("[A-Za-z]" if c == "?" else re.escape(c) for c in prefix)


def holds(wide, narrow):
    """Each token of the narrow pattern is one of the wide pattern as well."""
    match = re.match(as_expression(wide["prefix"]), narrow["prefix"].replace("?", "a"))
    if match is None:
        return False
    rest = narrow["prefix"].replace("?", "a")[match.end():]
    return re.fullmatch(f"[{CHARACTERS[wide['characters']]}]*", rest) is not None


def check_pair(one, other):
    for a in one.get("hosts", []):
        for b in other.get("hosts", []):
            if is_one_claim(a, b):
                yield f"{other['id']} claims {b['host']} as well"
    for a in one.get("token_patterns", []):
        for b in other.get("token_patterns", []):
            if holds(a, b) or holds(b, a):
                yield f"its tokens {a['prefix']} are told from {b['prefix']} of {other['id']} by nobody"


def check_all(validator, records):
    problems = []
    for file, record in records:
        problems += [f"data/services/{file}: {problem}" for problem in check_record(validator, file, record)]
    if problems:
        return problems
    for index, (file, record) in enumerate(records):
        for _, other in records[index + 1:]:
            problems += [f"data/services/{file}: {problem}" for problem in check_pair(record, other)]
    return problems


def check_rows(root, validator):
    """What the agent refuses is refused, as far as a schema can say it."""
    for row in read_json(root, "tests", "fixtures", "service-rows.json")["rows"]:
        is_good = validator.is_valid({"id": "x", "name": "X", **row["members"]})
        if is_good != (row["good"] or row.get("schema_cannot_say", False)):
            yield f"data/service.schema.json: “{row['name']}” is {'taken' if is_good else 'refused'}"


def check_installed(root, records):
    with open(os.path.join(root, "data", "meson.build"), encoding="utf-8") as file:
        listed = re.findall(r"'services/([^']+)'", file.read())
    names = [file for file, _ in records]
    if listed != names:
        yield f"data/meson.build: these records are listed or there, not both: {sorted(set(listed) ^ set(names))}"


def make_validator(root):
    schema = read_json(root, "data", "service.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check(root):
    validator = make_validator(root)
    folder = os.path.join(root, "data", "services")
    records = [(file, read_json(folder, file)) for file in sorted(os.listdir(folder)) if file.endswith(".json")]
    return [*check_rows(root, validator), *check_installed(root, records), *check_all(validator, records)]


GOOD = {
    "id": "good", "name": "Good", "keywords": ["tests"], "icon": "mail-send-symbolic",
    "mcp_url": "https://mcp.good.example/", "instructions": ["Make a token."],
    "api_key": {"injection": {"kind": "basic"}},
    "hosts": [{"host": "api.good.example"}],
    "token_patterns": [{"prefix": "good_", "characters": "key", "min": 8}],
    "capabilities": [{"id": "read", "name": "Read things", "access": "read", "http": ["GET /things"]}],
    "methods": [{"name": "things.list", "title": "List things", "access": "read",
                 "http": {"method": "GET", "path": "/things"}}],
    "sources": [{"url": "https://good.example/", "checked": "2026-01-31",
                 "facts": ["mcp_url", "instructions", "api_key.injection", "hosts", "token_patterns", "capabilities",
                           "methods"]}],
}


def broken(change):
    record = copy.deepcopy(GOOD)
    change(record)
    return record


def set_in(*path_and_value):
    *path, name, value = path_and_value

    def change(record):
        place = record
        for step in path:
            place = place[step]
        place[name] = value
    return change


BREAKS = {
    "the schema": set_in("colour", 1),
    "the file": set_in("id", "other"),
    "no words": lambda record: record.pop("keywords"),
    "no way in": lambda record: (record.pop("mcp_url"), record.pop("api_key")),
    "no host": lambda record: record.pop("hosts"),
    "no steps": lambda record: record.pop("instructions"),
    "no source": set_in("sources", 0, "facts", ["mcp_url"]),
    "a fact of nothing": lambda record: record["sources"][0]["facts"].append("oauth"),
    "a source in cleartext": set_in("sources", 0, "url", "http://127.0.0.1/"),
    "no day": set_in("sources", 0, "checked", "2026-02-30"),
    "tomorrow’s news": set_in("sources", 0, "checked", "2199-01-01"),
    "old news": set_in("sources", 0, "checked", "2019-01-01"),
    "half a sentence": set_in("instructions", ["Make a token"]),
    "a straight quote": set_in("instructions", ["Make a \"token\"."]),
    "a capability’s case": set_in("capabilities", 0, "name", "read things"),
    "a capability’s length": set_in("capabilities", 0, "name", "Read " + "things " * 9 + "all"),
    "a deed that is no reading": set_in("capabilities", 0, "name", "Delete things"),
    "reading that is no deed": set_in("capabilities", 0, "access", "danger"),
    "a request that is no reading": set_in("capabilities", 0, "http", ["DELETE /things"]),
    "a method’s case": set_in("methods", 0, "title", "list things"),
    "a method that is no reading": set_in("methods", 0, "title", "Delete things"),
    "a method that only reads": set_in("methods", 0, "access", "write"),
    "a method that deletes": set_in("methods", 0, "http", "method", "DELETE"),
    "a method twice": lambda record: record["methods"].append(dict(GOOD["methods"][0])),
    "a capability twice": lambda record: record["capabilities"].append(dict(GOOD["capabilities"][0], id="again")),
}
OTHER = {**GOOD, "id": "other", "hosts": [{"host": "other.example"}],
         "token_patterns": [{"prefix": "oth_", "characters": "key", "min": 8}]}
PAIRS = {
    "one host": set_in("hosts", [{"host": "api.good.example"}]),
    "a star": set_in("hosts", [{"host": "*.good.example"}]),
    "one path": set_in("hosts", [{"host": "api.good.example", "path": "/v1"}]),
    "a wider token": set_in("token_patterns", [{"prefix": "go", "characters": "key", "min": 8}]),
    "a narrower token": set_in("token_patterns", [{"prefix": "good_a-", "characters": "hex", "min": 8}]),
    "a letter": set_in("token_patterns", [{"prefix": "g??d_", "characters": "hex", "min": 8}]),
}
APART = {
    "another path": (set_in("hosts", 0, "path", "/v1"),
                     set_in("hosts", [{"host": "api.good.example", "path": "/v2"}])),
    "characters that it has not": (lambda record: None, set_in(
        "token_patterns", [{"prefix": "go", "characters": "alnum", "min": 8}])),
}


def pair(change_one, change_other):
    one, other = copy.deepcopy(GOOD), copy.deepcopy(OTHER)
    change_one(one)
    change_other(other)
    return [("good.json", one), ("other.json", other)]


def self_test(root):
    validator = make_validator(root)
    cases = [("the good one", [("good.json", GOOD)], False), ("two", pair(lambda _: None, lambda _: None), False)]
    cases += [(name, [("good.json", broken(change))], True) for name, change in BREAKS.items()]
    cases += [(name, pair(lambda _: None, change), True) for name, change in PAIRS.items()]
    cases += [(name, pair(*changes), False) for name, changes in APART.items()]
    return [f"{name}: {found or 'nothing was found'}" for name, records, is_bad in cases
            if bool(found := check_all(validator, records)) != is_bad]


def main():
    problems = self_test(sys.argv[2]) if sys.argv[1] == "--self-test" else check(sys.argv[1])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
