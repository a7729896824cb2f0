#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""languages.py ROOT: everything that can be translated is listed, and every language is complete.

po/POTFILES names exactly the files with something to translate; each language of po/LINGUAS has
every message of them, not fuzzy, with the same placeholders and no more line breaks than the
original. --self-test breaks a small project in each of these ways.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

FOLDERS = ("client", "protocol", "tray", "data", "agent", "keyring")
MARK = re.compile(r'(?<![\w"])(?:_|N_|C_|NC_|ngettext|g_dngettext|dngettext)\s*\(\s*(?:\w+\s*,\s*)?"')
TRANSLATABLE_UI = re.compile(r'translatable="(?:yes|1|true)"')
SKIPPED = 77


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def has_marks(path, text):
    if path.endswith((".c", ".h")):
        without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        return bool(MARK.search(without_comments))
    if path.endswith(".ui"):
        return bool(TRANSLATABLE_UI.search(text))
    return path.endswith((".desktop.in", ".metainfo.xml.in"))


def sources(root):
    for folder in FOLDERS:
        for where, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [name for name in folders if not name.startswith("build")]
            for name in names:
                path = os.path.join(where, name)
                if name.endswith((".c", ".h", ".ui", ".desktop.in", ".metainfo.xml.in")):
                    yield os.path.relpath(path, root), read(path)


def listed(root):
    lines = read(os.path.join(root, "po", "POTFILES")).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def compare_list(root):
    names = listed(root)
    marked = {path for path, text in sources(root) if has_marks(path, text)}
    for path in sorted(marked - set(names)):
        yield f"po/POTFILES: {path} has something to translate and is not listed"
    for path in sorted(set(names) - marked):
        yield f"po/POTFILES: {path} is listed and has nothing to translate"
    if names != sorted(names):
        yield "po/POTFILES: not in the order of the names"


def languages(root):
    lines = read(os.path.join(root, "po", "LINGUAS")).splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def run(*words, cwd):
    result = subprocess.run(words, cwd=cwd, capture_output=True, text=True,
                            env=dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE=""), check=False)
    return result.returncode, result.stdout + result.stderr


def extract(root, folder):
    pot = os.path.join(folder, "bindify.pot")
    status, output = run(
        "xgettext", "--from-code=UTF-8", "--add-comments=Translators:", "--output", pot,
        "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
        "--keyword=g_dngettext:2,3", "--keyword=ngettext:1,2",
        "--flag=g_set_error:4:c-format", "--flag=g_strdup_printf:1:c-format",
        "--files-from", os.path.join(root, "po", "POTFILES"), "--directory", root, cwd=root)
    if status != 0:
        yield f"xgettext: {output.strip()}"
    elif not os.path.exists(pot):
        yield "xgettext found nothing to translate"


def check_language(root, folder, language):
    po = os.path.join(root, "po", f"{language}.po")
    merged = os.path.join(folder, f"{language}.po")
    if not os.path.exists(po):
        yield f"po/LINGUAS: there is no {language}.po"
        return
    status, output = run("msgfmt", "--check", "--check-accelerators=_", "--output=/dev/null", po,
                         cwd=root)
    if status != 0:
        yield f"po/{language}.po: {output.strip()}"
    run("msgmerge", "--no-fuzzy-matching", "--quiet", "--output-file", merged, po,
        os.path.join(folder, "bindify.pot"), cwd=root)
    for flag, word in (("--untranslated", "not translated"), ("--only-fuzzy", "fuzzy")):
        status, output = run("msgattrib", flag, "--no-obsolete", "--no-wrap", merged, cwd=root)
        missing = re.findall(r'^msgid ((?:".*"\n?)+)', output, flags=re.MULTILINE)
        for message in missing:
            text = "".join(re.findall(r'"(.*)"', message))
            if text:
                yield f"po/{language}.po: {word}: {text[:70]}"


def check(root):
    yield from compare_list(root)
    with tempfile.TemporaryDirectory() as folder:
        problems = list(extract(root, folder))
        yield from problems
        for language in [] if problems else languages(root):
            yield from check_language(root, folder, language)


GOOD = {
    "client/a.c": 'puts (_("Hello %s"));\n/* puts (_("old")); */\n',
    "client/b.c": 'puts ("_ (no)");\n',
    "po/POTFILES": "client/a.c\n",
    "po/LINGUAS": "de\n",
    "po/de.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                '#, c-format\nmsgid "Hello %s"\nmsgstr "Hallo %s"\n',
}
BROKEN = (
    ("a file is not listed", "po/POTFILES", "# none\n"),
    ("a listed file has nothing", "po/POTFILES", "client/a.c\nclient/b.c\n"),
    ("the order is wrong", "po/POTFILES", "client/b.c\nclient/a.c\n"),
    ("a language is missing", "po/LINGUAS", "de fr\n"),
    ("a message is missing", "client/a.c", 'puts (_("Hello %s")); puts (_("Bye"));\n'),
    ("a placeholder is missing", "po/de.po", GOOD["po/de.po"].replace("Hallo %s", "Hallo")),
    ("a message is empty", "po/de.po", GOOD["po/de.po"].replace("Hallo %s", "")),
    ("a message is fuzzy", "po/de.po", GOOD["po/de.po"].replace("#, c-", "#, fuzzy, c-")),
)


def problems_of(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return list(check(root))


def self_test():
    found = problems_of(GOOD)
    if found:
        return [f"a complete project is refused: {found}"]
    return [f"not noticed: {what}" for what, path, text in BROKEN
            if not problems_of({**GOOD, path: text})]


def main():
    if not all(shutil.which(tool) for tool in ("xgettext", "msgfmt", "msgmerge", "msgattrib")):
        print("SKIPPED: gettext is not installed")
        return SKIPPED
    problems = self_test() if sys.argv[1] == "--self-test" else list(check(sys.argv[1]))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
