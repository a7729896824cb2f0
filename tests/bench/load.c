/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* bench-load calls|events|open|stdio: the client side of the benchmark. One thread, epoll, prints
 * lines of JSON with times in µs. */

#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void
bench_fail (const char *what)
{
  fprintf (stderr, "bench-load: %s\n", what);
  exit (1);
}

gint64
bench_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static int
connect_path (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    bench_fail ("cannot connect to the path");

  return fd;
}

static int
connect_port (const char *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                                 .sin_port = htons ((guint16) strtoul (port, NULL, 10)) };
  int one = 1;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    bench_fail ("cannot connect to the port");
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

  return fd;
}

int
bench_connect (const BenchOptions *options)
{
  int fd = options->connect[0] == '/' ? connect_path (options->connect)
                                      : connect_port (options->connect);

  fcntl (fd, F_SETFL, O_NONBLOCK);

  return fd;
}

GString *
bench_request (const BenchOptions *options, const char *method, const char *body)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n"
                          "Accept: application/json, text/event-stream\r\n",
                          method, options->path,
                          options->connect[0] == '/' ? "1" : options->connect);
  for (char **header = options->headers; header != NULL && *header != NULL; header++)
    g_string_append_printf (text, "%s\r\n", *header);
  if (body != NULL)
    g_string_append_printf (
        text, "Content-Type: application/json\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n",
        strlen (body));
  g_string_append_printf (text, "\r\n%s", body != NULL ? body : "");

  return text;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static double
quantile_us (GArray *values, double q)
{
  guint i = MIN ((guint) (q * values->len), values->len - 1);

  return (double) g_array_index (values, gint64, i) / 1000.0;
}

void
bench_print (const char *what, GArray *values, double seconds, guint64 n_errors)
{
  if (values->len == 0)
    bench_fail ("nothing was answered");
  g_array_sort (values, compare);
  printf ("{\"what\":\"%s\",\"n\":%u,\"errors\":%" G_GUINT64_FORMAT
          ",\"seconds\":%.4f,\"min\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,"
          "\"max\":%.1f}\n",
          what, values->len, n_errors, seconds, quantile_us (values, 0.0),
          quantile_us (values, 0.5), quantile_us (values, 0.9), quantile_us (values, 0.99),
          quantile_us (values, 0.999), quantile_us (values, 1.0));
  fflush (stdout);
}

void
bench_wait_for_stdin (void)
{
  char byte;

  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
}

static const struct
{
  const char *name;
  int (*run) (const BenchOptions *options);
} commands[] = {
  { "calls", bench_calls },
  { "events", bench_events },
  { "open", bench_open },
  { "stdio", bench_stdio },
};

int
main (int argc, char **argv)
{
  BenchOptions options = { .path = g_strdup ("/mcp"),
                           .n_connections = 1,
                           .size = 1024,
                           .n_events = 1000,
                           .interval_us = 1000,
                           .warm_up_s = 0.5,
                           .seconds = 2,
                           .n_calls = 500 };
  const GOptionEntry entries[] = {
    { "connect", 0, 0, G_OPTION_ARG_STRING, &options.connect, "where to", "PORT|PATH" },
    { "path", 0, 0, G_OPTION_ARG_STRING, &options.path, "of the URL", "PATH" },
    { "header", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.headers, "a line of the head", "LINE" },
    { "connections", 0, 0, G_OPTION_ARG_INT, &options.n_connections, "at once", "N" },
    { "size", 0, 0, G_OPTION_ARG_INT, &options.size, "bytes of an answer", "N" },
    { "events", 0, 0, G_OPTION_ARG_INT, &options.n_events, "events of the stream", "N" },
    { "interval", 0, 0, G_OPTION_ARG_INT, &options.interval_us, "µs between two", "N" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &options.warm_up_s, "seconds not counted", "S" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "to measure", "S" },
    { "calls", 0, 0, G_OPTION_ARG_INT, &options.n_calls, "of each program", "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.command, "", "[COMMAND…]" },
    { 0 },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("calls|events|open|stdio");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    bench_fail (error->message);
  for (guint i = 0; i < G_N_ELEMENTS (commands) && options.command != NULL; i++)
    if (g_str_equal (options.command[0], commands[i].name))
      return commands[i].run (&options);

  bench_fail ("say calls, events, open or stdio");
}
