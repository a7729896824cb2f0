/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/response.h"

#include <string.h>

#include "protocol/injection.h"

#define LENGTH_DIGITS_MAX 18
#define CHUNK_DIGITS_MAX 15

void
bfy_response_init (BfyResponse *self)
{
  *self = (BfyResponse){ .state = BFY_RESPONSE_HEAD, .length = -1 };
}

void
bfy_response_clear (BfyResponse *self)
{
  g_clear_pointer (&self->head, g_byte_array_unref);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
}

gboolean
bfy_response_has_head (const BfyResponse *self)
{
  return self->state != BFY_RESPONSE_HEAD && self->state != BFY_RESPONSE_FAULT;
}

gboolean
bfy_response_is_done (const BfyResponse *self)
{
  return self->state == BFY_RESPONSE_DONE;
}

gboolean
bfy_response_is_fault (const BfyResponse *self)
{
  return self->state == BFY_RESPONSE_FAULT;
}

/* Behind the first empty line; 0: not yet. A line may end with LF alone (RFC 9112, 2.2). */
static gsize
find_head_end (const char *bytes, gsize length, gsize from)
{
  const char *line_end;

  for (gsize i = from; i < length; i = (gsize) (line_end - bytes) + 1)
    {
      gsize next;

      line_end = memchr (bytes + i, '\n', length - i);
      if (line_end == NULL)
        return 0;
      next = (gsize) (line_end - bytes) + 1;
      if (next < length && bytes[next] == '\n')
        return next + 1;
      if (next + 1 < length && bytes[next] == '\r' && bytes[next + 1] == '\n')
        return next + 2;
    }

  return 0;
}

/* "HTTP/1.1 200 OK": three digits, then a space or the end. */
static gboolean
parse_status_line (BfyResponse *self, const char *line)
{
  const char *status = line + strlen ("HTTP/1.1 ");

  if (!g_str_has_prefix (line, "HTTP/1.1 ") && !g_str_has_prefix (line, "HTTP/1.0 "))
    return FALSE;
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_isdigit (status[i]))
      return FALSE;
  if (status[3] != '\0' && status[3] != ' ')
    return FALSE;
  self->status = (guint) g_ascii_strtoull (status, NULL, 10);
  self->is_persistent = line[7] == '1';

  return self->status >= 100 && self->status < 600;
}

static gboolean
parse_length (BfyResponse *self, const char *value)
{
  gsize n_digits = strspn (value, "0123456789");

  if (self->length >= 0 || n_digits == 0 || n_digits > LENGTH_DIGITS_MAX || value[n_digits] != '\0')
    return FALSE;
  self->length = (goffset) g_ascii_strtoull (value, NULL, 10);

  return TRUE;
}

/* @line ends with NUL and holds no line end. */
static gboolean
parse_field (BfyResponse *self, char *line, gboolean *is_chunked)
{
  char *value = strchr (line, ':');

  if (value == NULL)
    return FALSE;
  *value++ = '\0';
  value += strspn (value, " \t");
  g_strchomp (value);
  if (!bfy_header_name_is_token (line) || strchr (value, '\r') != NULL)
    return FALSE;
  soup_message_headers_append (self->headers, line, value);

  if (g_ascii_strcasecmp (line, "Content-Length") == 0)
    return parse_length (self, value);
  if (g_ascii_strcasecmp (line, "Transfer-Encoding") == 0)
    {
      gboolean is_good = !*is_chunked && g_ascii_strcasecmp (value, "chunked") == 0;

      *is_chunked = TRUE;
      return is_good;
    }

  return TRUE;
}

static void
judge_persistence (BfyResponse *self)
{
  self->is_persistent =
      !soup_message_headers_header_contains (self->headers, "Connection", "close") &&
      (self->is_persistent ||
       soup_message_headers_header_contains (self->headers, "Connection", "keep-alive"));
}

/* The head without its last empty line, which is where its NUL is. */
static gboolean
parse_head (BfyResponse *self, char *head, gboolean *is_chunked)
{
  char *line = head;
  gboolean is_first = TRUE;

  *is_chunked = FALSE;
  self->length = -1;
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  while (*line != '\0')
    {
      char *end = strchr (line, '\n');
      char *next = end + 1;

      if (end > line && end[-1] == '\r')
        end--;
      *end = '\0';
      if (is_first ? !parse_status_line (self, line) : !parse_field (self, line, is_chunked))
        return FALSE;
      is_first = FALSE;
      line = next;
    }

  return !is_first && !(*is_chunked && self->length >= 0);
}

