/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One answer and no more: registers as somebody who shows questions, answers, leaves. */

#include <glib/gi18n-lib.h>

#include "client/commands/prompts.h"
#include "client/join.h"
#include "client/prompter.h"

typedef struct
{
  BfyCli *cli;
  const char *id;    /* of what is to be answered; borrowed */
  GError *error;     /* (owned) (nullable) why there is no registration */
  char *digest;      /* (owned) (nullable) of the question as the agent tells it now */
  gboolean is_ready; /* registered, and told of the question */
  gboolean has_ended;
} Errand;

static void
errand_clear (Errand *self)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->digest, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Errand, errand_clear)

static void
on_registered (BfyPrompterLink *prompter, gpointer user_data)
{
  /* What is open follows. */
}

static void
on_question (BfyPrompterLink *prompter, BfyQuestion *question, gpointer user_data)
{
  Errand *self = user_data;

  if (g_strcmp0 (question->id, self->id) != 0 || self->is_ready)
    return;
  self->digest = g_strdup (question->digest);
  self->is_ready = TRUE;
  bfy_cli_wake (self->cli);
}

static void
on_closed (BfyPrompterLink *prompter, const char *id, const char *how, gpointer user_data)
{
  Errand *self = user_data;

  if (g_strcmp0 (id, self->id) != 0 || self->is_ready)
    return;
  self->error = g_error_new_literal (BFY_ERROR, BFY_ERROR_NOT_FOUND,
                                     _ ("The question was closed before it could be answered"));
  bfy_cli_wake (self->cli);
}

static void
on_end (BfyPrompterLink *prompter, const GError *error, gpointer user_data)
{
  Errand *self = user_data;

  self->has_ended = TRUE;
  if (self->error == NULL)
    self->error = g_error_copy (error);
  if (bfy_prompter_get_hint (prompter) != NULL)
    bfy_cli_set_hint (self->cli, "%s", bfy_prompter_get_hint (prompter));
  bfy_cli_wake (self->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_cli_wake (user_data);
}

static gboolean
on_too_late (gpointer user_data)
{
  Errand *self = user_data;

  if (self->error == NULL && !self->is_ready)
    self->error = g_error_new_literal (BFY_ERROR, BFY_ERROR_NOT_FOUND,
                                       _ ("The question is not open any more"));
  bfy_cli_wake (self->cli);

  return G_SOURCE_CONTINUE;
}

/* The agent tells what is open right behind the registration; what does not come is not open. */
#define TOLD_WITHIN_MS 5000

static gboolean
wait_until_ready (Errand *self, GError **error)
{
  gulong cancel_id =
      g_cancellable_connect (self->cli->cancellable, G_CALLBACK (on_cancelled), self->cli, NULL);
  guint timer_id = g_timeout_add (TOLD_WITHIN_MS, on_too_late, self);

  while (!self->is_ready && self->error == NULL &&
         !g_cancellable_is_cancelled (self->cli->cancellable))
    bfy_cli_wait (self->cli);
  g_source_remove (timer_id);
  g_cancellable_disconnect (self->cli->cancellable, cancel_id);
  if (self->is_ready)
    return TRUE;
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                         _ ("Cancelled: nothing was answered"));

  return FALSE;
}

typedef struct
{
  BfyReply reply;
  BfyGrantScope scope;
} Verdict;

static gboolean
send_answer (BfyCli *cli,
             const BfyQuestion *question,
             GBytes *registration,
             const Verdict *verdict,
             GError **error)
{
  static const BfyPrompterEvents events = { on_registered, on_question, on_closed, on_end };
  g_auto (Errand) errand = { .cli = cli, .id = question->id };
  g_autoptr (BfyPrompterLink) prompter = NULL;
  g_autofree char *path = bfy_prompter_answer_path (question);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) reply = NULL;

  prompter = bfy_prompter_new (cli->remote, registration, &events, &errand);
  if (!wait_until_ready (&errand, error))
    return FALSE;
  if (!bfy_prompter_is_registered (prompter) || g_strcmp0 (errand.digest, question->digest) != 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           _ ("The question is another one by now: list the questions again"));
      return FALSE;
    }

  body = bfy_prompter_answer_body (prompter, question, verdict->reply, verdict->scope);
  reply = bfy_cli_call (cli, "POST", path, body, error);

  return reply != NULL;
}

