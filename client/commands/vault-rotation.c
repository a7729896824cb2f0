/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What `bindify vault status` says of the last rotation. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/vault.h"
#include "client/fields.h"
#include "client/join.h"
#include "protocol/name.h"

/* What was encrypted anew, and what was not. */
static char *
describe_rotation (JsonObject *rotation, const char *state)
{
  gulong n_done = (gulong) MAX (bfy_field_int (rotation, "migrated"), 0);
  gulong n_left = (gulong) MAX (bfy_field_int (rotation, "left"), 0);
  g_autofree char *done =
      /* Translators: credentials. */
      g_strdup_printf (ngettext ("%lu encrypted anew", "%lu encrypted anew", n_done), n_done);
  g_autofree char *left =
      strcmp (state, "partial") == 0
          ? g_strdup_printf (
                ngettext ("%lu could not be opened", "%lu could not be opened", n_left), n_left)
          : g_strdup_printf (ngettext ("%lu to do", "%lu to do", n_left), n_left);
  char *text = g_steal_pointer (&done);

  if (n_left > 0)
    bfy_join_comma (&text, left);

  return text;
}

static const char *
name_rotation (const char *wire)
{
  static const struct
  {
    const char *wire, *text;
  } states[] = {
    { "none", NC_ ("rotation", "none") },           { "pending", NC_ ("rotation", "pending") },
    { "validated", NC_ ("rotation", "validated") }, { "migrating", NC_ ("rotation", "migrating") },
    { "partial", NC_ ("rotation", "partial") },     { "completed", NC_ ("rotation", "completed") },
    { "failed", NC_ ("rotation", "failed") },       { "rejected", NC_ ("rotation", "rejected") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (strcmp (states[i].wire, wire) == 0)
      return g_dpgettext2 (GETTEXT_PACKAGE, "rotation", states[i].text);

  return wire;
}

void
bfy_vault_print_rotation (JsonObject *vault)
{
  JsonObject *rotation = bfy_field_object (vault, "rotation");
  g_autofree char *state = NULL;
  g_autofree char *text = NULL;

  if (rotation == NULL)
    return;
  state = bfy_text_to_line (bfy_field_text (rotation, "state"), 40);
  text = describe_rotation (rotation, state);
  /* Translators: its state, and how many credentials have been encrypted anew. */
  bfy_cli_print (_ ("\nLast rotation: %s, %s.\n"), name_rotation (state), text);
  if (strcmp (state, "partial") == 0)
    bfy_cli_print (_ ("Find out which: bindify vault check\n"));
  else if (bfy_field_int (rotation, "left") > 0)
    bfy_cli_print (_ ("Go on with it: bindify vault rotate\n"));
}
