/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"
#include "protocol/translation.h"

#define TEXT_MAX 400

static JsonObject *
find (JsonObject *reply, const char *name)
{
  for (guint i = 0; i < bfy_field_count (reply, "settings"); i++)
    {
      JsonObject *setting = bfy_field_nth (reply, "settings", i);

      if (strcmp (bfy_field_text (setting, "name"), name) == 0)
        return setting;
    }

  return NULL;
}

static void
print_all (JsonObject *reply)
{
  static const char *const headings[] = { NC_ ("column", "SETTING"), NC_ ("column", "VALUE"),
                                          NC_ ("column", "WHAT IT IS"), NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *file = bfy_text_to_line (bfy_field_text (reply, "file"), TEXT_MAX);
  g_autofree char *text = NULL;

  for (guint i = 0; i < bfy_field_count (reply, "settings"); i++)
    {
      JsonObject *setting = bfy_field_nth (reply, "settings", i);
      const char *cells[] = { bfy_field_text (setting, "name"), bfy_field_text (setting, "value"),
                              bfy_translation_find (bfy_field_text (setting, "meaning")) };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s\n", text);
  bfy_cli_print (_ ("They are kept in %s.\n“bindify settings NAME VALUE” changes one.\n"), file);
}

/* What the agent goes by just now, when that is something else. */
static void
print_difference (JsonObject *setting)
{
  g_autofree char *running = bfy_text_to_line (bfy_field_text (setting, "running"), TEXT_MAX);

  if (bfy_field_boolean (setting, "is_overridden"))
    bfy_cli_print (_ ("The agent was started with %s on its command line, and goes by that.\n"),
                   running);
  else if (bfy_field_boolean (setting, "needs_restart"))
    bfy_cli_print (_ ("The agent goes by %s until it is started anew: systemctl --user restart "
                      "bindify\n"),
                   running);
}

static void
print_problems (JsonObject *reply)
{
  JsonArray *problems = bfy_field_array (reply, "problems");

  for (guint i = 0; problems != NULL && i < json_array_get_length (problems); i++)
    {
      JsonNode *node = json_array_get_element (problems, i);
      g_autofree char *line = JSON_NODE_HOLDS_VALUE (node)
                                  ? bfy_text_to_line (json_node_get_string (node), TEXT_MAX)
                                  : NULL;

      if (line != NULL)
        bfy_cli_warn ("%s", line);
    }
}

static gboolean
fail_unknown (BfyCli *cli, const char *name, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (name, TEXT_MAX);

  bfy_cli_set_hint (cli, _ ("bindify settings, which lists them"));
  g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, _ ("There is no setting called “%s”"), shown);

  return FALSE;
}

static gboolean
show (BfyCli *cli, const char *name, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/settings", NULL, error);
  JsonObject *setting;

  if (reply == NULL)
    return FALSE;
  if (name == NULL && cli->is_json)
    {
      bfy_cli_print_member (reply, "settings");
      return TRUE;
    }
  if (name == NULL)
    {
      print_all (reply);
      print_problems (reply);
      return TRUE;
    }
  setting = find (reply, name);
  if (setting == NULL)
    return fail_unknown (cli, name, error);
  if (cli->is_json)
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), setting);

      bfy_cli_print_json (node);
      return TRUE;
    }
  bfy_cli_print ("%s\n", bfy_field_text (setting, "value"));
  print_difference (setting);

  return TRUE;
}

static gboolean
change (BfyCli *cli, const char *name, const char *value, GError **error)
{
  JsonObject *body = json_object_new ();
  g_autoptr (JsonObject) reply = NULL;
  JsonObject *setting;

  if (value != NULL)
    json_object_set_string_member (body, name, value);
  else
    json_object_set_null_member (body, name);
  reply = bfy_cli_call_json (cli, "PATCH", "/v1/settings", body, error);
  if (reply == NULL)
    {
      if (cli->hint == NULL)
        bfy_cli_set_hint (cli, _ ("bindify settings, which lists them"));
      return FALSE;
    }

  setting = find (reply, name);
  if (setting == NULL)
    return fail_unknown (cli, name, error);
  /* Translators: a setting, and its value. */
  bfy_cli_print (_ ("%s is %s now.\n"), name, bfy_field_text (setting, "value"));
  print_difference (setting);

  return TRUE;
}

gboolean
bfy_command_settings (BfyCli *cli, GStrv words, GError **error)
{
  gboolean is_default = FALSE;
  const GOptionEntry entries[] = {
    { "default", 0, 0, G_OPTION_ARG_NONE, &is_default, N_ ("Go back to what is built in"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL)
    return FALSE;
  if (is_default && (others[0] == NULL || others[1] != NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--default takes the name of one setting and no value"));
      return FALSE;
    }
  if (is_default || (others[0] != NULL && others[1] != NULL))
    return change (cli, others[0], others[1], error);

  return show (cli, others[0], error);
}
