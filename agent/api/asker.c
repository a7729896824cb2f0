/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/prompt/prompts.h"

#define ASKER_TEXT                                                                                 \
  "A person is being asked about this program, or has refused it, so neither it nor what it "      \
  "started may change what it may do; do it in another terminal"

gboolean
bfy_api_refuse_asker (BfyAgent *agent, BfyRequest *request, const char *what)
{
  BfyEvent *event;

  if (agent->prompts == NULL ||
      !bfy_prompts_is_asker (agent->prompts, bfy_request_get_connection (request)->peer.pid))
    return FALSE;

  event = bfy_agent_new_event ("prompter_refused", NULL, request);
  event->category = g_strdup ("own_request");
  event->detail = g_strdup (what);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_request_reply_error_status (request, 403, BFY_ERROR_DENIED, ASKER_TEXT);

  return TRUE;
}
