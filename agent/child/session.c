/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/session.h"

#include "agent/child/sender.h"
#include "protocol/list-view.h"

typedef struct
{
  char *id;   /* (owned) (nullable) raw token: of a request */
  char *text; /* (owned) */
  gsize length;
} Held;

struct _BfySession
{
  char *id;    /* (owned) (nullable) */
  char *owner; /* (owned) (nullable) */
  BfySessionFunc ended;
  gpointer user_data;
  BfyChild *child;            /* (owned) (nullable) */
  BfySecretFile *file;        /* (owned) (nullable) */
  BfyMux *mux;                /* (owned) */
  BfyPolicy *policy;          /* (owned) (nullable) if it hides something of a list */
  GPtrArray *waiters;         /* (owned) (element-type BfyWaiter) borrowed elements, oldest first */
  BfyRequest *stream_request; /* (owned) (nullable) the client's GET */
  BfySender *stream;          /* (owned) (nullable) */
  gulong gone_id;
  GQueue backlog; /* (owned) (element-type Held) */
  GSource *timer; /* (owned) (nullable) of the backlog */
  gboolean has_answered;
  gint64 used_us;
};

static void
held_free (gpointer data)
{
  Held *held = data;

  g_free (held->id);
  g_free (held->text);
  g_free (held);
}

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
  self->used_us = g_get_monotonic_time ();

  return self;
}

static void
drop_timer (BfySession *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
drop_stream (BfySession *self)
{
  if (self->stream_request == NULL)
    return;

  g_signal_handler_disconnect (bfy_request_get_gone (self->stream_request), self->gone_id);
  if (!bfy_request_is_over (self->stream_request))
    bfy_sender_end (self->stream);
  g_clear_pointer (&self->stream, bfy_sender_free);
  g_clear_pointer (&self->stream_request, bfy_request_unref);
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
  drop_stream (self);
  drop_timer (self);
  g_queue_clear_full (&self->backlog, held_free);
  g_clear_pointer (&self->child, bfy_child_free);
  g_clear_pointer (&self->file, bfy_secret_file_free);
  bfy_mux_free (self->mux);
  bfy_policy_unref (self->policy);
  g_ptr_array_unref (self->waiters);
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
bfy_session_set_policy (BfySession *self, BfyPolicy *policy)
{
  gboolean hides = policy != NULL && bfy_list_view_is_needed (policy, NULL);

  bfy_policy_unref (self->policy);
  self->policy = hides ? bfy_policy_ref (policy) : NULL;
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

BfyChild *
bfy_session_get_child (BfySession *self)
{
  return self->child;
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
refuse_request (BfySession *self, const char *id)
{
  bfy_child_send (self->child,
                  g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,"
                                   "\"message\":\"No client listens for requests\"}}",
                                   id));
}

static gboolean
on_backlog_old (gpointer user_data)
{
  BfySession *self = user_data;
  Held *held;

  drop_timer (self);
  while ((held = g_queue_pop_head (&self->backlog)) != NULL)
    {
      if (held->id != NULL)
        refuse_request (self, held->id);
      held_free (held);
    }

  return G_SOURCE_REMOVE;
}

/* Nobody can take it now: perhaps a stream is on its way. */
static void
hold (BfySession *self, const BfyMuxMessage *message)
{
  Held *held;

  if (self->backlog.length >= BFY_SESSION_BACKLOG_MAX)
    {
      if (message->id != NULL)
        refuse_request (self, message->id);
      return;
    }

  held = g_new0 (Held, 1);
  held->id = g_strdup (message->id);
  held->text = g_strndup (message->text, message->length);
  held->length = message->length;
  g_queue_push_tail (&self->backlog, held);
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (BFY_SESSION_BACKLOG_MS);
  g_source_set_callback (self->timer, on_backlog_old, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
send_backlog (BfySession *self)
{
  Held *held;

  while ((held = g_queue_pop_head (&self->backlog)) != NULL)
    {
      bfy_sender_event (self->stream, held->text, held->length);
      held_free (held);
    }
  drop_timer (self);
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
    bfy_sender_event (self->stream, message->text, message->length);
  else if (newest != NULL)
    newest->related (newest, message->text, message->length);
  else if (message->id != NULL && g_str_equal (message->method, "ping"))
    bfy_child_send (self->child, bfy_rpc_format_result (message->id, "{}"));
  else
    hold (self, message);
}

/* A modern server has no requests, and what it says outside of a request cannot be told apart by
 * client: only when there is one client it is for that one. */
static void
deliver_shared (BfySession *self, const BfyMuxMessage *message)
{
  BfyWaiter *only = self->waiters->len == 1 ? g_ptr_array_index (self->waiters, 0) : NULL;

  if (message->kind == BFY_MUX_REQUEST)
    refuse_request (self, message->id);
  else if (only != NULL && g_str_equal (message->method, "notifications/message"))
    only->related (only, message->text, message->length);
}

/* Before anybody gets it or keeps it. */
static void
filter (BfySession *self, BfyMuxMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *filtered = NULL;
  gsize length;

  if (self->policy == NULL || !bfy_list_view_may_have_list (message->text, message->length))
    return;
  filtered = bfy_list_view_filter (self->policy, message->text, message->length, &length, &error);
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
on_stream_gone (GCancellable *gone, gpointer user_data)
{
  drop_stream (user_data);
}

gboolean
bfy_session_listen (BfySession *self, BfyRequest *request)
{
  if (self->stream != NULL)
    return FALSE;

  self->used_us = g_get_monotonic_time ();
  self->stream_request = bfy_request_ref (request);
  self->stream = bfy_sender_new (request, self->id);
  self->gone_id = g_signal_connect (bfy_request_get_gone (request), "cancelled",
                                    G_CALLBACK (on_stream_gone), self);
  send_backlog (self);

  return TRUE;
}
