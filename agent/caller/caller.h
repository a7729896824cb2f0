/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"
#include "protocol/caller.h"

/* Who is behind @request: a client key, or the process that connected. Looked up once for each
 * connection and kept with it as long as that process is what it was; an inner request is asked by
 * whoever asked the outer one. For the agent's own requests NULL. (transfer none) */
BfyCaller *bfy_caller_of_request (BfyRequest *request);

/* Whether the process is still there and still the program it was: to be asked before an answer
 * counts and again before it is used. Of a client with a key, whether the key is still valid is a
 * matter of the gate. */
gboolean bfy_caller_is_still (BfyRequest *request, const BfyCaller *caller);

/* A pidfd of the process that connected, close-on-exec; -1 when it is not there any more, or for
 * requests that no connection has brought. */
int bfy_caller_open_process (BfyRequest *request);

/* How one process stands to another, by the parents that /proc tells of. */
typedef enum
{
  BFY_KIN_NONE,
  BFY_KIN_SAME,
  BFY_KIN_ANCESTOR,   /* @pid is an ancestor of @other */
  BFY_KIN_DESCENDANT, /* @pid descends from @other */
  BFY_KIN_UNKNOWN,    /* one of them cannot be looked at, or is gone */
} BfyKin;

BfyKin bfy_kin_of (int pid, int other);

/* The process at the other end of a connection to the TCP door, found among those of our user: slow
 * (it reads /proc of all of them), so only for what a person is asked. 0 when it is not found. */
int bfy_caller_find_tcp_pid (BfyRequest *request);
