/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/fields.h"
#include "protocol/json.h"
#include "tray/agent-link-private.h"

#define RETRY_FIRST_MS 250
#define RETRY_LAST_MS 8000 /* afterwards only the socket’s folder tells */

enum
{
  SIGNAL_NEWS,
  SIGNAL_EVENT,
  SIGNAL_QUESTION,
  SIGNAL_QUESTION_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_TYPE (BfyAgentLink, bfy_agent_link, G_TYPE_OBJECT)

static void connect_agent (BfyAgentLink *self);

void
bfy_agent_link_tell (BfyAgentLink *self, guint news)
{
  g_signal_emit (self, signals[SIGNAL_NEWS], 0, news);
}

/* What happens */

/* Which lists an event may have changed. */
static guint
judge_event (const char *type)
{
  static const struct
  {
    const char *prefix;
    guint news;
  } rows[] = {
    { "proxy_", 0 },
    { "prompt", 0 },
    { "approval_", BFY_NEWS_GRANTS },
    { "key_", BFY_NEWS_CLIENTS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS },
    { "decoy_", BFY_NEWS_CLIENTS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (g_str_has_prefix (type, rows[i].prefix))
        return rows[i].news;
    }

  return BFY_NEWS_STATUS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS;
}

/* (transfer full) Harmless names only: what is no name is left out. */
static GStrv
read_names (JsonObject *object, const char *member)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  JsonArray *array = bfy_field_array (object, member);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (names, json_node_get_string (node));
    }

  return g_strv_builder_end (names);
}

static void
take_in_use (BfyAgentLink *self, JsonObject *object)
{
  g_strfreev (self->in_use);
  self->in_use = read_names (object, "bindings");
  bfy_agent_link_tell (self, BFY_NEWS_USE);
}

/* We have not read fast enough: what we missed begins behind this number, and the end follows. */
static void
take_dropped (BfyAgentLink *self, JsonObject *object)
{
  g_free (self->seen);
  self->seen = g_strdup_printf ("%" G_GINT64_FORMAT, bfy_field_int (object, "after"));
}

static gboolean
is_known_to_need_login (BfyAgentLink *self, const char *name)
{
  JsonObject *bindings = bfy_agent_link_get_bindings (self);
  guint n = bindings != NULL ? bfy_field_count (bindings, "bindings") : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *binding = bfy_field_nth (bindings, "bindings", i);

      if (g_str_equal (bfy_field_text (binding, "name"), name))
        return g_str_equal (bfy_field_text (binding, "state"), "needs_login");
    }

  return FALSE;
}

/* A use changes nothing, but that a credential is refused, or is not any more. */
static guint
judge_use (BfyAgentLink *self, JsonObject *event)
{
  gboolean is_refused = g_str_equal (bfy_field_text (event, "category"), "needs_login");
  gboolean is_well = g_str_equal (bfy_field_text (event, "outcome"), "success");

  if (is_refused || (is_well && is_known_to_need_login (self, bfy_field_text (event, "binding"))))
    return BFY_NEWS_BINDINGS;

  return 0;
}

static void
take_event (BfyAgentLink *self, JsonObject *event)
{
  g_signal_emit (self, signals[SIGNAL_EVENT], 0, event);
  bfy_agent_link_refresh (self,
                          judge_event (bfy_field_text (event, "type")) | judge_use (self, event));
}

static void
on_event_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  static const struct
  {
    const char *type;
    void (*take) (BfyAgentLink *self, JsonObject *object);
  } kinds[] = {
    { "message", take_event },
    { "in_use", take_in_use },
    { "dropped", take_dropped },
  };
  BfyAgentLink *self = user_data;
  const char *type = bfy_transfer_get_event_type (transfer);
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (JsonObject) object = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      g_autoptr (GError) error = bfy_remote_error_from_body (status, text, length, NULL);

      g_free (self->trouble);
      self->trouble = g_strdup (error->message);
      return;
    }
  object = bfy_json_parse_object (text, length, NULL);
  for (guint i = 0; object != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (kinds[i].type, type) == 0)
        kinds[i].take (self, object);
    }
}

static void
on_events_head (BfyTransfer *transfer, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  gboolean is_new = !self->is_present;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    return;

  self->is_present = TRUE;
  self->retry_ms = RETRY_FIRST_MS;
  g_clear_pointer (&self->trouble, g_free);
  bfy_agent_link_fetch_all (self);
  if (!is_new)
    return;
  bfy_agent_link_register (self);
  bfy_agent_link_tell (self, BFY_NEWS_PRESENCE);
}

static void
forget (BfyAgentLink *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  bfy_agent_link_forget_prompter (self);
  bfy_agent_link_forget_lists (self);
  g_clear_pointer (&self->in_use, g_strfreev);
  self->in_use = g_new0 (char *, 1);
}

