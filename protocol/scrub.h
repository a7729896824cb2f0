/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* Takes one known secret out of what somebody wrote who had it: literally and as Base64 (both
 * alphabets, at any offset), hex, percent-encoded or JSON-escaped. It is a safety net for programs
 * that show their environment, not a wall: whoever wants to smuggle a secret out can spell it some
 * other way. Pure. The patterns lie in secret memory. */
typedef struct _BfyScrub BfyScrub;

/* Shorter secrets are not looked for: they would be found anywhere. */
#define BFY_SCRUB_BYTES_MIN 4
#define BFY_SCRUB_MARK "[REDACTED]"

BfyScrub *bfy_scrub_new (const BfySecret *secret);
void bfy_scrub_free (BfyScrub *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyScrub, bfy_scrub_free)

/* NULL when nothing was found, which is the usual case and costs no allocation; otherwise a copy
 * with each occurrence replaced. @n_written gets its length. Free with g_free(). @self may be NULL.
 */
char *bfy_scrub_text (const BfyScrub *self, const char *text, gsize length, gsize *n_written);
/* The same for checked JSON: strings are compared unescaped, too, and what comes out is still
 * JSON. */
char *bfy_scrub_json (const BfyScrub *self, const char *text, gsize length, gsize *n_written);
/* How many bytes of @text may stay if it was cut off at its end, where the beginning of the secret
 * may stand. */
gsize bfy_scrub_safe_length (const BfyScrub *self, const char *text, gsize length);
