/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* A metadata document that may be at one of several places: the first that has one counts
 * (mcp.md B.1, steps 2 to 4). */

#define BFY_METADATA_TIMEOUT_MS 10000 /* for each place */

typedef enum
{
  BFY_METADATA_TAKE,
  BFY_METADATA_NEXT, /* not here */
  BFY_METADATA_FAIL, /* it may be here, but not now: no reason to go by lesser rules */
} BfyMetadataVerdict;

/* 4xx, 502 and redirects mean that nothing is there (mcp.md B.1.4), and so does a web page, which
 * is what many a site answers whatever the path. Pure. */
BfyMetadataVerdict bfy_metadata_judge (guint status, const char *content_type);

/* @urls: tried in this order. @binding: its policy, and whether local ones will do. */
void bfy_metadata_find_async (BfyAgent *agent,
                              const char *const *urls,
                              const BfyBinding *binding,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* TRUE and NULL in @document when it is at none of them. Errors are those of BfyFetch. */
gboolean bfy_metadata_find_finish (GAsyncResult *result,
                                   BfySecret **document,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
