/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-match.h"

#define ATTRIBUTE_APP "app"
#define ATTRIBUTE_BINDING "binding"
#define APP "bindify"

const SecretSchema bfy_secret_schema = {
  .name = "io.bindify.Credential",
  .flags = SECRET_SCHEMA_DONT_MATCH_NAME,
  .attributes = { { ATTRIBUTE_APP, SECRET_SCHEMA_ATTRIBUTE_STRING },
                  { ATTRIBUTE_BINDING, SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

GHashTable *
bfy_secret_match_attributes (const char *id)
{
  GHashTable *attributes = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (attributes, (gpointer) ATTRIBUTE_APP, (gpointer) APP);
  if (id != NULL)
    g_hash_table_insert (attributes, (gpointer) ATTRIBUTE_BINDING, (gpointer) id);

  return attributes;
}

char *
bfy_secret_match_dup_id (SecretItem *item)
{
  g_autoptr (GHashTable) attributes = secret_item_get_attributes (item);

  if (g_strcmp0 (g_hash_table_lookup (attributes, ATTRIBUTE_APP), APP) != 0)
    return NULL;

  return g_strdup (g_hash_table_lookup (attributes, ATTRIBUTE_BINDING));
}

gboolean
bfy_secret_match_is_for (SecretItem *item, const char *id)
{
  g_autofree char *item_id = bfy_secret_match_dup_id (item);

  return g_strcmp0 (item_id, id) == 0;
}

gboolean
bfy_secret_match_is_for_attributes (GVariant *attributes, const char *id)
{
  const char *app, *binding;

  return g_variant_lookup (attributes, ATTRIBUTE_APP, "&s", &app) && g_str_equal (app, APP) &&
         g_variant_lookup (attributes, ATTRIBUTE_BINDING, "&s", &binding) &&
         g_str_equal (binding, id);
}

gboolean
bfy_secret_match_has_locked (GList *items)
{
  for (GList *link = items; link != NULL; link = link->next)
    {
      if (secret_item_get_locked (link->data))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_newer (SecretItem *item, SecretItem *than)
{
  return than == NULL || secret_item_get_modified (item) > secret_item_get_modified (than);
}

BfySecretFound
bfy_secret_match_judge (GList *items, const char *id, SecretItem **item)
{
  g_autoptr (SecretValue) value = NULL;

  *item = NULL;
  for (GList *link = items; link != NULL; link = link->next)
    {
      SecretItem *candidate = link->data;

      if (!secret_item_get_locked (candidate) && bfy_secret_match_is_for (candidate, id) &&
          is_newer (candidate, *item))
        *item = candidate;
    }
  if (*item == NULL)
    return bfy_secret_match_has_locked (items) ? BFY_SECRET_FOUND_LOCKED : BFY_SECRET_FOUND_NOTHING;

  value = secret_item_get_secret (*item);

  return value != NULL ? BFY_SECRET_FOUND : BFY_SECRET_FOUND_STALE;
}
