/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is the value of a header. A rewritten link leads through the door or is the one it was;
 * nothing becomes a header of its own, and what has been rewritten stays as it is. */

#include "protocol/http-link.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const BfyLinkPlace place = { "https://api.example.com/v1", "https://api.example.com/v1/here",
                               "/http/api" };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *one = bfy_http_link_rewrite (&place, "Location", text);
  g_autofree char *list = bfy_http_link_rewrite (&place, "Link", text);

  if (!g_str_equal (one, text))
    g_assert_true (g_str_has_prefix (one, "/http/api/"));
  if (strpbrk (text, "\r\n") == NULL)
    {
      g_assert_null (strpbrk (one, "\r\n"));
      g_assert_null (strpbrk (list, "\r\n"));
    }
  g_assert_cmpuint (strlen (list), <=, (strlen (text) + 1) * 64);

  return 0;
}
