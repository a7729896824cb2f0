/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "client/question.h"

/* The widgets of the window for questions, around the question itself; all borrowed from the
 * window. */
typedef struct
{
  GtkWidget *title;    /* AdwWindowTitle */
  GtkWidget *moves;    /* what is there with several questions: */
  GtkWidget *previous; /* … */
  GtkWidget *next;     /* … */
  GtkWidget *stack;    /* of the two pages */
  GtkWidget *question_page;
  GtkWidget *scrolled;
  GtkWidget *content; /* GtkBox: sheet, scopes */
  GtkWidget *notice;
  GtkWidget *passphrase_row;
  GtkWidget *passphrase;
  GtkWidget *deny;
  GtkWidget *allow;
  GtkWidget *nothing_page; /* AdwStatusPage */
  GtkWidget *close;        /* its button */
} BfyPromptFrame;

void bfy_prompt_frame_build (BfyPromptFrame *self, GtkWindow *window);
/* It takes the height that its content needs when it comes to the screen the next time. */
void bfy_prompt_frame_fit (GtkWindow *window);
/* @text: with a mnemonic. */
void bfy_prompt_frame_name_button (GtkWidget *button, const char *text);
/* What both answers leave behind, in words. */
GtkWidget *bfy_prompt_frame_make_remembered (void);
void bfy_prompt_frame_set_notice (BfyPromptFrame *self, const char *notice);
/* @notice: (nullable) why nothing is asked any more. */
void bfy_prompt_frame_explain_nothing (BfyPromptFrame *self, const char *notice);
/* "2 of 3", and how much time is left. */
void bfy_prompt_frame_set_place (BfyPromptFrame *self,
                                 const BfyQuestion *question,
                                 guint index,
                                 guint n_questions);
