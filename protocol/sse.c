/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a line are looked at once: a line that lies whole in what was fed is read in place,
 * only the two ends of a feed are kept in a buffer. Everything kept of an unfinished event counts
 * against the limit; comments are not kept, so that a stream may idle on them for ever. */

#include "protocol/sse.h"

#include <string.h>

#include "protocol/error.h"

#define KEPT_BYTES_MAX (64 * 1024) /* a buffer that grew beyond is given back after the event */

static const char bom[] = { '\xef', '\xbb', '\xbf' };

struct _BfySseParser
{
  gsize event_bytes_max;
  BfySseFunc func;
  gpointer user_data;

  GString *line; /* (owned) the unfinished line */
  GString *data; /* (owned) each data line followed by LF */
  GString *type; /* (owned) */
  GString *id;   /* (owned) in force; outlives the event */
  gint64 retry_ms;

  gboolean in_comment; /* the unfinished line is one */
  gboolean after_cr;   /* a LF next belongs to the line before */
  gboolean after_bom;  /* no BOM can come any more */
  gsize n_bom_bytes;   /* of a possible BOM, held back */
  gboolean has_data;
  gboolean has_id;
  gboolean is_dead;
};

typedef struct
{
  const char *bytes;
  gsize length;
} Span;

BfySseParser *
bfy_sse_parser_new (gsize event_bytes_max, BfySseFunc func, gpointer user_data)
{
  BfySseParser *self = g_new0 (BfySseParser, 1);

  self->event_bytes_max = event_bytes_max;
  self->func = func;
  self->user_data = user_data;
  self->line = g_string_new (NULL);
  self->data = g_string_new (NULL);
  self->type = g_string_new (NULL);
  self->id = g_string_new (NULL);
  self->retry_ms = -1;

  return self;
}

void
bfy_sse_parser_free (BfySseParser *self)
{
  if (self == NULL)
    return;
  g_string_free (self->line, TRUE);
  g_string_free (self->data, TRUE);
  g_string_free (self->type, TRUE);
  g_string_free (self->id, TRUE);
  g_free (self);
}

/* --- Fields --- */

static void
on_data (BfySseParser *self, Span value)
{
  g_string_append_len (self->data, value.bytes, (gssize) value.length);
  g_string_append_c (self->data, '\n');
  self->has_data = TRUE;
}

static void
replace (GString *kept, Span value)
{
  g_string_truncate (kept, 0);
  g_string_append_len (kept, value.bytes, (gssize) value.length);
}

static gboolean
has_nul (Span value)
{
  return value.length > 0 && memchr (value.bytes, '\0', value.length) != NULL;
}

/* The standard ignores NUL in an id only; a type is handed out as text too. */
static void
on_event (BfySseParser *self, Span value)
{
  if (!has_nul (value))
    replace (self->type, value);
}

static void
on_id (BfySseParser *self, Span value)
{
  if (has_nul (value))
    return;
  replace (self->id, value);
  self->has_id = TRUE;
}

static void
on_retry (BfySseParser *self, Span value)
{
  gint64 retry_ms = 0;

  for (gsize i = 0; i < value.length; i++)
    {
      if (!g_ascii_isdigit (value.bytes[i]))
        return;
      retry_ms = MIN (retry_ms * 10 + (value.bytes[i] - '0'), G_MAXINT32);
    }
  if (value.length > 0)
    self->retry_ms = retry_ms;
}

static void
on_field (BfySseParser *self, Span name, Span value)
{
  static const struct
  {
    const char *name;
    void (*handle) (BfySseParser *self, Span value);
  } fields[] = {
    { "data", on_data },
    { "event", on_event },
    { "id", on_id },
    { "retry", on_retry },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (name.length == strlen (fields[i].name) &&
          memcmp (name.bytes, fields[i].name, name.length) == 0)
        fields[i].handle (self, value);
    }
}

/* --- Events --- */

static void
empty (GString **kept)
{
  if ((*kept)->allocated_len <= KEPT_BYTES_MAX)
    {
      g_string_truncate (*kept, 0);
      return;
    }
  g_string_free (*kept, TRUE);
  *kept = g_string_new (NULL);
}

