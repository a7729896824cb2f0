/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-line.h"

#include "protocol/error.h"

#define POLL_MS 10

typedef struct
{
  GTask *task; /* (owned) */
  gint64 deadline_us;
} Waiting;

struct _BfyVaultLine
{
  BfyVaultTurn turn;
  GQueue line;   /* (element-type Waiting) */
  GSource *poll; /* (owned) (nullable) while the lock is somebody else's */
};

static gboolean on_poll (gpointer user_data);

static void
waiting_free (Waiting *self)
{
  g_object_unref (self->task);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

BfyVaultLine *
bfy_vault_line_new (BfyVaultTurn turn)
{
  BfyVaultLine *self = g_new0 (BfyVaultLine, 1);

  self->turn = turn;
  g_queue_init (&self->line);

  return self;
}

static void
stop_poll (BfyVaultLine *self)
{
  if (self->poll == NULL)
    return;

  g_source_destroy (self->poll);
  g_clear_pointer (&self->poll, g_source_unref);
}

static void
start_poll (BfyVaultLine *self, GMainContext *context)
{
  if (self->poll != NULL)
    return;

  self->poll = g_timeout_source_new (POLL_MS);
  g_source_set_callback (self->poll, on_poll, self, NULL);
  g_source_attach (self->poll, context);
}

void
bfy_vault_line_free (BfyVaultLine *self)
{
  if (self == NULL)
    return;

  stop_poll (self);
  g_queue_clear_full (&self->line, (GDestroyNotify) waiting_free);
  g_free (self);
}

static gboolean
take_turn (BfyVaultLine *self, GTask *task, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), error))
    return FALSE;

  return self->turn (task, error);
}

/* FALSE when the first in line has to wait. */
static gboolean
serve_first (BfyVaultLine *self)
{
  Waiting *head = g_queue_peek_head (&self->line);
  g_autoptr (Waiting) first = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_done = take_turn (self, head->task, &error);

  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_IN_USE) &&
      g_get_monotonic_time () < head->deadline_us)
    return FALSE;

  first = g_queue_pop_head (&self->line);
  if (is_done)
    g_task_return_boolean (first->task, TRUE);
  else
    g_task_return_error (first->task, g_steal_pointer (&error));

  return TRUE;
}

/* Callbacks of the tasks may add to the line or drop their last reference to its owner. */
static void
serve (BfyVaultLine *self)
{
  Waiting *head = g_queue_peek_head (&self->line);
  g_autoptr (GObject) owner G_GNUC_UNUSED = g_object_ref (g_task_get_source_object (head->task));

  while (!g_queue_is_empty (&self->line))
    {
      if (serve_first (self))
        continue;
      start_poll (self, g_main_context_get_thread_default ());
      return;
    }

  stop_poll (self);
}

static gboolean
on_poll (gpointer user_data)
{
  serve (user_data);

  return G_SOURCE_CONTINUE; /* serve() destroys it when the line is empty */
}

/* A write that happened is reported as such, even when its caller lost interest meanwhile. */
void
bfy_vault_line_add (BfyVaultLine *self, GTask *task)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  g_task_set_check_cancellable (task, FALSE);
  waiting->task = task;
  waiting->deadline_us = g_get_monotonic_time () + BFY_VAULT_LINE_WAIT_MS * G_TIME_SPAN_MILLISECOND;
  g_queue_push_tail (&self->line, waiting);
  if (g_queue_get_length (&self->line) == 1)
    serve (self);
}
