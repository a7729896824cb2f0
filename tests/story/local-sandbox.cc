// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What local servers get to see and to say. Each protection is attacked from inside; without the
// sandbox the same attack succeeds.

#include "tests/fixture/local-server.h"

class SandboxedServer : public LocalServer
{
};

INSTANTIATE_TEST_SUITE_P (Modes, LocalServer, testing::Bool (), mode_name);

INSTANTIATE_TEST_SUITE_P (Modes, SandboxedServer, testing::Bool (), mode_name);

// The secret.

TEST_P (LocalServer, HidesTheSecretInWhatTheServerSays)
{
  must_add ();
  begin ();
  std::string said = call ("spell").body;

  EXPECT_THAT (said, HasSubstr ("\\\"length\\\": 35")); // it has it
  EXPECT_THAT (said, HasSubstr ("********"));
  for (const char *spelling :
       { "local/secret", "bG9jYWwvc2VjcmV0", "xvY2FsL3NlY3JldC", "6c6f63616c2f736563726574" })
    EXPECT_THAT (said, Not (HasSubstr (spelling)));
  call ("complain");
  std::string log;
  for (int i = 0; i < 200 && log.find ("xxx") == std::string::npos; i++)
    log = stderr_text ();
  EXPECT_THAT (log, HasSubstr ("the token is [REDACTED]"));
  EXPECT_THAT (log, Not (HasSubstr ("local/sec")));
  EXPECT_THAT (log, Not (HasSubstr ("bG9jYWwvc2VjcmV0")));
}

TEST_P (LocalServer, GetsTheSecretInAFileThatVanishes)
{
  must_add ("", "", R"("deliver":"file","variable":"TOKEN_FILE")");
  begin ();
  EXPECT_THAT (call ("spell").body, HasSubstr ("\\\"length\\\": 35"));
  // Nobody can make the server read it again.
  std::string secrets = agent.dir ().path ("run/bindify-secrets");
  for (const auto &entry : std::filesystem::recursive_directory_iterator (secrets))
    EXPECT_FALSE (entry.is_regular_file ()) << entry.path ();
  agent.stop ();
  EXPECT_FALSE (std::filesystem::exists (secrets));
}

TEST_P (LocalServer, GetsTheSecretOnAPipe)
{
  must_add ("", "", R"("deliver":"fd","variable":"TOKEN_FD")");
  begin ();
  EXPECT_THAT (call ("spell").body, HasSubstr ("\\\"length\\\": 35"));
}

TEST_P (LocalServer, ShowsTheSecretInNoArgumentList)
{
  must_add ();
  begin ();
  for (pid_t pid : processes_with (mark))
    {
      std::ifstream file ("/proc/" + std::to_string (pid) + "/cmdline");

      EXPECT_THAT (std::string ((std::istreambuf_iterator<char> (file)), {}),
                   Not (HasSubstr ("local/secret")));
    }
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/local").body, Not (HasSubstr ("local/secret")));
}

// The surroundings.

TEST_P (LocalServer, StartsWithACleanSlate)
{
  must_add ("", R"(,"pass":["WANTED"])");
  begin ();
  std::string state = text_from ("state");

  EXPECT_THAT (state, HasSubstr ("\"umask\": \"0o77\""));
  EXPECT_THAT (state, HasSubstr ("\"core\": \"0\""));
  EXPECT_THAT (state, HasSubstr ("\"WANTED\""));
  EXPECT_THAT (state, Not (HasSubstr ("UNWANTED")));
  EXPECT_THAT (state, Not (HasSubstr ("XDG_")));
  EXPECT_THAT (state, HasSubstr ("\"home\": \"" + agent.dir ().path ("home") + "\""));
  std::string descriptors = text_from ("descriptors");
  EXPECT_THAT (descriptors, HasSubstr ("\"2\": \"pipe:"));
  EXPECT_THAT (descriptors, AnyOf (Not (HasSubstr ("\"4\"")), Not (HasSubstr ("\"5\""))));
  EXPECT_THAT (descriptors, Not (HasSubstr ("socket:")));
  EXPECT_THAT (descriptors, Not (HasSubstr ("bindify")));
}

TEST_P (SandboxedServer, ReachesNothingOfTheSession)
{
  int bus = socket (AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = unix_address (agent.dir ().path ("run/bus"));
  std::string keyrings = agent.dir ().path ("home/.local/share/keyrings");

  ASSERT_EQ (bind (bus, reinterpret_cast<sockaddr *> (&address), sizeof address), 0);
  listen (bus, 8);
  std::filesystem::create_directories (keyrings);
  std::ofstream (keyrings + "/login.keyring") << "x";
  must_add ();
  begin ();
  std::string pid = std::to_string (agent.process ().pid ());
  std::string seen =
      text_from ("look", R"({"agent":["connect",")" + agent.socket () + R"("],"bus":["connect",")" +
                             agent.dir ().path ("run/bus") + R"("],"keyring":["read",")" +
                             keyrings + R"(/login.keyring"],"state":["list",")" +
                             agent.state_dir () + R"("],"run":["list",")" +
                             agent.dir ().path ("run") + R"("],"process":["read","/proc/)" + pid +
                             R"(/cmdline"],"environ":["read","/proc/)" + pid + R"(/environ"]})");
  close (bus);

  if (GetParam ())
    {
      for (const char *what : { "agent", "bus", "keyring", "state", "run", "process", "environ" })
        EXPECT_THAT (seen, HasSubstr (std::string ("\"") + what + "\": \"FileNotFoundError\""));
      return;
    }
  // What the sandbox is good for: without it all this works.
  for (const char *what : { "agent", "bus" })
    EXPECT_THAT (seen, HasSubstr (std::string ("\"") + what + "\": \"connected\""));
  EXPECT_THAT (seen, HasSubstr ("\"keyring\": \"read 1\""));
  EXPECT_THAT (seen, HasSubstr ("\"state\": \"listed"));
  EXPECT_THAT (seen, HasSubstr ("\"process\": \"read"));
}

