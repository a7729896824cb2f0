/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The order is what keeps secrets from getting lost: the agent has each of them before any file is
 * changed, and what the files were is on the disk, under a passphrase, before the first one is.
 * What each binding is going to be called is on the disk even before the agent is asked to make it,
 * so that an import that ends in between is taken up by the next one. */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/import.h"
#include "client/import/backup.h"
#include "client/import/bridge-entry.h"
#include "client/import/pending.h"
#include "client/import/report.h"
#include "client/passphrase.h"
#include "client/undo.h"
#include "protocol/error.h"
#include "protocol/name.h"

/* A file that is going to be changed. */
typedef struct
{
  const BfyImportFile *file; /* borrowed */
  GPtrArray *moved;          /* (owned) (element-type BfyFind) borrowed elements */
  GBytes *after;             /* (owned) */
} Change;

/* A secret that has become a binding. */
typedef struct
{
  const BfyFind *find; /* borrowed */
  char *name;          /* (owned) */
} Stored;

typedef struct
{
  BfyCli *cli;
  const BfyImportOptions *options;
  GPtrArray *taken;    /* (owned) names of bindings */
  GPtrArray *changes;  /* (owned) (element-type Change) */
  JsonArray *made;     /* (owned) names of new bindings */
  GArray *stored;      /* (owned) (element-type Stored) */
  BfyPending *pending; /* (owned) */
  guint n_failed;
} Move;

static void
change_free (gpointer user_data)
{
  Change *self = user_data;

  g_ptr_array_unref (self->moved);
  g_clear_pointer (&self->after, g_bytes_unref);
  g_free (self);
}

static void
stored_clear (gpointer user_data)
{
  Stored *self = user_data;

  g_free (self->name);
}

static guint
count_movable (const BfyImportScan *scan)
{
  guint n = 0;

  for (guint i = 0; i < scan->files->len; i++)
    {
      const BfyImportFile *file = g_ptr_array_index (scan->files, i);

      for (guint j = 0; j < file->finds->len; j++)
        n += bfy_find_is_movable (g_ptr_array_index (file->finds, j));
    }

  return n;
}

static gboolean
confirm (BfyCli *cli, const BfyImportOptions *options, guint n, GError **error)
{
  g_autoptr (BfyTerminal) terminal = options->is_sure ? NULL : bfy_terminal_open ();
  g_autofree char *question =
      g_strdup_printf (ngettext ("Move %u secret into the keyring, and change the file?",
                                 "Move %u secrets into the keyring, and change the files?", n),
                       n);

  if (options->is_sure || (terminal != NULL && bfy_terminal_ask_yes (terminal, question)))
    return TRUE;
  if (terminal == NULL)
    bfy_cli_set_hint (cli, "bindify import --yes --passphrase-stdin");
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       terminal != NULL ? _ ("Nothing was changed")
                                        : _ ("There is no terminal to confirm the import on"));

  return FALSE;
}

/* Says why, with what helps, and that the source is as it was. */
static void
tell_failure (Move *self, const BfyImportFile *file, const BfyFind *find, const GError *error)
{
  g_autofree char *where = bfy_import_where (file, find);

  bfy_cli_warn (_ ("%s stays: %s"), where, error->message);
  if (self->cli->hint != NULL)
    bfy_cli_warn (_ ("Try: %s"), self->cli->hint);
  g_clear_pointer (&self->cli->hint, g_free);
  self->n_failed++;
}

/* Several clients often have one and the same server: they share one binding then. */
static const char *
find_twin (const Move *self, const BfyFind *find)
{
  for (guint i = 0; find->url != NULL && i < self->stored->len; i++)
    {
      const Stored *stored = &g_array_index (self->stored, Stored, i);

      if (g_strcmp0 (stored->find->url, find->url) == 0 &&
          g_strcmp0 (stored->find->header, find->header) == 0 &&
          g_strcmp0 (stored->find->prefix, find->prefix) == 0 &&
          g_strcmp0 (stored->find->query, find->query) == 0 &&
          bfy_secret_equal (stored->find->secret, find->secret))
        return stored->name;
    }

  return NULL;
}

/* Whether the agent may have the secret though it has not said so. */
static gboolean
is_uncertain (const GError *error)
{
  static const BfyErrorCode codes[] = { BFY_ERROR_CANCELLED, BFY_ERROR_NO_AGENT, BFY_ERROR_FAILED };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, BFY_ERROR, (int) codes[i]))
      return TRUE;

  return FALSE;
}

