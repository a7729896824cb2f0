/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/keep-alive.h"

#include "agent/enrol/probe.h"
#include "agent/oauth/alive-outcome.h"
#include "agent/oauth/talk.h"

#define TALK_MS 60000    /* all of it */
#define PROGRAM_MS 90000 /* the same with a program, whose first start may take long */
#define GOODBYE_MS 3000  /* for the end of the session */
#define OLD_VERSION "2024-11-05"

typedef struct
{
  BfyAgent *agent;           /* borrowed */
  BfyBinding *binding;       /* (owned) */
  BfyRequest *asked_by;      /* (owned) (nullable) */
  BfyTalk *talk;             /* (owned) */
  GCancellable *probing;     /* (owned) */
  guint probed_status;       /* of the transport of 2024-11-05, or of a REST service; 0: none */
  GCancellable *cancellable; /* (owned) (nullable) */
  gulong cancelled_id;
  GSource *deadline; /* (owned) (nullable) */
  GError *failure;   /* (owned) (nullable) a REST service could not be asked */
  gboolean is_rest_alive;
  gboolean has_timed_out;
  gboolean has_parted; /* what came of it is known */
  gboolean is_over;
  gint64 begun_us;
} KeepAlive;

static void
clear_deadline (KeepAlive *self)
{
  if (self->deadline != NULL)
    g_source_destroy (self->deadline);
  g_clear_pointer (&self->deadline, g_source_unref);
}

static void
keep_alive_free (gpointer user_data)
{
  KeepAlive *self = user_data;

  bfy_talk_free (self->talk);
  g_clear_error (&self->failure);
  g_clear_object (&self->cancellable);
  g_object_unref (self->probing);
  g_clear_pointer (&self->asked_by, bfy_request_unref);
  bfy_binding_unref (self->binding);
  g_free (self);
}

/* Nothing of it goes on. */
static void
end (KeepAlive *self)
{
  self->is_over = TRUE;
  clear_deadline (self);
  if (self->cancellable != NULL)
    g_clear_signal_handler (&self->cancelled_id, self->cancellable);
  g_cancellable_cancel (self->probing);
}

static GError *
new_timeout (const BfyBinding *binding)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                      "The service behind “%s” did not answer in time", binding->name);
}

/* Takes over @task. */
static void
conclude (GTask *task)
{
  KeepAlive *self = g_task_get_task_data (task);
  gboolean is_rest = bfy_binding_has_rest_url (self->binding);
  g_autoptr (GError) timeout = self->has_timed_out ? new_timeout (self->binding) : NULL;
  BfyAliveFacts facts = *bfy_talk_get_facts (self->talk);
  BfyAliveTalk talk = {
    .facts = &facts,
    .refusal = timeout != NULL         ? timeout
               : self->failure != NULL ? self->failure
                                       : bfy_talk_get_refusal (self->talk),
    .server = bfy_talk_get_server (self->talk),
    .version =
        self->probed_status != 0 && !is_rest ? OLD_VERSION : bfy_talk_get_version (self->talk),
    .n_tools = bfy_talk_n_tools (self->talk),
    .duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000,
  };
  GError *error = NULL;
  BfyAlive *alive;

  if (self->probed_status != 0)
    facts.status = self->probed_status;
  facts.is_complete = (facts.is_complete && !self->has_timed_out) ||
                      (is_rest ? self->is_rest_alive : self->probed_status != 0);
  end (self);
  alive = bfy_alive_outcome_take (self->agent, self->binding, self->asked_by, &talk, &error);
  if (alive != NULL)
    g_task_return_pointer (task, alive, (GDestroyNotify) bfy_alive_free);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static gboolean
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  KeepAlive *self = g_task_get_task_data (task);

  self->has_timed_out = !self->has_parted;
  conclude (task);

  return G_SOURCE_REMOVE;
}

