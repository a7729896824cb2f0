/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/event.h"

/* What may stand in a record. */

/* NULL when @text may stay as it is, which is the usual case and costs no allocation; otherwise
 * what it becomes, see bfy_event_clean(). Free with g_free(). */
char *bfy_event_text_clean (const char *text,
                            GHashTable *known,
                            BfyEventCleaner clean,
                            gpointer user_data);

/* A path with "*" for each segment that is not a plain word: numbers, ids, hashes, keys, and
 * whatever is escaped. What is behind "?" or "#" is left out. Free with g_free(). */
char *bfy_path_pattern (const char *path);

/* Where a request goes: host and path of @url, which is a canonical one (protocol/upstream.h).
 * Anything else, as of a local command, leaves both absent. */
void bfy_event_set_target (BfyEvent *self, const char *url);
