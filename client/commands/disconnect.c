/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/commands/connect.h"
#include "client/fields.h"
#include "protocol/name.h"

/* What is to go. */
typedef struct
{
  const char *const *names; /* (nullable) of bindings; NULL: all */
  GPtrArray *sets;          /* borrowed, (element-type BfyUndoSet) */
} Wish;

static gboolean
take_all (BfyConnectEdit *edit, gpointer data, GError **error)
{
  const Wish *wish = data;

  return bfy_connect_edit_take (edit, wish->names, wish->sets, error);
}

static gboolean
is_gone (GPtrArray *edits, const char *name)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);

      if (g_ptr_array_find_with_equal_func (edit->names, name, g_str_equal, NULL))
        return TRUE;
    }

  return FALSE;
}

/* The keys that were made for what is gone now. (transfer full) */
static JsonObject *
find_keys (GPtrArray *sets, GPtrArray *edits, const char *client)
{
  JsonObject *found = json_object_new ();

  for (guint i = 0; i < sets->len; i++)
    {
      const BfyUndoSet *set = g_ptr_array_index (sets, i);
      JsonObject *keys = bfy_field_object (set->notes, "keys");
      g_autoptr (GList) ids = keys != NULL ? json_object_get_members (keys) : NULL;

      if (!g_str_equal (bfy_field_text (set->notes, "client"), client))
        continue;
      for (const GList *id = ids; id != NULL; id = id->next)
        {
          const char *name = bfy_field_text (keys, id->data);

          if (is_gone (edits, name))
            json_object_set_string_member (found, id->data, name);
        }
    }

  return found;
}

static gboolean
write_edits (
    BfyCli *cli, const BfyConnectClient *client, GPtrArray *edits, JsonObject *keys, GError **error)
{
  g_autofree char *what = g_strdup_printf ("disconnect %s", client->id);
  g_autoptr (BfyUndoSet) set = bfy_undo_set_new ("disconnect", what);

  json_object_set_string_member (set->notes, "client", client->id);
  json_object_set_object_member (set->notes, "revoked", json_object_ref (keys));

  return bfy_connect_edits_write (edits, cli->environment, set, error);
}

static void
report (const BfyConnectClient *client, GPtrArray *edits)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);
      g_autofree char *path = bfy_text_to_line (edit->target->path, 400);

      for (guint j = 0; j < edit->names->len; j++)
        /* Translators: a program, a binding, and a file. */
        bfy_cli_print (_ ("%s no longer uses %s (%s).\n"), client->name,
                       (const char *) g_ptr_array_index (edit->names, j), path);
    }
}

static gboolean
disconnect (BfyCli *cli, GStrv words, const char *project, GError **error)
{
  const BfyConnectClient *client = bfy_connect_client_find (words[0], error);
  Wish wish = { words[1] != NULL ? (const char *const *) words + 1 : NULL, NULL };
  g_autoptr (GPtrArray) targets = NULL;
  g_autoptr (GPtrArray) edits = NULL;
  g_autoptr (GPtrArray) sets = NULL;
  g_autoptr (JsonObject) keys = NULL;

  if (client == NULL)
    {
      bfy_cli_set_hint (cli, "bindify connect --list");
      return FALSE;
    }
  targets = bfy_connect_targets (client, cli->environment, project, error);
  sets = targets != NULL ? bfy_undo_list (cli->environment, error) : NULL;
  wish.sets = sets;
  edits = sets != NULL ? bfy_connect_edits_new (targets, take_all, &wish, error) : NULL;
  if (edits == NULL)
    return FALSE;
  if (edits->len == 0)
    {
      bfy_cli_set_hint (cli, "bindify connect --list");
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, _ ("%s uses nothing of that"),
                   client->name);
      return FALSE;
    }
  keys = find_keys (sets, edits, client->id);
  if (!write_edits (cli, client, edits, keys, error))
    return FALSE;
  report (client, edits);
  bfy_connect_revoke (cli, keys);

  return TRUE;
}

gboolean
bfy_command_disconnect (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *project = NULL;
  const GOptionEntry entries[] = {
    { "project", 0, 0, G_OPTION_ARG_FILENAME, &project,
      N_ ("Only in this folder: the file that the client reads there"), "DIR" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  return others != NULL && disconnect (cli, others, project, error);
}
