/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a legacy client needs of a modern server: its requests with their circumstances, and the
 * results without what only 2026-07-28 knows. */

#include <string.h>

#include "protocol/era-bridge.h"

#define CODE_INVALID_PARAMS (-32602)
#define CODE_OLD_NOT_FOUND "-32002"

static char *
edited_meta (const BfyJsonSlice *object, const BfyJsonEdit *edits, gsize n_edits)
{
  BfyJsonSlice meta = { BFY_JSON_NULL, NULL, 0 };

  if (object->start == NULL || !bfy_json_slice_member (object, "_meta", &meta))
    meta.start = NULL;

  return bfy_json_edited (&meta, edits, n_edits);
}

static const char *
unless_empty (const char *object)
{
  return strcmp (object, "{}") != 0 ? object : NULL;
}

static char *
with_envelope (const BfyJsonSlice *params,
               const BfyEraEnvelope *envelope,
               const char *responses,
               const char *state)
{
  const BfyJsonEdit of_meta[] = {
    { BFY_META_PREFIX "protocolVersion", "\"" BFY_ERA_MODERN_VERSION "\"" },
    { BFY_META_PREFIX "clientInfo", envelope->client_info },
    { BFY_META_PREFIX "clientCapabilities",
      envelope->capabilities != NULL ? envelope->capabilities : "{}" },
    { BFY_META_PREFIX "logLevel", envelope->log_level },
  };
  g_autofree char *meta = edited_meta (params, of_meta, G_N_ELEMENTS (of_meta));
  const BfyJsonEdit of_params[] = {
    { "_meta", meta },
    { "inputResponses", responses },
    { "requestState", state },
    { "task", NULL },
  };

  return bfy_json_edited (params, of_params, G_N_ELEMENTS (of_params));
}

char *
bfy_era_request_to_modern (const BfyJsonSlice *message,
                           const char *id,
                           const BfyEraEnvelope *envelope,
                           const char *responses,
                           const char *state)
{
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };
  g_autofree char *new_params = NULL;
  BfyJsonEdit edits[] = { { "id", id }, { "params", NULL } };

  if (!bfy_json_slice_member (message, "params", &params))
    params.start = NULL;
  new_params = with_envelope (&params, envelope, responses, state);
  edits[1].value = new_params;

  return bfy_json_edited (message, edits, G_N_ELEMENTS (edits));
}

char *
bfy_era_format_modern (const char *id,
                       const char *method,
                       const char *params,
                       const BfyEraEnvelope *envelope)
{
  const char *text = params != NULL ? params : "{}";
  BfyJsonSlice slice;
  g_autofree char *new_params = NULL;

  bfy_json_slice_root (text, strlen (text), &slice);
  new_params = with_envelope (&slice, envelope, NULL, NULL);

  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"%s\",\"params\":%s}", id,
                          method, new_params);
}

char *
bfy_era_result_to_legacy (const char *method, const BfyJsonSlice *result)
{
  const BfyJsonEdit of_meta[] = { { BFY_META_PREFIX "serverInfo", NULL } };
  g_autofree char *meta = edited_meta (result, of_meta, G_N_ELEMENTS (of_meta));
  const BfyJsonEdit edits[] = {
    { "_meta", unless_empty (meta) },
    { "resultType", NULL },
    { "ttlMs", NULL },
    { "cacheScope", NULL },
  };
  gboolean is_own = g_str_has_suffix (method, "/list") || g_str_equal (method, "resources/read");

  return bfy_json_edited (result, edits, is_own ? 4 : 2);
}

char *
bfy_era_error_to_legacy (const char *method, const BfyJsonSlice *error)
{
  const BfyJsonEdit edits[] = { { "code", CODE_OLD_NOT_FOUND } };
  BfyJsonSlice code;
  gint64 number;

  if (g_strcmp0 (method, "resources/read") == 0 && bfy_json_slice_member (error, "code", &code) &&
      bfy_json_slice_get_int (&code, &number) && number == CODE_INVALID_PARAMS)
    return bfy_json_edited (error, edits, G_N_ELEMENTS (edits));

  return bfy_json_slice_dup_raw (error);
}

