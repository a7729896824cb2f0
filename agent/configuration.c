/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "agent/lock/lock.h"
#include "agent/prompt/prompts.h"
#include "agent/small-file.h"
#include "keyring/safe-file.h"
#include "protocol/error.h"

struct _BfyConfiguration
{
  BfyAgent *agent;
  BfySettings *settings;  /* borrowed */
  char *path;             /* (owned) */
  GHashTable *running;    /* (owned) name → value */
  GHashTable *overridden; /* (owned) set of names */
};

/* A missing file is an empty one. */
static char *
read_text (BfyConfiguration *self, GError **error)
{
  gsize length;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = bfy_small_file_read (self->path, BFY_SETTINGS_BYTES_MAX,
                                               BFY_SMALL_FILE_FOLLOW, &length, &local_error);

  if (g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    return g_strdup ("");
  if (text == NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error),
                                  "“%s” cannot be read: ", self->path);
      return NULL;
    }
  if (strlen (text) != length || !g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” is not text; move it away, and a new one is made", self->path);
      return NULL;
    }

  return g_steal_pointer (&text);
}

static char *
effective (const BfySetting *setting, const char *text)
{
  char *value = bfy_setting_read (setting, text);

  return value != NULL ? value : g_strdup (setting->fallback);
}

BfyConfiguration *
bfy_configuration_new (BfyAgent *agent, const char *path, BfySettings *settings)
{
  BfyConfiguration *self = g_new0 (BfyConfiguration, 1);
  g_autofree char *text = NULL;
  const BfySetting *setting;

  self->agent = agent;
  self->settings = settings;
  self->path = g_strdup (path);
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->overridden = g_hash_table_new (g_str_hash, g_str_equal);
  text = read_text (self, NULL);
  for (guint i = 0; (setting = bfy_setting_nth (i)) != NULL; i++)
    g_hash_table_insert (self->running, (gpointer) setting->name,
                         effective (setting, text != NULL ? text : ""));

  return self;
}

void
bfy_configuration_free (BfyConfiguration *self)
{
  g_hash_table_unref (self->running);
  g_hash_table_unref (self->overridden);
  g_free (self->path);
  g_free (self);
}

void
bfy_configuration_override (BfyConfiguration *self, const char *name, const char *value)
{
  const BfySetting *setting = bfy_setting_find (name, NULL);

  g_return_if_fail (setting != NULL);

  g_hash_table_insert (self->running, (gpointer) setting->name, g_strdup (value));
  g_hash_table_add (self->overridden, (gpointer) setting->name);
}

const char *
bfy_configuration_get_path (const BfyConfiguration *self)
{
  return self->path;
}

static JsonObject *
describe_one (BfyConfiguration *self, const BfySetting *setting, const char *text)
{
  JsonObject *object = json_object_new ();
  g_autofree char *written = bfy_setting_read (setting, text);
  const char *value = written != NULL ? written : setting->fallback;
  const char *running = g_hash_table_lookup (self->running, setting->name);
  gboolean is_overridden = g_hash_table_contains (self->overridden, setting->name);

  json_object_set_string_member (object, "name", setting->name);
  json_object_set_string_member (object, "value", value);
  json_object_set_string_member (object, "default", setting->fallback);
  json_object_set_string_member (object, "running", running);
  json_object_set_boolean_member (object, "is_set", written != NULL);
  json_object_set_boolean_member (object, "is_overridden", is_overridden);
  json_object_set_string_member (object, "applies",
                                 setting->applies == BFY_SETTING_AT_ONCE ? "at_once" : "restart");
  json_object_set_boolean_member (object, "needs_restart",
                                  !is_overridden && !g_str_equal (running, value));
  json_object_set_string_member (object, "meaning", setting->meaning);

  return object;
}

JsonObject *
bfy_configuration_describe (BfyConfiguration *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();
  JsonArray *problems = json_array_new ();
  g_autoptr (BfySettings) settings = bfy_settings_load (self->path);
  g_autofree char *text = read_text (self, NULL);
  const BfySetting *setting;

  for (guint i = 0; (setting = bfy_setting_nth (i)) != NULL; i++)
    json_array_add_object_element (list, describe_one (self, setting, text != NULL ? text : ""));
  for (guint i = 0; settings->problems[i] != NULL; i++)
    json_array_add_string_element (problems, settings->problems[i]);
  json_object_set_string_member (object, "file", self->path);
  json_object_set_array_member (object, "settings", list);
  json_object_set_array_member (object, "problems", problems);

  return object;
}

static gboolean
fail_path (const char *path, const char *why, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, "“%s” %s", path, why);

  return FALSE;
}

