/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"

/* Those that are nothing without one of their commands. */
static const BfyCommandGroup *
find_group (const char *name)
{
  const BfyCommandGroup *group = bfy_command_group_find (name);

  return group != NULL && !group->runs_alone ? group : NULL;
}

static void
print_commands (const BfyCommand *commands)
{
  gsize width = 0;

  for (const BfyCommand *c = commands; c->name != NULL; c++)
    width = MAX (width, strlen (c->name)); /* of ASCII */

  for (const BfyCommand *c = commands; c->name != NULL; c++)
    {
      if ((c->flags & BFY_COMMAND_HIDDEN) == 0)
        bfy_cli_print ("  %-*s  %s\n", (int) width, c->name, _ (c->summary));
    }
}

static gboolean
print_overview (void)
{
  bfy_cli_print (
      _ ("bindify keeps your API tokens, and programs use them without ever seeing one.\n\n"
         "Usage: bindify [--socket PATH] COMMAND …\n\n"));
  print_commands (bfy_commands);
  bfy_cli_print (
      _ ("\n“bindify COMMAND --help” explains one of them. bindify-add NAME is short for\n"
         "“bindify add NAME”; bindify-mcp NAME is what MCP clients start as a command.\n"));
  return TRUE;
}

static gboolean
explain (
    BfyCli *cli, const BfyCommand *commands, const char *title, const char *name, GError **error)
{
  g_auto (GStrv) words = g_new0 (char *, 3);

  words[0] = g_strdup (name);
  words[1] = g_strdup ("--help");
  return bfy_cli_run (cli, commands, title, words, error);
}

gboolean
bfy_help (BfyCli *cli, const char *command, const char *subcommand, GError **error)
{
  const BfyCommandGroup *group;
  g_autofree char *title = NULL;

  if (command == NULL || g_str_equal (command, "help"))
    return print_overview ();
  group = find_group (command);
  if (group == NULL)
    return explain (cli, bfy_commands, "bindify", command, error);

  title = g_strconcat ("bindify ", command, NULL);
  if (subcommand != NULL)
    return explain (cli, group->commands, title, subcommand, error);

  bfy_cli_print (_ ("Usage: %s COMMAND …\n\n"), title);
  print_commands (group->commands);
  return TRUE;
}

gboolean
bfy_command_help (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);

  return others != NULL && bfy_help (cli, others[0], others[0] != NULL ? others[1] : NULL, error);
}
