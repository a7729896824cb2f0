/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/splice.h"

#define PIECE_BYTES (32 * 1024)
#define LOOKS_PER_TIME 10

typedef struct _Pair Pair;

typedef struct
{
  Pair *pair;      /* borrowed */
  GIOStream *from; /* borrowed */
  GIOStream *to;   /* borrowed */
  guint8 bytes[PIECE_BYTES];
} Way;

struct _Pair
{
  GIOStream *ends[2]; /* (owned) */
  Way ways[2];
  GCancellable *cancellable; /* (owned) */
  GCancellable *outer;       /* (owned) */
  gulong outer_id;
  gint64 idle_us;
  gint64 busy_at_us;
  guint look_id;
  guint n_open; /* ways */
  GDestroyNotify on_end;
  gpointer user_data;
};

static void read_more (Way *way);

static void
pair_free (Pair *pair)
{
  g_clear_handle_id (&pair->look_id, g_source_remove);
  g_signal_handler_disconnect (pair->outer, pair->outer_id);
  for (guint i = 0; i < G_N_ELEMENTS (pair->ends); i++)
    {
      (void) g_io_stream_close (pair->ends[i], NULL, NULL);
      g_object_unref (pair->ends[i]);
    }
  g_object_unref (pair->cancellable);
  g_object_unref (pair->outer);
  pair->on_end (pair->user_data);
  g_free (pair);
}

/* What broke off on one side breaks off on the other, and so does what cannot be ended halfway. */
static void
end_way (Way *way, gboolean is_whole)
{
  Pair *pair = way->pair;

  if (!G_IS_SOCKET_CONNECTION (way->to) || !G_IS_SOCKET_CONNECTION (way->from))
    g_cancellable_cancel (pair->cancellable);
  else
    (void) g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (way->to)),
                              !is_whole, TRUE, NULL);
  if (--pair->n_open == 0)
    pair_free (pair);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Way *way = user_data;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    read_more (way);
  else
    end_way (way, FALSE);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Way *way = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    {
      end_way (way, n == 0);
      return;
    }

  way->pair->busy_at_us = g_get_monotonic_time ();
  g_output_stream_write_all_async (g_io_stream_get_output_stream (way->to), way->bytes, (gsize) n,
                                   G_PRIORITY_DEFAULT, way->pair->cancellable, on_written, way);
}

static void
read_more (Way *way)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (way->from), way->bytes,
                             sizeof way->bytes, G_PRIORITY_DEFAULT, way->pair->cancellable, on_read,
                             way);
}

static gboolean
on_look (gpointer user_data)
{
  Pair *pair = user_data;

  if (g_get_monotonic_time () - pair->busy_at_us < pair->idle_us)
    return G_SOURCE_CONTINUE;

  pair->look_id = 0;
  g_cancellable_cancel (pair->cancellable);

  return G_SOURCE_REMOVE;
}

void
bfy_run_splice (GIOStream *inner,
                GIOStream *outer,
                GCancellable *cancellable,
                guint idle_s,
                GDestroyNotify on_end,
                gpointer user_data)
{
  Pair *pair = g_new0 (Pair, 1);

  pair->ends[0] = inner;
  pair->ends[1] = outer;
  pair->cancellable = g_cancellable_new ();
  pair->outer = g_object_ref (cancellable);
  pair->outer_id = g_signal_connect_swapped (cancellable, "cancelled",
                                             G_CALLBACK (g_cancellable_cancel), pair->cancellable);
  pair->idle_us = (gint64) idle_s * G_USEC_PER_SEC;
  pair->busy_at_us = g_get_monotonic_time ();
  pair->on_end = on_end;
  pair->user_data = user_data;
  pair->n_open = G_N_ELEMENTS (pair->ways);
  if (idle_s > 0)
    pair->look_id = g_timeout_add_seconds (MAX (idle_s / LOOKS_PER_TIME, 1), on_look, pair);
  for (guint i = 0; i < G_N_ELEMENTS (pair->ways); i++)
    {
      Way *way = &pair->ways[i];

      way->pair = pair;
      way->from = pair->ends[i];
      way->to = pair->ends[1 - i];
      read_more (way);
    }
}
