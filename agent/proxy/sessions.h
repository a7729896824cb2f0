/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#define BFY_SESSIONS_MAX 4096            /* remembered at a time, of all clients */
#define BFY_SESSIONS_PER_CLIENT_MAX 1024 /* so that none pushes out the others' */

/* Which MCP session ids were minted for whom, and for which version: an id belongs to the binding
 * and the client that got it (behaviour 5.10). Ids come from upstreams and may be of any length, so
 * only digests are kept; of more than a bounded number the least recently used are forgotten, and
 * their clients begin anew. Nothing of it survives the agent. */
typedef struct _BfySessions BfySessions;

BfySessions *bfy_sessions_new (guint n_max, guint n_per_client_max);
void bfy_sessions_free (BfySessions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySessions, bfy_sessions_free)

/* @client_id is NULL for a local process without a key. */
void bfy_sessions_remember (BfySessions *self,
                            const char *binding_id,
                            const char *client_id,
                            const char *session_id);
/* Also counts as a use. */
gboolean bfy_sessions_know (BfySessions *self,
                            const char *binding_id,
                            const char *client_id,
                            const char *session_id);
/* It has ended. */
void bfy_sessions_forget (BfySessions *self,
                          const char *binding_id,
                          const char *client_id,
                          const char *session_id);

/* What client and server have agreed on; without effect on an unknown session. */
void bfy_sessions_set_version (BfySessions *self,
                               const char *binding_id,
                               const char *client_id,
                               const char *session_id,
                               const char *version);
/* Borrowed; NULL when it is not known. */
const char *bfy_sessions_get_version (BfySessions *self,
                                      const char *binding_id,
                                      const char *client_id,
                                      const char *session_id);
