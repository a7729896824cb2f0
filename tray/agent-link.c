/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/agent-link.h"

#include "client/fields.h"
#include "client/prompter.h"
#include "client/transfer.h"
#include "protocol/json.h"

#define RETRY_FIRST_MS 250
#define RETRY_LAST_MS 8000 /* afterwards only the socket’s folder tells */
#define REFRESH_DELAY_MS 100
#define GONE_TEXT "The agent has gone away"

enum
{
  SIGNAL_NEWS,
  SIGNAL_EVENT,
  SIGNAL_QUESTION,
  SIGNAL_QUESTION_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What is fetched as a whole when it may have changed. */
static const struct
{
  BfyNews news;
  const char *path;
} lists[] = {
  { BFY_NEWS_STATUS, "/v1/status" },
  { BFY_NEWS_BINDINGS, "/v1/bindings" },
  { BFY_NEWS_CLIENTS, "/v1/clients" },
  { BFY_NEWS_GRANTS, "/v1/grants" },
};

#define N_LISTS G_N_ELEMENTS (lists)

struct _BfyAgentLink
{
  GObject parent_instance;

  BfyRemote *remote;          /* (owned) */
  BfyPrompterLink *prompter;  /* (owned) (nullable) */
  BfyPrompterLink *successor; /* (owned) (nullable) the same with a key, until it is registered */
  GTask *successor_task;      /* (owned) (nullable) */
  gboolean has_key;           /* the prompter has given one */
  BfyTransfer *events;        /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) of the calls under way */
  GFileMonitor *monitor;      /* (owned) (nullable) of the socket’s folder */
  GPtrArray *questions;       /* (owned) (element-type BfyQuestion) */
  JsonObject *parts[N_LISTS]; /* (owned) (nullable) */
  char *trouble;              /* (owned) (nullable) */
  guint stale;                /* BfyNews bits to ask for */
  guint refresh_id;
  guint retry_id;
  guint retry_ms;
  gboolean is_present;
  gboolean is_started;
};

G_DEFINE_TYPE (BfyAgentLink, bfy_agent_link, G_TYPE_OBJECT)

/* A list on its way. */
typedef struct
{
  BfyAgentLink *link; /* (owned) */
  guint index;
} Errand;

static void connect_agent (BfyAgentLink *self);

static void
tell (BfyAgentLink *self, guint news)
{
  g_signal_emit (self, signals[SIGNAL_NEWS], 0, news);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Errand *errand = user_data;
  g_autoptr (BfyAgentLink) self = errand->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (reply == NULL)
    {
      if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
        g_info ("%s: %s", lists[errand->index].path, error->message);
      return;
    }
  if (!self->is_present)
    return;

  g_clear_pointer (&self->parts[errand->index], json_object_unref);
  self->parts[errand->index] = g_steal_pointer (&reply);
  tell (self, lists[errand->index].news);
}

static void
fetch (BfyAgentLink *self, guint index)
{
  const BfyCall call = { "GET", lists[index].path, NULL };
  Errand *errand = g_new0 (Errand, 1);

  errand->link = g_object_ref (self);
  errand->index = index;
  bfy_remote_call_async (self->remote, &call, self->cancellable, on_list, errand);
}

static void
fetch_stale (BfyAgentLink *self)
{
  guint stale = self->stale;

  self->stale = 0;
  for (guint i = 0; self->is_present && i < N_LISTS; i++)
    {
      if (stale & lists[i].news)
        fetch (self, i);
    }
}

static gboolean
on_refresh (gpointer user_data)
{
  BfyAgentLink *self = user_data;

  self->refresh_id = 0;
  fetch_stale (self);

  return G_SOURCE_REMOVE;
}

/* A moment later, so that a burst of events is one question. */
void
bfy_agent_link_refresh (BfyAgentLink *self, guint news)
{
  self->stale |= news;
  if (self->refresh_id == 0 && self->is_present)
    self->refresh_id = g_timeout_add (REFRESH_DELAY_MS, on_refresh, self);
}

/* The questions */

