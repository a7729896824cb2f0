/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bundle.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bfy-config.h"
#include "client/fields.h"
#include "client/settings-text.h"
#include "protocol/log.h"
#include "protocol/name.h"

#define LINE_MAX_BYTES 2000
#define NAME_MIN 2 /* shorter ones are in every word */

/* What is called how in the report. */
typedef struct
{
  GPtrArray *names;  /* (owned) (element-type utf8) longest first */
  GHashTable *named; /* (owned) name → what stands for it */
} Names;

static void
names_clear (Names *self)
{
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->named);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Names, names_clear)

static void
take_name (Names *self, const char *name, char *stand_in)
{
  if (strlen (name) < NAME_MIN || g_hash_table_contains (self->named, name))
    {
      g_free (stand_in);
      return;
    }
  g_ptr_array_add (self->names, g_strdup (name));
  g_hash_table_insert (self->named, g_strdup (name), stand_in);
}

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  gsize first = strlen (*(const char *const *) a);
  gsize second = strlen (*(const char *const *) b);

  return (first < second) - (first > second);
}

/* Services keep their names: what a binding is called may be the person's secret, that it leads to
 * GitHub is what the report is about. */
static void
take_members (
    Names *self, JsonObject *reply, const char *member, const char *name, const char *kind)
{
  guint n = reply != NULL ? bfy_field_count (reply, member) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = bfy_field_nth (reply, member, i);

      take_name (self, bfy_field_text (object, name), g_strdup_printf ("%s-%u", kind, i + 1));
      take_name (self, bfy_field_text (object, "id"), g_strdup_printf ("%s-%u", kind, i + 1));
      take_name (self, bfy_field_text (object, "account"), g_strdup ("(account)"));
    }
}

static void
collect_names (Names *self, const BfyBundle *bundle)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->named = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (bundle->home != NULL && strlen (bundle->home) > 1)
    take_name (self, bundle->home, g_strdup ("~"));
  if (!bundle->shows_names)
    {
      take_members (self, bundle->bindings, "bindings", "name", "binding");
      take_members (self, bundle->clients, "clients", "label", "client");
    }
  g_ptr_array_sort (self->names, compare_lengths);
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static const char *
match (const Names *self, const char *p)
{
  for (guint i = 0; i < self->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->names, i);

      if (g_str_has_prefix (p, name) && !is_word (p[strlen (name)]))
        return name;
    }

  return NULL;
}

static char *
rename_all (const Names *self, const char *line)
{
  GString *out = g_string_new (NULL);
  const char *p = line;

  while (*p != '\0')
    {
      const char *name = p == line || !is_word (p[-1]) ? match (self, p) : NULL;

      g_string_append (out, name != NULL ? g_hash_table_lookup (self->named, name) : "");
      if (name == NULL)
        g_string_append_c (out, *p);
      p += name != NULL ? strlen (name) : 1;
    }

  return g_string_free (out, FALSE);
}

static void G_GNUC_PRINTF (3, 4)
    add_line (GString *text, const Names *names, const char *format, ...)
{
  g_autofree char *line = NULL;
  g_autofree char *renamed = NULL;
  g_autofree char *clean = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  renamed = rename_all (names, line);
  clean = bfy_log_clean (renamed);
  shown = bfy_text_to_line (clean, LINE_MAX_BYTES);
  g_string_append_printf (text, "%s\n", shown);
}

static void
add_versions (GString *text, const Names *names, JsonObject *status)
{
  g_string_append (text, "== Versions ==\n");
  add_line (text, names, "bindify %s", BFY_VERSION);
  add_line (text, names, "GLib %u.%u.%u, json-glib built with %s", glib_major_version,
            glib_minor_version, glib_micro_version, JSON_VERSION_S);
  if (status != NULL)
    add_line (text, names, "agent %s", bfy_field_text (status, "version"));
  for (guint i = 0; status != NULL && i < bfy_field_count (status, "libraries"); i++)
    {
      JsonObject *library = bfy_field_nth (status, "libraries", i);

      add_line (text, names, "agent: %s %s", bfy_field_text (library, "name"),
                bfy_field_text (library, "version"));
    }
}

static void
add_settings (GString *text, const Names *names, const char *settings)
{
  g_auto (GStrv) lines = bfy_settings_text_describe (settings != NULL ? settings : "");

  g_string_append (text, "\n== Settings ==\n");
  for (guint i = 0; lines[i] != NULL; i++)
    add_line (text, names, "%s", lines[i]);
  if (lines[0] == NULL)
    g_string_append (text, "defaults\n");
}

