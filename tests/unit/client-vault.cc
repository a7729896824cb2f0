// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <filesystem>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/valgrind.h"
#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/calibrate.h"
#include "client/passphrase.h"
#include "client/saved-file.h"
#include "client/vault-body.h"
#include "protocol/json.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace
{

BfySecret *
secret (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
text_of (const BfySecret *secret)
{
  return std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

std::string
text_of (GBytes *bytes)
{
  return std::string (static_cast<const char *> (g_bytes_get_data (bytes, nullptr)),
                      g_bytes_get_size (bytes));
}

constexpr guint64 kGib = 1024ull * 1024 * 1024;

} // namespace

struct CostCase
{
  const char *name;
  guint measured_at;
  gint64 took_us;
  guint64 memory;
  guint want;
};

class Calibrate : public testing::TestWithParam<CostCase>
{
};

TEST_P (Calibrate, ChoosesTheNearestCost)
{
  EXPECT_EQ (
      bfy_calibrate_choose (GetParam ().measured_at, GetParam ().took_us, GetParam ().memory),
      GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Machines,
                          Calibrate,
                          testing::Values (CostCase{ "Exactly", 14, 62500, 64 * kGib, 17 },
                                           CostCase{ "MeasuredHigher", 15, 125000, 64 * kGib, 17 },
                                           CostCase{ "ALittleSlower", 14, 85000, 64 * kGib, 17 },
                                           CostCase{ "RatherSlower", 14, 92000, 64 * kGib, 16 },
                                           CostCase{ "TooSlowForTheLeast", 14, 9000000, 64 * kGib,
                                                     14 },
                                           CostCase{ "FasterThanAnything", 14, 1, 64 * kGib, 20 },
                                           CostCase{ "NoTimeAtAll", 14, 0, 64 * kGib, 20 },
                                           CostCase{ "LittleMemory", 14, 1, 1 * kGib, 18 },
                                           CostCase{ "HardlyAnyMemory", 14, 1, 1024, 14 },
                                           CostCase{ "UnknownMemory", 14, 1, 0, 20 }),
                          case_name<CostCase>);

TEST (CalibrateHere, GivesParametersThatPass)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is how long this machine takes";
  BfyKdf kdf = {};
  Error error;

  ASSERT_TRUE (bfy_calibrate (&kdf, error.out ())) << error;
  ASSERT_TRUE (bfy_kdf_make_salt (&kdf, error.out ())) << error;
  EXPECT_TRUE (bfy_kdf_check (&kdf, error.out ())) << error;
  EXPECT_EQ (kdf.algorithm, BFY_KDF_SCRYPT);
}

struct PassphraseCase
{
  const char *name;
  std::string text;
  const char *says; // nullptr: good
};

class NewPassphrase : public testing::TestWithParam<PassphraseCase>
{
};

TEST_P (NewPassphrase, IsCheckedAndNotRepeated)
{
  g_autoptr (BfySecret) passphrase = secret (GetParam ().text);
  Error error;
  bool is_good = bfy_passphrase_check (passphrase, error.out ());

  EXPECT_EQ (is_good, GetParam ().says == nullptr) << error;
  if (GetParam ().says == nullptr)
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().says));
  EXPECT_THAT (error.message (), Not (HasSubstr ("hush")));
}

INSTANTIATE_TEST_SUITE_P (
    Passphrases,
    NewPassphrase,
    testing::Values (PassphraseCase{ "Words", "correct horse battery staple", nullptr },
                     PassphraseCase{ "EightCharacters", "12345678", nullptr },
                     PassphraseCase{ "EightCharactersOfMoreBytes", "äöüäöüäö", nullptr },
                     PassphraseCase{ "Seven", "hush123", "too short" },
                     PassphraseCase{ "SevenOfMoreBytes", "äöüäöüä", "too short" },
                     PassphraseCase{ "Empty", "", "too short" },
                     PassphraseCase{ "TwoLines", "hush hush\nhush", "one line" },
                     PassphraseCase{ "Escape", "hush hush\x1b[A", "control characters" },
                     PassphraseCase{ "Nul", std::string ("hush\0hush!", 10), "not text" },
                     PassphraseCase{ "NoUtf8", "hush hush \xff", "not text" },
                     PassphraseCase{ "Longest", std::string (1024, 'x'), nullptr },
                     PassphraseCase{ "TooLong", std::string (1025, 'x'), "longer than" }),
    case_name<PassphraseCase>);