static gboolean
find_question (BfyAgentLink *self, const char *id, guint *index)
{
  for (guint i = 0; i < self->questions->len; i++)
    {
      const BfyQuestion *question = g_ptr_array_index (self->questions, i);

      if (g_str_equal (question->id, id))
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

static void
on_question (BfyPrompterLink *prompter, BfyQuestion *question, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  gboolean is_new;
  guint index;

  is_new = !find_question (self, question->id, &index);
  if (is_new)
    g_ptr_array_add (self->questions, bfy_question_ref (question));
  else
    {
      bfy_question_unref (g_ptr_array_index (self->questions, index));
      g_ptr_array_index (self->questions, index) = bfy_question_ref (question);
    }
  g_signal_emit (self, signals[SIGNAL_QUESTION], 0, question, is_new);
  tell (self, BFY_NEWS_QUESTIONS);
}

static void
close_question (BfyAgentLink *self, const char *id, const char *how)
{
  g_autofree char *closed = g_strdup (id);
  guint index;

  if (!find_question (self, id, &index))
    return;
  g_ptr_array_remove_index (self->questions, index);
  g_signal_emit (self, signals[SIGNAL_QUESTION_CLOSED], 0, closed, how);
  tell (self, BFY_NEWS_QUESTIONS);
}

static void
on_closed (BfyPrompterLink *prompter, const char *id, const char *how, gpointer user_data)
{
  close_question (user_data, id, how);
}

/* The one that it follows goes only now: at no time is nobody there. */
static void
on_registered (BfyPrompterLink *prompter, gpointer user_data)
{
  BfyAgentLink *self = user_data;

  if (prompter == self->successor)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->successor_task);

      g_clear_pointer (&self->prompter, bfy_prompter_free);
      self->prompter = g_steal_pointer (&self->successor);
      self->has_key = TRUE;
      g_task_return_boolean (task, TRUE);
    }
  tell (self, BFY_NEWS_QUESTIONS);
}

/* Takes @error. */
static void
end_successor (BfyAgentLink *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->successor_task);

  g_clear_pointer (&self->successor, bfy_prompter_free);
  if (task != NULL)
    g_task_return_error (task, error);
  else
    g_error_free (error);
}

/* That it is there shows in the stream of events; the agent may refuse us as one who answers, and
 * yet tell what happens. */
static void
on_prompter_end (BfyPrompterLink *prompter, const GError *error, gpointer user_data)
{
  BfyAgentLink *self = user_data;

  if (prompter == self->successor)
    {
      end_successor (self, g_error_copy (error));
      return;
    }
  g_info ("Not showing questions: %s", error->message);
  while (self->questions->len > 0)
    close_question (self, ((BfyQuestion *) g_ptr_array_index (self->questions, 0))->id, NULL);
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
    { "grant", BFY_NEWS_GRANTS },
    { "key_", BFY_NEWS_CLIENTS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS },
    { "client", BFY_NEWS_CLIENTS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (g_str_has_prefix (type, rows[i].prefix))
        return rows[i].news;
    }

  return BFY_NEWS_STATUS | BFY_NEWS_BINDINGS | BFY_NEWS_GRANTS;
}

static void
on_event_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  g_autoptr (JsonObject) event = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)) ||
      g_strcmp0 (bfy_transfer_get_event_type (transfer), "dropped") == 0)
    return;
  event = bfy_json_parse_object (text, length, NULL);
  if (event == NULL)
    return;

  g_signal_emit (self, signals[SIGNAL_EVENT], 0, event);
  bfy_agent_link_refresh (self, judge_event (bfy_field_text (event, "type")));
}

static const BfyPrompterEvents prompter_events = { on_registered, on_question, on_closed,
                                                   on_prompter_end };

static void
on_events_head (BfyTransfer *transfer, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  g_autoptr (GBytes) body = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    return;

  self->is_present = TRUE;
  self->retry_ms = RETRY_FIRST_MS;
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->prompter, bfy_prompter_free);
  body = bfy_prompter_body (BFY_PROMPTER_IN_TRAY, NULL);
  self->prompter = bfy_prompter_new (self->remote, body, &prompter_events, self);
  self->has_key = FALSE;
  self->stale = BFY_NEWS_ALL;
  fetch_stale (self);
  tell (self, BFY_NEWS_PRESENCE);
}

static void
forget (BfyAgentLink *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_pointer (&self->prompter, bfy_prompter_free);
  self->has_key = FALSE;
  end_successor (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_NO_AGENT, GONE_TEXT));
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  for (guint i = 0; i < N_LISTS; i++)
    g_clear_pointer (&self->parts[i], json_object_unref);
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
on_events_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  gboolean was_present = self->is_present;

  self->is_present = FALSE;
  g_free (self->trouble);
  self->trouble = g_strdup (error != NULL ? error->message : GONE_TEXT);
  forget (self);
  while (self->questions->len > 0)
    close_question (self, ((BfyQuestion *) g_ptr_array_index (self->questions, 0))->id, NULL);
  if (self->retry_id == 0 && self->retry_ms <= RETRY_LAST_MS)
    {
      self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
      self->retry_ms *= 2;
    }
  if (was_present)
    tell (self, BFY_NEWS_ALL);
}

