/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a modern client asks of a legacy server: the handshake and the checks are answered here, all
 * else goes on to the server's session. */

#include "agent/era/eras-private.h"
#include "agent/era/listen.h"
#include "agent/era/modern-call.h"
#include "agent/era/server-session.h"
#include "protocol/era-pages.h"

#define CODE_UNSUPPORTED_VERSION (-32022)
#define CODE_METHOD_NOT_FOUND (-32601)
#define CODE_INVALID_PARAMS (-32602)
#define MODERN_VERSIONS "[\"" BFY_ERA_MODERN_VERSION "\"]"

typedef struct
{
  BfyServerSession *session; /* (owned) */
  BfyRequest *request;       /* (owned) */
  BfyOriginal *original;     /* (owned) (nullable) */
  char *id;                  /* (owned) raw */
  BfyEraPlace *place;        /* (owned) */
  gulong gone_id;
} Discovery;

static void
discovery_free (Discovery *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_server_session_unref (self->session);
  bfy_request_unref (self->request);
  g_clear_pointer (&self->original, bfy_original_free);
  g_free (self->id);
  bfy_era_place_free (self->place);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Discovery, discovery_free)

void
bfy_modern_note_ready (BfyEras *eras, const BfyEraTarget *target)
{
  bfy_eras_learn (eras, target, BFY_ERA_MODERN, FALSE);
  bfy_eras_learn (eras, target, BFY_ERA_LEGACY, TRUE);
}

void
bfy_modern_fail (BfyEras *eras,
                 BfyRequest *request,
                 const BfyEraTarget *target,
                 const char *id,
                 const BfyOriginal *original,
                 BfyInquiry *failure)
{
  g_autofree char *text = g_strdup_printf (
      "The service behind “%s” does not speak MCP " BFY_ERA_MODERN_VERSION
      ", and its initialize, as of " BFY_ERA_NEWEST_LEGACY " and before, failed (HTTP %u)",
      target->name, bfy_inquiry_get_status (failure));

  bfy_eras_unlearn (eras, target->id);
  bfy_eras_fail (request, id, original, failure, text);
}

static void
on_discovered (BfyServerSession *session, BfyInquiry *failure, gpointer user_data)
{
  g_autoptr (Discovery) self = user_data;
  BfyEras *eras = bfy_server_session_get_eras (session);
  g_autofree char *result = NULL;
  g_autofree char *body = NULL;
  BfyJsonSlice initialized;

  if (failure != NULL)
    {
      bfy_modern_fail (eras, self->request, &self->place->here, self->id, self->original, failure);
      return;
    }

  bfy_modern_note_ready (eras, &self->place->here);
  bfy_server_session_get_result (session, &initialized);
  result = bfy_era_discover_result (&initialized);
  body = bfy_era_format_response (self->id, "result", result);
  bfy_request_reply (self->request, 200, "application/json", body, -1);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  g_autoptr (Discovery) self = user_data;

  bfy_server_session_forget (self->session, self);
}

static void
discover (BfyServerSession *session,
          BfyRequest *request,
          const BfyEraTarget *target,
          const BfyRpcMessage *message,
          BfyOriginal *original)
{
  Discovery *self = g_new0 (Discovery, 1);

  self->session = bfy_server_session_ref (session);
  self->request = bfy_request_ref (request);
  self->original = original;
  self->id = g_strdup (message->id);
  self->place = bfy_era_place_new (target);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  bfy_server_session_when_ready (session, on_discovered, self);
}

static void
refuse_version (BfyRequest *request, const char *id, const BfyEraClaim *claim)
{
  g_autoptr (GString) body = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (body,
                          "%s,\"error\":{\"code\":%d,\"message\":\"Unsupported protocol version\","
                          "\"data\":{\"supported\":" MODERN_VERSIONS ",\"requested\":%.*s}}}",
                          id, CODE_UNSUPPORTED_VERSION, (int) claim->version.length,
                          claim->version.start);
  bfy_request_reply (request, 400, "application/json", body->str, (gssize) body->len);
}

