/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/askpass-answer.h"

#include <string.h>

#define STATUS_CANCELLED 1

static const struct
{
  const char *word;
  BfyAnswer answer;
} refusals[] = {
  { "deny", BFY_ANSWER_DENY },
  { "dismiss", BFY_ANSWER_DISMISS },
};

static BfyAskpassAnswer
answered (BfyAnswer answer, BfyGrantScope scope)
{
  return (BfyAskpassAnswer){ BFY_ASKPASS_ANSWERED, answer, scope };
}

static BfyAskpassAnswer
nothing (BfyAskpassOutcome outcome)
{
  return (BfyAskpassAnswer){ outcome, BFY_ANSWER_DISMISS, BFY_GRANT_ONCE };
}

BfyAskpassAnswer
bfy_askpass_read (int exit_status, const char *output, gsize length)
{
  g_autofree char *word = NULL;
  BfyGrantScope scope;

  if (length > BFY_ASKPASS_OUTPUT_BYTES_MAX || memchr (output, '\0', length) != NULL ||
      exit_status < 0 || exit_status > STATUS_CANCELLED)
    return nothing (BFY_ASKPASS_BROKEN);

  if (length > 0 && output[length - 1] == '\n')
    length--;
  word = g_strndup (output, length);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      if (strcmp (word, refusals[i].word) == 0)
        return answered (refusals[i].answer, BFY_GRANT_ONCE);
    }
  if (exit_status == STATUS_CANCELLED)
    return nothing (*word == '\0' ? BFY_ASKPASS_CANCELLED : BFY_ASKPASS_BROKEN);
  if (*word == '\0')
    return answered (BFY_ANSWER_ALLOW, BFY_GRANT_ONCE);
  if (bfy_grant_scope_from_wire (word, &scope))
    return answered (BFY_ANSWER_ALLOW, scope);

  return nothing (BFY_ASKPASS_BROKEN);
}

char *
bfy_askpass_format (const BfyPrompt *prompt)
{
  g_autofree char *lines = g_strjoinv ("\n", prompt->lines);

  return g_strconcat (prompt->title, "\n\n", lines, NULL);
}
