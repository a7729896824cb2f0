/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Which settings there are, and what each of them may be (settings-file.c reads them). */

#include "agent/settings.h"

#include <string.h>

#include "agent/lock/lock-record.h"
#include "agent/prompt/prompts.h"
#include "agent/settings-file.h"
#include "agent/small-file.h"
#include "keyring/keyring.h"
#include "protocol/error.h"
#include "protocol/oauth-url.h"
#include "protocol/policy.h"

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

static char *
take_keyring (BfySettingsFile *self)
{
  g_autofree char *value = bfy_settings_file_take_text (self, "agent", "keyring");

  if (value == NULL)
    return g_strdup (BFY_SETTINGS_KEYRING_AUTO);
  if (!g_strv_contains (keyrings, value))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) keyrings);

      bfy_settings_file_complain (
          self, "[agent] keyring is none of %s; " BFY_SETTINGS_KEYRING_AUTO " is used", known);
      return g_strdup (BFY_SETTINGS_KEYRING_AUTO);
    }

  return g_steal_pointer (&value);
}

/* 0: without end. */
static gint64
take_lifetime (BfySettingsFile *self)
{
  g_autofree char *value = bfy_settings_file_take_text (self, "agent", "lifetime");
  gint64 lifetime_s = 0;

  if (value != NULL && !g_str_equal (value, "0") && !bfy_duration_parse (value, &lifetime_s, NULL))
    bfy_settings_file_complain (self,
                                "[agent] lifetime is no time such as 8h; new bindings do not end");

  return lifetime_s;
}

static char *
take_client_metadata_url (BfySettingsFile *self)
{
  g_autofree char *value = bfy_settings_file_take_text (self, "oauth", "client-metadata-url");

  if (value == NULL || bfy_oauth_url_check_document (value, NULL))
    return g_steal_pointer (&value);

  bfy_settings_file_complain (
      self, "[oauth] client-metadata-url is not an https:// URL on a public host, with a "
            "path and nothing behind it; it is ignored");

  return NULL;
}

static gboolean
take_log_format (BfySettingsFile *self)
{
  g_autofree char *value = bfy_settings_file_take_text (self, "log", "format");

  if (value != NULL && !g_str_equal (value, "text") && !g_str_equal (value, "json"))
    bfy_settings_file_complain (self, "[log] format is neither text nor json; text is used");

  return g_strcmp0 (value, "json") == 0;
}

static char *
take_profile (BfySettingsFile *self)
{
  g_autofree char *value = bfy_settings_file_take_text (self, "policy", "profile");
  const char *const *names = bfy_policy_profile_names ();

  if (value != NULL && !g_strv_contains (names, value))
    {
      g_autofree char *known = g_strjoinv (", ", (char **) names);

      bfy_settings_file_complain (
          self, "[policy] profile is none of %s; " BFY_SETTINGS_PROFILE_DEFAULT " is used", known);
      return g_strdup (BFY_SETTINGS_PROFILE_DEFAULT);
    }

  return value != NULL ? g_steal_pointer (&value) : g_strdup (BFY_SETTINGS_PROFILE_DEFAULT);
}

/* One that is misspelt makes all of them count: the stricter mistake. */
static guint
take_lock_on (BfySettingsFile *self)
{
  static const struct
  {
    const char *name;
    guint bits;
  } rows[] = { { "none", 0 },
               { "screen", BFY_HELD_SCREEN },
               { "suspend", BFY_HELD_SLEEP },
               { "session", BFY_HELD_SESSION } };
  g_autofree char *value = bfy_settings_file_take_text (self, "lock", "on");
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
    bfy_settings_file_complain (
        self, "[lock] on is none, or some of screen, suspend and session with commas "
              "between them; all of them are used");

  return BFY_HELD_SCREEN | BFY_HELD_SLEEP | BFY_HELD_SESSION;
}

