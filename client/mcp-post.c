/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/mcp-headers.h"
#include "client/mcp-session-private.h"
#include "protocol/error.h"

/* One POST and what has come of it. The task owns this, this owns the transfer; a reference on the
 * task is held while the transfer runs. */
typedef struct
{
  BfyMcpSession *session; /* borrowed: the task's source object */
  BfyTransfer *transfer;  /* (owned) */
  char *id;               /* (owned) (nullable) NULL for one-way messages */
  char *result;           /* (owned) (nullable) */
  GError *error;          /* (owned) (nullable) */
  gulong cancel_id;
  gboolean is_accepted; /* the answer comes on the session's channel */
} PostClosure;

static void
post_closure_free (PostClosure *closure)
{
  g_clear_pointer (&closure->transfer, bfy_transfer_unref);
  g_clear_error (&closure->error);
  g_free (closure->id);
  g_free (closure->result);
  g_free (closure);
}

void
mcp_session_add_headers (BfyMcpSession *self, SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  if (self->session_id != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", self->session_id);
  if (self->version != NULL)
    soup_message_headers_replace (headers, "MCP-Protocol-Version", self->version);
}

/* Of an agent's refusal the reason is the wire name of its error (behaviour 4). */
static GError *
new_agent_error (const BfyJsonSlice *data, const char *message)
{
  BfyErrorCode code = BFY_ERROR_FAILED;
  g_autofree char *reason = NULL;
  BfyJsonSlice slice;

  if (bfy_json_slice_member (data, "reason", &slice))
    reason = bfy_json_slice_dup_string (&slice);
  if (!bfy_error_from_wire (reason, &code))
    code = BFY_ERROR_FAILED;

  return g_error_new_literal (BFY_ERROR, (int) code, message);
}

GError *
bfy_mcp_error_from_response (const char *text, gsize length)
{
  g_autofree char *message = NULL;
  BfyJsonSlice root;
  BfyJsonSlice error;
  BfyJsonSlice data;
  BfyJsonSlice slice;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, "error", &error))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                "The server’s answer has neither result nor error");
  if (bfy_json_slice_member (&error, "message", &slice))
    message = bfy_json_slice_dup_string (&slice);
  if (message == NULL)
    message = g_strdup ("no reason given");

  if (bfy_json_slice_member (&error, "data", &data) &&
      bfy_json_slice_member (&data, "origin", &slice) && bfy_json_slice_equals (&slice, "agent"))
    return new_agent_error (&data, message);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The server answered with an error: %s",
                      message);
}

static void
answer_server (BfyMcpSession *self, const BfyRpcMessage *message)
{
  GTask *task = g_task_new (self, NULL, NULL, NULL);
  g_autofree char *answer = g_strcmp0 (message->method, "ping") == 0
                                ? bfy_rpc_format_result (message->id, "{}")
                                : bfy_rpc_format_error (message->id, BFY_ERROR_UNSUPPORTED,
                                                        "bindify answers no questions of servers");

  mcp_post_async (self, NULL, answer, task);
}

static void
take_response (PostClosure *closure, const BfyJsonSlice *slice)
{
  BfyJsonSlice result;

  if (bfy_json_slice_member (slice, "result", &result))
    closure->result = g_strndup (result.start, result.length);
  else
    closure->error = bfy_mcp_error_from_response (slice->start, slice->length);

  /* A server may leave its stream open; nothing on it is of interest any more. */
  if (bfy_transfer_is_stream (closure->transfer))
    bfy_transfer_abort (closure->transfer);
}

static gboolean
is_done (const PostClosure *closure)
{
  return closure->result != NULL || closure->error != NULL;
}

static void
take_message (const BfyRpcMessage *message, const BfyJsonSlice *slice, gpointer user_data)
{
  PostClosure *closure = user_data;

  switch (message->kind)
    {
    case BFY_RPC_REQUEST:
      answer_server (closure->session, message);
      break;
    case BFY_RPC_NOTIFICATION:
      break;
    case BFY_RPC_RESPONSE:
      /* An HTTP error may carry null where the id should be. */
      if (!is_done (closure) && closure->id != NULL &&
          (message->id == NULL || g_strcmp0 (message->id, closure->id) == 0))
        take_response (closure, slice);
      break;
    }
}

typedef void (*MessageFunc) (const BfyRpcMessage *message,
                             const BfyJsonSlice *slice,
                             gpointer user_data);

static void
foreach_message (const char *text, gsize length, MessageFunc func, gpointer user_data)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);
  BfyJsonSlice root;
  BfyJsonSlice key;
  BfyJsonSlice slice;
  BfyJsonIter iter;

  if (rpc == NULL)
    return;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_rpc_is_batch (rpc))
    {
      func (bfy_rpc_message (rpc, 0), &root, user_data);
      return;
    }

  bfy_json_iter_init (&iter, &root);
  for (guint i = 0; bfy_json_iter_next (&iter, &key, &slice); i++)
    func (bfy_rpc_message (rpc, i), &slice, user_data);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  PostClosure *closure = g_task_get_task_data (user_data);

  if (closure->session->is_initializing && bfy_sse_channel_may_help (transfer, text, length))
    closure->session->may_be_old = TRUE;
  foreach_message (text, length, take_message, closure);
}

