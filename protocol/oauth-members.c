/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-members.h"

#include <math.h>
#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"
#define NAME_BYTES_MAX 64 /* of a member that we look for, escapes taken away */
#define NUMBER_BYTES_MAX 63

/* A value where it stands. */
typedef struct
{
  const char *start; /* NULL when there is none */
  gsize length;
  gboolean is_form;
  BfyJsonType type;
} Raw;

static gboolean
is_form_type (const char *content_type)
{
  gsize length = strlen (FORM_TYPE);

  return content_type != NULL && g_ascii_strncasecmp (content_type, FORM_TYPE, length) == 0 &&
         (content_type[length] == '\0' || strchr ("; \t", content_type[length]) != NULL);
}

static char
first_byte (const char *text, gsize length)
{
  while (length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }

  return length > 0 ? *text : '\0';
}

/* Whatever the server calls it, an object is an object: no form starts with a brace. What it does
 * not call a form may be one all the same if it starts like one; a page, or JSON that is cut off,
 * does not. */
gboolean
bfy_oauth_members_init (BfyOAuthMembers *self, const char *content_type, const BfySecret *body)
{
  char first;

  memset (self, 0, sizeof *self);
  self->text = body != NULL ? bfy_secret_peek_text (body) : "";
  self->length = body != NULL ? bfy_secret_length (body) : 0;
  first = first_byte (self->text, self->length);
  if (first == '{')
    {
      if (!bfy_json_check (self->text, self->length, NULL))
        return FALSE;
      bfy_json_slice_root (self->text, self->length, &self->root);
      return TRUE;
    }

  self->is_form = is_form_type (content_type) || g_ascii_isalpha (first);
  self->is_guessed = !is_form_type (content_type);

  return self->is_form;
}

/* Takes the escapes away; @out has room for @length bytes. A percent sign without two digits stands
 * for itself. */
static gsize
decode_form (const char *text, gsize length, char *out)
{
  gsize n_written = 0;

  for (gsize i = 0; i < length; i++)
    {
      char c = text[i] == '+' ? ' ' : text[i];

      if (c == '%' && length - i > 2 && g_ascii_isxdigit (text[i + 1]) &&
          g_ascii_isxdigit (text[i + 2]))
        {
          c = (char) (g_ascii_xdigit_value (text[i + 1]) << 4 | g_ascii_xdigit_value (text[i + 2]));
          i += 2;
        }
      out[n_written++] = c;
    }

  return n_written;
}

static gboolean
is_named (const char *text, gsize length, const char *name)
{
  char decoded[3 * NAME_BYTES_MAX];
  gsize n_decoded;

  if (length > sizeof decoded)
    return FALSE;
  n_decoded = decode_form (text, length, decoded);

  return n_decoded == strlen (name) && memcmp (decoded, name, n_decoded) == 0;
}

/* RFC 6749, 5: no parameter may be there twice. */
static BfyOAuthMember
find_in_form (const BfyOAuthMembers *self, const char *name, Raw *raw)
{
  const char *end = self->text + self->length;
  const char *next;

  for (const char *pair = self->text; pair < end; pair = next + 1)
    {
      const char *equals;

      next = memchr (pair, '&', (gsize) (end - pair));
      if (next == NULL)
        next = end;
      equals = memchr (pair, '=', (gsize) (next - pair));
      if (equals == NULL || !is_named (pair, (gsize) (equals - pair), name))
        continue;
      if (raw->start != NULL)
        return BFY_MEMBER_WRONG;
      raw->start = equals + 1;
      raw->length = (gsize) (next - raw->start);
      raw->is_form = TRUE;
    }

  return raw->start != NULL ? BFY_MEMBER_PRESENT : BFY_MEMBER_ABSENT;
}

