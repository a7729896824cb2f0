/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/challenge.h"
#include "protocol/credential.h"

/* One request to an upstream outside of any client's traffic: does it accept this credential, does
 * it want one at all (behaviour 17.2, 18.2)? The answer's body is read for the account only, if
 * somebody says where it stands. */

#define BFY_PROBE_TIMEOUT_MS 15000

typedef struct
{
  const char *method;          /* "GET" or "POST" */
  const BfyBinding *binding;   /* whose upstream it is, or that of its service */
  const char *url;             /* canonical */
  const char *body;            /* (nullable) JSON */
  GHashTable *headers;         /* (nullable) (element-type utf8 utf8) */
  const char *const *accounts; /* (nullable) JSON pointers to what names the account */
  const BfyInjection *injection;
  const BfyCredential *credential; /* (nullable) with BFY_INJECT_NONE */
} BfyProbe;

typedef enum
{
  BFY_AUTH_UNKNOWN,
  BFY_AUTH_NONE,
  BFY_AUTH_BASIC,
  BFY_AUTH_BEARER,
  BFY_AUTH_OAUTH,
} BfyAuth;

typedef struct
{
  guint status; /* HTTP */
  BfyAuth auth; /* what a 401 asks for; NONE after 2xx */
} BfyProbeResult;

/* Everything in @probe is copied or used up before the call returns. Any HTTP status is a result;
 * not reaching the upstream is BFY_ERROR_UPSTREAM_FAILED or _TIMEOUT, a name that leads
 * to this machine or a private network without consent BFY_ERROR_LOCAL_ADDRESS, what the binding's
 * policy does not permit BFY_ERROR_DENIED. Redirects are followed within
 * the origin only. */
void bfy_probe_async (BfyAgent *agent,
                      const BfyProbe *probe,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
gboolean bfy_probe_finish (GAsyncResult *result,
                           BfyProbeResult *answer,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What the answer's WWW-Authenticate said, else an empty one; to be asked while @result is there.
 * Never NULL. (transfer full) */
BfyChallenge *bfy_probe_steal_challenge (GAsyncResult *result);
/* The account that the answer named, a clean line, or NULL; to be asked while @result is there.
 * (transfer full) */
char *bfy_probe_steal_account (GAsyncResult *result);

/* The probe that fits any MCP server: `initialize`; a session it opened is closed again. A server
 * that knows no such POST may have the transport of 2024-11-05: then a stream that opens with an
 * `endpoint` of its own origin is a success, one of another origin BFY_ERROR_UPSTREAM_FAILED. */
void bfy_probe_init_mcp (BfyProbe *probe,
                         const BfyBinding *binding,
                         const BfyInjection *injection,
                         const BfyCredential *credential);
gboolean bfy_probe_is_mcp (const BfyProbe *probe);
/* For any binding: the same for an MCP server; of a REST service its base URL is read. */
void bfy_probe_init (BfyProbe *probe, const BfyBinding *binding, const BfyCredential *credential);
/* Instead of that, the request of a catalogue record, from which @probe borrows. */
void bfy_probe_use (BfyProbe *probe, const BfyServiceProbe *known);

/* Pure. */
BfyAuth bfy_auth_from_challenge (const BfyChallenge *challenge);
const char *bfy_auth_to_wire (BfyAuth auth);
