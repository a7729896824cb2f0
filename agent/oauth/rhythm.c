/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/rhythm.h"

#define S_PER_MIN 60

/* (nullable) */
static const BfyService *
service_of (BfyAgent *agent, const BfyBinding *binding)
{
  return binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;
}

BfyRhythm
bfy_rhythm_of (BfyAgent *agent, const BfyBinding *binding)
{
  const BfyService *service = service_of (agent, binding);
  BfyRhythm rhythm = { 0 };

  if (service == NULL)
    return rhythm;
  rhythm.interval_s = service->keepalive_interval_min * S_PER_MIN;
  rhythm.wants_keep_alive = !service->requires_refresh;

  return rhythm;
}

BfyQuirks
bfy_quirks_of (BfyAgent *agent, const BfyBinding *binding)
{
  const BfyService *service = service_of (agent, binding);
  BfyQuirks quirks = { FALSE, FALSE };

  if (service == NULL)
    return quirks;
  quirks.no_session_id = service->has_no_session_id;
  quirks.get_405 = service->answers_get_405;

  return quirks;
}
