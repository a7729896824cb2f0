/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/commands.h"
#include "client/nearest.h"
#include "client/tray-program.h"
#include "protocol/name.h"

/* `bindify open`: the window belongs to bindify-tray, which is asked over D-Bus and started when it
 * does not run: by the bus, or else by us. */

#define PATIENCE_MS 20000
#define SHOWN_CHARACTERS_MAX 60
#define IN_TERMINAL_TEXT                                                                           \
  N_ ("bindify list, bindify prompts --watch and bindify log, which do the same in a terminal")

const char *const bfy_open_pages[] = {
  "bindings", "clients", "grants", "activity", "keyring", "settings", NULL,
};

static gboolean
check_page (BfyCli *cli, const char *page, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (page, SHOWN_CHARACTERS_MAX);
  g_autofree char *all = g_strjoinv (", ", (GStrv) bfy_open_pages);
  const char *near = bfy_nearest (page, bfy_open_pages);

  if (g_strv_contains (bfy_open_pages, page))
    return TRUE;
  bfy_cli_set_hint (cli, "bindify open %s", near != NULL ? near : bfy_open_pages[0]);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               _ ("The window has no page “%s”; it has %s"), shown, all);

  return FALSE;
}

/* What the launcher that started us was given, so that the window may come to the front. */
static GVariant *
make_platform_data (const BfyDesktop *desktop)
{
  GVariantBuilder data = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (desktop->startup_id != NULL)
    g_variant_builder_add (&data, "{sv}", "desktop-startup-id",
                           g_variant_new_string (desktop->startup_id));
  if (desktop->activation_token != NULL)
    g_variant_builder_add (&data, "{sv}", "activation-token",
                           g_variant_new_string (desktop->activation_token));

  return g_variant_builder_end (&data);
}

static gboolean
ask_to_open (BfySessionBus *bus, const char *page, GError **error)
{
  static const BfyBusCall call = { BFY_TRAY_NAME, BFY_TRAY_PATH, "org.freedesktop.Application",
                                   "ActivateAction", "()" };
  GVariantBuilder parameters = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  g_autoptr (GVariant) reply = NULL;

  g_variant_builder_add (&parameters, "v", g_variant_new_string (page));
  reply = bfy_session_bus_call (
      bus, &call,
      g_variant_new ("(sav@a{sv})", "open", &parameters, make_platform_data (bus->cli->desktop)),
      error);

  return reply != NULL;
}

static gboolean
refuse_no_display (BfyCli *cli, GError **error)
{
  bfy_cli_set_hint (cli, "%s", _ (IN_TERMINAL_TEXT));
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       cli->desktop->is_remote
                           ? _ ("The window needs a desktop, and this is a session from elsewhere "
                                "without one")
                           : _ ("The window needs a desktop, and this session has none (neither "
                                "DISPLAY nor WAYLAND_DISPLAY is set)"));

  return FALSE;
}

static gboolean
start_and_open (BfySessionBus *bus, const char *page, GError **error)
{
  BfyCli *cli = bus->cli;
  g_autofree char *program = bfy_tray_program_find ();

  if (program == NULL)
    {
      bfy_cli_set_hint (cli, "%s", _ (IN_TERMINAL_TEXT));
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("The window is a program of its own, bindify-tray, and that is not "
                              "installed"));
      return FALSE;
    }
  bfy_cli_set_hint (cli, _ ("%s, which says why"), program);
  if (!bfy_tray_program_start (bus, program, cli->socket_option, error))
    return FALSE;
  g_clear_pointer (&cli->hint, g_free);

  return ask_to_open (bus, page, error);
}

static gboolean
open_page (BfySessionBus *bus, const char *page, GError **error)
{
  BfyCli *cli = bus->cli;
  gboolean runs = bfy_session_bus_has_owner (bus, BFY_TRAY_NAME);

  if (runs && cli->socket_option != NULL)
    {
      bfy_cli_set_hint (cli, _ ("bindify open, for the agent that the window belongs to"));
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("The window runs already, with an agent of its own: --socket counts "
                              "only when it is started"));
      return FALSE;
    }
  if (runs)
    return ask_to_open (bus, page, error);
  if (!cli->desktop->has_display)
    return refuse_no_display (cli, error);
  /* A bus that knows it starts it as the session wants it: by its unit. */
  if (cli->socket_option == NULL && ask_to_open (bus, page, NULL))
    return TRUE;

  return start_and_open (bus, page, error);
}

gboolean
bfy_command_open (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_auto (BfySessionBus) bus = { 0 };
  g_autoptr (GError) local_error = NULL;

  if (others == NULL || (others[0] != NULL && !check_page (cli, others[0], error)))
    return FALSE;
  if (!bfy_session_bus_open (&bus, cli, PATIENCE_MS))
    {
      if (!cli->desktop->has_display)
        return refuse_no_display (cli, error);
      bfy_cli_set_hint (cli, "dbus-run-session bindify-tray");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("This session has no D-Bus, by which the window is opened"));
      return FALSE;
    }
  if (open_page (&bus, others[0] != NULL ? others[0] : "", &local_error))
    return TRUE;
  if (local_error->domain == BFY_ERROR)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, _ ("The window could not be opened: %s"),
                 local_error->message);

  return FALSE;
}
