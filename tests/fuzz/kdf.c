/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is taken as the JSON of a key derivation and as a recovery code that somebody typed.
 * What is read is written again and reads the same. */

#include "protocol/kdf.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/recovery.h"
#include "tests/fuzz/fuzz.h"

static void
check_kdf (const char *text, gsize length)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (text, length, NULL);
  g_autoptr (JsonObject) written = NULL;
  g_autoptr (GError) error = NULL;
  BfyKdf kdf = { 0 };
  BfyKdf back = { 0 };

  if (object == NULL)
    return;
  if (!bfy_kdf_from_json (object, &kdf, &error))
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST);
      return;
    }

  g_assert_true (bfy_kdf_check (&kdf, NULL));
  written = bfy_kdf_to_json (&kdf);
  g_assert_true (bfy_kdf_from_json (written, &back, NULL));
  g_assert_cmpmem (&kdf, sizeof kdf, &back, sizeof back);
}

static void
check_recovery (const char *text, gsize length)
{
  g_autoptr (BfySecret) typed = bfy_secret_new (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) code = bfy_recovery_parse (typed, &error);
  g_autoptr (BfySecret) printed = NULL;
  g_autoptr (BfySecret) again = NULL;

  if (code == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
      return;
    }

  g_assert_cmpuint (bfy_secret_length (code), ==, BFY_RECOVERY_BYTES);
  printed = bfy_recovery_to_text (code);
  again = bfy_recovery_parse (printed, NULL);
  g_assert_nonnull (again);
  g_assert_true (bfy_secret_equal (code, again));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_kdf ((const char *) data, size);
  check_recovery ((const char *) data, size);

  return 0;
}
