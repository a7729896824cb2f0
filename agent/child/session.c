/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/session-private.h"
#include "agent/policy/hints.h"

static void refuse_request (const char *id, gpointer user_data);

BfySession *
bfy_session_new (const char *id, const char *owner, BfySessionFunc ended, gpointer user_data)
{
  BfySession *self = g_new0 (BfySession, 1);

  self->id = g_strdup (id);
  self->owner = g_strdup (owner);
  self->ended = ended;
  self->user_data = user_data;
  self->mux = bfy_mux_new (id == NULL);
  self->waiters = g_ptr_array_new ();
  self->detached = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_detached_free);
  self->replay = id != NULL ? bfy_replay_new () : NULL;
  self->backlog = bfy_backlog_new (refuse_request, self);
  self->used_us = g_get_monotonic_time ();

  return self;
}

static void
fail_waiters (BfySession *self, const char *reason)
{
  while (self->waiters->len > 0)
    {
      BfyWaiter *waiter = g_ptr_array_remove_index (self->waiters, 0);

      bfy_mux_disown (self->mux, waiter->number);
      waiter->failed (waiter, reason);
    }
}

void
bfy_session_free (BfySession *self)
{
  if (self == NULL)
    return;

  fail_waiters (self, "was stopped");
  bfy_session_drop_stream (self);
  bfy_backlog_free (self->backlog);
  g_clear_pointer (&self->child, bfy_child_free);
  g_clear_pointer (&self->file, bfy_secret_file_free);
  bfy_mux_free (self->mux);
  bfy_binding_unref (self->binding);
  g_ptr_array_unref (self->waiters);
  g_ptr_array_unref (self->detached);
  bfy_replay_free (self->replay);
  g_free (self->id);
  g_free (self->owner);
  g_free (self);
}

void
bfy_session_take_child (BfySession *self, BfyChild *child, BfySecretFile *file)
{
  self->child = child;
  self->file = file;
}

void
bfy_session_set_binding (BfySession *self, BfyAgent *agent, BfyBinding *binding)
{
  gboolean is_needed = bfy_hints_view_is_needed (binding, NULL);

  bfy_binding_unref (self->binding);
  self->agent = agent;
  self->binding = is_needed ? bfy_binding_ref (binding) : NULL;
}

const char *
bfy_session_get_id (BfySession *self)
{
  return self->id;
}

const char *
bfy_session_get_owner (BfySession *self)
{
  return self->owner;
}

gboolean
bfy_session_has_answered (BfySession *self)
{
  return self->has_answered;
}

gboolean
bfy_session_is_busy (BfySession *self)
{
  return self->waiters->len > 0 || self->stream != NULL;
}

gint64
bfy_session_get_used_us (BfySession *self)
{
  return self->used_us;
}

static void
refuse_request (const char *id, gpointer user_data)
{
  BfySession *self = user_data;

  bfy_child_send (self->child,
                  g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,"
                                   "\"message\":\"No client listens for requests\"}}",
                                   id));
}

/* What concerns a running request is expected on its stream, changes of lists on the GET stream. */
static gboolean
prefers_stream (const BfyMuxMessage *message)
{
  return g_str_has_suffix (message->method, "/list_changed") ||
         g_str_equal (message->method, "notifications/resources/updated");
}

static void
deliver_legacy (BfySession *self, const BfyMuxMessage *message)
{
  BfyWaiter *newest =
      self->waiters->len > 0 ? g_ptr_array_index (self->waiters, self->waiters->len - 1) : NULL;

  if (self->stream != NULL && (newest == NULL || prefers_stream (message)))
    bfy_session_send_on_stream (message->text, message->length, self);
  else if (newest != NULL)
    newest->related (newest, message->text, message->length);
  else if (message->id != NULL && g_str_equal (message->method, "ping"))
    bfy_child_send (self->child, bfy_rpc_format_result (message->id, "{}"));
  else
    bfy_backlog_hold (self->backlog, message);
}

/* A modern server has no requests, and what it says outside of a request cannot be told apart by
 * client: only when there is one client it is for that one. */
static void
deliver_shared (BfySession *self, const BfyMuxMessage *message)
{
  BfyWaiter *only = self->waiters->len == 1 ? g_ptr_array_index (self->waiters, 0) : NULL;

  if (message->kind == BFY_MUX_REQUEST)
    refuse_request (message->id, self);
  else if (only != NULL && g_str_equal (message->method, "notifications/message"))
    only->related (only, message->text, message->length);
}

