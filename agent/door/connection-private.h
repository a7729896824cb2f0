/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/connection.h"
#include "agent/door/request-private.h"

/* connection-end.c: the request, if there is one, is over. */
void bfy_connection_finish_request (BfyConnection *self, BfyRequestEnd how);
/* With input unread that the client may still be sending: it has time to read its answer. */
void bfy_connection_leave (BfyConnection *self);
/* Nothing happens on it any more, and its socket is closed or lingers. */
void bfy_connection_let_go (BfyConnection *self);
