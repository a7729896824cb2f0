/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"

/* Answers of the agent that a command reads as they come (bfy_remote_send_async()). */

/* At most @length bytes; none: the end. (transfer full) */
GBytes *bfy_answer_read (BfyCli *cli, GInputStream *stream, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The answer is a refusal, of the agent or of a person: always FALSE, with what it says. Sets its
 * hint, or what is known for its kind. @name: of the binding. */
gboolean bfy_answer_refuse (
    BfyCli *cli, const char *name, SoupMessage *message, GInputStream *stream, GError **error);
