// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The vault as a person meets it: made, locked by a restart, opened, given other keys, copied and
// brought back, with the real agent and the real commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-vault-story-0123456789abcdef";
constexpr char kPassphrase[] = "correct horse battery staple";

class Vault : public testing::Test
{
protected:
  using Words = std::vector<std::string>;

  Finished vault (const Words &words, const std::string &input = "", Agent *where = nullptr)
  {
    Words all{ "bindify", "vault" };

    all.insert (all.end (), words.begin (), words.end ());
    return (where != nullptr ? *where : agent).cli (all, input);
  }
  Finished unlock (const std::string &input)
  {
    return agent.cli ({ "bindify", "unlock", "--stdin" }, input + "\n");
  }
  // With a passphrase alone, and a recovery code, which is returned.
  std::string init (const Words &more = {})
  {
    Words words{ "init", "--passphrase-stdin", "--recovery" };

    words.insert (words.end (), more.begin (), more.end ());
    Finished made = vault (words, std::string (kPassphrase) + "\n");
    std::smatch match;

    EXPECT_EQ (made.status, 0) << made.errors;
    EXPECT_TRUE (
        std::regex_search (made.output, match, std::regex ("([0-9A-Z]{4}-){8}[0-9A-Z]{4}")))
        << made.output;
    return match.empty () ? "" : match.str ();
  }
  void add (Agent *where = nullptr)
  {
    Response added = (where != nullptr ? *where : agent).add ("notes", upstream.url (), kSecret);

    ASSERT_EQ (added.status, 201) << added.body;
  }
  Finished call ()
  {
    return agent.cli ({ "bindify", "call", "notes", "echo", "message=hi" });
  }
  void restart ()
  {
    agent.stop ();
    ASSERT_TRUE (agent.start ());
  }
  std::string state (Agent *where = nullptr)
  {
    return json_member (vault ({ "status", "--json" }, "", where).output, "state");
  }
  // The value of a string member in pretty JSON.
  static std::string json_member (const std::string &text, const std::string &name)
  {
    std::smatch match;

    return std::regex_search (text, match, std::regex ("\"" + name + "\" : \"([^\"]*)\""))
               ? match[1].str ()
               : "";
  }
  // The fingerprints in the table of `vault status` on lines that end with @use.
  std::string fingerprint (const std::string &use)
  {
    std::string text = vault ({ "status" }).output;
    std::smatch match;

    return std::regex_search (text, match, std::regex ("([0-9a-f]{16}) +[0-9]+ +" + use))
               ? match[1].str ()
               : "";
  }
  std::string file () const
  {
    return agent.state_dir () + "/vault/vault.bfy";
  }
  std::string key_file () const
  {
    return agent.state_dir () + "/vault/vault.key";
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
};

} // namespace

TEST_F (Vault, NothingIsThereUntilItIsMade)
{
  Finished status = vault ({ "status" });

  EXPECT_EQ (status.status, 0);
  EXPECT_THAT (status.output, HasSubstr ("bindify vault init"));
  for (const Words &words : { Words{ "check" },
                              { "rotate" },
                              { "add-key", "--recovery" },
                              { "backup", agent.dir ().path ("none") } })
    {
      Finished finished = vault (words);

      EXPECT_EQ (finished.status, 1) << words[0];
      EXPECT_THAT (finished.errors, HasSubstr ("bindify vault init")) << words[0];
    }
  EXPECT_FALSE (std::filesystem::exists (agent.dir ().path ("none")));
  EXPECT_FALSE (std::filesystem::exists (agent.state_dir () + "/vault"));
}

