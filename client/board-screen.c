/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/board-screen.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>

#include "client/board-view.h"
#include "client/screen.h"

#define TICK_MS 1000
#define ESCAPE_MS 100 /* a key's sequence comes faster than this */
#define KEYS_MAX 256

struct _BfyBoardScreen
{
  BfyBoard *board;   /* borrowed */
  BfyScreen *screen; /* (owned) */
  char *picture;     /* (owned) (nullable) what the terminal shows */
  char *looked_at;   /* (owned) (nullable) id that keys were last meant for */
  BfyBoardLook look;
  BfyKeys keys;
  guint tick_id;
  guint arming_id;
  guint escape_id;
  gboolean has_ended;
  const BfyBoardScreenEvents *events;
  gpointer user_data;
};

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
draw_page (BfyBoardScreen *self)
{
  guint columns, rows;
  g_auto (BfyView) view = { NULL, FALSE };
  g_autofree char *picture = NULL;

  bfy_screen_get_size (self->screen, &columns, &rows);
  view = bfy_board_draw (self->board, columns, rows, now_ms (), now_s ());
  bfy_board_set_complete (self->board, view.is_complete);
  picture = bfy_view_to_terminal (&view, self->look.has_colour);
  if (g_strcmp0 (picture, self->picture) == 0)
    return;
  bfy_screen_write (self->screen, picture);
  g_free (self->picture);
  self->picture = g_steal_pointer (&picture);
}

static void
write_notice (BfyBoardScreen *self)
{
  const char *notice = bfy_board_get_notice (self->board);
  g_autofree char *line = notice != NULL ? g_strconcat (notice, "\n", NULL) : NULL;

  if (line == NULL)
    return;
  bfy_screen_write (self->screen, line);
  bfy_board_set_notice (self->board, NULL);
}

/* Each question once, and what has become of it. */
static void
draw_lines (BfyBoardScreen *self, gboolean is_new)
{
  g_autofree char *text = NULL;

  write_notice (self);
  if (!is_new)
    return;
  if (bfy_board_get_selected (self->board) != NULL)
    text = bfy_board_format_selected (self->board, now_s ());
  else if (bfy_board_is_connected (self->board))
    text = g_strdup (_ ("Nothing is asked just now; q and Enter quit.\n"));
  bfy_screen_write (self->screen, text != NULL ? text : "");
}

static gboolean
on_armed (gpointer user_data)
{
  BfyBoardScreen *self = user_data;

  self->arming_id = 0;
  bfy_board_screen_draw (self);

  return G_SOURCE_REMOVE;
}

/* What was typed while another question was there is no answer to this one. */
static gboolean
note_selection (BfyBoardScreen *self)
{
  BfyQuestion *selected = bfy_board_get_selected (self->board);
  const char *id = selected != NULL                       ? selected->id
                   : bfy_board_is_connected (self->board) ? "none"
                                                          : "no agent";

  if (g_strcmp0 (id, self->looked_at) == 0)
    return FALSE;
  g_free (self->looked_at);
  self->looked_at = g_strdup (id);
  bfy_screen_forget_input (self->screen);
  bfy_keys_reset (&self->keys);

  return TRUE;
}

void
bfy_board_screen_draw (BfyBoardScreen *self)
{
  gboolean is_new;
  gint64 arming_ms;

  if (self->has_ended)
    return;
  is_new = note_selection (self);
  if (self->look.is_plain)
    {
      draw_lines (self, is_new);
      return;
    }

  draw_page (self);
  arming_ms = bfy_board_get_arming_ms (self->board, now_ms ());
  g_clear_handle_id (&self->arming_id, g_source_remove);
  if (arming_ms > 0)
    self->arming_id = g_timeout_add ((guint) arming_ms + 1, on_armed, self);
}

static gboolean
on_tick (gpointer user_data)
{
  bfy_board_screen_draw (user_data);

  return G_SOURCE_CONTINUE;
}

static void
end (BfyBoardScreen *self, int signal_number)
{
  bfy_board_screen_leave (self);
  self->events->on_end (self, signal_number, self->user_data);
}

