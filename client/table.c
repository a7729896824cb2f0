/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/table.h"

#include <glib/gi18n-lib.h>

#include "protocol/name.h"

#define GAP_COLUMNS 2
#define CELL_CHARACTERS_MAX 120

struct _BfyTable
{
  gsize n_columns;
  gsize *widths;    /* (owned) (array length=n_columns) */
  gboolean *hidden; /* (owned) (array length=n_columns) */
  GPtrArray *rows;  /* (owned) (element-type GStrv), the headings first */
};

gsize
bfy_text_width (const char *text)
{
  gsize width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }

  return width;
}

void
bfy_table_add_row (BfyTable *self, const char *const *cells)
{
  GStrv row = g_new0 (char *, self->n_columns + 1);

  for (gsize i = 0; i < self->n_columns; i++)
    {
      gboolean is_empty = cells[i] == NULL || *cells[i] == '\0';

      row[i] = is_empty ? g_strdup ("-") : bfy_text_to_line (cells[i], CELL_CHARACTERS_MAX);
      self->widths[i] = MAX (self->widths[i], bfy_text_width (row[i]));
    }

  g_ptr_array_add (self->rows, row);
}

static gsize
line_width (const BfyTable *self)
{
  gsize width = 0;

  for (gsize i = 0; i < self->n_columns; i++)
    {
      if (!self->hidden[i])
        width += self->widths[i] + (width > 0 ? GAP_COLUMNS : 0);
    }

  return width;
}

void
bfy_table_fit (BfyTable *self, gsize width, const guint *dispensable, gsize n_dispensable)
{
  for (gsize i = 0; i < n_dispensable && width > 0 && line_width (self) > width; i++)
    self->hidden[dispensable[i]] = TRUE;
}

static void
append_row (GString *out, const BfyTable *self, const GStrv row)
{
  gsize n_blanks = 0; /* due before the next cell */

  for (gsize i = 0; i < self->n_columns; i++)
    {
      if (self->hidden[i])
        continue;
      g_string_append_printf (out, "%*s%s", (int) n_blanks, "", row[i]);
      n_blanks = self->widths[i] - bfy_text_width (row[i]) + GAP_COLUMNS;
    }

  g_string_append_c (out, '\n');
}

char *
bfy_table_format (const BfyTable *self)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->rows->len; i++)
    append_row (out, self, g_ptr_array_index (self->rows, i));

  return g_string_free (out, FALSE);
}

BfyTable *
bfy_table_new_named (const char *const *names)
{
  BfyTable *self = g_new0 (BfyTable, 1);

  self->n_columns = g_strv_length ((GStrv) names);
  self->widths = g_new0 (gsize, self->n_columns);
  self->hidden = g_new0 (gboolean, self->n_columns);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  bfy_table_add_row (self, names);

  return self;
}

BfyTable *
bfy_table_new (const char *const *headings)
{
  guint n_columns = g_strv_length ((GStrv) headings);
  g_autofree const char **translated = g_new0 (const char *, n_columns + 1);

  for (guint i = 0; i < n_columns; i++)
    translated[i] = *headings[i] != '\0' ? g_dpgettext2 (NULL, "column", headings[i]) : "";

  return bfy_table_new_named (translated);
}

void
bfy_table_free (BfyTable *self)
{
  g_ptr_array_unref (self->rows);
  g_free (self->widths);
  g_free (self->hidden);
  g_free (self);
}
