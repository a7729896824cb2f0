#!/usr/bin/python3
# SPDX-FileCopyrightText: bindify contributors
# SPDX-License-Identifier: Apache-2.0

"""Draws the symbolic icons as small pictures, which the tray hands to panels that do not find icons by name:
pixmaps/NAME-SIZE.png. To be run when an icon has been changed.

usage: pixmaps.py [--check]     --check: only says which pictures are not those of their icons (exit status 1; 77
without the library that draws them)"""

import os
import sys
import tempfile

try:
    import gi
    gi.require_version("GdkPixbuf", "2.0")
    from gi.repository import GdkPixbuf, GLib
except (ImportError, ValueError):
    print("These pictures want python3-gi and gir1.2-gdkpixbuf-2.0 (with librsvg2-common)")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
ICONS = os.path.join(HERE, "hicolor", "symbolic", "apps")
PICTURES = os.path.join(HERE, "pixmaps")
SIZES = (22, 44)
# Versions of the library differ a little at edges: mean difference of the alpha channel, of 255.
DIFFERENCE_MAX = 6


def names():
    return sorted(name[:-len(".svg")] for name in os.listdir(ICONS) if name.endswith(".svg"))


def draw(name, size, path):
    picture = GdkPixbuf.Pixbuf.new_from_file_at_size(os.path.join(ICONS, name + ".svg"), size, size)
    picture.savev(path, "png", ["compression"], ["9"])


def alpha(path):
    picture = GdkPixbuf.Pixbuf.new_from_file(path)
    stride, pixels = picture.get_rowstride(), picture.get_pixels()
    return [pixels[y * stride + x * 4 + 3] for y in range(picture.get_height()) for x in range(picture.get_width())]


def differs(name, size):
    path = os.path.join(PICTURES, f"{name}-{size}.png")
    if not os.path.exists(path):
        return True
    with tempfile.TemporaryDirectory() as folder:
        fresh = os.path.join(folder, "fresh.png")
        draw(name, size, fresh)
        old, new = alpha(path), alpha(fresh)
    return len(old) != len(new) or sum(abs(a - b) for a, b in zip(old, new)) > DIFFERENCE_MAX * len(new)


def main():
    if sys.argv[1:] == ["--check"]:
        wrong = [f"{name}-{size}.png" for name in names() for size in SIZES if differs(name, size)]
        print("\n".join(f"{picture} is not its icon: run data/icons/pixmaps.py" for picture in wrong)
              or f"{len(names())} icons, all pictures fit")
        return 1 if wrong else 0
    os.makedirs(PICTURES, exist_ok=True)
    for name in names():
        for size in SIZES:
            draw(name, size, os.path.join(PICTURES, f"{name}-{size}.png"))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GLib.Error as error:
        print(f"The icons cannot be drawn here: {error.message}")
        sys.exit(77)