TEST (Passphrase, BlanksAroundDoNotCount)
{
  for (const char *text : { "a b", " a b", "a b \t", "\r\n a b\r\n" })
    {
      g_autoptr (BfySecret) typed = secret (text);
      g_autoptr (BfySecret) trimmed = bfy_passphrase_trim (typed);

      EXPECT_EQ (text_of (trimmed), "a b");
    }
  g_autoptr (BfySecret) blanks = secret (" \n ");
  g_autoptr (BfySecret) nothing = bfy_passphrase_trim (blanks);
  EXPECT_EQ (bfy_secret_length (nothing), 0u);
}

TEST (Passphrase, TwoLinesAreTheOldAndTheNew)
{
  g_autoptr (BfySecret) both = secret ("old one\r\n new one ");
  g_autoptr (BfySecret) old_one = nullptr;
  g_autoptr (BfySecret) new_one = nullptr;
  Error error;

  ASSERT_TRUE (bfy_passphrase_split (both, &old_one, &new_one, error.out ())) << error;
  EXPECT_EQ (text_of (old_one), "old one");
  EXPECT_EQ (text_of (new_one), "new one");
  for (const char *text : { "one", "one\ntwo\nthree" })
    {
      g_autoptr (BfySecret) wrong = secret (text);
      g_autoptr (BfySecret) a = nullptr;
      g_autoptr (BfySecret) b = nullptr;

      EXPECT_FALSE (bfy_passphrase_split (wrong, &a, &b, error.out ()));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
    }
}

