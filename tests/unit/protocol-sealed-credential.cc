// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/blob.h"
#include "protocol/client-key.h"
#include "protocol/sealed-credential.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;
using testing::Not;

constexpr char kBinding[] = "4d1c8a3e-0000-4000-8000-000000000001";
constexpr char kOtherBinding[] = "4d1c8a3e-0000-4000-8000-000000000002";
constexpr char kLaptop[] = "4d1c8a3e-0000-4000-8000-0000000000aa";
constexpr char kServer[] = "4d1c8a3e-0000-4000-8000-0000000000bb";

// Written by another implementation: the credential sk-golden of kBinding under the data key 0xdd ×
// 32, wrapped for kLaptop under 0xbb × 32.
constexpr char kWrap[] =
    "AaD6sTd_SadZAAECAwQFBgcICQoLIQQumx-sOEw5wMUDwq7ZVNMlWsJDUTxEhxA2ipicZ3fILcH_w3Zh3WZcw5YeOkgW";
constexpr char kData[] =
    "AdkTI6UpjzufDA0ODxAREhMUFRYXU6Tmmlu9WLGKD98QW2tvR0ANjlDFDuiRtqdyZhXrPNM44fRDEsZ1WNEGHKjd0rbAWa"
    "7DiOCF8HnwgFEliuA";

std::string
golden ()
{
  return std::string (R"({"v":1,"type":"sealed","wraps":[{"client":")") + kLaptop + R"(","key":")" +
         kWrap + R"("}],"data":")" + kData + R"("})";
}

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

BfySecret *
key_of (char byte)
{
  return secret_of (std::string (BFY_BLOB_KEY_BYTES, byte));
}

std::string
text_of (const BfySecret *secret)
{
  return secret != nullptr ? std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret))
                           : "(null)";
}

BfySealedCredential *
parse (const std::string &text, Error &error)
{
  g_autoptr (BfySecret) item = secret_of (text);

  return bfy_sealed_credential_parse (item, error.out ());
}

// What @proof of @client opens, "(locked)" and so on when it does not.
std::string
opened (const BfySealedCredential *envelope,
        const char *binding,
        const char *client,
        const BfySecret *proof,
        Error &error)
{
  g_autoptr (BfySecret) data_key =
      bfy_sealed_credential_unwrap (envelope, binding, client, proof, error.out ());
  g_autoptr (BfyCredential) credential = nullptr;

  if (data_key != nullptr)
    credential = bfy_sealed_credential_open (envelope, binding, data_key, error.out ());

  return credential != nullptr ? text_of (credential->secret) : "(null)";
}

class SealedCredential : public testing::Test
{
protected:
  void SetUp () override
  {
    g_autoptr (BfySecret) secret = secret_of ("sk-sealed-0123456789");

    credential = bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);
    data_key = bfy_blob_make_key (error.out ());
    envelope = bfy_sealed_credential_new ();
    ASSERT_TRUE (
        bfy_sealed_credential_store (envelope, kBinding, data_key, credential, error.out ()))
        << error;
    ASSERT_TRUE (bfy_sealed_credential_add_client (envelope, kBinding, kLaptop, laptop, data_key,
                                                   error.out ()))
        << error;
  }
  void TearDown () override
  {
    bfy_sealed_credential_free (envelope);
    bfy_credential_free (credential);
    bfy_secret_unref (data_key);
    bfy_secret_unref (laptop);
    bfy_secret_unref (server);
  }
  std::string item ()
  {
    g_autoptr (BfySecret) written = bfy_sealed_credential_to_item (envelope);

    return text_of (written);
  }

  Error error;
  BfySecret *laptop = key_of ('l');
  BfySecret *server = key_of ('s');
  BfySecret *data_key = nullptr;
  BfyCredential *credential = nullptr;
  BfySealedCredential *envelope = nullptr;
};

} // namespace

// The form is a contract with everything that is already stored.
TEST (SealedCredentialForm, ReadsWhatAnotherImplementationWrote)
{
  Error error;
  g_autoptr (BfySealedCredential) envelope = parse (golden (), error);
  ASSERT_NE (envelope, nullptr) << error;
  g_autoptr (BfySecret) proof = key_of ('\xbb');
  g_autoptr (BfySecret) written = bfy_sealed_credential_to_item (envelope);

  EXPECT_EQ (opened (envelope, kBinding, kLaptop, proof, error), "sk-golden") << error;
  EXPECT_EQ (text_of (written), golden ());
}

