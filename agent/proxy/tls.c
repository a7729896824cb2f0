/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/tls.h"

#include "protocol/certificate-print.h"

/* The first that applies says most. */
static const struct
{
  GTlsCertificateFlags flag;
  const char *reason;
} doubts[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA,
    "presents a certificate from an authority that this computer does not trust; if you do, add it "
    "to the system's authorities with update-ca-certificates and restart bindify-agent" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY,
    "presents a certificate for another host name than the one in its URL" },
  { G_TLS_CERTIFICATE_EXPIRED,
    "presents a certificate that has expired, or the clock of this computer is wrong" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED,
    "presents a certificate that is not valid yet, or the clock of this computer is wrong" },
  { G_TLS_CERTIFICATE_REVOKED, "presents a certificate that has been revoked" },
  { G_TLS_CERTIFICATE_INSECURE, "presents a certificate that is too weak to prove anything" },
};

const char *
bfy_tls_describe_doubt (GTlsCertificateFlags errors)
{
  for (gsize i = 0; i < G_N_ELEMENTS (doubts); i++)
    if ((errors & doubts[i].flag) != 0)
      return doubts[i].reason;

  return "presents a certificate that cannot be accepted";
}

char *
bfy_tls_make_print (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);

  return bfy_certificate_print_new (der->data, der->len);
}

const char *
bfy_tls_describe_error (const GError *error)
{
  switch ((GTlsError) error->code)
    {
    case G_TLS_ERROR_EOF:
      return "it closed the connection before its answer was complete";
    case G_TLS_ERROR_CERTIFICATE_REQUIRED:
      return "it wants a client certificate, which bindify does not have";
    default:
      return "it does not speak TLS as it should; is https:// right for that port?";
    }
}

/* What can be read where nothing is to come is taken for an end, too, before it is taken for an
 * answer. */
gboolean
bfy_tls_has_ended (GIOStream *tls)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (tls));
  g_autoptr (GError) error = NULL;
  char byte;
  gssize n = g_pollable_input_stream_read_nonblocking (input, &byte, 1, NULL, &error);

  if (n < 0)
    return error->domain == G_TLS_ERROR;
  if (n > 0)
    g_io_stream_close (tls, NULL, NULL);

  return TRUE;
}
