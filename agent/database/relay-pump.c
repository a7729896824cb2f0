/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay-pump.h"

/* So often in a row, before others have their turn. */
#define TURNS_MAX 8
#define SMALL_BYTES 4096

/* One way. Its buffer is full or it is empty: what has been read is written before more is. */
typedef struct
{
  BfyRelayPump *pump;         /* borrowed */
  GPollableInputStream *from; /* borrowed */
  GPollableOutputStream *to;  /* borrowed */
  GSource *input;             /* (owned) (nullable) while it waits for something to come */
  GSource *room;              /* (owned) (nullable) while it waits for room */
  const guint8 *unsent;       /* in the buffer, or in first */
  gsize n_unsent;
  gsize n_read; /* at a time */
  guint64 n_bytes;
  guint8 buffer[BFY_RELAY_PUMP_BYTES];
} Way;

struct _BfyRelayPump
{
  GIOStream *client; /* (owned) */
  GIOStream *server; /* (owned) */
  GByteArray *first; /* (owned) */
  Way up;
  Way down;
  guint ended_id;
  void (*ended) (gpointer user_data);
  gpointer user_data;
};

typedef enum
{
  TURN_AGAIN,
  TURN_WAIT_INPUT,
  TURN_WAIT_ROOM,
  TURN_ENDED,
} Turn;

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_ended (gpointer user_data)
{
  BfyRelayPump *self = user_data;

  self->ended_id = 0;
  self->ended (self->user_data);

  return G_SOURCE_REMOVE;
}

/* Told a moment later, when nobody is in the midst of a way. */
static void
end (BfyRelayPump *self)
{
  drop_source (&self->up.input);
  drop_source (&self->up.room);
  drop_source (&self->down.input);
  drop_source (&self->down.room);
  if (self->ended_id == 0)
    self->ended_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_ended, self, NULL);
}

static Turn
write_some (Way *way)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (way->to, way->unsent, way->n_unsent, NULL,
                                                         &error);

  if (n < 0)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? TURN_WAIT_ROOM
                                                                       : TURN_ENDED;
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
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? TURN_WAIT_INPUT
                                                                       : TURN_ENDED;
  if (n == 0)
    return TURN_ENDED;
  way->unsent = way->buffer;
  way->n_unsent = way->n_read = (gsize) n;
  way->n_bytes += (guint64) n;

  return TURN_AGAIN;
}

/* After so many turns it waits for what is there already, which comes round at once. A small piece
 * was most likely all there was: it is cheaper to wait than to ask. */
static Turn
run (Way *way)
{
  for (guint i = 0; i < TURNS_MAX; i++)
    {
      Turn turn = way->n_unsent > 0 ? write_some (way) : read_some (way);

      if (turn != TURN_AGAIN)
        return turn;
      if (way->n_unsent == 0 && way->n_read < SMALL_BYTES)
        return TURN_WAIT_INPUT;
    }

  return way->n_unsent > 0 ? TURN_WAIT_ROOM : TURN_WAIT_INPUT;
}

static gboolean on_room (GObject *stream, gpointer user_data);
static gboolean on_input (GObject *stream, gpointer user_data);

static void
wait_for_input (Way *way)
{
  drop_source (&way->room);
  if (way->input != NULL)
    return;
  way->input = g_pollable_input_stream_create_source (way->from, NULL);
  g_source_set_callback (way->input, G_SOURCE_FUNC (on_input), way, NULL);
  g_source_attach (way->input, g_main_context_get_thread_default ());
}

static void
wait_for_room (Way *way)
{
  drop_source (&way->input);
  if (way->room != NULL)
    return;
  way->room = g_pollable_output_stream_create_source (way->to, NULL);
  g_source_set_callback (way->room, G_SOURCE_FUNC (on_room), way, NULL);
  g_source_attach (way->room, g_main_context_get_thread_default ());
}

/* The source that it waits with stays as long as it waits for the same. */
static void
go_on (Way *way)
{
  switch (run (way))
    {
    case TURN_AGAIN:
    case TURN_WAIT_INPUT:
      wait_for_input (way);
      break;
    case TURN_WAIT_ROOM:
      wait_for_room (way);
      break;
    case TURN_ENDED:
      end (way->pump);
      break;
    }
}

static gboolean
on_input (GObject *stream, gpointer user_data)
{
  Way *way = user_data;

  go_on (way);

  return way->input != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_room (GObject *stream, gpointer user_data)
{
  Way *way = user_data;

  go_on (way);

  return way->room != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
lead (BfyRelayPump *self, Way *way, GIOStream *from, GIOStream *to)
{
  way->pump = self;
  way->from = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (from));
  way->to = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (to));
}

BfyRelayPump *
bfy_relay_pump_new (GIOStream *client,
                    GIOStream *server,
                    GByteArray *first,
                    void (*ended) (gpointer user_data),
                    gpointer user_data)
{
  BfyRelayPump *self = g_new0 (BfyRelayPump, 1);

  self->client = g_object_ref (client);
  self->server = g_object_ref (server);
  self->first = first;
  self->ended = ended;
  self->user_data = user_data;
  lead (self, &self->up, client, server);
  lead (self, &self->down, server, client);
  self->down.unsent = first->data;
  self->down.n_unsent = first->len;
  self->down.n_bytes = first->len;
  wait_for_input (&self->up);
  go_on (&self->down);

  return self;
}

/* Nothing is said in farewell, which could have to wait. */
static void
hang_up (GIOStream *stream)
{
  g_autoptr (GIOStream) base = NULL;

  if (G_IS_TLS_CONNECTION (stream))
    g_object_get (stream, "base-io-stream", &base, NULL);
  else
    base = g_object_ref (stream);
  if (G_IS_SOCKET_CONNECTION (base))
    g_socket_close (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)), NULL);
}

void
bfy_relay_pump_free (BfyRelayPump *self)
{
  if (self == NULL)
    return;
  end (self);
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
