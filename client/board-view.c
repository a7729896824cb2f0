/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/board-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/table.h"

#define CHOICES_MAX 8
#define LIST_ROWS_MAX 8
#define FOOT_ROWS 2 /* the notice and the keys */
#define INDENT "  "

/* A page that fills up from the top. */
typedef struct
{
  GPtrArray *lines; /* borrowed */
  guint columns;
  guint rows;       /* that may be filled */
  gboolean is_full; /* something did not fit */
} Page;

static void
line_free (gpointer data)
{
  BfyViewLine *line = data;

  g_free (line->text);
  g_free (line);
}

void
bfy_view_clear (BfyView *self)
{
  g_clear_pointer (&self->lines, g_ptr_array_unref);
}

static gsize
width_of (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;

  return g_unichar_iswide (c) ? 2 : 1;
}

/* How many bytes of @text fit; if there is more, up to the last blank when that is not too far. */
static gsize
fit (const char *text, gsize columns)
{
  const char *blank = NULL;
  const char *p = text;
  gsize width = 0;

  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      width += width_of (g_utf8_get_char (p));
      if (width > columns)
        break;
      if (*p == ' ')
        blank = p;
    }
  if (*p == '\0' || blank == NULL || (gsize) (blank - text) < columns / 2)
    return (gsize) (p - text);

  return (gsize) (blank - text);
}

static void
add (Page *self, BfyViewStyle style, const char *text, gsize length)
{
  BfyViewLine *line;

  if (self->lines->len >= self->rows)
    {
      self->is_full = TRUE;
      return;
    }
  line = g_new0 (BfyViewLine, 1);
  line->style = style;
  line->text = g_strndup (text, length);
  g_ptr_array_add (self->lines, line);
}

/* As many lines as it takes; those behind the first are indented. */
static void
add_text (Page *self, BfyViewStyle style, const char *text)
{
  gsize length = fit (text, self->columns);

  add (self, style, text, length);
  for (text += length; *text != '\0'; text += length)
    {
      g_autofree char *rest = NULL;

      while (*text == ' ')
        text++;
      if (*text == '\0')
        return;
      length = MAX (fit (text, self->columns - strlen (INDENT)), 1);
      rest = g_strdup_printf (INDENT "%.*s", (int) length, text);
      add (self, style, rest, strlen (rest));
    }
}

/* One line, cut. */
static void
add_cut (Page *self, BfyViewStyle style, const char *text)
{
  g_autofree char *line = NULL;
  gsize length;

  if (bfy_text_width (text) <= self->columns)
    {
      add (self, style, text, strlen (text));
      return;
    }
  length = fit (text, self->columns - 1);
  line = g_strdup_printf ("%.*s…", (int) length, text);
  add (self, style, line, strlen (line));
}

static void
add_head (Page *self, const BfyBoard *board)
{
  gulong n = bfy_board_get_questions (board)->len;
  g_autofree char *text =
      !bfy_board_is_connected (board)
          ? g_strdup (_ ("bindify: the agent does not answer; waiting for it"))
          : g_strdup_printf (
                ngettext ("bindify: %lu open question", "bindify: %lu open questions", n), n);

  add_cut (self, BFY_VIEW_BAR, text);
}

/* The title is cut, never what stands behind it. */
static void
add_row (Page *self, const BfyQuestion *question, gboolean is_selected, gint64 now_s)
{
  g_autofree char *left = bfy_question_format_left (question, now_s);
  g_autofree char *count = question->n_waiting > 1
                               ? g_strdup_printf ("  ×%" G_GINT64_FORMAT, question->n_waiting)
                               : g_strdup ("");
  g_autofree char *tail = g_strdup_printf ("%s  %s", count, left);
  gsize n_tail = bfy_text_width (tail);
  gsize room = self->columns > n_tail + 4 ? self->columns - n_tail - 2 : 2;
  gsize length = fit (question->title, room);
  gboolean is_cut = question->title[length] != '\0';
  g_autofree char *title = NULL;
  g_autofree char *line = NULL;

  if (is_cut)
    length = fit (question->title, room - 1);
  title = g_strdup_printf ("%.*s%s", (int) length, question->title, is_cut ? "…" : "");
  line = g_strdup_printf ("%s %s%*s%s", is_selected ? ">" : " ", title,
                          (int) (room - bfy_text_width (title)), "", tail);
  add_cut (self, is_selected ? BFY_VIEW_MARKED : BFY_VIEW_PLAIN, line);
}

