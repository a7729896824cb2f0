/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/body.h"
#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/passphrase.h"
#include "client/saved-file.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* The agent's own cap is the same. */
#define VAULT_BYTES_MAX (16 * 1024 * 1024)
#define SHOWN_CHARACTERS_MAX 400

/* Waits for the head of the answer; its body as a stream. */
static GInputStream *
send_message (BfyCli *cli, SoupMessage *message, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  bfy_remote_send_async (cli->remote, message, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);

  return bfy_remote_send_finish (cli->remote, result, error);
}

static GBytes *
read_body (BfyCli *cli, GInputStream *stream, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local_error = NULL;
  GBytes *body;

  bfy_body_read_async (stream, VAULT_BYTES_MAX, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  body = bfy_body_read_finish (result, &local_error);
  if (body == NULL)
    g_propagate_error (error, bfy_remote_error_from_io (cli->remote, local_error));

  return body;
}

/* A request whose answer is a file. */
static GBytes *
fetch_file (BfyCli *cli, const char *method, const char *path, GBytes *body, GError **error)
{
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) content = NULL;
  gsize length;
  const char *text;

  if (bfy_cli_connect (cli, error) == NULL)
    return NULL;
  message = bfy_remote_new_message (cli->remote, method, path);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", body);
  stream = send_message (cli, message, error);
  content = stream != NULL ? read_body (cli, stream, error) : NULL;
  if (content == NULL || soup_message_get_status (message) == SOUP_STATUS_OK)
    return g_steal_pointer (&content);

  text = g_bytes_get_data (content, &length);
  g_clear_pointer (&cli->hint, g_free);
  g_propagate_error (error, bfy_remote_error_from_body (soup_message_get_status (message), text,
                                                        length, &cli->hint));

  return NULL;
}

static gboolean
save (BfyCli *cli, const char *path, GBytes *content, const char *sentence, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);
  gulong n_bytes = g_bytes_get_size (content);
  JsonObject *reply;
  g_autoptr (JsonNode) node = NULL;

  if (!bfy_saved_file_write (path, content, error))
    return FALSE;
  if (!cli->is_json)
    {
      bfy_cli_print (ngettext ("Wrote %s (%lu byte).", "Wrote %s (%lu bytes).", n_bytes), shown,
                     n_bytes);
      bfy_cli_print (" %s\n", sentence);
      return TRUE;
    }

  reply = json_object_new ();
  json_object_set_string_member (reply, "file", shown);
  json_object_set_int_member (reply, "bytes", (gint64) g_bytes_get_size (content));
  node = json_node_init_object (json_node_alloc (), reply);
  json_object_unref (reply);
  bfy_cli_print_json (node);

  return TRUE;
}

gboolean
bfy_vault_command_backup (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (GBytes) content = NULL;

  if (others == NULL || !bfy_saved_file_is_new (others[0], error))
    return FALSE;
  content = fetch_file (cli, "GET", "/v1/vault/backup", NULL, error);

  return content != NULL && save (cli, others[0], content,
                                  _ ("It opens with the keys that the vault has now;\nthe key file "
                                     "is not in it. Bindings "
                                     "are in bindify.db: copy that, too."),
                                  error);
}

