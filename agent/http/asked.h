/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/binding.h"
#include "protocol/rpc.h"

/* What a request asks for, by the door that it came through: the JSON-RPC in its body, or the
 * request itself where it is for a REST service (bfy_rpc_new_http()). Its body must be there, and
 * stay. */

/* NULL when there is none, with an error when it cannot be understood. Free with bfy_rpc_free(). */
BfyRpc *bfy_asked_read (BfyRequest *request, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where a request for a REST service goes: @base, which has no query, and what stands behind the
 * name in the request's path, in the one form in which it was judged, with its query. Free
 * with g_free(). */
char *bfy_asked_url (const char *base, const BfyRpcMessage *message);
