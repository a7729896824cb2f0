/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#define BFY_NAME_LENGTH_MAX 63 /* characters of a binding name */
/* Stands where a binding's name stands and means all of them; it is no such name. */
#define BFY_NAME_OF_ALL "~all"
#define BFY_LABEL_LENGTH_MAX 100 /* characters of a label after trimming */
#define BFY_LABEL_BYTES_MAX 256  /* raw bytes of a label before trimming */

/* A binding's name: [a-z0-9][a-z0-9_-]{0,62} (behaviour 3.8). BFY_ERROR_INVALID_ARGUMENT with a
 * sentence that shows the name escaped and says what is allowed. */
gboolean bfy_name_check (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A free-text label: trimmed copy of 1–100 characters, one line, no control or bidi characters
 * (behaviour 23). NULL and BFY_ERROR_INVALID_ARGUMENT otherwise. Free with g_free(). */
char *bfy_label_normalize (const char *label, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes any text safe to show on one line: control, bidi and invalid bytes become escapes, at most
 * @n_max characters, then "…". Free with g_free(). */
char *bfy_text_to_line (const char *text, gsize n_max);
/* A binding name made from a host ("mcp.example.com" → "example"), or "binding". Free with
 * g_free(). */
char *bfy_name_from_host (const char *host);
/* The place of a word that travels on the wire in the list of those that are known; FALSE, and
 * @index left alone, for any other and for NULL. */
gboolean bfy_name_find (const char *const *names, guint n_names, const char *wire, guint *index);
