/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"
#include "response.h"

#define EVENTS_PER_TURN 256
#define READ_BYTES (256 * 1024)

typedef struct
{
  int fd;
  gint64 sent_ns;
  BenchResponse response;
} Connection;

typedef struct
{
  const BenchOptions *options;
  GString *request; /* (owned) */
  GArray *times_ns; /* (owned) */
  guint64 n_errors;
  gint64 begin_ns; /* of what counts */
  gint64 end_ns;
  int epoll_fd;
  char *buffer; /* (owned) */
} Run;

static void
send_request (Run *run, Connection *connection)
{
  bench_response_init (&connection->response);
  connection->sent_ns = bench_now_ns ();
  /* A request is small: it fits. */
  if (send (connection->fd, run->request->str, run->request->len, MSG_NOSIGNAL) !=
      (gssize) run->request->len)
    run->n_errors++;
}

static void
open_connection (Run *run, Connection *connection)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };

  connection->fd = bench_connect (run->options);
  epoll_ctl (run->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event);
}

static void
finish_call (Run *run, Connection *connection)
{
  gint64 now_ns = bench_now_ns ();
  gint64 took_ns = now_ns - connection->sent_ns;

  if (connection->response.status != 200)
    run->n_errors++;
  else if (connection->sent_ns >= run->begin_ns)
    g_array_append_val (run->times_ns, took_ns);
  if (connection->response.closes)
    {
      close (connection->fd);
      open_connection (run, connection);
    }
  if (now_ns < run->end_ns)
    send_request (run, connection);
}

static void
on_readable (Run *run, Connection *connection)
{
  gssize n = recv (connection->fd, run->buffer, READ_BYTES, 0);

  if (n < 0 && errno == EAGAIN)
    return;
  if (n > 0)
    bench_response_feed (&connection->response, run->buffer, (gsize) n, NULL, NULL);
  if (n <= 0 || connection->response.state == BENCH_RESPONSE_BROKEN)
    {
      run->n_errors++;
      close (connection->fd);
      open_connection (run, connection);
      send_request (run, connection);
    }
  else if (connection->response.state == BENCH_RESPONSE_DONE)
    {
      finish_call (run, connection);
    }
}

int
bench_calls (const BenchOptions *options)
{
  g_autofree char *body =
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
                       "{\"name\":\"fetch\",\"arguments\":{\"size\":%d,\"text\":\"%0100d\"}}}",
                       options->size, 0);
  g_autofree Connection *connections = g_new0 (Connection, options->n_connections);
  Run run = { .options = options, .request = bench_request (options, "POST", body) };
  struct epoll_event events[EVENTS_PER_TURN];

  run.times_ns = g_array_sized_new (FALSE, FALSE, sizeof (gint64), 1 << 20);
  run.buffer = g_malloc (READ_BYTES);
  run.epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  run.begin_ns = bench_now_ns () + (gint64) (options->warm_up_s * 1e9);
  run.end_ns = run.begin_ns + (gint64) (options->seconds * 1e9);
  for (int i = 0; i < options->n_connections; i++)
    {
      open_connection (&run, &connections[i]);
      send_request (&run, &connections[i]);
    }
  while (bench_now_ns () < run.end_ns)
    {
      int n = epoll_wait (run.epoll_fd, events, EVENTS_PER_TURN, 1000);

      for (int i = 0; i < n; i++)
        on_readable (&run, events[i].data.ptr);
    }

  bench_print ("calls", run.times_ns, options->seconds, run.n_errors);
  g_array_unref (run.times_ns);
  g_string_free (run.request, TRUE);
  g_free (run.buffer);
  close (run.epoll_fd);

  return 0;
}
