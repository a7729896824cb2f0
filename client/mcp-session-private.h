/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/mcp-session.h"

/* Shared by mcp-session.c (the session) and mcp-post.c (one POST within it). */
struct _BfyMcpSession
{
  GObject parent_instance;

  BfyRemote *remote; /* (owned) */
  char *binding;     /* (owned) */
  char *session_id;  /* (owned) (nullable) */
  char *version;     /* (owned) (nullable) negotiated */
  guint last_id;
  gboolean is_initializing;
};

void mcp_session_add_headers (BfyMcpSession *self, SoupMessage *message);
/* Takes @id, which is NULL for one-way messages, and @task, which gets the raw result or NULL. */
void mcp_post_async (BfyMcpSession *self, char *id, const char *text, GTask *task);
