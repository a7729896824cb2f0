/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/error.h"

/* The person's terminal, taken over as a whole: no echo, no line editing, the other screen. It is
 * given back as it was on every way out that a program can see; what is shown stays out of the
 * scroll-back. Works with the default main context. */
typedef struct _BfyScreen BfyScreen;

typedef struct
{
  /* What was typed since the last time, at most a few hundred bytes. */
  void (*on_input) (BfyScreen *screen, const guint8 *bytes, gsize length, gpointer user_data);
  /* Its size may be another, or something else has written on it: to be drawn anew. */
  void (*on_stale) (BfyScreen *screen, gpointer user_data);
  /* It is gone, or a signal says that we should go. @signal_number: 0 for the former. The screen
   * has been left. */
  void (*on_end) (BfyScreen *screen, int signal_number, gpointer user_data);
} BfyScreenEvents;

/* BFY_ERROR_FAILED when there is no terminal. @is_plain: neither the other screen nor single keys,
 * for a terminal that knows nothing but lines. */
BfyScreen *bfy_screen_new (gboolean is_plain,
                           const BfyScreenEvents *events,
                           gpointer user_data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Leaves it. */
void bfy_screen_free (BfyScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyScreen, bfy_screen_free)

/* Everything as it was; no callback follows. May be called twice. */
void bfy_screen_leave (BfyScreen *self);
/* Ctrl-Z: gives the terminal back, stops, and takes it again when the shell lets us go on. */
void bfy_screen_suspend (BfyScreen *self);
/* What was typed but not yet read does not count. */
void bfy_screen_forget_input (BfyScreen *self);
void bfy_screen_write (BfyScreen *self, const char *text);
void bfy_screen_get_size (BfyScreen *self, guint *columns, guint *rows);