static void
connect_agent (BfyAgentLink *self)
{
  static const BfyTransferEvents events = { on_events_head, on_event_text, on_events_end };
  g_autoptr (SoupMessage) message = NULL;

  if (self->is_present)
    return;
  if (self->events != NULL)
    bfy_transfer_cancel (self->events);
  g_clear_pointer (&self->events, bfy_transfer_unref);
  message = bfy_remote_new_message (self->remote, "GET", "/v1/events");
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "text/event-stream");
  self->events = bfy_transfer_start (self->remote, message, &events, self);
}

/* Its socket has appeared, or something else in that folder. */
static void
on_folder_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  BfyAgentLink *self = user_data;

  if (event != G_FILE_MONITOR_EVENT_CREATED && event != G_FILE_MONITOR_EVENT_MOVED_IN &&
      event != G_FILE_MONITOR_EVENT_RENAMED)
    return;
  self->retry_ms = RETRY_FIRST_MS;
  if (!self->is_present && self->retry_id == 0)
    self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
}

static void
watch_folder (BfyAgentLink *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (bfy_remote_get_socket_path (self->remote));
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autoptr (GError) error = NULL;

  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (self->monitor == NULL)
    {
      g_info ("The agent’s folder is not watched: %s", error->message);
      return;
    }
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_folder_changed), self);
}

void
bfy_agent_link_start (BfyAgentLink *self)
{
  g_return_if_fail (!self->is_started);

  self->is_started = TRUE;
  watch_folder (self);
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
  g_clear_object (&self->monitor);
  forget (self);
}

/* Answers */

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

void
bfy_agent_link_answer_async (BfyAgentLink *self,
                             BfyQuestion *question,
                             BfyReply reply,
                             BfyGrantScope scope,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *path = bfy_prompter_answer_path (question);
  g_autoptr (GBytes) body = NULL;
  BfyCall call = { "POST", path, NULL };

  g_task_set_source_tag (task, bfy_agent_link_answer_async);
  if (self->prompter == NULL || !bfy_prompter_is_registered (self->prompter))
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_NO_AGENT,
                               "The agent is not there just now");
      return;
    }

  body = bfy_prompter_answer_body (self->prompter, question, reply, scope);
  call.body = body;
  bfy_remote_call_async (self->remote, &call, NULL, on_answered, g_steal_pointer (&task));
}

gboolean
bfy_agent_link_answer_finish (BfyAgentLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
bfy_agent_link_needs_key (BfyAgentLink *self)
{
  JsonObject *status = bfy_agent_link_get_status (self);
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;

  return !self->has_key && lock != NULL && bfy_field_object (lock, "approval_kdf") != NULL;
}

void
bfy_agent_link_register_async (BfyAgentLink *self,
                               const BfySecret *key,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GBytes) body = bfy_prompter_body (BFY_PROMPTER_IN_TRAY, key);

  g_task_set_source_tag (task, bfy_agent_link_register_async);
  if (!self->is_present || self->successor != NULL)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_NO_AGENT,
                               "The agent is not there just now");
      return;
    }
  self->successor_task = g_steal_pointer (&task);
  self->successor = bfy_prompter_new (self->remote, body, &prompter_events, self);
}

gboolean
bfy_agent_link_register_finish (BfyAgentLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
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

static JsonObject *
get_part (BfyAgentLink *self, BfyNews news)
{
  for (guint i = 0; i < N_LISTS; i++)
    {
      if (lists[i].news == news)
        return self->parts[i];
    }

  return NULL;
}

JsonObject *
bfy_agent_link_get_status (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_STATUS);
}

JsonObject *
bfy_agent_link_get_bindings (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_BINDINGS);
}

JsonObject *
bfy_agent_link_get_clients (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_CLIENTS);
}

JsonObject *
bfy_agent_link_get_grants (BfyAgentLink *self)
{
  return get_part (self, BFY_NEWS_GRANTS);
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
  g_free (self->trouble);
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
  self->retry_ms = RETRY_FIRST_MS;
}
