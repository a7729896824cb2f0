/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Whether /run/user/UID is there and ours: where the agent’s socket is looked for without
 * XDG_RUNTIME_DIR. */
gboolean bfy_run_user_is_ours (void);
