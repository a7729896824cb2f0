/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/credential/aws.h"

#include <string.h>

#include "protocol/secret-writer.h"
#include "protocol/sigv4.h"
#include "protocol/timestamp.h"

typedef struct
{
  const char *access_key_id;
  const BfySecret *key;
  const BfySecret *token; /* (nullable) */
  const char *end;        /* (nullable) */
} Answer;

static void
append_member (BfySecretWriter *writer, const char *name, const char *value, gsize length)
{
  bfy_secret_writer_append_text (writer, ",\"");
  bfy_secret_writer_append_text (writer, name);
  bfy_secret_writer_append_text (writer, "\":\"");
  bfy_secret_writer_append_json (writer, value, length);
  bfy_secret_writer_append_text (writer, "\"");
}

static void
append_secret (BfySecretWriter *writer, const char *name, const BfySecret *secret)
{
  if (secret != NULL)
    append_member (writer, name, bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

static void
fill_answer (BfySecretWriter *writer, gconstpointer data)
{
  const Answer *answer = data;

  bfy_secret_writer_append_text (writer, "{\"Version\":1");
  append_member (writer, "AccessKeyId", answer->access_key_id, strlen (answer->access_key_id));
  append_secret (writer, "SecretAccessKey", answer->key);
  append_secret (writer, "SessionToken", answer->token);
  if (answer->end != NULL)
    append_member (writer, "Expiration", answer->end, strlen (answer->end));
  bfy_secret_writer_append_text (writer, "}\n");
}

BfySecret *
bfy_aws_format_answer (const char *access_key_id, const BfySecret *stored, gint64 expires_at_s)
{
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (BfySecret) token = NULL;
  g_autofree char *end = expires_at_s > 0 ? bfy_time_to_text (expires_at_s) : NULL;

  bfy_sigv4_split_secret (stored, &key, &token);
  {
    const Answer answer = { access_key_id, key, token, end };

    return bfy_secret_build (fill_answer, &answer);
  }
}
