/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/binding-text.h"
#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/join.h"
#include "client/labels.h"
#include "client/usage-text.h"
#include "protocol/binding.h"
#include "protocol/name.h"
#include "protocol/redact.h"
#include "protocol/reveal.h"

#define LABEL_COLUMNS 12

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* One line of `show`; left out when there is nothing to say. */
static void
add_line (BfyLabels *labels, const char *label, const char *value)
{
  g_autofree char *shown = bfy_text_to_line (value, 400);

  if (*shown != '\0')
    bfy_labels_add (labels, label, shown);
}

static void
add_time (BfyLabels *labels, const char *label, JsonObject *object, const char *name)
{
  gint64 time_s = bfy_time_from_text (bfy_field_text (object, name));
  g_autofree char *age = bfy_age_format (time_s, now_s ());

  add_line (labels, label, age);
}

static char *
format_bytes_max (gulong n)
{
  return g_strdup_printf (ngettext ("%lu byte at most", "%lu bytes at most", n), n);
}

static char *
format_ms_max (gulong n)
{
  /* Translators: milliseconds, short. */
  return g_strdup_printf (ngettext ("%lu ms at most", "%lu ms at most", n), n);
}

static void
add_limits (BfyLabels *labels, JsonObject *limits)
{
  static const struct
  {
    const char *member;
    const char *label;
    char *(*format) (gulong n);
  } rows[] = {
    { "request_bytes_max", N_ ("Request"), format_bytes_max },
    { "response_bytes_max", N_ ("Response"), format_bytes_max },
    { "connect_timeout_ms", N_ ("Connecting"), format_ms_max },
    { "response_timeout_ms", N_ ("Answering"), format_ms_max },
  };

  for (guint i = 0; limits != NULL && i < G_N_ELEMENTS (rows); i++)
    {
      gint64 value = bfy_field_int (limits, rows[i].member);
      g_autofree char *text = rows[i].format ((gulong) MAX (value, 0));

      if (value > 0)
        add_line (labels, _ (rows[i].label), text);
    }
}

/* The whole command, however long: it is what was confirmed. */
static void
add_program (BfyLabels *labels, const BfyProgram *program)
{
  g_autofree char *line = bfy_program_format_command (program);
  g_autofree char *secret = bfy_program_describe_secret (program);
  g_autofree char *pass = g_strjoinv (", ", program->pass);
  g_autofree char *share = g_strjoinv (", ", program->share);

  bfy_labels_add (labels, _ ("Command"), line);
  add_line (labels, _ ("Secret"), secret);
  add_line (labels, _ ("Sandbox"), program->has_sandbox ? _ ("yes") : _ ("no"));
  add_line (labels, _ ("Network"), program->has_network ? _ ("yes") : _ ("no"));
  add_line (labels, _ ("Variables"), pass);
  add_line (labels, _ ("Folders"), share);
}

/* Who can open a sealed binding, and what sealing costs. */
static void
add_sealing (BfyLabels *labels, JsonObject *binding)
{
  g_autofree char *clients = NULL;

  for (guint i = 0; i < bfy_field_count (binding, "clients"); i++)
    bfy_join_comma (&clients, bfy_field_text (bfy_field_nth (binding, "clients", i), "label"));
  if (bfy_field_array (binding, "clients") == NULL)
    add_line (labels, _ ("Opened by"), _ ("not known while its keyring cannot be read"));
  else if (clients == NULL)
    add_line (labels, _ ("Opened by"), _ ("nobody: bindify login enters the credential again"));
  else
    add_line (labels, _ ("Opened by"), clients);
}

/* Of all clients together and, when there are several, of each. */
static void
add_usage (BfyLabels *labels, JsonObject *usage)
{
  guint n_clients = usage != NULL ? bfy_field_count (usage, "clients") : 0;
  g_autofree char *counts = usage != NULL ? bfy_usage_text_counts (usage) : g_strdup ("");
  g_autofree char *left = usage != NULL ? bfy_usage_text_left (usage) : g_strdup ("");
  g_autofree char *by = NULL;

  /* Translators: a label: by this client. */
  by = g_strconcat ("  ", C_ ("usage", "by"), NULL);
  add_line (labels, _ ("Used"), counts);
  add_line (labels, _ ("Left"), left);
  for (guint i = 0; i < n_clients; i++)
    {
      JsonObject *client = bfy_field_nth (usage, "clients", i);
      g_autofree char *used = bfy_usage_text_counts (client);
      g_autofree char *rest = bfy_usage_text_left (client);
      const char *label = bfy_field_text (client, "label");
      /* Translators: a client, what it has used, what it has left. */
      g_autofree char *line = *rest != '\0'
                                  ? g_strdup_printf (_ ("%s: %s; left: %s"), label, used, rest)
                                  : g_strdup_printf (_ ("%s: %s"), label, used);

      add_line (labels, by, line);
    }
}

