/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sparkline.h"

static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const marks[] = { ".", ":", "-", "=", "+", "*", "#", "@" };

G_STATIC_ASSERT (G_N_ELEMENTS (blocks) == G_N_ELEMENTS (marks));

char *
bfy_sparkline_format (const gint64 *values, guint n_values, gboolean is_utf8)
{
  GString *line = g_string_new (NULL);
  gint64 highest = 0;

  for (guint i = 0; i < n_values; i++)
    highest = MAX (highest, values[i]);
  for (guint i = 0; i < n_values; i++)
    {
      double part = values[i] > 0 ? (double) values[i] / (double) highest : 0;
      guint bar = (guint) (part * (G_N_ELEMENTS (blocks) - 1) + 0.5);

      if (values[i] <= 0)
        g_string_append_c (line, ' ');
      else
        g_string_append (line, is_utf8 ? blocks[bar] : marks[bar]);
    }

  return g_string_free (line, FALSE);
}
