/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/connect.h"
#include "client/fields.h"

/* The end of keys that were made for clients in sandboxes. */

void
bfy_connect_revoke (BfyCli *cli, JsonObject *keys)
{
  g_autoptr (GList) ids = keys != NULL ? json_object_get_members (keys) : NULL;

  for (const GList *id = ids; id != NULL; id = id->next)
    {
      g_autofree char *path = bfy_cli_path ("clients", id->data);
      g_autoptr (GError) problem = NULL;
      g_autoptr (JsonObject) reply = bfy_cli_call (cli, "DELETE", path, NULL, &problem);

      if (reply == NULL && !g_error_matches (problem, BFY_ERROR, BFY_ERROR_NOT_FOUND))
        bfy_cli_warn (_ ("The key %s still works (%s); “bindify client remove %s” revokes it"),
                      (const char *) id->data, problem->message, (const char *) id->data);
    }
}

static gboolean
is_revoked (JsonObject *revoked, const char *binding)
{
  g_autoptr (GList) ids = json_object_get_members (revoked);

  for (const GList *id = ids; id != NULL; id = id->next)
    {
      if (g_strcmp0 (bfy_field_text (revoked, id->data), binding) == 0)
        return TRUE;
    }

  return FALSE;
}

/* The bindings that entries of @content lead to with a key of those. */
static void
add_bindings (GPtrArray *names, const BfyConnectStyle *style, GBytes *content, JsonObject *revoked)
{
  gsize length;
  const char *bytes = g_bytes_get_data (content, &length);
  g_autofree char *text = g_strndup (bytes, length);
  g_autoptr (GPtrArray) found = bfy_connect_read (style, text, NULL);

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (found, i);

      if (one->has_key && is_revoked (revoked, one->binding) &&
          !g_ptr_array_find_with_equal_func (names, one->binding, g_str_equal, NULL))
        g_ptr_array_add (names, g_strdup (one->binding));
    }
}

void
bfy_connect_tell_revoked (const BfyUndoSet *set)
{
  const BfyConnectClient *client =
      bfy_connect_client_find (bfy_field_text (set->notes, "client"), NULL);
  JsonObject *revoked = bfy_field_object (set->notes, "revoked");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *words = NULL;

  if (client == NULL || revoked == NULL)
    return;
  for (guint i = 0; i < set->files->len; i++)
    {
      const BfyUndoFile *file = g_ptr_array_index (set->files, i);

      if (file->before != NULL)
        add_bindings (names, &client->style, file->before, revoked);
    }
  if (names->len == 0)
    return;
  g_ptr_array_add (names, NULL);
  words = g_strjoinv (" ", (char **) names->pdata);
  bfy_cli_warn (_ ("The key in there was revoked when %s was disconnected; “bindify connect %s %s” "
                   "makes a new one"),
                client->name, client->id, words);
}
