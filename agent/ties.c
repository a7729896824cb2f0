/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/ties.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

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
  int process;   /* (owned) pidfd */
  guint source_id;
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

static gboolean
on_ended (int fd, GIOCondition condition, gpointer user_data)
{
  Tie *tie = user_data;
  BfyTies *self = tie->ties;

  tie->source_id = 0;
  end_key (self, tie->id);
  g_hash_table_remove (self->ids, tie->id);

  return G_SOURCE_REMOVE;
}

gboolean
bfy_ties_add (BfyTies *self, const char *id, int process, GError **error)
{
  Tie *tie = g_new0 (Tie, 1);

  tie->ties = self;
  tie->id = g_strdup (id);
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
