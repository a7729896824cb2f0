/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whoever shows questions and answers them. Registering says nothing yet about a question: whether
 * this process may answer that one is judged for each answer (agent/prompt/answerer.h). */

#include <string.h>

#include "agent/api/api.h"
#include "agent/api/key-member.h"
#include "agent/lock/lock.h"
#include "agent/prompt/answerer.h"
#include "agent/prompt/link.h"
#include "protocol/json.h"
#include "protocol/name.h"

static void
record_refusal (BfyAgent *agent, BfyRequest *request, const char *category, const char *detail)
{
  BfyEvent *event = bfy_agent_new_event ("prompter_refused", NULL, request);

  event->category = g_strdup (category);
  event->detail = g_strdup (detail);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
}

/* TRUE when it may go on. */
static gboolean
admit (BfyAgent *agent, BfyRequest *request, const BfyAnswererFacts *facts)
{
  BfyAnswerer answerer = bfy_answerer_judge (facts);

  if (answerer == BFY_ANSWERER_MAY)
    return TRUE;

  record_refusal (agent, request, bfy_answerer_to_category (answerer),
                  bfy_answerer_explain (answerer));
  bfy_api_fail (request,
                g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED, bfy_answerer_explain (answerer)),
                NULL);

  return FALSE;
}

static gboolean
presents_key (BfyRequest *request)
{
  return bfy_request_get_client (request) != NULL ||
         bfy_request_get_header (request, "Authorization") != NULL;
}

static BfySecret *
take_token (BfyRequest *request)
{
  gsize length;
  const char *body = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root;

  if (!bfy_json_check (body, length, NULL))
    return NULL;
  bfy_json_slice_root (body, length, &root);

  return bfy_key_member_take_text (&root, "token");
}

/* A prompter that is about to register. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyCaller *caller;   /* (owned) */
  BfyPrompterKind kind;
  gboolean has_key;
} Newcomer;

static void
newcomer_free (Newcomer *self)
{
  bfy_request_unref (self->request);
  bfy_caller_unref (self->caller);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Newcomer, newcomer_free)

static void
let_in (const Newcomer *self)
{
  BfyEvent *event = bfy_agent_new_event ("prompter_registered", NULL, self->request);
  const BfyLinkFacts facts = { self->caller, self->kind, self->has_key };

  event->category = g_strdup (self->kind == BFY_PROMPTER_TRAY ? "tray" : "terminal");
  bfy_store_append_event (self->agent->store, event, TRUE);
  bfy_link_open (self->agent->prompts, self->request, &facts);
}

static void
on_passphrase (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Newcomer) self = user_data;
  GError *error = NULL;

  if (bfy_lock_check_approval_finish (self->agent->lock, result, &error))
    {
      self->has_key = TRUE;
      let_in (self);
      return;
    }
  record_refusal (self->agent, self->request, "passphrase", error->message);
  bfy_api_fail (self->request, error, NULL);
}

static gboolean
read_registration (BfyRequest *request, BfyPrompterKind *kind, BfySecret **key, GError **error)
{
  static const char *const known[] = { "kind", "key", NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, slice;
  gboolean is_tray;

  if (!bfy_json_check (text, length, error))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_refuse_unknown (&root, known, error) ||
      !bfy_key_member_take (&root, "key", FALSE, key, error))
    return FALSE;
  if (!bfy_json_slice_member (&root, "kind", &slice))
    slice = (BfyJsonSlice){ .type = BFY_JSON_NULL };
  is_tray = bfy_json_slice_equals (&slice, "tray");
  *kind = is_tray ? BFY_PROMPTER_TRAY : BFY_PROMPTER_TERMINAL;
  if (is_tray || bfy_json_slice_equals (&slice, "terminal"))
    return TRUE;
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“kind” is terminal or tray");

  return FALSE;
}

static void
check_passphrase (Newcomer *taken, BfySecret *key)
{
  g_autoptr (Newcomer) self = taken;
  GError *error = NULL;

  /* A tray asks for it once there is a question; until then it can refuse, and no more. */
  if (key == NULL && self->kind == BFY_PROMPTER_TRAY)
    {
      let_in (self);
      return;
    }
  if (key == NULL)
    {
      error = g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                   "Answering questions needs the approval passphrase; bindify "
                                   "prompts --watch asks for it");
      record_refusal (self->agent, self->request, "passphrase", error->message);
      bfy_api_fail (self->request, error, NULL);
      return;
    }
  bfy_lock_check_approval_async (self->agent->lock, key, bfy_request_get_gone (self->request),
                                 on_passphrase, self);
  g_steal_pointer (&self);
}

void
bfy_api_add_prompter (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (Newcomer) self = g_new0 (Newcomer, 1);
  BfyAnswererFacts facts = { .presents_key = presents_key (request) };
  GError *error = NULL;
  gboolean is_read;

  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->caller = bfy_caller_ref (bfy_caller_of_request (request));
  is_read = read_registration (request, &self->kind, &key, &error);
  bfy_request_wipe_body (request);
  if (!is_read)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }
  facts.process = self->caller;
  facts.needs_terminal = self->kind == BFY_PROMPTER_TERMINAL;
  facts.terminal = bfy_answerer_find_terminal (self->caller->pid);
  if (!admit (agent, request, &facts))
    return;
  if (bfy_link_count (agent->prompts) >= BFY_LINKS_MAX)
    {
      bfy_request_reply_error_status (
          request, 429, BFY_ERROR_RATE_LIMITED,
          "Too many programs show questions already; close one of them");
      return;
    }

  if (bfy_lock_has_approval_passphrase (agent->lock))
    check_passphrase (g_steal_pointer (&self), key);
  else
    let_in (self);
}

