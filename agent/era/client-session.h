/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/eras-private.h"

/* The session of a legacy client, in front of a modern server that knows no sessions. It remembers
 * what the client said at the beginning, because the server has to be told with every request. */
typedef struct _BfyClientSession BfyClientSession;
typedef struct _BfyLegacyCall BfyLegacyCall;

#define BFY_CLIENT_SESSION_CALLS_MAX 256 /* at a time */
#define BFY_CLIENT_SESSION_URIS_MAX 256  /* subscribed to */

/* The table lets it go. */
void bfy_client_session_drop (gpointer self);
/* @client_id: NULL is a local process, not anybody. */
gboolean bfy_client_session_belongs_to (BfyClientSession *self,
                                        const char *binding_id,
                                        const char *client_id);
/* NULL is any. */
gboolean
bfy_client_session_is_of (BfyClientSession *self, const char *binding_id, const char *client_id);
/* @rpc: (nullable) for GET and DELETE. */
void bfy_client_session_serve (BfyClientSession *self, BfyRequest *request, const BfyRpc *rpc);

const char *bfy_client_session_get_name (BfyClientSession *self);
const char *bfy_client_session_get_version (BfyClientSession *self);
BfyEraEnvelope bfy_client_session_get_envelope (BfyClientSession *self);
gboolean bfy_client_session_has_capability (BfyClientSession *self, const char *capability);
typedef struct
{
  const char *method;      /* of MCP, as the body says */
  const char *target_name; /* (nullable) of the tool, prompt or resource, as the body says */
  char *body;              /* (transfer full) */
} BfyModernSetup;

/* A request to the server, with the headers that its era demands. */
BfyInquiry *bfy_client_session_inquire (BfyClientSession *self,
                                        BfyRequest *caller,
                                        const BfyModernSetup *setup,
                                        const BfyInquiryEvents *events,
                                        gpointer user_data);
/* What the server's lists have said about headers. */
struct _BfyToolHeaders *bfy_client_session_get_tools (BfyClientSession *self);
void bfy_client_session_remove_call (BfyClientSession *self, BfyLegacyCall *call);
guint64 bfy_client_session_next_number (BfyClientSession *self);
