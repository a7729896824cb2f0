/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* A sign-in from the person's side: the agent does it and reports step by step on one connection,
 * we show the steps and open the browser. Ctrl-C closes the connection, which is how the agent
 * hears that nobody waits any more. */
typedef struct
{
  const char *path; /* of the POST */
  GBytes *body;
  gboolean no_browser;
  gboolean allow_local; /* the sign-in page may be on this machine */
  gboolean is_quiet;
  const char *device_command; /* what to type where no browser reaches us */
  const char *kept;           /* what is as before when it is cancelled: "Nothing was added." */
} BfySignIn;

/* The last step, "done", which has the members of an ordinary answer. NULL with the agent's error,
 * BFY_ERROR_CANCELLED after Ctrl-C, or BFY_ERROR_UPSTREAM_FAILED for an address that no person may
 * be sent to. */
JsonObject *
bfy_sign_in_run (BfyCli *cli, const BfySignIn *sign_in, GError **error) G_GNUC_WARN_UNUSED_RESULT;
