/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A program on a relay's socket, until it is let through: what it says first is read, and then a
 * call of the tool “relay” is made in its name, by the way that every call goes. */

#include <gio/gio.h>
#include <string.h>

#include "agent/database/relay-private.h"
#include "agent/toolbox/tool.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/pg-wire.h"

#define START_TIMEOUT_MS 10000
#define REFUSED_TLS_MAX 2
#define HEAD "POST /relay HTTP/1.1\r\nHost: relay\r\n\r\n"
#define STATE_PROTOCOL "08P01"
#define STATE_REFUSED "28000"

static void read_start (BfyRelayClient *self);

static void
on_over (BfyRequest *request, gpointer user_data)
{
}

static void
on_closed (BfyConnection *connection, gpointer user_data)
{
  BfyRelayClient *self = user_data;

  if (self->call != NULL)
    bfy_relay_call_forget_client (self->call);
  self->call = NULL;
  bfy_relay_client_end (self);
}

static void
on_closed_later (BfyConnection *connection, gpointer user_data)
{
}

static const BfyConnectionFuncs connection_funcs = { .over = on_over, .closed = on_closed };
/* Once there is no client any more. */
static const BfyConnectionFuncs no_funcs = { .over = on_over, .closed = on_closed_later };

/* It fits any socket buffer; one that left no room for it does not get it. */
static void
say (BfyRelayClient *self, const void *bytes, gsize length)
{
  GPollableOutputStream *out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));

  g_pollable_output_stream_write_nonblocking (out, bytes, length, NULL, NULL);
}

static void
refuse (BfyRelayClient *self, const char *state, const char *text)
{
  g_autoptr (GByteArray) error = bfy_pg_format_error (state, text);

  say (self, error->data, error->len);
  bfy_relay_client_end (self);
}

/* What of a refusal is for people. */
static char *
find_text (JsonObject *message)
{
  JsonObject *error = NULL, *result = NULL;
  JsonArray *content = NULL;
  const char *text = NULL;
  gboolean is_error = FALSE;

  if (bfy_json_get_object (message, "error", &error, NULL) && error != NULL)
    return bfy_json_get_string (error, "message", &text, NULL) ? g_strdup (text) : NULL;
  if (!bfy_json_get_object (message, "result", &result, NULL) || result == NULL ||
      !bfy_json_get_boolean (result, "isError", &is_error, NULL) || !is_error ||
      !bfy_json_get_array (result, "content", &content, NULL) || content == NULL ||
      json_array_get_length (content) == 0)
    return NULL;
  result = json_array_get_object_element (content, 0);

  return bfy_json_get_string (result, "text", &text, NULL) ? g_strdup (text) : NULL;
}

static gboolean
on_message (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  BfyRelayClient *self = user_data;
  g_autoptr (JsonObject) message = bfy_json_parse_object (text, length, NULL);

  /* What precedes the answer says how it goes on. */
  if (message == NULL || json_object_has_member (message, "method"))
    return TRUE;
  g_free (self->answer);
  self->answer = find_text (message);

  return FALSE;
}

static void
on_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  BfyRelayClient *self = user_data;

  if (self->answer != NULL)
    refuse (self, STATE_REFUSED, self->answer);
  else
    bfy_relay_client_end (self);
}

static const BfyAskEvents events = { .message = on_message, .end = on_end };

static gboolean
on_hang_up (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  bfy_relay_client_end (user_data);

  return G_SOURCE_REMOVE;
}

static void
watch_hang_up (BfyRelayClient *self)
{
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream));

  self->hang_up = g_socket_create_source (socket, G_IO_HUP, NULL);
  g_source_set_callback (self->hang_up, G_SOURCE_FUNC (on_hang_up), self, NULL);
  g_source_attach (self->hang_up, g_main_context_get_thread_default ());
}

static void
ask (BfyRelayClient *self)
{
  g_autoptr (GBytes) body = bfy_tool_format_call (BFY_RELAY_TOOL, "{}", 2);
  BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, self->binding_id);
  const BfyAskSetup setup = { .binding = binding, .body = body };

  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (binding == NULL)
    {
      bfy_relay_client_end (self);
      return;
    }
  watch_hang_up (self);
  self->ask = bfy_ask_new (self->agent, self->request, &setup, &events, self);
  bfy_ask_start (self->ask);
}

