/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/board.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ALWAYS_OFFERED BFY_N_GRANT_SCOPES /* of what is no yes */

struct _BfyBoard
{
  GPtrArray *questions;  /* (owned) (element-type BfyQuestion) oldest first */
  GHashTable *answering; /* (owned) (element-type utf8) ids whose answer is under way */
  char *selected;        /* (owned) (nullable) id */
  char *notice;          /* (owned) (nullable) */
  gint64 armed_at_ms;
  guint focus; /* index among the choices of the selected one */
  gboolean is_connected;
  gboolean is_complete;
};

/* The letters are the same in every language: they are what is typed. */
static const BfyChoice all_choices[] = {
  { 'd', N_ ("Deny"), BFY_REPLY_DENY, ALWAYS_OFFERED },
  { 'o', N_ ("Once"), BFY_REPLY_ALLOW, BFY_GRANT_ONCE },
  { 't', N_ ("Ten minutes"), BFY_REPLY_ALLOW, BFY_GRANT_TEN_MINUTES },
  { 's', N_ ("Session"), BFY_REPLY_ALLOW, BFY_GRANT_SESSION },
  { 'l', N_ ("Until lock"), BFY_REPLY_ALLOW, BFY_GRANT_UNTIL_LOCK },
  { 'a', N_ ("Always"), BFY_REPLY_ALLOW, BFY_GRANT_ALWAYS },
  { 'x', N_ ("Put away"), BFY_REPLY_DISMISS, ALWAYS_OFFERED },
};

BfyBoard *
bfy_board_new (void)
{
  BfyBoard *self = g_new0 (BfyBoard, 1);

  self->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_question_unref);
  self->answering = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->is_complete = TRUE;

  return self;
}

void
bfy_board_free (BfyBoard *self)
{
  g_ptr_array_unref (self->questions);
  g_hash_table_unref (self->answering);
  g_free (self->selected);
  g_free (self->notice);
  g_free (self);
}

/* Its index, or the number of questions. */
static guint
find (const BfyBoard *self, const char *id)
{
  guint i = 0;

  for (; i < self->questions->len; i++)
    {
      BfyQuestion *question = g_ptr_array_index (self->questions, i);

      if (g_strcmp0 (question->id, id) == 0)
        break;
    }

  return i;
}

/* From here on the person looks at another question. */
static void
look_at (BfyBoard *self, guint index, gint64 now_ms)
{
  BfyQuestion *question =
      index < self->questions->len ? g_ptr_array_index (self->questions, index) : NULL;

  g_free (self->selected);
  self->selected = question != NULL ? g_strdup (question->id) : NULL;
  self->focus = 0;
  self->armed_at_ms = now_ms + BFY_BOARD_ARMING_MS;
  bfy_board_set_notice (self, NULL);
}

static void
replace (BfyBoard *self, guint index, BfyQuestion *question, gint64 now_ms)
{
  g_autoptr (BfyQuestion) before = self->questions->pdata[index];

  self->questions->pdata[index] = bfy_question_ref (question);
  if (g_strcmp0 (self->selected, question->id) == 0 && !bfy_question_is_same (before, question))
    look_at (self, index, now_ms);
}

gboolean
bfy_board_put (BfyBoard *self, BfyQuestion *question, gint64 now_ms)
{
  guint index = find (self, question->id);

  if (index < self->questions->len)
    {
      replace (self, index, question, now_ms);
      return FALSE;
    }
  if (self->questions->len >= BFY_BOARD_QUESTIONS_MAX)
    return FALSE;

  g_ptr_array_add (self->questions, bfy_question_ref (question));
  if (self->selected == NULL)
    look_at (self, index, now_ms);

  return TRUE;
}

