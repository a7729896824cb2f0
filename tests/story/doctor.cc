// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify doctor` with the real agent and the desktop's real keyring: what is wrong is found,
// named and, where that is safe, repaired (behaviour 22.1, 22.2).

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/keyring-daemon.h"
#include "tests/fixture/mock-systemd.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/fixture/vault-calls.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kUrl[] = "http://127.0.0.1:1/mcp";
constexpr char kSecret[] = "sk-doctor-story-0123456789";
constexpr char kPassphrase[] = "correct horse battery staple\n";

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

// A locked keyring is one thing, nobody who could be asked to open it is another: each has its own
// way out (D10).
TEST_F (Doctor, WhatIsMissingToAskForThePassword)
{
  add ("svc", "secret-service");
  daemon->lock ();
  Finished missing = doctor ();
  EXPECT_THAT (missing.output, HasSubstr ("keyring_locked: "));
  EXPECT_THAT (missing.output, HasSubstr ("no_prompter: "));
  EXPECT_THAT (missing.output, HasSubstr ("apt install gcr"));

  // One that is installed and gives up, as the real ones do without a display.
  std::filesystem::create_directories (bus->services ());
  const std::string service = bus->services () + "/org.gnome.keyring.SystemPrompter.service";
  write_file (service, "[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\n"
                       "Exec=/bin/false\n");
  bus->reload ();
  Finished dark = doctor ();
  EXPECT_THAT (dark.output, HasSubstr ("no_prompter: "));
  EXPECT_THAT (dark.output, HasSubstr ("dbus-update-activation-environment"));

  // One that is there.
  g_dbus_connection_call_sync (bus->connection (), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus", "RequestName",
                               g_variant_new ("(su)", "org.gnome.keyring.SystemPrompter", 0),
                               nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr);
  ASSERT_TRUE (bus->wait_for_owner ("org.gnome.keyring.SystemPrompter", true));
  Finished present = doctor ();
  EXPECT_THAT (present.output, HasSubstr ("keyring_locked: "));
  EXPECT_THAT (present.output, Not (HasSubstr ("no_prompter: ")));

  daemon->unlock ();
  EXPECT_THAT (doctor ().output, HasSubstr ("Nothing is wrong."));
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

namespace
{

// What needs no desktop's keyring.
class DoctorAlone : public testing::Test
{
protected:
  static Finished doctor (Agent &agent)
  {
    return agent.cli ({ "bindify", "doctor" });
  }
  // An agent whose vault holds @text, as another program would have put it there.
  static void replace_credential (Agent &agent, const std::string &text)
  {
    Response added = agent.add ("svc", kUrl, kSecret);
    Error error;

    ASSERT_EQ (added.status, 201) << added.body;
    agent.stop ();
    {
      VaultKeyring vault (agent.state_dir () + "/vault");
      ASSERT_TRUE (vault.store (json_string (added.body, "id"), text, error)) << error;
    }
    ASSERT_TRUE (agent.start ());
  }
};

} // namespace

// craft 6: the level is that of the weakest place.
TEST_F (DoctorAlone, L1WhenOnlyAPassphraseOpensTheVault)
{
  Agent agent;
  Finished made = agent.cli ({ "bindify", "vault", "init", "--passphrase-stdin", "--no-key-file" },
                             kPassphrase);
  ASSERT_EQ (made.status, 0) << made.errors;
  ASSERT_EQ (agent.add ("svc", kUrl, kSecret).status, 201);

  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 0) << found.output;
  EXPECT_THAT (found.output, HasSubstr ("Protection: L1. "));
  EXPECT_THAT (found.output, HasSubstr ("passphrase or recovery code"));

  // It is about what rests, whether it is open or not.
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (doctor (agent).output, HasSubstr ("Protection: L1. "));

  Finished unlocked = agent.cli ({ "bindify", "unlock", "--stdin" }, kPassphrase);
  ASSERT_EQ (unlocked.status, 0) << unlocked.errors;
  ASSERT_EQ (agent.cli ({ "bindify", "vault", "add-key", "--key-file" }).status, 0);
  EXPECT_THAT (doctor (agent).output, HasSubstr ("Protection: L0. "));
}

TEST_F (DoctorAlone, L0WhenSecretsMayReachTheSwapSpace)
{
  if (is_sanitized ())
    GTEST_SKIP () << "it lets every attempt to lock memory succeed";

  Agent::Options options;
  options.locks_no_memory = true;
  Agent agent (options);
  ASSERT_EQ (
      agent.cli ({ "bindify", "vault", "init", "--passphrase-stdin", "--no-key-file" }, kPassphrase)
          .status,
      0);

  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("memory_not_locked: "));
  EXPECT_THAT (found.output, HasSubstr ("RLIMIT_MEMLOCK"));
  EXPECT_THAT (found.output, HasSubstr ("Protection: L0. "));
}

