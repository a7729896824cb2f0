/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/vault.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/age.h"
#include "client/binding-text.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/labels.h"
#include "client/table.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

#define LABEL_COLUMNS 12

static gboolean vault_status (BfyCli *cli, GStrv words, GError **error);
static gboolean vault_rotate (BfyCli *cli, GStrv words, GError **error);
static gboolean vault_check (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_vault_commands[] = {
  { "init", "", 0, 0, BFY_COMMAND_JSON, N_ ("Make the vault, with the keys that shall open it"),
    bfy_vault_command_init },
  { "status", "", 0, 0, BFY_COMMAND_JSON, N_ ("Show the vault’s state, key slots and data keys"),
    vault_status },
  { "passwd", "[SLOT]", 0, 1, BFY_COMMAND_JSON, N_ ("Change a passphrase of the vault"),
    bfy_vault_command_passwd },
  { "add-key", "", 0, 0, BFY_COMMAND_JSON, N_ ("Let one more key open the vault"),
    bfy_vault_command_add_key },
  { "remove-key", "SLOT|FINGERPRINT", 1, 1, BFY_COMMAND_JSON,
    N_ ("Remove a key slot, or a data key that nothing needs"), bfy_vault_command_remove_key },
  { "rotate", "", 0, 0, BFY_COMMAND_JSON, N_ ("Encrypt all credentials anew, with a new data key"),
    vault_rotate },
  { "backup", "FILE", 1, 1, BFY_COMMAND_JSON, N_ ("Copy the vault, as it is, into a new file"),
    bfy_vault_command_backup },
  { "restore", "FILE", 1, 1, BFY_COMMAND_JSON,
    N_ ("Put a backup or an export in the vault’s place"), bfy_vault_command_restore },
  { "export", "--encrypted FILE", 1, 1, BFY_COMMAND_JSON,
    N_ ("Write the credentials into a vault of their own, for another machine"),
    bfy_vault_command_export },
  { "check", "", 0, 0, BFY_COMMAND_JSON,
    N_ ("Read the vault’s file afresh and open every credential"), vault_check },
  BFY_COMMAND_END,
};

gboolean
bfy_command_vault (BfyCli *cli, GStrv words, GError **error)
{
  if (words[1] == NULL || strcmp (words[1], "--help") == 0 || strcmp (words[1], "-h") == 0)
    {
      cli->exit_status = words[1] == NULL ? 1 : 0;
      return bfy_help (cli, "vault", NULL, error);
    }

  return bfy_cli_run (cli, bfy_vault_commands, "bindify vault", words + 1, error);
}

JsonObject *
bfy_vault_fetch (BfyCli *cli, GError **error)
{
  return bfy_cli_call (cli, "GET", "/v1/vault", NULL, error);
}

/* FALSE with @code; @hint is what to type next. */
static gboolean
refuse (BfyCli *cli, BfyErrorCode code, const char *message, const char *hint, GError **error)
{
  bfy_cli_set_hint (cli, "%s", hint);
  g_set_error_literal (error, BFY_ERROR, (int) code, message);

  return FALSE;
}

static gboolean
check_open (BfyCli *cli, JsonObject *vault, GError **error)
{
  const char *state = bfy_field_text (vault, "state");
  const char *problem = bfy_field_text (vault, "problem");

  if (strcmp (state, "ready") == 0)
    return TRUE;
  if (strcmp (state, "absent") == 0)
    return refuse (cli, BFY_ERROR_NOT_FOUND, _ ("There is no vault yet"), "bindify vault init",
                   error);
  if (strcmp (state, "locked") == 0)
    return refuse (cli, BFY_ERROR_LOCKED, _ ("The vault is locked"), "bindify unlock", error);

  return refuse (cli, BFY_ERROR_VAULT_DAMAGED,
                 *problem != '\0' ? problem : _ ("The vault is damaged"),
                 "bindify vault restore FILE", error);
}

JsonObject *
bfy_vault_fetch_open (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) vault = bfy_vault_fetch (cli, error);

  return vault != NULL && check_open (cli, vault, error) ? g_steal_pointer (&vault) : NULL;
}

