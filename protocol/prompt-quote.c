/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "protocol/name.h"
#include "protocol/prompt-text.h"

#define READ_CHARACTERS_MAX 1000 /* looked at, before blanks and accents are thinned out */
#define ESCAPE_CHARACTERS_MAX 16 /* "\\u{10ffff}" and room */
#define MARKS_MAX 2              /* accents on one letter; ordinary writing needs no more */

typedef struct
{
  gunichar first, last;
} Range;

/* @n of them. */
static gboolean
is_in (const Range *ranges, guint n, gunichar c)
{
  for (guint i = 0; i < n; i++)
    {
      if (c >= ranges[i].first && c <= ranges[i].last)
        return TRUE;
    }

  return FALSE;
}

/* Letters and signs that take no ink. Formatting characters are not among them: those are escaped
 * by bfy_text_to_line(), all but the two joiners. */
static gboolean
is_invisible (gunichar c)
{
  static const Range ranges[] = {
    { 0x034f, 0x034f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
    { 0x200b, 0x200f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },
    { 0xffa0, 0xffa0 }, { 0xfffc, 0xfffc }, { 0xe0100, 0xe01ef },
  };

  return is_in (ranges, G_N_ELEMENTS (ranges), c);
}

/* Everything that could be taken for the end, or the beginning, of our quotation. */
static gboolean
is_quotation_mark (gunichar c)
{
  static const Range others[] = {
    { '"', '"' },       { 0x02ba, 0x02ba }, { 0x02dd, 0x02dd }, { 0x02ee, 0x02ee },
    { 0x201a, 0x201a }, { 0x201e, 0x201e }, { 0x2033, 0x2033 }, { 0x2036, 0x2036 },
    { 0x275d, 0x275e }, { 0x3003, 0x3003 }, { 0x3008, 0x300f }, { 0x301d, 0x301f },
    { 0xfe3d, 0xfe44 }, { 0xff02, 0xff02 }, { 0xff62, 0xff63 }, { 0x1f676, 0x1f678 },
  };

  return is_in (others, G_N_ELEMENTS (others), c) ||
         g_unichar_type (c) == G_UNICODE_INITIAL_PUNCTUATION ||
         g_unichar_type (c) == G_UNICODE_FINAL_PUNCTUATION;
}

/* What stands for @c; @before: what it follows. */
static void
write_piece (GString *piece, gunichar c, gunichar before, guint *n_marks)
{
  gboolean is_mark = g_unichar_ismark (c);

  g_string_truncate (piece, 0);
  *n_marks = is_mark ? *n_marks + 1 : 0;
  if (is_invisible (c))
    g_string_printf (piece, "\\u{%x}", c);
  else if (g_unichar_isspace (c) && before != ' ')
    g_string_append_c (piece, ' ');
  else if (is_quotation_mark (c))
    g_string_append_c (piece, '\'');
  else if (c == 0x2190) /* ours, in a chain of programs */
    g_string_append (piece, "\\u{2190}");
  else if (!g_unichar_isspace (c) && (!is_mark || (before != 0 && *n_marks <= MARKS_MAX)))
    g_string_append_unichar (piece, c);
}

/* The bytes of the first character of @text; one that is none counts as one. */
static gsize
length_of_first (const char *text)
{
  gunichar c = g_utf8_get_char_validated (text, -1);

  return c == (gunichar) -1 || c == (gunichar) -2 ? 1 : (gsize) (g_utf8_next_char (text) - text);
}

/* The same for @text, of which one character is looked at. */
static void
write_first (GString *piece, const char *text, gsize length, gunichar *before, guint *n_marks)
{
  g_autofree char *first = g_strndup (text, length);
  g_autofree char *escaped = bfy_text_to_line (first, ESCAPE_CHARACTERS_MAX);
  gunichar c = g_utf8_get_char (escaped);

  if (*g_utf8_next_char (escaped) == '\0')
    write_piece (piece, c, *before, n_marks);
  else
    g_string_assign (piece, escaped);
  *before = g_unichar_isspace (c) ? ' ' : c;
}

char *
bfy_prompt_inert (const char *text, gsize n_max)
{
  g_autoptr (GString) inert = g_string_new (NULL);
  g_autoptr (GString) piece = g_string_new (NULL);
  gunichar before = 0;
  gsize n_characters = 0;
  gsize length;
  guint n_marks = 0;

  for (guint n_read = 0; *text != '\0'; text += length, n_read++)
    {
      length = length_of_first (text);
      write_first (piece, text, length, &before, &n_marks);
      n_characters += (gsize) g_utf8_strlen (piece->str, -1);
      if (n_characters > n_max || n_read >= READ_CHARACTERS_MAX)
        {
          g_string_append (inert, "…");
          break;
        }
      g_string_append (inert, piece->str);
    }

  return g_string_free (g_steal_pointer (&inert), FALSE);
}

char *
bfy_prompt_quote (const char *text, gsize n_max)
{
  g_autofree char *inert = bfy_prompt_inert (text, n_max);

  /* Translators: the quotation marks of your language, around a name. */
  return g_strdup_printf (C_ ("name", "“%s”"), inert);
}
