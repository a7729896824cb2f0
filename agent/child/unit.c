/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/unit.h"

#include <gio/gunixfdlist.h>
#include <signal.h>
#include <string.h>

#include "agent/child/launch.h"
#include "bfy-config.h"
#include "protocol/error.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define STOP_US (5 * G_USEC_PER_SEC) /* more than the launcher takes */

typedef struct
{
  char *name;       /* (owned) */
  char *own_unit;   /* (owned) */
  char *launcher;   /* (owned) */
  char *label;      /* (owned) */
  GUnixFDList *fds; /* (owned) the standard input */
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_free (start->name);
  g_free (start->own_unit);
  g_free (start->launcher);
  g_free (start->label);
  g_clear_object (&start->fds);
  g_free (start);
}

static gboolean
is_systemd_line (const char *line)
{
  return g_str_has_prefix (line, "0::/") || strstr (line, ":name=systemd:/") != NULL;
}

char *
bfy_unit_find_own (const char *exec_pid, int pid, const char *cgroup)
{
  g_auto (GStrv) lines = NULL;
  gint64 number;

  if (exec_pid == NULL || cgroup == NULL ||
      !g_ascii_string_to_signed (exec_pid, 10, 1, G_MAXINT, &number, NULL) || number != pid)
    return NULL;

  lines = g_strsplit (cgroup, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (is_systemd_line (lines[i]) && g_str_has_suffix (lines[i], ".service"))
      return g_strdup (strrchr (lines[i], '/') + 1);

  return NULL;
}

static void
add_text (GVariantBuilder *properties, const char *name, const char *value)
{
  g_variant_builder_add (properties, "(sv)", name, g_variant_new_string (value));
}

static void
add_unit (GVariantBuilder *properties, const char *name, const char *unit)
{
  g_variant_builder_add (properties, "(sv)", name, g_variant_new_strv (&unit, 1));
}

/* (program, arguments, whether a failure does not matter) */
static GVariant *
build_command (const char *launcher)
{
  const char *const argv[] = { BFY_LAUNCH_NAME, BFY_LAUNCH_UNIT, BFY_VERSION, NULL };
  GVariant *command = g_variant_new ("(s^asb)", launcher, argv, FALSE);

  return g_variant_new_array (NULL, &command, 1);
}

/* Nothing here says which command it is, nor anything about the secret. */
static GVariant *
build_properties (const Start *start)
{
  GVariantBuilder properties;
  g_autofree char *description = g_strconcat ("MCP server behind bindify’s ", start->label, NULL);

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a(sv)"));
  add_text (&properties, "Description", description);
  g_variant_builder_add (&properties, "(sv)", "ExecStart", build_command (start->launcher));
  g_variant_builder_add (&properties, "(sv)", "StandardInputFileDescriptor",
                         g_variant_new_handle (0));
  add_text (&properties, "StandardOutput", "null");
  add_text (&properties, "StandardError", "journal");
  add_text (&properties, "CollectMode", "inactive-or-failed");
  add_text (&properties, "KillMode", "control-group");
  g_variant_builder_add (&properties, "(sv)", "TimeoutStopUSec", g_variant_new_uint64 (STOP_US));
  g_variant_builder_add (&properties, "(sv)", "NoNewPrivileges", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&properties, "(sv)", "LimitCORE", g_variant_new_uint64 (0));
  g_variant_builder_add (&properties, "(sv)", "UMask", g_variant_new_uint32 (077));
  add_unit (&properties, "BindsTo", start->own_unit);
  add_unit (&properties, "After", start->own_unit);

  return g_variant_builder_end (&properties);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, &error);

  if (reply != NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                           "could not be started by systemd: %s", error->message);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  Start *start = g_task_get_task_data (task);

  if (bus == NULL)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                               "could not be started: the session bus does not answer (%s)",
                               error->message);
      return;
    }

  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_dbus_connection_call_with_unix_fd_list (
      bus, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager", "StartTransientUnit",
      g_variant_new ("(ss@a(sv)@a(sa(sv)))", start->name, "fail", build_properties (start),
                     g_variant_new_array (G_VARIANT_TYPE ("(sa(sv))"), NULL, 0)),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1, start->fds, NULL, on_called,
      g_object_ref (task));
}

void
bfy_unit_start_async (const char *name,
                      const char *own_unit,
                      const char *launcher,
                      const char *label,
                      int input,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Start *start = g_new0 (Start, 1);

  g_task_set_source_tag (task, bfy_unit_start_async);
  g_task_set_task_data (task, start, start_free);
  start->name = g_strdup (name);
  start->own_unit = g_strdup (own_unit);
  start->launcher = g_strdup (launcher);
  start->label = g_strdup (label);
  start->fds = g_unix_fd_list_new_from_array (&input, 1);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, g_object_ref (task));
}

gboolean
bfy_unit_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_bus_to_kill (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree char *name = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus != NULL)
    g_dbus_connection_call (bus, SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
                            "KillUnit", g_variant_new ("(ssi)", name, "all", SIGKILL), NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

void
bfy_unit_kill (const char *name)
{
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus_to_kill, g_strdup (name));
}
