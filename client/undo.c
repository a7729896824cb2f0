/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/fields.h"
#include "client/saved-file.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define MANIFEST "manifest.json"
#define MANIFEST_BYTES_MAX (1024 * 1024)
#define SETS_MAX 1000

static void
file_free (BfyUndoFile *file)
{
  g_free (file->path);
  g_free (file->root);
  g_free (file->after);
  g_clear_pointer (&file->before, g_bytes_unref);
  g_free (file);
}

BfyUndoSet *
bfy_undo_set_new (const char *kind, const char *what)
{
  BfyUndoSet *self = g_new0 (BfyUndoSet, 1);

  self->kind = g_strdup (kind);
  self->what = g_strdup (what);
  self->at_s = g_get_real_time () / G_USEC_PER_SEC;
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->notes = json_object_new ();

  return self;
}

void
bfy_undo_set_free (BfyUndoSet *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->kind);
  g_free (self->what);
  g_ptr_array_unref (self->files);
  json_object_unref (self->notes);
  g_free (self);
}

static char *
hash (GBytes *content)
{
  return content != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content)
                         : g_strdup ("");
}

void
bfy_undo_set_add (
    BfyUndoSet *self, const BfyUserFile *file, const char *root, GBytes *after, GBytes *kept)
{
  BfyUndoFile *entry = g_new0 (BfyUndoFile, 1);
  GBytes *before = kept != NULL ? kept : file->content;

  entry->path = g_strdup (file->path);
  entry->root = g_strdup (root);
  entry->mode = file->mode;
  entry->is_new = file->content == NULL;
  entry->after = hash (after);
  entry->before = before != NULL ? g_bytes_ref (before) : NULL;
  g_ptr_array_add (self->files, entry);
}

/* The folder */

static char *
find_folder (const BfyEnvironment *environment, GError **error)
{
  g_autofree char *state = bfy_paths_state_dir (environment, NULL, error);

  return state != NULL ? g_build_filename (state, "undo", NULL) : NULL;
}

static gboolean
fail (const char *path, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "“%s”: %s", path, g_strerror (errno));

  return FALSE;
}

/* Ours alone, whatever the umask was when something made it. */
static char *
make_folder (const BfyEnvironment *environment, GError **error)
{
  g_autofree char *folder = find_folder (environment, error);
  struct stat status;

  if (folder == NULL)
    return NULL;
  if (g_mkdir_with_parents (folder, 0700) != 0 || lstat (folder, &status) != 0)
    {
      fail (folder, error);
      return NULL;
    }
  if (!S_ISDIR (status.st_mode) || status.st_uid != geteuid () || (status.st_mode & 0077) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   _ ("“%s” must be a directory that nobody else can read"), folder);
      return NULL;
    }

  return g_steal_pointer (&folder);
}

/* What is in the journal, the newest first. */

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) b, *(const char *const *) a);
}

/* (transfer full) (element-type utf8) */
static GPtrArray *
list_ids (const char *folder)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && ids->len < SETS_MAX && (name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*name))
      g_ptr_array_add (ids, g_strdup (name));
  g_ptr_array_sort (ids, compare_ids);

  return ids;
}

/* (transfer full) (nullable) */
static JsonObject *
read_manifest (const char *folder, const char *id)
{
  g_autofree char *path = g_build_filename (folder, id, MANIFEST, NULL);
  g_autoptr (GBytes) text = bfy_saved_file_read (path, MANIFEST_BYTES_MAX, NULL);

  return text != NULL
             ? bfy_json_parse_object (g_bytes_get_data (text, NULL), g_bytes_get_size (text), NULL)
             : NULL;
}

static void
note_places (JsonObject *manifest, GHashTable *places)
{
  for (guint i = 0; i < bfy_field_count (manifest, "files"); i++)
    {
      JsonObject *file = bfy_field_nth (manifest, "files", i);
      const char *path = bfy_field_text (file, "path");

      if (g_path_is_absolute (path))
        g_hash_table_insert (places, g_strdup (path), g_strdup (bfy_field_text (file, "root")));
    }
}

