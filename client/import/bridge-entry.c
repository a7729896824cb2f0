/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Clients differ in how they write down a program: what stands there tells which way it is. */

#include "client/import/bridge-entry.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/rewrite/rewrite.h"
#include "protocol/error.h"

#define BRIDGE "bindify-mcp"

/* Members that mean the same for any program. */
static const char *const kept[] = { "name",   "description", "disabled", "enabled",
                                    "source", "timeout",     "bundled",  NULL };

static JsonArray *
words (gboolean with_program, const char *name)
{
  JsonArray *array = json_array_new ();

  if (with_program)
    json_array_add_string_element (array, BRIDGE);
  json_array_add_string_element (array, name);

  return array;
}

/* TOML and YAML have other plain values; those stay behind. */
static void
keep (JsonObject *object, const BfyPlace *old)
{
  for (guint i = 0; kept[i] != NULL; i++)
    {
      const BfyPlace *place = bfy_place_find_member (old, kept[i]);

      if (place == NULL || place->text == NULL)
        continue;
      if (place->kind == BFY_PLACE_TEXT)
        json_object_set_string_member (object, kept[i], place->text);
      else if (strcmp (place->text, "true") == 0 || strcmp (place->text, "false") == 0)
        json_object_set_boolean_member (object, kept[i], strcmp (place->text, "true") == 0);
      else if (strspn (place->text, "0123456789") == strlen (place->text))
        json_object_set_int_member (object, kept[i], g_ascii_strtoll (place->text, NULL, 10));
    }
}

static JsonNode *
build (const BfyPlace *old, const char *name)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  const BfyPlace *command = bfy_place_find_member (old, "command");
  const char *type = bfy_place_get_text (old, "type");
  gboolean is_goose =
      bfy_place_find_member (old, "cmd") != NULL || bfy_place_find_member (old, "uri") != NULL;
  gboolean is_opencode =
      (command != NULL && command->kind == BFY_PLACE_LIST) || g_strcmp0 (type, "remote") == 0;

  json_object_unref (object);
  keep (object, old);
  if (is_opencode)
    {
      json_object_set_string_member (object, "type", "local");
      json_object_set_array_member (object, "command", words (TRUE, name));
      return node;
    }
  if (type != NULL)
    json_object_set_string_member (object, "type", "stdio");
  json_object_set_string_member (object, is_goose ? "cmd" : "command", BRIDGE);
  json_object_set_array_member (object, "args", words (FALSE, name));

  return node;
}

static BfyForm
form_of (BfyScanFormat format)
{
  if (format == BFY_SCAN_TOML)
    return BFY_FORM_TOML;

  return format == BFY_SCAN_YAML ? BFY_FORM_YAML : BFY_FORM_JSON;
}

char *
bfy_bridge_entry_put (
    BfyScanFormat format, const char *text, const BfyFind *find, const char *name, GError **error)
{
  BfyForm form = form_of (format);
  g_autoptr (BfyPlace) root = bfy_place_parse (form, text, strlen (text), error);
  const char *const *path = (const char *const *) find->path;
  const BfyPlace *old = root != NULL ? bfy_place_find (root, path) : NULL;
  g_autoptr (JsonNode) node = NULL;

  if (root == NULL)
    return NULL;
  if (old == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("the server’s entry is not there any more"));
      return NULL;
    }
  node = build (old, name);

  return bfy_rewrite_set (form, text, path, node, error);
}
