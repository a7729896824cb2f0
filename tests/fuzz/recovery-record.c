/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/recovery-record.h"

#include "tests/fuzz/fuzz.h"

/* A file of the disk as a recovery record, and its text as what would be inside one. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char id[] = "4d1c8a3e-0000-4000-8000-000000000001";
  g_autoptr (BfySecret) access = bfy_secret_new ("at-old", 6);
  g_autoptr (BfyCredential) old = bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, NULL, access);
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyCredential) successor = bfy_recovery_record_open (bytes, id, old, &error);

  g_assert_true ((successor == NULL) == (error != NULL));
  if (successor != NULL)
    g_assert_true (bfy_recovery_record_succeeds (bytes, old));

  return 0;
}
