/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/pool.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "agent/proxy/upstreams.h"

typedef struct
{
  BfyWire *wire; /* (owned) */
  gint64 until_us;
} Idle;

/* Requests that wait for something else, and connections that are made for them. */
typedef struct
{
  guint n_expected;
  guint n_connecting;
} Outlook;

struct _BfyPool
{
  BfyPoller *poller;     /* (owned) */
  GSocketClient *client; /* (owned) */
  GHashTable *origins;   /* (owned) origin → GQueue of Idle, newest first */
  GHashTable *outlooks;  /* (owned) origin → Outlook */
  GCancellable *end;     /* (owned) cancelled by bfy_pool_free() */
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

static void
free_queue (gpointer user_data)
{
  g_queue_free_full (user_data, idle_free);
}

BfyPool *
bfy_pool_new (void)
{
  BfyPool *self = g_new0 (BfyPool, 1);

  self->poller = bfy_poller_new ();
  self->client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (self->client, FALSE);
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_queue);
  self->outlooks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->end = g_cancellable_new ();

  return self;
}

void
bfy_pool_free (BfyPool *self)
{
  g_cancellable_cancel (self->end);
  g_object_unref (self->end);
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_hash_table_unref (self->outlooks);
  g_hash_table_unref (self->origins);
  g_object_unref (self->client);
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
  g_hash_table_remove_all (self->origins);
}

/* It has closed, or says something that nobody asked for. */
static void
on_idle_event (BfyWire *wire, gpointer user_data)
{
  BfyPool *self = user_data;
  GHashTableIter iter;
  gpointer queue;

  g_hash_table_iter_init (&iter, self->origins);
  while (g_hash_table_iter_next (&iter, NULL, &queue))
    for (GList *item = ((GQueue *) queue)->head; item != NULL; item = item->next)
      if (((Idle *) item->data)->wire == wire)
        {
          idle_free (item->data);
          g_queue_delete_link (queue, item);
          return;
        }
}

static gboolean
drop_expired (gpointer origin, gpointer queue, gpointer now_us)
{
  Idle *oldest;

  while ((oldest = g_queue_peek_tail (queue)) != NULL && oldest->until_us <= *(gint64 *) now_us)
    idle_free (g_queue_pop_tail (queue));

  return g_queue_is_empty (queue);
}

static gboolean on_sweep (gpointer user_data);

/* One wake-up, when the oldest of all expires. */
static void
arm_sweep (BfyPool *self)
{
  gint64 next_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer queue;

  g_hash_table_iter_init (&iter, self->origins);
  while (g_hash_table_iter_next (&iter, NULL, &queue))
    {
      const Idle *oldest = g_queue_peek_tail (queue);

      if (oldest != NULL)
        next_us = MIN (next_us, oldest->until_us);
    }
  if (next_us != G_MAXINT64)
    self->sweep_id = g_timeout_add_seconds (
        (guint) MAX ((next_us - g_get_monotonic_time ()) / G_USEC_PER_SEC, 0) + 1, on_sweep, self);
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyPool *self = user_data;
  gint64 now_us = g_get_monotonic_time ();

  self->sweep_id = 0;
  g_hash_table_foreach_remove (self->origins, drop_expired, &now_us);
  arm_sweep (self);

  return G_SOURCE_REMOVE;
}

BfyWire *
bfy_pool_take (BfyPool *self, const char *origin)
{
  GQueue *queue = g_hash_table_lookup (self->origins, origin);
  Idle *idle;

  while (queue != NULL && (idle = g_queue_pop_head (queue)) != NULL)
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
bfy_pool_give_back (BfyPool *self, const char *origin, guint epoch, BfyWire *wire)
{
  GQueue *queue = g_hash_table_lookup (self->origins, origin);
  Idle *idle;

  if (epoch != self->epoch || (queue != NULL && queue->length >= BFY_POOL_IDLE_MAX))
    {
      bfy_wire_unref (wire);
      return;
    }
  if (queue == NULL)
    {
      queue = g_queue_new ();
      g_hash_table_insert (self->origins, g_strdup (origin), queue);
    }
  idle = g_new (Idle, 1);
  idle->wire = wire;
  idle->until_us = g_get_monotonic_time () + BFY_UPSTREAM_IDLE_TIMEOUT_S * G_USEC_PER_SEC;
  g_queue_push_head (queue, idle);
  if (self->sweep_id == 0)
    arm_sweep (self);
}

void
bfy_pool_connect_async (BfyPool *self,
                        const char *host,
                        guint16 port,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GSocketConnectable) address = g_network_address_new (host, port);

  g_socket_client_connect_async (self->client, address, cancellable, callback, user_data);
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

/* On its way to the pool. */
typedef struct
{
  BfyPool *pool; /* borrowed; gone when the connection was cancelled */
  char *origin;  /* (owned) */
  guint epoch;
} Errand;

static void
errand_free (Errand *self)
{
  g_free (self->origin);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

static void
drop_outlook_if_clear (BfyPool *self, const char *origin)
{
  const Outlook *outlook = g_hash_table_lookup (self->outlooks, origin);

  if (outlook->n_expected == 0 && outlook->n_connecting == 0)
    g_hash_table_remove (self->outlooks, origin);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  BfyPool *self = errand->pool;
  BfyWire *wire;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  ((Outlook *) g_hash_table_lookup (self->outlooks, errand->origin))->n_connecting--;
  drop_outlook_if_clear (self, errand->origin);
  wire = connection != NULL ? watch_connection (self, connection, NULL) : NULL;
  if (wire != NULL)
    bfy_pool_give_back (self, errand->origin, errand->epoch, wire);
}

static guint
count_idle (BfyPool *self, const char *origin)
{
  const GQueue *queue = g_hash_table_lookup (self->origins, origin);

  return queue != NULL ? queue->length : 0;
}

void
bfy_pool_expect (BfyPool *self, const char *origin, const char *host, guint16 port)
{
  g_autoptr (GSocketConnectable) address = NULL;
  Outlook *outlook = g_hash_table_lookup (self->outlooks, origin);
  Errand *errand;

  if (outlook == NULL)
    {
      outlook = g_new0 (Outlook, 1);
      g_hash_table_insert (self->outlooks, g_strdup (origin), outlook);
    }
  outlook->n_expected++;
  if (count_idle (self, origin) + outlook->n_connecting >=
      MIN (outlook->n_expected, BFY_POOL_IDLE_MAX))
    return;

  outlook->n_connecting++;
  errand = g_new0 (Errand, 1);
  errand->pool = self;
  errand->origin = g_strdup (origin);
  errand->epoch = self->epoch;
  address = g_network_address_new (host, port);
  g_socket_client_connect_async (self->client, address, self->end, on_ready, errand);
}

void
bfy_pool_unexpect (BfyPool *self, const char *origin)
{
  ((Outlook *) g_hash_table_lookup (self->outlooks, origin))->n_expected--;
  drop_outlook_if_clear (self, origin);
}
