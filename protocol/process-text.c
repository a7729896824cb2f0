/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/process-text.h"

#include <string.h>

#define FIELDS_MAX 20     /* from the state (3) to the start (22) */
#define ID_LENGTH_MAX 255 /* of applications and snaps */
#define FLATPAK_GROUP "Application"
#define SNAP_PREFIX "snap."

/* Positions behind the name, which may itself hold blanks and brackets. */
enum
{
  FIELD_STATE,
  FIELD_PARENT,
  FIELD_GROUP,
  FIELD_SESSION,
  FIELD_TERMINAL,
  FIELD_STARTED_AT = FIELDS_MAX - 1,
};

static const char *
find_last (const char *text, gsize length, char wanted)
{
  while (length > 0)
    if (text[--length] == wanted)
      return text + length;

  return NULL;
}

static gboolean
take_name (const char *text, const char *end, char *name)
{
  const char *begin = memchr (text, '(', (gsize) (end - text));
  gsize length;

  if (begin == NULL)
    return FALSE;
  length = (gsize) (end - begin) - 1;
  if (length >= BFY_PROCESS_NAME_BYTES || memchr (begin, '\0', length + 1) != NULL)
    return FALSE;
  memcpy (name, begin + 1, length);
  name[length] = '\0';

  return TRUE;
}

/* A decimal number up to the next blank or the end; a sign is allowed and lost. */
static gboolean
take_number (const char **at, const char *end, guint64 *number)
{
  const char *p = *at;
  const char *first;

  if (p < end && *p == '-')
    p++;
  first = p;
  for (*number = 0; p < end && g_ascii_isdigit (*p); p++)
    {
      if (*number > (G_MAXUINT64 - 9) / 10)
        return FALSE;
      *number = *number * 10 + (guint64) (*p - '0');
    }
  if (p == first || (p < end && *p != ' ' && *p != '\n'))
    return FALSE;
  *at = p < end ? p + 1 : p;

  return TRUE;
}

gboolean
bfy_process_parse_stat (const char *text, gsize length, BfyProcessStat *stat)
{
  const char *end = text + length;
  const char *at = find_last (text, length, ')');
  guint64 fields[FIELDS_MAX] = { 0 };

  if (at == NULL || end - at < 4 || at[1] != ' ' || !g_ascii_isalpha (at[2]) || at[3] != ' ' ||
      !take_name (text, at, stat->name))
    return FALSE;
  stat->state = at[2];
  at += 4;
  for (guint i = FIELD_PARENT; i < FIELDS_MAX; i++)
    if (!take_number (&at, end, &fields[i]))
      return FALSE;
  if (fields[FIELD_PARENT] > G_MAXINT || fields[FIELD_SESSION] > G_MAXINT ||
      fields[FIELD_TERMINAL] > G_MAXINT)
    return FALSE;

  stat->parent = (int) fields[FIELD_PARENT];
  stat->session = (int) fields[FIELD_SESSION];
  stat->terminal = (int) fields[FIELD_TERMINAL];
  stat->started_at = fields[FIELD_STARTED_AT];

  return TRUE;
}

/* The names in the path of systemd's hierarchy: "0::/…" or "N:name=systemd:/…"; NULL for another
 * line. Free with g_strfreev(). */
static GStrv
split_line (const char *line)
{
  const char *path = strchr (line, ':');

  if (path != NULL && g_str_has_prefix (path, ":name=systemd:"))
    return g_strsplit (path + strlen (":name=systemd:"), "/", -1);

  return g_str_has_prefix (line, "0::") ? g_strsplit (line + strlen ("0::"), "/", -1) : NULL;
}

/* A machine may have both, and use one: the first in which @find finds something. */
static char *
find_in_cgroup (const char *text, gsize length, char *(*find) (const char *const *names, guint n))
{
  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  char *found = NULL;

  for (guint i = 0; lines[i] != NULL && found == NULL; i++)
    {
      g_auto (GStrv) names = split_line (lines[i]);

      if (names != NULL)
        found = find ((const char *const *) names, g_strv_length (names));
    }

  return found;
}

static gboolean
is_unit (const char *name)
{
  return g_str_has_suffix (name, ".scope") || g_str_has_suffix (name, ".service");
}

/* What systemd writes as \x2d. */
static char *
unescape (const char *name)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    {
      gboolean is_escape =
          p[0] == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]);
      int byte = is_escape ? g_ascii_xdigit_value (p[2]) * 16 + g_ascii_xdigit_value (p[3]) : 0;

      if (byte != 0)
        p += 3;
      g_string_append_c (plain, byte != 0 ? (char) byte : *p);
    }

  return g_utf8_make_valid (plain->str, -1);
}

/* app[-LAUNCHER]-ID-RANDOM.scope, app[-LAUNCHER]-ID[@RANDOM].service, app[-LAUNCHER]-ID.slice; in
 * ID a "-" is written \x2d. NULL when it is none of them. */
static char *
take_application (const char *name)
{
  g_autofree char *copy = g_strdup (name);
  char *dot = strrchr (copy, '.');
  g_auto (GStrv) parts = NULL;
  guint n;

  if (!g_str_has_prefix (name, "app-") || dot == NULL ||
      (!is_unit (name) && !g_str_equal (dot, ".slice")))
    return NULL;
  *dot = '\0';
  if (g_str_equal (dot + 1, "service"))
    g_strdelimit (copy, "@", '\0');
  parts = g_strsplit (copy, "-", -1);
  n = g_strv_length (parts);
  if (g_str_equal (dot + 1, "scope") && n > 2)
    n--;
  if (*parts[n - 1] == '\0')
    return NULL;

  return unescape (parts[n - 1]);
}

