/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/secret.h"

/* The protocol of docker-credential-helpers: the address of a registry in, JSON out. Pure. */
#define BFY_DOCKER_REQUEST_BYTES_MAX (4 * 1024)

/* Docker knows these by their text; they are the same in every language. */
#define BFY_DOCKER_NOT_FOUND_TEXT "credentials not found in native keychain"
#define BFY_DOCKER_NOT_IMPLEMENTED_TEXT "not implemented"

/* "https://ghcr.io/", "ghcr.io", "https://index.docker.io/v1/": the host as it was meant,
 * normalized (protocol/reveal.h). NULL for anything else, plain http among it. Free with g_free().
 */
char *bfy_docker_parse_server (const char *text, gsize length);
/* {"ServerURL":…,"Username":…,"Secret":…}, @server being what was asked, trimmed. */
BfySecret *
bfy_docker_format_answer (const char *server, const char *username, const BfySecret *secret);
