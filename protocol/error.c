/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/error.h"

#include <gio/gio.h>

typedef struct
{
  const char *wire;
  guint http_status;
  gboolean is_refusal; /* travels as HTTP 200 on data routes, behaviour 4 */
  int rpc_code;
  int exit_status;
  const char *hint; /* (nullable) at most one %s, the binding's name */
} ErrorRow;

/* JSON-RPC codes of our own are -31001…-31011; the -320xx range is reserved by MCP (behaviour 4).
 */
static const ErrorRow rows[BFY_N_ERRORS] = {
  [BFY_ERROR_FAILED] = { "internal_error", 500, FALSE, -32603, 1, "bindify log" },
  [BFY_ERROR_CANCELLED] = { "cancelled", 500, FALSE, -32603, 1, NULL },
  [BFY_ERROR_BAD_REQUEST] = { "bad_request", 400, FALSE, -32600, 1, NULL },
  [BFY_ERROR_PARSE] = { "parse_error", 400, FALSE, -32700, 1, NULL },
  [BFY_ERROR_INVALID_ARGUMENT] = { "invalid_argument", 400, FALSE, -32600, 1, NULL },
  [BFY_ERROR_NOT_FOUND] = { "not_found", 404, FALSE, -31001, 1, "bindify list" },
  [BFY_ERROR_SESSION_LOST] = { "session_lost", 404, FALSE, -31001, 1, NULL },
  [BFY_ERROR_EXISTS] = { "exists", 409, FALSE, -32600, 1, "bindify show %s" },
  [BFY_ERROR_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405, FALSE, -32600, 1, NULL },
  [BFY_ERROR_FOREIGN_ORIGIN] = { "foreign_origin", 403, FALSE, -32600, 3, NULL },
  [BFY_ERROR_TOO_LARGE] = { "too_large", 413, FALSE, -32600, 1, NULL },
  [BFY_ERROR_UNSUPPORTED_MEDIA] = { "unsupported_media", 415, FALSE, -32600, 1, NULL },
  [BFY_ERROR_UNSUPPORTED] = { "unsupported", 501, FALSE, -32601, 1, NULL },
  [BFY_ERROR_PAUSED] = { "paused", 409, TRUE, -31002, 3, "bindify resume %s" },
  [BFY_ERROR_CREDENTIAL_MISSING] = { "credential_missing", 409, TRUE, -31003, 4,
                                     "bindify login %s" },
  [BFY_ERROR_CREDENTIAL_DAMAGED] = { "credential_error", 409, TRUE, -31003, 1, "bindify login %s" },
  [BFY_ERROR_CREDENTIAL_REFUSED] = { "credential_refused", 422, FALSE, -31005, 4,
                                     "repeat the command with another token; bindify-add --help "
                                     "tells how it can be sent otherwise" },
  [BFY_ERROR_KEYRING_UNAVAILABLE] = { "keyring_unavailable", 503, TRUE, -31003, 1,
                                      "bindify status" },
  [BFY_ERROR_LOCKED] = { "locked", 423, TRUE, -31008, 4, "bindify unlock" },
  [BFY_ERROR_VAULT_DAMAGED] = { "vault_damaged", 500, TRUE, -31003, 1, "bindify vault status" },
  [BFY_ERROR_STORE_DAMAGED] = { "store_damaged", 500, TRUE, -31003, 1, "bindify status" },
  [BFY_ERROR_STORAGE] = { "storage", 507, TRUE, -31003, 1, NULL },
  [BFY_ERROR_UNSAFE_PATH] = { "unsafe_path", 500, TRUE, -31003, 1, NULL },
  [BFY_ERROR_DENIED] = { "denied", 403, TRUE, -31004, 3, "bindify show %s" },
  [BFY_ERROR_NEEDS_LOGIN] = { "needs_login", 409, TRUE, -31005, 4, "bindify login %s" },
  [BFY_ERROR_NO_SERVICE] = { "no_service", 409, TRUE, -31006, 1, "bindify services" },
  [BFY_ERROR_REFRESH_COOLDOWN] = { "refresh_cooldown", 503, TRUE, -31007, 4, "bindify log %s" },
  [BFY_ERROR_APPROVAL_PENDING] = { "approval_pending", 409, TRUE, -31009, 3, "bindify prompts" },
  [BFY_ERROR_APPROVAL_TIMEOUT] = { "approval_timeout", 409, TRUE, -31009, 3, "bindify prompts" },
  [BFY_ERROR_APPROVAL_UNAVAILABLE] = { "approval_unavailable", 409, TRUE, -31009, 3,
                                       "bindify policy explain %s" },
  [BFY_ERROR_RATE_LIMITED] = { "rate_limited", 429, TRUE, -31010, 3, "bindify show %s" },
  [BFY_ERROR_LOCAL_ADDRESS] = { "local_address", 403, FALSE, -31004, 3,
                                "repeat the command with --allow-local if you trust that address" },
  [BFY_ERROR_UPSTREAM_FAILED] = { "upstream_failed", 502, FALSE, -31011, 1, "bindify show %s" },
  [BFY_ERROR_UPSTREAM_TIMEOUT] = { "upstream_timeout", 504, FALSE, -31011, 1, "bindify show %s" },
  [BFY_ERROR_RESPONSE_TOO_LARGE] = { "response_too_large", 502, FALSE, -31011, 1,
                                     "bindify show %s" },
  [BFY_ERROR_IN_USE] = { "in_use", 409, FALSE, -32603, 1, "bindify status" },
  [BFY_ERROR_NO_AGENT] = { "no_agent", 503, FALSE, -32603, 2,
                           "systemctl --user start bindify.socket, or bindify-agent &" },
  /* The one code of MCP's own range: it has exactly this meaning there. */
  [BFY_ERROR_HEADER_MISMATCH] = { "header_mismatch", 400, FALSE, -32020, 1, NULL },
  [BFY_ERROR_BAD_PARAMS] = { "bad_params", 400, FALSE, -32602, 1, NULL },
  [BFY_ERROR_APPROVAL_DISMISSED] = { "approval_dismissed", 409, TRUE, -31009, 3,
                                     "bindify prompts" },
  [BFY_ERROR_FROZEN] = { "frozen", 423, TRUE, -31008, 4, "bindify thaw" },
  [BFY_ERROR_TOO_MANY] = { "too_many", 409, FALSE, -32600, 1, "bindify pause NAME" },
  [BFY_ERROR_METHOD_NOT_FOUND] = { "method_not_found", 404, TRUE, -32602, 1, "bindify methods %s" },
};