TEST_F (DoctorAlone, ACredentialOfAnotherKindThanTheRecordSays)
{
  Agent agent;

  replace_credential (agent,
                      R"({"v":1,"type":"basic_auth","username":"ada","password":"sk-planted"})");
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("auth_type_disagrees: "));
  EXPECT_THAT (found.output, HasSubstr ("says api_key, its credential is basic"));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify login svc"));
  EXPECT_THAT (found.output, Not (HasSubstr ("sk-planted")));
}

TEST_F (DoctorAlone, ADamagedCredential)
{
  Agent agent;

  replace_credential (agent, R"({"v":1,"type":"api_key","api_key":"sk-planted)");
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("credential_damaged: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify login svc"));
  EXPECT_THAT (found.output, Not (HasSubstr ("sk-planted")));
}

// A vault that was sealed properly around a credential whose data key is not in it.
TEST_F (DoctorAlone, AnUnreadableCredentialAndItsMissingKey)
{
  Agent agent;
  VaultBytes bytes, other;
  const std::string id = json_string (agent.add ("svc", kUrl, kSecret).body, "id"),
                    vault = agent.state_dir () + "/vault";

  other.data_key = std::string (32, 'x');
  bytes.body = bytes.contents ({ VaultBytes::item (id, other.blob (id, "sk-planted")) });
  VaultSlotBytes slot;
  slot.kind = 4; // recovery
  bytes.slots = slot.sealed (bytes.id, bytes.key);
  agent.stop ();
  std::filesystem::remove (vault + "/vault.key");
  write_file (vault + "/vault.bfy", bytes.sealed ());
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (doctor (agent).output, HasSubstr ("keyring_locked: "));

  g_autofree char *key =
      g_base64_encode (reinterpret_cast<const guchar *> (slot.key.data ()), slot.key.size ());
  Response opened = agent.control ("POST", "/v1/vault/unlock",
                                   std::string (R"({"slot":1,"key":")") + key + "\"}");
  ASSERT_EQ (opened.status, 204) << opened.body;
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("credential_unreadable: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify login svc"));
  EXPECT_THAT (found.output, HasSubstr ("vault_key_missing: "));
}

TEST_F (DoctorAlone, ASettingThatIsNotUnderstood)
{
  Agent::Options options;
  options.config = "[agent]\nprot=7391\n";
  Agent agent (options);

  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("settings_problem: "));
  EXPECT_THAT (found.output, HasSubstr ("prot"));
}

TEST_F (DoctorAlone, ALogThatCannotBeWritten)
{
  Agent agent;
  sqlite3 *other = nullptr;

  ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &other), SQLITE_OK);
  ASSERT_EQ (sqlite3_exec (other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  // It is locked all the same, and says that a new agent will not know.
  EXPECT_THAT (agent.control ("POST", "/v1/lock").body,
               HasSubstr ("but only until the agent ends"));
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("log_failure: "));

  ASSERT_EQ (sqlite3_exec (other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close (other);
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, HasSubstr ("\"type\":\"locked\""));
  EXPECT_THAT (doctor (agent).output, HasSubstr ("Nothing is wrong."));
}

// A document of a later version, say: what it forbade is not known, so nothing goes, not even a
// list; other bindings go on, and one command brings it back.
TEST_F (DoctorAlone, APolicyThatCannotBeRead)
{
  Agent agent;
  const std::string key = agent.add_client ("my-client"),
                    list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})",
                    call = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                           R"("params":{"name":"get_x"}})";
  sqlite3 *other = nullptr;

  for (const char *name : { "svc", "else" })
    ASSERT_EQ (agent.add (name, kUrl, kSecret).status, 201);
  agent.stop ();
  ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &other), SQLITE_OK);
  ASSERT_EQ (sqlite3_exec (other,
                           "UPDATE binding SET policy = '{\"version\":2,\"default\":\"allow\"}' "
                           "WHERE name = 'svc'",
                           nullptr, nullptr, nullptr),
             SQLITE_OK);
  sqlite3_close (other);
  ASSERT_TRUE (agent.start ());

  EXPECT_THAT (agent.post ("svc", key, call).body, HasSubstr ("policy"));
  EXPECT_THAT (agent.post ("svc", key, list).body, HasSubstr ("blocked"));
  EXPECT_THAT (agent.post ("else", key, list).body, Not (HasSubstr ("blocked")));
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("policy_unreadable: "));
  EXPECT_THAT (found.output, HasSubstr ("line 1: “version” is 1"));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify policy set svc --profile reads-flow"));

  ASSERT_EQ (agent.cli ({ "bindify", "policy", "set", "svc", "--profile", "reads-flow" }).status,
             0);
  EXPECT_THAT (agent.post ("svc", key, list).body, Not (HasSubstr ("blocked")));
  EXPECT_THAT (doctor (agent).output, HasSubstr ("Nothing is wrong."));
}

