/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

/* Cookies of one binding, kept on our side where its policy says so ("keep_cookies"): a session
 * that a service begins goes on, and no client ever sees it. In memory only; gone with the binding,
 * with another URL or policy, and when the agent locks (agent/network/network.h keeps them). */

#define BFY_COOKIES_MAX 64        /* of a binding; more are not taken */
#define BFY_COOKIE_BYTES_MAX 4096 /* longer ones are not taken (RFC 6265, 6.1) */

/* Those that the answer of @url sets. */
void bfy_cookies_take (SoupCookieJar *jar, const char *url, SoupMessageHeaders *answer);
/* Those for @url. */
void bfy_cookies_put (SoupCookieJar *jar, const char *url, SoupMessageHeaders *request);