// A restart locks it: refused at once and clearly, until the passphrase comes.
TEST_F (Vault, APassphraseLocksTheVaultUntilItIsTyped)
{
  init ({ "--no-key-file" });
  EXPECT_FALSE (std::filesystem::exists (key_file ()));
  add ();
  EXPECT_EQ (call ().status, 0);
  EXPECT_EQ (vault ({ "init" }).status, 1) << "a vault is never made over another one";

  restart ();
  Finished refused = call ();
  EXPECT_EQ (refused.status, 4);
  EXPECT_THAT (refused.errors, HasSubstr ("Try: bindify unlock"));
  std::string key = agent.add_client ("story");
  Response response = agent.post ("notes", key, kToolCall);
  EXPECT_EQ (response.status, 200);
  EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"locked\""));
  EXPECT_THAT (response.body, HasSubstr ("bindify unlock"));
  EXPECT_EQ (state (), "locked");
  EXPECT_THAT (vault ({ "status" }).output, HasSubstr ("passphrase"));
  EXPECT_EQ (agent.add ("more", upstream.url (), kSecret).status, 423);

  std::string before = read_file (file ());
  Finished wrong = unlock ("correct horse battery stable");
  EXPECT_EQ (wrong.status, 3);
  EXPECT_THAT (wrong.errors, HasSubstr ("That is not the passphrase"));
  EXPECT_EQ (call ().status, 4);
  EXPECT_EQ (read_file (file ()), before);

  Finished right = unlock (kPassphrase);
  EXPECT_EQ (right.status, 0) << right.errors;
  EXPECT_EQ (call ().status, 0);
  EXPECT_EQ (state (), "ready");
  Finished log = agent.cli ({ "bindify", "log" });
  EXPECT_THAT (log.output, HasSubstr ("vault_unlocked"));
  EXPECT_THAT (log.output, Not (HasSubstr ("horse")));
}

// J04: of two who choose the first passphrase at once one does, and it is theirs; nobody chooses it
// over the network.
TEST_F (Vault, J04OfTwoFirstPassphrasesOneIsTaken)
{
  std::unique_ptr<Process> both[2];
  const std::string phrases[2] = { "first correct horse battery", "second correct horse battery" };
  std::string key = agent.add_client ("story");
  Connection door = agent.tcp ();
  int winner = -1;

  door.send (format_request ("POST", "/v1/vault", agent.host (),
                             "Content-Type: application/json\r\nAuthorization: Bearer " + key,
                             R"({"passphrase":"third correct horse battery"})"));
  EXPECT_EQ (door.read_response ().status, 404);
  for (int i = 0; i < 2; i++)
    {
      Process::Options options = agent.options (
          { client_program ("bindify"), "vault", "init", "--passphrase-stdin", "--no-key-file" });

      options.input = phrases[i] + "\n";
      both[i] = std::make_unique<Process> (options);
    }
  for (int i = 0; i < 2; i++)
    if (both[i]->wait () == 0)
      {
        EXPECT_EQ (winner, -1) << "one only";
        winner = i;
      }
  ASSERT_NE (winner, -1) << both[0]->errors () << both[1]->errors ();
  restart ();
  EXPECT_EQ (unlock (phrases[1 - winner]).status, 3);
  EXPECT_EQ (unlock (phrases[winner]).status, 0);
}

// `bindify lock` forgets the passphrase's key, too; unlocking asks for it again.
TEST_F (Vault, LockingTheAgentShutsTheVault)
{
  init ({ "--no-key-file" });
  add ();
  ASSERT_EQ (agent.cli ({ "bindify", "lock" }).status, 0);
  EXPECT_EQ (state (), "locked");
  EXPECT_EQ (vault ({ "rotate" }).status, 4);
  EXPECT_EQ (unlock ("not the passphrase").status, 3);
  EXPECT_EQ (call ().status, 4);
  ASSERT_EQ (unlock (kPassphrase).status, 0);
  EXPECT_EQ (call ().status, 0);
}

