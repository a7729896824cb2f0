/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

#define BFY_EDITS_MAX 4

/* What stands at @slice is written as @token. */
typedef struct
{
  BfyJsonSlice slice;
  const char *token;
} BfyEdit;

/* A few tokens of a message that are written differently, every other byte but line breaks staying
 * as it is: what is written to a program has to be one line. */
typedef struct
{
  BfyEdit list[BFY_EDITS_MAX]; /* in the order of the text */
  guint n;
} BfyEdits;

void bfy_edits_add (BfyEdits *self, const BfyJsonSlice *slice, const char *token);
/* @n_written: (nullable). Free with g_free(). */
char *bfy_edits_apply (const char *text, gsize length, const BfyEdits *self, gsize *n_written);
