/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/callback.h"

#include <string.h>

#include "protocol/secret-writer.h"

#define CODE_BYTES_MAX 4096

/* A value as it stands in the query, still percent-encoded; start is NULL when it is not there. */
typedef struct
{
  const char *start;
  gsize length;
} Span;

enum
{
  PARAMETER_CODE,
  PARAMETER_STATE,
  PARAMETER_ISS,
  PARAMETER_ERROR,
  N_PARAMETERS,
};

static const char *const parameter_names[N_PARAMETERS] = { "code", "state", "iss", "error" };

typedef struct
{
  const char *error;
  BfyCallbackVerdict verdict;
  const char *reason;
} ErrorRow;

/* RFC 6749, 4.1.2.1; RFC 8707, 2; OpenID Connect Core, 3.1.2.6. */
static const ErrorRow error_rows[] = {
  { "access_denied", BFY_CALLBACK_DENIED, NULL },
  { "invalid_request", BFY_CALLBACK_REFUSED, "it does not understand the request" },
  { "unauthorized_client", BFY_CALLBACK_REFUSED, "this client may not sign in with a browser" },
  { "unsupported_response_type", BFY_CALLBACK_REFUSED, "it does not offer a sign-in of this kind" },
  { "invalid_scope", BFY_CALLBACK_REFUSED, "it does not grant the scope that was asked for" },
  { "invalid_target", BFY_CALLBACK_REFUSED, "it gives no tokens for this MCP server" },
  { "server_error", BFY_CALLBACK_REFUSED, "it has an error of its own; try again later" },
  { "temporarily_unavailable", BFY_CALLBACK_REFUSED, "it is not available now; try again later" },
  { "login_required", BFY_CALLBACK_REFUSED, "nobody signed in there" },
  { "consent_required", BFY_CALLBACK_REFUSED, "nobody gave consent there" },
  { "interaction_required", BFY_CALLBACK_REFUSED, "it could not ask the person" },
};

/* One decoded byte; -1 when the encoding is broken (application/x-www-form-urlencoded). */
static int
take_byte (Span *span)
{
  char c = *span->start;

  if (c != '%')
    {
      span->start++;
      span->length--;
      return c == '+' ? ' ' : (guint8) c;
    }
  if (span->length < 3 || !g_ascii_isxdigit (span->start[1]) || !g_ascii_isxdigit (span->start[2]))
    return -1;

  c = (char) (g_ascii_xdigit_value (span->start[1]) * 16 + g_ascii_xdigit_value (span->start[2]));
  span->start += 3;
  span->length -= 3;

  return (guint8) c;
}

static gboolean
is_text (Span span, const char *text)
{
  for (; span.length > 0; text++)
    {
      int c = take_byte (&span);

      if (c <= 0 || (guint8) *text != c)
        return FALSE;
    }

  return *text == '\0';
}

/* Printable ASCII and nothing else (RFC 6749, appendix A). */
static gboolean
is_printable (Span span)
{
  while (span.length > 0)
    {
      int c = take_byte (&span);

      if (c < 0x20 || c > 0x7e)
        return FALSE;
    }

  return TRUE;
}

static void
fill_decoded (BfySecretWriter *writer, gconstpointer data)
{
  Span span = *(const Span *) data;

  while (span.length > 0)
    bfy_secret_writer_append_byte (writer, (guint8) take_byte (&span));
}

/* @span is printable. */
static BfySecret *
decode (Span span)
{
  return bfy_secret_build (fill_decoded, &span);
}

static Span
cut (Span *rest, char separator)
{
  const char *end = memchr (rest->start, separator, rest->length);
  Span piece = { rest->start, end != NULL ? (gsize) (end - rest->start) : rest->length };
  gsize n_taken = piece.length + (end != NULL ? 1 : 0);

  rest->start += n_taken;
  rest->length -= n_taken;

  return piece;
}

