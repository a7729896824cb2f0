// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify doctor` with the real agent and the desktop's real keyring: what is wrong is found,
// named and, where that is safe, repaired (behaviour 22.1, 22.2).

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/keyring-daemon.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kUrl[] = "http://127.0.0.1:1/mcp";
constexpr char kSecret[] = "sk-doctor-story-0123456789";

class Doctor : public testing::Test
{
protected:
  void SetUp () override
  {
    if (!PrivateBus::is_installed () || !KeyringDaemon::is_installed ())
      GTEST_SKIP () << "gnome-keyring-daemon or dbus-daemon is not installed";
    dirs = std::make_unique<PrivateDirs> ();
    bus = std::make_unique<PrivateBus> (*dirs);
    daemon = std::make_unique<KeyringDaemon> (*dirs, *bus);
    daemon->start_unlocked ();
    Agent::Options options;
    options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
    agent = std::make_unique<Agent> (options);
  }
  void TearDown () override
  {
    agent.reset ();
    if (daemon != nullptr && daemon->is_running ())
      daemon->kill ();
  }
  std::string add (const std::string &name, const std::string &keyring)
  {
    Response added = agent->add (name, kUrl, kSecret, ",\"keyring\":\"" + keyring + "\"");

    EXPECT_EQ (added.status, 201) << added.body;
    return json_string (added.body, "id");
  }
  Finished doctor (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> words = { "bindify", "doctor" };

    words.insert (words.end (), more.begin (), more.end ());
    return agent->cli (words);
  }

  std::unique_ptr<PrivateDirs> dirs;
  std::unique_ptr<PrivateBus> bus;
  std::unique_ptr<KeyringDaemon> daemon;
  std::unique_ptr<Agent> agent;
};

} // namespace

TEST_F (Doctor, FindsNothingWhereNothingIsWrong)
{
  add ("one", "vault");
  add ("two", "secret-service");
  Finished found = doctor ();

  EXPECT_EQ (found.status, 0) << found.output << found.errors;
  EXPECT_THAT (found.output, HasSubstr ("Nothing is wrong."));
  EXPECT_THAT (found.output, HasSubstr ("Protection: L0."));
}

TEST_F (Doctor, ARecordWithoutSecretAndTheWayOut)
{
  add ("svc", "memory");
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  Finished found = doctor ();

  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("record_without_secret: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify login svc"));
  Finished fixed = doctor ({ "--fix" });
  EXPECT_EQ (fixed.status, 1) << "a lost credential is not made up";
}

TEST_F (Doctor, ALockedAndAMissingKeyringAreToldAndNothingIsConcluded)
{
  add ("svc", "secret-service");
  daemon->lock ();
  Finished locked = doctor ();
  EXPECT_EQ (locked.status, 1);
  EXPECT_THAT (locked.output, HasSubstr ("keyring_locked: "));
  EXPECT_THAT (locked.output, Not (HasSubstr ("record_without_secret")));

  daemon->kill ();
  Finished missing = doctor ();
  EXPECT_EQ (missing.status, 1);
  EXPECT_THAT (missing.output, HasSubstr ("keyring_unavailable: "));
  EXPECT_THAT (missing.output, Not (HasSubstr ("record_without_secret")));
}

TEST_F (Doctor, WrongModesAreFoundAndRepaired)
{
  struct stat status;

  add ("svc", "vault");
  ASSERT_EQ (chmod (agent->state_dir ().c_str (), 0755), 0);
  ASSERT_EQ (chmod (agent->socket ().c_str (), 0666), 0);
  Finished found = doctor ({ "--json" });
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("\"unsafe_mode\""));
  EXPECT_THAT (found.output, HasSubstr ("agent.sock"));

  Finished fixed = doctor ({ "--fix" });
  EXPECT_EQ (fixed.status, 0) << fixed.output;
  EXPECT_THAT (fixed.output, HasSubstr ("Fixed: "));
  ASSERT_EQ (stat (agent->state_dir ().c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0700u);
  ASSERT_EQ (stat (agent->socket ().c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);
}

TEST_F (Doctor, ADamagedVaultIsToldAndLeftAlone)
{
  add ("svc", "vault");
  std::string vault = agent->state_dir () + "/vault/vault.bfy";
  agent->stop ();
  ASSERT_EQ (truncate (vault.c_str (), 40), 0);
  ASSERT_TRUE (agent->start ());
  Finished found = doctor ({ "--fix" });
  struct stat status;

  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("keyring_damaged: "));
  EXPECT_THAT (found.output, Not (HasSubstr ("record_without_secret")));
  ASSERT_EQ (stat (vault.c_str (), &status), 0);
  EXPECT_EQ (status.st_size, 40);
}

// A vault as it was before the move: what is left there is found, and goes only because the keyring
// that the record names holds the credential.
TEST_F (Doctor, ALeftOverOfAMoveIsFoundAndRemoved)
{
  const std::filesystem::path vault = agent->state_dir () + "/vault",
                              kept = agent->dir ().path ("kept");

  std::string id = add ("svc", "vault");
  std::filesystem::copy (vault, kept);
  ASSERT_EQ (
      agent->control ("POST", "/v1/bindings/svc/move", R"({"keyring":"secret-service"})").status,
      200);
  agent->stop ();
  std::filesystem::remove_all (vault);
  std::filesystem::rename (kept, vault);
  std::filesystem::permissions (vault, std::filesystem::perms::owner_all);
  ASSERT_TRUE (agent->start ());

  Finished found = doctor ();
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("left_over: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify doctor --fix"));

  // The real credential cannot be seen: the copy may be the only one, and stays.
  daemon->lock ();
  EXPECT_THAT (doctor ({ "--fix" }).output, HasSubstr ("left_over: "));
  daemon->unlock ();

  Finished fixed = doctor ({ "--fix" });
  EXPECT_EQ (fixed.status, 0) << fixed.output;
  EXPECT_THAT (fixed.output, HasSubstr ("Fixed: "));
  EXPECT_EQ (daemon->find ("binding", id.c_str ()).size (), 1u);
}

// Items of ours that no record names are told and never removed: they may be another agent's.
TEST_F (Doctor, ASecretWithoutRecordIsToldAndKept)
{
  std::string id = add ("svc", "secret-service");
  agent->stop ();
  std::filesystem::remove_all (agent->state_dir ());
  ASSERT_TRUE (agent->start ());
  Finished fixed = doctor ({ "--fix" });

  EXPECT_EQ (fixed.status, 1);
  EXPECT_THAT (fixed.output, HasSubstr ("secret_without_record: "));
  EXPECT_THAT (fixed.output, HasSubstr (id));
  EXPECT_EQ (daemon->find ("binding", id.c_str ()).size (), 1u);
}
