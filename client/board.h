/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/keys.h"
#include "client/question.h"

/* The questions in front of a person, which one is looked at, and what a key does. Pure: times are
 * passed in, what is to be done comes back.
 *
 * An answer must be meant for what is on the screen. So none counts within BFY_BOARD_ARMING_MS
 * after another question has come to be the one that is looked at, and a key that is held down from
 * before never gets through (craft 1.6, H02). What is marked at first is “Deny”. */
#define BFY_BOARD_ARMING_MS 700
#define BFY_BOARD_QUESTIONS_MAX 200

typedef struct _BfyBoard BfyBoard;

BfyBoard *bfy_board_new (void);
void bfy_board_free (BfyBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyBoard, bfy_board_free)

/* A new question, or one that has changed: when it asks something else than what is looked at, it
 * has to be read anew. TRUE when it is new. */
gboolean bfy_board_put (BfyBoard *self, BfyQuestion *question, gint64 now_ms);
/* @how: how it ended, on the wire ("allowed", …), or NULL. */
void bfy_board_close (BfyBoard *self, const char *id, const char *how, gint64 now_ms);
/* The agent is gone, and its questions with it. */
void bfy_board_clear (BfyBoard *self);

/* What stands at the bottom, (nullable); a name in it has been made harmless. */
void bfy_board_set_notice (BfyBoard *self, const char *notice);
/* An answer could not be given: it may be given again. */
void bfy_board_note_failed (BfyBoard *self, const char *id, const char *message);
/* Whether the agent is there, which is said at the top. */
void bfy_board_set_connected (BfyBoard *self, gboolean is_connected);
/* Only when all of the question is on the screen may it be allowed. */
void bfy_board_set_complete (BfyBoard *self, gboolean is_complete);

/* For a screen with windows, where one may come up below hands that are doing something else: the
 * selected question has been drawn only now, the keyboard has come to its window only now, or there
 * was input before an answer counts. It takes as long once more. */
void bfy_board_look_again (BfyBoard *self, gint64 now_ms);

typedef enum
{
  BFY_BOARD_NOTHING,
  BFY_BOARD_LOOK,   /* something else is to be shown */
  BFY_BOARD_ANSWER, /* the order is to be carried out */
  BFY_BOARD_QUIT,
  BFY_BOARD_INTERRUPT,
  BFY_BOARD_SUSPEND,
} BfyBoardStep;

typedef struct
{
  BfyQuestion *question; /* borrowed until the next change */
  BfyReply reply;
  BfyGrantScope scope; /* of BFY_REPLY_ALLOW */
} BfyBoardOrder;

BfyBoardStep bfy_board_press (BfyBoard *self, BfyKey key, gint64 now_ms, BfyBoardOrder *order);

/* A choice by a button of its own. */
BfyBoardStep bfy_board_choose (
    BfyBoard *self, BfyReply reply, BfyGrantScope scope, gint64 now_ms, BfyBoardOrder *order);
/* Looks at the next question, or the one before: @by is 1 or -1. */
BfyBoardStep bfy_board_move (BfyBoard *self, int by, gint64 now_ms);
/* Whether an answer to it is under way. */
gboolean bfy_board_is_answering (const BfyBoard *self, const char *id);

/* What can be chosen, in the order of the screen. */
typedef struct
{
  char letter;
  const char *label;
  BfyReply reply;
  BfyGrantScope scope;
} BfyChoice;

#define BFY_BOARD_CHOICES_MAX 7
/* Borrowed, those of the selected question; the number of them. */
guint bfy_board_get_choices (const BfyBoard *self, const BfyChoice **choices, guint n_max);
/* What a choice means, one line; borrowed. */
const char *bfy_board_explain (const BfyBoard *self, const BfyChoice *choice);

/* (element-type BfyQuestion) oldest first; borrowed. */
GPtrArray *bfy_board_get_questions (const BfyBoard *self);
BfyQuestion *bfy_board_get_selected (const BfyBoard *self);
guint bfy_board_get_selected_index (const BfyBoard *self);
/* The index of the marked choice. */
guint bfy_board_get_focus (const BfyBoard *self);
void bfy_board_set_focus (BfyBoard *self, guint focus);
const char *bfy_board_get_notice (const BfyBoard *self);
gboolean bfy_board_is_connected (const BfyBoard *self);
/* How long no answer counts, 0 when one does. */
gint64 bfy_board_get_arming_ms (const BfyBoard *self, gint64 now_ms);
