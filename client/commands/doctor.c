/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/bundle.h"
#include "client/commands/commands.h"
#include "client/desktop-findings.h"
#include "client/event-reader.h"
#include "client/fields.h"
#include "client/language.h"
#include "client/local-findings.h"
#include "client/sandbox-findings.h"
#include "client/saved-file.h"
#include "client/unit-findings.h"
#include "protocol/name.h"
#include "protocol/translation.h"

#define SETTINGS_BYTES_MAX (64 * 1024)
#define BUS_PATIENCE_MS 3000
#define EVENTS_PATH "/v1/events?limit=50"

static void
print_finding (JsonObject *finding)
{
  g_autofree char *code = bfy_text_to_line (bfy_field_text (finding, "code"), 60);
  g_autofree char *message = bfy_text_to_line (bfy_field_text (finding, "message"), 600);
  g_autofree char *next = bfy_text_to_line (bfy_field_text (finding, "next"), 400);

  bfy_cli_print ("%s: %s\n", code, message);
  if (bfy_field_boolean (finding, "fixable"))
    bfy_cli_print (_ ("  Try: %s\n"), "bindify doctor --fix");
  else if (*next != '\0')
    bfy_cli_print (_ ("  Try: %s\n"), next);
}

static void
print_unchecked (JsonArray *unchecked)
{
  for (guint i = 0; unchecked != NULL && i < json_array_get_length (unchecked); i++)
    bfy_cli_print (_ ("Not looked at: %s\n"), json_array_get_string_element (unchecked, i));
}

static void
print_desktop (JsonObject *desktop)
{
  g_autofree char *text = bfy_desktop_findings_to_text (desktop);

  bfy_cli_print (_ ("Desktop: %s\n"), text);
}

static void
print_reply (BfyCli *cli, JsonObject *reply)
{
  JsonObject *desktop = bfy_field_object (reply, "desktop");
  JsonObject *protection = bfy_field_object (reply, "protection");
  guint n_findings = bfy_field_count (reply, "findings");

  for (guint i = 0; i < bfy_field_count (reply, "fixed"); i++)
    {
      g_autofree char *message =
          bfy_text_to_line (bfy_field_text (bfy_field_nth (reply, "fixed", i), "message"), 600);

      bfy_cli_print (_ ("Fixed: %s\n"), message);
    }
  for (guint i = 0; i < n_findings; i++)
    print_finding (bfy_field_nth (reply, "findings", i));
  if (n_findings == 0)
    bfy_cli_print (_ ("Nothing is wrong.\n"));
  print_unchecked (bfy_field_array (reply, "unchecked"));
  if (protection != NULL)
    {
      g_autofree char *level = bfy_text_to_line (bfy_field_text (protection, "level"), 10);
      g_autofree char *meaning =
          bfy_text_to_line (bfy_translation_find (bfy_field_text (protection, "meaning")), 600);

      /* Translators: a level, and a sentence of the agent that explains it. */
      bfy_cli_print (_ ("Protection: %s. %s\n"), level, meaning);
    }
  if (desktop != NULL && cli->desktop->has_display)
    print_desktop (desktop);
}

/* Findings of ours go behind the agent's: they are less often the cause of what does not work. */
static void
join (JsonObject *reply, const BfyLocalFindings *local)
{
  JsonArray *findings = bfy_field_array (reply, "findings");

  for (guint i = 0; i < json_array_get_length (local->findings); i++)
    json_array_add_element (findings, json_array_dup_element (local->findings, i));
  json_object_set_array_member (reply, "unchecked", json_array_ref (local->unchecked));
}

/* (nullable) Where the settings are unless the agent was told otherwise. */
static char *
read_settings (BfyCli *cli)
{
  g_autofree char *directory = bfy_paths_config_dir (cli->environment, NULL);
  g_autofree char *path =
      directory != NULL ? g_build_filename (directory, "bindify.conf", NULL) : NULL;
  g_autoptr (GBytes) bytes =
      path != NULL ? bfy_saved_file_read (path, SETTINGS_BYTES_MAX, NULL) : NULL;

  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
                       : NULL;
}

