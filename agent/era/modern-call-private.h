/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/answer.h"
#include "agent/era/modern-call.h"
#include "agent/era/modern-input.h"

/* The inside of a modern client's call, for the files that make it up: modern-call.c begins it and
 * tells its outcome, modern-send.c has the server work on it, modern-wait.c asks the client. */
struct _BfyModernCall
{
  BfyServerSession *session; /* (owned) */
  BfyEraPlace *place;        /* (owned) */
  BfyOriginal *original;     /* (owned) (nullable) until the session is ready */
  char *owner;               /* (owned) (nullable) */
  BfyRequest *request;       /* (owned) the last one of the client */
  BfyAnswer *answer;         /* (owned) (nullable) NULL while it waits for input */
  gulong gone_id;
  char *method;         /* (owned) */
  char *target_name;    /* (owned) (nullable) of the tool, prompt or resource */
  char *body;           /* (owned) for the server */
  char *client_id;      /* (owned) raw id of the client's request */
  char *progress_token; /* (owned) (nullable) raw token of the client */
  int log_rank;         /* G_MAXINT: no log lines */
  char *log_level;      /* (owned) (nullable) */
  guint64 number;       /* id and progress token for the server */
  BfyInquiry *inquiry;  /* (owned) (nullable) */
  guint n_resumes;
  gboolean is_second;    /* after a session was lost */
  BfyModernInput *input; /* (owned) */
  char *state;           /* (owned) (nullable) while it waits for input */
  GSource *timer;        /* (owned) (nullable) gathers, waits or resumes */
  char *outcome;         /* (owned) (nullable) the response, come while nobody could take it */
};

/* Nobody waits for the answer any more: the server is told, on behalf of @caller. Frees. */
void bfy_modern_call_cancel (BfyModernCall *self, BfyRequest *caller);
void bfy_modern_call_set_timer (BfyModernCall *self, guint wait_ms, GSourceFunc func);
void bfy_modern_call_drop_timer (BfyModernCall *self);
void bfy_modern_call_stop_waiting (BfyModernCall *self);
/* The request that is answered next: the first one, or a retry. */
void
bfy_modern_call_take_over (BfyModernCall *self, BfyRequest *request, const BfyRpcMessage *message);
/* When the session is ready. */
void bfy_modern_call_start (BfyModernCall *self);
/* Tells the client @member ("result" or "error") of a response. Frees. */
void
bfy_modern_call_finish (BfyModernCall *self, guint status, const char *member, const char *value);
/* Tells the client the server's response. Frees. */
void bfy_modern_call_take_outcome (BfyModernCall *self);
/* A request of the server in the course of the call. */
void bfy_modern_call_take_request (BfyModernCall *self, const BfyInquiryMessage *message);
