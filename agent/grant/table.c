/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/table.h"

#include <string.h>

struct _BfyGrantTable
{
  GHashTable *by_key;     /* (owned) (element-type BfyGrantKey BfyGrantEntry) owns the entries */
  GHashTable *by_id;      /* (owned) (element-type utf8 BfyGrantEntry) */
  GHashTable *by_binding; /* (owned) (element-type utf8 GHashTable) sets of BfyGrantEntry */
  GHashTable *n_of;       /* (owned) (element-type utf8 guint) how many of whom */
  GSequence *by_end;      /* (owned) (element-type BfyGrantEntry) those that end */
  guint64 number;
  gint64 now_ms;    /* while something is looked for */
  guint n_bound;    /* to arguments */
  guint n_sessions; /* of programs */
};

static void
entry_free (gpointer data)
{
  BfyGrantEntry *entry = data;

  g_clear_pointer (&entry->caller, bfy_caller_unref);
  bfy_grant_unref (entry->grant);
  g_free (entry->who);
  g_free (entry);
}

BfyGrantTable *
bfy_grant_table_new (void)
{
  BfyGrantTable *self = g_new0 (BfyGrantTable, 1);

  self->by_key = g_hash_table_new_full (bfy_grant_key_hash, bfy_grant_key_equal, NULL, entry_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_binding =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->n_of = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_end = g_sequence_new (NULL);

  return self;
}

void
bfy_grant_table_free (BfyGrantTable *self)
{
  g_sequence_free (self->by_end);
  g_hash_table_unref (self->n_of);
  g_hash_table_unref (self->by_binding);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_key);
  g_free (self);
}

/* Those that end together keep their order. */
static int
compare_ends (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const BfyGrantEntry *one = a, *other = b;

  if (one->ends_ms != other->ends_ms)
    return one->ends_ms < other->ends_ms ? -1 : 1;

  return one->number < other->number ? -1 : one->number > other->number;
}

static void
count (BfyGrantTable *self, const BfyGrantEntry *entry, int change)
{
  guint n = bfy_grant_table_get_n_of (self, entry->who) + (guint) change;

  if (n > 0)
    g_hash_table_insert (self->n_of, g_strdup (entry->who), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->n_of, entry->who);
  self->n_bound += entry->grant->has_digest ? (guint) change : 0;
  self->n_sessions += entry->grant->pid > 0 ? (guint) change : 0;
}

static void
add_to_binding (BfyGrantTable *self, BfyGrantEntry *entry)
{
  GHashTable *set = g_hash_table_lookup (self->by_binding, entry->grant->binding_id);

  if (set == NULL)
    {
      set = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (self->by_binding, g_strdup (entry->grant->binding_id), set);
    }
  g_hash_table_add (set, entry);
}

static void
remove_from_binding (BfyGrantTable *self, BfyGrantEntry *entry)
{
  GHashTable *set = g_hash_table_lookup (self->by_binding, entry->grant->binding_id);

  g_hash_table_remove (set, entry);
  if (g_hash_table_size (set) == 0)
    g_hash_table_remove (self->by_binding, entry->grant->binding_id);
}

BfyGrantEntry *
bfy_grant_table_add (
    BfyGrantTable *self, BfyGrant *grant, char *who, BfyCaller *caller, gint64 ends_ms)
{
  BfyGrantEntry *entry = g_new0 (BfyGrantEntry, 1);

  entry->grant = bfy_grant_ref (grant);
  entry->who = who;
  entry->caller = caller != NULL ? bfy_caller_ref (caller) : NULL;
  entry->key = bfy_grant_key_of (entry->grant, entry->who);
  entry->number = ++self->number;
  entry->ends_ms = ends_ms;
  g_hash_table_insert (self->by_key, &entry->key, entry);
  g_hash_table_insert (self->by_id, entry->grant->id, entry);
  add_to_binding (self, entry);
  count (self, entry, 1);
  if (ends_ms != G_MAXINT64)
    entry->at = g_sequence_insert_sorted (self->by_end, entry, compare_ends, NULL);

  return entry;
}

void
bfy_grant_table_remove (BfyGrantTable *self, BfyGrantEntry *entry)
{
  if (entry->at != NULL)
    g_sequence_remove (entry->at);
  count (self, entry, -1);
  remove_from_binding (self, entry);
  g_hash_table_remove (self->by_id, entry->grant->id);
  g_hash_table_remove (self->by_key, &entry->key);
}

