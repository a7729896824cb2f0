#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Takes the pictures in data/screenshots: icon, menu, a question, and each page of the window, in light and dark, in
German and in Arabic. Nothing in them is real.

usage: screenshots.py BUILD_DIR FOLDER [NAME…]

Installs BUILD_DIR below a folder of its own, lays that over / in a mount namespace (so it wants root), and drives the
programs on a desktop without a monitor (fixture/screen.py; it says what is missing). Wants ImageMagick and locales'
definitions (Debian's package locales)."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
for name in ("fixture", "story"):
    sys.path.insert(0, os.path.join(ROOT, "tests", name))

from conformance import UnixConnection  # noqa: E402
from screen import Desktop, skip_unless_complete, wait_for  # noqa: E402
from tray_world import Tray, TrayAgent  # noqa: E402

PAGES = ("bindings", "clients", "grants", "activity", "keyring", "settings")
# name → locale, colours
LOOKS = {
    "light-en": ("C.UTF-8", "prefer-light"),
    "dark-en": ("C.UTF-8", "prefer-dark"),
    "light-de": ("de_DE.UTF-8", "prefer-light"),
    "light-ar": ("ar_EG.UTF-8", "prefer-light"),
}
STATES = ("", "active", "asking", "login", "locked", "frozen", "alarm", "gone")
COLOURS_MAX = 64
DRAWN_S = 1.0  # a window is on the screen before it is drawn: nothing tells when that is done
# Who asks, and where: a copy of the shell, in the home of somebody who is not there.
ASKER, PROJECT = "claude", "/home/alice/src/shop"
SCREEN = "1280x900"
ICON_AT = (15, 15)
PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="symbolic-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""
XSETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xsettings" version="1.0">
  <property name="Net" type="empty">
    <property name="ThemeName" type="string" value="Adwaita"/>
    <property name="IconThemeName" type="string" value="Adwaita"/>
  </property>
</channel>
"""


def run(*words, **options):
    return subprocess.run(words, check=True, stdin=subprocess.DEVNULL, **options)


def alone(build):
    """Goes on in a mount namespace in which BUILD_DIR is installed, and nobody is at home; without root's
    capabilities, because the agent, which has none, cannot look at programs that have."""
    if os.environ.get("BINDIFY_INSTALLED"):
        return
    if os.geteuid() != 0:
        sys.exit("screenshots.py: installing for the pictures wants root; please run it as root")
    installed = tempfile.mkdtemp(prefix="bindify-shots-")
    try:
        run("meson", "install", "-C", build, "--no-rebuild", "--destdir", installed, stdout=subprocess.DEVNULL)
        shutil.copy("/bin/sh", os.path.join(installed, "usr/local/bin", ASKER))
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c",
             # No layers: of a program in one, the agent cannot tell which file it is.
             'mount --bind "$1/usr/local" /usr/local; '
             'mount -t tmpfs tmpfs /home; shift; exec setpriv --bounding-set=-all --inh-caps=-all "$@"', "sh",
             installed, sys.executable, *sys.argv], env={**os.environ, "BINDIFY_INSTALLED": "1"}, check=False)
    finally:
        shutil.rmtree(installed)
    sys.exit(done.returncode)


def make_locales(folder):
    """Those that this machine may not have; the folder is for LOCPATH."""
    os.mkdir(folder)
    for locale, _ in LOOKS.values():
        language, charset = locale.split(".")
        if language != "C":
            run("localedef", "--no-archive", "-i", language, "-f", charset, os.path.join(folder, locale))


class Studio:
    """An agent that has seen something, and a tray with some look."""

    def __init__(self, desktop, home, target):
        self.desktop, self.home, self.target = desktop, home, target
        self.locales = os.path.join(home, "locales")
        make_locales(self.locales)
        self.agent = TrayAgent(home, "/usr/local/bin/bindify-agent", "/usr/local/share/bindify/services",
                               keyring="vault")
        self.helpers = []
        self.tray = self.panel = None

    def bindify(self, *words, stdin="", **more):
        done = subprocess.run([f"/usr/local/bin/{words[0]}", *words[1:]], env=self.agent.environment(**more),
                              input=stdin, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stdout}")
        return done.stdout

    def fill(self):
        """What somebody has who has used it for a day."""
        self.agent.start()
        for service, account in (("github", "you@github"), ("linear", "acme"), ("todoist", "private")):
            self.bindify("bindify-add", service, "--token-stdin", "--no-check", "--account", account,
                         stdin=f"sample-{service}-0123456789abcdef")
            self.bindify("bindify", "policy", "set", service, "--profile", "reads-flow")
        self.bindify("bindify", "pause", "todoist")
        for label in ("claude-code", "editor"):
            self.bindify("bindify", "client", "add", label)
        self.start_server()
        self.bindify("bindify", "test", "notes")
        for text in ("meeting", "groceries", "travel"):
            self.bindify("bindify", "call", "notes", "echo", f"text={text}")

    def start_server(self):
        path = os.path.join(self.home, "token")
        with open(path, "w", encoding="utf-8") as file:
            file.write("sample-notes-0123456789abcdef")
        server = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests", "fixtures", "sample-server.py"),
                                   "--token-file", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.helpers.append(server)
        port = server.stdout.readline().split("port=")[1].strip()
        self.bindify("bindify-add", f"http://127.0.0.1:{port}/mcp", "--name", "notes", "--allow-local",
                     "--token-stdin", "--no-check", stdin="sample-notes-0123456789abcdef")

    def ask(self):
        """A program wants something that a person is asked about, by the bridge; it waits until the end of its input,
        which is returned. It has no parent but the first of all, as what a desktop starts."""
        line = ('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"merge_pull_request","arguments":'
                '{"owner":"acme","repo":"shop","pullNumber":42,"merge_method":"squash"}}}\n')
        os.makedirs(PROJECT, exist_ok=True)
        read_end, write_end = os.pipe()
        run_from = {"cwd": PROJECT, "env": self.agent.environment(), "stdout": subprocess.DEVNULL,
                    "stderr": subprocess.DEVNULL}
        subprocess.run(["setsid", "--fork", f"/usr/local/bin/{ASKER}", "-c", "/usr/local/bin/bindify-mcp github; :"],
                       check=True, stdin=read_end, **run_from)
        os.close(read_end)
        os.write(write_end, line.encode())
        wait_for(self.agent.prompts, "Nobody is asked")
        return write_end

    def ask_no_more(self, write_end):
        os.close(write_end)
        wait_for(lambda: not self.agent.prompts(), "The question stays")

    def look(self, name):
        """The environment of a look."""
        locale, colours = LOOKS[name]
        return {"LC_ALL": locale, "LOCPATH": self.locales, "LANGUAGE": locale.split("_")[0],
                "ADW_DEBUG_COLOR_SCHEME": colours}

    def start_tray(self, look):
        self.tray = Tray(self.desktop, "/usr/local/bin/bindify-tray", self.agent, **self.look(look))

    def end_tray(self):
        self.tray.end()

    def save(self, name, *words):
        """@words: what import is to take."""
        time.sleep(DRAWN_S)
        raw = os.path.join(self.home, "raw.png")
        run("import", *words, raw, env=self.desktop.environment())
        self.keep(raw, name)

    def keep(self, raw, name):
        path = os.path.join(self.target, name + ".png")
        run("convert", raw, "-strip", "-colors", str(COLOURS_MAX), "-define", "png:compression-level=9",
            "-define", "png:compression-filter=0", "PNG8:" + path)
        print(f"{name}: {os.path.getsize(path) // 1024} KiB", flush=True)

    def windows(self):
        """Of the tray's process, that are on the screen; by id."""
        return set(self.desktop.ask("xdotool", "search", "--onlyvisible", "--pid", str(self.tray.process.pid),
                                    "--name", ".").split())

    def only_window(self):
        return wait_for(lambda: next(iter(self.windows()), None), "There is no window: " + self.desktop.said("tray"))

    def pages(self, look):
        self.start_tray(look)
        for page in PAGES:
            self.bindify("bindify", "open", page, **{key: self.desktop.environment()[key]
                                                     for key in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")})
            self.save(f"{page}-{look}", "-window", self.only_window())
        self.end_tray()

    def question(self, look):
        self.start_tray(look)
        asker = self.ask()
        self.save(f"prompt-{look}", "-window", self.only_window())
        self.ask_no_more(asker)
        self.end_tray()

    def menu(self, look):
        self.start_panel(look)
        self.start_tray(look)
        asker = self.ask()
        # The question is not to be in the picture.
        self.desktop.xdotool("windowmove", self.only_window(), "700", "100")
        wait_for(self.is_registered, "The icon is not in the panel")
        wait_for(lambda: self.desktop.xdotool("search", "--onlyvisible", "--class", "xfce4-panel"), "There is no panel")
        time.sleep(2 * DRAWN_S)
        x, y = ICON_AT
        self.desktop.xdotool("mousemove", str(x), str(y), "click", "3")
        self.save(f"menu-{look}", "-window", "root", "-crop", "520x345+0+0", "+repage")
        self.desktop.keys("Escape")
        self.ask_no_more(asker)
        self.end_tray()
        self.desktop.stop(self.panel)

    def is_registered(self):
        return "'" in self.desktop.ask(
            "gdbus", "call", "--session", "-d", "org.kde.StatusNotifierWatcher", "-o", "/StatusNotifierWatcher", "-m",
            "org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems")

    def start_panel(self, look):
        folder = os.path.join(self.desktop.home, "config", "xfce4", "xfconf", "xfce-perchannel-xml")
        os.makedirs(folder, exist_ok=True)
        for name, text in (("xfce4-panel", PANEL), ("xsettings", XSETTINGS)):
            with open(os.path.join(folder, name + ".xml"), "w", encoding="utf-8") as file:
                file.write(text)
        service = "/usr/share/dbus-1/services/org.xfce.Xfconf.service"
        shutil.copy(service, self.desktop.services)
        self.desktop.ask("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
                         "org.freedesktop.DBus.ReloadConfig")
        dark = LOOKS[look][1] == "prefer-dark"
        self.panel = self.desktop.start("panel", "xfce4-panel", "--disable-wm-check", XDG_CURRENT_DESKTOP="XFCE",
                                        G_DEBUG=None, GTK_THEME="Adwaita:dark" if dark else "Adwaita", **self.look(look))
        wait_for(lambda: self.desktop.has_owner("org.kde.StatusNotifierWatcher"),
                 lambda: "There is no panel: " + self.desktop.said("panel"))

    def icons(self):
        """All states beside each other, as panels colour them."""
        folder = "/usr/local/share/icons/hicolor/symbolic/apps"
        for look, ink, paper in (("light", "#2e3436", "#f6f5f4"), ("dark", "#eeeeec", "#2e3436")):
            pictures = []
            for state in STATES:
                name = "-".join(part for part in ("io.bindify.Tray", state, "symbolic") if part)
                with open(os.path.join(folder, name + ".svg"), encoding="utf-8") as file:
                    text = file.read()
                text = text.replace("#808080", ink)
                source = os.path.join(self.home, name + ".svg")
                with open(source, "w", encoding="utf-8") as file:
                    file.write(text)
                picture = os.path.join(self.home, name + ".png")
                GdkPixbuf.Pixbuf.new_from_file_at_scale(source, 32, 32, True).savev(picture, "png", [], [])
                pictures.append(picture)
            raw = os.path.join(self.home, "raw.png")
            run("montage", *pictures, "-background", paper, "-geometry", "32x32+12+10", "-tile", f"{len(pictures)}x1",
                raw)
            self.keep(raw, f"icons-{look}")

    def end(self):
        for child in self.helpers:
            if child.poll() is None:
                child.terminate()
            child.wait()
        self.agent.end()


def main(arguments):
    if len(arguments) < 2:
        print(__doc__)
        return 2
    build, target, *wanted = arguments
    skip_unless_complete(("localedef", "libc-bin"), ("xfce4-panel", "xfce4-panel"), ("convert", "imagemagick"),
                         ("setpriv", "util-linux"))
    alone(os.path.abspath(build))
    os.makedirs(target, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bindify-shots-") as home, Desktop(home, size=SCREEN) as desktop:
        studio = Studio(desktop, home, os.path.abspath(target))
        try:
            studio.fill()
            for kind in ("icons", "menu", "prompt", "pages"):
                for look in LOOKS if kind != "icons" else [""]:
                    if not wanted or kind in wanted or f"{kind}-{look}" in wanted:
                        {"icons": lambda _: studio.icons(), "menu": studio.menu, "prompt": studio.question,
                         "pages": studio.pages}[kind](look)
        finally:
            studio.end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
