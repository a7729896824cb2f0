/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/board.h"
#include "tray/agent-link.h"

/* Sends the answer that @order stands for; before it, where the agent wants that of a yes, the
 * passphrase for answers. @passphrase: (nullable) what was typed; deriving the key from it takes
 * about a tenth of a second, in which nothing else happens. Finish with bfy_answer_send_finish().
 */
void bfy_answer_send_async (BfyAgentLink *link,
                            const BfyBoardOrder *order,
                            const BfySecret *passphrase,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* The agent’s own errors. That it has worked is told by the agent, as the end of the question. */
gboolean bfy_answer_send_finish (BfyAgentLink *link,
                                 GAsyncResult *result,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
