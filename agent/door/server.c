/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/server.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "agent/door/request-body.h"

struct _BfyServer
{
  GObject parent_instance;

  const BfyServerHandler *handler;
  gpointer user_data;
  BfyPoller *poller;       /* (owned) */
  GPtrArray *doors;        /* (owned) (element-type BfyDoor) */
  GHashTable *connections; /* (owned) set of BfyConnection */
  guint n_requests;
  guint n_connections_max;
  GTask *stop_task; /* (owned) (nullable) while stopping */
  guint grace_id;
  guint first_id; /* while those that have not asked yet are waited for */
};

G_DEFINE_FINAL_TYPE (BfyServer, bfy_server, G_TYPE_OBJECT)

static void
finish_stop (BfyServer *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

  if (task == NULL)
    return;

  g_clear_handle_id (&self->grace_id, g_source_remove);
  g_clear_handle_id (&self->first_id, g_source_remove);
  g_task_return_boolean (task, TRUE);
}

/* A request has come, but has not been read as far as that it counts. */
static gboolean
is_about_to_ask (BfyServer *self, BfyConnection *connection)
{
  int fd = bfy_connection_get_fd (connection);
  int n_bytes = 0;

  if (fd < 0 || connection->request != NULL)
    return FALSE;

  return (!connection->has_asked && self->first_id != 0) ||
         !bfy_framing_is_idle (&connection->framing) ||
         (ioctl (fd, FIONREAD, &n_bytes) == 0 && n_bytes > 0);
}

static void
finish_stop_if_idle (BfyServer *self)
{
  GHashTableIter iter;
  gpointer connection;

  if (self->stop_task == NULL || self->n_requests > 0)
    return;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (is_about_to_ask (self, connection))
      return;
  finish_stop (self);
}

static void
on_admit (BfyRequest *request, gpointer user_data)
{
  BfyServer *self = user_data;

  self->n_requests++;
  bfy_request_get_connection (request)->has_asked = TRUE;
  self->handler->admit (request, self->user_data);
}

static void
on_serve (BfyRequest *request, gpointer user_data)
{
  BfyServer *self = user_data;

  self->handler->serve (request, self->user_data);
}

static void
on_over (BfyRequest *request, gpointer user_data)
{
  BfyServer *self = user_data;

  self->n_requests--;
  finish_stop_if_idle (self);
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
on_closed (BfyConnection *connection, gpointer user_data)
{
  BfyServer *self = user_data;

  g_hash_table_remove (self->connections, connection);
  pause_or_resume (self);
  finish_stop_if_idle (self);
}

static const BfyConnectionFuncs connection_funcs = {
  .admit = on_admit,
  .serve = on_serve,
  .over = on_over,
  .closed = on_closed,
};

static void
on_connection (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, gpointer user_data)
{
  BfyServer *self = user_data;
  g_autoptr (BfyConnection) connection =
      bfy_connection_new (door, stream, peer, BFY_STREAM_BYTES_MAX);

  if (!bfy_connection_open (connection, self->poller, &connection_funcs, self))
    {
      g_warning ("Cannot watch a connection: %s", g_strerror (errno));
      return;
    }
  g_hash_table_add (self->connections, g_steal_pointer (&connection));
  pause_or_resume (self);
}

BfyServer *
bfy_server_new (const BfyServerHandler *handler, gpointer user_data)
{
  BfyServer *self = g_object_new (BFY_TYPE_SERVER, NULL);

  self->handler = handler;
  self->user_data = user_data;

  return self;
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

void
bfy_server_foreach_request (BfyServer *self, BfyRequestFunc func, gpointer user_data)
{
  g_autoptr (GPtrArray) requests =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_request_unref);
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (((BfyConnection *) connection)->request != NULL)
      g_ptr_array_add (requests, bfy_request_ref (((BfyConnection *) connection)->request));
  for (guint i = 0; i < requests->len; i++)
    func (g_ptr_array_index (requests, i), user_data);
}

static void
close_all (BfyServer *self)
{
  g_autoptr (GPtrArray) left =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_connection_unref);
  GHashTableIter iter;
  gpointer connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    g_ptr_array_add (left, bfy_connection_ref (connection));
  for (guint i = 0; i < left->len; i++)
    bfy_connection_close (g_ptr_array_index (left, i));
}

static gboolean
on_grace_over (gpointer user_data)
{
  BfyServer *self = user_data;

  self->grace_id = 0;
  close_all (self);
  finish_stop (self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_first_over (gpointer user_data)
{
  BfyServer *self = user_data;

  self->first_id = 0;
  finish_stop_if_idle (self);

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
  self->grace_id = g_timeout_add (grace_ms, on_grace_over, self);
  self->first_id = g_timeout_add (MIN (grace_ms, BFY_SERVER_FIRST_MS), on_first_over, self);
  finish_stop_if_idle (self);
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
  g_clear_handle_id (&self->first_id, g_source_remove);
  g_ptr_array_set_size (self->doors, 0);
  close_all (self);
  G_OBJECT_CLASS (bfy_server_parent_class)->dispose (object);
}

static void
bfy_server_finalize (GObject *object)
{
  BfyServer *self = BFY_SERVER (object);

  g_ptr_array_unref (self->doors);
  g_hash_table_unref (self->connections);
  bfy_poller_unref (self->poller);
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
      g_hash_table_new_full (NULL, NULL, (GDestroyNotify) bfy_connection_unref, NULL);
  self->n_connections_max = BFY_SERVER_CONNECTIONS_MAX;
  self->poller = bfy_poller_new ();
}
