/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/secret-stdin.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

/* Reads up to @size bytes; -1 on error. */
static gssize
read_stdin (BfyCli *cli, guint8 *data, gsize size, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GAsyncResult) result = NULL;
  gsize length = 0;

  g_input_stream_read_all_async (stream, data, size, G_PRIORITY_DEFAULT, cli->cancellable,
                                 bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  if (!g_input_stream_read_all_finish (stream, result, &length, error))
    return -1;

  return (gssize) length;
}

BfySecret *
bfy_secret_read_stdin (BfyCli *cli, const char *option, const char *noun, GError **error)
{
  guint8 *data = NULL;
  g_autoptr (BfySecret) buffer = NULL;
  gssize length;

  if (isatty (STDIN_FILENO))
    {
      bfy_cli_set_hint (cli, _ ("the same without %s, to type it unseen"), option);
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   _ ("%s is for pipes and files, not for a terminal"), option);
      return NULL;
    }

  buffer = bfy_secret_new_blank (BFY_SECRET_BYTES_MAX, &data);
  length = read_stdin (cli, data, BFY_SECRET_BYTES_MAX, error);
  if (length < 0)
    return NULL;
  if (length == BFY_SECRET_BYTES_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE,
                   /* Translators: %s is "token", "passphrase", "client key" or "client secret". */
                   _ ("What came on stdin is longer than any %s (%d bytes)"), _ (noun),
                   BFY_SECRET_BYTES_MAX);
      return NULL;
    }

  while (length > 0 && (data[length - 1] == '\n' || data[length - 1] == '\r'))
    length--;
  if (length == 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED,
                           _ ("Nothing came on stdin: nothing was stored"));
      return NULL;
    }

  return bfy_secret_new (data, (gsize) length);
}
