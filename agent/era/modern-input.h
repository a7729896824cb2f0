/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/server-session.h"

/* What a legacy server has asked in the course of one call, and not been told yet. */
typedef struct _BfyModernInput BfyModernInput;

#define BFY_MODERN_INPUT_MAX 32 /* open questions */

BfyModernInput *bfy_modern_input_new (void);
void bfy_modern_input_free (BfyModernInput *self);

/* FALSE when there are too many. */
gboolean bfy_modern_input_add (BfyModernInput *self, const BfyInquiryMessage *request);
gboolean bfy_modern_input_is_empty (BfyModernInput *self);
/* The input_required result that asks for all of it. @server_info: (nullable) raw. */
char *bfy_modern_input_format (BfyModernInput *self, const char *state, const char *server_info);
/* Gives the server what @responses, an object by our keys, has; the rest stays open. */
void bfy_modern_input_answer (BfyModernInput *self,
                              const BfyJsonSlice *responses,
                              BfyServerSession *session,
                              BfyRequest *caller);
/* There is no place for the question. */
void bfy_modern_input_refuse (BfyModernInput *self, BfyServerSession *session, BfyRequest *caller);
