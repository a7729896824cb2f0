/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/database/relay-open.h"
#include "agent/database/relay-private.h"
#include "agent/door/listen.h"
#include "agent/errand.h"
#include "protocol/pg-wire.h"

#define FOLDER "pg"
#define FILE_NAME ".s.PGSQL.5432" /* what libpq looks for in a folder */
#define CALL_OFF_TIMEOUT_MS 10000

/* The socket of one binding. */
typedef struct
{
  BfyRelays *relays; /* borrowed */
  char *binding_id;  /* (owned) */
  char *path;        /* (owned) */
  BfyDoor *door;     /* (owned) */
} Place;

struct _BfyRelays
{
  BfyAgent *agent;     /* borrowed */
  char *folder;        /* (owned) */
  GHashTable *places;  /* (owned) id of a binding → Place */
  GHashTable *clients; /* (owned) BfyRequest, borrowed → BfyRelayClient */
  BfyPoller *poller;   /* (owned) (nullable) */
  gulong changed_id;
  gulong locked_id;
};

static void
place_free (gpointer data)
{
  Place *place = data;
  g_autofree char *folder = g_path_get_dirname (place->path);

  bfy_door_stop (place->door);
  g_object_unref (place->door);
  (void) g_unlink (place->path);
  (void) g_rmdir (folder);
  g_free (place->path);
  g_free (place->binding_id);
  g_free (place);
}

char *
bfy_relays_format_folder (BfyRelays *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

BfyPoller *
bfy_relays_get_poller (BfyRelays *self)
{
  if (self->poller == NULL)
    self->poller = bfy_poller_new ();

  return self->poller;
}

BfyRelayClient *
bfy_relays_find (BfyRelays *self, BfyRequest *request)
{
  return g_hash_table_lookup (self->clients, request);
}

void
bfy_relays_remove (BfyRelays *self, BfyRelayClient *client)
{
  g_hash_table_remove (self->clients, client->request);
}

static guint
count_clients (BfyRelays *self, const char *binding_id)
{
  GHashTableIter iter;
  gpointer client;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, NULL, &client))
    n += g_str_equal (((BfyRelayClient *) client)->binding_id, binding_id);

  return n;
}

static void
on_connection (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, gpointer user_data)
{
  Place *place = user_data;
  BfyRelays *self = place->relays;
  g_autoptr (BfyConnection) connection = NULL;
  BfyRelayClient *client;

  if (count_clients (self, place->binding_id) >= BFY_RELAY_CLIENTS_MAX)
    {
      g_message ("Closed a connection to %s: there are %d by now", place->path,
                 BFY_RELAY_CLIENTS_MAX);
      return;
    }
  connection = bfy_connection_new (door, stream, peer, 0);
  client =
      bfy_relay_client_new (self, self->agent, place->binding_id, connection, G_IO_STREAM (stream));
  g_hash_table_insert (self->clients, client->request, client);
}

static gboolean
relays (const BfyBinding *binding)
{
  g_autoptr (BfyDatabase) database =
      binding->type == BFY_BINDING_DATABASE ? bfy_database_parse (binding->url, NULL) : NULL;

  return database != NULL && database->relays;
}

static void
open_place (BfyRelays *self, const BfyBinding *binding)
{
  g_autofree char *path = g_build_filename (self->folder, binding->name, FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  Place *place;

  if (!relays (binding))
    return;
  if (mkdir (self->folder, 0700) != 0 && errno != EEXIST)
    g_warning ("Cannot make %s: %s", self->folder, g_strerror (errno));
  socket = bfy_listen_unix (path, &error);
  if (socket == NULL)
    {
      g_warning ("“%s” has no socket for programs that speak PostgreSQL: %s", binding->name,
                 error->message);
      return;
    }
  place = g_new0 (Place, 1);
  place->relays = self;
  place->binding_id = g_strdup (binding->id);
  place->path = g_steal_pointer (&path);
  place->door = bfy_door_new (socket, on_connection, place);
  g_hash_table_replace (self->places, place->binding_id, place);
}

void
bfy_relays_end (BfyRelays *self, const char *binding_id)
{
  GHashTableIter iter;
  gpointer client;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->clients);
  while (g_hash_table_iter_next (&iter, NULL, &client))
    if (binding_id == NULL || g_str_equal (((BfyRelayClient *) client)->binding_id, binding_id))
      bfy_relay_client_end (client);
}

