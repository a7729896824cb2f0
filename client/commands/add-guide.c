/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify-add` without words: client/guide.h asks, and here it is shown and typed. */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/guide.h"
#include "client/secret-body.h"
#include "protocol/name.h"

/* An opener may stay until the browser is closed: so long for it to say that there is none. */
#define OPENER_WAIT_MS 2000

typedef struct
{
  BfyCli *cli;
  guint timer_id; /* 0: nobody waits any more */
} Opening;

gboolean
bfy_add_can_ask (void)
{
  g_autoptr (BfyTerminal) terminal = isatty (STDIN_FILENO) ? bfy_terminal_open () : NULL;

  return terminal != NULL;
}

static GStrv
load_names (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (reply == NULL)
    return NULL;
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    g_strv_builder_add (names, bfy_field_text (bfy_field_nth (reply, "bindings", i), "name"));

  return g_strv_builder_end (names);
}

static gboolean
ask_token (BfyCli *cli,
           BfyAdd *self,
           BfyTerminal *terminal,
           BfyGuide *guide,
           const char *prompt,
           GError **error)
{
  gsize length;
  const guint8 *token;

  g_clear_pointer (&self->credential, bfy_secret_unref);
  self->credential = bfy_terminal_ask_secret (terminal, prompt, &cli->signal_number, error);
  if (self->credential == NULL || !bfy_secret_body_check_token (self->credential, error))
    return FALSE;
  token = bfy_secret_peek (self->credential, &length);
  bfy_guide_take_token (guide, (const char *) token, length);

  return TRUE;
}

static gboolean
ask (BfyCli *cli, BfyAdd *self, BfyTerminal *terminal, BfyGuide *guide, GError **error)
{
  g_autofree char *question = bfy_guide_format_question (guide);
  g_autofree char *answer = NULL;

  if (bfy_guide_get_step (guide) == BFY_GUIDE_TOKEN)
    return ask_token (cli, self, terminal, guide, question, error);
  answer = bfy_terminal_ask_answer (terminal, question, &cli->signal_number, error);
  if (answer == NULL)
    return FALSE;
  bfy_guide_answer (guide, answer);

  return TRUE;
}

static void
take_choice (BfyAdd *self, const BfyGuide *guide)
{
  const BfyGuideChoice choice = bfy_guide_get_choice (guide);

  self->target = g_strdup (choice.target);
  g_free (self->name);
  self->name = g_strdup (choice.name);
  g_free (self->account);
  self->account = g_strdup (choice.account);
  self->wants_key = self->wants_key || choice.wants_key;
  self->sign_in.is_asked = self->sign_in.is_asked || choice.signs_in;
}

gboolean
bfy_add_guide (BfyCli *cli, BfyAdd *self, GError **error)
{
  const BfyGuideGiven given = { self->name, self->account,
                                self->wants_key || bfy_add_is_credential_given (self) ||
                                    bfy_sign_in_options_is_set (&self->sign_in) };
  g_autoptr (BfyTerminal) terminal = bfy_terminal_open ();
  g_autoptr (BfyGuide) guide = NULL;
  g_auto (GStrv) names = NULL;

  names = bfy_add_load_services (cli, self, error) ? load_names (cli, error) : NULL;
  if (names == NULL)
    return FALSE;
  self->is_guided = TRUE;
  guide = bfy_guide_new (self->services, (const char *const *) names, &given);
  while (bfy_guide_get_step (guide) != BFY_GUIDE_DONE)
    {
      if (!ask (cli, self, terminal, guide, error))
        return FALSE;
    }
  take_choice (self, guide);

  return TRUE;
}

/* Comes late, or never, where the opener stays. */
static void
on_browser (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Opening *opening = user_data;

  if (!bfy_browser_open_finish (result, NULL))
    fprintf (stderr, _ ("No browser could be opened: please open the address above yourself.\n"));
  if (opening->timer_id == 0)
    return;
  g_source_remove (opening->timer_id);
  bfy_cli_wake (opening->cli);
}

static gboolean
on_waited_enough (gpointer user_data)
{
  Opening *opening = user_data;

  opening->timer_id = 0;
  bfy_cli_wake (opening->cli);

  return G_SOURCE_REMOVE;
}

void
bfy_add_offer_page (BfyCli *cli, BfyTerminal *terminal, const char *url)
{
  Opening *opening;

  if (bfy_browser_find (cli->desktop, FALSE) != BFY_BROWSER_HERE ||
      bfy_browser_judge (url, FALSE) != BFY_URL_OPEN ||
      !bfy_add_ask_yes (cli, terminal, _ ("Open that page in the browser?")))
    return;

  opening = g_new0 (Opening, 1);
  opening->cli = cli;
  opening->timer_id = g_timeout_add (OPENER_WAIT_MS, on_waited_enough, opening);
  bfy_browser_open_async (cli->desktop, url, NULL, on_browser, opening);
  bfy_cli_wait (cli);
}

static const BfyCommand *
find_connect (void)
{
  for (const BfyCommand *c = bfy_commands; c->name != NULL; c++)
    {
      if (strcmp (c->name, "connect") == 0)
        return c;
    }

  return NULL;
}

/* What was added stays whatever is answered here. */
gboolean
bfy_add_offer_connection (BfyCli *cli, const BfyAdd *self, GError **error)
{
  g_autoptr (BfyTerminal) terminal = find_connect () != NULL ? bfy_terminal_open () : NULL;
  g_autofree char *program = NULL;
  const char *words[] = { "connect", NULL, self->name, NULL };

  if (terminal == NULL)
    return TRUE;
  program = bfy_terminal_ask_answer (
      terminal, _ ("\nConnect a program to it now, such as claude-code? (Enter: no) "),
      &cli->signal_number, NULL);
  if (program == NULL || *program == '\0')
    return TRUE;
  words[1] = program;

  return bfy_cli_run (cli, bfy_commands, "bindify", (GStrv) words, error);
}

void
bfy_add_say_cancelled (const BfyCli *cli, const BfyAdd *self)
{
  if (!self->is_guided || cli->signal_number == 0 || self->signs_in)
    return;
  /* The terminal has echoed ^C; a question that was cut short has ended its line. */
  if (g_cancellable_is_cancelled (cli->cancellable))
    fputs ("\n", stderr);
  /* Translators: %s is a sentence that says what there is after all. */
  fprintf (stderr, _ ("Cancelled. %s\n"), _ ("Nothing was added."));
}
