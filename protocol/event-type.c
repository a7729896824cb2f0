/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/event-type.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/glob.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* How bad a violation is, or that it is one of the two that need no such word. */
#define SEVERITIES NAMES ("info", "warning", "error", "critical", "leak", "decoy")

/* clang-format off */
static const BfyEventType types[] = {
  { "proxy_request", BFY_EVENT_USE, BFY_REPEAT_STATUS,
    NAMES ("success", "upstream_error", "expected"), TRUE },
  { "revealed", BFY_EVENT_USE, BFY_REPEAT_ALWAYS, NULL, TRUE },
  { "binding_accessed", BFY_EVENT_USE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "network_request_allowed", BFY_EVENT_USE, BFY_REPEAT_ALWAYS, NULL, TRUE },
  { "network_request_denied", BFY_EVENT_USE, BFY_REPEAT_ALWAYS, NULL, TRUE },

  { "auth", BFY_EVENT_CARE, BFY_REPEAT_AFTER_FAILURE,
    NAMES ("success", "store_miss", "decryption_failed", "unknown"), FALSE },
  { "token_refresh", BFY_EVENT_CARE, BFY_REPEAT_FAILURES,
    NAMES ("success", "refresh_failed", "invalid_grant", "unknown", "store_write_failed"), FALSE },
  { "keepalive", BFY_EVENT_CARE, BFY_REPEAT_FAILURES,
    NAMES ("success", "auth_failed", "transient_error", "expected", "dcr_dead", "unknown"), FALSE },
  { "api_key_validation", BFY_EVENT_CARE, BFY_REPEAT_FAILURES,
    NAMES ("upstream_rejected"), FALSE },

  { "binding_created", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS,
    NAMES ("oauth", "api_key", "basic", "custom", "none"), FALSE },
  { "binding_changed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "paused", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "resumed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "removed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "moved", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "reauth", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("success"), FALSE },
  { "logout", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("success"), FALSE },
  { "sign_in", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("failed"), FALSE },
  { "policy_changed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "key_issued", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "key_revoked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "decoy_issued", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "decoy_revoked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "locked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "unlocked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "unlock_refused", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "forgotten", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "frozen", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "thawed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "settings_changed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "expired", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "network_permission_granted", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "network_permission_denied", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "network_permission_revoked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "approval_requested", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "approval_closed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS,
    NAMES ("timeout", "dismissed", "withdrawn", "refused", "unavailable"), FALSE },
  { "approval_quiet", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("begun", "ended"), FALSE },
  { "prompter_registered", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS,
    NAMES ("tray", "terminal"), FALSE },
  { "prompter_refused", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS,
    NAMES ("own_request", "client_key", "unverified", "passphrase"), FALSE },
  { "answer_passphrase", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("set", "removed"), FALSE },
  { "approval_granted", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "approval_denied", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, TRUE },
  { "approval_revoked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_created", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_unlocked", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_slot_added", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_slot_changed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_slot_removed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_rotated", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_key_removed", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_exported", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },
  { "vault_restored", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NULL, FALSE },

  { "run_refused", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS,
    NAMES ("binding", "key", "control", "path", "origin", "host", "address", "plain",
           "placeholder", "process", "kernel_key", "mount", "namespace", "kernel", "terminal"), FALSE },
  { "run_ended", BFY_EVENT_CHANGE, BFY_REPEAT_ALWAYS, NAMES ("exited", "lost"), FALSE },

  { "security_violation", BFY_EVENT_ALARM, BFY_REPEAT_LEAK, SEVERITIES, FALSE },
};
/* clang-format on */

const BfyEventType *
bfy_event_type_find (const char *type)
{
  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (types); i++)
    {
      if (strcmp (types[i].type, type) == 0)
        return &types[i];
    }

  return NULL;
}

gboolean
bfy_event_type_has_category (const BfyEventType *self, const char *category)
{
  BfyErrorCode code;

  if (category == NULL ||
      (self->categories != NULL && g_strv_contains (self->categories, category)))
    return TRUE;

  return self->takes_errors && bfy_error_from_wire (category, &code);
}

const BfyEventType *
bfy_event_type_nth (guint n)
{
  return n < G_N_ELEMENTS (types) ? &types[n] : NULL;
}

gboolean
bfy_event_type_check_pattern (const char *pattern, GError **error)
{
  gboolean is_pattern = strspn (pattern, "abcdefghijklmnopqrstuvwxyz_*") == strlen (pattern);

  for (guint i = 0; is_pattern && i < G_N_ELEMENTS (types); i++)
    if (bfy_glob_matches (pattern, types[i].type))
      return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                       "There is no such type of event; “approval_*” stands for all that begin so");

  return FALSE;
}

BfyEventWeight
bfy_event_type_get_weight (const char *type)
{
  static const char *const loud[] = { "security_violation", "prompter_refused", "unlock_refused",
                                      NULL };
  static const char *const notices[] = {
    "approval_requested", "approval_quiet", "locked",   "frozen", "expired",
    "key_revoked",        "run_refused",    "revealed", NULL
  };

  if (g_strv_contains (loud, type))
    return BFY_EVENT_LOUD;

  return g_strv_contains (notices, type) ? BFY_EVENT_NOTICE : BFY_EVENT_PLAIN;
}
