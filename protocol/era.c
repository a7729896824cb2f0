/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/era.h"

#include <string.h>

#include "protocol/json.h"

#define FIRST_MODERN "2026-07-28"
#define KNOWS_ARRAYS "2025-03-26"
#define VERSION_BYTES_MAX 32 /* of an agreed version; longer ones are none */

static const char encoded_prefix[] = "=?base64?";
static const char encoded_suffix[] = "?=";

static gboolean
equals (const char *start, gsize length, const char *text)
{
  return strlen (text) == length && memcmp (start, text, length) == 0;
}

static void
strip (const char **start, gsize *length)
{
  while (*length > 0 && (**start == ' ' || **start == '\t'))
    {
      (*start)++;
      (*length)--;
    }
  while (*length > 0 && ((*start)[*length - 1] == ' ' || (*start)[*length - 1] == '\t'))
    (*length)--;
}

gboolean
bfy_era_header_says (const char *value, const char *text)
{
  gsize prefix = strlen (encoded_prefix), suffix = strlen (encoded_suffix);
  gsize length = strlen (value);
  g_autofree char *encoded = NULL;

  strip (&value, &length);
  if (length < prefix + suffix || memcmp (value, encoded_prefix, prefix) != 0 ||
      memcmp (value + length - suffix, encoded_suffix, suffix) != 0)
    return equals (value, length, text);

  /* There is one right way to write it: encoding ours is stricter than decoding theirs. */
  encoded = g_base64_encode ((const guchar *) text, strlen (text));

  return equals (value + prefix, length - prefix - suffix, encoded);
}

/* A date, from the first modern revision on. */
static gboolean
is_modern_version (const char *version)
{
  static const char shape[] = "0000-00-00";
  gsize length = version != NULL ? strlen (version) : 0;

  if (version == NULL)
    return FALSE;

  strip (&version, &length);
  if (length != strlen (shape))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (shape[i] == '0' ? !g_ascii_isdigit (version[i]) : version[i] != shape[i])
      return FALSE;

  return strncmp (version, FIRST_MODERN, length) >= 0;
}

/* What Mcp-Name repeats, for the methods that have it. */
static const char *
named (const BfyRpcMessage *message, gboolean *has_name)
{
  static const struct
  {
    const char *method;
    gsize offset;
  } rows[] = {
    { "tools/call", G_STRUCT_OFFSET (BfyRpcMessage, name) },
    { "prompts/get", G_STRUCT_OFFSET (BfyRpcMessage, name) },
    { "resources/read", G_STRUCT_OFFSET (BfyRpcMessage, uri) },
    { "tasks/get", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
    { "tasks/update", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
    { "tasks/cancel", G_STRUCT_OFFSET (BfyRpcMessage, task_id) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      *has_name = strcmp (message->method, rows[i].method) == 0;
      if (*has_name)
        return G_STRUCT_MEMBER (const char *, message, rows[i].offset);
    }

  return NULL;
}

static gboolean
name_fits (const BfyRpcMessage *message, const char *header)
{
  gboolean has_name;
  const char *name = named (message, &has_name);

  if (!has_name)
    return TRUE;
  /* A call without a name is for the server to refuse, but then no header may bring one. */
  if (name == NULL)
    return header == NULL;

  return header != NULL && bfy_era_header_says (header, name);
}

static BfyEra
era_of_request (const BfyRpcMessage *message, const BfyEraHeaders *headers)
{
  if (!message->has_claim)
    {
      if (!is_modern_version (headers->version))
        return BFY_ERA_LEGACY;
      return strcmp (message->method, "initialize") == 0 ? BFY_ERA_HEADER_MISMATCH
                                                         : BFY_ERA_BAD_CLAIM;
    }
  if (message->protocol_version == NULL)
    return BFY_ERA_BAD_CLAIM;
  if (headers->version == NULL ||
      !bfy_era_header_says (headers->version, message->protocol_version) ||
      headers->method == NULL || !bfy_era_header_says (headers->method, message->method) ||
      !name_fits (message, headers->name))
    return BFY_ERA_HEADER_MISMATCH;

  return BFY_ERA_MODERN;
}

/* Nobody waits for an answer: only what contradicts itself is refused. */
static BfyEra
era_of_notification (const BfyRpcMessage *message, const BfyEraHeaders *headers)
{
  if (message->has_claim && message->protocol_version == NULL)
    return BFY_ERA_BAD_CLAIM;
  if (message->has_claim && headers->version != NULL &&
      !bfy_era_header_says (headers->version, message->protocol_version))
    return BFY_ERA_HEADER_MISMATCH;
  if (!message->has_claim && !is_modern_version (headers->version))
    return BFY_ERA_LEGACY;
  if (headers->method != NULL && !bfy_era_header_says (headers->method, message->method))
    return BFY_ERA_HEADER_MISMATCH;

  return BFY_ERA_MODERN;
}

static BfyEra
era_of_array (const BfyRpc *rpc)
{
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->has_claim || g_strcmp0 (message->method, "initialize") == 0)
        return BFY_ERA_BAD_ARRAY;
    }

  return BFY_ERA_LEGACY;
}

BfyEra
bfy_era_of (const BfyRpc *rpc, const BfyEraHeaders *headers)
{
  const BfyRpcMessage *message;

  if (bfy_rpc_is_batch (rpc))
    return era_of_array (rpc);

  message = bfy_rpc_message (rpc, 0);
  switch (message->kind)
    {
    case BFY_RPC_REQUEST:
      return era_of_request (message, headers);
    case BFY_RPC_NOTIFICATION:
      return era_of_notification (message, headers);
    case BFY_RPC_RESPONSE:
      break;
    }

  return BFY_ERA_LEGACY;
}

gboolean
bfy_era_allows_arrays (const char *version)
{
  return version == NULL || strcmp (version, KNOWS_ARRAYS) == 0;
}

static char *
dup_agreed (const BfyJsonSlice *message)
{
  BfyJsonSlice result, version;

  if (!bfy_json_slice_member (message, "result", &result) ||
      !bfy_json_slice_member (&result, "protocolVersion", &version) ||
      version.length > VERSION_BYTES_MAX)
    return NULL;

  return bfy_json_slice_dup_string (&version);
}

char *
bfy_era_agreed_version (const char *text, gsize length)
{
  BfyJsonSlice root, element;
  char *version = NULL;
  BfyJsonIter iter;

  if (!bfy_json_check (text, length, NULL))
    return NULL;

  bfy_json_slice_root (text, length, &root);
  if (root.type != BFY_JSON_ARRAY)
    return dup_agreed (&root);
  bfy_json_iter_init (&iter, &root);
  while (version == NULL && bfy_json_iter_next (&iter, NULL, &element))
    version = dup_agreed (&element);

  return version;
}

BfyErrorCode
bfy_era_error (BfyEra era, const char **message)
{
  switch (era)
    {
    case BFY_ERA_BAD_ARRAY:
      *message = "An array may hold neither initialize nor requests of 2026-07-28 and later; "
                 "send them one by one";
      return BFY_ERROR_BAD_REQUEST;
    case BFY_ERA_BAD_CLAIM:
      *message = "params._meta lacks a usable io.modelcontextprotocol/protocolVersion";
      return BFY_ERROR_BAD_PARAMS;
    case BFY_ERA_HEADER_MISMATCH:
      *message = "MCP-Protocol-Version, Mcp-Method and Mcp-Name must be there and say what the "
                 "body says";
      return BFY_ERROR_HEADER_MISMATCH;
    case BFY_ERA_LEGACY:
    case BFY_ERA_MODERN:
      break;
    }

  return BFY_N_ERRORS;
}
