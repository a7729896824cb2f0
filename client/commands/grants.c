/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/table.h"
#include "client/terminal.h"
#include "protocol/grant.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

/* `bindify grants`: what people have answered, to look at and to take back. */

#define ID_SHOWN 8 /* characters; more when two begin alike */
#define TEXT_MAX 60

static gboolean grants_list (BfyCli *cli, GStrv words, GError **error);
static gboolean grants_revoke (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_grants_commands[] = {
  { "list", "", 0, 0, BFY_COMMAND_JSON, N_ ("List what programs may do without asking again"),
    grants_list },
  { "revoke", "ID|--all", 0, 1, BFY_COMMAND_JSON,
    N_ ("Take a permission back; what goes on because of it ends"), grants_revoke },
  BFY_COMMAND_END,
};

gboolean
bfy_command_grants (BfyCli *cli, GStrv words, GError **error)
{
  for (const BfyCommand *c = bfy_grants_commands; words[1] != NULL && c->name != NULL; c++)
    if (strcmp (c->name, words[1]) == 0)
      return bfy_cli_run (cli, bfy_grants_commands, "bindify grants", words + 1, error);

  return grants_list (cli, words, error);
}

/* As many characters as tell all of them apart. */
static gsize
find_id_length (JsonObject *reply)
{
  for (gsize length = ID_SHOWN; length < 36; length += 4)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      guint i = 0;

      while (
          i < bfy_field_count (reply, "grants") &&
          g_hash_table_add (
              seen, g_strndup (bfy_field_text (bfy_field_nth (reply, "grants", i), "id"), length)))
        i++;
      if (i == bfy_field_count (reply, "grants"))
        return length;
    }

  return 36;
}

/* "create_issue", "merge (these arguments)", "tasks/list". */
static char *
describe_wish (JsonObject *grant)
{
  const char *tool = bfy_field_text (grant, "tool");
  const char *what = *tool != '\0' ? tool : bfy_field_text (grant, "method");
  g_autofree char *line = bfy_text_to_line (what, TEXT_MAX);

  return bfy_field_boolean (grant, "arguments") ? g_strdup_printf (_ ("%s (these arguments)"), line)
                                                : g_steal_pointer (&line);
}

/* "claude-desktop", "python3 (process 4711)". */
static char *
describe_who (JsonObject *grant)
{
  const char *client = bfy_field_text (grant, "client");
  gint64 pid = bfy_field_int (grant, "pid");

  return pid > 0 ? g_strdup_printf (_ ("%s (process %d)"), client, (int) pid) : g_strdup (client);
}

static const char *
describe_scope (JsonObject *grant)
{
  const char *wire = bfy_field_text (grant, "scope");
  BfyGrantScope scope;

  if (strcmp (bfy_field_text (grant, "effect"), "deny") == 0)
    return _ ("denied");

  return bfy_grant_scope_from_wire (wire, &scope) ? bfy_grant_scope_name (scope) : wire;
}

/* "in 7 min", or how it ends otherwise. */
static char *
describe_end (JsonObject *grant, gint64 now_s)
{
  gint64 ends_s = bfy_time_from_text (bfy_field_text (grant, "expires_at"));
  const char *wire = bfy_field_text (grant, "scope");
  if (ends_s > 0)
    {
      return bfy_span_format_to_come (MAX (1, ends_s - now_s));
    }
  if (strcmp (wire, "session") == 0)
    /* Translators: the next four are until when something is permitted. */
    return g_strdup (bfy_field_int (grant, "pid") > 0 ? C_ ("until", "it ends")
                                                      : C_ ("until", "the agent ends"));

  return g_strdup (strcmp (wire, "until_lock") == 0 ? C_ ("until", "lock")
                                                    : C_ ("until", "revoked"));
}

static void
add_row (BfyTable *table, JsonObject *grant, gsize id_length, gint64 now_s)
{
  g_autofree char *id = g_strndup (bfy_field_text (grant, "id"), id_length);
  g_autofree char *who = describe_who (grant);
  g_autofree char *what = describe_wish (grant);
  g_autofree char *end = describe_end (grant, now_s);
  g_autofree char *used =
      bfy_age_format (bfy_time_from_text (bfy_field_text (grant, "last_used_at")), now_s);
  g_autofree char *uses = g_strdup_printf ("%" G_GINT64_FORMAT, bfy_field_int (grant, "uses"));
  const char *cells[] = {
    who, bfy_field_text (grant, "binding"), what, describe_scope (grant), end, used, uses, id
  };

  bfy_table_add_row (table, cells);
}

static gboolean
refuse_word (const char *word, GError **error)
{
  g_autofree char *shown = word != NULL ? bfy_text_to_line (word, TEXT_MAX) : NULL;

  if (word == NULL)
    return TRUE;

  g_set_error (
      error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
      _ ("“%s” is nothing that grants can be told; it is “bindify grants” or “bindify grants "
         "revoke ID”"),
      shown);
  return FALSE;
}

