/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/lock-key.h"
#include "client/passphrase.h"

#define ATTEMPTS_MAX 3

typedef struct
{
  gboolean is_quiet;
  gboolean from_stdin;
  gboolean no_passphrase; /* lock: do not even ask */
  gboolean by_keyring;    /* unlock */
} LockOptions;

static JsonObject *
fetch_lock (BfyCli *cli, GError **error)
{
  return bfy_cli_call (cli, "GET", "/v1/lock", NULL, error);
}

static gboolean
needs_passphrase (JsonObject *lock)
{
  return strcmp (bfy_field_text (lock, "state"), "passphrase") == 0;
}

/* NULL without an error: it is locked without one. */
static BfySecret *
get_new_passphrase (BfyCli *cli, const LockOptions *options, GError **error)
{
  g_autoptr (BfyTerminal) terminal = NULL;

  if (options->no_passphrase)
    return NULL;
  if (options->from_stdin)
    return bfy_lock_key_read_stdin (cli, "--stdin", error);
  terminal = bfy_terminal_open ();
  if (terminal == NULL)
    return NULL;
  bfy_cli_set_hint (cli, _ ("bindify lock --no-passphrase locks without one"));

  return bfy_lock_key_ask_new (cli, terminal, _ ("Passphrase to unlock with (not shown): "), error);
}

static void
tell_locked (gboolean with_passphrase, gboolean has_changed, JsonObject *reply)
{
  if (!has_changed)
    bfy_cli_print (
        needs_passphrase (reply)
            ? _ ("The agent is locked already, with a passphrase: that one still opens it.\n")
            : _ ("The agent is locked already.\n"));
  else if (with_passphrase)
    bfy_cli_print (_ ("Locked. “bindify unlock” with the same passphrase lets programs go on.\n"));
  else
    bfy_cli_print (_ ("Locked, without a passphrase. “bindify unlock” lets programs go on.\n"));
}

static gboolean
lock_agent (BfyCli *cli, const LockOptions *options, GError **error)
{
  g_autoptr (JsonObject) before = fetch_lock (cli, error);
  g_autoptr (BfySecret) passphrase = NULL;
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GError) local_error = NULL;
  BfyKdf kdf;

  if (before == NULL)
    return FALSE;
  if (!needs_passphrase (before))
    passphrase = get_new_passphrase (cli, options, &local_error);
  if (passphrase != NULL)
    key = bfy_lock_key_make (passphrase, &kdf, &local_error);
  if (local_error != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                                  _ ("Nothing was locked: "));
      return FALSE;
    }
  body = key != NULL ? bfy_lock_key_body (NULL, &kdf, key) : NULL;
  reply = bfy_cli_call (cli, "POST", "/v1/lock", body, error);
  if (reply == NULL)
    return FALSE;
  if (!options->is_quiet)
    tell_locked (key != NULL, bfy_field_boolean (reply, "changed"), reply);

  return TRUE;
}

/* A keyring of its own lock may still have to be opened: say so rather than promise too much. */
static gboolean
tell_locked_keyrings (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/status", NULL, error);

  if (reply == NULL)
    return FALSE;
  for (guint i = 0; i < bfy_field_count (reply, "keyrings"); i++)
    {
      JsonObject *keyring = bfy_field_nth (reply, "keyrings", i);

      if (g_str_equal (bfy_field_text (keyring, "state"), "locked"))
        bfy_cli_print (_ ("The keyring “%s” itself is still locked: unlock it as well.\n"),
                       bfy_field_text (keyring, "name"));
    }

  return TRUE;
}

static gboolean
send_key (
    BfyCli *cli, JsonObject *lock, const BfySecret *typed, gboolean *has_changed, GError **error)
{
  g_autoptr (BfySecret) passphrase = bfy_passphrase_trim (typed);
  g_autoptr (BfySecret) key = bfy_lock_key_derive (lock, "kdf", passphrase, error);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (key == NULL)
    return FALSE;
  body = bfy_lock_key_body (NULL, NULL, key);
  reply = bfy_lock_key_call (cli, "POST", "/v1/unlock", body, error);
  if (reply == NULL)
    return FALSE;
  *has_changed = bfy_field_boolean (reply, "changed");

  return TRUE;
}

/* Three times, as elsewhere; a wrong one makes the next wait. */
static gboolean
ask_and_send (BfyCli *cli, JsonObject *lock, gboolean *has_changed, GError **error)
{
  g_autoptr (BfyTerminal) terminal = bfy_passphrase_open_terminal (cli, "--stdin", error);

  if (terminal == NULL)
    return FALSE;
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (BfySecret) typed = bfy_terminal_ask_secret (
          terminal, _ ("Passphrase that the agent was locked with (not shown): "),
          &cli->signal_number, error);

      if (typed == NULL)
        return FALSE;
      if (send_key (cli, lock, typed, has_changed, &local_error))
        return TRUE;
      if (i == ATTEMPTS_MAX || !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      fprintf (stderr, "%s.\n", local_error->message);
    }
}

static gboolean
open_with_passphrase (
    BfyCli *cli, JsonObject *lock, gboolean from_stdin, gboolean *has_changed, GError **error)
{
  g_autoptr (BfySecret) passphrase = NULL;
  gboolean is_open;

  if (from_stdin)
    {
      passphrase = bfy_lock_key_read_stdin (cli, "--stdin", error);
      is_open = passphrase != NULL && send_key (cli, lock, passphrase, has_changed, error);
    }
  else
    {
      is_open = ask_and_send (cli, lock, has_changed, error);
    }
  if (!is_open && cli->hint == NULL)
    bfy_cli_set_hint (cli,
                      _ ("bindify unlock --keyring, which your keyring’s password opens, too"));

  return is_open;
}

