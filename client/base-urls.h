/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The variables by which programs are told that a service is somewhere else than it is: at the
 * agent. Pure. */

/* Of the printed form of a client key what stands in a path. Borrowed from @key. */
const char *bfy_base_urls_bare_key (const char *key);

/* "NAME=VALUE": BINDIFY_<NAME>_URL, and what @facts, the `env` of a catalogue record, names:
 * `base_url` with `base_path` behind @url, and `token`, which SDKs refuse to do without, as a word
 * that is no key: @token, or where it is NULL one of ours if there is a `base_url`. Free with
 * g_strfreev(). */
GStrv bfy_base_urls_list (const char *name, const char *url, JsonObject *facts, const char *token);
/* For git: of everything below @base, such as "https://github.com/", it is to find at @url what is
 * there. No file of git is changed. @index: how many such lists stand before this one, whose count
 * it replaces. Free with g_strfreev(). */
GStrv bfy_base_urls_list_git (const char *base, const char *url, guint index);

/* The same as lines for a shell, "export NAME='…'". Free with g_free(). */
char *bfy_base_urls_format (const char *name, const char *url, JsonObject *facts);
char *bfy_base_urls_format_git (const char *base, const char *url);
