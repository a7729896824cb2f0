/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/mcp-session.h"

#include <string.h>

#include "bfy-config.h"
#include "client/mcp-headers.h"
#include "client/mcp-session-private.h"
#include "client/transfer.h"
#include "protocol/json.h"

#define PROTOCOL_VERSION "2025-11-25"

G_DEFINE_FINAL_TYPE (BfyMcpSession, bfy_mcp_session, G_TYPE_OBJECT)

void
bfy_mcp_session_set_on_waiting (BfyMcpSession *self, BfyMcpSessionFunc func, gpointer user_data)
{
  self->on_waiting = func;
  self->waiting_data = user_data;
}

const char *
bfy_mcp_session_get_binding (BfyMcpSession *self)
{
  return self->binding;
}

void
bfy_mcp_session_request_async (BfyMcpSession *self,
                               const char *method,
                               const char *params,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%u", ++self->last_id);
  g_autoptr (GString) text = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":");

  g_task_set_source_tag (task, bfy_mcp_session_request_async);
  g_string_append_printf (text, "%s,\"method\":", id);
  bfy_json_append_string (text, method, -1);
  if (params != NULL)
    g_string_append_printf (text, ",\"params\":%s", params);
  g_string_append_c (text, '}');
  mcp_post_async (self, g_steal_pointer (&id), text->str, task);
}

char *
bfy_mcp_session_request_finish (BfyMcpSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_initialized (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  g_task_propagate_pointer (G_TASK (result), &error);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void send_initialize (BfyMcpSession *self, GTask *task);

static void
on_channel (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyMcpSession *self = BFY_MCP_SESSION (source);
  g_autoptr (GError) error = NULL;

  if (mcp_sse_open_finish (self, result, &error))
    send_initialize (self, g_steal_pointer (&task));
  else if (g_error_matches (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED))
    g_task_return_error (task, g_error_copy (g_task_get_task_data (task)));
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_initialize (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyMcpSession *self = BFY_MCP_SESSION (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = bfy_mcp_session_request_finish (self, result, &error);
  BfyJsonSlice root;
  BfyJsonSlice version;
  GTask *next;

  self->is_initializing = FALSE;
  if (reply == NULL && self->may_be_old && self->channel == NULL)
    {
      g_task_set_task_data (task, g_steal_pointer (&error), (GDestroyNotify) g_error_free);
      mcp_sse_open_async (self, g_task_get_cancellable (task), on_channel, g_object_ref (task));
      return;
    }
  if (reply == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  bfy_json_slice_root (reply, strlen (reply), &root);
  if (bfy_json_slice_member (&root, "protocolVersion", &version))
    self->version = bfy_json_slice_dup_string (&version);
  if (self->version != NULL && !bfy_mcp_header_is_token (self->version))
    g_clear_pointer (&self->version, g_free);
  next = g_task_new (self, g_task_get_cancellable (task), on_initialized, task);
  g_steal_pointer (&task);
  mcp_post_async (self, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                  next);
}

/* Takes over @task. */
static void
send_initialize (BfyMcpSession *self, GTask *task)
{
  self->is_initializing = TRUE;
  bfy_mcp_session_request_async (
      self, "initialize",
      "{\"protocolVersion\":\"" PROTOCOL_VERSION "\",\"capabilities\":{},"
      "\"clientInfo\":{\"name\":\"bindify\",\"version\":\"" BFY_VERSION "\"}}",
      g_task_get_cancellable (task), on_initialize, task);
}

void
bfy_mcp_session_open_async (BfyMcpSession *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_mcp_session_open_async);
  g_task_set_check_cancellable (task, FALSE);
  send_initialize (self, task);
}

gboolean
bfy_mcp_session_open_finish (BfyMcpSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = bfy_remote_send_finish (BFY_REMOTE (source), result, &error);

  g_task_return_boolean (task, stream != NULL);
}

void
bfy_mcp_session_close_async (BfyMcpSession *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (SoupMessage) message = NULL;

  g_task_set_source_tag (task, bfy_mcp_session_close_async);
  if (self->session_id == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  message = bfy_transfer_new_delete (self->remote, self->binding);
  mcp_session_add_headers (self, message);
  g_clear_pointer (&self->session_id, g_free);
  bfy_remote_send_async (self->remote, message, cancellable, on_deleted, task);
}

void
bfy_mcp_session_close_finish (BfyMcpSession *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

BfyMcpSession *
bfy_mcp_session_new (BfyRemote *remote, const char *binding)
{
  BfyMcpSession *self = g_object_new (BFY_TYPE_MCP_SESSION, NULL);

  self->remote = g_object_ref (remote);
  self->binding = g_strdup (binding);
  return self;
}

static void
bfy_mcp_session_finalize (GObject *object)
{
  BfyMcpSession *self = BFY_MCP_SESSION (object);

  g_clear_pointer (&self->channel, bfy_sse_channel_free);
  g_hash_table_unref (self->pending);
  g_clear_object (&self->remote);
  g_free (self->binding);
  g_free (self->session_id);
  g_free (self->version);
  G_OBJECT_CLASS (bfy_mcp_session_parent_class)->finalize (object);
}

static void
bfy_mcp_session_class_init (BfyMcpSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_mcp_session_finalize;
}

static void
bfy_mcp_session_init (BfyMcpSession *self)
{
  self->pending = g_hash_table_new (g_str_hash, g_str_equal);
}
