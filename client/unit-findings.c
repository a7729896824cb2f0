/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/unit-findings.h"

#include "client/local-findings.h"
#include "protocol/name.h"

#define UNIT "bindify.service"
#define SYSTEMD "org.freedesktop.systemd1"
#define PATIENCE_MS 3000
#define WORD_MAX 40

/* One look, with all of its calls. */
typedef struct
{
  BfyCli *cli;
  GDBusConnection *bus;      /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) of the cli's Ctrl-C and of the time that is left */
} Look;

/* (nullable) */
static GVariant *
call (Look *self, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (self->bus, SYSTEMD, path, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, PATIENCE_MS, self->cancellable,
                          bfy_cli_on_ready, self->cli);
  result = bfy_cli_wait (self->cli);

  return g_dbus_connection_call_finish (self->bus, result, NULL);
}

/* (nullable) */
static char *
find_unit (Look *self)
{
  g_autoptr (GVariant) reply = call (self, "/org/freedesktop/systemd1", SYSTEMD ".Manager",
                                     "GetUnit", g_variant_new ("(s)", UNIT));
  char *path = NULL;

  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(o)")))
    g_variant_get (reply, "(o)", &path);

  return path;
}

/* (nullable) */
static GVariant *
get_properties (Look *self, const char *path, const char *interface)
{
  g_autoptr (GVariant) reply = call (self, path, "org.freedesktop.DBus.Properties", "GetAll",
                                     g_variant_new ("(s)", interface));

  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    return NULL;

  return g_variant_get_child_value (reply, 0);
}

static void
judge (GVariant *unit, GVariant *service, gint64 agent_pid, JsonArray *findings)
{
  g_autofree char *result = NULL;
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
        g_strdup_printf ("The unit " UNIT " of systemd has failed (%s)", result),
        g_strdup ("journalctl --user -u " UNIT " -n 20, then systemctl --user restart " UNIT));
  else if (pid != 0 && agent_pid != 0 && pid != agent_pid)
    bfy_local_findings_add (
        findings, "unit_is_other",
        g_strdup_printf ("Process %u is the agent that systemd runs as " UNIT
                         ", but process %" G_GINT64_FORMAT " answers at the socket",
                         pid, agent_pid),
        g_strdup_printf ("kill %" G_GINT64_FORMAT ", then systemctl --user restart " UNIT,
                         agent_pid));
}

/* Not the session's bus but the user's, if they are two. (nullable) */
static char *
dup_address (const BfyCli *cli)
{
  const char *runtime_dir = cli->environment->runtime_dir;
  g_autofree char *path = NULL;

  if (cli->desktop->bus != NULL)
    return g_strdup (cli->desktop->bus);
  if (runtime_dir == NULL)
    return NULL;
  path = g_build_filename (runtime_dir, "bus", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_strconcat ("unix:path=", path, NULL) : NULL;
}

static void
look (Look *self, const char *address, gint64 agent_pid, JsonArray *findings)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) unit = NULL;
  g_autoptr (GVariant) service = NULL;
  g_autofree char *path = NULL;

  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, bfy_cli_on_ready, self->cli);
  result = bfy_cli_wait (self->cli);
  self->bus = g_dbus_connection_new_for_address_finish (result, NULL);
  if (self->bus == NULL)
    return;
  path = find_unit (self);
  unit = path != NULL ? get_properties (self, path, SYSTEMD ".Unit") : NULL;
  service = unit != NULL ? get_properties (self, path, SYSTEMD ".Service") : NULL;
  if (service != NULL)
    judge (unit, service, agent_pid, findings);
}

static gboolean
on_patience_over (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_CONTINUE;
}

static void
on_cli_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
bfy_unit_findings_look (BfyCli *cli, gint64 agent_pid, JsonArray *findings)
{
  g_autofree char *address = dup_address (cli);
  Look self = { .cli = cli };
  gulong cancel_id;
  guint timer_id;

  if (address == NULL)
    return;
  self.cancellable = g_cancellable_new ();
  timer_id = g_timeout_add (PATIENCE_MS, on_patience_over, self.cancellable);
  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cli_cancelled),
                                     self.cancellable, NULL);
  look (&self, address, agent_pid, findings);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
  g_source_remove (timer_id);
  g_clear_object (&self.bus);
  g_object_unref (self.cancellable);
}
