/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* What a browser brings back to the redirect listener of a sign-in (RFC 6749, 4.1.2; RFC 8252, 7.3;
 * RFC 9207), and what it is worth. The request comes from a browser that any web page can send
 * here, so only what carries the state of this sign-in counts. Pure. */

#define BFY_CALLBACK_PATH "/callback"
#define BFY_CALLBACK_STATE_BYTES 32 /* random, before base64url */

/* Of one HTTP request whose head has been checked; all but the first two may be NULL. */
typedef struct
{
  const char *method;
  const char *target; /* path and query, as they came */
  const char *host;
  const char *origin;
  const char *fetch_mode; /* Sec-Fetch-Mode */
} BfyCallbackRequest;

/* What this sign-in waits for. */
typedef struct
{
  guint16 port;     /* of the listener */
  BfySecret *state; /* text */
  const char *issuer;
  gboolean sends_iss; /* the server announces `iss` (RFC 9207) */
} BfyCallbackExpected;

typedef enum
{
  /* Not the answer: the sign-in goes on waiting for it. */
  BFY_CALLBACK_FOREIGN,    /* for another host, or asked for by a web page */
  BFY_CALLBACK_ELSEWHERE,  /* another path: an icon, a second tab */
  BFY_CALLBACK_BAD_METHOD, /* not a GET */
  BFY_CALLBACK_MALFORMED,  /* parameters that cannot be read, or stand twice */
  BFY_CALLBACK_BAD_STATE,  /* missing, or not ours */

  /* The answer. Whatever it says, the state is used up. */
  BFY_CALLBACK_BAD_ISSUER, /* from another server than the one that was asked (mcp.md B.1.9) */
  BFY_CALLBACK_NO_CODE,
  BFY_CALLBACK_DENIED,  /* the person said no */
  BFY_CALLBACK_REFUSED, /* the server did */
  BFY_CALLBACK_CODE,
} BfyCallbackVerdict;

/* Whether the state is used up. */
gboolean bfy_callback_is_answer (BfyCallbackVerdict verdict);
/* @code: set, to a new reference, with BFY_CALLBACK_CODE only. @reason: with BFY_CALLBACK_REFUSED,
 * the end of a sentence of ours, "… refused the sign-in: ", static. Both are NULL otherwise.
 * Nothing of the request is quoted anywhere. */
BfyCallbackVerdict bfy_callback_judge (const BfyCallbackRequest *request,
                                       const BfyCallbackExpected *expected,
                                       BfySecret **code,
                                       const char **reason);
