/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/browser.h"

/* The steps of a sign-in as the agent reports them (SignInStep of protocol/openapi.yaml), and what
 * a person reads of each. Pure. */
typedef enum
{
  BFY_STEP_DISCOVERED,
  BFY_STEP_AUTHORIZE,
  BFY_STEP_DEVICE,
  BFY_STEP_EXCHANGING,
  BFY_STEP_STORING,
  BFY_STEP_DONE,
  BFY_STEP_FAILED,
  BFY_STEP_UNKNOWN, /* of a newer agent: passed over */
} BfySignInStep;

BfySignInStep bfy_sign_in_step (JsonObject *step);

typedef struct
{
  BfyBrowserPlace place;
  gboolean allow_local;
  gboolean is_quiet;          /* then only what the person needs to go on */
  const char *device_command; /* "bindify-add linear --device" */
} BfySignInView;

/* Whether a person may be sent to the addresses in @step: those of BFY_STEP_AUTHORIZE and
 * BFY_STEP_DEVICE, BFY_URL_OPEN for others. */
BfyUrlVerdict bfy_sign_in_judge (JsonObject *step, const BfySignInView *view);
/* Whether the address in @step is opened for the person; else they do it themselves. */
gboolean bfy_sign_in_may_open (JsonObject *step, const BfySignInView *view);
/* Whole lines, "" for none; only for a step that was not refused. Free with g_free(). */
char *bfy_sign_in_describe (JsonObject *step, const BfySignInView *view);
