/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* What a listener wants to hear of. Pure. */
typedef enum
{
  BFY_ALL_TOOLS_CHANGED,
  BFY_ALL_PROMPTS_CHANGED,
  BFY_ALL_RESOURCES_CHANGED,
  BFY_ALL_N_CHANGES,
} BfyAllChange;

#define BFY_ALL_SUBSCRIPTIONS_MAX 1024 /* resources, and tasks, of one listener */

typedef struct
{
  gboolean wants[BFY_ALL_N_CHANGES];
  GPtrArray *uris;  /* (owned) (element-type utf8) */
  GPtrArray *tasks; /* (owned) (element-type utf8) */
} BfyAllFilter;

void bfy_all_filter_init (BfyAllFilter *filter);
/* From params.notifications of a listen, or of what was acknowledged. */
void bfy_all_filter_read (BfyAllFilter *filter, const BfyJsonSlice *notifications);
void bfy_all_filter_clear (BfyAllFilter *filter);
gboolean bfy_all_filter_is_empty (const BfyAllFilter *filter);
/* As JSON. @prefix: what concerns one binding, under its own names; NULL: all. Free with
 * g_free(). */
char *bfy_all_filter_format (const BfyAllFilter *filter, const char *prefix);

const char *bfy_all_change_method (BfyAllChange change);
/* BFY_ALL_N_CHANGES for other methods. */
BfyAllChange bfy_all_change_find (const BfyJsonSlice *method);
