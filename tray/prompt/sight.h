/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* Whether what is in a window has been in front of a person: drawn, and all of it in sight, be it
 * by scrolling. */
typedef struct _BfyPromptSight BfyPromptSight;

typedef struct
{
  void (*on_drawn) (gpointer user_data);    /* for the first time since bfy_prompt_sight_begin() */
  void (*on_complete) (gpointer user_data); /* whether all of it has been in sight has changed */
} BfyPromptSightEvents;

/* @window and @scrolled, which scrolls what is looked at, are borrowed: they must outlive what is
 * returned. */
BfyPromptSight *bfy_prompt_sight_new (GtkWidget *window,
                                      GtkWidget *scrolled,
                                      const BfyPromptSightEvents *events,
                                      gpointer user_data);
void bfy_prompt_sight_free (BfyPromptSight *self);

/* Something else is to be looked at, @part of the @content that is scrolled; NULL: nothing. Both
 * are borrowed until the next one. */
void bfy_prompt_sight_begin (BfyPromptSight *self, GtkWidget *part, GtkWidget *content);
/* By a page, down or (-1) up. */
void bfy_prompt_sight_scroll (BfyPromptSight *self, int pages);
gboolean bfy_prompt_sight_is_drawn (const BfyPromptSight *self);
gboolean bfy_prompt_sight_is_complete (const BfyPromptSight *self);
