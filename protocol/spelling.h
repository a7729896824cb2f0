/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* How one secret may be written by somebody who had it and did not mean to hide it: programs that
 * echo a request, print their environment or wrap one format in another. Who wants to smuggle a
 * secret out can always spell it some other way. Pure; the texts lie in secret memory, each once.
 */
typedef struct _BfySpellings BfySpellings;

typedef struct
{
  const guint8 *bytes; /* borrowed from the BfySpellings */
  gsize length;
  gboolean minds_case; /* Base64; all others mean the same in upper and lower case */
} BfySpelling;

BfySpellings *bfy_spellings_new (const BfySecret *secret);
void bfy_spellings_free (BfySpellings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySpellings, bfy_spellings_free)

guint bfy_spellings_get_n (const BfySpellings *self);
BfySpelling bfy_spellings_get (const BfySpellings *self, guint i);
