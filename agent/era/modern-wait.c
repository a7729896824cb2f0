/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/modern-call-private.h"

#define GATHER_MS 10 /* for questions that come together */

static gboolean
on_expired (gpointer user_data)
{
  BfyModernCall *self = user_data;
  g_autoptr (BfyRequest) caller = bfy_request_ref (self->request);

  bfy_modern_call_cancel (self, caller);

  return G_SOURCE_REMOVE;
}

static guint
n_asking (BfyEras *eras, const char *owner)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, eras->asking);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((BfyModernCall *) value)->owner, owner) == 0)
      n++;

  return n;
}

static gboolean
has_room (BfyModernCall *self)
{
  BfyEras *eras = bfy_server_session_get_eras (self->session);

  return g_hash_table_size (eras->asking) < BFY_ERAS_ASKING_MAX &&
         n_asking (eras, self->owner) < BFY_ERAS_ASKING_OF_CLIENT_MAX;
}

/* The client is told what the server wants to know; the call goes on when it comes back. */
static gboolean
on_gathered (gpointer user_data)
{
  BfyModernCall *self = user_data;
  BfyEras *eras = bfy_server_session_get_eras (self->session);
  g_autofree char *result = NULL;
  g_autofree char *json = NULL;

  bfy_modern_call_drop_timer (self);
  if (!has_room (self))
    {
      bfy_modern_input_refuse (self->input, self->session, self->request);
      return G_SOURCE_REMOVE;
    }

  self->state = bfy_eras_make_id ();
  result = bfy_modern_input_format (self->input, self->state,
                                    bfy_server_session_get_server_info (self->session));
  json = bfy_era_format_response (self->client_id, "result", result);
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_answer_finish (self->answer, 200, json, NULL);
  g_clear_pointer (&self->answer, bfy_answer_free);
  g_hash_table_insert (eras->asking, g_strdup (self->state), self);
  bfy_modern_call_set_timer (self, eras->asking_ms, on_expired);

  return G_SOURCE_REMOVE;
}

void
bfy_modern_call_take_request (BfyModernCall *self, const BfyInquiryMessage *message)
{
  const char *capability = bfy_era_input_capability (message->rpc->method);

  if (capability == NULL || !bfy_server_session_has_capability (self->session, capability) ||
      !bfy_era_may_ask (self->method) || !bfy_modern_input_add (self->input, message))
    {
      bfy_server_session_refuse (self->session, self->request, message->rpc);
      return;
    }
  if (self->answer != NULL && self->timer == NULL)
    bfy_modern_call_set_timer (self, GATHER_MS, on_gathered);
}

static BfyModernCall *
find_waiting (BfyEras *eras,
              BfyRequest *request,
              const BfyEraTarget *target,
              const BfyRpcMessage *message,
              const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "requestState", NULL };
  BfyJsonSlice slice;
  g_autofree char *state =
      bfy_json_slice_find (root, path, &slice) ? bfy_json_slice_dup_string (&slice) : NULL;
  BfyModernCall *self = state != NULL ? g_hash_table_lookup (eras->asking, state) : NULL;
  const char *name = message->name != NULL ? message->name : message->uri;

  if (self == NULL || g_strcmp0 (self->owner, bfy_eras_owner (request)) != 0 ||
      !g_str_equal (self->place->id, target->id) || !g_str_equal (self->method, message->method) ||
      g_strcmp0 (self->target_name, name) != 0)
    return NULL;

  return self;
}

gboolean
bfy_modern_call_resume (BfyEras *eras,
                        BfyRequest *request,
                        const BfyEraTarget *target,
                        const BfyRpcMessage *message,
                        const BfyJsonSlice *root)
{
  static const char *const path[] = { "params", "inputResponses", NULL };
  BfyModernCall *self = find_waiting (eras, request, target, message, root);
  BfyJsonSlice responses = { BFY_JSON_NULL, NULL, 0 };

  if (self == NULL)
    return FALSE;
  bfy_modern_call_stop_waiting (self);
  bfy_modern_call_take_over (self, request, message);
  if (!bfy_json_slice_find (root, path, &responses))
    responses.start = NULL;
  bfy_modern_input_answer (self->input, &responses, self->session, request);
  if (self->outcome != NULL)
    bfy_modern_call_take_outcome (self);
  else if (!bfy_modern_input_is_empty (self->input))
    bfy_modern_call_set_timer (self, GATHER_MS, on_gathered);

  return TRUE;
}
