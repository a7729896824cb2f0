/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* GKeyFile gives up at the first line that it does not understand and would lose every key of the
 * file with it. So each line is first tried on its own; what remains is a key file without syntax
 * errors. Keys are then taken out of it one by one, and what is left over is unknown. Values are
 * never repeated in a problem: people paste tokens into the wrong place. */

#include "agent/settings.h"

#include <string.h>

#include "agent/lock/lock-record.h"
#include "agent/prompt/prompts.h"
#include "agent/small-file.h"
#include "keyring/keyring.h"
#include "protocol/error.h"
#include "protocol/name.h"
#include "protocol/oauth-url.h"
#include "protocol/policy.h"

#define NAME_SHOWN_MAX 512
#define KEY_SHOWN_MAX 64

typedef struct
{
  const char *name;
  GKeyFile *file;         /* (owned) */
  GStrvBuilder *problems; /* (owned) */
} Reader;

typedef struct
{
  const char *key;
  gsize offset; /* in BfyLimits */
} LimitKey;

static const char *const keyrings[] = { BFY_SETTINGS_KEYRING_AUTO, BFY_KEYRING_SECRET_SERVICE,
                                        BFY_KEYRING_VAULT, BFY_KEYRING_MEMORY, NULL };

static const LimitKey limit_keys[] = {
  { "request_bytes_max", G_STRUCT_OFFSET (BfyLimits, request_bytes_max) },
  { "response_bytes_max", G_STRUCT_OFFSET (BfyLimits, response_bytes_max) },
  { "connect_timeout_ms", G_STRUCT_OFFSET (BfyLimits, connect_timeout_ms) },
  { "response_timeout_ms", G_STRUCT_OFFSET (BfyLimits, response_timeout_ms) },
};

static void G_GNUC_PRINTF (2, 3) add_problem (Reader *self, const char *format, ...)
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
filter_line (Reader *self, const char *line, guint number, gboolean *in_group, GString *good)
{
  gboolean is_header = line[0] == '[';
  gboolean is_good = g_utf8_validate (line, -1, NULL) &&
                     (is_header ? is_key_file (line) : *in_group && is_assignment (line));

  if (is_header)
    *in_group = is_good;
  if (is_good)
    g_string_append_printf (good, "%s\n", line);
  else
    add_problem (self, "line %u is not understood and ignored", number);
}

static void
load_lines (Reader *self, const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  g_autoptr (GString) good = g_string_new (NULL);
  gboolean in_group = FALSE;

  if (strlen (copy) != length)
    {
      add_problem (self, "the file is not text; the defaults are used");
      return;
    }

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (line[0] != '\0' && line[0] != '#')
        filter_line (self, line, i + 1, &in_group, good);
    }
  if (!g_key_file_load_from_data (self->file, good->str, good->len, G_KEY_FILE_NONE, NULL))
    add_problem (self, "the file is not understood; the defaults are used");
}

/* Takes a key out. NULL when it is not there, is not text or is empty. */
static char *
take_text (Reader *self, const char *group, const char *key)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_key_file_has_key (self->file, group, key, NULL))
    return NULL;
  value = g_key_file_get_string (self->file, group, key, &error);
  (void) g_key_file_remove_key (self->file, group, key, NULL);
  if (value == NULL || error != NULL)
    {
      add_problem (self, "[%s] %s is not text; its default is used", group, key);
      return NULL;
    }

  g_strstrip (value);
  if (value[0] == '\0')
    {
      add_problem (self, "[%s] %s is empty; its default is used", group, key);
      return NULL;
    }

  return g_steal_pointer (&value);
}

static gint64
take_number (Reader *self, const char *group, const char *key, gint64 max, gint64 fallback)
{
  g_autofree char *value = take_text (self, group, key);
  gint64 number;

  if (value == NULL)
    return fallback;
  if (!g_ascii_string_to_signed (value, 10, 0, max, &number, NULL))
    {
      add_problem (self,
                   "[%s] %s is not a number from 0 to %" G_GINT64_FORMAT "; its default is used",
                   group, key, max);
      return fallback;
    }

  return number;
}

static char *
take_keyring (Reader *self)
{
  g_autofree char *value = take_text (self, "agent", "keyring");

  if (value == NULL)
    return g_strdup (BFY_SETTINGS_KEYRING_AUTO);
  if (!g_strv_contains (keyrings, value))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) keyrings);

      add_problem (self, "[agent] keyring is none of %s; " BFY_SETTINGS_KEYRING_AUTO " is used",
                   known);
      return g_strdup (BFY_SETTINGS_KEYRING_AUTO);
    }

  return g_steal_pointer (&value);
}

