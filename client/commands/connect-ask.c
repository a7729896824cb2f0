/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>

#include "client/commands/connect.h"
#include "client/connect/excerpt.h"
#include "client/terminal.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

/* What somebody sees before a file of a client is written. */

char *
bfy_connect_describe (GPtrArray *edits)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < edits->len; i++)
    {
      const BfyConnectEdit *edit = g_ptr_array_index (edits, i);
      g_autofree char *path = bfy_text_to_line (edit->target->path, SHOWN_CHARACTERS_MAX);
      g_autofree char *lines = bfy_excerpt_format (
          edit->target->path, bfy_user_file_peek (edit->file), bfy_connect_edit_peek (edit));

      g_string_append_printf (out, "  %s\n%s", path, lines);
    }

  return g_string_free (out, FALSE);
}

gboolean
bfy_connect_ask (const BfyConnectRun *self, BfyCli *cli, GPtrArray *edits, GError **error)
{
  g_autoptr (BfyTerminal) terminal = bfy_terminal_open ();
  g_autofree char *names = bfy_connect_join (self->names);
  g_autofree char *text = NULL;
  g_autofree char *question = NULL;
  g_autofree char *whole = NULL;

  if (terminal == NULL)
    {
      bfy_cli_set_hint (cli, "bindify connect %s --yes", self->client->id);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which bindings, or --yes for all of them"));
      return FALSE;
    }
  text = bfy_connect_describe (edits);
  /* Translators: a program, and bindings. */
  question = g_strdup_printf (_ ("Connect %s with %s?"), self->client->name, names);
  whole = g_strconcat (text, question, NULL);
  if (bfy_terminal_ask_yes (terminal, whole))
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED, _ ("Nothing was changed"));

  return FALSE;
}
