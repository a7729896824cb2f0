/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/exchange-private.h"

/* relay.c for answers that the binding's policy has a say in: lists are filtered on their way to
 * the client (protocol/list-view.h). An event stream goes on as it comes, a JSON body when it is
 * complete. What cannot be filtered is not passed on. */

gboolean bfy_exchange_needs_view (const BfyExchange *self);
/* In place of passing the body on; @from: the head of the answer. */
void bfy_exchange_begin_view (BfyExchange *self, SoupMessageHeaders *from);
