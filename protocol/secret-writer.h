/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* Builds a secret out of pieces without a growing buffer, because a buffer that grows leaves copies
 * behind. The fill function runs twice: once to measure, once to write into the finished secret. */
typedef struct
{
  guint8 *bytes; /* NULL while measuring */
  gsize length;  /* so far */
} BfySecretWriter;

/* Must append the same bytes each time it is called with the same @data. */
typedef void (*BfySecretFill) (BfySecretWriter *writer, gconstpointer data);

BfySecret *bfy_secret_build (BfySecretFill fill, gconstpointer data);

void bfy_secret_writer_append (BfySecretWriter *writer, gconstpointer bytes, gsize length);
void bfy_secret_writer_append_text (BfySecretWriter *writer, const char *text);
void bfy_secret_writer_append_byte (BfySecretWriter *writer, guint8 byte);
void bfy_secret_writer_append_secret (BfySecretWriter *writer, const BfySecret *secret);

/* What stands between the quotes of a JSON string; the bytes are UTF-8. */
void bfy_secret_writer_append_json (BfySecretWriter *writer, gconstpointer bytes, gsize length);
/* Of RFC 4648: with padding, and for URLs without. */
void bfy_secret_writer_append_base64 (BfySecretWriter *writer, gconstpointer bytes, gsize length);
void
bfy_secret_writer_append_base64url (BfySecretWriter *writer, gconstpointer bytes, gsize length);
/* A name or value of application/x-www-form-urlencoded (RFC 6749, appendix B). */
void bfy_secret_writer_append_form (BfySecretWriter *writer, gconstpointer bytes, gsize length);
