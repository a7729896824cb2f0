/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/prompter.h"
#include "client/transfer.h"
#include "tray/agent-link.h"
#include "tray/socket-watch.h"

/* The inside of the link, shared by the files that make it up: agent-link.c keeps the connection
 * and hears what happens, agent-link-lists.c asks for lists, agent-link-questions.c shows questions
 * and answers them. */

#define BFY_N_LINK_LISTS 4

struct _BfyAgentLink
{
  GObject parent_instance;

  BfyRemote *remote;                   /* (owned) */
  BfySocketWatch *watch;               /* (owned) (nullable) */
  BfyTransfer *events;                 /* (owned) (nullable) */
  GCancellable *cancellable;           /* (owned) of the calls under way */
  JsonObject *parts[BFY_N_LINK_LISTS]; /* (owned) (nullable) */
  GStrv in_use;                        /* (owned) */
  char *trouble;                       /* (owned) (nullable) */
  char *seen;                          /* (owned) (nullable) id of the event to go on behind */
  guint stale;                         /* BfyNews bits to ask for in a moment */
  guint fetching;                      /* that are being asked for */
  guint fetch_again;                   /* and once more after that */
  guint refresh_id;
  guint retry_id;
  guint retry_ms;
  gboolean is_present;
  gboolean is_started;

  BfyPrompterLink *prompter;  /* (owned) (nullable) */
  BfyPrompterLink *successor; /* (owned) (nullable) the same with a key, until it is registered */
  GTask *successor_task;      /* (owned) (nullable) */
  gboolean has_key;           /* the prompter has given one */
  GPtrArray *questions;       /* (owned) (element-type BfyQuestion) */
  char *silence;              /* (owned) (nullable) why we may not answer */
  char *silence_hint;         /* (owned) (nullable) */
  guint register_id;
  guint n_registrations; /* that have been broken off one after the other */
};

void bfy_agent_link_tell (BfyAgentLink *self, guint news);

/* agent-link-lists.c: asks for all of them; lets go of those of an agent that has gone. */
void bfy_agent_link_fetch_all (BfyAgentLink *self);
void bfy_agent_link_forget_lists (BfyAgentLink *self);

/* agent-link-questions.c */
/* What came of it is news of BFY_NEWS_QUESTIONS. */
void bfy_agent_link_register (BfyAgentLink *self);
void bfy_agent_link_close_questions (BfyAgentLink *self);
/* Everything of it that belongs to the agent that has gone. */
void bfy_agent_link_forget_prompter (BfyAgentLink *self);
