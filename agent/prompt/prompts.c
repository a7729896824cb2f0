/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/boot-timer.h"
#include "agent/prompt/answerer.h"
#include "agent/prompt/link.h"
#include "agent/prompt/prompts-private.h"
#include "agent/proxy/refusal.h"

static guint
first_set (guint own, guint usual)
{
  return own > 0 ? own : usual;
}

static BfyQuestion *
question_at (const BfyPrompts *self, guint i)
{
  return g_ptr_array_index (self->questions, i);
}

/* Whether what asked for it still does. */
static gboolean
is_wanted (const BfyQuestion *question, const BfyBinding *binding)
{
  const char *rule = question->prompt->wish->rule;

  if (bfy_wish_is_reveal (question->prompt->wish))
    return binding->reveals;

  return g_str_equal (rule, BFY_CONFIRM_RULE) ? binding->confirms
                                              : bfy_policy_asks_by (binding->policy, rule);
}

/* A moment later, when everybody has heard of the change that those who go on will meet. */
static gboolean
on_recheck (gpointer user_data)
{
  BfyPrompts *self = user_data;

  self->recheck_id = 0;
  for (guint i = self->questions->len; i-- > 0;)
    {
      BfyQuestion *question = i < self->questions->len ? question_at (self, i) : NULL;

      if (question != NULL && !is_wanted (question, question->binding))
        bfy_question_withdraw (question);
    }

  return G_SOURCE_REMOVE;
}

static void
take_binding (BfyPrompts *self, BfyBinding *binding)
{
  for (guint i = 0; i < self->questions->len; i++)
    {
      BfyQuestion *question = question_at (self, i);

      if (!g_str_equal (question->binding->id, binding->id))
        continue;
      bfy_binding_unref (question->binding);
      question->binding = bfy_binding_ref (binding);
    }
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyPrompts *self = user_data;
  g_autofree char *text = NULL;

  if (old == NULL)
    return;
  if (now == NULL)
    {
      bfy_prompts_refuse_all (self, old->id, BFY_ERROR_NOT_FOUND, "The binding has been removed");
      return;
    }
  if (now->state == BFY_STATE_PAUSED)
    {
      text = bfy_refusal_format_paused (now);
      bfy_prompts_refuse_all (self, now->id, BFY_ERROR_PAUSED, text);
      return;
    }
  take_binding (self, now);
  if (self->recheck_id == 0)
    self->recheck_id = g_idle_add (on_recheck, self);
}

static void
on_client_removed (BfyRegistry *registry, BfyClient *client, gpointer user_data)
{
  BfyPrompts *self = user_data;

  for (guint i = self->questions->len; i-- > 0;)
    {
      BfyQuestion *question =
          i < self->questions->len ? g_ptr_array_index (self->questions, i) : NULL;

      if (question != NULL && g_strcmp0 (question->prompt->caller->client_id, client->id) == 0)
        bfy_question_refuse (question, "refused", BFY_ERROR_NOT_FOUND,
                             "The key of this client has been revoked");
    }
}

static void
take_times (BfyPrompts *self, const BfyPromptTimes *times)
{
  self->times.wait_ms = first_set (times->wait_ms, BFY_PROMPT_WAIT_MS);
  self->times.hold_ms = first_set (times->hold_ms, BFY_PROMPT_HOLD_MS);
  self->times.life_ms = first_set (times->life_ms, BFY_PROMPT_LIFE_MS);
  self->times.quiet_ms = first_set (times->quiet_ms, BFY_PROMPT_QUIET_MS);
  self->times.silent_ms = first_set (times->silent_ms, BFY_HOLD_SILENT_MS);
  self->times.beat_ms = first_set (times->beat_ms, BFY_HOLD_BEAT_MS);
}

void
bfy_prompts_set_times (BfyPrompts *self, const BfyPromptTimes *times)
{
  take_times (self, times);
  bfy_quiet_set_duration (self->quiet, self->times.quiet_ms);
}

BfyPrompts *
bfy_prompts_new (BfyAgent *agent, const BfyPromptTimes *times)
{
  BfyPrompts *self = g_new0 (BfyPrompts, 1);

  self->agent = agent;
  take_times (self, times);
  self->questions = g_ptr_array_new ();
  self->prompters = g_ptr_array_new_with_free_func (bfy_prompter_free);
  self->links = g_ptr_array_new_with_free_func (bfy_link_free);
  self->quiet = bfy_quiet_new (self->times.quiet_ms);
  self->refused = bfy_askers_new ();
  self->binding_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->client_id =
      g_signal_connect (agent->registry, "client-removed", G_CALLBACK (on_client_removed), self);

  return self;
}

