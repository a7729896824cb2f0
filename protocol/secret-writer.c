/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/secret-writer.h"

#include <string.h>

BfySecret *
bfy_secret_build (BfySecretFill fill, gconstpointer data)
{
  BfySecretWriter writer = { NULL, 0 };
  BfySecret *secret;

  fill (&writer, data);
  secret = bfy_secret_new_blank (writer.length, &writer.bytes);
  writer.length = 0;
  fill (&writer, data);

  return secret;
}

void
bfy_secret_writer_append (BfySecretWriter *writer, gconstpointer bytes, gsize length)
{
  if (writer->bytes != NULL && length > 0)
    memcpy (writer->bytes + writer->length, bytes, length);
  writer->length += length;
}

void
bfy_secret_writer_append_text (BfySecretWriter *writer, const char *text)
{
  bfy_secret_writer_append (writer, text, strlen (text));
}

void
bfy_secret_writer_append_byte (BfySecretWriter *writer, guint8 byte)
{
  bfy_secret_writer_append (writer, &byte, 1);
}
