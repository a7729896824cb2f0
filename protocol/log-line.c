/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/log-line.h"

#include <string.h>

#include "protocol/json.h"
#include "protocol/timestamp.h"

#define OUR_PREFIX                                                                                 \
  "BINDIFY_" /* GLib's own fields say where the code is: that is for the journal                   \
              */

static const char *
name_of (GLogLevelFlags level)
{
  static const struct
  {
    GLogLevelFlags level;
    const char *name;
  } names[] = {
    { G_LOG_LEVEL_ERROR, "error" },     { G_LOG_LEVEL_CRITICAL, "critical" },
    { G_LOG_LEVEL_WARNING, "warning" }, { G_LOG_LEVEL_MESSAGE, "message" },
    { G_LOG_LEVEL_INFO, "info" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if ((level & names[i].level) != 0)
        return names[i].name;
    }

  return "debug";
}

/* Of several the first, or NULL. */
static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, key))
        return fields[i].value;
    }

  return NULL;
}

static void
append_member (GString *line, const char *name, const char *value)
{
  g_string_append_c (line, line->len == 0 ? '{' : ',');
  bfy_json_append_string (line, name, -1);
  g_string_append_c (line, ':');
  if (value != NULL)
    bfy_json_append_string (line, value, -1);
  else
    g_string_append (line, "null");
}

static gboolean
is_shown (const GLogField *fields, gsize i)
{
  return g_str_has_prefix (fields[i].key, OUR_PREFIX) &&
         find_field (fields, i, fields[i].key) == NULL;
}

char *
bfy_log_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gint64 now_ms)
{
  GString *line = g_string_new (NULL);
  g_autofree char *time = bfy_time_ms_to_text (now_ms);
  const char *message = find_field (fields, n_fields, "MESSAGE");

  append_member (line, "timestamp", time);
  append_member (line, "level", name_of (level));
  append_member (line, "domain", find_field (fields, n_fields, "GLIB_DOMAIN"));
  append_member (line, "message", message != NULL ? message : "");
  for (gsize i = 0; i < n_fields; i++)
    {
      g_autofree char *name = NULL;

      if (!is_shown (fields, i))
        continue;
      name = g_ascii_strdown (fields[i].key, -1);
      append_member (line, name, fields[i].value);
    }
  g_string_append (line, "}\n");

  return g_string_free (line, FALSE);
}
