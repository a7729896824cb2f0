/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/run-refusal.h"

/* Keys that are for as long as the process runs that asked for them: `bindify run` makes one for
 * each run, and however that ends, by SIGKILL too, the key ends with it. The kernel tells of the
 * end (pidfd), so a process that gets the same number later changes nothing. Such keys do not
 * outlive the agent either: those that a killed one has left are revoked before anybody can
 * connect. */
typedef struct _BfyTies BfyTies;

BfyTies *bfy_ties_new (BfyAgent *agent);
void bfy_ties_free (BfyTies *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTies, bfy_ties_free)

/* To be told before there is a client with this @id. @process: a pidfd, which is taken, of @pid.
 * FALSE and BFY_ERROR_STORAGE when it cannot be noted: then there must be no such client. */
gboolean bfy_ties_add (BfyTies *self, const char *id, int pid, int process, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What becomes of a run is on record: each refusal, at first, with the run as client, and at the
 * end one event with all numbers. These are for requests on the TCP door, and do nothing when no
 * run is behind them: whose key they have, or else whose process holds the other end. @self may be
 * NULL. */
void bfy_ties_note_request (BfyTies *self, BfyRequest *request);
void bfy_ties_note_refused (BfyTies *self, BfyRequest *request, BfyRunRefusal refusal);

/* What `bindify run` says of the run with this client: what its own door has refused (numbers by
 * BfyRunRefusal), and its exit status, or -1 while it goes on; at the end its key is gone. Only the
 * process that the key is tied to may say so: BFY_ERROR_DENIED, BFY_ERROR_NOT_FOUND. */
gboolean bfy_ties_report (BfyTies *self,
                          BfyRequest *request,
                          const char *id,
                          const guint64 *n_refused,
                          int status,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
