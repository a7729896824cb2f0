/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The URL to try next for a redirect that may be followed: 307 or 308 within the same origin, where
 * the credential belongs (behaviour 5.5). NULL for all others. Pure. Free with g_free(). */
char *bfy_redirect_target (const char *url, guint status, const char *location);
