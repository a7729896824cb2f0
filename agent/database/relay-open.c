/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/relay-open.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "agent/database/databases.h"
#include "agent/database/read-ahead.h"
#include "agent/network/network.h"
#include "agent/proxy/tls.h"
#include "protocol/error.h"
#include "protocol/pg-wire.h"

#define AGREES 'S'

typedef struct
{
  BfyBinding *binding;   /* (owned) */
  BfyDatabase *database; /* (owned) */
  GIOStream *stream;     /* (owned) (nullable) */
  guint8 asked[BFY_PG_ASK_TLS_BYTES];
  guint8 answer[1];
  const char *doubt; /* (nullable) static, about the certificate */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  bfy_binding_unref (opening->binding);
  g_clear_pointer (&opening->database, bfy_database_free);
  g_clear_object (&opening->stream);
  g_free (opening);
}

static void
fail (GTask *task, const GError *error)
{
  const Opening *opening = g_task_get_task_data (task);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");
  else if (error->domain == BFY_NETWORK_ERROR)
    g_task_return_error (task, bfy_network_explain (error, opening->binding));
  else if (opening->doubt != NULL)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The database %s",
                             opening->doubt);
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "The database could not be reached");
}

static void
on_handshaken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    g_task_return_pointer (task, g_steal_pointer (&opening->stream), g_object_unref);
  else
    fail (task, error);
}

/* Only to say why: FALSE is what would have been done. */
static gboolean
on_accept_certificate (GTlsConnection *connection,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  Opening *opening = user_data;

  opening->doubt = bfy_tls_describe_doubt (errors);

  return FALSE;
}

static gboolean
set_authorities (GTlsConnection *tls, const BfyDatabase *database, GError **error)
{
  g_autoptr (GTlsDatabase) authorities = NULL;

  if (database->certificates == NULL)
    return TRUE;
  authorities = g_tls_file_database_new (database->certificates, error);
  if (authorities == NULL)
    return FALSE;
  g_tls_connection_set_database (tls, authorities);

  return TRUE;
}

static void
begin_tls (GTask *task)
{
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GSocketConnectable) identity =
      g_network_address_new (opening->database->host, opening->database->port);
  g_autoptr (GIOStream) base = bfy_read_ahead_new (G_SOCKET_CONNECTION (opening->stream));
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) tls = g_tls_client_connection_new (base, identity, &error);

  if (tls == NULL || !set_authorities (G_TLS_CONNECTION (tls), opening->database, &error))
    {
      fail (task, error);
      return;
    }
  /* A server that ends just hangs up. */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (on_accept_certificate), opening);
  g_set_object (&opening->stream, tls);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
                                    g_task_get_cancellable (task), on_handshaken,
                                    g_object_ref (task));
}

/* One byte and no more is read: what came with it would have come without TLS. */
static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    fail (task, error);
  else if (n == 0 || opening->answer[0] != AGREES)
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "The database does not speak TLS");
  else
    begin_tls (task);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      fail (task, error);
      return;
    }
  g_input_stream_read_async (g_io_stream_get_input_stream (opening->stream), opening->answer, 1,
                             G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_answered,
                             g_object_ref (task));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (connection == NULL)
    {
      fail (task, error);
      return;
    }
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, TRUE,
                       NULL);
  opening->stream = G_IO_STREAM (connection);
  if (opening->database->is_plain)
    {
      g_task_return_pointer (task, g_steal_pointer (&opening->stream), g_object_unref);
      return;
    }
  bfy_pg_format_ask_tls (opening->asked);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (opening->stream), opening->asked,
                                   sizeof opening->asked, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_asked, g_object_ref (task));
}

void
bfy_relay_open_async (const BfyBinding *binding,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (BfyTarget) target = NULL;
  Opening *opening = g_new0 (Opening, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_relay_open_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, opening, opening_free);
  opening->binding = bfy_binding_copy (binding);
  opening->database = bfy_database_parse (binding->url, &error);
  if (opening->database != NULL)
    target = bfy_databases_make_target (binding, opening->database, &error);
  if (target == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (target), cancellable, on_connected,
                                 g_object_ref (task));
}

GIOStream *
bfy_relay_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
