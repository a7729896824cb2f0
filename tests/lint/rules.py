#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""rules.py ROOT: functions that we do not call, licence lines in every file, and sizes.

Each rule carries its reason, which is printed with the finding. Sizes above the budget are a table
of warnings; only sizes above the hard limit fail. --self-test runs every rule on code that breaks
it and on the same words in comments and strings.
"""

import collections
import os
import re
import sys

import source

# Where a rule holds: a function of the path. Tests start programs and print; the product does not.


def everywhere(name):
    return True


def product(name):
    return name.split("/")[0] in source.FOLDERS


def product_without_main(name):
    return product(name) and os.path.basename(name) != "main.c"


def silent_folders(name):
    return product_without_main(name) and not name.startswith("client/")


def outside_the_parser(name):
    return product(name) and not re.fullmatch(r"protocol/json[\w-]*\.c", name)


def outside_of_sqlite(name):
    return product(name) and name != "agent/database/sqlite.c"


def where_secrets_are_compared(name):
    return name.startswith("agent/") and name != "agent/door/head.c" or name == "protocol/secret.c"


Rule = collections.namedtuple("Rule", "pattern where reason probe")

# The pattern is for words followed by "(" unless it ends in a word by itself (see BARE).
RULES = (
    Rule("strcpy|stpcpy|strcat|strncpy|strncat|gets", everywhere,
         "no bound, or no NUL: g_strlcpy () or GString", "strcpy (a, b);"),
    Rule("v?sprintf|g_v?sprintf", everywhere,
         "no bound: g_snprintf () or g_strdup_printf ()", "sprintf (a, b);"),
    Rule("system|popen", everywhere,
         "a shell reads its argument: g_subprocess_new () with a vector", 'system ("ls");'),
    Rule("alloca|g_alloca|g_newa|g_newa0", everywhere,
         "a length from outside overflows the stack", "x = alloca (n);"),
    Rule("tmpnam|tempnam|mktemp", everywhere,
         "another program can be faster: g_file_open_tmp (), O_EXCL", "mktemp (x);"),
    Rule("atoi|atol|atoll|atof", everywhere,
         "takes anything for 0: g_ascii_string_to_signed ()", "n = atoi (x);"),
    Rule(r"g_spawn_\w*sync\w*", product,
         "blocks every client while it waits: GSubprocess, asynchronous", "g_spawn_sync (a);"),
    Rule(r"g_task_run_in_thread\w*", outside_of_sqlite,
         "no threads: what blocks gets an asynchronous interface", "g_task_run_in_thread (t, f);"),
    Rule("g_error", product,
         "ends the agent and everything that hangs on it: return a GError", 'g_error ("x");'),
    Rule(r"secure_getenv|getenv|setenv|unsetenv|putenv|g_getenv|g_setenv|g_unsetenv|g_get_environ"
         r"|g_environ_getenv", product_without_main,
         "main () reads the environment once and hands it in; no hooks", 'getenv ("HOME");'),
    Rule(r"g_object_set_q?data\w*|g_object_replace_q?data", product,
         "an untyped, unowned field that nobody sees: a struct", 'g_object_set_data (o, "x", y);'),
    Rule("printf|vprintf|puts|putchar|putc|fputc|g_print|g_vprintf|perror", silent_folders,
         "a daemon's output is its log: g_message () and friends", 'g_print ("x");'),
    Rule("memcmp|bcmp", where_secrets_are_compared,
         "its time tells how much of a guess was right: CRYPTO_memcmp ()", "memcmp (a, b, n);"),
    Rule(r"json_parser_\w+|json_from_string", outside_the_parser,
         "overflows on nesting, takes duplicate keys: the bounded parser of protocol/json",
         "json_from_string (x, e);"),
)
# Words that are wrong wherever they stand as code.
BARE = (
    Rule("goto", everywhere, "g_autoptr () cleans up; return early", "goto out;"),
    Rule(r"SoupLogger|SOUP_TYPE_LOGGER|soup_logger_\w+", everywhere,
         "prints “Authorization: Bearer …” in clear", "SoupLogger *logger;"),
    Rule("stdout", silent_folders,
         "a daemon's output is its log: g_message () and friends", 'fputs ("x", stdout);'),
)


def banned(name, text):
    """Lines that use a word of RULES or BARE."""
    words = [t for t in source.tokens(source.blank_comments(text)) if t.kind != "comment"]
    for token, after in zip(words, words[1:] + [source.Token("mark", "", 0)]):
        if token.kind != "word":
            continue
        for rules, applies in ((RULES, after.text == "("), (BARE, True)):
            for rule in rules:
                if applies and rule.where(name) and re.fullmatch(rule.pattern, token.text):
                    yield token.line, f"{token.text}: {rule.reason}"


LICENCE = (
    r"SPDX-FileCopyrightText: bindify contributors",
    r"SPDX-License-Identifier: Apache-2\.0",
)
LICENSED = (".c", ".h", ".cc", ".py", ".sh", ".js", ".cjs", ".mjs", ".build", "_options.txt",
            ".service.in", ".service", ".socket", ".css", ".ui", ".sql")


def licence(root, name, text):
    is_script = source.interpreter(root, name) is not None
    if not name.endswith(LICENSED) and not is_script:
        return
    head = text.split("\n")[: 3 if is_script else 2]
    for pattern in LICENCE:
        if not any(re.search(pattern, line) for line in head):
            yield 1, "the first lines lack “%s”" % pattern.replace("\\", "")


Limit = collections.namedtuple("Limit", "aim hard")

LIMITS = {
    "lines": Limit(400, 600),
    "function lines": Limit(60, 120),
    "parameters": Limit(6, None),
    "nesting": Limit(3, None),
    "includes": Limit(15, None),
}
# A table of test rows grows without becoming harder to read.
TEST_LIMITS = dict(LIMITS, lines=Limit(800, None), includes=Limit(20, None))

Function = collections.namedtuple("Function", "name line lines parameters nesting")


def functions(text):
    """The functions with a body: name, first line, length, parameters, depth of blocks."""
    words = source.code(text)
    position = 0
    while position < len(words):
        opening = next((i for i in range(position, len(words)) if words[i].text == "{"), None)
        if opening is None:
            return
        head = declaration_before(words, opening)
        name = function_name(head)
        if name is None and is_transparent(head):
            position = opening + 1
            continue
        closing, depth = matching_brace(words, opening)
        if name is not None:
            lines = words[closing].line - head[name].line + 1
            yield Function(head[name].text, head[name].line, lines,
                           n_parameters(head, name + 1), depth)
        position = closing + 1


def declaration_before(words, opening):
    start = opening
    while start > 0 and words[start - 1].text not in (";", "{", "}"):
        start -= 1
    return words[start:opening]


def is_transparent(head):
    """Blocks whose inside is looked at as if they were not there."""
    texts = [token.text for token in head]
    if texts[:1] in (["namespace"], ["inline"]) or texts[:1] == ["extern"]:
        return True
    return any(word in texts for word in ("class", "struct", "union")) and "=" not in texts


def function_name(head):
    """Where in the head the function's name stands, or None for anything that is no function."""
    texts = [token.text for token in head]
    if "=" in texts:
        return None
    depth = 0
    name = None
    for index, token in enumerate(head):
        if token.text == "(":
            if depth == 0 and index > 0 and head[index - 1].kind == "word":
                name = index - 1  # the last one: a macro without semicolon may stand before it
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.text == ":" and depth == 0 and texts[index - 1] == ")":
            break
    return name


