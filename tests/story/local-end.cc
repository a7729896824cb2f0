// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The end of local servers: that nothing is left of them, and what becomes of those that misbehave.

#include <sqlite3.h>

#include "tests/fixture/local-server.h"

INSTANTIATE_TEST_SUITE_P (Modes, LocalServer, testing::Bool (), mode_name);

// The key of a client comes with a request; the program has been started by then.
TEST_P (LocalServer, CannotBeSealed)
{
  Response refused = agent.control (
      "POST", "/v1/bindings",
      R"({"name":"local","mode":"sealed","client":"story","command":{"argv":["cat"],"variable":"TOKEN",)"
      R"("sandbox":false},"credential":{"type":"custom","value":"x"}})");
  EXPECT_EQ (refused.status, 400) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("cannot be sealed"));

  Finished typed = agent.cli ({ "bindify-add", "--command", "cat", "--env", "TOKEN", "--sealed",
                                "--no-sandbox", "--yes", "--token-stdin" },
                              "x\n");
  EXPECT_NE (typed.status, 0);
  EXPECT_THAT (typed.errors, HasSubstr ("--sealed"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

// The end.

TEST_P (LocalServer, LeavesNothingBehind)
{
  must_add ("--deaf");
  begin ();
  call ("spawn");
  std::vector<pid_t> before = processes_with (mark);
  EXPECT_GE (before.size (), 2u);
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/local").status, 204);
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

TEST_P (LocalServer, GrandchildrenEndToo)
{
  if (GetParam ())
    GTEST_SKIP () << "its numbers mean nothing outside of the sandbox";
  must_add ();
  begin ();
  std::string pids = text_from ("spawn");
  pid_t grandchild = static_cast<pid_t> (strtol (pids.c_str () + pids.find (':') + 1, nullptr, 10));

  EXPECT_TRUE (process_exists (grandchild)) << pids;
  exchange ("DELETE", in_session ());
  EXPECT_TRUE (ends_soon (grandchild));
}

TEST_P (LocalServer, EndsWithAnAgentThatIsKilled)
{
  must_add ("--deaf");
  begin ();
  std::string pids = text_from ("spawn");
  std::vector<pid_t> before = processes_with (mark);
  if (!GetParam ())
    before.push_back (
        static_cast<pid_t> (strtol (pids.c_str () + pids.find (':') + 1, nullptr, 10)));
  agent.kill ();
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

TEST_P (LocalServer, EndsWithTheAgent)
{
  must_add ();
  begin ();
  std::vector<pid_t> before = processes_with (mark);
  EXPECT_EQ (agent.stop (), 0);
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

// A program holds its secret for as long as it runs.
TEST_P (LocalServer, EndsWhenTheAgentIsLockedAndIsNotStarted)
{
  must_add ();
  begin ();
  Connection waiting = agent.local ();
  waiting.send (
      format_request ("POST", "/mcp/local", "localhost", in_session (),
                      R"({"jsonrpc":"2.0","id":"w","method":"tools/call","params":{"name":"slow",)"
                      R"("arguments":{"waits":true},"_meta":{"progressToken":1}}})"));
  Response stream = waiting.read_head ();
  waiting.read_body_until (stream, "\"progress\": 2");
  std::vector<pid_t> before = processes_with (mark);
  ASSERT_FALSE (before.empty ());
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);

  EXPECT_THAT (waiting.read_body_until (stream, "\"code\":-31008"), HasSubstr ("\"id\":\"w\""));
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
  for (const std::string &refused :
       { exchange ("POST", kAccept, kInitialize).body, call ("echo").body,
         exchange ("POST", modern_headers ("tools/list"), modern ("tools/list", "", "2")).body })
    {
      EXPECT_THAT (refused, HasSubstr ("\"code\":-31008"));
      EXPECT_THAT (refused, HasSubstr ("bindify unlock"));
    }
  EXPECT_THAT (processes_with (mark), IsEmpty ());
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, HasSubstr ("locked"));
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, HasSubstr ("\"locked\""));

  ASSERT_EQ (agent.control ("POST", "/v1/unlock").status, 200);
  EXPECT_EQ (call ("echo").status, 404) << "that session is over";
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
}

// Without a secret there is nothing to take back, but nobody uses it.
TEST_P (LocalServer, WithoutASecretStaysBehindTheLock)
{
  Response added = agent.control ("POST", "/v1/bindings",
                                  R"({"name":"local","command":{"argv":["/usr/bin/python3",")" +
                                      fixtures () + R"(/stdio-server.py"],)" +
                                      (GetParam () ? R"("share":[")" + fixtures () + "\"]"
                                                   : std::string ("\"sandbox\":false")) +
                                      "}}");
  ASSERT_EQ (added.status, 201) << added.body;
  begin ();
  std::string pid = text_from ("pid");
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  EXPECT_THAT (call ("pid").body, HasSubstr ("\"code\":-31008"));
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/local").body, "state"), "locked");
  ASSERT_EQ (agent.control ("POST", "/v1/unlock").status, 200);
  EXPECT_EQ (text_from ("pid"), pid) << "the same program goes on";
}

TEST_P (LocalServer, EndsWhenItsCredentialMovesOrIsRenewed)
{
  must_add ();
  for (const auto &[method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           { "POST", "/move", R"({"keyring":"memory"})" },
           { "POST", "/move", R"({"keyring":"vault"})" },
           { "POST", "/login", R"({"credential":{"type":"custom","value":"another-secret"}})" } })
    {
      begin ();
      std::vector<pid_t> before = processes_with (mark);
      ASSERT_FALSE (before.empty ()) << path << body;
      Response changed = agent.control (method, "/v1/bindings/local" + path, body);
      ASSERT_EQ (changed.status, 200) << changed.body;
      for (pid_t pid : before)
        EXPECT_TRUE (ends_soon (pid)) << path << body;
    }
  begin ();
  EXPECT_THAT (text_from ("spell"), HasSubstr ("\"length\": 14"));
  EXPECT_EQ (agent.cli ({ "bindify", "doctor" }).status, 0);
  EXPECT_THAT (agent.cli ({ "bindify", "keyring", "list" }).output, HasSubstr ("vault"));
}

