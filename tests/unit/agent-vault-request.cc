// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <string>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/api/vault-request.h"
#include "agent/systemd-credential.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define SCRYPT "{\"algorithm\":\"scrypt\",\"salt\":\"" SALT "\",\"log2_n\":14,\"r\":8,\"p\":1}"
#define HKDF "{\"algorithm\":\"hkdf-sha256\",\"salt\":\"" SALT "\"}"

struct Parsed
{
  Parsed (BfyVaultRequestForm form, const std::string &text)
  {
    g_autoptr (GBytes) body = g_bytes_new (text.data (), text.size ());

    is_ok = bfy_vault_request_parse (&request, form, body, error.out ());
  }
  ~Parsed ()
  {
    bfy_vault_request_clear (&request);
  }

  BfyVaultRequest request;
  Error error;
  bool is_ok;
};

} // namespace

TEST (VaultRequest, ASlotIsRead)
{
  Parsed parsed (BFY_VAULT_REQUEST_SLOT,
                 "{\"slot\":{\"kind\":\"passphrase\",\"kdf\":" SCRYPT ",\"key\":\"" KEY "\"}}");
  gsize length = 0;

  ASSERT_TRUE (parsed.is_ok) << parsed.error;
  EXPECT_EQ (parsed.request.kind, BFY_VAULT_SLOT_PASSPHRASE);
  EXPECT_EQ (parsed.request.kdf.log2_n, 14u);
  ASSERT_NE (parsed.request.key, nullptr);
  const guint8 *key = bfy_secret_peek (parsed.request.key, &length);
  ASSERT_EQ (length, 32u);
  for (guint i = 0; i < length; i++)
    EXPECT_EQ (key[i], i);
}

// The solidus may be escaped in JSON, and base64 has it.
TEST (VaultRequest, AKeyMayBeEscaped)
{
  Parsed plain (BFY_VAULT_REQUEST_UNLOCK,
                "{\"slot\":2,\"key\":\"//////////////////////////////////////////8=\"}");
  Parsed escaped (BFY_VAULT_REQUEST_UNLOCK,
                  "{\"slot\":2,\"key\":\"\\/\\/////////////////////////////////////////8=\"}");

  ASSERT_TRUE (plain.is_ok) << plain.error;
  ASSERT_TRUE (escaped.is_ok) << escaped.error;
  EXPECT_EQ (plain.request.slot, 2u);
  EXPECT_TRUE (bfy_secret_equal (plain.request.key, escaped.request.key));
}

TEST (VaultRequest, WhatTheAgentKnowsNeedsNoKey)
{
  Parsed slot (BFY_VAULT_REQUEST_SLOT, "{\"slot\":{\"kind\":\"key_file\",\"kdf\":null}}");
  Parsed file (BFY_VAULT_REQUEST_FILE, "{\"file\":\"QUJDRA==\",\"key\":null}");
  Parsed nothing (BFY_VAULT_REQUEST_EXPECTED, "");
  Parsed expected (BFY_VAULT_REQUEST_EXPECTED, "{\"expected\":[\"0123456789abcdef\"]}");

  ASSERT_TRUE (slot.is_ok) << slot.error;
  EXPECT_EQ (slot.request.kind, BFY_VAULT_SLOT_KEY_FILE);
  EXPECT_EQ (slot.request.key, nullptr);
  ASSERT_TRUE (file.is_ok) << file.error;
  EXPECT_EQ (std::string (static_cast<const char *> (g_bytes_get_data (file.request.file, nullptr)),
                          g_bytes_get_size (file.request.file)),
             "ABCD");
  EXPECT_TRUE (nothing.is_ok) << nothing.error;
  EXPECT_EQ (nothing.request.expected, nullptr);
  ASSERT_TRUE (expected.is_ok) << expected.error;
  EXPECT_STREQ (expected.request.expected[0], "0123456789abcdef");
}

struct BadBody
{
  const char *name;
  BfyVaultRequestForm form;
  const char *body;
  const char *says;
};

class VaultRequestRefuses : public testing::TestWithParam<BadBody>
{
};

TEST_P (VaultRequestRefuses, AndRepeatsNoKey)
{
  Parsed parsed (GetParam ().form, GetParam ().body);

  EXPECT_FALSE (parsed.is_ok);
  EXPECT_THAT (parsed.error.message (), HasSubstr (GetParam ().says));
  EXPECT_THAT (parsed.error.message (), Not (HasSubstr ("AAECAw")));
}

