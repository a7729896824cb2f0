/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Locking keeps programs from using credentials until somebody unlocks, as ssh-add -x does; the
 * agent's memory holds none meanwhile. Requests whose credential has gone out finish; those that
 * still need it are refused. Without a passphrase, whoever may use the socket may unlock. With one,
 * the client derives a key from it and sends that (agent/lock/lock-record.h): a wrong one makes the
 * next wait, and costs nobody else anything.
 *
 * Who has forgotten the passphrase may show instead that the keyring is theirs: by the password of
 * the desktop's, or the passphrase or recovery code of the vault. */

#include "agent/lock/lock.h"

#include "agent/api/lock-request.h"
#include "agent/api/vault-private.h"
#include "agent/api/work.h"
#include "agent/prompt/link.h"
#include "keyring/secret-service.h"

static void
record (BfyAgent *agent, BfyRequest *request, const char *type, const char *detail)
{
  BfyEvent *event = bfy_agent_new_event (type, NULL, request);

  event->detail = g_strdup (detail);
  bfy_store_append_event (agent->store, event, TRUE);
}

static void
reply_state (BfyAgent *agent, BfyRequest *request, gboolean has_changed)
{
  JsonObject *object = bfy_lock_describe (agent->lock);

  json_object_set_boolean_member (object, "locked",
                                  bfy_lock_get_state (agent->lock) != BFY_LOCK_OPEN);
  json_object_set_boolean_member (object, "changed", has_changed);
  bfy_request_reply_json (request, 200, object);
}

/* Takes @error. The general hints know nothing of passphrases. */
static void
fail (BfyAgent *agent, BfyRequest *request, GError *error)
{
  BfyErrorCode code = bfy_error_code (error);
  gint64 wait_ms = bfy_lock_get_wait_ms (agent->lock);

  if (code == BFY_ERROR_RATE_LIMITED)
    bfy_request_set_retry_after (request, (wait_ms + 999) / 1000);
  if (code == BFY_ERROR_RATE_LIMITED || code == BFY_ERROR_DENIED)
    bfy_request_reply_error_status (request, bfy_error_to_http_status (code), code, error->message);
  else
    bfy_request_reply_error (request, error, NULL);
  g_error_free (error);
}

/* The body is wiped. FALSE after having answered. */
static gboolean
parse_or_fail (BfyAgent *agent,
               BfyRequest *request,
               BfyLockRequestForm form,
               BfyLockRequest *parsed)
{
  GError *error = NULL;
  gboolean is_ok = bfy_lock_request_parse (parsed, form, bfy_request_get_body (request), &error);

  bfy_request_wipe_body (request);
  if (!is_ok)
    fail (agent, request, error);

  return is_ok;
}

void
bfy_api_show_lock (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  bfy_request_reply_json (request, 200, bfy_lock_describe (agent->lock));
}

void
bfy_api_lock (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyLockRequest) parsed = { 0 };
  gboolean has_changed = FALSE;
  gboolean is_kept;
  GError *error = NULL;

  if (!parse_or_fail (agent, request, BFY_LOCK_REQUEST_CLOSE, &parsed))
    return;
  is_kept = bfy_lock_close (agent->lock, &parsed.kdf, parsed.key, &has_changed, &error);

  /* Also one that holds only until the agent ends. */
  if (has_changed)
    record (agent, request, "locked", parsed.key != NULL ? "with a passphrase" : NULL);
  if (is_kept)
    reply_state (agent, request, has_changed);
  else
    fail (agent, request, error);
}

static void
refuse_unlock (BfyAgent *agent, BfyRequest *request, GError *error)
{
  BfyEvent *event = bfy_agent_new_event ("unlock_refused", NULL, request);

  event->outcome = BFY_OUTCOME_BLOCKED;
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED))
    bfy_store_append_event (agent->store, event, TRUE);
  else
    bfy_event_free (event);
  fail (agent, request, error);
}

static void
finish_unlock (BfyAgent *agent, BfyRequest *request, gboolean has_changed, const char *how)
{
  if (has_changed)
    record (agent, request, "unlocked", how);
  reply_state (agent, request, has_changed);
}

