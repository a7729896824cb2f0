/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* How all sections of a policy document are refused: BFY_ERROR_INVALID_ARGUMENT, "Not a policy:
 * line N: problem". Both return FALSE. @document: the whole text; @where lies in it. */
gboolean bfy_policy_refuse (const char *document,
                            const BfyJsonSlice *where,
                            GError **error,
                            const char *problem);
/* A member that is not known, shown as one short line. */
gboolean bfy_policy_refuse_unknown (const char *document, const BfyJsonSlice *key, GError **error);
