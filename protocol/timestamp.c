/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/timestamp.h"

#include "protocol/error.h"
#include "protocol/json.h"

#define MS_PER_S 1000

char *
bfy_time_to_text (gint64 unix_s)
{
  g_autoptr (GDateTime) time = unix_s != 0 ? g_date_time_new_from_unix_utc (unix_s) : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

char *
bfy_time_ms_to_text (gint64 unix_ms)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *seconds = NULL;

  if (unix_ms <= 0)
    return NULL;
  time = g_date_time_new_from_unix_utc (unix_ms / MS_PER_S);
  if (time == NULL)
    return NULL;
  seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, (int) (unix_ms % MS_PER_S));
}

/* GLib reads more of ISO 8601 than RFC 3339 has: week dates, missing signs and seconds. */
static gboolean
has_rfc3339_shape (const char *text)
{
  static const char shape[] = "dddd-dd-ddTdd:dd:dd";

  for (gsize i = 0; shape[i] != '\0'; i++)
    {
      if (shape[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
        return FALSE;
    }

  return TRUE;
}

static GDateTime *
parse (const char *text)
{
  if (text == NULL || !has_rfc3339_shape (text))
    return NULL;

  return g_date_time_new_from_iso8601 (text, NULL);
}

gint64
bfy_time_from_text (const char *text)
{
  g_autoptr (GDateTime) time = parse (text);

  return time != NULL ? g_date_time_to_unix (time) : 0;
}

gint64
bfy_time_ms_from_text (const char *text)
{
  g_autoptr (GDateTime) time = parse (text);

  if (time == NULL)
    return 0;

  return g_date_time_to_unix (time) * MS_PER_S + g_date_time_get_microsecond (time) / MS_PER_S;
}

void
bfy_time_set_member (JsonObject *object, const char *name, gint64 unix_s)
{
  g_autofree char *text = bfy_time_to_text (unix_s);

  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

gboolean
bfy_time_get_member (JsonObject *object, const char *name, gint64 *unix_s, GError **error)
{
  const char *text = NULL;

  if (!bfy_json_get_string (object, name, &text, error))
    return FALSE;
  *unix_s = bfy_time_from_text (text);
  if (text == NULL || *unix_s != 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
               "“%s” must be a time as in 2026-01-31T12:00:00Z", name);

  return FALSE;
}
