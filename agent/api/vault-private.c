/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/vault-private.h"

#include "agent/door/reply.h"

BfyVault *
bfy_vault_of (BfyAgent *agent)
{
  return BFY_VAULT (bfy_keyrings_find (agent->keyrings, BFY_KEYRING_VAULT, NULL));
}

/* The messages of the vault say what to do; the general hints do not know it. */
void
bfy_vault_fail (BfyRequest *request, GError *error)
{
  BfyErrorCode code = bfy_error_code (error);
  const char *hint = NULL;
  g_autofree char *body = NULL;

  if (code == BFY_ERROR_LOCKED)
    hint = "bindify unlock";
  else if (code == BFY_ERROR_VAULT_DAMAGED)
    hint = "bindify vault restore FILE";
  body = bfy_reply_format_error (code, error->message, hint);
  bfy_request_reply (request, bfy_error_to_http_status (code), "application/json", body, -1);
  g_error_free (error);
}

void
bfy_vault_record (BfyAgent *agent, BfyRequest *request, const char *type, const char *detail)
{
  BfyEvent *event = bfy_agent_new_event (type, NULL, request);

  event->detail = g_strdup (detail);
  bfy_store_append_event (agent->store, event, TRUE);
}

gboolean
bfy_vault_parse_or_fail (BfyRequest *request, BfyVaultRequestForm form, BfyVaultRequest *parsed)
{
  GError *error = NULL;
  gboolean is_ok = bfy_vault_request_parse (parsed, form, bfy_request_get_body (request), &error);

  bfy_request_wipe_body (request);
  if (!is_ok)
    bfy_vault_fail (request, error);

  return is_ok;
}