static void
add_status (GString *text, const Names *names, JsonObject *status)
{
  g_string_append (text, "\n== Agent ==\n");
  if (status == NULL)
    {
      g_string_append (text, _ ("does not answer\n"));
      return;
    }
  add_line (text, names, "state %s, %d bindings, %d clients, up for %d s",
            bfy_field_text (status, "state"), (int) bfy_field_int (status, "n_bindings"),
            (int) bfy_field_int (status, "n_clients"), (int) bfy_field_int (status, "uptime_s"));
  add_line (text, names, "socket %s, port %d", bfy_field_text (status, "socket"),
            (int) bfy_field_int (status, "port"));
  add_line (text, names, "preferred keyring %s, memory %s",
            bfy_field_text (status, "preferred_keyring"),
            bfy_field_boolean (status, "memory_locked") ? "locked" : "not all locked");
  for (guint i = 0; i < bfy_field_count (status, "keyrings"); i++)
    {
      JsonObject *keyring = bfy_field_nth (status, "keyrings", i);

      add_line (text, names, "keyring %s: %s", bfy_field_text (keyring, "name"),
                bfy_field_text (keyring, "state"));
    }
}

static void
add_bindings (GString *text, const Names *names, JsonObject *reply)
{
  guint n = reply != NULL ? bfy_field_count (reply, "bindings") : 0;

  g_string_append (text, "\n== Bindings ==\n");
  for (guint i = 0; i < n; i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      add_line (text, names, "%s: %s, service %s, type %s, auth %s, keyring %s",
                bfy_field_text (binding, "name"), bfy_field_text (binding, "state"),
                bfy_field_text (binding, "service"), bfy_field_text (binding, "type"),
                bfy_field_text (binding, "auth_type"), bfy_field_text (binding, "keyring"));
    }
}

static void
add_findings (GString *text, const Names *names, JsonObject *doctor)
{
  guint n = doctor != NULL ? bfy_field_count (doctor, "findings") : 0;

  g_string_append (text, "\n== Findings ==\n");
  for (guint i = 0; i < n; i++)
    {
      JsonObject *finding = bfy_field_nth (doctor, "findings", i);

      add_line (text, names, "%s: %s", bfy_field_text (finding, "code"),
                bfy_field_text (finding, "message"));
    }
  if (n == 0)
    g_string_append (text, "none\n");
}

static void
add_verified (GString *text, const Names *names, JsonObject *verified)
{
  guint n = verified != NULL ? bfy_field_count (verified, "chains") : 0;
  gint64 n_events = 0;
  guint n_wrong = 0;

  g_string_append (text, "\n== Log ==\n");
  if (verified == NULL)
    {
      g_string_append (text, _ ("could not be verified\n"));
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      JsonObject *chain = bfy_field_nth (verified, "chains", i);

      n_events += bfy_field_int (chain, "events");
      n_wrong += strcmp (bfy_field_text (chain, "state"), "ok") != 0;
    }
  add_line (text, names, "%s: %" G_GINT64_FORMAT " records in %u chains, %u chains are wrong",
            bfy_field_boolean (verified, "ok") ? "verified" : "not as it was written", n_events, n,
            n_wrong);
}

/* Nothing that somebody else could have chosen: no names of tools or clients, no hosts, no paths.
 * Of bindings that are gone the names are not known, and so not shown. */
static void
add_event (GString *text, const Names *names, JsonObject *event, gboolean shows_names)
{
  const char *binding = bfy_field_text (event, "binding");
  gboolean is_known = g_hash_table_contains (names->named, binding);

  add_line (text, names, "%s %s %s %s binding %s, status %d, %d ms", bfy_field_text (event, "time"),
            bfy_field_text (event, "type"), bfy_field_text (event, "outcome"),
            bfy_field_text (event, "category"),
            shows_names || is_known ? binding : "(none, or gone)",
            (int) bfy_field_int (event, "status"), (int) bfy_field_int (event, "duration_ms"));
}

char *
bfy_bundle_to_text (const BfyBundle *self)
{
  g_auto (Names) names = { 0 };
  GString *text = g_string_new (NULL);

  collect_names (&names, self);
  add_versions (text, &names, self->status);
  add_settings (text, &names, self->settings);
  add_status (text, &names, self->status);
  add_bindings (text, &names, self->bindings);
  add_findings (text, &names, self->doctor);
  add_verified (text, &names, self->verified);
  for (guint i = 0; self->events != NULL && i < self->events->len; i++)
    add_event (text, &names, g_ptr_array_index (self->events, i), self->shows_names);

  return g_string_free (text, FALSE);
}
