/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/link-cache.h"

typedef struct
{
  GList *addresses; /* (owned) (element-type GSocketAddress) */
  gint64 ends_at_us;
} Entry;

struct _BfyLinkCache
{
  GHashTable *entries; /* (owned) name → Entry */
};

static void
free_addresses (GList *addresses)
{
  g_list_free_full (addresses, g_object_unref);
}

static GList *
copy_addresses (GList *addresses)
{
  return g_list_copy_deep (addresses, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  free_addresses (entry->addresses);
  g_free (entry);
}

BfyLinkCache *
bfy_link_cache_new (void)
{
  BfyLinkCache *self = g_new0 (BfyLinkCache, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);

  return self;
}

void
bfy_link_cache_free (BfyLinkCache *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
drop_first_to_end (BfyLinkCache *self)
{
  GHashTableIter iter;
  gpointer name, value;
  const char *first = NULL;
  gint64 first_us = G_MAXINT64;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (((Entry *) value)->ends_at_us < first_us)
      {
        first_us = ((Entry *) value)->ends_at_us;
        first = name;
      }
  if (first != NULL)
    g_hash_table_remove (self->entries, first);
}

void
bfy_link_cache_put (BfyLinkCache *self, const char *name, GList *addresses, gint64 ends_at_us)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->addresses = copy_addresses (addresses);
  entry->ends_at_us = ends_at_us;
  g_hash_table_remove (self->entries, name);
  if (g_hash_table_size (self->entries) >= BFY_LINK_CACHE_MAX)
    drop_first_to_end (self);
  g_hash_table_insert (self->entries, g_strdup (name), entry);
}

GList *
bfy_link_cache_find (BfyLinkCache *self, const char *name, gint64 now_us)
{
  const Entry *entry = g_hash_table_lookup (self->entries, name);

  if (entry == NULL)
    return NULL;
  if (entry->ends_at_us > now_us)
    return copy_addresses (entry->addresses);
  g_hash_table_remove (self->entries, name);

  return NULL;
}