/* FALSE when one of those that matter stands twice or cannot be read. */
static gboolean
take_parameters (Span query, Span *found)
{
  while (query.length > 0)
    {
      Span value = cut (&query, '&');
      Span name = cut (&value, '=');

      for (guint i = 0; i < N_PARAMETERS; i++)
        {
          if (!is_text (name, parameter_names[i]))
            continue;
          if (found[i].start != NULL || value.length > CODE_BYTES_MAX || !is_printable (value))
            return FALSE;
          found[i] = value;
        }
    }

  return TRUE;
}

/* Browsers do not let a page forge these two; older ones send neither with a navigation. */
static gboolean
is_foreign (const BfyCallbackRequest *request, guint16 port)
{
  g_autofree char *host = g_strdup_printf ("127.0.0.1:%u", port);

  return g_strcmp0 (request->host, host) != 0 || request->origin != NULL ||
         (request->fetch_mode != NULL && !g_str_equal (request->fetch_mode, "navigate"));
}

static gboolean
is_expected_state (Span presented, const BfySecret *expected)
{
  g_autoptr (BfySecret) state = presented.start != NULL ? decode (presented) : NULL;

  return state != NULL && bfy_secret_length (state) > 0 && bfy_secret_equal (state, expected);
}

/* RFC 9207, 2.4: byte for byte, in error answers too; one that is announced must be there. */
static gboolean
is_expected_issuer (Span presented, const BfyCallbackExpected *expected)
{
  return presented.start != NULL ? is_text (presented, expected->issuer) : !expected->sends_iss;
}

static BfyCallbackVerdict
judge_error (Span error, const char **reason)
{
  for (guint i = 0; i < G_N_ELEMENTS (error_rows); i++)
    {
      if (!is_text (error, error_rows[i].error))
        continue;
      *reason = error_rows[i].reason;
      return error_rows[i].verdict;
    }
  *reason = "it gives a reason that is not known here";

  return BFY_CALLBACK_REFUSED;
}

static BfyCallbackVerdict
judge_query (Span query, const BfyCallbackExpected *expected, BfySecret **code, const char **reason)
{
  Span found[N_PARAMETERS] = { 0 };

  if (!take_parameters (query, found))
    return BFY_CALLBACK_MALFORMED;
  if (!is_expected_state (found[PARAMETER_STATE], expected->state))
    return BFY_CALLBACK_BAD_STATE;
  if (!is_expected_issuer (found[PARAMETER_ISS], expected))
    return BFY_CALLBACK_BAD_ISSUER;
  if (found[PARAMETER_ERROR].length > 0)
    return judge_error (found[PARAMETER_ERROR], reason);
  if (found[PARAMETER_CODE].length == 0)
    return BFY_CALLBACK_NO_CODE;
  *code = decode (found[PARAMETER_CODE]);

  return BFY_CALLBACK_CODE;
}

gboolean
bfy_callback_is_answer (BfyCallbackVerdict verdict)
{
  return verdict >= BFY_CALLBACK_BAD_ISSUER;
}

BfyCallbackVerdict
bfy_callback_judge (const BfyCallbackRequest *request,
                    const BfyCallbackExpected *expected,
                    BfySecret **code,
                    const char **reason)
{
  const char *query = strchr (request->target, '?');
  Span path = { request->target,
                query != NULL ? (gsize) (query - request->target) : strlen (request->target) };

  *code = NULL;
  *reason = NULL;
  if (is_foreign (request, expected->port))
    return BFY_CALLBACK_FOREIGN;
  if (path.length != strlen (BFY_CALLBACK_PATH) ||
      memcmp (path.start, BFY_CALLBACK_PATH, path.length) != 0)
    return BFY_CALLBACK_ELSEWHERE;
  if (!g_str_equal (request->method, "GET"))
    return BFY_CALLBACK_BAD_METHOD;

  query = query != NULL ? query + 1 : "";

  return judge_query ((Span){ query, strlen (query) }, expected, code, reason);
}
