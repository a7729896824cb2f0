/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/setting.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "agent/prompt/prompts.h"
#include "agent/settings.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define NAME_SHOWN_MAX 64
#define VALUE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,-_ "

/* clang-format off */
static const BfySetting settings[] = {
  { "agent.port", G_STRINGIFY (BFY_SETTINGS_PORT_DEFAULT), BFY_SETTING_AT_RESTART,
    N_ ("the port on this computer at which programs with a key are served; 0 is any free one") },
  { "agent.tcp", "true", BFY_SETTING_AT_RESTART,
    N_ ("whether programs with a key are served at a port at all: true or false") },
  { "agent.keyring", BFY_SETTINGS_KEYRING_AUTO, BFY_SETTING_AT_RESTART,
    N_ ("where new credentials rest: auto, secret-service, vault or memory") },
  { "agent.lifetime", "0", BFY_SETTING_AT_ONCE,
    N_ ("how long new bindings last for which nothing else is said, such as 8h; 0 is for good") },
  { "agent.bindings_max", "0", BFY_SETTING_AT_RESTART,
    N_ ("how many bindings that are not paused there may be; 0 is any number") },
  { "lock.on", "screen,suspend,session", BFY_SETTING_AT_ONCE,
    N_ ("what locks the agent by itself: some of screen, suspend and session, or none") },
  { "policy.profile", BFY_SETTINGS_PROFILE_DEFAULT, BFY_SETTING_AT_ONCE,
    N_ ("what new bindings permit: reads-flow, read-only or open") },
  { "prompts.wait_ms", G_STRINGIFY (BFY_PROMPT_WAIT_MS), BFY_SETTING_AT_ONCE,
    N_ ("how long a request waits for an answer of yours, in milliseconds") },
  { "prompts.hold_ms", G_STRINGIFY (BFY_PROMPT_HOLD_MS), BFY_SETTING_AT_ONCE,
    N_ ("how long a request waits that can be kept alive meanwhile, in milliseconds") },
  { "prompts.life_ms", G_STRINGIFY (BFY_PROMPT_LIFE_MS), BFY_SETTING_AT_ONCE,
    N_ ("how long a question stays on the screen, in milliseconds") },
  { "prompts.quiet_ms", "300000", BFY_SETTING_AT_ONCE,
    N_ ("how long you are not asked about a program after too many questions, in milliseconds") },
  { "log.events_per_binding", G_STRINGIFY (BFY_RETENTION_EVENTS_PER_BINDING), BFY_SETTING_AT_ONCE,
    N_ ("how many events are kept of each binding") },
  { "log.events", G_STRINGIFY (BFY_RETENTION_EVENTS), BFY_SETTING_AT_ONCE,
    N_ ("how many other events are kept") },
  { "log.days", "0", BFY_SETTING_AT_ONCE,
    N_ ("how many days events are kept; 0 is as long as there is room") },
};

/* Those that take an editor: known, so that nobody looks for a mistake in the spelling. */
static const char *const by_editor[] = {
  "agent.vault-key-file", "agent.collection", "network.proxy", "network.proxy_resolves",
  "oauth.client-metadata-url", "log.format", "prompts.silent_ms", "prompts.beat_ms",
  "prompts.askpass", "limits.request_bytes_max", "limits.response_bytes_max",
  "limits.connect_timeout_ms", "limits.response_timeout_ms", NULL
};
/* clang-format on */

const BfySetting *
bfy_setting_nth (guint n)
{
  return n < G_N_ELEMENTS (settings) ? &settings[n] : NULL;
}

const BfySetting *
bfy_setting_find (const char *name, GError **error)
{
  g_autofree char *shown = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      if (g_str_equal (settings[i].name, name))
        return &settings[i];
    }

  shown = bfy_text_to_line (name, NAME_SHOWN_MAX);
  if (g_strv_contains (by_editor, name))
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                 "“%s” is changed with an editor only, in bindify.conf; then start the agent anew",
                 shown);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no setting called “%s”", shown);

  return NULL;
}

/* @key: borrowed from the name. */
static char *
split_name (const BfySetting *self, const char **key)
{
  const char *dot = strchr (self->name, '.');

  *key = dot + 1;

  return g_strndup (self->name, dot - self->name);
}

/* Of the line that the reader would write into the log: “FILE: what is wrong; what is used”. */
static char *
cut_problem (const char *problem)
{
  const char *start = strstr (problem, ": ");
  const char *end = strrchr (problem, ';');

  start = start != NULL ? start + 2 : problem;

  return end != NULL && end > start ? g_strndup (start, end - start) : g_strdup (start);
}

