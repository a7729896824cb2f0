/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/grant.h"

/* What is known of a request and its surroundings when a person is asked. */
typedef struct
{
  const BfyCaller *caller;
  const BfyWish *wish;
  const char *service; /* (nullable) name in the catalogue: "GitHub" */
  const char *host;    /* (nullable) punycode, where it would go; NULL: a program on this machine */
  const char *account; /* (nullable) label of the credential */
  const char *program; /* (nullable) of a custom binding */
  guint n_uses_today;
} BfyPromptFacts;

/* A question to the person, as data: who wants what, which answers there are, until when. All of
 * its text is ours; what comes from outside is quoted in it, one line, harmless (craft 1.6). It
 * carries no secret. */
typedef struct
{
  gatomicrefcount ref_count;
  char *id;          /* (owned) UUID */
  char *title;       /* (owned) "Let “claude-desktop” merge pull requests on GitHub?" */
  GStrv lines;       /* (owned) "Program: claude ← zsh ← kitty (verified)" */
  guint scopes;      /* bfy_grant_scopes_for() */
  BfyCaller *caller; /* (owned) */
  BfyWish *wish;     /* (owned) */
  JsonObject *facts; /* (owned) bfy_prompt_facts_to_json() */
  gint64 created_at_s;
  gint64 expires_at_s;
  guint n_waiting; /* requests that wait for the answer */
} BfyPrompt;

#define BFY_PROMPT_LINE_CHARACTERS_MAX 120
#define BFY_PROMPT_LINES_MAX 12

BfyPrompt *bfy_prompt_new (const BfyPromptFacts *facts, gint64 created_at_s, gint64 expires_at_s);
BfyPrompt *bfy_prompt_ref (BfyPrompt *self);
void bfy_prompt_unref (BfyPrompt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPrompt, bfy_prompt_unref)

/* id, title, lines, binding, method, tool, access, capability, arguments, client (as
 * bfy_caller_to_json()), scopes (array of wire names), meanings (of each scope, for a person),
 * digest (hex of the wish), created_at, expires_at, waiting, facts (to say it in other words). */
JsonObject *bfy_prompt_to_json (const BfyPrompt *self);