/* Renaming would replace what its owner has closed for writing. */
static gboolean
check_file (const char *path, GError **error)
{
  struct stat status;

  if (lstat (path, &status) != 0)
    return TRUE;
  if (!S_ISREG (status.st_mode))
    return fail_path (path, "is not a regular file; remove it", error);
  if (status.st_uid != geteuid ())
    return fail_path (path, "belongs to another user, who has to change it", error);
  if ((status.st_mode & S_IWUSR) == 0)
    return fail_path (path, "is read-only; “chmod u+w” lets it be changed", error);

  return TRUE;
}

static gboolean
check_folder (const char *path, GError **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return fail_path (path, g_strerror (errno), error);
  if (status.st_uid != geteuid () || (status.st_mode & 022) != 0)
    return fail_path (path, "can be changed by other users; “chmod go-w” makes it yours", error);

  return TRUE;
}

/* Where a symbolic link leads, as those have it who keep their settings elsewhere; a missing file
 * may be made, but not behind a link that leads nowhere. */
static char *
resolve (BfyConfiguration *self, GError **error)
{
  char *resolved = realpath (self->path, NULL);
  g_autofree char *folder = g_path_get_dirname (self->path);
  struct stat status;
  char *path;

  if (resolved != NULL)
    {
      path = g_strdup (resolved);
      free (resolved);
      return path;
    }
  if (lstat (self->path, &status) == 0)
    {
      fail_path (self->path, "is a symbolic link that leads nowhere; remove it", error);
      return NULL;
    }
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "“%s” cannot be made: %s", folder,
                   g_strerror (errno));
      return NULL;
    }

  return g_strdup (self->path);
}

static gboolean
write_text (BfyConfiguration *self, const char *text, GError **error)
{
  g_autofree char *path = resolve (self, error);
  g_autofree char *folder = NULL;
  g_autofree char *real_folder = NULL;
  g_autofree char *name = NULL;
  g_autoptr (BfySafeDirectory) directory = NULL;

  if (path == NULL)
    return FALSE;
  if (strlen (text) > BFY_SETTINGS_BYTES_MAX)
    return fail_path (path, "would become too large; take out what is not needed", error);
  folder = g_path_get_dirname (path);
  real_folder = realpath (folder, NULL);
  name = g_path_get_basename (path);
  if (!check_file (path, error) || !check_folder (folder, error))
    return FALSE;
  directory = bfy_safe_directory_open_foreign (real_folder != NULL ? real_folder : folder, error);

  return directory != NULL &&
         bfy_safe_directory_replace (directory, name, text, strlen (text), error);
}

/* What is wanted at once, from what the file says now; the rest stays as it has begun. */
static void
apply (BfyConfiguration *self, const char *text)
{
  BfyAgent *agent = self->agent;
  BfySettings *running = self->settings;
  g_autoptr (BfySettings) wanted = bfy_settings_parse (text, strlen (text), self->path);
  BfyPromptTimes times;

  running->lock_on = wanted->lock_on;
  running->retention = wanted->retention;
  running->prompt_wait_ms = wanted->prompt_wait_ms;
  running->prompt_hold_ms = wanted->prompt_hold_ms;
  running->prompt_life_ms = wanted->prompt_life_ms;
  running->prompt_quiet_ms = wanted->prompt_quiet_ms;
  g_free (running->profile);
  running->profile = g_steal_pointer (&wanted->profile);
  agent->profile = running->profile;
  if (!g_hash_table_contains (self->overridden, "agent.lifetime"))
    running->lifetime_s = agent->lifetime_s = wanted->lifetime_s;
  bfy_settings_prompt_times (running, &times);
  bfy_prompts_set_times (agent->prompts, &times);
  bfy_store_set_retention (agent->store, &running->retention);
  bfy_lock_set_triggers (agent->lock, running->lock_on);
}

/* So that a setting which applies at once is not said to need a restart. */
static void
note_running (BfyConfiguration *self, const char *text)
{
  const BfySetting *setting;

  for (guint i = 0; (setting = bfy_setting_nth (i)) != NULL; i++)
    {
      if (setting->applies == BFY_SETTING_AT_ONCE &&
          !g_hash_table_contains (self->overridden, setting->name))
        g_hash_table_insert (self->running, (gpointer) setting->name, effective (setting, text));
    }
}

gboolean
bfy_configuration_change (BfyConfiguration *self,
                          const BfyConfigurationChange *changes,
                          gsize n_changes,
                          GError **error)
{
  g_autofree char *text = read_text (self, error);

  if (text == NULL)
    return FALSE;
  for (gsize i = 0; i < n_changes; i++)
    {
      char *changed = bfy_setting_write (changes[i].setting, text, changes[i].value);

      g_free (text);
      text = changed;
    }
  if (!write_text (self, text, error))
    return FALSE;

  apply (self, text);
  note_running (self, text);

  return TRUE;
}
