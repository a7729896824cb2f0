/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify-add --command …`: an MCP server that the agent runs. What will be run, with what rights,
 * is shown in full and confirmed, because from then on it runs with the person's secret. */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

#include "client/commands/add.h"
#include "client/labels.h"
#include "client/program-line.h"
#include "protocol/name.h"

GOptionEntry *
bfy_add_join_command_options (BfyAddCommand *command, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "command", 0, 0, G_OPTION_ARG_FILENAME, &command->text,
      N_ ("An MCP server on this machine, run by the agent in a sandbox"), "CMD" },
    { "env", 0, 0, G_OPTION_ARG_FILENAME, &command->env,
      N_ ("The command gets the secret in this variable"), "VAR" },
    { "secret-file", 0, 0, G_OPTION_ARG_FILENAME, &command->secret_file,
      N_ ("… in a file that vanishes; VAR has its path"), "VAR" },
    { "secret-fd", 0, 0, G_OPTION_ARG_FILENAME, &command->secret_fd,
      N_ ("… on a pipe; VAR has its number"), "VAR" },
    { "pass", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &command->pass,
      N_ ("The command gets this variable of the agent, too"), "VAR" },
    { "share-dir", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &command->share,
      N_ ("The command sees this folder, read-only without “:rw”"), "DIR[:rw]" },
    { "no-network", 0, 0, G_OPTION_ARG_NONE, &command->no_network,
      N_ ("The command has no network"), NULL },
    { "no-sandbox", 0, 0, G_OPTION_ARG_NONE, &command->no_sandbox,
      N_ ("The command can do whatever you can"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_join_entries (entries, ours);
}

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static gboolean
take_delivery (const BfyAddCommand *command, BfyProgram *program, GError **error)
{
  const char *const variables[] = {
    [BFY_DELIVER_NOTHING] = NULL,
    [BFY_DELIVER_ENV] = command->env,
    [BFY_DELIVER_FILE] = command->secret_file,
    [BFY_DELIVER_FD] = command->secret_fd,
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      if (variables[i] == NULL)
        continue;
      if (program->variable != NULL)
        return refuse (error, _ ("Only one of --env, --secret-file and --secret-fd can be given"));
      program->delivery = i;
      program->variable = g_strdup (variables[i]);
    }

  return TRUE;
}

static void
take_list (GStrv *list, const GStrv given)
{
  if (given == NULL)
    return;
  g_strfreev (*list);
  *list = g_strdupv (given);
}

static gboolean
build (BfyAdd *self, const BfyAddCommand *command, GError **error)
{
  g_autoptr (BfyProgram) program = bfy_program_line_parse (command->text, error);

  if (program == NULL)
    return FALSE;
  take_list (&program->pass, command->pass);
  take_list (&program->share, command->share);
  program->has_sandbox = !command->no_sandbox;
  program->has_network = !command->no_network;
  if (!take_delivery (command, program, error) || !bfy_program_check (program, error))
    return FALSE;
  self->program = g_steal_pointer (&program);

  return TRUE;
}

static void
add_list (BfyLabels *labels, const char *label, const GStrv words)
{
  g_autofree char *text = g_strjoinv (", ", words);
  g_autofree char *line = bfy_text_to_line (text, G_MAXSIZE);

  if (*line != '\0')
    bfy_labels_add (labels, label, line);
}

/* Nothing is left out, however long it is. */
static void
show (const BfyAdd *self)
{
  const BfyProgram *program = self->program;
  g_autofree char *line = bfy_program_format_command (program);
  g_autofree char *secret = bfy_program_describe_secret (program);
  g_autoptr (BfyLabels) labels = bfy_labels_new (2, 9);
  g_autofree char *text = NULL;

  fprintf (stderr, _ ("The agent will run this command whenever “%s” is used:\n\n  %s\n\n"),
           self->name, line);
  bfy_labels_add (labels, C_ ("label", "secret"), secret);
  bfy_labels_add (labels, C_ ("label", "sandbox"),
                  program->has_sandbox ? _ ("yes: it sees neither your home nor your session")
                                       : _ ("NO: it can do whatever you can"));
  bfy_labels_add (labels, C_ ("label", "network"), program->has_network ? _ ("yes") : _ ("no"));
  add_list (labels, C_ ("label", "variables"), program->pass);
  add_list (labels, C_ ("label", "folders"), program->share);
  text = bfy_labels_format (labels);
  fputs (text, stderr);
}

static gboolean
confirm (BfyCli *cli, const BfyAdd *self, gboolean is_sure, GError **error)
{
  g_autoptr (BfyTerminal) terminal = NULL;

  if (!self->is_quiet || !is_sure)
    show (self);
  if (is_sure)
    return TRUE;
  terminal = bfy_terminal_open ();
  if (terminal != NULL && bfy_terminal_ask_yes (terminal, _ ("Run it?")))
    return TRUE;

  if (terminal == NULL)
    bfy_cli_set_hint (cli, _ ("the same with --yes, if you have read the command"));
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       terminal != NULL ? _ ("Nothing was added")
                                        : _ ("There is no terminal to confirm the command on"));

  return FALSE;
}

gboolean
bfy_add_resolve_program (
    BfyCli *cli, BfyAdd *self, const BfyAddCommand *command, gboolean is_sure, GError **error)
{
  if (self->header != NULL || self->prefix != NULL || self->query != NULL ||
      self->username != NULL || bfy_add_place_is_set (&self->place))
    return refuse (error, _ ("--command takes its secret from a variable: it goes with no option "
                             "that says where a token goes in a request"));
  if (self->is_sealed)
    return refuse (error, _ ("--command does not go with --sealed: the program starts before a "
                             "client’s key is there"));
  if (!build (self, command, error))
    return FALSE;

  self->is_free_form = TRUE;
  self->needs_credential = self->program->delivery != BFY_DELIVER_NOTHING;
  if (self->name == NULL)
    self->name = bfy_program_line_guess_name (self->program);

  return bfy_add_check_name_is_free (cli, self, error) && confirm (cli, self, is_sure, error);
}
