/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <adwaita.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "bfy-config.h"
#include "client/background.h"
#include "client/language.h"
#include "client/run-user.h"
#include "protocol/log.h"
#include "protocol/paths.h"
#include "tray/tray.h"

/* The one place of the tray that reads the environment (conventions: getenv only in main.c). */

static gboolean
is_set (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0';
}

/* Addresses are opened by the session, where it has a portal: in a Flatpak there is no browser, and
 * what a systemd unit starts is under its restrictions, and ends with it. */
static gboolean
is_confined (void)
{
  const char *unit_pid = g_getenv ("SYSTEMD_EXEC_PID");
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());

  return bfy_background_is_portals () || g_strcmp0 (unit_pid, pid) == 0;
}

/* Windows of this size need no GPU, and the drivers of one are most of what GTK would bring into
 * memory (85 MB resident instead of 25). Who has set these variables wants something else. */
static void
choose_renderer (void)
{
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  g_setenv ("GDK_DEBUG", "gl-disable,vulkan-disable", FALSE);
}

/* Without a bus GLib would start one that nobody else is on, and that outlives us. */
static void
forbid_autolaunch (const char *runtime_dir)
{
  g_autofree char *socket = g_build_filename (runtime_dir != NULL ? runtime_dir : "/", "bus", NULL);

  if (!is_set ("DBUS_SESSION_BUS_ADDRESS") && !g_file_test (socket, G_FILE_TEST_EXISTS))
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}

/* Before anything else is begun: GTK itself would end the program with a sentence that helps
 * nobody.
 */
static gboolean
check_display (const BfyTraySettings *settings)
{
  if (gtk_init_check ())
    return TRUE;

  fprintf (
      stderr,
      settings->has_display
          ? "bindify-tray: The display that DISPLAY or WAYLAND_DISPLAY names cannot be opened, "
            "so there is nothing to show windows on.\n"
          : "bindify-tray: There is no display to show windows on: neither DISPLAY nor "
            "WAYLAND_DISPLAY is set.\n");
  fputs ("What programs ask for can be answered in a terminal; type: bindify prompts --watch\n",
         stderr);

  return FALSE;
}

/* The options must be known before there is a display. */
static gboolean
parse (int *argc,
       char ***argv,
       BfyTraySettings *settings,
       char **socket,
       gboolean *is_version,
       GError **error)
{
  const GOptionEntry entries[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, socket, N_ ("The agent’s socket"), "PATH" },
    { "background", 0, 0, G_OPTION_ARG_NONE, &settings->is_background,
      N_ ("Show no window: for starting at login"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, is_version, N_ ("Print the version and end"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (N_ ("– bindify’s icon and window"));

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  /* GApplication has some of its own, and refuses the others. */
  g_option_context_set_ignore_unknown_options (context, TRUE);

  return g_option_context_parse (context, argc, argv, error);
}

/* Without any font GTK measures text with what happens to be in memory, and dies of it: then the
 * agent must not believe that somebody here shows its questions. */
static gboolean
check_font (void)
{
  PangoFontMap *map = pango_cairo_font_map_get_default ();
  PangoContext *context = pango_font_map_create_context (map);
  PangoFontDescription *any = pango_font_description_from_string ("Sans");
  PangoFont *font = pango_font_map_load_font (map, context, any);
  gboolean is_there = font != NULL;

  g_clear_object (&font);
  pango_font_description_free (any);
  g_object_unref (context);
  if (!is_there)
    fputs ("bindify-tray: There is no font, so no window can be shown. Install one (on Debian: apt "
           "install fonts-dejavu-core), then start bindify-tray again; meanwhile bindify prompts "
           "--watch asks you in a terminal.\n",
           stderr);

  return is_there;
}

int
main (int argc, char **argv)
{
  const BfyEnvironment environment = {
    .home = g_getenv ("HOME"),
    .runtime_dir = g_getenv ("XDG_RUNTIME_DIR"),
    .state_home = g_getenv ("XDG_STATE_HOME"),
    .config_home = g_getenv ("XDG_CONFIG_HOME"),
    .socket = g_getenv ("BINDIFY_SOCK"),
    .uid = getuid (),
  };
  BfyTraySettings settings = {
    .has_display = is_set ("DISPLAY") || is_set ("WAYLAND_DISPLAY"),
    .desktop = {
      .has_display = is_set ("DISPLAY") || is_set ("WAYLAND_DISPLAY"),
      .has_browser = is_set ("BROWSER"),
      .by_portal = is_confined (),
      .bus = g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
    },
  };
  g_autofree char *socket = NULL;
  g_autofree char *socket_path = NULL;
  g_autoptr (BfyTray) tray = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_version = FALSE;
  int status;

  bfy_language_init ();
  bfy_log_init ();
  if (!parse (&argc, &argv, &settings, &socket, &is_version, &error) ||
      (!is_version && (socket_path = bfy_paths_socket (&environment, socket,
                                                       bfy_run_user_is_ours (), &error)) == NULL))
    {
      fprintf (stderr, "bindify-tray: %s\n", error->message);
      return 1;
    }
  if (is_version)
    {
      fputs ("bindify-tray " BFY_VERSION "\n", stdout);
      return 0;
    }

  choose_renderer ();
  forbid_autolaunch (environment.runtime_dir);
  if (!check_display (&settings) || !check_font ())
    return 1;
  settings.socket_path = socket_path;
  tray = bfy_tray_new (&settings);

  status = g_application_run (G_APPLICATION (tray), argc, argv);

  return status != 0 ? status : bfy_tray_get_status (tray);
}
