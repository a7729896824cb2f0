/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Who is not asked for at the moment, because a person has left two questions of it unanswered or
 * refused three, in a row (craft 1.6). The time is passed in: Unix time in milliseconds. */
#define BFY_QUIET_UNANSWERED 2
#define BFY_QUIET_REFUSED 3
#define BFY_QUIET_SUBJECTS_MAX 1024 /* the one that was heard of longest ago is forgotten */

typedef enum
{
  BFY_QUIET_ALLOWED,
  BFY_QUIET_DENIED, /* or put away */
  BFY_QUIET_TIMED_OUT,
} BfyQuietHow;

typedef struct _BfyQuiet BfyQuiet;

BfyQuiet *bfy_quiet_new (guint duration_ms);
/* Of quiets that begin from now on. */
void bfy_quiet_set_duration (BfyQuiet *self, guint duration_ms);
void bfy_quiet_free (BfyQuiet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyQuiet, bfy_quiet_free)

/* TRUE when the quiet of @subject begins with it. @name: for a person. */
gboolean bfy_quiet_note (
    BfyQuiet *self, const char *subject, const char *name, BfyQuietHow how, gint64 now_ms);
/* When it ends; 0 when @subject may be asked for. */
gint64 bfy_quiet_until_ms (BfyQuiet *self, const char *subject, gint64 now_ms);
typedef void (*BfyQuietFunc) (const char *name, gint64 until_ms, gpointer user_data);
void bfy_quiet_foreach (BfyQuiet *self, gint64 now_ms, BfyQuietFunc func, gpointer user_data);
/* Everybody may be asked for again; how many could not. */
guint bfy_quiet_end (BfyQuiet *self, gint64 now_ms);
