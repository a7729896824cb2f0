/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/commands/log-line.h"
#include "client/event-reader.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/event-type.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define EVENTS_DEFAULT 50
#define EVENTS_MAX 100000

/* What is asked for, and what has come. */
typedef struct
{
  BfyCli *cli;
  char *binding; /* (owned) (nullable) */
  char *client;  /* (owned) (nullable) */
  char *outcome; /* (owned) (nullable) */
  char *type;    /* (owned) (nullable) a name or a pattern */
  char *since;   /* (owned) (nullable) as typed */
  gint64 since_ms;
  gint64 after; /* -1: whatever came before, too */
  int n_events;
  gboolean follows;
  gboolean shows_stderr;
  gboolean has_shown;
  gboolean has_color;
  BfyTable *table; /* (owned) (nullable) when not following */
} LogClosure;

const BfyCommand bfy_log_commands[] = {
  { "verify", "", 0, 0, BFY_COMMAND_JSON, N_ ("See whether records were changed, removed or added"),
    bfy_command_log_verify },
  { "stats", "[NAME]", 0, 1, BFY_COMMAND_JSON, N_ ("Show how much each binding is used"),
    bfy_command_log_stats },
  BFY_COMMAND_END,
};

static const char *const headings[] = { NC_ ("column", "TIME"),
                                        NC_ ("column", "BINDING"),
                                        NC_ ("column", "CLIENT"),
                                        NC_ ("column", "EVENT"),
                                        NC_ ("column", "METHOD"),
                                        NC_ ("column", "TOOL"),
                                        NC_ ("column", "RESULT"),
                                        NC_ ("column", "STATUS"),
                                        NC_ ("column", "DURATION"),
                                        NC_ ("column", "DETAIL"),
                                        NULL };

static char *
build_path (const LogClosure *closure)
{
  GString *path = g_string_new ("/v1/events");
  g_autofree char *since = g_strdup_printf ("%" G_GINT64_FORMAT, closure->since_ms);
  g_autofree char *after = g_strdup_printf ("%" G_GINT64_FORMAT, closure->after);
  g_autofree char *limit = g_strdup_printf ("%d", closure->n_events);

  bfy_cli_append_parameter (path, "binding", closure->binding);
  bfy_cli_append_parameter (path, "client", closure->client);
  bfy_cli_append_parameter (path, "outcome", closure->outcome);
  bfy_cli_append_parameter (path, "type", closure->type);
  if (closure->since_ms > 0)
    bfy_cli_append_parameter (path, "since_ms", since);
  if (closure->after >= 0)
    bfy_cli_append_parameter (path, "after", after);
  bfy_cli_append_parameter (path, "limit", limit);
  return g_string_free (path, FALSE);
}

char *
bfy_log_format_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  g_autoptr (GDateTime) local = time != NULL ? g_date_time_to_local (time) : NULL;

  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S") : g_strdup (text);
}

static void
add_event_row (BfyTable *table, JsonObject *event)
{
  gint64 status = bfy_field_int (event, "status");
  gint64 duration_ms = bfy_field_int (event, "duration_ms");
  g_autofree char *time = bfy_log_format_time (bfy_field_text (event, "time"));
  g_autofree char *status_text = g_strdup_printf ("%" G_GINT64_FORMAT, status);
  g_autofree char *duration = g_strdup_printf (_ ("%lu ms"), (gulong) MAX (duration_ms, 0));
  const char *cells[] = { time,
                          bfy_field_text (event, "binding"),
                          bfy_field_text (event, "client"),
                          bfy_field_text (event, "type"),
                          bfy_field_text (event, "method"),
                          bfy_field_text (event, "tool"),
                          bfy_field_text (event, "outcome"),
                          status > 0 ? status_text : "",
                          duration_ms > 0 ? duration : "",
                          bfy_field_text (event, "detail") };

  bfy_table_add_row (table, cells);
}

static gboolean
is_output_over (void)
{
  return fflush (stdout) != 0 || ferror (stdout);
}

/* While following there is no table to align with: each event is a line of its own. */
static gboolean
take_event (JsonObject *event, gpointer user_data)
{
  LogClosure *closure = user_data;
  g_autofree char *text = NULL;

  closure->has_shown = TRUE;
  if (closure->cli->is_json)
    text = bfy_json_object_to_text (event, NULL);
  else if (closure->follows)
    text = bfy_log_line_format (event, closure->has_color);
  else
    add_event_row (closure->table, event);
  if (text != NULL)
    bfy_cli_print ("%s\n", text);

  /* Nobody reads any more: `bindify log -f | head`. */
  return !closure->follows || !is_output_over ();
}

static gboolean
fetch (LogClosure *closure, GError **error)
{
  BfyCli *cli = closure->cli;
  g_autofree char *path = build_path (closure);
  GError *local_error = NULL;

  if (closure->follows ? bfy_events_follow (cli, path, take_event, closure, &local_error)
                       : bfy_events_read (cli, path, take_event, closure, &local_error))
    return TRUE;
  if (cli->hint == NULL && bfy_error_code (local_error) == BFY_ERROR_NO_AGENT)
    cli->hint = bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL);
  g_propagate_error (error, local_error);

  return FALSE;
}

