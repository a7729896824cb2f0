/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The variables by which programs are told that a service is somewhere else than it is: at the
 * agent. Pure. */

/* Of the printed form of a client key what stands in a path. Borrowed from @key. */
const char *bfy_base_urls_bare_key (const char *key);

/* The same for git: of everything below @base, such as "https://github.com/", it is to find at @url
 * what is there. For this shell alone: no file of git is changed. Free with g_free(). */
char *bfy_base_urls_format_git (const char *base, const char *url);

/* Lines for a shell, "export NAME='…'": BINDIFY_<NAME>_URL, and what @facts, the `env` of a
 * catalogue record, names: `base_url` with `base_path` behind @url, and `token`, which SDKs refuse
 * to do without, as a word that is no key. Free with g_free(). */
char *bfy_base_urls_format (const char *name, const char *url, JsonObject *facts);
