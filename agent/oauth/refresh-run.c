/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One renewal as those see it who wait for it: they share its result, leave it when they go away or
 * have waited long enough, and do not stop it by that (behaviour 7.2). */

#include "agent/oauth/refresh-private.h"
#include "protocol/error.h"

#define ANSWERS_PER_TURN 256 /* some 5 ms, in which nobody else is served */
#define WAIT_MS 35000        /* the token request's deadline and 5 seconds; behaviour 7.2 */

/* The task data of one who waits. */
typedef struct
{
  BfyRefreshRun *run;      /* borrowed while the task is among its waiting */
  gint64 until_us;         /* monotonic */
  gulong cancelled_id;     /* of the task's cancellable */
  BfyCredential *unsealed; /* (owned) (nullable) the result, of a sealed binding */
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  g_clear_pointer (&wait->unsealed, bfy_credential_free);
  g_free (wait);
}

BfyRefreshRun *
bfy_refresh_run_new (BfyRefresher *self, BfyBinding *binding, BfyRefreshEntry *entry)
{
  BfyRefreshRun *run = g_new0 (BfyRefreshRun, 1);

  g_atomic_ref_count_init (&run->ref_count);
  g_atomic_ref_count_inc (&self->ref_count);
  self->n_runs++;
  run->self = self;
  run->binding = bfy_binding_ref (binding);
  run->entry = entry;
  run->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  run->cancellable = g_cancellable_new ();

  return run;
}

BfyRefreshRun *
bfy_refresh_run_ref (BfyRefreshRun *run)
{
  g_atomic_ref_count_inc (&run->ref_count);

  return run;
}

static void
clear_deadline (BfyRefreshRun *run)
{
  if (run->deadline != NULL)
    g_source_destroy (run->deadline);
  g_clear_pointer (&run->deadline, g_source_unref);
}

void
bfy_refresh_run_unref (BfyRefreshRun *run)
{
  if (!g_atomic_ref_count_dec (&run->ref_count))
    return;

  clear_deadline (run);
  g_clear_handle_id (&run->sweep_source, g_source_remove);
  g_ptr_array_unref (run->waiting);
  g_clear_pointer (&run->lock, bfy_safe_lock_free);
  g_clear_pointer (&run->seen, bfy_secret_unref);
  g_clear_pointer (&run->proof, bfy_secret_unref);
  g_clear_pointer (&run->old, bfy_credential_free);
  g_clear_pointer (&run->renewed, bfy_credential_free);
  g_clear_pointer (&run->record, g_bytes_unref);
  g_clear_pointer (&run->answer, bfy_token_answer_free);
  g_object_unref (run->cancellable);
  g_free (run->client_id);
  bfy_binding_unref (run->binding);
  run->self->n_runs--;
  bfy_refresher_unref (run->self);
  g_free (run);
}

void
bfy_refresh_run_follow_binding (BfyRefreshRun *run)
{
  BfyBinding *current = bfy_registry_find_by_id (run->self->agent->registry, run->binding->id);

  if (current == NULL || current == run->binding)
    return;

  bfy_binding_unref (run->binding);
  run->binding = bfy_binding_ref (current);
}

gboolean
bfy_refresh_run_is_over (BfyRefreshRun *run)
{
  return run->entry == NULL || run->self->is_over;
}

/* --- Those who wait --- */

static void
disconnect (GTask *task)
{
  Wait *wait = g_task_get_task_data (task);

  if (wait->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), wait->cancelled_id);
  wait->cancelled_id = 0;
}

/* @error is taken. */
static void
leave (BfyRefreshRun *run, guint i, GError *error)
{
  g_autoptr (GTask) task = g_ptr_array_steal_index (run->waiting, i);

  disconnect (task);
  g_task_return_error (task, error);
}

/* Why it took so long. (transfer full) */
static GError *
explain_wait (BfyRefreshRun *run)
{
  if (!run->is_asking)
    return bfy_refresh_new_cooldown_error (run->self, run->binding);

  return g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED,
                              "The keyring is locked. The window that asks for its password is "
                              "still open: answer it, then try again");
}

static void arm_deadline (BfyRefreshRun *run);

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr (BfyRefreshRun) run = bfy_refresh_run_ref (user_data);
  gint64 now_us = g_get_monotonic_time ();

  clear_deadline (run);
  while (run->waiting->len > 0 &&
         ((Wait *) g_task_get_task_data (run->waiting->pdata[0]))->until_us <= now_us)
    leave (run, 0, explain_wait (run));
  arm_deadline (run);

  return G_SOURCE_REMOVE;
}

