/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify prompts --watch`: the board (client/board.h) between the agent and the terminal. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/board-screen.h"
#include "client/commands/prompts.h"
#include "client/prompter.h"
#include "protocol/name.h"

#define RETRY_MS 1000 /* between looks whether the agent is there again */

typedef struct
{
  BfyCli *cli;
  BfyBoard *board;        /* (owned) */
  BfyBoardScreen *screen; /* (owned) (nullable) once the loop runs */
  BfyPrompterLink *link;  /* (owned) (nullable) */
  GBytes *registration;   /* (owned) (nullable) */
  GError *error;          /* (owned) (nullable) why it ended */
  guint retry_id;
  guint n_answers; /* under way */
  gboolean has_ended;
} Watch;

/* An answer under way. */
typedef struct
{
  Watch *watch;
  char *id; /* (owned) */
} Errand;

static void connect_agent (Watch *self);

static gint64
now_ms (void)
{
  return g_get_monotonic_time () / 1000;
}

/* The terminal first: what follows may be a signal that nobody handles any more. */
static void
end (Watch *self)
{
  self->has_ended = TRUE;
  if (self->screen != NULL)
    bfy_board_screen_leave (self->screen);
  bfy_cli_wake (self->cli);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  Watch *self = errand->watch;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  self->n_answers--;
  if (reply == NULL)
    {
      g_autofree char *message = bfy_text_to_line (error->message, G_MAXINT);

      bfy_board_note_failed (self->board, errand->id, message);
      bfy_board_screen_draw (self->screen);
    }
  g_free (errand->id);
  g_free (errand);
}

static void
on_order (BfyBoardScreen *screen, const BfyBoardOrder *order, gpointer user_data)
{
  Watch *self = user_data;
  g_autofree char *path = bfy_prompter_answer_path (order->question);
  g_autoptr (GBytes) body = NULL;
  BfyCall call = { "POST", path, NULL };
  Errand *errand;

  if (self->link == NULL || !bfy_prompter_is_registered (self->link))
    {
      bfy_board_note_failed (self->board, order->question->id,
                             _ ("The agent is not there just now"));
      return;
    }

  body = bfy_prompter_answer_body (self->link, order->question, order->reply, order->scope);
  call.body = body;
  errand = g_new0 (Errand, 1);
  errand->watch = self;
  errand->id = g_strdup (order->question->id);
  self->n_answers++;
  bfy_remote_call_async (self->cli->remote, &call, NULL, on_answered, errand);
}

static void
on_screen_end (BfyBoardScreen *screen, int signal_number, gpointer user_data)
{
  Watch *self = user_data;

  if (signal_number != 0)
    self->cli->signal_number = signal_number;
  end (self);
}

static void
on_registered (BfyPrompterLink *link, gpointer user_data)
{
  Watch *self = user_data;

  bfy_board_set_connected (self->board, TRUE);
  bfy_board_set_notice (self->board, NULL);
  bfy_board_screen_draw (self->screen);
}

static void
on_question (BfyPrompterLink *link, BfyQuestion *question, gpointer user_data)
{
  Watch *self = user_data;

  if (bfy_board_put (self->board, question, now_ms ()))
    bfy_board_screen_ring (self->screen);
  bfy_board_screen_draw (self->screen);
}

static void
on_closed (BfyPrompterLink *link, const char *id, const char *how, gpointer user_data)
{
  Watch *self = user_data;

  bfy_board_close (self->board, id, how, now_ms ());
  bfy_board_screen_draw (self->screen);
}

static gboolean
on_retry (gpointer user_data)
{
  Watch *self = user_data;

  self->retry_id = 0;
  connect_agent (self);

  return G_SOURCE_REMOVE;
}

/* An agent that is gone comes back, as a service does; one that refuses us means it. */
static void
on_link_end (BfyPrompterLink *link, const GError *error, gpointer user_data)
{
  Watch *self = user_data;

  if (self->has_ended)
    return;
  if (bfy_error_code (error) != BFY_ERROR_NO_AGENT)
    {
      self->error = g_error_copy (error);
      if (bfy_prompter_get_hint (link) != NULL)
        bfy_cli_set_hint (self->cli, "%s", bfy_prompter_get_hint (link));
      end (self);
      return;
    }
  bfy_board_set_connected (self->board, FALSE);
  bfy_board_clear (self->board);
  bfy_board_set_notice (self->board, _ ("The agent does not answer; waiting for it to come back"));
  if (self->retry_id == 0)
    self->retry_id = g_timeout_add (RETRY_MS, on_retry, self);
  bfy_board_screen_draw (self->screen);
}

static void
connect_agent (Watch *self)
{
  static const BfyPrompterEvents events = { on_registered, on_question, on_closed, on_link_end };

  g_clear_pointer (&self->link, bfy_prompter_free);
  self->link = bfy_prompter_new (self->cli->remote, self->registration, &events, self);
}

static gboolean
knows_lines_only (const BfyCli *cli)
{
  const char *terminal = cli->desktop->terminal;

  return terminal == NULL || *terminal == '\0' || strcmp (terminal, "dumb") == 0;
}

/* Once the loop runs, signals are waited for, and none can end us with the terminal changed. */
static gboolean
on_start (gpointer user_data)
{
  static const BfyBoardScreenEvents events = { on_order, on_screen_end };
  Watch *self = user_data;
  const BfyBoardLook look = { knows_lines_only (self->cli), !self->cli->desktop->no_colour };

  self->screen = bfy_board_screen_new (self->board, look, &events, self, &self->error);
  if (self->screen == NULL)
    {
      end (self);
      return G_SOURCE_REMOVE;
    }
  connect_agent (self);
  bfy_board_screen_draw (self->screen);

  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  end (user_data);
}

static void
watch_clear (Watch *self)
{
  g_clear_handle_id (&self->retry_id, g_source_remove);
  /* An answer that was given counts. */
  while (self->n_answers > 0)
    g_main_context_iteration (NULL, TRUE);
  g_clear_pointer (&self->link, bfy_prompter_free);
  g_clear_pointer (&self->screen, bfy_board_screen_free);
  g_clear_pointer (&self->board, bfy_board_free);
  g_clear_pointer (&self->registration, g_bytes_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

gboolean
bfy_prompts_watch (BfyCli *cli, gboolean from_stdin, GError **error)
{
  g_auto (Watch) watch = { .cli = cli };
  g_autoptr (JsonObject) reply = bfy_prompts_fetch (cli, error);
  gulong cancel_id;

  watch.board = bfy_board_new ();
  if (reply == NULL)
    return FALSE;
  watch.registration = bfy_prompts_build_registration (cli, from_stdin, error);
  if (watch.registration == NULL)
    return FALSE;

  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), &watch, NULL);
  g_idle_add (on_start, &watch);
  while (!watch.has_ended)
    bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
  if (watch.error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&watch.error));

  return FALSE;
}
