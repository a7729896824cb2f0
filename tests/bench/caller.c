/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* caller: the processor time that it takes to know who asks on a real connection: looked
 * up for the first time, and for each request after that. */

#include "agent/caller/caller.h"

#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/door/request-private.h"

#define N_LOOK_UPS 200
#define N_CHECKS 20000
#define N_RUNS 11

static const char head[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

typedef struct
{
  BfyDoor *door;             /* (owned) */
  GSocketConnection *stream; /* (owned) (nullable) what was accepted last */
  BfyPeer peer;
} Bench;

static void
on_connection (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, gpointer user_data)
{
  Bench *self = user_data;

  g_set_object (&self->stream, stream);
  self->peer = *peer;
}

static GSocket *
listen_at (const char *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  if (socket == NULL || !g_socket_bind (socket, address, TRUE, NULL) ||
      !g_socket_listen (socket, NULL))
    exit (1);
  g_socket_set_blocking (socket, FALSE);

  return socket;
}

/* Our end stays open: it is part of what is looked for. */
static BfyConnection *
connect_to (Bench *self, const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  GSocketConnection *ours =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);

  if (ours == NULL)
    exit (1);
  g_clear_object (&self->stream);
  while (self->stream == NULL)
    g_main_context_iteration (NULL, TRUE);

  return bfy_connection_new (self->door, self->stream, &self->peer, 1000);
}

static double
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

/* The median. */
static void
print (const char *name, double *us)
{
  qsort (us, N_RUNS, sizeof *us, compare);
  printf ("%-40s %8.2f us\n", name, us[N_RUNS / 2]);
}

static void
time_look_ups (Bench *self, const char *path)
{
  double us[N_RUNS];

  for (guint run = 0; run < N_RUNS; run++)
    {
      g_autoptr (BfyConnection) connection = connect_to (self, path);
      g_autoptr (BfyRequest) request = bfy_request_new (connection, head, sizeof head - 1);
      double begun = now_us ();

      for (guint i = 0; i < N_LOOK_UPS; i++)
        {
          g_clear_pointer (&connection->process, bfy_caller_unref);
          (void) bfy_caller_of_request (request);
        }
      us[run] = (now_us () - begun) / N_LOOK_UPS;
    }
  print ("looked up for the first time", us);
}

static void
time_checks (Bench *self, const char *path, BfyClient *client, const char *name)
{
  g_autoptr (BfyConnection) connection = connect_to (self, path);
  g_autoptr (BfyRequest) request = bfy_request_new (connection, head, sizeof head - 1);
  double us[N_RUNS];

  if (client != NULL)
    bfy_request_set_client (request, client);
  if (bfy_caller_of_request (request)->program == NULL)
    printf ("(this process may not be looked at)\n");
  for (guint run = 0; run < N_RUNS; run++)
    {
      double begun = now_us ();

      for (guint i = 0; i < N_CHECKS; i++)
        (void) bfy_caller_of_request (request);
      us[run] = (now_us () - begun) / N_CHECKS;
    }
  print (name, us);
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bindify-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "sock", NULL);
  g_autoptr (GSocket) listener = listen_at (path);
  g_autoptr (BfyClient) client = bfy_client_new ("id", "label", NULL);
  Bench bench = { 0 };

  bench.door = bfy_door_new (listener, on_connection, &bench);
  time_look_ups (&bench, path);
  time_checks (&bench, path, NULL, "a local process, each request");
  time_checks (&bench, path, client, "a client with a key, each request");
  g_clear_object (&bench.stream);
  g_object_unref (bench.door);
  (void) unlink (path);
  (void) rmdir (folder);

  return 0;
}