static gboolean
remember (
    Move *self, const BfyImportFile *file, const BfyFind *find, const char *name, GError **error)
{
  bfy_pending_put (self->pending, file->file->path, (const char *const *) find->path, name);

  return bfy_pending_save (self->pending, error);
}

/* A new one, which the journal knows of first. Free with g_free(). */
static char *
make (Move *self, const BfyImportFile *file, const BfyFind *find, GError **error)
{
  g_autofree char *name = bfy_import_choose_name (find, self->taken);
  g_autoptr (GError) problem = NULL;

  if (!remember (self, file, find, name, error))
    return NULL;
  if (bfy_import_store (self->cli, self->options, find, name, &problem))
    {
      g_ptr_array_add (self->taken, g_strdup (name));
      return g_steal_pointer (&name);
    }
  if (!is_uncertain (problem))
    bfy_pending_drop (self->pending, file->file->path, (const char *const *) find->path);
  g_propagate_error (error, g_steal_pointer (&problem));

  return NULL;
}

/* The one of an import that has not come to the file, or a new one. Free with g_free(). */
static char *
take_up (Move *self, const BfyImportFile *file, const BfyFind *find, GError **error)
{
  g_autofree char *name = g_strdup (
      bfy_pending_find (self->pending, file->file->path, (const char *const *) find->path));

  if (name == NULL || !bfy_import_leads_there (self->cli, self->options, find, name))
    return make (self, file, find, error);
  if (!bfy_import_store_again (self->cli, self->options, find, name, error))
    return NULL;

  return g_steal_pointer (&name);
}

/* The name of its binding, an old one or a new one. (nullable) borrowed */
static const char *
store (Move *self, const BfyImportFile *file, const BfyFind *find, GError **error)
{
  const char *twin = find_twin (self, find);
  Stored stored = { find, NULL };

  if (twin != NULL)
    return remember (self, file, find, twin, error) ? twin : NULL;
  stored.name = take_up (self, file, find, error);
  if (stored.name == NULL)
    return NULL;
  g_array_append_val (self->stored, stored);
  json_array_add_string_element (self->made, stored.name);

  return stored.name;
}

/* @text: the file so far, which is replaced. */
static gboolean
move_one (Move *self, const BfyImportFile *file, const BfyFind *find, BfyWipedText *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (BfyWipedText) trial = NULL;
  g_autofree char *where = bfy_import_where (file, find);
  const char *name = NULL;
  char *after = NULL;

  /* What cannot be written is not stored either. */
  if (bfy_user_file_check (file->file, &error))
    trial = bfy_bridge_entry_put (file->format, *text, find, "binding", &error);
  if (trial != NULL)
    name = store (self, file, find, &error);
  if (name != NULL)
    after = bfy_bridge_entry_put (file->format, *text, find, name, &error);
  if (after == NULL)
    {
      tell_failure (self, file, find, error);
      return FALSE;
    }
  bfy_cli_print (_ ("Stored %s as “%s”.\n"), where, name);
  bfy_wipe_free (*text);
  *text = after;

  return TRUE;
}

static void
move_file (Move *self, const BfyImportFile *file)
{
  g_auto (BfyWipedText) text = g_strdup (bfy_user_file_peek (file->file));
  g_autoptr (GPtrArray) moved = g_ptr_array_new ();
  Change *change;

  for (guint i = 0; i < file->finds->len; i++)
    {
      BfyFind *find = g_ptr_array_index (file->finds, i);

      if (bfy_find_is_movable (find) && self->cli->signal_number == 0 &&
          move_one (self, file, find, &text))
        g_ptr_array_add (moved, find);
    }
  if (moved->len == 0)
    return;
  change = g_new0 (Change, 1);
  change->file = file;
  change->moved = g_steal_pointer (&moved);
  change->after = g_bytes_new (text, strlen (text));
  g_ptr_array_add (self->changes, change);
}