TEST_F (DoctorAlone, ALogThatWasChanged)
{
  Agent agent;
  sqlite3 *other = nullptr;

  ASSERT_EQ (agent.add ("svc", kUrl, kSecret).status, 201);
  EXPECT_THAT (doctor (agent).output, HasSubstr ("Nothing is wrong."));
  agent.stop ();
  ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &other), SQLITE_OK);
  ASSERT_EQ (sqlite3_exec (other, "UPDATE event SET client = 'nobody'", nullptr, nullptr, nullptr),
             SQLITE_OK);
  ASSERT_GT (sqlite3_changes (other), 0);
  sqlite3_close (other);
  ASSERT_TRUE (agent.start ());

  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("log_changed: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify log verify"));
  EXPECT_THAT (agent.cli ({ "bindify", "doctor", "--bundle", "-" }).output,
               HasSubstr ("== Log ==\nnot as it was written: "));
}

// A link is nothing that bindify made; where it leads to is not touched.
TEST_F (DoctorAlone, ALinkInThePlaceOfAFile)
{
  Agent agent;
  const std::string key = agent.state_dir () + "/vault/vault.key",
                    away = agent.dir ().path ("away");
  struct stat status;

  ASSERT_EQ (agent.add ("svc", kUrl, kSecret).status, 201);
  std::filesystem::rename (key, away);
  std::filesystem::create_symlink (away, key);
  ASSERT_EQ (chmod (away.c_str (), 0644), 0);
  Finished found = agent.cli ({ "bindify", "doctor", "--fix" });
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("unsafe_owner: "));
  EXPECT_THAT (found.output, HasSubstr (key));
  ASSERT_EQ (stat (away.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0644u);
}

// craft 3, row 8: where tokens lie about is told, not what they are.
TEST_F (DoctorAlone, TokensThatLieAboutAreTold)
{
  constexpr char kToken[] = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
  Agent agent;
  const std::string home = agent.dir ().path ("home");

  std::filesystem::create_directories (home);
  write_file (home + "/.claude.json", std::string ("{\"env\":\n{\"X_TOKEN\":\"") + kToken + "\"}}");
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("plaintext_token: "));
  EXPECT_THAT (found.output, HasSubstr (".claude.json, line 2, holds a token that ends in “8B4a”"));
  EXPECT_THAT (found.output, HasSubstr ("Try: bindify-add github"));
  EXPECT_THAT (found.output, Not (HasSubstr ("ghp_")));
  EXPECT_THAT (agent.cli ({ "bindify", "doctor", "--json" }).output,
               HasSubstr ("\"plaintext_token\""));
}

TEST_F (DoctorAlone, WithoutAnAgentTheRestIsLookedAt)
{
  Agent agent;

  agent.stop ();
  Finished found = doctor (agent);
  EXPECT_EQ (found.status, 2);
  EXPECT_THAT (found.output, HasSubstr ("agent_unreachable: "));
  EXPECT_THAT (found.output, HasSubstr ("socket_missing: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: "));

  g_autoptr (GSocketListener) other = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (other, nullptr, nullptr);
  const std::string config = agent.environment ()["XDG_CONFIG_HOME"] + "/bindify";
  std::filesystem::create_directories (config);
  write_file (config + "/bindify.conf", "[agent]\nport=" + std::to_string (port) + "\n");
  EXPECT_THAT (
      doctor (agent).output,
      HasSubstr ("port_taken: Another program listens on 127.0.0.1:" + std::to_string (port)));
}

