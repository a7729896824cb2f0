/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/listener.h"

struct _BfyRunListener
{
  grefcount ref_count; /* one for the owner, and one for each connection */
  GSocket *socket;     /* (owned) */
  GSource *source;     /* (owned) (nullable) NULL while there are too many */
  BfyRunGuestFunc func;
  gpointer user_data;
  guint n_connections;
  gboolean is_closed;
};

static void listen_again (BfyRunListener *self);

static void
listener_unref (BfyRunListener *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->socket);
  g_free (self);
}

static void
on_connection_gone (gpointer user_data, GObject *where_it_was)
{
  BfyRunListener *self = user_data;

  self->n_connections--;
  listen_again (self);
  listener_unref (self);
}

static void
let_in (BfyRunListener *self, GSocket *socket)
{
  GSocketConnection *connection = g_socket_connection_factory_create_connection (socket);

  g_ref_count_inc (&self->ref_count);
  self->n_connections++;
  g_object_weak_ref (G_OBJECT (connection), on_connection_gone, self);
  self->func (connection, self->user_data);
}

static gboolean
on_connection (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  BfyRunListener *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);

  if (socket == NULL)
    return G_SOURCE_CONTINUE;
  let_in (self, socket);
  if (self->n_connections < BFY_RUN_CONNECTIONS_MAX)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->source, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
listen_again (BfyRunListener *self)
{
  if (self->source != NULL || self->is_closed)
    return;

  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_connection), self, NULL);
  g_source_attach (self->source, NULL);
}

BfyRunListener *
bfy_run_listener_new (int fd, BfyRunGuestFunc func, gpointer user_data, GError **error)
{
  GSocket *socket = g_socket_new_from_fd (fd, error);
  BfyRunListener *self;

  if (socket == NULL)
    return NULL;

  self = g_new0 (BfyRunListener, 1);
  g_ref_count_init (&self->ref_count);
  g_socket_set_blocking (socket, FALSE);
  self->socket = socket;
  self->func = func;
  self->user_data = user_data;
  listen_again (self);

  return self;
}

void
bfy_run_listener_free (BfyRunListener *self)
{
  if (self == NULL)
    return;

  self->is_closed = TRUE;
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  (void) g_socket_close (self->socket, NULL);
  listener_unref (self);
}
