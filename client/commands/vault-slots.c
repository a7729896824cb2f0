/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/calibrate.h"
#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/passphrase.h"
#include "client/secret-stdin.h"
#include "protocol/json.h"
#include "protocol/recovery.h"

/* The commands that make, change and remove key slots. */

typedef struct
{
  gboolean passphrase;
  gboolean passphrase_stdin;
  gboolean recovery;
  gboolean key_file;
  gboolean systemd_credential;
  gboolean no_key_file;
} SlotOptions;

gboolean
bfy_vault_derive_new (const BfySecret *passphrase, BfyKdf *kdf, BfySecret **key, GError **error)
{
  if (!bfy_calibrate (kdf, error) || !bfy_kdf_make_salt (kdf, error))
    return FALSE;
  *key = bfy_kdf_derive (kdf, passphrase, error);

  return *key != NULL;
}

/* POST or PUT of a slot; its number, or 0 on error. */
static guint
send_slot (BfyCli *cli, const char *method, const char *path, GBytes *body, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, method, path, body, error);
  gint64 number;

  if (reply == NULL)
    return 0;
  number = bfy_field_int (reply, "slot");
  if (number > 0 && number <= G_MAXINT)
    return (guint) number;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                       _ ("The agent did not say which slot it made; see: bindify vault status"));

  return 0;
}

static guint
send_passphrase (
    BfyCli *cli, const char *method, const char *path, const BfySecret *passphrase, GError **error)
{
  BfyKdf kdf = { 0 };
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) body = NULL;

  if (!bfy_vault_derive_new (passphrase, &kdf, &key, error))
    return 0;
  body = bfy_slot_body_new ("passphrase", &kdf, key);

  return send_slot (cli, method, path, body, error);
}

/* The agent knows that secret itself. */
static guint
send_kind (BfyCli *cli, const char *path, const char *kind, GError **error)
{
  g_autoptr (GBytes) body = bfy_slot_body_new (kind, NULL, NULL);

  return send_slot (cli, "POST", path, body, error);
}

/* @text is what to write down. */
static guint
send_recovery (BfyCli *cli, BfySecret **text, GError **error)
{
  BfyKdf kdf = { .algorithm = BFY_KDF_HKDF_SHA256 };
  g_autoptr (BfySecret) code = bfy_recovery_new (error);
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) body = NULL;
  guint number;

  if (code == NULL || !bfy_kdf_make_salt (&kdf, error))
    return 0;
  key = bfy_kdf_derive (&kdf, code, error);
  if (key == NULL)
    return 0;
  body = bfy_slot_body_new ("recovery", &kdf, key);
  number = send_slot (cli, "POST", "/v1/vault/slots", body, error);
  if (number != 0)
    *text = bfy_recovery_to_text (code);

  return number;
}

/* Past stdio, whose buffer would keep it. */
static void
print_secret (const BfySecret *secret)
{
  gsize left;
  const guint8 *bytes = bfy_secret_peek (secret, &left);

  fflush (stdout);
  while (left > 0)
    {
      gssize n = write (STDOUT_FILENO, bytes, left);

      if (n < 0)
        return;
      bytes += n;
      left -= (gsize) n;
    }
}

static void
print_recovery (guint number, const BfySecret *text)
{
  bfy_cli_print (_ ("Recovery code (slot %u):"), number);
  bfy_cli_print ("\n\n    ");
  print_secret (text);
  bfy_cli_print (
      _ ("\n\nWrite it down on paper now, and keep the paper away from this machine. It is "
         "shown\nthis once and stored nowhere. It opens the vault when the passphrase is "
         "forgotten, for\nanybody who has it: bindify unlock\n"));
}

/* {"slots":[{"number","kind"}…],"recovery_code":"…"|null} */
static void
print_json (GPtrArray *slots, const BfySecret *recovery)
{
  bfy_cli_print ("{\"slots\":[");
  for (guint i = 0; i < slots->len; i++)
    bfy_cli_print ("%s%s", i > 0 ? "," : "", (const char *) g_ptr_array_index (slots, i));
  bfy_cli_print ("],\"recovery_code\":%s", recovery != NULL ? "\"" : "null");
  if (recovery != NULL)
    {
      print_secret (recovery);
      bfy_cli_print ("\"");
    }
  bfy_cli_print ("}\n");
}