static void
begin_body (BfyResponse *self, gboolean is_chunked)
{
  gboolean has_none = self->status == 204 || self->status == 304 || self->is_for_head;

  judge_persistence (self);
  self->n_digits = 0;
  self->n_left = 0;
  self->n_line = 0;
  if (has_none && !self->is_for_head)
    self->length = 0;
  if (has_none)
    {
      self->state = BFY_RESPONSE_DONE;
      return;
    }
  if (is_chunked)
    {
      self->state = BFY_RESPONSE_CHUNK_SIZE;
    }
  else if (self->length < 0)
    {
      self->state = BFY_RESPONSE_UNTIL_CLOSE;
      self->is_persistent = FALSE;
    }
  else
    {
      self->n_left = (guint64) self->length;
      self->state = self->length > 0 ? BFY_RESPONSE_COUNTED : BFY_RESPONSE_DONE;
    }
}

/* What follows is another protocol, up to the end of the connection. It must be the one that was
 * asked for, and nothing in the head may say that there is a body. */
static void
begin_upgrade (BfyResponse *self, gboolean is_chunked)
{
  const char *protocol = soup_message_headers_get_one (self->headers, "Upgrade");
  gboolean is_good = self->allows_upgrade && protocol != NULL && self->length < 0 && !is_chunked &&
                     g_ascii_strcasecmp (protocol, "websocket") == 0 &&
                     soup_message_headers_header_contains (self->headers, "Connection", "upgrade");

  self->state = is_good ? BFY_RESPONSE_UNTIL_CLOSE : BFY_RESPONSE_FAULT;
  self->is_persistent = FALSE;
}

static void
finish_head (BfyResponse *self, gsize length)
{
  gboolean is_chunked;
  char *head = (char *) self->head->data;

  /* Cuts the empty line off. */
  head[head[length - 2] == '\r' ? length - 2 : length - 1] = '\0';
  if (memchr (head, '\0', length - 2) != NULL || !parse_head (self, head, &is_chunked))
    {
      self->state = BFY_RESPONSE_FAULT;
    }
  else if (self->status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      begin_upgrade (self, is_chunked);
    }
  else if (self->status < 200)
    {
      self->state =
          ++self->n_interim > BFY_RESPONSE_INTERIM_MAX ? BFY_RESPONSE_FAULT : BFY_RESPONSE_HEAD;
    }
  else
    {
      begin_body (self, is_chunked);
    }
  g_clear_pointer (&self->head, g_byte_array_unref);
  self->n_scanned = 0;
}

/* Keeps what has come of the head until it is complete: it is small, and parsed in place. */
static gsize
feed_head (BfyResponse *self, const char *bytes, gsize length)
{
  gsize before, n, end;

  if (self->head == NULL)
    self->head = g_byte_array_new ();
  before = self->head->len;
  n = MIN (length, BFY_RESPONSE_HEAD_BYTES_MAX + 1 - before);
  g_byte_array_append (self->head, (const guint8 *) bytes, (guint) n);
  end = find_head_end ((const char *) self->head->data, self->head->len, self->n_scanned);
  if (end == 0)
    {
      /* An empty line may have begun in the last three bytes. */
      self->n_scanned = self->head->len > 3 ? self->head->len - 3 : 0;
      if (self->head->len > BFY_RESPONSE_HEAD_BYTES_MAX)
        self->state = BFY_RESPONSE_FAULT;
      return n;
    }

  finish_head (self, end);

  return end - before;
}

static void
feed_size (BfyResponse *self, char byte)
{
  if (g_ascii_isxdigit (byte) && self->n_digits < CHUNK_DIGITS_MAX)
    {
      self->n_left = self->n_left * 16 + (guint64) g_ascii_xdigit_value (byte);
      self->n_digits++;
    }
  else if (self->n_digits > 0 && (byte == ';' || byte == ' ' || byte == '\t' || byte == '\r'))
    {
      self->state = BFY_RESPONSE_CHUNK_EXTENSION;
      self->n_line = 0;
      self->after_cr = byte == '\r';
    }
  else
    {
      self->state = BFY_RESPONSE_FAULT;
    }
}