TEST (SavedFile, IsNewPrivateAndWhole)
{
  TempDir dir;
  std::string path = dir.path ("file");
  std::string content (200000, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (content.data (), content.size ());
  Error error;

  EXPECT_TRUE (bfy_saved_file_is_new (path.c_str (), error.out ())) << error;
  ASSERT_TRUE (bfy_saved_file_write (path.c_str (), bytes, error.out ())) << error;
  EXPECT_EQ (read_file (path), content);
  EXPECT_EQ (std::filesystem::status (path).permissions (),
             static_cast<std::filesystem::perms> (0600));
  g_autoptr (GBytes) read = bfy_saved_file_read (path.c_str (), content.size (), error.out ());
  ASSERT_NE (read, nullptr) << error;
  EXPECT_TRUE (g_bytes_equal (read, bytes));

  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  EXPECT_FALSE (bfy_saved_file_is_new (path.c_str (), error.out ()));
  EXPECT_FALSE (bfy_saved_file_write (path.c_str (), other, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_EQ (read_file (path), content) << "never over an existing one";
}

TEST (SavedFile, DoesNotFollowADanglingLink)
{
  TempDir dir;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  Error error;

  std::filesystem::create_symlink (dir.path ("target"), dir.path ("link"));
  EXPECT_FALSE (bfy_saved_file_write (dir.path ("link").c_str (), bytes, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_FALSE (std::filesystem::exists (dir.path ("target")));
}

// /dev/full takes nothing; a file that could not be written whole does not stay.
TEST (SavedFile, SaysWhyItFailed)
{
  TempDir dir;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  Error error;

  EXPECT_FALSE (bfy_saved_file_write (dir.path ("no/file").c_str (), bytes, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  g_autoptr (GBytes) missing = bfy_saved_file_read (dir.path ("none").c_str (), 10, error.out ());
  EXPECT_EQ (missing, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  g_autoptr (GBytes) directory = bfy_saved_file_read (dir.path ().c_str (), 10, error.out ());
  EXPECT_EQ (directory, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  write_file (dir.path ("large"), "12345678901");
  g_autoptr (GBytes) large = bfy_saved_file_read (dir.path ("large").c_str (), 10, error.out ());
  EXPECT_EQ (large, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_TOO_LARGE));
}

TEST (SlotBody, CarriesTheKeyInBase64)
{
  std::string bytes;
  BfyKdf kdf = { .algorithm = BFY_KDF_HKDF_SHA256, .salt = { 0 }, .log2_n = 0, .r = 0, .p = 0 };

  for (int i = 0; i < 32; i++)
    bytes += static_cast<char> (i);
  g_autoptr (BfySecret) key = secret (bytes);
  g_autoptr (GBytes) unlock = bfy_slot_body_unlock (3, key);
  g_autoptr (GBytes) made = bfy_slot_body_new ("recovery", &kdf, key);
  g_autoptr (GBytes) known = bfy_slot_body_new ("key_file", nullptr, nullptr);
  g_autoptr (GBytes) file = g_bytes_new_static ("ABCD", 4);
  g_autoptr (GBytes) plain = bfy_slot_body_file (file, nullptr);
  g_autoptr (GBytes) with_key = bfy_slot_body_file (file, key);
  std::string encoded = "\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"";

  EXPECT_EQ (text_of (unlock), "{\"slot\":3," + encoded + "}");
  EXPECT_EQ (text_of (made), "{\"slot\":{\"kind\":\"recovery\",\"kdf\":{\"algorithm\":\"hkdf-"
                             "sha256\",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}," +
                                 encoded + "}}");
  EXPECT_EQ (text_of (known), "{\"slot\":{\"kind\":\"key_file\",\"kdf\":null}}");
  EXPECT_EQ (text_of (plain), "{\"file\":\"QUJDRA==\"}");
  EXPECT_EQ (text_of (with_key), "{\"file\":\"QUJDRA==\"," + encoded + "}");
}

// An agent that is newer, or a file that was tampered with: what is out of bounds is not derived.
TEST (Slots, ThatAreNotUnderstoodAreLeftOut)
{
  const char *text = R"({"slots":[
    {"number":1,"kind":"passphrase","kdf":{"algorithm":"scrypt","salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":15,"r":8,"p":1}},
    {"number":2,"kind":"passphrase","kdf":{"algorithm":"scrypt","salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":31,"r":8,"p":1}},
    {"number":3,"kind":"passphrase","kdf":{"algorithm":"argon2id","salt":"AAAAAAAAAAAAAAAAAAAAAA=="}},
    {"number":4,"kind":"recovery","kdf":{"algorithm":"hkdf-sha256","salt":"AAAAAAAAAAAAAAAAAAAAAA=="}},
    {"number":5,"kind":"recovery"}, 7]})";
  g_autoptr (JsonObject) reply = bfy_json_parse_object (text, strlen (text), nullptr);
  g_autoptr (GArray) slots = bfy_slots_read (reply);
  guint index = 0;

  ASSERT_EQ (slots->len, 2u);
  const BfySlot *passphrase = bfy_slots_next (slots, "passphrase", &index);
  ASSERT_NE (passphrase, nullptr);
  EXPECT_EQ (passphrase->number, 1u);
  EXPECT_EQ (bfy_slots_next (slots, "passphrase", &index), nullptr);
  index = 0;
  EXPECT_EQ (bfy_slots_next (slots, "recovery", &index)->number, 4u);
}

namespace
{

// What `bindify vault status` and its like make of an answer.
class VaultTexts : public testing::Test
{
protected:
  std::string run (const std::vector<std::string> &words, int want_status)
  {
    Program program ("bindify", words, { { "BINDIFY_SOCK", agent.socket () } });

    program.close_input ();
    EXPECT_EQ (program.wait (), want_status) << program.errors;
    return program.output () + program.errors;
  }
  void answer (const std::string &vault)
  {
    agent.handler = [vault] (const Request &request, const AnswerPtr &answer) {
      if (request.path == "/v1/vault" || request.path == "/v1/vault/rotate")
        answer->json (200, vault);
      else
        answer->json (404, R"({"error":"not_found","message":"none","hint":null})");
    };
  }

  FakeAgent agent;
};

constexpr char kLocked[] =
    R"({"state":"locked","path":"/v\u001b","format":2,"generation":3,"items":0,"slots":[
  {"number":1,"kind":"passphrase","created_at":"2026-01-01T00:00:00Z","kdf":{"algorithm":"scrypt","salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":17,"r":8,"p":1}},
  {"number":2,"kind":"fingers\u001b[2J","created_at":null,"kdf":{}}],
  "keys":[],"orphans":[],"rotation":null,"problem":"It is locked; run: bindify unlock"})";

constexpr char kPartial[] =
    R"({"state":"ready","path":"/v","format":2,"generation":3,"items":3,"slots":[],
  "keys":[{"fingerprint":"0011223344556677","active":false,"items":0},
          {"fingerprint":"8899aabbccddeeff","active":true,"items":2}],
  "orphans":["ffffffffffffffff"],"rotation":{"state":"partial","migrated":2,"left":1},"problem":null})";

} // namespace

