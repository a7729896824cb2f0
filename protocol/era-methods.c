/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/era-bridge.h"

typedef struct
{
  const char *method;
  BfyEraMethod modern; /* coming from a modern client */
  BfyEraMethod legacy; /* coming from a legacy client */
} MethodRow;

#define SAME BFY_ERA_METHOD_SAME
#define OWN BFY_ERA_METHOD_OWN
#define FOREIGN BFY_ERA_METHOD_FOREIGN
#define LOST BFY_ERA_METHOD_LOST

/* What is not here has the same name and meaning in both, or is unknown to both. The tasks of
 * 2025-11-25 and those of the modern extension share names and little else. */
static const MethodRow rows[] = {
  { "server/discover", OWN, FOREIGN },
  { "subscriptions/listen", OWN, FOREIGN },
  { "initialize", FOREIGN, OWN },
  { "ping", FOREIGN, OWN },
  { "logging/setLevel", FOREIGN, OWN },
  { "resources/subscribe", FOREIGN, OWN },
  { "resources/unsubscribe", FOREIGN, OWN },
  { "tasks/get", LOST, LOST },
  { "tasks/cancel", LOST, LOST },
  { "tasks/update", LOST, FOREIGN },
  { "tasks/list", FOREIGN, LOST },
  { "tasks/result", FOREIGN, LOST },
};

static const MethodRow *
find_row (const char *method)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (method, rows[i].method) == 0)
      return &rows[i];

  return NULL;
}

BfyEraMethod
bfy_era_modern_method (const char *method)
{
  const MethodRow *row = find_row (method);

  return row != NULL ? row->modern : BFY_ERA_METHOD_SAME;
}

BfyEraMethod
bfy_era_legacy_method (const char *method)
{
  const MethodRow *row = find_row (method);

  return row != NULL ? row->legacy : BFY_ERA_METHOD_SAME;
}

gboolean
bfy_era_may_ask (const char *method)
{
  static const char *const methods[] = { "tools/call", "prompts/get", "resources/read", NULL };

  return g_strv_contains (methods, method);
}

const char *
bfy_era_input_capability (const char *method)
{
  static const struct
  {
    const char *method, *capability;
  } inputs[] = {
    { "sampling/createMessage", "sampling" },
    { "elicitation/create", "elicitation" },
    { "roots/list", "roots" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    if (g_strcmp0 (method, inputs[i].method) == 0)
      return inputs[i].capability;

  return NULL;
}

int
bfy_era_log_rank (const char *level)
{
  static const char *const levels[] = { "debug",    "info",  "notice",    "warning", "error",
                                        "critical", "alert", "emergency", NULL };

  for (int i = 0; levels[i] != NULL; i++)
    if (g_strcmp0 (level, levels[i]) == 0)
      return i;

  return -1;
}
