/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define READ_BYTES (64 * 1024)
#define PATIENCE_MS 60000
#define WARM_UP_CALLS 20

/* A program that carries MCP from its standard input and output to a server. */
typedef struct
{
  GPid pid;
  int in_fd;
  int out_fd;
  GString *line; /* (owned) read, without its end yet */
  gint64 sent_ns;
  int n_calls;
} Program;

static const char hello[] =
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
    "\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}\n";
static const char initialized[] =
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

static void
start (Program *self, char **command)
{
  g_autoptr (GError) error = NULL;

  self->line = g_string_new (NULL);
  if (!g_spawn_async_with_pipes (NULL, command, NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                                 &self->pid, &self->in_fd, &self->out_fd, NULL, &error))
    bench_fail (error->message);
}

static void
say (Program *self, const char *text)
{
  self->sent_ns = bench_now_ns ();
  if (write (self->in_fd, text, strlen (text)) != (gssize) strlen (text))
    bench_fail ("the program does not read");
}

static void
call (Program *self)
{
  g_autofree char *text =
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":"
                       "{\"name\":\"fetch\",\"arguments\":{\"size\":1024}}}\n",
                       ++self->n_calls);

  say (self, text);
}

/* Is an answer among the complete lines? What the server says by itself is left out. */
static gboolean
take_lines (Program *self)
{
  gboolean has_answer = FALSE;
  char *line_end;

  while ((line_end = memchr (self->line->str, '\n', self->line->len)) != NULL)
    {
      *line_end = '\0';
      if (strstr (self->line->str, "\"error\"") != NULL)
        bench_fail (self->line->str);
      has_answer |= strstr (self->line->str, "\"result\"") != NULL;
      g_string_erase (self->line, 0, line_end + 1 - self->line->str);
    }

  return has_answer;
}

/* Reads once. */
static gboolean
read_answer (Program *self)
{
  gsize before = self->line->len;
  gssize n;

  g_string_set_size (self->line, before + READ_BYTES);
  n = read (self->out_fd, self->line->str + before, READ_BYTES);
  g_string_set_size (self->line, before + (gsize) MAX (n, 0));
  if (n <= 0)
    bench_fail ("the program ended");

  return take_lines (self);
}

static void
await_answer (Program *self)
{
  while (!read_answer (self))
    ;
}

static void
stop (Program *self)
{
  close (self->in_fd);
  kill (self->pid, SIGTERM);
  waitpid (self->pid, NULL, 0);
  close (self->out_fd);
  g_string_free (self->line, TRUE);
}

/* From its start to its first answer, one program after the other. */
static void
measure_starts (Program *programs, int n, char **command)
{
  g_autoptr (GArray) starts_ns = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (int i = 0; i < n; i++)
    {
      gint64 took_ns = bench_now_ns ();

      start (&programs[i], command);
      say (&programs[i], hello);
      await_answer (&programs[i]);
      took_ns = bench_now_ns () - took_ns;
      g_array_append_val (starts_ns, took_ns);
      say (&programs[i], initialized);
    }
  bench_print ("start", starts_ns, 0, 0);
}

static void
on_answer (Program *self, const BenchOptions *options, GArray *times_ns, int *n_left)
{
  gint64 took_ns = bench_now_ns () - self->sent_ns;

  if (self->n_calls > WARM_UP_CALLS)
    g_array_append_val (times_ns, took_ns);
  if (self->n_calls < options->n_calls + WARM_UP_CALLS)
    call (self);
  else
    --*n_left;
}

static void
measure_calls (Program *programs, const BenchOptions *options)
{
  g_autoptr (GArray) times_ns = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree struct pollfd *fds = g_new0 (struct pollfd, options->n_connections);
  gint64 begin_ns = bench_now_ns ();
  int n_left = options->n_connections;

  for (int i = 0; i < options->n_connections; i++)
    {
      fds[i] = (struct pollfd){ .fd = programs[i].out_fd, .events = POLLIN };
      call (&programs[i]);
    }
  while (n_left > 0)
    {
      if (poll (fds, (nfds_t) options->n_connections, PATIENCE_MS) <= 0)
        bench_fail ("no answer");
      for (int i = 0; i < options->n_connections; i++)
        if (fds[i].revents != 0 && read_answer (&programs[i]))
          on_answer (&programs[i], options, times_ns, &n_left);
    }
  bench_print ("calls", times_ns, (double) (bench_now_ns () - begin_ns) / 1e9, 0);
}

int
bench_stdio (const BenchOptions *options)
{
  g_autofree Program *programs = g_new0 (Program, options->n_connections);

  if (options->command[1] == NULL)
    bench_fail ("stdio -- COMMAND…");
  measure_starts (programs, options->n_connections, options->command + 1);
  measure_calls (programs, options);
  bench_wait_for_stdin ();
  for (int i = 0; i < options->n_connections; i++)
    stop (&programs[i]);

  return 0;
}
