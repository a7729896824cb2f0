/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/guard/guard.h"

#include <string.h>

#include "protocol/sigv4.h"

typedef struct
{
  BfyGuardFunc func;
  gpointer user_data;
} Keeper;

struct _BfyGuard
{
  gatomicrefcount ref_count;
  BfyCredentials *credentials; /* (owned) */
  BfyRegistry *registry;       /* (owned) */
  BfyLeakSet *set;             /* (owned) (nullable) */
  gboolean is_current;         /* the set is that of what there is */
  GPtrArray *owners;           /* (owned) (element-type Owner) by tag */
  GHashTable *tags;            /* (owned) id → tag; ids of bindings and clients are UUIDs */
  GQueue keepers;              /* (element-type Keeper) (owned) */
  guint n_decoys;
  gulong changed_id;
  gulong decoys_id;
};

typedef struct
{
  BfyGuardKind kind;
  char *id; /* (owned) */
} Owner;

/* What a set is made of. */
typedef struct
{
  BfyGuard *guard;
  GArray *entries;    /* (owned) (element-type BfyLeakEntry) */
  GPtrArray *secrets; /* (owned) (element-type BfySecret) that are only there for the set */
} Collection;

static void
owner_free (gpointer user_data)
{
  Owner *owner = user_data;

  g_free (owner->id);
  g_free (owner);
}

/* Sets are kept by who began with them, so a tag is never given to somebody else. */
static guint
find_tag (BfyGuard *self, BfyGuardKind kind, const char *id)
{
  gpointer found;
  Owner *owner;

  if (g_hash_table_lookup_extended (self->tags, id, NULL, &found))
    return GPOINTER_TO_UINT (found);

  owner = g_new0 (Owner, 1);
  owner->kind = kind;
  owner->id = g_strdup (id);
  g_hash_table_insert (self->tags, owner->id, GUINT_TO_POINTER (self->owners->len));
  g_ptr_array_add (self->owners, owner);

  return self->owners->len - 1;
}

static void
add (Collection *collection, BfySecret *secret, guint tag)
{
  const BfyLeakEntry entry = { secret, tag };

  if (secret != NULL && bfy_secret_length (secret) >= BFY_LEAK_BYTES_MIN)
    g_array_append_val (collection->entries, entry);
}

/* Goes over the wire as the Base64 of both together, in which the password alone cannot be seen. */
static BfySecret *
join_pair (const char *username, const BfySecret *password)
{
  gsize n_name = strlen (username), n_password;
  const guint8 *bytes = bfy_secret_peek (password, &n_password);
  guint8 *out;
  BfySecret *pair = bfy_secret_new_blank (n_name + 1 + n_password, &out);

  memcpy (out, username, n_name);
  out[n_name] = ':';
  memcpy (out + n_name + 1, bytes, n_password);

  return pair;
}

/* Of a key of AWS the secret key and the session token are stored as one, and go their own ways. */
static void
add_parts (Collection *collection,
           const char *binding_id,
           const BfyCredential *credential,
           guint tag)
{
  const BfyBinding *binding = bfy_registry_find_by_id (collection->guard->registry, binding_id);
  BfySecret *key = NULL;
  BfySecret *token = NULL;

  if (binding == NULL || binding->injection->kind != BFY_INJECT_SIGV4)
    return;
  bfy_sigv4_split_secret (credential->secret, &key, &token);
  g_ptr_array_add (collection->secrets, key);
  add (collection, key, tag);
  if (token == NULL)
    return;
  g_ptr_array_add (collection->secrets, token);
  add (collection, token, tag);
}

static void
add_credential (const char *binding_id, const BfyCredential *credential, gpointer user_data)
{
  Collection *collection = user_data;
  guint tag = find_tag (collection->guard, BFY_GUARD_CREDENTIAL, binding_id);
  const BfyOAuthClient *client = credential->source != NULL ? credential->source->client : NULL;

  add (collection, credential->secret, tag);
  add (collection, credential->refresh, tag);
  if (client != NULL)
    {
      add (collection, client->secret, tag);
      add (collection, client->registration_token, tag);
    }
  add_parts (collection, binding_id, credential, tag);
  if (credential->username != NULL)
    {
      BfySecret *pair = join_pair (credential->username, credential->secret);

      g_ptr_array_add (collection->secrets, pair);
      add (collection, pair, tag);
    }
}

static void
add_decoy (const char *client_id, BfySecret *decoy, gpointer user_data)
{
  Collection *collection = user_data;

  add (collection, decoy, find_tag (collection->guard, BFY_GUARD_DECOY, client_id));
  collection->guard->n_decoys++;
}

