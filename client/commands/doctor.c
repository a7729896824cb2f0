/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

static void
print_finding (JsonObject *finding)
{
  g_autofree char *code = bfy_text_to_line (bfy_field_text (finding, "code"), 60);
  g_autofree char *message = bfy_text_to_line (bfy_field_text (finding, "message"), 600);
  g_autofree char *next = bfy_text_to_line (bfy_field_text (finding, "next"), 400);

  bfy_cli_print ("%s: %s\n", code, message);
  if (bfy_field_boolean (finding, "fixable"))
    bfy_cli_print ("  Try: bindify doctor --fix\n");
  else if (*next != '\0')
    bfy_cli_print ("  Try: %s\n", next);
}

static void
print_reply (JsonObject *reply)
{
  JsonObject *protection = bfy_field_object (reply, "protection");
  guint n_findings = bfy_field_count (reply, "findings");

  for (guint i = 0; i < bfy_field_count (reply, "fixed"); i++)
    {
      g_autofree char *message =
          bfy_text_to_line (bfy_field_text (bfy_field_nth (reply, "fixed", i), "message"), 600);

      bfy_cli_print ("Fixed: %s\n", message);
    }
  for (guint i = 0; i < n_findings; i++)
    print_finding (bfy_field_nth (reply, "findings", i));
  if (n_findings == 0)
    bfy_cli_print ("Nothing is wrong.\n");
  if (protection != NULL)
    {
      g_autofree char *level = bfy_text_to_line (bfy_field_text (protection, "level"), 10);
      g_autofree char *meaning = bfy_text_to_line (bfy_field_text (protection, "meaning"), 600);

      bfy_cli_print ("Protection: %s. %s\n", level, meaning);
    }
}

gboolean
bfy_command_doctor (BfyCli *cli, GStrv words, GError **error)
{
  gboolean fixes = FALSE;
  const GOptionEntry entries[] = {
    { "fix", 0, 0, G_OPTION_ARG_NONE, &fixes, "Repair what can be repaired safely", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (others == NULL)
    return FALSE;
  reply = fixes ? bfy_cli_call_json (cli, "POST", "/v1/doctor/fix", json_object_new (), error)
                : bfy_cli_call (cli, "GET", "/v1/doctor", NULL, error);
  if (reply == NULL)
    return FALSE;

  if (cli->is_json)
    {
      node = json_node_init_object (json_node_alloc (), reply);
      bfy_cli_print_json (node);
    }
  else
    {
      print_reply (reply);
    }
  cli->exit_status = bfy_field_count (reply, "findings") > 0 ? 1 : 0;

  return TRUE;
}
