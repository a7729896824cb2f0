/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/usage-text.h"

#include <glib/gi18n-lib.h>

#include "client/fields.h"
#include "client/join.h"

static gulong
count_of (JsonObject *object, const char *member)
{
  return (gulong) MAX (bfy_field_int (object, member), 0);
}

static void
take (char **text, void (*join) (char **text, const char *part), char *part)
{
  join (text, part);
  g_free (part);
}

/* Each number decides about the form of the word behind it, so each is a phrase of its own. */
char *
bfy_usage_text_counts (JsonObject *usage)
{
  JsonObject *day = bfy_field_object (usage, "day");
  JsonObject *hour = bfy_field_object (usage, "hour");
  gulong n_open = count_of (usage, "open");
  gulong n_calls, n_hour, n_refused, n_bytes;
  char *text = NULL;

  if (day == NULL || hour == NULL)
    return g_strdup ("");

  n_calls = count_of (day, "calls");
  n_hour = count_of (hour, "calls");
  n_refused = count_of (day, "refused");
  n_bytes = count_of (day, "bytes_up") + count_of (day, "bytes_down");
  take (&text, bfy_join_comma,
        g_strdup_printf (ngettext ("%lu calls today", "%lu calls today", n_calls), n_calls));
  /* Translators: calls of this hour, behind "12 calls today, ". */
  take (&text, bfy_join_comma,
        g_strdup_printf (ngettext ("%lu this hour", "%lu this hour", n_hour), n_hour));
  if (n_open > 0)
    /* Translators: requests that are under way. */
    take (&text, bfy_join_comma,
          g_strdup_printf (ngettext ("%lu open", "%lu open", n_open), n_open));
  if (n_refused > 0)
    /* Translators: requests that were refused. */
    take (&text, bfy_join_semicolon,
          g_strdup_printf (ngettext ("%lu refused", "%lu refused", n_refused), n_refused));
  take (&text, bfy_join_semicolon,
        g_strdup_printf (ngettext ("%lu bytes today", "%lu bytes today", n_bytes), n_bytes));

  return text;
}

static char *
format_left_minute (gulong n, gulong most)
{
  return g_strdup_printf (
      ngettext ("%lu of %lu requests this minute", "%lu of %lu requests this minute", most), n,
      most);
}

static char *
format_left_hour (gulong n, gulong most)
{
  return g_strdup_printf (
      ngettext ("%lu of %lu requests this hour", "%lu of %lu requests this hour", most), n, most);
}

static char *
format_left_at_a_time (gulong n, gulong most)
{
  /* Translators: requests at a time. */
  return g_strdup_printf (ngettext ("%lu of %lu at a time", "%lu of %lu at a time", most), n, most);
}

static char *
format_left_bytes (gulong n, gulong most)
{
  return g_strdup_printf (ngettext ("%lu of %lu bytes today", "%lu of %lu bytes today", most), n,
                          most);
}

char *
bfy_usage_text_left (JsonObject *usage)
{
  static const struct
  {
    const char *limit;
    char *(*format) (gulong n, gulong most);
  } rows[] = {
    { "requests_per_minute", format_left_minute },
    { "requests_per_hour", format_left_hour },
    { "concurrent", format_left_at_a_time },
    { "bytes_per_day", format_left_bytes },
  };
  JsonObject *limits = bfy_field_object (usage, "limits");
  JsonObject *left = bfy_field_object (usage, "left");
  char *text = NULL;

  for (guint i = 0; limits != NULL && left != NULL && i < G_N_ELEMENTS (rows); i++)
    {
      gulong most = count_of (limits, rows[i].limit);

      if (most > 0)
        take (&text, bfy_join_comma, rows[i].format (count_of (left, rows[i].limit), most));
    }

  return text != NULL ? text : g_strdup ("");
}
