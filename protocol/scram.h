/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding: it shows that
 * it knows the password, and learns whether the server does, while the password itself stays here.
 * Messages in, messages out; no I/O. */
typedef struct _BfyScram BfyScram;

#define BFY_SCRAM_MECHANISM "SCRAM-SHA-256"
#define BFY_SCRAM_MESSAGE_BYTES_MAX 4096
/* PostgreSQL takes 4096. More than this would keep the agent for too long. */
#define BFY_SCRAM_ITERATIONS_MAX 100000
#define BFY_SCRAM_NONCE_BYTES 18

/* @user: as it goes into the first message; PostgreSQL wants it empty, and has it elsewhere.
 * @nonce: printable, without commas. */
BfyScram *bfy_scram_new (const char *user, const char *nonce, BfySecret *password);
/* NULL with BFY_ERROR_FAILED when there are no random numbers. Free with g_free(). */
char *bfy_scram_make_nonce (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_scram_free (BfyScram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyScram, bfy_scram_free)

/* The client's first message. Free with g_free(). */
char *bfy_scram_format_first (const BfyScram *self);
/* The last one, in answer to the server's first. BFY_ERROR_UPSTREAM_FAILED for what is none. */
char *bfy_scram_answer (BfyScram *self, const char *text, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether the server's last message shows that it knows the password as well. */
gboolean bfy_scram_check (const BfyScram *self, const char *text, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