/* Up to CR LF, and a CR alone is a fault: elsewhere it might count as the end. */
static void
feed_extension (BfyResponse *self, char byte)
{
  gboolean is_end = self->after_cr && byte == '\n';

  if ((self->after_cr != (byte == '\n')) || ++self->n_line > BFY_RESPONSE_LINE_BYTES_MAX)
    {
      self->state = BFY_RESPONSE_FAULT;
      return;
    }
  self->after_cr = byte == '\r';
  if (!is_end)
    return;

  self->state = self->n_left > 0 ? BFY_RESPONSE_CHUNK_DATA : BFY_RESPONSE_TRAILER;
  self->n_line = 0;
  self->at_line_start = TRUE;
}

static void
feed_chunk_end (BfyResponse *self, char byte)
{
  if (byte != (self->after_cr ? '\n' : '\r'))
    {
      self->state = BFY_RESPONSE_FAULT;
      return;
    }
  if (self->after_cr)
    {
      self->state = BFY_RESPONSE_CHUNK_SIZE;
      self->n_digits = 0;
    }
  self->after_cr = !self->after_cr;
}

/* Trailers are read and dropped: nothing in them may be passed on. */
static void
feed_trailer (BfyResponse *self, char byte)
{
  if (self->after_cr != (byte == '\n') || ++self->n_line > BFY_RESPONSE_LINE_BYTES_MAX)
    {
      self->state = BFY_RESPONSE_FAULT;
      return;
    }
  self->after_cr = byte == '\r';
  if (byte == '\r')
    return;
  if (byte == '\n' && self->at_line_start)
    self->state = BFY_RESPONSE_DONE;
  self->at_line_start = byte == '\n';
}

static gsize
feed_data (BfyResponse *self, const char *bytes, gsize length, const char **body, gsize *n_body)
{
  gsize n = (gsize) MIN ((guint64) length, self->n_left);

  *body = bytes;
  *n_body = n;
  self->n_left -= n;
  self->after_cr = FALSE;
  if (self->n_left == 0)
    self->state = self->state == BFY_RESPONSE_COUNTED ? BFY_RESPONSE_DONE : BFY_RESPONSE_CHUNK_END;

  return n;
}

/* Returns how many bytes were taken. */
static gsize
feed_once (BfyResponse *self, const char *bytes, gsize length, const char **body, gsize *n_body)
{
  switch (self->state)
    {
    case BFY_RESPONSE_HEAD:
      return feed_head (self, bytes, length);
    case BFY_RESPONSE_COUNTED:
    case BFY_RESPONSE_CHUNK_DATA:
      return feed_data (self, bytes, length, body, n_body);
    case BFY_RESPONSE_UNTIL_CLOSE:
      *body = bytes;
      *n_body = length;
      return length;
    case BFY_RESPONSE_CHUNK_SIZE:
      feed_size (self, *bytes);
      return 1;
    case BFY_RESPONSE_CHUNK_EXTENSION:
      feed_extension (self, *bytes);
      return 1;
    case BFY_RESPONSE_CHUNK_END:
      feed_chunk_end (self, *bytes);
      return 1;
    case BFY_RESPONSE_TRAILER:
      feed_trailer (self, *bytes);
      return 1;
    case BFY_RESPONSE_DONE:
    case BFY_RESPONSE_FAULT:
      break;
    }

  return 0;
}

gsize
bfy_response_feed (
    BfyResponse *self, const char *bytes, gsize length, const char **body, gsize *n_body)
{
  gsize n = 0;

  *n_body = 0;
  while (n < length && *n_body == 0 && self->state < BFY_RESPONSE_DONE)
    {
      gboolean had_head = bfy_response_has_head (self);

      n += feed_once (self, bytes + n, length - n, body, n_body);
      if (had_head != bfy_response_has_head (self))
        break;
    }

  return n;
}

gboolean
bfy_response_end (BfyResponse *self)
{
  if (self->state == BFY_RESPONSE_UNTIL_CLOSE)
    self->state = BFY_RESPONSE_DONE;

  return self->state == BFY_RESPONSE_DONE;
}
