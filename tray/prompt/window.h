/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "client/question.h"
#include "protocol/secret.h"

/* The window that shows one question at a time. It decides nothing: whether an answer counts is
 * the board’s matter (client/board.h). What is marked and focused is “Deny”. */
#define BFY_TYPE_PROMPT_WINDOW (bfy_prompt_window_get_type ())
G_DECLARE_FINAL_TYPE (BfyPromptWindow, bfy_prompt_window, BFY, PROMPT_WINDOW, AdwWindow)

typedef struct
{
  void (*on_choice) (BfyReply reply, BfyGrantScope scope, gpointer user_data);
  void (*on_move) (int by, gpointer user_data); /* to the next question, or the one before */
  void (*on_input) (gpointer user_data);        /* a key or a button went down */
  void (*on_seen) (gpointer user_data);  /* the question has been drawn, or the keyboard came */
  void (*on_sight) (gpointer user_data); /* all of it has been in sight */
  void (*on_close) (gpointer user_data);
} BfyPromptWindowEvents;

/* @events, @user_data: borrowed until bfy_prompt_window_close(). */
BfyPromptWindow *bfy_prompt_window_new (GtkApplication *application,
                                        const BfyPromptWindowEvents *events,
                                        gpointer user_data);
/* Does beforehand what takes long the first time: fonts above all. It stays unseen. */
void bfy_prompt_window_warm_up (BfyPromptWindow *self);
/* In front of everything else, as large as the question that is shown needs it. */
void bfy_prompt_window_come_up (BfyPromptWindow *self);
/* No event follows, and the window is gone. */
void bfy_prompt_window_close (BfyPromptWindow *self);

/* What is to be seen. */
typedef struct
{
  const BfyQuestion *question; /* (nullable) NULL: nothing is asked */
  guint index;                 /* of it, from 0 */
  guint n_questions;
  const char *notice; /* (nullable) */
  gboolean may_allow; /* a yes would count now */
  gboolean needs_passphrase;
  gboolean is_busy; /* the answer is under way */
} BfyPromptView;

void bfy_prompt_window_show (BfyPromptWindow *self, const BfyPromptView *view);
/* Only what goes on by itself: the time that is left. */
void bfy_prompt_window_tick (BfyPromptWindow *self);
/* Whether the question that is shown has been drawn. */
gboolean bfy_prompt_window_is_seen (BfyPromptWindow *self);
/* Whether all of it has been in sight, if by scrolling. */
gboolean bfy_prompt_window_is_complete (BfyPromptWindow *self);
/* Whether what happens just now may come from a key that is held down. */
gboolean bfy_prompt_window_is_held (BfyPromptWindow *self);
/* What was typed as the approval passphrase, which is then gone from the window; NULL when nothing
 * was: the keyboard is there then. (transfer full) */
BfySecret *bfy_prompt_window_take_passphrase (BfyPromptWindow *self);
