/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* An address that is accepted reads the same the second time, and nothing away from this machine
 * is reached without TLS. */

#include "protocol/database.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyDatabase) self = bfy_database_parse (text, &error);
  g_autoptr (BfyDatabase) again = NULL;

  if (self == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      return 0;
    }
  g_assert_true (!self->is_plain || self->reach == BFY_REACH_LOOPBACK);
  if (strlen (self->uri) > size)
    return 0;
  again = bfy_database_parse (self->uri, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->uri, ==, self->uri);

  return 0;
}
