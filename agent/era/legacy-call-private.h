/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/answer.h"
#include "agent/era/legacy-call.h"
#include "agent/era/legacy-input.h"

/* The inside of a legacy client's call, for the two files that make it up. */
struct _BfyLegacyCall
{
  BfyClientSession *session; /* borrowed: frees its calls */
  BfyRequest *request;       /* (owned) */
  GBytes *body;              /* (owned) the client's */
  BfyAnswer *answer;         /* (owned) */
  char *id;                  /* (owned) raw id of the client */
  char *method;              /* (owned) */
  char *target_name;         /* (owned) (nullable) of the tool, prompt or resource */
  BfyInquiry *inquiry;       /* (owned) (nullable) */
  char *outcome;             /* (owned) (nullable) the response of the server */
  BfyLegacyInput *input;     /* (owned) (nullable) while the client is asked */
  char *responses;           /* (owned) (nullable) raw inputResponses of the next round */
  char *state;               /* (owned) (nullable) raw requestState of the next round */
  guint n_rounds;
  gulong gone_id;
  guint n_pages; /* of the list of tools, read because a header was missing */
};

void bfy_legacy_call_send_round (BfyLegacyCall *self);
char *bfy_legacy_call_next_number (BfyLegacyCall *self);
/* The outcome of tools/list without the tools that may not be offered, or NULL for all. */
char *bfy_legacy_call_learn_tools (BfyLegacyCall *self);
/* To the inquiry, for what the message has as arguments. */
void bfy_legacy_call_add_param_headers (BfyLegacyCall *self, const BfyJsonSlice *root);
gboolean bfy_legacy_call_lacks_header (BfyLegacyCall *self, const BfyJsonSlice *error);
/* Reads the list of tools, then sends the round again. @cursor: (nullable) raw. */
void bfy_legacy_call_read_page (BfyLegacyCall *self, const char *cursor);