/* What is told when there is no agent to ask: that, and what can be seen without it. */
static JsonObject *
answer_alone (BfyCli *cli, const GError *error)
{
  JsonObject *reply = json_object_new ();
  JsonArray *findings = json_array_new ();
  g_autofree char *settings = read_settings (cli);

  bfy_local_findings_add (
      findings, "agent_unreachable", g_strdup (error->message),
      g_strdup (cli->hint != NULL ? cli->hint : "systemctl --user start bindify.socket"));
  g_clear_pointer (&cli->hint, g_free);
  bfy_local_findings_check_port (findings, settings);
  json_object_set_array_member (reply, "findings", findings);
  json_object_set_array_member (reply, "fixed", json_array_new ());
  json_object_set_null_member (reply, "protection");

  return reply;
}

/* (nullable) What has become of the records of events. A log that cannot be asked has a finding of
 * the agent's. */
static JsonObject *
verify_log (BfyCli *cli)
{
  JsonObject *verified =
      bfy_cli_call_json (cli, "POST", "/v1/events/verify", json_object_new (), NULL);

  g_clear_pointer (&cli->hint, g_free);

  return verified;
}

static void
judge_log (JsonArray *findings, JsonObject *verified)
{
  if (verified == NULL || bfy_field_boolean (verified, "ok"))
    return;

  bfy_local_findings_add (findings, "log_changed",
                          g_strdup (_ ("Records of the log are not as they were written: some were "
                                       "changed, removed or added")),
                          g_strdup ("bindify log verify"));
}

/* An agent that somebody has put elsewhere is none of systemd's business. */
static void
look_at_unit (BfySessionBus *bus, const char *socket_path, gboolean has_agent, JsonArray *findings)
{
  BfyCli *cli = bus->cli;
  BfyEnvironment environment = *cli->environment;
  g_autofree char *usual = NULL;
  g_autoptr (JsonObject) status = NULL;

  environment.socket = NULL;
  usual = bfy_paths_socket (&environment, NULL, cli->run_user_is_ours, NULL);
  if (usual == NULL || g_strcmp0 (usual, socket_path) != 0)
    return;
  status = has_agent ? bfy_cli_call (cli, "GET", "/v1/status", NULL, NULL) : NULL;
  bfy_unit_findings_look (bus, status != NULL ? bfy_field_int (status, "pid") : 0, findings);
}

/* What the session knows, if it has a bus. */
static void
look_at_session (BfyCli *cli, const char *socket_path, JsonObject *reply, JsonArray *findings)
{
  g_auto (BfySessionBus) bus = { 0 };

  json_object_set_null_member (reply, "desktop");
  if (!bfy_session_bus_open (&bus, cli, BUS_PATIENCE_MS))
    return;
  look_at_unit (&bus, socket_path, cli->exit_status == 0, findings);
  json_object_set_object_member (reply, "desktop", bfy_desktop_findings_look (&bus, findings));
}

