/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/cli.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bfy-config.h"
#include "client/commands/commands.h"
#include "client/interrupt.h"
#include "client/nearest.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 60
#define DOCKER_LINK "docker-credential-bindify"

void
bfy_cli_set_hint (BfyCli *cli, const char *format, ...)
{
  va_list arguments;

  g_free (cli->hint);
  va_start (arguments, format);
  cli->hint = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

char *
bfy_cli_dup_socket_path (BfyCli *cli, GError **error)
{
  char *path =
      bfy_paths_socket (cli->environment, cli->socket_option, cli->run_user_is_ours, error);

  if (path == NULL)
    bfy_cli_set_hint (cli, "bindify --socket /path/to/agent.sock …");

  return path;
}

BfyRemote *
bfy_cli_connect (BfyCli *cli, GError **error)
{
  g_autofree char *path = NULL;

  if (cli->remote != NULL)
    return cli->remote;

  path = bfy_cli_dup_socket_path (cli, error);
  if (path != NULL)
    cli->remote = bfy_remote_new (path);

  return cli->remote;
}

void
bfy_cli_wake (BfyCli *cli)
{
  g_main_loop_quit (cli->loop);
}

void
bfy_cli_on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyCli *cli = user_data;

  g_set_object (&cli->result, result);
  bfy_cli_wake (cli);
}

/* The first signal cancels what is waited for; a second one does not wait any longer. */
static gboolean
note_signal (gpointer user_data)
{
  BfyCli *cli = user_data;
  int number = bfy_interrupt_take ();

  if (number == 0)
    return G_SOURCE_CONTINUE;
  if (cli->signal_number != 0)
    _exit (128 + number);

  cli->signal_number = number;
  g_cancellable_cancel (cli->cancellable);

  return G_SOURCE_CONTINUE;
}

/* One that came when the main loop was about to end has not been heard of. */
GAsyncResult *
bfy_cli_wait (BfyCli *cli)
{
  bfy_interrupt_begin (note_signal, cli);
  g_main_loop_run (cli->loop);
  bfy_interrupt_end ();
  (void) note_signal (cli);

  return g_steal_pointer (&cli->result);
}

JsonObject *
bfy_cli_call (BfyCli *cli, const char *method, const char *path, GBytes *body, GError **error)
{
  const BfyCall call = { method, path, body };
  g_autoptr (GAsyncResult) result = NULL;

  if (bfy_cli_connect (cli, error) == NULL)
    return NULL;

  g_clear_pointer (&cli->hint, g_free);
  bfy_remote_call_async (cli->remote, &call, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  return bfy_remote_call_finish (cli->remote, result, &cli->hint, error);
}

JsonObject *
bfy_cli_call_json (
    BfyCli *cli, const char *method, const char *path, JsonObject *body, GError **error)
{
  g_autoptr (JsonObject) owned = body;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  char *text = bfy_json_object_to_text (owned, &length);

  bytes = g_bytes_new_take (text, length);
  return bfy_cli_call (cli, method, path, bytes, error);
}

char *
bfy_cli_path (const char *collection, const char *name)
{
  g_autofree char *segment = g_uri_escape_string (name, NULL, FALSE);

  return g_strconcat ("/v1/", collection, "/", segment, NULL);
}

void
bfy_cli_append_parameter (GString *path, const char *name, const char *value)
{
  g_autofree char *escaped = value != NULL ? g_uri_escape_string (value, NULL, FALSE) : NULL;

  if (escaped != NULL)
    g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') != NULL ? '&' : '?', name,
                            escaped);
}

