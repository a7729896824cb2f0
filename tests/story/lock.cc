// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify lock` and `bindify unlock` with the real agent and the real commands (craft C03, C05 to
// C08).

#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/await.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-lock-story-0123456789";
constexpr char kPassphrase[] = "a passphrase\n";
// A key as a client derives it from a passphrase, and the wrong one.
constexpr char kKey[] = R"({"key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})";
constexpr char kWrongKey[] = R"({"key":"BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})";
constexpr char kKeyAndKdf[] =
    R"({"key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","kdf":{"algorithm":"scrypt",)"
    R"("salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":15,"r":8,"p":1}})";

class Lock : public testing::Test
{
protected:
  void SetUp () override
  {
    ASSERT_EQ (agent.add ("svc", upstream.url (), kSecret).status, 201);
    key = agent.add_client ("story");
    ASSERT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
  }

  std::string lock_state ()
  {
    return json_string (agent.control ("GET", "/v1/lock").body, "state");
  }
  void expect_works ()
  {
    EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
  }
  void expect_refused ()
  {
    EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"code\":-31008"));
  }
  // What the agent finds of its lock when it starts.
  void start_with (const std::string &record)
  {
    sqlite3 *store = nullptr;
    const std::string sql =
        "INSERT OR REPLACE INTO agent_state VALUES ('lock', CAST ('" + record + "' AS BLOB))";

    agent.kill ();
    ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
    ASSERT_EQ (sqlite3_exec (store, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close (store);
    ASSERT_TRUE (agent.start ());
  }
  std::string read_record ()
  {
    sqlite3 *store = nullptr;
    std::string record;

    EXPECT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
    sqlite3_exec (
        store, "SELECT CAST (value AS TEXT) FROM agent_state WHERE name = 'lock'",
        [] (void *out, int, char **columns, char **) {
          *static_cast<std::string *> (out) = columns[0];
          return 0;
        },
        &record, nullptr);
    sqlite3_close (store);
    return record;
  }
  // Half a minute before the next passphrase counts.
  void start_after_many_tries ()
  {
    std::string record = read_record ();
    const std::string none = "\"wrong\":0";
    const size_t at = record.find (none);

    ASSERT_NE (at, std::string::npos) << record;
    start_with (record.replace (at, none.size (), "\"wrong\":20"));
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
  std::string key;
};

} // namespace

TEST_F (Lock, RefusesWhatNeedsACredentialUntilUnlocked)
{
  size_t n_before = upstream.requests ().size ();
  Finished locked = agent.cli ({ "bindify", "lock" });
  Response refused = agent.post ("svc", key, kToolCall);
  Finished call = agent.cli ({ "bindify", "call", "svc", "echo", "message=hi" });

  EXPECT_EQ (locked.status, 0) << locked.errors;
  EXPECT_THAT (locked.output, HasSubstr ("bindify unlock"));
  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"code\":-31008"));
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (refused.body, HasSubstr ("bindify unlock"));
  EXPECT_EQ (call.status, 4) << call.output << call.errors;
  EXPECT_EQ (upstream.requests ().size (), n_before) << "nothing went out";

  EXPECT_EQ (agent.cli ({ "bindify", "unlock" }).status, 0);
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
}

TEST_F (Lock, ReadingWorksAndSaysSoWritingDoesNot)
{
  ASSERT_EQ (agent.cli ({ "bindify-add", "-x" }).status, 0);

  Finished list = agent.cli ({ "bindify", "list" });
  EXPECT_EQ (list.status, 0);
  EXPECT_THAT (list.output, HasSubstr ("locked"));
  EXPECT_THAT (agent.cli ({ "bindify", "status" }).output, HasSubstr ("Locked"));
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/status").body, "state"), "locked");
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, HasSubstr ("locked"));
  EXPECT_EQ (agent.add ("other", upstream.url (), kSecret).status, 423);
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 423);
  Finished removed = agent.cli ({ "bindify", "remove", "svc" });
  EXPECT_EQ (removed.status, 4);
  EXPECT_EQ (agent.control ("POST", "/v1/vault/unlock", R"({"slot":1,"key":"AAAA"})").status, 423);
  EXPECT_THAT (removed.errors, HasSubstr ("Try: bindify unlock"));

  EXPECT_EQ (agent.cli ({ "bindify-add", "-X" }).status, 0);
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, Not (HasSubstr ("locked")));
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 204);
}