static void
note_slot (GPtrArray *slots, guint number, const char *kind)
{
  g_ptr_array_add (slots, g_strdup_printf ("{\"number\":%u,\"kind\":\"%s\"}", number, kind));
}

static GStrv
parse_init (BfyCli *cli, SlotOptions *options, GStrv words, GError **error)
{
  const GOptionEntry entries[] = {
    { "passphrase", 0, 0, G_OPTION_ARG_NONE, &options->passphrase,
      N_ ("Let a passphrase open the vault; it is asked for"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &options->passphrase_stdin,
      N_ ("The same, read from stdin"), NULL },
    { "recovery", 0, 0, G_OPTION_ARG_NONE, &options->recovery,
      N_ ("Let a recovery code open it as well; it is printed once"), NULL },
    { "no-key-file", 0, 0, G_OPTION_ARG_NONE, &options->no_key_file,
      N_ ("Make no key file: after each start of the agent the passphrase is needed"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_parse (cli, entries, words, error);
}

static gboolean
check_init (BfyCli *cli, const SlotOptions *options, GError **error)
{
  g_autoptr (JsonObject) vault = NULL;

  if (options->no_key_file && !options->passphrase && !options->passphrase_stdin)
    {
      bfy_cli_set_hint (cli, "bindify vault init --passphrase --no-key-file");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Without a key file the vault needs a passphrase"));
      return FALSE;
    }

  /* Asked before anybody thinks up a passphrase; the agent decides. */
  vault = bfy_vault_fetch (cli, error);
  if (vault == NULL)
    return FALSE;
  if (strcmp (bfy_field_text (vault, "state"), "absent") == 0)
    return TRUE;

  bfy_cli_set_hint (cli, "bindify vault add-key --passphrase");
  g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
               _ ("There is a vault already: %s. It can get further keys, and lose old ones"),
               bfy_field_text (vault, "path"));

  return FALSE;
}

/* The first slot makes the vault, further ones are added. */
static gboolean
make_vault (BfyCli *cli, const SlotOptions *options, GPtrArray *slots, GError **error)
{
  gboolean has_passphrase = options->passphrase || options->passphrase_stdin;
  g_autoptr (BfySecret) passphrase = NULL;
  guint number;

  if (!has_passphrase)
    {
      number = send_kind (cli, "/v1/vault", "key_file", error);
      if (number != 0)
        note_slot (slots, number, "key_file");
      return number != 0;
    }

  passphrase = bfy_passphrase_get_new (cli, options->passphrase_stdin,
                                       _ ("New passphrase for the vault (not shown): "), error);
  if (passphrase == NULL)
    return FALSE;
  number = send_passphrase (cli, "POST", "/v1/vault", passphrase, error);
  if (number == 0)
    return FALSE;
  note_slot (slots, number, "passphrase");
  if (options->no_key_file)
    return TRUE;
  number = send_kind (cli, "/v1/vault/slots", "key_file", error);
  if (number == 0)
    {
      g_prefix_error (error, _ ("The vault is made and has its passphrase, but no key file: "));
      return FALSE;
    }
  note_slot (slots, number, "key_file");

  return TRUE;
}

static void
report_init (const SlotOptions *options)
{
  bfy_cli_print (_ ("The vault is made.\n"));
  if (options->no_key_file)
    bfy_cli_print (
        _ ("It is open now. After each start of bindify-agent it is locked until you type "
           "the\npassphrase: bindify unlock\n"));
  else
    bfy_cli_print (_ ("It opens by itself with its key file, which lies beside it: that protects a "
                      "copy of\nthe vault, not a copy of your home directory.\n"));
  if (!options->passphrase && !options->passphrase_stdin)
    bfy_cli_print (
        _ ("To need a passphrase instead: bindify vault add-key --passphrase, then bindify "
           "vault\nremove-key 1\n"));
}

gboolean
bfy_vault_command_init (BfyCli *cli, GStrv words, GError **error)
{
  SlotOptions options = { 0 };
  g_auto (GStrv) others = parse_init (cli, &options, words, error);
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (BfySecret) recovery = NULL;
  guint recovery_slot = 0;

  if (others == NULL || !check_init (cli, &options, error) ||
      !make_vault (cli, &options, slots, error))
    return FALSE;
  if (options.recovery)
    {
      recovery_slot = send_recovery (cli, &recovery, error);
      if (recovery_slot == 0)
        {
          bfy_cli_set_hint (cli, "bindify vault add-key --recovery");
          g_prefix_error (error, _ ("The vault is made, but has no recovery code: "));
          return FALSE;
        }
      note_slot (slots, recovery_slot, "recovery");
    }

  if (cli->is_json)
    {
      print_json (slots, recovery);
      return TRUE;
    }
  report_init (&options);
  if (recovery != NULL)
    {
      bfy_cli_print ("\n");
      print_recovery (recovery_slot, recovery);
    }

  return TRUE;
}

static GStrv
parse_add (BfyCli *cli, SlotOptions *options, GStrv words, GError **error)
{
  const GOptionEntry entries[] = {
    { "passphrase", 0, 0, G_OPTION_ARG_NONE, &options->passphrase,
      N_ ("A passphrase; it is asked for"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &options->passphrase_stdin,
      N_ ("A passphrase, read from stdin"), NULL },
    { "recovery", 0, 0, G_OPTION_ARG_NONE, &options->recovery,
      N_ ("A recovery code; it is printed once"), NULL },
    { "key-file", 0, 0, G_OPTION_ARG_NONE, &options->key_file,
      N_ ("The key file of this machine, made if it is not there"), NULL },
    { "systemd-credential", 0, 0, G_OPTION_ARG_NONE, &options->systemd_credential,
      N_ ("The credential “bindify.vault-key” that systemd gives to bindify-agent"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_parse (cli, entries, words, error);
}

static gboolean
check_add (BfyCli *cli, const SlotOptions *options, GError **error)
{
  gboolean has_passphrase = options->passphrase || options->passphrase_stdin;

  if (has_passphrase + options->recovery + options->key_file + options->systemd_credential == 1)
    return TRUE;

  bfy_cli_set_hint (cli, "bindify vault add-key --passphrase");
  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
      _ ("Say which one kind of key to add: --passphrase, --recovery, --key-file or "
         "--systemd-credential"));

  return FALSE;
}

static guint
add_slot (BfyCli *cli,
          const SlotOptions *options,
          const char **kind,
          BfySecret **recovery,
          GError **error)
{
  g_autoptr (BfySecret) passphrase = NULL;

  if (options->recovery)
    {
      *kind = "recovery";
      return send_recovery (cli, recovery, error);
    }
  if (options->key_file || options->systemd_credential)
    {
      *kind = options->key_file ? "key_file" : "systemd_credential";
      return send_kind (cli, "/v1/vault/slots", *kind, error);
    }

  *kind = "passphrase";
  passphrase = bfy_passphrase_get_new (cli, options->passphrase_stdin,
                                       _ ("New passphrase for the vault (not shown): "), error);

  return passphrase != NULL ? send_passphrase (cli, "POST", "/v1/vault/slots", passphrase, error)
                            : 0;
}

gboolean
bfy_vault_command_add_key (BfyCli *cli, GStrv words, GError **error)
{
  SlotOptions options = { 0 };
  g_auto (GStrv) others = parse_add (cli, &options, words, error);
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonObject) vault = NULL;
  g_autoptr (BfySecret) recovery = NULL;
  const char *kind = NULL;
  guint number;

  if (others == NULL || !check_add (cli, &options, error))
    return FALSE;
  vault = bfy_vault_fetch_open (cli, error);
  number = vault != NULL ? add_slot (cli, &options, &kind, &recovery, error) : 0;
  if (number == 0)
    return FALSE;

  note_slot (slots, number, kind);
  if (cli->is_json)
    print_json (slots, recovery);
  else if (recovery != NULL)
    print_recovery (number, recovery);
  else
    bfy_cli_print (_ ("Added key slot %u (%s).\n"), number, bfy_vault_kind_text (kind));

  return TRUE;
}
