/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/request-private.h"

void
bfy_request_set_filter (BfyRequest *self, const BfyRequestFilter *filter, gpointer user_data)
{
  bfy_request_drop_filter (self);
  self->filter = filter;
  self->filter_data = user_data;
}

gpointer
bfy_request_find_filter (BfyRequest *self, const BfyRequestFilter *filter)
{
  return self->filter == filter ? self->filter_data : NULL;
}

void
bfy_request_drop_filter (BfyRequest *self)
{
  if (self->filter != NULL)
    self->filter->destroy (g_steal_pointer (&self->filter_data));
  self->filter = NULL;
}

/* Collected first: replacing one moves the others. What is found is reported, and whoever hears of
 * it may end the request. */
void
bfy_request_filter_headers (BfyRequest *self, SoupMessageHeaders *headers)
{
  g_autoptr (GPtrArray) changes = NULL;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  if (headers == NULL)
    return;

  soup_message_headers_iter_init (&iter, headers);
  while (self->filter != NULL && soup_message_headers_iter_next (&iter, &name, &value))
    {
      char *clean = self->filter->text (value, strlen (value), self->filter_data);

      if (clean == NULL)
        continue;
      if (changes == NULL)
        changes = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (changes, g_strdup (name));
      g_ptr_array_add (changes, clean);
    }
  for (guint i = 0; changes != NULL && i < changes->len; i += 2)
    soup_message_headers_replace (headers, changes->pdata[i], changes->pdata[i + 1]);
}

/* When all of it is held back, whoever writes goes on all the same. */
void
bfy_request_write_filtered (BfyRequest *self, GBytes *bytes)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);
  g_autoptr (GBytes) clean = self->filter != NULL
                                 ? self->filter->bytes (bytes, FALSE, self->filter_data)
                                 : g_bytes_ref (bytes);
  g_autoptr (GBytes) nothing = clean == NULL ? g_bytes_new_static ("", 0) : NULL;

  if (!self->is_over)
    self->kind->write (self, clean != NULL ? clean : nothing);
}

/* What was held back is the end of the body, then. */
void
bfy_request_write_rest (BfyRequest *self)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) rest = NULL;

  if (self->filter == NULL || !self->has_begun)
    return;
  rest = self->filter->bytes (nothing, TRUE, self->filter_data);
  if (rest != NULL && g_bytes_get_size (rest) > 0 && !self->is_over)
    self->kind->write (self, rest);
}