TEST_F (Lock, C06TwiceIsHarmlessAndSaidAndRecordedOnce)
{
  EXPECT_THAT (agent.cli ({ "bindify", "unlock" }).output, HasSubstr ("is not locked"));
  EXPECT_EQ (agent.cli ({ "bindify", "lock" }).status, 0);
  Finished again = agent.cli ({ "bindify", "lock" });
  EXPECT_EQ (again.status, 0);
  EXPECT_THAT (again.output, HasSubstr ("locked already"));
  EXPECT_EQ (agent.cli ({ "bindify", "unlock" }).status, 0);

  std::string events = agent.control ("GET", "/v1/events").body;
  size_t first = events.find ("\"type\":\"locked\"");
  EXPECT_NE (first, std::string::npos);
  EXPECT_EQ (events.find ("\"type\":\"locked\"", first + 1), std::string::npos);
  EXPECT_THAT (events, HasSubstr ("\"type\":\"unlocked\""));
}

// What has gone out is the upstream's business: the answer arrives although the agent is locked.
TEST (LockInFlight, ARequestThatHasGoneOutFinishes)
{
  Upstream *self = nullptr;
  Upstream upstream ([&self] (Upstream::Peer &peer, const Upstream::Request &) {
    self->signal ("arrived");
    self->wait ("go on");
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{}})");
  });
  self = &upstream;
  Agent agent;
  ASSERT_EQ (agent.add ("svc", upstream.url (), kSecret).status, 201);
  std::string key = agent.add_client ("story");
  Connection connection = agent.tcp ();
  connection.send (format_request ("POST", "/mcp/svc", agent.host (),
                                   "Content-Type: application/json\r\nAuthorization: Bearer " + key,
                                   kToolCall));

  ASSERT_TRUE (upstream.wait ("arrived"));
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  upstream.signal ("go on");
  EXPECT_THAT (connection.read_response ().body, HasSubstr ("\"result\""));
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("-31008"));
}

// While it is locked with a passphrase: status, unlock and an empty list, and nothing else.
TEST_F (Lock, C05ShowsNothingAndTheRightPassphraseRestoresEverything)
{
  Finished locked = agent.cli ({ "bindify", "lock", "--stdin" }, kPassphrase);

  EXPECT_EQ (locked.status, 0) << locked.errors;
  EXPECT_THAT (locked.output, HasSubstr ("same passphrase"));
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, HasSubstr ("shows nothing"));
  Finished listed = agent.cli ({ "bindify-add", "-l" });
  EXPECT_THAT (listed.output, AllOf (HasSubstr ("shows nothing"), Not (HasSubstr ("svc"))));
  EXPECT_THAT (agent.cli ({ "bindify", "status" }).output, HasSubstr ("with a passphrase"));
  expect_refused ();
  for (const char *path : { "/v1/bindings/svc", "/v1/events", "/v1/clients", "/v1/usage",
                            "/v1/bindings/svc/policy", "/v1/doctor" })
    EXPECT_EQ (agent.control ("GET", path).status, 423) << path;
  EXPECT_EQ (agent.cli ({ "bindify", "log" }).status, 4);

  Finished without = agent.cli ({ "bindify", "unlock" });
  EXPECT_NE (without.status, 0);
  EXPECT_THAT (without.errors, HasSubstr ("--stdin"));
  EXPECT_EQ (agent.control ("POST", "/v1/unlock").status, 423) << "it needs the passphrase";
  Finished wrong = agent.cli ({ "bindify", "unlock", "--stdin" }, "another one\n");
  EXPECT_EQ (wrong.status, 3);
  EXPECT_THAT (wrong.errors, AllOf (HasSubstr ("not the passphrase"), HasSubstr ("--keyring")));
  expect_refused ();

  Finished opened = agent.cli ({ "bindify", "unlock", "--stdin" }, kPassphrase);
  EXPECT_EQ (opened.status, 0) << opened.errors;
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, HasSubstr ("svc"));
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, HasSubstr ("unlock_refused"));
  expect_works ();
}

