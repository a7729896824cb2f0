/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/question.h"
#include "client/remote.h"

/* The agent as this program knows it: one connection on which it shows the questions, one on which
 * it hears what happens, and the newest lists of everything that is shown. It comes back by itself
 * when the agent does. Nothing is asked again and again: what has changed follows from what
 * happened, and whether the agent is there again, from its socket's folder. While nothing happens,
 * nothing runs.
 *
 * Signals, from the main context:
 *   news (guint news)          bits of BfyNews: what is to be shown anew
 *   event (JsonObject *event)  one event of GET /v1/events, as it happens
 *   question (BfyQuestion *question, gboolean is_new)
 *   question-closed (char *id, char *how)   how: "allowed", …, or NULL: the agent is gone
 */
#define BFY_TYPE_AGENT_LINK (bfy_agent_link_get_type ())
G_DECLARE_FINAL_TYPE (BfyAgentLink, bfy_agent_link, BFY, AGENT_LINK, GObject)

typedef enum
{
  BFY_NEWS_PRESENCE = 1 << 0, /* it has come or gone */
  BFY_NEWS_STATUS = 1 << 1,
  BFY_NEWS_BINDINGS = 1 << 2,
  BFY_NEWS_CLIENTS = 1 << 3,
  BFY_NEWS_GRANTS = 1 << 4,
  BFY_NEWS_QUESTIONS = 1 << 5, /* or whether they are shown here at all */
  BFY_NEWS_USE = 1 << 6,       /* which credentials are in use */
} BfyNews;

#define BFY_NEWS_ALL                                                                               \
  (BFY_NEWS_PRESENCE | BFY_NEWS_STATUS | BFY_NEWS_BINDINGS | BFY_NEWS_CLIENTS | BFY_NEWS_GRANTS |  \
   BFY_NEWS_QUESTIONS | BFY_NEWS_USE)

/* Nothing is opened before bfy_agent_link_start(). */
BfyAgentLink *bfy_agent_link_new (const char *socket_path);
void bfy_agent_link_start (BfyAgentLink *self);
/* Closes everything; no signal follows. */
void bfy_agent_link_stop (BfyAgentLink *self);

/* For calls of one's own: bfy_remote_call_async(). Borrowed. */
BfyRemote *bfy_agent_link_get_remote (BfyAgentLink *self);
gboolean bfy_agent_link_is_present (BfyAgentLink *self);
/* (nullable) why it is not present, a sentence without its full stop; borrowed. */
const char *bfy_agent_link_get_trouble (BfyAgentLink *self);
/* Looks for the agent at once: for when somebody wants it. Nothing while it is present. */
void bfy_agent_link_retry (BfyAgentLink *self);

/* The newest answers, (nullable) before the first and while the agent is gone; borrowed until the
 * next turn of the main loop. */
JsonObject *bfy_agent_link_get_status (BfyAgentLink *self);   /* GET /v1/status */
JsonObject *bfy_agent_link_get_bindings (BfyAgentLink *self); /* {"bindings": […]} */
JsonObject *bfy_agent_link_get_clients (BfyAgentLink *self);  /* {"clients": […]} */
JsonObject *bfy_agent_link_get_grants (BfyAgentLink *self);   /* {"grants": […]} */
/* Names of the bindings that are being used just now, never NULL; borrowed. */
const char *const *bfy_agent_link_get_in_use (BfyAgentLink *self);
/* (element-type BfyQuestion) oldest first; borrowed. */
GPtrArray *bfy_agent_link_get_questions (BfyAgentLink *self);

/* The agent may refuse us as one who answers, and yet tell what happens. (nullable) why, a
 * sentence; borrowed. */
const char *bfy_agent_link_get_silence (BfyAgentLink *self);
/* (nullable) what to type about it; borrowed. */
const char *bfy_agent_link_get_silence_hint (BfyAgentLink *self);

/* Answers a question; finish with bfy_agent_link_answer_finish(). @scope counts for
 * BFY_REPLY_ALLOW only. */
void bfy_agent_link_answer_async (BfyAgentLink *self,
                                  BfyQuestion *question,
                                  BfyReply reply,
                                  BfyGrantScope scope,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* BFY_ERROR_NO_AGENT when we may not answer just now, or the agent’s own error. */
gboolean bfy_agent_link_answer_finish (BfyAgentLink *self,
                                       GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a yes needs a passphrase that has not been given yet. */
gboolean bfy_agent_link_needs_key (BfyAgentLink *self);
/* Gives it: @key is what bfy_lock_key_derive() makes of it and of “approval_kdf” in the status’
 * “lock”. Finish with bfy_agent_link_register_finish(); the questions stay what they are. */
void bfy_agent_link_register_async (BfyAgentLink *self,
                                    const BfySecret *key,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* BFY_ERROR_DENIED: it was wrong, BFY_ERROR_RATE_LIMITED: somebody has been wrong just now. */
gboolean bfy_agent_link_register_finish (BfyAgentLink *self,
                                         GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks for lists anew: after a change that no event tells of. @news: BfyNews bits. */
void bfy_agent_link_refresh (BfyAgentLink *self, guint news);
