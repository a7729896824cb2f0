/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/tls-pipe.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>

static const char *const protocols[] = { "http/1.1", NULL };

/* While bytes are copied both ways. */
typedef struct
{
  GIOStream *tls;      /* (owned) */
  GIOStream *far;      /* (owned) */
  GCancellable *ended; /* (owned) cancelled when one of the ways has come to its end */
  guint n_ways;
} Pipe;

static void
on_way_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pipe *self = user_data;

  (void) g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  g_cancellable_cancel (self->ended);
  if (--self->n_ways > 0)
    return;

  g_io_stream_close_async (self->far, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_io_stream_close_async (self->tls, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_unref (self->far);
  g_object_unref (self->tls);
  g_object_unref (self->ended);
  g_free (self);
}

static void
copy (Pipe *self, GIOStream *from, GIOStream *to)
{
  self->n_ways++;
  g_output_stream_splice_async (g_io_stream_get_output_stream (to),
                                g_io_stream_get_input_stream (from), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, self->ended, on_way_ended, self);
}

/* Takes over @fd. */
static GSocketConnection *
wrap (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      (void) g_close (fd, NULL);
      return NULL;
    }

  return g_socket_connection_factory_create_connection (socket);
}

/* The near end. */
static GSocketConnection *
begin_pipe (GIOStream *tls, GError **error)
{
  int ends[2];
  g_autoptr (GSocketConnection) near = NULL;
  g_autoptr (GSocketConnection) far = NULL;
  Pipe *self;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "socketpair: %s",
                   g_strerror (errno));
      return NULL;
    }
  near = wrap (ends[0], error);
  far = wrap (ends[1], near != NULL ? error : NULL);
  if (near == NULL || far == NULL)
    return NULL;

  self = g_new0 (Pipe, 1);
  self->tls = g_object_ref (tls);
  self->far = G_IO_STREAM (g_steal_pointer (&far));
  self->ended = g_cancellable_new ();
  copy (self, self->tls, self->far);
  copy (self, self->far, self->tls);

  return g_steal_pointer (&near);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GSocketConnection *near = NULL;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    near = begin_pipe (G_IO_STREAM (source), &error);
  if (near != NULL)
    g_task_return_pointer (task, near, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  g_autoptr (GIOStream) tls =
      connection != NULL ? g_tls_client_connection_new (G_IO_STREAM (connection),
                                                        g_task_get_task_data (task), &error)
                         : NULL;

  if (tls == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
                                    g_task_get_cancellable (task), on_handshake,
                                    g_object_ref (task));
}

void
bfy_tls_pipe_open_async (GSocketConnectable *target,
                         GSocketConnectable *identity,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_tls_pipe_open_async);
  g_task_set_task_data (task, g_object_ref (identity), g_object_unref);
  g_socket_client_connect_async (client, target, cancellable, on_connected, g_object_ref (task));
}

GSocketConnection *
bfy_tls_pipe_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
