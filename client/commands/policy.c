/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/policy.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/body.h"
#include "client/fields.h"
#include "client/saved-file.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define WORDS_MAX 4

static gboolean policy_show (BfyCli *cli, GStrv words, GError **error);
static gboolean policy_clear (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_policy_commands[] = {
  { "show", "NAME", 1, 1, BFY_COMMAND_JSON,
    N_ ("Print the policy of a binding, to edit and set again"), policy_show },
  { "set", "NAME [FILE|-]", 1, 2, BFY_COMMAND_PLAIN,
    N_ ("Put the policy in FILE in force, or change the one in force"), bfy_policy_set },
  { "clear", "NAME", 1, 1, BFY_COMMAND_PLAIN, N_ ("Allow everything again"), policy_clear },
  { "test", "NAME METHOD [TOOL] [JSON]", 2, WORDS_MAX, BFY_COMMAND_JSON,
    N_ ("Say what would happen to a request, and by which rule"), bfy_policy_test },
  { "explain", "NAME [METHOD [TOOL] [JSON]]", 1, WORDS_MAX, BFY_COMMAND_JSON,
    N_ ("Say in words what a policy permits, or step by step why"), bfy_policy_explain },
  { "learn", "NAME", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Propose a policy from what the log says was used"), bfy_policy_learn },
  BFY_COMMAND_END,
};

gboolean
bfy_command_policy (BfyCli *cli, GStrv words, GError **error)
{
  if (words[1] == NULL || strcmp (words[1], "--help") == 0 || strcmp (words[1], "-h") == 0)
    {
      cli->exit_status = words[1] == NULL ? 1 : 0;
      return bfy_help (cli, "policy", NULL, error);
    }

  return bfy_cli_run (cli, bfy_policy_commands, "bindify policy", words + 1, error);
}

JsonObject *
bfy_policy_call (BfyCli *cli,
                 const char *method,
                 const char *name,
                 const char *rest,
                 GBytes *body,
                 GError **error)
{
  g_autofree char *binding = NULL;
  g_autofree char *path = NULL;

  if (!bfy_name_check (name, error))
    return NULL;
  binding = bfy_cli_path ("bindings", name);
  path = g_strconcat (binding, "/policy", rest, NULL);

  return bfy_cli_call (cli, method, path, body, error);
}

JsonObject *
bfy_policy_fetch (BfyCli *cli, const char *name, BfyPolicy **policy, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_policy_call (cli, "GET", name, NULL, NULL, error);
  JsonObject *document = reply != NULL ? bfy_field_object (reply, "policy") : NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (reply == NULL)
    return NULL;
  if (document == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED, _ ("The agent told no policy"));
      return NULL;
    }
  text = bfy_json_object_to_text (document, &length);
  *policy = bfy_policy_parse (text, length, error);

  return *policy != NULL ? g_steal_pointer (&reply) : NULL;
}

static GBytes *
read_stdin (BfyCli *cli, GError **error)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GError) local_error = NULL;
  GBytes *text;

  bfy_body_read_async (input, BFY_POLICY_BYTES_MAX, cli->cancellable, bfy_cli_on_ready, cli);
  text = bfy_body_read_finish (bfy_cli_wait (cli), &local_error);
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE))
    g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, _ ("A policy has at most %d bytes"),
                 BFY_POLICY_BYTES_MAX);
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return text;
}

GBytes *
bfy_policy_read_file (BfyCli *cli, const char *file, GError **error)
{
  return strcmp (file, "-") == 0 ? read_stdin (cli, error)
                                 : bfy_saved_file_read (file, BFY_POLICY_BYTES_MAX, error);
}

static gboolean
policy_show (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply =
      others != NULL ? bfy_policy_call (cli, "GET", others[0], NULL, NULL, error) : NULL;

  if (reply == NULL)
    return FALSE;
  bfy_cli_print_member (reply, "policy");

  return TRUE;
}

static gboolean
policy_clear (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply =
      others != NULL ? bfy_policy_call (cli, "DELETE", others[0], NULL, NULL, error) : NULL;

  if (reply == NULL)
    return FALSE;
  bfy_cli_print (_ ("%s has no policy any more: everything is allowed.\n"), others[0]);

  return TRUE;
}