// One counter for all: a new connection does not help, and the right one is not looked at either.
TEST_F (Lock, C05AWrongPassphraseMakesTheNextOneWait)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock", kKeyAndKdf).status, 200);
  const gint64 begun_us = g_get_monotonic_time ();
  ASSERT_EQ (agent.control ("POST", "/v1/unlock", kWrongKey).status, 403);
  Response right = agent.control ("POST", "/v1/unlock", kKey);

  if (right.status == 200)
    GTEST_SKIP () << "this machine took longer for two requests than the delay lasts";
  EXPECT_EQ (right.status, 429) << right.body;
  EXPECT_EQ (right.header ("retry-after"), "1");
  EXPECT_EQ (json_string (right.body, "error"), "rate_limited");
  ASSERT_TRUE (
      wait_until ([&] { return agent.control ("POST", "/v1/unlock", kKey).status == 200; }));
  EXPECT_GE (g_get_monotonic_time () - begun_us, 500000);
  expect_works ();
}

TEST_F (Lock, C07AnEmptyPassphraseIsRefused)
{
  for (const char *text : { "", "\n", "  \t \n", "two\nlines\n" })
    {
      Finished refused = agent.cli ({ "bindify", "lock", "--stdin" }, text);

      EXPECT_EQ (refused.status, 1) << '"' << text << '"';
      EXPECT_THAT (refused.errors, HasSubstr ("Nothing was locked: "));
      EXPECT_EQ (lock_state (), "open") << '"' << text << '"';
    }
  EXPECT_EQ (agent.control ("POST", "/v1/lock", R"({"key":""})").status, 400);
  EXPECT_EQ (lock_state (), "open");
}

// Who waits because of wrong passphrases keeps nobody else waiting; and killing the agent does not
// shorten it.
TEST_F (Lock, C08OthersAreServedWhileAPassphraseWaits)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock", kKeyAndKdf).status, 200);
  start_after_many_tries ();
  ASSERT_EQ (agent.control ("POST", "/v1/unlock", kKey).status, 429);
  Process::Options options = agent.options (
      { "/bin/sh", "-c", "exec \"$0\" unlock --stdin 2>&1", client_program ("bindify") });
  options.input = kPassphrase;
  Process waiting (options);
  EXPECT_THAT (waiting.read_line (), HasSubstr ("; waiting."));

  for (int i = 0; i < 20; i++)
    {
      EXPECT_EQ (agent.control ("POST", "/v1/unlock", kWrongKey).status, 429);
      EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);
      EXPECT_EQ (agent.control ("GET", "/v1/bindings").status, 200);
    }
  EXPECT_TRUE (waiting.is_running ());
  waiting.signal (SIGINT);
  EXPECT_EQ (waiting.wait (), 130);
  EXPECT_EQ (lock_state (), "passphrase");
}

TEST_F (Lock, KillingTheAgentOpensNothing)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock", kKeyAndKdf).status, 200);
  agent.kill ();
  ASSERT_TRUE (agent.start ());

  EXPECT_EQ (lock_state (), "passphrase");
  expect_refused ();
  EXPECT_EQ (agent.control ("POST", "/v1/unlock", kKey).status, 200);
  expect_works ();

  ASSERT_EQ (agent.cli ({ "bindify", "lock", "--no-passphrase" }).status, 0);
  agent.kill ();
  ASSERT_TRUE (agent.start ());
  EXPECT_EQ (lock_state (), "plain");
  EXPECT_EQ (agent.cli ({ "bindify", "unlock" }).status, 0);
  expect_works ();
}

