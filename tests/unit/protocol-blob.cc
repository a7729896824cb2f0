// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <glib.h>
#include <string>

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/blob.h"
}

namespace
{

using ::operator<<; // prints a row by its name

const BfyBlobUse token_use = { BFY_BLOB_INFO_MANAGED, "conn-123", "token" };

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
text_of (const BfySecret *secret)
{
  if (secret == nullptr)
    return "(none)";
  return std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

std::string
hex_of (const std::string &bytes)
{
  std::string hex;

  for (char byte : bytes)
    {
      char digits[3];

      snprintf (digits, sizeof digits, "%02x", static_cast<unsigned char> (byte));
      hex += digits;
    }
  return hex;
}

std::string
bytes_of_hex (const std::string &hex)
{
  std::string bytes;

  for (size_t i = 0; i + 1 < hex.size (); i += 2)
    bytes += static_cast<char> (std::stoi (hex.substr (i, 2), nullptr, 16));
  return bytes;
}

std::string
derive (const std::string &input, const char *salt, const char *info)
{
  g_autoptr (BfySecret) secret = secret_of (input);
  Error error;
  g_autoptr (BfySecret) key = bfy_blob_derive (secret, salt, info, error.out ());

  EXPECT_THAT (error, Succeeds ());
  return hex_of (text_of (key));
}

std::string
seal (const std::string &key_text, const BfyBlobUse &use, const std::string &text)
{
  g_autoptr (BfySecret) key = secret_of (key_text);
  g_autoptr (BfySecret) plain = secret_of (text);
  Error error;
  g_autoptr (GBytes) blob = bfy_blob_seal (key, &use, plain, error.out ());

  EXPECT_THAT (error, Succeeds ());
  if (blob == nullptr)
    return "";
  return std::string (static_cast<const char *> (g_bytes_get_data (blob, nullptr)),
                      g_bytes_get_size (blob));
}

std::string
open (const std::string &key_text, const BfyBlobUse &use, const std::string &blob, Error &error)
{
  g_autoptr (BfySecret) key = secret_of (key_text);
  const Block block (blob);
  g_autoptr (BfySecret) plain = bfy_blob_open (
      key, &use, reinterpret_cast<const guint8 *> (block.data ()), block.size (), error.out ());

  EXPECT_EQ (plain == nullptr, error.get () != nullptr);
  return text_of (plain);
}

struct FingerprintCase
{
  const char *name, *hex, *fingerprint;
};

class BlobFingerprint : public testing::TestWithParam<FingerprintCase>
{
};

TEST_P (BlobFingerprint, IsGolden)
{
  g_autoptr (BfySecret) key = secret_of (bytes_of_hex (GetParam ().hex));
  guint8 key_id[BFY_BLOB_KEY_ID_BYTES];
  char fingerprint[BFY_BLOB_FINGERPRINT_SIZE];
  Error error;

  ASSERT_TRUE (bfy_blob_make_key_id (key, key_id, error.out ())) << error;
  bfy_blob_key_id_to_text (key_id, fingerprint);
  EXPECT_STREQ (fingerprint, GetParam ().fingerprint);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour24,
    BlobFingerprint,
    testing::Values (
        FingerprintCase{ "A", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                         "ffe054fe7ae0cb6d" },
        FingerprintCase{ "B", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
                         "a0fab1377f49a759" },
        FingerprintCase{ "Deadbeef",
                         "deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
                         "247d08f3e13938b2" }),
    case_name<FingerprintCase>);

// behaviour 24: what the hosted proxy derives.
TEST (Blob, DerivesTheGoldenKeys)
{
  EXPECT_EQ (derive ("test-master-key-abcdef1234567890", "conn-123", BFY_BLOB_INFO_MANAGED),
             "2909278dc45364f21a60cc3f0dd60e6810f8c163475cae3ab855f3ff6c4880e8");
  EXPECT_EQ (derive ("test-master-key-abcdef1234567890", "conn-aaa", BFY_BLOB_INFO_MANAGED),
             "f85d4ff0dd8ee29e96ba14dc9ce8ae402ff6af1874dbd87bb7d025b406cf485d");
  EXPECT_EQ (derive ("my-secret-key-uuid", "bindify-token-encryption", ""),
             "30b21312a2e68fcde531cb7736556ba3198ff5d298a1881b250969b66dc4686b");
}

const char l0_plain[] = R"({"access_token":"at","refresh_token":"rt","expires_at":1700000000})";
const char l0_sealed[] = "AAECAwQFBgcICQoLxwIZqhQiQbbGwmH7ulEx/7OKH3X482RK9aNexvj+qsTDUy+ag4A/diGX"
                         "UPOY9Pq5otsX7XvJw1c+1JP8CXk8ZqjWoqIoA7Ps3DUPHkOpIYwxBQ==";
const char l0_managed[] = "AAECAwQFBgcICQoLnhFrty3XHxYoPwAyPBCJWT3nWEMBGiwwbJ04pYDiVh1jchXqPBObzY+"
                          "60zKJ0lxkkxfm4h+TpHPOBrDk6QxvEaGehfTlPzuWsHQSE75SqxZ6TQ==";

std::string
open_l0 (const std::string &blob, const std::string &key_hex, Error &error)
{
  g_autoptr (BfySecret) key = secret_of (bytes_of_hex (key_hex));
  const Block block (blob);
  g_autoptr (BfySecret) plain = bfy_blob_open_l0 (key, block.data (), block.size (), error.out ());

  return text_of (plain);
}

TEST (Blob, OpensTheGoldenL0)
{
  Error error;

  EXPECT_EQ (
      open_l0 (l0_sealed, derive ("my-secret-key-uuid", "bindify-token-encryption", ""), error),
      l0_plain)
      << error;
  EXPECT_EQ (
      open_l0 (l0_managed,
               derive ("test-master-key-abcdef1234567890", "conn-123", BFY_BLOB_INFO_MANAGED),
               error),
      l0_plain)
      << error;
}

TEST (Blob, EveryChangeOfL0IsDamage)
{
  const std::string key = derive ("my-secret-key-uuid", "bindify-token-encryption", "");
  const std::string whole = l0_sealed;
  Error error;

  for (size_t i = 0; i < whole.size (); i++)
    {
      std::string changed = whole;

      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      EXPECT_EQ (open_l0 (changed, key, error), "(none)") << i;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED)) << i;
      EXPECT_EQ (open_l0 (whole.substr (0, i), key, error), "(none)") << i;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED)) << i;
    }
  for (const std::string &text : { whole + "A", whole + "\n", whole + "====", " " + whole })
    {
      EXPECT_EQ (open_l0 (text, key, error), "(none)") << text;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
    }
}

