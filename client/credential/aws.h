/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

#include "protocol/secret.h"

/* What a `credential_process` prints for the AWS CLI and SDKs: version 1. Pure. @stored: the secret
 * key, with the session token behind a colon if there is one (protocol/sigv4.h). @expires_at_s: 0
 * for no end, or one that is not known. */
BfySecret *
bfy_aws_format_answer (const char *access_key_id, const BfySecret *stored, gint64 expires_at_s);
