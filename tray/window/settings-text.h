/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

/* Values of settings as the page shows them. Pure. */

/* "screen,suspend" as bits of @names, and back; none is "none". Free with g_free(). */
guint bfy_settings_text_triggers (const char *value, const char *const *names, guint n_names);
char *bfy_settings_text_join_triggers (guint triggers, const char *const *names, guint n_names);

/* The times that a program may be kept waiting, in words; what is something else in the file is the
 * nearest of them. (transfer full) */
GtkStringList *bfy_settings_text_list_waits (void);
guint bfy_settings_text_find_wait (const char *wait_ms);
/* NULL for none of them. Free with g_free(). */
char *bfy_settings_text_format_wait (guint index);

/* Which of GET /v1/settings count only after a restart, in a sentence; NULL when none does. Free
 * with g_free(). */
char *bfy_settings_text_later (JsonObject *reply);
