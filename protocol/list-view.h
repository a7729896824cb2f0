/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/constraints.h"
#include "protocol/policy.h"

/* The lists of a server (tools, prompts, resources, templates) as a binding's policy shows them:
 * what may not be used is left out, everything else stays byte for byte what and where it was, the
 * cursor and an empty page too. A cacheScope becomes "private", because the view is this binding's
 * own (mcp.md A.6). */

#define BFY_LIST_VIEW_BYTES_MAX (16 * 1024 * 1024) /* of one answer; more cannot be filtered */

/* The array of tools in a result, before anything of it is left out; checked JSON. */
typedef void (*BfyListViewFunc) (const BfyJsonSlice *tools, gpointer user_data);

/* What a list is held against. Lists of tools also say what the tools do (access.h): whoever keeps
 * that in mind gets each one through @learn, before it is looked at which of them are shown. */
typedef struct
{
  const BfyPolicy *policy;           /* (nullable) */
  const BfyConstraints *constraints; /* (nullable) of its tools nothing but them is shown */
  BfyPolicyFacts facts;              /* borrowed */
  BfyListViewFunc learn;             /* (nullable) */
  gpointer user_data;
} BfyListViewSetup;

/* Whether what answers @rpc may have to be filtered, or tells what the policy weighs. @rpc: NULL
 * for a stream of its own, which may bring any answer again. Of @setup only policy and constraints
 * are looked at. */
gboolean bfy_list_view_is_needed (const BfyListViewSetup *setup, const BfyRpc *rpc);

/* FALSE for UTF-8 that neither spells the name of a list nor escapes a letter: it need not be read.
 */
gboolean bfy_list_view_may_have_list (const char *text, gsize length);

/* @text: one JSON-RPC message or an array of them. The lists in it are known by their shape: an id
 * could be spelled otherwise than in the request, and a resumed stream has no request. NULL without
 * an error when it stays as it is. BFY_ERROR_PARSE. Free with g_free(). */
char *bfy_list_view_filter (const BfyListViewSetup *setup,
                            const char *text,
                            gsize length,
                            gsize *filtered_length,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
