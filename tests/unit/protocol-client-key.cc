// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <openssl/sha.h>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/client-key.h"
}

namespace
{

using ::operator<<; // prints a row by its name

// behaviour 24: the text of 0xAA * 32 || 0xBB * 32.
const std::string golden_text = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq7u7u7u7u7u7u7u7u7u7u7u7"
                                "u7u7u7u7u7u7u7u7u7uw";

BfySecret *
golden_key ()
{
  std::string bytes = std::string (32, '\xaa') + std::string (32, '\xbb');

  return bfy_secret_new (bytes.data (), bytes.size ());
}

std::string
text_of (const BfySecret *secret)
{
  return std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

TEST (ClientKey, HasTheGoldenText)
{
  g_autoptr (BfySecret) key = golden_key ();
  g_autoptr (BfySecret) text = bfy_client_key_to_text (key);
  g_autoptr (BfySecret) printed = bfy_client_key_to_printed (key);

  EXPECT_EQ (text_of (text), golden_text);
  EXPECT_EQ (text_of (printed), "bnd_local_" + golden_text);
}

TEST (ClientKey, HasTheGoldenHash)
{
  g_autoptr (BfySecret) key = golden_key ();
  guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];
  std::string hex;

  bfy_client_key_hash (key, hash);
  for (guint8 byte : hash)
    {
      char digits[3];

      snprintf (digits, sizeof digits, "%02x", byte);
      hex += digits;
    }
  EXPECT_EQ (hex, "e2d80f78d79027556d6619a1400605abbdca6bb6eb24e0831e33ecd5466fa5f6");
}

// P37: the last character carries two bits of the key and four spare ones.
TEST (ClientKey, HasOneSpellingOutOfSixteen)
{
  static const char last_characters[] = "wxyz0123456789-_";
  g_autoptr (BfySecret) key = golden_key ();
  int n_accepted = 0;

  for (char last : std::string (last_characters))
    {
      std::string text = golden_text;

      text.back () = last;
      g_autoptr (BfySecret) parsed = bfy_client_key_parse (text.data (), text.size ());

      if (parsed == nullptr)
        continue;
      n_accepted++;
      EXPECT_EQ (last, 'w');
      EXPECT_TRUE (bfy_secret_equal (parsed, key));
    }
  EXPECT_EQ (n_accepted, 1);
}

TEST (ClientKey, ComesBackFromItsText)
{
  for (int seed = 0; seed < 256; seed++)
    {
      std::vector<guint8> bytes (BFY_CLIENT_KEY_BYTES);

      for (size_t i = 0; i < bytes.size (); i++)
        bytes[i] = static_cast<guint8> (seed * 31 + i * (seed | 1));
      g_autoptr (BfySecret) key = bfy_secret_new (bytes.data (), bytes.size ());
      g_autoptr (BfySecret) printed = bfy_client_key_to_printed (key);
      g_autoptr (BfySecret) back =
          bfy_client_key_parse (bfy_secret_peek_text (printed), bfy_secret_length (printed));

      ASSERT_NE (back, nullptr) << seed;
      EXPECT_TRUE (bfy_secret_equal (back, key)) << seed;
    }
}

// The prefix is made of key characters: it must not be taken off a key that happens to start so.
TEST (ClientKey, MayStartLikeThePrefix)
{
  std::string text = "bnd_local_" + golden_text.substr (10);
  g_autoptr (BfySecret) key = bfy_client_key_parse (text.data (), text.size ());

  ASSERT_NE (key, nullptr);
  g_autoptr (BfySecret) back = bfy_client_key_to_text (key);
  EXPECT_EQ (text_of (back), text);
}

struct KeyCase
{
  const char *name;
  std::string text;
  bool is_accepted;
};

class ClientKeyParse : public testing::TestWithParam<KeyCase>
{
};

TEST_P (ClientKeyParse, Decides)
{
  const KeyCase &row = GetParam ();
  g_autoptr (BfySecret) key = bfy_client_key_parse (row.text.data (), row.text.size ());

  EXPECT_EQ (key != nullptr, row.is_accepted);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour3,
    ClientKeyParse,
    testing::Values (KeyCase{ "Bare", golden_text, true },
                     KeyCase{ "Printed", "bnd_local_" + golden_text, true },
                     KeyCase{ "Empty", "", false },
                     KeyCase{ "PrefixOnly", "bnd_local_", false },
                     KeyCase{ "Short", golden_text.substr (1), false },
                     KeyCase{ "HalfAKey", golden_text.substr (0, 43), false },
                     KeyCase{ "Long", golden_text + "A", false },
                     KeyCase{ "Hundred", std::string (100, 'A'), false },
                     KeyCase{ "Padded", golden_text + "==", false },
                     KeyCase{ "PrefixTwice", "bnd_local_bnd_local_" + golden_text, false },
                     KeyCase{ "Live", "bnd_live_" + golden_text, false },
                     KeyCase{ "Stage", "bnd_stg_" + golden_text, false },
                     KeyCase{ "Test", "bnd_test_" + golden_text, false },
                     KeyCase{ "UnknownOfSameLength", "bnd_other_" + golden_text, false },
                     KeyCase{ "PrefixUpperCase", "BND_LOCAL_" + golden_text, false },
                     KeyCase{ "Base64Plus", "+" + golden_text.substr (1), false },
                     KeyCase{ "Base64Slash", "/" + golden_text.substr (1), false },
                     KeyCase{ "Space", " " + golden_text.substr (1), false },
                     KeyCase{ "Newline", golden_text.substr (0, 85) + "\n", false },
                     KeyCase{ "Nul", std::string (1, '\0') + golden_text.substr (1), false },
                     KeyCase{ "HighByte", "\xc3" + golden_text.substr (1), false }),
    case_name<KeyCase>);

class Authorization : public testing::TestWithParam<KeyCase>
{
};

TEST_P (Authorization, Decides)
{
  const KeyCase &row = GetParam ();
  g_autoptr (BfySecret) key = bfy_client_key_from_authorization (row.text.c_str ());

  EXPECT_EQ (key != nullptr, row.is_accepted);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour3,
    Authorization,
    testing::Values (KeyCase{ "Bearer", "Bearer bnd_local_" + golden_text, true },
                     KeyCase{ "LowerCase", "bearer bnd_local_" + golden_text, true },
                     KeyCase{ "MixedCase", "bEARER bnd_local_" + golden_text, true },
                     KeyCase{ "SeveralSpaces", "Bearer   bnd_local_" + golden_text, true },
                     KeyCase{ "WithoutPrefix", "Bearer " + golden_text, true },
                     KeyCase{ "NoSpace", "Bearer" + golden_text, false },
                     KeyCase{ "Tab", "Bearer\t" + golden_text, false },
                     KeyCase{ "TrailingSpace", "Bearer " + golden_text + " ", false },
                     KeyCase{ "TwoValues", "Bearer " + golden_text + ", Bearer x", false },
                     KeyCase{ "Basic", "Basic " + golden_text, false },
                     KeyCase{ "BearerOnly", "Bearer", false },
                     KeyCase{ "BearerAndSpace", "Bearer ", false },
                     KeyCase{ "Empty", "", false },
                     KeyCase{ "KeyOnly", "bnd_local_" + golden_text, false }),
    case_name<KeyCase>);

TEST (Authorization, MayBeMissing)
{
  EXPECT_EQ (bfy_client_key_from_authorization (nullptr), nullptr);
}

TEST (Base64url, HasTheGoldenForms)
{
  std::vector<guint8> ones (32, 0xff);
  const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  guint8 challenge[SHA256_DIGEST_LENGTH];

  EXPECT_EQ (take_text (bfy_base64url_encode (ones.data (), ones.size ())),
             "__________________________________________8");
  // RFC 7636, appendix B.
  SHA256 (reinterpret_cast<const guint8 *> (verifier), strlen (verifier), challenge);
  EXPECT_EQ (take_text (bfy_base64url_encode (challenge, sizeof challenge)),
             "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST (Base64url, ComesBackAtEveryLength)
{
  for (gsize length = 0; length < 100; length++)
    {
      std::vector<guint8> data (length + 1);

      for (gsize i = 0; i < length; i++)
        data[i] = static_cast<guint8> (i * 37 + length);
      std::string text = take_text (bfy_base64url_encode (data.data (), length));
      gsize back_length = 0;
      g_autofree guint8 *back = bfy_base64url_decode (text.data (), text.size (), &back_length);

      ASSERT_NE (back, nullptr) << length;
      ASSERT_EQ (back_length, length);
      EXPECT_EQ (memcmp (back, data.data (), length), 0) << length;
    }
}

struct Base64Case
{
  const char *name, *text;
};

class Base64urlRefuses : public testing::TestWithParam<Base64Case>
{
};

TEST_P (Base64urlRefuses, WhatIsNotCanonical)
{
  gsize length;

  EXPECT_EQ (bfy_base64url_decode (GetParam ().text, strlen (GetParam ().text), &length), nullptr);
}

INSTANTIATE_TEST_SUITE_P (Behaviour35,
                          Base64urlRefuses,
                          testing::Values (Base64Case{ "OneCharacter", "A" },
                                           Base64Case{ "FiveCharacters", "AAAAA" },
                                           Base64Case{ "Padding", "AA==" },
                                           Base64Case{ "FourSpareBits", "AB" },
                                           Base64Case{ "TwoSpareBits", "AAB" },
                                           Base64Case{ "Plus", "AA+A" },
                                           Base64Case{ "Slash", "AA/A" },
                                           Base64Case{ "Space", "AA A" }),
                          case_name<Base64Case>);

} // namespace
