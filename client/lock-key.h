/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/terminal.h"
#include "protocol/kdf.h"

/* Passphrases of the agent itself: the one that opens its lock, and the one that answers to
 * questions need. The agent knows how a key is derived from them and what it looks like; deriving
 * it is done here and takes a moment. */
#define BFY_LOCK_LOG2_N 15 /* of scrypt: 32 MiB */

/* Whether it may become one: not empty, text, on one line. BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_lock_key_check (const BfySecret *passphrase, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Asks for a new one twice, unseen. BFY_ERROR_INVALID_ARGUMENT when there is none or they differ,
 * BFY_ERROR_CANCELLED. */
BfySecret *bfy_lock_key_ask_new (BfyCli *cli,
                                 BfyTerminal *terminal,
                                 const char *prompt,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All of stdin, checked. @option: for the messages. */
BfySecret *
bfy_lock_key_read_stdin (BfyCli *cli, const char *option, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fresh parameters, and the key they give. */
BfySecret *bfy_lock_key_make (const BfySecret *passphrase,
                              BfyKdf *kdf,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The key by the parameters in @member of GET /v1/lock: "kdf" or "approval_kdf". */
BfySecret *bfy_lock_key_derive (JsonObject *lock,
                                const char *member,
                                const BfySecret *passphrase,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* {"key"}, {"kdf","key"} or {"old_key","kdf","key"}; what is NULL is left out. */
GBytes *bfy_lock_key_body (const BfySecret *old_key, const BfyKdf *kdf, const BfySecret *key);
/* After a wrong one: says so and waits until tries count again. BFY_ERROR_CANCELLED. */
gboolean bfy_lock_key_wait (BfyCli *cli, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends a request with such a body. When somebody has just been wrong, says so and waits until
 * tries count again. */
JsonObject *bfy_lock_key_call (BfyCli *cli,
                               const char *method,
                               const char *path,
                               GBytes *body,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