static gboolean
grants_list (BfyCli *cli, GStrv words, GError **error)
{
  static const char *const headings[] = {
    NC_ ("column", "WHO"),   NC_ ("column", "BINDING"), NC_ ("column", "WHAT"),
    NC_ ("column", "SCOPE"), NC_ ("column", "UNTIL"),   NC_ ("column", "LAST USED"),
    NC_ ("column", "USES"),  NC_ ("column", "ID"),      NULL
  };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *text = NULL;
  gsize id_length;

  if (others == NULL || !refuse_word (others[0], error))
    return FALSE;
  reply = bfy_cli_call (cli, "GET", "/v1/grants", NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "grants");
      return TRUE;
    }
  if (bfy_field_count (reply, "grants") == 0)
    {
      bfy_cli_print (_ ("Nobody has been given a permission that still lasts.\n"));
      return TRUE;
    }

  id_length = find_id_length (reply);
  for (guint i = 0; i < bfy_field_count (reply, "grants"); i++)
    add_row (table, bfy_field_nth (reply, "grants", i), id_length, now_s);
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);

  return TRUE;
}

/* --- revoke --- */

typedef struct
{
  gboolean is_all;
  char *binding; /* (owned) (nullable) */
  char *client;  /* (owned) (nullable) */
} Choice;

static void
choice_clear (Choice *choice)
{
  g_free (choice->binding);
  g_free (choice->client);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choice, choice_clear)

static gboolean
check_choice (const Choice *choice, const char *id, GError **error)
{
  gboolean is_narrowed = choice->binding != NULL || choice->client != NULL;

  if (id != NULL ? !choice->is_all && !is_narrowed : choice->is_all)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("Say which permission to take back: an ID of bindify grants, or --all, "
                          "which --binding NAME and --client LABEL narrow"));
  return FALSE;
}

static gboolean
revoke_all (BfyCli *cli, const Choice *choice, GError **error)
{
  g_autoptr (GString) path = g_string_new ("/v1/grants");
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GError) local_error = NULL;
  gulong n;

  bfy_cli_append_parameter (path, "binding", choice->binding);
  bfy_cli_append_parameter (path, "client", choice->client);
  reply = bfy_cli_call (cli, "DELETE", path->str, NULL, &local_error);
  if (reply == NULL)
    {
      if (choice->binding == NULL && g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
        bfy_cli_set_hint (cli, "bindify client list");
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "revoked");
      return TRUE;
    }

  n = (gulong) MAX (bfy_field_int (reply, "revoked"), 0);
  if (n == 0)
    bfy_cli_print (_ ("There was no permission to take back.\n"));
  else
    bfy_cli_print (ngettext ("Took back %lu permission.\n", "Took back %lu permissions.\n", n), n);

  return TRUE;
}

static void
print_revoked (JsonObject *grant)
{
  gboolean was_denial = strcmp (bfy_field_text (grant, "effect"), "deny") == 0;
  g_autofree char *what = describe_wish (grant);
  g_autofree char *client = bfy_text_to_line (bfy_field_text (grant, "client"), TEXT_MAX);

  bfy_cli_print (was_denial ? _ ("Forgot the no: %s may ask for %s on %s again.\n")
                            : _ ("Took it back: %s has to ask for %s on %s again.\n"),
                 client, what, bfy_field_text (grant, "binding"));
}

static gboolean
revoke_one (BfyCli *cli, const char *id, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GError) local_error = NULL;

  if (*id == '\0' || !g_utf8_validate (id, -1, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("That is no id"));
      return FALSE;
    }
  path = bfy_cli_path ("grants", id);
  reply = bfy_cli_call (cli, "DELETE", path, NULL, &local_error);
  if (reply == NULL)
    {
      if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND) ||
          g_error_matches (local_error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT))
        bfy_cli_set_hint (cli, "bindify grants");
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (cli->is_json)
    bfy_cli_print_member (reply, "grant");
  else
    print_revoked (bfy_field_object (reply, "grant"));

  return TRUE;
}

static gboolean
grants_revoke (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (Choice) choice = { FALSE, NULL, NULL };
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &choice.is_all, N_ ("All of them, or all that are meant by:"),
      NULL },
    { "binding", 0, 0, G_OPTION_ARG_FILENAME, &choice.binding, N_ ("Those on this binding"),
      "NAME" },
    { "client", 0, 0, G_OPTION_ARG_FILENAME, &choice.client,
      N_ ("Those of this client: its label, its id, or the path of a program"), "LABEL" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL || !check_choice (&choice, others[0], error))
    return FALSE;

  return others[0] != NULL ? revoke_one (cli, others[0], error) : revoke_all (cli, &choice, error);
}
