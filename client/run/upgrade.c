/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/upgrade.h"

#include <string.h>

#include "client/run/splice.h"

#define HEAD_BYTES_MAX (32 * 1024)
#define GREETING_S 60 /* until the agent has agreed */
#define IDLE_S 900
#define SWITCH "Connection: Upgrade\r\nUpgrade: websocket\r\n"
#define HEAD_END "\r\n\r\n"

typedef struct
{
  SoupServerMessage *message; /* (owned) */
  SoupMessage *request;       /* (owned) */
  GIOStream *agent;           /* (owned) (nullable) */
  GIOStream *client;          /* (owned) (nullable) once it is ours */
  GCancellable *cancellable;  /* (owned) */
  GByteArray *bytes;          /* (owned) on their way */
  gsize n_read;
  gboolean is_over; /* nobody waits any more */
} Upgrade;

static const BfyRunFault no_switch = { SOUP_STATUS_BAD_GATEWAY, "upstream_error",
                                       "The service did not switch to WebSocket" };

gboolean
bfy_run_upgrade_is_asked (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return strcmp (soup_server_message_get_method (message), "GET") == 0 &&
         soup_message_headers_header_contains (headers, "Connection", "upgrade") &&
         soup_message_headers_header_equals (headers, "Upgrade", "websocket");
}

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  ((Upgrade *) user_data)->is_over = TRUE;
}

static void
upgrade_free (Upgrade *self)
{
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->agent);
  g_clear_object (&self->client);
  g_object_unref (self->message);
  g_object_unref (self->request);
  g_object_unref (self->cancellable);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Upgrade, upgrade_free)

static void
refuse (Upgrade *self, guint status, const BfyRunFault *refusal)
{
  char *body = bfy_run_request_format_error (refusal->error, refusal->text, NULL);

  soup_server_message_set_status (self->message, status, NULL);
  soup_server_message_set_response (self->message, "application/json", SOUP_MEMORY_TAKE, body,
                                    strlen (body));
  soup_server_message_unpause (self->message);
}

static void
append_text (GByteArray *bytes, const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static void
append_headers (GByteArray *bytes, SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autofree char *line = g_strdup_printf ("%s: %s\r\n", name, value);

      append_text (bytes, line);
    }
  append_text (bytes, SWITCH "\r\n");
}

static void
on_end (gpointer user_data)
{
}

static void
on_switched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Upgrade) self = user_data;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    bfy_run_splice (g_steal_pointer (&self->client), g_steal_pointer (&self->agent),
                    self->cancellable, IDLE_S, on_end, NULL);
}

/* Takes @self. @n_head: bytes of the answer's head; behind it the agent may have begun to talk. */
static void
switch_over (Upgrade *self, SoupMessageHeaders *headers, gsize n_head)
{
  g_autoptr (SoupMessageHeaders) kept = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_autoptr (GByteArray) early = g_steal_pointer (&self->bytes);

  self->bytes = g_byte_array_new ();
  g_socket_set_timeout (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->agent)), 0);
  bfy_run_request_copy_answer (headers, kept);
  append_text (self->bytes, "HTTP/1.1 101 Switching Protocols\r\n");
  append_headers (self->bytes, kept);
  g_byte_array_append (self->bytes, early->data + n_head, (guint) (self->n_read - n_head));
  g_signal_handlers_disconnect_by_data (self->message, self);
  self->client = soup_server_message_steal_connection (self->message);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->client), self->bytes->data,
                                   self->bytes->len, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_switched, self);
}

/* Takes @self. */
static void
read_answer (Upgrade *owned_self, gsize n_head)
{
  g_autoptr (Upgrade) self = owned_self;
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  guint status = 0;

  if (!soup_headers_parse_response ((const char *) self->bytes->data,
                                    (int) (n_head - strlen ("\r\n")), headers, NULL, &status, NULL))
    refuse (self, no_switch.status, &no_switch);
  else if (status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    switch_over (g_steal_pointer (&self), headers, n_head);
  else
    refuse (self, status, &no_switch);
}

static void read_more (Upgrade *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Upgrade) self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  const char *end;
  gsize n_head;

  if (self->is_over)
    return;
  if (n <= 0)
    {
      refuse (self, bfy_run_fault_no_agent.status, &bfy_run_fault_no_agent);
      return;
    }

  self->n_read += (gsize) n;
  end = g_strstr_len ((const char *) self->bytes->data, (gssize) self->n_read, HEAD_END);
  if (end != NULL)
    {
      n_head = (gsize) (end - (const char *) self->bytes->data) + strlen (HEAD_END);
      read_answer (g_steal_pointer (&self), n_head);
    }
  else if (self->n_read == self->bytes->len)
    refuse (self, no_switch.status, &no_switch);
  else
    read_more (g_steal_pointer (&self));
}

/* Takes @self. */
static void
read_more (Upgrade *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (self->agent),
                             self->bytes->data + self->n_read, self->bytes->len - self->n_read,
                             G_PRIORITY_DEFAULT, self->cancellable, on_read, self);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Upgrade) self = user_data;

  if (self->is_over)
    return;
  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    {
      refuse (self, bfy_run_fault_no_agent.status, &bfy_run_fault_no_agent);
      return;
    }

  g_byte_array_set_size (self->bytes, HEAD_BYTES_MAX);
  read_more (g_steal_pointer (&self));
}

static void
build_head (Upgrade *self)
{
  GUri *uri = soup_message_get_uri (self->request);
  const char *query = g_uri_get_query (uri);
  g_autofree char *line = g_strdup_printf (
      "GET %s%s%s HTTP/1.1\r\nHost: %s:%d\r\n", g_uri_get_path (uri), query != NULL ? "?" : "",
      query != NULL ? query : "", g_uri_get_host (uri), g_uri_get_port (uri));

  append_text (self->bytes, line);
  append_headers (self->bytes, soup_message_get_request_headers (self->request));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Upgrade) self = user_data;
  GSocketConnection *agent =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);

  if (agent != NULL)
    self->agent = G_IO_STREAM (agent);
  if (self->is_over)
    return;
  if (agent == NULL)
    {
      refuse (self, bfy_run_fault_no_agent.status, &bfy_run_fault_no_agent);
      return;
    }

  build_head (self);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->agent), self->bytes->data,
                                   self->bytes->len, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_asked, self);
  g_steal_pointer (&self);
}

void
bfy_run_upgrade_begin (const BfyRunPlace *place, SoupServerMessage *message, SoupMessage *request)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, place->port);
  Upgrade *self = g_new0 (Upgrade, 1);

  self->message = g_object_ref (message);
  self->request = g_object_ref (request);
  self->cancellable = g_object_ref (place->cancellable);
  self->bytes = g_byte_array_new ();
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), self);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, GREETING_S);
  soup_server_message_pause (message);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), self->cancellable,
                                 on_connected, self);
}