/* Those around the selected one. */
static void
add_list (Page *self, const BfyBoard *board, gint64 now_s)
{
  GPtrArray *questions = bfy_board_get_questions (board);
  guint selected = bfy_board_get_selected_index (board);
  guint n_rows = CLAMP (self->rows / 4, 1, LIST_ROWS_MAX);
  guint first = selected < n_rows ? 0 : selected - n_rows + 1;

  if (questions->len < 2)
    return;
  for (guint i = first; i < MIN (first + n_rows, questions->len); i++)
    add_row (self, g_ptr_array_index (questions, i), i == selected, now_s);
  add (self, BFY_VIEW_PLAIN, "", 0);
}

/* By the words: in the language of the person, or in the agent's own. */
static BfyViewStyle
style_of (const char *line)
{
  static const char danger[] = N_ ("Effect: can’t be undone");

  return strcmp (line, _ (danger)) == 0 || strcmp (line, danger) == 0 ? BFY_VIEW_ALARM
                                                                      : BFY_VIEW_PLAIN;
}

static void
add_choices (Page *self, const BfyBoard *board)
{
  const BfyChoice *choices[CHOICES_MAX];
  guint n = bfy_board_get_choices (board, choices, G_N_ELEMENTS (choices));
  g_autoptr (GString) line = g_string_new (NULL);
  const BfyChoice *focused;

  for (guint i = 0; i < n; i++)
    {
      gboolean is_focused = i == bfy_board_get_focus (board);

      g_string_append_printf (line, "%s%s%c %s%s", i > 0 ? " " : "", is_focused ? "[" : " ",
                              choices[i]->letter, _ (choices[i]->label), is_focused ? "]" : " ");
    }
  focused = choices[bfy_board_get_focus (board)];
  add_text (self, BFY_VIEW_STRONG, line->str);
  g_string_printf (line, _ ("%s: %s"), _ (focused->label), bfy_board_explain (board, focused));
  add_text (self, BFY_VIEW_PLAIN, line->str);
}

static void
add_question (Page *self, const BfyBoard *board, gint64 now_s)
{
  BfyQuestion *question = bfy_board_get_selected (board);
  g_autofree char *time = bfy_question_format_time (question, now_s);

  add_text (self, BFY_VIEW_STRONG, question->title);
  for (guint i = 0; question->lines[i] != NULL; i++)
    add_text (self, style_of (question->lines[i]), question->lines[i]);

  add_text (self, BFY_VIEW_PLAIN, time);
}

static guint
count_choice_rows (const BfyBoard *board, guint columns)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (line_free);
  Page page = { lines, columns, G_MAXUINT, FALSE };

  add_choices (&page, board);

  return lines->len;
}

static void
add_foot (Page *self, const BfyBoard *board, gint64 now_ms)
{
  const char *notice = bfy_board_get_notice (board);
  gboolean is_empty = bfy_board_get_selected (board) == NULL;

  if (!is_empty && bfy_board_get_arming_ms (board, now_ms) > 0)
    notice = _ ("Read the question; an answer counts in a moment");
  add_cut (self, BFY_VIEW_PLAIN, notice != NULL ? notice : "");
  add_cut (self, BFY_VIEW_FAINT,
           is_empty
               ? _ ("q quits")
               : _ ("Enter does what is in [ ] · Tab changes it · ↑ ↓ another question · q quits"));
}