/* Said in the head of an answer that begins before it is known. */
static void
note_waiting (BfyMcpSession *self)
{
  BfyMcpSessionFunc func = self->on_waiting;

  self->on_waiting = NULL;
  if (func != NULL)
    func (self, self->waiting_data);
}

static void
on_head (BfyTransfer *transfer, gpointer user_data)
{
  PostClosure *closure = g_task_get_task_data (user_data);
  BfyMcpSession *self = closure->session;
  const char *session_id = bfy_transfer_get_header (transfer, "Mcp-Session-Id");

  if (self->is_initializing && bfy_transfer_get_status (transfer) == SOUP_STATUS_OK &&
      session_id != NULL && self->session_id == NULL && bfy_mcp_header_is_token (session_id))
    self->session_id = g_strdup (session_id);
  if (bfy_transfer_get_header (transfer, "X-Bindify-Waiting") != NULL)
    note_waiting (self);
}

static GError *
new_missing_error (const PostClosure *closure)
{
  guint status = bfy_transfer_get_status (closure->transfer);

  if (status >= 400)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The server answered with HTTP %u and no message", status);

  return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                              "The server ended its answer without a response");
}

/* What has come of it, once and for all. */
static void
finish (GTask *user_task, const GError *error)
{
  g_autoptr (GTask) task = user_task;
  PostClosure *closure = g_task_get_task_data (task);

  if (closure->id != NULL)
    g_hash_table_remove (closure->session->pending, closure->id);
  g_cancellable_disconnect (g_task_get_cancellable (task), closure->cancel_id);
  closure->cancel_id = 0;
  if (closure->error != NULL)
    g_task_return_error (task, g_steal_pointer (&closure->error));
  else if (closure->result != NULL)
    g_task_return_pointer (task, g_steal_pointer (&closure->result), g_free);
  else if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else if (closure->id == NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    g_task_return_error (task, new_missing_error (closure));
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  PostClosure *closure = g_task_get_task_data (user_data);
  BfyMcpSession *self = closure->session;

  if (self->is_initializing && error == NULL && bfy_sse_channel_may_help (transfer, NULL, 0) &&
      !is_done (closure))
    self->may_be_old = TRUE;
  closure->is_accepted = error == NULL && closure->id != NULL && !is_done (closure) &&
                         SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)) &&
                         self->channel != NULL && bfy_sse_channel_is_open (self->channel);
  if (!closure->is_accepted)
    finish (user_data, error);
}

/* --- What comes on the channel --- */

static void
take_from_channel (const BfyRpcMessage *message, const BfyJsonSlice *slice, gpointer user_data)
{
  BfyMcpSession *self = user_data;
  GTask *task = message->id != NULL ? g_hash_table_lookup (self->pending, message->id) : NULL;
  PostClosure *closure = task != NULL ? g_task_get_task_data (task) : NULL;

  if (message->kind == BFY_RPC_REQUEST)
    answer_server (self, message);
  if (message->kind != BFY_RPC_RESPONSE || closure == NULL || is_done (closure))
    return;

  take_response (closure, slice);
  if (closure->is_accepted)
    finish (task, NULL);
}

void
mcp_post_take_text (BfyMcpSession *self, const char *text, gsize length)
{
  g_autoptr (BfyMcpSession) kept = g_object_ref (self);

  foreach_message (text, length, take_from_channel, kept);
}

void
mcp_post_fail_pending (BfyMcpSession *self, const GError *error)
{
  g_autoptr (BfyMcpSession) kept = g_object_ref (self);
  g_autoptr (GList) tasks = g_hash_table_get_values (kept->pending);

  for (GList *link = tasks; link != NULL; link = link->next)
    {
      PostClosure *closure = g_task_get_task_data (link->data);

      if (closure->is_accepted)
        finish (link->data, error);
    }
}

static const BfyTransferEvents events = { on_head, on_text, on_end };

/* An answer that was accepted is not waited for any longer; not within the signal, where it could
 * not be disconnected. */
static gboolean
on_cancelled_idle (gpointer user_data)
{
  GTask *task = user_data;
  PostClosure *closure = g_task_get_task_data (task);
  g_autoptr (GError) error = g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "Cancelled");

  if (closure->is_accepted && closure->cancel_id != 0)
    finish (task, error);

  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  PostClosure *closure = g_task_get_task_data (user_data);

  bfy_transfer_abort (closure->transfer);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_cancelled_idle, g_object_ref (user_data),
                   g_object_unref);
}

void
mcp_post_async (BfyMcpSession *self, char *id, const char *text, GTask *task)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (SoupMessage) message = self->channel != NULL
                                        ? bfy_sse_channel_new_post (self->channel, body)
                                        : bfy_transfer_new_post (self->remote, self->binding, body);
  PostClosure *closure = g_new0 (PostClosure, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  closure->session = self;
  closure->id = id;
  g_task_set_task_data (task, closure, (GDestroyNotify) post_closure_free);
  g_task_set_check_cancellable (task, FALSE);
  mcp_session_add_headers (self, message);
  if (id != NULL)
    g_hash_table_insert (self->pending, id, task);
  closure->transfer = bfy_transfer_start (self->remote, message, &events, task);
  if (cancellable != NULL)
    closure->cancel_id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), task, NULL);
}
