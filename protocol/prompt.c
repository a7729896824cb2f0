/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/prompt.h"

#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/prompt-facts.h"
#include "protocol/prompt-text.h"
#include "protocol/timestamp.h"

BfyPrompt *
bfy_prompt_new (const BfyPromptFacts *facts, gint64 created_at_s, gint64 expires_at_s)
{
  BfyPrompt *self = g_new0 (BfyPrompt, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_uuid_string_random ();
  self->title = bfy_prompt_build_title (facts);
  self->lines = bfy_prompt_build_lines (facts);
  self->facts = bfy_prompt_facts_to_json (facts);
  self->scopes = bfy_grant_scopes_for (facts->caller, facts->wish);
  self->caller = bfy_caller_ref ((BfyCaller *) facts->caller);
  self->wish = bfy_wish_ref ((BfyWish *) facts->wish);
  self->created_at_s = created_at_s;
  self->expires_at_s = expires_at_s;
  self->n_waiting = 1;

  return self;
}

BfyPrompt *
bfy_prompt_ref (BfyPrompt *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_prompt_unref (BfyPrompt *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->title);
  g_strfreev (self->lines);
  bfy_caller_unref (self->caller);
  bfy_wish_unref (self->wish);
  json_object_unref (self->facts);
  g_free (self);
}

static JsonArray *
list_lines (const BfyPrompt *self)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; self->lines[i] != NULL; i++)
    json_array_add_string_element (array, self->lines[i]);

  return array;
}

/* The scopes twice: by name alone, and with what a yes of each would mean. */
static void
set_scopes (JsonObject *object, const BfyPrompt *self)
{
  JsonArray *scopes = json_array_new ();
  JsonArray *meanings = json_array_new ();

  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      g_autofree char *meaning = NULL;

      if ((self->scopes & (1u << i)) == 0)
        continue;
      meaning = bfy_prompt_describe_scope (self->caller, self->wish, (BfyGrantScope) i);
      json_array_add_string_element (scopes, bfy_grant_scope_to_wire ((BfyGrantScope) i));
      json_array_add_string_element (meanings, meaning);
    }
  json_object_set_array_member (object, "scopes", scopes);
  json_object_set_array_member (object, "meanings", meanings);
}

JsonObject *
bfy_prompt_to_json (const BfyPrompt *self)
{
  JsonObject *object = json_object_new ();
  const BfyWish *wish = self->wish;
  g_autofree char *digest = bfy_wish_format_digest (wish);

  json_object_set_string_member (object, "id", self->id);
  json_object_set_string_member (object, "title", self->title);
  json_object_set_array_member (object, "lines", list_lines (self));
  bfy_json_set_line (object, "binding", wish->binding, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "method", wish->method, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "tool", wish->name, BFY_PROMPT_LINE_CHARACTERS_MAX);
  json_object_set_string_member (object, "access", bfy_access_to_wire (wish->access));
  bfy_json_set_line (object, "capability", wish->capability, BFY_PROMPT_LINE_CHARACTERS_MAX);
  bfy_json_set_line (object, "arguments", wish->arguments, BFY_PROMPT_LINE_CHARACTERS_MAX);
  json_object_set_object_member (object, "client", bfy_caller_to_json (self->caller));
  set_scopes (object, self);
  json_object_set_string_member (object, "digest", digest);
  bfy_time_set_member (object, "created_at", self->created_at_s);
  bfy_time_set_member (object, "expires_at", self->expires_at_s);
  json_object_set_int_member (object, "waiting", self->n_waiting);
  json_object_set_object_member (object, "facts", json_object_ref (self->facts));

  return object;
}
