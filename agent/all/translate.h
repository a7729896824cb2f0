/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* Messages of one binding as the endpoint for all shows them, and the other way round: names,
 * addresses and task ids change (agent/all/name.h), every other byte stays. Pure. All texts are
 * checked JSON; free what is returned with g_free(). */

#define BFY_ALL_CURSOR_BYTES_MAX (64 * 1024)

/* A method that lists something of every binding. */
typedef struct
{
  const char *method;
  const char *member; /* of the result, an array */
  const char *key;    /* of an item: what it is called */
  gboolean is_uri;
} BfyAllList;

/* NULL for other methods. */
const BfyAllList *bfy_all_list_find (const char *method);
/* Appends the items of one page, with commas; @items may hold some already. What has no proper name
 * is left out. @cursor: raw token of the next page, or NULL (transfer full). FALSE when @result is
 * no such list. */
gboolean bfy_all_list_read (const BfyAllList *list,
                            const char *prefix,
                            const BfyJsonSlice *result,
                            GString *items,
                            char **cursor);
/* The name of the item that is shown as @shown, or NULL when it is not in @result. */
char *bfy_all_list_search (const BfyAllList *list,
                           const BfyJsonSlice *result,
                           const char *prefix,
                           const char *shown);

/* A response to @method, or a notification, of the binding with @prefix. NULL when it stays as it
 * is. */
char *bfy_all_translate_down (
    const char *method, const char *prefix, const char *text, gsize length, gsize *n_written);
