/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What libsoup does not see to on a connection with TLS, and what a person is told of it. */

/* Why a certificate is refused, to go on after "The service ". */
const char *bfy_tls_describe_doubt (GTlsCertificateFlags errors);
/* protocol/certificate-print.h. Free with g_free(). */
char *bfy_tls_make_print (GTlsCertificate *certificate);
/* For an error of G_TLS_ERROR, to go on after "failed: ". */
const char *bfy_tls_describe_error (const GError *error);
/* Of a connection that waits for its next request. The end of TLS may come before that of the
 * socket, and may have been read by now. */
gboolean bfy_tls_has_ended (GIOStream *tls);