static gboolean
check_scope (const BfyQuestion *question, const Verdict *verdict, GError **error)
{
  g_autofree char *offered = NULL;

  if (verdict->reply != BFY_REPLY_ALLOW || (question->scopes & (1u << verdict->scope)) != 0)
    return TRUE;
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      if ((question->scopes & (1u << i)) != 0)
        bfy_join_comma (&offered, bfy_grant_scope_to_wire ((BfyGrantScope) i));
    }
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               _ ("“%s” is not offered for this question; it can be allowed: %s"),
               bfy_grant_scope_to_wire (verdict->scope), offered != NULL ? offered : "");

  return FALSE;
}

static void
print_done (const BfyQuestion *question, const Verdict *verdict)
{
  switch (verdict->reply)
    {
    case BFY_REPLY_ALLOW:
      /* Translators: how long ("for 10 minutes"), and the question. */
      bfy_cli_print (_ ("Allowed %s: %s\n"), bfy_grant_scope_describe (verdict->scope),
                     question->title);
      break;
    case BFY_REPLY_DENY:
      bfy_cli_print (_ ("Denied, and not asked again for an hour: %s\n"), question->title);
      break;
    case BFY_REPLY_DISMISS:
      bfy_cli_print (_ ("Put away, nothing is remembered: %s\n"), question->title);
      break;
    }
  if (verdict->reply == BFY_REPLY_DENY ||
      (verdict->reply == BFY_REPLY_ALLOW && verdict->scope != BFY_GRANT_ONCE))
    bfy_cli_print (_ ("“bindify grants” lists what was answered, and takes it back.\n"));
}

static gboolean
answer (BfyCli *cli, const char *id, gboolean from_stdin, const Verdict *verdict, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_prompts_fetch (cli, error);
  g_autoptr (GPtrArray) questions = reply != NULL ? bfy_prompts_read (reply) : NULL;
  g_autoptr (GBytes) registration = NULL;
  BfyQuestion *question;

  if (questions == NULL)
    return FALSE;
  bfy_cli_set_hint (cli, "bindify prompts");
  question = bfy_question_find (questions, id, error);
  if (question == NULL || !check_scope (question, verdict, error))
    return FALSE;
  registration = bfy_prompts_build_registration (cli, from_stdin, error);
  if (registration == NULL || !send_answer (cli, question, registration, verdict, error))
    return FALSE;
  print_done (question, verdict);

  return TRUE;
}

gboolean
bfy_prompts_allow (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *duration = NULL;
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "for", 0, 0, G_OPTION_ARG_FILENAME, &duration,
      N_ ("How long: once (default), 10min, session, until-lock or always"), "SCOPE" },
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("Read the passphrase for answers from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  Verdict verdict = { BFY_REPLY_ALLOW, BFY_GRANT_ONCE };

  if (others == NULL || (duration != NULL && !bfy_scope_parse (duration, &verdict.scope, error)))
    return FALSE;

  return answer (cli, others[0], from_stdin, &verdict, error);
}

static gboolean
refuse (BfyCli *cli, GStrv words, BfyReply reply, GError **error)
{
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "passphrase-stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      N_ ("Read the passphrase for answers from stdin"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  const Verdict verdict = { reply, BFY_GRANT_ONCE };

  return others != NULL && answer (cli, others[0], from_stdin, &verdict, error);
}

gboolean
bfy_prompts_deny (BfyCli *cli, GStrv words, GError **error)
{
  return refuse (cli, words, BFY_REPLY_DENY, error);
}

gboolean
bfy_prompts_dismiss (BfyCli *cli, GStrv words, GError **error)
{
  return refuse (cli, words, BFY_REPLY_DISMISS, error);
}
