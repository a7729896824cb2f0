/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/alive.h"

#define STATUS_UNAUTHORIZED 401
#define STATUS_FORBIDDEN 403
#define STATUS_METHOD_NOT_ALLOWED 405

BfyAliveVerdict
bfy_alive_judge (const BfyAliveFacts *facts, const BfyQuirks *quirks)
{
  if (facts->status == STATUS_UNAUTHORIZED || facts->status == STATUS_FORBIDDEN)
    return BFY_ALIVE_REFUSED;
  if (facts->is_complete)
    return BFY_ALIVE_YES;
  if (quirks->get_405 && facts->status == STATUS_METHOD_NOT_ALLOWED)
    return BFY_ALIVE_EXPECTED;
  if (quirks->no_session_id && facts->was_greeted && !facts->has_session)
    return BFY_ALIVE_EXPECTED;

  return BFY_ALIVE_FAILED;
}

const char *
bfy_alive_verdict_to_wire (BfyAliveVerdict verdict)
{
  switch (verdict)
    {
    case BFY_ALIVE_YES:
      return "success";
    case BFY_ALIVE_EXPECTED:
      return "expected";
    case BFY_ALIVE_REFUSED:
      return "auth_failed";
    case BFY_ALIVE_FAILED:
      break;
    }

  return "transient_error";
}
