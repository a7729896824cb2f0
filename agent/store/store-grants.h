/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/store.h"
#include "protocol/grant.h"

/* Grants that outlive the agent. They go with their binding and with their client. */

/* (transfer full) (element-type BfyGrant) oldest first. A row that cannot be understood is left out
 * with a warning: whoever it was about is asked again. */
GPtrArray *bfy_store_load_grants (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* At once, in the place of those in @replaced (element-type utf8) (nullable). */
gboolean bfy_store_add_grant (BfyStore *self,
                              const BfyGrant *grant,
                              GPtrArray *replaced,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @ids: (element-type utf8). At once; what the disk refuses is tried again until the agent ends,
 * and FALSE. */
gboolean
bfy_store_remove_grants (BfyStore *self, GPtrArray *ids, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Kept in memory and written with the next batch of events. */
void bfy_store_touch_grant (BfyStore *self, const BfyGrant *grant);
