/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/moment.h"

#include <glib/gi18n.h>

#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static gboolean
is_same_day (GDateTime *a, GDateTime *b)
{
  return g_date_time_get_year (a) == g_date_time_get_year (b) &&
         g_date_time_get_day_of_year (a) == g_date_time_get_day_of_year (b);
}

char *
bfy_moment_format (gint64 time_s, gint64 now_s)
{
  g_autoptr (GDateTime) time = time_s > 0 ? g_date_time_new_from_unix_local (time_s) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (now_s);

  if (time == NULL || now == NULL)
    return g_strdup ("");

  /* The locale knows how a date and a time are written. */
  return g_date_time_format (time, is_same_day (time, now) ? "%X" : "%x %X");
}

char *
bfy_moment_format_age (gint64 time_s, gint64 now_s, guint n_days_max)
{
  gint64 age_s = now_s - time_s;
  g_autoptr (GDateTime) time = NULL;
  gulong n;

  if (time_s <= 0)
    return g_strdup (_ ("never"));
  if (age_s < MINUTE_S)
    return g_strdup (_ ("just now"));
  if (age_s < HOUR_S)
    {
      n = (gulong) (age_s / MINUTE_S);
      return g_strdup_printf (ngettext ("%lu minute ago", "%lu minutes ago", n), n);
    }
  if (age_s < DAY_S)
    {
      n = (gulong) (age_s / HOUR_S);
      return g_strdup_printf (ngettext ("%lu hour ago", "%lu hours ago", n), n);
    }
  if (age_s < n_days_max * DAY_S)
    {
      n = (gulong) (age_s / DAY_S);
      return g_strdup_printf (ngettext ("%lu day ago", "%lu days ago", n), n);
    }

  time = g_date_time_new_from_unix_local (time_s);

  return time != NULL ? g_date_time_format (time, "%x") : g_strdup (_ ("long ago"));
}

char *
bfy_moment_format_span (gint64 span_s)
{
  gint64 minutes = MAX ((span_s + MINUTE_S / 2) / MINUTE_S, 1);
  gint64 hours = (span_s + HOUR_S / 2) / HOUR_S;
  gint64 days = (span_s + DAY_S / 2) / DAY_S;

  if (span_s < 90 * MINUTE_S)
    return g_strdup_printf (ngettext ("%d minute", "%d minutes", (gulong) minutes), (int) minutes);
  if (span_s < 36 * HOUR_S)
    return g_strdup_printf (ngettext ("%d hour", "%d hours", (gulong) hours), (int) hours);

  return g_strdup_printf (ngettext ("%d day", "%d days", (gulong) days),
                          (int) MIN (days, G_MAXINT));
}

/* The unit that a span is told in, rounded up: what has 61 seconds left has two minutes. */
static gint64
unit_of (gint64 seconds)
{
  if (seconds <= HOUR_S)
    return MINUTE_S;

  return seconds <= 2 * DAY_S ? HOUR_S : DAY_S;
}

char *
bfy_moment_format_wait (gint64 seconds)
{
  gint64 span_s = MAX (seconds, 1);
  gint64 unit = unit_of (span_s);
  gulong n = (gulong) ((span_s + unit - 1) / unit);

  if (span_s <= MINUTE_S)
    return g_strdup (_ ("in less than a minute"));
  switch (unit)
    {
    case MINUTE_S:
      return g_strdup_printf (ngettext ("in %lu minute", "in %lu minutes", n), n);
    case HOUR_S:
      return g_strdup_printf (ngettext ("in %lu hour", "in %lu hours", n), n);
    default:
      return g_strdup_printf (ngettext ("in %lu day", "in %lu days", n), n);
    }
}

gint64
bfy_moment_next_change_s (gint64 end_s, gint64 now_s)
{
  gint64 left_s = end_s - now_s;
  gint64 unit = unit_of (left_s);

  if (left_s <= 1)
    return 1;

  /* To the next full unit below. */
  return (left_s - 1) % unit + 1;
}
