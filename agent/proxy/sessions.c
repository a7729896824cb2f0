/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/sessions.h"

#include <string.h>

typedef struct
{
  char *key;     /* (owned) digest */
  char *owner;   /* (owned) id of the client, "" for a local process without a key */
  char *version; /* (owned) (nullable) */
} Session;

struct _BfySessions
{
  GHashTable *links;  /* (owned) key, owned by the session → its link in order */
  GQueue order;       /* (owned) (element-type Session) the least recently used first */
  GHashTable *counts; /* (owned) owner → how many */
  guint n_max;
  guint n_per_client_max;
};

static void
session_free (gpointer data)
{
  Session *session = data;

  g_free (session->key);
  g_free (session->owner);
  g_free (session->version);
  g_free (session);
}

BfySessions *
bfy_sessions_new (guint n_max, guint n_per_client_max)
{
  BfySessions *self = g_new0 (BfySessions, 1);

  self->links = g_hash_table_new (g_str_hash, g_str_equal);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->n_max = MAX (n_max, 1);
  self->n_per_client_max = MAX (n_per_client_max, 1);

  return self;
}

void
bfy_sessions_free (BfySessions *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->links);
  g_hash_table_unref (self->counts);
  g_queue_clear_full (&self->order, session_free);
  g_free (self);
}

static const char *
owner_of (const char *client_id)
{
  return client_id != NULL ? client_id : "";
}

static guint
count_of (BfySessions *self, const char *owner)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, owner));
}

static void
set_count (BfySessions *self, const char *owner, guint n)
{
  if (n > 0)
    g_hash_table_replace (self->counts, g_strdup (owner), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->counts, owner);
}

/* Each part ends with its NUL, so that no two triples give the same bytes. */
static char *
digest (const char *binding_id, const char *client_id, const char *session_id)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *parts[] = { binding_id, owner_of (client_id), session_id };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);

  return g_strdup (g_checksum_get_string (checksum));
}

/* NULL when it is not known. Counts as a use. */
static GList *
use (BfySessions *self, const char *binding_id, const char *client_id, const char *session_id)
{
  g_autofree char *key = digest (binding_id, client_id, session_id);
  GList *link = g_hash_table_lookup (self->links, key);

  if (link == NULL)
    return NULL;

  g_queue_unlink (&self->order, link);
  g_queue_push_tail_link (&self->order, link);

  return link;
}

static void
drop (BfySessions *self, GList *link)
{
  Session *session = link->data;

  set_count (self, session->owner, count_of (self, session->owner) - 1);
  g_hash_table_remove (self->links, session->key);
  g_queue_delete_link (&self->order, link);
  session_free (session);
}

static GList *
find_oldest_of (BfySessions *self, const char *owner)
{
  for (GList *link = self->order.head; link != NULL; link = link->next)
    if (strcmp (((const Session *) link->data)->owner, owner) == 0)
      return link;

  return NULL;
}

static void
make_room (BfySessions *self, const char *owner)
{
  if (count_of (self, owner) >= self->n_per_client_max)
    drop (self, find_oldest_of (self, owner));
  else if (g_queue_get_length (&self->order) >= self->n_max)
    drop (self, self->order.head);
}

void
bfy_sessions_remember (BfySessions *self,
                       const char *binding_id,
                       const char *client_id,
                       const char *session_id)
{
  Session *session;

  if (use (self, binding_id, client_id, session_id) != NULL)
    return;
  make_room (self, owner_of (client_id));
  session = g_new0 (Session, 1);
  session->owner = g_strdup (owner_of (client_id));
  session->key = digest (binding_id, client_id, session_id);
  g_queue_push_tail (&self->order, session);
  g_hash_table_insert (self->links, session->key, self->order.tail);
  set_count (self, session->owner, count_of (self, session->owner) + 1);
}

gboolean
bfy_sessions_know (BfySessions *self,
                   const char *binding_id,
                   const char *client_id,
                   const char *session_id)
{
  return use (self, binding_id, client_id, session_id) != NULL;
}

void
bfy_sessions_forget (BfySessions *self,
                     const char *binding_id,
                     const char *client_id,
                     const char *session_id)
{
  GList *link = use (self, binding_id, client_id, session_id);

  if (link != NULL)
    drop (self, link);
}

void
bfy_sessions_set_version (BfySessions *self,
                          const char *binding_id,
                          const char *client_id,
                          const char *session_id,
                          const char *version)
{
  GList *link = use (self, binding_id, client_id, session_id);
  Session *session = link != NULL ? link->data : NULL;

  if (session == NULL)
    return;

  g_free (session->version);
  session->version = g_strdup (version);
}

const char *
bfy_sessions_get_version (BfySessions *self,
                          const char *binding_id,
                          const char *client_id,
                          const char *session_id)
{
  GList *link = use (self, binding_id, client_id, session_id);
  const Session *session = link != NULL ? link->data : NULL;

  return session != NULL ? session->version : NULL;
}
