/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/upstreams.h"

#include "agent/network/tunnel.h"
#include "agent/proxy/pool.h"

struct _BfyUpstreams
{
  GObject parent_instance;

  BfyTarget *target;    /* (owned) where all connections go */
  SoupSession *session; /* (owned) (nullable) until it is asked for */
  BfyPool *pool;        /* (owned) (nullable) until it is asked for */
  GHashTable *streams;  /* (owned) connection id → GWeakRef of a GIOStream */
  char *pin;            /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BfyUpstreams, bfy_upstreams, G_TYPE_OBJECT)

/* The resolver of proxies is never asked, because the target has chosen; without one, libsoup would
 * have proxies switched off. */
static SoupSession *
new_session (BfyTarget *target)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (NULL, NULL);
  SoupSession *session = soup_session_new_with_options (
      "max-conns", BFY_UPSTREAM_CONNECTIONS_MAX, "max-conns-per-host",
      BFY_UPSTREAM_CONNECTIONS_PER_HOST_MAX, "idle-timeout", BFY_UPSTREAM_IDLE_TIMEOUT_S, "timeout",
      0, "remote-connectable", target, NULL);

  soup_session_set_proxy_resolver (session, resolver);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);

  return session;
}

BfyUpstreams *
bfy_upstreams_new (BfyTarget *target)
{
  BfyUpstreams *self = g_object_new (BFY_TYPE_UPSTREAMS, NULL);

  self->target = g_object_ref (target);

  return self;
}

void
bfy_upstreams_set_pin (BfyUpstreams *self, const char *print)
{
  g_free (self->pin);
  self->pin = g_strdup (print);
}

const char *
bfy_upstreams_get_pin (BfyUpstreams *self)
{
  return self->pin;
}

void
bfy_upstreams_renew (BfyUpstreams *self)
{
  g_clear_object (&self->session);
  if (self->pool != NULL)
    bfy_pool_clear (self->pool);
}

SoupSession *
bfy_upstreams_get_session (BfyUpstreams *self)
{
  if (self->session == NULL)
    self->session = new_session (self->target);

  return self->session;
}

BfyPool *
bfy_upstreams_get_pool (BfyUpstreams *self)
{
  if (self->pool == NULL)
    self->pool = bfy_pool_new (G_SOCKET_CONNECTABLE (self->target));

  return self->pool;
}

GIOStream *
bfy_upstreams_find_stream (BfyUpstreams *self, guint64 connection_id)
{
  GWeakRef *weak = g_hash_table_lookup (self->streams, &connection_id);
  g_autoptr (GIOStream) stream = weak != NULL ? g_weak_ref_get (weak) : NULL;

  return stream;
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer user_data)
{
  g_autoptr (GIOStream) stream = g_weak_ref_get (value);

  return stream == NULL || g_io_stream_is_closed (stream);
}

void
bfy_upstreams_note_stream (BfyUpstreams *self, guint64 connection_id, GIOStream *stream)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_hash_table_foreach_remove (self->streams, is_gone, NULL);
  g_weak_ref_init (weak, stream);
  g_hash_table_replace (self->streams, g_memdup2 (&connection_id, sizeof connection_id), weak);
}

static void
free_weak (gpointer user_data)
{
  g_weak_ref_clear (user_data);
  g_free (user_data);
}

static void
bfy_upstreams_finalize (GObject *object)
{
  BfyUpstreams *self = BFY_UPSTREAMS (object);

  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->pool, bfy_pool_free);
  g_clear_object (&self->target);
  g_free (self->pin);
  g_hash_table_unref (self->streams);
  G_OBJECT_CLASS (bfy_upstreams_parent_class)->finalize (object);
}

static void
bfy_upstreams_class_init (BfyUpstreamsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_upstreams_finalize;
  bfy_tunnel_init ();
}

static void
bfy_upstreams_init (BfyUpstreams *self)
{
  self->streams = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, free_weak);
}
