/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/prompts-private.h"
#include "agent/store/store-usage.h"

static gint64
find_midnight_s (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) midnight =
      g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                             g_date_time_get_day_of_month (now), 0, 0, 0);

  return midnight != NULL ? g_date_time_to_unix (midnight) : g_date_time_to_unix (now);
}

/* Of the binding, by whomever. A question without this figure is still a question. */
static guint
count_uses_today (BfyPrompts *self, const BfyBinding *binding)
{
  g_autoptr (GPtrArray) hours =
      bfy_store_query_usage (self->agent->store, binding->id, find_midnight_s (), NULL);
  gint64 n = 0;

  for (guint i = 0; hours != NULL && i < hours->len; i++)
    n += ((const BfyUsageRow *) g_ptr_array_index (hours, i))->counts.n_calls;

  return (guint) CLAMP (n, 0, G_MAXUINT);
}

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
    .host = asked->wish->host != NULL ? asked->wish->host
            : upstream != NULL        ? upstream->host
                                      : NULL,
    .account = binding->account,
    .program = binding->program != NULL ? binding->program->argv[0] : NULL,
    .n_uses_today = count_uses_today (self, binding),
  };
  gint64 now_ms = bfy_agent_now_ms ();

  return bfy_prompt_new (&facts, now_ms / 1000, (now_ms + self->times.life_ms) / 1000);
}
