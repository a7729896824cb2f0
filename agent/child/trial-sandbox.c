/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gstdio.h>

#include "agent/child/child.h"
#include "agent/child/trial.h"

#define LINE_BYTES_MAX 4096

typedef struct
{
  BfyTail *tail;   /* (owned) */
  BfyChild *child; /* (owned) (nullable) */
  char *home;      /* (owned) */
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  bfy_child_free (check->child);
  bfy_tail_free (check->tail);
  if (check->home != NULL)
    (void) g_rmdir (check->home);
  g_free (check->home);
  g_free (check);
}

static void
on_check_line (BfyChild *child, const char *line, gsize length, gpointer user_data)
{
}

static void
on_check_ended (BfyChild *child, const char *reason, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  g_autoptr (JsonArray) lines = bfy_tail_to_json (check->tail);

  if (bfy_child_get_exit_status (child) == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_task_return_new_error (
      task, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
      "The sandbox cannot be set up here (%s): allow user namespaces for bubblewrap (sysctl "
      "kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap), or add the binding "
      "with --no-sandbox",
      json_object_get_string_member (json_array_get_object_element (lines, 0), "text"));
}

void
bfy_trial_check_sandbox_async (BfyChildren *children,
                               const BfyProgram *program,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  static const BfyChildEvents events = { on_check_line, on_check_ended };
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (BfyProgram) trial = bfy_program_copy (program);
  g_autoptr (BfyBinding) nobody = bfy_binding_new ();
  Check *check = g_new0 (Check, 1);
  BfyChildSetup setup = { .program = trial, .line_bytes_max = LINE_BYTES_MAX };
  GError *error = NULL;
  BfyPlace place;

  g_task_set_task_data (task, check, check_free);
  if (!program->has_sandbox)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_strfreev (trial->argv);
  trial->argv = g_strsplit ("true", " ", -1);
  trial->delivery = BFY_DELIVER_NOTHING;
  g_clear_pointer (&trial->variable, g_free);
  nobody->id = g_uuid_string_random ();
  check->tail = bfy_tail_new ();
  setup.place = &place;
  setup.tail = check->tail;
  if (bfy_children_fill_place (children, nobody, &place, &error))
    {
      check->home = g_strdup (place.private_home);
      check->child = bfy_child_start (&setup, &events, g_object_ref (task), &error);
    }
  if (check->child != NULL)
    return;

  g_task_return_error (task, error);
  if (check->home != NULL)
    g_object_unref (task);
}

gboolean
bfy_trial_check_sandbox_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