G_DEFINE_QUARK (bfy_error, bfy_error)

static const ErrorRow *
row_of (BfyErrorCode code)
{
  return &rows[code < BFY_N_ERRORS ? code : BFY_ERROR_FAILED];
}

const char *
bfy_error_to_wire (BfyErrorCode code)
{
  return row_of (code)->wire;
}

gboolean
bfy_error_from_wire (const char *wire_name, BfyErrorCode *code)
{
  for (guint i = 0; i < BFY_N_ERRORS; i++)
    {
      if (g_strcmp0 (rows[i].wire, wire_name) == 0)
        {
          *code = i;
          return TRUE;
        }
    }

  return FALSE;
}

guint
bfy_error_to_http_status (BfyErrorCode code)
{
  return row_of (code)->http_status;
}

guint
bfy_error_to_data_status (BfyErrorCode code)
{
  return row_of (code)->is_refusal ? 200 : row_of (code)->http_status;
}

int
bfy_error_to_rpc_code (BfyErrorCode code)
{
  return row_of (code)->rpc_code;
}

int
bfy_error_to_exit_status (BfyErrorCode code)
{
  return row_of (code)->exit_status;
}

char *
bfy_error_format_hint (BfyErrorCode code, const char *name)
{
  const char *hint = row_of (code)->hint;
  const char *slot = hint != NULL ? strstr (hint, "%s") : NULL;

  if (slot == NULL)
    return g_strdup (hint);
  if (name == NULL)
    return g_strdup ("bindify list");

  return g_strdup_printf ("%.*s%s%s", (int) (slot - hint), hint, name, slot + 2);
}

BfyErrorCode
bfy_error_code (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return BFY_ERROR_CANCELLED;
  if (error == NULL || error->domain != BFY_ERROR || error->code < 0 || error->code >= BFY_N_ERRORS)
    return BFY_ERROR_FAILED;

  return error->code;
}
