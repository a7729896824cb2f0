/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/answer.h"

#include "protocol/error.h"

#define REFUSAL_BYTES_MAX (64 * 1024)

GBytes *
bfy_answer_read (BfyCli *cli, GInputStream *stream, gsize length, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) cause = NULL;
  GBytes *bytes;

  g_input_stream_read_bytes_async (stream, length, G_PRIORITY_DEFAULT, cli->cancellable,
                                   bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  bytes = g_input_stream_read_bytes_finish (stream, result, &cause);
  if (bytes == NULL)
    g_propagate_error (error, bfy_remote_error_from_io (cli->remote, cause));

  return bytes;
}

gboolean
bfy_answer_refuse (
    BfyCli *cli, const char *name, SoupMessage *message, GInputStream *stream, GError **error)
{
  g_autoptr (GBytes) body = bfy_answer_read (cli, stream, REFUSAL_BYTES_MAX, error);
  g_autofree char *hint = NULL;
  GError *refusal;
  gsize length;
  const char *text;

  if (body == NULL)
    return FALSE;
  text = g_bytes_get_data (body, &length);
  refusal = bfy_remote_error_from_body (soup_message_get_status (message), text, length, &hint);
  if (hint == NULL)
    hint = bfy_error_format_hint (bfy_error_code (refusal), name);
  if (hint != NULL)
    bfy_cli_set_hint (cli, "%s", hint);
  g_propagate_error (error, refusal);

  return FALSE;
}
