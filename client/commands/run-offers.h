/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* Asks the agent what programs are to be told of these bindings, for `bindify run`. NULL with the
 * error of the first that cannot be had. (element-type BfyRunOffer) */
GPtrArray *bfy_run_offers_load (BfyCli *cli,
                                const char *const *names,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
