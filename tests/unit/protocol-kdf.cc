// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/kdf.h"
#include "protocol/recovery.h"
}

namespace
{

using ::operator<<; // prints a row by its name

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

BfyKdf
kdf_of (BfyKdfAlgorithm algorithm, guint log2_n, guint r, guint p)
{
  BfyKdf kdf = {};

  kdf.algorithm = algorithm;
  kdf.log2_n = log2_n;
  kdf.r = r;
  kdf.p = p;
  for (guint i = 0; i < BFY_KDF_SALT_BYTES; i++)
    kdf.salt[i] = static_cast<guint8> (i);
  return kdf;
}

std::string
derive (const BfyKdf &kdf, const std::string &input, Error &error)
{
  g_autoptr (BfySecret) secret = secret_of (input);
  g_autoptr (BfySecret) key = bfy_kdf_derive (&kdf, secret, error.out ());
  std::string hex;

  for (char byte : text_of (key))
    {
      char digits[3];

      snprintf (digits, sizeof digits, "%02x", static_cast<unsigned char> (byte));
      hex += digits;
    }
  return key != nullptr ? hex : "(none)";
}

// The values are Python's hashlib.scrypt and hmac.
TEST (Kdf, DerivesWhatOthersDerive)
{
  Error error;

  EXPECT_EQ (derive (kdf_of (BFY_KDF_SCRYPT, 14, 8, 1), "correct horse battery staple", error),
             "d7590aca2c9801cf06eeba772a69dc31ce3862591d96522ac4e6bba6ad1f31a5")
      << error;
  EXPECT_EQ (derive (kdf_of (BFY_KDF_SCRYPT, 15, 8, 2), "correct horse battery staple", error),
             "0760ba2b0b37732e3fb931b2a5fc51db3610fe467a56269a2847a0bc15ba8eca")
      << error;
  EXPECT_EQ (derive (kdf_of (BFY_KDF_HKDF_SHA256, 0, 0, 0), std::string (32, 'k'), error),
             "b0303202fcf78b96fd1ea08d14a0dc569110fcfbc751a50fe792bc6d1fb27208")
      << error;
}

TEST (Kdf, TakesNothingForNoAnswer)
{
  Error error;

  EXPECT_EQ (derive (kdf_of (BFY_KDF_HKDF_SHA256, 0, 0, 0), "", error), "(none)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST (Kdf, MakesSaltsThatDiffer)
{
  BfyKdf one = {}, two = {};
  Error error;

  ASSERT_TRUE (bfy_kdf_make_salt (&one, error.out ())) << error;
  ASSERT_TRUE (bfy_kdf_make_salt (&two, error.out ())) << error;
  EXPECT_NE (std::string (reinterpret_cast<char *> (one.salt), sizeof one.salt),
             std::string (reinterpret_cast<char *> (two.salt), sizeof two.salt));
}

struct CostCase
{
  const char *name;
  BfyKdf kdf;
  const char *says; // "" is accepted
};

class KdfCost : public testing::TestWithParam<CostCase>
{
};

TEST_P (KdfCost, IsBounded)
{
  const BfyKdf &kdf = GetParam ().kdf;
  const std::string says = GetParam ().says;
  g_autoptr (BfySecret) input = secret_of ("input");
  Error error;

  EXPECT_EQ (bfy_kdf_check (&kdf, error.out ()), says.empty ()) << error;
  if (says.empty ())
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (says));
  EXPECT_EQ (bfy_kdf_derive (&kdf, input, error.out ()), nullptr) << "no work is done for it";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

INSTANTIATE_TEST_SUITE_P (
    Costs,
    KdfCost,
    testing::Values (CostCase{ "Floor", kdf_of (BFY_KDF_SCRYPT, 14, 8, 1), "" },
                     CostCase{ "Cap", kdf_of (BFY_KDF_SCRYPT, 20, 8, 4), "" },
                     CostCase{ "Hkdf", kdf_of (BFY_KDF_HKDF_SHA256, 0, 0, 0), "" },
                     CostCase{ "BelowFloor", kdf_of (BFY_KDF_SCRYPT, 13, 8, 1), "too cheap" },
                     CostCase{ "NoBlocks", kdf_of (BFY_KDF_SCRYPT, 14, 0, 1), "too cheap" },
                     CostCase{ "NoLanes", kdf_of (BFY_KDF_SCRYPT, 14, 8, 0), "too cheap" },
                     CostCase{ "AboveCap", kdf_of (BFY_KDF_SCRYPT, 21, 8, 1), "costs more" },
                     CostCase{ "ShiftOverflow", kdf_of (BFY_KDF_SCRYPT, 64, 8, 1), "costs more" },
                     CostCase{ "WideBlocks", kdf_of (BFY_KDF_SCRYPT, 20, 9, 1), "costs more" },
                     CostCase{ "ManyLanes", kdf_of (BFY_KDF_SCRYPT, 14, 8, 5), "costs more" },
                     CostCase{ "HkdfWithCost", kdf_of (BFY_KDF_HKDF_SHA256, 14, 8, 1), "a cost" },
                     CostCase{ "Unknown", kdf_of (static_cast<BfyKdfAlgorithm> (2), 14, 8, 1),
                               "not known" }),
    case_name<CostCase>);

TEST (Kdf, ReadsTheJsonItWrites)
{
  for (const BfyKdf &kdf :
       { kdf_of (BFY_KDF_SCRYPT, 17, 8, 1), kdf_of (BFY_KDF_HKDF_SHA256, 0, 0, 0) })
    {
      g_autoptr (JsonObject) object = bfy_kdf_to_json (&kdf);
      BfyKdf back = {};
      Error error;

      ASSERT_TRUE (bfy_kdf_from_json (object, &back, error.out ())) << error;
      EXPECT_EQ (back.algorithm, kdf.algorithm);
      EXPECT_EQ (back.log2_n, kdf.log2_n);
      EXPECT_EQ (back.r, kdf.r);
      EXPECT_EQ (back.p, kdf.p);
      EXPECT_EQ (memcmp (back.salt, kdf.salt, sizeof kdf.salt), 0);
    }

  const BfyKdf kdf = kdf_of (BFY_KDF_SCRYPT, 17, 8, 1);
  g_autoptr (JsonObject) object = bfy_kdf_to_json (&kdf);
  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)),
             R"({"algorithm":"scrypt","salt":"AAECAwQFBgcICQoLDA0ODw==","log2_n":17,"r":8,"p":1})");
}