void
bfy_prompts_free (BfyPrompts *self)
{
  g_clear_signal_handler (&self->binding_id, self->agent->registry);
  g_clear_signal_handler (&self->client_id, self->agent->registry);
  bfy_prompts_refuse_all (self, NULL, BFY_ERROR_CANCELLED, "The agent is going");
  while (!g_queue_is_empty (&self->released))
    bfy_waiter_end (g_queue_peek_head (&self->released),
                    g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "The agent is going"));
  g_clear_handle_id (&self->release_id, g_source_remove);
  g_ptr_array_unref (self->links);
  g_clear_handle_id (&self->greeting_id, g_source_remove);
  g_clear_handle_id (&self->recheck_id, g_source_remove);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->prompters);
  bfy_quiet_free (self->quiet);
  bfy_askers_free (self->refused);
  g_free (self);
}

GPtrArray *
bfy_prompts_list (BfyPrompts *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_prompt_unref);

  for (guint i = 0; i < self->questions->len; i++)
    g_ptr_array_add (list, bfy_prompt_ref (question_at (self, i)->prompt));

  return list;
}

BfyQuestion *
bfy_prompts_find_question (BfyPrompts *self, const char *id)
{
  for (guint i = 0; i < self->questions->len; i++)
    if (g_str_equal (question_at (self, i)->prompt->id, id))
      return question_at (self, i);

  return NULL;
}

BfyPrompt *
bfy_prompts_find (BfyPrompts *self, const char *id)
{
  BfyQuestion *question = bfy_prompts_find_question (self, id);

  return question != NULL ? question->prompt : NULL;
}

void
bfy_prompts_foreach_asker (BfyPrompts *self,
                           const char *id,
                           BfyPromptAskerFunc func,
                           gpointer user_data)
{
  BfyQuestion *question = bfy_prompts_find_question (self, id);

  for (guint i = 0; question != NULL && i < question->askers->len; i++)
    func (g_array_index (question->askers, int, i), user_data);
}

static gboolean
is_open_for (const BfyQuestion *question, int pid)
{
  for (guint i = 0; i < question->askers->len; i++)
    if (bfy_answerer_kin (pid, g_array_index (question->askers, int, i), FALSE) != BFY_KIN_NONE)
      return TRUE;

  return FALSE;
}

gboolean
bfy_prompts_is_asker (BfyPrompts *self, int pid)
{
  for (guint i = 0; i < self->questions->len; i++)
    if (is_open_for (g_ptr_array_index (self->questions, i), pid))
      return TRUE;

  return bfy_askers_have (self->refused, pid, bfy_boot_timer_now_ms ());
}

/* Whoever is told that it is over may come back at once with the next one: only what is open now
 * ends. */
void
bfy_prompts_refuse_all (BfyPrompts *self,
                        const char *binding_id,
                        BfyErrorCode code,
                        const char *message)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->questions->len; i++)
    if (binding_id == NULL || g_str_equal (question_at (self, i)->binding->id, binding_id))
      g_ptr_array_add (ids, g_strdup (question_at (self, i)->prompt->id));
  for (guint i = 0; i < ids->len; i++)
    {
      BfyQuestion *question = bfy_prompts_find_question (self, g_ptr_array_index (ids, i));

      if (question != NULL)
        bfy_question_refuse (question, "refused", code, message);
    }
}

void
bfy_prompts_set_screen_locked (BfyPrompts *self, gboolean is_locked)
{
  if (self->is_screen_locked == is_locked)
    return;
  self->is_screen_locked = is_locked;
  if (is_locked)
    bfy_prompters_hide_all (self);
  else
    bfy_prompters_show_all (self);
}

void
bfy_prompts_quiet_free (BfyPromptsQuiet *quiet)
{
  g_free (quiet->client);
  g_free (quiet);
}

static void
add_quiet (const char *name, gint64 until_ms, gpointer user_data)
{
  BfyPromptsQuiet *quiet = g_new0 (BfyPromptsQuiet, 1);

  quiet->client = g_strdup (name);
  quiet->until_s = until_ms / 1000;
  g_ptr_array_add (user_data, quiet);
}

GPtrArray *
bfy_prompts_list_quiet (BfyPrompts *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_prompts_quiet_free);

  bfy_quiet_foreach (self->quiet, bfy_agent_now_ms (), add_quiet, list);

  return list;
}

guint
bfy_prompts_end_quiet (BfyPrompts *self)
{
  guint n = bfy_quiet_end (self->quiet, bfy_agent_now_ms ());
  BfyEvent *event;

  if (n == 0)
    return 0;
  event = bfy_agent_new_event ("approval_quiet", NULL, NULL);
  event->category = g_strdup ("ended");
  bfy_store_append_event (self->agent->store, event, TRUE);

  return n;
}
