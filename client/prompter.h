/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/question.h"
#include "client/remote.h"

/* This program as one that shows the agent's questions: it hears of each of them as long as it
 * stays connected, and it alone can give the answers it has a token for. Callbacks run from the
 * main context, none after bfy_prompter_free(). */
typedef struct _BfyPrompterLink BfyPrompterLink;

typedef struct
{
  /* The agent will tell, and take answers. */
  void (*on_registered) (BfyPrompterLink *prompter, gpointer user_data);
  /* New, or another number of requests wait. */
  void (*on_question) (BfyPrompterLink *prompter, BfyQuestion *question, gpointer user_data);
  /* @how: "allowed", "denied", …; (nullable) */
  void (*on_closed) (BfyPrompterLink *prompter,
                     const char *id,
                     const char *how,
                     gpointer user_data);
  /* The last call. @error: never NULL; BFY_ERROR_NO_AGENT when the agent went away. */
  void (*on_end) (BfyPrompterLink *prompter, const GError *error, gpointer user_data);
} BfyPrompterEvents;

/* @body: bfy_prompter_body(). */
BfyPrompterLink *bfy_prompter_new (BfyRemote *remote,
                                   GBytes *body,
                                   const BfyPrompterEvents *events,
                                   gpointer user_data);
/* Closes the connection, by which the agent forgets us. */
void bfy_prompter_free (BfyPrompterLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPrompterLink, bfy_prompter_free)

gboolean bfy_prompter_is_registered (const BfyPrompterLink *self);
/* (nullable) the next command to type after a refusal; borrowed. */
const char *bfy_prompter_get_hint (const BfyPrompterLink *self);

typedef enum
{
  BFY_PROMPTER_IN_TERMINAL,
  BFY_PROMPTER_IN_TRAY,
} BfyPrompterPlace;

/* The request by which we register, in secret memory. @key: (nullable) what was derived from the
 * passphrase for answers. */
GBytes *bfy_prompter_body (BfyPrompterPlace place, const BfySecret *key);

/* The request that answers @question: path and body for bfy_remote_call_async(). @scope counts for
 * BFY_REPLY_ALLOW only. */
char *bfy_prompter_answer_path (const BfyQuestion *question);
GBytes *bfy_prompter_answer_body (BfyPrompterLink *self,
                                  const BfyQuestion *question,
                                  BfyReply reply,
                                  BfyGrantScope scope);
