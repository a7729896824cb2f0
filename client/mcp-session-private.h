/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/mcp-session.h"
#include "client/sse-channel.h"
#include "protocol/json.h"
#include "protocol/rpc.h"

/* Shared by mcp-session.c (the session), mcp-post.c (one POST within it) and mcp-sse.c (the
 * transport of 2024-11-05). */
struct _BfyMcpSession
{
  GObject parent_instance;

  BfyRemote *remote; /* (owned) */
  char *binding;     /* (owned) */
  char *session_id;  /* (owned) (nullable) */
  char *version;     /* (owned) (nullable) negotiated */
  guint last_id;
  gboolean is_initializing;
  gboolean may_be_old; /* the server has refused `initialize` as one that has nothing newer does */
  BfySseChannel *channel; /* (owned) (nullable) then everything comes on it */
  GTask *opening;         /* (owned) (nullable) while the channel is being opened */
  gulong opening_id;
  BfyMcpSessionFunc on_waiting; /* (nullable) until it has been called */
  gpointer waiting_data;
  GHashTable *pending; /* (owned) (element-type utf8 GTask) requests in flight by id, borrowed */
};

void mcp_session_add_headers (BfyMcpSession *self, SoupMessage *message);
/* Takes @id, which is NULL for one-way messages, and @task, which gets the raw result or NULL. */
void mcp_post_async (BfyMcpSession *self, char *id, const char *text, GTask *task);
/* A text from the channel, and its end. */
void mcp_post_take_text (BfyMcpSession *self, const char *text, gsize length);
void mcp_post_fail_pending (BfyMcpSession *self, const GError *error);

/* Opens the channel; the end of the task says whether it is there. */
void mcp_sse_open_async (BfyMcpSession *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean mcp_sse_open_finish (BfyMcpSession *self,
                              GAsyncResult *result,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
