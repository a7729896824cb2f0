// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/api/lock-request.h"
#include "agent/lock/lock-record.h"
#include "agent/lock/logind-session.h"
#include "agent/lock/throttle.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define SCRYPT "{\"algorithm\":\"scrypt\",\"salt\":\"" SALT "\",\"log2_n\":15,\"r\":8,\"p\":1}"
#define HKDF "{\"algorithm\":\"hkdf-sha256\",\"salt\":\"" SALT "\"}"
#define WEAK "{\"algorithm\":\"scrypt\",\"salt\":\"" SALT "\",\"log2_n\":1,\"r\":8,\"p\":1}"

constexpr BfyKdf kKdf = { BFY_KDF_SCRYPT, {}, 15, 8, 1 };

BfySecret *
key_of (char byte)
{
  return bfy_secret_new (std::string (32, byte).data (), 32);
}

std::string
text_of (GBytes *bytes)
{
  gsize length = 0;
  const char *text =
      bytes != nullptr ? static_cast<const char *> (g_bytes_get_data (bytes, &length)) : nullptr;

  return text != nullptr ? std::string (text, length) : "";
}

bool
parses (const std::string &text, BfyLockRecord *record, Error &error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text.data (), text.size ());

  return bfy_lock_record_parse (record, bytes, error.out ());
}

} // namespace

// Twice as long after each wrong try, whoever it comes from, and never longer than half a minute.
TEST (Throttle, DoublesUpToItsLongest)
{
  static const gint64 wanted[] = { 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
  BfyThrottle throttle = {};

  EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 0), 0);
  for (gint64 wait_ms : wanted)
    {
      bfy_throttle_note_wrong (&throttle, 1000000);
      EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 1000000), wait_ms);
      EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 1000000 + wait_ms * 1000 - 1), 1);
      EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 1000000 + wait_ms * 1000), 0);
    }
  bfy_throttle_note_right (&throttle);
  EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 0), 0);
}

TEST (Throttle, GoesOnWhereAnotherAgentStopped)
{
  BfyThrottle throttle = {};

  bfy_throttle_init (&throttle, 3, 7000);
  EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 7000), 2000);
  bfy_throttle_init (&throttle, G_MAXUINT, 7000);
  EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 7000), 30000);
  bfy_throttle_note_wrong (&throttle, 7000);
  EXPECT_EQ (bfy_throttle_wait_ms (&throttle, 7000), 30000);
}

TEST (Verifier, FitsTheKeyItWasMadeOf)
{
  g_autoptr (BfySecret) right = key_of ('a');
  g_autoptr (BfySecret) wrong = key_of ('b');
  BfyVerifier verifier = {};
  Error error;

  EXPECT_FALSE (bfy_verifier_fits (&verifier, right)) << "none is set";
  ASSERT_TRUE (bfy_verifier_set (&verifier, &kKdf, right, error.out ())) << error;
  EXPECT_TRUE (bfy_verifier_fits (&verifier, right));
  EXPECT_FALSE (bfy_verifier_fits (&verifier, wrong));
  bfy_verifier_clear (&verifier);
  EXPECT_FALSE (bfy_verifier_fits (&verifier, right));
}

TEST (Verifier, RefusesWhatCostsNothing)
{
  g_autoptr (BfySecret) key = key_of ('a');
  g_autoptr (BfySecret) brief = bfy_secret_new ("short", 5);
  BfyKdf quick = kKdf, other = kKdf;
  BfyVerifier verifier = {};
  Error first, second, third;

  quick.log2_n = 4;
  other.algorithm = BFY_KDF_HKDF_SHA256;
  EXPECT_FALSE (bfy_verifier_set (&verifier, &quick, key, first.out ()));
  EXPECT_FALSE (bfy_verifier_set (&verifier, &other, key, second.out ()));
  EXPECT_FALSE (bfy_verifier_set (&verifier, &kKdf, brief, third.out ()));
  EXPECT_FALSE (verifier.is_set);
}

