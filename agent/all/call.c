/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/call.h"

#include "agent/all/all.h"
#include "agent/all/ask.h"
#include "agent/all/gather.h"
#include "agent/all/translate.h"
#include "agent/proxy/refusal.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyRpc *rpc;         /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyAllKind kind;
  char *prefix;  /* (owned) */
  char *shown;   /* (owned) what the client calls it */
  char *inner;   /* (owned) (nullable) what the binding calls it, once known */
  BfyAsk *ask;   /* (owned) (nullable) */
  char *cursor;  /* (owned) (nullable) raw: of the list in which the name is looked for */
  guint n_pages; /* of it */
  gulong gone_id;
  gboolean is_answered; /* with a message, not with some text */
  gboolean is_writing;  /* what was written last is still on its way to the client */
  gboolean has_ended;   /* there is no more to come from the binding */
} Call;

static void look_up (Call *self);

static void
call_free (Call *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->ask, bfy_ask_free);
  bfy_request_unref (self->request);
  bfy_rpc_free (self->rpc);
  bfy_binding_unref (self->binding);
  g_free (self->prefix);
  g_free (self->shown);
  g_free (self->inner);
  g_free (self->cursor);
  g_free (self);
}

static const BfyRpcMessage *
message_of (const Call *self)
{
  return bfy_rpc_message (self->rpc, 0);
}

/* What is said whether the binding is not there, not the caller's, or has no such thing. */
static void
refuse_unknown (BfyRequest *request, const BfyRpcMessage *message, BfyAllKind kind)
{
  static const char *const texts[] = {
    [BFY_ALL_NOTHING] = "Nothing to work on is named",
    [BFY_ALL_TOOL] = "There is no such tool; tools/list shows those there are",
    [BFY_ALL_PROMPT] = "There is no such prompt; prompts/list shows those there are",
    [BFY_ALL_RESOURCE] = "There is no such resource; resources/list shows those there are",
    [BFY_ALL_TASK] = "There is no such task",
  };

  bfy_all_refuse (request, 200, message->id, BFY_ALL_CODE_BAD_PARAMS, texts[kind]);
}

static char *
translate (Call *self, const char *text, gsize length, gsize *n_written)
{
  return bfy_all_translate_down (message_of (self)->method, self->prefix, text, length, n_written);
}

static void
end_stream (Call *self)
{
  bfy_request_end (self->request);
  call_free (self);
}

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  Call *self = user_data;

  self->is_writing = FALSE;
  if (self->has_ended)
    end_stream (self);
  else
    bfy_ask_release (self->ask);
}

static void
write_out (Call *self, GString *text)
{
  gsize length = text->len;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_string_free (text, FALSE), length);

  bfy_ask_hold (self->ask);
  self->is_writing = TRUE;
  bfy_request_write (self->request, bytes, on_drained, self);
}

static void
on_head (BfyAsk *ask, gpointer user_data)
{
  Call *self = user_data;
  SoupMessageHeaders *headers;

  if (!bfy_ask_is_stream (ask))
    return;
  headers = bfy_request_begin (self->request, bfy_ask_get_status (ask), -1, FALSE);
  if (headers == NULL)
    return;
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  soup_message_headers_replace (headers, "X-Accel-Buffering", "no");
  bfy_request_flush (self->request);
}

/* An event of a stream goes out at once, on one line; the only message of a body waits for its
 * end. */
static gboolean
on_message (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  Call *self = user_data;
  gsize n_written = length;
  g_autofree char *translated = NULL;
  GString *event;

  self->is_answered = TRUE;
  if (!bfy_ask_is_stream (ask))
    return TRUE;
  translated = translate (self, text, length, &n_written);
  event = g_string_new ("event: message\ndata: ");
  g_string_append_len (event, translated != NULL ? translated : text, (gssize) n_written);
  g_strdelimit (event->str + strlen ("event: message\ndata: "), "\r\n", ' ');
  g_string_append (event, "\n\n");
  write_out (self, event);

  return TRUE;
}

static void
on_beat (BfyAsk *ask, gpointer user_data)
{
  write_out (user_data, g_string_new (":\n\n"));
}

/* A limit of the binding ends for whoever asks by this way as well. */
static void
append_retry_after (Call *self, SoupMessageHeaders *headers)
{
  gint64 seconds = bfy_ask_get_retry_after_s (self->ask);
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, seconds);

  if (seconds > 0)
    soup_message_headers_replace (headers, "Retry-After", text);
}

