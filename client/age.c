/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/age.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)
#define WEEK_S (7 * DAY_S)
/* Older than this is a date. */
#define AGE_MAX_S (30 * DAY_S)
#define SINCE_NUMBER_MAX 1000000

static const struct
{
  gint64 length_s;
  const char *one;
  const char *many;
} units[] = {
  { DAY_S, "day", "days" },
  { HOUR_S, "h", "h" },
  { MINUTE_S, "min", "min" },
  { 1, "s", "s" },
};

static const struct
{
  char letter;
  gint64 length_s;
} since_units[] = {
  { 's', 1 }, { 'm', MINUTE_S }, { 'h', HOUR_S }, { 'd', DAY_S }, { 'w', WEEK_S },
};

static guint
unit_of (gint64 span_s)
{
  guint i = 0;

  while (i + 1 < G_N_ELEMENTS (units) && span_s < units[i].length_s)
    i++;

  return i;
}

static void
append_unit (GString *out, guint unit, gint64 span_s)
{
  gint64 n = span_s / units[unit].length_s;

  g_string_append_printf (out, "%" G_GINT64_FORMAT " %s", n,
                          n == 1 ? units[unit].one : units[unit].many);
}

char *
bfy_span_format (gint64 span_s)
{
  gint64 span = MAX (span_s, 0);
  guint unit = unit_of (span);
  gint64 rest = span % units[unit].length_s;
  GString *out = g_string_new (NULL);

  append_unit (out, unit, span);
  /* A second, smaller number only where it says something: days and hours. */
  if (unit + 1 < G_N_ELEMENTS (units) && units[unit].length_s >= HOUR_S &&
      rest >= units[unit + 1].length_s)
    {
      g_string_append_c (out, ' ');
      append_unit (out, unit + 1, rest);
    }

  return g_string_free (out, FALSE);
}

char *
bfy_age_format (gint64 then_s, gint64 now_s)
{
  gint64 age_s = now_s - then_s;
  GString *out;

  if (then_s <= 0)
    return g_strdup ("never");
  if (age_s < 1)
    return g_strdup ("now");
  if (age_s > AGE_MAX_S)
    {
      g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (then_s);

      return then != NULL ? g_date_time_format (then, "%Y-%m-%d") : g_strdup (_ ("long ago"));
    }

  out = g_string_new (NULL);
  append_unit (out, unit_of (age_s), age_s);
  g_string_append (out, " ago");
  return g_string_free (out, FALSE);
}

static gboolean
parse_span (const char *text, gint64 *span_s)
{
  char *end = NULL;
  guint64 number;

  if (!g_ascii_isdigit (*text))
    return FALSE;

  number = g_ascii_strtoull (text, &end, 10);
  if (number > SINCE_NUMBER_MAX || *end == '\0' || end[1] != '\0')
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (since_units); i++)
    {
      if (since_units[i].letter == *end)
        {
          *span_s = (gint64) number * since_units[i].length_s;
          return TRUE;
        }
    }

  return FALSE;
}

gboolean
bfy_since_parse (const char *text, gint64 now_ms, gint64 *since_ms, GError **error)
{
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *full = NULL;
  g_autofree char *shown = NULL;
  gint64 span_s = 0;

  if (parse_span (text, &span_s))
    {
      *since_ms = now_ms - span_s * 1000;
      return TRUE;
    }

  full = strlen (text) == strlen ("2026-11-22") ? g_strconcat (text, "T00:00:00", NULL)
                                                : g_strdup (text);
  time = g_date_time_new_from_iso8601 (full, local);
  if (time == NULL)
    {
      shown = bfy_text_to_line (text, 40);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is no time; say for example 15m, 2h, 3d or 2026-11-22T05:18"), shown);
      return FALSE;
    }

  *since_ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return TRUE;
}
