/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/commands/commands.h"
#include "protocol/policy.h"

/* What the commands of `bindify policy` share, and those that have a file of their own. */

/* A request to /v1/bindings/NAME/policy and @rest (nullable), for a name that can be a binding's;
 * @body (nullable) is JSON. */
JsonObject *bfy_policy_call (BfyCli *cli,
                             const char *method,
                             const char *name,
                             const char *rest,
                             GBytes *body,
                             GError **error);
/* A policy document from a file, or from stdin for "-". */
GBytes *bfy_policy_read_file (BfyCli *cli, const char *file, GError **error);
/* The reply of GET, whose "policy" has been understood; @policy is (nullable) (out). */
JsonObject *bfy_policy_fetch (BfyCli *cli, const char *name, BfyPolicy **policy, GError **error);

gboolean bfy_policy_set (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_policy_test (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_policy_explain (BfyCli *cli, GStrv words, GError **error);
gboolean bfy_policy_learn (BfyCli *cli, GStrv words, GError **error);
