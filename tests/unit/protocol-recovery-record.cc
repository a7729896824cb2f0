// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/recovery-record.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kId[] = "4d1c8a3e-0000-4000-8000-000000000001";

BfyCredential *
make_set (const char *access, const char *refresh)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (access, strlen (access));
  BfyCredential *set = bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, secret);

  if (refresh != nullptr)
    set->refresh = bfy_secret_new (refresh, strlen (refresh));
  return set;
}

class RecoveryRecord : public testing::Test
{
protected:
  ~RecoveryRecord () override
  {
    bfy_credential_free (old);
    bfy_credential_free (successor);
    g_bytes_unref (record);
  }

  std::string open (GBytes *bytes, const BfyCredential *with, const char *id = kId)
  {
    g_autoptr (BfyCredential) found = bfy_recovery_record_open (bytes, id, with, error.out ());

    return found != nullptr ? bfy_secret_peek_text (found->secret) : "";
  }

  Error error;
  BfyCredential *old = make_set ("at-old-0123456789", "rt-old-0123456789");
  BfyCredential *successor = make_set ("at-new-0123456789", "rt-new-0123456789");
  GBytes *record = bfy_recovery_record_seal (kId, old, successor, error.out ());
};

} // namespace

TEST_F (RecoveryRecord, OpensWithTheSetThatItSucceeds)
{
  ASSERT_NE (record, nullptr) << error;
  EXPECT_TRUE (bfy_recovery_record_succeeds (record, old));
  EXPECT_EQ (open (record, old), "at-new-0123456789") << error;

  gsize length;
  const char *bytes = static_cast<const char *> (g_bytes_get_data (record, &length));
  EXPECT_THAT (std::string (bytes, length), Not (HasSubstr ("0123456789")));
}

// Nobody who cannot read what is in the keyring, and nothing that came after it.
TEST_F (RecoveryRecord, OpensWithNothingElse)
{
  for (BfyCredential *other :
       { make_set ("at-new-0123456789", "rt-new-0123456789"),
         make_set ("at-old-0123456789", nullptr), make_set ("at-old-0123456789", "rt-old"),
         make_set ("rt-old-0123456789", "at-old-0123456789") })
    {
      EXPECT_FALSE (bfy_recovery_record_succeeds (record, other));
      EXPECT_EQ (open (record, other), "");
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
      bfy_credential_free (other);
    }
  EXPECT_EQ (open (record, old, "4d1c8a3e-0000-4000-8000-000000000002"), "")
      << "it belongs to one binding";
}

// The tokens alone make the key: what else is in the set may be written otherwise one day.
TEST_F (RecoveryRecord, OpensWhateverElseTheSetSays)
{
  old->expires_at_s = 5;
  old->issued_at_s = 1;
  EXPECT_EQ (open (record, old), "at-new-0123456789");
}

TEST_F (RecoveryRecord, DamageIsNoticed)
{
  gsize length;
  const guint8 *bytes = static_cast<const guint8 *> (g_bytes_get_data (record, &length));

  for (gsize i = 0; i < length; i++)
    {
      std::string changed (reinterpret_cast<const char *> (bytes), length);
      changed[i] = static_cast<char> (changed[i] ^ 1);
      g_autoptr (GBytes) other = g_bytes_new (changed.data (), changed.size ());
      g_autoptr (GBytes) cut = g_bytes_new (bytes, i);

      EXPECT_EQ (open (other, old), "") << i;
      EXPECT_EQ (open (cut, old), "") << i;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
    }
}

// behaviour 9.5: decrypting is not enough.
TEST_F (RecoveryRecord, HoldsNothingButTokens)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("key", 3);
  g_autoptr (BfyCredential) key = bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);
  g_autoptr (GBytes) wrong = bfy_recovery_record_seal (kId, old, key, error.out ());

  EXPECT_EQ (open (wrong, old), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
}
