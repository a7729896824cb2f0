/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/kdf.h"

/* How long a passphrase's key shall take to derive on this machine: long enough to make guessing
 * dear, short enough that nobody minds. */
#define BFY_CALIBRATE_TARGET_MS 500

/* The cost for a new passphrase: the power of two whose derivation comes nearest to the target,
 * within the bounds of protocol/kdf.h and without asking for more than a quarter of the memory.
 * Measured in processor time, so that a busy machine does not make a weaker vault. Takes about
 * 0.2 s. BFY_ERROR_FAILED without the memory for the least. The salt is left to the caller. */
gboolean bfy_calibrate (BfyKdf *kdf, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The decision alone: one derivation at 2^@log2_n took @duration_us, and the machine has
 * @memory_bytes (0: unknown). */
guint bfy_calibrate_choose (guint log2_n, gint64 duration_us, guint64 memory_bytes);