gboolean
bfy_setting_check (const BfySetting *self, const char *value, GError **error)
{
  gsize length = strnlen (value, BFY_SETTING_VALUE_BYTES_MAX + 1);
  const char *key;
  g_autofree char *group = split_name (self, &key);
  g_autofree char *text = NULL;
  g_autofree char *problem = NULL;
  g_autoptr (BfySettings) parsed = NULL;

  if (length > BFY_SETTING_VALUE_BYTES_MAX || value[strspn (value, VALUE_CHARACTERS)] != '\0' ||
      value[strspn (value, " ")] == '\0')
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "“%s” takes words and numbers of at most %d characters: %s", self->name,
                   BFY_SETTING_VALUE_BYTES_MAX, self->meaning);
      return FALSE;
    }
  text = g_strdup_printf ("[%s]\n%s=%s\n", group, key, value);
  parsed = bfy_settings_parse (text, strlen (text), "x");
  if (parsed->problems[0] == NULL)
    return TRUE;

  problem = cut_problem (parsed->problems[0]);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "%s. It is %s", problem,
               self->meaning);

  return FALSE;
}

/* Reading and writing go through the lines of the file, one after the other. */

typedef enum
{
  LINE_OTHER,
  LINE_GROUP,   /* begins our group, or another one */
  LINE_SETTING, /* gives our setting a value */
} LineKind;

typedef struct
{
  const char *group;
  const char *key;
  gboolean is_inside; /* of our group */
  const char *value;  /* behind the "=" of the last LINE_SETTING */
} Scan;

static LineKind
scan_line (Scan *self, const char *line)
{
  g_autofree char *text = g_strstrip (g_strdup (line));
  gsize length = strlen (text);
  char *sign;

  if (text[0] == '[')
    {
      self->is_inside = length > 2 && text[length - 1] == ']' &&
                        strlen (self->group) == length - 2 &&
                        strncmp (text + 1, self->group, length - 2) == 0;
      return LINE_GROUP;
    }
  sign = strchr (text, '=');
  if (!self->is_inside || text[0] == '#' || sign == NULL)
    return LINE_OTHER;
  *sign = '\0';
  if (!g_str_equal (g_strchomp (text), self->key))
    return LINE_OTHER;
  self->value = strchr (line, '=') + 1;

  return LINE_SETTING;
}

char *
bfy_setting_read (const BfySetting *self, const char *text)
{
  Scan scan = { 0 };
  g_autofree char *group = split_name (self, &scan.key);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *value = NULL;

  scan.group = group;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (scan_line (&scan, lines[i]) != LINE_SETTING)
        continue;
      g_free (value);
      value = g_strstrip (g_strdup (scan.value));
    }

  return value != NULL && bfy_setting_check (self, value, NULL) ? g_steal_pointer (&value) : NULL;
}

static gboolean
is_blank (const char *line)
{
  return line[strspn (line, " \t\r")] == '\0';
}

/* A new key stands at the end of its group, before the blank lines that part it from the next. */
static void
insert_behind_group (GPtrArray *lines, gint at, char *line)
{
  while (at > 0 && is_blank (g_ptr_array_index (lines, at - 1)))
    at--;
  g_ptr_array_insert (lines, at, line);
}

static void
append_group (GPtrArray *lines, const char *group, char *line)
{
  while (lines->len > 0 && is_blank (g_ptr_array_index (lines, lines->len - 1)))
    g_ptr_array_remove_index (lines, lines->len - 1);
  if (lines->len > 0)
    g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, g_strdup_printf ("[%s]", group));
  g_ptr_array_add (lines, line);
  g_ptr_array_add (lines, g_strdup (""));
}

static char *
join (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

char *
bfy_setting_write (const BfySetting *self, const char *text, const char *value)
{
  Scan scan = { 0 };
  g_autofree char *group = split_name (self, &scan.key);
  g_auto (GStrv) old = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *line = value != NULL ? g_strdup_printf ("%s=%s", scan.key, value) : NULL;
  gint group_end = -1; /* behind the last line of the first section of our group */

  scan.group = group;
  for (guint i = 0; old[i] != NULL; i++)
    {
      gboolean was_inside = scan.is_inside;
      LineKind kind = scan_line (&scan, old[i]);

      if (kind == LINE_GROUP && was_inside && group_end < 0)
        group_end = (gint) lines->len;
      if (kind != LINE_SETTING)
        g_ptr_array_add (lines, g_strdup (old[i]));
      else if (line != NULL)
        g_ptr_array_add (lines, g_steal_pointer (&line));
    }
  if (line == NULL)
    return join (lines);

  if (group_end < 0 && scan.is_inside)
    group_end = (gint) lines->len;
  if (group_end >= 0)
    insert_behind_group (lines, group_end, g_steal_pointer (&line));
  else
    append_group (lines, group, g_steal_pointer (&line));

  return join (lines);
}
