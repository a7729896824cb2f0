/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "protocol/error.h"

/* What every response of the agent carries (behaviour 2.8, 2.9), and the few responses to requests
 * that were not fit to become one. */

/* The head without its end: the status line and those headers. @is_own: made by the agent, not
 * relayed. (transfer full) */
GString *bfy_reply_format_head (guint status, gboolean is_own);

/* The mark of what the agent answers itself, and whether it is there. Upstreams cannot set it: it
 * is not among the headers that are copied down. */
void bfy_reply_mark_own (SoupMessageHeaders *headers);
gboolean bfy_reply_is_own (SoupMessageHeaders *headers);

/* {"error":…,"message":…,"hint":…}. Free with g_free(). */
char *bfy_reply_format_error (BfyErrorCode code, const char *message, const char *hint);

/* A whole response, head and body, that closes the connection. (transfer full) */
GBytes *bfy_reply_raw (guint status, const char *content_type, const char *body);
/* The same with an error of the control API's form as its body. */
GBytes *bfy_reply_raw_error (guint status, BfyErrorCode code, const char *message);
