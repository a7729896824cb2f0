/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/trial.h"

#include "agent/child/child.h"
#include "agent/child/interview.h"
#include "agent/child/secret-file.h"
#include "protocol/name.h"

#define TAIL_LINES 3
#define TAIL_CHARACTERS_MAX 400
#define NAME_CHARACTERS_MAX 80

typedef struct
{
  BfyChildren *children;   /* borrowed */
  BfyBinding *binding;     /* (owned) */
  BfySecret *secret;       /* (owned) (nullable) */
  BfyTail *tail;           /* (owned) */
  BfyInterview *interview; /* (owned) */
  BfySecretFile *file;     /* (owned) (nullable) */
  BfyChild *child;         /* (owned) (nullable) */
  GSource *timer;          /* (owned) (nullable) */
  gulong cancelled_id;
  gulong locked_id;
} Trial;

static void
trial_free (gpointer data)
{
  Trial *trial = data;

  bfy_child_free (trial->child);
  bfy_secret_file_free (trial->file);
  bfy_interview_free (trial->interview);
  bfy_tail_free (trial->tail);
  g_clear_pointer (&trial->secret, bfy_secret_unref);
  bfy_binding_unref (trial->binding);
  g_free (trial);
}

void
bfy_trial_result_free (BfyTrialResult *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->version);
  g_free (self);
}

static Trial *
trial_new (BfyChildren *children, BfyBinding *binding, const BfySecret *secret)
{
  Trial *trial = g_new0 (Trial, 1);

  trial->children = children;
  trial->binding = bfy_binding_ref (binding);
  trial->secret = secret != NULL ? bfy_secret_ref ((BfySecret *) secret) : NULL;
  trial->tail = bfy_tail_new ();
  trial->interview = bfy_interview_new ();

  return trial;
}

/* Everything that could call us again. The server goes on its own way out. */
static void
stop (GTask *task)
{
  Trial *trial = g_task_get_task_data (task);

  if (trial->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), trial->cancelled_id);
  trial->cancelled_id = 0;
  if (trial->locked_id != 0)
    g_signal_handler_disconnect (bfy_children_get_agent (trial->children)->credentials,
                                 trial->locked_id);
  trial->locked_id = 0;
  if (trial->timer != NULL)
    g_source_destroy (trial->timer);
  g_clear_pointer (&trial->timer, g_source_unref);
  g_clear_pointer (&trial->child, bfy_child_free);
}

/* What the server wrote last, on one line. */
static char *
last_words (Trial *trial)
{
  g_autoptr (JsonArray) lines = bfy_tail_to_json (trial->tail);
  guint n = json_array_get_length (lines);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = n > TAIL_LINES ? n - TAIL_LINES : 0; i < n; i++)
    {
      const char *line =
          json_object_get_string_member (json_array_get_object_element (lines, i), "text");

      if (!g_str_has_prefix (line, "(bindify: "))
        g_string_append_printf (text, "%s%s", text->len > 0 ? " / " : "", line);
    }

  return bfy_text_to_line (text->str, TAIL_CHARACTERS_MAX);
}

/* Gives up the reference to @task that the run has. */
static void
fail (GTask *task, BfyErrorCode code, const char *reason)
{
  Trial *trial = g_task_get_task_data (task);
  g_autofree char *words = last_words (trial);

  stop (task);
  bfy_children_remove_home (trial->children, trial->binding->id);
  g_task_return_new_error (task, BFY_ERROR, (int) code, "The program %s%s%s%s. Nothing was stored",
                           reason, *words != '\0' ? "; it said: “" : "", words,
                           *words != '\0' ? "”" : "");
  g_object_unref (task);
}

static char *
show (const char *text)
{
  return text != NULL ? bfy_text_to_line (text, NAME_CHARACTERS_MAX) : NULL;
}

static void
succeed (GTask *task)
{
  Trial *trial = g_task_get_task_data (task);
  BfyTrialResult *result = g_new0 (BfyTrialResult, 1);

  result->name = show (bfy_interview_get_name (trial->interview));
  result->version = show (bfy_interview_get_version (trial->interview));
  result->n_tools = bfy_interview_n_tools (trial->interview);
  stop (task);
  g_task_return_pointer (task, result, (GDestroyNotify) bfy_trial_result_free);
  g_object_unref (task);
}

