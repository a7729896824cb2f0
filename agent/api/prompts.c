/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/prompts.h"

#include "agent/api/api.h"
#include "protocol/timestamp.h"

/* Questions as anybody of the user may look at them: there is no secret in them, and looking
 * answers nothing. */

static JsonArray *
describe_quiet (BfyPrompts *prompts)
{
  g_autoptr (GPtrArray) list = bfy_prompts_list_quiet (prompts);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < list->len; i++)
    {
      const BfyPromptsQuiet *quiet = g_ptr_array_index (list, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "client", quiet->client);
      bfy_time_set_member (object, "until", quiet->until_s);
      json_array_add_object_element (array, object);
    }

  return array;
}

void
bfy_api_list_prompts (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) list = bfy_prompts_list (agent->prompts);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < list->len; i++)
    json_array_add_object_element (array, bfy_prompt_to_json (g_ptr_array_index (list, i)));
  json_object_set_array_member (object, "prompts", array);
  json_object_set_array_member (object, "quiet", describe_quiet (agent->prompts));
  json_object_set_int_member (object, "prompters", bfy_prompts_count_prompters (agent->prompts));
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_show_prompt (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyPrompt *prompt = bfy_prompts_find (agent->prompts, argument);

  if (prompt != NULL)
    bfy_request_reply_json (request, 200, bfy_prompt_to_json (prompt));
  else
    bfy_api_fail (request,
                  g_error_new_literal (BFY_ERROR, BFY_ERROR_NOT_FOUND,
                                       "There is no such question any more; bindify prompts lists "
                                       "those that are open"),
                  NULL);
}

void
bfy_api_end_quiet (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "ended", bfy_prompts_end_quiet (agent->prompts));
  bfy_request_reply_json (request, 200, object);
}
