/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Nothing is read behind the end, the judgement does not depend on what stands around the
 * statement, and two statements are never one. */

#include "protocol/sql.h"

#include <string.h>

#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static void
check_two (const char *text, gsize size, BfySqlDialect dialect)
{
  g_autofree char *two = g_strdup_printf ("%.*s\n;\nselect 1", (int) size, text);
  BfySqlStatement statement;
  gboolean is_good = bfy_sql_judge (two, strlen (two), dialect, &statement, NULL);

  g_assert_false (is_good);
}

static void
check (const char *text, gsize size, BfySqlDialect dialect)
{
  g_autofree char *exact = g_memdup2 (text, size);
  g_autoptr (GError) error = NULL;
  BfySqlStatement statement;

  if (!bfy_sql_judge (exact, size, dialect, &statement, &error))
    {
      g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED));
      return;
    }
  g_assert_nonnull (bfy_sql_kind_to_wire (statement.kind));
  g_assert_true (statement.kind != BFY_SQL_SESSION);
  if (size < BFY_SQL_BYTES_MAX / 2)
    check_two (text, size, dialect);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check ((const char *) data, size, BFY_SQL_POSTGRES);
  check ((const char *) data, size, BFY_SQL_SQLITE);

  return 0;
}
