/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes in the keyring are an envelope or damage. What was read is written to a form that reads
 * the same, and opens with the key of the seeds to their credential or not at all. */

#include "protocol/sealed-credential.h"

#include "protocol/blob.h"
#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

#define BINDING "4d1c8a3e-0000-4000-8000-000000000001"

static BfySecret *
golden_proof (void)
{
  guint8 *bytes;
  BfySecret *proof = bfy_secret_new_blank (BFY_BLOB_KEY_BYTES, &bytes);

  for (guint i = 0; i < BFY_BLOB_KEY_BYTES; i++)
    bytes[i] = 0xbb;

  return proof;
}

static void
check_opens_to_the_truth (const BfySealedCredential *envelope)
{
  g_autoptr (BfySecret) proof = golden_proof ();
  g_auto (GStrv) clients = bfy_sealed_credential_dup_clients (envelope);

  for (guint i = 0; clients[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BfySecret) data_key =
          bfy_sealed_credential_unwrap (envelope, BINDING, clients[i], proof, &error);
      g_autoptr (BfyCredential) credential = NULL;

      if (data_key != NULL)
        credential = bfy_sealed_credential_open (envelope, BINDING, data_key, &error);
      if (credential != NULL)
        g_assert_cmpstr (bfy_secret_peek_text (credential->secret), ==, "sk-golden");
      else
        g_assert_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfySecret) item = bfy_secret_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_parse (item, &error);
  g_autoptr (BfySealedCredential) again = NULL;
  g_autoptr (BfySecret) written = NULL;
  g_autoptr (BfySecret) written_again = NULL;

  if (envelope == NULL)
    {
      g_assert_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED);
      return 0;
    }

  g_assert_cmpuint (bfy_sealed_credential_n_clients (envelope), <=, BFY_SEALED_CLIENTS_MAX);
  written = bfy_sealed_credential_to_item (envelope);
  again = bfy_sealed_credential_parse (written, &error);
  g_assert_no_error (error);
  written_again = bfy_sealed_credential_to_item (again);
  g_assert_true (bfy_secret_equal (written, written_again));
  check_opens_to_the_truth (envelope);

  return 0;
}
