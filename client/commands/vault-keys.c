/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/join.h"
#include "client/passphrase.h"
#include "client/secret-stdin.h"
#include "protocol/name.h"

#define FINGERPRINT_LENGTH 16

/* `bindify vault passwd` and `remove-key`. */

static gboolean
parse_number (const char *word, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (word, 10, 1, G_MAXINT, &value, NULL))
    return FALSE;
  *number = (guint) value;

  return TRUE;
}

static gboolean
is_fingerprint (const char *word)
{
  return strlen (word) == FINGERPRINT_LENGTH &&
         strspn (word, "0123456789abcdef") == FINGERPRINT_LENGTH;
}

/* The slot whose passphrase is to change. @word: its number, or NULL for the only one. */
static const BfySlot *
choose_passphrase (BfyCli *cli, GArray *slots, const char *word, GError **error)
{
  guint number = 0, index = 0;
  const BfySlot *slot;
  const BfySlot *found = NULL;
  gboolean is_ambiguous = FALSE;

  if (word != NULL && !parse_number (word, &number))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("A key slot is a number; see: bindify vault status"));
      return NULL;
    }
  while ((slot = bfy_slots_next (slots, "passphrase", &index)) != NULL)
    {
      if (number != 0 && slot->number != number)
        continue;
      is_ambiguous = found != NULL;
      found = slot;
    }
  if (found != NULL && !is_ambiguous)
    return found;

  if (is_ambiguous)
    {
      bfy_cli_set_hint (cli, "bindify vault passwd %u", found->number);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("The vault has several passphrases: say the number of the key slot"));
    }
  else
    {
      bfy_cli_set_hint (cli, number != 0 ? "bindify vault status"
                                         : "bindify vault add-key --passphrase");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           number != 0 ? _ ("There is no passphrase in that key slot")
                                       : _ ("The vault has no passphrase that could be changed"));
    }

  return NULL;
}

/* That slot and the recovery codes: who forgot the passphrase sets a new one with such a code. */
static GArray *
proofs_for (GArray *slots, const BfySlot *chosen)
{
  GArray *proofs = g_array_new (FALSE, FALSE, sizeof (BfySlot));
  const BfySlot *slot;
  guint index = 0;

  g_array_append_val (proofs, *chosen);
  while ((slot = bfy_slots_next (slots, "recovery", &index)) != NULL)
    g_array_append_val (proofs, *slot);

  return proofs;
}

/* The new passphrase, once the old one has been shown to be known. */
static BfySecret *
exchange_passphrases (BfyCli *cli, GArray *proofs, gboolean from_stdin, GError **error)
{
  const BfyVaultDoor door = { proofs, bfy_vault_try_unlock, NULL, "--passphrase-stdin" };
  g_autoptr (BfySecret) piped = NULL;
  g_autoptr (BfySecret) old_one = NULL;
  g_autoptr (BfySecret) new_one = NULL;

  if (!from_stdin)
    return bfy_vault_open_by_person (cli, &door, FALSE, error)
               ? bfy_passphrase_get_new (cli, FALSE,
                                         _ ("New passphrase for the vault (not shown): "), error)
               : NULL;

  piped = bfy_secret_read_stdin (cli, "--passphrase-stdin", N_ ("passphrase"), error);
  if (piped == NULL || !bfy_passphrase_split (piped, &old_one, &new_one, error) ||
      !bfy_passphrase_check (new_one, error) || !bfy_vault_open_with (cli, &door, old_one, error))
    return NULL;

  return g_steal_pointer (&new_one);
}

static gboolean
replace (BfyCli *cli, guint number, const BfySecret *passphrase, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/v1/vault/slots/%u", number);
  BfyKdf kdf = { 0 };
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (!bfy_vault_derive_new (passphrase, &kdf, &key, error))
    return FALSE;
  body = bfy_slot_body_new ("passphrase", &kdf, key);
  reply = bfy_cli_call (cli, "PUT", path, body, error);

  return reply != NULL;
}

/* A vault whose header can be read. */
static JsonObject *
fetch_present (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) vault = bfy_vault_fetch (cli, error);

  if (vault == NULL || strcmp (bfy_field_text (vault, "state"), "locked") == 0)
    return g_steal_pointer (&vault);

  return bfy_vault_fetch_open (cli, error);
}

