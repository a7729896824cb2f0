/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/row-stream.h"

#include "protocol/json.h"

struct _BfyRowStream
{
  BfyRequest *asker; /* (owned) */
  BfyRequest *inner; /* (owned) */
  GString *waiting;  /* (owned) */
  void (*drained) (gpointer user_data);
  gpointer user_data;
  gboolean is_writing;
};

gboolean
bfy_row_stream_is_wanted (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);
  const char *accept = bfy_request_get_header (request, "Accept");

  return route != NULL && route->kind == BFY_ROUTE_CONTROL && accept != NULL &&
         g_ascii_strcasecmp (accept, BFY_ROW_STREAM_TYPE) == 0;
}

BfyRequest *
bfy_row_stream_find_asker (BfyRequest *inner)
{
  BfyRequest *asker = bfy_request_get_outermost (inner);

  return asker != inner && bfy_row_stream_is_wanted (asker) ? asker : NULL;
}

static void write_waiting (BfyRowStream *self);

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  BfyRowStream *self = user_data;

  self->is_writing = FALSE;
  write_waiting (self);
  if (!bfy_row_stream_is_full (self))
    self->drained (self->user_data);
}

static void
write_waiting (BfyRowStream *self)
{
  g_autoptr (GBytes) bytes = NULL;

  if (self->is_writing || self->waiting->len == 0)
    return;
  bytes = g_bytes_new (self->waiting->str, self->waiting->len);
  g_string_truncate (self->waiting, 0);
  self->is_writing = TRUE;
  bfy_request_count_bytes (self->inner, g_bytes_get_size (bytes));
  bfy_request_write (self->asker, bytes, on_drained, self);
}

static void
begin (BfyRowStream *self)
{
  SoupMessageHeaders *headers = bfy_request_begin (self->asker, 200, -1, TRUE);

  if (headers != NULL)
    soup_message_headers_replace (headers, "Content-Type", BFY_ROW_STREAM_TYPE);
}

static void
put_line (BfyRowStream *self, const char *member, JsonArray *array)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_array_member (object, member, json_array_ref (array));
  text = bfy_json_object_to_text (object, NULL);
  g_string_append_printf (self->waiting, "%s\n", text);
  write_waiting (self);
}

static void
put_columns (JsonArray *columns, gpointer user_data)
{
  begin (user_data);
  put_line (user_data, "columns", columns);
}

static void
put_row (JsonArray *row, gpointer user_data)
{
  put_line (user_data, "row", row);
}

const BfyRowsFuncs bfy_row_stream_funcs = { .columns = put_columns, .row = put_row };

BfyRowStream *
bfy_row_stream_new (BfyRequest *asker,
                    BfyRequest *inner,
                    void (*drained) (gpointer user_data),
                    gpointer user_data)
{
  BfyRowStream *self = g_new0 (BfyRowStream, 1);

  self->asker = bfy_request_ref (asker);
  self->inner = bfy_request_ref (inner);
  self->waiting = g_string_new (NULL);
  self->drained = drained;
  self->user_data = user_data;

  return self;
}

void
bfy_row_stream_free (BfyRowStream *self)
{
  if (self == NULL)
    return;
  bfy_request_forget_drained (self->asker);
  bfy_request_unref (self->asker);
  bfy_request_unref (self->inner);
  g_string_free (self->waiting, TRUE);
  g_free (self);
}

gboolean
bfy_row_stream_is_full (const BfyRowStream *self)
{
  return self->waiting->len > BFY_ROW_STREAM_FULL_BYTES;
}

gboolean
bfy_row_stream_is_empty (const BfyRowStream *self)
{
  return !self->is_writing && self->waiting->len == 0;
}
