/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The reading side of a non-blocking socket for those who take what comes step by step and at times
 * want nothing. What has been read and is not wanted yet is put aside; what they want while they
 * are being fed comes in a loop and not in ever deeper calls. Every buffer is wiped: there may be
 * keys in it. */
typedef struct
{
  gboolean (*wants) (gpointer user_data);
  /* One step; returns how many bytes it took. */
  gsize (*feed) (const char *bytes, gsize length, gpointer user_data);
  /* There is nothing to read any more. @code: errno, or 0 at the proper end. */
  void (*ended) (int code, gpointer user_data);
} BfyIntakeFuncs;

typedef struct
{
  /* To look at. */
  GByteArray *rest;     /* (owned) (nullable) read, but not wanted yet */
  gboolean has_hung_up; /* then even a short read may be followed by the end */
  int sender;           /* which process wrote what was read last; 0 = not told */

  /*< private >*/
  const BfyIntakeFuncs *funcs;
  gpointer user_data;
  int fd;
  gboolean is_told_senders;
  gboolean is_readable;
  gboolean is_pumping;
  gboolean is_open;
} BfyIntake;

void bfy_intake_init (BfyIntake *self, int fd, const BfyIntakeFuncs *funcs, gpointer user_data);
/* From here on what comes is kept. The kernel's buffer counts as empty until it is said not to be.
 */
void bfy_intake_open (BfyIntake *self);
/* The socket is a UNIX one that passes on who writes (SO_PASSCRED): whoever connected may have
 * handed it on. */
void bfy_intake_ask_senders (BfyIntake *self);
/* What is put aside is forgotten, also what would be in this moment. */
void bfy_intake_close (BfyIntake *self);
/* Of the poller. TRUE when there is something to read, or the end. */
gboolean bfy_intake_note_events (BfyIntake *self, guint32 events);
/* As long as something is wanted and something is there. FALSE when it is in that already. The
 * caller sees to it that what is fed outlives this. */
gboolean bfy_intake_pump (BfyIntake *self);
