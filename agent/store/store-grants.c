/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/store/store-grants.h"

#include <string.h>

#include "agent/store/store-private.h"

#define TEXT_BYTES_MAX (16 * 1024) /* of anything in a row; names are shorter */

typedef struct
{
  gint64 last_used_at_s;
  gint64 n_uses;
} BfyGrantTouch;

static gboolean
is_text (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= TEXT_BYTES_MAX &&
         g_utf8_validate (text, -1, NULL);
}

static gboolean
is_text_or_nothing (const char *text)
{
  return text == NULL || is_text (text);
}

/* Words of ours, in the order of their columns. */
static gboolean
take_kind (BfyQuery *query, BfyGrant *grant)
{
  g_autofree char *kind = bfy_query_take_text (query);
  g_autofree char *access = NULL;

  grant->name = bfy_query_take_text (query);
  access = bfy_query_take_text (query);

  return bfy_policy_kind_from_wire (kind, &grant->kind) && access != NULL &&
         bfy_access_from_wire (access, &grant->access);
}

static gboolean
take_digest (BfyQuery *query, BfyGrant *grant)
{
  gboolean is_absent = sqlite3_column_type (query->statement, query->next) == SQLITE_NULL;

  grant->has_digest = bfy_query_take_bytes (query, grant->digest, sizeof grant->digest);

  return grant->has_digest || is_absent;
}

static gboolean
take_expiry (BfyQuery *query, BfyExpiry *expiry)
{
  g_autofree char *boot_id = bfy_query_take_text (query);

  if (boot_id == NULL || strlen (boot_id) >= sizeof expiry->boot_id)
    return FALSE;
  g_strlcpy (expiry->boot_id, boot_id, sizeof expiry->boot_id);
  expiry->boot_ms = bfy_query_take_int (query);
  expiry->wall_s = bfy_query_take_int (query);

  return expiry->boot_ms >= 0 && expiry->wall_s >= 0;
}

/* Only what is kept at all; what must end has to have one. */
static gboolean
is_scope_kept (const BfyGrant *grant)
{
  gboolean ends = bfy_expiry_is_set (&grant->expiry);

  if (grant->is_denial || grant->scope == BFY_GRANT_TEN_MINUTES)
    return ends;

  return grant->scope == BFY_GRANT_ALWAYS && !ends && grant->access != BFY_ACCESS_DANGER;
}

static gboolean
take_all (BfyQuery *query, BfyGrant *grant)
{
  g_autofree char *scope = NULL;
  gboolean is_good;
  gint64 n_uses;

  grant->id = bfy_query_take_text (query);
  grant->subject = bfy_query_take_text (query);
  grant->client = bfy_query_take_text (query);
  grant->client_id = bfy_query_take_text (query);
  grant->binding_id = bfy_query_take_text (query);
  grant->method = bfy_query_take_text (query);
  is_good = take_kind (query, grant);
  grant->capability = bfy_query_take_text (query);
  grant->rule = bfy_query_take_text (query);
  is_good &= take_digest (query, grant);
  grant->is_denial = bfy_query_take_int (query) != 0;
  scope = bfy_query_take_text (query);
  is_good &= take_expiry (query, &grant->expiry);
  grant->created_at_s = bfy_query_take_int (query);
  grant->last_used_at_s = bfy_query_take_int (query);
  n_uses = bfy_query_take_int (query);
  grant->n_uses = (guint64) MAX (0, n_uses);
  grant->binding = bfy_query_take_text (query);

  return is_good && bfy_grant_scope_from_wire (scope, &grant->scope) && is_scope_kept (grant);
}

/* NULL when it cannot be understood. */
static BfyGrant *
read_grant (BfyQuery *query)
{
  g_autoptr (BfyGrant) grant = g_new0 (BfyGrant, 1);

  g_atomic_ref_count_init (&grant->ref_count);
  if (!take_all (query, grant) || !is_text (grant->id) || !is_text (grant->subject) ||
      !is_text (grant->client) || !is_text_or_nothing (grant->client_id) ||
      !is_text (grant->binding_id) || !is_text (grant->binding) || !is_text (grant->method) ||
      !is_text_or_nothing (grant->name) || !is_text_or_nothing (grant->capability) ||
      !is_text (grant->rule))
    return NULL;

  return g_steal_pointer (&grant);
}

GPtrArray *
bfy_store_load_grants (BfyStore *self, GError **error)
{
  g_autoptr (GPtrArray) grants = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_grant_unref);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LOAD_GRANTS);
  g_autoptr (GError) local_error = NULL;
  guint n_damaged = 0;

  while (bfy_query_step (&query, &local_error))
    {
      BfyGrant *grant = read_grant (&query);

      if (grant != NULL)
        g_ptr_array_add (grants, grant);
      else
        n_damaged++;
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (n_damaged > 0)
    g_warning ("%u grants in %s cannot be understood and do not count", n_damaged, self->path);

  return g_steal_pointer (&grants);
}