static char *
server_info (const BfyJsonSlice *discover_result, const char *name)
{
  static const char *const path[] = { "_meta", BFY_META_PREFIX "serverInfo", NULL };
  g_autoptr (GString) out = NULL;
  BfyJsonSlice info;

  if (bfy_json_slice_find (discover_result, path, &info) && info.type == BFY_JSON_OBJECT)
    return bfy_json_slice_dup_raw (&info);

  out = g_string_new ("{\"name\":");
  bfy_json_append_string (out, name, -1);
  g_string_append (out, ",\"version\":\"\"}");

  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
bfy_era_initialize_result (const BfyJsonSlice *discover_result,
                           const char *version,
                           const char *name)
{
  const BfyJsonEdit of_meta[] = { { BFY_META_PREFIX "serverInfo", NULL } };
  const BfyJsonEdit of_capabilities[] = { { "extensions", NULL } };
  g_autofree char *meta = edited_meta (discover_result, of_meta, G_N_ELEMENTS (of_meta));
  g_autofree char *info = server_info (discover_result, name);
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", version);
  BfyJsonSlice slice = { BFY_JSON_NULL, NULL, 0 };
  g_autofree char *capabilities = NULL;

  if (!bfy_json_slice_member (discover_result, "capabilities", &slice))
    slice.start = NULL;
  capabilities = bfy_json_edited (&slice, of_capabilities, G_N_ELEMENTS (of_capabilities));

  const BfyJsonEdit edits[] = {
    { "protocolVersion", quoted },
    { "capabilities", capabilities },
    { "serverInfo", info },
    { "_meta", unless_empty (meta) },
    { "resultType", NULL },
    { "supportedVersions", NULL },
    { "ttlMs", NULL },
    { "cacheScope", NULL },
  };

  return bfy_json_edited (discover_result, edits, G_N_ELEMENTS (edits));
}

static char *
request_params (const char *method, const BfyJsonSlice *params, const char *id)
{
  BfyJsonSlice mode;
  /* Legacy clients know URL elicitations by an id. Each name may stand here once only. */
  BfyJsonEdit edits[] = { { "elicitationId", id } };
  gboolean is_url = g_str_equal (method, "elicitation/create") &&
                    bfy_json_slice_member (params, "mode", &mode) &&
                    bfy_json_slice_equals (&mode, "url");

  return bfy_json_edited (params, edits, is_url ? 1 : 0);
}

char *
bfy_era_server_request (const BfyJsonSlice *input_request, const char *id)
{
  BfyJsonSlice slice;
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };
  g_autofree char *method = NULL;
  g_autofree char *text = NULL;

  if (!bfy_json_slice_member (input_request, "method", &slice))
    return NULL;
  method = bfy_json_slice_dup_string (&slice);
  if (method == NULL || bfy_era_input_capability (method) == NULL)
    return NULL;
  if (!bfy_json_slice_member (input_request, "params", &params))
    params.start = NULL;
  text = request_params (method, &params, id);

  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"%s\",\"params\":%s}", id,
                          method, text);
}

char *
bfy_era_format_error (const char *id, int code, const char *message, const char *versions)
{
  g_autoptr (GString) out = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (out, "%s,\"error\":{\"code\":%d,\"message\":", id != NULL ? id : "null",
                          code);
  bfy_json_append_string (out, message, -1);
  g_string_append (out, ",\"data\":{\"origin\":\"agent\",\"reason\":\"other_version\"");
  if (versions != NULL)
    g_string_append_printf (out, ",\"supported\":%s", versions);
  g_string_append (out, "}}}");

  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
bfy_era_format_response (const char *id, const char *name, const char *value)
{
  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":%s}", id, name, value);
}

static char *
with_params (const BfyJsonSlice *notification, const char *params)
{
  const BfyJsonEdit edits[] = { { "params", params } };

  return bfy_json_edited (notification, edits, G_N_ELEMENTS (edits));
}

char *
bfy_era_set_progress_token (const BfyJsonSlice *notification, const char *token)
{
  const BfyJsonEdit edits[] = { { "progressToken", token } };
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };
  g_autofree char *text = NULL;

  if (!bfy_json_slice_member (notification, "params", &params))
    params.start = NULL;
  text = bfy_json_edited (&params, edits, G_N_ELEMENTS (edits));

  return with_params (notification, text);
}

char *
bfy_era_set_subscription (const BfyJsonSlice *notification, const char *id)
{
  const BfyJsonEdit of_meta[] = { { BFY_META_PREFIX "subscriptionId", id } };
  BfyJsonSlice params = { BFY_JSON_NULL, NULL, 0 };
  g_autofree char *meta = NULL;
  g_autofree char *text = NULL;

  if (!bfy_json_slice_member (notification, "params", &params))
    params.start = NULL;
  meta = edited_meta (&params, of_meta, G_N_ELEMENTS (of_meta));

  const BfyJsonEdit of_params[] = { { "_meta", unless_empty (meta) } };

  text = bfy_json_edited (&params, of_params, G_N_ELEMENTS (of_params));

  return with_params (notification, text);
}
