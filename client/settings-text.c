/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/settings-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define NUMBER_DIGITS_MAX 12

typedef struct
{
  const char *group;
  const char *key;
  gboolean is_number;
  const char *words[6]; /* what else it may be; of none nothing is shown */
} Setting;

static const Setting settings[] = {
  { "agent", "port", TRUE, { NULL } },
  { "agent", "tcp", FALSE, { "true", "false", NULL } },
  { "agent", "keyring", FALSE, { "auto", "secret-service", "vault", "memory", NULL } },
  { "agent", "vault-key-file", FALSE, { NULL } },
  { "agent", "collection", FALSE, { "default", "login", "session", NULL } },
  { "network", "proxy", FALSE, { "none", "system", NULL } },
  { "network", "proxy_resolves", FALSE, { "true", "false", NULL } },
  { "oauth", "client-metadata-url", FALSE, { NULL } },
  { "log", "format", FALSE, { "text", "json", NULL } },
  { "log", "events_per_binding", TRUE, { NULL } },
  { "log", "events", TRUE, { NULL } },
  { "log", "days", TRUE, { NULL } },
  { "policy", "profile", FALSE, { "reads-flow", "read-only", "open", NULL } },
  { "limits", "request_bytes_max", TRUE, { NULL } },
  { "limits", "response_bytes_max", TRUE, { NULL } },
  { "limits", "connect_timeout_ms", TRUE, { NULL } },
  { "limits", "response_timeout_ms", TRUE, { NULL } },
};

static const Setting *
find (const char *group, const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].group, group) == 0 && strcmp (settings[i].key, key) == 0)
      return &settings[i];

  return NULL;
}

static gboolean
may_be_shown (const Setting *self, const char *value)
{
  gsize length = strlen (value);

  if (self->is_number)
    return length > 0 && length <= NUMBER_DIGITS_MAX && strspn (value, "0123456789") == length;

  return g_strv_contains (self->words, value);
}

static void
take_setting (GStrvBuilder *lines, const Setting *setting, const char *value)
{
  g_autofree char *line =
      may_be_shown (setting, value)
          ? g_strdup_printf ("[%s] %s=%s", setting->group, setting->key, value)
          : g_strdup_printf (_ ("[%s] %s is set"), setting->group, setting->key);

  g_strv_builder_add (lines, line);
}

/* FALSE for what is not one of our settings. */
static gboolean
take_line (GStrvBuilder *lines, const char *group, char *line)
{
  char *sign = strchr (line, '=');
  const Setting *setting;

  if (sign == NULL)
    return FALSE;
  *sign = '\0';
  setting = find (group, g_strstrip (line));
  if (setting == NULL)
    return FALSE;
  take_setting (lines, setting, g_strstrip (sign + 1));

  return TRUE;
}

GStrv
bfy_settings_text_describe (const char *text)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_auto (GStrv) all = g_strsplit (text, "\n", -1);
  g_autofree char *group = g_strdup ("");
  guint n_unknown = 0;

  for (guint i = 0; all[i] != NULL; i++)
    {
      char *line = g_strstrip (all[i]);
      gsize length = strlen (line);

      if (length == 0 || line[0] == '#')
        continue;
      if (line[0] == '[' && line[length - 1] == ']')
        {
          g_free (group);
          group = g_strndup (line + 1, length - 2);
          continue;
        }
      n_unknown += !take_line (lines, group, line);
    }
  if (n_unknown > 0)
    {
      g_autofree char *line = g_strdup_printf (
          ngettext ("%u line that is no setting", "%u lines that are no settings", n_unknown),
          n_unknown);

      g_strv_builder_add (lines, line);
    }

  return g_strv_builder_end (lines);
}
