/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/usage.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/timestamp.h"

#define HOUR_S 3600

struct _BfyUsageDay
{
  GHashTable *hours; /* (owned) (element-type utf8 gint64[BFY_SPARKLINE_BARS]) by binding */
};

static const gint64 nothing[BFY_SPARKLINE_BARS];

/* Hours begin at full ones in UTC; the last bar is the one that runs. */
static void
take_span (BfyUsageDay *self, JsonObject *span, gint64 now_s)
{
  const char *name = bfy_field_text (span, "binding");
  gint64 age = now_s / HOUR_S - bfy_time_from_text (bfy_field_text (span, "time")) / HOUR_S;
  gint64 *hours;

  if (age < 0 || age >= BFY_SPARKLINE_BARS)
    return;
  hours = g_hash_table_lookup (self->hours, name);
  if (hours == NULL)
    {
      hours = g_new0 (gint64, BFY_SPARKLINE_BARS);
      g_hash_table_insert (self->hours, g_strdup (name), hours);
    }
  hours[BFY_SPARKLINE_BARS - 1 - age] += CLAMP (bfy_field_int (span, "calls"), 0, G_MAXINT);
}

BfyUsageDay *
bfy_usage_day_new (JsonObject *reply, gint64 now_s)
{
  BfyUsageDay *self = g_new0 (BfyUsageDay, 1);

  self->hours = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; reply != NULL && i < bfy_field_count (reply, "usage"); i++)
    take_span (self, bfy_field_nth (reply, "usage", i), now_s);

  return self;
}

void
bfy_usage_day_free (BfyUsageDay *self)
{
  g_hash_table_unref (self->hours);
  g_free (self);
}

const gint64 *
bfy_usage_day_get_hours (BfyUsageDay *self, const char *binding)
{
  const gint64 *hours = g_hash_table_lookup (self->hours, binding);

  return hours != NULL ? hours : nothing;
}

char *
bfy_usage_day_describe (BfyUsageDay *self, const char *binding)
{
  const gint64 *hours = bfy_usage_day_get_hours (self, binding);
  gint64 sum = 0;

  for (guint i = 0; i < BFY_SPARKLINE_BARS; i++)
    sum += hours[i];
  sum = MIN (sum, G_MAXINT);

  return g_strdup_printf (
      ngettext ("%d call in the last 24 hours", "%d calls in the last 24 hours", (gulong) sum),
      (int) sum);
}

char *
bfy_usage_day_path (gint64 now_s)
{
  gint64 since_ms = (now_s - BFY_SPARKLINE_BARS * HOUR_S) * 1000;

  return g_strdup_printf ("/v1/usage?by=hour&since_ms=%" G_GINT64_FORMAT, since_ms);
}
