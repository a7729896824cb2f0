/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/lines.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"

struct _BfyLines
{
  GString *rest; /* (owned) of a line whose end has not come */
  gsize line_bytes_max;
  BfyLinesFunc func; /* (nullable) NULL after an error */
  gpointer user_data;
};

/* Adds to the line that is under way. */
static gboolean
keep (BfyLines *self, const char *bytes, gsize length, GError **error)
{
  if (length > self->line_bytes_max - self->rest->len)
    {
      self->func = NULL;
      g_set_error (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                   _ ("A line of the answer is larger than %lu bytes"),
                   (gulong) self->line_bytes_max);
      return FALSE;
    }

  g_string_append_len (self->rest, bytes, (gssize) length);
  return TRUE;
}

static void
tell (BfyLines *self)
{
  if (self->rest->len > 0 && self->func != NULL)
    self->func (self->rest->str, self->rest->len, self->user_data);
  g_string_truncate (self->rest, 0);
}

gboolean
bfy_lines_feed (BfyLines *self, const char *bytes, gsize length, GError **error)
{
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *stop = memchr (bytes, '\n', (gsize) (end - bytes));
      const char *until = stop != NULL ? stop : end;

      if (!keep (self, bytes, (gsize) (until - bytes), error))
        return FALSE;
      if (stop == NULL)
        return TRUE;
      tell (self);
      bytes = stop + 1;
    }

  return TRUE;
}

void
bfy_lines_finish (BfyLines *self)
{
  tell (self);
}

BfyLines *
bfy_lines_new (gsize line_bytes_max, BfyLinesFunc func, gpointer user_data)
{
  BfyLines *self = g_new0 (BfyLines, 1);

  self->rest = g_string_new (NULL);
  self->line_bytes_max = line_bytes_max;
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
bfy_lines_free (BfyLines *self)
{
  g_string_free (self->rest, TRUE);
  g_free (self);
}
