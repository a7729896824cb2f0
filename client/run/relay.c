/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/relay.h"

#include <string.h>

#include "client/run/upgrade.h"

#define PIECE_BYTES (64 * 1024)
#define CONNECTIONS_MAX 256
#define IDLE_S 30

struct _BfyRunRelay
{
  GPtrArray *offers; /* borrowed */
  const char *key;   /* borrowed */
  guint16 port;
  SoupSession *session;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  BfyRunReport *report;      /* (nullable) borrowed */
};

/* One request on its way. */
typedef struct
{
  grefcount ref_count;
  SoupServerMessage *message; /* (owned) */
  GInputStream *body;         /* (owned) (nullable) of the answer */
  GCancellable *cancellable;  /* (owned) cancelled when nobody waits any more */
} Errand;

static void
refuse (SoupServerMessage *message, const BfyRunFault *refusal)
{
  char *body = bfy_run_request_format_error (refusal->error, refusal->text, NULL);

  soup_server_message_set_status (message, refusal->status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, body,
                                    strlen (body));
}

static void
errand_unref (Errand *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->message);
  g_object_unref (self->cancellable);
  g_clear_object (&self->body);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_unref)

static Errand *
errand_ref (Errand *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  Errand *errand = user_data;

  g_cancellable_cancel (errand->cancellable);
  g_signal_handlers_disconnect_by_data (message, errand);
  errand_unref (errand);
}

/* An answer that is not whole must not look as if it were. */
static void
break_off (Errand *errand)
{
  g_autoptr (GIOStream) stream = NULL;

  g_signal_handlers_disconnect_by_data (errand->message, errand);
  stream = soup_server_message_steal_connection (errand->message);
  (void) g_io_stream_close (stream, NULL, NULL);
  errand_unref (errand);
}

static void
on_piece (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GBytes) piece =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  SoupMessageBody *body = soup_server_message_get_response_body (errand->message);

  if (g_cancellable_is_cancelled (errand->cancellable))
    return;
  if (piece == NULL)
    {
      break_off (errand);
      return;
    }

  if (g_bytes_get_size (piece) > 0)
    soup_message_body_append_bytes (body, piece);
  else
    soup_message_body_complete (body);
  soup_server_message_unpause (errand->message);
}

static void
read_piece (Errand *errand)
{
  if (!g_input_stream_has_pending (errand->body))
    g_input_stream_read_bytes_async (errand->body, PIECE_BYTES, G_PRIORITY_DEFAULT,
                                     errand->cancellable, on_piece, errand_ref (errand));
}

/* No more is read than is taken. */
static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  read_piece (user_data);
}

static void
begin_answer (Errand *errand, SoupMessage *answer)
{
  SoupMessageHeaders *from = soup_message_get_response_headers (answer);
  SoupMessageHeaders *to = soup_server_message_get_response_headers (errand->message);

  soup_server_message_set_status (errand->message, soup_message_get_status (answer), NULL);
  bfy_run_request_copy_answer (from, to);
  if (soup_message_headers_get_encoding (from) == SOUP_ENCODING_CONTENT_LENGTH)
    soup_message_headers_set_content_length (to, soup_message_headers_get_content_length (from));
  else
    soup_message_headers_set_encoding (to, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (errand->message), FALSE);
  g_signal_connect (errand->message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), errand);
  read_piece (errand);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  SoupMessage *answer = soup_session_get_async_result_message (SOUP_SESSION (source), result);

  errand->body = soup_session_send_finish (SOUP_SESSION (source), result, NULL);
  if (g_cancellable_is_cancelled (errand->cancellable))
    return;
  if (errand->body != NULL)
    {
      begin_answer (errand, answer);
      return;
    }

  refuse (errand->message, &bfy_run_fault_no_agent);
  soup_server_message_unpause (errand->message);
}

static void
send_on (const BfyRunPlace *place, SoupServerMessage *message, SoupMessage *request)
{
  Errand *errand = g_new0 (Errand, 1);

  g_ref_count_init (&errand->ref_count);
  errand->message = g_object_ref (message);
  errand->cancellable = g_cancellable_new ();
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), errand);
  soup_server_message_pause (message);
  soup_session_send_async (place->session, request, G_PRIORITY_DEFAULT, errand->cancellable,
                           on_answer, errand_ref (errand));
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  const BfyRunPlace *place = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autoptr (GBytes) body =
      soup_message_body_flatten (soup_server_message_get_request_body (message));
  const BfyRunRequest asked = { soup_server_message_get_method (message),
                                soup_message_headers_get_list (headers, "Host"),
                                soup_server_message_get_uri (message), headers, body };
  const BfyRunFault *refusal = NULL;
  g_autoptr (SoupMessage) request = bfy_run_request_judge (place, &asked, &refusal);

  if (request == NULL)
    refuse (message, refusal);
  else if (bfy_run_upgrade_is_asked (message))
    bfy_run_upgrade_begin (place, message, request);
  else
    send_on (place, message, request);
}

/* A status of its own is an answer: the handler is not called then. */
static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  gsize *n_bytes = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  *n_bytes += g_bytes_get_size (chunk);
  if (*n_bytes <= BFY_RUN_BODY_BYTES_MAX)
    return;

  soup_message_body_set_accumulate (body, FALSE);
  soup_message_body_truncate (body);
  refuse (message, &bfy_run_fault_too_large);
}

static void
free_count (gpointer n_bytes, GClosure *closure)
{
  g_free (n_bytes);
}

static void
on_started (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  g_signal_connect_data (message, "got-chunk", G_CALLBACK (on_chunk), g_new0 (gsize, 1), free_count,
                         0);
}

BfyRunPlace
bfy_run_relay_get_place (BfyRunRelay *self, BfyRunSite *site)
{
  return (BfyRunPlace){ self->offers,      self->key,     self->port, self->session,
                        self->cancellable, &self->report, site };
}

void
bfy_run_relay_serve (BfyRunRelay *self, BfyRunSite *site)
{
  BfyRunPlace *place = g_new0 (BfyRunPlace, 1);

  *place = bfy_run_relay_get_place (self, site);
  site->server = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_add_handler (site->server, NULL, on_request, place, g_free);
  g_signal_connect (site->server, "request-started", G_CALLBACK (on_started), NULL);
}

BfyRunRelay *
bfy_run_relay_new (GPtrArray *offers, const char *key, guint16 port)
{
  BfyRunRelay *self = g_new0 (BfyRunRelay, 1);

  self->offers = offers;
  self->key = key;
  self->port = port;
  self->cancellable = g_cancellable_new ();
  self->session = soup_session_new_with_options (
      "proxy-resolver", NULL, "max-conns", CONNECTIONS_MAX, "max-conns-per-host", CONNECTIONS_MAX,
      "idle-timeout", IDLE_S, "timeout", 0, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);

  return self;
}

void
bfy_run_relay_set_report (BfyRunRelay *self, BfyRunReport *report)
{
  self->report = report;
}

void
bfy_run_relay_report (BfyRunRelay *self, BfyRunRefusal refusal)
{
  bfy_run_report_add (self->report, refusal);
}

void
bfy_run_relay_free (BfyRunRelay *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_free (self);
}
