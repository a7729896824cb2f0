#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""The icon in a real panel, xfce4-panel, with a real mouse: drawn, clicked, its menu opened and used, its panel
restarted. Pictures of its states are kept.

usage: tray-panel.py TESTS_DIR AGENT SERVICES_DIR CLIENT_DIR TRAY [CASE…]"""

import contextlib
import os
import shutil
import subprocess
import sys

from notifications import connect
from panel import Item
from screen import SKIPPED, skip_unless_complete, wait_for
from tray_world import run_cases

XFCONFD = "/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd"
WATCHER = "org.kde.StatusNotifierWatcher"
# One panel at the top left, as high as an icon is wide, with nothing but the tray in it.
SIZE = 30
PAD = 4  # of a menu, above and below its rows
SETTINGS = {
    "xfce4-panel": """<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="size" type="uint" value="{size}"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="known-items" type="array"/>
    </property>
  </property>
</channel>""",
    "xsettings": """<channel name="xsettings" version="1.0"><property name="Net" type="empty">
  <property name="ThemeName" type="string" value="Adwaita"/>
  <property name="IconThemeName" type="string" value="{theme}"/>
</property></channel>""",
}


class XfcePanel:
    """@theme: of its icons."""

    def __init__(self, desktop, dark=False, theme="Adwaita"):
        self.desktop, self.bus = desktop, connect(desktop)
        self.before = set()
        folder = os.path.join(desktop.home, "config", "xfce4", "xfconf", "xfce-perchannel-xml")
        os.makedirs(folder, exist_ok=True)
        for name, text in SETTINGS.items():
            with open(os.path.join(folder, name + ".xml"), "w", encoding="utf-8") as file:
                file.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                           + text.format(size=SIZE, dark=str(dark).lower(), theme=theme))
        self.settings = desktop.start("xfconfd", XFCONFD)
        wait_for(lambda: desktop.has_owner("org.xfce.Xfconf"), "xfconfd does not start")
        self.start()

    def start(self):
        self.child = self.desktop.start("panel", "xfce4-panel", "--disable-wm-check", "--sm-client-disable",
                                        XDG_CURRENT_DESKTOP="XFCE", G_DEBUG=None)
        wait_for(lambda: self.desktop.has_owner(WATCHER), lambda: "No panel: " + self.desktop.said("panel"))

    def stop(self):
        self.desktop.stop(self.child)
        wait_for(lambda: not self.desktop.has_owner(WATCHER), "The panel does not go away")

    def end(self):
        self.stop()
        self.desktop.stop(self.settings)
        self.bus.close_sync(None)

    # The icon

    def picture(self):
        """What is seen where the icon is: which pixels are not background."""
        done = subprocess.run(["import", "-window", "root", "-crop", f"{SIZE}x{SIZE}+0+0", "-depth", "8", "rgb:-"],
                              env=self.desktop.environment(), check=True, stdout=subprocess.PIPE)
        pixels = [done.stdout[i:i + 3] for i in range(0, len(done.stdout), 3)]
        common = max(set(pixels), key=pixels.count)
        return tuple(pixel != common for pixel in pixels)

    def leave(self):
        """Nothing is lit up under the pointer."""
        self.desktop.move(600, 600)

    def wait_shape(self, condition, what):
        def found():
            shape = self.picture()
            return shape if sum(shape) > 20 and condition(shape) and shape == self.picture() else None
        self.leave()
        return wait_for(found, lambda: what + ": " + self.desktop.shot("failed-icon"))

    def wait_drawn(self):
        return self.wait_shape(lambda shape: True, "No icon is drawn")

    def wait_other(self, *shapes):
        return self.wait_shape(lambda shape: not any(is_alike(shape, other) for other in shapes), "The icon stays")

    def wait_same(self, wanted):
        return self.wait_shape(lambda shape: is_alike(shape, wanted), "The icon is another one")

    def press(self, button):
        # Twice, or a panel that has just come does not see the pointer enter.
        for place in (SIZE // 2 - 1, SIZE // 2):
            self.desktop.move(place, place)
        self.desktop.xdotool("click", str(button))

    # The menu. The panel does not show it to screen readers, so that rows are found by their order.

    def popups(self):
        return set(self.desktop.ask("xdotool", "search", "--onlyvisible", "--class", "wrapper-2.0").split())

    def open_menu(self, tray):
        """The rows of the icon's menu, once it is on the screen, and its window."""
        self.before = self.popups()
        self.press(3)
        return self.menu_of(tray).rows, self.wait_popup()

    def menu_of(self, tray):
        """What should be seen of it."""
        item = Item(self.bus, None, f"org.kde.StatusNotifierItem-{tray.process.pid}-1")
        item.forget()
        return item.menu()

    def wait_popup(self):
        def drawn():
            new = [window for window in self.popups() - self.before if self.desktop.geometry(window)[3] > SIZE]
            return new[0] if new else None
        window = wait_for(drawn, lambda: "There is no menu: " + self.desktop.shot("failed-menu"))
        self.before = self.popups()
        return window

    def point_at(self, rows, window, label):
        """With the mouse, at a row of a menu that is open."""
        x, y, width, height = self.desktop.geometry(window)
        n_lines = sum(row.properties.get("type") == "separator" for row in rows)
        row_height = (height - 2 * PAD - n_lines) / (len(rows) - n_lines)
        y += PAD
        for row in rows:
            if row.label.startswith(label):
                break
            y += 1 if row.properties.get("type") == "separator" else row_height
        else:
            raise LookupError(f"There is no row “{label}”")
        for place in (x + width // 3, x + width // 2):
            self.desktop.move(place, int(y + row_height / 2))
        return row

    def choose(self, tray, *labels):
        """Through the menus below each other, the last one by a click."""
        rows, window = self.open_menu(tray)
        for label in labels[:-1]:
            rows = self.point_at(rows, window, label).rows
            window = self.wait_popup()
        self.point_at(rows, window, labels[-1])
        self.desktop.xdotool("click", "1")


def is_alike(shape, other):
    """Nearly all pixels are; an icon is never drawn twice in quite the same way."""
    return sum(a != b for a, b in zip(shape, other)) <= sum(other) // 8


@contextlib.contextmanager
def panel_of(world, **more):
    panel = XfcePanel(world.desktop, **more)
    try:
        yield panel
    finally:
        panel.end()


def is_drawn_in_every_state(world):
    tray = world.start()
    state = lambda: world.agent.ask("GET", "/v1/lock")
    for dark in (False, True):
        with panel_of(world, dark=dark) as panel:
            shot = lambda name, suffix="-dark" * dark: world.desktop.shot(f"icon-{name}{suffix}")
            idle = panel.wait_drawn()
            shot("idle")
            panel.choose(tray, "Lock")
            wait_for(lambda: state()["state"] == "plain", "A click on Lock does nothing")
            locked = panel.wait_other(idle)
            shot("locked")
            world.bindify("bindify", "freeze")
            frozen = panel.wait_other(idle, locked)
            shot("frozen")
            world.bindify("bindify", "thaw")
            world.bindify("bindify", "unlock")
            panel.wait_same(idle)
            world.agent.end()
            panel.wait_other(idle, locked, frozen)
            shot("gone")
            world.agent.start()
            panel.wait_same(idle)


def has_a_menu_with_submenus(world):
    tray = world.start()
    world.add_notes()
    state = lambda: world.agent.ask("GET", "/v1/bindings")["bindings"][0]["state"]
    with panel_of(world) as panel:
        panel.wait_drawn()
        wait_for(lambda: panel.menu_of(tray).find("notes – Ready"), "The binding is not in the menu")
        rows, window = panel.open_menu(tray)
        panel.point_at(rows, window, "notes")
        panel.wait_popup()
        world.desktop.shot("icon-menu")
        world.desktop.keys("Escape")
        world.desktop.keys("Escape")
        wait_for(lambda: window not in panel.popups(), "The menu stays")
        panel.choose(tray, "notes", "Pause Until Resumed")
        wait_for(lambda: state() == "paused", "A click on Pause does nothing")
        wait_for(lambda: panel.menu_of(tray).find("notes – Paused"), "The menu does not change")


def opens_the_window_by_a_click(world):
    tray = world.start()
    with panel_of(world) as panel:
        panel.wait_drawn()
        panel.press(1)
        tray.wait_window("Bindings")
        world.desktop.keys("ctrl+w")
        tray.wait_no_window("Bindings")


def comes_back_with_its_panel(world):
    tray = world.start()
    with panel_of(world) as panel:
        shape = panel.wait_drawn()
        for _ in range(2):
            panel.stop()
            panel.start()
            panel.wait_same(shape)
        panel.choose(tray, "Quit This Icon")
        assert tray.process.wait(30) == 0, world.desktop.said("tray")


def stays_when_the_screen_is_resized(world):
    tray = world.start()
    with panel_of(world) as panel:
        shape = panel.wait_drawn()
        for size in ("800x600", "1024x768"):
            if not world.desktop.ask("xrandr", "--size", size) and shutil.which("xrandr") is None:
                return
            panel.wait_same(shape)
        panel.press(1)
        tray.wait_window("Bindings")


def is_drawn_from_pixels(world):
    """Where the name of the icon leads nowhere: the folder of icons is not where the program is."""
    program = os.path.join(world.home, "bin", "bindify-tray")
    os.mkdir(os.path.dirname(program))
    with open(world.tray_program, "rb") as source, open(program, "wb") as copy:
        copy.write(source.read())
    os.chmod(program, 0o755)
    world.tray_program = program
    world.start()
    with panel_of(world, theme="hicolor") as panel:
        panel.wait_drawn()
        world.desktop.shot("icon-pixels")


if __name__ == "__main__":
    skip_unless_complete(("xfce4-panel", "xfce4-panel"))
    if not os.path.exists(XFCONFD):
        print("These tests want the settings of xfce; please install: xfconf")
        sys.exit(SKIPPED)
    sys.exit(run_cases(__doc__, [is_drawn_in_every_state, has_a_menu_with_submenus, opens_the_window_by_a_click,
                                 comes_back_with_its_panel, stays_when_the_screen_is_resized, is_drawn_from_pixels]))
