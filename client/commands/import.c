/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/import.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/commands.h"
#include "client/import/report.h"
#include "client/terminal.h"

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
print_unchecked (const BfyImportScan *scan)
{
  for (guint i = 0; i < scan->unchecked->len; i++)
    bfy_cli_print (_ ("Not looked at: %s\n"),
                   (const char *) g_ptr_array_index (scan->unchecked, i));
}

/* What is told of those that stay where they are, and the command that helps. */
static void
print_stays (const BfyImportScan *scan)
{
  for (guint i = 0; i < scan->files->len; i++)
    {
      const BfyImportFile *file = g_ptr_array_index (scan->files, i);

      for (guint j = 0; j < file->finds->len; j++)
        {
          const BfyFind *find = g_ptr_array_index (file->finds, j);
          g_autofree char *where = bfy_import_where (file, find);
          g_autofree char *next = bfy_import_next (file, find);

          if (bfy_find_is_movable (find))
            continue;
          if (find->problem != NULL)
            bfy_cli_print (_ ("%s stays: %s. Try: %s\n"), where, _ (find->problem), next);
          else
            bfy_cli_print (_ ("%s stays. Try: %s\n"), where, next);
        }
    }
}

static void
print_report (BfyCli *cli, const BfyImportScan *scan, gboolean with_rotation)
{
  g_autofree char *table =
      bfy_import_report_to_text (scan, now_s (), bfy_terminal_columns (STDOUT_FILENO));
  g_autofree char *rotation = bfy_import_report_rotation (scan, NULL);

  if (scan->files->len == 0)
    bfy_cli_print (_ ("No plaintext credentials were found.\n"));
  else
    bfy_cli_print ("%s", table);
  print_stays (scan);
  print_unchecked (scan);
  if (with_rotation && *rotation != '\0')
    bfy_cli_print (_ ("These should be replaced by new ones:\n%s"), rotation);
}

static void
print_json (const BfyImportScan *scan)
{
  g_autoptr (JsonObject) object = bfy_import_report_to_json (scan, now_s ());
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  bfy_cli_print_json (node);
}

static gboolean
check_options (BfyCli *cli, const BfyImportOptions *options, const GStrv names, GError **error)
{
  const char *problem = NULL;

  if (options->undoes && (options->is_dry || names[0] != NULL))
    problem = _ ("--undo stands alone, or with --forget");
  else if (!options->undoes && options->forgets)
    problem = _ ("--forget goes with --undo");
  else if (cli->is_json && !options->is_dry)
    {
      bfy_cli_set_hint (cli, "bindify import report --json");
      problem = _ ("--json goes with “report” and with --dry-run");
    }
  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static gboolean
run (BfyCli *cli, BfyImportOptions *options, const GStrv words, GError **error)
{
  gboolean is_report = words[0] != NULL && strcmp (words[0], "report") == 0;
  const char *const *names = (const char *const *) words + is_report;
  g_auto (BfyImportScan) scan = { NULL, NULL };

  options->is_dry = options->is_dry || is_report;
  if (!check_options (cli, options, words, error))
    return FALSE;
  if (options->undoes)
    return bfy_import_undo (cli, options, error);

  bfy_import_scan_init (&scan, cli->environment, names);
  if (cli->is_json)
    print_json (&scan);
  else
    print_report (cli, &scan, is_report);

  return options->is_dry || bfy_import_move (cli, options, &scan, error);
}

gboolean
bfy_command_import (BfyCli *cli, GStrv words, GError **error)
{
  BfyImportOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.is_dry, N_ ("Only show what would be done"),
      NULL },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &options.is_sure, N_ ("Do not ask"), NULL },
    { "allow-local", 0, 0, G_OPTION_ARG_NONE, &options.allow_local,
      N_ ("URLs may lead to this machine or a private network"), NULL },
    { "no-sandbox", 0, 0, G_OPTION_ARG_NONE, &options.no_sandbox,
      N_ ("Servers that run on this machine can do whatever you can, as before"), NULL },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &options.skips_check,
      N_ ("Do not try them before storing them"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &options.from_stdin,
      N_ ("Read the passphrase of the back-up from stdin"), NULL },
    { "undo", 0, 0, G_OPTION_ARG_NONE, &options.undoes,
      N_ ("Put the files back as they were before the last import"), NULL },
    { "forget", 0, 0, G_OPTION_ARG_NONE, &options.forgets,
      N_ ("With --undo: remove the bindings that it made, too"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) names = bfy_cli_parse (cli, entries, words, error);

  return names != NULL && run (cli, &options, names, error);
}