static BfyOAuthMember
find (const BfyOAuthMembers *self, const char *name, Raw *raw)
{
  BfyJsonSlice slice;

  memset (raw, 0, sizeof *raw);
  if (self->is_form)
    return find_in_form (self, name, raw);
  if (!bfy_json_slice_member (&self->root, name, &slice) || slice.type == BFY_JSON_NULL)
    return BFY_MEMBER_ABSENT;

  raw->start = slice.start;
  raw->length = slice.length;
  raw->type = slice.type;

  return BFY_MEMBER_PRESENT;
}

/* Into @out, which has room for raw->length bytes. */
static gsize
decode (const Raw *raw, char *out)
{
  BfyJsonSlice slice = { raw->type, raw->start, raw->length };

  return raw->is_form ? decode_form (raw->start, raw->length, out)
                      : bfy_json_slice_unescape (&slice, out);
}

static BfyOAuthMember
find_text (const BfyOAuthMembers *self, const char *name, Raw *raw)
{
  BfyOAuthMember state = find (self, name, raw);

  return state == BFY_MEMBER_PRESENT && !raw->is_form && raw->type != BFY_JSON_STRING
             ? BFY_MEMBER_WRONG
             : state;
}

BfyOAuthMember
bfy_oauth_members_get_secret (const BfyOAuthMembers *self, const char *name, BfySecret **value)
{
  g_autoptr (BfySecret) room = NULL;
  guint8 *bytes;
  Raw raw;
  BfyOAuthMember state = find_text (self, name, &raw);

  if (state != BFY_MEMBER_PRESENT)
    return state;

  room = bfy_secret_new_blank (raw.length, &bytes);
  *value = bfy_secret_new (bytes, decode (&raw, (char *) bytes));

  return BFY_MEMBER_PRESENT;
}

BfyOAuthMember
bfy_oauth_members_get_text (const BfyOAuthMembers *self, const char *name, char **text)
{
  g_autofree char *copy = NULL;
  Raw raw;
  BfyOAuthMember state = find_text (self, name, &raw);
  gsize length;

  if (state != BFY_MEMBER_PRESENT)
    return state;
  if (raw.length > BFY_OAUTH_TEXT_BYTES_MAX)
    return BFY_MEMBER_WRONG;

  copy = g_malloc0 (raw.length + 1);
  length = decode (&raw, copy);
  for (gsize i = 0; i < length; i++)
    {
      if (copy[i] < 0x20 || copy[i] > 0x7e)
        return BFY_MEMBER_WRONG;
    }
  if (length == 0)
    return BFY_MEMBER_WRONG;
  *text = g_steal_pointer (&copy);

  return BFY_MEMBER_PRESENT;
}

/* The grammar comes first, because strtod() also takes "inf", "nan" and "0x10". */
static gboolean
read_number (const char *text, double *number)
{
  char *end;

  if (*text == '\0' || text[strspn (text, "0123456789+-.eE")] != '\0')
    return FALSE;
  *number = g_ascii_strtod (text, &end);

  return *end == '\0' && isfinite (*number);
}

static gint64
cut (double number)
{
  if (number > 0 && number < 1)
    return 1;

  return number < (double) BFY_OAUTH_SECONDS_MAX ? (gint64) number : BFY_OAUTH_SECONDS_MAX;
}

BfyOAuthMember
bfy_oauth_members_get_seconds (const BfyOAuthMembers *self, const char *name, gint64 *seconds)
{
  char text[NUMBER_BYTES_MAX + 1] = "";
  double number;
  Raw raw;
  BfyOAuthMember state = find (self, name, &raw);
  gboolean is_text = raw.is_form || raw.type == BFY_JSON_STRING;
  gsize length;

  if (state != BFY_MEMBER_PRESENT)
    return state;
  if (raw.length > NUMBER_BYTES_MAX || (!is_text && raw.type != BFY_JSON_NUMBER))
    return BFY_MEMBER_WRONG;

  length = raw.length;
  if (is_text)
    length = decode (&raw, text);
  else
    memcpy (text, raw.start, raw.length);
  if (strlen (text) != length || !read_number (text, &number) || number < 0)
    return BFY_MEMBER_WRONG;
  *seconds = cut (number);

  return BFY_MEMBER_PRESENT;
}
