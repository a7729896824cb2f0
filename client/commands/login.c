/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

/* `bindify login NAME`: a new credential for a binding that stays what it is (behaviour 17.8). */

static GStrv
parse (BfyCli *cli, BfyAdd *add, GStrv words, GError **error)
{
  const GOptionEntry entries[] = {
    { "token-stdin", 0, 0, G_OPTION_ARG_NONE, &add->is_token_on_stdin,
      "Read the token from stdin instead of the terminal", NULL },
    { "basic", 0, 0, G_OPTION_ARG_FILENAME, &add->username,
      "The user name that belongs to the password", "USER" },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &add->skips_check,
      "Do not try the credential before storing it", NULL },
    { "client", 0, 0, G_OPTION_ARG_FILENAME, &add->client,
      "Of a sealed binding: what the client with the new key is called", "LABEL" },
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &add->key.file,
      "Of a sealed binding: present the client key in this file, and all clients keep their access",
      "FILE" },
    { "key-stdin", 0, 0, G_OPTION_ARG_NONE, &add->key.on_stdin,
      "The same with the client key that comes on stdin", NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_parse (cli, entries, words, error);
}

/* What the person has to be asked for. */
static gboolean
examine (BfyCli *cli, BfyAdd *add, JsonObject *binding, GError **error)
{
  const char *auth_type = bfy_field_text (binding, "auth_type");
  const char *service = bfy_field_text (binding, "service");
  g_autoptr (JsonObject) services = NULL;
  JsonObject *record;

  add->is_url = *service == '\0';
  add->is_free_form = strcmp (auth_type, "custom") == 0;
  add->is_sealed = strcmp (bfy_field_text (binding, "mode"), "sealed") == 0;
  if (!bfy_add_check_sealed (add, add->is_sealed, error))
    return FALSE;
  if (strcmp (auth_type, "api_key") != 0 && strcmp (auth_type, "basic") != 0 && !add->is_free_form)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   "“%s” has no credential that could be typed again", add->name);
      return FALSE;
    }
  if (strcmp (auth_type, "basic") == 0 && add->username == NULL)
    add->username = g_strdup (""); /* asked for */
  if (add->is_url)
    return TRUE;

  services = bfy_cli_call (cli, "GET", "/v1/services", NULL, error);
  if (services == NULL)
    return FALSE;
  record = bfy_add_find_service (services, service);
  add->service = record != NULL ? json_object_ref (record) : NULL;

  return TRUE;
}

static void
report (JsonObject *reply)
{
  JsonObject *check = bfy_field_object (reply, "check");
  JsonObject *binding = bfy_field_object (reply, "binding");
  g_autofree char *name = NULL;

  if (binding == NULL)
    return;
  name = bfy_text_to_line (bfy_field_text (binding, "name"), 100);
  bfy_cli_print (check != NULL && bfy_field_boolean (check, "performed")
                     ? "%s has a new credential, and it works.\n"
                     : "%s has a new credential; it was not tried out.\n",
                 name);
  if (strcmp (bfy_field_text (binding, "mode"), "sealed") == 0)
    bfy_add_report_sealed (reply, name);
}

static gboolean
run (BfyCli *cli, BfyAdd *add, const char *name, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autofree char *login_path = g_strconcat (path, "/login", NULL);
  g_autoptr (JsonObject) shown = bfy_cli_call (cli, "GET", path, NULL, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GBytes) request = NULL;
  JsonObject *open_part;

  add->name = g_strdup (name);
  if (shown == NULL || !examine (cli, add, bfy_field_object (shown, "binding"), error) ||
      !bfy_add_read_credential (cli, add, error) || !bfy_add_read_key (cli, add, error))
    return FALSE;

  open_part = json_object_new ();
  json_object_set_boolean_member (open_part, "check", !add->skips_check);
  if (add->client != NULL)
    json_object_set_string_member (open_part, "client", add->client);
  request = bfy_add_join_credential (add, open_part);
  reply = bfy_cli_call (cli, "POST", login_path, request, error);
  if (reply == NULL)
    return FALSE;
  report (reply);

  return TRUE;
}

gboolean
bfy_command_login (BfyCli *cli, GStrv words, GError **error)
{
  BfyAdd add = { 0 };
  g_auto (GStrv) others = parse (cli, &add, words, error);
  gboolean is_ok = others != NULL && run (cli, &add, others[0], error);

  bfy_add_clear (&add);
  return is_ok;
}