/* TLS and GSSAPI make no sense on a socket that only its owner can reach. */
static void
refuse_encryption (BfyRelayClient *self, const BfyPgStart *start)
{
  if (++self->n_refused_tls > REFUSED_TLS_MAX || self->start->len > start->n_bytes)
    {
      refuse (self, STATE_PROTOCOL, "There is no encryption on this socket");
      return;
    }
  g_byte_array_set_size (self->start, 0);
  say (self, "N", 1);
  read_start (self);
}

static void
take_start (BfyRelayClient *self)
{
  BfyPgStart start;

  switch (bfy_pg_start_read (self->start->data, self->start->len, &start))
    {
    case BFY_PG_START_MORE:
      read_start (self);
      break;
    case BFY_PG_START_ENCRYPTION:
      refuse_encryption (self, &start);
      break;
    case BFY_PG_START_CANCEL:
      bfy_relays_call_off (self->relays, self->binding_id, start.pid, start.key);
      bfy_relay_client_end (self);
      break;
    case BFY_PG_START_SESSION:
      if (self->start->len == start.n_bytes)
        ask (self);
      else
        refuse (self, STATE_PROTOCOL, "More was said than a session begins with");
      break;
    case BFY_PG_START_BAD:
      refuse (self, STATE_PROTOCOL, "This is not how a session of PostgreSQL begins (version 3.0)");
      break;
    }
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRelayClient *self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  /* It has been freed. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (n <= 0)
    {
      bfy_relay_client_end (self);
      return;
    }
  g_byte_array_append (self->start, self->buffer, (guint) n);
  take_start (self);
}

static void
read_start (BfyRelayClient *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->buffer,
                             sizeof self->buffer, G_PRIORITY_DEFAULT, self->reading, on_read, self);
}

static gboolean
on_deadline (gpointer user_data)
{
  BfyRelayClient *self = user_data;

  self->deadline_id = 0;
  bfy_relay_client_end (self);

  return G_SOURCE_REMOVE;
}

BfyRelayClient *
bfy_relay_client_new (BfyRelays *relays,
                      BfyAgent *agent,
                      const char *binding_id,
                      BfyConnection *connection,
                      GIOStream *stream)
{
  BfyRelayClient *self = g_new0 (BfyRelayClient, 1);

  self->relays = relays;
  self->agent = agent;
  self->binding_id = g_strdup (binding_id);
  self->connection = bfy_connection_ref (connection);
  self->stream = g_object_ref (stream);
  self->start = g_byte_array_new ();
  self->reading = g_cancellable_new ();
  bfy_connection_lend (connection, &connection_funcs, self);
  self->request = bfy_request_new (connection, HEAD, strlen (HEAD));
  bfy_request_take_route (self->request, bfy_route_parse (bfy_request_get_path (self->request)));
  self->deadline_id = g_timeout_add (START_TIMEOUT_MS, on_deadline, self);
  read_start (self);

  return self;
}

static gboolean
on_ending (gpointer user_data)
{
  BfyRelayClient *self = user_data;

  self->end_id = 0;
  bfy_relays_remove (self->relays, self);

  return G_SOURCE_REMOVE;
}

void
bfy_relay_client_end (BfyRelayClient *self)
{
  if (self->end_id == 0)
    self->end_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_ending, self, NULL);
}

void
bfy_relay_client_free (BfyRelayClient *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->reading);
  g_clear_handle_id (&self->end_id, g_source_remove);
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  if (self->hang_up != NULL)
    g_source_destroy (self->hang_up);
  g_clear_pointer (&self->hang_up, g_source_unref);
  if (self->call != NULL)
    bfy_relay_call_forget_client (self->call);
  g_clear_pointer (&self->ask, bfy_ask_free);
  bfy_connection_lend (self->connection, &no_funcs, NULL);
  bfy_connection_close (self->connection);
  bfy_request_unref (self->request);
  bfy_connection_unref (self->connection);
  g_object_unref (self->stream);
  g_byte_array_unref (self->start);
  g_object_unref (self->reading);
  g_free (self->binding_id);
  g_free (self->answer);
  g_free (self);
}