gboolean
bfy_vault_command_passwd (BfyCli *cli, GStrv words, GError **error)
{
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("Read two lines from stdin: the present passphrase (or recovery code), the new "
          "passphrase"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) vault = others != NULL ? fetch_present (cli, error) : NULL;
  g_autoptr (GArray) slots = vault != NULL ? bfy_slots_read (vault) : NULL;
  const BfySlot *chosen = slots != NULL ? choose_passphrase (cli, slots, others[0], error) : NULL;
  g_autoptr (GArray) proofs = chosen != NULL ? proofs_for (slots, chosen) : NULL;
  g_autoptr (BfySecret) passphrase = NULL;

  if (proofs == NULL)
    return FALSE;
  passphrase = exchange_passphrases (cli, proofs, from_stdin, error);
  if (passphrase == NULL || !replace (cli, chosen->number, passphrase, error))
    return FALSE;

  if (cli->is_json)
    bfy_cli_print ("{\"slot\":%u}\n", chosen->number);
  else
    bfy_cli_print (
        _ ("The passphrase in key slot %u is changed. Copies of the vault that were made "
           "before\nstill open with the old one.\n"),
        chosen->number);

  return TRUE;
}

/* What opens the vault from now on. */
static void
print_rest (JsonObject *vault)
{
  g_autofree char *list = NULL;
  gboolean opens_itself = FALSE;

  for (guint i = 0; i < bfy_field_count (vault, "slots"); i++)
    {
      JsonObject *slot = bfy_field_nth (vault, "slots", i);
      const char *kind = bfy_field_text (slot, "kind");
      g_autofree char *name = NULL;

      opens_itself = opens_itself || strcmp (kind, "key_file") == 0 ||
                     strcmp (kind, "systemd_credential") == 0;
      /* Translators: a kind of key, and the number of its slot. */
      name = g_strdup_printf (_ ("%s (slot %d)"), bfy_vault_kind_text (kind),
                              (int) bfy_field_int (slot, "number"));
      bfy_join_comma (&list, name);
    }
  /* Translators: %s is a list of keys. */
  bfy_cli_print (_ ("The vault still opens with: %s.\n"), list != NULL ? list : "");
  if (!opens_itself)
    bfy_cli_print (_ ("After each start of bindify-agent it is locked until: bindify unlock\n"));
}

/* The kind of slot @number, or "". */
static const char *
kind_of (JsonObject *vault, guint number)
{
  for (guint i = 0; i < bfy_field_count (vault, "slots"); i++)
    {
      JsonObject *slot = bfy_field_nth (vault, "slots", i);

      if (bfy_field_int (slot, "number") == number)
        return bfy_field_text (slot, "kind");
    }

  return "";
}

static gboolean
remove_slot (BfyCli *cli, guint number, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/v1/vault/slots/%u", number);
  g_autoptr (JsonObject) before = bfy_vault_fetch_open (cli, error);
  g_autoptr (JsonObject) reply =
      before != NULL ? bfy_cli_call (cli, "DELETE", path, NULL, error) : NULL;
  g_autoptr (JsonObject) after = NULL;

  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print ("{\"removed\":\"%u\"}\n", number);
      return TRUE;
    }

  bfy_cli_print (
      _ ("Removed key slot %u (%s). Copies of the vault that were made before still open\n"
         "with it.\n"),
      number, bfy_vault_kind_text (kind_of (before, number)));
  after = bfy_vault_fetch (cli, NULL);
  if (after != NULL)
    print_rest (after);

  return TRUE;
}

static gboolean
remove_data_key (BfyCli *cli, const char *fingerprint, GError **error)
{
  g_autofree char *path = g_strconcat ("/v1/vault/keys/", fingerprint, NULL);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "DELETE", path, NULL, error);

  if (reply == NULL)
    return FALSE;
  bfy_cli_print (cli->is_json ? "{\"removed\":\"%s\"}\n" : _ ("Removed the data key %s.\n"),
                 fingerprint);

  return TRUE;
}

gboolean
bfy_vault_command_remove_key (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autofree char *word = others != NULL ? g_ascii_strdown (others[0], -1) : NULL;
  guint number;

  if (word == NULL)
    return FALSE;
  /* Sixteen digits are a fingerprint, too. */
  if (is_fingerprint (word))
    return remove_data_key (cli, word, error);
  if (parse_number (word, &number))
    return remove_slot (cli, number, error);

  bfy_cli_set_hint (cli, "bindify vault status");
  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
      _ ("That is neither the number of a key slot nor the fingerprint of a data key "
         "(16 hex digits)"));

  return FALSE;
}
