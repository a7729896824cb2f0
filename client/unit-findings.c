/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/unit-findings.h"

#include <glib/gi18n-lib.h>

#include "client/local-findings.h"
#include "protocol/name.h"

#define UNIT "bindify.service"
#define SYSTEMD "org.freedesktop.systemd1"
#define WORD_MAX 40

/* (nullable) */
static char *
find_unit (BfySessionBus *bus)
{
  static const BfyBusCall call = { SYSTEMD, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
                                   "GetUnit", "(o)" };
  g_autoptr (GVariant) reply = bfy_session_bus_ask (bus, &call, g_variant_new ("(s)", UNIT));
  char *path = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(o)", &path);

  return path;
}

/* (nullable) */
static GVariant *
get_properties (BfySessionBus *bus, const char *path, const char *interface)
{
  const BfyBusCall call = { SYSTEMD, path, "org.freedesktop.DBus.Properties", "GetAll", "(a{sv})" };
  g_autoptr (GVariant) reply = bfy_session_bus_ask (bus, &call, g_variant_new ("(s)", interface));

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

static void
judge (GVariant *unit, GVariant *service, gint64 agent_pid, JsonArray *findings)
{
  g_autofree char *result = NULL;
  g_autofree char *end = g_strdup_printf ("kill %u", (guint) agent_pid);
  const char *state = "";
  const char *why = "";
  guint32 pid = 0;

  g_variant_lookup (unit, "ActiveState", "&s", &state);
  g_variant_lookup (service, "Result", "&s", &why);
  g_variant_lookup (service, "MainPID", "u", &pid);
  result = bfy_text_to_line (why, WORD_MAX);
  if (g_str_equal (state, "failed"))
    bfy_local_findings_add (
        findings, "unit_failed",
        /* Translators: the unit, and what systemd calls the reason. */
        g_strdup_printf (_ ("The unit %s of systemd has failed (%s)"), UNIT, result),
        /* Translators: two commands, to be typed one after the other. */
        g_strdup_printf (_ ("%s, then %s"), "journalctl --user -u " UNIT " -n 20",
                         "systemctl --user restart " UNIT));
  else if (pid != 0 && agent_pid != 0 && pid != agent_pid)
    bfy_local_findings_add (
        findings, "unit_is_other",
        g_strdup_printf (
            _ ("Process %u is the agent that systemd runs as %s, but process %u answers at the "
               "socket"),
            pid, UNIT, (guint) agent_pid),
        g_strdup_printf (_ ("%s, then %s"), end, "systemctl --user restart " UNIT));
}

void
bfy_unit_findings_look (BfySessionBus *bus, gint64 agent_pid, JsonArray *findings)
{
  g_autofree char *path = find_unit (bus);
  g_autoptr (GVariant) unit = path != NULL ? get_properties (bus, path, SYSTEMD ".Unit") : NULL;
  g_autoptr (GVariant) service =
      unit != NULL ? get_properties (bus, path, SYSTEMD ".Service") : NULL;

  if (service != NULL)
    judge (unit, service, agent_pid, findings);
}
