/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/usage-text.h"

#include "client/fields.h"

char *
bfy_usage_text_counts (JsonObject *usage)
{
  JsonObject *day = bfy_field_object (usage, "day");
  JsonObject *hour = bfy_field_object (usage, "hour");
  gint64 n_refused = day != NULL ? bfy_field_int (day, "refused") : 0;
  gint64 n_open = bfy_field_int (usage, "open");
  GString *text = g_string_new (NULL);

  if (day == NULL || hour == NULL)
    return g_string_free (text, FALSE);
  g_string_append_printf (text, "%" G_GINT64_FORMAT " calls today, %" G_GINT64_FORMAT " this hour",
                          bfy_field_int (day, "calls"), bfy_field_int (hour, "calls"));
  if (n_open > 0)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " open", n_open);
  if (n_refused > 0)
    g_string_append_printf (text, "; %" G_GINT64_FORMAT " refused", n_refused);
  g_string_append_printf (text, "; %" G_GINT64_FORMAT " bytes today",
                          bfy_field_int (day, "bytes_up") + bfy_field_int (day, "bytes_down"));

  return g_string_free (text, FALSE);
}

char *
bfy_usage_text_left (JsonObject *usage)
{
  static const struct
  {
    const char *limit;
    const char *unit;
  } rows[] = {
    { "requests_per_minute", "requests this minute" },
    { "requests_per_hour", "requests this hour" },
    { "concurrent", "at a time" },
    { "bytes_per_day", "bytes today" },
  };
  JsonObject *limits = bfy_field_object (usage, "limits");
  JsonObject *left = bfy_field_object (usage, "left");
  GString *text = g_string_new (NULL);

  for (guint i = 0; limits != NULL && left != NULL && i < G_N_ELEMENTS (rows); i++)
    {
      gint64 most = bfy_field_int (limits, rows[i].limit);

      if (most > 0)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " %s",
                                text->len > 0 ? ", " : "", bfy_field_int (left, rows[i].limit),
                                most, rows[i].unit);
    }

  return g_string_free (text, FALSE);
}
