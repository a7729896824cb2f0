/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/batch.h"

#include "agent/child/post.h"
#include "agent/child/sender.h"
#include "agent/policy/hints.h"
#include "agent/proxy/quota-gate.h"
#include "protocol/json.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyRpc *rpc;         /* (owned) */
  BfySession *session; /* borrowed while somebody waits */
  BfySender *sender;   /* (owned) (nullable) when there is anything to answer */
  GPtrArray *parts;    /* (owned) (element-type Part) that wait */
  gulong gone_id;
  gint64 begun_us;
} Batch;

typedef struct
{
  BfyWaiter waiter; /* first: the session knows it as that */
  Batch *batch;     /* borrowed: it owns the part */
  const char *id;   /* borrowed from the batch's rpc */
  BfyEvent *event;  /* (owned) (nullable) until it is recorded */
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_clear_pointer (&part->event, bfy_event_free);
  g_free (part);
}

static void
batch_free (Batch *self)
{
  g_signal_handler_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  g_clear_pointer (&self->sender, bfy_sender_free);
  g_ptr_array_unref (self->parts);
  bfy_rpc_free (self->rpc);
  bfy_binding_unref (self->binding);
  bfy_request_unref (self->request);
  g_free (self);
}

static void
record (Part *part, BfyErrorCode code)
{
  Batch *batch = part->batch;
  BfyEvent *event = g_steal_pointer (&part->event);

  event->duration_ms = (g_get_monotonic_time () - batch->begun_us) / 1000;
  event->category = g_strdup (code == BFY_N_ERRORS ? "success" : bfy_error_to_wire (code));
  event->outcome = code == BFY_N_ERRORS ? BFY_OUTCOME_SUCCESS : BFY_OUTCOME_FAILURE;
  event->status = 200;
  bfy_quota_gate_judge (batch->request, event->outcome);
  bfy_store_append_event (batch->agent->store, event, FALSE);
}

/* The last one ends the stream, and the batch with it. */
static void
finish (Part *part, BfyErrorCode code)
{
  Batch *batch = part->batch;

  record (part, code);
  g_ptr_array_remove (batch->parts, part);
  if (batch->parts->len > 0)
    return;
  bfy_sender_end (batch->sender);
  batch_free (batch);
}

static void
on_related (BfyWaiter *waiter, const char *json, gsize length)
{
  bfy_sender_event (((Part *) waiter)->batch->sender, NULL, json, length);
}

static void fail (Part *part, BfyErrorCode code, const char *text);

/* The lists among the answers as the policy shows them. FALSE after having failed the part. */
static gboolean
send_answer (Part *part, const BfyMuxMessage *message)
{
  BfyHintsPlace place = { part->batch->agent, part->batch->binding };
  BfyListViewSetup setup = bfy_hints_list_setup (&place);
  g_autoptr (GError) error = NULL;
  gsize length = message->length;
  g_autofree char *filtered =
      bfy_hints_view_is_needed (part->batch->binding, part->batch->rpc)
          ? bfy_list_view_filter (&setup, message->text, message->length, &length, &error)
          : NULL;

  if (error != NULL)
    {
      fail (part, BFY_ERROR_UPSTREAM_FAILED,
            "The program sent a list that cannot be read, so that the policy cannot be applied");
      return FALSE;
    }
  bfy_sender_event (part->batch->sender, NULL, filtered != NULL ? filtered : message->text,
                    filtered != NULL ? length : message->length);

  return TRUE;
}

static void
on_response (BfyWaiter *waiter, const BfyMuxMessage *message)
{
  Part *part = (Part *) waiter;

  part->event->bytes_down = (gint64) message->length;
  bfy_registry_touch (part->batch->agent->registry, part->batch->binding->id,
                      bfy_post_owner (part->batch->request), bfy_agent_now_s ());
  if (send_answer (part, message))
    finish (part, BFY_N_ERRORS);
}

static void
fail (Part *part, BfyErrorCode code, const char *text)
{
  g_autofree char *body = bfy_rpc_format_error (part->id, code, text);

  bfy_sender_event (part->batch->sender, NULL, body, strlen (body));
  finish (part, code);
}

static void
on_failed (BfyWaiter *waiter, const char *reason)
{
  Part *part = (Part *) waiter;
  const char *name = part->batch->binding->name;
  g_autoptr (GError) locked = NULL;
  g_autofree char *text = g_strdup_printf (
      "The program behind “%s” %s; bindify log %s --stderr shows what it said", name, reason, name);

  if (bfy_credentials_check_unlocked (part->batch->agent->credentials, &locked))
    fail (part, BFY_ERROR_UPSTREAM_FAILED, text);
  else
    fail (part, bfy_error_code (locked), locked->message);
}

/* Its requests go on: a client that leaves has not called them off, as a person has who ends them.
 */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  Batch *self = user_data;
  BfyErrorCode code = bfy_request_get_end_code (self->request);

  for (guint i = 0; i < self->parts->len; i++)
    {
      Part *part = g_ptr_array_index (self->parts, i);

      bfy_session_forget (self->session, &part->waiter, code != BFY_ERROR_CANCELLED);
      record (part, code);
    }
  batch_free (self);
}

static Part *
part_new (Batch *batch, const BfyRpcMessage *message, gsize length)
{
  Part *part = g_new0 (Part, 1);

  part->waiter.related = on_related;
  part->waiter.response = on_response;
  part->waiter.failed = on_failed;
  part->batch = batch;
  part->id = message->id;
  part->event = bfy_agent_new_event ("proxy_request", batch->binding, batch->request);
  part->event->method = g_strdup (message->method);
  part->event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  part->event->bytes_up = (gint64) length;
  g_ptr_array_add (batch->parts, part);

  return part;
}

/* All of them wait before one can fail: the batch ends with the last. */
static void
send_all (Batch *self)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new ();
  BfyJsonSlice root, key, element;
  BfyJsonIter iter;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);

  bfy_json_slice_root (text, length, &root);
  bfy_json_iter_init (&iter, &root);
  for (guint i = 0; bfy_json_iter_next (&iter, &key, &element); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (self->rpc, i);
      Part *part = NULL;

      if (message->kind == BFY_RPC_REQUEST)
        part = part_new (self, message, element.length);
      if (part == NULL)
        bfy_session_pass (self->session, element.start, element.length);
      else if (!bfy_session_request (self->session, &part->waiter, element.start, element.length))
        g_ptr_array_add (refused, part);
    }
  for (guint i = 0; i < refused->len; i++)
    fail (g_ptr_array_index (refused, i), BFY_ERROR_RATE_LIMITED,
          "The program has more requests to answer than it may");
}

static gboolean
has_requests (const BfyRpc *rpc)
{
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    if (bfy_rpc_message (rpc, i)->kind == BFY_RPC_REQUEST)
      return TRUE;

  return FALSE;
}

void
bfy_batch_begin (BfyLocal *local, BfyRequest *request, BfySession *session, BfyRpc *rpc)
{
  Batch *self = g_new0 (Batch, 1);

  self->agent = bfy_local_get_agent (local);
  self->request = bfy_request_ref (request);
  self->binding = bfy_binding_ref (bfy_local_get_binding (local));
  self->rpc = rpc;
  self->session = session;
  self->parts = g_ptr_array_new_with_free_func (part_free);
  self->begun_us = g_get_monotonic_time ();
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  if (has_requests (rpc))
    {
      self->sender = bfy_sender_new (request, NULL);
      send_all (self);
      return;
    }

  send_all (self);
  bfy_request_reply_empty (request, 202);
  batch_free (self);
}
