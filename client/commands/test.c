/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify test NAME`: a handshake with the server, as its programs make it. */

static void
report (JsonObject *reply, const char *name)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *server = bfy_text_to_line (bfy_field_text (reply, "server"), 100);
  g_autofree char *version = bfy_text_to_line (bfy_field_text (reply, "version"), 40);
  gint64 n_tools = -1; /* not told */

  if (!bfy_json_get_int (reply, "n_tools", &n_tools, NULL))
    n_tools = -1;
  g_string_append_printf (line, _ ("%s works"), name);
  if (*server != '\0')
    g_string_append_printf (line, ": %s", server);
  if (*version != '\0')
    g_string_append_printf (line, ", MCP %s", version);
  if (n_tools >= 0)
    g_string_append_printf (line, ", %d %s", (int) n_tools, n_tools == 1 ? "tool" : "tools");
  bfy_cli_print (_ ("%s, in %d ms.\n"), line->str, (int) bfy_field_int (reply, "duration_ms"));
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
    report (reply, others[0]);

  return TRUE;
}
