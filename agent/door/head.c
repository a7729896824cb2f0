/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/head.h"

#include <string.h>

/* Fields of which a second one would make two readers disagree. */
static const char *const single_fields[] = {
  "authorization", "content-type",   "content-encoding", "origin",
  "accept",        "mcp-session-id", "expect",           "mcp-protocol-version",
  "last-event-id", "mcp-method",     "mcp-name",
};

static const char token_extras[] = "!#$%&'*+-.^_`|~";

static gboolean
fail (BfyFramingFault *fault, guint status, const char *message)
{
  *fault = (BfyFramingFault){ status, message };

  return FALSE;
}

static gboolean
is_token_char (guint8 c)
{
  return g_ascii_isalnum (c) || (c != 0 && strchr (token_extras, c) != NULL);
}

static gboolean
check_request_line (BfyFramingFault *fault, const char *line, gsize length, BfyHead *facts)
{
  const char *end = line + length;
  const char *target = memchr (line, ' ', length);
  const char *version = target != NULL ? memchr (target + 1, ' ', end - target - 1) : NULL;

  if (target == NULL || version == NULL || target == line || target - line > 16)
    return fail (fault, 400, "The request line is not METHOD PATH HTTP/1.1");
  for (const char *c = line; c < target; c++)
    if (!g_ascii_isupper (*c))
      return fail (fault, 400, "The request method holds a character that no method has");

  target++;
  if (target == version || *target != '/')
    return fail (fault, 400, "The request target must be a path that starts with a slash");
  if (version - target > BFY_TARGET_BYTES_MAX)
    return fail (fault, 414, "The request path is too long");
  for (const char *c = target; c < version; c++)
    if (*c <= ' ' || *c >= 0x7f || *c == '#')
      return fail (fault, 400, "The request path holds a character that must be percent-encoded");

  version++;
  if (end - version != 8 || memcmp (version, "HTTP/1.", 7) != 0 ||
      (version[7] != '0' && version[7] != '1'))
    return fail (fault, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here");
  facts->is_1_0 = version[7] == '0';

  return TRUE;
}

static gboolean
name_is (const char *name, gsize length, const char *wanted)
{
  return strlen (wanted) == length && g_ascii_strncasecmp (name, wanted, length) == 0;
}

static gboolean
parse_length (const char *value, gsize length, guint64 *result)
{
  *result = 0;
  if (length == 0 || length > 18)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return FALSE;
      *result = *result * 10 + (guint64) (value[i] - '0');
    }

  return TRUE;
}

static gboolean
note_field (BfyFramingFault *fault,
            const char *name,
            gsize name_length,
            const char *value,
            gsize value_length,
            BfyHead *facts)
{
  if (name_is (name, name_length, "host"))
    {
      facts->n_host++;
    }
  else if (name_is (name, name_length, "content-length"))
    {
      facts->n_length++;
      if (!parse_length (value, value_length, &facts->length))
        return fail (fault, 400, "Content-Length is not a number");
    }
  else if (name_is (name, name_length, "transfer-encoding"))
    {
      facts->n_coding++;
      if (!name_is (value, value_length, "chunked"))
        return fail (fault, 400, "The only transfer coding understood here is chunked");
    }
  else if (name_is (name, name_length, "expect") && !name_is (value, value_length, "100-continue"))
    {
      return fail (fault, 400, "Expect may only ask for 100-continue");
    }

  return TRUE;
}

static gboolean
check_field (BfyFramingFault *fault, const char *line, gsize length, BfyHead *facts, guint *seen)
{
  const char *colon = memchr (line, ':', length);
  const char *end = line + length;
  const char *value;

  if (line[0] == ' ' || line[0] == '\t')
    return fail (fault, 400, "A header line is folded");
  if (colon == NULL || colon == line)
    return fail (fault, 400, "A header line has no name");
  for (const char *c = line; c < colon; c++)
    if (!is_token_char ((guint8) *c))
      return fail (fault, 400, "A header name holds a character that no name has");
  for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
    continue;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  for (const char *c = value; c < end; c++)
    if (((guint8) *c < ' ' && *c != '\t') || *c == 0x7f)
      return fail (fault, 400, "A header value holds a control character");

  for (guint i = 0; i < G_N_ELEMENTS (single_fields); i++)
    {
      if (!name_is (line, colon - line, single_fields[i]))
        continue;
      if ((*seen & (1u << i)) != 0)
        return fail (fault, 400, "A header that may stand once stands twice");
      *seen |= 1u << i;
    }

  return note_field (fault, line, colon - line, value, end - value, facts);
}

static gboolean
check_facts (BfyFramingFault *fault, const BfyHead *facts)
{
  if (facts->n_host > 1 || (facts->n_host == 0 && !facts->is_1_0))
    return fail (fault, 400, "A request has exactly one Host header");
  if (facts->n_length > 1 || facts->n_coding > 1)
    return fail (fault, 400, "A request has at most one Content-Length and one Transfer-Encoding");
  if (facts->n_length == 1 && facts->n_coding == 1)
    return fail (fault, 400, "A request has Content-Length or Transfer-Encoding, not both");
  if (facts->is_1_0 && facts->n_coding == 1)
    return fail (fault, 400, "HTTP/1.0 has no Transfer-Encoding");

  return TRUE;
}

/* @head ends with an empty line. Every line must end with CR LF, and neither may stand elsewhere.
 */
gboolean
bfy_head_check (const char *head, gsize length, BfyHead *facts, BfyFramingFault *fault)
{
  const char *line = head, *end = head + length - 2;
  guint n_lines = 0, seen = 0;

  *facts = (BfyHead){ 0 };

  while (line < end)
    {
      const char *line_end = memchr (line, '\n', end - line);
      gsize line_length = line_end - line;

      if (line_length == 0 || line_end[-1] != '\r' || memchr (line, '\r', line_length - 1) != NULL)
        return fail (fault, 400, "Header lines must end with CR LF");
      line_length--;
      if (n_lines == 0 && !check_request_line (fault, line, line_length, facts))
        return FALSE;
      if (n_lines > 0 && !check_field (fault, line, line_length, facts, &seen))
        return FALSE;
      if (++n_lines > BFY_HEADER_FIELDS_MAX + 1)
        return fail (fault, 431, "The request has too many header fields");
      line = line_end + 1;
    }

  return check_facts (fault, facts);
}