gboolean
bfy_vault_command_export (BfyCli *cli, GStrv words, GError **error)
{
  gboolean is_encrypted = FALSE, from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "encrypted", 0, 0, G_OPTION_ARG_NONE, &is_encrypted,
      N_ ("Under a passphrase of its own, which is asked for; there is no other form"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("Read that passphrase from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) vault = NULL;
  g_autoptr (BfySecret) passphrase = NULL;
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) request = NULL;
  g_autoptr (GBytes) content = NULL;
  BfyKdf kdf = { 0 };

  if (others == NULL)
    return FALSE;
  if (!is_encrypted)
    {
      bfy_cli_set_hint (cli, "bindify vault export --encrypted FILE");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Credentials leave the vault encrypted or not at all"));
      return FALSE;
    }
  if (!bfy_saved_file_is_new (others[0], error))
    return FALSE;
  vault = bfy_vault_fetch_open (cli, error);
  passphrase = vault != NULL
                   ? bfy_passphrase_get_new (
                         cli, from_stdin, _ ("New passphrase for the export (not shown): "), error)
                   : NULL;
  if (passphrase == NULL || !bfy_vault_derive_new (passphrase, &kdf, &key, error))
    return FALSE;
  request = bfy_slot_body_export (&kdf, key);
  content = fetch_file (cli, "POST", "/v1/vault/export", request, error);

  return content != NULL &&
         save (cli, others[0], content,
               _ ("It opens with that passphrase alone:\nbindify vault restore FILE"), error);
}

/* What restoring is about, for the slots that are tried. */
typedef struct
{
  GBytes *file; /* borrowed */
  gboolean force;
  JsonObject *vault; /* (owned) (nullable) as it is afterwards */
} Restore;

static gboolean
send_restore (BfyCli *cli, Restore *self, guint slot, const BfySecret *key, GError **error)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/vault/restore?slot=%u&force=%s", slot, self->force ? "true" : "false");
  g_autoptr (GBytes) body = bfy_slot_body_file (self->file, key);

  self->vault = bfy_cli_call (cli, "POST", path, body, error);

  return self->vault != NULL;
}

static gboolean
try_restore (
    BfyCli *cli, const BfySlot *slot, const BfySecret *key, gpointer user_data, GError **error)
{
  return send_restore (cli, user_data, slot->number, key, error);
}

/* With what the agent has itself, then with what the person knows. */
static gboolean
restore (BfyCli *cli, Restore *self, gboolean from_stdin, GError **error)
{
  g_autoptr (GBytes) body = bfy_slot_body_file (self->file, NULL);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "POST", "/v1/vault/inspect", body, error);
  g_autoptr (GArray) slots = reply != NULL ? bfy_slots_read (reply) : NULL;
  const BfyVaultDoor door = { slots, try_restore, self, "--stdin" };
  g_autoptr (GError) local_error = NULL;

  if (slots == NULL)
    return FALSE;
  if (send_restore (cli, self, 0, NULL, &local_error))
    return TRUE;
  if (!g_error_matches (local_error, BFY_ERROR, BFY_ERROR_LOCKED))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  g_clear_pointer (&cli->hint, g_free);

  return bfy_vault_open_by_person (cli, &door, from_stdin, error);
}

static void
report_restore (BfyCli *cli, JsonObject *vault)
{
  gulong n_items = (gulong) MAX (bfy_field_int (vault, "items"), 0);
  g_autoptr (JsonNode) node = NULL;

  if (cli->is_json)
    {
      node = json_node_init_object (json_node_alloc (), vault);
      bfy_cli_print_json (node);
      return;
    }

  bfy_cli_print (ngettext ("The vault is restored: it holds %lu credential.\n",
                           "The vault is restored: it holds %lu credentials.\n", n_items),
                 n_items);
}

gboolean
bfy_vault_command_restore (BfyCli *cli, GStrv words, GError **error)
{
  Restore self = { .force = FALSE };
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "force", 0, 0, G_OPTION_ARG_NONE, &self.force,
      N_ ("Even if the present vault has credentials that are not in FILE: they are lost"), NULL },
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("Read the passphrase or recovery code of FILE from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (GBytes) file =
      others != NULL ? bfy_saved_file_read (others[0], VAULT_BYTES_MAX, error) : NULL;
  g_autoptr (JsonObject) vault = NULL;
  gboolean is_ok;

  if (file == NULL)
    return FALSE;
  self.file = file;
  is_ok = restore (cli, &self, from_stdin, error);
  vault = self.vault;
  if (is_ok)
    report_restore (cli, vault);

  return is_ok;
}
