/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/desk.h"

#include <glib/gi18n.h>

#include "protocol/name.h"
#include "tray/prompt/answer.h"
#include "tray/prompt/window.h"
#include "tray/stand-in.h"

#define TICK_S 1
#define ARMING_PRIORITY (G_PRIORITY_DEFAULT + 10) /* just behind input */
#define FAREWELL_MS                                                                                \
  6000 /* how long it says what became of a question that nobody here answered                     \
        */

struct _BfyPromptDesk
{
  GtkApplication *application; /* borrowed */
  BfyAgentLink *link;          /* borrowed */
  BfyBoard *board;             /* (owned) */
  BfyPromptWindow *window;     /* (nullable) owned by the application; NULL: this is over */
  BfyStandIn *stand_in;        /* (owned) (nullable) once there is time for it */
  guint warm_up_id;
  guint arming_id;
  gboolean is_armed; /* an answer counts */
  guint tick_id;
  guint farewell_id;
};

/* An answer under way. */
typedef struct
{
  BfyPromptDesk *desk;   /* (owned) */
  BfyQuestion *question; /* (owned) */
} Errand;

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static void show (BfyPromptDesk *self);

static Errand *
errand_new (BfyPromptDesk *desk, BfyQuestion *question)
{
  Errand *self = g_new0 (Errand, 1);

  self->desk = g_rc_box_acquire (desk);
  self->question = bfy_question_ref (question);

  return self;
}

static void
desk_clear (gpointer data)
{
  BfyPromptDesk *self = data;

  bfy_board_free (self->board);
}

static void
errand_free (Errand *self)
{
  g_rc_box_release_full (self->desk, desk_clear);
  bfy_question_unref (self->question);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

/* An answer begins to count. All input that has come by then has been seen, since this has the
 * lower priority: a moment in which the program did not get to run is no moment without input. */
static gboolean
on_armed (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  self->arming_id = 0;
  self->is_armed = TRUE;
  show (self);

  return G_SOURCE_REMOVE;
}

/* From now on it takes BFY_BOARD_ARMING_MS without input until an answer counts. */
static void
disarm (BfyPromptDesk *self)
{
  g_clear_handle_id (&self->arming_id, g_source_remove);
  self->is_armed = FALSE;
  bfy_board_look_again (self->board, now_ms ());
  if (bfy_board_get_selected (self->board) != NULL)
    self->arming_id =
        g_timeout_add_full (ARMING_PRIORITY, BFY_BOARD_ARMING_MS, on_armed, self, NULL);
}

/* Seconds are counted only where somebody sees them. */
static gboolean
on_tick (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self->window)))
    {
      self->tick_id = 0;
      return G_SOURCE_REMOVE;
    }
  bfy_prompt_window_tick (self->window);

  return G_SOURCE_CONTINUE;
}

static void
hide (BfyPromptDesk *self)
{
  g_clear_handle_id (&self->arming_id, g_source_remove);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->farewell_id, g_source_remove);
  gtk_widget_set_visible (GTK_WIDGET (self->window), FALSE);
}

static gboolean
on_farewell (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  self->farewell_id = 0;
  hide (self);

  return G_SOURCE_REMOVE;
}

/* What stands above the buttons when there is nothing else to say. */
static const char *
describe_waiting (BfyPromptDesk *self, gboolean is_busy)
{
  if (is_busy)
    return _ ("Your answer is on its way to the agent.");
  if (bfy_prompt_window_is_seen (self->window) && !bfy_prompt_window_is_complete (self->window))
    return _ ("There is more to read: scroll down, or press Page Down, before you allow it.");
  if (!self->is_armed)
    return _ ("Please read it; an answer counts in a moment.");

  return NULL;
}