// behaviour 24: the key of the hosted proxy's zero-knowledge mode, which an import has to derive.
TEST (SealedCredentialForm, DerivesTheZeroKnowledgeKeyOfTheHostedProxy)
{
  static const guint8 want[] = { 0x30, 0xb2, 0x13, 0x12, 0xa2, 0xe6, 0x8f, 0xcd, 0xe5, 0x31, 0xcb,
                                 0x77, 0x36, 0x55, 0x6b, 0xa3, 0x19, 0x8f, 0xf5, 0xd2, 0x98, 0xa1,
                                 0x88, 0x1b, 0x25, 0x09, 0x69, 0xb6, 0x6d, 0xc4, 0x68, 0x6b };
  Error error;
  g_autoptr (BfySecret) text = secret_of ("my-secret-key-uuid");
  g_autoptr (BfySecret) key = bfy_blob_derive (text, BFY_BLOB_INFO_SEALED, "", error.out ());

  ASSERT_NE (key, nullptr) << error;
  EXPECT_EQ (text_of (key), std::string (reinterpret_cast<const char *> (want), sizeof want));
}

TEST (SealedCredentialForm, TheProofIsTheSecondHalfOfTheKey)
{
  g_autoptr (BfySecret) key = secret_of (std::string (32, 'a') + std::string (32, 'b'));
  g_autoptr (BfySecret) proof = bfy_client_key_proof (key);

  EXPECT_EQ (text_of (proof), std::string (32, 'b'));
}

