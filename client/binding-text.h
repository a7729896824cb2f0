/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/program.h"

/* What a person reads about the state of a binding, from the agent's description of it. Pure; text
 * is not yet safe for a terminal. */

/* "ok", "expires in 2 h", "expired: bindify login NAME", "needs login: bindify login NAME", … A
 * token that the agent renews by itself is "ok" however soon it ends. Free with g_free(). */
char *bfy_binding_text_state (JsonObject *binding, gint64 now_s);
/* When its token ends and what happens then; "" when there is nothing to say. Free with g_free().
 */
char *bfy_binding_text_expiry (JsonObject *binding, gint64 now_s);
/* How long, where and by whom it may be used: "ends in 7 h, asks each time, only tool list_*"; ""
 * when nothing is said. Free with g_free(). */
char *bfy_binding_text_conditions (JsonObject *binding, gint64 now_s);
/* Its policy: a named one, or "own". */
const char *bfy_binding_text_policy (JsonObject *binding);
/* How a credential goes into requests: "header Authorization: Bearer …"; "" when it does not, or
 * for NULL. Free with g_free(). */
char *bfy_binding_text_injection (JsonObject *injection);
/* The state of a keyring, of a vault or the like in words; what is not known stays as it is. */
const char *bfy_keyring_state_text (const char *wire);
/* The local command; NULL for a remote one. */
BfyProgram *bfy_binding_text_read_program (JsonObject *binding);