TEST_F (Vault, ARecoveryCodeOpensIt)
{
  std::string code = init ({ "--no-key-file" });

  add ();
  restart ();
  std::string mistyped = code;
  mistyped[0] = mistyped[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ (unlock (mistyped).status, 3);
  EXPECT_EQ (unlock ("  " + code + " ").status, 0);
  EXPECT_EQ (call ().status, 0);

  // As it is read from paper by somebody in a hurry.
  restart ();
  std::string sloppy;
  for (char c : code)
    sloppy += c == '-' ? std::string () : std::string (1, g_ascii_tolower (c));
  EXPECT_EQ (unlock (sloppy).status, 0);
  EXPECT_EQ (call ().status, 0);
}

TEST_F (Vault, PasswdChangesThePassphrase)
{
  std::string code = init ({ "--no-key-file" });
  std::string next = "quite another passphrase";

  EXPECT_EQ (vault ({ "passwd", "--passphrase-stdin" }, "not this one\n" + next + "\n").status, 3);
  EXPECT_EQ (vault ({ "passwd", "--passphrase-stdin" }, std::string (kPassphrase) + "\n").status, 1)
      << "one line only";
  EXPECT_EQ (
      vault ({ "passwd", "--passphrase-stdin" }, std::string (kPassphrase) + "\nshort\n").status,
      1);
  restart ();
  ASSERT_EQ (unlock (kPassphrase).status, 0) << "nothing was changed so far";

  Finished changed =
      vault ({ "passwd", "--passphrase-stdin" }, std::string (kPassphrase) + "\n" + next + "\n");
  ASSERT_EQ (changed.status, 0) << changed.errors;
  EXPECT_THAT (changed.output, HasSubstr ("still open with the old one"));
  restart ();
  EXPECT_EQ (unlock (kPassphrase).status, 3);
  EXPECT_EQ (unlock (next).status, 0);

  // Forgotten: the recovery code stands in for it, even while the vault is locked.
  restart ();
  EXPECT_EQ (vault ({ "passwd", "--passphrase-stdin" }, code + "\n" + kPassphrase + "\n").status,
             0);
  restart ();
  EXPECT_EQ (unlock (kPassphrase).status, 0);
}

TEST_F (Vault, KeySlotsComeAndGo)
{
  add ();
  EXPECT_TRUE (std::filesystem::exists (key_file ()));
  Finished last = vault ({ "remove-key", "1" });
  EXPECT_EQ (last.status, 3);
  EXPECT_THAT (last.errors, HasSubstr ("only key slot"));
  EXPECT_TRUE (std::filesystem::exists (key_file ()));

  EXPECT_EQ (vault ({ "add-key" }).status, 1);
  EXPECT_EQ (vault ({ "add-key", "--recovery", "--key-file" }).status, 1);
  EXPECT_EQ (vault ({ "add-key", "--passphrase-stdin" }, "short\n").status, 1);
  EXPECT_EQ (vault ({ "add-key", "--key-file" }).status, 1) << "there is one";
  Finished added = vault ({ "add-key", "--passphrase-stdin" }, std::string (kPassphrase) + "\n");
  ASSERT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output, HasSubstr ("slot 2"));
  EXPECT_EQ (vault ({ "remove-key", "7" }).status, 1);
  EXPECT_EQ (vault ({ "remove-key", "9" }).status, 1);
  EXPECT_EQ (vault ({ "remove-key", "two" }).status, 1);

  Finished removed = vault ({ "remove-key", "1" });
  ASSERT_EQ (removed.status, 0) << removed.errors;
  EXPECT_THAT (removed.output, HasSubstr ("still opens with: passphrase (slot 2)"));
  EXPECT_THAT (removed.output, HasSubstr ("bindify unlock"));
  EXPECT_FALSE (std::filesystem::exists (key_file ()));
  EXPECT_EQ (call ().status, 0) << "what is open stays open";
  restart ();
  EXPECT_EQ (call ().status, 4);
  ASSERT_EQ (unlock (kPassphrase).status, 0);

  ASSERT_EQ (vault ({ "add-key", "--key-file" }).status, 0);
  restart ();
  EXPECT_EQ (call ().status, 0) << "it opens by itself again";
}

TEST_F (Vault, NoMoreThanEightSlots)
{
  add ();
  for (int i = 2; i <= 8; i++)
    ASSERT_EQ (vault ({ "add-key", "--recovery" }).status, 0) << i;
  Finished ninth = vault ({ "add-key", "--recovery" });

  EXPECT_EQ (ninth.status, 1);
  EXPECT_THAT (ninth.errors, HasSubstr ("remove-key"));
  EXPECT_THAT (ninth.output, IsEmpty ()) << "no code without a slot";
}