TEST (LockRecord, IsWrittenAndRead)
{
  g_autoptr (BfySecret) key = key_of ('a');
  g_autoptr (BfySecret) other = key_of ('b');
  BfyLockRecord record = {}, back = {};
  Error error;

  record.is_frozen = TRUE;
  record.held = BFY_HELD_SLEEP;
  record.n_wrong = 4;
  ASSERT_TRUE (bfy_verifier_set (&record.lock, &kKdf, key, error.out ())) << error;
  ASSERT_TRUE (bfy_verifier_set (&record.approval, &kKdf, other, error.out ())) << error;
  g_autoptr (GBytes) bytes = bfy_lock_record_write (&record);
  ASSERT_TRUE (bfy_lock_record_parse (&back, bytes, error.out ())) << error;

  EXPECT_TRUE (back.is_frozen);
  EXPECT_FALSE (back.is_plain);
  EXPECT_EQ (back.held, static_cast<guint> (BFY_HELD_SLEEP));
  EXPECT_EQ (back.n_wrong, 4u);
  EXPECT_TRUE (bfy_verifier_fits (&back.lock, key));
  EXPECT_TRUE (bfy_verifier_fits (&back.approval, other));
  EXPECT_FALSE (bfy_verifier_fits (&back.lock, other));
}

TEST (LockRecord, NothingIsWrittenOfAnOpenOne)
{
  BfyLockRecord record = {};
  g_autoptr (GBytes) bytes = bfy_lock_record_write (&record);

  EXPECT_EQ (bytes, nullptr);
}

struct RecordCase
{
  const char *name, *text;
};

class LockRecordTable : public testing::TestWithParam<RecordCase>
{
};

// Nothing of it may be taken for an open lock.
TEST_P (LockRecordTable, IsNotUnderstood)
{
  BfyLockRecord record;
  Error error;

  EXPECT_FALSE (parses (GetParam ().text, &record, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORE_DAMAGED));
}

INSTANTIATE_TEST_SUITE_P (
    Lock,
    LockRecordTable,
    testing::Values (
        RecordCase{ "Empty", "" },
        RecordCase{ "NoJson", "frozen" },
        RecordCase{ "NoObject", "[]" },
        RecordCase{ "Unknown", "{\"frozen\":true,\"open\":true}" },
        RecordCase{ "Twice", "{\"frozen\":true,\"frozen\":false}" },
        RecordCase{ "WrongType", "{\"frozen\":\"no\"}" },
        RecordCase{ "HeldByWhat", "{\"held\":8}" },
        RecordCase{ "HeldBelow", "{\"held\":-1}" },
        RecordCase{ "WrongBelow", "{\"wrong\":-1}" },
        RecordCase{ "NoKdf", "{\"lock\":{\"verifier\":\"" KEY "\"}}" },
        RecordCase{ "NoVerifier", "{\"lock\":{\"kdf\":" SCRYPT "}}" },
        RecordCase{ "ShortVerifier", "{\"lock\":{\"kdf\":" SCRYPT ",\"verifier\":\"AAAA\"}}" },
        RecordCase{ "WeakKdf", "{\"lock\":{\"kdf\":" WEAK ",\"verifier\":\"" KEY "\"}}" },
        RecordCase{ "OtherKdf", "{\"lock\":{\"kdf\":" HKDF ",\"verifier\":\"" KEY "\"}}" },
        RecordCase{ "Cut", "{\"lock\":{\"kdf\":" SCRYPT ",\"verifier\":\"" KEY "\"}" }),
    [] (const auto &info) { return std::string (info.param.name); });

struct RequestCase
{
  const char *name;
  BfyLockRequestForm form;
  const char *text;
  bool is_ok;
};

class LockRequestTable : public testing::TestWithParam<RequestCase>
{
};

TEST_P (LockRequestTable, IsReadOrRefused)
{
  const std::string text = GetParam ().text;
  g_autoptr (GBytes) body = g_bytes_new (text.data (), text.size ());
  g_auto (BfyLockRequest) request = {};
  Error error;

  EXPECT_EQ (bfy_lock_request_parse (&request, GetParam ().form, body, error.out ()),
             GetParam ().is_ok)
      << error;
}

