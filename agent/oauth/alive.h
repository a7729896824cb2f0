/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/oauth/rhythm.h"

/* What a handshake has shown of a service (behaviour 8.4). Pure. */
typedef struct
{
  guint status;         /* HTTP, of the last answer; 0: none */
  gboolean is_complete; /* every question was answered */
  gboolean was_greeted; /* initialize was */
  gboolean has_session; /* that answer brought a session id */
} BfyAliveFacts;

typedef enum
{
  BFY_ALIVE_YES,
  BFY_ALIVE_EXPECTED, /* as much as is to be had of this service; counts as yes */
  BFY_ALIVE_REFUSED,  /* the credential is no good */
  BFY_ALIVE_FAILED,   /* for the moment */
} BfyAliveVerdict;

BfyAliveVerdict bfy_alive_judge (const BfyAliveFacts *facts, const BfyQuirks *quirks);
/* As events name it (behaviour 21.4). */
const char *bfy_alive_verdict_to_wire (BfyAliveVerdict verdict);
