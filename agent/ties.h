/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Keys that are for as long as the process runs that asked for them: `bindify run` makes one for
 * each run, and however that ends, by SIGKILL too, the key ends with it. The kernel tells of the
 * end (pidfd), so a process that gets the same number later changes nothing. Such keys do not
 * outlive the agent either: those that a killed one has left are revoked before anybody can
 * connect. */
typedef struct _BfyTies BfyTies;

BfyTies *bfy_ties_new (BfyAgent *agent);
void bfy_ties_free (BfyTies *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTies, bfy_ties_free)

/* To be told before there is a client with this @id. @process: a pidfd, which is taken. FALSE and
 * BFY_ERROR_STORAGE when it cannot be noted: then there must be no such client. */
gboolean
bfy_ties_add (BfyTies *self, const char *id, int process, GError **error) G_GNUC_WARN_UNUSED_RESULT;