// Root may write into them without any capability: core_pattern would be a way out.
TEST_P (SandboxedServer, ChangesNoSettingsOfTheKernel)
{
  if (!GetParam ())
    GTEST_SKIP () << "who has no sandbox may what its user may";
  must_add ();
  begin ();
  std::string seen = text_from ("look", R"({"pattern":["open","/proc/sys/kernel/core_pattern"],)"
                                        R"("request":["open","/proc/sysrq-trigger"]})");

  EXPECT_THAT (seen, HasSubstr ("Error"));
  EXPECT_THAT (seen, Not (HasSubstr ("opened")));
}

TEST_P (SandboxedServer, KeepsAwayFromSecretsEvenInASharedHome)
{
  std::string home = agent.dir ().path ("home"), keyrings = home + "/.local/share/keyrings";

  if (!GetParam ())
    GTEST_SKIP () << "nothing is shared without a sandbox";
  std::filesystem::create_directories (keyrings);
  std::ofstream (keyrings + "/login.keyring") << "x";
  std::ofstream (home + "/notes") << "xy";
  must_add ("", R"(,"share":[")" + fixtures () + R"(",")" + home + R"("])");
  begin ();
  std::string seen = text_from ("look", R"({"notes":["read",")" + home +
                                            R"(/notes"],"keyring":[)"
                                            R"("read",")" +
                                            keyrings +
                                            R"(/login.keyring"],"new":[)"
                                            R"("write",")" +
                                            home + R"(/new"]})");
  EXPECT_THAT (seen, HasSubstr ("\"notes\": \"read 2\""));
  EXPECT_THAT (seen, HasSubstr ("\"keyring\": \"FileNotFoundError\""));
  EXPECT_THAT (seen, HasSubstr ("\"new\": \"OSError\"")); // read-only
  agent.control ("DELETE", "/v1/bindings/local");
  Response refused = add ("", R"(,"share":[")" + fixtures () + R"(",")" + keyrings + R"("])");
  EXPECT_EQ (refused.status, 403);
  EXPECT_THAT (refused.body, HasSubstr ("never shared"));
}

// The settings may name any place for the vault's key, systemd hands one over in a folder.
TEST (SandboxedServerWithKeysElsewhere, KeepsAwayFromThem)
{
  if (!has_bwrap ())
    GTEST_SKIP () << "bubblewrap is not installed";
  TempDir dir;
  std::string shared = dir.path ("shared"), read_all;
  Agent::Options options;
  options.config = "[agent]\nvault-key-file=" + shared + "/vault.key\n";
  options.environment["CREDENTIALS_DIRECTORY"] = shared + "/credentials";
  std::filesystem::create_directories (shared + "/credentials");
  for (const char *name : { "vault.key", "credentials/bindify.vault-key", "notes" })
    {
      std::ofstream (shared + "/" + name) << "0123456789abcdef";
      read_all += (read_all.empty () ? "\"" : ",\"") + std::string (name) + R"(":["read",")" +
                  shared + "/" + name + "\"]";
    }
  Agent agent (options);
  Response added = agent.control ("POST", "/v1/bindings",
                                  R"({"name":"local","command":{"argv":["/usr/bin/python3",")" +
                                      fixtures () + R"(/stdio-server.py"],"share":[")" +
                                      fixtures () + R"(",")" + shared + "\"]}}");
  ASSERT_EQ (added.status, 201) << added.body;

  Finished seen = agent.cli ({ "bindify", "call", "local", "look", "{" + read_all + "}" });
  EXPECT_THAT (seen.output, HasSubstr ("\"notes\": \"read 16\"")) << seen.errors;
  EXPECT_THAT (seen.output, HasSubstr ("\"vault.key\": \""));
  EXPECT_THAT (seen.output, Not (HasSubstr ("\"vault.key\": \"read 16\"")));
  EXPECT_THAT (seen.output, HasSubstr ("\"credentials/bindify.vault-key\": \"FileNotFoundError\""));
}

TEST_P (SandboxedServer, HasNoNetworkWhenToldSo)
{
  if (!GetParam ())
    GTEST_SKIP () << "the network is shut off by the sandbox";
  for (bool network : { true, false })
    {
      must_add ("", network ? R"(,"network":true)" : R"(,"network":false)");
      begin ();
      EXPECT_THAT (
          text_from ("look", R"({"door":["tcp",")" + std::to_string (agent.port ()) + "\"]}"),
          HasSubstr (network ? "connected" : "ConnectionRefusedError"));
      agent.control ("DELETE", "/v1/bindings/local");
    }
}

// bubblewrap cannot be found: never without a sandbox that was asked for.
TEST (LocalServerWithoutBwrap, IsRefused)
{
  Agent::Options options;
  options.environment = { { "PATH", "/nonexistent" } };
  Agent agent (options);
  Response added =
      agent.control ("POST", "/v1/bindings", R"({"name":"local","command":{"argv":["true"]}})");

  EXPECT_EQ (added.status, 501) << added.body;
  EXPECT_THAT (added.body, HasSubstr ("install the package"));
  EXPECT_THAT (added.body, HasSubstr ("--no-sandbox"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}
