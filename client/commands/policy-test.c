/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The agent decides, as it does for real requests: it alone knows the catalogue and what servers
 * say of their tools. Here is what to ask it, and how to say what it answers. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/policy.h"
#include "client/fields.h"
#include "client/labels.h"
#include "client/policy-request.h"
#include "client/policy-words.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/translation.h"

#define LINE_CHARACTERS_MAX 400

#define LABEL_COLUMNS 12

static void
print_line (const char *prefix, const char *text)
{
  g_autofree char *shown = bfy_text_to_line (text, LINE_CHARACTERS_MAX);

  bfy_cli_print ("%s%s\n", prefix, shown);
}

/* The policy of a file that is not in force; checked here, so that its line is named. */
static gboolean
add_file (BfyCli *cli, JsonObject *wish, const char *file, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (BfyPolicy) policy = NULL;
  const char *text;
  gsize length;

  if (file == NULL)
    return TRUE;
  bytes = bfy_policy_read_file (cli, file, error);
  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_data (bytes, &length);
  policy = bfy_policy_parse (text, length, error);
  if (policy == NULL)
    return FALSE;
  json_object_set_object_member (wish, "policy", bfy_policy_to_json (policy));

  return TRUE;
}

static JsonObject *
ask (BfyCli *cli, const GStrv others, const char *file, GError **error)
{
  g_autoptr (JsonObject) wish = bfy_policy_request_build ((const char *const *) others + 1, error);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) body = NULL;
  gsize length;

  if (wish == NULL || !add_file (cli, wish, file, error))
    return NULL;
  text = bfy_json_object_to_text (wish, &length);
  body = g_bytes_new_take (g_steal_pointer (&text), length);

  return bfy_policy_call (cli, "POST", others[0], "/test", body, error);
}

/* What a script goes by: permitted, or not, and be it that a person would have to be asked. */
static void
set_exit_status (BfyCli *cli, JsonObject *reply)
{
  if (strcmp (bfy_field_text (reply, "effect"), "allow") != 0)
    cli->exit_status = bfy_error_to_exit_status (BFY_ERROR_DENIED);
}

static void
print_json (JsonObject *reply)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, reply);
  bfy_cli_print_json (node);
}

static void
print_outcome (JsonObject *reply)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", bfy_field_text (reply, "effect"),
                                           bfy_field_text (reply, "reason"));

  print_line ("", line);
}

static void
add_text (BfyLabels *labels, const char *label, const char *text)
{
  g_autofree char *shown = bfy_text_to_line (text, LINE_CHARACTERS_MAX);

  if (*shown != '\0')
    bfy_labels_add (labels, label, shown);
}

static void
add_about (BfyLabels *labels, JsonObject *reply)
{
  JsonObject *capability = bfy_field_object (reply, "capability");
  const char *access = bfy_field_text (reply, "access");
  g_autofree char *line = NULL;

  if (*access == '\0')
    return;
  line = capability != NULL
             /* Translators: a name of the catalogue, and its class: read, write or danger. */
             ? g_strdup_printf (_ ("“%s” (%s)"),
                                bfy_translation_find (bfy_field_text (capability, "name")), access)
             : g_strdup_printf (_ ("class %s"), access);
  add_text (labels, _ ("what it is"), line);
}

/* Each rule that was tried, up to the one that fits; what decided is said at the end. */
static void
add_steps (BfyLabels *labels, JsonObject *reply)
{
  for (guint i = 0; i < bfy_field_count (reply, "steps"); i++)
    {
      JsonObject *step = bfy_field_nth (reply, "steps", i);
      gint64 rule = bfy_field_int (step, "rule");
      g_autofree char *label = g_strdup_printf (_ ("rule %d"), (int) rule);

      if (rule > 0 &&
          (i == 0 || bfy_field_int (bfy_field_nth (reply, "steps", i - 1), "rule") != rule))
        add_text (labels, label, bfy_field_text (step, "text"));
    }
}

static void
print_explanation (const GStrv others, JsonObject *reply)
{
  g_autofree char *request = bfy_policy_request_describe ((const char *const *) others + 1);
  g_autofree char *head = g_strdup_printf ("%s: %s", others[0], request);
  g_autofree char *limits = bfy_policy_words_left (reply);
  g_autofree char *hint = bfy_text_to_line (bfy_field_text (reply, "hint"), LINE_CHARACTERS_MAX);
  g_autoptr (BfyLabels) labels = bfy_labels_new (2, LABEL_COLUMNS);
  g_autofree char *text = NULL;

  print_line ("", head);
  add_about (labels, reply);
  add_text (labels, C_ ("label", "state"), bfy_field_text (reply, "state"));
  if (limits != NULL)
    add_text (labels, C_ ("label", "limits"), limits);
  add_steps (labels, reply);
  add_text (labels, C_ ("label", "network"), bfy_field_text (reply, "network"));
  text = bfy_labels_format (labels);
  bfy_cli_print ("%s", text);
  print_outcome (reply);
  if (*hint != '\0')
    /* Translators: %s is a command, or a sentence of the agent. */
    bfy_cli_print (_ ("To permit it: %s\n"), hint);
}

static gboolean
explain_policy (BfyCli *cli, const char *name, GError **error)
{
  g_autoptr (BfyPolicy) policy = NULL;
  g_autoptr (JsonObject) reply = bfy_policy_fetch (cli, name, &policy, error);
  g_autofree char *words = NULL;
  const char *profile;

  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      print_json (reply);
      return TRUE;
    }

  profile = bfy_field_text (reply, "profile");
  words = bfy_policy_words_format (bfy_field_object (reply, "policy"),
                                   bfy_field_array (reply, "capabilities"));
  /* Translators: a binding, and the name of its policy. */
  bfy_cli_print (_ ("%s: %s; the first rule that fits decides\n"), name,
                 *profile != '\0' ? profile : _ ("a policy of its own"));
  bfy_cli_print ("%s", words);

  return TRUE;
}

gboolean
bfy_policy_explain (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *file = NULL;
  const GOptionEntry entries[] = {
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &file, N_ ("Explain this policy, which is not in force"),
      "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = NULL;

  if (others == NULL)
    return FALSE;
  if (others[1] == NULL && file == NULL)
    return explain_policy (cli, others[0], error);
  if (others[1] == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("With --file, say which request to explain"));
      return FALSE;
    }
  reply = ask (cli, others, file, error);
  if (reply == NULL)
    return FALSE;

  if (cli->is_json)
    print_json (reply);
  else
    print_explanation (others, reply);

  return TRUE;
}

gboolean
bfy_policy_test (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *file = NULL;
  const GOptionEntry entries[] = {
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &file, N_ ("Test this policy, which is not in force"),
      "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = others != NULL ? ask (cli, others, file, error) : NULL;

  if (reply == NULL)
    return FALSE;

  if (cli->is_json)
    print_json (reply);
  else
    print_outcome (reply);
  set_exit_status (cli, reply);

  return TRUE;
}
