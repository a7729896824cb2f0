/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/remote.h"

/* A sign-in under way: the agent does it and reports step by step on one connection. Closing that
 * is how the agent hears that nobody waits any more, and then nothing is left behind. */
typedef struct _BfySignInRun BfySignInRun;

typedef struct
{
  const char *path; /* of the POST */
  GBytes *body;
  gboolean allow_local; /* the sign-in page may be on this machine */
} BfySignInWish;

typedef struct
{
  /* A step on the way (client/sign-in-text.h), whose addresses were not refused. */
  void (*on_step) (BfySignInRun *run, JsonObject *step, gpointer user_data);
  /* The last call; the run may be freed in it. Either @done, the last step, which has the members
   * of an ordinary answer; or @error, the agent’s own, BFY_ERROR_CANCELLED after
   * bfy_sign_in_run_abort(), or BFY_ERROR_UPSTREAM_FAILED for an address that no person may be
   * sent to. @hint: (nullable) what to type next. */
  void (*on_end) (BfySignInRun *run,
                  JsonObject *done,
                  const GError *error,
                  const char *hint,
                  gpointer user_data);
} BfySignInEvents;

/* No callback comes from within. @events is borrowed as long as it runs. */
BfySignInRun *bfy_sign_in_run_new (BfyRemote *remote,
                                   const BfySignInWish *wish,
                                   const BfySignInEvents *events,
                                   gpointer user_data);
/* Ends it; no callback follows. */
void bfy_sign_in_run_free (BfySignInRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySignInRun, bfy_sign_in_run_free)
/* Ends it, and on_end() comes. */
void bfy_sign_in_run_abort (BfySignInRun *self);
