/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Whether the client ids that were registered dynamically are still known to their servers
 * (behaviour 8.5): asked at most once a day for each id, and only told, never acted upon, because
 * many a server does not answer that question well. */
typedef struct _BfyLiveness BfyLiveness;

#define BFY_LIVENESS_INTERVAL_S (24 * 3600)

BfyLiveness *bfy_liveness_new (BfyAgent *agent);
/* Calls off what is under way. */
void bfy_liveness_free (BfyLiveness *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLiveness, bfy_liveness_free)

/* Of the client that @binding's credential names, if that is in memory, and if it is due. */
void bfy_liveness_look (BfyLiveness *self, const BfyBinding *binding);

/* 401 and 404 alone say that it is gone. Pure. */
gboolean bfy_liveness_is_dead (guint status);