static gboolean
on_retry (gpointer user_data)
{
  BfyAgentLink *self = user_data;

  self->retry_id = 0;
  connect_agent (self);

  return G_SOURCE_REMOVE;
}

static void
retry_later (BfyAgentLink *self)
{
  if (self->retry_id != 0 || self->retry_ms > RETRY_LAST_MS)
    return;
  self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms *= 2;
}

static void
lose_agent (BfyAgentLink *self, const GError *error)
{
  gboolean was_present = self->is_present;

  self->is_present = FALSE;
  if (error != NULL || self->trouble == NULL)
    {
      g_free (self->trouble);
      self->trouble = g_strdup (error != NULL ? error->message : "The agent has gone away");
    }
  forget (self);
  bfy_agent_link_close_questions (self);
  retry_later (self);
  bfy_agent_link_tell (self, was_present ? BFY_NEWS_ALL : BFY_NEWS_PRESENCE);
}

static void
on_events_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfyAgentLink *self = user_data;

  g_clear_pointer (&self->events, bfy_transfer_unref);
  if (self->is_present && self->seen != NULL)
    connect_agent (self);
  else
    lose_agent (self, error);
}

/* Behind what has been seen, if that was said. */
static void
connect_agent (BfyAgentLink *self)
{
  static const BfyTransferEvents events = { on_events_head, on_event_text, on_events_end };
  g_autoptr (SoupMessage) message = NULL;
  g_autofree char *seen = g_steal_pointer (&self->seen);
  SoupMessageHeaders *headers;

  if (self->events != NULL)
    return;
  message = bfy_remote_new_message (self->remote, "GET", "/v1/events?in_use=true");
  headers = soup_message_get_request_headers (message);
  soup_message_headers_replace (headers, "Accept", "text/event-stream");
  if (seen != NULL)
    soup_message_headers_replace (headers, "Last-Event-ID", seen);
  self->events = bfy_transfer_start (self->remote, message, &events, self);
}

void
bfy_agent_link_retry (BfyAgentLink *self)
{
  if (!self->is_started || self->is_present)
    return;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->retry_ms = RETRY_FIRST_MS;
  connect_agent (self);
}

/* It may not listen yet. */
static void
on_socket (gpointer user_data)
{
  BfyAgentLink *self = user_data;

  self->retry_ms = RETRY_FIRST_MS;
  if (!self->is_present)
    retry_later (self);
}

void
bfy_agent_link_start (BfyAgentLink *self)
{
  g_return_if_fail (!self->is_started);

  self->is_started = TRUE;
  self->watch = bfy_socket_watch_new (bfy_remote_get_socket_path (self->remote), on_socket, self);
  connect_agent (self);
}

void
bfy_agent_link_stop (BfyAgentLink *self)
{
  self->is_started = FALSE;
  self->is_present = FALSE;
  if (self->events != NULL)
    bfy_transfer_cancel (self->events);
  g_clear_pointer (&self->events, bfy_transfer_unref);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_pointer (&self->watch, bfy_socket_watch_free);
  forget (self);
}

/* What is known */

BfyRemote *
bfy_agent_link_get_remote (BfyAgentLink *self)
{
  return self->remote;
}

gboolean
bfy_agent_link_is_present (BfyAgentLink *self)
{
  return self->is_present;
}

const char *
bfy_agent_link_get_trouble (BfyAgentLink *self)
{
  return self->trouble;
}

const char *const *
bfy_agent_link_get_in_use (BfyAgentLink *self)
{
  return (const char *const *) self->in_use;
}

GPtrArray *
bfy_agent_link_get_questions (BfyAgentLink *self)
{
  return self->questions;
}

BfyAgentLink *
bfy_agent_link_new (const char *socket_path)
{
  BfyAgentLink *self = g_object_new (BFY_TYPE_AGENT_LINK, NULL);

  self->remote = bfy_remote_new (socket_path);

  return self;
}

static void
bfy_agent_link_finalize (GObject *object)
{
  BfyAgentLink *self = BFY_AGENT_LINK (object);

  bfy_agent_link_stop (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->remote);
  g_clear_pointer (&self->questions, g_ptr_array_unref);
  g_clear_pointer (&self->in_use, g_strfreev);
  g_free (self->trouble);
  g_free (self->seen);
  G_OBJECT_CLASS (bfy_agent_link_parent_class)->finalize (object);
}

static void
bfy_agent_link_class_init (BfyAgentLinkClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bfy_agent_link_finalize;
  signals[SIGNAL_NEWS] = g_signal_new ("news", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_QUESTION] = g_signal_new ("question", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
  signals[SIGNAL_QUESTION_CLOSED] =
      g_signal_new ("question-closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                    G_TYPE_STRING, G_TYPE_STRING);
}

static void
bfy_agent_link_init (BfyAgentLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_question_unref);
  self->in_use = g_new0 (char *, 1);
  self->retry_ms = RETRY_FIRST_MS;
}