/* The first to be here after one that was killed cleans up. What that was about to change is in the
 * journal. */
static void
sweep_all (const char *folder)
{
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) ids = list_ids (folder);
  GHashTableIter iterator;
  gpointer path, root;

  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (JsonObject) manifest = read_manifest (folder, g_ptr_array_index (ids, i));

      if (manifest != NULL)
        note_places (manifest, places);
    }
  g_hash_table_iter_init (&iterator, places);
  while (g_hash_table_iter_next (&iterator, &path, &root))
    bfy_user_file_sweep (path, root);
}

int
bfy_undo_lock (const BfyEnvironment *environment, GError **error)
{
  g_autofree char *folder = make_folder (environment, error);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "lock", NULL) : NULL;
  int fd;

  if (path == NULL)
    return -1;
  fd = open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      fail (path, error);
      return -1;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    {
      sweep_all (folder);
      return fd;
    }
  g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
               _ ("Another bindify is changing files of your programs; try again when it is done"));
  (void) close (fd);

  return -1;
}

/* Writing */

static JsonObject *
file_to_json (const BfyUndoFile *file)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "path", file->path);
  json_object_set_string_member (object, "root", file->root);
  json_object_set_int_member (object, "mode", file->mode);
  json_object_set_boolean_member (object, "is_new", file->is_new);
  json_object_set_string_member (object, "after", file->after);

  return object;
}

static char *
set_to_text (const BfyUndoSet *self, gsize *length)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *files = json_array_new ();

  json_object_set_string_member (object, "kind", self->kind);
  json_object_set_string_member (object, "what", self->what);
  json_object_set_int_member (object, "at_s", self->at_s);
  for (guint i = 0; i < self->files->len; i++)
    json_array_add_object_element (files, file_to_json (g_ptr_array_index (self->files, i)));
  json_object_set_array_member (object, "files", files);
  json_object_set_object_member (object, "notes", json_object_ref (self->notes));

  return bfy_json_object_to_text (object, length);
}

static gboolean
save_content (const char *folder, const char *name, GBytes *content, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return bfy_saved_file_write (path, content, error);
}

/* The manifest comes last: a folder without it is none. */
static gboolean
save_into (const BfyUndoSet *self, const char *folder, GError **error)
{
  g_autoptr (GBytes) manifest = NULL;
  gsize length;
  char *text;

  for (guint i = 0; i < self->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (self->files, i);
      g_autofree char *name = g_strdup_printf ("%u", i);

      if (file->before != NULL && !save_content (folder, name, file->before, error))
        return FALSE;
    }
  text = set_to_text (self, &length);
  manifest = g_bytes_new_take (text, length);

  return save_content (folder, MANIFEST, manifest, error);
}

gboolean
bfy_undo_set_save (BfyUndoSet *self, const BfyEnvironment *environment, GError **error)
{
  g_autofree char *folder = make_folder (environment, error);
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *own = NULL;

  if (folder == NULL)
    return FALSE;
  g_free (self->id);
  self->id = g_strdup_printf ("%015" G_GINT64_MODIFIER "d-%.8s", g_get_real_time () / 1000, unique);
  own = g_build_filename (folder, self->id, NULL);
  if (g_mkdir (own, 0700) != 0)
    return fail (own, error);
  if (save_into (self, own, error))
    return TRUE;
  bfy_undo_set_forget (self, environment);

  return FALSE;
}