static void
show (BfyPromptDesk *self)
{
  BfyQuestion *question = bfy_board_get_selected (self->board);
  const char *notice = bfy_board_get_notice (self->board);
  BfyPromptView view = {
    .question = question,
    .index = bfy_board_get_selected_index (self->board),
    .n_questions = bfy_board_get_questions (self->board)->len,
    .may_allow = self->is_armed,
    .needs_passphrase = bfy_agent_link_needs_key (self->link),
    .is_busy = question != NULL && bfy_board_is_answering (self->board, question->id),
  };

  view.notice = notice != NULL || question == NULL ? notice : describe_waiting (self, view.is_busy);
  bfy_prompt_window_show (self->window, &view);
}

static void
come_up (BfyPromptDesk *self)
{
  g_clear_handle_id (&self->farewell_id, g_source_remove);
  show (self);
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add_seconds (TICK_S, on_tick, self);
  bfy_prompt_window_come_up (self->window);
}

/* Answers */

static void
fail (BfyPromptDesk *self, const BfyQuestion *question, const char *message)
{
  g_autofree char *line = bfy_text_to_line (message, G_MAXINT);

  bfy_board_note_failed (self->board, question->id, line);
  if (self->window != NULL)
    show (self);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GError) error = NULL;

  if (!bfy_answer_send_finish (BFY_AGENT_LINK (source), result, &error))
    fail (errand->desk, errand->question, error->message);
}

static void
carry_out (BfyPromptDesk *self, const BfyBoardOrder *order)
{
  gboolean needs_passphrase =
      order->reply == BFY_REPLY_ALLOW && bfy_agent_link_needs_key (self->link);
  g_autoptr (BfySecret) typed =
      needs_passphrase ? bfy_prompt_window_take_passphrase (self->window) : NULL;

  if (needs_passphrase && typed == NULL)
    {
      fail (self, order->question, _ ("Type the passphrase for answers first, then allow it."));
      return;
    }
  bfy_answer_send_async (self->link, order, typed, on_sent, errand_new (self, order->question));
  show (self);
}

static void
on_choice (BfyReply reply, BfyGrantScope scope, gpointer user_data)
{
  BfyPromptDesk *self = user_data;
  BfyBoardOrder order;

  if (!bfy_prompt_window_is_seen (self->window))
    return;
  if (bfy_prompt_window_is_held (self->window))
    {
      bfy_board_set_notice (self->board, _ ("A key that is held down answers nothing: let go of "
                                            "it, then press it again."));
      show (self);
      return;
    }

  if (!self->is_armed)
    disarm (self);
  bfy_board_set_complete (self->board, bfy_prompt_window_is_complete (self->window));
  switch (bfy_board_choose (self->board, reply, scope, now_ms (), &order))
    {
    case BFY_BOARD_ANSWER:
      carry_out (self, &order);
      break;
    case BFY_BOARD_LOOK:
      show (self);
      break;
    case BFY_BOARD_NOTHING:
    case BFY_BOARD_QUIT:
    case BFY_BOARD_INTERRUPT:
    case BFY_BOARD_SUSPEND:
      break;
    }
}

static void
on_move (int by, gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (bfy_board_move (self->board, by, now_ms ()) != BFY_BOARD_LOOK)
    return;
  disarm (self);
  show (self);
}

static void
on_input (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (self->is_armed || bfy_board_get_selected (self->board) == NULL)
    return;
  disarm (self);
}

static void
on_seen (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  disarm (self);
  show (self);
}

static void
on_sight (gpointer user_data)
{
  show (user_data);
}

/* One question is refused by it, and the next one is there; with none left it goes. */
static void
on_close (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (bfy_board_get_selected (self->board) != NULL)
    on_choice (BFY_REPLY_DISMISS, BFY_GRANT_ONCE, self);
  else
    hide (self);
}

/* What the agent tells */

static void
on_question (BfyAgentLink *link, BfyQuestion *question, gboolean is_new, gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  is_new = bfy_board_put (self->board, question, now_ms ());
  if (bfy_board_get_arming_ms (self->board, now_ms ()) > 0)
    disarm (self);
  if (is_new && !gtk_widget_get_mapped (GTK_WIDGET (self->window)))
    come_up (self);
  else
    show (self);
}