static void
press (BfyBoardScreen *self, BfyKey key)
{
  BfyBoardOrder order;

  switch (bfy_board_press (self->board, key, now_ms (), &order))
    {
    case BFY_BOARD_NOTHING:
      return;
    case BFY_BOARD_LOOK:
      if (key.kind == BFY_KEY_REDRAW)
        g_clear_pointer (&self->picture, g_free);
      break;
    case BFY_BOARD_ANSWER:
      bfy_board_set_notice (self->board, NULL);
      self->events->on_order (self, &order, self->user_data);
      break;
    case BFY_BOARD_INTERRUPT:
      end (self, SIGINT);
      return;
    case BFY_BOARD_QUIT:
      end (self, 0);
      return;
    case BFY_BOARD_SUSPEND:
      bfy_screen_suspend (self->screen);
      return;
    }
  bfy_board_screen_draw (self);
}

static gboolean
on_escape_over (gpointer user_data)
{
  BfyBoardScreen *self = user_data;

  self->escape_id = 0;
  bfy_keys_reset (&self->keys);

  return G_SOURCE_REMOVE;
}

static gboolean
is_answer (BfyKey key)
{
  return key.kind == BFY_KEY_ENTER ||
         (key.kind == BFY_KEY_LETTER && strchr ("jkq", key.letter) == NULL);
}

/* Several letters at once are a paste, not an answer. */
static void
take_keys (BfyBoardScreen *self, const guint8 *bytes, gsize length)
{
  BfyKey keys[KEYS_MAX];
  guint n_keys = 0;
  guint n_answers = 0;

  for (gsize i = 0; i < length && n_keys < KEYS_MAX; i++)
    {
      BfyKey key = bfy_keys_feed (&self->keys, bytes[i]);

      if (key.kind == BFY_KEY_NONE)
        continue;
      keys[n_keys++] = key;
      n_answers += is_answer (key) ? 1 : 0;
    }
  for (guint i = 0; i < n_keys && !self->has_ended; i++)
    {
      if (n_answers <= 1 || !is_answer (keys[i]))
        press (self, keys[i]);
    }
}

/* A line of one letter; anything else is not meant for us. */
static void
take_line (BfyBoardScreen *self, const guint8 *bytes, gsize length)
{
  g_autofree char *line = g_strndup ((const char *) bytes, length);

  g_strstrip (line);
  if (g_ascii_isgraph (line[0]) && line[1] == '\0')
    press (self, (BfyKey){ .kind = BFY_KEY_LETTER, .letter = line[0] });
}

static void
on_input (BfyScreen *screen, const guint8 *bytes, gsize length, gpointer user_data)
{
  BfyBoardScreen *self = user_data;

  if (self->look.is_plain)
    {
      take_line (self, bytes, length);
      return;
    }
  take_keys (self, bytes, length);
  g_clear_handle_id (&self->escape_id, g_source_remove);
  if (!self->has_ended)
    self->escape_id = g_timeout_add (ESCAPE_MS, on_escape_over, self);
}

static void
on_stale (BfyScreen *screen, gpointer user_data)
{
  BfyBoardScreen *self = user_data;

  g_clear_pointer (&self->picture, g_free);
  bfy_board_screen_draw (self);
}

static void
on_screen_end (BfyScreen *screen, int signal_number, gpointer user_data)
{
  end (user_data, signal_number);
}

BfyBoardScreen *
bfy_board_screen_new (BfyBoard *board,
                      BfyBoardLook look,
                      const BfyBoardScreenEvents *events,
                      gpointer user_data,
                      GError **error)
{
  static const BfyScreenEvents screen_events = { on_input, on_stale, on_screen_end };
  BfyBoardScreen *self = g_new0 (BfyBoardScreen, 1);

  self->board = board;
  self->look = look;
  self->events = events;
  self->user_data = user_data;
  self->screen = bfy_screen_new (look.is_plain, &screen_events, self, error);
  if (self->screen == NULL)
    {
      g_free (self);
      return NULL;
    }
  if (!look.is_plain)
    self->tick_id = g_timeout_add (TICK_MS, on_tick, self);

  return self;
}

void
bfy_board_screen_leave (BfyBoardScreen *self)
{
  self->has_ended = TRUE;
  bfy_screen_leave (self->screen);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->arming_id, g_source_remove);
  g_clear_handle_id (&self->escape_id, g_source_remove);
}

void
bfy_board_screen_free (BfyBoardScreen *self)
{
  bfy_board_screen_leave (self);
  bfy_screen_free (self->screen);
  g_free (self->picture);
  g_free (self->looked_at);
  g_free (self);
}

void
bfy_board_screen_ring (BfyBoardScreen *self)
{
  if (!self->has_ended)
    bfy_screen_write (self->screen, "\a");
}
