/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* The hands in front of a window with a question: what they do is seen before anything in the
 * window acts on it. A key that is held down never gets through to a button. */
typedef struct _BfyPromptInput BfyPromptInput;

typedef struct
{
  void (*on_input) (gpointer user_data);  /* a key or a button went down */
  void (*on_arrive) (gpointer user_data); /* the keyboard has come to this window */
  void (*on_escape) (gpointer user_data);
  void (*on_scroll) (int pages, gpointer user_data); /* Page Down: 1 */
} BfyPromptInputEvents;

/* @window: borrowed; it must outlive what is returned. */
BfyPromptInput *
bfy_prompt_input_new (GtkWindow *window, const BfyPromptInputEvents *events, gpointer user_data);
void bfy_prompt_input_free (BfyPromptInput *self);
/* Whether what happens just now may come from a key that is held down. */
gboolean bfy_prompt_input_is_held (const BfyPromptInput *self);
