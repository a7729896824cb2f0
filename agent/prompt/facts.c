/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/prompts-private.h"

BfyPrompt *
bfy_prompts_make (BfyPrompts *self, const BfyPromptsAsked *asked)
{
  const BfyBinding *binding = asked->binding;
  const BfyService *service =
      binding->service != NULL ? bfy_services_find (self->agent->services, binding->service) : NULL;
  g_autoptr (BfyUpstream) upstream =
      binding->url != NULL ? bfy_upstream_parse (binding->url, NULL) : NULL;
  const BfyPromptFacts facts = {
    .caller = asked->caller,
    .wish = asked->wish,
    .service = service != NULL ? service->name : NULL,
    .host = upstream != NULL ? upstream->host : NULL,
    .account = binding->account,
    .program = binding->program != NULL ? binding->program->argv[0] : NULL,
  };
  gint64 now_ms = bfy_agent_now_ms ();

  return bfy_prompt_new (&facts, now_ms / 1000, (now_ms + self->times.life_ms) / 1000);
}
