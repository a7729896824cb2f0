/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* GKeyFile gives up at the first line that it does not understand and would lose every key of the
 * file with it. So each line is first tried on its own; what remains is a key file without syntax
 * errors. Keys are then taken out of it one by one, and what is left over is unknown. Values are
 * never repeated in a problem: people paste tokens into the wrong place. */

#include "agent/settings-file.h"

#include <string.h>

#include "protocol/name.h"

#define NAME_SHOWN_MAX 512
#define KEY_SHOWN_MAX 64

void
bfy_settings_file_complain (BfySettingsFile *self, const char *format, ...)
{
  g_autofree char *name = bfy_text_to_line (self->name, NAME_SHOWN_MAX);
  g_autofree char *what = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strdup_printf ("%s: %s", name, what);
  g_strv_builder_add (self->problems, line);
}

static gboolean
is_key_file (const char *text)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  return g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL);
}

static gboolean
is_assignment (const char *line)
{
  g_autofree char *text = g_strdup_printf ("[x]\n%s\n", line);

  return is_key_file (text);
}

/* Appends the line to @good unless it is not understood. Lines behind a damaged [group] belong to
 * nobody: @in_group is FALSE until the next one. */
static void
filter_line (
    BfySettingsFile *self, const char *line, guint number, gboolean *in_group, GString *good)
{
  gboolean is_header = line[0] == '[';
  gboolean is_good = g_utf8_validate (line, -1, NULL) &&
                     (is_header ? is_key_file (line) : *in_group && is_assignment (line));

  if (is_header)
    *in_group = is_good;
  if (is_good)
    g_string_append_printf (good, "%s\n", line);
  else
    bfy_settings_file_complain (self, "line %u is not understood and ignored", number);
}

void
bfy_settings_file_load (BfySettingsFile *self, const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  g_autoptr (GString) good = g_string_new (NULL);
  gboolean in_group = FALSE;

  if (strlen (copy) != length)
    {
      bfy_settings_file_complain (self, "the file is not text; the defaults are used");
      return;
    }

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (line[0] != '\0' && line[0] != '#')
        filter_line (self, line, i + 1, &in_group, good);
    }
  if (!g_key_file_load_from_data (self->file, good->str, good->len, G_KEY_FILE_NONE, NULL))
    bfy_settings_file_complain (self, "the file is not understood; the defaults are used");
}

/* Takes a key out. NULL when it is not there, is not text or is empty. */
char *
bfy_settings_file_take_text (BfySettingsFile *self, const char *group, const char *key)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_key_file_has_key (self->file, group, key, NULL))
    return NULL;
  value = g_key_file_get_string (self->file, group, key, &error);
  (void) g_key_file_remove_key (self->file, group, key, NULL);
  if (value == NULL || error != NULL)
    {
      bfy_settings_file_complain (self, "[%s] %s is not text; its default is used", group, key);
      return NULL;
    }

  g_strstrip (value);
  if (value[0] == '\0')
    {
      bfy_settings_file_complain (self, "[%s] %s is empty; its default is used", group, key);
      return NULL;
    }

  return g_steal_pointer (&value);
}

gint64
bfy_settings_file_take_number (
    BfySettingsFile *self, const char *group, const char *key, gint64 max, gint64 fallback)
{
  g_autofree char *value = bfy_settings_file_take_text (self, group, key);
  gint64 number;

  if (value == NULL)
    return fallback;
  if (!g_ascii_string_to_signed (value, 10, 0, max, &number, NULL))
    {
      bfy_settings_file_complain (
          self, "[%s] %s is not a number from 0 to %" G_GINT64_FORMAT "; its default is used",
          group, key, max);
      return fallback;
    }

  return number;
}

char *
bfy_settings_file_take_path (BfySettingsFile *self, const char *group, const char *key)
{
  g_autofree char *value = bfy_settings_file_take_text (self, group, key);

  if (value == NULL || g_path_is_absolute (value))
    return g_steal_pointer (&value);

  bfy_settings_file_complain (self, "[%s] %s is not an absolute path; it is ignored", group, key);

  return NULL;
}

gboolean
bfy_settings_file_take_flag (BfySettingsFile *self,
                             const char *group,
                             const char *key,
                             gboolean fallback)
{
  g_autofree char *value = bfy_settings_file_take_text (self, group, key);

  if (value == NULL)
    return fallback;
  if (g_str_equal (value, "true") || g_str_equal (value, "false"))
    return g_str_equal (value, "true");

  bfy_settings_file_complain (self, "[%s] %s is neither true nor false; %s is used", group, key,
                              fallback ? "true" : "false");

  return fallback;
}

void
bfy_settings_file_report_unknown (BfySettingsFile *self)
{
  g_auto (GStrv) groups = g_key_file_get_groups (self->file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (self->file, groups[i], NULL, NULL);
      g_autofree char *group = bfy_text_to_line (groups[i], KEY_SHOWN_MAX);

      for (guint j = 0; keys != NULL && keys[j] != NULL; j++)
        {
          g_autofree char *key = bfy_text_to_line (keys[j], KEY_SHOWN_MAX);

          bfy_settings_file_complain (self, "[%s] %s is not a setting; it is ignored", group, key);
        }
    }
}
