/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay-pump.h"

#include <sys/epoll.h>

/* So often in a row, before others have their turn. */
#define TURNS_MAX 16

/* One way. What has been read is written before more is. */
typedef struct
{
  GPollableInputStream *from; /* borrowed */
  GPollableOutputStream *to;  /* borrowed */
  const guint8 *unsent;       /* in the buffer, or in first */
  gsize n_unsent;
  guint64 n_bytes;
  guint8 buffer[BFY_RELAY_PUMP_BYTES];
} Way;

struct _BfyRelayPump
{
  GIOStream *client;      /* (owned) */
  GIOStream *server;      /* (owned) */
  GByteArray *first;      /* (owned) */
  BfyWatch *client_watch; /* (owned) (nullable) */
  BfyWatch *server_watch; /* (owned) (nullable) */
  Way up;
  Way down;
  guint more_id;
  guint ended_id;
  void (*ended) (gpointer user_data);
  gpointer user_data;
};

typedef enum
{
  TURN_AGAIN,
  TURN_WAIT,
  TURN_ENDED,
} Turn;

static gboolean
on_ended (gpointer user_data)
{
  BfyRelayPump *self = user_data;

  self->ended_id = 0;
  self->ended (self->user_data);

  return G_SOURCE_REMOVE;
}

/* Told a moment later, when nobody is in the midst of a way. */
void
bfy_relay_pump_end (BfyRelayPump *self)
{
  g_clear_pointer (&self->client_watch, bfy_watch_stop);
  g_clear_pointer (&self->server_watch, bfy_watch_stop);
  g_clear_handle_id (&self->more_id, g_source_remove);
  if (self->ended_id == 0)
    self->ended_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_ended, self, NULL);
}

static Turn
wait_or_end (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? TURN_WAIT : TURN_ENDED;
}

static Turn
write_some (Way *way)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (way->to, way->unsent, way->n_unsent, NULL,
                                                         &error);

  if (n < 0)
    return wait_or_end (error);
  way->unsent += n;
  way->n_unsent -= (gsize) n;

  return TURN_AGAIN;
}

static Turn
read_some (Way *way)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (way->from, way->buffer, sizeof way->buffer,
                                                       NULL, &error);

  if (n < 0)
    return wait_or_end (error);
  if (n == 0)
    return TURN_ENDED;
  way->unsent = way->buffer;
  way->n_unsent = (gsize) n;
  way->n_bytes += (guint64) n;

  return TURN_AGAIN;
}

/* Until one side refuses: nobody tells again of what is there already. TURN_AGAIN: there is more
 * to do. */
static Turn
run (Way *way)
{
  Turn turn = TURN_AGAIN;

  for (guint i = 0; turn == TURN_AGAIN && i < TURNS_MAX; i++)
    turn = way->n_unsent > 0 ? write_some (way) : read_some (way);

  return turn;
}

static gboolean on_more (gpointer user_data);

static gboolean
has_ended (const BfyRelayPump *self)
{
  return self->ended_id != 0;
}

static void
go_on (BfyRelayPump *self, Way *way)
{
  switch (has_ended (self) ? TURN_WAIT : run (way))
    {
    case TURN_AGAIN:
      if (self->more_id == 0)
        self->more_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_more, self, NULL);
      break;
    case TURN_WAIT:
      break;
    case TURN_ENDED:
      bfy_relay_pump_end (self);
      break;
    }
}

static gboolean
on_more (gpointer user_data)
{
  BfyRelayPump *self = user_data;

  self->more_id = 0;
  go_on (self, &self->up);
  go_on (self, &self->down);

  return G_SOURCE_REMOVE;
}

/* Of a side: what comes from it, and what waits for room there. */
static void
follow (BfyRelayPump *self, guint32 events, Way *from, Way *to)
{
  if ((events & ~(guint32) EPOLLOUT) != 0)
    go_on (self, from);
  if ((events & EPOLLOUT) != 0 && to->n_unsent > 0)
    go_on (self, to);
}

static void
on_client (guint32 events, gpointer user_data)
{
  BfyRelayPump *self = user_data;

  follow (self, events, &self->up, &self->down);
}

static void
on_server (guint32 events, gpointer user_data)
{
  BfyRelayPump *self = user_data;

  follow (self, events, &self->down, &self->up);
}

static void
lead (Way *way, GIOStream *from, GIOStream *to)
{
  way->from = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (from));
  way->to = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (to));
}

/* Under TLS, too. (nullable) (transfer full) */
static GSocket *
find_socket (GIOStream *stream)
{
  g_autoptr (GIOStream) base = NULL;

  if (G_IS_TLS_CONNECTION (stream))
    g_object_get (stream, "base-io-stream", &base, NULL);
  else
    base = g_object_ref (stream);

  return G_IS_SOCKET_CONNECTION (base)
             ? g_object_ref (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)))
             : NULL;
}

static BfyWatch *
watch (BfyPoller *poller, GIOStream *stream, BfyPollFunc func, BfyRelayPump *self)
{
  g_autoptr (GSocket) socket = find_socket (stream);

  return socket != NULL ? bfy_poller_watch (poller, g_socket_get_fd (socket), func, self) : NULL;
}

BfyRelayPump *
bfy_relay_pump_new (const BfyRelayPumpSetup *setup,
                    void (*ended) (gpointer user_data),
                    gpointer user_data)
{
  BfyRelayPump *self = g_new0 (BfyRelayPump, 1);

  self->client = g_object_ref (setup->client);
  self->server = g_object_ref (setup->server);
  self->first = g_byte_array_ref (setup->first);
  self->ended = ended;
  self->user_data = user_data;
  lead (&self->up, self->client, self->server);
  lead (&self->down, self->server, self->client);
  self->down.unsent = self->first->data;
  self->down.n_unsent = self->first->len;
  self->down.n_bytes = self->first->len;
  self->client_watch = watch (setup->poller, self->client, on_client, self);
  self->server_watch = watch (setup->poller, self->server, on_server, self);
  if (self->client_watch == NULL || self->server_watch == NULL)
    bfy_relay_pump_end (self);
  go_on (self, &self->up);
  go_on (self, &self->down);

  return self;
}

/* Nothing is said in farewell, which could have to wait. */
static void
hang_up (GIOStream *stream)
{
  g_autoptr (GSocket) socket = find_socket (stream);

  if (socket != NULL)
    g_socket_close (socket, NULL);
}

void
bfy_relay_pump_free (BfyRelayPump *self)
{
  if (self == NULL)
    return;
  bfy_relay_pump_end (self);
  g_clear_handle_id (&self->ended_id, g_source_remove);
  hang_up (self->client);
  hang_up (self->server);
  g_object_unref (self->client);
  g_object_unref (self->server);
  g_byte_array_unref (self->first);
  g_free (self);
}

guint64
bfy_relay_pump_get_n_up (const BfyRelayPump *self)
{
  return self->up.n_bytes;
}

guint64
bfy_relay_pump_get_n_down (const BfyRelayPump *self)
{
  return self->down.n_bytes;
}
