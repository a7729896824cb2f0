/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/all/translate.h"

/* What many bindings have answered, put together as one result. Pure. */

/* What one of them has contributed. */
typedef struct
{
  const char *name;   /* borrowed, of the binding */
  char *prefix;       /* (owned) */
  char *failure;      /* (owned) (nullable) goes on after the binding's name */
  GString *items;     /* (owned) of a list, with commas */
  char *instructions; /* (owned) (nullable) */
  gint64 ttl_ms;      /* how long it stays true; -1: not said */
  gboolean has_tasks; /* its calls may become tasks */
} BfyAllShare;

void bfy_all_share_init (BfyAllShare *share, const char *name);
void bfy_all_share_clear (BfyAllShare *share);
void bfy_all_share_read_ttl (BfyAllShare *share, const BfyJsonSlice *result);
void bfy_all_share_read_discover (BfyAllShare *share, const BfyJsonSlice *result);

/* @shares: (element-type BfyAllShare), in their order. Raw JSON, free with g_free(). */
char *bfy_all_summary_list (const BfyAllList *list, GPtrArray *shares);
char *bfy_all_summary_discover (GPtrArray *shares);