/* Nothing is asked any more. What somebody else has done is said before the window goes. */
static void
close_down (BfyPromptDesk *self, const char *how, gboolean was_answered_here)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (self->window)))
    return;
  if (was_answered_here || g_strcmp0 (how, "screen_locked") == 0)
    {
      hide (self);
      return;
    }

  if (how == NULL)
    bfy_board_set_notice (self->board,
                          _ ("The agent has gone away, and with it what it asked. This window "
                             "comes back when it asks again."));
  show (self);
  g_clear_handle_id (&self->farewell_id, g_source_remove);
  if (how != NULL)
    self->farewell_id = g_timeout_add (FAREWELL_MS, on_farewell, self);
}

static void
on_question_closed (BfyAgentLink *link, const char *id, const char *how, gpointer user_data)
{
  BfyPromptDesk *self = user_data;
  gboolean was_answered_here = bfy_board_is_answering (self->board, id);

  bfy_board_close (self->board, id, how, now_ms ());
  if (bfy_board_get_selected (self->board) == NULL)
    {
      close_down (self, how, was_answered_here);
      return;
    }
  if (bfy_board_get_arming_ms (self->board, now_ms ()) > 0)
    disarm (self);
  show (self);
}

/* That the agent is gone need not be said any longer. */
static void
on_news (BfyAgentLink *link, guint news, gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if ((news & (BFY_NEWS_STATUS | BFY_NEWS_QUESTIONS)) != 0 &&
      bfy_board_get_selected (self->board) != NULL)
    show (self);
  if ((news & BFY_NEWS_PRESENCE) != 0 && bfy_agent_link_is_present (link) &&
      bfy_board_get_selected (self->board) == NULL)
    hide (self);
}

static void
on_prompts (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (bfy_board_get_selected (self->board) == NULL)
    bfy_board_set_notice (self->board, NULL);
  come_up (self);
}

static gboolean
on_idle (gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  self->warm_up_id = 0;
  self->stand_in = bfy_stand_in_new (self->application);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->window)))
    bfy_prompt_window_warm_up (self->window);

  return G_SOURCE_REMOVE;
}

static void
on_unmap (GtkWidget *window, gpointer user_data)
{
  BfyPromptDesk *self = user_data;

  if (self->stand_in != NULL)
    bfy_stand_in_renew (self->stand_in);
}

BfyPromptDesk *
bfy_prompt_desk_new (GtkApplication *application, BfyAgentLink *link)
{
  static const BfyPromptWindowEvents events = { on_choice, on_move,  on_input,
                                                on_seen,   on_sight, on_close };
  static const GActionEntry actions[] = {
    { "prompts", on_prompts, NULL, NULL, NULL, { 0 } },
  };
  BfyPromptDesk *self = g_rc_box_new0 (BfyPromptDesk);

  self->application = application;
  self->link = link;
  self->board = bfy_board_new ();
  self->window = bfy_prompt_window_new (application, &events, self);
  g_signal_connect_after (self->window, "unmap", G_CALLBACK (on_unmap), self);
  self->warm_up_id = g_idle_add_full (G_PRIORITY_LOW, on_idle, self, NULL);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   self);
  g_signal_connect (link, "question", G_CALLBACK (on_question), self);
  g_signal_connect (link, "question-closed", G_CALLBACK (on_question_closed), self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);

  return self;
}

void
bfy_prompt_desk_free (BfyPromptDesk *self)
{
  g_signal_handlers_disconnect_by_data (self->link, self);
  g_action_map_remove_action (G_ACTION_MAP (self->application), "prompts");
  g_clear_handle_id (&self->warm_up_id, g_source_remove);
  hide (self);
  g_signal_handlers_disconnect_by_data (self->window, self);
  g_clear_pointer (&self->stand_in, bfy_stand_in_free);
  bfy_prompt_window_close (g_steal_pointer (&self->window));
  g_rc_box_release_full (self, desk_clear);
}