// Made by another program from the description in blob.h.
TEST (Blob, FollowsItsDescription)
{
  const std::string blob = bytes_of_hex ("01ffe054fe7ae0cb6d000102030405060708090a0b3df841c84ca7a9c"
                                         "5ee2533389a317f6aee69d5b8f8");
  Error error;

  EXPECT_EQ (open (std::string (32, '\xaa'), token_use, blob, error), "hello") << error;
}

TEST (Blob, OpensWhatItSealed)
{
  const std::string key (32, 'k');
  Error error;

  for (const std::string &text : { std::string (), std::string ("x"), std::string ("a\0b", 3),
                                   std::string (BFY_BLOB_PLAIN_BYTES_MAX, 'x') })
    {
      const std::string blob = seal (key, token_use, text);

      EXPECT_EQ (blob.size (), text.size () + BFY_BLOB_OVERHEAD_BYTES);
      EXPECT_TRUE (open (key, token_use, blob, error) == text) << error;
    }
  EXPECT_NE (seal (key, token_use, "same"), seal (key, token_use, "same")) << "a nonce came twice";
}

TEST (Blob, RefusesALongPlaintext)
{
  g_autoptr (BfySecret) key = secret_of (std::string (32, 'k'));
  g_autoptr (BfySecret) plain = secret_of (std::string (BFY_BLOB_PLAIN_BYTES_MAX + 1, 'x'));
  Error error;
  g_autoptr (GBytes) blob = bfy_blob_seal (key, &token_use, plain, error.out ());

  EXPECT_EQ (blob, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_TOO_LARGE));
}

TEST (Blob, EveryTruncationAndFlippedBitIsRefused)
{
  const std::string key (32, 'k'), blob = seal (key, token_use, "a token");
  Error error;

  for (size_t length = 0; length < blob.size (); length++)
    {
      EXPECT_EQ (open (key, token_use, blob.substr (0, length), error), "(none)");
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED)) << "length " << length;
    }
  for (size_t bit = 0; bit < 8 * blob.size (); bit++)
    {
      std::string flipped = blob;

      flipped[bit / 8] = static_cast<char> (flipped[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_EQ (open (key, token_use, flipped, error), "(none)");
      EXPECT_THAT (error,
                   FailsWith (bit < 8 ? BFY_ERROR_UNSUPPORTED : BFY_ERROR_CREDENTIAL_DAMAGED))
          << "bit " << bit;
    }
}

struct UseCase
{
  const char *name;
  BfyBlobUse use;
};

class BlobUse : public testing::TestWithParam<UseCase>
{
};

TEST_P (BlobUse, IsBound)
{
  const std::string key (32, 'k');
  Error error;

  EXPECT_EQ (open (key, GetParam ().use, seal (key, token_use, "a token"), error), "(none)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
}

INSTANTIATE_TEST_SUITE_P (
    Uses,
    BlobUse,
    testing::Values (UseCase{ "AnotherId", { BFY_BLOB_INFO_MANAGED, "conn-124", "token" } },
                     UseCase{ "AnotherPurpose", { BFY_BLOB_INFO_MANAGED, "conn-123", "dcr" } },
                     UseCase{ "AnotherMode", { BFY_BLOB_INFO_SEALED, "conn-123", "token" } }),
    case_name<UseCase>);

// The key is looked at before anything is decrypted, and both are named.
TEST (Blob, TellsAForeignKey)
{
  Error error;
  const std::string blob = seal (std::string (32, '\xaa'), token_use, "a token");
  guint8 key_id[BFY_BLOB_KEY_ID_BYTES];

  EXPECT_EQ (open (std::string (32, '\xbb'), token_use, blob, error), "(none)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("ffe054fe7ae0cb6d"));
  EXPECT_THAT (error.message (), testing::HasSubstr ("a0fab1377f49a759"));

  const guint8 *bytes = reinterpret_cast<const guint8 *> (blob.data ());
  ASSERT_TRUE (bfy_blob_peek_key_id (bytes, blob.size (), key_id));
  EXPECT_EQ (hex_of (std::string (reinterpret_cast<char *> (key_id), sizeof key_id)),
             "ffe054fe7ae0cb6d");
  EXPECT_FALSE (bfy_blob_peek_key_id (bytes, BFY_BLOB_OVERHEAD_BYTES - 1, key_id));
}

} // namespace