TEST_F (Vault, RotateAndRemoveTheOldDataKey)
{
  add ();
  std::string first = fingerprint ("active");
  ASSERT_EQ (first.size (), 16u);
  Finished only = vault ({ "remove-key", first });
  EXPECT_EQ (only.status, 3);

  Finished rotated = vault ({ "rotate" });
  ASSERT_EQ (rotated.status, 0) << rotated.errors;
  EXPECT_THAT (rotated.output, HasSubstr ("remove-key " + first));
  EXPECT_EQ (fingerprint ("old, can be removed"), first);
  std::string second = fingerprint ("active");
  EXPECT_NE (second, first);
  EXPECT_EQ (vault ({ "remove-key", second }).status, 3) << "in use";
  EXPECT_EQ (vault ({ "remove-key", "0123456789abcdef" }).status, 1) << "unknown";
  EXPECT_EQ (vault ({ "remove-key", first }).status, 0);
  EXPECT_EQ (vault ({ "check" }).status, 0);
  restart ();
  EXPECT_EQ (call ().status, 0);
}

// The state directory is lost but for a copy of the database: the backup brings the credentials
// back.
TEST_F (Vault, ABackupComesBack)
{
  std::string copy = agent.dir ().path ("vault.backup");

  init ({ "--no-key-file" });
  add ();
  ASSERT_EQ (vault ({ "backup", copy }).status, 0);
  EXPECT_EQ (read_file (copy), read_file (file ())) << "as it is";
  EXPECT_EQ (std::filesystem::status (copy).permissions (),
             static_cast<std::filesystem::perms> (0600));
  Finished again = vault ({ "backup", copy });
  EXPECT_EQ (again.status, 1);
  EXPECT_THAT (again.errors, HasSubstr ("not written over"));
  std::filesystem::create_symlink (agent.dir ().path ("nowhere"), agent.dir ().path ("link"));
  EXPECT_EQ (vault ({ "backup", agent.dir ().path ("link") }).status, 1);
  EXPECT_FALSE (std::filesystem::exists (agent.dir ().path ("nowhere")));

  agent.stop ();
  std::filesystem::remove_all (agent.state_dir () + "/vault");
  ASSERT_TRUE (agent.start ());
  EXPECT_NE (call ().status, 0);
  Finished wrong = vault ({ "restore", copy, "--stdin" }, "not the passphrase\n");
  EXPECT_EQ (wrong.status, 3);
  EXPECT_EQ (state (), "absent");
  Finished restored = vault ({ "restore", copy, "--stdin" }, std::string (kPassphrase) + "\n");
  ASSERT_EQ (restored.status, 0) << restored.errors;
  EXPECT_THAT (restored.output, HasSubstr ("1 credential"));
  EXPECT_EQ (call ().status, 0);
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, HasSubstr ("vault_restored"));
}

// A backup that lacks what the vault has does not push it out, unless that is meant.
TEST_F (Vault, AnOldBackupDoesNotDropCredentials)
{
  std::string copy = agent.dir ().path ("vault.backup");

  ASSERT_EQ (vault ({ "init" }).status, 0);
  ASSERT_EQ (vault ({ "backup", copy }).status, 0);
  add ();
  Finished refused = vault ({ "restore", copy });
  EXPECT_EQ (refused.status, 1);
  EXPECT_THAT (refused.errors, HasSubstr ("--force"));
  EXPECT_EQ (call ().status, 0);
  EXPECT_EQ (vault ({ "restore", copy, "--force" }).status, 0);
  EXPECT_EQ (call ().status, 4) << "what is remembered of the old vault is forgotten";
}

TEST_F (Vault, AnExportOpensElsewhereWithItsPassphraseAlone)
{
  std::string copy = agent.dir ().path ("vault.export");
  Agent elsewhere;

  add ();
  EXPECT_EQ (vault ({ "export", copy }).status, 1);
  EXPECT_EQ (vault ({ "export", "--encrypted", "--passphrase-stdin", copy }, "short\n").status, 1);
  EXPECT_FALSE (std::filesystem::exists (copy));
  Finished made = vault ({ "export", "--encrypted", "--passphrase-stdin", copy },
                         std::string (kPassphrase) + "\n");
  ASSERT_EQ (made.status, 0) << made.errors;
  EXPECT_THAT (read_file (copy), Not (HasSubstr (kSecret)));

  EXPECT_EQ (vault ({ "restore", copy, "--stdin" }, "not the passphrase\n", &elsewhere).status, 3);
  Finished restored =
      vault ({ "restore", copy, "--stdin" }, std::string (kPassphrase) + "\n", &elsewhere);
  ASSERT_EQ (restored.status, 0) << restored.errors;
  EXPECT_EQ (vault ({ "check" }, "", &elsewhere).status, 0);
  elsewhere.stop ();
  ASSERT_TRUE (elsewhere.start ());
  EXPECT_EQ (state (&elsewhere), "locked") << "it has no key file";
  EXPECT_EQ (
      elsewhere.cli ({ "bindify", "unlock", "--stdin" }, std::string (kPassphrase) + "\n").status,
      0);
  EXPECT_THAT (vault ({ "status" }, "", &elsewhere).output, HasSubstr ("Credentials  1"));
}

