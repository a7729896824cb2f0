/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/commands/decoys.h"
#include "client/fields.h"
#include "client/labels.h"
#include "client/presented-key.h"
#include "client/table.h"
#include "protocol/binding.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify client`: keys for programs that use the HTTP door. */

static gboolean client_add (BfyCli *cli, GStrv words, GError **error);
static gboolean client_list (BfyCli *cli, GStrv words, GError **error);
static gboolean client_remove (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_client_commands[] = {
  { "add", "LABEL", 1, 1, BFY_COMMAND_JSON, N_ ("Make a key for a program; it is shown once"),
    client_add },
  { "list", "", 0, 0, BFY_COMMAND_JSON, N_ ("List the programs that have a key"), client_list },
  { "decoy", "ID|LABEL", 1, 1, BFY_COMMAND_JSON,
    N_ ("Give a program a token that opens nothing and rings a bell"), bfy_client_decoy },
  { "remove", "ID|LABEL", 1, 1, BFY_COMMAND_PLAIN, N_ ("Revoke a program’s key"), client_remove },
  BFY_COMMAND_END,
};

gboolean
bfy_command_client (BfyCli *cli, GStrv words, GError **error)
{
  if (words[1] == NULL || strcmp (words[1], "--help") == 0 || strcmp (words[1], "-h") == 0)
    {
      cli->exit_status = words[1] == NULL ? 1 : 0;
      return bfy_help (cli, "client", NULL, error);
    }

  return bfy_cli_run (cli, bfy_client_commands, "bindify client", words + 1, error);
}

/* @text (taken) with the key as a further member, in secret memory. */
static GBytes *
join_key (char *text, gsize length, const BfySecret *key)
{
  static const char member[] = ",\"unseal_with\":\"";
  gsize key_length = bfy_secret_length (key);
  gsize total = length + strlen (member) + key_length + strlen ("\"");
  guint8 *out;
  BfySecret *joined = bfy_secret_new_blank (total, &out);

  /* Of a key nothing has to be escaped; the brace moves to the end. */
  memcpy (out, text, length - 1);
  out += length - 1;
  memcpy (out, member, strlen (member));
  out += strlen (member);
  memcpy (out, bfy_secret_peek (key, NULL), key_length);
  memcpy (out + key_length, "\"}", 2);
  g_free (text);

  return g_bytes_new_with_free_func (bfy_secret_peek (joined, NULL), total,
                                     (GDestroyNotify) bfy_secret_unref, joined);
}

/* @unseal_with: (nullable) the key of who can open the sealed ones among @bindings. */
static GBytes *
build_client_request (const char *label, const char *const *bindings, const BfySecret *unseal_with)
{
  g_autoptr (JsonObject) request = json_object_new ();
  JsonArray *names = NULL;
  gsize length;
  char *text;

  json_object_set_string_member (request, "label", label);
  if (bindings == NULL)
    {
      json_object_set_null_member (request, "bindings");
    }
  else
    {
      names = json_array_new ();
      for (; *bindings != NULL; bindings++)
        json_array_add_string_element (names, *bindings);
      json_object_set_array_member (request, "bindings", names);
    }

  text = bfy_json_object_to_text (request, &length);
  return unseal_with != NULL ? join_key (text, length, unseal_with)
                             : g_bytes_new_take (text, length);
}

/* Exactly the members scripts were promised, whatever else the agent sends. */
static void
print_client_json (JsonObject *reply, const char *decoy)
{
  static const char *const members[] = { "id", "label", "key", "url_example" };
  JsonObject *out = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_string_member (out, members[i], bfy_field_text (reply, members[i]));
  if (decoy != NULL)
    json_object_set_string_member (out, "decoy", decoy);
  json_node_take_object (node, out);
  bfy_cli_print_json (node);
}

/* null means all of them, an empty list none. */
static char *
join_bindings (JsonObject *client)
{
  g_autofree char *names = bfy_field_join (client, "bindings", ", ");

  if (*names != '\0')
    return bfy_text_to_line (names, 400);

  return g_strdup (bfy_field_array (client, "bindings") != NULL ? C_ ("bindings", "none")
                                                                : C_ ("bindings", "all"));
}

/* Sealed bindings that the new key does not open. */
static void
print_closed (JsonObject *reply)
{
  g_autofree char *names = bfy_field_join (reply, "cannot_open", ", ");
  g_autofree char *shown = bfy_text_to_line (names, 400);

  if (*shown != '\0')
    bfy_cli_print (
        _ ("It does not open what is sealed: %s. For a key that does, present one that can:\n"
           "  bindify client add LABEL --binding NAME --unseal-with-file FILE\n"),
        shown);
}

static void
print_client (JsonObject *reply, const char *const *bindings)
{
  g_autofree char *label = bfy_text_to_line (bfy_field_text (reply, "label"), 100);
  g_autofree char *names = bindings != NULL ? g_strjoinv (", ", (GStrv) bindings) : NULL;
  g_autofree char *key = bfy_text_to_line (bfy_field_text (reply, "key"), 200);
  g_autofree char *url = bfy_text_to_line (bfy_field_text (reply, "url_example"), 200);
  g_autofree char *header = g_strconcat ("Authorization: Bearer ", key, NULL);
  g_autoptr (BfyLabels) labels = bfy_labels_new (2, 8);
  g_autofree char *text = NULL;

  /* Translators: a client, and bindings. */
  bfy_cli_print (_ ("%s may use: %s\n"), label, names != NULL ? names : _ ("all bindings"));
  bfy_cli_print (_ ("Its key is shown only this once, so give it to the program now:\n\n"));
  bfy_labels_add (labels, "URL", url);
  bfy_labels_add (labels, _ ("Header"), header);
  text = bfy_labels_format (labels);
  bfy_cli_print ("%s\n", text);
  bfy_cli_print (_ ("Revoke it with: bindify client remove %s\n"), bfy_field_text (reply, "id"));
  print_closed (reply);
}

static gboolean
check_names (const char *const *names, GError **error)
{
  for (; names != NULL && *names != NULL; names++)
    {
      if (!bfy_name_check (*names, error))
        return FALSE;
    }

  return TRUE;
}

/* What the agent has made, and a decoy for it if one is wanted: without one the key is there, and
 * shown, all the same. */
static gboolean
show_added (BfyCli *cli,
            JsonObject *reply,
            const char *const *bindings,
            const char *service,
            GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *decoy =
      service != NULL ? bfy_decoy_ask (cli, bfy_field_text (reply, "id"), service, &local_error)
                      : NULL;

  if (cli->is_json)
    print_client_json (reply, decoy);
  else
    print_client (reply, bindings);
  if (decoy != NULL && !cli->is_json)
    bfy_decoy_print (decoy);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

static gboolean
client_add (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) bindings = NULL;
  g_auto (BfyKeyOptions) opener = { 0 };
  g_autofree char *service = NULL;
  const GOptionEntry entries[] = {
    { "binding", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &bindings,
      N_ ("Only this binding; may be repeated (default: all)"), "NAME" },
    { "decoy", 0, 0, G_OPTION_ARG_STRING, &service,
      N_ ("Also a decoy that looks like a token of this service, or of “any”"), "SERVICE" },
    { "unseal-with-file", 0, 0, G_OPTION_ARG_FILENAME, &opener.file,
      N_ ("The binding is sealed: this file (mode 0600) holds a key that opens it"), "FILE" },
    { "unseal-with-stdin", 0, 0, G_OPTION_ARG_NONE, &opener.on_stdin,
      N_ ("The binding is sealed: a key that opens it comes on stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autofree char *label = NULL;
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (others == NULL)
    return FALSE;
  label = bfy_label_normalize (others[0], error);
  if (label == NULL || !check_names ((const char *const *) bindings, error))
    return FALSE;

  if (bfy_key_options_is_set (&opener))
    {
      if (bindings == NULL)
        {
          bfy_cli_set_hint (cli, "%s LABEL --binding NAME …", cli->title);
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               _ ("Say with --binding which sealed binding is to be opened"));
          return FALSE;
        }
      key = bfy_key_read (cli, &opener, error);
      if (key == NULL)
        return FALSE;
    }

  request = build_client_request (label, (const char *const *) bindings, key);
  reply = bfy_cli_call (cli, "POST", "/v1/clients", request, error);

  return reply != NULL && show_added (cli, reply, (const char *const *) bindings, service, error);
}

static gboolean
client_list (BfyCli *cli, GStrv words, GError **error)
{
  static const char *const headings[] = { NC_ ("column", "LABEL"),
                                          NC_ ("column", "ID"),
                                          NC_ ("column", "BINDINGS"),
                                          NC_ ("column", "DECOY"),
                                          NC_ ("column", "CREATED"),
                                          NC_ ("column", "LAST USED"),
                                          NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *text = NULL;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (others == NULL)
    return FALSE;
  reply = bfy_cli_call (cli, "GET", "/v1/clients", NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "clients");
      return TRUE;
    }
  if (bfy_field_count (reply, "clients") == 0)
    {
      bfy_cli_print (_ ("No program has a key.\nMake one with: bindify client add claude-code\n"));
      return TRUE;
    }

  for (guint i = 0; i < bfy_field_count (reply, "clients"); i++)
    {
      JsonObject *client = bfy_field_nth (reply, "clients", i);
      g_autofree char *names = join_bindings (client);
      g_autofree char *created =
          bfy_age_format (bfy_time_from_text (bfy_field_text (client, "created_at")), now_s);
      g_autofree char *used =
          bfy_age_format (bfy_time_from_text (bfy_field_text (client, "last_used_at")), now_s);
      const char *decoy = bfy_field_boolean (client, "has_decoy") ? _ ("yes") : _ ("no");
      const char *cells[] = {
        bfy_field_text (client, "label"), bfy_field_text (client, "id"), names, decoy, created, used
      };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
  return TRUE;
}

static gboolean
client_remove (BfyCli *cli, GStrv words, GError **error)
{
  gboolean is_forced = FALSE;
  const GOptionEntry entries[] = {
    { "force", 0, 0, G_OPTION_ARG_NONE, &is_forced,
      N_ ("Also if nobody else can open a sealed binding, whose credential is then lost"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *full_path = NULL;
  g_autofree char *shown = NULL;

  if (others == NULL)
    return FALSE;
  if (!g_utf8_validate (others[0], -1, NULL) || *others[0] == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("That is neither an id nor a label"));
      return FALSE;
    }

  path = bfy_cli_path ("clients", others[0]);
  full_path = g_strconcat (path, is_forced ? "?force=true" : NULL, NULL);
  reply = bfy_cli_call (cli, "DELETE", full_path, NULL, &local_error);
  if (reply == NULL)
    {
      /* No such label, or several clients with it. */
      if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND) ||
          g_error_matches (local_error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT))
        bfy_cli_set_hint (cli, "bindify client list");
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  shown = bfy_text_to_line (others[0], 100);
  bfy_cli_print (_ ("Removed %s: its key no longer works.\n"), shown);
  return TRUE;
}