static gboolean
back_up (Move *self, const BfySecret *key, const BfyKdf *kdf, GError **error)
{
  g_autoptr (BfyUndoSet) set =
      bfy_undo_set_new ("import", _ ("Secrets were moved into the keyring"));

  for (guint i = 0; i < self->changes->len; i++)
    {
      const Change *change = g_ptr_array_index (self->changes, i);
      const BfyUserFile *file = change->file->file;
      g_autoptr (GBytes) sealed = bfy_backup_seal (kdf, key, file->path, file->content, error);

      if (sealed == NULL)
        return FALSE;
      bfy_undo_set_add (set, file, change->file->root, change->after, sealed);
    }
  json_object_set_array_member (set->notes, "bindings", json_array_ref (self->made));
  json_object_set_array_member (set->notes, "pending",
                                json_array_ref (bfy_pending_peek (self->pending)));

  return bfy_undo_set_save (set, self->cli->environment, error);
}

/* The file leads to its bindings now. */
static void
settle (Move *self, const Change *change)
{
  for (guint i = 0; i < change->moved->len; i++)
    {
      const BfyFind *find = g_ptr_array_index (change->moved, i);

      bfy_pending_drop (self->pending, change->file->file->path, (const char *const *) find->path);
    }
}

static void
write_all (Move *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const Change *change = g_ptr_array_index (self->changes, i);
      g_autoptr (GError) error = NULL;
      g_autofree char *path = bfy_text_to_line (change->file->file->path, 400);

      if (bfy_user_file_write (change->file->file, change->after, &error))
        {
          settle (self, change);
          bfy_cli_print (_ ("Changed %s.\n"), path);
          continue;
        }
      bfy_cli_warn (_ ("%s; the secret is still there, and in the keyring as well"),
                    error->message);
      self->n_failed++;
    }
}

static void
tell_rotation (BfyCli *cli, const BfyImportScan *scan)
{
  g_autoptr (JsonObject) services = bfy_cli_call (cli, "GET", "/v1/services", NULL, NULL);
  g_autofree char *rotation = bfy_import_report_rotation (scan, services);

  g_clear_pointer (&cli->hint, g_free);
  if (*rotation != '\0')
    bfy_cli_print (_ ("These should be replaced by new ones:\n%s"), rotation);
}

static gboolean
move_all (Move *self, const BfyImportScan *scan, GError **error)
{
  g_autoptr (BfySecret) passphrase = bfy_passphrase_get_new (
      self->cli, self->options->from_stdin,
      _ ("New passphrase for the back-up of the files (not shown): "), error);
  g_autoptr (BfySecret) key = NULL;
  BfyKdf kdf;

  key = passphrase != NULL ? bfy_backup_make_key (passphrase, &kdf, error) : NULL;
  if (key == NULL)
    return FALSE;
  for (guint i = 0; i < scan->files->len; i++)
    move_file (self, g_ptr_array_index (scan->files, i));
  if (self->changes->len > 0)
    {
      if (!back_up (self, key, &kdf, error))
        return FALSE;
      write_all (self);
      bfy_cli_print (_ ("The old files are kept under the passphrase. To put them back: %s\n"),
                     "bindify import --undo");
    }
  if (!bfy_pending_save (self->pending, error))
    return FALSE;
  tell_rotation (self->cli, scan);
  if (self->n_failed > 0)
    self->cli->exit_status = 1;

  return TRUE;
}

gboolean
bfy_import_move (BfyCli *cli, const BfyImportOptions *options, BfyImportScan *scan, GError **error)
{
  guint n = count_movable (scan);
  Move self = { .cli = cli, .options = options };
  gboolean is_ok;
  int lock;

  if (n > 0 && !confirm (cli, options, n, error))
    return FALSE;
  lock = bfy_undo_lock (cli->environment, error);
  if (lock < 0)
    return FALSE;
  if (n == 0)
    {
      (void) close (lock);
      return TRUE;
    }
  self.changes = g_ptr_array_new_with_free_func (change_free);
  self.made = json_array_new ();
  self.stored = g_array_new (FALSE, FALSE, sizeof (Stored));
  g_array_set_clear_func (self.stored, stored_clear);
  self.pending = bfy_pending_load (cli->environment, error);
  self.taken = self.pending != NULL ? bfy_import_list_names (cli, error) : NULL;
  is_ok = self.taken != NULL && move_all (&self, scan, error);
  g_clear_pointer (&self.taken, g_ptr_array_unref);
  g_ptr_array_unref (self.changes);
  json_array_unref (self.made);
  g_array_unref (self.stored);
  bfy_pending_free (self.pending);
  (void) close (lock);

  return is_ok;
}
