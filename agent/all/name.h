/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What tools, prompts, resources and tasks of many bindings are called at the one endpoint for all.
 *
 * A tool or prompt is PREFIX__NAME. The prefix is the binding's name; one that is longer than
 * BFY_ALL_PREFIX_MAX, holds "__", ends in "_" or ends like a shortened one ("-" and eight hex
 * digits) is shortened: "_" becomes "-", the rest is cut, and "-" with a digest of the whole name
 * follows. So a prefix never holds "__" nor ends in "_", and where it ends can be seen without
 * knowing the bindings: what one name means does not change when another binding is added.
 *
 * The whole has at most BFY_ALL_NAME_MAX bytes, which is what models take. A longer one is cut and
 * ends in "_" with a digest of the name; whoever gets such a one has to look it up in the binding's
 * list.
 *
 * A resource is bindify://PREFIX/URI; one of the scheme ui: is ui://bindify/PREFIX/REST, because
 * hosts know such views by their scheme. Templates likewise. A task is PREFIX__ID, of any length.
 */

#define BFY_ALL_PREFIX_MAX 32
#define BFY_ALL_NAME_MAX 64

/* All results are to be freed with g_free(). */
char *bfy_all_prefix (const char *binding);
char *bfy_all_name_encode (const char *prefix, const char *name);
char *bfy_all_uri_encode (const char *prefix, const char *uri);
char *bfy_all_task_encode (const char *prefix, const char *id);

/* The prefix, or NULL for what is none of our names. @rest points behind it into @text. */
char *bfy_all_name_split (const char *text, const char **rest);
/* TRUE when what stands behind the prefix of @text has to be looked up. */
gboolean bfy_all_name_is_short (const char *text);
/* @uri: what the binding calls it. (transfer full) */
char *bfy_all_uri_split (const char *text, char **uri);
