/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Reads along while the answer to initialize passes, be it JSON or an event stream, to learn which
 * version of MCP the two sides have agreed on: what a session may send depends on it. Holds nothing
 * up and changes nothing; an answer that is too large or not as it should be stays without a
 * version. */
typedef struct _BfyGreeting BfyGreeting;

BfyGreeting *bfy_greeting_new (gboolean is_event_stream);
void bfy_greeting_free (BfyGreeting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGreeting, bfy_greeting_free)

void bfy_greeting_read (BfyGreeting *self, const char *bytes, gsize length);
/* Of what has been read so far. In JSON that tells only when all has been read. Borrowed; NULL when
 * there is none. */
const char *bfy_greeting_get_version (BfyGreeting *self);