// E01 from the outside: one flipped bit anywhere is found, said with the path and the way out, and
// nothing is written over it.
TEST_F (Vault, ADamagedFileIsLeftAlone)
{
  std::string copy = agent.dir ().path ("vault.backup");

  add ();
  ASSERT_EQ (vault ({ "backup", copy }).status, 0);
  agent.stop ();
  std::string damaged = read_file (file ());
  damaged[damaged.size () / 2] ^= 4;
  write_file (file (), damaged);
  ASSERT_TRUE (agent.start ());

  for (const Words &words : { Words{ "check" }, { "rotate" }, { "add-key", "--recovery" } })
    {
      Finished finished = vault (words);

      EXPECT_EQ (finished.status, 1) << words[0];
      EXPECT_THAT (finished.errors, HasSubstr (file ())) << words[0];
      EXPECT_THAT (finished.errors, HasSubstr ("bindify vault restore")) << words[0];
    }
  EXPECT_EQ (state (), "damaged");
  EXPECT_EQ (call ().status, 1);
  Response added = agent.add ("more", upstream.url (), kSecret);
  EXPECT_EQ (added.status, 500);
  EXPECT_THAT (added.body, HasSubstr ("\"error\":\"vault_damaged\""));
  EXPECT_EQ (vault ({ "init" }).status, 1);
  EXPECT_EQ (read_file (file ()), damaged) << "untouched";

  Finished restored = vault ({ "restore", copy });
  ASSERT_EQ (restored.status, 0) << restored.errors;
  EXPECT_EQ (call ().status, 0);
}

TEST_F (Vault, WhatIsNoVaultIsNotRestored)
{
  std::string foreign = agent.dir ().path ("foreign");

  add ();
  write_file (foreign, std::string (100000, 'x'));
  Finished finished = vault ({ "restore", foreign });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("not a vault"));
  write_file (foreign, "");
  EXPECT_EQ (vault ({ "restore", foreign }).status, 1);
  EXPECT_EQ (vault ({ "restore", agent.dir ().path ("missing") }).status, 1);
  EXPECT_EQ (vault ({ "restore", agent.dir ().path () }).status, 1);
  EXPECT_EQ (call ().status, 0);
}

// Without a passphrase a backup is of use only together with its key file, and says so.
TEST_F (Vault, ABackupOfAnotherMachinesKeyFileIsNotRestored)
{
  std::string copy = agent.dir ().path ("vault.backup");
  Agent elsewhere;

  add ();
  ASSERT_EQ (vault ({ "backup", copy }).status, 0);
  Finished refused = vault ({ "restore", copy }, "", &elsewhere);
  EXPECT_EQ (refused.status, 1);
  EXPECT_THAT (refused.errors, HasSubstr ("key file of the vault that it comes from"));
  EXPECT_EQ (state (&elsewhere), "absent");

  std::filesystem::create_directories (elsewhere.state_dir () + "/vault");
  std::filesystem::permissions (elsewhere.state_dir () + "/vault",
                                static_cast<std::filesystem::perms> (0700));
  std::filesystem::copy_file (key_file (), elsewhere.state_dir () + "/vault/vault.key");
  Finished restored = vault ({ "restore", copy }, "", &elsewhere);
  EXPECT_EQ (restored.status, 0) << restored.errors;
  EXPECT_EQ (vault ({ "check" }, "", &elsewhere).status, 0);
}

