/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/credential/docker.h"

#include <string.h>

#include "protocol/reveal.h"
#include "protocol/secret-writer.h"

#define HTTPS "https://"

char *
bfy_docker_parse_server (const char *text, gsize length)
{
  g_autofree char *server = NULL;
  char *host;

  if (length == 0 || length > BFY_DOCKER_REQUEST_BYTES_MAX || memchr (text, '\0', length) != NULL)
    return NULL;
  server = g_strstrip (g_strndup (text, length));
  host = server;
  if (g_ascii_strncasecmp (host, HTTPS, strlen (HTTPS)) == 0)
    host += strlen (HTTPS);
  else if (strstr (host, "://") != NULL)
    return NULL;
  host[strcspn (host, "/")] = '\0';

  return bfy_reveal_normalize_host (host);
}

typedef struct
{
  const char *server;
  const char *username;
  const BfySecret *secret;
} Answer;

static void
fill_answer (BfySecretWriter *writer, gconstpointer data)
{
  const Answer *answer = data;

  bfy_secret_writer_append_text (writer, "{\"ServerURL\":\"");
  bfy_secret_writer_append_json (writer, answer->server, strlen (answer->server));
  bfy_secret_writer_append_text (writer, "\",\"Username\":\"");
  bfy_secret_writer_append_json (writer, answer->username, strlen (answer->username));
  bfy_secret_writer_append_text (writer, "\",\"Secret\":\"");
  bfy_secret_writer_append_json (writer, bfy_secret_peek_text (answer->secret),
                                 bfy_secret_length (answer->secret));
  bfy_secret_writer_append_text (writer, "\"}\n");
}

BfySecret *
bfy_docker_format_answer (const char *server, const char *username, const BfySecret *secret)
{
  const Answer answer = { server, username, secret };

  return bfy_secret_build (fill_answer, &answer);
}
