/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/pool.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "agent/proxy/tls-pipe.h"
#include "agent/proxy/upstreams.h"

typedef struct
{
  BfyWire *wire; /* (owned) */
  gint64 until_us;
} Idle;

struct _BfyPool
{
  BfyPoller *poller;          /* (owned) */
  GSocketClient *client;      /* (owned) */
  GSocketConnectable *target; /* (owned) */
  GQueue idle;                /* (element-type Idle) newest first */
  GCancellable *end;          /* (owned) cancelled by bfy_pool_free() */
  guint n_expected;           /* requests that wait for something else */
  guint n_connecting;         /* connections that are made for them */
  guint epoch;
  guint sweep_id;
};

static void
idle_free (gpointer user_data)
{
  Idle *idle = user_data;

  bfy_wire_unref (idle->wire);
  g_free (idle);
}

BfyPool *
bfy_pool_new (GSocketConnectable *target)
{
  BfyPool *self = g_new0 (BfyPool, 1);

  self->poller = bfy_poller_new ();
  self->client = g_socket_client_new ();
  self->target = g_object_ref (target);
  g_queue_init (&self->idle);
  self->end = g_cancellable_new ();

  return self;
}

void
bfy_pool_free (BfyPool *self)
{
  g_cancellable_cancel (self->end);
  g_object_unref (self->end);
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_queue_clear_full (&self->idle, idle_free);
  g_object_unref (self->client);
  g_object_unref (self->target);
  bfy_poller_unref (self->poller);
  g_free (self);
}

guint
bfy_pool_get_epoch (BfyPool *self)
{
  return self->epoch;
}

void
bfy_pool_clear (BfyPool *self)
{
  self->epoch++;
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_queue_clear_full (&self->idle, idle_free);
}

/* It has closed, or says something that nobody asked for. */
static void
on_idle_event (BfyWire *wire, gpointer user_data)
{
  BfyPool *self = user_data;

  for (GList *item = self->idle.head; item != NULL; item = item->next)
    if (((Idle *) item->data)->wire == wire)
      {
        idle_free (item->data);
        g_queue_delete_link (&self->idle, item);
        return;
      }
}

static gboolean on_sweep (gpointer user_data);

/* One wake-up, when the oldest expires. */
static void
arm_sweep (BfyPool *self)
{
  const Idle *oldest = g_queue_peek_tail (&self->idle);

  if (oldest != NULL)
    self->sweep_id = g_timeout_add_seconds (
        (guint) MAX ((oldest->until_us - g_get_monotonic_time ()) / G_USEC_PER_SEC, 0) + 1,
        on_sweep, self);
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyPool *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  Idle *oldest;

  self->sweep_id = 0;
  while ((oldest = g_queue_peek_tail (&self->idle)) != NULL && oldest->until_us <= now_us)
    idle_free (g_queue_pop_tail (&self->idle));
  arm_sweep (self);

  return G_SOURCE_REMOVE;
}

BfyWire *
bfy_pool_take (BfyPool *self)
{
  Idle *idle;

  while ((idle = g_queue_pop_head (&self->idle)) != NULL)
    {
      BfyWire *wire = idle->wire;

      g_free (idle);
      if (bfy_wire_is_fresh (wire))
        return wire;
      bfy_wire_unref (wire);
    }

  return NULL;
}

void
bfy_pool_give_back (BfyPool *self, guint epoch, BfyWire *wire)
{
  Idle *idle;

  if (epoch != self->epoch || self->idle.length >= BFY_POOL_IDLE_MAX)
    {
      bfy_wire_unref (wire);
      return;
    }
  idle = g_new (Idle, 1);
  idle->wire = wire;
  idle->until_us = g_get_monotonic_time () + BFY_UPSTREAM_IDLE_TIMEOUT_S * G_USEC_PER_SEC;
  g_queue_push_head (&self->idle, idle);
  if (self->sweep_id == 0)
    arm_sweep (self);
}

void
bfy_pool_connect_async (BfyPool *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_socket_client_connect_async (self->client, self->target, cancellable, callback, user_data);
}

void
bfy_pool_connect_tls_async (BfyPool *self,
                            GSocketConnectable *identity,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  bfy_tls_pipe_open_async (self->target, identity, cancellable, callback, user_data);
}

static BfyWire *
watch_connection (BfyPool *self, GSocketConnection *connection, GError **error)
{
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, TRUE,
                       NULL);

  return bfy_wire_new (self->poller, connection, on_idle_event, self, error);
}

BfyWire *
bfy_pool_connect_finish (BfyPool *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (self->client, result, error);

  return connection != NULL ? watch_connection (self, connection, error) : NULL;
}

BfyWire *
bfy_pool_connect_tls_finish (BfyPool *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GSocketConnection) connection = bfy_tls_pipe_open_finish (result, error);

  return connection != NULL ? watch_connection (self, connection, error) : NULL;
}

/* On its way to the pool. */
typedef struct
{
  BfyPool *pool; /* borrowed; gone when the connection was cancelled */
  guint epoch;
} Errand;

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Errand *errand = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  BfyPool *self = errand->pool;
  BfyWire *wire;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->n_connecting--;
  wire = connection != NULL ? watch_connection (self, connection, NULL) : NULL;
  if (wire != NULL)
    bfy_pool_give_back (self, errand->epoch, wire);
}

void
bfy_pool_expect (BfyPool *self)
{
  Errand *errand;

  self->n_expected++;
  if (self->idle.length + self->n_connecting >= MIN (self->n_expected, BFY_POOL_IDLE_MAX))
    return;

  self->n_connecting++;
  errand = g_new (Errand, 1);
  *errand = (Errand){ self, self->epoch };
  g_socket_client_connect_async (self->client, self->target, self->end, on_ready, errand);
}

void
bfy_pool_unexpect (BfyPool *self)
{
  self->n_expected--;
}
