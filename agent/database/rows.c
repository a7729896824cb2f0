/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/rows.h"

/* What a value costs beside its bytes. */
#define VALUE_BYTES 16

BfyRows *
bfy_rows_new (gint64 n_rows_max, gsize n_bytes_max)
{
  BfyRows *self = g_new0 (BfyRows, 1);

  self->rows = json_array_new ();
  self->n_rows_max = n_rows_max;
  self->n_bytes_max = n_bytes_max;
  self->n_changed = -1;

  return self;
}

void
bfy_rows_free (BfyRows *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->columns, json_array_unref);
  json_array_unref (self->rows);
  g_free (self);
}

void
bfy_rows_take_columns (BfyRows *self, JsonArray *columns)
{
  g_clear_pointer (&self->columns, json_array_unref);
  self->columns = columns;
  if (self->funcs != NULL)
    self->funcs->columns (columns, self->user_data);
}

gboolean
bfy_rows_add (BfyRows *self, JsonArray *row, gsize n_bytes)
{
  gsize n_more = n_bytes + json_array_get_length (row) * VALUE_BYTES;

  if (self->n_rows >= self->n_rows_max || n_more > self->n_bytes_max - self->n_bytes)
    {
      json_array_unref (row);
      self->is_truncated = TRUE;
      return FALSE;
    }
  self->n_rows++;
  self->n_bytes += n_more;
  if (self->funcs == NULL)
    {
      json_array_add_array_element (self->rows, row);
      return TRUE;
    }
  self->funcs->row (row, self->user_data);
  json_array_unref (row);

  return TRUE;
}

JsonObject *
bfy_rows_to_json (const BfyRows *self)
{
  JsonObject *object = json_object_new ();

  if (self->funcs == NULL)
    {
      json_object_set_array_member (object, "columns",
                                    self->columns != NULL ? json_array_ref (self->columns)
                                                          : json_array_new ());
      json_object_set_array_member (object, "rows", json_array_ref (self->rows));
    }
  json_object_set_int_member (object, "n_rows", self->n_rows);
  json_object_set_boolean_member (object, "truncated", self->is_truncated);
  if (self->n_changed >= 0)
    json_object_set_int_member (object, "n_changed", self->n_changed);

  return object;
}

void
bfy_rows_name_column (JsonArray *columns, const char *name, const char *type)
{
  JsonObject *column = json_object_new ();

  json_object_set_string_member (column, "name", name);
  json_object_set_string_member (column, "type", type);
  json_array_add_object_element (columns, column);
}
