/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/tunnel.h"

#include <string.h>

#include "bfy-config.h"

#define STATUS_NEEDS_AUTHENTICATION 407
#define STATUS_FORBIDDEN 403

#define TYPE_TUNNEL (tunnel_get_type ())
G_DECLARE_FINAL_TYPE (Tunnel, tunnel, BFY, TUNNEL, GObject)

struct _Tunnel
{
  GObject parent_instance;
};

static void init_proxy (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (Tunnel,
                               tunnel,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, init_proxy))

typedef struct
{
  GIOStream *stream; /* (owned) */
  char *request;     /* (owned) */
  char answer[BFY_TUNNEL_ANSWER_BYTES_MAX];
  gsize n_answer;
} Work;

static void
work_free (gpointer user_data)
{
  Work *work = user_data;

  g_object_unref (work->stream);
  g_free (work->request);
  g_free (work);
}

static void
fail (GTask *task, GIOErrorEnum code, const char *message)
{
  g_task_return_new_error (task, G_IO_ERROR, code, "%s", message);
}

/* "HTTP/1.x NNN", or 0. */
static guint
read_status (const char *head)
{
  const char *number = head + strlen ("HTTP/1.x ");

  if (!g_str_has_prefix (head, "HTTP/1.") || strlen (head) < strlen ("HTTP/1.x NNN") ||
      number[-1] != ' ')
    return 0;
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_isdigit (number[i]))
      return 0;

  return (guint) g_ascii_strtoull (number, NULL, 10);
}

static void
judge_answer (GTask *task, Work *work, gboolean has_more)
{
  guint status = read_status (work->answer);

  if (status == STATUS_NEEDS_AUTHENTICATION)
    fail (task, G_IO_ERROR_PROXY_NEED_AUTH, "The proxy wants a user name and password");
  else if (status == STATUS_FORBIDDEN)
    fail (task, G_IO_ERROR_PROXY_NOT_ALLOWED, "The proxy does not allow this connection");
  else if (status < 200 || status > 299)
    fail (task, G_IO_ERROR_PROXY_FAILED, "The proxy made no connection");
  /* Whoever is behind the tunnel speaks when spoken to. */
  else if (has_more)
    fail (task, G_IO_ERROR_PROXY_FAILED, "The proxy sent more than its answer");
  else
    g_task_return_pointer (task, g_object_ref (work->stream), g_object_unref);
}

static void read_more (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
  const char *end;

  if (n < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  work->n_answer += (gsize) n;
  work->answer[work->n_answer] = '\0';
  end = strstr (work->answer, "\r\n\r\n");
  if (end != NULL)
    judge_answer (task, work, end + strlen ("\r\n\r\n") != work->answer + work->n_answer);
  else if (n == 0 || work->n_answer == sizeof work->answer - 1)
    fail (task, G_IO_ERROR_PROXY_FAILED, "The proxy does not answer as a proxy should");
  else
    read_more (g_steal_pointer (&task));
}

/* Takes over @task. */
static void
read_more (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  g_input_stream_read_async (g_io_stream_get_input_stream (work->stream),
                             work->answer + work->n_answer,
                             sizeof work->answer - 1 - work->n_answer, G_PRIORITY_DEFAULT,
                             g_task_get_cancellable (task), on_read, task);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    read_more (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static char *
format_request (GProxyAddress *address)
{
  const char *host = g_proxy_address_get_destination_hostname (address);
  guint port = g_proxy_address_get_destination_port (address);
  g_autofree char *authority =
      g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);

  return g_strdup_printf ("CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bindify/" BFY_VERSION
                          "\r\n\r\n",
                          authority, authority);
}

static void
connect_async (GProxy *proxy,
               GIOStream *connection,
               GProxyAddress *address,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  GTask *task = g_task_new (proxy, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  g_task_set_source_tag (task, connect_async);
  g_task_set_task_data (task, work, work_free);
  work->stream = g_object_ref (connection);
  work->request = format_request (address);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (connection), work->request,
                                   strlen (work->request), G_PRIORITY_DEFAULT, cancellable,
                                   on_written, task);
}

static GIOStream *
connect_finish (GProxy *proxy, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static GIOStream *
connect_now (GProxy *proxy,
             GIOStream *connection,
             GProxyAddress *address,
             GCancellable *cancellable,
             GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Only asynchronously");

  return NULL;
}

static gboolean
supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
init_proxy (GProxyInterface *iface)
{
  iface->connect = connect_now;
  iface->connect_async = connect_async;
  iface->connect_finish = connect_finish;
  iface->supports_hostname = supports_hostname;
}

static void
tunnel_class_init (TunnelClass *klass)
{
}

static void
tunnel_init (Tunnel *self)
{
}

void
bfy_tunnel_init (void)
{
  g_io_extension_point_register (G_PROXY_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, TYPE_TUNNEL, BFY_TUNNEL_PROTOCOL,
                                  0);
}
