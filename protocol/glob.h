/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A pattern of names in a policy: “*” stands for any characters, also for none and for slashes;
 * everything else stands for itself, byte by byte. Nothing more, so that a pattern means what it
 * looks like and takes time linear in what it is held against. */
gboolean bfy_glob_matches (const char *glob, const char *text);