static gboolean
remove_one (BfyStore *self, const char *id, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_REMOVE_GRANT);

  bfy_query_bind_text (&query, id);

  return bfy_query_run (&query, error);
}

static gboolean
remove_each (BfyStore *self, GPtrArray *ids, GError **error)
{
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    if (!remove_one (self, ids->pdata[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
add_one (BfyStore *self, const BfyGrant *grant, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_ADD_GRANT);

  bfy_query_bind_text (&query, grant->id);
  bfy_query_bind_text (&query, grant->subject);
  bfy_query_bind_text (&query, grant->client);
  bfy_query_bind_text (&query, grant->client_id);
  bfy_query_bind_text (&query, grant->binding_id);
  bfy_query_bind_text (&query, grant->method);
  bfy_query_bind_text (&query, bfy_policy_kind_to_wire (grant->kind));
  bfy_query_bind_text (&query, grant->name);
  bfy_query_bind_text (&query, bfy_access_to_wire (grant->access));
  bfy_query_bind_text (&query, grant->capability);
  bfy_query_bind_text (&query, grant->rule);
  if (grant->has_digest)
    bfy_query_bind_bytes (&query, grant->digest, sizeof grant->digest);
  else
    bfy_query_bind_text (&query, NULL);
  bfy_query_bind_int (&query, grant->is_denial);
  bfy_query_bind_text (&query, bfy_grant_scope_to_wire (grant->scope));
  bfy_query_bind_text (&query, grant->expiry.boot_id);
  bfy_query_bind_int (&query, grant->expiry.boot_ms);
  bfy_query_bind_int (&query, grant->expiry.wall_s);
  bfy_query_bind_int (&query, grant->created_at_s);
  bfy_query_bind_int (&query, grant->last_used_at_s);
  bfy_query_bind_int (&query, (gint64) grant->n_uses);

  return bfy_query_run (&query, error);
}

gboolean
bfy_store_add_grant (BfyStore *self, const BfyGrant *grant, GPtrArray *replaced, GError **error)
{
  if (!bfy_store_begin (self, error))
    return FALSE;

  return bfy_store_end (self, remove_each (self, replaced, error) && add_one (self, grant, error),
                        error);
}

gboolean
bfy_store_remove_grants (BfyStore *self, GPtrArray *ids, GError **error)
{
  if (ids->len == 0)
    return TRUE;
  if (bfy_store_begin (self, error) && bfy_store_end (self, remove_each (self, ids, error), error))
    return TRUE;

  for (guint i = 0; i < ids->len; i++)
    g_hash_table_add (self->removed_grants, g_strdup (ids->pdata[i]));
  bfy_store_arm_flush (self);

  return FALSE;
}

void
bfy_store_touch_grant (BfyStore *self, const BfyGrant *grant)
{
  BfyGrantTouch *touch = g_hash_table_lookup (self->touched_grants, grant->id);

  if (self->database == NULL)
    return;
  if (touch == NULL)
    {
      touch = g_new0 (BfyGrantTouch, 1);
      g_hash_table_insert (self->touched_grants, g_strdup (grant->id), touch);
      bfy_store_arm_flush (self);
    }
  touch->last_used_at_s = grant->last_used_at_s;
  touch->n_uses = (gint64) grant->n_uses;
}

static gboolean
write_touch (BfyStore *self, const char *id, const BfyGrantTouch *touch, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_TOUCH_GRANT);

  bfy_query_bind_text (&query, id);
  bfy_query_bind_int (&query, touch->last_used_at_s);
  bfy_query_bind_int (&query, touch->n_uses);

  return bfy_query_run (&query, error);
}

gboolean
bfy_store_write_grants (BfyStore *self, GError **error)
{
  GHashTableIter iter;
  gpointer id, touch;

  g_hash_table_iter_init (&iter, self->removed_grants);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!remove_one (self, id, error))
      return FALSE;
  g_hash_table_iter_init (&iter, self->touched_grants);
  while (g_hash_table_iter_next (&iter, &id, &touch))
    if (!write_touch (self, id, touch, error))
      return FALSE;

  return TRUE;
}

void
bfy_store_note_grants_written (BfyStore *self)
{
  g_hash_table_remove_all (self->removed_grants);
  g_hash_table_remove_all (self->touched_grants);
}

gboolean
bfy_store_has_waiting_grants (BfyStore *self)
{
  return g_hash_table_size (self->removed_grants) > 0 ||
         g_hash_table_size (self->touched_grants) > 0;
}
