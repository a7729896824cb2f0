/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* How a certificate is told from all others: "sha256:" and the SHA-256 of its DER form, in 64 lower
 * case hexadecimal digits. For devices whose certificate no authority has signed. */
#define BFY_CERTIFICATE_PRINT_BYTES 71

/* @der: (not nullable). Free with g_free(). */
char *bfy_certificate_print_new (const guint8 *der, gsize length);
gboolean bfy_certificate_print_is_one (const char *text);
/* The first one in a message. Free with g_free(). (nullable) */
char *bfy_certificate_print_find (const char *message);
