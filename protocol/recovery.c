/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* 160 bits are exactly 32 characters of 5 bits. The last group is the first 20 bits of SHA-256 over
 * a label and the code: one typing mistake in a million goes unnoticed here, and then the slot does
 * not open. */

#include "protocol/recovery.h"

#include <openssl/sha.h>
#include <string.h>

#include "protocol/cipher.h"
#include "protocol/error.h"

#define CHECK_LABEL "bindify recovery code 1"
#define N_CHARACTERS (BFY_RECOVERY_GROUPS * BFY_RECOVERY_GROUP_LENGTH)
#define N_CODE_CHARACTERS (N_CHARACTERS - BFY_RECOVERY_GROUP_LENGTH)
#define BITS_PER_CHARACTER 5
/* Somebody who types blanks and dashes everywhere is still within it. */
#define TYPED_BYTES_MAX 256

G_STATIC_ASSERT (N_CODE_CHARACTERS *BITS_PER_CHARACTER == BFY_RECOVERY_BYTES * 8);

/* Crockford's: no I, L, O, U. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

BfySecret *
bfy_recovery_new (GError **error)
{
  return bfy_cipher_random_secret (BFY_RECOVERY_BYTES, error);
}

/* Values of 5 bits, the code's and the check's. */
static void
spread (const guint8 *code, guint8 values[N_CHARACTERS])
{
  guint8 input[sizeof CHECK_LABEL - 1 + BFY_RECOVERY_BYTES];
  guint8 all[BFY_RECOVERY_BYTES + SHA256_DIGEST_LENGTH];

  memcpy (input, CHECK_LABEL, sizeof CHECK_LABEL - 1);
  memcpy (input + sizeof CHECK_LABEL - 1, code, BFY_RECOVERY_BYTES);
  memcpy (all, code, BFY_RECOVERY_BYTES);
  SHA256 (input, sizeof input, all + BFY_RECOVERY_BYTES);
  for (guint i = 0; i < N_CHARACTERS; i++)
    {
      guint bit = i * BITS_PER_CHARACTER;
      guint pair = (guint) all[bit / 8] << 8 | all[bit / 8 + 1];

      values[i] = pair >> (16 - BITS_PER_CHARACTER - bit % 8) & 0x1f;
    }
  bfy_wipe (input, sizeof input);
  bfy_wipe (all, sizeof all);
}

BfySecret *
bfy_recovery_to_text (const BfySecret *code)
{
  guint8 values[N_CHARACTERS];
  guint8 *text;
  BfySecret *secret = bfy_secret_new_blank (BFY_RECOVERY_TEXT_LENGTH, &text);

  g_return_val_if_fail (bfy_secret_length (code) == BFY_RECOVERY_BYTES, secret);

  spread (bfy_secret_peek (code, NULL), values);
  for (guint i = 0; i < N_CHARACTERS; i++)
    {
      if (i > 0 && i % BFY_RECOVERY_GROUP_LENGTH == 0)
        *text++ = '-';
      *text++ = (guint8) alphabet[values[i]];
    }
  bfy_wipe (values, sizeof values);

  return secret;
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

static gboolean
is_separator (char c)
{
  return c == '-' || g_ascii_isspace (c);
}

static int
value_of (char c)
{
  char capital = g_ascii_toupper (c);
  const char *found;

  if (capital == 'O')
    capital = '0';
  if (capital == 'I' || capital == 'L')
    capital = '1';
  found = capital != '\0' ? strchr (alphabet, capital) : NULL;

  return found != NULL ? (int) (found - alphabet) : -1;
}

static gboolean
read_values (const BfySecret *text, guint8 values[N_CHARACTERS], GError **error)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (text, &length);
  guint n_values = 0;

  if (length > TYPED_BYTES_MAX)
    return fail (error, "A recovery code has 36 letters and digits; this is much longer");

  for (gsize i = 0; i < length; i++)
    {
      int value = value_of ((char) bytes[i]);

      if (is_separator ((char) bytes[i]))
        continue;
      if (value < 0)
        return fail (error, "A recovery code is made of letters (but U) and digits only");
      if (n_values < N_CHARACTERS)
        values[n_values] = (guint8) value;
      n_values++;
    }
  if (n_values == N_CHARACTERS)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "A recovery code has %d letters and digits; these were %u", N_CHARACTERS, n_values);

  return FALSE;
}

static void
gather (const guint8 values[N_CHARACTERS], guint8 *code)
{
  guint bits = 0;
  guint n_bits = 0;

  for (guint i = 0; i < N_CODE_CHARACTERS; i++)
    {
      bits = bits << BITS_PER_CHARACTER | values[i];
      n_bits += BITS_PER_CHARACTER;
      if (n_bits < 8)
        continue;
      n_bits -= 8;
      *code++ = bits >> n_bits & 0xff;
    }
}

BfySecret *
bfy_recovery_parse (const BfySecret *text, GError **error)
{
  guint8 *code;
  g_autoptr (BfySecret) secret = bfy_secret_new_blank (BFY_RECOVERY_BYTES, &code);
  guint8 typed[N_CHARACTERS] = { 0 };
  guint8 wanted[N_CHARACTERS];
  gboolean ok = read_values (text, typed, error);

  if (ok)
    {
      gather (typed, code);
      spread (code, wanted);
      ok = memcmp (typed, wanted, sizeof wanted) == 0
               ? TRUE
               : fail (error, "There is a typing mistake in the recovery code; look at each group "
                              "and type it again");
    }
  bfy_wipe (typed, sizeof typed);
  bfy_wipe (wanted, sizeof wanted);

  return ok ? g_steal_pointer (&secret) : NULL;
}
