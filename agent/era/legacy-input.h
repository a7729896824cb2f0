/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/client-session.h"

/* What a modern server wants to know before it goes on, put to a legacy client as requests. */
typedef struct _BfyLegacyInput BfyLegacyInput;

#define BFY_LEGACY_INPUT_MAX 64 /* questions in one result */

/* @requests: inputRequests. NULL when the client has not declared that it can be asked one of them,
 * or when there are too many: @lacking (transfer full) is its method. */
BfyLegacyInput *
bfy_legacy_input_new (BfyClientSession *session, const BfyJsonSlice *requests, char **lacking);
void bfy_legacy_input_free (BfyLegacyInput *self);

/* The requests to the client, JSON; NULL after the last. */
const char *bfy_legacy_input_get_question (BfyLegacyInput *self, guint i);

typedef enum
{
  BFY_LEGACY_INPUT_FOREIGN, /* not an answer to any of it */
  BFY_LEGACY_INPUT_TAKEN,
  BFY_LEGACY_INPUT_REFUSED, /* an error, which a modern server cannot be told */
} BfyLegacyInputVerdict;

BfyLegacyInputVerdict bfy_legacy_input_take (BfyLegacyInput *self,
                                             const BfyInquiryMessage *response);
gboolean bfy_legacy_input_is_complete (BfyLegacyInput *self);
/* inputResponses; NULL when nothing was asked. */
char *bfy_legacy_input_format (BfyLegacyInput *self);
