/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/database/pg.h"
#include "agent/network/target.h"

/* The connections of database bindings: a few for each, kept for the next statement. They are
 * closed when the binding changes, when its credential does, and when the agent locks. */
typedef struct _BfyDatabases BfyDatabases;

#define BFY_DATABASES_IDLE_MAX 2 /* of a binding */
#define BFY_DATABASES_IDLE_S 60
#define BFY_DATABASES_BUSY_MAX 8 /* of a binding, at a time */

BfyDatabases *bfy_databases_new (BfyAgent *agent);
void bfy_databases_free (BfyDatabases *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDatabases, bfy_databases_free)

/* One to use, signed in; give it back. BFY_ERROR_RATE_LIMITED when too many are in use. */
void bfy_databases_take_async (BfyDatabases *self,
                               BfyBinding *binding,
                               gboolean may_ask,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
BfyPg *bfy_databases_take_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes over @pg (nullable). */
void bfy_databases_give (BfyDatabases *self, const BfyBinding *binding, BfyPg *pg);

/* The one thing that is connected to. NULL with what the network policy says. */
BfyTarget *bfy_databases_make_target (const BfyBinding *binding,
                                      const BfyDatabase *database,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A connection that is nobody's yet: where @binding leads, with that credential (nullable). For
 * those who try one out. */
void bfy_databases_open_async (BfyAgent *agent,
                               const BfyBinding *binding,
                               const BfyCredential *credential,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
BfyPg *bfy_databases_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
