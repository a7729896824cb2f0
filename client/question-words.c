/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/question-words.h"

#include "client/fields.h"
#include "protocol/prompt-text.h"
#include "protocol/translation.h"

/* Borrowed from the JSON, except for the chain. */
typedef struct
{
  BfyCaller caller;
  BfyWish wish;
  BfyPromptFacts facts;
} Facts;

static char *
read_text (JsonObject *object, const char *name)
{
  const char *text = bfy_field_text (object, name);

  return *text != '\0' ? (char *) text : NULL;
}

static BfySandbox
read_sandbox (const char *wire)
{
  static const char *const names[] = {
    [BFY_SANDBOX_NONE] = "",
    [BFY_SANDBOX_FLATPAK] = "flatpak",
    [BFY_SANDBOX_SNAP] = "snap",
    [BFY_SANDBOX_NAMESPACE] = "namespace",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_str_equal (names[i], wire))
        return i;
    }

  return BFY_SANDBOX_NAMESPACE; /* that nothing is known of */
}

static int
read_process (JsonObject *facts)
{
  gint64 pid = bfy_field_int (facts, "process");

  return pid > 0 && pid <= G_MAXINT ? (int) pid : 0;
}

static void
read_caller (BfyCaller *caller, JsonObject *client, JsonObject *facts)
{
  caller->client_id = read_text (client, "client_id");
  caller->client_label = read_text (client, "client");
  caller->program = read_text (client, "program");
  caller->is_replaced = bfy_field_boolean (client, "replaced");
  caller->directory = read_text (client, "directory");
  caller->scope = read_text (client, "scope");
  caller->via = read_text (client, "via");
  caller->sandbox = read_sandbox (bfy_field_text (client, "sandbox"));
  caller->sandbox_id = read_text (client, "sandbox_id");
  caller->is_verified = bfy_field_boolean (client, "verified");
  caller->program_pid = read_process (facts);
  if (!bfy_json_get_strings (facts, "chain", &caller->chain, NULL))
    caller->chain = NULL;
}

/* FALSE for a kind of thing that this program has no words for. */
static gboolean
read_wish (BfyWish *wish, JsonObject *question, JsonObject *facts, BfyAccess access)
{
  wish->binding = (char *) bfy_field_text (question, "binding");
  wish->method = (char *) bfy_field_text (question, "method");
  wish->name = read_text (question, "tool");
  wish->access = access;
  wish->capability_name = read_text (facts, "capability");
  wish->arguments = read_text (question, "arguments");
  wish->rule = (char *) (bfy_field_boolean (facts, "reveal") ? BFY_REVEAL_RULE : "");
  wish->reach =
      bfy_field_boolean (facts, "any_arguments") ? BFY_WISH_ANY_ARGUMENTS : BFY_WISH_SAME_ARGUMENTS;

  return bfy_policy_kind_from_wire (bfy_field_text (facts, "kind"), &wish->kind);
}

static void
translate (BfyQuestion *self, const Facts *facts)
{
  g_free (self->title);
  g_strfreev (self->lines);
  self->title = bfy_prompt_build_title (&facts->facts);
  self->lines = bfy_prompt_build_lines (&facts->facts);
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      if ((self->scopes & (1u << i)) == 0)
        continue;
      g_free (self->meanings[i]);
      self->meanings[i] =
          bfy_prompt_describe_scope (&facts->caller, &facts->wish, (BfyGrantScope) i);
    }
}

void
bfy_question_words_translate (BfyQuestion *self, JsonObject *object)
{
  JsonObject *told = bfy_field_object (object, "facts");
  JsonObject *client = bfy_field_object (object, "client");
  Facts facts = { .facts = { .caller = &facts.caller, .wish = &facts.wish } };

  if (told == NULL || client == NULL || bfy_translation_is_english () ||
      !read_wish (&facts.wish, object, told, self->access))
    return;

  read_caller (&facts.caller, client, told);
  facts.facts.service = read_text (told, "service");
  facts.facts.host = read_text (told, "host");
  facts.facts.account = read_text (told, "account");
  facts.facts.program = read_text (told, "program");
  facts.facts.n_uses_today = (guint) CLAMP (bfy_field_int (told, "uses_today"), 0, G_MAXUINT);
  translate (self, &facts);
  g_strfreev (facts.caller.chain);
}
