/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/undo.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/commands/connect.h"
#include "client/commands/import.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

/* `bindify undo`: the newest change of files of other programs is taken back. */

typedef struct
{
  gboolean is_forced;
  gboolean from_stdin; /* the passphrase of an import's copies */
} Wish;

static char *
join_paths (const BfyUndoSet *set)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < set->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", file->path);
    }

  return g_string_free (text, FALSE);
}

static void
print_table (GPtrArray *sets)
{
  static const char *const headings[] = { NC_ ("column", "ID"), NC_ ("column", "WHEN"),
                                          NC_ ("column", "WHAT"), NC_ ("column", "FILE"), NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *text = NULL;

  for (guint i = 0; i < sets->len; i++)
    {
      const BfyUndoSet *set = g_ptr_array_index (sets, i);
      g_autofree char *age = bfy_age_format (set->at_s, now_s);
      g_autofree char *paths = join_paths (set);
      const char *cells[] = { set->id, age, set->what, paths };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
}

static void
print_json (GPtrArray *sets)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *rows = json_array_new ();

  for (guint i = 0; i < sets->len; i++)
    {
      const BfyUndoSet *set = g_ptr_array_index (sets, i);
      JsonObject *object = json_object_new ();
      JsonArray *files = json_array_new ();

      for (guint j = 0; j < set->files->len; j++)
        {
          const BfyUndoFile *file = g_ptr_array_index (set->files, j);

          json_array_add_string_element (files, file->path);
        }
      json_object_set_string_member (object, "id", set->id);
      json_object_set_string_member (object, "kind", set->kind);
      json_object_set_string_member (object, "what", set->what);
      json_object_set_int_member (object, "at_s", set->at_s);
      json_object_set_array_member (object, "files", files);
      json_array_add_object_element (rows, object);
    }
  json_node_take_array (node, rows);
  bfy_cli_print_json (node);
}

/* The newest, or the one with that id. (nullable) borrowed */
static BfyUndoSet *
find (GPtrArray *sets, const char *id)
{
  for (guint i = 0; i < sets->len; i++)
    {
      BfyUndoSet *set = g_ptr_array_index (sets, i);

      if (id == NULL || g_str_equal (set->id, id))
        return set;
    }

  return NULL;
}

/* What the files are now, before it is written over all the same. */
static gboolean
keep_present (BfyCli *cli, const BfyUndoSet *set, GError **error)
{
  g_autofree char *what = g_strdup_printf ("undo --force: %s", set->what);
  g_autoptr (BfyUndoSet) kept = bfy_undo_set_new ("undo", what);

  for (guint i = 0; i < set->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);
      g_autoptr (BfyUserFile) now = bfy_user_file_read (file->path, file->root, error);

      if (now == NULL)
        return FALSE;
      bfy_undo_set_add (kept, now, file->root, file->before, NULL);
    }

  return bfy_undo_set_save (kept, cli->environment, error);
}

static void
say (const char *path, BfyUndoResult result, const GError *problem)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  switch (result)
    {
    case BFY_UNDO_DONE:
      bfy_cli_print (_ ("%s is what it was before.\n"), shown);
      break;
    case BFY_UNDO_ALREADY:
      bfy_cli_print (_ ("%s already is what it was before.\n"), shown);
      break;
    case BFY_UNDO_CHANGED:
      bfy_cli_warn (_ ("%s has been changed since, and is left as it is"), shown);
      break;
    case BFY_UNDO_FAILED:
      bfy_cli_warn ("%s", problem->message);
      break;
    }
}

/* All files of it; FALSE when one is not what it was. */
static gboolean
restore (const BfyUndoSet *set, gboolean is_forced)
{
  gboolean is_whole = TRUE;

  for (guint i = 0; i < set->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);
      g_autoptr (GError) problem = NULL;
      BfyUndoResult result = bfy_undo_restore (file, file->before, is_forced, &problem);

      say (file->path, result, problem);
      is_whole = is_whole && (result == BFY_UNDO_DONE || result == BFY_UNDO_ALREADY);
    }

  return is_whole;
}

static gboolean
undo_locked (BfyCli *cli, BfyUndoSet *set, const Wish *wish, GError **error)
{
  const BfyImportOptions import = { .from_stdin = wish->from_stdin };
  gboolean is_forced = wish->is_forced;

  /* Its copies are sealed. */
  if (g_str_equal (set->kind, "import"))
    return bfy_import_undo_set (cli, &import, set, error);
  if (is_forced && !keep_present (cli, set, error))
    return FALSE;
  if (!restore (set, is_forced))
    {
      bfy_cli_set_hint (cli, "bindify undo --force %s", set->id);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_IN_USE, _ ("Not everything was taken back"));
      return FALSE;
    }
  bfy_connect_revoke (cli, bfy_field_object (set->notes, "keys"));
  bfy_connect_tell_revoked (set);
  bfy_undo_set_forget (set, cli->environment);

  return TRUE;
}

static gboolean
undo (BfyCli *cli, const char *id, const Wish *wish, GError **error)
{
  int lock = bfy_undo_lock (cli->environment, error);
  g_autoptr (GPtrArray) sets = lock >= 0 ? bfy_undo_list (cli->environment, error) : NULL;
  BfyUndoSet *set = sets != NULL ? find (sets, id) : NULL;
  gboolean is_done = FALSE;

  if (set != NULL)
    is_done = undo_locked (cli, set, wish, error);
  else if (sets != NULL)
    {
      bfy_cli_set_hint (cli, "bindify undo --list");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           _ ("There is nothing to take back"));
    }
  if (lock >= 0)
    (void) close (lock);

  return is_done;
}

gboolean
bfy_command_undo (BfyCli *cli, GStrv words, GError **error)
{
  Wish wish = { 0 };
  gboolean lists = FALSE;
  const GOptionEntry entries[] = {
    { "list", 0, 0, G_OPTION_ARG_NONE, &lists, N_ ("Show what can be taken back"), NULL },
    { "force", 0, 0, G_OPTION_ARG_NONE, &wish.is_forced,
      N_ ("Also a file that has been changed since; what it is now is kept"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &wish.from_stdin,
      N_ ("Read the passphrase of the back-up from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (GPtrArray) sets = NULL;

  if (others == NULL)
    return FALSE;
  if (!lists)
    return undo (cli, others[0], &wish, error);
  sets = bfy_undo_list (cli->environment, error);
  if (sets == NULL)
    return FALSE;
  if (cli->is_json)
    print_json (sets);
  else
    print_table (sets);

  return TRUE;
}
