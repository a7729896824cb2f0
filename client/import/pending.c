/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/import/pending.h"

#include <string.h>

#include "client/fields.h"
#include "client/rewrite/file.h"
#include "protocol/json.h"

#define FILE_NAME "pending.json"
#define MEMBER "pending"

struct _BfyPending
{
  char *folder;   /* (owned) `undo` of the state directory */
  JsonArray *all; /* (owned) */
};

static BfyUserFile *
read_file (const BfyPending *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, FILE_NAME, NULL);

  return bfy_user_file_read (path, self->folder, error);
}

/* (transfer full) (nullable) */
static JsonObject *
parse (const BfyUserFile *file)
{
  gsize length = file->content != NULL ? g_bytes_get_size (file->content) : 0;

  return length > 0 ? bfy_json_parse_object (bfy_user_file_peek (file), length, NULL) : NULL;
}

BfyPending *
bfy_pending_load (const BfyEnvironment *environment, GError **error)
{
  g_autoptr (BfyPending) self = g_new0 (BfyPending, 1);
  g_autofree char *state = bfy_paths_state_dir (environment, NULL, error);
  g_autoptr (BfyUserFile) file = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (state == NULL)
    return NULL;
  self->folder = g_build_filename (state, "undo", NULL);
  self->all = json_array_new ();
  file = read_file (self, error);
  if (file == NULL)
    return NULL;
  object = parse (file);
  for (guint i = 0; object != NULL && i < bfy_field_count (object, MEMBER); i++)
    json_array_add_object_element (self->all, json_object_ref (bfy_field_nth (object, MEMBER, i)));

  return g_steal_pointer (&self);
}

void
bfy_pending_free (BfyPending *self)
{
  if (self == NULL)
    return;

  g_free (self->folder);
  g_clear_pointer (&self->all, json_array_unref);
  g_free (self);
}

static gboolean
is_text (JsonNode *node, const char *text)
{
  return json_node_get_value_type (node) == G_TYPE_STRING &&
         g_str_equal (json_node_get_string (node), text);
}

static gboolean
is_at (JsonObject *row, const char *path, const char *const *place)
{
  JsonArray *entry = bfy_field_array (row, "entry");
  guint n = g_strv_length ((GStrv) place);

  if (entry == NULL || json_array_get_length (entry) != n ||
      !g_str_equal (bfy_field_text (row, "path"), path))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!is_text (json_array_get_element (entry, i), place[i]))
      return FALSE;

  return TRUE;
}

/* Where it is in the list, or how long that is. */
static guint
find_index (const BfyPending *self, const char *path, const char *const *place)
{
  guint n = json_array_get_length (self->all);

  for (guint i = 0; i < n; i++)
    if (is_at (json_array_get_object_element (self->all, i), path, place))
      return i;

  return n;
}

const char *
bfy_pending_find (const BfyPending *self, const char *path, const char *const *place)
{
  guint i = find_index (self, path, place);
  const char *name = i < json_array_get_length (self->all)
                         ? bfy_field_text (json_array_get_object_element (self->all, i), "binding")
                         : "";

  return *name != '\0' ? name : NULL;
}

void
bfy_pending_drop (BfyPending *self, const char *path, const char *const *place)
{
  guint i = find_index (self, path, place);

  if (i < json_array_get_length (self->all))
    json_array_remove_element (self->all, i);
}

void
bfy_pending_put (BfyPending *self, const char *path, const char *const *place, const char *binding)
{
  JsonObject *row = json_object_new ();
  JsonArray *entry = json_array_new ();

  bfy_pending_drop (self, path, place);
  for (guint i = 0; place[i] != NULL; i++)
    json_array_add_string_element (entry, place[i]);
  json_object_set_string_member (row, "path", path);
  json_object_set_array_member (row, "entry", entry);
  json_object_set_string_member (row, "binding", binding);
  json_array_add_object_element (self->all, row);
}

JsonArray *
bfy_pending_peek (const BfyPending *self)
{
  return self->all;
}

/* (transfer full) (nullable) of a row that is one */
static GStrv
read_place (JsonObject *row)
{
  g_autoptr (GStrvBuilder) place = g_strv_builder_new ();
  JsonArray *entry = bfy_field_array (row, "entry");
  guint n = entry != NULL ? json_array_get_length (entry) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *word = json_array_get_element (entry, i);

      if (json_node_get_value_type (word) != G_TYPE_STRING)
        return NULL;
      g_strv_builder_add (place, json_node_get_string (word));
    }

  return n > 0 ? g_strv_builder_end (place) : NULL;
}

void
bfy_pending_take (BfyPending *self, JsonArray *list)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      JsonObject *row = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      g_auto (GStrv) place = row != NULL ? read_place (row) : NULL;

      if (place != NULL)
        bfy_pending_put (self, bfy_field_text (row, "path"), (const char *const *) place,
                         bfy_field_text (row, "binding"));
    }
}

gboolean
bfy_pending_save (BfyPending *self, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (BfyUserFile) file = read_file (self, error);
  g_autoptr (GBytes) content = NULL;
  gsize length;
  char *text;

  if (file == NULL)
    return FALSE;
  if (json_array_get_length (self->all) == 0)
    return bfy_user_file_write (file, NULL, error);
  json_object_set_array_member (object, MEMBER, json_array_ref (self->all));
  text = bfy_json_object_to_text (object, &length);
  content = g_bytes_new_take (text, length);

  return bfy_user_file_write (file, content, error);
}
