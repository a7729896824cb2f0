/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The strict validator: RFC 8259 as a small state machine without recursion. Each step looks at the
 * byte where it stands and returns a fixed text when something is wrong there; the input itself
 * never gets into a message. Duplicate names are found when an object closes (json-keys.c). */

#include <string.h>

#include "protocol/error.h"
#include "protocol/json-private.h"
#include "protocol/json.h"

typedef enum
{
  WANT_VALUE,
  WANT_VALUE_OR_END, /* after [ */
  WANT_KEY,
  WANT_KEY_OR_END, /* after { */
  WANT_COLON,
  WANT_COMMA_OR_END,
  WANT_NOTHING,
} Want;

typedef struct
{
  gboolean is_object;
  guint first_key; /* in Check.keys */
} Frame;

typedef struct
{
  const char *start;
  const char *end;
  const char *at;
  gboolean bounded; /* see bfy_json_check_bounded() */
  Want want;
  guint depth;
  Frame frames[BFY_JSON_DEPTH_MAX];
  GArray *keys; /* (owned) of all open objects */
} Check;

static void
value_done (Check *self)
{
  self->want = self->depth == 0 ? WANT_NOTHING : WANT_COMMA_OR_END;
}

static const char *
open_container (Check *self)
{
  Frame *frame = &self->frames[self->depth];

  if (self->depth == BFY_JSON_DEPTH_MAX)
    return "nesting too deep";

  frame->is_object = *self->at == '{';
  frame->first_key = self->keys->len;
  self->want = frame->is_object ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
  self->depth++;
  self->at++;

  return NULL;
}

static const char *
close_container (Check *self)
{
  const Frame *frame = &self->frames[self->depth - 1];
  gsize offset;

  if (self->bounded && self->keys->len - frame->first_key > BFY_JSON_NAMES_MAX)
    return "too many names in an object";
  if (frame->is_object && bfy_json_keys_pop (self->keys, frame->first_key, self->start, &offset))
    {
      self->at = self->start + offset;
      return "duplicate name";
    }
  self->depth--;
  self->at++;
  value_done (self);

  return NULL;
}

static const char *
step_value (Check *self)
{
  const char *problem;

  switch (*self->at)
    {
    case '{':
    case '[':
      return open_container (self);
    case '"':
      problem = bfy_json_take_string (&self->at, self->end);
      break;
    default:
      problem = bfy_json_take_plain (&self->at, self->end, self->bounded);
      break;
    }
  value_done (self);

  return problem;
}

static const char *
step_value_or_end (Check *self)
{
  return *self->at == ']' ? close_container (self) : step_value (self);
}

static const char *
step_key (Check *self)
{
  const char *content = self->at + 1;
  const char *problem;

  if (*self->at != '"')
    return "name expected";
  problem = bfy_json_take_string (&self->at, self->end);
  if (problem != NULL)
    return problem;
  bfy_json_keys_push (self->keys, self->start, content, self->at - 1 - content);
  self->want = WANT_COLON;

  return NULL;
}

static const char *
step_key_or_end (Check *self)
{
  return *self->at == '}' ? close_container (self) : step_key (self);
}

static const char *
step_colon (Check *self)
{
  if (*self->at != ':')
    return "colon expected";
  self->at++;
  self->want = WANT_VALUE;

  return NULL;
}

static const char *
step_comma_or_end (Check *self)
{
  gboolean in_object = self->frames[self->depth - 1].is_object;

  if (*self->at == (in_object ? '}' : ']'))
    return close_container (self);
  if (*self->at != ',')
    return "comma or end expected";
  self->at++;
  self->want = in_object ? WANT_KEY : WANT_VALUE;

  return NULL;
}

static const char *
step_nothing (Check *self)
{
  return "more text after the value";
}

static const char *
run (Check *self)
{
  static const char *(*const steps[]) (Check *) = {
    [WANT_VALUE] = step_value,     [WANT_VALUE_OR_END] = step_value_or_end,
    [WANT_KEY] = step_key,         [WANT_KEY_OR_END] = step_key_or_end,
    [WANT_COLON] = step_colon,     [WANT_COMMA_OR_END] = step_comma_or_end,
    [WANT_NOTHING] = step_nothing,
  };
  const char *problem = NULL;

  while (problem == NULL)
    {
      while (self->at < self->end && bfy_json_is_space (*self->at))
        self->at++;
      if (self->at == self->end)
        return self->want == WANT_NOTHING ? NULL : "unexpected end";
      problem = steps[self->want](self);
    }

  return problem;
}

/* UTF-8 is checked first and for all, so that the grammar needs to know ASCII only. */
static const char *
find_bad_bytes (Check *self)
{
  const char *valid_end;

  if (self->at == self->end)
    return "empty text";
  if (self->end - self->start > BFY_JSON_BYTES_MAX)
    return "text too long";
  if (self->end - self->at >= 3 && memcmp (self->at, "\xef\xbb\xbf", 3) == 0)
    return "byte order mark";
  if (g_utf8_validate_len (self->start, self->end - self->start, &valid_end))
    return NULL;
  self->at = valid_end;

  return *valid_end == '\0' ? "NUL byte" : "invalid UTF-8";
}

typedef enum
{
  CHECK_PLAIN,
  CHECK_BOUNDED,
  CHECK_DOCUMENT,
} CheckKind;

static gboolean
check (const char *text, gsize length, CheckKind kind, GError **error)
{
  g_autoptr (GArray) keys = bfy_json_keys_new ();
  const char *start = length > 0 ? text : ""; /* NULL is allowed for nothing */
  Check self = { .start = start,
                 .end = start + length,
                 .at = start,
                 .bounded = kind == CHECK_BOUNDED,
                 .keys = keys };
  const char *problem = find_bad_bytes (&self);

  if (problem == NULL)
    problem = run (&self);
  if (problem == NULL)
    return TRUE;

  if (kind == CHECK_DOCUMENT)
    g_set_error (error, BFY_ERROR, BFY_ERROR_PARSE, "Not valid JSON: line %u: %s",
                 bfy_json_line (self.start, self.at), problem);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_PARSE, "Not valid JSON: %s at byte %" G_GSIZE_FORMAT,
                 problem, (gsize) (self.at - self.start));
  return FALSE;
}

gboolean
bfy_json_check (const char *text, gsize length, GError **error)
{
  return check (text, length, CHECK_PLAIN, error);
}

gboolean
bfy_json_check_bounded (const char *text, gsize length, GError **error)
{
  return check (text, length, CHECK_BOUNDED, error);
}

gboolean
bfy_json_check_document (const char *text, gsize length, GError **error)
{
  return check (text, length, CHECK_DOCUMENT, error);
}