static gboolean
open_plain (BfyCli *cli, gboolean *has_changed, GError **error)
{
  g_autoptr (JsonObject) reply =
      bfy_cli_call_json (cli, "POST", "/v1/unlock", json_object_new (), error);

  if (reply == NULL)
    return FALSE;
  *has_changed = bfy_field_boolean (reply, "changed");

  return TRUE;
}

/* A BfyVaultTry. */
static gboolean
try_vault (
    BfyCli *cli, const BfySlot *slot, const BfySecret *key, gpointer user_data, GError **error)
{
  g_autoptr (GBytes) body = bfy_slot_body_unlock (slot->number, key);
  g_autoptr (JsonObject) reply = bfy_lock_key_call (cli, "POST", "/v1/unlock", body, error);

  return reply != NULL;
}

static gboolean
open_by_vault (BfyCli *cli, gboolean from_stdin, GError **error)
{
  g_autoptr (JsonObject) vault = bfy_vault_fetch (cli, error);
  g_autoptr (GArray) slots = NULL;
  g_autoptr (GError) local_error = NULL;
  BfyVaultDoor door = { .attempt = try_vault };

  if (vault == NULL)
    return FALSE;
  slots = bfy_slots_read (vault);
  door.slots = slots;

  if (bfy_vault_open_by_person (cli, &door, from_stdin, &local_error))
    return TRUE;

  /* What the vault lacks is no news to who asks for a way around a passphrase. */
  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_LOCKED))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                         _ ("There is neither a desktop keyring nor a vault with a passphrase or "
                            "recovery code: only the lock’s own passphrase opens it"));
  else
    g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/* The desktop’s keyring if there is one, else the vault. */
static gboolean
open_by_keyring (BfyCli *cli, const LockOptions *options, GError **error)
{
  JsonObject *wish = json_object_new ();
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (GError) local_error = NULL;

  json_object_set_boolean_member (wish, "keyring", TRUE);
  if (!options->is_quiet && !options->from_stdin)
    fprintf (stderr, _ ("The password of your keyring opens the agent, too. "
                        "If your desktop asks for it, answer there.\n"));
  if (!options->from_stdin)
    reply = bfy_cli_call_json (cli, "POST", "/v1/unlock", wish, &local_error);
  else
    json_object_unref (wish);
  if (reply != NULL)
    return TRUE;
  if (local_error != NULL &&
      !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return open_by_vault (cli, options->from_stdin, error);
}

static gboolean
open_agent (BfyCli *cli,
            const LockOptions *options,
            JsonObject *lock,
            gboolean *has_changed,
            GError **error)
{
  if (needs_passphrase (lock) && options->by_keyring)
    {
      *has_changed = TRUE;
      return open_by_keyring (cli, options, error);
    }
  if (needs_passphrase (lock))
    return open_with_passphrase (cli, lock, options->from_stdin, has_changed, error);

  return open_plain (cli, has_changed, error);
}

/* The agent first: what does not rest in the vault need not wait for its passphrase. What came on
 * stdin has been used for the lock if that needed it. */
static gboolean
unlock (BfyCli *cli, const LockOptions *options, GError **error)
{
  g_autoptr (JsonObject) lock = fetch_lock (cli, error);
  gboolean has_changed, was_locked = FALSE;

  if (lock == NULL || !open_agent (cli, options, lock, &has_changed, error))
    return FALSE;
  if (has_changed && !options->is_quiet)
    bfy_cli_print (_ ("Unlocked.\n"));
  if (!(options->from_stdin && needs_passphrase (lock)) &&
      !bfy_vault_unlock_dialogue (cli, options->from_stdin, &was_locked, error))
    return FALSE;
  if (options->is_quiet)
    return TRUE;
  if (was_locked)
    bfy_cli_print (_ ("The vault is open.\n"));
  else if (!has_changed)
    bfy_cli_print (_ ("The agent is not locked.\n"));
  if (bfy_field_boolean (lock, "frozen"))
    bfy_cli_print (_ ("Everything is still frozen: “bindify thaw” lets it go on.\n"));

  return tell_locked_keyrings (cli, error);
}

gboolean
bfy_lock (BfyCli *cli, gboolean is_quiet, GError **error)
{
  const LockOptions options = { .is_quiet = is_quiet };

  return lock_agent (cli, &options, error);
}

gboolean
bfy_unlock (BfyCli *cli, gboolean is_quiet, GError **error)
{
  const LockOptions options = { .is_quiet = is_quiet };

  return unlock (cli, &options, error);
}

gboolean
bfy_command_lock (BfyCli *cli, GStrv words, GError **error)
{
  LockOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "no-passphrase", 0, 0, G_OPTION_ARG_NONE, &options.no_passphrase,
      N_ ("Any program of yours may unlock again"), NULL },
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &options.from_stdin,
      N_ ("Read the passphrase to unlock with from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  return others != NULL && lock_agent (cli, &options, error);
}

gboolean
bfy_command_unlock (BfyCli *cli, GStrv words, GError **error)
{
  LockOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &options.from_stdin,
      N_ ("Read the lock’s passphrase, or the vault’s or its recovery code, from stdin"), NULL },
    { "keyring", 0, 0, G_OPTION_ARG_NONE, &options.by_keyring,
      N_ ("Open it with the password of your keyring instead of the lock’s passphrase"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  return others != NULL && unlock (cli, &options, error);
}
