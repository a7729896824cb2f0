/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/prompt.h"

/* Questions that wait for a person. Nothing else waits for them: a question is data, shown by
 * whoever has registered for that, and answered by them or not at all.
 *
 *   - Requests that want the same of the same client share one question (craft 1.6).
 *   - A request waits up to wait_ms and is then told approval_pending; the question stays for its
 *     repetition until it is life_ms old. When all who wait hang up before that, it is withdrawn
 *     (behaviour 15.5, 15.7).
 *   - An unanswered question is refused and nothing is remembered; a no is, for an hour.
 *   - After two unanswered questions or three denials in a row of one client it is not asked for
 *     for a while; the person can end that. */
#define BFY_PROMPT_WAIT_MS 35000
#define BFY_PROMPT_HOLD_MS 110000 /* instead, of a request that is kept alive meanwhile */
#define BFY_PROMPT_LIFE_MS 120000
#define BFY_PROMPT_QUIET_MS (5 * 60 * 1000)
#define BFY_PROMPTS_MAX 100 /* open at once */
#define BFY_PROMPTS_PER_CALLER_MAX 5
#define BFY_PROMPT_WAITING_MAX 1000 /* requests on one question */

/* What asked, in a wish, when it is not the policy but the binding. */
#define BFY_CONFIRM_RULE "confirm"

typedef struct _BfyPrompts BfyPrompts;

typedef struct _BfyPromptTimes
{
  guint wait_ms;
  guint hold_ms;
  guint life_ms;
  guint quiet_ms;
  guint silent_ms; /* bfy_hold_new() */
  guint beat_ms;
} BfyPromptTimes;

/* @times: 0 in a member is the one above. */
BfyPrompts *bfy_prompts_new (BfyAgent *agent, const BfyPromptTimes *times);
/* For what is asked from now on. */
void bfy_prompts_set_times (BfyPrompts *self, const BfyPromptTimes *times);
void bfy_prompts_free (BfyPrompts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPrompts, bfy_prompts_free)

/* What a person is to be asked about. All of it is borrowed; references are taken. */
typedef struct
{
  BfyRequest *request;
  const BfyRpcMessage *message; /* of the request: the one in question */
  BfyBinding *binding;
  BfyCaller *caller;
  BfyWish *wish;
  gboolean is_patient; /* it waits for as long as the question is open, and is not told to come
                          back: nothing is left for a repetition */
} BfyPromptsAsked;

/* Waits for an answer, with the request kept alive (agent/prompt/hold.h). BFY_ERROR_DENIED: a no,
 * or the quiet after too many; BFY_ERROR_APPROVAL_PENDING, _TIMEOUT, _DISMISSED, _UNAVAILABLE
 * (nobody can be asked); BFY_ERROR_LOCKED while the screen or the agent is locked;
 * BFY_ERROR_CANCELLED when the client has gone. What a yes was given for is a grant by then; TRUE
 * is also when nobody has to be asked any more, so whoever asked looks anew. */
void bfy_prompts_ask_async (BfyPrompts *self,
                            const BfyPromptsAsked *asked,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean bfy_prompts_ask_finish (BfyPrompts *self,
                                 GAsyncResult *result,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer container) (element-type BfyPrompt) oldest first */
GPtrArray *bfy_prompts_list (BfyPrompts *self);
/* Borrowed; NULL when there is none. */
BfyPrompt *bfy_prompts_find (BfyPrompts *self, const char *id);
/* Calls @func for each process that has asked this question, those that have left, too: the one
 * that connected and the program behind it. */
typedef void (*BfyPromptAskerFunc) (int pid, gpointer user_data);
void bfy_prompts_foreach_asker (BfyPrompts *self,
                                const char *id,
                                BfyPromptAskerFunc func,
                                gpointer user_data);

typedef enum
{
  BFY_ANSWER_ALLOW,
  BFY_ANSWER_DENY,    /* remembered for an hour */
  BFY_ANSWER_DISMISS, /* put away without an answer: refused, not remembered */
} BfyAnswer;

/* From a registered prompter that may answer this one (agent/prompt/answerer.h) or from the askpass
 * program. An "once" serves the one that has waited longest; the others have a new question.
 * BFY_ERROR_NOT_FOUND when it is answered or withdrawn, BFY_ERROR_DENIED for a @scope that
 * was not offered or when the asker is no longer what it was. */
gboolean bfy_prompts_answer (BfyPrompts *self,
                             const char *id,
                             BfyAnswer answer,
                             BfyGrantScope scope,
                             const char *answered_by,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether process @pid has asked what is still open, or what was not allowed within the last hour,
 * or is related to one that has: it may not loosen what it asks for. */
gboolean bfy_prompts_is_asker (BfyPrompts *self, int pid);
/* All that is open is refused with @code and @message: locked, frozen, a binding that is gone
 * (@binding_id (nullable): only of that one). */
void bfy_prompts_refuse_all (BfyPrompts *self,
                             const char *binding_id,
                             BfyErrorCode code,
                             const char *message);
/* A client that is not asked for at the moment. */
typedef struct
{
  char *client; /* (owned) its name, for a person */
  gint64 until_s;
} BfyPromptsQuiet;

void bfy_prompts_quiet_free (BfyPromptsQuiet *quiet);
/* (transfer full) (element-type BfyPromptsQuiet) */
GPtrArray *bfy_prompts_list_quiet (BfyPrompts *self);
/* Ends the quiet of all clients; how many. */
guint bfy_prompts_end_quiet (BfyPrompts *self);
/* Nothing is shown and no answer counts while the screen is locked (craft H08). */
void bfy_prompts_set_screen_locked (BfyPrompts *self, gboolean is_locked);

/* Those who show questions. A prompter hears of every change by its func; when the last one goes,
 * open questions are for the askpass program, or nobody is left to ask. */
typedef enum
{
  BFY_PROMPTER_TRAY,
  BFY_PROMPTER_TERMINAL,
  BFY_PROMPTER_ASKPASS,
} BfyPrompterKind;

typedef enum
{
  BFY_PROMPT_OPENED,
  BFY_PROMPT_CHANGED, /* more or fewer wait */
  BFY_PROMPT_CLOSED,
} BfyPromptChange;

typedef struct _BfyPrompter BfyPrompter;
/* @how: of a closed one "allowed", "denied", "dismissed", "timeout", "withdrawn", "refused",
 * "screen_locked" (it is opened again when that is over); else
 * NULL. */
typedef void (*BfyPrompterFunc) (BfyPrompt *prompt,
                                 BfyPromptChange change,
                                 const char *how,
                                 gpointer user_data);
/* Told of what is open by now in the next turn of the main loop. */
BfyPrompter *bfy_prompts_add_prompter (BfyPrompts *self,
                                       BfyPrompterKind kind,
                                       BfyPrompterFunc func,
                                       gpointer user_data);
guint bfy_prompts_count_prompters (const BfyPrompts *self);
void bfy_prompts_remove_prompter (BfyPrompts *self, BfyPrompter *prompter);

/* TRUE when @request, whose body @rpc is, calls one off that waits for an answer of a person: it
 * then waits no longer. */
gboolean bfy_prompts_call_off (BfyPrompts *self, BfyRequest *request, const BfyRpc *rpc);
