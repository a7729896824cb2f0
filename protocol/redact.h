/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Takes everything that looks like a credential out of a line meant for people or logs
 * (behaviour 20.2, the patterns; exact values known to the agent are removed by the agent). Client
 * keys become bnd_[REDACTED], auth schemes "Bearer [REDACTED]", vendor token shapes and runs of 43
 * or more key characters [REDACTED:Nchars]; user info and queries in URLs go too.
 * Free with g_free(). */
char *bfy_redact (const char *text);
