/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/refusal.h"

const char *
bfy_refusal_id (const BfyRpc *rpc)
{
  const BfyRpcMessage *message;

  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return NULL;
  message = bfy_rpc_message (rpc, 0);

  return message->kind == BFY_RPC_REQUEST ? message->id : NULL;
}

char *
bfy_refusal_format_paused (const BfyBinding *binding)
{
  return g_strdup_printf ("The binding “%s” is paused; bindify resume %s lets it go on",
                          binding->name, binding->name);
}

gboolean
bfy_refusal_is_logged_out (const BfyBinding *old, const BfyBinding *now)
{
  return now->needs_login_at_s > 0 && now->needs_login_at_s != old->needs_login_at_s;
}

char *
bfy_refusal_format_logged_out (const BfyBinding *binding)
{
  return g_strdup_printf ("“%s” has been logged out of; bindify login %s signs in again",
                          binding->name, binding->name);
}

/* Nobody waits for an answer to any of it. */
static gboolean
is_one_way (const BfyRpc *rpc)
{
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    if (bfy_rpc_message (rpc, i)->kind == BFY_RPC_REQUEST)
      return FALSE;

  return TRUE;
}

static guint
choose_status (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code)
{
  guint status = bfy_error_to_data_status (code);

  if (status != 200)
    return status;
  if (!g_str_equal (bfy_request_get_method (request), "POST"))
    return 405;

  return rpc != NULL && is_one_way (rpc) ? 202 : 200;
}

/* A REST client knows no JSON-RPC, and looks at the status. */
static gboolean
is_for_rest (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return route != NULL && route->kind == BFY_ROUTE_HTTP;
}

void
bfy_refuse (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *message)
{
  guint status = choose_status (request, rpc, code);
  g_autofree char *body = NULL;

  if (is_for_rest (request))
    {
      bfy_request_reply_error_status (request, bfy_error_to_http_status (code), code, message);
      return;
    }

  if (status == 202)
    {
      bfy_request_reply_empty (request, status);
      return;
    }

  body = bfy_rpc_format_error (bfy_refusal_id (rpc), code, message);
  if (status == 200)
    bfy_answer (request, body);
  else
    bfy_request_reply (request, status, "application/json", body, -1);
}

void
bfy_refuse_each (BfyRequest *request, const BfyRpc *rpc, BfyErrorCode code, const char *text)
{
  g_autoptr (GString) body = g_string_new (NULL);

  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);
      g_autofree char *answer = NULL;

      if (message->kind != BFY_RPC_REQUEST)
        continue;
      answer = bfy_rpc_format_error (message->id, code, text);
      g_string_append_printf (body, "%s%s", body->len == 0 ? "[" : ",", answer);
    }
  if (body->len == 0)
    {
      bfy_request_reply_empty (request, 202);
      return;
    }
  g_string_append_c (body, ']');
  bfy_answer (request, body->str);
}

void
bfy_answer (BfyRequest *request, const char *body)
{
  if (!bfy_request_reply_on_detour (request, body))
    bfy_request_reply (request, 200, "application/json", body, -1);
}
