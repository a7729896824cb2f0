/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The one way out for what any of our processes logs (behaviour 20). Every text field, whatever its
 * name, loses first the secrets that the process is known to hold, then all that looks like a
 * credential. Fields are flat texts, so there is no depth to cut at. */

/* A copy of @text without the secrets that are known, NULL when there is none in it. May be called
 * in any thread that logs. */
typedef char *(*BfyLogKnown) (gpointer user_data, const char *text);

/* To be called once, before anything is logged. Chains to g_log_writer_default(), so that fatal
 * warnings stay fatal. */
void bfy_log_init (void);
/* NULL takes it away again, as whoever provides it must before it ends. */
void bfy_log_set_known (BfyLogKnown known, gpointer user_data);
/* Where the clean fields go instead of g_log_writer_default(); NULL is that again. */
void bfy_log_set_output (GLogWriterFunc output, gpointer user_data);

/* What the sink does to each text, for other lines that people get to see: known secrets, then
 * bfy_redact(). Free with g_free(). */
char *bfy_log_clean (const char *text);
/* The same for a field: ids in BINDIFY_…_ID are cut to 8 characters too (behaviour 20.4). */
char *bfy_log_clean_field (const GLogField *field);
