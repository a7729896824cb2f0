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

/* A pattern that is held against many texts: what can be counted beforehand is. */
typedef struct
{
  const char *text; /* borrowed */
  gsize length;
  gsize n_before; /* bytes before the first star; all of them without one */
  gsize n_after;  /* bytes behind the last star */
} BfyGlob;

BfyGlob bfy_glob_measure (const char *text, gsize length);
/* One in which a star is a star. */
BfyGlob bfy_glob_measure_literal (const char *text);
gboolean bfy_glob_fits (const BfyGlob *self, const char *text, gsize length);
