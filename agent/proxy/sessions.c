/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/sessions.h"

#include <string.h>

struct _BfySessions
{
  GHashTable *links; /* (owned) digest, owned by the link → its link in order */
  GQueue order;      /* (owned) (element-type utf8) digests, the least recently used first */
  guint n_max;
};

BfySessions *
bfy_sessions_new (guint n_max)
{
  BfySessions *self = g_new0 (BfySessions, 1);

  self->links = g_hash_table_new (g_str_hash, g_str_equal);
  self->n_max = MAX (n_max, 1);

  return self;
}

void
bfy_sessions_free (BfySessions *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->links);
  g_queue_clear_full (&self->order, g_free);
  g_free (self);
}

/* Each part ends with its NUL, so that no two triples give the same bytes. */
static char *
digest (const char *binding_id, const char *client_id, const char *session_id)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *parts[] = { binding_id, client_id != NULL ? client_id : "", session_id };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);

  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
use (BfySessions *self, const char *key)
{
  GList *link = g_hash_table_lookup (self->links, key);

  if (link == NULL)
    return FALSE;

  g_queue_unlink (&self->order, link);
  g_queue_push_tail_link (&self->order, link);

  return TRUE;
}

void
bfy_sessions_remember (BfySessions *self,
                       const char *binding_id,
                       const char *client_id,
                       const char *session_id)
{
  g_autofree char *key = digest (binding_id, client_id, session_id);
  g_autofree char *oldest = NULL;

  if (use (self, key))
    return;
  if (g_queue_get_length (&self->order) >= self->n_max)
    {
      oldest = g_queue_pop_head (&self->order);
      g_hash_table_remove (self->links, oldest);
    }

  g_queue_push_tail (&self->order, g_steal_pointer (&key));
  g_hash_table_insert (self->links, self->order.tail->data, self->order.tail);
}

gboolean
bfy_sessions_know (BfySessions *self,
                   const char *binding_id,
                   const char *client_id,
                   const char *session_id)
{
  g_autofree char *key = digest (binding_id, client_id, session_id);

  return use (self, key);
}
