/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a modern client needs of a legacy server: its requests without their circumstances, and the
 * results with what 2026-07-28 demands of them. */

#include <string.h>

#include "protocol/era-pages.h"

#define CODE_INVALID_PARAMS "-32602"
#define CODE_INTERNAL "-32603"
#define CODE_OLD_NOT_FOUND (-32002) /* resource not found, up to 2025-11-25 */

void
bfy_era_claim_read (const BfyJsonSlice *message, BfyEraClaim *claim)
{
  static const struct
  {
    const char *name;
    gsize offset;
  } members[] = {
    { BFY_META_PREFIX "protocolVersion", G_STRUCT_OFFSET (BfyEraClaim, version) },
    { BFY_META_PREFIX "clientInfo", G_STRUCT_OFFSET (BfyEraClaim, client_info) },
    { BFY_META_PREFIX "clientCapabilities", G_STRUCT_OFFSET (BfyEraClaim, capabilities) },
    { BFY_META_PREFIX "logLevel", G_STRUCT_OFFSET (BfyEraClaim, log_level) },
    { "progressToken", G_STRUCT_OFFSET (BfyEraClaim, progress_token) },
  };
  static const char *const path[] = { "params", "_meta", NULL };
  BfyJsonSlice meta;

  memset (claim, 0, sizeof *claim);
  if (!bfy_json_slice_find (message, path, &meta))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      BfyJsonSlice *value = &G_STRUCT_MEMBER (BfyJsonSlice, claim, members[i].offset);

      if (!bfy_json_slice_member (&meta, members[i].name, value))
        value->start = NULL;
    }
}

static char *
edited_member (const BfyJsonSlice *object,
               const char *name,
               const BfyJsonEdit *edits,
               gsize n_edits)
{
  BfyJsonSlice member = { BFY_JSON_NULL, NULL, 0 };

  if (object == NULL || !bfy_json_slice_member (object, name, &member))
    member.start = NULL;

  return bfy_json_edited (&member, edits, n_edits);
}

char *
bfy_era_request_to_legacy (const BfyJsonSlice *message, const char *id, const char *progress_token)
{
  const BfyJsonEdit of_meta[] = {
    { BFY_META_PREFIX "protocolVersion", NULL },
    { BFY_META_PREFIX "clientInfo", NULL },
    { BFY_META_PREFIX "clientCapabilities", NULL },
    { BFY_META_PREFIX "logLevel", NULL },
    { "progressToken", progress_token },
  };
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };
  gboolean has_params = bfy_json_slice_member (message, "params", &params);
  g_autofree char *meta =
      edited_member (has_params ? &params : NULL, "_meta", of_meta, G_N_ELEMENTS (of_meta));
  const BfyJsonEdit of_params[] = {
    { "_meta", strcmp (meta, "{}") != 0 ? meta : NULL },
    { "inputResponses", NULL },
    { "requestState", NULL },
  };
  g_autofree char *new_params = bfy_json_edited (&params, of_params, G_N_ELEMENTS (of_params));
  const BfyJsonEdit edits[] = { { "id", id }, { "params", new_params } };

  return bfy_json_edited (message, edits, G_N_ELEMENTS (edits));
}

char *
bfy_era_format_initialize (const char *id, const char *client_info, const char *capabilities)
{
  return g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"initialize\",\"params\":{"
      "\"protocolVersion\":\"" BFY_ERA_NEWEST_LEGACY "\",\"capabilities\":%s,\"clientInfo\":%s}}",
      id, capabilities != NULL ? capabilities : "{}",
      client_info != NULL ? client_info
                          : "{\"name\":\"bindify\",\"version\":\"" BFY_ERA_MODERN_VERSION "\"}");
}

