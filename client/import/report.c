/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/import/report.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/age.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400
#define NAME_CHARACTERS_MAX 60

char *
bfy_import_where (const BfyImportFile *file, const BfyFind *find)
{
  g_autofree char *path = bfy_text_to_line (file->file->path, SHOWN_CHARACTERS_MAX);

  return g_strdup_printf ("%s:%u", path, find->line);
}

/* The command by which a person lets go of what was kept from writing. */
static char *
make_writable (const BfyImportFile *file)
{
  g_autofree char *folder = g_path_get_dirname (file->file->target);
  gboolean is_file = (file->file->mode & S_IWUSR) == 0;
  g_autofree char *path =
      bfy_text_to_line (is_file ? file->file->target : folder, SHOWN_CHARACTERS_MAX);
  g_autofree char *word = g_shell_quote (path);

  return g_strdup_printf ("chmod u+w %s", word);
}

char *
bfy_import_next (const BfyImportFile *file, const BfyFind *find)
{
  g_autofree char *url =
      find->url != NULL ? bfy_text_to_line (find->url, SHOWN_CHARACTERS_MAX) : NULL;

  if (find->problem != NULL && strcmp (find->problem, BFY_FIND_READ_ONLY) == 0)
    return make_writable (file);
  if (strcmp (file->owner, "mcp-remote") == 0)
    return g_strdup ("bindify-add URL");
  if (find->service != NULL)
    return g_strdup_printf ("bindify-add %s", find->service);
  if (url != NULL && strpbrk (url, "?@ '") == NULL)
    return g_strdup_printf ("bindify-add %s", url);

  return g_strdup (find->server != NULL ? "bindify-add --command CMD --env VAR"
                                        : "bindify-add URL");
}

/* Why a new one is better; NULL for those that nobody else has seen. */
static const char *
find_exposure (const BfyImportFile *file, const BfyFind *find)
{
  if (file->is_shared)
    return N_ ("other users of this machine could read it");
  if (file->exposed != NULL)
    return N_ ("its folder is under version control, or copied elsewhere");
  if (find->argv != NULL && find->variable == NULL)
    return N_ ("it was in the arguments of a program");
  if (strcmp (file->owner, "shell") == 0)
    return N_ ("every program that a shell starts got it");

  return NULL;
}

static JsonObject *
find_to_json (const BfyImportFile *file, const BfyFind *find, gint64 now_s)
{
  JsonObject *object = json_object_new ();
  const char *exposure = find_exposure (file, find);
  g_autofree char *path = bfy_text_to_line (file->file->path, SHOWN_CHARACTERS_MAX);
  g_autofree char *mode = g_strdup_printf ("%04o", file->file->mode);
  g_autofree char *next = bfy_import_next (file, find);
  gboolean is_movable = bfy_find_is_movable (find);

  json_object_set_string_member (object, "path", path);
  json_object_set_int_member (object, "line", find->line);
  json_object_set_string_member (object, "owner", file->owner);
  json_object_set_string_member (object, "service", find->service);
  json_object_set_string_member (object, "kind", find->kind);
  json_object_set_string_member (object, "name", find->label);
  json_object_set_string_member (object, "server", find->server);
  json_object_set_string_member (object, "tail", find->tail);
  json_object_set_int_member (object, "age_s", MAX (now_s - file->file->changed_at_s, 0));
  json_object_set_string_member (object, "mode", mode);
  json_object_set_boolean_member (object, "movable", is_movable);
  json_object_set_string_member (object, "problem", find->problem);
  json_object_set_string_member (object, "rotate", exposure);
  json_object_set_string_member (object, "next", is_movable ? "bindify import" : next);

  return object;
}

JsonObject *
bfy_import_report_to_json (const BfyImportScan *scan, gint64 now_s)
{
  JsonObject *object = json_object_new ();
  JsonArray *found = json_array_new (), *unchecked = json_array_new ();

  for (guint i = 0; i < scan->files->len; i++)
    {
      const BfyImportFile *file = g_ptr_array_index (scan->files, i);

      for (guint j = 0; j < file->finds->len; j++)
        json_array_add_object_element (
            found, find_to_json (file, g_ptr_array_index (file->finds, j), now_s));
    }
  for (guint i = 0; i < scan->unchecked->len; i++)
    json_array_add_string_element (unchecked, g_ptr_array_index (scan->unchecked, i));
  json_object_set_array_member (object, "found", found);
  json_object_set_array_member (object, "unchecked", unchecked);

  return object;
}

static void
add_row (BfyTable *table, const BfyImportFile *file, const BfyFind *find, gint64 now_s)
{
  g_autofree char *where = bfy_import_where (file, find);
  g_autofree char *age = bfy_age_format (file->file->changed_at_s, now_s);
  g_autofree char *mode = g_strdup_printf ("%04o", file->file->mode);
  g_autofree char *secret = g_strdup_printf ("%s …%s", _ (find->kind), find->tail);
  g_autofree char *name = bfy_text_to_line (find->label, NAME_CHARACTERS_MAX);
  const char *fate = bfy_find_is_movable (find) ? _ ("can be moved") : _ ("stays");
  const char *cells[] = { where, find->service, name, secret, age, mode, fate };

  bfy_table_add_row (table, cells);
}

char *
bfy_import_report_to_text (const BfyImportScan *scan, gint64 now_s, gsize width)
{
  static const char *const headings[] = { N_ ("WHERE"), N_ ("SERVICE"), N_ ("NAME"), N_ ("SECRET"),
                                          N_ ("AGE"),   N_ ("MODE"),    "",          NULL };
  static const guint dispensable[] = { 5, 4, 2 };
  g_autoptr (BfyTable) table = bfy_table_new (headings);

  for (guint i = 0; i < scan->files->len; i++)
    {
      const BfyImportFile *file = g_ptr_array_index (scan->files, i);

      for (guint j = 0; j < file->finds->len; j++)
        add_row (table, file, g_ptr_array_index (file->finds, j), now_s);
    }
  bfy_table_fit (table, width, dispensable, G_N_ELEMENTS (dispensable));

  return bfy_table_format (table);
}

/* Where a person gets a new one. */
static const char *
find_token_url (JsonObject *services, const char *id)
{
  for (guint i = 0; services != NULL && id != NULL && i < bfy_field_count (services, "services");
       i++)
    {
      JsonObject *service = bfy_field_nth (services, "services", i);

      if (strcmp (bfy_field_text (service, "id"), id) == 0)
        return bfy_field_text (service, "token_url");
    }

  return "";
}

char *
bfy_import_report_rotation (const BfyImportScan *scan, JsonObject *services)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < scan->files->len; i++)
    {
      const BfyImportFile *file = g_ptr_array_index (scan->files, i);

      for (guint j = 0; j < file->finds->len; j++)
        {
          const BfyFind *find = g_ptr_array_index (file->finds, j);
          const char *exposure = find_exposure (file, find);
          g_autofree char *where = bfy_import_where (file, find);
          g_autofree char *url =
              bfy_text_to_line (find_token_url (services, find->service), SHOWN_CHARACTERS_MAX);

          if (exposure != NULL)
            g_string_append_printf (text, "  %s: %s%s%s\n", where, _ (exposure),
                                    *url != '\0' ? "; " : "", url);
        }
    }

  return g_string_free (text, FALSE);
}