/* Which values a limit may have is decided where limits are: each is asked for alone. */
static void
take_limit (BfySettingsFile *self, const LimitKey *row, BfyLimits *limits)
{
  BfyLimits alone = { 0 };
  gint64 value = bfy_settings_file_take_number (self, "limits", row->key, G_MAXINT64, 0);
  g_autoptr (GError) error = NULL;

  G_STRUCT_MEMBER (gint64, &alone, row->offset) = value;
  if (bfy_limits_check (&alone, &error))
    G_STRUCT_MEMBER (gint64, limits, row->offset) = value;
  else
    bfy_settings_file_complain (self, "[limits] %s; its default is used", error->message);
}

/* Nothing kept would be no log. */
static gint64
take_count (BfySettingsFile *self, const char *key, gint64 fallback)
{
  gint64 value =
      bfy_settings_file_take_number (self, "log", key, BFY_RETENTION_EVENTS_LIMIT, fallback);

  if (value > 0)
    return value;
  bfy_settings_file_complain (self, "[log] %s is less than 1; its default is used", key);

  return fallback;
}

/* 0: the built-in one. */
static guint
take_prompt_time (BfySettingsFile *self, const char *key)
{
  gint64 value =
      bfy_settings_file_take_number (self, "prompts", key, BFY_SETTINGS_PROMPT_MS_MAX, 0);

  if (value == 0 || value >= BFY_SETTINGS_PROMPT_MS_MIN)
    return (guint) value;
  bfy_settings_file_complain (self, "[prompts] %s is less than %u; its default is used", key,
                              BFY_SETTINGS_PROMPT_MS_MIN);

  return 0;
}

static BfySettings *
take_all (BfySettingsFile *reader)
{
  BfySettings *self = g_new0 (BfySettings, 1);
  BfyLimits limits = { 0 };

  self->port = (guint16) bfy_settings_file_take_number (reader, "agent", "port", G_MAXUINT16,
                                                        BFY_SETTINGS_PORT_DEFAULT);
  self->listens_tcp = bfy_settings_file_take_flag (reader, "agent", "tcp", TRUE);
  self->keyring = take_keyring (reader);
  self->vault_key_file = bfy_settings_file_take_path (reader, "agent", "vault-key-file");
  self->collection = bfy_settings_file_take_text (reader, "agent", "collection");
  self->lifetime_s = take_lifetime (reader);
  self->bindings_max =
      (guint) bfy_settings_file_take_number (reader, "agent", "bindings_max", G_MAXINT, 0);
  self->proxy = bfy_settings_file_take_text (reader, "network", "proxy");
  self->proxy_resolves = bfy_settings_file_take_flag (reader, "network", "proxy_resolves", FALSE);
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
  self->retention.days =
      bfy_settings_file_take_number (reader, "log", "days", BFY_RETENTION_DAYS_LIMIT, 0);
  self->prompt_wait_ms = take_prompt_time (reader, "wait_ms");
  self->prompt_hold_ms = take_prompt_time (reader, "hold_ms");
  self->prompt_life_ms = take_prompt_time (reader, "life_ms");
  self->prompt_quiet_ms = take_prompt_time (reader, "quiet_ms");
  self->prompt_silent_ms = take_prompt_time (reader, "silent_ms");
  self->prompt_beat_ms = take_prompt_time (reader, "beat_ms");
  self->askpass = bfy_settings_file_take_path (reader, "prompts", "askpass");
  bfy_settings_file_report_unknown (reader);
  self->problems = g_strv_builder_end (reader->problems);

  return self;
}

BfySettings *
bfy_settings_parse (const char *text, gsize length, const char *name)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();
  BfySettingsFile reader = { name, file, problems };

  bfy_settings_file_load (&reader, text, length);

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
  BfySettingsFile reader = { path, file, problems };

  if (text != NULL)
    bfy_settings_file_load (&reader, text, length);
  else if (!g_error_matches (error, BFY_ERROR, BFY_ERROR_NOT_FOUND))
    bfy_settings_file_complain (&reader, "%s; the defaults are used", error->message);

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
