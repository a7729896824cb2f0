/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/error.h"

/* What a REST service has answered to the call of a method. */
typedef struct
{
  guint status;
  gboolean is_own; /* it was the agent that refused */
  GString *body;   /* (owned) */
} BfySdkAnswer;

/* The result of the call (transfer full): its JSON, its text as a string, or an empty object for no
 * content. An error says with which status the service refused, and the sentence that it gave for
 * it; or what the agent has said itself. @name: of the binding. */
JsonNode *bfy_sdk_answer_read (const BfySdkAnswer *self,
                               const char *name,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
