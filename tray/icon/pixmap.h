/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* An icon of ours as pixels, a(iiay) in several sizes, for panels that do not find it by its name.
 * Nobody knows whether the panel is light or dark, so it is of a middle tone, and in colour where
 * the person should look. An empty array for a name that is not one of ours. Floating. */
GVariant *bfy_icon_pixmaps (const char *name);
