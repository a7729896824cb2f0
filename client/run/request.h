/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/report.h"
#include "client/run/site.h"

/* What a program in a run asks of one of its hosts, in whichever version of HTTP, and what becomes
 * of it on its way to the agent, where it is judged and gets its credential. Here it only changes
 * its address: the message that goes on is a new one, so nothing but what was understood is passed
 * on. */

#define BFY_RUN_BODY_BYTES_MAX (64 * 1024 * 1024)

/* Where it was asked, and the way to the agent. All borrowed. */
typedef struct
{
  GPtrArray *offers; /* (element-type BfyRunOffer) of the run */
  const char *key;
  guint16 port; /* of the agent */
  SoupSession *session;
  GCancellable *cancellable;
  BfyRunReport *const *report; /* what it points to is NULL once the run is over */
  BfyRunSite *site;
} BfyRunPlace;

typedef struct
{
  const char *method;
  const char *host; /* (nullable) of "Host" or ":authority" */
  GUri *uri;        /* path and query as they came */
  SoupMessageHeaders *headers;
  GBytes *body;
} BfyRunRequest;

typedef struct
{
  guint status;
  const char *error;
  const char *text;
} BfyRunFault;

/* The message for the agent; NULL with @fault when it may not go there. */
SoupMessage *bfy_run_request_judge (const BfyRunPlace *place,
                                    const BfyRunRequest *request,
                                    const BfyRunFault **fault);
/* Of an answer: all but what is about one hop, or about the length. */
void bfy_run_request_copy_answer (SoupMessageHeaders *from, SoupMessageHeaders *to);
/* {"error":…,"message":…,"hint":…}, as the agent has it. Free with g_free(). */
char *bfy_run_request_format_error (const char *error, const char *message, const char *hint);

extern const BfyRunFault bfy_run_fault_no_agent;
extern const BfyRunFault bfy_run_fault_too_large;