/* What only a person knows; the key of a file on this machine proves nothing. */
static gboolean
is_of_person (BfyVault *vault, guint number)
{
  g_autoptr (BfyVaultInfo) info = bfy_vault_get_info (vault);

  for (guint i = 0; i < info->slots->len; i++)
    {
      const BfyVaultSlot *slot = &g_array_index (info->slots, BfyVaultSlot, i);

      if (slot->number == number)
        return slot->kind == BFY_VAULT_SLOT_PASSPHRASE || slot->kind == BFY_VAULT_SLOT_RECOVERY;
    }

  return FALSE;
}

static gboolean
open_by_vault (BfyAgent *agent, const BfyLockRequest *parsed, gboolean *changed, GError **error)
{
  BfyVault *vault = bfy_vault_of (agent);
  g_autoptr (GError) local_error = NULL;

  if (!bfy_lock_may_try (agent->lock, error))
    return FALSE;
  if (!is_of_person (vault, parsed->slot))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "The vault has no such passphrase or recovery code");
      return FALSE;
    }
  if (bfy_vault_unlock (vault, parsed->slot, parsed->key, &local_error))
    return bfy_lock_force_open (agent->lock, changed, error);

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_DENIED))
    bfy_lock_note_wrong (agent->lock);
  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

static void
on_proved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  gboolean has_changed;
  GError *error = NULL;

  if (bfy_secret_service_prove_finish (BFY_SECRET_SERVICE (source), result, &error) &&
      bfy_lock_force_open (work->agent->lock, &has_changed, &error))
    finish_unlock (work->agent, work->request, has_changed, "by the desktop’s keyring");
  else
    refuse_unlock (work->agent, work->request, error);
}

static void
open_by_desktop (BfyAgent *agent, BfyRequest *request)
{
  GError *error = NULL;
  BfyKeyring *keyring = bfy_keyrings_find (agent->keyrings, BFY_KEYRING_SECRET_SERVICE, &error);

  if (keyring == NULL)
    fail (agent, request, error);
  else if (bfy_lock_get_state (agent->lock) == BFY_LOCK_OPEN)
    reply_state (agent, request, FALSE);
  else
    bfy_secret_service_prove_async (BFY_SECRET_SERVICE (keyring), bfy_request_get_gone (request),
                                    on_proved, bfy_work_new (agent, request, NULL));
}

void
bfy_api_unlock (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyLockRequest) parsed = { 0 };
  gboolean has_changed = FALSE, is_ok;
  GError *error = NULL;

  if (!parse_or_fail (agent, request, BFY_LOCK_REQUEST_OPEN, &parsed))
    return;
  if (parsed.is_by_keyring)
    {
      open_by_desktop (agent, request);
      return;
    }

  is_ok = parsed.slot != 0 ? open_by_vault (agent, &parsed, &has_changed, &error)
                           : bfy_lock_open (agent->lock, parsed.key, &has_changed, &error);
  if (is_ok)
    finish_unlock (agent, request, has_changed, parsed.slot != 0 ? "by the vault" : NULL);
  else
    refuse_unlock (agent, request, error);
  bfy_agent_forget_if_locked (agent);
}

void
bfy_api_set_approval_passphrase (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (BfyLockRequest) parsed = { 0 };
  BfyEvent *event;
  GError *error = NULL;

  if (!parse_or_fail (agent, request, BFY_LOCK_REQUEST_APPROVAL, &parsed))
    return;
  if (!bfy_lock_set_approval (agent->lock, parsed.old_key, &parsed.kdf, parsed.key, &error))
    {
      fail (agent, request, error);
      return;
    }
  event = bfy_agent_new_event ("answer_passphrase", NULL, request);
  event->category = g_strdup (parsed.key != NULL ? "set" : "removed");
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_link_forget_keys (agent->prompts);
  bfy_request_reply_empty (request, 204);
}

void
bfy_api_freeze (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  gboolean has_changed;
  GError *error = NULL;
  gboolean is_kept = bfy_lock_freeze (agent->lock, &has_changed, &error);

  if (has_changed)
    record (agent, request, "frozen", NULL);
  if (is_kept)
    reply_state (agent, request, has_changed);
  else
    fail (agent, request, error);
}

void
bfy_api_thaw (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  gboolean has_changed;
  GError *error = NULL;

  if (!bfy_lock_thaw (agent->lock, &has_changed, &error))
    {
      fail (agent, request, error);
      return;
    }

  if (has_changed)
    record (agent, request, "thawed", NULL);
  reply_state (agent, request, has_changed);
}
