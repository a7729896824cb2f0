/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Links in the headers of an answer, for a client that reaches the service through a door of ours:
 * what leads to below the binding's URL leads through the door instead, and everything else stays
 * as it is. Pure. */
typedef struct
{
  const char *base; /* the binding's URL, canonical, without query */
  const char *here; /* that of the request, which relative links are relative to */
  const char *door; /* what stands for @base: "/http/NAME", perhaps with a key behind it */
} BfyLinkPlace;

/* Location, Content-Location and Link are the headers that have links. */
gboolean bfy_http_link_is_in (const char *header);
/* The value of such a header with its links rewritten. Free with g_free(). */
char *bfy_http_link_rewrite (const BfyLinkPlace *place, const char *header, const char *value);