typedef struct
{
  BfyAnswer answer;
  BfyGrantScope scope;
  const char *digest; /* (nullable) */
} Reply;

static gboolean
read_answer (const char *wire, BfyAnswer *answer)
{
  static const char *const names[] = { "allow", "deny", "dismiss" };
  guint index;

  if (!bfy_name_find (names, G_N_ELEMENTS (names), wire, &index))
    return FALSE;
  *answer = (BfyAnswer) index;

  return TRUE;
}

static gboolean
read_reply (JsonObject *body, Reply *reply, GError **error)
{
  static const char *const known[] = { "token", "answer", "scope", "digest", NULL };
  const char *answer = NULL;
  const char *scope = NULL;

  if (!bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_string (body, "answer", &answer, error) ||
      !bfy_json_get_string (body, "scope", &scope, error) ||
      !bfy_json_get_string (body, "digest", &reply->digest, error))
    return FALSE;
  if (!read_answer (answer, &reply->answer))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "“answer” is allow, deny or dismiss");
      return FALSE;
    }
  if (reply->answer == BFY_ANSWER_ALLOW &&
      (scope == NULL || !bfy_grant_scope_from_wire (scope, &reply->scope)))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "“scope” is once, 10min, session, until_lock or always");
      return FALSE;
    }

  return TRUE;
}

static gboolean
has_digest (const BfyPrompt *prompt, const char *digest)
{
  g_autofree char *hex = bfy_wish_format_digest (prompt->wish);

  return g_strcmp0 (digest, hex) == 0;
}

typedef struct
{
  GArray *holders; /* borrowed: of the terminal */
  gboolean is_controlled;
} Control;

static void
look_at_control (int pid, gpointer user_data)
{
  Control *control = user_data;

  control->is_controlled = control->is_controlled || bfy_answerer_controls (pid, control->holders);
}

static gboolean
admit_answer (BfyAgent *agent, BfyRequest *request, const BfyLink *link, const char *id)
{
  BfyCaller *caller = bfy_caller_of_request (request);
  gboolean needs_terminal = bfy_link_get_kind (link) == BFY_PROMPTER_TERMINAL;
  int terminal = bfy_answerer_find_terminal (caller->pid);
  g_autoptr (GArray) holders = bfy_answerer_find_holders (needs_terminal ? terminal : 0);
  Control control = { .holders = holders };
  BfyAnswererFacts facts = {
    .presents_key = presents_key (request),
    .process = caller,
    .registered = bfy_link_get_caller (link),
    .needs_terminal = needs_terminal,
    .terminal = terminal,
    .kin = bfy_link_is_kin_of (link, id) ? BFY_KIN_SAME : BFY_KIN_NONE,
  };

  if (holders->len > 0)
    bfy_prompts_foreach_asker (agent->prompts, id, look_at_control, &control);
  facts.is_controlled = control.is_controlled;

  return admit (agent, request, &facts);
}

/* A yes is for who knows the passphrase, if there is one. */
static gboolean
admit_reply (BfyAgent *agent, BfyRequest *request, const BfyLink *link, const Reply *reply)
{
  static const char message[] =
      "To allow this, give the passphrase for answers: it is asked for by "
      "bindify-tray, and by bindify prompts --watch";

  if (reply->answer != BFY_ANSWER_ALLOW || bfy_link_has_key (link) ||
      !bfy_lock_has_approval_passphrase (agent->lock))
    return TRUE;
  record_refusal (agent, request, "passphrase", message);
  bfy_api_fail (request, g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED, message), NULL);

  return FALSE;
}

/* Whoever knows no token learns only that. */
static BfyLink *
find_link (BfyAgent *agent, BfyRequest *request)
{
  g_autoptr (BfySecret) token = take_token (request);
  BfyLink *link = token != NULL ? bfy_link_find (agent->prompts, token) : NULL;

  if (link != NULL)
    return link;
  record_refusal (agent, request, "unverified", "No token of a registered prompter");
  bfy_api_fail (request,
                g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                     "Only a program that has registered may answer; use bindify "
                                     "prompts --watch in a terminal"),
                NULL);

  return NULL;
}

static gboolean
check_prompt (BfyAgent *agent, const char *id, const Reply *reply, GError **error)
{
  const BfyPrompt *prompt = bfy_prompts_find (agent->prompts, id);

  if (prompt == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "This question is not open any more: it was answered, withdrawn, or "
                           "its time is up; bindify prompts lists those that are");
      return FALSE;
    }
  if (!has_digest (prompt, reply->digest))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "The answer is for another question: “digest” is not that of this one; "
                           "bindify prompts lists those that are open");
      return FALSE;
    }

  return TRUE;
}

void
bfy_api_answer_prompt (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyLink *link = find_link (agent, request);
  g_autoptr (JsonObject) body = NULL;
  g_autofree char *who = NULL;
  Reply reply = { .answer = BFY_ANSWER_DISMISS };
  GError *error = NULL;

  if (link == NULL)
    return;
  body = bfy_api_read_body (request, &error);
  if (body == NULL || !read_reply (body, &reply, &error) ||
      !check_prompt (agent, argument, &reply, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }
  if (!admit_answer (agent, request, link, argument) || !admit_reply (agent, request, link, &reply))
    return;

  who = bfy_caller_dup_name (bfy_link_get_caller (link));
  if (bfy_prompts_answer (agent->prompts, argument, reply.answer, reply.scope, who, &error))
    bfy_request_reply_empty (request, 204);
  else
    bfy_api_fail (request, error, NULL);
}
