/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "agent/oauth/fetch.h"

#define BFY_FETCH_TOO_LARGE_TEXT "The sign-in server answered with more than an answer can hold"

/* The head of an answer. BFY_ERROR_RESPONSE_TOO_LARGE when it announces more than is taken,
 * _UPSTREAM_FAILED when it is compressed although that was not asked for. */
BfyFetchAnswer *
bfy_fetch_answer_new (SoupMessage *message, gint64 now_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of Retry-After: seconds, or a date (RFC 9110, 10.2.3); 0 when it is neither. Pure. */
gint64 bfy_fetch_parse_retry_after (const char *value, gint64 now_s);
