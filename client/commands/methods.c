/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"
#include "protocol/translation.h"

static gboolean
is_listed (JsonArray *names, const char *name)
{
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
          strcmp (json_node_get_string (node), name) == 0)
        return TRUE;
    }

  return FALSE;
}

/* “owner repo [labels]”. */
static char *
format_arguments (JsonObject *method)
{
  JsonObject *schema = bfy_field_object (method, "schema");
  JsonObject *properties = schema != NULL ? bfy_field_object (schema, "properties") : NULL;
  JsonArray *required = schema != NULL ? bfy_field_array (schema, "required") : NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;

  if (properties == NULL)
    return g_strdup ("");
  json_object_iter_init_ordered (&iter, properties);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    g_string_append_printf (out, is_listed (required, name) ? "%s%s" : "%s[%s]",
                            out->len > 0 ? " " : "", name);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
print_table (JsonObject *reply)
{
  static const char *const headings[] = { N_ ("METHOD"), N_ ("ACCESS"), N_ ("ARGUMENTS"),
                                          N_ ("WHAT IT DOES"), NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < bfy_field_count (reply, "methods"); i++)
    {
      JsonObject *method = bfy_field_nth (reply, "methods", i);
      g_autofree char *arguments = format_arguments (method);
      const char *const cells[] = { bfy_field_text (method, "name"),
                                    bfy_field_text (method, "access"), arguments,
                                    bfy_translation_find (bfy_field_text (method, "title")) };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
}

gboolean
bfy_command_methods (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *binding = NULL;
  g_autofree char *path = NULL;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  binding = bfy_cli_path ("bindings", others[0]);
  path = g_strconcat (binding, "/methods", NULL);
  reply = bfy_cli_call (cli, "GET", path, NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    bfy_cli_print_member (reply, "methods");
  else
    print_table (reply);

  return TRUE;
}
