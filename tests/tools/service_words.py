#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""service_words.py ROOT [--write]: what a person reads of the services, as a source that xgettext understands.

data/service-words.c is compiled nowhere. With --write it is made; without, it is compared with the records."""

import json
import os
import sys

HEAD = """/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a person reads of data/services, to be translated: made by tests/tools/service_words.py, and
 * compiled nowhere. bfy_translation_find() is what asks for it. */

/* clang-format off */
static const char *const words[] = {
"""
TAIL = "};\n"


def quote(text):
    return json.dumps(text, ensure_ascii=False)


def words_of(record):
    """How to get a token, and what the capabilities are called."""
    yield from record.get("instructions", [])
    yield from (capability["name"] for capability in record.get("capabilities", []))


def make(root):
    folder = os.path.join(root, "data", "services")
    lines, known = [HEAD], set()
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            record = json.load(file)
        fresh = [text for text in dict.fromkeys(words_of(record)) if text not in known]
        known.update(fresh)
        lines += [f"  /* Translators: {record['name']} */ N_ ({quote(text)}),\n" for text in fresh]
    return "".join([*lines, TAIL])


def main():
    root = sys.argv[1]
    path = os.path.join(root, "data", "service-words.c")
    text = make(root)
    if sys.argv[2:] == ["--write"]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return 0
    with open(path, encoding="utf-8") as file:
        if file.read() == text:
            return 0
    print("data/service-words.c is not what data/services says: tests/tools/service_words.py . --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
