/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "client/commands/add.h"
#include "client/fields.h"
#include "client/secret-body.h"
#include "client/secret-stdin.h"
#include "protocol/name.h"
#include "protocol/translation.h"

/* Only shown to a person who is about to type: a script has its token already. */
static void
print_instructions (BfyCli *cli, BfyTerminal *terminal, BfyAdd *self)
{
  g_autofree char *name = NULL;
  g_autofree char *url = NULL;
  JsonArray *steps;

  if (self->service == NULL || self->was_instructed)
    return;

  self->was_instructed = TRUE;
  name = bfy_text_to_line (bfy_field_text (self->service, "name"), 60);
  url = bfy_text_to_line (bfy_field_text (self->service, "token_url"), 400);
  steps = bfy_field_array (self->service, "instructions");
  if (*url != '\0')
    fprintf (stderr, _ ("%s: you make a token at %s\n"), name, url);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonNode *node = json_array_get_element (steps, i);
      g_autofree char *step = NULL;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      step = bfy_text_to_line (bfy_translation_find (json_node_get_string (node)), 400);
      fprintf (stderr, "  %u. %s\n", i + 1, step);
    }
  if (self->target != NULL && !self->is_guided &&
      bfy_field_boolean (self->service, "supports_oauth"))
    fprintf (stderr, _ ("(With a sign-in in the browser instead: %s %s --oauth)\n"), cli->title,
             self->target);
  if (self->is_guided)
    bfy_add_offer_page (cli, terminal, url);
}

static gboolean
ask_username (BfyCli *cli, BfyTerminal *terminal, BfyAdd *self, GError **error)
{
  const char *field =
      self->service != NULL ? bfy_field_text (self->service, "username_field") : _ ("User name");
  g_autofree char *line = bfy_text_to_line (field, 40);
  /* Translators: what to type, as the service calls it: "Email: ". */
  g_autofree char *prompt = g_strdup_printf (_ ("%s: "), line);

  prompt[0] = g_ascii_toupper (prompt[0]);
  g_free (self->username);
  self->asked_username = TRUE;
  self->username = bfy_terminal_ask_answer (terminal, prompt, &cli->signal_number, error);
  if (self->username == NULL || *self->username != '\0')
    return self->username != NULL;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED, _ ("Cancelled: nothing was stored"));
  return FALSE;
}

static gboolean
needs_username (const BfyAdd *self)
{
  gboolean is_pair =
      self->service != NULL && *bfy_field_text (self->service, "username_field") != '\0';

  return self->username != NULL ? *self->username == '\0' : is_pair;
}

static BfySecret *
ask_secret (BfyCli *cli, BfyAdd *self, GError **error)
{
  g_autoptr (BfyTerminal) terminal = bfy_terminal_open ();
  g_autofree char *prompt = NULL;

  if (terminal == NULL)
    {
      bfy_cli_set_hint (cli, "%s … --token-stdin < FILE", cli->title);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("There is no terminal to ask for the token on"));
      return NULL;
    }

  if (self->credential == NULL)
    print_instructions (cli, terminal, self);
  if (cli->signal_number != 0 ||
      (needs_username (self) && !ask_username (cli, terminal, self, error)))
    return NULL;
  if (self->credential != NULL)
    return bfy_secret_ref (self->credential);

  if (self->place.access_key_id != NULL)
    prompt = g_strdup_printf (_ ("Secret key of %s (not shown): "), self->username);
  else if (self->is_free_form)
    prompt = g_strdup_printf (_ ("Secret for %s (not shown): "), self->name);
  else if (self->is_url && self->username != NULL)
    prompt = g_strdup_printf (_ ("Password for %s (not shown): "), self->name);
  else
    prompt = g_strdup_printf (_ ("Token for %s (not shown): "), self->name);

  return bfy_terminal_ask_secret (terminal, prompt, &cli->signal_number, error);
}

/* One that was read already, to tell whose it is, is taken. */
static BfySecret *
read_secret (BfyCli *cli, BfyAdd *self, GError **error)
{
  if (!self->is_token_on_stdin)
    return ask_secret (cli, self, error);
  if (self->credential != NULL)
    return bfy_secret_ref (self->credential);

  return bfy_secret_read_stdin (cli, "--token-stdin", N_ ("token"), error);
}

/* It may be written in any letters; what it must not hold the agent says. */
static gboolean
is_password_of_database (const BfyAdd *self)
{
  return g_strcmp0 (self->type, "database") == 0;
}

gboolean
bfy_add_read_credential (BfyCli *cli, BfyAdd *self, GError **error)
{
  BfySecret *credential;

  if (self->is_token_on_stdin && needs_username (self))
    {
      bfy_cli_set_hint (cli, _ ("the same with --basic USER"));
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("This needs a user name besides the token"));
      return FALSE;
    }

  credential = read_secret (cli, self, error);
  g_clear_pointer (&self->credential, bfy_secret_unref);
  self->credential = credential;

  return self->credential != NULL && (self->is_free_form || is_password_of_database (self) ||
                                      bfy_secret_body_check_token (self->credential, error));
}

void
bfy_add_forget_credential (BfyAdd *self)
{
  g_clear_pointer (&self->credential, bfy_secret_unref);
  if (!self->asked_username)
    return;
  g_free (self->username);
  self->username = g_strdup ("");
}
