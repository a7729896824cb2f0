/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tray/prompt/frame.h"
#include "tray/prompt/input.h"
#include "tray/prompt/scopes.h"
#include "tray/prompt/sheet.h"
#include "tray/prompt/sight.h"

struct _BfyPromptWindow
{
  AdwWindow parent_instance;

  BfyPromptFrame frame;
  GtkWidget *scopes;     /* (nullable) borrowed */
  BfyQuestion *question; /* (owned) (nullable) what is shown */
  BfyPromptInput *input; /* (owned) */
  BfyPromptSight *sight; /* (owned) */
  guint index, n_questions;
  const BfyPromptWindowEvents *events; /* (nullable) NULL: closed */
  gpointer user_data;
};

G_DEFINE_TYPE (BfyPromptWindow, bfy_prompt_window, ADW_TYPE_WINDOW)

/* Once a question has been on the screen, the person may begin to read. */
static void
on_drawn (gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  gtk_window_set_focus_visible (GTK_WINDOW (self), TRUE);
  if (self->events != NULL)
    self->events->on_seen (self->user_data);
}

static void
on_complete (gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_sight (self->user_data);
}

/* What hands do */

static void
on_input (gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_input (self->user_data);
}

static void
on_arrive (gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL && bfy_prompt_sight_is_drawn (self->sight))
    self->events->on_seen (self->user_data);
}

static void
on_escape (gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events == NULL)
    return;
  if (self->question != NULL)
    self->events->on_choice (BFY_REPLY_DENY, BFY_GRANT_ONCE, self->user_data);
  else
    self->events->on_close (self->user_data);
}

static void
on_scroll (int pages, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  bfy_prompt_sight_scroll (self->sight, pages);
}

static void
on_deny (GtkWidget *button, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_choice (BFY_REPLY_DENY, BFY_GRANT_ONCE, self->user_data);
}

static void
on_allow (GtkWidget *widget, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL && self->scopes != NULL)
    self->events->on_choice (
        BFY_REPLY_ALLOW, bfy_prompt_scopes_get (BFY_PROMPT_SCOPES (self->scopes)), self->user_data);
}

static void
on_previous (GtkWidget *button, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_move (-1, self->user_data);
}

static void
on_next (GtkWidget *button, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_move (1, self->user_data);
}

static void
on_close_clicked (GtkWidget *button, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    self->events->on_close (self->user_data);
}

/* It is hidden, or shows the next question; it never goes by itself. */
static gboolean
on_close_request (GtkWindow *window, gpointer user_data)
{
  BfyPromptWindow *self = BFY_PROMPT_WINDOW (window);

  if (self->events == NULL)
    return FALSE;
  self->events->on_close (self->user_data);

  return TRUE;
}

/* What is to be seen */

static void
name_allow_button (BfyPromptWindow *self)
{
  const char *text =
      bfy_prompt_scope_to_button (bfy_prompt_scopes_get (BFY_PROMPT_SCOPES (self->scopes)));

  bfy_prompt_frame_name_button (self->frame.allow, text);
}

static void
on_scope_changed (BfyPromptScopes *scopes, gpointer user_data)
{
  name_allow_button (user_data);
}

static void
clear_content (BfyPromptWindow *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->frame.content)) != NULL)
    gtk_box_remove (GTK_BOX (self->frame.content), child);
  self->scopes = NULL;
  bfy_prompt_sight_begin (self->sight, NULL, NULL);
  g_clear_pointer (&self->question, bfy_question_unref);
}

static void
describe_by_title (GtkWidget *widget, GtkWidget *title)
{
  gtk_accessible_update_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                  title, NULL, -1);
}

static void
set_question (BfyPromptWindow *self, const BfyQuestion *question)
{
  GtkWidget *sheet = bfy_prompt_sheet_new (question);
  GtkWidget *title = bfy_prompt_sheet_get_title (sheet);

  clear_content (self);
  self->question = bfy_question_ref ((BfyQuestion *) question);
  self->scopes = bfy_prompt_scopes_new (question);
  g_signal_connect (self->scopes, "changed", G_CALLBACK (on_scope_changed), self);
  gtk_box_append (GTK_BOX (self->frame.content), sheet);
  gtk_box_append (GTK_BOX (self->frame.content), self->scopes);
  gtk_box_append (GTK_BOX (self->frame.content), bfy_prompt_frame_make_remembered ());
  name_allow_button (self);
  describe_by_title (self->frame.deny, title);
  describe_by_title (GTK_WIDGET (self), title);
  gtk_editable_set_text (GTK_EDITABLE (self->frame.passphrase), "");
  gtk_stack_set_visible_child (GTK_STACK (self->frame.stack), self->frame.question_page);
  gtk_window_set_focus (GTK_WINDOW (self), self->frame.deny);
  bfy_prompt_sight_begin (self->sight, sheet, self->frame.content);
}

static void
set_nothing (BfyPromptWindow *self, const char *notice)
{
  clear_content (self);
  adw_status_page_set_title (ADW_STATUS_PAGE (self->frame.nothing_page), _ ("Nothing Is Asked"));
  bfy_prompt_frame_explain_nothing (&self->frame, notice);
  gtk_stack_set_visible_child (GTK_STACK (self->frame.stack), self->frame.nothing_page);
  gtk_window_set_focus (GTK_WINDOW (self), self->frame.close);
}

