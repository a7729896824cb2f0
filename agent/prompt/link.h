/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/prompt/prompts.h"

/* A process that has registered to show questions: a stream of events on the connection that it
 * holds open, and the token with which it answers. It lasts as long as that connection. */
typedef struct _BfyLink BfyLink;

#define BFY_LINKS_MAX 32 /* registered at once */
#define BFY_LINK_QUEUE_MAX                                                                         \
  1000 /* events that wait for one that reads slowly; then it is cut off                           \
        */

/* Who is about to show questions. */
typedef struct
{
  const BfyCaller *caller; /* borrowed; a reference is taken */
  BfyPrompterKind kind;
  gboolean has_key; /* it has given the passphrase for answers that is set */
} BfyLinkFacts;

/* Answers @request with the stream; goes by itself. */
void bfy_link_open (BfyPrompts *prompts, BfyRequest *request, const BfyLinkFacts *facts);
guint bfy_link_count (const BfyPrompts *prompts);
/* Of that token; NULL. Borrowed. */
BfyLink *bfy_link_find (const BfyPrompts *prompts, const BfySecret *token);
const BfyCaller *bfy_link_get_caller (const BfyLink *self);
BfyPrompterKind bfy_link_get_kind (const BfyLink *self);
/* Whether it has given the passphrase for answers that is set now. */
gboolean bfy_link_has_key (const BfyLink *self);
/* There is another passphrase for answers, or one for the first time: nobody has given it yet. */
void bfy_link_forget_keys (BfyPrompts *prompts);
/* Whether it was found to be kin of somebody who asked that question, at any time since. */
gboolean bfy_link_is_kin_of (const BfyLink *self, const char *prompt_id);
/* @pid has asked it, too. */
void bfy_link_note_asker (BfyLink *self, const char *prompt_id, int pid);
void bfy_link_free (gpointer link);