def n_parameters(head, opening):
    depth = 0
    count = 1
    inside = []
    for token in head[opening:]:
        if token.text in ("(", "[", "<"):
            depth += 1
        elif token.text in (")", "]", ">"):
            depth -= 1
            if depth == 0:
                break
        elif token.text == "," and depth == 1:
            count += 1
        inside.append(token.text)
    return 0 if inside[1:] in ([], ["void"]) else count


def matching_brace(words, opening):
    """The index of the closing brace, and how deep blocks are nested inside."""
    depth = 0
    deepest = 0
    for index in range(opening, len(words)):
        if words[index].text == "{":
            depth += 1
            deepest = max(deepest, depth - 1)
        elif words[index].text == "}":
            depth -= 1
            if depth == 0:
                return index, deepest
    return len(words) - 1, deepest


def sizes(name, text):
    """(what, where, number) for everything that has a budget."""
    yield "lines", name, text.count("\n")
    yield "includes", name, len(source.includes(text))
    for function in functions(text):
        where = f"{name}:{function.line}: {function.name}"
        yield "function lines", where, function.lines
        yield "parameters", where, function.parameters
        yield "nesting", where, function.nesting


def over_budget(name, text):
    """(what, where, number, aim, is above the hard limit)"""
    limits = TEST_LIMITS if name.startswith("tests/") else LIMITS
    for what, where, number in sizes(name, text):
        aim, hard = limits[what]
        if number > aim:
            yield what, where, number, aim, hard is not None and number > hard