void
bfy_undo_set_forget (BfyUndoSet *self, const BfyEnvironment *environment)
{
  g_autofree char *folder = find_folder (environment, NULL);
  g_autofree char *own =
      folder != NULL && self->id != NULL ? g_build_filename (folder, self->id, NULL) : NULL;
  g_autofree char *manifest = own != NULL ? g_build_filename (own, MANIFEST, NULL) : NULL;

  if (own == NULL)
    return;
  (void) g_unlink (manifest);
  for (guint i = 0; i < self->files->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u", own, i);

      (void) g_unlink (name);
    }
  (void) g_rmdir (own);
}

/* Reading */

static BfyUndoFile *
file_from_json (JsonObject *object, const char *folder, guint index)
{
  BfyUndoFile *file = g_new0 (BfyUndoFile, 1);
  g_autofree char *kept = g_strdup_printf ("%s/%u", folder, index);

  file->path = g_strdup (bfy_field_text (object, "path"));
  file->root = g_strdup (bfy_field_text (object, "root"));
  file->mode = (guint) bfy_field_int (object, "mode") & 0777;
  file->is_new = bfy_field_boolean (object, "is_new");
  file->after = g_strdup (bfy_field_text (object, "after"));
  file->before =
      file->is_new ? NULL : bfy_saved_file_read (kept, 2 * BFY_USER_FILE_BYTES_MAX, NULL);

  return file;
}

static gboolean
is_whole (const BfyUndoFile *file)
{
  return g_path_is_absolute (file->path) && g_path_is_absolute (file->root) &&
         (file->is_new || file->before != NULL);
}

/* (transfer full) (nullable) */
static BfyUndoSet *
load (const char *folder, const char *id)
{
  g_autofree char *own = g_build_filename (folder, id, NULL);
  g_autoptr (JsonObject) object = read_manifest (folder, id);
  g_autoptr (BfyUndoSet) self = NULL;
  JsonObject *notes;

  if (object == NULL)
    return NULL;
  self = bfy_undo_set_new (bfy_field_text (object, "kind"), bfy_field_text (object, "what"));
  self->id = g_strdup (id);
  self->at_s = bfy_field_int (object, "at_s");
  for (guint i = 0; i < bfy_field_count (object, "files"); i++)
    {
      BfyUndoFile *file = file_from_json (bfy_field_nth (object, "files", i), own, i);

      g_ptr_array_add (self->files, file);
      if (!is_whole (file))
        return NULL;
    }
  notes = bfy_field_object (object, "notes");
  if (notes != NULL)
    {
      json_object_unref (self->notes);
      self->notes = json_object_ref (notes);
    }

  return g_steal_pointer (&self);
}

GPtrArray *
bfy_undo_list (const BfyEnvironment *environment, GError **error)
{
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_undo_set_free);
  g_autofree char *folder = find_folder (environment, error);
  g_autoptr (GPtrArray) ids = NULL;

  if (folder == NULL)
    return NULL;
  ids = list_ids (folder);
  for (guint i = 0; i < ids->len; i++)
    {
      BfyUndoSet *set = load (folder, g_ptr_array_index (ids, i));

      if (set != NULL)
        g_ptr_array_add (sets, set);
    }

  return g_steal_pointer (&sets);
}

/* Undoing */

static gboolean
is_equal (GBytes *a, GBytes *b)
{
  return a == NULL || b == NULL ? a == b : g_bytes_equal (a, b);
}

BfyUndoResult
bfy_undo_restore (const BfyUndoFile *file, GBytes *before, gboolean is_forced, GError **error)
{
  g_autoptr (BfyUserFile) now = bfy_user_file_read (file->path, file->root, error);
  g_autofree char *present = NULL;

  if (now == NULL)
    return BFY_UNDO_FAILED;
  if (is_equal (now->content, before))
    return BFY_UNDO_ALREADY;
  present = hash (now->content);
  if (!g_str_equal (present, file->after) && !is_forced)
    return BFY_UNDO_CHANGED;
  if (now->content == NULL)
    now->mode = file->mode;

  return bfy_user_file_write (now, before, error) ? BFY_UNDO_DONE : BFY_UNDO_FAILED;
}
