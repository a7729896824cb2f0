/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/scrub.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/secret-writer.h"

#define PATTERNS_MAX 14
#define BASE64_OFFSETS 3    /* how a secret can lie in groups of three bytes */
#define PARTIAL_BYTES_MIN 3 /* of a secret at a cut that are worth hiding */

struct _BfyScrub
{
  BfySecret *patterns[PATTERNS_MAX]; /* (owned) */
  guint n_patterns;
};

static const char base64_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What is written of the secret, and how. */
typedef struct
{
  const guint8 *bytes;
  gsize length;
  const char *alphabet; /* of Base64 */
  guint offset;         /* of Base64: bytes that stand before the secret in its first group */
  gboolean is_lower;    /* of hex */
} Form;

/* Only the characters that depend on the secret alone: the first and last of a group may hold bits
 * of what stands beside it. */
static void
fill_base64 (BfySecretWriter *writer, gconstpointer data)
{
  const Form *form = data;
  gsize n_bits = form->length * 8;
  gsize bit = (6 - form->offset * 8 % 6) % 6;

  for (; bit + 6 <= n_bits; bit += 6)
    {
      guint16 pair = (guint16) (form->bytes[bit / 8] << 8);

      if (bit / 8 + 1 < form->length)
        pair |= form->bytes[bit / 8 + 1];
      bfy_secret_writer_append_byte (writer, form->alphabet[(pair >> (10 - bit % 8)) & 63]);
    }
}

static void
fill_hex (BfySecretWriter *writer, gconstpointer data)
{
  const Form *form = data;
  const char *digits = form->is_lower ? "0123456789abcdef" : "0123456789ABCDEF";

  for (gsize i = 0; i < form->length; i++)
    {
      bfy_secret_writer_append_byte (writer, digits[form->bytes[i] >> 4]);
      bfy_secret_writer_append_byte (writer, digits[form->bytes[i] & 15]);
    }
}

static void
fill_percent (BfySecretWriter *writer, gconstpointer data)
{
  const Form *form = data;
  const char *digits = form->is_lower ? "0123456789abcdef" : "0123456789ABCDEF";

  for (gsize i = 0; i < form->length; i++)
    {
      guint8 byte = form->bytes[i];

      if (g_ascii_isalnum (byte) || (byte != 0 && strchr ("-._~", byte) != NULL))
        {
          bfy_secret_writer_append_byte (writer, byte);
          continue;
        }
      bfy_secret_writer_append_byte (writer, '%');
      bfy_secret_writer_append_byte (writer, digits[byte >> 4]);
      bfy_secret_writer_append_byte (writer, digits[byte & 15]);
    }
}

/* As JSON.stringify() and most others write it. */
static void
fill_json (BfySecretWriter *writer, gconstpointer data)
{
  static const char plain[] = "\"\\\b\f\n\r\t";
  static const char names[] = "\"\\bfnrt";
  const Form *form = data;

  for (gsize i = 0; i < form->length; i++)
    {
      const char *found = form->bytes[i] != 0 ? strchr (plain, form->bytes[i]) : NULL;

      if (found != NULL)
        bfy_secret_writer_append_byte (writer, '\\');
      bfy_secret_writer_append_byte (writer, found != NULL ? names[found - plain] : form->bytes[i]);
    }
}

static void
add (BfyScrub *self, BfySecretFill fill, const Form *form)
{
  BfySecret *pattern = bfy_secret_build (fill, form);
  gboolean is_known = bfy_secret_length (pattern) < BFY_SCRUB_BYTES_MIN;

  for (guint i = 0; i < self->n_patterns && !is_known; i++)
    is_known = bfy_secret_equal (self->patterns[i], pattern);
  if (is_known)
    bfy_secret_unref (pattern);
  else
    self->patterns[self->n_patterns++] = pattern;
}

static void
fill_plain (BfySecretWriter *writer, gconstpointer data)
{
  const Form *form = data;

  bfy_secret_writer_append (writer, form->bytes, form->length);
}

/* JSON in a string of JSON, and once more: tools answer with such texts. */
static void
add_nested (BfyScrub *self, const Form *form)
{
  g_autoptr (BfySecret) once = bfy_secret_build (fill_json, form);
  g_autoptr (BfySecret) twice = NULL;
  Form next = { 0 };

  add (self, fill_json, form);
  next.bytes = bfy_secret_peek (once, &next.length);
  add (self, fill_json, &next);
  twice = bfy_secret_build (fill_json, &next);
  next.bytes = bfy_secret_peek (twice, &next.length);
  add (self, fill_json, &next);
}