INSTANTIATE_TEST_SUITE_P (
    Lock,
    LockRequestTable,
    testing::Values (
        RequestCase{ "LockWithout", BFY_LOCK_REQUEST_CLOSE, "", true },
        RequestCase{ "LockWithNothing", BFY_LOCK_REQUEST_CLOSE, "{}", true },
        RequestCase{ "LockWith", BFY_LOCK_REQUEST_CLOSE, "{\"kdf\":" SCRYPT ",\"key\":\"" KEY "\"}",
                     true },
        RequestCase{ "LockWithoutKdf", BFY_LOCK_REQUEST_CLOSE, "{\"key\":\"" KEY "\"}", false },
        RequestCase{ "LockWithoutKey", BFY_LOCK_REQUEST_CLOSE, "{\"kdf\":" SCRYPT "}", false },
        RequestCase{ "LockWeak", BFY_LOCK_REQUEST_CLOSE, "{\"kdf\":" WEAK ",\"key\":\"" KEY "\"}",
                     false },
        RequestCase{ "LockHkdf", BFY_LOCK_REQUEST_CLOSE, "{\"kdf\":" HKDF ",\"key\":\"" KEY "\"}",
                     false },
        RequestCase{ "LockRaw", BFY_LOCK_REQUEST_CLOSE, "{\"passphrase\":\"x\"}", false },
        RequestCase{ "LockArray", BFY_LOCK_REQUEST_CLOSE, "[]", false },
        RequestCase{ "LockNoJson", BFY_LOCK_REQUEST_CLOSE, "{", false },
        RequestCase{ "Unlock", BFY_LOCK_REQUEST_OPEN, "", true },
        RequestCase{ "UnlockKey", BFY_LOCK_REQUEST_OPEN, "{\"key\":\"" KEY "\"}", true },
        RequestCase{ "UnlockShortKey", BFY_LOCK_REQUEST_OPEN, "{\"key\":\"AAAA\"}", false },
        RequestCase{ "UnlockEmptyKey", BFY_LOCK_REQUEST_OPEN, "{\"key\":\"\"}", false },
        RequestCase{ "UnlockNumber", BFY_LOCK_REQUEST_OPEN, "{\"key\":1}", false },
        RequestCase{ "UnlockSlot", BFY_LOCK_REQUEST_OPEN, "{\"slot\":1,\"key\":\"" KEY "\"}",
                     true },
        RequestCase{ "UnlockSlotAlone", BFY_LOCK_REQUEST_OPEN, "{\"slot\":1}", false },
        RequestCase{ "UnlockSlot0", BFY_LOCK_REQUEST_OPEN, "{\"slot\":0,\"key\":\"" KEY "\"}",
                     false },
        RequestCase{ "UnlockSlotText", BFY_LOCK_REQUEST_OPEN,
                     "{\"slot\":\"1\",\"key\":\"" KEY "\"}", false },
        RequestCase{ "UnlockKeyring", BFY_LOCK_REQUEST_OPEN, "{\"keyring\":true}", true },
        RequestCase{ "UnlockKeyringText", BFY_LOCK_REQUEST_OPEN, "{\"keyring\":\"yes\"}", false },
        RequestCase{ "UnlockBoth", BFY_LOCK_REQUEST_OPEN, "{\"keyring\":true,\"key\":\"" KEY "\"}",
                     false },
        RequestCase{ "Approval", BFY_LOCK_REQUEST_APPROVAL,
                     "{\"old_key\":\"" KEY "\",\"kdf\":" SCRYPT ",\"key\":\"" KEY "\"}", true },
        RequestCase{ "ApprovalNone", BFY_LOCK_REQUEST_APPROVAL, "{\"old_key\":\"" KEY "\"}", true },
        RequestCase{ "ApprovalSlot", BFY_LOCK_REQUEST_APPROVAL, "{\"slot\":1}", false }),
    [] (const auto &info) { return std::string (info.param.name); });

