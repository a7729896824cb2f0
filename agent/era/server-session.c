/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/version.h"
#include "agent/era/listen.h"
#include "agent/era/room.h"
#include "agent/era/server-session-private.h"
#include "protocol/mcp-header.h"

static void begin_handshake (BfyServerSession *self);

BfyServerSession *
bfy_server_session_ref (BfyServerSession *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
drop_idle (BfyServerSession *self)
{
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  g_clear_pointer (&self->idle, g_source_unref);
}

void
bfy_server_session_unref (BfyServerSession *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->handshake, bfy_inquiry_free);
  g_clear_pointer (&self->stream, bfy_server_stream_free);
  drop_idle (self);
  bfy_request_unref (self->caller);
  g_array_unref (self->waiters);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->listens);
  g_hash_table_unref (self->uris);
  g_free (self->key);
  g_free (self->binding_id);
  g_free (self->name);
  g_free (self->owner);
  g_free (self->capabilities);
  g_free (self->client_info);
  g_free (self->id);
  g_free (self->version);
  g_free (self->result);
  g_free (self->server_info);
  g_free (self);
}

/* Calls in flight hold on to it and see for themselves; streams of its own end. */
void
bfy_server_session_drop (gpointer data)
{
  g_autoptr (BfyServerSession) self = data;

  self->is_lost = TRUE;
  drop_idle (self);
  g_clear_pointer (&self->stream, bfy_server_stream_free);
  while (self->listens->len > 0)
    bfy_listen_end (g_ptr_array_index (self->listens, self->listens->len - 1));
}

void
bfy_server_session_lose (BfyServerSession *self)
{
  if (!self->is_lost)
    g_hash_table_remove (self->eras->server_sessions, self->key);
}

static gboolean
on_idle (gpointer user_data)
{
  g_autoptr (BfyServerSession) self = bfy_server_session_ref (user_data);
  const BfyInquirySetup setup = { "DELETE", self->name, NULL };

  drop_idle (self);
  if (self->id != NULL)
    bfy_eras_send (self->eras, self->caller, &setup, self->id, self->version);
  bfy_server_session_lose (self);

  return G_SOURCE_REMOVE;
}

void
bfy_server_session_touch (BfyServerSession *self)
{
  self->used_us = g_get_monotonic_time ();
  drop_idle (self);
  if (self->is_lost || self->calls->len > 0 || self->listens->len > 0)
    return;
  self->idle = g_timeout_source_new (self->eras->idle_ms);
  g_source_set_callback (self->idle, on_idle, self, NULL);
  g_source_attach (self->idle, g_main_context_get_thread_default ());
}

static void
tell_waiters (BfyServerSession *self, BfyInquiry *failure)
{
  g_autoptr (GArray) waiters = self->waiters;

  self->waiters = g_array_new (FALSE, FALSE, sizeof (BfyServerSessionWaiter));
  for (guint i = 0; i < waiters->len; i++)
    {
      BfyServerSessionWaiter *waiter = &g_array_index (waiters, BfyServerSessionWaiter, i);

      waiter->func (self, failure, waiter->user_data);
    }
}

/* Keeps what the server said of itself. FALSE for an answer that cannot be worked with. */
static gboolean
take_result (BfyServerSession *self, const BfyJsonSlice *result)
{
  BfyJsonSlice slice;
  g_autofree char *version = NULL;

  if (!bfy_json_slice_member (result, "protocolVersion", &slice))
    return FALSE;
  version = bfy_json_slice_dup_string (&slice);
  if (version == NULL || !bfy_version_is_legacy (version))
    return FALSE;
  self->version = g_steal_pointer (&version);
  self->result = bfy_json_slice_dup_raw (result);
  if (bfy_json_slice_member (result, "serverInfo", &slice))
    self->server_info = bfy_json_slice_dup_raw (&slice);

  return TRUE;
}

static void
on_handshake_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyServerSession *self = user_data;
  BfyJsonSlice result;

  if (message->rpc->kind != BFY_RPC_RESPONSE || self->result != NULL ||
      !bfy_json_slice_member (&message->root, "result", &result) || !take_result (self, &result))
    return;
  if (bfy_inquiry_get_session_id (inquiry) != NULL &&
      bfy_mcp_header_is_token (bfy_inquiry_get_session_id (inquiry)))
    self->id = g_strdup (bfy_inquiry_get_session_id (inquiry));
}

