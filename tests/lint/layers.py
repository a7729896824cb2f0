#!/usr/bin/env python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0
"""layers.py ROOT: the folders include and link each other only downwards, and protocol/ is pure.

    protocol <- keyring <- agent
    protocol <- client  <- tray

Agent and client meet only in protocol. With --self-test, a copy of the tree gets one wrong edge
after another, and each must be found.
"""

import os
import re
import sys
import tempfile

import source

BELOW = {
    "protocol": ("protocol",),
    "keyring": ("protocol", "keyring"),
    "agent": ("protocol", "keyring", "agent"),
    "client": ("protocol", "client"),
    "tray": ("protocol", "client", "tray"),
}
GENERATED = ("bfy-config.h", "dbusmenu.h", "icon-resources.h", "run-modules.h",
             "status-notifier-item.h")

SOCKETS = "protocol/ has no sockets: a value is handed in by whoever talks to the world"
FILES = "protocol/ has no files: bytes are handed in"
CLOCK = "protocol/ has no clock: the time is an argument, or no test can choose it"
WORLD = "protocol/ has no environment: main() reads it and hands it in"
LOOP = "protocol/ has no main loop and no threads: deciding is pure, waiting is the agent's"

# Neither the headers …
IMPURE_HEADERS = (
    (r"sys/socket\.h|netdb\.h|poll\.h|sys/epoll\.h|sys/ioctl\.h", SOCKETS),
    (r"gio/g(unix|socket|network|tls).*|libsoup/.*|libsecret/.*|sqlite3\.h", SOCKETS),
    (r"fcntl\.h|sys/stat\.h|dirent\.h|glib/gstdio\.h|gio/gfile.*", FILES),
    (r"time\.h|sys/time\.h", CLOCK),
    (r"pwd\.h|grp\.h", WORLD),
    (r"pthread\.h|threads\.h|glib-unix\.h", LOOP),
)
# … nor what can be called.
IMPURE_CALLS = (
    (r"socket|socketpair|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?", SOCKETS),
    (r"getaddrinfo|g_(socket|resolver|tls|dbus|bus|inet_socket|network_monitor)_\w+", SOCKETS),
    (r"f?open(at)?|creat|fdopen|freopen|read|p?write|stat|lstat|fstat|unlink|rename|mkdir", FILES),
    (r"g_file_\w+|g_f?open|g_unlink|g_rename|g_mkdir\w*|g_stat|g_lstat|g_dir_\w+", FILES),
    (r"json_parser_load_from_file|g_key_file_(load|save)_\w*file\w*|g_mapped_file_new", FILES),
    (r"time|gettimeofday|clock_gettime|clock|g_get_(real|monotonic)_time", CLOCK),
    (r"g_date_time_new_now\w*|g_timer_\w+", CLOCK),
    (r"getenv|secure_getenv|g_\w*(get|set|unset)env|setenv|g_get_environ|g_listenv", WORLD),
    (r"g_get_(home|tmp|user_\w+|system_\w+|current)_dirs?|g_get_user_name|getcwd", WORLD),
    (r"getuid|geteuid|getpid|gethostname|g_get_host_name|getpw\w+", WORLD),
    (r"g_(timeout|idle)_\w+|g_main_\w+|g_thread_\w+|g_spawn_\w+|g_subprocess_\w+", LOOP),
    (r"fork|execv\w*|sleep|usleep|g_usleep", LOOP),
)


def wrong_includes(root, name, text):
    folder = name.split("/")[0]
    for include in source.includes(text):
        if not include.quoted or include.path in GENERATED:
            continue
        target = include.path.split("/")[0]
        if target not in BELOW:
            yield include.line, f'"{include.path}" is not written as "folder/noun.h"'
        elif target not in BELOW[folder]:
            yield include.line, f'{folder}/ must not include {target}/ ("{include.path}")'
        elif not os.path.isfile(os.path.join(root, include.path)):
            yield include.line, f'"{include.path}" does not exist'


def wrong_links(name, text):
    folder = name.split("/")[0]
    for number, line in enumerate(text.split("\n"), 1):
        for target in re.findall(r"\b(%s)_(?:dep|lib)\b" % "|".join(BELOW), line.split("#")[0]):
            if target not in BELOW[folder]:
                yield number, f"{folder}/ must not link {target}/"


def impurities(text):
    for include in source.includes(text):
        for pattern, reason in IMPURE_HEADERS:
            if re.fullmatch(pattern, include.path):
                yield include.line, f"<{include.path}>: {reason}"
    # Calls in macros count, and so do functions handed on by name; members (->open) do not.
    words = [token for token in source.tokens(source.blank_comments(text))]
    for before, token, after in zip([None] + words, words, words[1:] + [None]):
        if token.kind != "word" or is_declared_or_member(before, after):
            continue
        for pattern, reason in IMPURE_CALLS:
            if re.fullmatch(pattern, token.text):
                yield token.line, f"{token.text} (): {reason}"