def check(root):
    failures = []
    warnings = []
    names = source.project_files(root)
    for name in names:
        text = source.read(root, name)
        failures += [f"{name}:{n}: {what}" for n, what in licence(root, name, text)]
        if not source.is_c(name):
            continue
        failures += [f"{name}:{line}: {what}" for line, what in banned(name, text)]
        for what, where, number, aim, is_hard in over_budget(name, text):
            row = f"{where}: {number} {what} (aim at {aim})"
            (failures if is_hard else warnings).append(row)
    return failures, warnings, len(names)


def self_test():
    wrong = []
    for rule in RULES + BARE:
        hit = f"void f (void)\n{{\n  {rule.probe}\n}}\n"
        name = "protocol/json.c" if rule.where is everywhere else "agent/probe.c"
        if not list(banned(name, hit)):
            wrong.append(f"{rule.probe!r} is not found")
        for quiet in (f"/* {rule.probe} */", f"// {rule.probe}", f"const char *x = {quoted(rule.probe)};"):
            if list(banned("agent/probe.c", quiet)):
                wrong.append(f"{quiet!r} is found")
    for name, text, found in (
        ("agent/main.c", 'x = g_getenv ("HOME");', False),
        ("client/list.c", 'g_print ("x");', False),
        ("tests/unit/x.cc", 'g_spawn_sync (x);', False),
        ("agent/probe.c", "#define JUMP goto out", True),
        ("agent/probe.c", "fprintf (stderr, x);", False),
    ):
        if bool(list(banned(name, text))) != found:
            wrong.append(f"{name}: {text!r} should be {'found' if found else 'left alone'}")
    wrong += wrong_sizes()
    print("\n".join(wrong + [f"{len(RULES + BARE)} rules, {len(wrong)} wrong"]))
    return len(wrong)


def quoted(text):
    return '"' + text.replace('"', '\\"') + '"'


SIZED = '''
static const Row rows[] = { { "a", f (1) }, { "b", 2 } };
struct _X { int a; };
extern "C" { #include "x.h"
}
static gboolean
first (const char *a, int (*b) (int, int), void *c)
{
  /* } */
  if (a)
    {
      while (b)
        {
          c ("}");
        }
    }
}
G_DEFINE_TYPE_WITH_CODE (A, b, C, D (e))

static void
second (void)
{
}
class X : public Y
{
  X () : a_ (1) {}
  void method () const { return; }
};
TEST (Suite, Name)
{
}
'''
WANTED = [("first", 11, 3, 2), ("second", 3, 0, 0), ("X", 1, 0, 0), ("method", 1, 0, 0), ("TEST", 3, 2, 0)]


def wrong_sizes():
    got = [(f.name, f.lines, f.parameters, f.nesting) for f in functions(SIZED)]
    if got != WANTED:
        yield f"sizes: {got} instead of {WANTED}"
    long_file = "int x;\n" * 601
    long_function = "int\nf (void)\n{\n" + "  x ();\n" * 120 + "}\n"
    for text in (long_file, long_function):
        if not any(is_hard for *_, is_hard in over_budget("agent/probe.c", text)):
            yield "a hard limit is not enforced"


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    failures, warnings, n_files = check(arguments[0])
    if warnings:
        print("above budget (a warning):")
        print("\n".join(f"  {row}" for row in sorted(warnings)))
    print("\n".join(failures + [f"{n_files} files, {len(warnings)} warnings, {len(failures)} failures"]))
    return 1 if failures or n_files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
