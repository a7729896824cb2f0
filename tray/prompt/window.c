/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tray/prompt/frame.h"
#include "tray/prompt/input.h"
#include "tray/prompt/scopes.h"
#include "tray/prompt/sheet.h"

#define SEEN_SLACK_PX 2

struct _BfyPromptWindow
{
  AdwWindow parent_instance;

  BfyPromptFrame frame;
  GtkWidget *sheet;      /* (nullable) borrowed */
  GtkWidget *scopes;     /* (nullable) borrowed */
  BfyQuestion *question; /* (owned) (nullable) what is shown */
  BfyPromptInput *input; /* (owned) */
  guint index, n_questions;
  double seen_to; /* the lowest of the sheet that has been in sight, in pixels */
  gboolean is_complete;
  gboolean is_seen;
  GdkFrameClock *clock; /* (owned) (nullable) while it is on the screen */
  gulong paint_id;
  const BfyPromptWindowEvents *events; /* (nullable) NULL: closed */
  gpointer user_data;
};

G_DEFINE_TYPE (BfyPromptWindow, bfy_prompt_window, ADW_TYPE_WINDOW)

/* Whether it has been read */

static void
note_sight (BfyPromptWindow *self)
{
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->frame.scrolled));
  double bottom = gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment);
  graphene_rect_t bounds;
  gboolean was_complete;

  if (self->sheet == NULL || !self->is_seen ||
      !gtk_widget_compute_bounds (self->sheet, self->frame.content, &bounds))
    return;
  was_complete = self->is_complete;
  self->seen_to = MAX (self->seen_to, bottom);
  self->is_complete = self->seen_to + SEEN_SLACK_PX >= bounds.origin.y + bounds.size.height;
  if (self->is_complete != was_complete)
    self->events->on_sight (self->user_data);
}

static void
on_adjusted (GtkAdjustment *adjustment, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->events != NULL)
    note_sight (self);
}

/* Once a question has been on the screen as a whole, the person may begin to read. */
static void
on_after_paint (GdkFrameClock *clock, gpointer user_data)
{
  BfyPromptWindow *self = user_data;

  if (self->is_seen || self->question == NULL || self->events == NULL)
    return;
  self->is_seen = TRUE;
  gtk_window_set_focus_visible (GTK_WINDOW (self), TRUE);
  self->events->on_seen (self->user_data);
  note_sight (self);
}

static void
stop_watching (BfyPromptWindow *self)
{
  g_clear_signal_handler (&self->paint_id, self->clock);
  g_clear_object (&self->clock);
}

static void
on_map (GtkWidget *widget, gpointer user_data)
{
  BfyPromptWindow *self = BFY_PROMPT_WINDOW (widget);

  stop_watching (self);
  self->is_seen = FALSE;
  self->clock = g_object_ref (gtk_widget_get_frame_clock (widget));
  self->paint_id = g_signal_connect (self->clock, "after-paint", G_CALLBACK (on_after_paint), self);
  gtk_widget_queue_draw (widget);
}

static void
on_unmap (GtkWidget *widget, gpointer user_data)
{
  stop_watching (BFY_PROMPT_WINDOW (widget));
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

  if (self->events != NULL && self->is_seen)
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
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->frame.scrolled));

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) +
                                            pages * gtk_adjustment_get_page_increment (adjustment));
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
  self->sheet = NULL;
  self->scopes = NULL;
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
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->frame.scrolled));
  GtkWidget *title;

  clear_content (self);
  self->question = bfy_question_ref ((BfyQuestion *) question);
  self->sheet = bfy_prompt_sheet_new (question);
  self->scopes = bfy_prompt_scopes_new (question);
  g_signal_connect (self->scopes, "changed", G_CALLBACK (on_scope_changed), self);
  gtk_box_append (GTK_BOX (self->frame.content), self->sheet);
  gtk_box_append (GTK_BOX (self->frame.content), self->scopes);
  gtk_box_append (GTK_BOX (self->frame.content), bfy_prompt_frame_make_remembered ());
  name_allow_button (self);
  title = bfy_prompt_sheet_get_title (self->sheet);
  describe_by_title (self->frame.deny, title);
  describe_by_title (GTK_WIDGET (self), title);
  gtk_editable_set_text (GTK_EDITABLE (self->frame.passphrase), "");
  gtk_adjustment_set_value (adjustment, 0);
  self->seen_to = 0;
  self->is_complete = FALSE;
  self->is_seen = FALSE;
  gtk_stack_set_visible_child (GTK_STACK (self->frame.stack), self->frame.question_page);
  gtk_window_set_focus (GTK_WINDOW (self), self->frame.deny);
  gtk_widget_queue_draw (GTK_WIDGET (self));
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
  gtk_widget_set_sensitive (self->frame.allow, view->may_allow && self->is_seen &&
                                                   self->is_complete && !view->is_busy);
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
  return self->is_seen && gtk_widget_get_mapped (GTK_WIDGET (self));
}

gboolean
bfy_prompt_window_is_complete (BfyPromptWindow *self)
{
  return self->is_complete;
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
  GtkAdjustment *adjustment =
      gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (frame->scrolled));

  g_signal_connect (frame->deny, "clicked", G_CALLBACK (on_deny), self);
  g_signal_connect (frame->allow, "clicked", G_CALLBACK (on_allow), self);
  g_signal_connect (frame->passphrase, "activate", G_CALLBACK (on_allow), self);
  g_signal_connect (frame->previous, "clicked", G_CALLBACK (on_previous), self);
  g_signal_connect (frame->next, "clicked", G_CALLBACK (on_next), self);
  g_signal_connect (frame->close, "clicked", G_CALLBACK (on_close_clicked), self);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_adjusted), self, 0);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_adjusted), self, 0);
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
  stop_watching (self);
  g_clear_pointer (&self->question, bfy_question_unref);
  G_OBJECT_CLASS (bfy_prompt_window_parent_class)->dispose (object);
}

static void
bfy_prompt_window_finalize (GObject *object)
{
  BfyPromptWindow *self = BFY_PROMPT_WINDOW (object);

  bfy_prompt_input_free (self->input);
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
  static const BfyPromptInputEvents events = { on_input, on_arrive, on_escape, on_scroll };

  bfy_prompt_frame_build (&self->frame, GTK_WINDOW (self));
  self->input = bfy_prompt_input_new (GTK_WINDOW (self), &events, self);
  connect_frame (self);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (on_unmap), NULL);
  g_signal_connect (self, "close-request", G_CALLBACK (on_close_request), NULL);
}
