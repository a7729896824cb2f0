/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/prompt-facts.h"

#include "protocol/json.h"
#include "protocol/name.h"

#define CHAIN_MAX 4 /* as many as a question names */

static JsonArray *
list_chain (const BfyCaller *caller)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; caller->chain != NULL && caller->chain[i] != NULL && i < CHAIN_MAX; i++)
    {
      g_autofree char *name = bfy_text_to_line (caller->chain[i], BFY_PROMPT_LINE_CHARACTERS_MAX);

      json_array_add_string_element (array, name);
    }

  return array;
}

JsonObject *
bfy_prompt_facts_to_json (const BfyPromptFacts *facts)
{
  JsonObject *object = json_object_new ();
  const BfyWish *wish = facts->wish;
  const BfyCaller *caller = facts->caller;
  gboolean is_wide = wish->reach == BFY_WISH_ANY_ARGUMENTS;

  json_object_set_string_member (object, "kind", bfy_policy_kind_to_wire (wish->kind));
  bfy_json_set_line (object, "capability", wish->capability_name, BFY_PROMPT_LINE_CHARACTERS_MAX);
  json_object_set_boolean_member (object, "any_arguments", is_wide);
  json_object_set_boolean_member (object, "reveal", bfy_wish_is_reveal (wish));
  bfy_json_set_line (object, "service", facts->service, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "host", facts->host, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "account", facts->account, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "program", facts->program, BFY_PROMPT_LINE_CHARACTERS_MAX);
  json_object_set_int_member (object, "uses_today", facts->n_uses_today);
  json_object_set_int_member (object, "process",
                              caller->program_pid > 0 ? caller->program_pid : caller->pid);
  json_object_set_array_member (object, "chain", list_chain (caller));

  return object;
}
