/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/agent-start.h"

#include <glib/gi18n.h>

#include "protocol/error.h"

#define UNIT "bindify.socket"

/* Its socket is told, because ours need not be the usual one. */
static void
spawn (GTask *task)
{
  BfyAgentLink *link = g_task_get_source_object (task);
  const char *socket = bfy_remote_get_socket_path (bfy_agent_link_get_remote (link));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "bindify-agent", "--socket", socket, NULL);

  if (process == NULL)
    {
      g_info ("bindify-agent: %s", error->message);
      g_task_return_new_error (
          task, BFY_ERROR, BFY_ERROR_FAILED, "%s",
          _ ("The agent cannot be started from here. Type “bindify doctor” in a terminal: it tells "
             "what is missing."));
      return;
    }

  g_task_return_boolean (task, TRUE);
}

static void
on_systemctl (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL))
    g_task_return_boolean (task, TRUE);
  else
    spawn (task);
}

void
bfy_agent_start_async (BfyAgentLink *link, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (link, NULL, callback, user_data);
  g_autoptr (GSubprocess) systemctl = NULL;

  g_task_set_source_tag (task, bfy_agent_start_async);
  systemctl =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                        "systemctl", "--user", "start", UNIT, NULL);
  if (systemctl == NULL)
    {
      spawn (task);
      return;
    }
  g_subprocess_wait_check_async (systemctl, NULL, on_systemctl, g_steal_pointer (&task));
}

gboolean
bfy_agent_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