static gboolean
is_same (const BfyBinding *old, const BfyBinding *now)
{
  return now != NULL && now->policy == old->policy && now->state != BFY_STATE_PAUSED &&
         now->allow_local == old->allow_local && g_str_equal (now->name, old->name) &&
         g_strcmp0 (now->url, old->url) == 0;
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyRelays *self = user_data;

  if (old != NULL && !is_same (old, now))
    bfy_relays_end (self, old->id);
  if (old != NULL && (now == NULL || !g_str_equal (now->name, old->name)))
    g_hash_table_remove (self->places, old->id);
  if (now != NULL && !g_hash_table_contains (self->places, now->id))
    open_place (self, now);
}

static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  bfy_relays_end (user_data, NULL);
}

/* Calling off */

typedef struct
{
  BfyErrand errand;
  GIOStream *stream; /* (owned) (nullable) */
  guint8 bytes[BFY_PG_CANCEL_BYTES];
} CallOff;

static void
call_off_free (CallOff *self)
{
  bfy_errand_clear (&self->errand);
  g_clear_object (&self->stream);
  g_free (self);
}

static void
on_called_off (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  call_off_free (user_data);
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CallOff *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) stream = bfy_relay_open_finish (result, &error);
  GOutputStream *out;

  if (stream == NULL)
    {
      g_info ("A statement could not be called off: %s", error->message);
      call_off_free (self);
      return;
    }
  out = g_io_stream_get_output_stream (stream);
  self->stream = g_steal_pointer (&stream);
  g_output_stream_write_all_async (out, self->bytes, sizeof self->bytes, G_PRIORITY_DEFAULT,
                                   self->errand.cancellable, on_called_off, self);
}

/* The number and the key are the server's; only a session on the same socket is ever called off. */
void
bfy_relays_call_off (BfyRelays *self, const char *binding_id, guint32 pid, guint32 key)
{
  BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, binding_id);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->clients);
  while (binding != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      const BfyRelayClient *client = value;
      CallOff *call_off;

      if (client->pid == 0 || client->pid != pid || client->key != key ||
          !g_str_equal (client->binding_id, binding_id))
        continue;
      call_off = g_new0 (CallOff, 1);
      bfy_pg_format_cancel (call_off->bytes, pid, key);
      bfy_errand_init (&call_off->errand, NULL, CALL_OFF_TIMEOUT_MS);
      bfy_relay_open_async (binding, call_off->errand.cancellable, on_open, call_off);
      return;
    }
}

BfyRelays *
bfy_relays_new (BfyAgent *agent)
{
  BfyRelays *self = g_new0 (BfyRelays, 1);
  g_autofree char *beside = g_path_get_dirname (agent->socket_path);
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);

  self->agent = agent;
  self->folder = g_build_filename (beside, FOLDER, NULL);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_free);
  self->clients = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) bfy_relay_client_free);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
  for (guint i = 0; i < bindings->len; i++)
    open_place (self, g_ptr_array_index (bindings, i));

  return self;
}

void
bfy_relays_free (BfyRelays *self)
{
  if (self == NULL)
    return;
  g_signal_handler_disconnect (self->agent->registry, self->changed_id);
  g_signal_handler_disconnect (self->agent->credentials, self->locked_id);
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->clients);
  g_clear_pointer (&self->poller, bfy_poller_unref);
  (void) g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self);
}
