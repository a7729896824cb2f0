/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/when.h"

#include <glib/gi18n.h>

#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)
#define DAYS_MAX 30 /* then the date says more */

char *
bfy_when_ago (gint64 then_s, gint64 now_s)
{
  gint64 age_s = now_s - then_s;
  g_autoptr (GDateTime) time = NULL;

  if (then_s == 0)
    return g_strdup (_ ("never"));
  if (age_s < MINUTE_S)
    return g_strdup (_ ("just now"));
  if (age_s < HOUR_S)
    return g_strdup_printf (
        ngettext ("%d minute ago", "%d minutes ago", (gulong) (age_s / MINUTE_S)),
        (int) (age_s / MINUTE_S));
  if (age_s < DAY_S)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", (gulong) (age_s / HOUR_S)),
                            (int) (age_s / HOUR_S));
  if (age_s < DAYS_MAX * DAY_S)
    return g_strdup_printf (ngettext ("%d day ago", "%d days ago", (gulong) (age_s / DAY_S)),
                            (int) (age_s / DAY_S));

  time = g_date_time_new_from_unix_local (then_s);

  return time != NULL ? g_date_time_format (time, "%x") : g_strdup (_ ("long ago"));
}

char *
bfy_when_span (gint64 span_s)
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
