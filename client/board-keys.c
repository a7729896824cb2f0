/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a key does to the board, where it is all that there is: in a terminal. */

#include "client/board.h"

static BfyBoardStep
move_focus (BfyBoard *self, int by)
{
  const BfyChoice *choices[BFY_BOARD_CHOICES_MAX];
  guint n = bfy_board_get_choices (self, choices, G_N_ELEMENTS (choices));

  if (n == 0)
    return BFY_BOARD_NOTHING;
  bfy_board_set_focus (self, (bfy_board_get_focus (self) + n + (guint) by) % n);

  return BFY_BOARD_LOOK;
}

static BfyBoardStep
press_letter (BfyBoard *self, char letter, gint64 now_ms, BfyBoardOrder *order)
{
  const BfyChoice *choices[BFY_BOARD_CHOICES_MAX];
  guint n = bfy_board_get_choices (self, choices, G_N_ELEMENTS (choices));

  if (letter == 'q')
    return BFY_BOARD_QUIT;
  if (letter == 'j' || letter == 'k')
    return bfy_board_move (self, letter == 'j' ? 1 : -1, now_ms);
  for (guint i = 0; i < n; i++)
    {
      if (choices[i]->letter == letter || (letter == ' ' && i == bfy_board_get_focus (self)))
        return bfy_board_choose (self, choices[i]->reply, choices[i]->scope, now_ms, order);
    }

  return BFY_BOARD_NOTHING;
}

BfyBoardStep
bfy_board_press (BfyBoard *self, BfyKey key, gint64 now_ms, BfyBoardOrder *order)
{
  switch (key.kind)
    {
    case BFY_KEY_NONE:
      break;
    case BFY_KEY_LETTER:
      return press_letter (self, key.letter, now_ms, order);
    case BFY_KEY_ENTER:
      return press_letter (self, ' ', now_ms, order);
    case BFY_KEY_UP:
      return bfy_board_move (self, -1, now_ms);
    case BFY_KEY_DOWN:
      return bfy_board_move (self, 1, now_ms);
    case BFY_KEY_LEFT:
    case BFY_KEY_BACK_TAB:
      return move_focus (self, -1);
    case BFY_KEY_RIGHT:
    case BFY_KEY_TAB:
      return move_focus (self, 1);
    case BFY_KEY_INTERRUPT:
      return BFY_BOARD_INTERRUPT;
    case BFY_KEY_SUSPEND:
      return BFY_BOARD_SUSPEND;
    case BFY_KEY_REDRAW:
      return BFY_BOARD_LOOK;
    }

  return BFY_BOARD_NOTHING;
}