/* Before anybody gets it or keeps it. */
static void
filter (BfySession *self, BfyMuxMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *filtered = NULL;
  BfyHintsPlace place = { self->agent, self->binding };
  BfyListViewSetup setup;
  gsize length;

  if (self->binding == NULL || !bfy_list_view_may_have_list (message->text, message->length))
    return;
  setup = bfy_hints_list_setup (&place);
  filtered = bfy_list_view_filter (&setup, message->text, message->length, &length, &error);
  if (error != NULL) /* not after the mux has read it */
    message->kind = BFY_MUX_NONE;
  if (filtered == NULL)
    return;
  g_free (message->text);
  message->text = g_steal_pointer (&filtered);
  message->length = length;
}

static void
on_line (BfyChild *child, const char *line, gsize length, gpointer user_data)
{
  BfySession *self = user_data;
  g_auto (BfyMuxMessage) message = { .kind = BFY_MUX_NONE };
  BfyWaiter *waiter;

  bfy_mux_receive (self->mux, line, length, &message);
  waiter = message.owner;
  if (message.kind == BFY_MUX_RESPONSE)
    filter (self, &message);
  switch (message.kind)
    {
    case BFY_MUX_NONE:
      break;
    case BFY_MUX_RESPONSE:
      self->has_answered = TRUE;
      g_ptr_array_remove (self->waiters, waiter);
      waiter->response (waiter, &message);
      break;
    case BFY_MUX_RELATED:
      waiter->related (waiter, message.text, message.length);
      break;
    case BFY_MUX_REQUEST:
    case BFY_MUX_NOTIFICATION:
      if (self->id != NULL)
        deliver_legacy (self, &message);
      else
        deliver_shared (self, &message);
      break;
    }
}

static void
on_ended (BfyChild *child, const char *reason, gpointer user_data)
{
  BfySession *self = user_data;

  fail_waiters (self, reason);
  self->ended (self, self->user_data);
}

const BfyChildEvents bfy_session_child_events = { .line = on_line, .ended = on_ended };

gboolean
bfy_session_request (BfySession *self, BfyWaiter *waiter, const char *text, gsize length)
{
  if (self->waiters->len >= BFY_SESSION_WAITERS_MAX)
    return FALSE;

  self->used_us = g_get_monotonic_time ();
  g_ptr_array_add (self->waiters, waiter);
  bfy_child_send (self->child, bfy_mux_request (self->mux, text, length, waiter, &waiter->number));

  return TRUE;
}

void
bfy_session_pass (BfySession *self, const char *text, gsize length)
{
  char *line = bfy_mux_pass (self->mux, text, length);

  self->used_us = g_get_monotonic_time ();
  if (line != NULL)
    bfy_child_send (self->child, line);
}

void
bfy_session_forget (BfySession *self, BfyWaiter *waiter, gboolean cancels)
{
  char *line = NULL;

  if (!g_ptr_array_remove (self->waiters, waiter))
    return;
  if (cancels)
    line = bfy_mux_cancel (self->mux, waiter->number);
  else
    bfy_mux_disown (self->mux, waiter->number);
  if (line != NULL)
    bfy_child_send (self->child, line);
}

static void
on_detached_ended (BfyDetached *detached, gpointer user_data)
{
  BfySession *self = user_data;

  g_ptr_array_remove (self->detached, detached);
}

void
bfy_session_detach (BfySession *self, BfyWaiter *waiter)
{
  BfyDetached *detached;
  guint index;

  if (self->replay == NULL || self->detached->len >= BFY_SESSION_DETACHED_MAX ||
      !g_ptr_array_find (self->waiters, waiter, &index))
    {
      bfy_session_forget (self, waiter, FALSE);
      return;
    }

  detached = bfy_detached_new (self->replay, waiter->number, on_detached_ended, self);
  g_ptr_array_add (self->detached, detached);
  self->waiters->pdata[index] = detached;
  bfy_mux_adopt (self->mux, waiter->number, detached);
}

char *
bfy_session_note_event (BfySession *self, const BfyWaiter *waiter, const char *json, gsize length)
{
  return self->replay != NULL ? bfy_replay_add (self->replay, waiter->number, json, length) : NULL;
}
