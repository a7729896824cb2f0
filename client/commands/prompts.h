/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* `bindify prompts`: the agent's questions to the person. */

gboolean bfy_prompts_allow (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_prompts_deny (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_prompts_dismiss (BfyCli *cli, GStrv words, GError **error);
/* The list that goes on until somebody quits it. */
gboolean bfy_prompts_watch (BfyCli *cli, gboolean from_stdin, GError **error);

/* What is open: the reply of GET /v1/prompts. */
JsonObject *bfy_prompts_fetch (BfyCli *cli, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) (element-type BfyQuestion) those in it that can be answered here. */
GPtrArray *bfy_prompts_read (JsonObject *reply);
/* What this program registers with, after asking for the passphrase for answers if the agent has
 * one. BFY_ERROR_FAILED without a terminal. */
GBytes *bfy_prompts_build_registration (BfyCli *cli,
                                        gboolean from_stdin,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
