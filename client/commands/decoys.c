/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/decoys.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify client decoy`: tokens that open nothing and ring a bell. */

#define ANY_SERVICE "any"

static char *
format_path (const char *client)
{
  g_autofree char *path = bfy_cli_path ("clients", client);

  return g_strconcat (path, "/decoy", NULL);
}

static JsonObject *
ask_for_decoy (BfyCli *cli, const char *client, const char *service, GError **error)
{
  g_autoptr (JsonObject) request = json_object_new ();
  g_autofree char *path = format_path (client);
  g_autoptr (GBytes) body = NULL;
  gsize length;
  char *text;

  if (service == NULL || strcmp (service, ANY_SERVICE) == 0)
    json_object_set_null_member (request, "service");
  else
    json_object_set_string_member (request, "service", service);
  text = bfy_json_object_to_text (request, &length);
  body = g_bytes_new_take (text, length);

  return bfy_cli_call (cli, "PUT", path, body, error);
}

char *
bfy_decoy_ask (BfyCli *cli, const char *client, const char *service, GError **error)
{
  g_autoptr (JsonObject) reply = ask_for_decoy (cli, client, service, error);

  return reply != NULL ? bfy_text_to_line (bfy_field_text (reply, "decoy"), 300) : NULL;
}

void
bfy_decoy_print (const char *decoy)
{
  bfy_cli_print (
      _ ("Its decoy, which is shown only this once, opens nothing; put it where a real token "
         "would lie:\n\n  %s\n\n"
         "Whoever uses it here gets nothing, and bindify log shows a security_violation.\n"),
      decoy);
}

static gboolean
remove_decoy (BfyCli *cli, const char *client, GError **error)
{
  g_autofree char *path = format_path (client);
  g_autofree char *shown = bfy_text_to_line (client, 100);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "DELETE", path, NULL, error);

  if (reply == NULL)
    return FALSE;
  bfy_cli_print (_ ("%s has no decoy any more.\n"), shown);

  return TRUE;
}

static gboolean
print_new (BfyCli *cli, const char *client, const char *service, GError **error)
{
  g_autoptr (JsonObject) reply = ask_for_decoy (cli, client, service, error);
  g_autofree char *decoy = NULL;

  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

      json_node_set_object (node, reply);
      bfy_cli_print_json (node);
      return TRUE;
    }
  decoy = bfy_text_to_line (bfy_field_text (reply, "decoy"), 300);
  bfy_decoy_print (decoy);

  return TRUE;
}

gboolean
bfy_client_decoy (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *service = NULL;
  gboolean is_off = FALSE;
  const GOptionEntry entries[] = {
    { "service", 0, 0, G_OPTION_ARG_STRING, &service,
      N_ ("It looks like a token of this service (default: of none)"), "SERVICE" },
    { "off", 0, 0, G_OPTION_ARG_NONE, &is_off, N_ ("Take the decoy back"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (GError) local_error = NULL;

  if (others == NULL)
    return FALSE;
  if (!g_utf8_validate (others[0], -1, NULL) || *others[0] == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("That is neither an id nor a label"));
      return FALSE;
    }
  if (is_off ? remove_decoy (cli, others[0], &local_error)
             : print_new (cli, others[0], service, &local_error))
    return TRUE;

  /* No such label, or several clients with it. */
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND) ||
      g_error_matches (local_error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT))
    bfy_cli_set_hint (cli, "bindify client list");
  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}