/* One timer for all of them: who came first has waited longest. */
static void
arm_deadline (BfyRefreshRun *run)
{
  const Wait *first = run->waiting->len > 0 ? g_task_get_task_data (run->waiting->pdata[0]) : NULL;

  if (first == NULL || run->deadline != NULL)
    return;

  run->deadline = g_timeout_source_new (0);
  g_source_set_ready_time (run->deadline, first->until_us);
  g_source_set_callback (run->deadline, on_deadline, run, NULL);
  g_source_attach (run->deadline, g_main_context_get_thread_default ());
}

static gboolean
on_sweep (gpointer user_data)
{
  g_autoptr (BfyRefreshRun) run = bfy_refresh_run_ref (user_data);

  run->sweep_source = 0;
  for (guint i = run->waiting->len; i > 0; i--)
    {
      GTask *task = run->waiting->pdata[i - 1];

      if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
        leave (run, i - 1, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
    }

  return G_SOURCE_REMOVE;
}

/* Whoever cancels is in the middle of something. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Wait *wait = g_task_get_task_data (user_data);

  if (wait->run->sweep_source == 0)
    wait->run->sweep_source = g_idle_add (on_sweep, wait->run);
}

void
bfy_refresh_run_join (BfyRefreshRun *run, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Wait *wait = g_new0 (Wait, 1);

  wait->run = run;
  wait->until_us = g_get_monotonic_time () + WAIT_MS * G_TIME_SPAN_MILLISECOND;
  g_task_set_task_data (task, wait, wait_free);
  g_ptr_array_add (run->waiting, task);
  arm_deadline (run);
  /* Not g_cancellable_connect(): see on_cancelled(). */
  if (cancellable != NULL)
    wait->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), task);
}

BfyCredential *
bfy_refresher_take_unsealed (GAsyncResult *result)
{
  Wait *wait = g_task_get_task_data (G_TASK (result));

  return wait != NULL ? g_steal_pointer (&wait->unsealed) : NULL;
}

/* Those who are being answered, some in each turn of the main loop: a thousand requests that set
 * off in one moment would each open a connection, and hold up everybody else. */
typedef struct
{
  GPtrArray *tasks; /* (owned) (element-type GTask) */
  guint n_answered;
  GError *error; /* (owned) (nullable) */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_ptr_array_unref (answer->tasks);
  g_clear_error (&answer->error);
  g_free (answer);
}

static gboolean
on_turn (gpointer user_data)
{
  Answer *answer = user_data;
  guint n = MIN (answer->tasks->len, answer->n_answered + ANSWERS_PER_TURN);

  while (answer->n_answered < n)
    {
      GTask *task = answer->tasks->pdata[answer->n_answered++];

      if (answer->error != NULL)
        g_task_return_error (task, g_error_copy (answer->error));
      else
        g_task_return_boolean (task, TRUE);
    }

  return answer->n_answered < answer->tasks->len ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
bfy_refresh_run_answer (BfyRefreshRun *run, const GError *error)
{
  const BfyCredential *result = run->renewed != NULL ? run->renewed : run->old;
  Answer *answer = g_new0 (Answer, 1);

  answer->tasks = g_steal_pointer (&run->waiting);
  answer->error = error != NULL ? g_error_copy (error) : NULL;
  run->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  clear_deadline (run);
  g_clear_handle_id (&run->sweep_source, g_source_remove);
  for (guint i = 0; i < answer->tasks->len; i++)
    {
      Wait *wait = g_task_get_task_data (answer->tasks->pdata[i]);

      disconnect (answer->tasks->pdata[i]);
      if (error == NULL && run->binding->is_sealed && result != NULL)
        wait->unsealed = bfy_refresh_copy_credential (result);
    }
  if (on_turn (answer) == G_SOURCE_CONTINUE)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_turn, answer, answer_free);
  else
    answer_free (answer);
}

void
bfy_refresh_run_finish (BfyRefreshRun *run, GError *error)
{
  g_autoptr (GError) owned = error;

  g_clear_pointer (&run->lock, bfy_safe_lock_free);
  if (run->entry != NULL && run->entry->run == run)
    run->entry->run = NULL;
  if (!run->self->is_over)
    {
      bfy_refresh_arm_rewrite (run);
      bfy_agent_forget_if_locked (run->self->agent);
    }
  bfy_refresh_run_answer (run, owned);
}

void
bfy_refresh_run_abandon (BfyRefreshRun *run)
{
  g_autoptr (GError) error = bfy_refresh_new_ending_error ();

  g_clear_handle_id (&run->poll_source, g_source_remove);
  g_cancellable_cancel (run->cancellable);
  run->entry = NULL;
  bfy_refresh_run_answer (run, error);
}
