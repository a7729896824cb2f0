/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* What a client's POST is answered with: one JSON body, or an event stream as soon as something
 * comes before the response. */
typedef struct _BfyAnswer BfyAnswer;

BfyAnswer *bfy_answer_new (BfyRequest *request);
/* Breaks the connection off when it is not finished. */
void bfy_answer_free (BfyAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAnswer, bfy_answer_free)

/* A message before the response. */
void bfy_answer_event (BfyAnswer *self, const char *json);
/* The response. @status counts if nothing came before it; @session_id: (nullable). */
void bfy_answer_finish (BfyAnswer *self, guint status, const char *json, const char *session_id);
/* The end without a response, for a request that was cancelled. */
void bfy_answer_end (BfyAnswer *self);