TEST_F (SealedCredential, OpensWithTheKeyOfItsClientOnly)
{
  EXPECT_EQ (opened (envelope, kBinding, kLaptop, laptop, error), "sk-sealed-0123456789") << error;
  EXPECT_EQ (opened (envelope, kBinding, kLaptop, server, error), "(null)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_EQ (opened (envelope, kBinding, kServer, laptop, error), "(null)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
}

TEST_F (SealedCredential, ShowsNothingOfTheCredentialAndTheKeys)
{
  EXPECT_THAT (item (), Not (HasSubstr ("sk-sealed")));
  EXPECT_THAT (item (), Not (HasSubstr ("api_key")));
  for (const BfySecret *key : { data_key, laptop })
    {
      std::string raw = text_of (key);

      EXPECT_THAT (item (), Not (HasSubstr (raw)));
      EXPECT_THAT (item (), Not (HasSubstr (take_text (bfy_base64url_encode (
                                reinterpret_cast<const guint8 *> (raw.data ()), raw.size ())))));
    }
}

// An envelope that is laid under another binding opens for nobody (behaviour 10.4).
TEST_F (SealedCredential, IsBoundToItsBinding)
{
  EXPECT_EQ (opened (envelope, kOtherBinding, kLaptop, laptop, error), "(null)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  g_autoptr (BfyCredential) moved =
      bfy_sealed_credential_open (envelope, kOtherBinding, data_key, error.out ());
  EXPECT_EQ (moved, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
}

// behaviour 26, Crypto: two encryptions of the same differ.
TEST_F (SealedCredential, NeverTheSameTwice)
{
  std::string before = item ();

  ASSERT_TRUE (
      bfy_sealed_credential_store (envelope, kBinding, data_key, credential, error.out ()));
  EXPECT_NE (item (), before);
}

TEST_F (SealedCredential, ASecondClientAndThenTheFirstOneRevoked)
{
  ASSERT_TRUE (bfy_sealed_credential_add_client (envelope, kBinding, kServer, server, data_key,
                                                 error.out ()));
  EXPECT_EQ (bfy_sealed_credential_n_clients (envelope), 2u);
  EXPECT_EQ (opened (envelope, kBinding, kServer, server, error), "sk-sealed-0123456789") << error;
  EXPECT_TRUE (bfy_sealed_credential_remove_client (envelope, kLaptop));
  EXPECT_FALSE (bfy_sealed_credential_remove_client (envelope, kLaptop));
  g_autoptr (BfySealedCredential) read = parse (item (), error);
  ASSERT_NE (read, nullptr) << error;
  EXPECT_FALSE (bfy_sealed_credential_has_client (read, kLaptop));
  EXPECT_EQ (opened (read, kBinding, kServer, server, error), "sk-sealed-0123456789") << error;
}

TEST_F (SealedCredential, ANewCredentialUnderTheSameKeyKeepsTheClients)
{
  g_autoptr (BfySecret) secret = secret_of ("sk-renewed");
  g_autoptr (BfyCredential) renewed = bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);

  ASSERT_TRUE (bfy_sealed_credential_store (envelope, kBinding, data_key, renewed, error.out ()));
  EXPECT_EQ (opened (envelope, kBinding, kLaptop, laptop, error), "sk-renewed") << error;
}

TEST_F (SealedCredential, AWrapIsReplacedNotDoubled)
{
  ASSERT_TRUE (bfy_sealed_credential_add_client (envelope, kBinding, kLaptop, server, data_key,
                                                 error.out ()));
  EXPECT_EQ (bfy_sealed_credential_n_clients (envelope), 1u);
  EXPECT_EQ (opened (envelope, kBinding, kLaptop, server, error), "sk-sealed-0123456789") << error;
}

TEST_F (SealedCredential, TakesSoManyClientsAndNoMore)
{
  for (guint i = 1; i < BFY_SEALED_CLIENTS_MAX; i++)
    {
      g_autofree char *id = g_uuid_string_random ();

      ASSERT_TRUE (bfy_sealed_credential_add_client (envelope, kBinding, id, server, data_key,
                                                     error.out ()));
    }
  EXPECT_FALSE (bfy_sealed_credential_add_client (envelope, kBinding, kServer, server, data_key,
                                                  error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
  g_autoptr (BfySealedCredential) read = parse (item (), error);
  EXPECT_NE (read, nullptr) << error;
}

TEST_F (SealedCredential, ACopyIsItsOwn)
{
  g_autoptr (BfySealedCredential) copy = bfy_sealed_credential_copy (envelope);

  bfy_sealed_credential_remove_all_clients (envelope);
  EXPECT_EQ (opened (copy, kBinding, kLaptop, laptop, error), "sk-sealed-0123456789") << error;
  EXPECT_EQ (bfy_sealed_credential_n_clients (envelope), 0u);
}

TEST (SealedCredentialForm, WithoutACredentialThereIsNothingToWrite)
{
  Error error;
  g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_new ();
  g_autoptr (BfySecret) key = key_of ('k');
  g_autoptr (BfyCredential) credential =
      bfy_sealed_credential_open (envelope, kBinding, key, error.out ());

  EXPECT_EQ (bfy_sealed_credential_to_item (envelope), nullptr);
  EXPECT_EQ (credential, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
}

namespace
{

struct EnvelopeDamage
{
  const char *name;
  std::string text;
};

class SealedCredentialDamage : public testing::TestWithParam<EnvelopeDamage>
{
};

std::string
envelope_with (const std::string &wraps,
               const std::string &data = kData,
               const std::string &more = R"("v":1,"type":"sealed")")
{
  return "{" + more + ",\"wraps\":" + wraps + ",\"data\":\"" + data + "\"}";
}

std::string
wrap (const std::string &client, const std::string &key)
{
  return R"({"client":")" + client + R"(","key":")" + key + "\"}";
}

std::string
many_wraps (int n)
{
  std::string wraps = "[";

  for (int i = 0; i < n; i++)
    wraps += (i > 0 ? "," : "") +
             wrap ("4d1c8a3e-0000-4000-8000-0000000001" + std::to_string (10 + i), kWrap);
  return wraps + "]";
}

} // namespace

TEST_P (SealedCredentialDamage, IsRefused)
{
  Error error;
  g_autoptr (BfySealedCredential) envelope = parse (GetParam ().text, error);

  EXPECT_EQ (envelope, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_THAT (error.message (), Not (HasSubstr ("sk-")));
}

INSTANTIATE_TEST_SUITE_P (
    Envelopes,
    SealedCredentialDamage,
    testing::Values (
        EnvelopeDamage{ "Empty", "" },
        EnvelopeDamage{ "NotJson", "sealed" },
        EnvelopeDamage{ "Array", "[]" },
        EnvelopeDamage{ "InClear", R"({"v":1,"type":"api_key","api_key":"sk-clear"})" },
        EnvelopeDamage{ "ClearBeside", R"({"v":1,"type":"sealed","wraps":[],"data":")" +
                                           std::string (kData) + R"(","api_key":"sk-clear"})" },
        EnvelopeDamage{ "NoVersion", envelope_with ("[]", kData, R"("type":"sealed")") },
        EnvelopeDamage{ "Newer", envelope_with ("[]", kData, R"("v":2,"type":"sealed")") },
        EnvelopeDamage{ "VersionText", envelope_with ("[]", kData, R"("v":"1","type":"sealed")") },
        EnvelopeDamage{ "OtherType", envelope_with ("[]", kData, R"("v":1,"type":"Sealed")") },
        EnvelopeDamage{ "TypeTwice",
                        envelope_with ("[]", kData, R"("v":1,"type":"sealed","type":"sealed")") },
        EnvelopeDamage{ "WrapsMissing",
                        R"({"v":1,"type":"sealed","data":")" + std::string (kData) + "\"}" },
        EnvelopeDamage{ "WrapsNull", envelope_with ("null") },
        EnvelopeDamage{ "WrapsObject", envelope_with ("{}") },
        EnvelopeDamage{ "WrapIsText", envelope_with (R"(["x"])") },
        EnvelopeDamage{ "WrapIsNull", envelope_with ("[null]") },
        EnvelopeDamage{ "WrapEmpty", envelope_with ("[{}]") },
        EnvelopeDamage{
            "WrapWithMore",
            envelope_with ("[" + wrap (kLaptop, std::string (kWrap) + R"(","x":")") + "]") },
        EnvelopeDamage{ "ClientIsNoId", envelope_with ("[" + wrap ("laptop", kWrap) + "]") },
        EnvelopeDamage{ "ClientTwice", envelope_with ("[" + wrap (kLaptop, kWrap) + "," +
                                                      wrap (kLaptop, kWrap) + "]") },
        EnvelopeDamage{ "TooManyClients", envelope_with (many_wraps (BFY_SEALED_CLIENTS_MAX + 1)) },
        EnvelopeDamage{
            "WrapCut",
            envelope_with ("[" + wrap (kLaptop, std::string (kWrap).substr (0, 91)) + "]") },
        EnvelopeDamage{ "WrapLonger",
                        envelope_with ("[" + wrap (kLaptop, std::string (kWrap) + "AA") + "]") },
        EnvelopeDamage{ "WrapPadded",
                        envelope_with ("[" + wrap (kLaptop, std::string (kWrap) + "=") + "]") },
        EnvelopeDamage{ "DataMissing", R"({"v":1,"type":"sealed","wraps":[]})" },
        EnvelopeDamage{ "DataEmpty", envelope_with ("[]", "") },
        EnvelopeDamage{ "DataWithoutCiphertext",
                        envelope_with ("[]", std::string (kData).substr (0, 48)) },
        EnvelopeDamage{ "DataOtherAlphabet", envelope_with ("[]", std::string (kData) + "+///") },
        EnvelopeDamage{ "Trailing", envelope_with ("[]") + "x" }),
    case_name<EnvelopeDamage>);

// Every cut and every flipped bit of an envelope is damage, or opens to the truth.
TEST (SealedCredentialForm, SurvivesCutsAndFlips)
{
  const std::string text = golden ();
  g_autoptr (BfySecret) proof = key_of ('\xbb');
  int n_opened = 0;

  for (size_t i = 0; i < text.size (); i++)
    {
      Error error;
      g_autoptr (BfySealedCredential) cut = parse (text.substr (0, i), error);

      EXPECT_EQ (cut, nullptr) << "cut at " << i;
      for (int bit = 0; bit < 8; bit++)
        {
          std::string flipped = text;

          flipped[i] = static_cast<char> (flipped[i] ^ 1 << bit);
          g_autoptr (BfySealedCredential) envelope = parse (flipped, error);
          if (envelope == nullptr)
            continue;
          std::string secret = opened (envelope, kBinding, kLaptop, proof, error);
          n_opened += secret != "(null)";
          EXPECT_TRUE (secret == "(null)" || secret == "sk-golden") << i << ", bit " << bit;
        }
    }
  EXPECT_EQ (n_opened, 0) << "each byte of an envelope matters";
}