static Collection
collection_new (BfyGuard *self)
{
  return (Collection){
    .guard = self,
    .entries = g_array_new (FALSE, FALSE, sizeof (BfyLeakEntry)),
    .secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_secret_unref),
  };
}

static BfyLeakSet *
collection_end (Collection *collection)
{
  BfyLeakSet *set = bfy_leak_set_new ((const BfyLeakEntry *) (gpointer) collection->entries->data,
                                      collection->entries->len);

  g_array_unref (collection->entries);
  g_ptr_array_unref (collection->secrets);

  return set;
}

BfyLeakSet *
bfy_guard_peek_set (BfyGuard *self)
{
  Collection collection;

  if (self->is_current)
    return self->set;

  self->n_decoys = 0;
  collection = collection_new (self);
  bfy_credentials_foreach (self->credentials, add_credential, &collection);
  bfy_registry_foreach_decoy (self->registry, add_decoy, &collection);
  self->set = collection_end (&collection);
  self->is_current = TRUE;

  return self->set;
}

BfyLeakSet *
bfy_guard_make_set (BfyGuard *self, const char *binding_id, const BfyCredential *credential)
{
  Collection collection = collection_new (self);

  add_credential (binding_id, credential, &collection);

  return collection_end (&collection);
}

BfyGuardOwner
bfy_guard_find_owner (BfyGuard *self, guint tag)
{
  const Owner *owner = g_ptr_array_index (self->owners, tag);

  return (BfyGuardOwner){ owner->kind, owner->id };
}

gboolean
bfy_guard_has_decoys (BfyGuard *self)
{
  bfy_guard_peek_set (self);

  return self->n_decoys > 0;
}

char *
bfy_guard_clean_text (BfyGuard *self, const char *text)
{
  BfyLeakSet *set = bfy_guard_peek_set (self);
  gsize length = strlen (text);
  BfyLeak leak;
  char *copy;

  if (bfy_leak_set_is_empty (set) || !bfy_leak_set_find (set, text, length, 0, &leak))
    return NULL;
  copy = g_strdup (text);
  bfy_leak_set_mask (set, copy, length);

  return copy;
}

GList *
bfy_guard_add_keeper (BfyGuard *self, BfyGuardFunc func, gpointer user_data)
{
  Keeper *keeper = g_new0 (Keeper, 1);

  keeper->func = func;
  keeper->user_data = user_data;
  g_queue_push_tail (&self->keepers, keeper);

  return self->keepers.tail;
}

void
bfy_guard_remove_keeper (BfyGuard *self, GList *keeper)
{
  g_free (keeper->data);
  g_queue_delete_link (&self->keepers, keeper);
}

/* Patterns of what has gone are not kept until somebody asks. */
static void
drop_set (BfyGuard *self)
{
  g_clear_pointer (&self->set, bfy_leak_set_unref);
  self->is_current = FALSE;
}

static void
on_credentials_changed (BfyCredentials *credentials, gboolean is_loss, gpointer user_data)
{
  BfyGuard *self = user_data;

  drop_set (self);
  for (GList *link = self->keepers.head; is_loss && link != NULL; link = link->next)
    {
      const Keeper *keeper = link->data;

      keeper->func (keeper->user_data);
    }
}

static void
on_decoys_changed (BfyRegistry *registry, gpointer user_data)
{
  drop_set (user_data);
}

BfyGuard *
bfy_guard_new (BfyCredentials *credentials, BfyRegistry *registry)
{
  BfyGuard *self = g_new0 (BfyGuard, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->credentials = g_object_ref (credentials);
  self->registry = g_object_ref (registry);
  self->owners = g_ptr_array_new_with_free_func (owner_free);
  self->tags = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&self->keepers);
  self->changed_id =
      g_signal_connect (credentials, "changed", G_CALLBACK (on_credentials_changed), self);
  self->decoys_id =
      g_signal_connect (registry, "decoys-changed", G_CALLBACK (on_decoys_changed), self);

  return self;
}

BfyGuard *
bfy_guard_ref (BfyGuard *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_guard_unref (BfyGuard *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_signal_handler (&self->changed_id, self->credentials);
  g_clear_signal_handler (&self->decoys_id, self->registry);
  g_clear_pointer (&self->set, bfy_leak_set_unref);
  g_queue_clear_full (&self->keepers, g_free);
  g_hash_table_unref (self->tags);
  g_ptr_array_unref (self->owners);
  g_object_unref (self->credentials);
  g_object_unref (self->registry);
  g_free (self);
}