BfyScrub *
bfy_scrub_new (const BfySecret *secret)
{
  BfyScrub *self = g_new0 (BfyScrub, 1);
  Form form = { 0 };

  form.bytes = bfy_secret_peek (secret, &form.length);
  if (form.length < BFY_SCRUB_BYTES_MIN)
    return self;

  add (self, fill_plain, &form);
  add_nested (self, &form);
  for (form.offset = 0; form.offset < BASE64_OFFSETS; form.offset++)
    {
      form.alphabet = base64_standard;
      add (self, fill_base64, &form);
      form.alphabet = base64_url;
      add (self, fill_base64, &form);
    }
  for (guint i = 0; i < 2; i++)
    {
      form.is_lower = i == 1;
      add (self, fill_hex, &form);
      add (self, fill_percent, &form);
    }

  return self;
}

void
bfy_scrub_free (BfyScrub *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_patterns; i++)
    bfy_secret_unref (self->patterns[i]);
  g_free (self);
}

/* The first occurrence of any pattern; the longest of those at the same place. */
static const char *
find (const BfyScrub *self, const char *text, gsize length, gsize *n_found)
{
  const char *first = NULL;

  for (guint i = 0; i < self->n_patterns; i++)
    {
      gsize n_pattern;
      const guint8 *pattern = bfy_secret_peek (self->patterns[i], &n_pattern);
      gsize n_within = first != NULL ? MIN (length, (gsize) (first - text) + n_pattern) : length;
      const char *found = memmem (text, n_within, pattern, n_pattern);

      if (found == NULL || (found == first && n_pattern <= *n_found))
        continue;
      first = found;
      *n_found = n_pattern;
    }

  return first;
}

char *
bfy_scrub_text (const BfyScrub *self, const char *text, gsize length, gsize *n_written)
{
  const char *end = text + length;
  gsize n_found = 0;
  const char *found = self != NULL ? find (self, text, length, &n_found) : NULL;
  GString *out;

  if (found == NULL)
    return NULL;

  out = g_string_sized_new (length);
  while (found != NULL)
    {
      g_string_append_len (out, text, found - text);
      g_string_append (out, BFY_SCRUB_MARK);
      text = found + n_found;
      found = find (self, text, (gsize) (end - text), &n_found);
    }
  g_string_append_len (out, text, end - text);
  *n_written = out->len;

  return g_string_free (out, FALSE);
}

/* The end of the JSON string that begins at @text, behind its closing quote. */
static const char *
skip_string (const char *text, const char *end, gboolean *has_escape)
{
  *has_escape = FALSE;
  for (text++; text < end && *text != '"'; text++)
    {
      if (*text != '\\')
        continue;
      *has_escape = TRUE;
      text++;
    }

  return text < end ? text + 1 : end;
}

/* One string, quotes included. */
static gboolean
scrub_string (const BfyScrub *self, const char *text, gsize length, gboolean escaped, GString *out)
{
  BfyJsonSlice slice = { BFY_JSON_STRING, text, length };
  gsize n_plain = 0, n_clean;
  g_autofree char *plain = NULL;
  g_autofree char *clean = NULL;

  if (!escaped)
    {
      clean = bfy_scrub_text (self, text + 1, length - 2, &n_clean);
      if (clean == NULL)
        return FALSE;
      g_string_append_printf (out, "\"%s\"", clean);
      return TRUE;
    }

  plain = g_malloc (length);
  n_plain = bfy_json_slice_unescape (&slice, plain);
  clean = bfy_scrub_text (self, plain, n_plain, &n_clean);
  bfy_wipe (plain, n_plain);
  if (clean == NULL)
    return FALSE;
  bfy_json_append_string (out, clean, (gssize) n_clean);

  return TRUE;
}

char *
bfy_scrub_json (const BfyScrub *self, const char *text, gsize length, gsize *n_written)
{
  const char *end = text + length;
  const char *kept = text; /* what has not been written yet begins here */
  GString *out = NULL;

  if (self == NULL || self->n_patterns == 0)
    return NULL;
  while ((text = memchr (text, '"', (gsize) (end - text))) != NULL)
    {
      gboolean has_escape;
      const char *stop = skip_string (text, end, &has_escape);
      g_autoptr (GString) piece = g_string_new (NULL);

      if (scrub_string (self, text, (gsize) (stop - text), has_escape, piece))
        {
          if (out == NULL)
            out = g_string_sized_new (length);
          g_string_append_len (out, kept, text - kept);
          g_string_append_len (out, piece->str, (gssize) piece->len);
          kept = stop;
        }
      text = stop;
    }
  if (out == NULL)
    return NULL;

  g_string_append_len (out, kept, end - kept);
  *n_written = out->len;

  return g_string_free (out, FALSE);
}

gsize
bfy_scrub_safe_length (const BfyScrub *self, const char *text, gsize length)
{
  gsize safe = length;

  for (guint i = 0; self != NULL && i < self->n_patterns; i++)
    {
      gsize n_pattern;
      const guint8 *pattern = bfy_secret_peek (self->patterns[i], &n_pattern);

      for (gsize n = MIN (n_pattern - 1, length); n >= PARTIAL_BYTES_MIN; n--)
        {
          if (memcmp (text + length - n, pattern, n) == 0)
            {
              safe = MIN (safe, length - n);
              break;
            }
        }
    }

  return safe;
}
