/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/era.h"

#include <string.h>

#include "protocol/json.h"

#define VERSION_LENGTH 10 /* 2026-07-28 */

static const char *const legacy_versions[] = { "2024-11-05", "2025-03-26", "2025-06-18",
                                               "2025-11-25", NULL };

static const char encoded_prefix[] = "=?base64?";
static const char encoded_suffix[] = "?=";

static gboolean
is_version (const char *text)
{
  if (strlen (text) != VERSION_LENGTH)
    return FALSE;
  for (guint i = 0; i < VERSION_LENGTH; i++)
    if (i == 4 || i == 7 ? text[i] != '-' : !g_ascii_isdigit (text[i]))
      return FALSE;

  return TRUE;
}

gboolean
bfy_era_is_modern_version (const char *version)
{
  return version != NULL && is_version (version) && strcmp (version, BFY_ERA_MODERN_VERSION) >= 0;
}

/* g_base64_decode() takes anything. */
static gboolean
is_base64 (const char *text, gsize length)
{
  gsize n_padding = 0;

  while (n_padding < 2 && n_padding < length && text[length - 1 - n_padding] == '=')
    n_padding++;
  if (length % 4 != 0)
    return FALSE;
  for (gsize i = 0; i < length - n_padding; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;

  return TRUE;
}

char *
bfy_era_decode_header (const char *value)
{
  gsize length = strlen (value);
  gsize n_prefix = strlen (encoded_prefix), n_suffix = strlen (encoded_suffix);
  g_autofree char *coded = NULL;
  g_autofree guchar *bytes = NULL;
  gsize n_bytes;

  if (length < n_prefix + n_suffix || !g_str_has_prefix (value, encoded_prefix) ||
      !g_str_has_suffix (value, encoded_suffix))
    return g_strdup (value);

  coded = g_strndup (value + n_prefix, length - n_prefix - n_suffix);
  if (!is_base64 (coded, strlen (coded)))
    return NULL;
  bytes = g_base64_decode (coded, &n_bytes);
  if (!g_utf8_validate ((const char *) bytes, (gssize) n_bytes, NULL))
    return NULL;

  return g_strndup ((const char *) bytes, n_bytes);
}

/* What Mcp-Name must say, or NULL for methods without one. */
static const char *
name_of (const BfyRpcMessage *message)
{
  if (strcmp (message->method, "tools/call") == 0 || strcmp (message->method, "prompts/get") == 0)
    return message->name;
  if (strcmp (message->method, "resources/read") == 0)
    return message->uri;
  if (g_str_has_prefix (message->method, "tasks/"))
    return message->task_id;

  return NULL;
}

static gboolean
is_name_right (const char *header, const char *wanted)
{
  g_autofree char *copy = NULL;
  g_autofree char *decoded = NULL;

  if (wanted == NULL)
    return TRUE;
  if (header == NULL)
    return FALSE;
  copy = g_strstrip (g_strdup (header));
  decoded = bfy_era_decode_header (copy);

  return g_strcmp0 (decoded, wanted) == 0;
}

static gboolean
has_capabilities (const char *text, gsize length)
{
  BfyJsonSlice here;

  bfy_json_slice_root (text, length, &here);

  return bfy_json_slice_member (&here, "params", &here) &&
         bfy_json_slice_member (&here, "_meta", &here) &&
         bfy_json_slice_member (&here, "io.modelcontextprotocol/clientCapabilities", &here) &&
         here.type == BFY_JSON_OBJECT;
}

static BfyEra
judge_claim (const BfyEraHeaders *headers,
             const BfyRpcMessage *message,
             const char *text,
             gsize length)
{
  if (message->protocol_version == NULL || !is_version (message->protocol_version))
    return BFY_ERA_INCOMPLETE;
  if (g_strcmp0 (headers->version, message->protocol_version) != 0 ||
      g_strcmp0 (headers->method, message->method) != 0 ||
      !is_name_right (headers->name, name_of (message)))
    return BFY_ERA_MISMATCH;

  return has_capabilities (text, length) ? BFY_ERA_MODERN : BFY_ERA_INCOMPLETE;
}

BfyEra
bfy_era_judge (const BfyEraHeaders *headers,
               const BfyRpcMessage *message,
               const char *text,
               gsize length)
{
  gboolean is_modern = bfy_era_is_modern_version (headers->version);
  gboolean is_request = message->kind == BFY_RPC_REQUEST;

  if (is_request && message->has_claim)
    return judge_claim (headers, message, text, length);
  if (is_modern && is_request)
    return g_str_equal (message->method, "initialize") ? BFY_ERA_MISMATCH : BFY_ERA_INCOMPLETE;
  if (is_modern)
    return BFY_ERA_MODERN;
  if (headers->version != NULL && !g_strv_contains (legacy_versions, headers->version))
    return BFY_ERA_BAD_VERSION;

  return BFY_ERA_LEGACY;
}
