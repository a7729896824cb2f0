/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/client-session-private.h"
#include "agent/era/client-stream.h"
#include "agent/era/legacy-call.h"
#include "protocol/mcp-header.h"

static void
drop_idle (BfyClientSession *self)
{
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  g_clear_pointer (&self->idle, g_source_unref);
}

void
bfy_client_session_drop (gpointer data)
{
  BfyClientSession *self = data;

  drop_idle (self);
  g_clear_pointer (&self->stream, bfy_client_stream_free);
  while (self->calls->len > 0)
    bfy_legacy_call_free (g_ptr_array_index (self->calls, self->calls->len - 1));
  drop_idle (self);
  g_ptr_array_unref (self->calls);
  g_hash_table_unref (self->uris);
  bfy_tool_headers_free (self->tools);
  bfy_era_place_free (self->place);
  g_free (self->id);
  g_free (self->owner);
  g_free (self->version);
  g_free (self->client_info);
  g_free (self->capabilities);
  g_free (self->discovered);
  g_free (self->log_level);
  g_free (self);
}

static void
end (BfyClientSession *self)
{
  g_hash_table_remove (self->eras->client_sessions, self->id);
}

static gboolean
on_idle (gpointer user_data)
{
  end (user_data);

  return G_SOURCE_REMOVE;
}

void
bfy_client_session_touch (BfyClientSession *self)
{
  self->used_us = g_get_monotonic_time ();
  drop_idle (self);
  if (self->calls->len > 0 || self->stream != NULL)
    return;
  self->idle = g_timeout_source_new (self->eras->idle_ms);
  g_source_set_callback (self->idle, on_idle, self, NULL);
  g_source_attach (self->idle, g_main_context_get_thread_default ());
}

gboolean
bfy_client_session_is_of (BfyClientSession *self, const char *binding_id, const char *client_id)
{
  return (binding_id == NULL || g_str_equal (self->place->id, binding_id)) &&
         (client_id == NULL || g_strcmp0 (self->owner, client_id) == 0);
}

gboolean
bfy_client_session_belongs_to (BfyClientSession *self,
                               const char *binding_id,
                               const char *client_id)
{
  return g_str_equal (self->place->id, binding_id) && g_strcmp0 (self->owner, client_id) == 0;
}

const char *
bfy_client_session_get_name (BfyClientSession *self)
{
  return self->place->name;
}

const char *
bfy_client_session_get_version (BfyClientSession *self)
{
  return self->version;
}

BfyToolHeaders *
bfy_client_session_get_tools (BfyClientSession *self)
{
  return self->tools;
}

guint64
bfy_client_session_next_number (BfyClientSession *self)
{
  return ++self->last_number;
}

BfyEraEnvelope
bfy_client_session_get_envelope (BfyClientSession *self)
{
  return (BfyEraEnvelope){ self->client_info, self->capabilities, self->log_level };
}

gboolean
bfy_client_session_has (const char *object, const char *const *path)
{
  BfyJsonSlice root, found;

  bfy_json_slice_root (object, strlen (object), &root);

  return bfy_json_slice_find (&root, path, &found) && found.type != BFY_JSON_NULL &&
         found.type != BFY_JSON_FALSE;
}

gboolean
bfy_client_session_has_capability (BfyClientSession *self, const char *capability)
{
  const char *const path[] = { capability, NULL };

  return bfy_client_session_has (self->capabilities, path);
}

BfyInquiry *
bfy_client_session_inquire (BfyClientSession *self,
                            BfyRequest *caller,
                            const BfyModernSetup *setup,
                            const BfyInquiryEvents *events,
                            gpointer user_data)
{
  const BfyInquirySetup post = { "POST", self->place->name, setup->body };
  BfyInquiry *inquiry = bfy_inquiry_new (self->eras->agent, caller, &post, events, user_data);
  g_autofree char *name =
      setup->target_name != NULL ? bfy_mcp_header_encode (setup->target_name) : NULL;

  bfy_inquiry_add_header (inquiry, "MCP-Protocol-Version", BFY_ERA_MODERN_VERSION);
  bfy_inquiry_add_header (inquiry, "Mcp-Method", setup->method);
  bfy_inquiry_add_header (inquiry, "Mcp-Name", name);

  return inquiry;
}

void
bfy_client_session_remove_call (BfyClientSession *self, BfyLegacyCall *call)
{
  g_ptr_array_remove (self->calls, call);
  bfy_client_session_touch (self);
}

char *
bfy_client_session_format_filter (BfyClientSession *self)
{
  static const char *const path[] = { "capabilities", NULL };
  g_auto (BfyEraFilter) filter = { TRUE, TRUE, TRUE, NULL };
  g_autofree gpointer *uris = g_hash_table_get_keys_as_array (self->uris, NULL);
  g_autofree char *text = NULL;
  BfyJsonSlice root, capabilities = { BFY_JSON_NULL, NULL, 0 };

  if (uris[0] != NULL)
    filter.uris = g_strdupv ((char **) uris);
  bfy_json_slice_root (self->discovered, strlen (self->discovered), &root);
  if (!bfy_json_slice_find (&root, path, &capabilities))
    capabilities.start = NULL;
  bfy_era_filter_limit (&filter, &capabilities);
  text = bfy_era_filter_to_json (&filter);

  return strcmp (text, "{}") != 0 ? g_steal_pointer (&text) : NULL;
}

void
bfy_client_session_drop_stream (BfyClientSession *self)
{
  g_clear_pointer (&self->stream, bfy_client_stream_free);
  bfy_client_session_touch (self);
}