static void
reply_body (Call *self)
{
  gsize length;
  const char *text = bfy_ask_get_body (self->ask, &length);
  gsize n_written = length;
  const char *type = bfy_ask_get_content_type (self->ask);
  g_autofree char *translated = NULL;
  g_autoptr (GBytes) bytes = NULL;
  SoupMessageHeaders *headers;

  if (self->is_answered)
    translated = translate (self, text, length, &n_written);
  headers = bfy_request_begin (self->request, bfy_ask_get_status (self->ask), (goffset) n_written,
                               bfy_ask_is_own (self->ask));
  if (headers == NULL)
    return;
  if (type != NULL)
    soup_message_headers_replace (headers, "Content-Type", type);
  append_retry_after (self, headers);
  bytes = g_bytes_new (translated != NULL ? translated : text, n_written);
  if (n_written > 0)
    bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
}

static void
on_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  Call *self = user_data;

  if (is_complete && bfy_ask_is_stream (ask))
    {
      self->has_ended = TRUE;
      if (!self->is_writing)
        end_stream (self);
      return;
    }

  if (is_complete)
    reply_body (self);
  else if (bfy_request_has_begun (self->request))
    bfy_request_break (self->request);
  else
    bfy_refuse (self->request, self->rpc, BFY_ERROR_UPSTREAM_FAILED,
                "The service broke off before it answered");
  call_free (self);
}

static const BfyAskEvents events = { on_head, on_message, on_beat, on_end };

static void
send_up (Call *self)
{
  gsize length;
  gsize n_written;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);
  char *inner = bfy_all_translate_up (message_of (self), text, length, self->inner, &n_written);
  g_autoptr (GBytes) body = g_bytes_new_take (inner, n_written);
  BfyAskSetup setup = { .binding = self->binding, .body = body, .is_callers = TRUE };

  g_clear_pointer (&self->ask, bfy_ask_free);
  self->ask = bfy_ask_new (self->agent, self->request, &setup, &events, self);
  bfy_ask_start (self->ask);
}

/* A page of the list in which a shortened name is looked for. */
static gboolean
on_page (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  Call *self = user_data;
  const BfyAllList *list =
      bfy_all_list_find (self->kind == BFY_ALL_TOOL ? "tools/list" : "prompts/list");
  g_autoptr (GString) ignored = g_string_new (NULL);
  BfyJsonSlice root, found;

  bfy_json_slice_root (text, length, &root);
  if (bfy_json_slice_member (&root, "method", &found))
    return TRUE;
  g_clear_pointer (&self->cursor, g_free);
  if (bfy_json_slice_member (&root, "result", &found))
    {
      self->inner = bfy_all_list_search (list, &found, self->prefix, self->shown);
      (void) bfy_all_list_read (list, self->prefix, &found, ignored, &self->cursor);
    }

  return FALSE;
}

static void
on_page_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  Call *self = user_data;

  if (self->inner != NULL)
    {
      bfy_all_remember (self->agent->all, self->binding, self->shown, self->inner);
      send_up (self);
    }
  else if (is_complete && self->cursor != NULL && ++self->n_pages < BFY_ALL_PAGES_MAX)
    {
      look_up (self);
    }
  else
    {
      refuse_unknown (self->request, message_of (self), self->kind);
      call_free (self);
    }
}

static const BfyAskEvents page_events = { NULL, on_page, NULL, on_page_end };

static void
look_up (Call *self)
{
  g_autofree char *meta = bfy_all_dup_meta (self->request);
  g_autoptr (GBytes) body = bfy_all_format_request (
      self->kind == BFY_ALL_TOOL ? "tools/list" : "prompts/list", meta, self->cursor);
  BfyAskSetup setup = { .binding = self->binding, .body = body };

  g_clear_pointer (&self->ask, bfy_ask_free);
  self->ask = bfy_ask_new (self->agent, self->request, &setup, &page_events, self);
  bfy_ask_start (self->ask);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  Call *self = user_data;

  bfy_request_break (self->request);
  call_free (self);
}

static Call *
call_new (BfyAgent *agent, BfyRequest *request, const BfyAllTarget *target)
{
  Call *self = g_new0 (Call, 1);

  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->kind = target->kind;
  self->prefix = g_strdup (target->prefix);
  self->shown = g_strdup (target->shown);
  self->inner = g_strdup (target->inner);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);

  return self;
}

void
bfy_all_call (BfyAgent *agent, BfyRequest *request, BfyRpc *taken, const BfyAllTarget *target)
{
  g_autoptr (BfyRpc) rpc = taken;
  g_autoptr (BfyBinding) binding =
      target->prefix != NULL ? bfy_all_find (agent, request, target->prefix) : NULL;
  Call *self;

  if (binding == NULL)
    {
      refuse_unknown (request, bfy_rpc_message (rpc, 0), target->kind);
      return;
    }

  self = call_new (agent, request, target);
  self->rpc = g_steal_pointer (&rpc);
  self->binding = g_steal_pointer (&binding);
  if (self->inner == NULL)
    self->inner = g_strdup (bfy_all_recall (agent->all, self->binding, self->shown));
  if (self->inner != NULL)
    send_up (self);
  else
    look_up (self);
}
