/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/binding.h"

/* A credential that leaves the agent, for programs that insist on having it: git, Docker and the
 * AWS SDKs have each a way to ask another program. What is given away cannot be taken back, so it
 * is given for the binding’s own host only. Pure. */
typedef enum
{
  BFY_REVEAL_GIT,
  BFY_REVEAL_DOCKER,
  BFY_REVEAL_AWS,
  BFY_N_REVEAL_PURPOSES,
} BfyRevealPurpose;

/* "git", "docker", "aws". Static. */
const char *bfy_reveal_purpose_to_wire (BfyRevealPurpose purpose);
gboolean bfy_reveal_purpose_from_wire (const char *wire, BfyRevealPurpose *purpose);

#define BFY_REVEAL_HOST_BYTES_MAX 300

/* "host", "host:port" or "[::1]:port" as bindings are compared: lower case, without the port that
 * https has anyway. NULL for anything else, a path or a user name too. Free with g_free(). */
char *bfy_reveal_normalize_host (const char *host);
/* The same of where a binding leads; NULL when that is not https. */
char *bfy_reveal_host_of_url (const char *url);
/* Whether the credential of a binding to @url (nullable) is right for @host (normalized).
 * @git_host: (nullable) where its service has git. */
gboolean
bfy_reveal_fits (const char *url, const char *git_host, BfyRevealPurpose purpose, const char *host);
/* NULL, or why this binding’s credential is never given away for @purpose, by itself: it was not
 * allowed, or limits would mean nothing any more. Static. */
const char *bfy_reveal_find_obstacle (const BfyBinding *binding, BfyRevealPurpose purpose);
