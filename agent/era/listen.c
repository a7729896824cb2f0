/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/listen.h"

#include "agent/child/sender.h"

struct _BfyListen
{
  BfyServerSession *session; /* (owned) */
  BfyRequest *request;       /* (owned) */
  BfySender *sender;         /* (owned) (nullable) */
  BfyOriginal *original;     /* (owned) (nullable) */
  BfyEraPlace *place;        /* (owned) */
  BfyEraFilter filter;
  char *id; /* (owned) raw */
  gulong gone_id;
  gboolean is_listed;
};

static void
listen_free (BfyListen *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_server_session_forget (self->session, self);
  if (self->is_listed)
    bfy_server_session_remove_listen (self->session, self);
  for (guint i = 0; self->is_listed && self->filter.uris != NULL && self->filter.uris[i] != NULL;
       i++)
    bfy_server_session_unsubscribe (self->session, self->filter.uris[i]);
  g_clear_pointer (&self->sender, bfy_sender_free);
  g_clear_pointer (&self->original, bfy_original_free);
  bfy_era_place_free (self->place);
  bfy_era_filter_clear (&self->filter);
  bfy_request_unref (self->request);
  bfy_server_session_unref (self->session);
  g_free (self->id);
  g_free (self);
}

typedef BfyListen Listen;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listen, listen_free)

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  g_autoptr (Listen) self G_GNUC_UNUSED = user_data;
}

static void
send (BfyListen *self, char *taken)
{
  g_autofree char *line = g_strdelimit (taken, "\r\n", ' ');

  bfy_sender_event (self->sender, NULL, line, strlen (line));
}

/* The first message, before anything can come. */
static void
acknowledge (BfyListen *self)
{
  g_autofree char *granted = bfy_era_filter_to_json (&self->filter);

  send (self, g_strdup_printf ("{\"jsonrpc\":\"2.0\","
                               "\"method\":\"notifications/subscriptions/acknowledged\","
                               "\"params\":{\"_meta\":{\"" BFY_META_PREFIX
                               "subscriptionId\":%s},\"notifications\":%s}}",
                               self->id, granted));
}

static void
on_ready (BfyServerSession *session, BfyInquiry *failure, gpointer user_data)
{
  static const char *const path[] = { "capabilities", NULL };
  BfyListen *self = user_data;
  BfyJsonSlice result, capabilities = { BFY_JSON_NULL, NULL, 0 };

  if (failure != NULL)
    {
      g_autoptr (Listen) failed G_GNUC_UNUSED = self;

      bfy_modern_fail (bfy_server_session_get_eras (session), self->request, &self->place->here,
                       self->id, self->original, failure);
      return;
    }

  bfy_modern_note_ready (bfy_server_session_get_eras (session), &self->place->here);
  bfy_server_session_get_result (session, &result);
  if (!bfy_json_slice_find (&result, path, &capabilities))
    capabilities.start = NULL;
  bfy_era_filter_limit (&self->filter, &capabilities);
  self->sender = bfy_sender_new (self->request, NULL);
  acknowledge (self);
  self->is_listed = TRUE;
  for (guint i = 0; self->filter.uris != NULL && self->filter.uris[i] != NULL; i++)
    bfy_server_session_subscribe (session, self->filter.uris[i]);
  bfy_server_session_add_listen (session, self);
}

void
bfy_listen_begin (BfyServerSession *session,
                  const BfyEraTarget *target,
                  BfyRequest *request,
                  const BfyRpcMessage *message,
                  BfyOriginal *taken)
{
  static const char *const path[] = { "params", "notifications", NULL };
  g_autoptr (BfyOriginal) original = taken;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, asked = { BFY_JSON_NULL, NULL, 0 };
  BfyListen *self;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_find (&root, path, &asked) || asked.type != BFY_JSON_OBJECT)
    {
      bfy_eras_refuse (request, 200, message->id, -32602, "params.notifications is missing", NULL);
      return;
    }
  if (bfy_server_session_n_listens (session) >= BFY_LISTENS_MAX)
    {
      bfy_eras_refuse (request, 200, message->id, bfy_error_to_rpc_code (BFY_ERROR_RATE_LIMITED),
                       "This client listens too often at the same time", NULL);
      return;
    }

  self = g_new0 (BfyListen, 1);
  self->session = bfy_server_session_ref (session);
  self->request = bfy_request_ref (request);
  self->original = g_steal_pointer (&original);
  self->place = bfy_era_place_new (target);
  self->id = g_strdup (message->id);
  bfy_era_filter_read (&asked, &self->filter);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  bfy_server_session_when_ready (session, on_ready, self);
}

void
bfy_listen_notify (BfyListen *self, const BfyInquiryMessage *message, const char *uri)
{
  if (bfy_era_filter_takes (&self->filter, message->rpc->method, uri))
    send (self, bfy_era_set_subscription (&message->root, self->id));
}

void
bfy_listen_end (BfyListen *taken)
{
  g_autoptr (Listen) self = taken;

  bfy_sender_end (self->sender);
}
