/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A time that is understood is between a second and ten years, and made of nothing but digits and
 * units; one that is not leaves what was there. */

#include <string.h>

#include "protocol/error.h"
#include "protocol/expiry.h"
#include "tests/fuzz/fuzz.h"

#define LONGEST_S (G_GINT64_CONSTANT (3660) * 24 * 60 * 60)

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  gint64 seconds = -1;

  if (!bfy_duration_parse (text, &seconds, &error))
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      g_assert_cmpint (seconds, ==, -1);
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpint (seconds, >, 0);
  g_assert_cmpint (seconds, <=, LONGEST_S);
  g_assert_true (g_ascii_isdigit (*text));
  g_assert_cmpuint (strspn (text, "0123456789smhdwSMHDW"), ==, strlen (text));

  return 0;
}