void
bfy_grant_table_replace (BfyGrantTable *self, BfyGrantEntry *entry, BfyGrant *grant)
{
  g_autoptr (BfyGrant) old = entry->grant;

  g_hash_table_remove (self->by_id, old->id);
  g_hash_table_steal (self->by_key, &entry->key);
  entry->grant = bfy_grant_ref (grant);
  entry->key = bfy_grant_key_of (grant, entry->who);
  g_hash_table_insert (self->by_key, &entry->key, entry);
  g_hash_table_insert (self->by_id, grant->id, entry);
}

static BfyGrantEntry *
newer (BfyGrantTable *self, const BfyGrantKey *key, BfyGrantEntry *found)
{
  BfyGrantEntry *entry = g_hash_table_lookup (self->by_key, key);

  if (entry == NULL || entry->ends_ms <= self->now_ms ||
      (found != NULL && entry->number < found->number))
    return found;

  return entry;
}

/* For any process of that program, and for this one. */
static BfyGrantEntry *
find_for (BfyGrantTable *self,
          const BfyGrantKey *thing,
          const guint8 *digest,
          const BfyCaller *caller,
          BfyGrantEntry *found)
{
  gboolean has_program = caller->program_pid > 0;
  BfyGrantKey key = bfy_grant_key_narrow (thing, digest, 0, 0);

  found = newer (self, &key, found);
  if (self->n_sessions == 0)
    return found;
  key = bfy_grant_key_narrow (thing, digest, has_program ? caller->program_pid : caller->pid,
                              has_program ? caller->program_started_at : caller->started_at);

  return newer (self, &key, found);
}

BfyGrantEntry *
bfy_grant_table_find (BfyGrantTable *self,
                      const BfyCaller *caller,
                      const BfyWish *wish,
                      gint64 now_ms)
{
  BfyGrantEntry *found = NULL;
  g_autofree char *who = NULL;
  BfyGrantKey thing;

  if (g_hash_table_size (self->by_key) == 0)
    return NULL;

  self->now_ms = now_ms;
  who = bfy_grant_dup_who (caller);
  thing = bfy_grant_key_begin (wish, who);
  /* What is bound to its arguments now is covered by nothing wider. */
  if (wish->reach == BFY_WISH_ANY_ARGUMENTS)
    found = find_for (self, &thing, NULL, caller, NULL);
  if (self->n_bound == 0)
    return found;

  return find_for (self, &thing, wish->digest, caller, found);
}

GPtrArray *
bfy_grant_table_list_replaced (BfyGrantTable *self, const BfyGrant *grant, const char *who)
{
  GHashTable *set = g_hash_table_lookup (self->by_binding, grant->binding_id);
  const BfyGrantKey key = bfy_grant_key_of (grant, who);
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer item;

  if (set == NULL)
    return list;
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      BfyGrantEntry *entry = item;
      gboolean is_contrary = grant->is_denial || entry->grant->is_denial;

      if (bfy_grant_key_equal (&key, &entry->key) ||
          (is_contrary && bfy_grant_key_includes (&key, &entry->key)))
        g_ptr_array_add (list, entry);
    }

  return list;
}

BfyGrantEntry *
bfy_grant_table_find_same (BfyGrantTable *self, const BfyGrant *grant, const char *who)
{
  BfyGrantKey key = bfy_grant_key_of (grant, who);

  return g_hash_table_lookup (self->by_key, &key);
}

BfyGrantEntry *
bfy_grant_table_find_by_id (BfyGrantTable *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

BfyGrantEntry *
bfy_grant_table_peek_first (BfyGrantTable *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->by_end);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

GPtrArray *
bfy_grant_table_list_ended (BfyGrantTable *self, gint64 now_ms)
{
  GSequenceIter *at = g_sequence_get_begin_iter (self->by_end);
  GPtrArray *list = g_ptr_array_new ();

  for (; !g_sequence_iter_is_end (at); at = g_sequence_iter_next (at))
    {
      BfyGrantEntry *entry = g_sequence_get (at);

      if (entry->ends_ms > now_ms)
        break;
      g_ptr_array_add (list, entry);
    }

  return list;
}

guint
bfy_grant_table_get_n (const BfyGrantTable *self)
{
  return g_hash_table_size (self->by_key);
}

guint
bfy_grant_table_get_n_of (const BfyGrantTable *self, const char *who)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->n_of, who));
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const BfyGrantEntry *one = *(BfyGrantEntry *const *) a, *other = *(BfyGrantEntry *const *) b;

  return one->number > other->number ? -1 : one->number < other->number;
}

GPtrArray *
bfy_grant_table_list (BfyGrantTable *self, const char *binding_id)
{
  GHashTable *set =
      binding_id != NULL ? g_hash_table_lookup (self->by_binding, binding_id) : self->by_id;
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer entry;

  if (set == NULL)
    return list;
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    g_ptr_array_add (list, entry);
  g_ptr_array_sort (list, compare_numbers);

  return list;
}
