/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first byte says the client, the rest is its file. A binding that is connected is found in it,
 * and connecting it again changes nothing. Taking it out takes it back: what was put in beside
 * others leaves every other server there, and the journal leaves the same bytes. */

#include <string.h>

#include "client/connect/edit.h"
#include "tests/fuzz/fuzz.h"

static const char *const argv[] = { "/usr/bin/bindify-mcp", "notes", NULL };
static const BfyConnectServer server = { "notes", argv, NULL, NULL };

static const BfyConnectClient *
choose (guint8 byte)
{
  const BfyConnectClient *clients = bfy_connect_clients ();
  guint n = 0;

  while (clients[n].id != NULL)
    n++;

  return clients + (guint8) (byte - 'a') % n;
}

static BfyConnectEdit *
edit_new (BfyConnectTarget *target, const guint8 *data, gsize size)
{
  BfyConnectEdit *edit = g_new0 (BfyConnectEdit, 1);

  /* As bfy_user_file_read() does: NUL ends it. */
  edit->target = target;
  edit->file = g_new0 (BfyUserFile, 1);
  edit->file->content = g_bytes_new_take (g_strndup ((const char *) data, size), size);
  edit->after = g_bytes_ref (edit->file->content);
  edit->names = g_ptr_array_new_with_free_func (g_free);

  return edit;
}

static GPtrArray *
read_servers (const BfyConnectEdit *edit)
{
  GPtrArray *found = bfy_connect_read (&edit->target->style, bfy_connect_edit_peek (edit), NULL);

  g_assert_nonnull (found);

  return found;
}

/* All that are not ours are in both. */
static void
check_others (GPtrArray *before, GPtrArray *now)
{
  for (guint i = 0; i < before->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (before, i);
      const BfyConnectFound *other = bfy_connect_look_up (now, one->name);

      if (one->binding == NULL && !g_str_equal (one->name, server.name))
        g_assert_true (other != NULL && other->binding == NULL);
    }
}

static void
check_put (BfyConnectEdit *edit, GPtrArray *before)
{
  g_autofree char *once = g_strdup (bfy_connect_edit_peek (edit));
  g_autoptr (GPtrArray) found = read_servers (edit);
  const BfyConnectFound *ours = bfy_connect_look_up (found, server.name);

  g_assert_true (ours != NULL && g_strcmp0 (ours->binding, "notes") == 0 && !ours->has_key);
  check_others (before, found);
  g_assert_true (bfy_connect_edit_put (edit, &server, FALSE, NULL));
  g_assert_cmpstr (bfy_connect_edit_peek (edit), ==, once);
}

/* What the journal would say of the change. */
static BfyUndoSet *
journal (const BfyConnectEdit *edit)
{
  BfyUndoSet *set = bfy_undo_set_new ("connect", "");
  JsonArray *names = json_array_new ();

  json_array_add_string_element (names, server.name);
  json_object_set_array_member (set->notes, "names", names);
  bfy_undo_set_add (set, edit->file, edit->target->root, edit->after, NULL);

  return set;
}

static void
check_take (BfyConnectEdit *edit, GPtrArray *before)
{
  static const char *const bindings[] = { "notes", NULL };
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_undo_set_free);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GBytes) connected = g_bytes_ref (edit->after);

  if (bfy_connect_edit_take (edit, bindings, none, NULL))
    {
      g_autoptr (GPtrArray) left = read_servers (edit);

      for (guint i = 0; i < left->len; i++)
        g_assert_cmpstr (((BfyConnectFound *) g_ptr_array_index (left, i))->binding, !=, "notes");
      check_others (before, left);
    }
  g_bytes_unref (edit->after);
  edit->after = g_bytes_ref (connected);
  g_ptr_array_add (sets, journal (edit));
  if (bfy_connect_look_up (before, server.name) == NULL && before->len == 0)
    {
      g_assert_true (bfy_connect_edit_take (edit, bindings, sets, NULL));
      g_assert_true (g_bytes_equal (edit->after, edit->file->content));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  BfyConnectTarget target = { .path = (char *) "/home/a/file", .root = (char *) "/home/a" };
  g_autoptr (BfyConnectEdit) edit = NULL;
  g_autoptr (GPtrArray) before = NULL;

  if (size == 0)
    return 0;
  target.client = choose (data[0]);
  target.style = target.client->style;
  edit = edit_new (&target, data + 1, size - 1);
  edit->file->path = g_strdup (target.path);
  if (!bfy_connect_edit_put (edit, &server, TRUE, NULL))
    return 0;
  before = bfy_connect_read (&target.style, bfy_user_file_peek (edit->file), NULL);
  g_assert_nonnull (before);
  check_put (edit, before);
  check_take (edit, before);

  return 0;
}
