/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* Whose a credential is, as a service says it when the credential is tried: a login, an address, a
 * workspace. It comes from outside and is shown and stored, so it is one short clean line, and
 * never the credential itself, which some services repeat. */

#define BFY_ACCOUNT_CHARACTERS_MAX 60
#define BFY_ACCOUNT_ANSWER_BYTES_MAX (256 * 1024) /* of what is looked at */

/* What the first of @pointers (RFC 6901) that leads to a text in the JSON document @text says;
 * NULL when none does, or it would show @secret (nullable). It passes bfy_label_normalize(). Free
 * with g_free(). */
char *bfy_account_find (const char *text,
                        gsize length,
                        const char *const *pointers,
                        const BfySecret *secret);
