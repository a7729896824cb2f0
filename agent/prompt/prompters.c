/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/prompts-private.h"

struct _BfyPrompter
{
  BfyPrompterKind kind;
  BfyPrompterFunc func;
  gpointer user_data;
  GHashTable *shown; /* (owned) (element-type utf8) ids of what it was told of */
};

void
bfy_prompter_free (gpointer data)
{
  BfyPrompter *self = data;

  g_hash_table_unref (self->shown);
  g_free (self);
}

gboolean
bfy_prompters_are_there (const BfyPrompts *prompts)
{
  return prompts->prompters->len > 0;
}

guint
bfy_prompts_count_prompters (const BfyPrompts *self)
{
  return self->prompters->len;
}

/* The askpass program is for when nobody else is there. */
static gboolean
is_asked (const BfyPrompts *prompts, const BfyPrompter *prompter)
{
  if (prompter->kind != BFY_PROMPTER_ASKPASS)
    return TRUE;
  for (guint i = 0; i < prompts->prompters->len; i++)
    if (((const BfyPrompter *) g_ptr_array_index (prompts->prompters, i))->kind !=
        BFY_PROMPTER_ASKPASS)
      return FALSE;

  return TRUE;
}

static void
tell_one (BfyPrompts *prompts,
          BfyPrompter *prompter,
          BfyPrompt *prompt,
          BfyPromptChange change,
          const char *how)
{
  gboolean is_shown = g_hash_table_contains (prompter->shown, prompt->id);

  if (change == BFY_PROMPT_OPENED)
    {
      if (is_shown || prompts->is_screen_locked || !is_asked (prompts, prompter))
        return;
      g_hash_table_add (prompter->shown, g_strdup (prompt->id));
    }
  else if (!is_shown)
    {
      return;
    }
  if (change == BFY_PROMPT_CLOSED)
    g_hash_table_remove (prompter->shown, prompt->id);
  prompter->func (prompt, change, how, prompter->user_data);
}

/* Whoever is told may leave or make others leave while being told; a prompter that is no longer
 * among them is not touched. */
void
bfy_prompters_tell (BfyPrompts *prompts, BfyPrompt *prompt, BfyPromptChange change, const char *how)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (BfyPrompt) kept = bfy_prompt_ref (prompt);

  g_ptr_array_extend (all, prompts->prompters, NULL, NULL);
  for (guint i = 0; i < all->len; i++)
    if (g_ptr_array_find (prompts->prompters, g_ptr_array_index (all, i), NULL))
      tell_one (prompts, g_ptr_array_index (all, i), kept, change, how);
}

static void
tell_of_all (BfyPrompts *prompts, BfyPromptChange change, const char *how)
{
  g_autoptr (GPtrArray) list = bfy_prompts_list (prompts);

  for (guint i = 0; i < list->len; i++)
    bfy_prompters_tell (prompts, g_ptr_array_index (list, i), change, how);
}

void
bfy_prompters_show_all (BfyPrompts *prompts)
{
  tell_of_all (prompts, BFY_PROMPT_OPENED, NULL);
}

void
bfy_prompters_hide_all (BfyPrompts *prompts)
{
  tell_of_all (prompts, BFY_PROMPT_CLOSED, "screen_locked");
}

static gboolean
on_greeting (gpointer user_data)
{
  BfyPrompts *prompts = user_data;

  prompts->greeting_id = 0;
  bfy_prompters_show_all (prompts);

  return G_SOURCE_REMOVE;
}

static void
greet (BfyPrompts *prompts)
{
  if (prompts->greeting_id == 0)
    prompts->greeting_id = g_idle_add (on_greeting, prompts);
}

BfyPrompter *
bfy_prompts_add_prompter (BfyPrompts *self,
                          BfyPrompterKind kind,
                          BfyPrompterFunc func,
                          gpointer user_data)
{
  BfyPrompter *prompter = g_new0 (BfyPrompter, 1);

  prompter->kind = kind;
  prompter->func = func;
  prompter->user_data = user_data;
  prompter->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add (self->prompters, prompter);
  greet (self);

  return prompter;
}

/* What is open stays so for its life: somebody may come back. */
void
bfy_prompts_remove_prompter (BfyPrompts *self, BfyPrompter *prompter)
{
  g_ptr_array_remove (self->prompters, prompter);
  greet (self);
}
