/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/name.h"

#include <gio/gio.h>
#include <string.h>

#include "protocol/error.h"

#define SHOWN_LENGTH_MAX 80     /* characters of a refused name in its error message */
#define FALLBACK_NAME "binding" /* when a host yields nothing usable */
#define ESCAPE_BYTES_MAX 16     /* "\u{10ffff}" and room */
#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d /* both occur in ordinary writing and in emoji */

static gboolean
is_name_start (char c)
{
  return g_ascii_islower (c) || g_ascii_isdigit (c);
}

static gboolean
is_name_character (char c)
{
  return is_name_start (c) || c == '_' || c == '-';
}

static gboolean
is_name (const char *name)
{
  gsize length = strnlen (name, BFY_NAME_LENGTH_MAX + 1);

  if (length == 0 || length > BFY_NAME_LENGTH_MAX || !is_name_start (name[0]))
    return FALSE;
  for (gsize i = 1; i < length; i++)
    {
      if (!is_name_character (name[i]))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_name_check (const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  if (name != NULL && is_name (name))
    return TRUE;

  shown = bfy_text_to_line (name, SHOWN_LENGTH_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "“%s” cannot be a name: use 1 to %d of a–z, 0–9, “-” and “_”, starting with a "
               "letter or digit",
               shown, BFY_NAME_LENGTH_MAX);

  return FALSE;
}

/* What would break a line, move the cursor, turn the writing direction or stay invisible. */
static gboolean
is_unshowable (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    case G_UNICODE_FORMAT:
      return c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER;
    default:
      return FALSE;
    }
}

static gboolean
has_unshowable (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (is_unshowable (g_utf8_get_char (p)))
        return TRUE;
    }

  return FALSE;
}

static char *
trim (const char *text)
{
  const char *end;
  const char *last;

  while (*text != '\0' && g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  end = text + strlen (text);
  while (end > text)
    {
      last = g_utf8_prev_char (end);
      if (!g_unichar_isspace (g_utf8_get_char (last)))
        break;
      end = last;
    }

  return g_strndup (text, end - text);
}

char *
bfy_label_normalize (const char *label, GError **error)
{
  g_autofree char *trimmed = NULL;
  glong n_characters;

  if (label == NULL || strnlen (label, BFY_LABEL_BYTES_MAX + 1) > BFY_LABEL_BYTES_MAX ||
      !g_utf8_validate (label, -1, NULL))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "A label is UTF-8 text of at most %d bytes", BFY_LABEL_BYTES_MAX);
      return NULL;
    }

  trimmed = trim (label);
  n_characters = g_utf8_strlen (trimmed, -1);
  if (n_characters < 1 || n_characters > BFY_LABEL_LENGTH_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "A label has 1 to %d characters",
                   BFY_LABEL_LENGTH_MAX);
      return NULL;
    }
  if (has_unshowable (trimmed))
    {
      g_autofree char *shown = bfy_text_to_line (trimmed, SHOWN_LENGTH_MAX);

      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” cannot be a label: it holds control or invisible characters", shown);
      return NULL;
    }

  return g_steal_pointer (&trimmed);
}

/* Writes what stands for the first character of @text and returns how many bytes of @text that
 * were. */
static gsize
escape_one (const char *text, char piece[ESCAPE_BYTES_MAX])
{
  gunichar c = g_utf8_get_char_validated (text, -1);
  gsize length;

  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      g_snprintf (piece, ESCAPE_BYTES_MAX, "\\x%02x", (guint8) *text);
      return 1;
    }

  length = g_utf8_next_char (text) - text;
  if (c == '\n')
    g_strlcpy (piece, "\\n", ESCAPE_BYTES_MAX);
  else if (c == '\r')
    g_strlcpy (piece, "\\r", ESCAPE_BYTES_MAX);
  else if (c == '\t')
    g_strlcpy (piece, "\\t", ESCAPE_BYTES_MAX);
  else if (is_unshowable (c))
    g_snprintf (piece, ESCAPE_BYTES_MAX, "\\u{%x}", c);
  else
    g_snprintf (piece, ESCAPE_BYTES_MAX, "%.*s", (int) length, text);

  return length;
}

char *
bfy_text_to_line (const char *text, gsize n_max)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gsize n_characters = 0;

  while (text != NULL && *text != '\0')
    {
      char piece[ESCAPE_BYTES_MAX];
      gsize length = escape_one (text, piece);
      gsize n_piece = g_utf8_strlen (piece, -1);

      if (n_piece > n_max - n_characters)
        {
          g_string_append (line, "…");
          break;
        }
      g_string_append (line, piece);
      n_characters += n_piece;
      text += length;
    }

  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* "co" in "example.co.uk": what stands there says nothing about whose host it is. */
static gboolean
is_second_level (const char *label)
{
  static const char *const labels[] = { "ac", "co", "com", "edu", "gov", "net", "org", NULL };

  return g_strv_contains (labels, label);
}

char *
bfy_name_from_host (const char *host)
{
  g_autofree char *lower = NULL;
  g_auto (GStrv) labels = NULL;
  guint n_labels;
  const char *label;

  if (g_hostname_is_ip_address (host))
    return g_strdup (FALLBACK_NAME);

  lower = g_ascii_strdown (host, -1);
  labels = g_strsplit (lower, ".", -1);
  n_labels = g_strv_length (labels);
  if (n_labels > 2 && is_second_level (labels[n_labels - 2]))
    label = labels[n_labels - 3];
  else
    label = n_labels > 1 ? labels[n_labels - 2] : lower;

  return is_name (label) ? g_strdup (label) : g_strdup (FALLBACK_NAME);
}

gboolean
bfy_name_find (const char *const *names, guint n_names, const char *wire, guint *index)
{
  for (guint i = 0; i < n_names; i++)
    {
      if (g_strcmp0 (names[i], wire) == 0)
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}
