/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The inside of sigv4.h: sigv4.c signs, sigv4-target.c has the forms of path and query,
 * sigv4-scope.c what a host tells. */

/* S3 signs what stands on the wire, decoded and encoded once; all others encode that again, without
 * dot segments and empty ones. */
char *bfy_sigv4_signed_path (const char *path, gboolean is_s3);
