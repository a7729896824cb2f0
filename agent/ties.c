/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/ties.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "agent/caller/caller.h"
#include "agent/caller/sockets.h"
#include "agent/door/sock-diag.h"

#define STATE_NAME "tied_clients" /* ids, a line each */

struct _BfyTies
{
  BfyAgent *agent; /* borrowed */
  GHashTable *ids; /* (owned) (element-type utf8 Tie) */
};

typedef struct
{
  BfyTies *ties; /* borrowed */
  char *id;      /* (owned) of the client */
  int pid;
  int process; /* (owned) pidfd */
  guint source_id;
  guint64 n_requests;
  guint64 n_refused[BFY_RUN_N_REFUSALS];
} Tie;

static void
tie_free (gpointer data)
{
  Tie *tie = data;

  g_clear_handle_id (&tie->source_id, g_source_remove);
  close (tie->process);
  g_free (tie->id);
  g_free (tie);
}

static void
record (BfyTies *self, const char *label)
{
  BfyEvent *event = bfy_agent_new_event ("key_revoked", NULL, NULL);

  event->detail = g_strdup (label);
  bfy_store_append_event (self->agent->store, event, TRUE);
}

/* The person may have removed it before. */
static void
end_key (BfyTies *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyClient) client = NULL;

  if (!bfy_registry_has_client (self->agent->registry, id))
    return;
  client = bfy_client_ref (bfy_registry_find_client (self->agent->registry, id, NULL));
  if (bfy_registry_remove_client (self->agent->registry, id, &error))
    record (self, client->label);
  else
    g_warning ("The key of “%s”, which has ended, stays: %s", client->label, error->message);
}

static void
revoke_left (BfyTies *self)
{
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) ids = NULL;

  if (!bfy_store_get_state (self->agent->store, STATE_NAME, &value, &error))
    g_warning ("Which keys end with their programs is not known: %s", error->message);
  if (value == NULL)
    return;

  text = g_strndup (g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  ids = g_strsplit (text, "\n", -1);
  for (guint i = 0; ids[i] != NULL; i++)
    end_key (self, ids[i]);
}

/* Every write waits for the disk, so the list is not shortened when a key ends: those that are gone
 * do no harm in it. */
static gboolean
save (BfyTies *self, GError **error)
{
  g_autofree const char **ids = (const char **) g_hash_table_get_keys_as_array (self->ids, NULL);
  g_autofree char *text = g_strjoinv ("\n", (char **) ids);
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));

  return bfy_store_set_state (self->agent->store, STATE_NAME, value, error);
}

/* Its client is the run, whoever has told of it. NULL when it has been revoked. */
static BfyEvent *
new_event (BfyTies *self, const Tie *tie, const char *type, BfyRequest *request)
{
  BfyClient *client = bfy_registry_find_client (self->agent->registry, tie->id, NULL);
  BfyEvent *event;

  if (client == NULL)
    return NULL;

  event = bfy_agent_new_event (type, NULL, request);
  g_free (event->client);
  g_free (event->client_id);
  event->client = g_strdup (client->label);
  event->client_id = g_strdup (client->id);

  return event;
}

/* Before its key is gone. */
static void
record_end (BfyTies *self, const Tie *tie, int status)
{
  BfyEvent *event = new_event (self, tie, "run_ended", NULL);

  if (event == NULL)
    return;

  event->category = g_strdup (status >= 0 ? "exited" : "lost");
  event->outcome = status == 0 ? BFY_OUTCOME_SUCCESS : BFY_OUTCOME_FAILURE;
  event->detail = bfy_run_refusal_format_end (status, tie->n_requests, tie->n_refused);
  bfy_store_append_event (self->agent->store, event, TRUE);
}

/* The name is one of ours; what else a command may have asked for is not repeated. */
static void
set_binding (BfyTies *self, BfyEvent *event, BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);
  const char *name = route != NULL ? route->name : NULL;
  BfyBinding *binding = name != NULL ? bfy_registry_find (self->agent->registry, name) : NULL;

  if (binding == NULL)
    return;
  event->binding = g_strdup (binding->name);
  event->binding_id = g_strdup (binding->id);
}

static void
refused (BfyTies *self, Tie *tie, BfyRequest *request, BfyRunRefusal refusal)
{
  BfyEvent *event;

  if (!bfy_run_refusal_is_news (++tie->n_refused[refusal]))
    return;
  event = new_event (self, tie, "run_refused", request);
  if (event == NULL)
    return;

  event->category = g_strdup (bfy_run_refusal_to_wire (refusal));
  event->outcome = BFY_OUTCOME_BLOCKED;
  if (refusal == BFY_RUN_REFUSED_BINDING || refusal == BFY_RUN_REFUSED_KEY)
    set_binding (self, event, request);
  bfy_store_append_event (self->agent->store, event, TRUE);
}