static gboolean
check (LogClosure *closure, GError **error)
{
  BfyOutcome known;

  if (closure->n_events < 1 || closure->n_events > EVENTS_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("--limit takes a number from 1 to %d"), EVENTS_MAX);
      return FALSE;
    }
  if (closure->binding != NULL && !bfy_name_check (closure->binding, error))
    return FALSE;

  if (closure->outcome != NULL && !bfy_outcome_from_wire (closure->outcome, &known))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("--outcome takes success, failure, blocked or pending"));
      return FALSE;
    }
  if (closure->type != NULL && !bfy_event_type_check_pattern (closure->type, error))
    return FALSE;

  return closure->since == NULL ||
         bfy_since_parse (closure->since, g_get_real_time () / 1000, &closure->since_ms, error);
}

/* What a local server wrote; the agent has taken secrets out. */
static gboolean
print_stderr (LogClosure *closure, GError **error)
{
  BfyCli *cli = closure->cli;
  g_autofree char *binding = NULL;
  g_autofree char *path = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (closure->binding == NULL)
    {
      bfy_cli_set_hint (cli, "bindify log NAME --stderr");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which binding’s program is meant"));
      return FALSE;
    }
  binding = bfy_cli_path ("bindings", closure->binding);
  path = g_strconcat (binding, "/stderr", NULL);
  reply = bfy_cli_call (cli, "GET", path, NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "lines");
      return TRUE;
    }

  for (guint i = 0; i < bfy_field_count (reply, "lines"); i++)
    {
      JsonObject *line = bfy_field_nth (reply, "lines", i);
      g_autofree char *time = bfy_log_format_time (bfy_field_text (line, "time"));
      g_autofree char *text = bfy_text_to_line (bfy_field_text (line, "text"), G_MAXSIZE);

      bfy_cli_print ("%s  %s\n", time, text);
    }
  if (bfy_field_count (reply, "lines") == 0)
    bfy_cli_print (_ ("The program has said nothing since the agent started.\n"));

  return TRUE;
}

static gboolean
run (LogClosure *closure, GError **error)
{
  g_autofree char *text = NULL;

  if (closure->shows_stderr)
    return check (closure, error) && print_stderr (closure, error);
  if (!check (closure, error) || !fetch (closure, error))
    return FALSE;
  if (closure->follows || closure->cli->is_json)
    return TRUE;

  text = bfy_table_format (closure->table);
  bfy_cli_print ("%s", closure->has_shown ? text : _ ("No events.\n"));
  return TRUE;
}

static gboolean
has_color (const BfyDesktop *desktop)
{
  return !desktop->no_colour && desktop->terminal != NULL &&
         strcmp (desktop->terminal, "dumb") != 0 && isatty (STDOUT_FILENO);
}

static gboolean
list_events (BfyCli *cli, GStrv words, GError **error)
{
  LogClosure closure = { .cli = cli, .n_events = EVENTS_DEFAULT, .after = -1 };
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &closure.follows, N_ ("Go on with new events"), NULL },
    { "stderr", 0, 0, G_OPTION_ARG_NONE, &closure.shows_stderr,
      N_ ("What the program of a local command wrote to its standard error"), NULL },
    { "binding", 0, 0, G_OPTION_ARG_FILENAME, &closure.binding, N_ ("Only this binding"), "NAME" },
    { "client", 0, 0, G_OPTION_ARG_FILENAME, &closure.client, N_ ("Only this client"), "LABEL" },
    { "outcome", 0, 0, G_OPTION_ARG_FILENAME, &closure.outcome,
      N_ ("Only what ended so: success, failure, blocked or pending"), "OUTCOME" },
    { "type", 0, 0, G_OPTION_ARG_FILENAME, &closure.type,
      N_ ("Only what is called so; “approval_*” is all that begins so"), "TYPE" },
    { "after", 0, 0, G_OPTION_ARG_INT64, &closure.after, N_ ("Only what came after this event"),
      "NUMBER" },
    { "since", 0, 0, G_OPTION_ARG_FILENAME, &closure.since,
      N_ ("Only from then on: 15m, 2h, 3d, or a date and time"), N_ ("TIME") },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &closure.n_events, N_ ("At most so many (default: 50)"),
      "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  gboolean is_ok = FALSE;

  if (others != NULL)
    {
      if (others[0] != NULL && closure.binding == NULL)
        closure.binding = g_strdup (others[0]);
      closure.table = bfy_table_new (headings);
      closure.has_color = has_color (cli->desktop);
      is_ok = run (&closure, error);
      bfy_table_free (closure.table);
    }

  g_free (closure.binding);
  g_free (closure.client);
  g_free (closure.outcome);
  g_free (closure.type);
  g_free (closure.since);
  return is_ok;
}

/* Anything else is the name of a binding; one that is called like a command needs --binding. */
gboolean
bfy_command_log (BfyCli *cli, GStrv words, GError **error)
{
  for (const BfyCommand *c = bfy_log_commands; words[1] != NULL && c->name != NULL; c++)
    {
      if (strcmp (c->name, words[1]) == 0)
        return bfy_cli_run (cli, bfy_log_commands, "bindify log", words + 1, error);
    }

  return list_events (cli, words, error);
}
