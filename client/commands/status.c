/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"

static void
print_doors (JsonObject *status)
{
  gint64 port = bfy_field_int (status, "port");
  g_autofree char *socket = bfy_text_to_line (bfy_field_text (status, "socket"), 400);

  bfy_cli_print (_ ("Socket       %s\n"), socket);
  if (port > 0)
    bfy_cli_print (_ ("HTTP         http://127.0.0.1:%d/mcp/NAME, with a client key\n"),
                   (int) port);
  else
    bfy_cli_print (_ ("HTTP         off\n"));
}

/* What keeps programs from working, and what lets them go on. */
static void
print_lock (JsonObject *status)
{
  static const struct
  {
    const char *state, *text;
  } rows[] = {
    { "screen", "Locked       because the screen is, the machine slept or you have left; "
                "“bindify unlock” opens it before that ends" },
    { "plain", "Locked       no credential is used; “bindify unlock” opens it again" },
    { "passphrase", "Locked       with a passphrase; “bindify unlock” asks for it" },
  };
  JsonObject *lock = bfy_field_object (status, "lock");

  if (lock == NULL)
    return;
  if (bfy_field_boolean (lock, "frozen"))
    bfy_cli_print (_ ("Frozen       every request is refused; “bindify thaw” lets them go on\n"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (bfy_field_text (lock, "state"), rows[i].state) == 0)
      bfy_cli_print ("%s\n", rows[i].text);
  if (!bfy_field_boolean (lock, "logind"))
    bfy_cli_print (_ ("Screen lock  not seen: there is no logind, so nothing locks by itself\n"));
}

/* Which of them are there, and where a new credential would go. */
static void
print_keyrings (JsonObject *status)
{
  const char *preferred = bfy_field_text (status, "preferred_keyring");
  g_autofree char *shown = bfy_text_to_line (preferred, 40);

  for (guint i = 0; i < bfy_field_count (status, "keyrings"); i++)
    {
      JsonObject *keyring = bfy_field_nth (status, "keyrings", i);
      const char *message = bfy_field_text (keyring, "message");
      g_autofree char *line = g_strdup_printf ("%s: %s%s%s", bfy_field_text (keyring, "name"),
                                               bfy_field_text (keyring, "state"),
                                               *message != '\0' ? ". " : "", message);
      g_autofree char *state = bfy_text_to_line (line, 1000);

      bfy_cli_print ("%-12s %s\n", i == 0 ? "Keyrings" : "", state);
    }

  if (strcmp (preferred, "auto") == 0)
    bfy_cli_print (
        _ ("New secrets  go into the Secret Service if there is one, else into the vault\n"));
  else if (*shown != '\0')
    bfy_cli_print (_ ("New secrets  go into: %s\n"), shown);
}

static void
print_problems (JsonObject *status)
{
  const char *event_failure = bfy_field_text (status, "event_failure");
  JsonArray *problems = bfy_field_array (status, "problems");
  g_autofree char *failure = bfy_text_to_line (event_failure, 400);

  if (!bfy_field_boolean (status, "memory_locked"))
    bfy_cli_print (
        _ ("Warning      Secrets could not all be locked in memory: RLIMIT_MEMLOCK is too "
           "low\n"));
  if (*failure != '\0')
    bfy_cli_print (_ ("Warning      The log cannot be written: %s\n"), failure);

  for (guint i = 0; problems != NULL && i < json_array_get_length (problems); i++)
    {
      JsonNode *node = json_array_get_element (problems, i);
      g_autofree char *shown = NULL;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      shown = bfy_text_to_line (json_node_get_string (node), 400);
      bfy_cli_print (_ ("Problem      %s\n"), shown);
    }
}

gboolean
bfy_command_status (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) status = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *uptime = NULL;
  g_autofree char *version = NULL;

  if (others == NULL)
    return FALSE;
  status = bfy_cli_call (cli, "GET", "/v1/status", NULL, error);
  if (status == NULL)
    return FALSE;
  if (cli->is_json)
    {
      node = json_node_init_object (json_node_alloc (), status);
      bfy_cli_print_json (node);
      return TRUE;
    }

  uptime = bfy_span_format (bfy_field_int (status, "uptime_s"));
  version = bfy_text_to_line (bfy_field_text (status, "version"), 40);
  bfy_cli_print (_ ("Agent        bindify-agent %s, process %d, up for %s\n"), version,
                 (int) bfy_field_int (status, "pid"), uptime);
  print_lock (status);
  print_doors (status);
  print_keyrings (status);
  bfy_cli_print (_ ("Bindings     %d\n"), (int) bfy_field_int (status, "n_bindings"));
  bfy_cli_print (_ ("Clients      %d\n"), (int) bfy_field_int (status, "n_clients"));
  print_problems (status);
  return TRUE;
}

/* What `bindify-add` does by itself stands first. */
static const char *
sign_in_of (JsonObject *service)
{
  gboolean has_key = bfy_field_boolean (service, "supports_api_key");
  gboolean has_oauth = bfy_field_boolean (service, "supports_oauth");
  gboolean wants_own_app = strcmp (bfy_field_text (service, "oauth_client"), "own") == 0;

  if (has_key && has_oauth)
    return wants_own_app ? "token, or browser with an app of yours" : "browser, or token";
  if (has_key)
    return "token";
  if (!has_oauth)
    return "none";

  return wants_own_app ? "browser with an app of yours" : "browser";
}

gboolean
bfy_command_services (BfyCli *cli, GStrv words, GError **error)
{
  static const char *const headings[] = { "SERVICE", "NAME", "SIGN-IN", "MCP URL", NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *text = NULL;

  if (others == NULL)
    return FALSE;
  reply = bfy_cli_call (cli, "GET", "/v1/services", NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "services");
      return TRUE;
    }

  if (bfy_field_count (reply, "services") == 0)
    {
      bfy_cli_print (
          _ ("The agent knows no services: “meson install” installs them, “bindify-agent\n"
             "--services-dir DIR” finds them elsewhere. A URL can be added without:\n"
             "bindify-add --name NAME URL\n"));
      return TRUE;
    }

  for (guint i = 0; i < bfy_field_count (reply, "services"); i++)
    {
      JsonObject *service = bfy_field_nth (reply, "services", i);
      const char *cells[] = { bfy_field_text (service, "id"), bfy_field_text (service, "name"),
                              sign_in_of (service), bfy_field_text (service, "mcp_url") };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
  return TRUE;
}
