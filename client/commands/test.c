/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/join.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify test NAME`: a handshake with the server, as its programs make it. */

static void
report (JsonObject *reply, const char *name)
{
  g_autofree char *server = bfy_text_to_line (bfy_field_text (reply, "server"), 100);
  g_autofree char *version = bfy_text_to_line (bfy_field_text (reply, "version"), 40);
  g_autofree char *mcp = g_strdup_printf ("MCP %s", version);
  gulong duration_ms = (gulong) MAX (bfy_field_int (reply, "duration_ms"), 0);
  g_autofree char *duration =
      g_strdup_printf (ngettext ("in %lu ms", "in %lu ms", duration_ms), duration_ms);
  g_autofree char *facts = *server != '\0' ? g_strdup (server) : NULL;
  gint64 n_tools = -1; /* not told */

  if (*version != '\0')
    bfy_join_comma (&facts, mcp);
  if (bfy_json_get_int (reply, "n_tools", &n_tools, NULL) && n_tools >= 0)
    {
      gulong n = (gulong) n_tools;
      g_autofree char *tools = g_strdup_printf (ngettext ("%lu tool", "%lu tools", n), n);

      bfy_join_comma (&facts, tools);
    }
  bfy_join_comma (&facts, duration);
  if (*server != '\0')
    /* Translators: a binding, and a list: its server, "MCP 2025-06-18", "7 tools", "in 120 ms". */
    bfy_cli_print (_ ("%s works: %s.\n"), name, facts);
  else
    bfy_cli_print (_ ("%s works, %s.\n"), name, facts);
}

gboolean
bfy_command_test (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *binding = NULL;
  g_autofree char *path = NULL;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;

  binding = bfy_cli_path ("bindings", others[0]);
  path = g_strconcat (binding, "/test", NULL);
  reply = bfy_cli_call (cli, "POST", path, NULL, error);
  if (reply == NULL)
    return FALSE;

  if (cli->is_json)
    {
      node = json_node_init_object (json_node_alloc (), reply);
      bfy_cli_print_json (node);
    }
  else
    {
      report (reply, others[0]);
      bfy_add_report_account (reply);
    }

  return TRUE;
}
