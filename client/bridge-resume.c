/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-post.h"

gboolean
bridge_resume_is_possible (const BridgePost *post)
{
  /* A refusal of the GET is the server's last word. */
  gboolean is_refused = post->is_resumed && post->status >= 400 && post->status < 500;

  return !post->is_modern && !post->is_cancelled && post->ids->len > 0 &&
         post->last_event_id != NULL && post->n_resumes < BRIDGE_RETRIES_MAX && !is_refused;
}

static gboolean
on_timeout (gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;
  g_autoptr (SoupMessage) message = NULL;

  post->timer_id = 0;
  if (post->is_cancelled || post->ids->len == 0)
    {
      bridge_post_finish (post, NULL);
      return G_SOURCE_REMOVE;
    }

  message = bfy_transfer_new_get (self->remote, self->binding);
  bridge_add_session_headers (self, message);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Last-Event-ID",
                                post->last_event_id);
  post->is_resumed = TRUE;
  bridge_post_take_transfer (post, message);
  return G_SOURCE_REMOVE;
}

void
bridge_resume_later (BridgePost *post)
{
  guint delay_ms = bridge_retry_delay_ms (post->retry_ms, post->n_resumes++);

  post->timer_id = g_timeout_add (delay_ms, on_timeout, post);
}
