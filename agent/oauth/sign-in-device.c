/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The person confirms a short code in a browser anywhere (RFC 8628; behaviour 17.11); we ask until
 * that has happened. */

#include "agent/oauth/fetch.h"
#include "agent/oauth/sign-in-private.h"
#include "agent/oauth/token-endpoint.h"
#include "protocol/device-answer.h"
#include "protocol/token-request.h"

#define SLOW_DOWN_S 5     /* RFC 8628, 3.5 */
#define INTERVAL_MAX_S 60 /* however often the server says slow_down */
#define DEADLINE_MAX_S (15 * 60)

static void poll_later (GTask *task);

static void
fail_expired (GTask *task)
{
  bfy_sign_in_fail (task, g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                                               "Nobody confirmed the code in time; nothing was "
                                               "stored. Begin again for a new one"));
}

/* A server that cannot answer, or is out of reach, is asked less often, as if it had said so. */
gint64
bfy_sign_in_next_interval_s (const BfyTokenAnswer *answer, gint64 interval_s)
{
  if (answer->outcome == BFY_TOKEN_TRANSIENT || g_strcmp0 (answer->error, "slow_down") == 0)
    interval_s += SLOW_DOWN_S;

  return MIN (MAX (interval_s, answer->retry_after_s), INTERVAL_MAX_S);
}

static void
on_polled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyTokenAnswer) answer = bfy_token_finish (result, &error);

  if (answer == NULL)
    {
      bfy_sign_in_fail (task, error);
      return;
    }
  /* As long as the code lives. */
  if (answer->outcome != BFY_TOKEN_PENDING && answer->outcome != BFY_TOKEN_TRANSIENT)
    {
      bfy_sign_in_tell (self, bfy_sign_in_step_new ("exchanging"));
      bfy_sign_in_take_answer (task, g_steal_pointer (&answer));
      return;
    }

  self->interval_s = bfy_sign_in_next_interval_s (answer, self->interval_s);
  poll_later (task);
}

static void
stop_timer (BfySignIn *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static gboolean
on_interval (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  BfySignIn *self = g_task_get_task_data (task);

  stop_timer (self);
  if (g_cancellable_is_cancelled (self->stop))
    bfy_sign_in_fail (
        task, g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "The sign-in was cancelled"));
  else if (g_get_monotonic_time () >= self->deadline_us)
    fail_expired (task);
  else
    bfy_token_device_async (self->agent, self->binding, self->source, self->device_code, self->stop,
                            on_polled, g_object_ref (task));

  return G_SOURCE_REMOVE;
}

/* The timer ends early when the sign-in is stopped; it holds the task meanwhile. */
static void
poll_later (GTask *task)
{
  BfySignIn *self = g_task_get_task_data (task);
  GSource *stop = g_cancellable_source_new (self->stop);

  self->timer = g_timeout_source_new ((guint) self->interval_s * 1000);
  g_source_set_callback (self->timer, on_interval, g_object_ref (task), g_object_unref);
  g_source_set_dummy_callback (stop);
  g_source_add_child_source (self->timer, stop);
  g_source_unref (stop);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
tell_code (BfySignIn *self, const BfyDeviceAnswer *answer)
{
  JsonObject *step = bfy_sign_in_step_new ("device");

  json_object_set_string_member (step, "user_code", answer->user_code);
  json_object_set_string_member (step, "verification_uri", answer->verification_uri);
  bfy_sign_in_set_text (step, "verification_uri_complete", answer->verification_uri_complete);
  json_object_set_int_member (step, "expires_in", MIN (answer->expires_in_s, DEADLINE_MAX_S));
  bfy_sign_in_tell (self, step);
}

static void
on_code (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyFetchAnswer) fetched = bfy_fetch_finish (result, &error);
  g_autoptr (BfyDeviceAnswer) answer = NULL;

  if (fetched != NULL)
    answer = bfy_device_answer_parse (fetched->status, fetched->content_type, fetched->body,
                                      self->binding->allow_local, &error);
  if (answer == NULL)
    {
      bfy_sign_in_fail (task, error);
      return;
    }

  g_clear_pointer (&self->device_code, bfy_secret_unref);
  self->device_code = bfy_secret_ref (answer->device_code);
  self->interval_s = answer->interval_s;
  self->deadline_us =
      g_get_monotonic_time () + MIN (answer->expires_in_s, DEADLINE_MAX_S) * G_USEC_PER_SEC;
  tell_code (self, answer);
  poll_later (task);
}

void
bfy_sign_in_begin_device (GTask *task)
{
  BfySignIn *self = g_task_get_task_data (task);
  g_autoptr (BfySecret) body = bfy_token_request_for_device_code (self->source);
  g_autoptr (BfySecret) authorization = bfy_token_request_authorization (self->source->client);
  const BfyFetch fetch = {
    .method = "POST",
    .url = self->discovery->server->device_url,
    .accept = "application/json",
    .content_type = "application/x-www-form-urlencoded",
    .body = body,
    .authorization = authorization,
    .binding = self->binding,
    .allow_local = self->source->allow_local,
  };

  bfy_fetch_async (self->agent, &fetch, self->stop, on_code, g_object_ref (task));
}
