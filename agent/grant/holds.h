/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* Requests that are under way because of a grant, so that they end with it when it is taken back.
 * None is kept longer than it lasts. */
typedef struct _BfyHolds BfyHolds;

BfyHolds *bfy_holds_new (void);
void bfy_holds_free (BfyHolds *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyHolds, bfy_holds_free)

/* @rpc_id: (nullable) the raw id to answer with; NULL: of several or none. */
void bfy_holds_add (BfyHolds *self, const char *grant_id, BfyRequest *request, const char *rpc_id);
/* Ends them: those that have no answer yet are refused with @text, others break off. How many. */
guint bfy_holds_end (BfyHolds *self, const char *grant_id, const char *text);
guint bfy_holds_get_n (const BfyHolds *self);
