/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/sight.h"

#define SLACK_PX 2

struct _BfyPromptSight
{
  GtkWidget *window;         /* borrowed */
  GtkAdjustment *adjustment; /* (owned) */
  GtkWidget *part;           /* borrowed (nullable) */
  GtkWidget *content;        /* borrowed (nullable) */
  GdkFrameClock *clock;      /* (owned) (nullable) while it is on the screen */
  gulong paint_id;
  double seen_to; /* the lowest that has been in sight, in pixels */
  gboolean is_drawn;
  gboolean is_complete;
  const BfyPromptSightEvents *events;
  gpointer user_data;
};

static void
look (BfyPromptSight *self)
{
  double bottom =
      gtk_adjustment_get_value (self->adjustment) + gtk_adjustment_get_page_size (self->adjustment);
  gboolean was_complete = self->is_complete;
  graphene_rect_t bounds;

  if (self->part == NULL || !self->is_drawn ||
      !gtk_widget_compute_bounds (self->part, self->content, &bounds))
    return;
  self->seen_to = MAX (self->seen_to, bottom);
  self->is_complete = self->seen_to + SLACK_PX >= bounds.origin.y + bounds.size.height;
  if (self->is_complete != was_complete)
    self->events->on_complete (self->user_data);
}

static void
on_adjusted (GtkAdjustment *adjustment, gpointer user_data)
{
  look (user_data);
}

static void
on_after_paint (GdkFrameClock *clock, gpointer user_data)
{
  BfyPromptSight *self = user_data;

  if (self->is_drawn || self->part == NULL)
    return;
  self->is_drawn = TRUE;
  self->events->on_drawn (self->user_data);
  look (self);
}

static void
stop_watching (BfyPromptSight *self)
{
  g_clear_signal_handler (&self->paint_id, self->clock);
  g_clear_object (&self->clock);
}

static void
on_map (GtkWidget *window, gpointer user_data)
{
  BfyPromptSight *self = user_data;

  stop_watching (self);
  self->is_drawn = FALSE;
  self->clock = g_object_ref (gtk_widget_get_frame_clock (window));
  self->paint_id = g_signal_connect (self->clock, "after-paint", G_CALLBACK (on_after_paint), self);
  gtk_widget_queue_draw (window);
}

static void
on_unmap (GtkWidget *window, gpointer user_data)
{
  BfyPromptSight *self = user_data;

  stop_watching (self);
  self->is_drawn = FALSE;
}

BfyPromptSight *
bfy_prompt_sight_new (GtkWidget *window,
                      GtkWidget *scrolled,
                      const BfyPromptSightEvents *events,
                      gpointer user_data)
{
  BfyPromptSight *self = g_new0 (BfyPromptSight, 1);

  self->window = window;
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  self->events = events;
  self->user_data = user_data;
  g_signal_connect (window, "map", G_CALLBACK (on_map), self);
  g_signal_connect (window, "unmap", G_CALLBACK (on_unmap), self);
  g_object_ref (self->adjustment);
  g_signal_connect (self->adjustment, "changed", G_CALLBACK (on_adjusted), self);
  g_signal_connect (self->adjustment, "value-changed", G_CALLBACK (on_adjusted), self);

  return self;
}

void
bfy_prompt_sight_free (BfyPromptSight *self)
{
  g_signal_handlers_disconnect_by_data (self->adjustment, self);
  g_object_unref (self->adjustment);
  stop_watching (self);
  g_free (self);
}

void
bfy_prompt_sight_begin (BfyPromptSight *self, GtkWidget *part, GtkWidget *content)
{
  self->part = part;
  self->content = content;
  self->seen_to = 0;
  self->is_drawn = FALSE;
  self->is_complete = FALSE;
  gtk_adjustment_set_value (self->adjustment, 0);
  gtk_widget_queue_draw (self->window);
}

void
bfy_prompt_sight_scroll (BfyPromptSight *self, int pages)
{
  double by = pages * gtk_adjustment_get_page_increment (self->adjustment);

  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_value (self->adjustment) + by);
}

gboolean
bfy_prompt_sight_is_drawn (const BfyPromptSight *self)
{
  return self->is_drawn;
}

gboolean
bfy_prompt_sight_is_complete (const BfyPromptSight *self)
{
  return self->is_complete;
}
