/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"
#include "protocol/upstream.h"

/* `bindify login NAME`: a new credential, typed or by signing in again, for a binding that stays
 * what it is (behaviour 17.8). */

static GStrv
parse (BfyCli *cli, BfyAdd *add, GStrv words, GError **error)
{
  g_autofree GOptionEntry *all = NULL;
  const GOptionEntry entries[] = {
    { "token-stdin", 0, 0, G_OPTION_ARG_NONE, &add->is_token_on_stdin,
      N_ ("Read the token from stdin instead of the terminal"), NULL },
    { "basic", 0, 0, G_OPTION_ARG_FILENAME, &add->username,
      N_ ("The user name that belongs to the password"), "USER" },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &add->skips_check,
      N_ ("Do not try the credential before storing it"), NULL },
    { "client", 0, 0, G_OPTION_ARG_FILENAME, &add->client,
      N_ ("Of a sealed binding: what the client with the new key is called"), "LABEL" },
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &add->key.file,
      N_ ("Of a sealed binding: present the client key in this file, and all clients keep their "
          "access"),
      "FILE" },
    { "key-stdin", 0, 0, G_OPTION_ARG_NONE, &add->key.on_stdin,
      N_ ("The same with the client key that comes on stdin"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &add->is_quiet,
      N_ ("Say nothing if all goes well; of a sealed binding only a new key"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  all = bfy_sign_in_options_join (&add->sign_in, entries);
  return bfy_cli_parse (cli, all, words, error);
}

/* Which service it is, for what its record says. */
static gboolean
find_service (BfyCli *cli, BfyAdd *add, const char *service, GError **error)
{
  JsonObject *record;

  if (add->is_url)
    return TRUE;

  if (!bfy_add_load_services (cli, add, error))
    return FALSE;
  record = bfy_add_find_service (add->services, service);
  add->service = record != NULL ? json_object_ref (record) : NULL;
  return TRUE;
}

/* A binding stays of its kind: a token is no answer to a sign-in, nor the other way round. */
static gboolean
check_kind (BfyCli *cli, const BfyAdd *add, const char *auth_type, GError **error)
{
  gboolean is_typed = strcmp (auth_type, "api_key") == 0 || strcmp (auth_type, "basic") == 0 ||
                      strcmp (auth_type, "custom") == 0;

  if (!is_typed && !add->signs_in)
    g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                 _ ("“%s” has no credential that could be given again"), add->name);
  else if (is_typed && bfy_sign_in_options_is_set (&add->sign_in))
    {
      bfy_cli_set_hint (cli, "%s %s", cli->title, add->name);
      g_set_error (
          error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
          _ ("“%s” has a credential that is typed; for a sign-in, add a binding of its own"),
          add->name);
    }
  else if (add->signs_in && bfy_add_is_credential_given (add))
    {
      bfy_cli_set_hint (cli, "%s %s", cli->title, add->name);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is signed in to and takes no token"), add->name);
    }
  else
    return bfy_add_check_sealed (add, add->is_sealed, error) &&
           bfy_add_check_sign_in (add, FALSE, error);

  return FALSE;
}

/* Where the binding itself may be, its sign-in page may be. */
static void
take_place (BfyAdd *add, JsonObject *binding)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (bfy_field_text (binding, "url"), NULL);

  add->allow_local = upstream != NULL && upstream->reach != BFY_REACH_EXTERNAL;
  if (upstream != NULL && !add->allow_local)
    add->host = g_strdup (upstream->host);
}

/* What the person has to be asked for. */
static gboolean
examine (BfyCli *cli, BfyAdd *add, JsonObject *binding, GError **error)
{
  const char *auth_type = bfy_field_text (binding, "auth_type");
  const char *service = bfy_field_text (binding, "service");

  add->is_url = *service == '\0';
  add->is_free_form = strcmp (auth_type, "custom") == 0;
  add->is_sealed = strcmp (bfy_field_text (binding, "mode"), "sealed") == 0;
  add->signs_in = strcmp (auth_type, "oauth") == 0;
  take_place (add, binding);
  if (!check_kind (cli, add, auth_type, error))
    return FALSE;
  if (strcmp (auth_type, "basic") == 0 && add->username == NULL)
    add->username = g_strdup (""); /* asked for */

  return find_service (cli, add, service, error);
}

/* Whole sentences: what was done, and whether it was tried out. */
static void
print_result (const char *name, gboolean signs_in, gboolean was_checked)
{
  if (signs_in && was_checked)
    bfy_cli_print (_ ("%s is signed in to, and it works.\n"), name);
  else if (signs_in)
    bfy_cli_print (_ ("%s is signed in to; it was not tried out.\n"), name);
  else if (was_checked)
    bfy_cli_print (_ ("%s has a new credential, and it works.\n"), name);
  else
    bfy_cli_print (_ ("%s has a new credential; it was not tried out.\n"), name);
}

static void
report (const BfyAdd *add, JsonObject *reply)
{
  JsonObject *check = bfy_field_object (reply, "check");
  JsonObject *binding = bfy_field_object (reply, "binding");
  gboolean was_checked = check != NULL && bfy_field_boolean (check, "performed");
  g_autofree char *name = NULL;

  if (binding == NULL)
    return;
  name = bfy_text_to_line (bfy_field_text (binding, "name"), 100);
  print_result (name, add->signs_in, was_checked);
  bfy_add_report_account (check);
  bfy_add_report_expiry (binding);
  if (strcmp (bfy_field_text (binding, "mode"), "sealed") == 0)
    bfy_add_report_sealed (reply, name);
}

static JsonObject *
send_request (BfyCli *cli, BfyAdd *add, const char *path, GError **error)
{
  JsonObject *open_part = json_object_new ();
  g_autoptr (GBytes) request = NULL;

  json_object_set_boolean_member (open_part, "check", !add->skips_check);
  if (add->client != NULL)
    json_object_set_string_member (open_part, "client", add->client);
  if (add->signs_in)
    return bfy_add_sign_in (cli, add, path, open_part, error);

  request = bfy_add_join_credential (add, open_part);
  return bfy_cli_call (cli, "POST", path, request, error);
}

static gboolean
run (BfyCli *cli, BfyAdd *add, const char *name, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autofree char *login_path = g_strconcat (path, "/login", NULL);
  g_autoptr (JsonObject) shown = bfy_cli_call (cli, "GET", path, NULL, error);
  g_autoptr (JsonObject) reply = NULL;

  add->name = g_strdup (name);
  if (shown == NULL || !examine (cli, add, bfy_field_object (shown, "binding"), error) ||
      (!add->signs_in && (!bfy_add_read_credential (cli, add, error) ||
                          !bfy_add_check_owner (cli, add, FALSE, error))) ||
      !bfy_add_read_key (cli, add, error))
    return FALSE;

  reply = send_request (cli, add, login_path, error);
  if (reply == NULL)
    return FALSE;
  if (!add->is_quiet)
    report (add, reply);
  else
    bfy_add_print_key (reply);

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