const char *
bfy_vault_kind_text (const char *kind)
{
  static const struct
  {
    const char *kind, *text;
  } texts[] = {
    { "key_file", N_ ("key file") },
    { "passphrase", N_ ("passphrase") },
    { "systemd_credential", N_ ("systemd credential") },
    { "recovery", N_ ("recovery code") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (strcmp (texts[i].kind, kind) == 0)
        return _ (texts[i].text);
    }

  return _ ("another kind of key");
}

static char *
describe_kdf (JsonObject *slot)
{
  JsonObject *kdf = bfy_field_object (slot, "kdf");
  BfyKdf parameters;

  if (kdf == NULL || !bfy_kdf_from_json (kdf, &parameters, NULL))
    return NULL;
  if (parameters.algorithm != BFY_KDF_SCRYPT)
    return g_strdup (bfy_kdf_algorithm_to_wire (parameters.algorithm));

  return g_strdup_printf (_ ("scrypt, %u MiB"),
                          (128u * parameters.r) << (parameters.log2_n - 10) >> 10);
}

static void
print_table (BfyTable *table)
{
  g_autofree char *text = bfy_table_format (table);

  bfy_cli_print ("\n%s", text);
}

static void
print_slots (JsonObject *vault)
{
  static const char *const headings[] = { NC_ ("column", "SLOT"), NC_ ("column", "KEY"),
                                          NC_ ("column", "MADE"), NC_ ("column", "DERIVATION"),
                                          NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < bfy_field_count (vault, "slots"); i++)
    {
      JsonObject *slot = bfy_field_nth (vault, "slots", i);
      g_autofree char *number = g_strdup_printf ("%d", (int) bfy_field_int (slot, "number"));
      g_autofree char *made =
          bfy_age_format (bfy_time_from_text (bfy_field_text (slot, "created_at")), now_s);
      g_autofree char *kdf = describe_kdf (slot);
      const char *cells[] = { number, bfy_vault_kind_text (bfy_field_text (slot, "kind")),
                              bfy_field_text (slot, "created_at")[0] != '\0' ? made : NULL, kdf };

      bfy_table_add_row (table, cells);
    }
  if (bfy_field_count (vault, "slots") > 0)
    print_table (table);
}

static void
print_data_keys (JsonObject *vault)
{
  static const char *const headings[] = { NC_ ("column", "DATA KEY"), NC_ ("column", "CREDENTIALS"),
                                          NC_ ("column", "USE"), NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);

  for (guint i = 0; i < bfy_field_count (vault, "keys"); i++)
    {
      JsonObject *key = bfy_field_nth (vault, "keys", i);
      gint64 n_items = bfy_field_int (key, "items");
      g_autofree char *count = g_strdup_printf ("%d", (int) n_items);
      const char *use = n_items > 0 ? _ ("old, still needed") : _ ("old, can be removed");
      const char *cells[] = { bfy_field_text (key, "fingerprint"), count,
                              bfy_field_boolean (key, "active") ? C_ ("data key", "active") : use };

      bfy_table_add_row (table, cells);
    }
  if (bfy_field_count (vault, "keys") > 0)
    print_table (table);
}

static void
print_problems (JsonObject *vault)
{
  g_autofree char *orphans = bfy_field_join (vault, "orphans", ", ");
  g_autofree char *shown_orphans = bfy_text_to_line (orphans != NULL ? orphans : "", 400);
  g_autofree char *problem = bfy_text_to_line (bfy_field_text (vault, "problem"), 600);

  if (*shown_orphans != '\0')
    bfy_cli_print (_ ("\nProblem: credentials need data keys that the vault lacks (%s).\n"
                      "Find out which: bindify vault check\n"),
                   shown_orphans);
  if (*problem != '\0')
    bfy_cli_print ("\n%s\n", problem);
}

static void
print_head (JsonObject *vault)
{
  const char *state = bfy_field_text (vault, "state");
  gulong n_written = (gulong) MAX (bfy_field_int (vault, "generation"), 0);
  int format = (int) bfy_field_int (vault, "format");
  g_autofree char *path = bfy_text_to_line (bfy_field_text (vault, "path"), 400);
  g_autofree char *shown_state = bfy_text_to_line (bfy_keyring_state_text (state), 40);
  g_autofree char *written =
      /* Translators: the number of the format, and how often the file was written. */
      g_strdup_printf (ngettext ("%d, written %lu times", "%d, written %lu times", n_written),
                       format, n_written);
  g_autofree char *n_items = g_strdup_printf ("%d", (int) bfy_field_int (vault, "items"));
  g_autoptr (BfyLabels) labels = bfy_labels_new (0, LABEL_COLUMNS);
  g_autofree char *text = NULL;

  bfy_labels_add (labels, _ ("Vault"), path);
  if (strcmp (state, "absent") == 0)
    bfy_labels_add (labels, _ ("State"),
                    _ ("not there; the first credential makes it, or: bindify vault init"));
  else
    bfy_labels_add (labels, _ ("State"), shown_state);
  if (format > 0)
    bfy_labels_add (labels, _ ("Format"), written);
  if (strcmp (state, "ready") == 0)
    bfy_labels_add (labels, _ ("Credentials"), n_items);
  text = bfy_labels_format (labels);
  bfy_cli_print ("%s", text);
}

static void
print_vault (JsonObject *vault)
{
  print_head (vault);
  if (strcmp (bfy_field_text (vault, "state"), "absent") == 0)
    return;
  print_slots (vault);
  print_data_keys (vault);
  bfy_vault_print_rotation (vault);
  print_problems (vault);
}

static void
print_reply_json (JsonObject *reply)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), reply);

  bfy_cli_print_json (node);
}