static const char *
describe_end (const char *how)
{
  static const struct
  {
    const char *how, *text;
  } ends[] = {
    { "allowed", N_ ("Allowed") },
    { "denied", N_ ("Denied; it is not asked again for an hour") },
    { "dismissed", N_ ("Put away; nothing is remembered") },
    { "timeout", N_ ("Nobody answered in time: refused, nothing is remembered") },
    { "withdrawn", N_ ("Nobody waits for the answer any more") },
    { "refused", N_ ("Refused by the agent") },
    { "screen_locked", N_ ("The screen is locked; it is asked again when that is over") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      if (g_strcmp0 (ends[i].how, how) == 0)
        return _ (ends[i].text);
    }

  return _ ("Closed");
}

void
bfy_board_close (BfyBoard *self, const char *id, const char *how, gint64 now_ms)
{
  guint index = find (self, id);
  gboolean was_selected = g_strcmp0 (self->selected, id) == 0;
  g_autofree char *notice = NULL;
  BfyQuestion *question;

  if (index >= self->questions->len)
    return;

  question = g_ptr_array_index (self->questions, index);
  /* Translators: how it ended, and the question. */
  notice = g_strdup_printf (_ ("%s: %s"), describe_end (how), question->title);
  g_hash_table_remove (self->answering, id);
  g_ptr_array_remove_index (self->questions, index);
  if (was_selected)
    look_at (self, MIN (index, MAX (self->questions->len, 1) - 1), now_ms);
  bfy_board_set_notice (self, notice);
}

void
bfy_board_clear (BfyBoard *self)
{
  g_ptr_array_set_size (self->questions, 0);
  g_hash_table_remove_all (self->answering);
  g_clear_pointer (&self->selected, g_free);
  self->focus = 0;
}

void
bfy_board_set_notice (BfyBoard *self, const char *notice)
{
  char *copy = g_strdup (notice);

  g_free (self->notice);
  self->notice = copy;
}

void
bfy_board_note_failed (BfyBoard *self, const char *id, const char *message)
{
  g_hash_table_remove (self->answering, id);
  bfy_board_set_notice (self, message);
}

void
bfy_board_set_connected (BfyBoard *self, gboolean is_connected)
{
  self->is_connected = is_connected;
}

void
bfy_board_set_complete (BfyBoard *self, gboolean is_complete)
{
  self->is_complete = is_complete;
}

guint
bfy_board_get_choices (const BfyBoard *self, const BfyChoice **choices, guint n_max)
{
  BfyQuestion *question = bfy_board_get_selected (self);
  guint n = 0;

  for (guint i = 0; question != NULL && i < G_N_ELEMENTS (all_choices) && n < n_max; i++)
    {
      const BfyChoice *choice = &all_choices[i];

      if (choice->scope == ALWAYS_OFFERED || (question->scopes & (1u << choice->scope)) != 0)
        choices[n++] = choice;
    }

  return n;
}

const char *
bfy_board_explain (const BfyBoard *self, const BfyChoice *choice)
{
  BfyQuestion *question = bfy_board_get_selected (self);

  switch (choice->reply)
    {
    case BFY_REPLY_DENY:
      return _ ("refuse it, and the same again for an hour");
    case BFY_REPLY_DISMISS:
      return _ ("refuse it this time, remember nothing");
    case BFY_REPLY_ALLOW:
      break;
    }
  if (question == NULL || question->meanings[choice->scope] == NULL)
    return bfy_grant_scope_describe (choice->scope);

  return question->meanings[choice->scope];
}

BfyBoardStep
bfy_board_move (BfyBoard *self, int by, gint64 now_ms)
{
  gint64 index = (gint64) bfy_board_get_selected_index (self) + by;

  if (index < 0 || index >= (gint64) self->questions->len)
    return BFY_BOARD_NOTHING;
  look_at (self, (guint) index, now_ms);

  return BFY_BOARD_LOOK;
}

static BfyBoardStep
answer (BfyBoard *self, const BfyChoice *choice, gint64 now_ms, BfyBoardOrder *order)
{
  BfyQuestion *question = bfy_board_get_selected (self);

  if (bfy_board_get_arming_ms (self, now_ms) > 0)
    {
      /* Held down since before: it has to be let go of first. */
      self->armed_at_ms = now_ms + BFY_BOARD_ARMING_MS;
      bfy_board_set_notice (self, _ ("Too soon: read the question, then answer"));
      return BFY_BOARD_LOOK;
    }
  if (choice->reply == BFY_REPLY_ALLOW && !self->is_complete)
    {
      bfy_board_set_notice (self, _ ("The window is too small to show all of it: make it larger"));
      return BFY_BOARD_LOOK;
    }
  if (!g_hash_table_add (self->answering, g_strdup (question->id)))
    return BFY_BOARD_NOTHING;

  *order = (BfyBoardOrder){ question, choice->reply, choice->scope };

  return BFY_BOARD_ANSWER;
}

BfyBoardStep
bfy_board_choose (
    BfyBoard *self, BfyReply reply, BfyGrantScope scope, gint64 now_ms, BfyBoardOrder *order)
{
  const BfyChoice *choices[G_N_ELEMENTS (all_choices)];
  guint n = bfy_board_get_choices (self, choices, G_N_ELEMENTS (all_choices));

  for (guint i = 0; i < n; i++)
    {
      if (choices[i]->reply == reply && (reply != BFY_REPLY_ALLOW || choices[i]->scope == scope))
        return answer (self, choices[i], now_ms, order);
    }

  return BFY_BOARD_NOTHING;
}

void
bfy_board_look_again (BfyBoard *self, gint64 now_ms)
{
  self->armed_at_ms = now_ms + BFY_BOARD_ARMING_MS;
}

gboolean
bfy_board_is_answering (const BfyBoard *self, const char *id)
{
  return g_hash_table_contains (self->answering, id);
}

GPtrArray *
bfy_board_get_questions (const BfyBoard *self)
{
  return self->questions;
}

BfyQuestion *
bfy_board_get_selected (const BfyBoard *self)
{
  guint index = find (self, self->selected);

  return self->selected != NULL && index < self->questions->len
             ? g_ptr_array_index (self->questions, index)
             : NULL;
}

guint
bfy_board_get_selected_index (const BfyBoard *self)
{
  return find (self, self->selected);
}

guint
bfy_board_get_focus (const BfyBoard *self)
{
  return self->focus;
}

void
bfy_board_set_focus (BfyBoard *self, guint focus)
{
  self->focus = focus;
}

const char *
bfy_board_get_notice (const BfyBoard *self)
{
  return self->notice;
}

gboolean
bfy_board_is_connected (const BfyBoard *self)
{
  return self->is_connected;
}

gint64
bfy_board_get_arming_ms (const BfyBoard *self, gint64 now_ms)
{
  return MAX (0, self->armed_at_ms - now_ms);
}