static void
on_handshake_done (BfyInquiry *inquiry, gpointer user_data)
{
  g_autoptr (BfyServerSession) self = bfy_server_session_ref (user_data);
  g_autoptr (BfyInquiry) handshake = g_steal_pointer (&self->handshake);

  if (self->result == NULL)
    {
      bfy_server_session_lose (self);
      tell_waiters (self, handshake);
      return;
    }

  bfy_server_session_send (
      self, self->caller,
      g_strdup ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
  self->is_ready = TRUE;
  bfy_server_session_update_stream (self);
  tell_waiters (self, NULL);
}

static void
begin_handshake (BfyServerSession *self)
{
  static const BfyInquiryEvents events = { on_handshake_message, on_handshake_done };
  const BfyInquirySetup setup = {
    "POST",
    self->name,
    bfy_era_format_initialize ("0", self->client_info, self->capabilities),
  };

  self->handshake = bfy_inquiry_new (self->eras->agent, self->caller, &setup, &events, self);
  bfy_inquiry_begin (self->handshake);
}

void
bfy_server_session_when_ready (BfyServerSession *self,
                               BfyServerSessionFunc func,
                               gpointer user_data)
{
  const BfyServerSessionWaiter waiter = { func, user_data };

  bfy_server_session_touch (self);
  if (self->is_ready)
    {
      func (self, NULL, user_data);
      return;
    }
  g_array_append_val (self->waiters, waiter);
  if (self->handshake == NULL)
    begin_handshake (self);
}

void
bfy_server_session_forget (BfyServerSession *self, gpointer user_data)
{
  for (guint i = self->waiters->len; i > 0; i--)
    if (g_array_index (self->waiters, BfyServerSessionWaiter, i - 1).user_data == user_data)
      g_array_remove_index (self->waiters, i - 1);
}

/* One session serves all requests of a client that say the same about it. */
static char *
make_key (BfyRequest *request, const BfyEraTarget *target, const BfyEraClaim *claim)
{
  g_autofree char *info = bfy_json_slice_dup_raw (&claim->client_info);
  g_autofree char *capabilities = bfy_json_slice_dup_raw (&claim->capabilities);
  const char *owner = bfy_eras_owner (request);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *parts[] = { target->id, target->address, owner != NULL ? owner : "",
                          info != NULL ? info : "", capabilities != NULL ? capabilities : "" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (checksum, (const guchar *) parts[i], (gssize) strlen (parts[i]) + 1);

  return g_strdup (g_checksum_get_string (checksum));
}

static BfyEraSeat
seat_of (gconstpointer value)
{
  const BfyServerSession *session = value;

  return (BfyEraSeat){
    .owner = session->owner,
    .used_us = session->used_us,
    .may_go = session->idle != NULL && session->is_ready,
  };
}

static gboolean
make_room (BfyEras *eras, const char *owner)
{
  gpointer leaver;

  if (!bfy_era_find_room (eras->server_sessions, owner, seat_of, &leaver))
    return FALSE;
  if (leaver != NULL)
    on_idle (leaver);

  return TRUE;
}

BfyServerSession *
bfy_server_session_get (BfyEras *eras,
                        BfyRequest *request,
                        const BfyEraTarget *target,
                        const BfyEraClaim *claim)
{
  g_autofree char *key = make_key (request, target, claim);
  BfyServerSession *self = g_hash_table_lookup (eras->server_sessions, key);

  if (self != NULL || !make_room (eras, bfy_eras_owner (request)))
    return self;

  self = g_new0 (BfyServerSession, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->eras = eras;
  self->caller = bfy_request_ref (request);
  self->key = g_steal_pointer (&key);
  self->binding_id = g_strdup (target->id);
  self->name = g_strdup (target->name);
  self->owner = g_strdup (bfy_eras_owner (request));
  self->capabilities = bfy_json_slice_dup_raw (&claim->capabilities);
  self->client_info = bfy_json_slice_dup_raw (&claim->client_info);
  self->waiters = g_array_new (FALSE, FALSE, sizeof (BfyServerSessionWaiter));
  self->calls = g_ptr_array_new ();
  self->listens = g_ptr_array_new ();
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->log_rank = G_MAXINT;
  g_hash_table_insert (eras->server_sessions, self->key, self);

  return self;
}

gboolean
bfy_server_session_is_of (BfyServerSession *self, const char *binding_id, const char *client_id)
{
  return (binding_id == NULL || g_str_equal (self->binding_id, binding_id)) &&
         (client_id == NULL || g_strcmp0 (self->owner, client_id) == 0);
}

BfyEras *
bfy_server_session_get_eras (BfyServerSession *self)
{
  return self->eras;
}

void
bfy_server_session_get_result (BfyServerSession *self, BfyJsonSlice *result)
{
  const char *text = self->result != NULL ? self->result : "{}";

  bfy_json_slice_root (text, strlen (text), result);
}

const char *
bfy_server_session_get_server_info (BfyServerSession *self)
{
  return self->server_info;
}

static gboolean
has_member (const char *object, const char *name)
{
  BfyJsonSlice root, member;

  if (object == NULL)
    return FALSE;
  bfy_json_slice_root (object, strlen (object), &root);

  return bfy_json_slice_member (&root, name, &member) && member.type != BFY_JSON_NULL;
}

gboolean
bfy_server_session_has_capability (BfyServerSession *self, const char *capability)
{
  return has_member (self->capabilities, capability);
}

guint64
bfy_server_session_next_id (BfyServerSession *self)
{
  return ++self->last_id;
}

BfyInquiry *
bfy_server_session_inquire (BfyServerSession *self,
                            BfyRequest *caller,
                            const char *method,
                            char *body,
                            const BfyInquiryEvents *events,
                            gpointer user_data)
{
  const BfyInquirySetup setup = { method, self->name, body };
  BfyInquiry *inquiry = bfy_inquiry_new (self->eras->agent, caller, &setup, events, user_data);

  bfy_inquiry_add_header (inquiry, "Mcp-Session-Id", self->id);
  bfy_inquiry_add_header (inquiry, "MCP-Protocol-Version", self->version);

  return inquiry;
}

void
bfy_server_session_send (BfyServerSession *self, BfyRequest *caller, char *body)
{
  const BfyInquirySetup setup = { "POST", self->name, body };

  bfy_eras_send (self->eras, caller, &setup, self->id, self->version);
}