/* Units that everything of a user, or of a container, is in. */
static gboolean
says_nothing (const char *name)
{
  return g_str_equal (name, "init.scope") || g_str_has_prefix (name, "user@");
}

static char *
find_scope (const char *const *names, guint n)
{
  const char *unit = NULL;

  for (guint i = n; i-- > 0;)
    {
      char *application = take_application (names[i]);

      if (application != NULL)
        return application;
      if (unit == NULL && is_unit (names[i]) && !says_nothing (names[i]))
        unit = names[i];
    }

  return unit != NULL ? unescape (unit) : NULL;
}

char *
bfy_process_parse_scope (const char *text, gsize length)
{
  return find_in_cgroup (text, length, find_scope);
}

static gboolean
is_id (const char *id, gsize length, const char *punctuation)
{
  if (length == 0 || length > ID_LENGTH_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (id[i]) && strchr (punctuation, id[i]) == NULL)
      return FALSE;

  return TRUE;
}

/* "snap.NAME.APP…": NAME */
static char *
take_snap (const char *text)
{
  const char *name = g_str_has_prefix (text, SNAP_PREFIX) ? text + strlen (SNAP_PREFIX) : NULL;
  const char *end = name != NULL ? strchr (name, '.') : NULL;

  return end != NULL && is_id (name, (gsize) (end - name), "-_")
             ? g_strndup (name, (gsize) (end - name))
             : NULL;
}

static char *
find_snap (const char *const *names, guint n)
{
  char *name = NULL;

  for (guint i = n; name == NULL && i-- > 0;)
    if (is_unit (names[i]))
      name = take_snap (names[i]);

  return name;
}

char *
bfy_process_parse_snap (const char *text, gsize length)
{
  g_autofree char *label = g_strndup (text, length);
  char *name = take_snap (label);

  return name != NULL ? name : find_in_cgroup (text, length, find_snap);
}

char *
bfy_process_parse_flatpak (const char *text, gsize length)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *id = NULL;

  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    return NULL;
  id = g_key_file_get_string (file, FLATPAK_GROUP, "name", NULL);

  return id != NULL && is_id (id, strlen (id), ".-_") ? g_steal_pointer (&id) : NULL;
}

char *
bfy_process_parse_script (const char *text, gsize length)
{
  const char *end = text + length;
  const char *first = memchr (text, '\0', length);
  const char *second = first != NULL ? first + 1 : end;
  const char *stop = second < end ? memchr (second, '\0', (gsize) (end - second)) : NULL;
  g_autofree char *path = NULL;

  /* An option may take the next word, and code is not a name. */
  if (stop == NULL || stop == second || *second == '-')
    return NULL;
  path = g_utf8_make_valid (second, stop - second);

  return g_path_get_basename (path);
}

/* "-c", or among other letters: "-lc". */
static gboolean
has_command (const char *text, gsize length)
{
  const char *end = text + length;
  const char *option = memchr (text, '\0', length);

  if (option == NULL || ++option >= end || *option++ != '-')
    return FALSE;
  for (; option < end && g_ascii_isalpha (*option); option++)
    if (*option == 'c')
      return TRUE;

  return FALSE;
}

/* Only where the system keeps its programs: a name can be chosen by anybody. */
gboolean
bfy_process_is_wrapper (const char *program, const char *text, gsize length)
{
  static const char *const shells[] = { "ash", "bash", "dash", "fish", "ksh", "sh", "zsh", NULL };
  static const char *const wrappers[] = { "flock", "setsid", "time", "timeout", "xargs", NULL };
  g_autofree char *folder = g_path_get_dirname (program);
  g_autofree char *name = g_path_get_basename (program);

  if (!g_str_equal (folder, "/usr/bin") && !g_str_equal (folder, "/bin"))
    return FALSE;

  return g_strv_contains (wrappers, name) ||
         (g_strv_contains (shells, name) && has_command (text, length));
}

gboolean
bfy_process_is_interpreter (const char *program)
{
  static const char *const names[] = {
    "ash",  "bash",    "bun",   "busybox", "csh",   "dash", "deno",  "dotnet", "electron",
    "fish", "gjs",     "guile", "java",    "julia", "ksh",  "ld.so", "lua",    "luajit",
    "mksh", "mono",    "node",  "nodejs",  "perl",  "php",  "pwsh",  "pypy",   "python",
    "ruby", "Rscript", "sh",    "tclsh",   "tcsh",  "wish", "yash",  "zsh",    NULL,
  };
  static const char *const prefixes[] = { "ld-linux", "ld-musl", "python", "qemu-", "wine", NULL };
  g_autofree char *name = g_path_get_basename (program);
  gsize length = strlen (name);

  for (guint i = 0; prefixes[i] != NULL; i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  /* "lua5.4", "node-22" */
  while (length > 0 && strchr ("0123456789.-", name[length - 1]) != NULL)
    name[--length] = '\0';

  return g_strv_contains (names, name);
}