gboolean
bfy_cli_each (BfyCli *cli,
              const char *const *names,
              BfyCliEachFunc func,
              gconstpointer user_data,
              GError **error)
{
  g_autoptr (GError) first = NULL;

  for (guint i = 0; names[i] != NULL && cli->signal_number == 0; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if (func (cli, names[i], user_data, &local_error))
        continue;
      if (first == NULL)
        first = g_steal_pointer (&local_error);
      else
        bfy_cli_warn ("%s", local_error->message);
    }

  if (first == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

void
bfy_cli_refuse_unknown (BfyCli *cli,
                        const BfyCommand *commands,
                        const char *title,
                        const char *word,
                        const char *help,
                        GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = bfy_text_to_line (word, SHOWN_CHARACTERS_MAX);
  const char *near;

  for (; commands->name != NULL; commands++)
    {
      if ((commands->flags & BFY_COMMAND_HIDDEN) == 0)
        g_ptr_array_add (names, (gpointer) commands->name);
    }
  g_ptr_array_add (names, NULL);

  near = bfy_nearest (word, (const char *const *) names->pdata);
  if (near != NULL)
    bfy_cli_set_hint (cli, "%s %s", title, near);
  else
    bfy_cli_set_hint (cli, "%s", help);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               *word == '-' ? _ ("Unknown option %s") : _ ("There is no command “%s”"), shown);
}

gboolean
bfy_cli_run (
    BfyCli *cli, const BfyCommand *commands, const char *title, GStrv words, GError **error)
{
  const BfyCommand *command = bfy_command_find (commands, words[0]);
  g_autofree char *full_title = NULL;

  if (command == NULL)
    {
      bfy_cli_refuse_unknown (cli, commands, title, words[0], "bindify help", error);
      return FALSE;
    }

  full_title = g_strconcat (title, " ", command->name, NULL);
  cli->command = command;
  cli->title = full_title;
  return command->run (cli, words, error);
}

/* `bindify [--socket PATH] COMMAND …` */
static gboolean
run_bindify (BfyCli *cli, GStrv words, GError **error)
{
  guint i = 1;

  for (; words[i] != NULL && words[i][0] == '-'; i++)
    {
      if (g_str_equal (words[i], "--version"))
        {
          bfy_cli_print ("bindify %s\n", BFY_VERSION);
          return TRUE;
        }
      if (g_str_equal (words[i], "--help") || g_str_equal (words[i], "-h"))
        return bfy_help (cli, NULL, NULL, error);
      if (g_str_has_prefix (words[i], "--socket="))
        {
          g_free (cli->socket_option);
          cli->socket_option = g_strdup (words[i] + strlen ("--socket="));
        }
      else if (g_str_equal (words[i], "--socket") && words[i + 1] != NULL)
        {
          g_free (cli->socket_option);
          cli->socket_option = g_strdup (words[++i]);
        }
      else if (g_str_equal (words[i], "--socket"))
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               _ ("--socket needs a path"));
          return FALSE;
        }
      else
        {
          bfy_cli_refuse_unknown (cli, bfy_commands, "bindify", words[i], "bindify help", error);
          return FALSE;
        }
    }

  if (words[i] == NULL)
    {
      cli->exit_status = 1;
      return bfy_help (cli, NULL, NULL, error);
    }

  return bfy_cli_run (cli, bfy_commands, "bindify", words + i, error);
}

/* Docker starts a program of a name that it makes; behind it is what is wanted. */
static gboolean
run_docker_link (BfyCli *cli, GStrv words, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) whole = NULL;

  g_strv_builder_add_many (builder, "credential", "docker", NULL);
  g_strv_builder_addv (builder, (const char **) words + 1);
  whole = g_strv_builder_end (builder);

  return bfy_cli_run (cli, bfy_commands, "bindify", whole, error);
}

/* The links say by their name which command they are. */
static gboolean
run_link (BfyCli *cli, const char *title, GStrv words, GError **error)
{
  const BfyCommand *command = bfy_command_find (bfy_commands, title + strlen ("bindify-"));

  cli->command = command;
  cli->title = title;
  return command->run (cli, words, error);
}

static int
report (BfyCli *cli, const GError *error)
{
  g_autofree char *message = bfy_text_to_line (error->message, G_MAXINT);

  bfy_cli_warn ("%s", message);
  if (cli->hint != NULL)
    {
      g_autofree char *hint = bfy_text_to_line (cli->hint, G_MAXINT);

      /* Translators: what to type next, mostly a command. */
      fprintf (stderr, _ ("Try: %s\n"), hint);
    }

  return bfy_error_to_exit_status (bfy_error_code (error));
}

/* Output that did not arrive is a failure, unless the reader has seen enough. */
static int
finish_output (int exit_status)
{
  gboolean is_flushed = fflush (stdout) == 0;

  if (is_flushed && !ferror (stdout))
    return exit_status;
  if (!is_flushed && errno != EPIPE)
    bfy_cli_warn (_ ("Writing the output failed: %s"), g_strerror (errno));

  return exit_status != 0 ? exit_status : 1;
}

int
bfy_cli_main (const BfyEnvironment *environment,
              const BfyDesktop *desktop,
              gboolean run_user_is_ours,
              GStrv words)
{
  static const char *const links[] = { "bindify-add", "bindify-mcp", NULL };
  g_autofree char *name = g_path_get_basename (words[0] != NULL ? words[0] : "bindify");
  g_autoptr (GError) error = NULL;
  BfyCli cli = { .environment = environment,
                 .desktop = desktop,
                 .run_user_is_ours = run_user_is_ours };
  int exit_status;
  gboolean is_ok;

  bfy_interrupt_install ();
  cli.cancellable = g_cancellable_new ();
  cli.loop = g_main_loop_new (NULL, FALSE);

  if (g_strv_contains (links, name))
    is_ok = run_link (&cli, name, words, &error);
  else if (g_str_equal (name, DOCKER_LINK))
    is_ok = run_docker_link (&cli, words, &error);
  else
    is_ok = run_bindify (&cli, words, &error);

  if (cli.signal_number != 0)
    exit_status = 128 + cli.signal_number;
  else
    exit_status = is_ok ? cli.exit_status : report (&cli, error);

  g_clear_object (&cli.remote);
  g_clear_object (&cli.cancellable);
  g_main_loop_unref (cli.loop);
  g_free (cli.socket_option);
  g_free (cli.hint);
  return finish_output (exit_status);
}
