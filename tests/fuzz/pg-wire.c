/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a program says first on a relay's socket, and what a server says while we sign in. */

#include "protocol/pg-wire.h"

#include "tests/fuzz/fuzz.h"

static void
check_start (const guint8 *bytes, gsize size)
{
  BfyPgStart start;
  BfyPgStart again;
  g_autoptr (GByteArray) ours = NULL;

  if (bfy_pg_start_read (bytes, size, &start) != BFY_PG_START_SESSION)
    return;
  g_assert_true (start.n_bytes <= size && start.n_bytes <= BFY_PG_START_BYTES_MAX);
  ours = bfy_pg_start_rewrite (bytes, start.n_bytes, "ann", "shop");
  if (ours->len <= BFY_PG_START_BYTES_MAX)
    g_assert_true (bfy_pg_start_read (ours->data, ours->len, &again) == BFY_PG_START_SESSION);
}

static void
check_message (const guint8 *bytes, gsize size)
{
  BfyPgMessage message;
  guint32 number;

  if (!bfy_pg_message_read (bytes, size, &message) || message.n_bytes == 0)
    return;
  g_assert_true (message.n_bytes <= size && message.length < message.n_bytes);
  for (const char *field = "SCMX"; *field != '\0'; field++)
    {
      g_autofree char *text = bfy_pg_message_get_field (&message, *field);

      g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
    }
  (void) bfy_pg_message_offers (&message, "SCRAM-SHA-256");
  g_assert_true (bfy_pg_message_get_number (&message, 4, &number) == (message.length >= 8));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *exact = g_memdup2 (data, size);

  check_start (exact, size);
  check_message (exact, size);

  return 0;
}