TEST_F (Lock, WhatCannotBeUnderstoodStaysLocked)
{
  for (const char *record : { "", "{}garbage", "{\"frozen\":1}", "{\"lock\":{}}" })
    {
      start_with (record);
      EXPECT_EQ (lock_state (), "passphrase") << record;
      EXPECT_EQ (agent.control ("POST", "/v1/unlock").status, 423);
      expect_refused ();
    }
}

TEST_F (Lock, APlainLockIsMadeStrictAndNotTheOtherWayRound)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  EXPECT_THAT (agent.control ("POST", "/v1/lock", kKeyAndKdf).body, HasSubstr ("\"changed\":true"));
  EXPECT_EQ (lock_state (), "passphrase");
  Finished again = agent.cli ({ "bindify", "lock", "--no-passphrase" });
  EXPECT_EQ (again.status, 0);
  EXPECT_THAT (again.output, HasSubstr ("locked already, with a passphrase"));
  EXPECT_EQ (lock_state (), "passphrase");
}

// The keyring’s passphrase opens it, too; what any program of this user can read does not.
TEST_F (Lock, TheVaultOpensItByWhatAPersonKnows)
{
  Finished slot = agent.cli ({ "bindify", "vault", "add-key", "--passphrase-stdin" },
                             "correct horse battery\n");
  ASSERT_EQ (slot.status, 0) << slot.errors;
  ASSERT_EQ (agent.control ("POST", "/v1/lock", kKeyAndKdf).status, 200);

  Response by_file = agent.control (
      "POST", "/v1/unlock", R"({"slot":1,"key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})");
  EXPECT_EQ (by_file.status, 404) << by_file.body;
  Finished wrong =
      agent.cli ({ "bindify", "unlock", "--keyring", "--stdin" }, "incorrect horse battery\n");
  EXPECT_EQ (wrong.status, 3) << wrong.errors;
  EXPECT_EQ (lock_state (), "passphrase");
  Finished opened =
      agent.cli ({ "bindify", "unlock", "--keyring", "--stdin" }, "correct horse battery\n");
  EXPECT_EQ (opened.status, 0) << opened.errors;
  EXPECT_THAT (opened.output, HasSubstr ("Unlocked."));
  expect_works ();
}

TEST_F (Lock, WithoutAKeyringOnlyThePassphraseOpensIt)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock", kKeyAndKdf).status, 200);
  Finished refused = agent.cli ({ "bindify", "unlock", "--keyring" });

  EXPECT_EQ (refused.status, 4);
  EXPECT_THAT (refused.errors, HasSubstr ("only the lock’s own passphrase opens it"));
  EXPECT_EQ (lock_state (), "passphrase");
}

// The credential is read again: what is no longer in the vault is gone from the memory, too.
TEST_F (Lock, C03Sigusr1DropsWhatIsRemembered)
{
  const std::string vault = agent.state_dir () + "/vault";

  std::filesystem::rename (vault, vault + ".away");
  expect_works ();
  agent.process ().signal (SIGUSR1);
  ASSERT_TRUE (wait_until ([&] {
    return agent.control ("GET", "/v1/events").body.find ("\"forgotten\"") != std::string::npos;
  }));
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("-31003"));
  std::filesystem::rename (vault + ".away", vault);
  expect_works ();
  EXPECT_EQ (agent.add ("more", upstream.url (), kSecret).status, 201) << "adding works";
}