void
bfy_prompt_window_show (BfyPromptWindow *self, const BfyPromptView *view)
{
  self->index = view->index;
  self->n_questions = view->n_questions;
  if (view->question == NULL)
    {
      set_nothing (self, view->notice);
      bfy_prompt_window_tick (self);
      return;
    }

  if (self->question == NULL || !bfy_question_is_same (self->question, view->question))
    set_question (self, view->question);
  bfy_prompt_frame_set_notice (&self->frame, view->notice);
  gtk_widget_set_visible (self->frame.moves, view->n_questions > 1);
  gtk_widget_set_sensitive (self->frame.previous, view->index > 0);
  gtk_widget_set_sensitive (self->frame.next, view->index + 1 < view->n_questions);
  gtk_widget_set_visible (self->frame.passphrase_row, view->needs_passphrase);
  gtk_widget_set_visible (self->frame.allow, view->question->scopes != 0);
  gtk_widget_set_sensitive (self->frame.allow, view->may_allow && !view->is_busy &&
                                                   bfy_prompt_sight_is_drawn (self->sight) &&
                                                   bfy_prompt_sight_is_complete (self->sight));
  bfy_prompt_window_tick (self);
}

void
bfy_prompt_window_tick (BfyPromptWindow *self)
{
  bfy_prompt_frame_set_place (&self->frame, self->question, self->index, self->n_questions);
}

gboolean
bfy_prompt_window_is_seen (BfyPromptWindow *self)
{
  return bfy_prompt_sight_is_drawn (self->sight);
}

gboolean
bfy_prompt_window_is_complete (BfyPromptWindow *self)
{
  return bfy_prompt_sight_is_complete (self->sight);
}

gboolean
bfy_prompt_window_is_held (BfyPromptWindow *self)
{
  return bfy_prompt_input_is_held (self->input);
}

BfySecret *
bfy_prompt_window_take_passphrase (BfyPromptWindow *self)
{
  GtkEditable *entry = GTK_EDITABLE (self->frame.passphrase);
  const char *text = gtk_editable_get_text (entry);
  BfySecret *typed = *text != '\0' ? bfy_secret_new ((const guint8 *) text, strlen (text)) : NULL;

  gtk_editable_set_text (entry, "");
  if (typed == NULL)
    gtk_widget_grab_focus (self->frame.passphrase);

  return typed;
}

static void
connect_frame (BfyPromptWindow *self)
{
  const BfyPromptFrame *frame = &self->frame;

  g_signal_connect (frame->deny, "clicked", G_CALLBACK (on_deny), self);
  g_signal_connect (frame->allow, "clicked", G_CALLBACK (on_allow), self);
  g_signal_connect (frame->passphrase, "activate", G_CALLBACK (on_allow), self);
  g_signal_connect (frame->previous, "clicked", G_CALLBACK (on_previous), self);
  g_signal_connect (frame->next, "clicked", G_CALLBACK (on_next), self);
  g_signal_connect (frame->close, "clicked", G_CALLBACK (on_close_clicked), self);
}

BfyPromptWindow *
bfy_prompt_window_new (GtkApplication *application,
                       const BfyPromptWindowEvents *events,
                       gpointer user_data)
{
  BfyPromptWindow *self = g_object_new (BFY_TYPE_PROMPT_WINDOW, "application", application, "title",
                                        _ ("bindify asks"), NULL);

  self->events = events;
  self->user_data = user_data;

  return self;
}

void
bfy_prompt_window_warm_up (BfyPromptWindow *self)
{
  int width;

  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL, width, NULL, NULL, NULL, NULL);
}

void
bfy_prompt_window_come_up (BfyPromptWindow *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    bfy_prompt_frame_fit (GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (self));
}

void
bfy_prompt_window_close (BfyPromptWindow *self)
{
  self->events = NULL;
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
bfy_prompt_window_dispose (GObject *object)
{
  BfyPromptWindow *self = BFY_PROMPT_WINDOW (object);

  self->events = NULL;
  g_clear_pointer (&self->question, bfy_question_unref);
  G_OBJECT_CLASS (bfy_prompt_window_parent_class)->dispose (object);
}

static void
bfy_prompt_window_finalize (GObject *object)
{
  BfyPromptWindow *self = BFY_PROMPT_WINDOW (object);

  bfy_prompt_input_free (self->input);
  bfy_prompt_sight_free (self->sight);
  G_OBJECT_CLASS (bfy_prompt_window_parent_class)->finalize (object);
}

static void
bfy_prompt_window_class_init (BfyPromptWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bfy_prompt_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = bfy_prompt_window_finalize;
}

static void
bfy_prompt_window_init (BfyPromptWindow *self)
{
  static const BfyPromptInputEvents input_events = { on_input, on_arrive, on_escape, on_scroll };
  static const BfyPromptSightEvents sight_events = { on_drawn, on_complete };

  bfy_prompt_frame_build (&self->frame, GTK_WINDOW (self));
  self->input = bfy_prompt_input_new (GTK_WINDOW (self), &input_events, self);
  self->sight = bfy_prompt_sight_new (GTK_WIDGET (self), self->frame.scrolled, &sight_events, self);
  connect_frame (self);
  g_signal_connect (self, "close-request", G_CALLBACK (on_close_request), NULL);
}
