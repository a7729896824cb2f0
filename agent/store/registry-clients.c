/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "agent/store/registry-private.h"
#include "protocol/error.h"
#include "protocol/name.h"

BfyStoredClient *
bfy_registry_find_stored (BfyRegistry *self, const char *id)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];

      if (strcmp (stored->client->id, id) == 0)
        return stored;
    }

  return NULL;
}

gboolean
bfy_registry_has_client (BfyRegistry *self, const char *id)
{
  return bfy_registry_find_stored (self, id) != NULL;
}

/* The names without @old, with @new_name in its place unless that is NULL. */
static GStrv
replace_name (GStrv names, const char *old_name, const char *new_name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *name = strcmp (names[i], old_name) == 0 ? new_name : names[i];

      if (name != NULL)
        g_strv_builder_add (builder, name);
    }

  return g_strv_builder_end (builder);
}

/* The store keeps limitations by id; what clients show in memory has to follow a name that changes
 * or goes. Whoever holds a client keeps the one they were given. */
void
bfy_registry_rename_in_clients (BfyRegistry *self, const char *old_name, const char *new_name)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];
      BfyClient *changed;

      if (stored->client->bindings == NULL ||
          !g_strv_contains ((const char *const *) stored->client->bindings, old_name))
        continue;

      changed = bfy_client_copy (stored->client);
      g_strfreev (changed->bindings);
      changed->bindings = replace_name (stored->client->bindings, old_name, new_name);
      bfy_client_unref (stored->client);
      stored->client = changed;
    }
}

/* Every client is compared, whether one was found or not, so that neither the time nor the answer
 * tells how close a guess came. */
BfyClient *
bfy_registry_authenticate (BfyRegistry *self, const BfySecret *key)
{
  gboolean is_key = key != NULL && bfy_secret_length (key) == BFY_CLIENT_KEY_BYTES;
  guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];
  BfyClient *match = NULL;

  bfy_client_key_hash (is_key ? key : self->no_key, hash);
  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];

      if (CRYPTO_memcmp (stored->hash, hash, sizeof hash) == 0)
        match = stored->client;
    }

  return is_key ? match : NULL;
}

GPtrArray *
bfy_registry_clients (BfyRegistry *self)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_client_unref);

  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];

      g_ptr_array_add (clients, bfy_client_ref (stored->client));
    }

  return clients;
}

gboolean
bfy_registry_set_decoy (BfyRegistry *self, const char *client_id, BfySecret *decoy, GError **error)
{
  BfyStoredClient *stored = bfy_registry_find_stored (self, client_id);
  BfyClient *changed;

  if (stored == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no such client");
      return FALSE;
    }
  if (!bfy_store_set_decoy (self->store, client_id, decoy, error))
    return FALSE;

  g_clear_pointer (&stored->decoy, bfy_secret_unref);
  stored->decoy = decoy != NULL ? bfy_secret_ref (decoy) : NULL;
  changed = bfy_client_copy (stored->client);
  changed->has_decoy = decoy != NULL;
  bfy_client_unref (stored->client);
  stored->client = changed;
  g_signal_emit_by_name (self, "decoys-changed");

  return TRUE;
}

void
bfy_registry_foreach_decoy (BfyRegistry *self, BfyDecoyFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];

      if (stored->decoy != NULL)
        func (stored->client->id, stored->decoy, user_data);
    }
}

BfyClient *
bfy_registry_find_client (BfyRegistry *self, const char *id_or_label, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (id_or_label, BFY_LABEL_LENGTH_MAX);
  BfyStoredClient *match = bfy_registry_find_stored (self, id_or_label);
  guint n_labels = 0;

  if (match != NULL)
    return match->client;

  for (guint i = 0; i < self->clients->len; i++)
    {
      BfyStoredClient *stored = self->clients->pdata[i];

      if (strcmp (stored->client->label, id_or_label) == 0)
        {
          match = stored;
          n_labels++;
        }
    }
  if (n_labels == 1)
    return match->client;

  if (n_labels == 0)
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no client “%s”", shown);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                 "%u clients are called “%s”; use the id", n_labels, shown);
  return NULL;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  const char *const *first = a;
  const char *const *second = b;

  return strcmp (*first, *second);
}

/* As the store gives them back: sorted, each once. NULL (all bindings) stays NULL, and an empty
 * list stays an empty list. */
static GStrv
tidy_names (const char *const *names)
{
  g_autoptr (GStrvBuilder) tidy = g_strv_builder_new ();
  g_auto (GStrv) sorted = g_strdupv ((char **) names);

  if (sorted == NULL)
    return NULL;

  qsort (sorted, g_strv_length (sorted), sizeof (char *), compare_texts);
  for (guint i = 0; sorted[i] != NULL; i++)
    {
      if (i == 0 || strcmp (sorted[i - 1], sorted[i]) != 0)
        g_strv_builder_add (tidy, sorted[i]);
    }

  return g_strv_builder_end (tidy);
}

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  const BfyStoredClient *const *first = a;
  const BfyStoredClient *const *second = b;
  int order = strcmp ((*first)->client->label, (*second)->client->label);

  return order != 0 ? order : strcmp ((*first)->client->id, (*second)->client->id);
}

BfyClient *
bfy_registry_add_client_with_key (BfyRegistry *self,
                                  const char *id,
                                  const char *label,
                                  const char *const *bindings,
                                  const BfySecret *key,
                                  GError **error)
{
  g_autofree char *tidy_label = bfy_label_normalize (label, error);
  g_auto (GStrv) names = tidy_names (bindings);
  g_autoptr (BfyStoredClient) stored = g_new0 (BfyStoredClient, 1);
  BfyClient *client;

  if (tidy_label == NULL)
    return NULL;

  stored->client = bfy_client_new (id, tidy_label, (const char *const *) names);
  stored->client->created_at_s = g_get_real_time () / G_USEC_PER_SEC;
  bfy_client_key_hash (key, stored->hash);
  if (!bfy_store_add_client (self->store, stored->client, stored->hash, error))
    return NULL;

  client = bfy_client_ref (stored->client);
  g_ptr_array_add (self->clients, g_steal_pointer (&stored));
  g_ptr_array_sort (self->clients, compare_labels);

  return client;
}

BfyClient *
bfy_registry_add_client (BfyRegistry *self,
                         const char *label,
                         const char *const *bindings,
                         BfySecret **key,
                         GError **error)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (BfySecret) made = bfy_client_key_new (error);
  BfyClient *client;

  if (made == NULL)
    return NULL;
  client = bfy_registry_add_client_with_key (self, id, label, bindings, made, error);
  if (client != NULL)
    *key = g_steal_pointer (&made);

  return client;
}

gboolean
bfy_registry_remove_client (BfyRegistry *self, const char *id, GError **error)
{
  BfyStoredClient *stored = bfy_registry_find_stored (self, id);
  g_autoptr (BfyClient) removed = NULL;

  if (stored == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no such client");
      return FALSE;
    }
  if (!bfy_store_remove_client (self->store, id, error))
    return FALSE;

  removed = bfy_client_ref (stored->client);
  g_ptr_array_remove (self->clients, stored);
  if (removed->has_decoy)
    g_signal_emit_by_name (self, "decoys-changed");
  g_signal_emit_by_name (self, "client-removed", removed);

  return TRUE;
}
