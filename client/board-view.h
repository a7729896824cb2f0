/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/board.h"

/* How a board looks on a terminal of some size. Pure. */
typedef enum
{
  BFY_VIEW_PLAIN,
  BFY_VIEW_BAR,    /* the line at the top */
  BFY_VIEW_MARKED, /* the selected question in the list */
  BFY_VIEW_STRONG,
  BFY_VIEW_FAINT,
  BFY_VIEW_ALARM, /* what can’t be undone */
} BfyViewStyle;

typedef struct
{
  BfyViewStyle style;
  char *text; /* (owned) no wider than the terminal */
} BfyViewLine;

#define BFY_VIEW_COLUMNS_MIN 20
#define BFY_VIEW_ROWS_MIN 8

typedef struct
{
  GPtrArray *lines;     /* (owned) (element-type BfyViewLine) as many as there are rows, or fewer */
  gboolean is_complete; /* the whole of the selected question is there */
} BfyView;

void bfy_view_clear (BfyView *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyView, bfy_view_clear)

/* @now_ms: of the board’s clock; @now_s: Unix time, for the time left. */
BfyView
bfy_board_draw (const BfyBoard *board, guint columns, guint rows, gint64 now_ms, gint64 now_s);

/* What a terminal is sent to show it; @has_colour: else only bold and reverse. */
char *bfy_view_to_terminal (const BfyView *self, gboolean has_colour);

/* One question for a terminal that cannot move its cursor: title, lines, choices, each with LF. */
char *bfy_board_format_selected (const BfyBoard *board, gint64 now_s);
