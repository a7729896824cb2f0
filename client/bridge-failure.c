/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-post.h"
#include "client/bridge-reply.h"

static GString *
new_error_line (const char *id, const GError *error)
{
  BfyErrorCode code = bfy_error_code (error);
  g_autofree char *hint =
      code == BFY_ERROR_NO_AGENT ? bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL) : NULL;
  g_autofree char *text =
      hint != NULL ? g_strdup_printf ("%s. Try: %s", error->message, hint) : NULL;

  return bfy_bridge_reply_error (id, code, text != NULL ? text : error->message);
}

static gboolean
is_session_lost (const BridgePost *post)
{
  return post->status == SOUP_STATUS_NOT_FOUND && post->session_id != NULL && !post->is_modern;
}

GString *
bridge_failure_new_line (const BridgePost *post, const char *id, const GError *error)
{
  g_autofree char *text = NULL;

  if (post->is_listen && post->is_streaming)
    return bfy_bridge_reply_cancelled (id, "The server ended the stream");
  if (error != NULL)
    return new_error_line (id, error);
  if (post->is_discover && post->status >= 400 && post->status < 500)
    return bfy_bridge_reply_not_found_method (id);
  if (is_session_lost (post))
    return bfy_bridge_reply_error (id, BFY_ERROR_SESSION_LOST,
                                   "The server has ended this session; start a new one");
  if (post->status >= 400)
    {
      text = g_strdup_printf ("The server answered with HTTP %u and no message", post->status);
      return bfy_bridge_reply_error (id, BFY_ERROR_UPSTREAM_FAILED, text);
    }

  return bfy_bridge_reply_error (id, BFY_ERROR_UPSTREAM_FAILED,
                                 "The server ended its answer without a response");
}