// A vault near its largest size passes the door.
TEST_F (Vault, ALargeFileReachesTheVault)
{
  std::string large = agent.dir ().path ("large");

  write_file (large, "BFYVAULT" + std::string (15 * 1024 * 1024, 'x'));
  EXPECT_THAT (vault ({ "restore", large }).errors, HasSubstr ("not a vault"));
  write_file (large, std::string (17 * 1024 * 1024, 'x'));
  EXPECT_THAT (vault ({ "restore", large }).errors, HasSubstr ("larger than any vault"));
}

namespace
{

// CREDENTIALS_DIRECTORY as systemd sets it.
class SystemdCredential : public testing::Test
{
protected:
  void put (const std::string &content, unsigned mode = 0400)
  {
    std::filesystem::remove (directory.path ("bindify.vault-key"));
    write_file (directory.path ("bindify.vault-key"), content, mode);
  }
  std::unique_ptr<Agent> start (bool has_credentials = true)
  {
    Agent::Options options;

    if (has_credentials)
      options.environment["CREDENTIALS_DIRECTORY"] = directory.path ();
    return std::make_unique<Agent> (options);
  }

  TempDir directory;
};

} // namespace

TEST_F (SystemdCredential, OpensTheVaultAtTheStart)
{
  put ("0123456789abcdef0123456789abcdef");
  auto agent = start ();
  std::string copy = directory.path ("copy");
  std::string passphrase = std::string (kPassphrase) + "\n";

  ASSERT_EQ (agent->add ("notes", "http://127.0.0.1:1/", kSecret).status, 201);
  Finished added = agent->cli ({ "bindify", "vault", "add-key", "--systemd-credential" });
  ASSERT_EQ (added.status, 0) << added.errors;
  ASSERT_EQ (agent->cli ({ "bindify", "vault", "remove-key", "1" }).status, 0);
  EXPECT_FALSE (std::filesystem::exists (agent->state_dir () + "/vault/vault.key"));
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (agent->cli ({ "bindify", "vault", "check" }).status, 0);

  // Another credential, then one that everybody can read: the vault stays shut and says why.
  agent->stop ();
  put ("another one, of the right length");
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (agent->cli ({ "bindify", "vault", "check" }).status, 4);
  agent->stop ();
  put ("0123456789abcdef0123456789abcdef", 0444);
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (agent->cli ({ "bindify", "vault", "check" }).status, 4);
  EXPECT_THAT (agent->cli ({ "bindify", "status" }).output,
               HasSubstr ("“bindify.vault-key” is not used: other users may read"));
  agent->stop ();
  put ("0123456789abcdef0123456789abcdef");
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (agent->cli ({ "bindify", "vault", "check" }).status, 0);
}

TEST_F (SystemdCredential, IsNeededForItsSlot)
{
  auto agent = start (false);

  ASSERT_EQ (agent->cli ({ "bindify", "vault", "init" }).status, 0);
  Finished added = agent->cli ({ "bindify", "vault", "add-key", "--systemd-credential" });
  EXPECT_EQ (added.status, 1);
  EXPECT_THAT (added.errors, HasSubstr ("without the systemd credential"));
  EXPECT_EQ (agent->cli ({ "bindify", "vault", "check" }).status, 0);
}

// The settings may keep the key file elsewhere, on a stick for instance.
TEST (VaultKeyFile, LiesWhereTheSettingsSay)
{
  TempDir stick;
  Agent::Options options;

  options.config = "[agent]\nvault-key-file=" + stick.path ("bindify.key") + "\n";
  Agent agent (options);
  ASSERT_EQ (agent.add ("notes", "http://127.0.0.1:1/", kSecret).status, 201);
  EXPECT_EQ (read_file (stick.path ("bindify.key")).size (), 32u);
  EXPECT_FALSE (std::filesystem::exists (agent.state_dir () + "/vault/vault.key"));
  agent.stop ();
  std::filesystem::rename (stick.path ("bindify.key"), stick.path ("away"));
  ASSERT_TRUE (agent.start ());
  EXPECT_EQ (agent.cli ({ "bindify", "vault", "check" }).status, 1);
  std::filesystem::rename (stick.path ("away"), stick.path ("bindify.key"));
  EXPECT_EQ (agent.cli ({ "bindify", "vault", "check" }).status, 0);
}
