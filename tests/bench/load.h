/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What the command line of bench-load says. */
typedef struct
{
  char *connect; /* HOST:PORT or a path */
  char *path;
  char **headers;
  int n_connections;
  int size;
  int n_events;
  int interval_us;
  double warm_up_s;
  double seconds;
  int n_calls;
  char **command; /* the rest of the line */
} BenchOptions;

gint64 bench_now_ns (void);
/* A connected, non-blocking socket; ends the program when there is none. */
int bench_connect (const BenchOptions *options);
/* The head and body of a request, with all that @options ask for. */
GString *bench_request (const BenchOptions *options, const char *method, const char *body);
void bench_fail (const char *what) G_GNUC_NORETURN;

/* One line of JSON: how many, minimum, percentiles and maximum of the values in µs. Sorts them. */
void bench_print (const char *what, GArray *values_ns, double seconds, guint64 n_errors);
void bench_wait_for_stdin (void);

/* POST after POST on each of the connections. */
int bench_calls (const BenchOptions *options);
/* One answer that is an event stream: how late each event is. */
int bench_events (const BenchOptions *options);
/* Opens many silent streams and keeps them until standard input ends. */
int bench_open (const BenchOptions *options);
/* A program that speaks MCP on its standard input and output. */
int bench_stdio (const BenchOptions *options);
