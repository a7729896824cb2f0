/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client/bridge-private.h"
#include "client/bridge-reply.h"

/* Without an agent: time for lines that are already on their way to get their answer. */
#define GIVE_UP_MS 100

static gboolean on_finish_timeout (gpointer user_data);

void
bridge_complain (Bridge *self, const char *format, ...)
{
  struct pollfd poll_fd = { .fd = STDERR_FILENO, .events = POLLOUT };
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strconcat ("bindify: ", text, "\n", NULL);

  /* Nobody has to read our stderr: a full pipe must not stop the conversation. */
  if (poll (&poll_fd, 1, 0) <= 0 || write (STDERR_FILENO, line, strlen (line)) < 0)
    return;
}

static void
set_held (Bridge *self, gboolean is_held)
{
  if (self->is_held == is_held)
    return;

  self->is_held = is_held;
  for (guint i = 0; i < self->posts->len; i++)
    bridge_post_set_held (g_ptr_array_index (self->posts, i), is_held);
  if (self->listener != NULL)
    bridge_listener_set_held (self->listener, is_held);
  if (self->sse != NULL)
    bridge_sse_set_held (self->sse, is_held);
}

void
bridge_write (Bridge *self, GString *line)
{
  bfy_outlet_push_take (self->outlet, line);
  if (bfy_outlet_is_full (self->outlet))
    set_held (self, TRUE);
}

void
bridge_relay (const BfyRpcMessage *message, GString **line, gpointer user_data)
{
  Bridge *self = user_data;

  bridge_write (self, g_steal_pointer (line));
  if (message->kind == BFY_RPC_RESPONSE && message->id != NULL)
    bridge_post_settle (self, message->id);
}

void
bridge_add_session_headers (Bridge *self, SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  if (self->session_id != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", self->session_id);
  if (self->version != NULL)
    soup_message_headers_replace (headers, "MCP-Protocol-Version", self->version);
}

gboolean
bridge_is_greeting (const Bridge *self)
{
  return self->barrier != NULL || self->recovery != NULL;
}

static gboolean
is_blank (const char *line, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isspace (line[i]))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_crowded (const Bridge *self)
{
  return self->posts->len + self->waiting.length >= 2 * BRIDGE_POSTS_MAX;
}

static gboolean
is_idle (const Bridge *self)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      if (bridge_post_is_awaited (g_ptr_array_index (self->posts, i)))
        return FALSE;
    }

  return self->waiting.length == 0;
}

/* One stage, one timer. */
static void
set_timer (Bridge *self, guint delay_ms, GSourceFunc func)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->timer_id = g_timeout_add (delay_ms, func, self);
}

void
bridge_post_done (Bridge *self)
{
  while (!bridge_is_greeting (self) && !g_queue_is_empty (&self->waiting))
    {
      g_autoptr (GBytes) line = g_queue_pop_head (&self->waiting);

      bridge_handle (self, line);
    }

  if (self->stage == BRIDGE_RUNNING)
    bfy_inlet_set_paused (self->inlet, is_crowded (self));
  else if (self->stage == BRIDGE_FINISHING && is_idle (self))
    set_timer (self, 0, on_finish_timeout);
}

static gboolean
on_flush_timeout (gpointer user_data)
{
  Bridge *self = user_data;

  self->timer_id = 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static void
begin_flush (Bridge *self)
{
  self->stage = BRIDGE_FLUSHING;
  set_timer (self, bfy_outlet_is_empty (self->outlet) ? 0 : BRIDGE_FLUSH_MS, on_flush_timeout);
}

static void
on_farewell_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
}

static void
on_farewell_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  begin_flush (user_data);
}

static gboolean
on_delete_timeout (gpointer user_data)
{
  Bridge *self = user_data;

  self->timer_id = 0;
  begin_flush (self);
  return G_SOURCE_REMOVE;
}

/* Ends the session on the server; whoever still waits gets no answer any more. */
static void
begin_delete (Bridge *self)
{
  static const BfyTransferEvents events = { NULL, on_farewell_text, on_farewell_end };
  g_autoptr (SoupMessage) message = NULL;

  self->stage = BRIDGE_DELETING;
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->recovery, bridge_recovery_free);
  g_ptr_array_set_size (self->posts, 0);
  g_clear_pointer (&self->listener, bridge_listener_free);
  g_clear_pointer (&self->sse, bridge_sse_free);
  if (self->session_id == NULL)
    {
      begin_flush (self);
      return;
    }

  message = bfy_transfer_new_delete (self->remote, self->binding);
  bridge_add_session_headers (self, message);
  self->farewell = bfy_transfer_start (self->remote, message, &events, self);
  set_timer (self, BRIDGE_DELETE_MS, on_delete_timeout);
}

static gboolean
on_finish_timeout (gpointer user_data)
{
  Bridge *self = user_data;

  self->timer_id = 0;
  begin_delete (self);
  return G_SOURCE_REMOVE;
}

