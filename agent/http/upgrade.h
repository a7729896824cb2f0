/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* WebSocket (RFC 6455) through /http/NAME: the handshake goes up with the credential, and after a
 * 101 bytes pass both ways. Extensions are not agreed on: what comes down compressed could not be
 * searched for secrets. */

/* A GET with nothing else in it that asks for the switch. */
gboolean bfy_upgrade_is_asked (BfyRequest *request);
/* To what goes up beside other headers (headers.h). */
void bfy_upgrade_complete (SoupMessageHeaders *up);
/* NULL, or what is wrong with a 101, to go on after "The service ". */
const char *bfy_upgrade_find_fault (SoupMessageHeaders *headers);