static void
dispatch (BfySseParser *self)
{
  BfySseEvent event = {
    .type = self->type->len > 0 ? self->type->str : "message",
    .data = self->data->str,
    .length = self->data->len - (self->has_data ? 1 : 0), /* without the last LF */
    .id = self->id->len > 0 ? self->id->str : NULL,
    .retry_ms = self->retry_ms,
  };

  if (self->has_data || self->has_id || self->retry_ms >= 0)
    self->func (&event, self->user_data);
  empty (&self->data);
  empty (&self->type);
  self->retry_ms = -1;
  self->has_data = FALSE;
  self->has_id = FALSE;
}

/* --- Lines --- */

static gboolean
check_size (BfySseParser *self, gsize line_length, GError **error)
{
  gsize kept = self->data->len + self->type->len + (self->has_id ? self->id->len : 0);

  if (kept <= self->event_bytes_max && line_length <= self->event_bytes_max - kept)
    return TRUE;

  self->is_dead = TRUE;
  g_set_error (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
               "An event of the stream is larger than %" G_GSIZE_FORMAT " bytes",
               self->event_bytes_max);
  return FALSE;
}

static gboolean
take_line (BfySseParser *self, Span line, GError **error)
{
  const char *colon;
  Span name, value = { NULL, 0 };

  if (line.length == 0)
    {
      dispatch (self);
      return TRUE;
    }
  if (line.bytes[0] == ':')
    return TRUE;
  if (!check_size (self, line.length, error))
    return FALSE;

  name = line;
  colon = memchr (line.bytes, ':', line.length);
  if (colon != NULL)
    {
      name.length = colon - line.bytes;
      value = (Span){ colon + 1, line.length - name.length - 1 };
      if (value.length > 0 && value.bytes[0] == ' ')
        value = (Span){ value.bytes + 1, value.length - 1 };
    }
  on_field (self, name, value);

  return TRUE;
}

static gboolean
end_line (BfySseParser *self, Span piece, GError **error)
{
  gboolean taken;

  if (self->in_comment)
    {
      self->in_comment = FALSE;
      return TRUE;
    }
  if (self->line->len == 0)
    return take_line (self, piece, error);

  if (!check_size (self, self->line->len + piece.length, error))
    return FALSE;
  g_string_append_len (self->line, piece.bytes, (gssize) piece.length);
  taken = take_line (self, (Span){ self->line->str, self->line->len }, error);
  empty (&self->line);

  return taken;
}

static gboolean
keep_piece (BfySseParser *self, Span piece, GError **error)
{
  if (self->line->len == 0 && piece.bytes[0] == ':')
    self->in_comment = TRUE;
  if (self->in_comment)
    return TRUE;
  if (!check_size (self, self->line->len + piece.length, error))
    return FALSE;
  g_string_append_len (self->line, piece.bytes, (gssize) piece.length);

  return TRUE;
}

/* At the start of the stream only. Bytes that turn out to be no BOM are the start of a line. */
static void
skip_bom (BfySseParser *self, Span *bytes)
{
  while (!self->after_bom && bytes->length > 0)
    {
      if (bytes->bytes[0] == bom[self->n_bom_bytes])
        {
          bytes->bytes++;
          bytes->length--;
          self->after_bom = ++self->n_bom_bytes == sizeof bom;
          continue;
        }
      g_string_append_len (self->line, bom, (gssize) self->n_bom_bytes);
      self->after_bom = TRUE;
    }
}

static gsize
line_length (Span bytes)
{
  gsize length = 0;

  while (length < bytes.length && bytes.bytes[length] != '\n' && bytes.bytes[length] != '\r')
    length++;

  return length;
}

static gboolean
take_bytes (BfySseParser *self, Span bytes, GError **error)
{
  while (bytes.length > 0)
    {
      gboolean is_second_half = self->after_cr && bytes.bytes[0] == '\n';
      Span piece = { bytes.bytes, line_length (bytes) };

      self->after_cr = FALSE;
      if (piece.length == bytes.length)
        return keep_piece (self, piece, error);
      self->after_cr = piece.bytes[piece.length] == '\r';
      bytes = (Span){ bytes.bytes + piece.length + 1, bytes.length - piece.length - 1 };
      if (!is_second_half && !end_line (self, piece, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_sse_parser_feed (BfySseParser *self, const char *bytes, gsize length, GError **error)
{
  Span span = { bytes, length };

  if (self->is_dead)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                           "The stream was given up after too large an event");
      return FALSE;
    }
  skip_bom (self, &span);

  return take_bytes (self, span, error);
}