/* Stdin has ended or a signal came: what is in flight may still be answered. */
static void
finish (Bridge *self)
{
  if (self->stage != BRIDGE_RUNNING)
    return;

  self->stage = BRIDGE_FINISHING;
  bfy_inlet_stop (self->inlet);
  set_timer (self, BRIDGE_GRACE_MS, on_finish_timeout);
  bridge_post_done (self);
}

static gboolean
on_give_up_timeout (gpointer user_data)
{
  Bridge *self = user_data;

  self->timer_id = 0;
  finish (self);
  return G_SOURCE_REMOVE;
}

void
bridge_give_up (Bridge *self)
{
  self->exit_status = bfy_error_to_exit_status (BFY_ERROR_NO_AGENT);
  if (self->stage == BRIDGE_RUNNING && self->timer_id == 0)
    set_timer (self, GIVE_UP_MS, on_give_up_timeout);
}

static void
on_line (BfyInletEvent event, const char *line, gsize length, gpointer user_data)
{
  Bridge *self = user_data;
  g_autoptr (GBytes) bytes = NULL;

  switch (event)
    {
    case BFY_INLET_LINE:
      if (is_blank (line, length))
        return;
      bytes = g_bytes_new (line, length);
      bridge_handle (self, bytes);
      bfy_inlet_set_paused (self->inlet, is_crowded (self));
      break;
    case BFY_INLET_TOO_LONG:
      bridge_write (self,
                    bfy_bridge_reply_error (NULL, BFY_ERROR_TOO_LARGE, "The message is too large"));
      break;
    case BFY_INLET_END:
      finish (self);
      break;
    }
}

static void
on_outlet (BfyOutletEvent event, gpointer user_data)
{
  Bridge *self = user_data;

  switch (event)
    {
    case BFY_OUTLET_DRAINED:
      set_held (self, FALSE);
      if (self->stage == BRIDGE_FLUSHING && bfy_outlet_is_empty (self->outlet))
        set_timer (self, 0, on_flush_timeout);
      break;
    case BFY_OUTLET_BROKEN:
      /* Nobody reads any more: no answer is worth waiting for. */
      bfy_inlet_stop (self->inlet);
      if (self->stage < BRIDGE_DELETING)
        begin_delete (self);
      break;
    }
}

static gboolean
on_signal (Bridge *self, int exit_status)
{
  self->exit_status = exit_status;
  if (self->stage == BRIDGE_RUNNING)
    finish (self);
  else
    g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  return on_signal (user_data, 128 + SIGINT);
}

static gboolean
on_terminate (gpointer user_data)
{
  return on_signal (user_data, 0);
}

/* Says on stderr at once what every request will be told. */
static void
check_agent (Bridge *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hint = NULL;

  if (bfy_remote_probe (self->remote, &error))
    return;

  hint = bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL);
  self->exit_status = bfy_error_to_exit_status (BFY_ERROR_NO_AGENT);
  bridge_complain (self, "%s\nTry: %s", error->message, hint);
}

static void
free_all (Bridge *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_clear_pointer (&self->recovery, bridge_recovery_free);
  g_ptr_array_unref (self->posts);
  g_clear_pointer (&self->listener, bridge_listener_free);
  g_clear_pointer (&self->sse, bridge_sse_free);
  if (self->farewell != NULL)
    bfy_transfer_cancel (self->farewell);
  g_clear_pointer (&self->farewell, bfy_transfer_unref);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->initialize, g_bytes_unref);
  g_clear_pointer (&self->initialized, g_bytes_unref);
  bfy_tool_headers_free (self->tools);
  g_hash_table_unref (self->told);
  bfy_inlet_free (self->inlet);
  bfy_outlet_free (self->outlet);
  g_free (self->session_id);
  g_free (self->version);
  g_free (self->modern_version);
  g_main_loop_unref (self->loop);
  g_object_unref (self->remote);
}

int
bfy_bridge_run (const BfyBridgeOptions *options)
{
  Bridge self = { .binding = options->binding };
  guint sources[3];

  signal (SIGPIPE, SIG_IGN);
  self.remote = bfy_remote_new (options->socket_path);
  bfy_remote_set_key (self.remote, options->key);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.tools = bfy_tool_headers_new ();
  self.told =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self.posts = g_ptr_array_new_with_free_func ((GDestroyNotify) bridge_post_free);
  self.outlet = bfy_outlet_new (options->out_fd, BRIDGE_OUTPUT_BYTES_MAX, on_outlet, &self);
  self.inlet = bfy_inlet_new (options->in_fd, BRIDGE_LINE_BYTES_MAX, on_line, &self);
  sources[0] = g_unix_signal_add (SIGINT, on_interrupt, &self);
  sources[1] = g_unix_signal_add (SIGTERM, on_terminate, &self);
  sources[2] = g_unix_signal_add (SIGHUP, on_terminate, &self);

  check_agent (&self);
  g_main_loop_run (self.loop);

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  free_all (&self);
  return self.exit_status;
}