/* There are few runs at a time, and nothing else is searched. */
static Tie *
find_by_process (BfyTies *self, const BfyConnection *connection, int fd)
{
  GHashTableIter iter;
  gpointer value;
  guint64 inode;
  uid_t uid;

  if (fd < 0 || connection->door != BFY_DOOR_TCP || g_hash_table_size (self->ids) == 0 ||
      !bfy_sock_diag_tcp (fd, &uid, &inode) || inode == 0)
    return NULL;

  g_hash_table_iter_init (&iter, self->ids);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (bfy_sockets_find (((Tie *) value)->pid, inode) != BFY_SOCKET_ABSENT)
      return value;

  return NULL;
}

static Tie *
find_by_key (BfyTies *self, BfyRequest *request)
{
  const BfyClient *client = bfy_request_get_client (request);

  return client != NULL ? g_hash_table_lookup (self->ids, client->id) : NULL;
}

void
bfy_ties_note_request (BfyTies *self, BfyRequest *request)
{
  Tie *tie = self != NULL ? find_by_key (self, request) : NULL;

  if (tie != NULL)
    tie->n_requests++;
}

void
bfy_ties_note_refused (BfyTies *self, BfyRequest *request, BfyRunRefusal refusal)
{
  BfyConnection *connection = bfy_request_get_connection (request);
  Tie *tie;

  if (self == NULL || connection == NULL)
    return;
  tie = find_by_key (self, request);
  if (tie == NULL)
    tie = find_by_process (self, connection, bfy_connection_get_fd (connection));
  if (tie != NULL)
    refused (self, tie, request, refusal);
}

static gboolean
check_reporter (const Tie *tie, BfyRequest *request, GError **error)
{
  BfyConnection *connection = bfy_request_get_connection (request);

  if (tie == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no run with this client");
  else if (connection == NULL || connection->peer.pid != tie->pid ||
           bfy_connection_get_sender (connection) != 0)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                         "Only the program that has asked for the key says what became of its run");
  else
    return TRUE;

  return FALSE;
}

/* How many there were is what it says; each counts once here, and many of them are one record. */
static void
take_numbers (BfyTies *self, Tie *tie, BfyRequest *request, const guint64 *n_refused)
{
  for (guint i = 0; i < BFY_RUN_N_REFUSALS; i++)
    {
      if (n_refused[i] == 0)
        continue;
      refused (self, tie, request, (BfyRunRefusal) i);
      tie->n_refused[i] += n_refused[i] - 1;
    }
}

gboolean
bfy_ties_report (BfyTies *self,
                 BfyRequest *request,
                 const char *id,
                 const guint64 *n_refused,
                 int status,
                 GError **error)
{
  Tie *tie = g_hash_table_lookup (self->ids, id);

  if (!check_reporter (tie, request, error))
    return FALSE;

  take_numbers (self, tie, request, n_refused);
  if (status < 0)
    return TRUE;
  record_end (self, tie, status);
  end_key (self, id);

  return TRUE;
}

static gboolean
on_ended (int fd, GIOCondition condition, gpointer user_data)
{
  Tie *tie = user_data;
  BfyTies *self = tie->ties;

  tie->source_id = 0;
  record_end (self, tie, -1);
  end_key (self, tie->id);
  g_hash_table_remove (self->ids, tie->id);

  return G_SOURCE_REMOVE;
}

gboolean
bfy_ties_add (BfyTies *self, const char *id, int pid, int process, GError **error)
{
  Tie *tie = g_new0 (Tie, 1);

  tie->ties = self;
  tie->id = g_strdup (id);
  tie->pid = pid;
  tie->process = process;
  g_hash_table_replace (self->ids, tie->id, tie);
  if (!save (self, error))
    {
      g_hash_table_remove (self->ids, id);
      return FALSE;
    }
  tie->source_id = g_unix_fd_add (process, G_IO_IN, on_ended, tie);

  return TRUE;
}

BfyTies *
bfy_ties_new (BfyAgent *agent)
{
  BfyTies *self = g_new0 (BfyTies, 1);

  self->agent = agent;
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, tie_free);
  revoke_left (self);

  return self;
}

void
bfy_ties_free (BfyTies *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->ids, g_hash_table_unref);
  g_free (self);
}