/* Of one that may be revealed: what to write down, and where. */
static void
print_helpers (JsonObject *binding)
{
  g_autofree char *host = bfy_reveal_host_of_url (bfy_field_text (binding, "url"));
  JsonObject *injection = bfy_field_object (binding, "injection");
  gboolean is_aws =
      injection != NULL && strcmp (bfy_field_text (injection, "kind"), "aws-sigv4") == 0;

  if (host == NULL || !bfy_field_boolean (binding, "reveals"))
    return;
  if (is_aws)
    /* Translators: a binding. */
    bfy_cli_print (
        _ ("\nFor AWS, in ~/.aws/config:  credential_process = bindify credential aws %s\n"),
        bfy_field_text (binding, "name"));
  else
    /* Translators: a host, twice. */
    bfy_cli_print (
        _ ("\nFor git, in ~/.gitconfig, below [credential \"https://%s\"]:  helper = !bindify "
           "credential git\n"
           "For Docker, in ~/.docker/config.json:  \"credHelpers\": {\"%s\": \"bindify\"}\n"),
        host, host);
}

void
bfy_binding_print (JsonObject *binding)
{
  g_autofree char *url = bfy_redact (bfy_field_text (binding, "url"));
  g_autofree char *injection = bfy_binding_text_injection (bfy_field_object (binding, "injection"));
  g_autofree char *state = bfy_binding_text_state (binding, now_s ());
  g_autofree char *expiry = bfy_binding_text_expiry (binding, now_s ());
  g_autofree char *conditions = bfy_binding_text_conditions (binding, now_s ());
  g_autofree char *policy = NULL;
  g_autoptr (BfyProgram) program = bfy_binding_text_read_program (binding);
  g_autoptr (BfyLabels) labels = bfy_labels_new (0, LABEL_COLUMNS);
  gboolean is_sealed = strcmp (bfy_field_text (binding, "mode"), "sealed") == 0;
  g_autofree char *text = NULL;

  add_line (labels, _ ("Name"), bfy_field_text (binding, "name"));
  add_line (labels, _ ("Type"), bfy_field_text (binding, "type"));
  add_line (labels, _ ("Service"), bfy_field_text (binding, "service"));
  add_line (labels, _ ("Account"), bfy_field_text (binding, "account"));
  add_line (labels, _ ("Upstream"), url);
  add_line (labels, _ ("MAC address"), bfy_field_text (binding, "mac"));
  if (program != NULL)
    add_program (labels, program);
  add_line (labels, _ ("State"), state);
  add_line (labels, _ ("Credential"), bfy_field_text (binding, "auth_type"));
  add_line (labels, _ ("Expires"), expiry);
  add_line (labels, _ ("Conditions"), conditions);
  if (bfy_time_from_text (bfy_field_text (binding, "refreshed_at")) > 0)
    add_time (labels, _ ("Renewed"), binding, "refreshed_at");
  add_line (labels, _ ("Keyring"), bfy_field_text (binding, "keyring"));
  add_line (labels, _ ("Mode"), bfy_field_text (binding, "mode"));
  add_line (labels, _ ("Injected as"), injection);
  policy = g_strdup_printf (_ ("%s; bindify policy explain %s says what that permits"),
                            bfy_binding_text_policy (binding), bfy_field_text (binding, "name"));
  add_line (labels, _ ("Policy"), policy);
  add_limits (labels, bfy_field_object (binding, "limits"));
  add_time (labels, _ ("Created"), binding, "created_at");
  add_time (labels, _ ("Last used"), binding, "last_used_at");
  add_usage (labels, bfy_field_object (binding, "usage"));
  if (is_sealed)
    add_sealing (labels, binding);

  text = bfy_labels_format (labels);
  bfy_cli_print ("%s", text);
  print_helpers (binding);
  if (is_sealed)
    bfy_cli_print ("%s", _ (BFY_SEALED_COST_TEXT));
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
