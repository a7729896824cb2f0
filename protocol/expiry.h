/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* When something ends that outlives the agent: a lifetime, a grant. As long as the machine has not
 * been started anew, a clock decides that nobody sets and that goes on in suspend (craft 1.10);
 * after a new start there is only the wall clock. */
typedef struct
{
  char boot_id[37]; /* of the kernel, "" = not known */
  gint64 boot_ms;   /* since the machine was started, sleep included */
  gint64 wall_s;    /* Unix time; 0 = it never ends */
} BfyExpiry;

/* The same three of the present moment. */
typedef struct
{
  const char *boot_id; /* borrowed; "" = not known */
  gint64 boot_ms;
  gint64 wall_s;
} BfyMoment;

/* What ends in @duration_ms, which is above 0. */
BfyExpiry bfy_expiry_after (const BfyMoment *now, gint64 duration_ms);
gboolean bfy_expiry_is_set (const BfyExpiry *self);
/* How long it still lasts: 0 when it is over, G_MAXINT64 when it never ends. */
gint64 bfy_expiry_remaining_ms (const BfyExpiry *self, const BfyMoment *now);

/* A duration as ssh-add takes it: seconds, or numbers with s, m, h, d or w ("1h30m"),
 * sshd_config(5) TIME FORMATS. BFY_ERROR_INVALID_ARGUMENT for anything else, for 0 and for more
 * than ten years. */
gboolean
bfy_duration_parse (const char *text, gint64 *seconds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
