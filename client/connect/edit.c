/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/fields.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

BfyConnectEdit *
bfy_connect_edit_new (BfyConnectTarget *target, GError **error)
{
  BfyUserFile *file = bfy_user_file_read (target->path, target->root, error);
  BfyConnectEdit *self;

  if (file == NULL)
    return NULL;
  self = g_new0 (BfyConnectEdit, 1);
  self->target = target;
  self->file = file;
  self->after = file->content != NULL ? g_bytes_ref (file->content) : NULL;
  self->names = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
bfy_connect_edit_free (BfyConnectEdit *self)
{
  if (self == NULL)
    return;

  bfy_user_file_free (self->file);
  g_clear_pointer (&self->after, g_bytes_unref);
  g_ptr_array_unref (self->names);
  g_free (self);
}

const char *
bfy_connect_edit_peek (const BfyConnectEdit *self)
{
  return self->after != NULL ? g_bytes_get_data (self->after, NULL) : "";
}

static gboolean
is_equal (GBytes *a, GBytes *b)
{
  return a == NULL || b == NULL ? a == b : g_bytes_equal (a, b);
}

gboolean
bfy_connect_edit_is_change (const BfyConnectEdit *self)
{
  return !is_equal (self->after, self->file->content);
}

/* The file's name in front of what is wrong in it. */
static gboolean
fail_in (const BfyConnectEdit *self, GError *problem, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (self->target->path, SHOWN_CHARACTERS_MAX);

  g_propagate_prefixed_error (error, problem, "“%s”: ", shown);

  return FALSE;
}

/* A NUL in the file would end it early. */
static gboolean
check_text (const BfyConnectEdit *self, GError **error)
{
  gsize length = self->after != NULL ? g_bytes_get_size (self->after) : 0;

  if (strlen (bfy_connect_edit_peek (self)) == length)
    return TRUE;

  return fail_in (self, g_error_new (BFY_ERROR, BFY_ERROR_PARSE, _ ("it is no text")), error);
}

/* Takes @text, which NUL ends. */
static void
take_text (BfyConnectEdit *self, char *text, const char *name)
{
  gsize length = strlen (text);

  g_clear_pointer (&self->after, g_bytes_unref);
  self->after = g_bytes_new_take (text, length);
  g_ptr_array_add (self->names, g_strdup (name));
}

static gboolean
check_free (const BfyConnectEdit *self, GPtrArray *found, const char *name, GError **error)
{
  const BfyConnectFound *there = bfy_connect_look_up (found, name);
  g_autofree char *shown = NULL;

  if (there == NULL || there->binding != NULL)
    return TRUE;
  shown = bfy_text_to_line (self->target->path, SHOWN_CHARACTERS_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
               _ ("“%s” has a server called “%s” already, which is not bindify’s; --replace puts "
                  "bindify’s in its place"),
               shown, name);

  return FALSE;
}

gboolean
bfy_connect_edit_put (BfyConnectEdit *self,
                      const BfyConnectServer *server,
                      gboolean replaces,
                      GError **error)
{
  const BfyConnectStyle *style = &self->target->style;
  const char *text = bfy_connect_edit_peek (self);
  g_autoptr (GPtrArray) found = NULL;
  GError *problem = NULL;
  char *changed;

  if (!check_text (self, error))
    return FALSE;
  found = bfy_connect_read (style, text, &problem);
  if (found == NULL)
    return fail_in (self, problem, error);
  if (!replaces && !check_free (self, found, server->name, error))
    return FALSE;
  changed = bfy_connect_put (style, text, server, &problem);
  if (changed == NULL)
    return fail_in (self, problem, error);
  take_text (self, changed, server->name);

  return TRUE;
}

/* Going back */

static gboolean
is_among (const char *const *bindings, const char *binding)
{
  return bindings == NULL || g_strv_contains (bindings, binding);
}

/* The names of the entries that are to go. (transfer full) (nullable) with @error */
static GPtrArray *
find_names (const BfyConnectEdit *self, const char *const *bindings, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  GPtrArray *names;
  GError *problem = NULL;

  if (!check_text (self, error))
    return NULL;
  found = bfy_connect_read (&self->target->style, bfy_connect_edit_peek (self), &problem);
  if (found == NULL)
    {
      fail_in (self, problem, error);
      return NULL;
    }
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < found->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (found, i);

      if (one->binding != NULL && is_among (bindings, one->binding))
        g_ptr_array_add (names, g_strdup (one->name));
    }

  return names;
}