struct JsonCase
{
  const char *name, *json;
};

class KdfJson : public testing::TestWithParam<JsonCase>
{
};

TEST_P (KdfJson, IsRefused)
{
  const std::string text = GetParam ().json;
  BfyKdf kdf = {};
  Error error;
  g_autoptr (JsonObject) object = bfy_json_parse_object (text.data (), text.size (), error.out ());

  ASSERT_NE (object, nullptr) << error;
  EXPECT_FALSE (bfy_kdf_from_json (object, &kdf, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
}

#define SALT R"("salt":"AAECAwQFBgcICQoLDA0ODw==")"
INSTANTIATE_TEST_SUITE_P (
    Texts,
    KdfJson,
    testing::Values (
        JsonCase{ "Empty", "{}" },
        JsonCase{ "NoSalt", R"({"algorithm":"hkdf-sha256"})" },
        JsonCase{ "NoCost", R"({"algorithm":"scrypt",)" SALT "}" },
        JsonCase{ "UnknownAlgorithm", R"({"algorithm":"md5",)" SALT "}" },
        JsonCase{ "UnknownMember", R"({"algorithm":"hkdf-sha256","n":1,)" SALT "}" },
        JsonCase{ "ShortSalt", R"({"algorithm":"hkdf-sha256","salt":"AAECAwQFBgcICQoLDA0O"})" },
        JsonCase{ "LongSalt", R"({"algorithm":"hkdf-sha256","salt":"AAECAwQFBgcICQoLDA0ODxA="})" },
        JsonCase{ "SaltWithBlanks",
                  R"({"algorithm":"hkdf-sha256","salt":"AAECAwQFBgc ICQoLDA0ODw=="})" },
        JsonCase{ "SaltNotText", R"({"algorithm":"hkdf-sha256","salt":16})" },
        JsonCase{ "NegativeCost", R"({"algorithm":"scrypt","log2_n":-1,"r":8,"p":1,)" SALT "}" },
        JsonCase{ "WrappingCost",
                  R"({"algorithm":"scrypt","log2_n":4294967310,"r":8,"p":1,)" SALT "}" },
        JsonCase{ "CostOverCap", R"({"algorithm":"scrypt","log2_n":21,"r":8,"p":1,)" SALT "}" },
        JsonCase{ "HkdfWithCost", R"({"algorithm":"hkdf-sha256","log2_n":14,)" SALT "}" }),
    case_name<JsonCase>);

TEST (Recovery, HasTheTextOthersHave)
{
  std::string bytes;
  for (int i = 0; i < BFY_RECOVERY_BYTES; i++)
    bytes += static_cast<char> (i);
  g_autoptr (BfySecret) code = secret_of (bytes);
  g_autoptr (BfySecret) text = bfy_recovery_to_text (code);

  EXPECT_EQ (text_of (text), "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGE");
}

std::string
parse (const std::string &typed, Error &error)
{
  g_autoptr (BfySecret) text = secret_of (typed);
  g_autoptr (BfySecret) code = bfy_recovery_parse (text, error.out ());

  EXPECT_EQ (code == nullptr, error.get () != nullptr);
  return text_of (code);
}

TEST (Recovery, ReadsWhatItPrinted)
{
  Error error;

  for (int i = 0; i < 100; i++)
    {
      g_autoptr (BfySecret) code = bfy_recovery_new (error.out ());
      ASSERT_NE (code, nullptr) << error;
      g_autoptr (BfySecret) text = bfy_recovery_to_text (code);
      EXPECT_EQ (parse (text_of (text), error), text_of (code)) << error;
    }
}

TEST (Recovery, ForgivesHowItIsTyped)
{
  Error first;
  const std::string code = parse ("000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGE", first);

  ASSERT_THAT (first, Succeeds ());
  for (const char *typed :
       { "000g40r40m30e209185gr38e1w8124gkhcge", " 000G 40R4 0M30 E209 185G R38E 1W81 24GK HCGE\n",
         "OooG-4oR4-OM3o-E2O9-I85G-R38E-LW8l-24GK-HCGE",
         "0-0-0-G-4-0-R-4-0M30--E209 - 185G-R38E-iW81-24GK-HCGE-" })
    {
      Error error;

      EXPECT_EQ (parse (typed, error), code) << typed << ": " << error;
    }
}

struct TypedCase
{
  const char *name, *typed, *says;
};

class RecoveryTyped : public testing::TestWithParam<TypedCase>
{
};

TEST_P (RecoveryTyped, IsRefusedWithItsReason)
{
  Error error;

  EXPECT_EQ (parse (GetParam ().typed, error), "(none)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (GetParam ().says));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("40R4"))) << "repeats nothing";
}

INSTANTIATE_TEST_SUITE_P (
    Typed,
    RecoveryTyped,
    testing::Values (
        TypedCase{ "Nothing", "", "these were 0" },
        TypedCase{ "AGroupTooFew", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK", "these were 32" },
        TypedCase{ "OneTooMany", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGE-0",
                   "these were 37" },
        TypedCase{ "AU", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGU", "but U" },
        TypedCase{ "Foreign", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCG\xc3\xa4", "letters" },
        TypedCase{ "OneWrong", "000G-40R4-0M31-E209-185G-R38E-1W81-24GK-HCGE", "typing mistake" },
        TypedCase{ "Swapped", "000G-4R04-0M30-E209-185G-R38E-1W81-24GK-HCGE", "typing mistake" },
        TypedCase{ "WrongCheck", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGF",
                   "typing mistake" }),
    case_name<TypedCase>);

TEST (Recovery, DoesNotReadForEver)
{
  Error error;

  EXPECT_EQ (parse (std::string (100000, '-'), error), "(none)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

// Every single wrong character is noticed.
TEST (Recovery, NoticesEveryWrongCharacter)
{
  const std::string right = "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-HCGE";
  const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  for (size_t i = 0; i < right.size (); i++)
    {
      for (char c : alphabet)
        {
          std::string typed = right;
          Error error;

          if (right[i] == '-' || right[i] == c)
            continue;
          typed[i] = c;
          EXPECT_EQ (parse (typed, error), "(none)") << typed;
        }
    }
}

} // namespace
