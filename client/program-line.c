/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/program-line.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "protocol/error.h"
#include "protocol/name.h"

BfyProgram *
bfy_program_line_parse (const char *line, GError **error)
{
  g_autoptr (BfyProgram) program = bfy_program_new ();
  g_autoptr (GError) local_error = NULL;
  GStrv argv = NULL;

  if (!g_shell_parse_argv (line, NULL, &argv, &local_error))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("The command cannot be taken apart: %s"), local_error->message);
      return NULL;
    }
  g_strfreev (program->argv);
  program->argv = argv;

  return g_steal_pointer (&program);
}

/* The last word that is no option, without folders, scope, version and ending. */
char *
bfy_program_line_guess_name (const BfyProgram *program)
{
  const char *word = program->argv[0];
  g_autofree char *base = NULL;
  g_autofree char *lower = NULL;

  for (gsize i = 0; program->argv[i] != NULL; i++)
    if (program->argv[i][0] != '-' && program->argv[i][0] != '\0')
      word = program->argv[i];
  base = g_path_get_basename (word);
  base[strcspn (base, "@.")] = '\0';
  lower = g_ascii_strdown (base, -1);

  return bfy_name_check (lower, NULL) ? g_steal_pointer (&lower) : g_strdup ("local");
}