static gboolean
vault_status (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) vault = others != NULL ? bfy_vault_fetch (cli, error) : NULL;

  if (vault == NULL)
    return FALSE;
  if (cli->is_json)
    print_reply_json (vault);
  else
    print_vault (vault);

  return TRUE;
}

/* The old keys that can go now. */
static void
print_removable (JsonObject *vault)
{
  for (guint i = 0; i < bfy_field_count (vault, "keys"); i++)
    {
      JsonObject *key = bfy_field_nth (vault, "keys", i);
      g_autofree char *fingerprint = bfy_text_to_line (bfy_field_text (key, "fingerprint"), 40);

      if (!bfy_field_boolean (key, "active") && bfy_field_int (key, "items") == 0)
        bfy_cli_print (_ ("The old one is kept until you remove it: bindify vault remove-key %s\n"),
                       fingerprint);
    }
}

/* A rotation that left something behind is done, but not well. */
static void
report_rotation (BfyCli *cli, JsonObject *vault)
{
  JsonObject *rotation = bfy_field_object (vault, "rotation");
  gboolean is_partial =
      rotation != NULL && strcmp (bfy_field_text (rotation, "state"), "partial") == 0;
  gulong n_migrated = rotation != NULL ? (gulong) MAX (bfy_field_int (rotation, "migrated"), 0) : 0;
  gulong n_left = rotation != NULL ? (gulong) MAX (bfy_field_int (rotation, "left"), 0) : 0;

  cli->exit_status = is_partial ? 1 : 0;
  if (cli->is_json)
    {
      print_reply_json (vault);
      return;
    }

  bfy_cli_print (ngettext ("The vault has a new data key; %lu credential is encrypted with it.\n",
                           "The vault has a new data key; %lu credentials are encrypted with it.\n",
                           n_migrated),
                 n_migrated);
  if (is_partial)
    bfy_cli_print (ngettext ("%lu could not be opened and were left as they are. Find out which: "
                             "bindify vault check\n",
                             "%lu could not be opened and were left as they are. Find out which: "
                             "bindify vault check\n",
                             n_left),
                   n_left);
  print_removable (vault);
}

static gboolean
vault_rotate (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) before = others != NULL ? bfy_vault_fetch_open (cli, error) : NULL;
  g_autoptr (JsonObject) vault =
      before != NULL ? bfy_cli_call (cli, "POST", "/v1/vault/rotate", NULL, error) : NULL;

  if (vault == NULL)
    return FALSE;
  report_rotation (cli, vault);

  return TRUE;
}

static gboolean
vault_check (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply =
      others != NULL ? bfy_cli_call (cli, "POST", "/v1/vault/check", NULL, error) : NULL;
  gulong n_items;

  if (reply == NULL)
    return FALSE;
  n_items = (gulong) MAX (bfy_field_int (reply, "items"), 0);
  if (cli->is_json)
    print_reply_json (reply);
  else
    bfy_cli_print (
        ngettext ("The vault is sound: its file is whole, and %lu credential opens.\n",
                  "The vault is sound: its file is whole, and all %lu credentials open.\n",
                  n_items),
        n_items);

  return TRUE;
}
