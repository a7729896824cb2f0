/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/policy.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "client/body.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/saved-file.h"
#include "protocol/json.h"
#include "protocol/name.h"

static gboolean policy_show (BfyCli *cli, GStrv words, GError **error);
static gboolean policy_set (BfyCli *cli, GStrv words, GError **error);
static gboolean policy_clear (BfyCli *cli, GStrv words, GError **error);
static gboolean policy_test (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_policy_commands[] = {
  { "show", "NAME", 1, 1, BFY_COMMAND_JSON, "Print the policy of a binding, to edit and set again",
    policy_show },
  { "set", "NAME FILE|-", 2, 2, BFY_COMMAND_PLAIN, "Put the policy in FILE in force", policy_set },
  { "clear", "NAME", 1, 1, BFY_COMMAND_PLAIN, "Allow everything again", policy_clear },
  { "test", "NAME METHOD [TOOL]", 2, 3, BFY_COMMAND_JSON,
    "Say what would happen to a request, and by which rule", policy_test },
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

/* NULL unless @name can be a binding's. */
static char *
build_path (const char *name, GError **error)
{
  g_autofree char *binding = NULL;

  if (!bfy_name_check (name, error))
    return NULL;
  binding = bfy_cli_path ("bindings", name);

  return g_strconcat (binding, "/policy", NULL);
}

static JsonObject *
call (BfyCli *cli, const char *method, const char *name, GBytes *body, GError **error)
{
  g_autofree char *path = build_path (name, error);

  return path != NULL ? bfy_cli_call (cli, method, path, body, error) : NULL;
}

static gboolean
policy_show (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = others != NULL ? call (cli, "GET", others[0], NULL, error) : NULL;

  if (reply == NULL)
    return FALSE;
  bfy_cli_print_member (reply, "policy");

  return TRUE;
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
    g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE, "A policy has at most %d bytes",
                 BFY_POLICY_BYTES_MAX);
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return text;
}

static gboolean
policy_set (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (others == NULL)
    return FALSE;
  text = strcmp (others[1], "-") == 0
             ? read_stdin (cli, error)
             : bfy_saved_file_read (others[1], BFY_POLICY_BYTES_MAX, error);
  if (text != NULL)
    reply = call (cli, "PUT", others[0], text, error);
  if (reply == NULL)
    return FALSE;

  bfy_cli_print ("The policy of %s is in force.\n", others[0]);

  return TRUE;
}

static gboolean
policy_clear (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply =
      others != NULL ? call (cli, "DELETE", others[0], NULL, error) : NULL;

  if (reply == NULL)
    return FALSE;
  bfy_cli_print ("%s has no policy any more: everything is allowed.\n", others[0]);

  return TRUE;
}

static BfyPolicy *
fetch (BfyCli *cli, const char *name, JsonObject **document, GError **error)
{
  g_autoptr (JsonObject) reply = call (cli, "GET", name, NULL, error);
  JsonObject *policy = reply != NULL ? bfy_field_object (reply, "policy") : NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (reply == NULL)
    return NULL;
  if (policy == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED, "The agent told no policy");
      return NULL;
    }
  *document = json_object_ref (policy);
  text = bfy_json_object_to_text (policy, &length);

  return bfy_policy_parse (text, length, error);
}

/* What the agent would take out of a request for @method about @name. */
static BfyPolicyVerdict
judge (const BfyPolicy *policy, char *method, char *name)
{
  gboolean is_completion = strcmp (method, "completion/complete") == 0;
  gboolean is_uri = name != NULL && strstr (name, "://") != NULL;
  char *uris[] = { name, NULL };
  BfyRpcMessage message = {
    .kind = BFY_RPC_REQUEST,
    .method = method,
    .name = is_completion && is_uri ? NULL : name,
    .uri = is_completion && !is_uri ? NULL : name,
    .subscriptions = uris,
  };

  return bfy_policy_check (policy, &message, NULL);
}

static char *
explain (const BfyPolicyVerdict *verdict, JsonObject *document)
{
  g_autofree char *rule = NULL;

  switch (verdict->reason)
    {
    case BFY_POLICY_BY_RULE:
      rule = bfy_json_object_to_text (bfy_field_nth (document, "rules", verdict->rule - 1), NULL);
      return g_strdup_printf ("rule %u: %s", verdict->rule, rule);
    case BFY_POLICY_BY_DEFAULT:
      return g_strdup ("no rule fits, so the default decides");
    case BFY_POLICY_BY_PROTOCOL:
      return g_strdup ("every client needs it, so it always passes");
    case BFY_POLICY_UNCLEAR:
      return g_strdup ("it does not say clearly what it is about");
    }

  return NULL;
}

static void
print_verdict (BfyCli *cli, const BfyPolicyVerdict *verdict, JsonObject *document)
{
  const char *effect = bfy_policy_effect_to_wire (verdict->effect);
  g_autofree char *reason = explain (verdict, document);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!cli->is_json)
    {
      bfy_cli_print ("%s: %s\n", effect, reason);
      return;
    }

  object = json_object_new ();
  node = json_node_new (JSON_NODE_OBJECT);
  json_object_set_string_member (object, "effect", effect);
  json_object_set_string_member (object, "reason", reason);
  if (verdict->reason == BFY_POLICY_BY_RULE)
    json_object_set_int_member (object, "rule", verdict->rule);
  else
    json_object_set_null_member (object, "rule");
  json_node_set_object (node, object);
  bfy_cli_print_json (node);
}

static gboolean
policy_test (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) document = NULL;
  g_autoptr (BfyPolicy) policy = NULL;
  BfyPolicyVerdict verdict;

  if (others == NULL)
    return FALSE;
  for (guint i = 1; others[i] != NULL; i++)
    if (!g_utf8_validate (others[i], -1, NULL))
      {
        g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                             "Methods and names are UTF-8");
        return FALSE;
      }
  policy = fetch (cli, others[0], &document, error);
  if (policy == NULL)
    return FALSE;

  verdict = judge (policy, others[1], others[2]);
  print_verdict (cli, &verdict, document);
  if (verdict.effect != BFY_POLICY_ALLOW)
    cli->exit_status = bfy_error_to_exit_status (BFY_ERROR_DENIED);

  return TRUE;
}
