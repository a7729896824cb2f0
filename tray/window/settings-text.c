/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/settings-text.h"

#include <glib/gi18n.h>

#include "client/fields.h"

static const guint waits_s[] = { 15, 35, 60, 120, 300 };

guint
bfy_settings_text_triggers (const char *value, const char *const *names, guint n_names)
{
  g_auto (GStrv) words = g_strsplit (value, ",", -1);
  guint triggers = 0;

  for (guint i = 0; words[i] != NULL; i++)
    for (guint j = 0; j < n_names; j++)
      if (g_str_equal (g_strstrip (words[i]), names[j]))
        triggers |= 1u << j;

  return triggers;
}

char *
bfy_settings_text_join_triggers (guint triggers, const char *const *names, guint n_names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  for (guint i = 0; i < n_names; i++)
    if (triggers & (1u << i))
      g_strv_builder_add (builder, names[i]);
  words = g_strv_builder_end (builder);

  return words[0] != NULL ? g_strjoinv (",", words) : g_strdup ("none");
}

GtkStringList *
bfy_settings_text_list_waits (void)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (waits_s); i++)
    {
      gulong n = waits_s[i] < 60 ? waits_s[i] : waits_s[i] / 60;

      gtk_string_list_take (
          list, waits_s[i] < 60 ? g_strdup_printf (ngettext ("%lu second", "%lu seconds", n), n)
                                : g_strdup_printf (ngettext ("%lu minute", "%lu minutes", n), n));
    }

  return list;
}

guint
bfy_settings_text_find_wait (const char *wait_ms)
{
  gint64 wanted_ms = (gint64) g_ascii_strtoull (wait_ms, NULL, 10);
  guint nearest = 0;

  for (guint i = 1; i < G_N_ELEMENTS (waits_s); i++)
    if (ABS (waits_s[i] * G_GINT64_CONSTANT (1000) - wanted_ms) <
        ABS (waits_s[nearest] * G_GINT64_CONSTANT (1000) - wanted_ms))
      nearest = i;

  return nearest;
}

char *
bfy_settings_text_format_wait (guint index)
{
  return index < G_N_ELEMENTS (waits_s) ? g_strdup_printf ("%u", waits_s[index] * 1000) : NULL;
}

char *
bfy_settings_text_later (JsonObject *reply)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;

  for (guint i = 0; i < bfy_field_count (reply, "settings"); i++)
    {
      JsonObject *setting = bfy_field_nth (reply, "settings", i);

      if (bfy_field_boolean (setting, "needs_restart"))
        g_strv_builder_add (builder, bfy_field_text (setting, "name"));
    }
  names = g_strv_builder_end (builder);
  if (names[0] == NULL)
    return NULL;
  list = g_strjoinv (_ (", "), names);

  return g_strdup_printf (_ ("Until then the agent goes by the former values of these: %s. In a "
                             "terminal: systemctl --user "
                             "restart bindify"),
                          list);
}