/* Only these say how long they may be kept; a legacy server has no word for it, so: not at all. */
static gboolean
is_cacheable (const char *method)
{
  static const char *const methods[] = { "tools/list",
                                         "prompts/list",
                                         "resources/list",
                                         "resources/templates/list",
                                         "resources/read",
                                         "server/discover",
                                         NULL };

  return g_strv_contains (methods, method);
}

static char *
result_meta (const BfyJsonSlice *result, const char *server_info)
{
  const BfyJsonEdit edits[] = { { BFY_META_PREFIX "serverInfo", server_info } };

  return edited_member (result, "_meta", edits, G_N_ELEMENTS (edits));
}

char *
bfy_era_result_to_modern (const char *method, const BfyJsonSlice *result, const char *server_info)
{
  g_autofree char *meta = result_meta (result, server_info);
  const BfyJsonEdit edits[] = {
    { "resultType", "\"complete\"" },
    { "_meta", strcmp (meta, "{}") != 0 ? meta : NULL },
    { "ttlMs", "0" },
    { "cacheScope", "\"private\"" },
  };

  return bfy_json_edited (result, edits, is_cacheable (method) ? 4 : 2);
}

char *
bfy_era_error_to_modern (const char *method, const BfyJsonSlice *error)
{
  const BfyJsonEdit edits[] = { { "code", CODE_INVALID_PARAMS } };
  const BfyJsonEdit foreign[] = { { "code", CODE_INTERNAL } };
  BfyJsonSlice code;
  gint64 number;

  if (bfy_era_wants_pages (error))
    return bfy_json_edited (error, foreign, G_N_ELEMENTS (foreign));
  if (g_strcmp0 (method, "resources/read") == 0 && bfy_json_slice_member (error, "code", &code) &&
      bfy_json_slice_get_int (&code, &number) && number == CODE_OLD_NOT_FOUND)
    return bfy_json_edited (error, edits, G_N_ELEMENTS (edits));

  return bfy_json_slice_dup_raw (error);
}

/* The tasks of 2025-11-25 are not those of the modern extension: nothing may promise them. */
char *
bfy_era_discover_result (const BfyJsonSlice *initialize_result)
{
  const BfyJsonEdit of_capabilities[] = { { "tasks", NULL } };
  BfyJsonSlice info = { BFY_JSON_NULL, NULL, 0 };
  gboolean has_info = bfy_json_slice_member (initialize_result, "serverInfo", &info);
  g_autofree char *server_info = has_info ? bfy_json_slice_dup_raw (&info) : NULL;
  g_autofree char *meta = result_meta (initialize_result, server_info);
  g_autofree char *capabilities =
      edited_member (initialize_result, "capabilities", of_capabilities, 1);
  const BfyJsonEdit edits[] = {
    { "protocolVersion", NULL },      { "serverInfo", NULL },
    { "resultType", "\"complete\"" }, { "supportedVersions", "[\"" BFY_ERA_MODERN_VERSION "\"]" },
    { "capabilities", capabilities }, { "ttlMs", "0" },
    { "cacheScope", "\"private\"" },  { "_meta", meta },
  };

  return bfy_json_edited (initialize_result, edits, G_N_ELEMENTS (edits));
}

char *
bfy_era_input_request (const char *method, const BfyJsonSlice *params)
{
  const BfyJsonEdit of_meta[] = {
    { "progressToken", NULL },
    { BFY_META_PREFIX "related-task", NULL },
  };
  g_autofree char *meta = edited_member (params, "_meta", of_meta, G_N_ELEMENTS (of_meta));
  const BfyJsonEdit edits[] = {
    { "_meta", strcmp (meta, "{}") != 0 ? meta : NULL },
    { "task", NULL },
    { "elicitationId", NULL },
  };
  g_autofree char *text = NULL;

  if (bfy_era_input_capability (method) == NULL)
    return NULL;
  text = bfy_json_edited (params, edits, G_N_ELEMENTS (edits));

  return g_strdup_printf ("{\"method\":\"%s\",\"params\":%s}", method, text);
}
