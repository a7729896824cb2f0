/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/base-urls.h"
#include "client/binding-service.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `eval "$(bindify env NAME)"`: the variables by which a service’s SDK takes another address, with
 * the agent’s in them. The key in it is one of this terminal session’s own, and opens this binding
 * only; asking again replaces it. The secret of the service never leaves the agent. */

/* The same in every language, so that it is found again. */
static char *
make_label (const char *name)
{
  return g_strdup_printf ("env %s, session %d", name, (int) getsid (0));
}

static gboolean
remove_old (BfyCli *cli, const char *label, GError **error)
{
  g_autofree char *path = bfy_cli_path ("clients", label);
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "DELETE", path, NULL, &cause);

  g_clear_pointer (&cli->hint, g_free);
  if (reply != NULL || g_error_matches (cause, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}

static JsonObject *
add_client (BfyCli *cli, const char *name, GError **error)
{
  g_autofree char *label = make_label (name);
  JsonObject *request = json_object_new ();
  JsonArray *names = json_array_new ();

  json_array_add_string_element (names, name);
  json_object_set_string_member (request, "label", label);
  json_object_set_array_member (request, "bindings", names);
  if (remove_old (cli, label, error))
    return bfy_cli_call_json (cli, "POST", "/v1/clients", request, error);
  json_object_unref (request);

  return NULL;
}

static gboolean
check_rest (BfyCli *cli, const char *name, JsonObject *binding, GError **error)
{
  const char *type = bfy_field_text (binding, "type");

  if (strcmp (type, "http") == 0 || strcmp (type, "local-network") == 0)
    return TRUE;
  bfy_cli_set_hint (cli, "bindify connect");
  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
               _ ("“%s” is no REST service; programs that speak MCP are connected instead"), name);

  return FALSE;
}

static void
print_owned (char *text)
{
  bfy_cli_print ("%s", text);
  g_free (text);
}

static gboolean
print_variables (JsonObject *service, JsonObject *binding, JsonObject *client, GError **error)
{
  const char *name = bfy_field_text (binding, "name");
  JsonObject *env = bfy_field_object (service, "env");
  g_autoptr (JsonObject) nothing = json_object_new ();
  const char *example = bfy_field_text (client, "url_example");
  gboolean is_git = bfy_binding_service_is_git (binding, service);
  gboolean is_unknown = *bfy_field_text (binding, "service") == '\0';
  g_autofree char *url = NULL;

  if (*example == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("The agent listens on no port, so no program can reach it by a URL"));
      return FALSE;
    }
  url = g_strconcat (example, "/~", bfy_base_urls_bare_key (bfy_field_text (client, "key")), NULL);
  if (!is_git)
    print_owned (bfy_base_urls_format (name, url, env != NULL ? env : nothing));
  /* At an address of one's own, there may be repositories as well. */
  if (is_git || is_unknown)
    print_owned (bfy_base_urls_format_git (bfy_field_text (binding, "url"), url));

  return TRUE;
}

gboolean
bfy_command_env (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (JsonObject) client = NULL;
  g_autoptr (JsonObject) service = NULL;
  g_autofree char *path = NULL;
  JsonObject *binding;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  path = bfy_cli_path ("bindings", others[0]);
  reply = bfy_cli_call (cli, "GET", path, NULL, error);
  binding = reply != NULL ? bfy_field_object (reply, "binding") : NULL;
  if (binding == NULL || !check_rest (cli, others[0], binding, error))
    return FALSE;
  service = bfy_binding_service_load (cli, binding);
  client = add_client (cli, others[0], error);

  return client != NULL && print_variables (service, binding, client, error);
}