static void
on_line (BfyChild *child, const char *line, gsize length, gpointer user_data)
{
  GTask *task = user_data;
  Trial *trial = g_task_get_task_data (task);
  g_autoptr (GPtrArray) replies = g_ptr_array_new ();
  BfyInterviewState state = bfy_interview_take (trial->interview, line, length, replies);

  for (guint i = 0; i < replies->len; i++)
    bfy_child_send (trial->child, g_ptr_array_index (replies, i));
  switch (state)
    {
    case BFY_INTERVIEW_GOES_ON:
      break;
    case BFY_INTERVIEW_DONE:
      succeed (task);
      break;
    case BFY_INTERVIEW_FAILED:
      fail (task, BFY_ERROR_UPSTREAM_FAILED, "answers neither initialize nor server/discover");
      break;
    }
}

static void
on_ended (BfyChild *child, const char *reason, gpointer user_data)
{
  fail (user_data, BFY_ERROR_UPSTREAM_FAILED, reason);
}

static gboolean
on_late (gpointer user_data)
{
  fail (user_data, BFY_ERROR_UPSTREAM_TIMEOUT, "did not answer in time");

  return G_SOURCE_REMOVE;
}

/* It holds a secret as long as it runs. */
static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  fail (user_data, BFY_ERROR_LOCKED, "was ended, because the agent was locked");
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  Trial *trial = g_task_get_task_data (task);

  stop (task);
  bfy_children_remove_home (trial->children, trial->binding->id);
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
}

/* FALSE with @error. From then on the task is held by what will end the run. */
static gboolean
start (GTask *task, GError **error)
{
  static const BfyChildEvents events = { on_line, on_ended };
  Trial *trial = g_task_get_task_data (task);
  BfyProgram *program = trial->binding->program;
  BfyAgent *agent = bfy_children_get_agent (trial->children);
  BfyLimits limits = bfy_agent_limits (agent, trial->binding);
  BfyPlace place;
  BfyChildSetup setup;

  if (!bfy_credentials_check_unlocked (agent->credentials, error) ||
      !bfy_children_fill_place (trial->children, trial->binding, &place, error))
    return FALSE;
  if (program->delivery == BFY_DELIVER_FILE)
    {
      trial->file = bfy_secret_file_new (bfy_children_get_secret_base (trial->children),
                                         trial->secret, error);
      if (trial->file == NULL)
        return FALSE;
      place.secret_dir = bfy_secret_file_get_dir (trial->file);
    }
  setup = (BfyChildSetup){ program, &place, trial->secret, (gsize) limits.response_bytes_max,
                           trial->tail };
  trial->child = bfy_child_start (&setup, &events, task, error);

  return trial->child != NULL;
}

static void
run (GTask *task)
{
  Trial *trial = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!start (task, &error))
    {
      bfy_children_remove_home (trial->children, trial->binding->id);
      g_task_return_error (task, error);
      return;
    }

  g_object_ref (task);
  if (cancellable != NULL)
    trial->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), task);
  trial->locked_id = g_signal_connect (bfy_children_get_agent (trial->children)->credentials,
                                       "locked", G_CALLBACK (on_locked), task);
  trial->timer = g_timeout_source_new (BFY_TRIAL_MS);
  g_source_set_callback (trial->timer, on_late, task, NULL);
  g_source_attach (trial->timer, g_main_context_get_thread_default ());
  bfy_child_send (trial->child, bfy_interview_begin (trial->interview));
}

static void
on_sandbox_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_trial_check_sandbox_finish (result, &error))
    run (task);
  else
    g_task_return_error (task, error);
}

void
bfy_trial_async (BfyChildren *children,
                 BfyBinding *binding,
                 const BfySecret *secret,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, bfy_trial_async);
  g_task_set_task_data (task, trial_new (children, binding, secret), trial_free);
  bfy_trial_check_sandbox_async (children, binding->program, on_sandbox_checked,
                                 g_object_ref (task));
}

BfyTrialResult *
bfy_trial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