TEST_P (LocalServer, FailsWhatWasUnderWayAndStartsAgain)
{
  must_add ();
  begin ();
  Response died = call ("die");

  EXPECT_EQ (died.status, 502);
  EXPECT_THAT (died.body, HasSubstr ("exit status 7"));
  EXPECT_THAT (died.body, HasSubstr ("bindify log local --stderr"));
  EXPECT_EQ (call ("echo").status, 404);
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
}

TEST_P (LocalServer, ThatEndsAtOnceIsNotStartedOverAndOver)
{
  must_add ("exit");
  std::string answers;

  for (int i = 0; i < 3; i++)
    answers = exchange ("POST", kAccept, kInitialize).body;
  EXPECT_THAT (answers, HasSubstr ("times in a row"));
  EXPECT_THAT (stderr_text (), HasSubstr ("out of luck"));
}

// Bad servers.

TEST_P (LocalServer, DropsWhatIsNoJson)
{
  must_add ("noise");
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
  EXPECT_THAT (stderr_text (), HasSubstr ("not JSON"));
  EXPECT_THAT (stderr_text (), HasSubstr ("loading model"));
}

TEST_P (LocalServer, DropsHalfACharacter)
{
  must_add ("half");
  Response answer = begin ();

  EXPECT_EQ (answer.status, 200);
  EXPECT_THAT (answer.body, HasSubstr ("stdio-server"));
}

TEST_P (LocalServer, ThatPrintsForEverIsStopped)
{
  must_add ("endless");
  Response answer = exchange ("POST", kAccept, kInitialize);

  EXPECT_EQ (answer.status, 502);
  EXPECT_THAT (answer.body, HasSubstr ("more in one line"));
  for (pid_t pid : processes_with (mark))
    EXPECT_TRUE (ends_soon (pid)) << pid;
  EXPECT_LT (resident_kib (agent.process ().pid ()), 100 * 1024);
}

TEST_P (LocalServer, MaySendNoLineOf100Megabytes)
{
  must_add ();
  begin ();
  Response answer = call ("big", R"({"bytes":104857600})");

  EXPECT_EQ (answer.status, 502);
  EXPECT_THAT (answer.body, HasSubstr ("more in one line"));
  EXPECT_LT (resident_kib (agent.process ().pid ()), 100 * 1024);
}

TEST_P (LocalServer, DropsNuls)
{
  must_add ("nul");
  EXPECT_THAT (begin ().body, HasSubstr ("stdio-server"));
  EXPECT_EQ (call ("echo").status, 200);
  EXPECT_THAT (stderr_text (), HasSubstr ("not JSON"));
}

TEST_P (LocalServer, MayFloodItsLogBesideItsWork)
{
  must_add ("flood");
  EXPECT_EQ (begin ().status, 200);
  for (int i = 0; i < 5; i++)
    EXPECT_EQ (call ("echo").status, 200);
  EXPECT_LT (resident_kib (agent.process ().pid ()), 100 * 1024);
  EXPECT_LT (stderr_text ().size (), 2u * 1024 * 1024);
}

// It would never be heard of again.
TEST_P (LocalServer, ThatClosesItsOutputIsStopped)
{
  if (GetParam ())
    GTEST_SKIP () << "bubblewrap holds the pipe as well: nobody sees it closed";
  must_add ("shut");
  Response answer = exchange ("POST", kAccept, kInitialize);

  EXPECT_EQ (answer.status, 502);
  EXPECT_THAT (answer.body, HasSubstr ("has closed its standard output"));
  for (pid_t pid : processes_with (mark))
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

TEST_P (LocalServer, ThatReadsNothingIsStopped)
{
  must_add ("unread");
  begin ();
  std::vector<Connection> waiting;
  std::string much (512 * 1024, 'x');

  // More than a pipe and the queue before it hold.
  for (int i = 0; i < 36; i++)
    {
      waiting.push_back (agent.local ());
      waiting.back ().send (format_request ("POST", "/mcp/local", "localhost", in_session (),
                                            tool ("echo", "{\"x\":\"" + much + "\"}")));
    }
  EXPECT_THAT (waiting.front ().read_response ().body, HasSubstr ("does not read what it is sent"));
  for (pid_t pid : processes_with (mark))
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

// Nobody uses a binding that is paused, and nothing of it runs.
TEST_P (LocalServer, IsNotStartedWhileItsBindingIsPaused)
{
  sqlite3 *store = nullptr;

  must_add ();
  ASSERT_EQ (agent.stop (), 0);
  ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
  EXPECT_EQ (sqlite3_exec (store, "UPDATE binding SET state = 'paused', paused_at_s = 1", nullptr,
                           nullptr, nullptr),
             SQLITE_OK);
  sqlite3_close (store);
  ASSERT_TRUE (agent.start ());
  for (const std::string &refused :
       { exchange ("POST", kAccept, kInitialize).body,
         exchange ("POST", modern_headers ("tools/list"), modern ("tools/list", "", "2")).body })
    EXPECT_THAT (refused, HasSubstr ("paused"));
  EXPECT_THAT (processes_with (mark), IsEmpty ());
}
