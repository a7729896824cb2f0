/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/relay.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/base-urls.h"
#include "client/cli.h"
#include "protocol/json.h"

#define PIECE_BYTES (64 * 1024)
#define CONNECTIONS_MAX 256
#define IDLE_S 30

struct _BfyRunRelay
{
  GPtrArray *offers; /* borrowed */
  const char *key;   /* borrowed */
  guint16 port;
  SoupSession *session; /* (owned) */
  BfyRunReport *report; /* (nullable) borrowed */
};

typedef struct
{
  BfyRunRelay *relay; /* borrowed */
  BfyRunSite *site;   /* borrowed */
} Place;

/* One request on its way. */
typedef struct
{
  grefcount ref_count;
  SoupServerMessage *message; /* (owned) */
  GInputStream *body;         /* (owned) (nullable) of the answer */
  GCancellable *cancellable;  /* (owned) cancelled when nobody waits any more */
} Errand;

/* Of this hop, and about whom the request seems to come from. What is the agent's to judge goes
 * on. */
static const char *const kept_up[] = {
  "authorization", "connection", "content-length",    "expect",  "forwarded", "host",
  "keep-alive",    "origin",     "proxy-connection",  "referer", "te",        "trailer",
  "upgrade",       "via",        "transfer-encoding", NULL,
};

static const char *const kept_down[] = {
  "connection", "content-length",    "date",    "keep-alive", "proxy-connection",
  "trailer",    "transfer-encoding", "upgrade", NULL,
};

char *
bfy_run_relay_format_error (const char *error, const char *message, const char *hint)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "error", error);
  json_object_set_string_member (object, "message", message);
  if (hint != NULL)
    json_object_set_string_member (object, "hint", hint);

  return bfy_json_object_to_text (object, NULL);
}

static void
refuse (SoupServerMessage *message, guint status, const char *error, const char *text)
{
  char *body = bfy_run_relay_format_error (error, text, NULL);

  soup_server_message_set_status (message, status, NULL);
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
copy_headers (SoupMessageHeaders *from, SoupMessageHeaders *to, const char *const *kept)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *lower = g_ascii_strdown (name, -1);

      if (!g_strv_contains (kept, lower) &&
          !soup_message_headers_header_contains (from, "Connection", name))
        soup_message_headers_append (to, name, value);
    }
}

static void
begin_answer (Errand *errand, SoupMessage *answer)
{
  SoupMessageHeaders *from = soup_message_get_response_headers (answer);
  SoupMessageHeaders *to = soup_server_message_get_response_headers (errand->message);

  soup_server_message_set_status (errand->message, soup_message_get_status (answer), NULL);
  copy_headers (from, to, kept_down);
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

  refuse (errand->message, SOUP_STATUS_BAD_GATEWAY, "no_agent", "The agent does not answer");
  soup_server_message_unpause (errand->message);
}

static SoupMessage *
build_request (const Place *place,
               SoupServerMessage *message,
               const BfyRunOffer *offer,
               const char *rest)
{
  GUri *asked = soup_server_message_get_uri (message);
  g_autofree char *path = g_strdup_printf ("/http/%s/~%s%s", offer->name,
                                           bfy_base_urls_bare_key (place->relay->key), rest);
  g_autoptr (GUri) uri = g_uri_build (SOUP_HTTP_URI_FLAGS, "http", NULL, "127.0.0.1",
                                      place->relay->port, path, g_uri_get_query (asked), NULL);
  SoupMessage *request = soup_message_new_from_uri (soup_server_message_get_method (message), uri);
  g_autoptr (GBytes) body =
      soup_message_body_flatten (soup_server_message_get_request_body (message));

  soup_message_set_flags (request, SOUP_MESSAGE_NO_REDIRECT);
  if (g_bytes_get_size (body) > 0)
    soup_message_set_request_body_from_bytes (request, NULL, body);
  copy_headers (soup_server_message_get_request_headers (message),
                soup_message_get_request_headers (request), kept_up);

  return request;
}

