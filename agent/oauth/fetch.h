/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* One request to a party of OAuth: metadata, registration, token, revocation, device
 * (mcp.md C, SSRF in discovery). https, or http on loopback with @allow_local; where it may go is
 * BfyNetwork's to say, and without @allow_local not to loopback and private addresses. No
 * redirects, no cookies, no compression, no second try; capped and with a deadline over all of it.
 */

#define BFY_FETCH_BYTES_MAX (64 * 1024) /* longer answers are BFY_ERROR_RESPONSE_TOO_LARGE */
#define BFY_FETCH_TIMEOUT_MS 30000      /* behaviour 7.2 */
#define BFY_FETCH_RETRY_AFTER_MAX_S (24 * 60 * 60)

typedef struct
{
  const char *method; /* "GET" or "POST" */
  const char *url;
  const char *accept;        /* (nullable) application/json */
  const char *content_type;  /* (nullable) of @body */
  BfySecret *body;           /* (nullable) */
  BfySecret *authorization;  /* (nullable) the whole value of that header */
  const char *mcp_version;   /* (nullable) MCP-Protocol-Version */
  const BfyBinding *binding; /* (nullable) for which, whose policy counts */
  gboolean allow_local;
  guint timeout_ms; /* 0: BFY_FETCH_TIMEOUT_MS */
} BfyFetch;

typedef struct
{
  guint status;
  char *content_type;   /* (owned) (nullable) without parameters, lower case */
  char *location;       /* (owned) (nullable) never followed */
  gint64 retry_after_s; /* 0 when not said, at most BFY_FETCH_RETRY_AFTER_MAX_S */
  GStrv challenges;     /* (owned) (nullable) every WWW-Authenticate field */
  BfySecret *body;      /* (owned) may hold tokens */
} BfyFetchAnswer;

void bfy_fetch_answer_free (BfyFetchAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyFetchAnswer, bfy_fetch_answer_free)

/* Everything in @fetch is copied or referenced before the call returns. Any HTTP status is an
 * answer. BFY_ERROR_UPSTREAM_FAILED, _UPSTREAM_TIMEOUT, _RESPONSE_TOO_LARGE, _LOCAL_ADDRESS,
 * _DENIED, _CANCELLED; messages in fixed words, without URL and without a byte that was fetched. */
void bfy_fetch_async (BfyAgent *agent,
                      const BfyFetch *fetch,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
BfyFetchAnswer *bfy_fetch_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
