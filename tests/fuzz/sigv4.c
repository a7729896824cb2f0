/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is a method, a path, a query and the value of a header, each on a line. Path and query
 * in the form in which they are sent stay as they are when that is made of them again, hold nothing
 * but what a URL can hold, and what is signed has as many lines as it should: nothing in it can be
 * taken for something else. */

#include "protocol/sigv4.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

#define N_LINES 9 /* method, path, query, two headers, an empty one, their names, the body */

static void
check_stays (const char *text, char *(*form) (const char *) )
{
  g_autofree char *once = form (text);
  g_autofree char *twice = form (once);

  g_assert_cmpstr (once, ==, twice);
  for (const char *p = once; *p != '\0'; p++)
    g_assert_true (g_ascii_isalnum (*p) || strchr ("-._~%/&=", *p) != NULL);
}

static void
check_lines (const BfySigv4Request *request, const char *scope)
{
  g_autofree char *canonical = bfy_sigv4_canonical_request (request, scope);
  g_auto (GStrv) lines = g_strsplit (canonical, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, N_LINES - 1);
  g_assert_cmpstr (lines[0], ==, request->method);
  g_assert_cmpstr (lines[6], ==, "host;x-amz-meta");
  g_assert_cmpstr (lines[7], ==, request->payload);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) parts = g_strsplit (text, "\n", 4);
  g_autofree char *scope = bfy_sigv4_scope_from_host (text);
  guint n = g_strv_length (parts);

  if (scope != NULL)
    g_assert_true (bfy_sigv4_scope_check (scope));
  if (n < 4)
    return 0;
  for (char *p = parts[3]; *p != '\0'; p++)
    *p = *p == '\n' ? ' ' : *p;
  check_stays (parts[1], bfy_sigv4_path);
  check_stays (parts[2], bfy_sigv4_query);
  {
    const BfySigv4Header headers[] = { { "X-Amz-Meta", parts[3] }, { "Host", "h.example" } };
    const BfySigv4Request request = {
      parts[0], parts[1], parts[2], headers, G_N_ELEMENTS (headers), BFY_SIGV4_UNSIGNED,
    };

    check_lines (&request, "us-east-1/s3");
    check_lines (&request, "us-east-1/sts");
  }

  return 0;
}
