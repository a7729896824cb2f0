/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/binding-text.h"
#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/usage-text.h"
#include "protocol/binding.h"
#include "protocol/name.h"
#include "protocol/redact.h"

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* One line of `show`; left out when there is nothing to say. */
static void
print_line (const char *label, const char *value)
{
  g_autofree char *shown = bfy_text_to_line (value, 400);

  if (*shown != '\0')
    bfy_cli_print ("%-12s %s\n", label, shown);
}

static void
print_time (const char *label, JsonObject *object, const char *name)
{
  gint64 time_s = bfy_time_from_text (bfy_field_text (object, name));
  g_autofree char *age = bfy_age_format (time_s, now_s ());

  print_line (label, age);
}

/* How the credential goes up: "Authorization: Bearer ***". */
static char *
describe_injection (JsonObject *injection)
{
  BfyInjectKind kind;

  if (injection == NULL || !bfy_inject_kind_from_wire (bfy_field_text (injection, "kind"), &kind))
    return g_strdup ("");

  switch (kind)
    {
    case BFY_INJECT_NONE:
      return g_strdup ("");
    case BFY_INJECT_HEADER:
      return g_strdup_printf ("header %s: %s…", bfy_field_text (injection, "name"),
                              bfy_field_text (injection, "prefix"));
    case BFY_INJECT_BASIC:
      return g_strdup ("header Authorization: Basic …");
    case BFY_INJECT_QUERY:
      return g_strdup_printf ("parameter ?%s=…", bfy_field_text (injection, "name"));
    }

  return g_strdup ("");
}

static void
print_limits (JsonObject *limits)
{
  static const struct
  {
    const char *member;
    const char *label;
    const char *unit;
  } rows[] = {
    { "request_bytes_max", "Request", "bytes at most" },
    { "response_bytes_max", "Response", "bytes at most" },
    { "connect_timeout_ms", "Connecting", "ms at most" },
    { "response_timeout_ms", "Answering", "ms at most" },
  };

  for (guint i = 0; limits != NULL && i < G_N_ELEMENTS (rows); i++)
    {
      gint64 value = bfy_field_int (limits, rows[i].member);
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT " %s", value, rows[i].unit);

      if (value > 0)
        print_line (rows[i].label, text);
    }
}

/* The whole command, however long: it is what was confirmed. */
static void
print_program (const BfyProgram *program)
{
  g_autofree char *line = bfy_program_format_command (program);
  g_autofree char *secret = bfy_program_describe_secret (program);
  g_autofree char *pass = g_strjoinv (", ", program->pass);
  g_autofree char *share = g_strjoinv (", ", program->share);

  bfy_cli_print ("%-12s %s\n", "Command", line);
  print_line (_ ("Secret"), secret);
  print_line (_ ("Sandbox"), program->has_sandbox ? _ ("yes") : _ ("no"));
  print_line (_ ("Network"), program->has_network ? _ ("yes") : _ ("no"));
  print_line (_ ("Variables"), pass);
  print_line (_ ("Folders"), share);
}

/* Who can open a sealed binding, and what sealing costs. */
static void
print_sealing (JsonObject *binding)
{
  g_autoptr (GString) labels = g_string_new (NULL);

  for (guint i = 0; i < bfy_field_count (binding, "clients"); i++)
    g_string_append_printf (labels, "%s%s", i > 0 ? ", " : "",
                            bfy_field_text (bfy_field_nth (binding, "clients", i), "label"));
  if (bfy_field_array (binding, "clients") == NULL)
    g_string_assign (labels, _ ("not known while its keyring cannot be read"));
  else if (labels->len == 0)
    g_string_assign (labels, _ ("nobody: bindify login enters the credential again"));
  print_line (_ ("Opened by"), labels->str);
  bfy_cli_print (BFY_SEALED_COST_TEXT);
}

/* Of all clients together and, when there are several, of each. */
static void
print_usage (JsonObject *usage)
{
  guint n_clients = usage != NULL ? bfy_field_count (usage, "clients") : 0;
  g_autofree char *counts = usage != NULL ? bfy_usage_text_counts (usage) : g_strdup ("");
  g_autofree char *left = usage != NULL ? bfy_usage_text_left (usage) : g_strdup ("");

  print_line (_ ("Used"), counts);
  print_line (_ ("Left"), left);
  for (guint i = 0; i < n_clients; i++)
    {
      JsonObject *client = bfy_field_nth (usage, "clients", i);
      g_autofree char *used = bfy_usage_text_counts (client);
      g_autofree char *rest = bfy_usage_text_left (client);
      g_autofree char *line = g_strdup_printf ("%s: %s%s%s", bfy_field_text (client, "label"), used,
                                               *rest != '\0' ? "; left: " : "", rest);

      print_line (_ ("  by"), line);
    }
}

void
bfy_binding_print (JsonObject *binding)
{
  g_autofree char *url = bfy_redact (bfy_field_text (binding, "url"));
  g_autofree char *injection = describe_injection (bfy_field_object (binding, "injection"));
  g_autofree char *state = bfy_binding_text_state (binding, now_s ());
  g_autofree char *expiry = bfy_binding_text_expiry (binding, now_s ());
  g_autofree char *conditions = bfy_binding_text_conditions (binding, now_s ());
  g_autofree char *policy = NULL;
  g_autoptr (BfyProgram) program = bfy_binding_text_read_program (binding);

  print_line (_ ("Name"), bfy_field_text (binding, "name"));
  print_line (_ ("Type"), bfy_field_text (binding, "type"));
  print_line (_ ("Service"), bfy_field_text (binding, "service"));
  print_line (_ ("Account"), bfy_field_text (binding, "account"));
  print_line (_ ("Upstream"), url);
  if (program != NULL)
    print_program (program);
  print_line (_ ("State"), state);
  print_line (_ ("Credential"), bfy_field_text (binding, "auth_type"));
  print_line (_ ("Expires"), expiry);
  print_line (_ ("Conditions"), conditions);
  if (bfy_time_from_text (bfy_field_text (binding, "refreshed_at")) > 0)
    print_time (_ ("Renewed"), binding, "refreshed_at");
  print_line (_ ("Keyring"), bfy_field_text (binding, "keyring"));
  print_line (_ ("Mode"), bfy_field_text (binding, "mode"));
  print_line (_ ("Injected as"), injection);
  policy = g_strdup_printf (_ ("%s; bindify policy explain %s says what that permits"),
                            bfy_binding_text_policy (binding), bfy_field_text (binding, "name"));
  print_line (_ ("Policy"), policy);
  print_limits (bfy_field_object (binding, "limits"));
  print_time (_ ("Created"), binding, "created_at");
  print_time (_ ("Last used"), binding, "last_used_at");
  print_usage (bfy_field_object (binding, "usage"));
  if (strcmp (bfy_field_text (binding, "mode"), "sealed") == 0)
    print_sealing (binding);
}

gboolean
bfy_command_show (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *path = NULL;
  JsonObject *binding;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  path = bfy_cli_path ("bindings", others[0]);
  reply = bfy_cli_call (cli, "GET", path, NULL, error);
  if (reply == NULL)
    return FALSE;

  binding = bfy_field_object (reply, "binding");
  if (cli->is_json)
    bfy_cli_print_member (reply, "binding");
  else if (binding != NULL)
    bfy_binding_print (binding);

  return TRUE;
}
