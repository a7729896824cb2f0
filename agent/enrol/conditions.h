/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* On what conditions a credential is kept, as ssh-add's -t, -c and -h say them: when a binding is
 * made, and when a person changes their mind. */
typedef struct
{
  gboolean has_confirms; /* else as it was */
  gboolean confirms;
  gboolean has_reveals; /* else as it was */
  gboolean reveals;
  gboolean has_constraints;    /* else as they were; NULL: none any more */
  BfyConstraints *constraints; /* (owned) (nullable) with clients as they were typed */
  gint64 lifetime_s;           /* 0: no end; BFY_LIFETIME_UNSAID: as it was */
} BfyConditions;

#define BFY_LIFETIME_UNSAID G_GINT64_CONSTANT (-1)
#define BFY_LIFETIME_MAX_S (G_GINT64_CONSTANT (3660) * 24 * 60 * 60)

void bfy_conditions_init (BfyConditions *self);
void bfy_conditions_clear (BfyConditions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyConditions, bfy_conditions_clear)
/* "confirms", "reveals", "constraints" and "lifetime_s" of @object, whose other members are not
 * looked at; null takes a condition away. BFY_ERROR_INVALID_ARGUMENT, BFY_ERROR_BAD_REQUEST. */
gboolean bfy_conditions_read (BfyConditions *self,
                              JsonObject *object,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Into a record that is not shared yet. A lifetime begins now. BFY_ERROR_INVALID_ARGUMENT for what
 * would leave no use at all, BFY_ERROR_NOT_FOUND for a client that is not there. */
gboolean bfy_conditions_apply (const BfyConditions *self,
                               BfyAgent *agent,
                               BfyBinding *binding,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