namespace
{

// What logind answers to GetAll.
GVariant *
properties (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

} // namespace

TEST (LogindSession, IsRead)
{
  BfyLogindSession session;
  g_autoptr (GVariant) full =
      properties ("({'User': <(uint32 1000, objectpath '/u')>, 'Type': <'wayland'>,"
                  "  'Class': <'user'>, 'LockedHint': <true>},)");
  g_autoptr (GVariant) bare = properties ("({'User': <(uint32 1001, objectpath '/u')>},)");

  ASSERT_TRUE (bfy_logind_session_read (full, &session));
  EXPECT_EQ (session.uid, 1000u);
  EXPECT_TRUE (session.is_graphical);
  EXPECT_TRUE (session.is_locked);
  ASSERT_TRUE (bfy_logind_session_read (bare, &session));
  EXPECT_EQ (session.uid, 1001u);
  EXPECT_FALSE (session.is_graphical);
  EXPECT_FALSE (session.is_locked);
}

TEST (LogindSession, OnlyAPersonBeforeAScreenCounts)
{
  for (const char *text :
       { "({'User': <(uint32 1, objectpath '/u')>, 'Type': <'tty'>, 'Class': <'user'>},)",
         "({'User': <(uint32 1, objectpath '/u')>, 'Type': <'x11'>, 'Class': <'greeter'>},)",
         "({'User': <(uint32 1, objectpath '/u')>, 'Type': <uint32 3>, 'Class': <'user'>},)" })
    {
      BfyLogindSession session;
      g_autoptr (GVariant) value = properties (text);

      ASSERT_TRUE (bfy_logind_session_read (value, &session)) << text;
      EXPECT_FALSE (session.is_graphical) << text;
    }
}

TEST (LogindSession, WhatIsNoSessionIsNotRead)
{
  for (const char *text : { "('no',)", "(@a{sv} {},)", "({'User': <'root'>},)" })
    {
      BfyLogindSession session;
      g_autoptr (GVariant) value = properties (text);

      EXPECT_FALSE (bfy_logind_session_read (value, &session)) << text;
    }
}

TEST (LogindSession, NewsAreNotedOrAskedFor)
{
  BfyLogindSession session = { 1000, TRUE, FALSE };
  g_autoptr (GVariant) told = properties ("('i', {'LockedHint': <true>}, @as [])");
  g_autoptr (GVariant) untold = properties ("('i', @a{sv} {}, ['LockedHint'])");
  g_autoptr (GVariant) other = properties ("('i', {'IdleHint': <true>}, ['Active'])");
  g_autoptr (GVariant) mistyped = properties ("('i', {'LockedHint': <'no'>}, @as [])");
  g_autoptr (GVariant) foreign = properties ("('LockedHint', false)");

  EXPECT_EQ (bfy_logind_session_note (&session, told), BFY_LOGIND_SESSION_NOTED);
  EXPECT_TRUE (session.is_locked);
  for (GVariant *value : { other, mistyped, foreign })
    {
      EXPECT_EQ (bfy_logind_session_note (&session, value), BFY_LOGIND_SESSION_NOTED);
      EXPECT_TRUE (session.is_locked);
    }
  EXPECT_EQ (bfy_logind_session_note (&session, untold), BFY_LOGIND_SESSION_ASK);
}

TEST (StoreState, IsKeptByName)
{
  TempDir dir;
  Error error;
  g_autoptr (GBytes) value = g_bytes_new ("a\0b", 3);
  g_autoptr (GBytes) none = nullptr, read = nullptr, other = nullptr, gone = nullptr;
  g_autoptr (BfyStore) store = bfy_store_open (dir.path ().c_str (), error.out ());

  ASSERT_NE (store, nullptr) << error;
  ASSERT_TRUE (bfy_store_get_state (store, "lock", &none, error.out ())) << error;
  EXPECT_EQ (none, nullptr);
  ASSERT_TRUE (bfy_store_set_state (store, "lock", none, error.out ())) << "nothing is removed";
  ASSERT_TRUE (bfy_store_set_state (store, "other", value, error.out ())) << error;
  ASSERT_TRUE (bfy_store_set_state (store, "lock", value, error.out ())) << error;
  bfy_store_close (store);
  g_clear_object (&store);

  store = bfy_store_open (dir.path ().c_str (), error.out ());
  ASSERT_NE (store, nullptr) << error;
  ASSERT_TRUE (bfy_store_get_state (store, "lock", &read, error.out ())) << error;
  EXPECT_EQ (text_of (read), std::string ("a\0b", 3));
  ASSERT_TRUE (bfy_store_set_state (store, "lock", nullptr, error.out ())) << error;
  ASSERT_TRUE (bfy_store_get_state (store, "lock", &gone, error.out ())) << error;
  EXPECT_EQ (gone, nullptr);
  ASSERT_TRUE (bfy_store_get_state (store, "other", &other, error.out ())) << error;
  EXPECT_EQ (text_of (other), std::string ("a\0b", 3));
  bfy_store_close (store);
}