static void
set_deadline (GTask *task, guint ms)
{
  KeepAlive *self = g_task_get_task_data (task);

  clear_deadline (self);
  self->deadline = g_timeout_source_new (ms);
  g_source_set_callback (self->deadline, on_deadline, task, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
}

static void
on_parted (BfyTalk *talk, gpointer user_data)
{
  const KeepAlive *self = g_task_get_task_data (user_data);

  if (!self->is_over)
    conclude (user_data);
}

/* The server need not keep the session. */
static void
part (GTask *task)
{
  KeepAlive *self = g_task_get_task_data (task);

  self->has_parted = TRUE;
  set_deadline (task, GOODBYE_MS);
  bfy_talk_part (self->talk, on_parted, task);
}

/* That its stream opens is as much as is asked of a server of 2024-11-05. */
static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  KeepAlive *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  BfyProbeResult answer = { 0 };

  if (bfy_probe_finish (result, &answer, &error) && SOUP_STATUS_IS_SUCCESSFUL (answer.status))
    self->probed_status = answer.status;
  if (!self->is_over)
    conclude (task);
}

static void
try_old (GTask *task)
{
  KeepAlive *self = g_task_get_task_data (task);
  BfyProbe probe;

  bfy_probe_init_mcp (&probe, self->binding, self->binding->injection,
                      bfy_credentials_peek (self->agent->credentials, self->binding));
  bfy_probe_async (self->agent, &probe, self->probing, on_probed, g_object_ref (task));
}

static const BfyServiceProbe *
find_known (const KeepAlive *self)
{
  const BfyService *service =
      self->binding->service != NULL
          ? bfy_services_find (self->agent->services, self->binding->service)
          : NULL;

  return service != NULL ? service->probe : NULL;
}

/* Of what stands at the base of a REST service only a refusal says something. */
static gboolean
is_alive_by (const BfyServiceProbe *known, guint status)
{
  if (known != NULL && known->expect_status != 0)
    return status == known->expect_status;
  if (known != NULL)
    return SOUP_STATUS_IS_SUCCESSFUL (status);

  return status < SOUP_STATUS_INTERNAL_SERVER_ERROR && status != SOUP_STATUS_UNAUTHORIZED &&
         status != SOUP_STATUS_FORBIDDEN;
}

static void
on_rest_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  KeepAlive *self = g_task_get_task_data (task);
  BfyProbeResult answer = { 0 };

  if (bfy_probe_finish (result, &answer, &self->failure))
    {
      self->probed_status = answer.status;
      self->is_rest_alive = is_alive_by (find_known (self), answer.status);
    }
  if (!self->is_over)
    conclude (task);
}

static void
try_rest (GTask *task)
{
  KeepAlive *self = g_task_get_task_data (task);
  const BfyServiceProbe *known = find_known (self);
  BfyProbe probe;

  bfy_probe_init (&probe, self->binding,
                  bfy_credentials_peek (self->agent->credentials, self->binding));
  if (known != NULL)
    bfy_probe_use (&probe, known);
  bfy_probe_async (self->agent, &probe, self->probing, on_rest_probed, g_object_ref (task));
}

static void
on_talked (BfyTalk *talk, gpointer user_data)
{
  GTask *task = user_data;
  const KeepAlive *self = g_task_get_task_data (task);

  if (self->is_over)
    return;
  if (self->binding->url != NULL && bfy_talk_may_be_old (talk))
    try_old (task);
  else
    part (task);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  KeepAlive *self = g_task_get_task_data (task);

  end (self);
  g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits for the answer");
  g_object_unref (task);
}

void
bfy_keep_alive_async (BfyAgent *agent,
                      BfyBinding *binding,
                      BfyRequest *asked_by,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  KeepAlive *self = g_new0 (KeepAlive, 1);

  g_task_set_source_tag (task, bfy_keep_alive_async);
  g_task_set_task_data (task, self, keep_alive_free);
  self->agent = agent;
  self->binding = bfy_binding_ref (binding);
  self->asked_by = asked_by != NULL ? bfy_request_ref (asked_by) : NULL;
  self->talk = bfy_talk_new (agent, binding);
  self->probing = g_cancellable_new ();
  self->begun_us = g_get_monotonic_time ();
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      /* Not g_cancellable_connect(): its handlers must not end what they belong to. */
      self->cancelled_id =
          g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), task);
    }
  set_deadline (task, binding->program != NULL ? PROGRAM_MS : TALK_MS);
  if (bfy_binding_has_rest_url (binding))
    try_rest (task);
  else
    bfy_talk_begin (self->talk, on_talked, task);
}

BfyAlive *
bfy_keep_alive_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
