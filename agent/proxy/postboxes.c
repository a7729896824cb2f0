/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Found by a digest over binding, client and id together: who has only two of the three right finds
 * nothing, and learns nothing from how long it took. */

#include "agent/proxy/postboxes.h"

#include <openssl/rand.h>
#include <string.h>

#include "protocol/client-key.h"
#include "protocol/error.h"

#define ID_BYTES 32

struct _BfyPostbox
{
  gatomicrefcount ref_count;
  char *digest; /* (owned) */
  char *client; /* (owned) "" for local processes */
  char *id;     /* (owned) */
  char *url;    /* (owned) */
  gboolean is_open;
  BfyPostboxFunc func; /* (nullable) */
  gpointer user_data;
  BfyConnection *connection; /* (nullable) */
  GPtrArray *detached;       /* (owned) (element-type BfyRequest) */
};

struct _BfyPostboxes
{
  GHashTable *by_digest; /* (owned) (element-type utf8 BfyPostbox) */
  guint n_per_client_max;
};

BfyPostboxes *
bfy_postboxes_new (guint n_per_client_max)
{
  BfyPostboxes *self = g_new0 (BfyPostboxes, 1);

  self->by_digest =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bfy_postbox_unref);
  self->n_per_client_max = n_per_client_max;

  return self;
}

void
bfy_postboxes_free (BfyPostboxes *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->by_digest);
  g_free (self);
}

/* Each part ends with its NUL, so that no two triples give the same bytes. */
static char *
digest (const char *binding_id, const char *client, const char *id)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *parts[] = { binding_id, client, id };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);

  return g_strdup (g_checksum_get_string (checksum));
}

static guint
count_of (BfyPostboxes *self, const char *client)
{
  GHashTableIter iter;
  gpointer postbox;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->by_digest);
  while (g_hash_table_iter_next (&iter, NULL, &postbox))
    n += g_str_equal (((BfyPostbox *) postbox)->client, client) ? 1 : 0;

  return n;
}

static char *
new_id (void)
{
  guint8 bytes[ID_BYTES];

  return RAND_bytes (bytes, sizeof bytes) == 1 ? bfy_base64url_encode (bytes, sizeof bytes) : NULL;
}

static GPtrArray *
new_detached (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_request_unref);
}

BfyPostbox *
bfy_postboxes_open (BfyPostboxes *self,
                    const char *binding_id,
                    const char *client_id,
                    const char *url,
                    GError **error)
{
  const char *client = client_id != NULL ? client_id : "";
  g_autofree char *id = NULL;
  BfyPostbox *postbox;

  if (count_of (self, client) >= self->n_per_client_max)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_RATE_LIMITED,
                   "This client has %u event streams open already; close some of them",
                   self->n_per_client_max);
      return NULL;
    }
  id = new_id ();
  if (id == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "There is no randomness for an id");
      return NULL;
    }

  postbox = g_new0 (BfyPostbox, 1);
  g_atomic_ref_count_init (&postbox->ref_count);
  postbox->digest = digest (binding_id, client, id);
  postbox->client = g_strdup (client);
  postbox->id = g_steal_pointer (&id);
  postbox->url = g_strdup (url);
  postbox->is_open = TRUE;
  postbox->detached = new_detached ();
  g_hash_table_insert (self->by_digest, postbox->digest, postbox);

  return postbox;
}

BfyPostbox *
bfy_postboxes_find (BfyPostboxes *self,
                    const char *binding_id,
                    const char *client_id,
                    const char *id)
{
  g_autofree char *key = digest (binding_id, client_id != NULL ? client_id : "", id);

  return g_hash_table_lookup (self->by_digest, key);
}

static void
hang_up_all (BfyPostbox *self)
{
  g_autoptr (GPtrArray) detached = g_steal_pointer (&self->detached);

  self->detached = new_detached ();
  for (guint i = 0; i < detached->len; i++)
    bfy_request_hang_up (g_ptr_array_index (detached, i));
}

void
bfy_postboxes_close (BfyPostboxes *self, BfyPostbox *postbox)
{
  g_autoptr (BfyPostbox) alive = bfy_postbox_ref (postbox);

  postbox->is_open = FALSE;
  postbox->func = NULL;
  postbox->connection = NULL;
  g_hash_table_remove (self->by_digest, postbox->digest);
  hang_up_all (alive);
}

BfyPostbox *
bfy_postbox_ref (BfyPostbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_postbox_unref (BfyPostbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->digest);
  g_free (self->client);
  g_free (self->id);
  g_free (self->url);
  g_ptr_array_unref (self->detached);
  g_free (self);
}

const char *
bfy_postbox_get_id (BfyPostbox *self)
{
  return self->id;
}

const char *
bfy_postbox_get_url (BfyPostbox *self)
{
  return self->url;
}

gboolean
bfy_postbox_is_open (BfyPostbox *self)
{
  return self->is_open;
}

void
bfy_postbox_set_handler (BfyPostbox *self, BfyPostboxFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

void
bfy_postbox_set_connection (BfyPostbox *self, BfyConnection *connection)
{
  self->connection = connection;
}

BfyConnection *
bfy_postbox_get_connection (BfyPostbox *self)
{
  return self->connection;
}

/* Those that are over have been answered and are let go of on this occasion. */
void
bfy_postbox_take_detached (BfyPostbox *self, BfyRequest *request)
{
  for (guint i = self->detached->len; i > 0; i--)
    if (bfy_request_is_over (g_ptr_array_index (self->detached, i - 1)))
      g_ptr_array_remove_index_fast (self->detached, i - 1);
  g_ptr_array_add (self->detached, bfy_request_ref (request));
}

gboolean
bfy_postbox_deliver (BfyPostbox *self, const char *message)
{
  if (self->func == NULL)
    return FALSE;

  self->func (message, self->user_data);

  return TRUE;
}