static char *
take_path (Reader *self, const char *group, const char *key)
{
  g_autofree char *value = take_text (self, group, key);

  if (value == NULL || g_path_is_absolute (value))
    return g_steal_pointer (&value);

  add_problem (self, "[%s] %s is not an absolute path; it is ignored", group, key);

  return NULL;
}

/* 0: without end. */
static gint64
take_lifetime (Reader *self)
{
  g_autofree char *value = take_text (self, "agent", "lifetime");
  gint64 lifetime_s = 0;

  if (value != NULL && !g_str_equal (value, "0") && !bfy_duration_parse (value, &lifetime_s, NULL))
    add_problem (self, "[agent] lifetime is no time such as 8h; new bindings do not end");

  return lifetime_s;
}

static gboolean
take_flag (Reader *self, const char *group, const char *key, gboolean fallback)
{
  g_autofree char *value = take_text (self, group, key);

  if (value == NULL)
    return fallback;
  if (g_str_equal (value, "true") || g_str_equal (value, "false"))
    return g_str_equal (value, "true");

  add_problem (self, "[%s] %s is neither true nor false; %s is used", group, key,
               fallback ? "true" : "false");

  return fallback;
}

static char *
take_client_metadata_url (Reader *self)
{
  g_autofree char *value = take_text (self, "oauth", "client-metadata-url");

  if (value == NULL || bfy_oauth_url_check_document (value, NULL))
    return g_steal_pointer (&value);

  add_problem (self, "[oauth] client-metadata-url is not an https:// URL on a public host, with a "
                     "path and nothing behind it; it is ignored");

  return NULL;
}

static gboolean
take_log_format (Reader *self)
{
  g_autofree char *value = take_text (self, "log", "format");

  if (value != NULL && !g_str_equal (value, "text") && !g_str_equal (value, "json"))
    add_problem (self, "[log] format is neither text nor json; text is used");

  return g_strcmp0 (value, "json") == 0;
}

static char *
take_profile (Reader *self)
{
  g_autofree char *value = take_text (self, "policy", "profile");
  const char *const *names = bfy_policy_profile_names ();

  if (value != NULL && !g_strv_contains (names, value))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) names);

      add_problem (self, "[policy] profile is none of %s; " BFY_SETTINGS_PROFILE_DEFAULT " is used",
                   known);
      return g_strdup (BFY_SETTINGS_PROFILE_DEFAULT);
    }

  return value != NULL ? g_steal_pointer (&value) : g_strdup (BFY_SETTINGS_PROFILE_DEFAULT);
}

