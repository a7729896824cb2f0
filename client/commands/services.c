/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/services.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/service-search.h"
#include "client/table.h"
#include "protocol/name.h"

const BfyCommand bfy_services_commands[] = {
  { "show", "NAME", 1, 1, BFY_COMMAND_JSON,
    N_ ("Show what bindify knows of a service, and where it can be read"),
    bfy_command_services_show },
  { "check", "FILE…", 1, G_MAXUINT, BFY_COMMAND_JSON,
    N_ ("See whether files are records of services, without the agent"),
    bfy_command_services_check },
  { "from-openapi", "FILE", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Make a record with methods of an OpenAPI document, without the agent"),
    bfy_command_services_from_openapi },
  BFY_COMMAND_END,
};

const char *
bfy_service_sign_in_text (JsonObject *service)
{
  gboolean has_key = bfy_field_boolean (service, "supports_api_key");
  gboolean has_oauth = bfy_field_boolean (service, "supports_oauth");
  gboolean wants_own_app = strcmp (bfy_field_text (service, "oauth_client"), "own") == 0;

  if (has_key && has_oauth)
    return wants_own_app ? _ ("token, or browser with an app of yours") : _ ("browser, or token");
  if (has_key)
    return _ ("token");
  if (!has_oauth)
    return _ ("as its server says");

  return wants_own_app ? _ ("browser with an app of yours") : _ ("browser");
}

static void
print_none (const char *words)
{
  g_autofree char *shown = words != NULL ? bfy_text_to_line (words, 60) : NULL;

  if (words == NULL)
    bfy_cli_print (_ ("The agent knows no services: “meson install” installs them, “bindify-agent\n"
                      "--services-dir DIR” finds them elsewhere. A URL can be added without:\n"
                      "bindify-add --name NAME URL\n"));
  else
    bfy_cli_print (_ ("No service is found by “%s”. “bindify services” lists them all, and a URL\n"
                      "can be added without: bindify-add --name NAME URL\n"),
                   shown);
}

static void
print_table (GPtrArray *services)
{
  static const char *const headings[] = { NC_ ("column", "SERVICE"), NC_ ("column", "NAME"),
                                          NC_ ("column", "SIGN-IN"), NC_ ("column", "MCP URL"),
                                          NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < services->len; i++)
    {
      JsonObject *service = g_ptr_array_index (services, i);
      const char *cells[] = { bfy_field_text (service, "id"), bfy_field_text (service, "name"),
                              bfy_service_sign_in_text (service),
                              bfy_field_text (service, "mcp_url") };

      bfy_table_add_row (table, cells);
    }

  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
}

static void
print_json (GPtrArray *services)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_sized_new (services->len);

  for (guint i = 0; i < services->len; i++)
    json_array_add_object_element (array, json_object_ref (g_ptr_array_index (services, i)));
  json_node_take_array (node, array);
  bfy_cli_print_json (node);
}

static gboolean
list (BfyCli *cli, const char *words, GError **error)
{
  const char *path = cli->is_json ? "/v1/services" : "/v1/services?brief=true";
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", path, NULL, error);
  g_autoptr (JsonArray) none = json_array_new ();
  g_autoptr (GPtrArray) found = NULL;
  JsonArray *services;

  if (reply == NULL)
    return FALSE;
  services = bfy_field_array (reply, "services");
  found = bfy_service_search (services != NULL ? services : none, words != NULL ? words : "");
  if (cli->is_json)
    print_json (found);
  else if (found->len == 0)
    print_none (words);
  else
    print_table (found);

  return TRUE;
}

static gboolean
run (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *search = NULL;
  const GOptionEntry entries[] = {
    { "search", 0, 0, G_OPTION_ARG_STRING, &search,
      N_ ("Only those found by WORDS: in names, hosts and what they are about"), N_ ("WORDS") },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL)
    return FALSE;
  if (others[0] != NULL)
    {
      bfy_cli_refuse_unknown (cli, bfy_services_commands, "bindify services", others[0],
                              "bindify services --help", error);
      return FALSE;
    }

  return list (cli, search, error);
}

gboolean
bfy_command_services (BfyCli *cli, GStrv words, GError **error)
{
  for (const BfyCommand *c = bfy_services_commands; words[1] != NULL && c->name != NULL; c++)
    {
      if (strcmp (c->name, words[1]) == 0)
        return bfy_cli_run (cli, bfy_services_commands, "bindify services", words + 1, error);
    }

  return run (cli, words, error);
}