/* FALSE after having refused what a modern server refuses, or what a legacy one has no word for. */
static gboolean
check (BfyRequest *request,
       const BfyEraTarget *target,
       const BfyRpcMessage *message,
       const BfyEraClaim *claim)
{
  g_autofree char *text = NULL;

  if (!bfy_json_slice_equals (&claim->version, BFY_ERA_MODERN_VERSION))
    {
      refuse_version (request, message->id, claim);
      return FALSE;
    }
  if (claim->capabilities.start == NULL || claim->capabilities.type != BFY_JSON_OBJECT)
    {
      bfy_eras_refuse (request, 400, message->id, CODE_INVALID_PARAMS,
                       "params._meta lacks io.modelcontextprotocol/clientCapabilities", NULL);
      return FALSE;
    }

  switch (bfy_era_modern_method (message->method))
    {
    case BFY_ERA_METHOD_SAME:
    case BFY_ERA_METHOD_OWN:
      return TRUE;
    case BFY_ERA_METHOD_FOREIGN:
      text = g_strdup_printf ("There is no %s in MCP " BFY_ERA_MODERN_VERSION, message->method);
      break;
    case BFY_ERA_METHOD_LOST:
      text = g_strdup_printf ("%s of MCP " BFY_ERA_MODERN_VERSION
                              " has no counterpart in " BFY_ERA_NEWEST_LEGACY
                              ", and the service behind “%s” speaks that or an older version",
                              message->method, target->name);
      break;
    }
  bfy_eras_refuse (request, 404, message->id, CODE_METHOD_NOT_FOUND, text, NULL);

  return FALSE;
}

/* To the same call the server would give the same answer, and the person would be asked again. */
static gboolean
refuse_refusal (BfyRequest *request,
                const BfyEraTarget *target,
                const BfyRpcMessage *message,
                const BfyJsonSlice *root)
{
  g_autofree char *text = NULL;

  if (!bfy_era_pages_are_refused (root))
    return FALSE;
  text = g_strdup_printf ("The page that the service behind “%s” wants to be opened first was "
                          "not accepted; begin the call anew to be asked again",
                          target->name);
  bfy_eras_refuse (request, 200, message->id, bfy_error_to_rpc_code (BFY_ERROR_DENIED), text, NULL);

  return TRUE;
}

/* TRUE when the request brings what another one was told to ask for, or says so. */
static gboolean
resume (BfyEras *eras,
        BfyRequest *request,
        const BfyEraTarget *target,
        const BfyRpcMessage *message,
        const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "requestState", NULL };
  BfyJsonSlice state;

  if (!bfy_era_may_ask (message->method))
    return FALSE;
  if (!bfy_json_slice_find (root, path, &state))
    return refuse_refusal (request, target, message, root);
  if (!bfy_modern_call_resume (eras, request, target, message, root))
    bfy_eras_refuse (request, 200, message->id, CODE_INVALID_PARAMS,
                     "No call waits with this requestState; begin the call anew", NULL);

  return TRUE;
}

void
bfy_modern_serve (BfyEras *eras,
                  BfyRequest *request,
                  const BfyEraTarget *target,
                  const BfyRpcMessage *message,
                  BfyOriginal *taken)
{
  g_autoptr (BfyOriginal) original = taken;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyServerSession *session;
  BfyEraClaim claim;
  BfyJsonSlice root;

  bfy_json_slice_root (text, length, &root);
  bfy_era_claim_read (&root, &claim);
  if (!check (request, target, message, &claim) || resume (eras, request, target, message, &root))
    return;
  session = bfy_server_session_get (eras, request, target, &claim);
  if (session == NULL)
    {
      bfy_eras_refuse (request, 200, message->id, bfy_error_to_rpc_code (BFY_ERROR_RATE_LIMITED),
                       "There are too many sessions with servers of an older version", NULL);
      return;
    }

  if (g_str_equal (message->method, "server/discover"))
    discover (session, request, target, message, g_steal_pointer (&original));
  else if (g_str_equal (message->method, "subscriptions/listen"))
    bfy_listen_begin (session, target, request, message, g_steal_pointer (&original));
  else
    bfy_modern_call_begin (session, target, request, message, g_steal_pointer (&original));
}
