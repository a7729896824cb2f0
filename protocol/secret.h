/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* A secret at rest in memory: immutable, counted, wiped when the last reference goes. Its bytes lie
 * in pages that are locked as far as RLIMIT_MEMLOCK allows, left out of core files and emptied in a
 * forked child. A secret is a BfySecret from the moment it is read; take the bytes out with _peek
 * as late as possible and do not keep them. Safe to use from several threads. */
typedef struct _BfySecret BfySecret;

/* Longest secret we accept, in bytes: OAuth token sets with large JWTs fit several times. */
#define BFY_SECRET_BYTES_MAX (64 * 1024)

/* Copies @length bytes. NULL data is allowed with length 0. */
BfySecret *bfy_secret_new (gconstpointer data, gsize length);
/* Copies @length bytes and wipes the source. */
BfySecret *bfy_secret_new_wipe (gpointer data, gsize length);
/* For producers that write in place: gives @length zeroed bytes to fill through @data before the
 * secret is handed to anyone else. */
BfySecret *bfy_secret_new_blank (gsize length, guint8 **data);

BfySecret *bfy_secret_ref (BfySecret *self);
void bfy_secret_unref (BfySecret *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySecret, bfy_secret_unref)

/* Borrowed, valid as long as the secret is. Always followed by a NUL that is not counted. */
const guint8 *bfy_secret_peek (const BfySecret *self, gsize *length);
/* The same as text; the caller knows that it holds no NUL. */
const char *bfy_secret_peek_text (const BfySecret *self);
gsize bfy_secret_length (const BfySecret *self);
/* Constant time for equal lengths. */
gboolean bfy_secret_equal (const BfySecret *a, const BfySecret *b);

/* FALSE once a page could not be locked: `status` reports it, it is not fatal. */
gboolean bfy_secret_memory_is_locked (void);

/* Wipes in a way the compiler keeps. */
void bfy_wipe (gpointer data, gsize length);
/* g_free() for text that held a secret. */
void bfy_wipe_free (char *text);
/* `g_auto (BfyWipedText) line = …`: wiped and freed at the end of the scope. */
typedef char *BfyWipedText;
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (BfyWipedText, bfy_wipe_free, NULL)
