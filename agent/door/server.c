/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/server.h"

#include "agent/door/listen.h"
#include "protocol/binding.h"

struct _BfyServer
{
  GObject parent_instance;

  const BfyServerHandler *handler;
  gpointer user_data;
  SoupServer *soup;        /* (owned) */
  GPtrArray *doors;        /* (owned) (element-type BfyDoor) */
  GHashTable *connections; /* (owned) GSocketAddress → BfyConnection */
  GHashTable *requests;    /* (owned) SoupServerMessage → BfyRequest */
  guint n_connections_max;
  GTask *stop_task; /* (owned) (nullable) while stopping */
  guint grace_id;
};

G_DEFINE_FINAL_TYPE (BfyServer, bfy_server, G_TYPE_OBJECT)

static void
finish_stop (BfyServer *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

  if (task == NULL)
    return;

  g_clear_handle_id (&self->grace_id, g_source_remove);
  g_task_return_boolean (task, TRUE);
}

static void
on_message_finished (SoupServerMessage *message, gpointer user_data)
{
  BfyServer *self = user_data;
  BfyRequest *request = g_hash_table_lookup (self->requests, message);

  if (request == NULL)
    return;

  bfy_request_note_finished (request);
  g_hash_table_remove (self->requests, message);
  if (g_hash_table_size (self->requests) == 0)
    finish_stop (self);
}

/* The head has been read. */
static void
on_head (SoupServer *soup,
         SoupServerMessage *message,
         const char *path,
         GHashTable *query,
         gpointer user_data)
{
  BfyServer *self = user_data;
  BfyConnection *connection =
      g_hash_table_lookup (self->connections, soup_server_message_get_remote_address (message));
  BfyRequest *request;

  if (connection == NULL)
    {
      soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
      return;
    }

  request = bfy_request_new (message, connection);
  g_hash_table_insert (self->requests, g_object_ref (message), request);
  g_signal_connect_object (message, "finished", G_CALLBACK (on_message_finished), self, 0);
  g_signal_connect_object (message, "disconnected", G_CALLBACK (on_message_finished), self, 0);
  self->handler->admit (request, self->user_data);
  bfy_request_check_length (request);
  if (bfy_request_is_answered (request))
    soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

/* The body has been read. */
static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  BfyServer *self = user_data;
  BfyRequest *request = g_hash_table_lookup (self->requests, message);

  if (request == NULL)
    {
      soup_server_message_set_status (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
      return;
    }

  bfy_request_note_served (request);
  self->handler->serve (request, self->user_data);
}

static void
pause_or_resume (BfyServer *self)
{
  gboolean is_full = g_hash_table_size (self->connections) >= self->n_connections_max;

  for (guint i = 0; i < self->doors->len; i++)
    {
      if (is_full)
        bfy_door_pause (g_ptr_array_index (self->doors, i));
      else
        bfy_door_resume (g_ptr_array_index (self->doors, i));
    }
}

static void
on_stream_closed (BfyDoorStream *stream, gpointer user_data)
{
  BfyServer *self = user_data;

  g_hash_table_remove (self->connections, bfy_door_stream_get_address (stream));
  pause_or_resume (self);
}

static void
on_connection (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, gpointer user_data)
{
  BfyServer *self = user_data;
  BfyConnection *connection = bfy_connection_new (door, stream, peer, BFY_REQUEST_BYTES_CEILING);
  GSocketAddress *address = bfy_door_stream_get_address (connection->stream);

  g_hash_table_insert (self->connections, address, connection);
  g_signal_connect_object (connection->stream, "closed", G_CALLBACK (on_stream_closed), self, 0);
  soup_server_accept_iostream (self->soup, G_IO_STREAM (connection->stream), address, address,
                               NULL);
  pause_or_resume (self);
}

BfyServer *
bfy_server_new (const BfyServerHandler *handler,
                const char *directory,
                gpointer user_data,
                GError **error)
{
  g_autoptr (BfyServer) self = g_object_new (BFY_TYPE_SERVER, NULL);
  g_autoptr (GSocket) nowhere = bfy_listen_nowhere (directory, error);

  if (nowhere == NULL || !soup_server_listen_socket (self->soup, nowhere, 0, error))
    return NULL;
  self->handler = handler;
  self->user_data = user_data;

  return g_steal_pointer (&self);
}

void
bfy_server_listen (BfyServer *self, GSocket *listener)
{
  g_ptr_array_add (self->doors, bfy_door_new (listener, on_connection, self));
}

guint16
bfy_server_get_port (BfyServer *self)
{
  for (guint i = 0; i < self->doors->len; i++)
    {
      guint16 port = bfy_door_get_port (g_ptr_array_index (self->doors, i));

      if (port != 0)
        return port;
    }

  return 0;
}

void
bfy_server_set_connections_max (BfyServer *self, guint n_max)
{
  self->n_connections_max = CLAMP (n_max, 1, BFY_SERVER_CONNECTIONS_MAX);
}

static gboolean
on_grace_over (gpointer user_data)
{
  BfyServer *self = user_data;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_request_unref);
  GHashTableIter iter;
  gpointer request;

  self->grace_id = 0;
  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    g_ptr_array_add (left, bfy_request_ref (request));
  for (guint i = 0; i < left->len; i++)
    {
      g_cancellable_cancel (bfy_request_get_gone (g_ptr_array_index (left, i)));
      bfy_request_break (g_ptr_array_index (left, i));
    }
  finish_stop (self);

  return G_SOURCE_REMOVE;
}

void
bfy_server_stop_async (BfyServer *self,
                       guint grace_ms,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  self->stop_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop_task, bfy_server_stop_async);
  for (guint i = 0; i < self->doors->len; i++)
    bfy_door_stop (g_ptr_array_index (self->doors, i));
  g_ptr_array_set_size (self->doors, 0);
  if (g_hash_table_size (self->requests) == 0)
    finish_stop (self);
  else
    self->grace_id = g_timeout_add (grace_ms, on_grace_over, self);
}

gboolean
bfy_server_stop_finish (BfyServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
bfy_server_dispose (GObject *object)
{
  BfyServer *self = BFY_SERVER (object);

  g_clear_handle_id (&self->grace_id, g_source_remove);
  g_ptr_array_set_size (self->doors, 0);
  g_hash_table_remove_all (self->requests);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_hash_table_remove_all (self->connections);
  g_clear_object (&self->soup);
  G_OBJECT_CLASS (bfy_server_parent_class)->dispose (object);
}

static void
bfy_server_finalize (GObject *object)
{
  BfyServer *self = BFY_SERVER (object);

  g_ptr_array_unref (self->doors);
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->requests);
  G_OBJECT_CLASS (bfy_server_parent_class)->finalize (object);
}

static void
bfy_server_class_init (BfyServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bfy_server_dispose;
  object_class->finalize = bfy_server_finalize;
}

static void
bfy_server_init (BfyServer *self)
{
  self->doors = g_ptr_array_new_with_free_func (g_object_unref);
  self->connections =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) bfy_connection_unref);
  self->requests =
      g_hash_table_new_full (NULL, NULL, g_object_unref, (GDestroyNotify) bfy_request_unref);
  self->n_connections_max = BFY_SERVER_CONNECTIONS_MAX;
  self->soup = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_add_early_handler (self->soup, NULL, on_head, self, NULL);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
}
