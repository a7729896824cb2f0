/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/store/registry-private.h"
#include "protocol/error.h"
#include "protocol/name.h"

enum
{
  SIGNAL_BINDING_CHANGED,
  SIGNAL_TOKENS_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Puts @binding (transfer full) where the record of the same id was. */
static void
put_binding (BfyRegistry *self, BfyBinding *binding)
{
  BfyBinding *old = g_hash_table_lookup (self->by_id, binding->id);

  if (old != NULL)
    g_hash_table_remove (self->by_name, old->name);
  g_hash_table_replace (self->by_id, binding->id, binding);
  g_hash_table_replace (self->by_name, binding->name, binding);
}

static gboolean
load (BfyRegistry *self, GError **error)
{
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (self->store, error);

  if (bindings == NULL)
    return FALSE;
  for (guint i = 0; i < bindings->len; i++)
    put_binding (self, bfy_binding_ref (bindings->pdata[i]));

  self->clients = bfy_store_load_clients (self->store, error);

  return self->clients != NULL;
}

BfyRegistry *
bfy_registry_new (BfyStore *store, GError **error)
{
  g_autoptr (BfyRegistry) self = g_object_new (BFY_TYPE_REGISTRY, NULL);

  self->store = g_object_ref (store);
  if (!load (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

BfyBinding *
bfy_registry_find (BfyRegistry *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

BfyBinding *
bfy_registry_find_by_id (BfyRegistry *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

guint
bfy_registry_n_bindings (BfyRegistry *self)
{
  return g_hash_table_size (self->by_id);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const BfyBinding *const *first = a;
  const BfyBinding *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

GPtrArray *
bfy_registry_bindings (BfyRegistry *self)
{
  GPtrArray *bindings = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_binding_unref);
  GHashTableIter iter;
  gpointer binding;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &binding))
    g_ptr_array_add (bindings, bfy_binding_ref (binding));
  g_ptr_array_sort (bindings, compare_names);

  return bindings;
}

void
bfy_registry_set_bindings_max (BfyRegistry *self, guint n_max)
{
  self->n_bindings_max = n_max;
}

guint
bfy_registry_get_bindings_max (BfyRegistry *self)
{
  return self->n_bindings_max;
}

guint
bfy_registry_n_not_paused (BfyRegistry *self)
{
  guint n = 0;
  GHashTableIter iter;
  gpointer binding;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &binding))
    n += ((BfyBinding *) binding)->state != BFY_STATE_PAUSED;

  return n;
}

gboolean
bfy_registry_check_room (BfyRegistry *self, GError **error)
{
  guint n = bfy_registry_n_not_paused (self);

  if (self->n_bindings_max == 0 || n < self->n_bindings_max)
    return TRUE;

  g_set_error (
      error, BFY_ERROR, BFY_ERROR_TOO_MANY,
      "There may be %u bindings that are not paused, as bindings_max in bindify.conf says, "
      "and there are %u; pausing or removing one makes room",
      self->n_bindings_max, n);

  return FALSE;
}

gboolean
bfy_registry_add (BfyRegistry *self, const BfyBinding *binding, GError **error)
{
  g_autoptr (BfyBinding) added = bfy_binding_copy (binding);

  if (!bfy_store_add_binding (self->store, added, error))
    return FALSE;

  put_binding (self, bfy_binding_ref (added));
  g_signal_emit (self, signals[SIGNAL_BINDING_CHANGED], 0, NULL, added);

  return TRUE;
}

static BfyBinding *
find_by_id_or_fail (BfyRegistry *self, const char *id, GError **error)
{
  BfyBinding *binding = bfy_registry_find_by_id (self, id);

  if (binding == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no such binding");

  return binding;
}

/* Things may have happened to the record since the caller made its copy. Uses are counted anew when
 * they are limited anew. */
static void
keep_what_is_newer (BfyBinding *updated, const BfyBinding *old)
{
  updated->last_used_at_s = MAX (updated->last_used_at_s, old->last_used_at_s);
  if (updated->constraints == old->constraints)
    updated->n_uses = MAX (updated->n_uses, old->n_uses);
  if (updated->refreshed_at_s >= old->refreshed_at_s)
    return;

  updated->expires_at_s = old->expires_at_s;
  updated->issued_at_s = old->issued_at_s;
  updated->refreshed_at_s = old->refreshed_at_s;
  updated->can_refresh = old->can_refresh;
}

gboolean
bfy_registry_update (BfyRegistry *self, const BfyBinding *binding, GError **error)
{
  g_autoptr (BfyBinding) updated = bfy_binding_copy (binding);
  BfyBinding *found = find_by_id_or_fail (self, binding->id, error);
  g_autoptr (BfyBinding) old = NULL;

  if (found == NULL)
    return FALSE;
  old = bfy_binding_ref (found);
  keep_what_is_newer (updated, old);
  if (!bfy_store_update_binding (self->store, updated, error))
    return FALSE;

  put_binding (self, bfy_binding_ref (updated));
  if (strcmp (old->name, updated->name) != 0)
    bfy_registry_rename_in_clients (self, old->name, updated->name);
  g_signal_emit (self, signals[SIGNAL_BINDING_CHANGED], 0, old, updated);

  return TRUE;
}

gboolean
bfy_registry_remove (BfyRegistry *self, const char *name, GError **error)
{
  BfyBinding *found = bfy_registry_find (self, name);
  g_autoptr (BfyBinding) old = NULL;
  g_autofree char *shown = NULL;

  if (found == NULL)
    {
      shown = bfy_text_to_line (name, BFY_NAME_LENGTH_MAX);
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no binding called “%s”", shown);
      return FALSE;
    }
  old = bfy_binding_ref (found);
  if (!bfy_store_remove_binding (self->store, old->id, error))
    return FALSE;

  g_hash_table_remove (self->by_name, old->name);
  g_hash_table_remove (self->by_id, old->id);
  bfy_registry_rename_in_clients (self, old->name, NULL);
  g_signal_emit (self, signals[SIGNAL_BINDING_CHANGED], 0, old, NULL);

  return TRUE;
}

/* A state is an observation: when it cannot be written, the running agent still goes by it. */
void
bfy_registry_set_state (BfyRegistry *self, const char *id, BfyBindingState state, gint64 now_s)
{
  BfyBinding *old = bfy_registry_find_by_id (self, id);
  gboolean needs_login = state == BFY_STATE_NEEDS_LOGIN;
  gboolean needed_login = old != NULL && old->needs_login_at_s > 0;
  g_autoptr (BfyBinding) updated = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (state != BFY_STATE_PAUSED);
  if (old == NULL || old->state == state ||
      (old->state == BFY_STATE_PAUSED && needs_login == needed_login))
    return;

  updated = bfy_binding_copy (old);
  if (old->state != BFY_STATE_PAUSED)
    updated->state = state;
  updated->needs_login_at_s = needs_login ? now_s : 0;
  if (!bfy_store_update_binding (self->store, updated, &error))
    g_warning ("The state of “%s” is not saved: %s", updated->name, error->message);
  put_binding (self, bfy_binding_ref (updated));
  if (needs_login != needed_login)
    g_signal_emit (self, signals[SIGNAL_TOKENS_CHANGED], 0, updated);
}

/* The same tokens are only noted to be alive; others are as old as this moment. */
void
bfy_registry_set_tokens (BfyRegistry *self,
                         const char *id,
                         gint64 expires_at_s,
                         gint64 refreshed_at_s,
                         gboolean can_refresh)
{
  BfyBinding *old = bfy_registry_find_by_id (self, id);
  g_autoptr (BfyBinding) updated = NULL;
  g_autoptr (GError) error = NULL;

  if (old == NULL)
    return;

  updated = bfy_binding_copy (old);
  if (old->expires_at_s != expires_at_s || old->issued_at_s == 0)
    updated->issued_at_s = refreshed_at_s;
  updated->expires_at_s = expires_at_s;
  updated->refreshed_at_s = refreshed_at_s;
  updated->can_refresh = can_refresh;
  if (!bfy_store_update_binding (self->store, updated, &error))
    g_warning ("When the tokens of “%s” end is not saved: %s", updated->name, error->message);
  put_binding (self, bfy_binding_ref (updated));
  g_signal_emit (self, signals[SIGNAL_TOKENS_CHANGED], 0, updated);
}

static gint64
uses_max_of (const BfyBinding *binding)
{
  return binding != NULL && binding->constraints != NULL ? binding->constraints->uses_max : 0;
}

gboolean
bfy_registry_check_uses (BfyRegistry *self, const char *id, guint n_uses, GError **error)
{
  const BfyBinding *binding = bfy_registry_find_by_id (self, id);
  gint64 uses_max = uses_max_of (binding);

  if (uses_max == 0 || n_uses <= uses_max - binding->n_uses)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "“%s” may be used %" G_GINT64_FORMAT " times, and %" G_GINT64_FORMAT
               " are left; bindify set %s -h uses=N permits more",
               binding->name, uses_max, MAX (uses_max - binding->n_uses, 0), binding->name);
  return FALSE;
}

/* Changed in the shared record, as in bfy_registry_touch(). */
gboolean
bfy_registry_count_uses (BfyRegistry *self, const char *id, guint n_uses, GError **error)
{
  BfyBinding *binding = bfy_registry_find_by_id (self, id);

  if (uses_max_of (binding) == 0 || n_uses == 0)
    return TRUE;
  if (!bfy_registry_check_uses (self, id, n_uses, error) ||
      !bfy_store_set_uses (self->store, id, binding->n_uses + n_uses, error))
    return FALSE;
  binding->n_uses += n_uses;

  return TRUE;
}

/* One of the fields that change in a shared record: whoever holds it wants the newest value. */
void
bfy_registry_touch (BfyRegistry *self, const char *binding_id, const char *client_id, gint64 now_s)
{
  BfyBinding *binding = binding_id != NULL ? bfy_registry_find_by_id (self, binding_id) : NULL;
  BfyStoredClient *stored = client_id != NULL ? bfy_registry_find_stored (self, client_id) : NULL;

  if (binding != NULL)
    {
      binding->last_used_at_s = now_s;
      bfy_store_touch_binding (self->store, binding_id, now_s);
    }
  if (stored != NULL)
    {
      stored->client->last_used_at_s = now_s;
      bfy_store_touch_client (self->store, client_id, now_s);
    }
}

G_DEFINE_FINAL_TYPE (BfyRegistry, bfy_registry, G_TYPE_OBJECT)

static void
bfy_registry_finalize (GObject *object)
{
  BfyRegistry *self = BFY_REGISTRY (object);

  g_clear_object (&self->store);
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_id);
  g_clear_pointer (&self->clients, g_ptr_array_unref);
  bfy_secret_unref (self->no_key);

  G_OBJECT_CLASS (bfy_registry_parent_class)->finalize (object);
}

static void
bfy_registry_class_init (BfyRegistryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_registry_finalize;

  signals[SIGNAL_BINDING_CHANGED] =
      g_signal_new ("binding-changed", BFY_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
  signals[SIGNAL_TOKENS_CHANGED] =
      g_signal_new ("tokens-changed", BFY_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_POINTER);
  (void) g_signal_new ("decoys-changed", BFY_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
  (void) g_signal_new ("client-removed", BFY_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
bfy_registry_init (BfyRegistry *self)
{
  guint8 *zeroes;

  self->by_id =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) bfy_binding_unref);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->no_key = bfy_secret_new_blank (BFY_CLIENT_KEY_BYTES, &zeroes);
}
