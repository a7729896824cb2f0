/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes in the keyring are a credential or damage. What was opened, or read from a request, is
 * sealed to a form that opens to the same. */

#include "protocol/credential.h"

#include "protocol/error.h"
#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

static void
check_reseal (const BfyCredential *credential)
{
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) again = bfy_credential_open (sealed, &error);
  g_autoptr (BfySecret) sealed_again = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (bfy_secret_length (credential->secret), >, 0);
  g_assert_true (bfy_secret_equal (again->secret, credential->secret));
  sealed_again = bfy_credential_seal (again);
  g_assert_true (bfy_secret_equal (sealed_again, sealed));
}

static void
check_open (const guint8 *data, gsize size)
{
  g_autoptr (BfySecret) sealed = bfy_secret_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) credential = bfy_credential_open (sealed, &error);

  if (credential != NULL)
    check_reseal (credential);
  else
    g_assert_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED);
}

static void
check_request (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) credential = NULL;

  if (!bfy_json_check (text, length, NULL))
    return;
  credential = bfy_credential_from_request (text, length, &error);
  if (credential != NULL)
    check_reseal (credential);
  else
    g_assert_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_open (data, size);
  check_request ((const char *) data, size);

  return 0;
}