namespace
{

// `bindify` in a terminal of its own, where these lines are typed when it asks.
class Typed
{
public:
  Typed (Agent &agent, std::vector<std::string> words, const std::vector<std::string> &lines)
  {
    const std::map<std::string, std::string> environment = agent.environment ();
    pid_t pid = forkpty (&master_, nullptr, nullptr, nullptr);

    if (pid == 0)
      run (words, environment);
    for (const std::string &line : lines)
      {
        if (!read_until (": "))
          break;
        const std::string typed = line + "\n";

        if (write (master_, typed.data (), typed.size ()) < 0)
          break;
      }
    while (read_more ())
      continue;
    close (master_);
    waitpid (pid, &status_, 0);
  }
  int status () const
  {
    return WIFEXITED (status_) ? WEXITSTATUS (status_) : 128 + WTERMSIG (status_);
  }
  const std::string &text () const
  {
    return text_;
  }

private:
  [[noreturn]] static void run (std::vector<std::string> &words,
                                const std::map<std::string, std::string> &environment)
  {
    std::vector<char *> argv;

    for (const auto &[name, value] : environment)
      setenv (name.c_str (), value.c_str (), 1);
    words[0] = client_program (words[0]);
    for (std::string &word : words)
      argv.push_back (word.data ());
    argv.push_back (nullptr);
    execv (argv[0], argv.data ());
    _exit (127);
  }
  bool read_more ()
  {
    char bytes[512];
    ssize_t n = read (master_, bytes, sizeof bytes);

    if (n <= 0)
      return false;
    text_.append (bytes, static_cast<size_t> (n));
    return true;
  }
  bool read_until (const std::string &end)
  {
    while (text_.size () < seen_ + end.size () ||
           text_.compare (text_.size () - end.size (), end.size (), end) != 0)
      if (!read_more ())
        return false;
    seen_ = text_.size ();
    return true;
  }

  int master_ = -1, status_ = -1;
  size_t seen_ = 0;
  std::string text_;
};

} // namespace

TEST_F (Lock, ThePassphraseForAnswersIsChangedByWhoKnowsIt)
{
  Typed set (agent, { "bindify", "prompts", "passphrase" }, { "one", "one" });
  EXPECT_EQ (set.status (), 0) << set.text ();
  EXPECT_THAT (agent.control ("GET", "/v1/lock").body, Not (HasSubstr ("\"approval_kdf\":null")));
  Typed wrong (agent, { "bindify", "prompts", "passphrase" }, { "two", "three", "three" });
  EXPECT_EQ (wrong.status (), 3) << wrong.text ();
  EXPECT_EQ (agent.control ("PUT", "/v1/lock/approval", "{}").status, 403) << "not without it";
  Typed changed (agent, { "bindify", "prompts", "passphrase" }, { "one", "two", "two" });
  EXPECT_EQ (changed.status (), 0) << changed.text ();
  Typed cleared (agent, { "bindify", "prompts", "passphrase", "--clear" }, { "two" });
  EXPECT_EQ (cleared.status (), 0) << cleared.text ();
  EXPECT_THAT (agent.control ("GET", "/v1/lock").body, HasSubstr ("\"approval_kdf\":null"));
}

TEST_F (Lock, InATerminalThePassphraseIsAskedForTwice)
{
  Typed differing (agent, { "bindify", "lock" }, { "one", "another" });
  EXPECT_EQ (differing.status (), 1);
  EXPECT_THAT (differing.text (), HasSubstr ("not the same"));
  Typed empty (agent, { "bindify", "lock" }, { "" });
  EXPECT_EQ (empty.status (), 1);
  EXPECT_THAT (empty.text (), AllOf (HasSubstr ("empty"), HasSubstr ("--no-passphrase")));
  EXPECT_EQ (lock_state (), "open");

  Typed locked (agent, { "bindify-add", "-x" }, { "p", "p" });
  EXPECT_EQ (locked.status (), 0) << locked.text ();
  EXPECT_EQ (lock_state (), "passphrase");
  Typed again (agent, { "bindify", "lock" }, {});
  EXPECT_EQ (again.status (), 0) << again.text ();
  EXPECT_THAT (again.text (), HasSubstr ("locked already"));
  Typed opened (agent, { "bindify-add", "-X" }, { "q", "p" });
  EXPECT_EQ (opened.status (), 0) << opened.text ();
  EXPECT_THAT (opened.text (), HasSubstr ("not the passphrase"));
  EXPECT_EQ (lock_state (), "open");
}
