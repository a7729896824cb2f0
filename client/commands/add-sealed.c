/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/add.h"
#include "client/fields.h"
#include "protocol/name.h"

/* What a sealed binding adds to bindify-add and bindify login (behaviour 11). */

gboolean
bfy_add_check_sealed (const BfyAdd *self, gboolean is_sealed, GError **error)
{
  const char *problem = NULL;
  gboolean has_key = bfy_key_options_is_set (&self->key);

  if (!is_sealed && (self->client != NULL || has_key))
    problem =
        _ ("A client’s key opens sealed bindings only: --client, --key-file and --key-stdin go "
           "with --sealed");
  else if (self->client != NULL && has_key)
    problem =
        _ ("--client makes a new key, --key-file and --key-stdin present one that is there: not "
           "both");
  else if (self->key.on_stdin && self->is_token_on_stdin)
    problem =
        _ ("Only one of token and key can come on stdin; the key may be in a file (--key-file)");

  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);
  return FALSE;
}

gboolean
bfy_add_read_key (BfyCli *cli, BfyAdd *self, GError **error)
{
  if (!bfy_key_options_is_set (&self->key))
    return TRUE;

  self->client_key = bfy_key_read (cli, &self->key, error);
  return self->client_key != NULL;
}

void
bfy_add_print_key (JsonObject *reply)
{
  g_autofree char *key = bfy_text_to_line (bfy_field_text (reply, "client_key"), 200);

  if (*key != '\0')
    bfy_cli_print ("%s\n", key);
}

static void
print_new_key (JsonObject *reply, const char *name)
{
  g_autofree char *key = bfy_text_to_line (bfy_field_text (reply, "client_key"), 200);
  JsonObject *client = bfy_field_object (reply, "client");
  g_autofree char *label =
      bfy_text_to_line (client != NULL ? bfy_field_text (client, "label") : "", 100);

  if (*key == '\0')
    {
      bfy_cli_print (_ ("It is sealed: it opens with the key of “%s”, which you presented.\n"),
                     label);
      return;
    }

  bfy_cli_print (
      _ ("It is sealed: it opens only with the key of the new client “%s”. The key is shown\n"
         "only this once, and the agent does not keep it:\n\n  %s\n\n"
         "Give it to that program, or put it into a file of mode 0600 for --key-file.\n"),
      label, key);
}

static void
print_lost (JsonObject *reply, const char *name)
{
  for (guint i = 0; i < bfy_field_count (reply, "lost_clients"); i++)
    {
      const char *label = bfy_field_text (bfy_field_nth (reply, "lost_clients", i), "label");
      g_autofree char *shown = bfy_text_to_line (label, 100);

      bfy_cli_print (_ ("“%s” cannot open it any more. Let it in again with a new key:\n"
                        "  bindify client add LABEL --binding %s --unseal-with-file FILE\n"),
                     shown, name);
    }
}

void
bfy_add_report_sealed (JsonObject *reply, const char *name)
{
  print_new_key (reply, name);
  print_lost (reply, name);
  bfy_cli_print ("%s", _ (BFY_SEALED_COST_TEXT));
}
