/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"
#include "response.h"

#define READ_BYTES (64 * 1024)
#define PATIENCE_MS 30000

/* Finds the time stamps in the events; one may be cut in two by a read. */
typedef struct
{
  GString *rest;     /* (owned) of a line that has not ended */
  GArray *delays_ns; /* (owned) */
  gint64 read_ns;
} Events;

static void
on_line (Events *events, const char *line)
{
  const char *found = strstr (line, "\"t\":");
  gint64 delay_ns;

  if (found == NULL)
    return;
  delay_ns = events->read_ns - (gint64) g_ascii_strtoull (found + 4, NULL, 10);
  g_array_append_val (events->delays_ns, delay_ns);
}

static void
on_body (const char *bytes, gsize length, gpointer user_data)
{
  Events *events = user_data;
  char *line_end;

  g_string_append_len (events->rest, bytes, (gssize) length);
  while ((line_end = memchr (events->rest->str, '\n', events->rest->len)) != NULL)
    {
      *line_end = '\0';
      on_line (events, events->rest->str);
      g_string_erase (events->rest, 0, line_end + 1 - events->rest->str);
    }
}

static gsize
read_some (int fd, char *buffer)
{
  struct pollfd state = { .fd = fd, .events = POLLIN };
  gssize n;

  if (poll (&state, 1, PATIENCE_MS) != 1)
    bench_fail ("the stream is silent");
  n = recv (fd, buffer, READ_BYTES, 0);
  if (n <= 0)
    bench_fail ("the stream broke off");

  return (gsize) n;
}

static int
begin (const BenchOptions *options, const char *method, const char *body)
{
  g_autoptr (GString) request = bench_request (options, method, body);
  int fd = bench_connect (options);

  if (send (fd, request->str, request->len, MSG_NOSIGNAL) != (gssize) request->len)
    bench_fail ("the request did not go out");

  return fd;
}

int
bench_events (const BenchOptions *options)
{
  g_autofree char *body = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"watch\","
      "\"arguments\":{\"events\":%d,\"interval_us\":%d}}}",
      options->n_events, options->interval_us);
  g_autofree char *buffer = g_malloc (READ_BYTES);
  g_autofree BenchResponse *response = g_new0 (BenchResponse, 1);
  Events events = { .rest = g_string_new (NULL) };
  g_autoptr (GArray) first_byte_ns = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 begin_ns, took_ns = 0;
  int fd;

  events.delays_ns = g_array_new (FALSE, FALSE, sizeof (gint64));
  begin_ns = bench_now_ns ();
  fd = begin (options, "POST", body);
  while (response->state != BENCH_RESPONSE_DONE)
    {
      gsize n = read_some (fd, buffer);

      events.read_ns = bench_now_ns ();
      if (took_ns == 0)
        took_ns = events.read_ns - begin_ns;
      bench_response_feed (response, buffer, n, on_body, &events);
      if (response->state == BENCH_RESPONSE_BROKEN)
        bench_fail ("the answer is broken");
    }
  g_array_append_val (first_byte_ns, took_ns);
  bench_print ("first-byte", first_byte_ns, 0, response->status != 200);
  bench_print ("events", events.delays_ns, (double) (bench_now_ns () - begin_ns) / 1e9,
               (guint64) ABS (options->n_events - (int) events.delays_ns->len));
  g_array_unref (events.delays_ns);
  g_string_free (events.rest, TRUE);
  close (fd);

  return 0;
}

/* Until the first event is there, so that the stream is known to be open all the way. */
static void
await_first_event (int fd, char *buffer)
{
  g_autofree BenchResponse *response = g_new0 (BenchResponse, 1);
  Events events = { .rest = g_string_new (NULL) };

  events.delays_ns = g_array_new (FALSE, FALSE, sizeof (gint64));
  while (events.delays_ns->len == 0)
    {
      bench_response_feed (response, buffer, read_some (fd, buffer), on_body, &events);
      if (response->state >= BENCH_RESPONSE_DONE)
        bench_fail ("the stream was not opened");
    }
  g_array_unref (events.delays_ns);
  g_string_free (events.rest, TRUE);
}

int
bench_open (const BenchOptions *options)
{
  g_autofree int *fds = g_new (int, options->n_connections);
  g_autofree char *buffer = g_malloc (READ_BYTES);

  for (int i = 0; i < options->n_connections; i++)
    {
      fds[i] = begin (options, "GET", NULL);
      await_first_event (fds[i], buffer);
    }
  printf ("{\"what\":\"open\",\"n\":%d}\n", options->n_connections);
  fflush (stdout);
  bench_wait_for_stdin ();
  for (int i = 0; i < options->n_connections; i++)
    close (fds[i]);

  return 0;
}
