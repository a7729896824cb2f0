/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is taken as what was kept of the agent's lock and as the bodies of requests about it.
 * What is read of the lock is written again and reads the same. */

#include "agent/api/lock-request.h"
#include "agent/lock/lock-record.h"
#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

static void
check_record (GBytes *bytes)
{
  BfyLockRecord record, back;
  g_autoptr (GBytes) written = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;

  if (!bfy_lock_record_parse (&record, bytes, &error))
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_STORE_DAMAGED);
      return;
    }
  written = bfy_lock_record_write (&record);
  if (written == NULL)
    return;

  g_assert_true (bfy_lock_record_parse (&back, written, NULL));
  again = bfy_lock_record_write (&back);
  g_assert_true (g_bytes_equal (written, again));
}

static void
check_request (GBytes *bytes, BfyLockRequestForm form)
{
  g_auto (BfyLockRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  if (bfy_lock_request_parse (&request, form, bytes, &error))
    {
      g_assert_true (request.key == NULL || bfy_secret_length (request.key) == BFY_KDF_KEY_BYTES);
      return;
    }
  g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_PARSE) ||
                 g_error_matches (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  check_record (bytes);
  check_request (bytes, BFY_LOCK_REQUEST_CLOSE);
  check_request (bytes, BFY_LOCK_REQUEST_OPEN);
  check_request (bytes, BFY_LOCK_REQUEST_APPROVAL);

  return 0;
}
