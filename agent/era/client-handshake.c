/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/version.h"
#include "agent/era/client-session-private.h"
#include "agent/era/room.h"

/* The handshake; becomes a session when the server has been heard. */
typedef struct
{
  BfyEras *eras;         /* borrowed */
  BfyRequest *request;   /* (owned) */
  BfyOriginal *original; /* (owned) (nullable) */
  BfyEraPlace *place;    /* (owned) */
  BfyInquiry *inquiry;   /* (owned) (nullable) */
  char *id;              /* (owned) raw */
  char *discovered;      /* (owned) (nullable) */
  gulong gone_id;
} Handshake;

static void
handshake_free (Handshake *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  g_clear_pointer (&self->original, bfy_original_free);
  bfy_request_unref (self->request);
  bfy_era_place_free (self->place);
  g_free (self->id);
  g_free (self->discovered);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Handshake, handshake_free)

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  static const char *const path[] = { "result", "supportedVersions", NULL };
  Handshake *self = user_data;
  BfyJsonSlice slice;

  if (message->rpc->kind != BFY_RPC_RESPONSE || self->discovered != NULL ||
      !bfy_json_slice_find (&message->root, path, &slice) ||
      !bfy_json_slice_member (&message->root, "result", &slice))
    return;
  self->discovered = bfy_json_slice_dup_raw (&slice);
}

/* What the client asked for if it is one of ours, else the newest of its era. */
static char *
choose_version (BfyRequest *request)
{
  g_autofree char *wanted = bfy_eras_dup_param (request, "protocolVersion");

  return wanted != NULL && bfy_version_is_legacy (wanted) ? g_steal_pointer (&wanted)
                                                          : g_strdup (BFY_ERA_NEWEST_LEGACY);
}

static BfyClientSession *
make_session (Handshake *handshake)
{
  BfyClientSession *self = g_new0 (BfyClientSession, 1);
  char *capabilities = bfy_eras_dup_raw_param (handshake->request, "capabilities");

  self->eras = handshake->eras;
  self->place = g_steal_pointer (&handshake->place);
  self->id = bfy_eras_make_id ();
  self->owner = g_strdup (bfy_eras_owner (handshake->request));
  self->version = choose_version (handshake->request);
  self->client_info = bfy_eras_dup_raw_param (handshake->request, "clientInfo");
  self->capabilities = capabilities != NULL ? capabilities : g_strdup ("{}");
  self->discovered = g_steal_pointer (&handshake->discovered);
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->tools = bfy_tool_headers_new ();
  self->calls = g_ptr_array_new ();
  g_hash_table_insert (self->eras->client_sessions, self->id, self);
  bfy_client_session_touch (self);

  return self;
}

static void
welcome (Handshake *handshake)
{
  BfyClientSession *session = make_session (handshake);
  SoupMessageHeaders *headers;
  BfyJsonSlice root;
  g_autofree char *result = NULL;
  g_autofree char *body = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;

  bfy_json_slice_root (session->discovered, strlen (session->discovered), &root);
  result = bfy_era_initialize_result (&root, session->version, session->place->name);
  body = bfy_era_format_response (handshake->id, "result", result);
  length = strlen (body);
  headers = bfy_request_begin (handshake->request, 200, (goffset) length, TRUE);
  if (headers == NULL)
    return;
  soup_message_headers_replace (headers, "Content-Type", "application/json");
  soup_message_headers_replace (headers, "Mcp-Session-Id", session->id);
  bytes = g_bytes_new (body, length);
  bfy_request_write (handshake->request, bytes, NULL, NULL);
  bfy_request_end (handshake->request);
}

static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  g_autoptr (Handshake) self = user_data;
  g_autofree char *text = NULL;

  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  if (self->discovered != NULL)
    {
      bfy_eras_learn (self->eras, &self->place->here, BFY_ERA_LEGACY, FALSE);
      bfy_eras_learn (self->eras, &self->place->here, BFY_ERA_MODERN, TRUE);
      welcome (self);
      return;
    }

  bfy_eras_unlearn (self->eras, self->place->id);
  text = g_strdup_printf (
      "The service behind “%s” knows no initialize, as of " BFY_ERA_NEWEST_LEGACY
      " and before, and its server/discover, as of " BFY_ERA_MODERN_VERSION ", failed (HTTP %u)",
      self->place->name, bfy_inquiry_get_status (inquiry));
  bfy_eras_fail (self->request, self->id, self->original, inquiry, text);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  g_autoptr (Handshake) self G_GNUC_UNUSED = user_data;
}

static BfyEraSeat
seat_of (gconstpointer value)
{
  const BfyClientSession *session = value;

  return (BfyEraSeat){
    .owner = session->owner,
    .used_us = session->used_us,
    .may_go = session->idle != NULL,
  };
}

static gboolean
make_room (BfyEras *eras, const char *owner)
{
  gpointer leaver;

  if (!bfy_era_find_room (eras->client_sessions, owner, seat_of, &leaver))
    return FALSE;
  if (leaver != NULL)
    g_hash_table_remove (eras->client_sessions, ((BfyClientSession *) leaver)->id);

  return TRUE;
}

void
bfy_client_session_begin (BfyEras *eras,
                          BfyRequest *request,
                          const BfyEraTarget *target,
                          const BfyRpcMessage *message,
                          BfyOriginal *original)
{
  static const BfyInquiryEvents events = { on_message, on_done };
  g_autofree char *client_info = bfy_eras_dup_raw_param (request, "clientInfo");
  g_autofree char *capabilities = bfy_eras_dup_raw_param (request, "capabilities");
  const BfyEraEnvelope envelope = { client_info, capabilities, NULL };
  BfyInquirySetup setup = { "POST", target->name, NULL };
  Handshake *self = g_new0 (Handshake, 1);

  self->eras = eras;
  self->request = bfy_request_ref (request);
  self->original = original;
  self->place = bfy_era_place_new (target);
  self->id = g_strdup (message->id);
  if (!make_room (eras, bfy_eras_owner (request)))
    {
      g_autoptr (Handshake) refused = self;

      bfy_eras_refuse (request, 200, refused->id, bfy_error_to_rpc_code (BFY_ERROR_RATE_LIMITED),
                       "There are too many sessions of clients of an older version", NULL);
      return;
    }
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  setup.body = bfy_era_format_modern ("0", "server/discover", NULL, &envelope);
  self->inquiry = bfy_inquiry_new (eras->agent, request, &setup, &events, self);
  bfy_inquiry_add_header (self->inquiry, "MCP-Protocol-Version", BFY_ERA_MODERN_VERSION);
  bfy_inquiry_add_header (self->inquiry, "Mcp-Method", "server/discover");
  bfy_inquiry_begin (self->inquiry);
}
