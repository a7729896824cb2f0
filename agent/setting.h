/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* One of the settings in bindify.conf that may be changed while the agent runs, by a person before
 * the window or with `bindify settings`. What decides where a credential goes or which program asks
 * the person (proxies, the vault's key file, askpass, …) is not among them: that takes an editor,
 * so that a program which may use the socket cannot change it.
 *
 * Changing leaves everything else of the file as it is: comments, unknown keys, order. Pure. */
typedef enum
{
  BFY_SETTING_AT_RESTART, /* counts when the agent is started anew */
  BFY_SETTING_AT_ONCE,
} BfySettingApplies;

typedef struct
{
  const char *name; /* GROUP.KEY */
  const char *fallback;
  BfySettingApplies applies;
  const char *meaning; /* one sentence for people */
} BfySetting;

#define BFY_SETTING_VALUE_BYTES_MAX 64

/* The n-th of them, NULL behind the last. */
const BfySetting *bfy_setting_nth (guint n);
/* BFY_ERROR_NOT_FOUND, also for one that only an editor changes: the sentence says so. */
const BfySetting *bfy_setting_find (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it may be written: BFY_ERROR_INVALID_ARGUMENT with what it may be. */
gboolean bfy_setting_check (const BfySetting *self,
                            const char *value,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a file says of it, its text being @text: NULL when that is nothing, or nothing that counts.
 * Free with g_free(). */
char *bfy_setting_read (const BfySetting *self, const char *text);
/* The same text with that value, a checked one; NULL takes it out. Free with g_free(). */
char *bfy_setting_write (const BfySetting *self, const char *text, const char *value);
