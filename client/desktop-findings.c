/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/desktop-findings.h"

#include <string.h>

#include "bfy-config.h"
#include "client/fields.h"
#include "client/local-findings.h"
#include "client/tray-program.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define WATCHER "org.kde.StatusNotifierWatcher"
#define AGENT_UNIT "bindify.socket"
#define AGENT_ENTRY "io.bindify.Agent.desktop"
#define TRAY_ENTRY "io.bindify.Tray.desktop"

/* As the settings of the window do it (tray/window/autostart.c): enabled, but not wanted. */
static gboolean
is_wanted (const BfyEnvironment *environment, const char *unit)
{
  const char *home = environment->home != NULL ? environment->home : "/";
  g_autofree char *config = environment->config_home != NULL
                                ? g_strdup (environment->config_home)
                                : g_build_filename (home, ".config", NULL);
  g_autofree char *path =
      g_build_filename (config, "systemd", "user", "graphical-session.target.wants", unit, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  return g_strcmp0 (target, "/dev/null") != 0;
}

static gboolean
is_unit_enabled (BfySessionBus *bus, const char *unit)
{
  static const BfyBusCall call = { SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
                                   "GetUnitFileState", "(s)" };
  g_autoptr (GVariant) reply = bfy_session_bus_ask (bus, &call, g_variant_new ("(s)", unit));
  const char *state = "";

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &state);

  return g_str_has_prefix (state, "enabled") && is_wanted (bus->cli->environment, unit);
}

/* A person's own entry hides the installed one. */
static gboolean
is_entry_active (const BfyEnvironment *environment, const char *name)
{
  const char *home = environment->home != NULL ? environment->home : "/";
  g_autofree char *own = environment->config_home != NULL
                             ? g_build_filename (environment->config_home, "autostart", name, NULL)
                             : g_build_filename (home, ".config/autostart", name, NULL);
  g_autofree char *installed = g_build_filename (BFY_AUTOSTART_DIR, name, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!g_key_file_load_from_file (file, own, G_KEY_FILE_NONE, NULL) &&
      !g_key_file_load_from_file (file, installed, G_KEY_FILE_NONE, NULL))
    return FALSE;

  return !g_key_file_get_boolean (file, G_KEY_FILE_DESKTOP_GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN,
                                  NULL);
}

static const char *
find_start (BfySessionBus *bus, const char *unit, const char *entry)
{
  if (is_unit_enabled (bus, unit))
    return "unit";

  return is_entry_active (bus->cli->environment, entry) ? "autostart" : "no";
}

static gboolean
has_host (BfySessionBus *bus)
{
  static const BfyBusCall call = { WATCHER, "/StatusNotifierWatcher",
                                   "org.freedesktop.DBus.Properties", "Get", "(v)" };
  g_autoptr (GVariant) reply = bfy_session_bus_ask (
      bus, &call, g_variant_new ("(ss)", WATCHER, "IsStatusNotifierHostRegistered"));
  g_autoptr (GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
         g_variant_get_boolean (value);
}

JsonObject *
bfy_desktop_findings_look (BfySessionBus *bus, JsonArray *findings)
{
  JsonObject *object = json_object_new ();
  g_autofree char *program = bfy_tray_program_find ();
  gboolean runs = bfy_session_bus_has_owner (bus, BFY_TRAY_NAME);

  json_object_set_string_member (object, "tray",
                                 runs ? "running" : (program != NULL ? "stopped" : "missing"));
  json_object_set_boolean_member (object, "tray_host", has_host (bus));
  json_object_set_string_member (object, "tray_at_login",
                                 find_start (bus, BFY_TRAY_UNIT, TRAY_ENTRY));
  json_object_set_string_member (object, "agent_at_login",
                                 find_start (bus, AGENT_UNIT, AGENT_ENTRY));
  if (bus->cli->desktop->has_display && !runs && program != NULL)
    bfy_local_findings_add (findings, "tray_stopped",
                            g_strdup ("The icon does not run, so no window asks when a program "
                                      "wants something that a person has to allow"),
                            g_strdup ("bindify open"));

  return object;
}

static const char *
describe_icon (JsonObject *desktop)
{
  const char *tray = bfy_field_text (desktop, "tray");

  if (g_str_equal (tray, "missing"))
    return "bindify-tray is not installed: questions are for a terminal";
  if (!g_str_equal (tray, "running"))
    return "the icon does not run";

  return bfy_field_boolean (desktop, "tray_host")
             ? "the icon runs and is shown"
             : "the icon runs, but no panel here shows icons: questions come all the same, and "
               "“bindify open” opens the window";
}

static const char *
describe_login (JsonObject *desktop)
{
  gboolean has_agent = !g_str_equal (bfy_field_text (desktop, "agent_at_login"), "no");
  gboolean has_tray = !g_str_equal (bfy_field_text (desktop, "tray_at_login"), "no");

  if (has_agent && has_tray)
    return "agent and icon start at login";
  if (has_agent)
    return "the agent starts at login, the icon does not (systemctl --user enable " BFY_TRAY_UNIT
           ")";
  if (has_tray)
    return "the icon starts at login, the agent does not (systemctl --user enable " AGENT_UNIT ")";

  return "nothing starts at login (systemctl --user enable " AGENT_UNIT " " BFY_TRAY_UNIT ")";
}

char *
bfy_desktop_findings_to_text (JsonObject *desktop)
{
  return g_strdup_printf ("%s; %s.", describe_icon (desktop), describe_login (desktop));
}
