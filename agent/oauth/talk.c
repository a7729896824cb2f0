/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/talk.h"

#include "agent/child/interview.h"
#include "agent/era/inquiry.h"
#include "agent/oauth/alive-outcome.h"
#include "protocol/era-bridge.h"
#include "protocol/era.h"
#include "protocol/mcp-header.h"

#define STATUS_ERROR 400
#define STATUS_NOT_FOUND 404
#define STATUS_METHOD_NOT_ALLOWED 405

struct _BfyTalk
{
  BfyAgent *agent;         /* borrowed */
  BfyBinding *binding;     /* (owned) */
  BfyInterview *interview; /* (owned) */
  BfyInterviewState state;
  GPtrArray *queue;     /* (owned) (element-type utf8) what is still to be said */
  BfyInquiry *inquiry;  /* (owned) (nullable) what is being said */
  GPtrArray *errands;   /* (owned) (element-type BfyInquiry) whose answers do not matter */
  gboolean is_question; /* what is being said wants an answer */
  char *session_id;     /* (owned) (nullable) */
  char *version;        /* (owned) (nullable) */
  BfyAliveFacts facts;
  GError *refusal; /* (owned) (nullable) */
  BfyTalkFunc done;
  gpointer user_data;
};

static void say_next (BfyTalk *self);

BfyTalk *
bfy_talk_new (BfyAgent *agent, BfyBinding *binding)
{
  BfyTalk *self = g_new0 (BfyTalk, 1);

  self->agent = agent;
  self->binding = bfy_binding_ref (binding);
  self->interview = bfy_interview_new ();
  self->queue = g_ptr_array_new_with_free_func (g_free);
  self->errands = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_inquiry_free);

  return self;
}

void
bfy_talk_free (BfyTalk *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  g_ptr_array_unref (self->errands);
  g_ptr_array_unref (self->queue);
  bfy_interview_free (self->interview);
  bfy_binding_unref (self->binding);
  g_clear_error (&self->refusal);
  g_free (self->session_id);
  g_free (self->version);
  g_free (self);
}

static BfyInquiry *
new_inquiry (BfyTalk *self, const char *method, char *body, const BfyInquiryEvents *events)
{
  const BfyInquirySetup setup = { method, self->binding->name, body };
  BfyInquiry *inquiry = bfy_inquiry_new (self->agent, NULL, &setup, events, self);

  bfy_inquiry_add_header (inquiry, "Mcp-Session-Id", self->session_id);
  bfy_inquiry_add_header (inquiry, "MCP-Protocol-Version", self->version);

  return inquiry;
}

/* --- What the server says --- */

static void
on_errand_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyTalk *self = user_data;

  g_ptr_array_remove_fast (self->errands, inquiry);
}

/* A server that asks us something may not go on before it has an answer. */
static void
run_errands (BfyTalk *self, GPtrArray *texts)
{
  static const BfyInquiryEvents events = { .done = on_errand_done };

  for (guint i = 0; i < texts->len; i++)
    {
      BfyInquiry *inquiry = new_inquiry (self, "POST", g_strdup (texts->pdata[i]), &events);

      g_ptr_array_add (self->errands, inquiry);
      bfy_inquiry_begin (inquiry);
    }
}

/* The answer to initialize decides what all that follows has to carry. */
static void
note_greeting (BfyTalk *self, BfyInquiry *inquiry, const BfyInquiryMessage *message)
{
  const char *id = bfy_inquiry_get_session_id (inquiry);

  if (self->version != NULL)
    return;
  self->version = bfy_era_agreed_version (message->root.start, message->root.length);
  if (self->version == NULL)
    return;
  self->facts.was_greeted = TRUE;
  if (id == NULL || !bfy_mcp_header_is_token (id))
    return;
  self->facts.has_session = TRUE;
  self->session_id = g_strdup (id);
}

static void
take_answers (BfyTalk *self, GPtrArray *answers)
{
  for (guint i = 0; i < answers->len; i++)
    g_ptr_array_add (self->queue, g_strdup (answers->pdata[i]));
}

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyTalk *self = user_data;
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func (g_free);

  if (bfy_inquiry_is_of_agent (inquiry) && self->refusal == NULL)
    self->refusal = bfy_alive_outcome_read_refusal (&message->root);
  /* What belongs to a failure is judged when all of it is there. */
  if (self->refusal != NULL || bfy_inquiry_get_status (inquiry) >= STATUS_ERROR)
    return;

  self->state =
      bfy_interview_take (self->interview, message->root.start, message->root.length, answers);
  if (message->rpc->kind != BFY_RPC_RESPONSE)
    {
      run_errands (self, answers);
      return;
    }
  if (answers->len == 0 && self->state == BFY_INTERVIEW_GOES_ON)
    return; /* an answer to nothing that was asked */

  note_greeting (self, inquiry, message);
  take_answers (self, answers);
  self->facts.status = bfy_inquiry_get_upstream_status (inquiry);
  /* The server may keep its stream open for a while. */
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  say_next (self);
}

