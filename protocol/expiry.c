/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/expiry.h"

#include <string.h>

#include "protocol/error.h"

#define SECONDS_MAX (G_GINT64_CONSTANT (3660) * 24 * 60 * 60)

/* How much later @end is than @start, at most G_MAXINT64 - 1: an end that was read from a file may
 * be any number. */
static gint64
get_distance (gint64 start, gint64 end)
{
  gint64 distance;

  if (end <= start)
    return 0;

  return __builtin_sub_overflow (end, start, &distance) ? G_MAXINT64 - 1
                                                        : MIN (distance, G_MAXINT64 - 1);
}

BfyExpiry
bfy_expiry_after (const BfyMoment *now, gint64 duration_ms)
{
  BfyExpiry expiry = { .boot_ms = now->boot_ms + duration_ms,
                       .wall_s = now->wall_s + duration_ms / 1000 + (duration_ms % 1000 > 0) };

  g_strlcpy (expiry.boot_id, now->boot_id, sizeof expiry.boot_id);

  return expiry;
}

gboolean
bfy_expiry_is_set (const BfyExpiry *self)
{
  return self->wall_s != 0;
}

gint64
bfy_expiry_remaining_ms (const BfyExpiry *self, const BfyMoment *now)
{
  gboolean is_same_boot = *self->boot_id != '\0' && strcmp (self->boot_id, now->boot_id) == 0;
  gint64 rest_s;

  if (!bfy_expiry_is_set (self))
    return G_MAXINT64;
  if (is_same_boot)
    return get_distance (now->boot_ms, self->boot_ms);
  rest_s = get_distance (now->wall_s, self->wall_s);

  return MIN (rest_s, (G_MAXINT64 - 1) / 1000) * 1000;
}

static gint64
unit_of (char letter)
{
  switch (letter)
    {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 60 * 60;
    case 'd':
      return 24 * 60 * 60;
    case 'w':
      return 7 * 24 * 60 * 60;
    default:
      return 0;
    }
}

/* One number with its unit, added to @seconds; FALSE when there is none. */
static gboolean
take_part (const char **text, gint64 *seconds)
{
  gint64 number = 0;
  gint64 unit;
  const char *at = *text;

  for (; g_ascii_isdigit (*at); at++)
    {
      number = number * 10 + (*at - '0');
      if (number > SECONDS_MAX)
        return FALSE;
    }
  if (at == *text)
    return FALSE;
  unit = *at == '\0' ? 1 : unit_of (g_ascii_tolower (*at));
  *text = *at == '\0' ? at : at + 1;
  *seconds += number * unit;

  return unit != 0 && *seconds <= SECONDS_MAX;
}

static gboolean
take_parts (const char *text, gint64 *seconds)
{
  while (*text != '\0')
    if (!take_part (&text, seconds))
      return FALSE;

  return *seconds > 0;
}

gboolean
bfy_duration_parse (const char *text, gint64 *seconds, GError **error)
{
  gint64 sum = 0;

  if (take_parts (text, &sum))
    {
      *seconds = sum;
      return TRUE;
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       "A time is a number of seconds, or one with s, m, h, d or w behind it, such "
                       "as 8h or 1h30m; at most ten years");
  return FALSE;
}