static void
send_on (const Place *place, SoupServerMessage *message, const BfyRunOffer *offer, const char *rest)
{
  g_autoptr (SoupMessage) request = build_request (place, message, offer, rest);
  Errand *errand = g_new0 (Errand, 1);

  g_ref_count_init (&errand->ref_count);
  errand->message = g_object_ref (message);
  errand->cancellable = g_cancellable_new ();
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), errand);
  soup_server_message_pause (message);
  soup_session_send_async (place->relay->session, request, G_PRIORITY_DEFAULT, errand->cancellable,
                           on_answer, errand_ref (errand));
}

static const BfyRunOffer *
find_in_headers (GPtrArray *offers, const BfyRunOffer *own, SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const BfyRunOffer *found = NULL;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (found == NULL && soup_message_headers_iter_next (&iter, &name, &value))
    {
      found = bfy_run_find_foreign_placeholder (offers, own, value, strlen (value));
      if (found == NULL)
        found = bfy_run_find_foreign_placeholder (offers, own, name, strlen (name));
    }

  return found;
}

static const BfyRunOffer *
find_stranger (const Place *place, SoupServerMessage *message, const BfyRunOffer *own)
{
  GPtrArray *offers = place->relay->offers;
  g_autofree char *uri = g_uri_to_string (soup_server_message_get_uri (message));
  g_autoptr (GBytes) body =
      soup_message_body_flatten (soup_server_message_get_request_body (message));
  const BfyRunOffer *found = bfy_run_find_foreign_placeholder (offers, own, uri, strlen (uri));

  if (found == NULL)
    found = find_in_headers (offers, own, soup_server_message_get_request_headers (message));
  if (found == NULL)
    found = bfy_run_find_foreign_placeholder (offers, own, g_bytes_get_data (body, NULL),
                                              g_bytes_get_size (body));

  return found;
}

/* In the connection for one host nobody speaks to another one. */
static gboolean
is_for (const BfyRunSite *site, SoupServerMessage *message)
{
  const char *host =
      soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Host");
  const char *asked = g_uri_get_host (soup_server_message_get_uri (message));
  BfyRunTarget target;

  return host != NULL && asked != NULL && g_ascii_strcasecmp (asked, site->target.host) == 0 &&
         bfy_run_target_parse (host, strlen (host), 443, &target) &&
         strcmp (target.host, site->target.host) == 0 && target.port == site->target.port;
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  const Place *place = user_data;
  const BfyRunOffer *offer, *stranger;
  const char *rest = NULL;

  if (!is_for (place->site, message))
    {
      bfy_run_report_add (place->relay->report, BFY_RUN_REFUSED_ADDRESS);
      refuse (message, SOUP_STATUS_MISDIRECTED_REQUEST, "bad_request",
              "This connection is for another host");
      return;
    }
  offer = bfy_run_site_choose (place->site, g_uri_get_path (soup_server_message_get_uri (message)),
                               &rest);
  if (offer == NULL)
    {
      bfy_run_report_add (place->relay->report, BFY_RUN_REFUSED_ADDRESS);
      refuse (message, SOUP_STATUS_FORBIDDEN, "denied", "No binding of this run has this address");
      return;
    }
  stranger = find_stranger (place, message, offer);
  if (stranger == NULL)
    {
      send_on (place, message, offer, rest);
      return;
    }

  bfy_run_report_add (place->relay->report, BFY_RUN_REFUSED_PLACEHOLDER);
  bfy_cli_warn (_ ("The command sent the placeholder for “%s” to %s; the request was refused"),
                stranger->name, place->site->target.host);
  refuse (message, SOUP_STATUS_FORBIDDEN, "denied",
          "The placeholder of another binding belongs to its own host only");
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
  refuse (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "too_large",
          "The body is longer than the proxy of a run takes");
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

void
bfy_run_relay_serve (BfyRunRelay *self, BfyRunSite *site)
{
  Place *place = g_new0 (Place, 1);

  place->relay = self;
  place->site = site;
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
bfy_run_relay_free (BfyRunRelay *self)
{
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_free (self);
}
