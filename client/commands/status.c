/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/binding-text.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/labels.h"
#include "protocol/name.h"

#define LABEL_COLUMNS 12

static void
add_doors (BfyLabels *labels, JsonObject *status)
{
  int port = (int) bfy_field_int (status, "port");
  g_autofree char *socket = bfy_text_to_line (bfy_field_text (status, "socket"), 400);
  g_autofree char *http =
      port > 0 ? g_strdup_printf (_ ("http://127.0.0.1:%d/mcp/NAME, with a client key"), port)
               : g_strdup (C_ ("HTTP", "off"));

  bfy_labels_add (labels, _ ("Socket"), socket);
  bfy_labels_add (labels, "HTTP", http);
}

/* What keeps programs from working, and what lets them go on. */
static void
add_lock (BfyLabels *labels, JsonObject *status)
{
  static const struct
  {
    const char *state, *text;
  } rows[] = {
    { "screen", N_ ("because the screen is, the machine slept or you had logged out; "
                    "“bindify unlock” opens it before that ends") },
    { "plain", N_ ("no credential is used; “bindify unlock” opens it again") },
    { "passphrase", N_ ("with a passphrase; “bindify unlock” asks for it") },
  };
  JsonObject *lock = bfy_field_object (status, "lock");

  if (lock == NULL)
    return;
  if (bfy_field_boolean (lock, "frozen"))
    bfy_labels_add (labels, _ ("Frozen"),
                    _ ("every request is refused; “bindify thaw” lets them go on"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (bfy_field_text (lock, "state"), rows[i].state) == 0)
      bfy_labels_add (labels, _ ("Locked"), _ (rows[i].text));
  if (!bfy_field_boolean (lock, "logind"))
    bfy_labels_add (labels, _ ("Screen lock"),
                    _ ("not seen: there is no logind, so nothing locks by itself"));
}

static char *
describe_keyring (JsonObject *keyring)
{
  const char *name = bfy_field_text (keyring, "name");
  const char *state = bfy_keyring_state_text (bfy_field_text (keyring, "state"));
  const char *message = bfy_field_text (keyring, "message");

  if (*message != '\0')
    /* Translators: a keyring, its state, and a sentence about it. */
    return g_strdup_printf (_ ("%s: %s. %s"), name, state, message);

  /* Translators: a keyring and its state. */
  return g_strdup_printf (_ ("%s: %s"), name, state);
}

/* Which of them are there, and where a new credential would go. */
static void
add_keyrings (BfyLabels *labels, JsonObject *status)
{
  const char *preferred = bfy_field_text (status, "preferred_keyring");
  g_autofree char *shown = bfy_text_to_line (preferred, 40);
  g_autofree char *place = g_strdup_printf (_ ("go into: %s"), shown);

  for (guint i = 0; i < bfy_field_count (status, "keyrings"); i++)
    {
      g_autofree char *line = describe_keyring (bfy_field_nth (status, "keyrings", i));
      g_autofree char *state = bfy_text_to_line (line, 1000);

      bfy_labels_add (labels, i == 0 ? _ ("Keyrings") : "", state);
    }

  if (strcmp (preferred, "auto") == 0)
    bfy_labels_add (labels, _ ("New secrets"),
                    _ ("go into the Secret Service if there is one, else into the vault"));
  else if (*shown != '\0')
    bfy_labels_add (labels, _ ("New secrets"), place);
}

static void
add_problems (BfyLabels *labels, JsonObject *status)
{
  const char *event_failure = bfy_field_text (status, "event_failure");
  JsonArray *problems = bfy_field_array (status, "problems");
  g_autofree char *failure = bfy_text_to_line (event_failure, 400);
  g_autofree char *warning = g_strdup_printf (_ ("The log cannot be written: %s"), failure);

  if (!bfy_field_boolean (status, "memory_locked"))
    bfy_labels_add (labels, _ ("Warning"),
                    _ ("Secrets could not all be locked in memory: RLIMIT_MEMLOCK is too low"));
  if (*failure != '\0')
    bfy_labels_add (labels, _ ("Warning"), warning);

  for (guint i = 0; problems != NULL && i < json_array_get_length (problems); i++)
    {
      JsonNode *node = json_array_get_element (problems, i);
      g_autofree char *shown = NULL;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      shown = bfy_text_to_line (json_node_get_string (node), 400);
      bfy_labels_add (labels, _ ("Problem"), shown);
    }
}

static void
add_count (BfyLabels *labels, const char *label, gint64 n)
{
  g_autofree char *number = g_strdup_printf ("%d", (int) n);

  bfy_labels_add (labels, label, number);
}

static void
print_status (JsonObject *status)
{
  g_autoptr (BfyLabels) labels = bfy_labels_new (0, LABEL_COLUMNS);
  g_autofree char *uptime = bfy_span_format (bfy_field_int (status, "uptime_s"));
  g_autofree char *version = bfy_text_to_line (bfy_field_text (status, "version"), 40);
  /* Translators: the version, the number of the process, and a span of time: "3 days 2 h". */
  g_autofree char *agent = g_strdup_printf (_ ("bindify-agent %s, process %d, up for %s"), version,
                                            (int) bfy_field_int (status, "pid"), uptime);
  g_autofree char *text = NULL;

  bfy_labels_add (labels, _ ("Agent"), agent);
  add_lock (labels, status);
  add_doors (labels, status);
  add_keyrings (labels, status);
  add_count (labels, _ ("Bindings"), bfy_field_int (status, "n_bindings"));
  add_count (labels, _ ("Clients"), bfy_field_int (status, "n_clients"));
  add_problems (labels, status);
  text = bfy_labels_format (labels);
  bfy_cli_print ("%s", text);
}

gboolean
bfy_command_status (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) status = NULL;
  g_autoptr (JsonNode) node = NULL;

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

  print_status (status);
  return TRUE;
}