static gboolean
is_first_question (const BfyTalk *self)
{
  return self->is_question && self->version == NULL;
}

/* A server of 2026-07-28 refuses initialize in more than one way. */
static gboolean
speaks_other_era (const BfyTalk *self, BfyInquiry *inquiry)
{
  gsize length;
  const char *body = bfy_inquiry_get_body (inquiry, &length);

  return is_first_question (self) && self->refusal == NULL &&
         bfy_era_judge_legacy (bfy_inquiry_get_status (inquiry), body, length) ==
             BFY_ERA_VERDICT_OTHER;
}

/* Tells the interview what such a refusal means. */
static void
try_other_era (BfyTalk *self)
{
  static const char refusal[] =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"\"}}";
  g_autoptr (GPtrArray) answers = g_ptr_array_new_with_free_func (g_free);

  self->state = bfy_interview_take (self->interview, refusal, strlen (refusal), answers);
  take_answers (self, answers);
}

/* The answer to a question has ended without one, or a notification has been taken. */
static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyTalk *self = user_data;

  self->facts.status = bfy_inquiry_get_upstream_status (inquiry);
  if (speaks_other_era (self, inquiry))
    try_other_era (self);
  else if (self->is_question || self->refusal != NULL || self->facts.status >= STATUS_ERROR)
    self->state = BFY_INTERVIEW_FAILED;
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  say_next (self);
}

/* --- What we say --- */

static void
add_headers (BfyTalk *self, const BfyRpcMessage *message)
{
  if (!message->has_claim)
    return;
  if (self->version == NULL)
    self->version = g_strdup (message->protocol_version);
  bfy_inquiry_add_header (self->inquiry, "MCP-Protocol-Version", message->protocol_version);
  bfy_inquiry_add_header (self->inquiry, "Mcp-Method", message->method);
}

static void
say (BfyTalk *self, char *text)
{
  static const BfyInquiryEvents events = { .message = on_message, .done = on_done };
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, strlen (text), NULL);
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);

  self->is_question = message->kind == BFY_RPC_REQUEST;
  self->inquiry = new_inquiry (self, "POST", text, &events);
  add_headers (self, message);
  bfy_inquiry_begin (self->inquiry);
}

/* It may be gone when this returns. */
static void
say_next (BfyTalk *self)
{
  if (self->state == BFY_INTERVIEW_GOES_ON && self->queue->len > 0)
    {
      say (self, g_ptr_array_steal_index (self->queue, 0));
      return;
    }

  self->facts.is_complete = self->state == BFY_INTERVIEW_DONE;
  self->done (self, self->user_data);
}

void
bfy_talk_begin (BfyTalk *self, BfyTalkFunc done, gpointer user_data)
{
  self->done = done;
  self->user_data = user_data;
  g_ptr_array_add (self->queue, bfy_interview_begin (self->interview));
  say_next (self);
}

static void
on_parted (BfyInquiry *inquiry, gpointer user_data)
{
  BfyTalk *self = user_data;

  self->done (self, self->user_data);
}

void
bfy_talk_part (BfyTalk *self, BfyTalkFunc done, gpointer user_data)
{
  static const BfyInquiryEvents events = { .done = on_parted };

  self->done = done;
  self->user_data = user_data;
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  if (self->session_id == NULL)
    {
      done (self, user_data);
      return;
    }

  self->inquiry = new_inquiry (self, "DELETE", NULL, &events);
  bfy_inquiry_begin (self->inquiry);
}

/* --- What is known --- */

const BfyAliveFacts *
bfy_talk_get_facts (const BfyTalk *self)
{
  return &self->facts;
}

const GError *
bfy_talk_get_refusal (const BfyTalk *self)
{
  return self->refusal;
}

const char *
bfy_talk_get_server (const BfyTalk *self)
{
  return bfy_interview_get_name (self->interview);
}

const char *
bfy_talk_get_version (const BfyTalk *self)
{
  return self->version;
}

gint64
bfy_talk_n_tools (const BfyTalk *self)
{
  return bfy_interview_n_tools (self->interview);
}

gboolean
bfy_talk_may_be_old (const BfyTalk *self)
{
  guint status = self->facts.status;

  return is_first_question (self) && self->refusal == NULL &&
         (status == STATUS_ERROR || status == STATUS_NOT_FOUND ||
          status == STATUS_METHOD_NOT_ALLOWED);
}
