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
  char letter;
  gint64 length_s;
} since_units[] = {
  { 's', 1 }, { 'm', MINUTE_S }, { 'h', HOUR_S }, { 'd', DAY_S }, { 'w', WEEK_S },
};

typedef enum
{
  UNIT_DAY,
  UNIT_HOUR,
  UNIT_MINUTE,
  UNIT_SECOND,
} Unit;

static const gint64 lengths_s[] = { DAY_S, HOUR_S, MINUTE_S, 1 };

static Unit
unit_of (gint64 span_s)
{
  Unit unit = UNIT_DAY;

  while (unit < UNIT_SECOND && span_s < lengths_s[unit])
    unit++;

  return unit;
}

/* A number of one unit. Each of these is a pattern of its own: in many languages the unit has
 * another form in "3 days", "in 3 days" and "3 days ago". */
static char *
format_one (Unit unit, gulong n)
{
  switch (unit)
    {
    case UNIT_DAY:
      return g_strdup_printf (ngettext ("%lu day", "%lu days", n), n);
    case UNIT_HOUR:
      return g_strdup_printf (ngettext ("%lu h", "%lu h", n), n);
    case UNIT_MINUTE:
      return g_strdup_printf (ngettext ("%lu min", "%lu min", n), n);
    case UNIT_SECOND:
      break;
    }

  return g_strdup_printf (ngettext ("%lu s", "%lu s", n), n);
}

static char *
format_one_to_come (Unit unit, gulong n)
{
  switch (unit)
    {
    case UNIT_DAY:
      return g_strdup_printf (ngettext ("in %lu day", "in %lu days", n), n);
    case UNIT_HOUR:
      return g_strdup_printf (ngettext ("in %lu h", "in %lu h", n), n);
    case UNIT_MINUTE:
      return g_strdup_printf (ngettext ("in %lu min", "in %lu min", n), n);
    case UNIT_SECOND:
      break;
    }

  return g_strdup_printf (ngettext ("in %lu s", "in %lu s", n), n);
}

static char *
format_one_ago (Unit unit, gulong n)
{
  switch (unit)
    {
    case UNIT_DAY:
      return g_strdup_printf (ngettext ("%lu day ago", "%lu days ago", n), n);
    case UNIT_HOUR:
      return g_strdup_printf (ngettext ("%lu h ago", "%lu h ago", n), n);
    case UNIT_MINUTE:
      return g_strdup_printf (ngettext ("%lu min ago", "%lu min ago", n), n);
    case UNIT_SECOND:
      break;
    }

  return g_strdup_printf (ngettext ("%lu s ago", "%lu s ago", n), n);
}

/* The smaller unit beside @unit, where it says something: days with hours, hours with minutes.
 * Zero for none. */
static gulong
count_rest (Unit unit, gint64 span_s)
{
  return unit <= UNIT_HOUR ? (gulong) (span_s % lengths_s[unit] / lengths_s[unit + 1]) : 0;
}

char *
bfy_span_format (gint64 span_s)
{
  gint64 span = MAX (span_s, 0);
  Unit unit = unit_of (span);
  gulong n = (gulong) (span / lengths_s[unit]);
  gulong n_rest = count_rest (unit, span);

  if (n_rest == 0)
    return format_one (unit, n);
  if (unit == UNIT_DAY)
    /* Translators: the second number is hours, short: "3 days 4 h". */
    return g_strdup_printf (ngettext ("%lu day %lu h", "%lu days %lu h", n), n, n_rest);

  /* Translators: hours and minutes, short: "2 h 30 min". */
  return g_strdup_printf (_ ("%lu h %lu min"), n, n_rest);
}

char *
bfy_span_format_to_come (gint64 span_s)
{
  gint64 span = MAX (span_s, 0);
  Unit unit = unit_of (span);
  gulong n = (gulong) (span / lengths_s[unit]);
  gulong n_rest = count_rest (unit, span);

  if (n_rest == 0)
    return format_one_to_come (unit, n);
  if (unit == UNIT_DAY)
    /* Translators: the second number is hours, short: "in 3 days 4 h". */
    return g_strdup_printf (ngettext ("in %lu day %lu h", "in %lu days %lu h", n), n, n_rest);

  /* Translators: hours and minutes, short: "in 2 h 30 min". */
  return g_strdup_printf (_ ("in %lu h %lu min"), n, n_rest);
}

char *
bfy_age_format (gint64 then_s, gint64 now_s)
{
  gint64 age_s = now_s - then_s;
  Unit unit;

  if (then_s <= 0)
    return g_strdup (_ ("never"));
  if (age_s < 1)
    return g_strdup (_ ("now"));
  if (age_s > AGE_MAX_S)
    {
      g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (then_s);

      return then != NULL ? g_date_time_format (then, "%Y-%m-%d") : g_strdup (_ ("long ago"));
    }

  unit = unit_of (age_s);

  return format_one_ago (unit, (gulong) (age_s / lengths_s[unit]));
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
