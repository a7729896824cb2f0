/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/import.h"
#include "client/fields.h"
#include "client/import/backup.h"
#include "client/import/pending.h"
#include "client/passphrase.h"
#include "client/secret-stdin.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

/* (nullable) borrowed */
static BfyUndoSet *
find_newest (GPtrArray *sets)
{
  for (guint i = 0; i < sets->len; i++)
    {
      BfyUndoSet *set = g_ptr_array_index (sets, i);

      if (g_strcmp0 (set->kind, "import") == 0)
        return set;
    }

  return NULL;
}

static BfySecret *
read_passphrase (BfyCli *cli, gboolean from_stdin, GError **error)
{
  g_autoptr (BfyTerminal) terminal = NULL;
  g_autoptr (BfySecret) typed = NULL;

  if (!from_stdin)
    terminal = bfy_passphrase_open_terminal (cli, "--passphrase-stdin", error);
  if (from_stdin)
    typed = bfy_secret_read_stdin (cli, "--passphrase-stdin", N_ ("passphrase"), error);
  else if (terminal != NULL)
    typed = bfy_terminal_ask_secret (terminal, _ ("Passphrase of the back-up (not shown): "),
                                     &cli->signal_number, error);

  return typed != NULL ? bfy_passphrase_trim (typed) : NULL;
}

/* All or nothing: a wrong passphrase changes no file. (element-type GBytes) */
static GPtrArray *
open_all (const BfyUndoSet *set, const BfySecret *passphrase, GError **error)
{
  g_autoptr (GPtrArray) contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (BfySecret) key = NULL;
  BfyKdf kdf;

  for (guint i = 0; i < set->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);
      g_autoptr (GError) local_error = NULL;
      GBytes *content;

      if (key == NULL && bfy_backup_read_kdf (file->before, &kdf, error))
        key = bfy_kdf_derive (&kdf, passphrase, error);
      if (key == NULL)
        return NULL;
      content = bfy_backup_open (file->before, key, file->path, &local_error);
      if (content == NULL)
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                               _ ("The passphrase is not the one of this back-up, or the back-up "
                                  "is damaged; no file was changed"));
          return NULL;
        }
      g_ptr_array_add (contents, content);
    }

  return g_steal_pointer (&contents);
}

static gboolean
restore_one (const BfyUndoFile *file, GBytes *content)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = bfy_text_to_line (file->path, SHOWN_CHARACTERS_MAX);

  switch (bfy_undo_restore (file, content, FALSE, &error))
    {
    case BFY_UNDO_DONE:
      bfy_cli_print (_ ("Put back %s.\n"), path);
      return TRUE;
    case BFY_UNDO_ALREADY:
      bfy_cli_print (_ ("%s is as it was before.\n"), path);
      return TRUE;
    case BFY_UNDO_CHANGED:
      bfy_cli_warn (_ ("%s has been changed since, and is left as it is"), path);
      return FALSE;
    case BFY_UNDO_FAILED:
      bfy_cli_warn ("%s", error->message);
      return FALSE;
    }

  return FALSE;
}

static gboolean
forget_bindings (BfyCli *cli, const BfyUndoSet *set, GError **error)
{
  JsonArray *names = bfy_field_array (set->notes, "bindings");

  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++)
    {
      g_autofree char *path = bfy_cli_path ("bindings", json_array_get_string_element (names, i));
      g_autoptr (GError) problem = NULL;
      g_autoptr (JsonObject) reply = bfy_cli_call (cli, "DELETE", path, NULL, &problem);

      if (reply == NULL && !g_error_matches (problem, BFY_ERROR, BFY_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      g_clear_pointer (&cli->hint, g_free);
    }

  return TRUE;
}

/* The secrets are in the files again, and in the bindings still: the next import takes those. */
static gboolean
keep_bindings (BfyCli *cli, const BfyUndoSet *set, GError **error)
{
  JsonArray *list = bfy_field_array (set->notes, "pending");
  g_autoptr (BfyPending) pending = list != NULL ? bfy_pending_load (cli->environment, error) : NULL;

  if (pending == NULL)
    return list == NULL;
  bfy_pending_take (pending, list);

  return bfy_pending_save (pending, error);
}

gboolean
bfy_import_undo_set (BfyCli *cli, const BfyImportOptions *options, BfyUndoSet *set, GError **error)
{
  g_autoptr (BfySecret) passphrase = read_passphrase (cli, options->from_stdin, error);
  g_autoptr (GPtrArray) contents = passphrase != NULL ? open_all (set, passphrase, error) : NULL;
  gboolean is_whole = TRUE;

  if (contents == NULL)
    return FALSE;
  for (guint i = 0; i < set->files->len; i++)
    is_whole = restore_one (g_ptr_array_index (set->files, i), g_ptr_array_index (contents, i)) &&
               is_whole;
  if (!is_whole)
    {
      cli->exit_status = 1;
      return TRUE;
    }
  if (options->forgets ? !forget_bindings (cli, set, error) : !keep_bindings (cli, set, error))
    return FALSE;
  bfy_undo_set_forget (set, cli->environment);

  return TRUE;
}

gboolean
bfy_import_undo (BfyCli *cli, const BfyImportOptions *options, GError **error)
{
  int lock = bfy_undo_lock (cli->environment, error);
  g_autoptr (GPtrArray) sets = lock >= 0 ? bfy_undo_list (cli->environment, error) : NULL;
  BfyUndoSet *set = sets != NULL ? find_newest (sets) : NULL;
  gboolean is_ok = set != NULL && bfy_import_undo_set (cli, options, set, error);

  if (sets != NULL && set == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                         _ ("There is no import to take back"));
  if (lock >= 0)
    (void) close (lock);

  return is_ok;
}
