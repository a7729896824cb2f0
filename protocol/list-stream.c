/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/list-stream.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct _BfyListStream
{
  BfyListViewSetup setup;
  BfyPolicy *policy; /* (owned) of the setup, as are its facts */
  gsize event_bytes_max;
  GString *line; /* (owned) that is being read */
  GString *raw;  /* (owned) lines of data as they came, kept back */
  GString *data; /* (owned) what they say, each with a line feed behind it */
  gboolean after_cr;
  gboolean was_data; /* the last line */
  gboolean has_begun;
};

BfyListStream *
bfy_list_stream_new (const BfyListViewSetup *setup, gsize event_bytes_max)
{
  BfyListStream *self = g_new0 (BfyListStream, 1);

  self->setup = *setup;
  self->policy = bfy_policy_ref ((BfyPolicy *) setup->policy);
  if (setup->facts.capabilities != NULL)
    g_ptr_array_ref (setup->facts.capabilities);
  if (setup->facts.hints != NULL)
    g_hash_table_ref (setup->facts.hints);
  self->event_bytes_max = event_bytes_max;
  self->line = g_string_new (NULL);
  self->raw = g_string_new (NULL);
  self->data = g_string_new (NULL);

  return self;
}

void
bfy_list_stream_free (BfyListStream *self)
{
  if (self == NULL)
    return;

  bfy_policy_unref (self->policy);
  g_clear_pointer (&self->setup.facts.capabilities, g_ptr_array_unref);
  g_clear_pointer (&self->setup.facts.hints, g_hash_table_unref);
  g_string_free (self->line, TRUE);
  g_string_free (self->raw, TRUE);
  g_string_free (self->data, TRUE);
  g_free (self);
}

/* White space in a JSON text may hold line ends; each line of it is a line of data. */
static void
append_data (GString *out, const char *text, gsize length)
{
  const char *end = text + length;
  const char *line_end;

  do
    {
      line_end = memchr (text, '\n', end - text);
      if (line_end == NULL)
        line_end = end;
      g_string_append (out, "data: ");
      g_string_append_len (out, text, line_end - text);
      g_string_append_c (out, '\n');
      text = line_end + 1;
    }
  while (text <= end);
}

static gboolean
end_event (BfyListStream *self, GString *out, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *filtered = NULL;
  gsize length;

  if (self->raw->len == 0)
    return TRUE;
  if (bfy_list_view_may_have_list (self->data->str, self->data->len))
    filtered = bfy_list_view_filter (&self->setup, self->data->str, self->data->len - 1, &length,
                                     &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (filtered != NULL)
    append_data (out, filtered, length);
  else
    g_string_append_len (out, self->raw->str, (gssize) self->raw->len);
  g_string_truncate (self->raw, 0);
  g_string_truncate (self->data, 0);

  return TRUE;
}

/* What follows "data" and its colon, or NULL for a line of another field. */
static const char *
find_value (const char *line, const char *end)
{
  const char *value = line + strlen ("data");

  if (value > end || memcmp (line, "data", strlen ("data")) != 0)
    return NULL;
  if (value == end)
    return value;
  if (*value != ':')
    return NULL;
  value++;

  return value < end && *value == ' ' ? value + 1 : value;
}

/* @n_end: how many bytes of the line are its end. */
static gboolean
end_line (BfyListStream *self, gsize n_end, GString *out, GError **error)
{
  const char *start = self->line->str;
  const char *end = start + self->line->len - n_end;
  const char *value;

  if (!self->has_begun && g_str_has_prefix (start, BYTE_ORDER_MARK))
    start += strlen (BYTE_ORDER_MARK);
  self->has_begun = TRUE;
  if (start == end && !end_event (self, out, error))
    return FALSE;

  value = find_value (start, end);
  self->was_data = value != NULL;
  if (value != NULL)
    {
      g_string_append_len (self->data, value, end - value);
      g_string_append_c (self->data, '\n');
    }
  g_string_append_len (value != NULL ? self->raw : out, self->line->str, (gssize) self->line->len);
  g_string_truncate (self->line, 0);

  return TRUE;
}

static gboolean
take (BfyListStream *self, const char *bytes, gsize length, GError **error)
{
  if (length <= self->event_bytes_max &&
      self->line->len + self->data->len <= self->event_bytes_max - length)
    {
      g_string_append_len (self->line, bytes, (gssize) length);
      return TRUE;
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                       "An event is too long to be filtered");

  return FALSE;
}

static gsize
find_line_end (const char *bytes, gsize length)
{
  const char *cr = memchr (bytes, '\r', length);
  const char *lf = memchr (bytes, '\n', cr != NULL ? (gsize) (cr - bytes) : length);

  return lf != NULL ? (gsize) (lf - bytes) : cr != NULL ? (gsize) (cr - bytes) : length;
}

/* The second half of CR LF belongs to the line that the first has ended. */
static gboolean
take_second_half (BfyListStream *self, char byte, GString *out)
{
  gboolean is_second_half = self->after_cr && byte == '\n';

  self->after_cr = FALSE;
  if (is_second_half)
    g_string_append_c (self->was_data ? self->raw : out, byte);

  return is_second_half;
}

gboolean
bfy_list_stream_feed (
    BfyListStream *self, const char *bytes, gsize length, GString *out, GError **error)
{
  while (length > 0)
    {
      gsize n = 1;

      if (!take_second_half (self, *bytes, out))
        {
          n = find_line_end (bytes, length);
          if (!take (self, bytes, n + (n < length), error))
            return FALSE;
          if (n == length)
            return TRUE;
          self->after_cr = bytes[n++] == '\r';
          if (!end_line (self, 1, out, error))
            return FALSE;
        }
      bytes += n;
      length -= n;
    }

  return TRUE;
}

gboolean
bfy_list_stream_end (BfyListStream *self, GString *out, GError **error)
{
  return (self->line->len == 0 || end_line (self, 0, out, error)) && end_event (self, out, error);
}
