/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/h2-link.h"

#include "client/run/h2-errand.h"
#include "client/run/h2.h"

#define IN_BYTES (16 * 1024)
#define OUT_BYTES (64 * 1024)
#define IDLE_S 900
#define LOOK_S 60

typedef struct
{
  grefcount ref_count; /* of reading, and of writing */
  GIOStream *tls;      /* (owned) */
  BfyRunPlace place;
  GCancellable *cancellable; /* (owned) cancelled when it ends */
  GCancellable *outer;       /* (owned) */
  gulong outer_id;
  BfyRunH2 *session; /* (owned) (nullable) NULL when it has ended */
  GDestroyNotify on_end;
  gpointer user_data;
  guint8 in[IN_BYTES];
  GByteArray *out; /* (owned) on its way */
  gboolean is_writing;
  gboolean is_feeding;
  gboolean is_deaf; /* what is on its way is the last */
  guint look_id;
  gint64 busy_at_us;
} Link;

static void read_more (Link *self);

static void
link_unref (Link *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_byte_array_unref (self->out);
  g_object_unref (self->tls);
  g_object_unref (self->cancellable);
  g_object_unref (self->outer);
  self->on_end (self->user_data);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_unref)

static Link *
link_ref (Link *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

static void
end (Link *self)
{
  if (self->session == NULL)
    return;

  g_signal_handler_disconnect (self->outer, self->outer_id);
  g_clear_handle_id (&self->look_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->session, bfy_run_h2_free);
  g_io_stream_close_async (self->tls, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void write_more (Link *self);

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Link) self = user_data;
  gboolean is_fine =
      g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);

  self->is_writing = FALSE;
  if (self->session == NULL)
    return;
  if (is_fine)
    write_more (self);
  else
    end (self);
}

/* What is not yet taken waits in the streams, and those are not read on. */
static void
write_more (Link *self)
{
  if (self->is_writing || self->is_feeding)
    return;

  g_byte_array_set_size (self->out, 0);
  bfy_run_h2_pull (self->session, self->out, OUT_BYTES);
  if (self->out->len == 0)
    {
      if (self->is_deaf || bfy_run_h2_is_over (self->session))
        end (self);
      return;
    }

  self->is_writing = TRUE;
  self->busy_at_us = g_get_monotonic_time ();
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->tls), self->out->data,
                                   self->out->len, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_written, link_ref (self));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Link) self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (self->session == NULL)
    return;
  if (n <= 0)
    {
      end (self);
      return;
    }

  self->busy_at_us = g_get_monotonic_time ();
  self->is_feeding = TRUE;
  self->is_deaf = !bfy_run_h2_feed (self->session, self->in, (gsize) n);
  self->is_feeding = FALSE;
  write_more (self);
  read_more (self);
}

static void
read_more (Link *self)
{
  if (self->session != NULL && !self->is_deaf)
    g_input_stream_read_async (g_io_stream_get_input_stream (self->tls), self->in, sizeof self->in,
                               G_PRIORITY_DEFAULT, self->cancellable, on_read, link_ref (self));
}

static gboolean
on_look (gpointer user_data)
{
  Link *self = user_data;
  gint64 idle_us = g_get_monotonic_time () - self->busy_at_us;

  if (bfy_run_h2_count (self->session) > 0 || idle_us < (gint64) IDLE_S * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;

  self->look_id = 0;
  bfy_run_h2_end (self->session);

  return G_SOURCE_REMOVE;
}

static void
on_request (BfyRunStream *stream, gpointer user_data)
{
  bfy_run_errand_begin (stream, &((Link *) user_data)->place);
}

static void
on_taken (BfyRunStream *stream, gpointer user_data)
{
  bfy_run_errand_go_on (stream);
}

static void
on_gone (BfyRunStream *stream, gpointer user_data)
{
  bfy_run_errand_forget (stream);
}

static void
on_output (gpointer user_data)
{
  write_more (user_data);
}

static const BfyRunH2Events events = { on_request, on_taken, on_gone, on_output };

void
bfy_run_link_begin (GIOStream *tls,
                    const BfyRunPlace *place,
                    GCancellable *cancellable,
                    GDestroyNotify on_end,
                    gpointer user_data)
{
  Link *self = g_new0 (Link, 1);

  g_ref_count_init (&self->ref_count);
  self->tls = g_object_ref (tls);
  self->place = *place;
  self->cancellable = g_cancellable_new ();
  self->outer = g_object_ref (cancellable);
  self->outer_id = g_signal_connect_swapped (cancellable, "cancelled",
                                             G_CALLBACK (g_cancellable_cancel), self->cancellable);
  self->on_end = on_end;
  self->user_data = user_data;
  self->out = g_byte_array_new ();
  self->busy_at_us = g_get_monotonic_time ();
  self->session = bfy_run_h2_new (&events, self);
  self->look_id = g_timeout_add_seconds (LOOK_S, on_look, self);
  write_more (self);
  read_more (self);
  link_unref (self);
}
