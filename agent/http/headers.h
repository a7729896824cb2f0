/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "protocol/http-link.h"

/* Which headers pass between a client and a REST service. Services have headers of their own, so
 * all pass but those that could do harm: what is for one hop only, what says who or where the
 * client is, what could stand in for the credential or for the method that the policy has judged,
 * and cookies, which are credentials. */

/* Up. @injected: (nullable) the header with the credential. The answer is asked for uncompressed,
 * so that it can be searched for secrets. */
void
bfy_http_headers_copy_up (SoupMessageHeaders *from, SoupMessageHeaders *to, const char *injected);
/* Down; not the length, nor what every answer of ours has. @place: (nullable) links are rewritten
 * for it. */
void bfy_http_headers_copy_down (SoupMessageHeaders *from,
                                 SoupMessageHeaders *to,
                                 const BfyLinkPlace *place);
