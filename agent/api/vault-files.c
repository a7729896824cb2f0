/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/vault-private.h"

/* Copies of the vault, and whether it is sound: nothing here changes it. */

/* Takes @error, which is about a file that is not our vault: what our vault would need is no help.
 */
static void
fail_file (BfyRequest *request, GError *error)
{
  if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED))
    {
      bfy_vault_fail (request, error);
      return;
    }

  g_error_free (error);
  bfy_request_reply_error_status (
      request, bfy_error_to_http_status (BFY_ERROR_VAULT_DAMAGED), BFY_ERROR_VAULT_DAMAGED,
      "That file is not a vault, or it is damaged: nothing was changed; "
      "take another backup");
}

static void
reply_file (BfyRequest *request, GBytes *file)
{
  gsize length;
  const char *bytes = g_bytes_get_data (file, &length);

  bfy_request_reply (request, 200, "application/octet-stream", bytes, (gssize) length);
}

void
bfy_api_backup_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  g_autoptr (GBytes) file = bfy_vault_backup (bfy_vault_of (agent), &error);

  if (file == NULL)
    {
      bfy_vault_fail (request, error);
      return;
    }

  bfy_vault_record (agent, request, "vault_exported", "backup");
  reply_file (request, file);
}

void
bfy_api_export_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  g_autoptr (GBytes) file = NULL;
  GError *error = NULL;

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_EXPORT, &parsed))
    return;
  file = bfy_vault_export (bfy_vault_of (agent), &parsed.kdf, parsed.key, &error);
  if (file == NULL)
    {
      bfy_vault_fail (request, error);
      return;
    }

  bfy_vault_record (agent, request, "vault_exported", "encrypted export");
  reply_file (request, file);
}

/* The slots of a file, so that the client can derive the key that opens it. */
void
bfy_api_inspect_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyVaultRequest) parsed = { 0 };
  g_autoptr (GArray) slots = NULL;
  GError *error = NULL;
  JsonObject *object;

  if (!bfy_vault_parse_or_fail (request, BFY_VAULT_REQUEST_FILE, &parsed))
    return;
  slots = bfy_vault_read_slots (parsed.file, &error);
  if (slots == NULL)
    {
      fail_file (request, error);
      return;
    }

  object = json_object_new ();
  json_object_set_array_member (object, "slots", bfy_vault_describe_slots (slots));
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_check_vault (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyVault *vault = bfy_vault_of (agent);
  g_autoptr (BfyVaultInfo) info = NULL;
  GError *error = NULL;
  JsonObject *object;

  if (!bfy_vault_verify (vault, &error))
    {
      bfy_vault_fail (request, error);
      return;
    }

  info = bfy_vault_get_info (vault);
  object = json_object_new ();
  json_object_set_int_member (object, "items", info->n_items);
  bfy_request_reply_json (request, 200, object);
}