/* One that is misspelt makes all of them count: the stricter mistake. */
static guint
take_lock_on (Reader *self)
{
  static const struct
  {
    const char *name;
    guint bits;
  } rows[] = { { "none", 0 },
               { "screen", BFY_HELD_SCREEN },
               { "suspend", BFY_HELD_SLEEP },
               { "session", BFY_HELD_SESSION } };
  g_autofree char *value = take_text (self, "lock", "on");
  g_auto (GStrv) words = g_strsplit (value != NULL ? value : "", ",", -1);
  guint bits = 0, n_known = 0;

  for (guint i = 0; words[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (rows); j++)
      if (g_str_equal (g_strstrip (words[i]), rows[j].name))
        {
          bits |= rows[j].bits;
          n_known++;
        }
  if (value != NULL && n_known == g_strv_length (words))
    return bits;
  if (value != NULL)
    add_problem (self, "[lock] on is none, or some of screen, suspend and session with commas "
                       "between them; all of them are used");

  return BFY_HELD_SCREEN | BFY_HELD_SLEEP | BFY_HELD_SESSION;
}

/* Which values a limit may have is decided where limits are: each is asked for alone. */
static void
take_limit (Reader *self, const LimitKey *row, BfyLimits *limits)
{
  BfyLimits alone = { 0 };
  gint64 value = take_number (self, "limits", row->key, G_MAXINT64, 0);
  g_autoptr (GError) error = NULL;

  G_STRUCT_MEMBER (gint64, &alone, row->offset) = value;
  if (bfy_limits_check (&alone, &error))
    G_STRUCT_MEMBER (gint64, limits, row->offset) = value;
  else
    add_problem (self, "[limits] %s; its default is used", error->message);
}

/* Nothing kept would be no log. */
static gint64
take_count (Reader *self, const char *key, gint64 fallback)
{
  gint64 value = take_number (self, "log", key, BFY_RETENTION_EVENTS_LIMIT, fallback);

  if (value > 0)
    return value;
  add_problem (self, "[log] %s is less than 1; its default is used", key);

  return fallback;
}

/* 0: the built-in one. */
static guint
take_prompt_time (Reader *self, const char *key)
{
  gint64 value = take_number (self, "prompts", key, BFY_SETTINGS_PROMPT_MS_MAX, 0);

  if (value == 0 || value >= BFY_SETTINGS_PROMPT_MS_MIN)
    return (guint) value;
  add_problem (self, "[prompts] %s is less than %u; its default is used", key,
               BFY_SETTINGS_PROMPT_MS_MIN);

  return 0;
}

static void
report_unknown (Reader *self)
{
  g_auto (GStrv) groups = g_key_file_get_groups (self->file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (self->file, groups[i], NULL, NULL);
      g_autofree char *group = bfy_text_to_line (groups[i], KEY_SHOWN_MAX);

      for (guint j = 0; keys != NULL && keys[j] != NULL; j++)
        {
          g_autofree char *key = bfy_text_to_line (keys[j], KEY_SHOWN_MAX);

          add_problem (self, "[%s] %s is not a setting; it is ignored", group, key);
        }
    }
}

static BfySettings *
take_all (Reader *reader)
{
  BfySettings *self = g_new0 (BfySettings, 1);
  BfyLimits limits = { 0 };

  self->port =
      (guint16) take_number (reader, "agent", "port", G_MAXUINT16, BFY_SETTINGS_PORT_DEFAULT);
  self->listens_tcp = take_flag (reader, "agent", "tcp", TRUE);
  self->keyring = take_keyring (reader);
  self->vault_key_file = take_path (reader, "agent", "vault-key-file");
  self->collection = take_text (reader, "agent", "collection");
  self->lifetime_s = take_lifetime (reader);
  self->proxy = take_text (reader, "network", "proxy");
  self->proxy_resolves = take_flag (reader, "network", "proxy_resolves", FALSE);
  self->client_metadata_url = take_client_metadata_url (reader);
  self->logs_json = take_log_format (reader);
  self->profile = take_profile (reader);
  self->lock_on = take_lock_on (reader);
  for (guint i = 0; i < G_N_ELEMENTS (limit_keys); i++)
    take_limit (reader, &limit_keys[i], &limits);
  self->limits = bfy_limits_effective (&limits);
  self->retention.events_per_binding =
      take_count (reader, "events_per_binding", BFY_RETENTION_EVENTS_PER_BINDING);
  self->retention.events = take_count (reader, "events", BFY_RETENTION_EVENTS);
  self->retention.days = take_number (reader, "log", "days", BFY_RETENTION_DAYS_LIMIT, 0);
  self->prompt_wait_ms = take_prompt_time (reader, "wait_ms");
  self->prompt_hold_ms = take_prompt_time (reader, "hold_ms");
  self->prompt_life_ms = take_prompt_time (reader, "life_ms");
  self->prompt_quiet_ms = take_prompt_time (reader, "quiet_ms");
  self->prompt_silent_ms = take_prompt_time (reader, "silent_ms");
  self->prompt_beat_ms = take_prompt_time (reader, "beat_ms");
  self->askpass = take_path (reader, "prompts", "askpass");
  report_unknown (reader);
  self->problems = g_strv_builder_end (reader->problems);

  return self;
}

BfySettings *
bfy_settings_parse (const char *text, gsize length, const char *name)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();
  Reader reader = { name, file, problems };

  load_lines (&reader, text, length);

  return take_all (&reader);
}

BfySettings *
bfy_settings_load (const char *path)
{
  gsize length;
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
      bfy_small_file_read (path, BFY_SETTINGS_BYTES_MAX, BFY_SMALL_FILE_FOLLOW, &length, &error);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();
  Reader reader = { path, file, problems };

  if (text != NULL)
    load_lines (&reader, text, length);
  else if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    add_problem (&reader, "%s; the defaults are used", error->message);

  return take_all (&reader);
}

void
bfy_settings_prompt_times (const BfySettings *self, BfyPromptTimes *times)
{
  *times = (BfyPromptTimes){
    .wait_ms = self->prompt_wait_ms,
    .hold_ms = self->prompt_hold_ms,
    .life_ms = self->prompt_life_ms,
    .quiet_ms = self->prompt_quiet_ms,
    .silent_ms = self->prompt_silent_ms,
    .beat_ms = self->prompt_beat_ms,
  };
}

void
bfy_settings_free (BfySettings *self)
{
  if (self == NULL)
    return;

  g_free (self->keyring);
  g_free (self->vault_key_file);
  g_free (self->askpass);
  g_free (self->collection);
  g_free (self->proxy);
  g_free (self->client_metadata_url);
  g_free (self->profile);
  g_strfreev (self->problems);
  g_free (self);
}
