/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/board.h"

/* A board on the person's terminal: draws it when it has changed and as time goes by, and takes
 * keys. On a terminal that knows nothing but lines each question is written once, and answered by a
 * line of one letter. */
typedef struct _BfyBoardScreen BfyBoardScreen;

typedef struct
{
  /* The person has answered. */
  void (*on_order) (BfyBoardScreen *screen, const BfyBoardOrder *order, gpointer user_data);
  /* The person has had enough, the terminal is gone, or a signal says that we should go: the
   * terminal is as it was. @signal_number: 0 for the first two. */
  void (*on_end) (BfyBoardScreen *screen, int signal_number, gpointer user_data);
} BfyBoardScreenEvents;

typedef struct
{
  gboolean is_plain; /* lines only */
  gboolean has_colour;
} BfyBoardLook;

/* @board: borrowed. Only while the main loop runs, which must see to SIGINT and SIGTERM and call
 * bfy_board_screen_leave() then. BFY_ERROR_FAILED without a terminal. */
BfyBoardScreen *bfy_board_screen_new (BfyBoard *board,
                                      BfyBoardLook look,
                                      const BfyBoardScreenEvents *events,
                                      gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_board_screen_free (BfyBoardScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyBoardScreen, bfy_board_screen_free)

/* The terminal as it was; nothing is drawn any more, no callback follows. */
void bfy_board_screen_leave (BfyBoardScreen *self);
/* The board has changed. */
void bfy_board_screen_draw (BfyBoardScreen *self);
/* Something new: a person who looks elsewhere may hear it. */
void bfy_board_screen_ring (BfyBoardScreen *self);
