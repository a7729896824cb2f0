/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/socket-watch.h"

struct _BfySocketWatch
{
  GFile *socket;         /* (owned) */
  GFile *folder;         /* (owned) the deepest one that exists */
  GFile *next;           /* (owned) what is missing in it, or the socket */
  GFileMonitor *monitor; /* (owned) (nullable) */
  BfySocketWatchFunc func;
  gpointer user_data;
};

static void look (BfySocketWatch *self);

static gboolean
is_folder (GFile *file)
{
  return g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL) == G_FILE_TYPE_DIRECTORY;
}

static gboolean
is_arrival (GFileMonitorEvent event)
{
  return event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_MOVED_IN ||
         event == G_FILE_MONITOR_EVENT_RENAMED;
}

static gboolean
is_departure (GFileMonitorEvent event)
{
  return event == G_FILE_MONITOR_EVENT_DELETED || event == G_FILE_MONITOR_EVENT_MOVED_OUT ||
         event == G_FILE_MONITOR_EVENT_UNMOUNTED;
}

static void
on_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  BfySocketWatch *self = user_data;
  GFile *named = event == G_FILE_MONITOR_EVENT_RENAMED && other != NULL ? other : file;

  gboolean has_gone = is_departure (event) && g_file_equal (file, self->folder);

  if (!has_gone && !(is_arrival (event) && g_file_equal (named, self->next)))
    return;
  if (has_gone || !g_file_equal (self->next, self->socket))
    look (self);
  if (g_file_query_exists (self->socket, NULL))
    self->func (self->user_data);
}

static void
watch (BfySocketWatch *self)
{
  g_autoptr (GError) error = NULL;

  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  self->monitor = g_file_monitor_directory (self->folder, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  if (self->monitor == NULL)
    {
      g_info ("The folder of the agent’s socket is not watched: %s", error->message);
      return;
    }
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_changed), self);
}

/* Finds the deepest folder that exists, and what is missing in it. */
static void
descend (BfySocketWatch *self)
{
  g_autoptr (GFile) next = g_object_ref (self->socket);
  g_autoptr (GFile) folder = g_file_get_parent (next);

  while (!is_folder (folder) && g_file_has_parent (folder, NULL))
    {
      g_set_object (&next, folder);
      g_object_unref (folder);
      folder = g_file_get_parent (next);
    }
  g_set_object (&self->folder, folder);
  g_set_object (&self->next, next);
}

/* What appears between looking and watching would not be told of: it is looked once more. */
static void
look (BfySocketWatch *self)
{
  g_autoptr (GFile) before = NULL;

  do
    {
      descend (self);
      g_set_object (&before, self->folder);
      watch (self);
      descend (self);
    }
  while (!g_file_equal (before, self->folder));
}

BfySocketWatch *
bfy_socket_watch_new (const char *path, BfySocketWatchFunc func, gpointer user_data)
{
  BfySocketWatch *self = g_new0 (BfySocketWatch, 1);

  self->socket = g_file_new_for_path (path);
  self->func = func;
  self->user_data = user_data;
  look (self);

  return self;
}

void
bfy_socket_watch_free (BfySocketWatch *self)
{
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_clear_object (&self->socket);
  g_clear_object (&self->folder);
  g_clear_object (&self->next);
  g_free (self);
}