/* (nullable) The error is told with the findings; a signal ends the program. */
static JsonObject *
examine (BfyCli *cli, gboolean fixes, GError **error)
{
  g_autofree char *socket_path = bfy_cli_dup_socket_path (cli, NULL);
  g_autoptr (GError) local_error = NULL;
  JsonObject *reply =
      fixes ? bfy_cli_call_json (cli, "POST", "/v1/doctor/fix", json_object_new (), &local_error)
            : bfy_cli_call (cli, "GET", "/v1/doctor", NULL, &local_error);
  g_autoptr (JsonObject) verified = reply != NULL ? verify_log (cli) : NULL;
  BfyLocalFindings local;

  if (reply == NULL && !g_error_matches (local_error, BFY_ERROR, BFY_ERROR_NO_AGENT))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  cli->exit_status = reply == NULL ? bfy_error_to_exit_status (BFY_ERROR_NO_AGENT) : 0;
  if (reply == NULL)
    reply = answer_alone (cli, local_error);
  local =
      bfy_local_findings_look (cli->environment, socket_path, g_get_real_time () / G_USEC_PER_SEC);
  bfy_sandbox_findings_look (local.findings);
  judge_log (local.findings, verified);
  look_at_session (cli, socket_path, reply, local.findings);
  join (reply, &local);
  json_array_unref (local.findings);
  json_array_unref (local.unchecked);
  if (cli->exit_status == 0 && bfy_field_count (reply, "findings") > 0)
    cli->exit_status = 1;

  return reply;
}

static gboolean
take_event (JsonObject *event, gpointer user_data)
{
  g_ptr_array_add (user_data, json_object_ref (event));

  return TRUE;
}

static gboolean
write_bundle (
    BfyCli *cli, const char *path, gboolean shows_names, JsonObject *reply, GError **error)
{
  g_autoptr (JsonObject) status = bfy_cli_call (cli, "GET", "/v1/status", NULL, NULL);
  g_autoptr (JsonObject) bindings = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, NULL);
  g_autoptr (JsonObject) clients = bfy_cli_call (cli, "GET", "/v1/clients", NULL, NULL);
  g_autoptr (JsonObject) verified = status != NULL ? verify_log (cli) : NULL;
  g_autoptr (GPtrArray) events =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autofree char *settings = read_settings (cli);
  const gboolean has_events = bfy_events_read (cli, EVENTS_PATH, take_event, events, NULL);
  const BfyBundle bundle = {
    .doctor = reply,
    .status = status,
    .bindings = bindings,
    .clients = clients,
    .home = cli->environment->home,
    .shows_names = shows_names,
    .settings = settings,
    .verified = verified,
    .events = has_events ? events : NULL,
  };
  char *text = bfy_bundle_to_text (&bundle);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  g_clear_pointer (&cli->hint, g_free);
  cli->exit_status = 0; /* the report is what was asked for */
  if (g_str_equal (path, "-"))
    {
      bfy_cli_print ("%s", text);
      return TRUE;
    }
  bfy_language_return ();
  if (!bfy_saved_file_write (path, bytes, error))
    return FALSE;
  bfy_cli_print (_ ("The report is in %s. Read it before you give it to anybody.\n"), path);

  return TRUE;
}

gboolean
bfy_command_doctor (BfyCli *cli, GStrv words, GError **error)
{
  gboolean fixes = FALSE;
  gboolean shows_names = FALSE;
  g_autofree char *bundle = NULL;
  const GOptionEntry entries[] = {
    { "fix", 0, 0, G_OPTION_ARG_NONE, &fixes, N_ ("Repair what can be repaired safely"), NULL },
    { "bundle", 0, 0, G_OPTION_ARG_FILENAME, &bundle,
      N_ ("Write a report without secrets, for somebody who helps (- for standard output)"),
      "FILE" },
    { "names", 0, 0, G_OPTION_ARG_NONE, &shows_names,
      N_ ("Keep the names of bindings in the report"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (others == NULL)
    return FALSE;
  if (bundle != NULL && !g_str_equal (bundle, "-") && !bfy_saved_file_is_new (bundle, error))
    return FALSE;
  if (bundle != NULL || cli->is_json)
    bfy_language_leave ();
  reply = examine (cli, fixes, error);
  if (reply == NULL)
    return FALSE;
  if (bundle != NULL)
    return write_bundle (cli, bundle, shows_names, reply, error);

  if (cli->is_json)
    {
      node = json_node_init_object (json_node_alloc (), reply);
      bfy_cli_print_json (node);
    }
  else
    {
      print_reply (cli, reply);
    }

  return TRUE;
}
