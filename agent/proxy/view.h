/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/exchange-private.h"

/* What relay.c does not pass on as it comes, because the binding's policy has a say in it: lists
 * are filtered on their way to the client (protocol/list-view.h). An event stream goes on as it
 * comes, a JSON body when it is complete. What cannot be filtered is not passed on. */

/* Makes the view for the answer with the head @from; FALSE when none is needed. The meter knows
 * whether it is an event stream. */
gboolean bfy_exchange_make_view (BfyExchange *self, SoupMessageHeaders *from);
/* For those who write an event stream themselves, with a view or without: appends to @down what may
 * go on of @data. FALSE after having ended the exchange. */
gboolean
bfy_exchange_view_events (BfyExchange *self, const char *data, gsize length, GString *down);

/* For all others: in place of beginning the answer, of passing the next bytes on, and of their end.
 */
void bfy_exchange_begin_view (BfyExchange *self);
void bfy_exchange_view (BfyExchange *self, const char *data, gsize length);
void bfy_exchange_end_view (BfyExchange *self);
