/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

/* Which headers pass, both ways. Complete lists (behaviour 5.1, 5.2): what is not named is dropped,
 * so a client's Authorization or Cookie never goes up and an upstream's Set-Cookie never comes
 * down. Pure. */

/* The client's headers that an MCP upstream may see, then ours on top. @injected: the name of the
 * header that will carry the credential, or NULL; a client's copy of it is dropped. */
void bfy_headers_copy_up (SoupMessageHeaders *from,
                          SoupMessageHeaders *to,
                          const char *method,
                          const char *injected);

/* Whether all readers of a response agree on where it ends: without a transfer coding the
 * Content-Length is one decimal number, or there is none (RFC 9112, 6.3). */
gboolean bfy_headers_have_sound_length (SoupMessageHeaders *from);

void bfy_headers_copy_down (SoupMessageHeaders *from, SoupMessageHeaders *to);
/* What Connection names is for the next hop alone (RFC 9110, 7.6.1), whatever it is. */
gboolean bfy_headers_are_for_this_hop (SoupMessageHeaders *from, const char *name);
