/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/wish.h"

/* What one request may do because people agreed to it: for each of its messages what they were
 * asked. It is what lets a request go on that has waited and is judged again from the start, though
 * a yes that was for once has been used up by then. Inner requests that are made for its sake share
 * it. */
typedef struct _BfyApproval BfyApproval;

BfyApproval *bfy_approval_new (void);
BfyApproval *bfy_approval_ref (BfyApproval *self);
void bfy_approval_unref (BfyApproval *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyApproval, bfy_approval_unref)

/* @index: of the message in the body. */
void bfy_approval_add (BfyApproval *self, guint index, BfyWish *wish);
/* For the message that it was given for; another one that wants the same needs its own. */
gboolean bfy_approval_has (const BfyApproval *self, guint index, const BfyWish *wish);
/* For whatever is done for the sake of that message. */
gboolean bfy_approval_covers (const BfyApproval *self, const BfyWish *wish);
