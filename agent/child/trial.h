/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/children.h"

/* Trials of local commands before they become bindings. */

#define BFY_TRIAL_MS 90000 /* a first start may have to download something */

/* Tries whether a program could be started as @program wants it, with a command that does nothing:
 * BFY_ERROR_UNSUPPORTED says what is missing. */
void bfy_trial_check_sandbox_async (BfyChildren *children,
                                    const BfyProgram *program,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean bfy_trial_check_sandbox_finish (GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a server has said about itself, fit for display. */
typedef struct
{
  char *name;     /* (owned) (nullable) */
  char *version;  /* (owned) (nullable) */
  gint64 n_tools; /* -1: it does not tell */
} BfyTrialResult;

void bfy_trial_result_free (BfyTrialResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTrialResult, bfy_trial_result_free)

/* Starts the program of @binding, which is not recorded yet, asks it who it is, and ends it.
 * @secret may be NULL. Its home stays, for its next start, unless the trial fails: what a failed
 * one leaves is removed. BFY_ERROR_UPSTREAM_FAILED with the last that it wrote to its standard
 * error; BFY_ERROR_UPSTREAM_TIMEOUT. */
void bfy_trial_async (BfyChildren *children,
                      BfyBinding *binding,
                      const BfySecret *secret,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
BfyTrialResult *bfy_trial_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
