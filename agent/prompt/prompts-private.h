/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/prompt/askers.h"
#include "agent/prompt/hold.h"
#include "agent/prompt/prompts.h"
#include "agent/prompt/quiet.h"

/* The inside of the questions: question.c is one question from its opening to its end, waiting.c
 * the requests that wait for it, answer.c what an answer does, prompters.c who is told. */

typedef struct
{
  BfyPrompts *prompts; /* borrowed */
  BfyPrompt *prompt;   /* (owned) */
  BfyBinding *binding; /* (owned) */
  char *asker;         /* (owned) whose requests share it */
  char *payer;         /* (owned) on whose account it is open: caps and quiet */
  char *client;        /* (owned) its name, for a person */
  GQueue waiting;      /* (element-type Waiter) (owned) the longest first */
  GArray *askers;      /* (owned) (element-type int) processes that have asked */
  guint n_looked_up;   /* of them by their TCP connection */
  guint life_id;
  guint changed_id;
  guint n_told;           /* of those who wait, to prompters */
  gboolean was_left_open; /* somebody was told that it stays open */
} BfyQuestion;

typedef struct _BfyWaiter
{
  BfyPrompts *prompts;   /* borrowed */
  BfyQuestion *question; /* borrowed (nullable) NULL: it has been answered */
  BfyRequest *request;   /* (owned) */
  BfyBinding *binding;   /* (owned) */
  BfyCaller *caller;     /* (owned) */
  BfyWish *wish;         /* (owned) its own: the question may show other arguments */
  GTask *task;           /* (owned) */
  BfyHold *hold;         /* (owned) */
  gulong gone_id;
  guint wait_id;
  struct _BfyWaiter **self; /* (owned) by the request: where it is told that it is over */
} BfyWaiter;

struct _BfyPrompts
{
  BfyAgent *agent; /* borrowed */
  BfyPromptTimes times;
  GPtrArray *questions; /* (owned) (element-type BfyQuestion) oldest first */
  GPtrArray *prompters; /* (owned) (element-type BfyPrompter) */
  GPtrArray *links;     /* (owned) (element-type BfyLink) processes that show questions */
  BfyQuiet *quiet;      /* (owned) */
  BfyAskers *refused;   /* (owned) who asked for what was not allowed */
  guint greeting_id;
  guint recheck_id;
  GQueue released; /* (element-type BfyWaiter) (owned) that go on, one after the other */
  guint release_id;
  gulong binding_id; /* handlers of the registry's signals */
  gulong client_id;
  gboolean is_screen_locked;
};

/* prompts.c */
BfyQuestion *bfy_prompts_find_question (BfyPrompts *self, const char *id);

/* question.c */
/* NULL and an error when there are too many. */
BfyQuestion *bfy_question_open (BfyPrompts *prompts, const BfyPromptsAsked *asked, GError **error);
/* One that is open for the same. */
BfyQuestion *bfy_question_find_alike (BfyPrompts *prompts, const BfyPromptsAsked *asked);
/* Whose account it is on; free with g_free(). */
char *bfy_question_dup_payer (const BfyCaller *caller);
void bfy_question_note_asker (BfyQuestion *self, BfyRequest *request, const BfyCaller *caller);
/* To prompters, and on record. */
void bfy_question_show (BfyQuestion *self);
/* More or fewer wait; prompters are told a moment later. */
void bfy_question_note_changed (BfyQuestion *self);
/* Takes it off the list and tells prompters; whoever still waits is handed over: (transfer full)
 * (element-type BfyWaiter). The question is gone. */
GPtrArray *bfy_question_close (BfyQuestion *self, const char *how);
/* The same with a refusal for all who wait. */
void
bfy_question_refuse (BfyQuestion *self, const char *how, BfyErrorCode code, const char *message);
/* Nobody has to be asked any more: those who wait go on, to be judged anew. */
void bfy_question_withdraw (BfyQuestion *self);
void bfy_question_record (BfyQuestion *self, const char *type, const char *category);

/* waiting.c */
/* The end of its waiting: (transfer full) error, NULL to go on. Frees it. */
void bfy_waiter_end (BfyWaiter *self, GError *error);
/* A yes: it goes on when others have had their turn, too. */
void bfy_waiter_release (BfyWaiter *self);
/* To a question that is open for the same, or to a new one. Ends it when there can be none. */
void bfy_waiter_ask_again (BfyWaiter *self);

/* prompters.c */
gboolean bfy_prompters_are_there (const BfyPrompts *prompts);
void bfy_prompters_tell (BfyPrompts *prompts,
                         BfyPrompt *prompt,
                         BfyPromptChange change,
                         const char *how);
/* All that is open to those who have not seen it. */
void bfy_prompters_show_all (BfyPrompts *prompts);
void bfy_prompters_hide_all (BfyPrompts *prompts);
void bfy_prompter_free (gpointer prompter);

/* facts.c */
BfyPrompt *bfy_prompts_make (BfyPrompts *self, const BfyPromptsAsked *asked);
