/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/reveal.h"

/* Which of the bindings a program means that names no more than a host. Pure; the agent judges
 * again. All borrowed. */
typedef struct
{
  BfyRevealPurpose purpose;
  const char *host;     /* normalized */
  const char *path;     /* (nullable) without the slash in front */
  const char *username; /* (nullable) */
} BfyCredentialWish;

typedef struct
{
  JsonObject *binding; /* as the agent shows it */
  JsonObject *service; /* its record; an empty object when there is none */
} BfyCredentialCandidate;

/* Whether it may be revealed for that at all. */
gboolean bfy_credential_fits (const BfyCredentialCandidate *candidate,
                              const BfyCredentialWish *wish);
/* (element-type BfyCredentialCandidate) The name or account that was asked for decides, then the
 * longest path, then that the binding is the one for git. NULL when none fits, or two equally well
 * (@is_unclear). */
const BfyCredentialCandidate *
bfy_credential_match (GPtrArray *candidates, const BfyCredentialWish *wish, gboolean *is_unclear);