/* What was left out is not passed over in silence. */
static void
mark_cut (Page *self)
{
  g_ptr_array_set_size (self->lines, (int) self->lines->len - 1);
  add_cut (self, BFY_VIEW_ALARM, _ ("… there is more: make the window larger"));
}

/* @n_rows: of the page, without its foot. */
static gboolean
add_body (Page *self, const BfyBoard *board, guint n_rows, gint64 now_s)
{
  guint n_choices;
  gboolean is_complete;

  self->rows = n_rows;
  if (bfy_board_get_selected (board) == NULL)
    {
      add_text (self, BFY_VIEW_PLAIN,
                bfy_board_is_connected (board) ? _ ("Nothing is asked just now.") : "");
      return TRUE;
    }

  n_choices = count_choice_rows (board, self->columns);
  add_list (self, board, now_s);
  self->rows -= MIN (n_choices, n_rows - 2);
  add_question (self, board, now_s);
  is_complete = !self->is_full;
  if (!is_complete)
    mark_cut (self);
  self->rows = n_rows;
  add_choices (self, board);

  return is_complete;
}

BfyView
bfy_board_draw (const BfyBoard *board, guint columns, guint rows, gint64 now_ms, gint64 now_s)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);
  Page page = { lines, MAX (columns, 2), MAX (rows, 1), FALSE };
  gboolean is_complete = FALSE;

  if (columns < BFY_VIEW_COLUMNS_MIN || rows < BFY_VIEW_ROWS_MIN)
    {
      add_cut (&page, BFY_VIEW_STRONG, _ ("Too small: make the window larger"));
      return (BfyView){ lines, FALSE };
    }

  add_head (&page, board);
  is_complete = add_body (&page, board, rows - FOOT_ROWS, now_s);
  page.rows = rows;
  add_foot (&page, board, now_ms);

  return (BfyView){ lines, is_complete };
}

static const char *
begin_style (BfyViewStyle style, gboolean has_colour)
{
  switch (style)
    {
    case BFY_VIEW_PLAIN:
      return "";
    case BFY_VIEW_BAR:
    case BFY_VIEW_MARKED:
      return "\033[7m";
    case BFY_VIEW_STRONG:
      return "\033[1m";
    case BFY_VIEW_FAINT:
      return "\033[2m";
    case BFY_VIEW_ALARM:
      return has_colour ? "\033[1;31m" : "\033[1m";
    }

  return "";
}

char *
bfy_view_to_terminal (const BfyView *self, gboolean has_colour)
{
  GString *out = g_string_new ("\033[H");

  for (guint i = 0; i < self->lines->len; i++)
    {
      const BfyViewLine *line = g_ptr_array_index (self->lines, i);

      g_string_append_printf (out, "%s\033[2K%s%s\033[0m", i > 0 ? "\r\n" : "",
                              begin_style (line->style, has_colour), line->text);
    }
  g_string_append (out, "\033[J");

  return g_string_free (out, FALSE);
}

char *
bfy_board_format_selected (const BfyBoard *board, gint64 now_s)
{
  BfyQuestion *question = bfy_board_get_selected (board);
  const BfyChoice *choices[CHOICES_MAX];
  guint n = bfy_board_get_choices (board, choices, G_N_ELEMENTS (choices));
  g_autofree char *left = bfy_question_format_time (question, now_s);
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "\n%s\n", question->title);
  for (guint i = 0; question->lines[i] != NULL; i++)
    g_string_append_printf (out, "  %s\n", question->lines[i]);
  g_string_append_printf (out, "  %s\n", left);
  for (guint i = 0; i < n; i++)
    /* Translators: a key, what it does, and what that means. */
    g_string_append_printf (out, _ ("%c  %s: %s\n"), choices[i]->letter, _ (choices[i]->label),
                            bfy_board_explain (board, choices[i]));
  g_string_append (out, _ ("q  Quit\n"));

  return g_string_free (out, FALSE);
}
