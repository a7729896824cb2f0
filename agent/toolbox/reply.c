/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/reply.h"

#include "agent/child/version.h"
#include "agent/policy/hints.h"
#include "agent/proxy/refusal.h"
#include "bfy-config.h"
#include "protocol/json.h"

#define NEWEST_LEGACY "2025-11-25"
#define LIST_TTL_MS 60000

static const char *const cacheable[] = { "tools/list", "server/discover", NULL };

static JsonObject *
describe_us (const BfyToolboxCall *call)
{
  JsonObject *info = json_object_new ();

  json_object_set_string_member (info, "name", "bindify");
  json_object_set_string_member (info, "title", call->binding->name);
  json_object_set_string_member (info, "version", BFY_VERSION);

  return info;
}

static JsonObject *
describe_capabilities (void)
{
  JsonObject *capabilities = json_object_new ();

  json_object_set_object_member (capabilities, "tools", json_object_new ());

  return capabilities;
}

JsonObject *
bfy_toolbox_greeting (const BfyToolboxCall *call)
{
  JsonObject *result = json_object_new ();
  BfyJsonSlice wanted = { 0 };
  g_autofree char *version = NULL;

  if (bfy_json_slice_member (&bfy_toolbox_message (call)->params, "protocolVersion", &wanted))
    version = bfy_json_slice_dup_string (&wanted);
  json_object_set_string_member (
      result, "protocolVersion",
      version != NULL && bfy_version_is_legacy (version) ? version : NEWEST_LEGACY);
  json_object_set_object_member (result, "capabilities", describe_capabilities ());
  json_object_set_object_member (result, "serverInfo", describe_us (call));

  return result;
}

JsonObject *
bfy_toolbox_discovery (const BfyToolboxCall *call)
{
  JsonObject *result = json_object_new ();
  JsonArray *versions = json_array_new ();

  json_array_add_string_element (versions, BFY_VERSION_MODERN);
  json_object_set_array_member (result, "supportedVersions", versions);
  json_object_set_object_member (result, "capabilities", describe_capabilities ());

  return result;
}

static void
make_modern (const BfyToolboxCall *call, JsonObject *result)
{
  JsonObject *meta = json_object_new ();

  json_object_set_string_member (result, "resultType", "complete");
  if (g_strv_contains (cacheable, bfy_toolbox_message (call)->method))
    {
      json_object_set_int_member (result, "ttlMs", LIST_TTL_MS);
      json_object_set_string_member (result, "cacheScope", "private");
    }
  json_object_set_object_member (meta, "io.modelcontextprotocol/serverInfo", describe_us (call));
  json_object_set_object_member (result, "_meta", meta);
}

/* A list shows what the policy does not deny, as everywhere. */
static char *
filter (const BfyToolboxCall *call, char *taken)
{
  g_autofree char *body = taken;
  g_autofree char *filtered = NULL;
  BfyHintsPlace place = { call->agent, call->binding };
  BfyListViewSetup setup = bfy_hints_list_setup (&place);
  gsize length;

  if (!bfy_hints_view_is_needed (call->binding, call->rpc))
    return g_steal_pointer (&body);
  filtered = bfy_list_view_filter (&setup, body, strlen (body), &length, NULL);

  return filtered != NULL ? g_strndup (filtered, length) : g_steal_pointer (&body);
}

void
bfy_toolbox_reply (BfyToolboxCall *call, JsonObject *taken)
{
  g_autoptr (JsonObject) result = taken;
  g_autofree char *text = NULL;
  g_autofree char *body = NULL;

  if (call->era == BFY_ERA_MODERN)
    make_modern (call, result);
  text = bfy_json_object_to_text (result, NULL);
  body = filter (call, bfy_rpc_format_result (bfy_toolbox_message (call)->id, text));
  if (call->event != NULL)
    {
      call->event->status = 200;
      call->event->bytes_down = (gint64) strlen (body);
    }
  bfy_answer (call->request, body);
  bfy_toolbox_finish (call, BFY_N_ERRORS);
}

void
bfy_toolbox_reply_error (BfyToolboxCall *call, guint status, int code, const char *message)
{
  g_autoptr (GString) body = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_string_append_printf (
      body, "%s,\"error\":{\"code\":%d,\"message\":", bfy_toolbox_message (call)->id, code);
  bfy_json_append_string (body, message, -1);
  g_string_append (body, ",\"data\":{\"origin\":\"agent\"}}}");
  if (status == 200)
    bfy_answer (call->request, body->str);
  else
    bfy_request_reply (call->request, status, "application/json", body->str, (gssize) body->len);
  bfy_toolbox_finish (call, BFY_ERROR_BAD_REQUEST);
}
