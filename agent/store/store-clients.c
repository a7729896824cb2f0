/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A client's limitation is kept as binding ids, so that it follows a binding that is renamed, and
 * with a mark of its own, so that a client whose last binding was removed may use nothing instead
 * of everything (behaviour 3.4). */

#include <string.h>

#include "agent/store/store-private.h"
#include "protocol/name.h"

void
bfy_stored_client_free (BfyStoredClient *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->client, bfy_client_unref);
  g_clear_pointer (&self->decoy, bfy_secret_unref);
  g_free (self);
}

/* NULL with an error, or the names. */
static GStrv
load_names (BfyStore *self, const char *client_id, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LOAD_CLIENT_BINDINGS);
  g_autoptr (GError) local_error = NULL;

  bfy_query_bind_text (&query, client_id);
  while (bfy_query_step (&query, &local_error))
    {
      g_autofree char *name = bfy_query_take_text (&query);

      g_strv_builder_add (names, name);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_strv_builder_end (names);
}

static BfySecret *
take_decoy (BfyQuery *query)
{
  g_auto (BfyWipedText) text = bfy_query_take_text (query);

  return text != NULL ? bfy_secret_new (text, strlen (text)) : NULL;
}

/* In the order of BFY_SQL_LOAD_CLIENTS. */
static BfyStoredClient *
read_client (BfyStore *self, BfyQuery *query, GError **error)
{
  g_autoptr (BfyStoredClient) stored = g_new0 (BfyStoredClient, 1);
  g_autofree char *id = bfy_query_take_text (query);
  g_autofree char *label = bfy_query_take_text (query);
  gboolean has_hash = bfy_query_take_bytes (query, stored->hash, sizeof stored->hash);
  gboolean is_limited = bfy_query_take_int (query) != 0;
  g_auto (GStrv) names = NULL;

  if (!has_hash)
    {
      bfy_store_set_damaged (self, "the record of a client cannot be understood", error);
      return NULL;
    }
  if (is_limited)
    {
      names = load_names (self, id, error);
      if (names == NULL)
        return NULL;
    }
  stored->client = bfy_client_new (id, label, (const char *const *) names);
  stored->client->created_at_s = bfy_query_take_int (query);
  stored->client->last_used_at_s = bfy_query_take_int (query);
  stored->decoy = take_decoy (query);
  stored->client->has_decoy = stored->decoy != NULL;

  return g_steal_pointer (&stored);
}

GPtrArray *
bfy_store_load_clients (BfyStore *self, GError **error)
{
  g_autoptr (GPtrArray) clients =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_stored_client_free);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LOAD_CLIENTS);
  g_autoptr (GError) local_error = NULL;

  while (bfy_query_step (&query, &local_error))
    {
      BfyStoredClient *stored = read_client (self, &query, error);

      if (stored == NULL)
        return NULL;
      g_ptr_array_add (clients, stored);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&clients);
}

static char *
find_binding_id (BfyStore *self, const char *name, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_FIND_BINDING);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown = NULL;

  bfy_query_bind_text (&query, name);
  if (bfy_query_step (&query, &local_error))
    return bfy_query_take_text (&query);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  shown = bfy_text_to_line (name, BFY_NAME_LENGTH_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no binding called “%s”", shown);

  return NULL;
}

static gboolean
add_limitation (BfyStore *self, const char *client_id, const char *name, GError **error)
{
  g_autofree char *binding_id = find_binding_id (self, name, error);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_ADD_CLIENT_BINDING);

  if (binding_id == NULL)
    return FALSE;
  bfy_query_bind_text (&query, client_id);
  bfy_query_bind_text (&query, binding_id);

  return bfy_query_run (&query, error);
}

static gboolean
write_client (BfyStore *self, const BfyClient *client, const guint8 *hash, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_ADD_CLIENT);

  bfy_query_bind_text (&query, client->id);
  bfy_query_bind_text (&query, client->label);
  bfy_query_bind_bytes (&query, hash, BFY_CLIENT_KEY_HASH_BYTES);
  bfy_query_bind_int (&query, client->bindings != NULL);
  bfy_query_bind_int (&query, client->created_at_s);
  bfy_query_bind_int (&query, client->last_used_at_s);
  if (!bfy_query_run (&query, error))
    return FALSE;

  for (guint i = 0; client->bindings != NULL && client->bindings[i] != NULL; i++)
    {
      if (!add_limitation (self, client->id, client->bindings[i], error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_store_add_client (BfyStore *self,
                      const BfyClient *client,
                      const guint8 hash[BFY_CLIENT_KEY_HASH_BYTES],
                      GError **error)
{
  if (!bfy_store_begin (self, error))
    return FALSE;

  return bfy_store_end (self, write_client (self, client, hash, error), error);
}

gboolean
bfy_store_set_decoy (BfyStore *self, const char *client_id, const BfySecret *decoy, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_SET_DECOY);

  bfy_query_bind_text (&query, client_id);
  bfy_query_bind_text (&query, decoy != NULL ? bfy_secret_peek_text (decoy) : NULL);

  return bfy_query_run (&query, error);
}

gboolean
bfy_store_remove_client (BfyStore *self, const char *id, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_REMOVE_CLIENT);

  bfy_query_bind_text (&query, id);
  if (!bfy_query_run (&query, error))
    return FALSE;
  if (sqlite3_changes (self->database) == 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no such client");
      return FALSE;
    }

  return TRUE;
}
