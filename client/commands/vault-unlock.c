/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/passphrase.h"
#include "client/secret-stdin.h"
#include "protocol/recovery.h"

#define ATTEMPTS_MAX 3

/* What was typed, in the two ways it can be meant. */
typedef struct
{
  BfySecret *passphrase; /* (owned) */
  BfySecret *code;       /* (owned) (nullable) it reads as a recovery code … */
  GError *why_no_code;   /* (owned) (nullable) … or why not */
} Typed;

static void
typed_clear (Typed *self)
{
  g_clear_pointer (&self->passphrase, bfy_secret_unref);
  g_clear_pointer (&self->code, bfy_secret_unref);
  g_clear_error (&self->why_no_code);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Typed, typed_clear)

static void
typed_init (Typed *self, const BfySecret *text)
{
  *self = (Typed){ .passphrase = bfy_passphrase_trim (text) };
  self->code = bfy_recovery_parse (self->passphrase, &self->why_no_code);
}

static gboolean
has_kind (GArray *slots, const char *kind)
{
  guint index = 0;

  return bfy_slots_next (slots, kind, &index) != NULL;
}

static const char *
prompt_for (GArray *slots)
{
  gboolean has_passphrase = has_kind (slots, "passphrase");

  if (has_passphrase && has_kind (slots, "recovery"))
    return _ ("Passphrase of the vault, or recovery code (not shown): ");

  return has_passphrase ? _ ("Passphrase of the vault (not shown): ")
                        : _ ("Recovery code of the vault (not shown): ");
}

/* Tries @input on every slot of @kind. FALSE with BFY_ERROR_DENIED when there is none it fits. */
static gboolean
try_kind (
    BfyCli *cli, const BfyVaultDoor *door, const char *kind, const BfySecret *input, GError **error)
{
  const BfySlot *slot;
  guint index = 0;

  while ((slot = bfy_slots_next (door->slots, kind, &index)) != NULL)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (BfySecret) key = bfy_kdf_derive (&slot->kdf, input, error);

      if (key == NULL)
        return FALSE;
      if (door->attempt (cli, slot, key, door->user_data, &local_error))
        return TRUE;
      if (!g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, "none");
  return FALSE;
}

/* Recovery codes are quick to try and cannot be taken for one by accident: they come first. */
static gboolean
try_typed (BfyCli *cli, const BfyVaultDoor *door, const Typed *typed, GError **error)
{
  gboolean has_passphrase = has_kind (door->slots, "passphrase");
  g_autoptr (GError) local_error = NULL;

  if (typed->code != NULL)
    {
      if (try_kind (cli, door, "recovery", typed->code, &local_error))
        return TRUE;
      if (!g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      g_clear_error (&local_error);
    }
  if (!has_passphrase && typed->code == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, typed->why_no_code->message);
      return FALSE;
    }
  if (has_passphrase && try_kind (cli, door, "passphrase", typed->passphrase, &local_error))
    return TRUE;
  if (local_error != NULL && !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       has_passphrase ? _ ("That is not the passphrase")
                                      : _ ("That recovery code does not belong to this vault"));
  return FALSE;
}

static BfySecret *
ask (BfyCli *cli, BfyTerminal *terminal, GArray *slots, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  BfySecret *text =
      bfy_terminal_ask_secret (terminal, prompt_for (slots), &cli->signal_number, &local_error);

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_CANCELLED))
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                         _ ("Cancelled: nothing was opened"));
  else if (text == NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return text;
}

/* Only the machine opens it. */
static gboolean
refuse_unattended (GError **error)
{
  g_set_error_literal (
      error, BFY_ERROR, BFY_ERROR_LOCKED,
      _ ("It has no passphrase and no recovery code: it opens only with its key file or systemd "
         "credential, where bindify-agent runs"));

  return FALSE;
}

static gboolean
has_person_slot (GArray *slots)
{
  return has_kind (slots, "passphrase") || has_kind (slots, "recovery");
}

gboolean
bfy_vault_open_with (BfyCli *cli, const BfyVaultDoor *door, const BfySecret *text, GError **error)
{
  g_auto (Typed) typed = { .code = NULL };

  if (!has_person_slot (door->slots))
    return refuse_unattended (error);
  typed_init (&typed, text);

  return try_typed (cli, door, &typed, error);
}

static gboolean
ask_and_open (BfyCli *cli, const BfyVaultDoor *door, BfyTerminal *terminal, GError **error)
{
  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (BfySecret) text = ask (cli, terminal, door->slots, error);

      if (text == NULL)
        return FALSE;
      if (bfy_vault_open_with (cli, door, text, &local_error))
        return TRUE;
      if (i == ATTEMPTS_MAX || !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      fprintf (stderr, "%s.\n", local_error->message);
    }
}

gboolean
bfy_vault_open_by_person (BfyCli *cli,
                          const BfyVaultDoor *door,
                          gboolean from_stdin,
                          GError **error)
{
  const char *option = door->stdin_option != NULL ? door->stdin_option : "--stdin";
  g_autoptr (BfySecret) text = NULL;
  g_autoptr (BfyTerminal) terminal = NULL;

  if (!has_person_slot (door->slots))
    return refuse_unattended (error);
  if (from_stdin)
    {
      text = bfy_secret_read_stdin (cli, option, N_ ("passphrase"), error);
      return text != NULL && bfy_vault_open_with (cli, door, text, error);
    }

  terminal = bfy_passphrase_open_terminal (cli, option, error);

  return terminal != NULL && ask_and_open (cli, door, terminal, error);
}

gboolean
bfy_vault_try_unlock (
    BfyCli *cli, const BfySlot *slot, const BfySecret *key, gpointer user_data, GError **error)
{
  g_autoptr (GBytes) body = bfy_slot_body_unlock (slot->number, key);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "POST", "/v1/vault/unlock", body, error);

  return reply != NULL;
}

gboolean
bfy_vault_unlock_dialogue (BfyCli *cli, gboolean from_stdin, gboolean *was_locked, GError **error)
{
  g_autoptr (JsonObject) vault = bfy_vault_fetch (cli, error);
  g_autoptr (GArray) slots = NULL;
  BfyVaultDoor door = { .attempt = bfy_vault_try_unlock };

  *was_locked = FALSE;
  if (vault == NULL)
    return FALSE;
  if (strcmp (bfy_field_text (vault, "state"), "locked") != 0)
    return TRUE;

  *was_locked = TRUE;
  slots = bfy_slots_read (vault);
  door.slots = slots;
  if (bfy_vault_open_by_person (cli, &door, from_stdin, error))
    return TRUE;

  if (cli->hint == NULL)
    bfy_cli_set_hint (cli, "bindify vault status");

  return FALSE;
}
