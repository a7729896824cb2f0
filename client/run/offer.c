/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/offer.h"

#include <string.h>

#include "client/base-urls.h"
#include "client/fields.h"
#include "protocol/client-key.h"

#define COUNT "GIT_CONFIG_COUNT="
#define PLACEHOLDER "bindify-placeholder-"
#define PLACEHOLDER_BYTES 12

static const char *const rest_types[] = { "http", "local-network", NULL };

BfyRunOffer *
bfy_run_offer_new (JsonObject *binding, JsonObject *service, gboolean is_git)
{
  BfyRunOffer *self = g_new0 (BfyRunOffer, 1);
  JsonObject *facts = bfy_field_object (service, "env");

  self->name = g_strdup (bfy_field_text (binding, "name"));
  self->url = g_strdup (bfy_field_text (binding, "url"));
  self->facts = facts != NULL ? json_object_ref (facts) : json_object_new ();
  self->is_rest = g_strv_contains (rest_types, bfy_field_text (binding, "type"));
  self->is_git = is_git;

  return self;
}

void
bfy_run_offer_free (BfyRunOffer *self)
{
  g_free (self->name);
  g_free (self->url);
  g_free (self->placeholder);
  json_object_unref (self->facts);
  g_free (self);
}

void
bfy_run_offer_make_placeholder (BfyRunOffer *self)
{
  guint32 words[PLACEHOLDER_BYTES / sizeof (guint32)];
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = g_random_int ();
  text = bfy_base64url_encode ((const guint8 *) words, sizeof words);
  g_free (self->placeholder);
  self->placeholder = g_strconcat (PLACEHOLDER, text, NULL);
}

static const char *
find (GPtrArray *list, const char *entry)
{
  gsize length = (gsize) (strchr (entry, '=') - entry) + 1;

  for (guint i = 0; i < list->len; i++)
    {
      if (strncmp (list->pdata[i], entry, length) == 0)
        return list->pdata[i];
    }

  return NULL;
}

static void
add (GPtrArray *list, const char *entry, GPtrArray *clashes)
{
  const char *before = find (list, entry);

  if (before == NULL)
    g_ptr_array_add (list, g_strdup (entry));
  else if (clashes != NULL && strcmp (before, entry) != 0)
    g_ptr_array_add (clashes, g_strndup (entry, (gsize) (strchr (entry, '=') - entry)));
}

/* How many there are is said once, by the last one. */
static void
add_git (GPtrArray *list, const BfyRunOffer *offer, const char *url, guint index)
{
  g_auto (GStrv) entries = bfy_base_urls_list_git (offer->url, url, index);

  for (guint i = 0; i < list->len; i++)
    {
      if (g_str_has_prefix (list->pdata[i], COUNT))
        g_free (g_ptr_array_remove_index (list, i--));
    }
  for (guint i = 0; entries[i] != NULL; i++)
    g_ptr_array_add (list, g_strdup (entries[i]));
}

static void
add_offer (GPtrArray *list, const BfyRunOffer *offer, const char *url, GPtrArray *clashes)
{
  g_auto (GStrv) entries = bfy_base_urls_list (offer->name, url, offer->facts, offer->placeholder);

  for (guint i = 0; entries[i] != NULL; i++)
    add (list, entries[i], clashes);
}

GStrv
bfy_run_offers_list (GPtrArray *offers, guint16 port, const char *key, GPtrArray *clashes)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  guint n_git = 0;

  for (guint i = 0; i < offers->len; i++)
    {
      const BfyRunOffer *offer = offers->pdata[i];
      g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/http/%s/~%s", port, offer->name,
                                              bfy_base_urls_bare_key (key));

      if (offer->is_git)
        add_git (list, offer, url, n_git++);
      if (offer->is_rest)
        add_offer (list, offer, url, clashes);
    }
  g_ptr_array_add (list, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}