TEST_F (VaultTexts, StatusOfALockedVault)
{
  answer (kLocked);
  std::string text = run ({ "vault", "status" }, 0);

  EXPECT_THAT (text, HasSubstr ("State        locked\n"));
  EXPECT_THAT (text, HasSubstr ("scrypt, 128 MiB"));
  EXPECT_THAT (text, HasSubstr ("another kind of key"));
  EXPECT_THAT (text, HasSubstr ("run: bindify unlock"));
  EXPECT_THAT (text, Not (HasSubstr ("\x1b")));
}

TEST_F (VaultTexts, ARotationThatLeftSomethingIsNoSuccess)
{
  answer (kPartial);
  std::string status = run ({ "vault", "status" }, 0);
  std::string rotated = run ({ "vault", "rotate" }, 1);

  EXPECT_THAT (status, HasSubstr ("Last rotation: partial, 2 encrypted anew, 1 could not be"));
  EXPECT_THAT (status, HasSubstr ("data keys that the vault lacks (ffffffffffffffff)"));
  EXPECT_THAT (rotated, HasSubstr ("2 credentials are encrypted with it"));
  EXPECT_THAT (rotated, HasSubstr ("1 could not be opened"));
  EXPECT_THAT (rotated, HasSubstr ("bindify vault remove-key 0011223344556677"));
}

// Nobody thinks up a passphrase for nothing.
TEST_F (VaultTexts, NothingIsAskedWhenItCannotBeUsed)
{
  answer (kLocked);
  EXPECT_THAT (run ({ "vault", "init", "--passphrase" }, 1),
               HasSubstr ("Try: bindify vault add-key --passphrase"));
  EXPECT_THAT (run ({ "vault", "add-key", "--passphrase" }, 4), HasSubstr ("Try: bindify unlock"));
  EXPECT_THAT (run ({ "vault", "export", "--encrypted", "/nowhere/x" }, 4),
               HasSubstr ("Try: bindify unlock"));
  EXPECT_THAT (agent.lines (), Not (testing::Contains ("POST /v1/vault")));
}

TEST_F (VaultTexts, WithoutATerminalTheOptionForScriptsIsNamed)
{
  answer (kLocked);
  EXPECT_THAT (run ({ "vault", "passwd" }, 1), HasSubstr ("--passphrase-stdin, with the"));
}

TEST_F (VaultTexts, APassphraseIsNoArgument)
{
  answer (kLocked);
  std::string text = run ({ "vault", "init", "--passphrase", "hush hush" }, 1);

  EXPECT_THAT (text, Not (HasSubstr ("hush")));
  EXPECT_THAT (agent.lines (), testing::IsEmpty ());
}