// The report is grepped for all that was secret in this run.
TEST_F (DoctorAlone, AReportHoldsNothingSecret)
{
  Agent agent;
  const std::string file = agent.dir ().path ("report.txt");
  struct stat status;

  ASSERT_EQ (agent.add ("my-plan", kUrl, kSecret).status, 201);
  const std::string key = agent.add_client ("my-client");
  const std::filesystem::path state = agent.state_dir ();
  ASSERT_EQ (chmod (state.c_str (), 0755), 0); // a finding that names a path
  Finished written = agent.cli ({ "bindify", "doctor", "--bundle", file });
  ASSERT_EQ (written.status, 0) << written.errors;
  const std::string report = read_file (file);
  EXPECT_THAT (report, HasSubstr ("binding-1: ok"));
  EXPECT_THAT (report, HasSubstr ("unsafe_mode: "));
  EXPECT_THAT (report, HasSubstr ("agent: SQLite 3."));
  EXPECT_THAT (report, HasSubstr ("== Log ==\nverified: "));
  EXPECT_THAT (report, HasSubstr ("binding_created success"));
  for (const std::string &secret :
       { std::string (kSecret), key, key.substr (10, 20), key.substr (key.size () - 20),
         std::string ("my-plan"), std::string ("my-client") })
    EXPECT_THAT (report, Not (HasSubstr (secret)));
  ASSERT_EQ (stat (file.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);

  Finished again = agent.cli ({ "bindify", "doctor", "--bundle", file });
  EXPECT_EQ (again.status, 1) << "nothing is overwritten";
  EXPECT_EQ (read_file (file), report);

  Finished shown = agent.cli ({ "bindify", "doctor", "--bundle", "-", "--names" });
  EXPECT_THAT (shown.output, HasSubstr ("my-plan: ok"));
  EXPECT_THAT (shown.output, Not (HasSubstr (kSecret)));
}

// behaviour 20.1
TEST_F (DoctorAlone, TheLogMayBeLinesOfJson)
{
  Agent::Options options;
  options.config = "[log]\nformat=json\n[agent]\nghp_16C7e42F292c6912=1\n";
  Agent agent (options);

  agent.stop ();
  const std::string log = agent.process ().errors ();
  EXPECT_THAT (log, HasSubstr ("{\"timestamp\":\"20"));
  EXPECT_THAT (log, HasSubstr ("\"level\":\"warning\""));
  EXPECT_THAT (log, HasSubstr ("is not a setting"));
  EXPECT_THAT (log, Not (HasSubstr ("16C7e42F292c6912")));
}

namespace
{

// The user's systemd has a word to say, or keeps it.
class DoctorUnit : public testing::Test
{
protected:
  void SetUp () override
  {
    if (!PrivateBus::is_installed ())
      GTEST_SKIP () << "dbus-daemon is not installed";
    dirs = std::make_unique<PrivateDirs> ();
    bus = std::make_unique<PrivateBus> (*dirs);
    systemd = std::make_unique<MockSystemd> (*bus);
    Agent::Options options;
    options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
    agent = std::make_unique<Agent> (options);
  }
  Finished doctor ()
  {
    return agent->cli ({ "bindify", "doctor" });
  }
  guint32 agent_pid ()
  {
    return static_cast<guint32> (agent->process ().pid ());
  }

  std::unique_ptr<PrivateDirs> dirs;
  std::unique_ptr<PrivateBus> bus;
  std::unique_ptr<MockSystemd> systemd;
  std::unique_ptr<Agent> agent;
};

} // namespace

TEST_F (DoctorUnit, IsFineWhenItRunsThisAgentOrNone)
{
  EXPECT_EQ (doctor ().status, 0) << "no such unit";
  systemd->set ({ "active", "success", agent_pid () });
  Finished found = doctor ();
  EXPECT_EQ (found.status, 0) << found.output << found.errors;
  systemd->set ({ "inactive", "success", 0 });
  EXPECT_EQ (doctor ().status, 0);
}

TEST_F (DoctorUnit, ThatHasFailedIsToldAlsoWithoutAnAgent)
{
  systemd->set ({ "failed", "exit-\x1b[2Jcode", 0 });
  EXPECT_EQ (doctor ().status, 1);
  agent->stop ();
  Finished found = doctor ();
  EXPECT_EQ (found.status, 2);
  EXPECT_THAT (found.output, HasSubstr ("unit_failed: "));
  EXPECT_THAT (found.output, HasSubstr ("has failed (exit-\\u{1b}[2Jcode)"));
  EXPECT_THAT (found.output, HasSubstr ("Try: journalctl --user -u bindify.service"));
}

TEST_F (DoctorUnit, ThatRunsAnotherAgentThanTheOneThatAnswersIsTold)
{
  systemd->set ({ "active", "success", agent_pid () + 1 });
  Finished found = doctor ();
  EXPECT_EQ (found.status, 1);
  EXPECT_THAT (found.output, HasSubstr ("unit_is_other: "));
  EXPECT_THAT (found.output, HasSubstr ("Try: kill " + std::to_string (agent_pid ())));

  // An agent that was put elsewhere is none of systemd's business.
  const std::string elsewhere = agent->dir ().path ("run//bindify/agent.sock");
  EXPECT_EQ (agent->cli ({ "bindify", "doctor", "--socket", elsewhere }).status, 0);
}

TEST_F (DoctorUnit, OfASystemdThatKeepsSilentIsNotWaitedForForLong)
{
  MockSystemd::Unit unit;
  unit.is_silent = true;
  systemd->set (unit);
  EXPECT_EQ (doctor ().status, 0);
}