INSTANTIATE_TEST_SUITE_P (
    Bodies,
    VaultRequestRefuses,
    testing::Values (
        BadBody{ "Empty", BFY_VAULT_REQUEST_SLOT, "", "JSON" },
        BadBody{ "Array", BFY_VAULT_REQUEST_SLOT, "[]", "an object" },
        BadBody{ "NoSlot", BFY_VAULT_REQUEST_SLOT, "{}", "“slot”" },
        BadBody{ "SlotIsNumber", BFY_VAULT_REQUEST_SLOT, "{\"slot\":1}", "“slot”" },
        BadBody{ "UnknownMember", BFY_VAULT_REQUEST_SLOT, "{\"passphrase\":\"x\"}", "Unknown" },
        BadBody{ "UnknownInSlot", BFY_VAULT_REQUEST_SLOT,
                 "{\"slot\":{\"kind\":\"passphrase\",\"passphrase\":\"x\"}}", "Unknown" },
        BadBody{ "NoKind", BFY_VAULT_REQUEST_SLOT, "{\"slot\":{}}", "“kind”" },
        BadBody{ "ForeignKind", BFY_VAULT_REQUEST_SLOT, "{\"slot\":{\"kind\":\"tpm\"}}", "“kind”" },
        BadBody{ "KeyWithoutKdf", BFY_VAULT_REQUEST_SLOT,
                 "{\"slot\":{\"kind\":\"recovery\",\"key\":\"" KEY "\"}}", "“kdf”" },
        BadBody{ "PassphraseThatCostsNothing", BFY_VAULT_REQUEST_SLOT,
                 "{\"slot\":{\"kind\":\"passphrase\",\"kdf\":" HKDF ",\"key\":\"" KEY "\"}}",
                 "scrypt for a passphrase" },
        BadBody{ "ExportThatCostsNothing", BFY_VAULT_REQUEST_EXPORT,
                 "{\"kdf\":" HKDF ",\"key\":\"" KEY "\"}", "scrypt for a passphrase" },
        BadBody{ "CostBelowTheFloor", BFY_VAULT_REQUEST_EXPORT,
                 "{\"kdf\":{\"algorithm\":\"scrypt\",\"salt\":\"" SALT
                 "\",\"log2_n\":10,\"r\":8,\"p\":1},\"key\":\"" KEY "\"}",
                 "" },
        BadBody{ "UnlockWithoutKey", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":1}", "“key”" },
        BadBody{ "SlotZero", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":0,\"key\":\"" KEY "\"}",
                 "“slot”" },
        BadBody{ "SlotNine", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":9,\"key\":\"" KEY "\"}",
                 "“slot”" },
        BadBody{ "SlotHalf", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":1.5,\"key\":\"" KEY "\"}",
                 "“slot”" },
        BadBody{ "ShortKey", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":1,\"key\":\"AAECAwQF\"}",
                 "32 bytes" },
        BadBody{ "31Bytes", BFY_VAULT_REQUEST_UNLOCK,
                 "{\"slot\":1,\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\"}",
                 "32 bytes" },
        BadBody{ "33Bytes", BFY_VAULT_REQUEST_UNLOCK,
                 "{\"slot\":1,\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\"}",
                 "32 bytes" },
        BadBody{ "ForeignCharacter", BFY_VAULT_REQUEST_UNLOCK,
                 "{\"slot\":1,\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh*=\"}",
                 "32 bytes" },
        BadBody{ "KeyIsNumber", BFY_VAULT_REQUEST_UNLOCK, "{\"slot\":1,\"key\":32}", "32 bytes" },
        BadBody{ "NoFile", BFY_VAULT_REQUEST_FILE, "{}", "“file”" },
        BadBody{ "EmptyFile", BFY_VAULT_REQUEST_FILE, "{\"file\":\"\"}", "“file”" },
        BadBody{ "FileNotBase64", BFY_VAULT_REQUEST_FILE, "{\"file\":\"QU*D\"}", "“file”" },
        BadBody{ "FileCutShort", BFY_VAULT_REQUEST_FILE, "{\"file\":\"QUJDR\"}", "“file”" },
        BadBody{ "ExpectedIsText", BFY_VAULT_REQUEST_EXPECTED, "{\"expected\":\"0123\"}",
                 "expected" }),
    case_name<BadBody>);

TEST (SystemdCredential, IsReadWhole)
{
  TempDir dir;
  Error error;

  write_file (dir.path (BFY_SYSTEMD_VAULT_KEY), std::string ("\0secret\n", 8), 0400);
  g_autoptr (BfySecret) secret =
      bfy_systemd_credential_read (dir.path ().c_str (), BFY_SYSTEMD_VAULT_KEY, error.out ());
  gsize length = 0;

  ASSERT_NE (secret, nullptr) << error;
  const guint8 *bytes = bfy_secret_peek (secret, &length);
  EXPECT_EQ (std::string (reinterpret_cast<const char *> (bytes), length),
             std::string ("\0secret\n", 8));
}

TEST (SystemdCredential, IsRefusedWhereOthersReadOrItIsNoFile)
{
  TempDir dir;
  Error error;
  auto read = [&] (const char *directory) {
    g_autoptr (BfySecret) secret =
        bfy_systemd_credential_read (directory, BFY_SYSTEMD_VAULT_KEY, error.out ());
    EXPECT_EQ (secret, nullptr);
  };
  std::string path = dir.path (BFY_SYSTEMD_VAULT_KEY);

  read (dir.path ().c_str ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  write_file (path, "0123456789abcdef", 0404);
  read (dir.path ().c_str ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  write_file (dir.path ("other"), "0123456789abcdef", 0400);
  std::filesystem::remove (path);
  std::filesystem::create_symlink (dir.path ("other"), path);
  read (dir.path ().c_str ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  std::filesystem::remove (path);
  std::filesystem::create_directory (path);
  read (dir.path ().c_str ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  std::filesystem::remove (path);
  write_file (path, std::string (BFY_SYSTEMD_CREDENTIAL_BYTES_MAX + 1, 'x'), 0400);
  read (dir.path ().c_str ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_TOO_LARGE));
  read ("relative");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}
