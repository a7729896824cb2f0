/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

/* The emergency brake. It asks nothing and needs no terminal, so that a key of the desktop can be
 * bound to it. */

static JsonObject *
turn (BfyCli *cli, const char *path, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);

  return others != NULL ? bfy_cli_call_json (cli, "POST", path, json_object_new (), error) : NULL;
}

gboolean
bfy_command_freeze (BfyCli *cli, GStrv words, GError **error)
{
  g_autoptr (JsonObject) reply = turn (cli, "/v1/freeze", words, error);

  if (reply == NULL)
    return FALSE;
  if (bfy_field_boolean (reply, "changed"))
    bfy_cli_print (
        _ ("Everything is frozen: requests have ended, and what you had allowed is taken "
           "back.\n“bindify thaw” lets programs go on.\n"));
  else
    bfy_cli_print (_ ("Everything is frozen already. “bindify thaw” lets programs go on.\n"));

  return TRUE;
}

gboolean
bfy_command_thaw (BfyCli *cli, GStrv words, GError **error)
{
  g_autoptr (JsonObject) reply = turn (cli, "/v1/thaw", words, error);

  if (reply == NULL)
    return FALSE;
  if (bfy_field_boolean (reply, "changed"))
    bfy_cli_print (_ ("Thawed: programs may go on, and ask anew for what you had allowed.\n"));
  else
    bfy_cli_print (_ ("Nothing is frozen.\n"));
  if (bfy_field_boolean (reply, "locked"))
    bfy_cli_print (_ ("The agent is still locked: “bindify unlock” opens it.\n"));

  return TRUE;
}

/* What has become of its credential. */
static char *
describe_credential (JsonObject *object)
{
  g_autofree char *url = bfy_text_to_line (bfy_field_text (object, "token_url"), 400);

  if (strcmp (bfy_field_text (object, "auth_type"), "none") == 0)
    return g_strdup (_ ("it has no credential"));
  if (bfy_field_boolean (object, "revoked"))
    return g_strdup (bfy_field_boolean (object, "forgotten")
                         ? _ ("its tokens were revoked and forgotten")
                         : _ ("its tokens were revoked"));
  if (*url != '\0')
    return g_strdup_printf (_ ("its token is still valid: revoke it at %s"), url);

  return g_strdup (_ ("its token is still valid: revoke it where you got it"));
}

/* FALSE when its credential may still be good for somebody. */
static gboolean
tell_victim (JsonObject *object)
{
  g_autofree char *name = bfy_text_to_line (bfy_field_text (object, "name"), 100);
  g_autofree char *message = bfy_text_to_line (bfy_field_text (object, "message"), 400);
  g_autofree char *credential = describe_credential (object);
  gboolean is_revoked = bfy_field_boolean (object, "revoked");
  gboolean has_secret = strcmp (bfy_field_text (object, "auth_type"), "none") != 0;

  if (!bfy_field_boolean (object, "found"))
    {
      bfy_cli_print (_ ("%s: there is no such binding; see bindify list\n"), name);
      return FALSE;
    }
  /* Translators: a binding, and what has become of its credential. */
  if (bfy_field_boolean (object, "paused"))
    bfy_cli_print (_ ("%s: paused; %s\n"), name, credential);
  else
    /* Translators: a binding, and what has become of its credential. */
    bfy_cli_print (_ ("%s: could not be paused; %s\n"), name, credential);
  if (*message != '\0')
    bfy_cli_print ("%s: %s\n", name, message);

  return (is_revoked || !has_secret) && *message == '\0';
}

static JsonObject *
format_wish (GStrv names, gboolean is_all)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  if (is_all)
    {
      json_array_unref (array);
      json_object_set_boolean_member (object, "all", TRUE);
      return object;
    }
  for (guint i = 0; names[i] != NULL; i++)
    json_array_add_string_element (array, names[i]);
  json_object_set_array_member (object, "bindings", array);

  return object;
}

gboolean
bfy_command_panic (BfyCli *cli, GStrv words, GError **error)
{
  gboolean is_all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &is_all, N_ ("Every binding there is"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = NULL;

  if (others == NULL)
    return FALSE;
  if (is_all == (others[0] != NULL))
    {
      bfy_cli_set_hint (cli, _ ("bindify freeze, which stops everything at once"));
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Name the bindings whose tokens are to be revoked, or say --all"));
      return FALSE;
    }
  reply = bfy_cli_call_json (cli, "POST", "/v1/panic", format_wish (others, is_all), error);
  if (reply == NULL)
    return FALSE;

  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    if (!tell_victim (bfy_field_nth (reply, "bindings", i)))
      cli->exit_status = 1;
  bfy_cli_print (_ ("Everything is frozen. “bindify thaw” lets programs go on, but not with these: "
                    "“bindify resume NAME”.\n"));

  return TRUE;
}
