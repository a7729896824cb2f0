/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/prompts.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/lock-key.h"
#include "client/passphrase.h"
#include "client/prompter.h"
#include "client/secret-stdin.h"
#include "client/terminal.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

#define ID_SHOWN 8 /* characters of an id; enough to tell a hundred questions apart */

static gboolean prompts_resume (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_prompts_commands[] = {
  { "allow", "ID", 1, 1, BFY_COMMAND_PLAIN, N_ ("Say yes to a question: once, or --for longer"),
    bfy_prompts_allow },
  { "deny", "ID", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Say no to a question, and for an hour to the same again"), bfy_prompts_deny },
  { "dismiss", "ID", 1, 1, BFY_COMMAND_PLAIN,
    N_ ("Put a question away: refused, but not remembered"), bfy_prompts_dismiss },
  { "resume", "", 0, 0, BFY_COMMAND_PLAIN,
    N_ ("Let programs ask again that are quiet after too many questions"), prompts_resume },
  { "passphrase", "", 0, 0, BFY_COMMAND_PLAIN, N_ ("Set a passphrase that answers need"),
    bfy_command_prompts_passphrase },
  BFY_COMMAND_END,
};

JsonObject *
bfy_prompts_fetch (BfyCli *cli, GError **error)
{
  return bfy_cli_call (cli, "GET", "/v1/prompts", NULL, error);
}

GPtrArray *
bfy_prompts_read (JsonObject *reply)
{
  GPtrArray *questions = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_question_unref);

  for (guint i = 0; i < bfy_field_count (reply, "prompts"); i++)
    {
      BfyQuestion *question = bfy_question_from_json (bfy_field_nth (reply, "prompts", i));

      if (question != NULL)
        g_ptr_array_add (questions, question);
    }

  return questions;
}

/* NULL and no error when none is asked for. */
static BfySecret *
get_passphrase (BfyCli *cli, gboolean is_set, gboolean from_stdin, GError **error)
{
  g_autoptr (BfyTerminal) terminal = NULL;
  g_autoptr (BfySecret) typed = NULL;

  if (from_stdin)
    typed = bfy_secret_read_stdin (cli, "--passphrase-stdin", N_ ("passphrase"), error);
  else
    {
      terminal = bfy_terminal_open ();
      if (terminal == NULL)
        {
          bfy_cli_set_hint (cli, _ ("bindify prompts --watch, in a terminal window"));
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                               _ ("Questions are answered by a person: there is no terminal here"));
        }
      else if (is_set)
        typed = bfy_terminal_ask_secret (terminal, _ ("Passphrase for answers (not shown): "),
                                         &cli->signal_number, error);
    }

  return typed != NULL ? bfy_passphrase_trim (typed) : NULL;
}

GBytes *
bfy_prompts_build_registration (BfyCli *cli, gboolean from_stdin, GError **error)
{
  g_autoptr (JsonObject) lock = bfy_cli_call (cli, "GET", "/v1/lock", NULL, error);
  gboolean is_set = lock != NULL && bfy_field_object (lock, "approval_kdf") != NULL;
  g_autoptr (BfySecret) passphrase = NULL;
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GError) local_error = NULL;

  if (lock == NULL)
    return NULL;
  passphrase = get_passphrase (cli, is_set, from_stdin, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (!is_set)
    return bfy_prompter_body (BFY_PROMPTER_IN_TERMINAL, NULL);
  key = bfy_lock_key_derive (lock, "approval_kdf", passphrase, error);

  return key != NULL && bfy_lock_key_wait (cli, error)
             ? bfy_prompter_body (BFY_PROMPTER_IN_TERMINAL, key)
             : NULL;
}

static void
print_question (const BfyQuestion *question, gint64 now_s)
{
  g_autofree char *left = bfy_question_format_time (question, now_s);

  bfy_cli_print ("%.*s  %s\n", ID_SHOWN, question->id, question->title);
  for (guint i = 0; question->lines[i] != NULL; i++)
    bfy_cli_print ("    %s\n", question->lines[i]);
  bfy_cli_print ("    %s\n\n", left);
}

static void
print_quiet (JsonObject *reply)
{
  for (guint i = 0; i < bfy_field_count (reply, "quiet"); i++)
    {
      JsonObject *quiet = bfy_field_nth (reply, "quiet", i);
      g_autofree char *client = bfy_text_to_line (bfy_field_text (quiet, "client"), 60);
      g_autofree char *until = bfy_log_format_time (bfy_field_text (quiet, "until"));

      /* Translators: a program, and a date and time. */
      bfy_cli_print (_ ("“%s” may not ask until %s.\n"), client, until);
    }
  if (bfy_field_count (reply, "quiet") > 0)
    bfy_cli_print (_ ("“bindify prompts resume” lets them ask again at once.\n"));
}

static gboolean
list (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_prompts_fetch (cli, error);
  g_autoptr (GPtrArray) questions = NULL;

  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "prompts");
      return TRUE;
    }

  questions = bfy_prompts_read (reply);
  for (guint i = 0; i < questions->len; i++)
    print_question (g_ptr_array_index (questions, i), g_get_real_time () / G_USEC_PER_SEC);
  if (questions->len == 0)
    bfy_cli_print (_ ("Nothing is asked just now.\n"));
  else
    bfy_cli_print (
        _ ("“bindify prompts allow ID” and “deny ID” answer one; “bindify prompts --watch” "
           "shows them as they come.\n"));
  print_quiet (reply);

  return TRUE;
}

static gboolean
prompts_resume (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply =
      others != NULL ? bfy_cli_call (cli, "DELETE", "/v1/prompts/quiet", NULL, error) : NULL;
  gulong n;

  if (reply == NULL)
    return FALSE;
  n = (gulong) MAX (bfy_field_int (reply, "ended"), 0);
  if (n == 0)
    bfy_cli_print (_ ("No program is quiet.\n"));
  else
    bfy_cli_print (ngettext ("%lu program may ask again.\n", "%lu programs may ask again.\n", n),
                   n);

  return TRUE;
}

static gboolean
run (BfyCli *cli, GStrv words, GError **error)
{
  gboolean watches = FALSE;
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watches,
      N_ ("Show questions as they come and answer them by a key"), NULL },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("With --watch: read the passphrase for answers from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL)
    return FALSE;
  if (others[0] != NULL)
    {
      bfy_cli_refuse_unknown (cli, bfy_prompts_commands, "bindify prompts", others[0],
                              "bindify prompts --help", error);
      return FALSE;
    }

  return watches ? bfy_prompts_watch (cli, from_stdin, error) : list (cli, error);
}

gboolean
bfy_command_prompts (BfyCli *cli, GStrv words, GError **error)
{
  for (const BfyCommand *c = bfy_prompts_commands; words[1] != NULL && c->name != NULL; c++)
    {
      if (strcmp (c->name, words[1]) == 0)
        return bfy_cli_run (cli, bfy_prompts_commands, "bindify prompts", words + 1, error);
    }

  return run (cli, words, error);
}
