/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay-pump.h"

#include <sys/epoll.h>

#include "agent/database/read-ahead.h"

#define END_EVENTS (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

/* So often in a row, before others have their turn. */
#define TURNS_MAX 16

/* One way. What has been read is written before more is. */
typedef struct
{
  GPollableInputStream *from; /* borrowed */
  GPollableOutputStream *to;  /* borrowed */
  BfyReadAhead *ahead;        /* borrowed (nullable) below from, which is TLS */
  const guint8 *unsent;       /* in the buffer, or in first */
  gsize n_unsent;
  guint64 n_bytes;
  gboolean is_drained; /* there was nothing more, and nothing new has been told since */
  gboolean has_ended;  /* the one it comes from: the end has no event of its own */
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

/* A record of TLS is given whole, so that none is left in between. */
static gboolean
is_drained_after (const Way *way, gsize n)
{
  if (way->ahead != NULL)
    return bfy_read_ahead_is_drained (way->ahead);

  return !way->has_ended && n < sizeof way->buffer;
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
  way->is_drained = is_drained_after (way, (gsize) n);

  return TURN_AGAIN;
}

static Turn
move_some (Way *way)
{
  if (way->n_unsent > 0)
    return write_some (way);

  return way->is_drained ? TURN_WAIT : read_some (way);
}

/* Until one side refuses, or has given less than there was room for (epoll(7), "Possible
 * pitfalls"): nobody tells again of what is there already. TURN_AGAIN: there is more to do. */
static Turn
run (Way *way)
{
  Turn turn = TURN_AGAIN;

  for (guint i = 0; turn == TURN_AGAIN && i < TURNS_MAX; i++)
    turn = move_some (way);

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

static void
wake (Way *way, guint32 events)
{
  gboolean has_ended = (events & END_EVENTS) != 0;

  way->is_drained = FALSE;
  way->has_ended |= has_ended;
  if (way->ahead != NULL)
    bfy_read_ahead_wake (way->ahead, has_ended);
}

/* Of a side: what comes from it, and what waits for room there. */
static void
follow (BfyRelayPump *self, guint32 events, Way *from, Way *to)
{
  wake (from, events);
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

/* What is below TLS. (transfer full) */
static GIOStream *
find_base (GIOStream *stream)
{
  GIOStream *base = NULL;

  if (!G_IS_TLS_CONNECTION (stream))
    return g_object_ref (stream);
  g_object_get (stream, "base-io-stream", &base, NULL);

  return base;
}

/* (nullable) (transfer none) */
static BfyReadAhead *
find_ahead (GIOStream *stream)
{
  g_autoptr (GIOStream) base = find_base (stream);
  GInputStream *input = g_io_stream_get_input_stream (base);

  return BFY_IS_READ_AHEAD (input) ? BFY_READ_AHEAD (input) : NULL;
}

/* (nullable) (transfer none) */
static GSocket *
find_socket (GIOStream *stream)
{
  const BfyReadAhead *ahead = find_ahead (stream);

  if (ahead != NULL)
    return bfy_read_ahead_get_socket (ahead);

  return G_IS_SOCKET_CONNECTION (stream)
             ? g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream))
             : NULL;
}

static void
lead (Way *way, GIOStream *from, GIOStream *to)
{
  way->from = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (from));
  way->to = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (to));
  way->ahead = find_ahead (from);
}

static BfyWatch *
watch (BfyPoller *poller, GIOStream *stream, BfyPollFunc func, BfyRelayPump *self)
{
  GSocket *socket = find_socket (stream);

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
  GSocket *socket = find_socket (stream);

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