def is_declared_or_member(before, after):
    is_member = before is not None and before.text in (".", ">")
    return is_member or after is None or after.text != "("


def check(root, names=None):
    """Every wrong edge below root, as lines of text, and the number of files seen. names: look at
    these files only."""
    found = []
    seen = 0
    for name in names or source.project_files(root):
        folder = name.split("/")[0]
        if folder not in BELOW or "/" not in name:
            continue
        wrong = []
        if source.is_c(name):
            text = source.read(root, name)
            wrong += wrong_includes(root, name, text)
            if folder == "protocol":
                wrong += impurities(text)
            seen += 1
        elif os.path.basename(name) == "meson.build":
            wrong += wrong_links(name, source.read(root, name))
        found += [f"{name}:{line}: {what}" for line, what in wrong]
    return found, seen


# What is written into a file of the copy, and whether it must be found.
PROBES = (
    ("protocol/probe.c", '#include "keyring/keyring.h"', True),
    ("protocol/probe.c", '#include "agent/store/store.h"', True),
    ("keyring/probe.c", '#include "agent/store/store.h"', True),
    ("keyring/probe.h", "# include \"client/probe.h\"", True),
    ("client/probe.c", '#include "agent/store/store.h"', True),
    ("client/probe.c", '#include "keyring/keyring.h"', True),
    ("client/probe.c", '#include "tray/icon.h"', True),
    ("tray/probe.c", '#include "agent/store/store.h"', True),
    ("agent/probe.c", '#include "client/probe.h"', True),
    ("agent/store/probe.c", '#include "store.h"', True),
    ("agent/store/probe.c", '#include "../../protocol/error.h"', True),
    ("agent/probe.c", '#include "protocol/no-such-file.h"', True),
    ("client/meson.build", "x = [keyring_dep]", True),
    ("protocol/probe.c", "#include <sys/socket.h>", True),
    ("protocol/probe.c", "#include <gio/gunixsocketaddress.h>", True),
    ("protocol/probe.c", 'void f (void) { fopen ("x", "r"); }', True),
    ("protocol/probe.c", 'void f (void) { g_file_get_contents ("x", 0, 0, 0); }', True),
    ("protocol/probe.c", 'void f (void) { getenv ("HOME"); }', True),
    ("protocol/probe.c", 'void f (void) { g_getenv ("HOME"); }', True),
    ("protocol/probe.c", "long f (void) { return g_get_real_time (); }", True),
    ("protocol/probe.c", "long f (void) { return time (0); }", True),
    ("protocol/probe.c", "#define NOW time (0)", True),
    ("protocol/probe.c", "/* time (0), getenv () and\n#include <sys/socket.h> */", False),
    ("protocol/probe.c", 'const char *x = "time (0) getenv (\\"HOME\\")";', False),
    ("protocol/probe.c", "long f (T *x) { return x->time (0) + x->open (1); }", False),
    ("protocol/probe.c", "#include <arpa/inet.h>\nint f (void) { return inet_pton (1, x, y); }", False),
    ("protocol/probe.c", "#include <sys/mman.h>\nvoid f (void) { mlock (0, 0); }", False),
    ("keyring/probe.c", '#include "protocol/error.h"\n#include <fcntl.h>', False),
    ("agent/probe.c", '#include "keyring/keyring.h"\n#include "bfy-config.h"', False),
    ("client/probe.c", '// #include "agent/store/store.h"', False),
    ("agent/probe.c", "long f (void) { return time (0); }", False),
)


def self_test(root):
    failures = 0
    names = [name for name in source.project_files(root) if name.split("/")[0] in BELOW]
    with tempfile.TemporaryDirectory() as copy:
        for name in names:
            put(copy, name, source.read(root, name))
        for name, text, must_be_found in PROBES:
            path = os.path.join(copy, name)
            before = source.read(copy, name) if os.path.exists(path) else None
            clean = set(check(copy, [name])[0]) if before is not None else set()
            put(copy, name, (before or "") + text + "\n")
            wrong = [line for line in check(copy, [name])[0] if line not in clean]
            if bool(wrong) != must_be_found:
                print(f"self-test: {name}: {text!r} gave {wrong or 'nothing'}")
                failures += 1
            os.remove(path)
            if before is not None:
                put(copy, name, before)
    print(f"{len(PROBES)} probes, {failures} wrong")
    return failures


def put(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)


def main(arguments):
    if arguments[:1] == ["--self-test"]:
        return 1 if self_test(arguments[1]) else 0
    found, seen = check(arguments[0])
    print("\n".join(found + [f"{seen} files"]))
    return 1 if found or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
