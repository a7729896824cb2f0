// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What `bindify doctor` sees in a vault, with files of a second writer: no command of ours makes a
// vault that is so wrong inside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/doctor/vault-findings.h"
#include "keyring/vault.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

constexpr uint8_t kPassphrase = 2, kScrypt = 1;

class VaultFindings : public testing::Test
{
protected:
  VaultFindings ()
  {
    g_mkdir_with_parents (dir.path ("vault").c_str (), 0700);
    agent.keyrings = bfy_keyrings_new (dir.path ("vault").c_str (), "vault", nullptr);
    slot.kind = kPassphrase;
    slot.algorithm = kScrypt;
    slot.log2_n = BFY_KDF_LOG2_N_MIN;
    slot.r = BFY_KDF_R;
    slot.p = 1;
    bytes.slots = slot.sealed (bytes.id, bytes.key);
  }
  ~VaultFindings () override
  {
    g_object_unref (agent.keyrings);
  }

  BfyVault *vault ()
  {
    return BFY_VAULT (bfy_keyrings_find (agent.keyrings, "vault", nullptr));
  }
  void write ()
  {
    write_file (dir.path ("vault/vault.bfy"), bytes.sealed ());
  }
  void open ()
  {
    g_autoptr (BfySecret) key = bfy_secret_new (slot.key.data (), slot.key.size ());
    Error error;

    write ();
    ASSERT_TRUE (bfy_vault_unlock (vault (), 1, key, error.out ())) << error;
  }
  // "code: message → next"
  std::vector<std::string> look ()
  {
    g_autoptr (GPtrArray) findings = bfy_findings_new ();
    std::vector<std::string> texts;

    bfy_doctor_look_at_vault (&agent, findings);
    for (guint i = 0; i < findings->len; i++)
      {
        const BfyFinding *one = static_cast<BfyFinding *> (g_ptr_array_index (findings, i));

        EXPECT_FALSE (one->is_fixable);
        texts.push_back (std::string (one->code) + ": " + one->message + " → " + one->next);
      }
    return texts;
  }
  void set_rotation (uint8_t state)
  {
    bytes.body = bytes.keys () + VaultBytes::rotation (state) + VaultBytes::number (0, 4);
  }

  TempDir dir;
  BfyAgent agent = {};
  VaultSlotBytes slot;
  VaultBytes bytes;
};

} // namespace

TEST_F (VaultFindings, NothingWithoutVaultOrInASoundOne)
{
  EXPECT_THAT (look (), IsEmpty ());
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "sk")) });
  open ();
  EXPECT_THAT (look (), IsEmpty ());
}

// behaviour 10.12
TEST_F (VaultFindings, AKeyThatItemsNeedAndTheListLacks)
{
  VaultBytes other = bytes;

  other.data_key = std::string (32, 'x');
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "sk")),
                                 VaultBytes::item ("b", other.blob ("b", "sk")),
                                 VaultBytes::item ("c", other.blob ("c", "sk")) });
  open ();
  const std::string fingerprint =
      vault_bytes::sha256 (vault_bytes::hex (other.data_key)).substr (0, 8);
  EXPECT_THAT (look (), ElementsAre (AllOf (HasSubstr ("vault_key_missing: "),
                                            HasSubstr (vault_bytes::hex (fingerprint)),
                                            HasSubstr ("bindify vault restore FILE"),
                                            HasSubstr ("bindify login NAME"))));
}

struct RotationCase
{
  const char *name;
  uint8_t state;
  const char *code, *next;
};

class VaultRotationFindings : public VaultFindings, public testing::WithParamInterface<RotationCase>
{
};

TEST_P (VaultRotationFindings, AreToldWithTheWayOut)
{
  set_rotation (GetParam ().state);
  open ();
  if (*GetParam ().code == '\0')
    EXPECT_THAT (look (), IsEmpty ());
  else
    EXPECT_THAT (look (),
                 ElementsAre (AllOf (HasSubstr (GetParam ().code), HasSubstr (GetParam ().next))));
}

INSTANTIATE_TEST_SUITE_P (
    States,
    VaultRotationFindings,
    testing::Values (
        RotationCase{ "None", 0, "", "" },
        RotationCase{ "Pending", 1, "vault_rotation_unfinished: ", "→ bindify vault rotate" },
        RotationCase{ "Validated", 2, "vault_rotation_unfinished: ", "→ bindify vault rotate" },
        RotationCase{ "Migrating", 3, "vault_rotation_unfinished: ", "→ bindify vault rotate" },
        RotationCase{ "Partial", 4, "vault_rotation_partial: ", "→ bindify vault check" },
        RotationCase{ "Completed", 5, "", "" },
        RotationCase{ "Failed", 6, "vault_rotation_refused: ", "→ bindify vault rotate" },
        RotationCase{ "Rejected", 7, "vault_rotation_refused: ", "→ bindify vault rotate" }),
    [] (const testing::TestParamInfo<RotationCase> &info) { return info.param.name; });

// It opens nothing, locked or not; a vault that it does open wants it there.
TEST_F (VaultFindings, AKeyFileWithoutSlot)
{
  const std::string path = dir.path ("vault/vault.key");

  write_file (path, std::string (32, 'k'));
  write ();
  EXPECT_THAT (look (), ElementsAre (AllOf (HasSubstr ("vault_key_file_left: "), HasSubstr (path),
                                            HasSubstr ("→ rm "))));
  open ();
  EXPECT_THAT (look (), ElementsAre (HasSubstr ("vault_key_file_left: ")));

  VaultSlotBytes key_file;
  key_file.number = 2;
  bytes.slots += key_file.sealed (bytes.id, bytes.key);
  open ();
  EXPECT_THAT (look (), IsEmpty ());
}

// The one of the settings, which the vault never removes itself.
TEST_F (VaultFindings, AKeyFileOfTheSettingsWithoutSlot)
{
  const std::string path = dir.path ("my vault.key");

  bfy_vault_set_key_file (vault (), path.c_str ());
  open ();
  EXPECT_THAT (look (), IsEmpty ());
  write_file (path, std::string (32, 'k'));
  EXPECT_THAT (look (), ElementsAre (HasSubstr ("→ rm '" + path + "'")));
}