static gboolean
has_name (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

/* Whether a change put in nothing but entries that are to go now. */
static gboolean
is_of_names (const BfyUndoSet *set, GPtrArray *names)
{
  JsonArray *changed = bfy_field_array (set->notes, "names");

  if (!g_str_equal (set->kind, "connect") || changed == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (changed); i++)
    {
      const char *name = json_node_get_string (json_array_get_element (changed, i));

      if (name == NULL || !has_name (names, name))
        return FALSE;
    }

  return TRUE;
}

/* What the file was before one of our changes that left it as @self has it now. (nullable) borrowed
 */
static const BfyUndoFile *
find_before (const BfyConnectEdit *self, GPtrArray *names, GPtrArray *sets)
{
  g_autofree char *now =
      self->after != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, self->after) : NULL;

  for (guint i = 0; now != NULL && i < sets->len; i++)
    {
      const BfyUndoSet *set = g_ptr_array_index (sets, i);

      if (!is_of_names (set, names))
        continue;
      for (guint j = 0; j < set->files->len; j++)
        {
          const BfyUndoFile *file = g_ptr_array_index (set->files, j);

          if (g_str_equal (file->path, self->target->path) && g_str_equal (file->after, now))
            return file;
        }
    }

  return NULL;
}

/* One change after the other, as far as the journal knows. A copy that NUL ends. */
static void
go_back (BfyConnectEdit *self, GPtrArray *names, GPtrArray *sets)
{
  const BfyUndoFile *before;

  for (guint i = 0; i <= sets->len && (before = find_before (self, names, sets)) != NULL; i++)
    {
      gsize length = 0;
      const char *bytes =
          before->before != NULL ? g_bytes_get_data (before->before, &length) : NULL;

      g_clear_pointer (&self->after, g_bytes_unref);
      if (bytes != NULL || before->before != NULL)
        self->after = g_bytes_new_take (g_strndup (bytes != NULL ? bytes : "", length), length);
    }
}

static gboolean
take_out (BfyConnectEdit *self, GPtrArray *names, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      GError *problem = NULL;
      char *text =
          bfy_connect_take (&self->target->style, bfy_connect_edit_peek (self), name, &problem);

      if (text == NULL)
        return fail_in (self, problem, error);
      take_text (self, text, name);
    }

  return TRUE;
}

static void
add_names (GPtrArray *self, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      if (!has_name (self, g_ptr_array_index (names, i)))
        g_ptr_array_add (self, g_strdup (g_ptr_array_index (names, i)));
    }
}

gboolean
bfy_connect_edit_take (BfyConnectEdit *self,
                       const char *const *bindings,
                       GPtrArray *sets,
                       GError **error)
{
  g_autoptr (GPtrArray) names = find_names (self, bindings, error);
  g_autoptr (GPtrArray) left = NULL;

  if (names == NULL)
    return FALSE;
  go_back (self, names, sets);
  left = find_names (self, bindings, error);
  if (left == NULL || !take_out (self, left, error))
    return FALSE;
  add_names (self->names, names);

  return TRUE;
}

GPtrArray *
bfy_connect_edits_new (GPtrArray *targets, BfyConnectChange change, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) edits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_connect_edit_free);

  for (guint i = 0; i < targets->len; i++)
    {
      BfyConnectEdit *edit = bfy_connect_edit_new (g_ptr_array_index (targets, i), error);

      if (edit == NULL)
        return NULL;
      g_ptr_array_add (edits, edit);
      if (!change (edit, data, error))
        return NULL;
      if (!bfy_connect_edit_is_change (edit))
        g_ptr_array_remove (edits, edit);
    }

  return g_steal_pointer (&edits);
}

/* Writing */

/* What has been written is put back; as long as something is not, the journal keeps it. */
static void
take_back (BfyUndoSet *set, guint n_written, const BfyEnvironment *environment)
{
  gboolean is_whole = TRUE;

  for (guint i = 0; i < n_written; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);
      BfyUndoResult result = bfy_undo_restore (file, file->before, FALSE, NULL);

      is_whole = is_whole && (result == BFY_UNDO_DONE || result == BFY_UNDO_ALREADY);
    }
  if (is_whole)
    bfy_undo_set_forget (set, environment);
}

static gboolean
write_all (GPtrArray *edits, const BfyEnvironment *environment, BfyUndoSet *set, GError **error)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);

      bfy_undo_set_add (set, edit->file, edit->target->root, edit->after, NULL);
    }
  if (!bfy_undo_set_save (set, environment, error))
    return FALSE;
  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);

      if (!bfy_user_file_write (edit->file, edit->after, error))
        {
          take_back (set, i, environment);
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
bfy_connect_edits_write (GPtrArray *edits,
                         const BfyEnvironment *environment,
                         BfyUndoSet *set,
                         GError **error)
{
  int lock = bfy_undo_lock (environment, error);
  gboolean is_written;

  if (lock < 0)
    return FALSE;
  is_written = write_all (edits, environment, set, error);
  (void) close (lock);

  return is_written;
}
