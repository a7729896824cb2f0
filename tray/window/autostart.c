/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/autostart.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/background.h"
#include "protocol/error.h"

#define ENTRY "io.bindify.Tray.desktop"
#define UNIT "bindify-tray.service"
#define NOWHERE "/dev/null"
#define GROUP G_KEY_FILE_DESKTOP_GROUP
#define HIDDEN G_KEY_FILE_DESKTOP_KEY_HIDDEN
#define ENTRY_BYTES_MAX (64 * 1024)

static char *
get_path (const char *config_home)
{
  return g_build_filename (config_home, "autostart", ENTRY, NULL);
}

/* (nullable) */
static char *
read_entry (const char *path)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL) || length > ENTRY_BYTES_MAX)
    return NULL;

  return g_steal_pointer (&text);
}

gboolean
bfy_autostart_is_on (const char *config_home)
{
  g_autofree char *path = get_path (config_home);
  g_autofree char *text = read_entry (path);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  return text == NULL || !g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL) ||
         !g_key_file_get_boolean (file, GROUP, HIDDEN, NULL);
}

char *
bfy_autostart_edit (const char *text, gboolean is_on)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gboolean is_known =
      text != NULL &&
      g_key_file_load_from_data (file, text, -1,
                                 G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, NULL);

  if (!is_known)
    {
      if (is_on)
        return NULL;
      g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE, "Application");
      g_key_file_set_string (file, GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, "bindify");
    }
  if (!is_on)
    g_key_file_set_boolean (file, GROUP, HIDDEN, TRUE);
  else
    (void) g_key_file_remove_key (file, GROUP, HIDDEN, NULL);
  /* What we have made ourselves would hide the one of the system. */
  if (is_on && !g_key_file_has_key (file, GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, NULL))
    return NULL;

  return g_key_file_to_data (file, NULL, NULL);
}

static void
on_systemd (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_info ("The unit of the tray stays as it is: %s", error->message);
}

/* Enabling makes the link of the person's own, or says that there is one. */
static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const char *const units[] = { UNIT, NULL };
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);
  gboolean is_on = GPOINTER_TO_INT (user_data);

  if (bus == NULL)
    return;
  g_dbus_connection_call (bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                          "org.freedesktop.systemd1.Manager", is_on ? "EnableUnitFiles" : "Reload",
                          is_on ? g_variant_new ("(^asbb)", units, FALSE, FALSE) : NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_systemd, NULL);
}

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean starts_at_login;

  if (!bfy_background_request_finish (result, &starts_at_login, &error))
    g_info ("What starts at login stays as it is: %s", error->message);
}

static void
on_bus_of_portal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus != NULL)
    bfy_background_request_async (bus, GPOINTER_TO_INT (user_data),
                                  _ ("It asks before programs use your tokens."), NULL, on_granted,
                                  NULL);
}

/* Not by masking the unit: then the bus could not start it either, when a person opens the window.
 * Only that the desktop wants it is taken away, with a link to nowhere in the place of the one that
 * says so (systemd.unit(5)). */
static void
follow_unit (const char *config_home, gboolean is_on)
{
  g_autofree char *folder =
      g_build_filename (config_home, "systemd", "user", "graphical-session.target.wants", NULL);
  g_autofree char *path = g_build_filename (folder, UNIT, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  if (target != NULL && (!is_on || g_str_equal (target, NOWHERE)))
    g_remove (path);
  if (!is_on && (g_mkdir_with_parents (folder, 0700) != 0 || symlink (NOWHERE, path) != 0))
    g_info ("The unit of the tray stays as it is: %s", g_strerror (errno));
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, GINT_TO_POINTER (is_on));
}

gboolean
bfy_autostart_set (const char *config_home, gboolean is_on, GError **error)
{
  g_autofree char *path = get_path (config_home);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *before = read_entry (path);
  g_autofree char *after = bfy_autostart_edit (before, is_on);
  g_autoptr (GError) local_error = NULL;
  gboolean is_ok;

  errno = 0;
  if (after == NULL)
    is_ok = g_remove (path) == 0 || errno == ENOENT;
  else
    is_ok = g_mkdir_with_parents (folder, 0700) == 0 &&
            g_file_set_contents_full (path, after, -1,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                      0644, &local_error);
  if (!is_ok)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "“%s” cannot be changed: %s", path,
                   local_error != NULL ? local_error->message : g_strerror (errno));
      return FALSE;
    }
  /* Nobody outside of a sandbox sees the entry in there, and there is no systemd. */
  if (bfy_background_is_portals ())
    g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus_of_portal, GINT_TO_POINTER (is_on));
  else
    follow_unit (config_home, is_on);

  return TRUE;
}
