/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A pattern of names in a policy: “*” stands for any characters, also for none and for slashes;
 * everything else stands for itself, byte by byte. Nothing more, so that a pattern means what it
 * looks like and takes time linear in what it is held against. */
gboolean bfy_glob_matches (const char *glob, const char *text);
/* The same for parts of a text. */
gboolean
bfy_glob_matches_span (const char *glob, gsize glob_length, const char *text, gsize length);
