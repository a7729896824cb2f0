/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-post.h"

#include "client/bridge-reply.h"
#include "client/mcp-headers.h"

static gboolean
has_id (const BridgePost *post, const char *id, guint *index)
{
  return g_ptr_array_find_with_equal_func (post->ids, id, g_str_equal, index);
}

gboolean
bridge_post_is_awaited (const BridgePost *post)
{
  return !post->is_listen && !post->is_cancelled && (post->is_oneway || post->ids->len > 0);
}

void
bridge_post_set_held (BridgePost *post, gboolean is_held)
{
  if (post->transfer != NULL)
    bfy_transfer_set_held (post->transfer, is_held);
}

void
bridge_post_free (BridgePost *post)
{
  Bridge *self = post->bridge;

  if (self->barrier == post)
    self->barrier = NULL;
  self->n_post_bytes -= post->n_bytes;
  g_clear_handle_id (&post->timer_id, g_source_remove);
  if (post->transfer != NULL)
    bfy_transfer_cancel (post->transfer);
  g_clear_pointer (&post->transfer, bfy_transfer_unref);
  g_clear_pointer (&post->errand, bridge_errand_free);
  if (self->sse != NULL)
    bridge_sse_forget (self->sse, post);
  g_clear_pointer (&post->refusal, g_bytes_unref);
  g_bytes_unref (post->line);
  g_ptr_array_unref (post->ids);
  g_free (post->tool);
  g_free (post->session_id);
  g_free (post->last_event_id);
  g_free (post);
}

void
bridge_post_forget (BridgePost *post)
{
  Bridge *self = post->bridge;

  g_ptr_array_remove_fast (self->posts, post);
  bridge_post_done (self);
}

/* Everything this post was to bring has come; a stream may go on with notifications. */
static void
complete (BridgePost *post)
{
  Bridge *self = post->bridge;

  if (post->transfer == NULL)
    {
      bridge_post_forget (post);
      return;
    }
  if (self->barrier == post)
    self->barrier = NULL;
  bridge_post_done (self);
}

void
bridge_post_settle (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);
      guint index;

      if (!has_id (post, id, &index))
        continue;

      g_ptr_array_remove_index_fast (post->ids, index);
      if (post->ids->len == 0)
        complete (post);
      return;
    }
}

gboolean
bridge_post_abort (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->is_modern && has_id (post, id, NULL))
        {
          bridge_post_forget (post);
          return TRUE;
        }
    }

  return FALSE;
}

void
bridge_post_set_cancelled (Bridge *self, const char *id)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->ids->len == 1 && has_id (post, id, NULL))
        post->is_cancelled = TRUE;
    }
}

void
bridge_posts_take_session (Bridge *self, gboolean has_session)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->needs_session)
        g_ptr_array_add (waiting, post);
    }

  for (guint i = 0; i < waiting->len; i++)
    {
      BridgePost *post = g_ptr_array_index (waiting, i);

      /* What answers the old session's questions means nothing to the new one. */
      if (has_session && !post->is_response && !post->is_cancelled)
        bridge_post_send_again (post);
      else
        bridge_post_finish (post, NULL);
    }
}

static BridgePost *
find_accepted (Bridge *self)
{
  for (guint i = 0; i < self->posts->len; i++)
    {
      BridgePost *post = g_ptr_array_index (self->posts, i);

      if (post->transfer == NULL)
        return post;
    }

  return NULL;
}

void
bridge_posts_fail_accepted (Bridge *self, const GError *error)
{
  BridgePost *post;

  while ((post = find_accepted (self)) != NULL)
    bridge_post_finish (post, error);
}
