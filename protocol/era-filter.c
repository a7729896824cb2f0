/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/era-bridge.h"

#define URIS_MAX 256 /* of one listen */

typedef struct
{
  const char *name;         /* in the filter */
  const char *notification; /* that it lets through */
  const char *capability;   /* of the server, whose member listChanged it needs */
  gsize offset;             /* of the gboolean in BfyEraFilter */
} FilterRow;

static const FilterRow rows[] = {
  { "toolsListChanged", "notifications/tools/list_changed", "tools",
    G_STRUCT_OFFSET (BfyEraFilter, tools) },
  { "promptsListChanged", "notifications/prompts/list_changed", "prompts",
    G_STRUCT_OFFSET (BfyEraFilter, prompts) },
  { "resourcesListChanged", "notifications/resources/list_changed", "resources",
    G_STRUCT_OFFSET (BfyEraFilter, resources) },
};

static gboolean
is_true (const BfyJsonSlice *object, const char *name)
{
  BfyJsonSlice value;

  return bfy_json_slice_member (object, name, &value) && value.type == BFY_JSON_TRUE;
}

static GStrv
read_uris (const BfyJsonSlice *notifications)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  BfyJsonSlice array, key, value;
  BfyJsonIter iter;
  guint n = 0;

  if (!bfy_json_slice_member (notifications, "resourceSubscriptions", &array) ||
      array.type != BFY_JSON_ARRAY)
    return NULL;

  bfy_json_iter_init (&iter, &array);
  while (n < URIS_MAX && bfy_json_iter_next (&iter, &key, &value))
    {
      g_autofree char *uri = bfy_json_slice_dup_string (&value);

      if (uri == NULL)
        continue;
      g_strv_builder_add (builder, uri);
      n++;
    }

  return n > 0 ? g_strv_builder_end (builder) : NULL;
}

void
bfy_era_filter_read (const BfyJsonSlice *notifications, BfyEraFilter *filter)
{
  memset (filter, 0, sizeof *filter);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    G_STRUCT_MEMBER (gboolean, filter, rows[i].offset) = is_true (notifications, rows[i].name);
  filter->uris = read_uris (notifications);
}

void
bfy_era_filter_clear (BfyEraFilter *filter)
{
  g_clear_pointer (&filter->uris, g_strfreev);
}

static void
append_uris (GString *out, GStrv uris)
{
  g_string_append (out, "\"resourceSubscriptions\":[");
  for (guint i = 0; uris[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      bfy_json_append_string (out, uris[i], -1);
    }
  g_string_append_c (out, ']');
}

char *
bfy_era_filter_to_json (const BfyEraFilter *filter)
{
  GString *out = g_string_new ("{");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (G_STRUCT_MEMBER (gboolean, filter, rows[i].offset))
      g_string_append_printf (out, "\"%s\":true,", rows[i].name);
  if (filter->uris != NULL)
    append_uris (out, filter->uris);
  else if (out->len > 1)
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}

gboolean
bfy_era_filter_takes (const BfyEraFilter *filter, const char *method, const char *uri)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (method, rows[i].notification) == 0)
      return G_STRUCT_MEMBER (gboolean, filter, rows[i].offset);

  return g_strcmp0 (method, "notifications/resources/updated") == 0 && uri != NULL &&
         filter->uris != NULL && g_strv_contains ((const char *const *) filter->uris, uri);
}

void
bfy_era_filter_limit (BfyEraFilter *filter, const BfyJsonSlice *capabilities)
{
  BfyJsonSlice capability;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (!bfy_json_slice_member (capabilities, rows[i].capability, &capability) ||
        !is_true (&capability, "listChanged"))
      G_STRUCT_MEMBER (gboolean, filter, rows[i].offset) = FALSE;
  if (!bfy_json_slice_member (capabilities, "resources", &capability) ||
      !is_true (&capability, "subscribe"))
    g_clear_pointer (&filter->uris, g_strfreev);
}
