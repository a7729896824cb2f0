// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a keyring can say, and what becomes of it on the way through the agent to the client
// program: found, absent, locked, unavailable and damaged stay five answers. And a locked one is
// opened by the person, while everything else goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/bus-monitor.h"
#include "tests/fixture/desktop.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/mock-prompter.h"
#include "tests/fixture/upstream.h"

extern "C"
{
#include "keyring/secret-service.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-prompt-story-0123456789";

class AgentPrompt : public Desktop
{
protected:
  void SetUp () override
  {
    Desktop::SetUp ();
    if (daemon_ == nullptr)
      return;
    prompter_ = std::make_unique<MockPrompter> (*dirs_);
    upstream_ = std::make_unique<Upstream> (mcp_script (kSecret));
  }
  void TearDown () override
  {
    agent_.reset ();
    Desktop::TearDown ();
  }

  // An agent with the bindings svc and two in the desktop's keyring, and mem elsewhere; it has read
  // none of their credentials yet.
  void start_agent (const std::string &config = "")
  {
    Agent::Options options;

    if (!daemon_->is_running ())
      daemon_->start_unlocked ();
    options.keyring = "auto";
    options.config = config;
    options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
    agent_ = std::make_unique<Agent> (options);
    Response added = agent_->add ("svc", upstream_->url (), kSecret);
    ASSERT_EQ (added.status, 201) << added.body;
    id_ = json_string (added.body, "id");
    ASSERT_EQ (agent_->add ("two", upstream_->url (), kSecret).status, 201);
    key_ = agent_->add_client ("story");
    agent_->stop ();
    ASSERT_TRUE (agent_->start ());
    ASSERT_EQ (agent_->add ("mem", upstream_->url (), kSecret, ",\"keyring\":\"memory\"").status,
               201);
  }
  // The keyring is locked and somebody with these answers sits before the screen.
  bool start_locked (const std::vector<std::string> &answers)
  {
    if (!MockPrompter::is_built ())
      return false;
    prompter_->start (answers);
    start_agent ();
    daemon_->lock ();
    monitor_ = std::make_unique<BusMonitor> (*bus_);
    return true;
  }

  // A request under way.
  Connection send (const std::string &name)
  {
    Connection connection = agent_->tcp ();

    connection.send (format_request ("POST", "/mcp/" + name, agent_->host (),
                                     "Content-Type: application/json\r\n"
                                     "Authorization: Bearer " +
                                         key_,
                                     kToolCall));
    return connection;
  }
  Response post (const std::string &name)
  {
    return agent_->post (name, key_, kToolCall);
  }
  void expect_refused (const Response &response, const char *code, const char *reason)
  {
    EXPECT_EQ (response.status, 200);
    EXPECT_THAT (response.body, HasSubstr (std::string ("\"code\":") + code));
    EXPECT_THAT (response.body, HasSubstr (std::string ("\"reason\":\"") + reason + "\""));
    EXPECT_THAT (response.body, Not (HasSubstr (kSecret)));
  }
  std::string secret_service_state ()
  {
    const std::string body = agent_->control ("GET", "/v1/status").body;
    const size_t at = body.find ("\"secret-service\"");

    return json_string (body.substr (at), "state");
  }
  bool wait_for_calls (const char *member, int n)
  {
    return wait_until ([&] { return monitor_->n_calls (member) == n; });
  }
  static gint64 now_ms ()
  {
    return g_get_monotonic_time () / 1000;
  }

  std::unique_ptr<MockPrompter> prompter_;
  std::unique_ptr<BusMonitor> monitor_;
  std::unique_ptr<Upstream> upstream_;
  std::unique_ptr<Agent> agent_;
  std::string id_, key_;
};

} // namespace

#define START_LOCKED(...)                                                                          \
  if (!start_locked ({ __VA_ARGS__ }))                                                             \
  GTEST_SKIP () << "libgcr-3-dev was not installed when this was built"

TEST_F (AgentPrompt, Found)
{
  start_agent ();
  EXPECT_EQ (secret_service_state (), "ready");
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  EXPECT_EQ (agent_->cli ({ "bindify", "tools", "two" }).status, 0);
}

TEST_F (AgentPrompt, Absent)
{
  Error error;

  start_agent ();
  Keyring keyring (bfy_secret_service_new (nullptr));
  ASSERT_TRUE (keyring.remove (id_, error)) << error;
  EXPECT_EQ (secret_service_state (), "ready");
  expect_refused (post ("svc"), "-31003", "credential_missing");
  Finished finished = agent_->cli ({ "bindify", "tools", "svc" });
  EXPECT_EQ (finished.status, 4) << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("bindify login svc"));
}

TEST_F (AgentPrompt, Damaged)
{
  Error error;

  start_agent ();
  Keyring keyring (bfy_secret_service_new (nullptr));
  ASSERT_TRUE (keyring.store (id_, "no credential at all", error)) << error;
  expect_refused (post ("svc"), "-31003", "credential_error");
  Finished finished = agent_->cli ({ "bindify", "tools", "svc" });
  EXPECT_EQ (finished.status, 1) << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("bindify login svc"));
  EXPECT_EQ (keyring.lookup (id_, error), "no credential at all") << "it was touched";
}

TEST_F (AgentPrompt, Unavailable)
{
  start_agent ();
  daemon_->kill ();
  EXPECT_EQ (secret_service_state (), "absent");
  expect_refused (post ("svc"), "-31003", "keyring_unavailable");
  Response added =
      agent_->add ("new", upstream_->url (), kSecret, ",\"keyring\":\"secret-service\"");
  EXPECT_EQ (added.status, 503) << added.body;
  EXPECT_EQ (json_string (added.body, "error"), "keyring_unavailable");
  Finished finished = agent_->cli ({ "bindify", "tools", "svc" });
  EXPECT_EQ (finished.status, 1) << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("bindify status"));
}

// Nobody can be asked: said within 2 s, and what is missing (D10).
TEST_F (AgentPrompt, D10Locked)
{
  start_agent ();
  daemon_->lock ();
  EXPECT_EQ (secret_service_state (), "locked");
  const gint64 begun_ms = now_ms ();
  Response refused = post ("svc");
  EXPECT_LT (now_ms () - begun_ms, 2000);
  expect_refused (refused, "-31008", "locked");
  EXPECT_THAT (refused.body, HasSubstr ("no program is installed that could ask you"));
  Response added = agent_->add ("new", upstream_->url (), kSecret);
  EXPECT_EQ (added.status, 423) << added.body;
  EXPECT_EQ (json_string (added.body, "error"), "locked");
  Finished finished = agent_->cli ({ "bindify", "tools", "svc" });
  EXPECT_EQ (finished.status, 4) << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("apt install gcr"));
  daemon_->unlock ();
  EXPECT_EQ (agent_->control ("GET", "/v1/bindings/new").status, 404);
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
}

// D09. “auto” means the vault then, for new bindings only, and the record says so.
TEST_F (AgentPrompt, D09WithoutASecretServiceTheVaultIsOffered)
{
  start_agent ();
  daemon_->kill ();
  Response wanted =
      agent_->add ("new", upstream_->url (), kSecret, ",\"keyring\":\"secret-service\"");
  EXPECT_THAT (wanted.body, HasSubstr ("--keyring vault"));
  Response added = agent_->add ("new", upstream_->url (), kSecret);
  EXPECT_EQ (json_string (added.body, "keyring"), "vault") << added.body;
  expect_refused (post ("svc"), "-31003", "keyring_unavailable");
  Finished grep = run (agent_->options ({ "grep", "-r", kSecret, agent_->dir ().path () }));
  EXPECT_EQ (grep.status, 1) << "in the clear: " << grep.output;
}

// A wrong collection= is said, and is no reason to go elsewhere.
TEST_F (AgentPrompt, AnUnknownCollectionIsSaidAndNothingGoesElsewhere)
{
  Agent::Options options;

  daemon_->start_unlocked ();
  options.keyring = "auto";
  options.config = "[agent]\ncollection=Nobody's\n";
  options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  agent_ = std::make_unique<Agent> (options);
  Response added = agent_->add ("svc", upstream_->url (), kSecret);
  EXPECT_EQ (added.status, 503) << added.body;
  EXPECT_THAT (added.body, HasSubstr ("Nobody's"));
  EXPECT_THAT (added.body, HasSubstr (KeyringDaemon::login));
  EXPECT_EQ (secret_service_state (), "keyring_unavailable");
  EXPECT_EQ (daemon_->find ("app", "bindify").size (), 0u);
  EXPECT_THAT (agent_->cli ({ "bindify", "status" }).output, HasSubstr ("collection="));
}

TEST_F (AgentPrompt, J45ManyRequestsWaitForOneAnswerAndOthersDoNotWait)
{
  START_LOCKED ("pw:pw");
  std::vector<Connection> waiting;

  prompter_->hold ();
  for (int i = 0; i < 10; i++)
    waiting.push_back (send (i % 2 == 0 ? "svc" : "two"));
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") > 0; }));
  const gint64 begun_ms = now_ms ();
  EXPECT_THAT (post ("mem").body, HasSubstr ("\"result\"")) << "another keyring waits, too";
  EXPECT_EQ (secret_service_state (), "locked");
  EXPECT_EQ (agent_->cli ({ "bindify", "list" }).status, 0);
  EXPECT_LT (now_ms () - begun_ms, 15000) << "they waited for the person";
  EXPECT_EQ (upstream_->requests ().size (), 1u);

  prompter_->go_on ();
  for (Connection &connection : waiting)
    EXPECT_THAT (connection.read_response ().body, HasSubstr ("\"result\""));
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
  EXPECT_EQ (monitor_->n_calls ("Dismiss"), 0);
}

// Whoever starts a program that lists everything does not want to be asked for a password; whoever
// calls a tool does. Once the keyring is open the lists are longer, and listeners are told.
TEST_F (AgentPrompt, AListOfAllAsksForNothingAndACallAsks)
{
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                           R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
  const auto modern = [&] (const std::string &method, const std::string &params = "") {
    return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" + params + meta;
  };
  const auto headers = [] (const std::string &method) {
    return "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
           "Mcp-Method: " +
           method;
  };
  const auto list = [&] {
    return agent_->post ("~all", key_, modern ("tools/list"), headers ("tools/list")).body;
  };

  START_LOCKED ("pw:pw");
  Connection listener = agent_->tcp ();
  listener.send (format_request (
      "POST", "/mcp/~all", agent_->host (),
      headers ("subscriptions/listen") +
          "\r\nContent-Type: application/json\r\nAuthorization: Bearer " + key_,
      modern ("subscriptions/listen", R"("notifications":{"toolsListChanged":true},)")));
  Response heard = listener.read_head ();
  ASSERT_EQ (heard.status, 200);
  const std::string locked = list ();
  EXPECT_THAT (locked, HasSubstr ("mem__echo"));
  EXPECT_THAT (locked, Not (HasSubstr ("svc__echo")));
  EXPECT_THAT (locked, HasSubstr (R"({"binding":"svc","message":)"));
  EXPECT_EQ (secret_service_state (), "locked");
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 0);

  EXPECT_THAT (agent_
                   ->post ("~all", key_, modern ("tools/call", R"("name":"svc__echo",)"),
                           headers ("tools/call") + "\r\nMcp-Name: svc__echo")
                   .body,
               HasSubstr ("\"result\""));
  EXPECT_TRUE (wait_for_calls ("Prompt", 1));
  EXPECT_THAT (listener.read_body_until (heard, "tools/list_changed"),
               HasSubstr ("tools/list_changed"));
  EXPECT_THAT (list (), HasSubstr ("two__echo"));
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
}

// Of clients that go nothing is sent, and their question does not cost the daemon its life.
TEST_F (AgentPrompt, ClientsThatGoAreForgottenAndTheNextOneIsServed)
{
  START_LOCKED ("pw:pw");
  prompter_->hold ();
  {
    Connection first = send ("svc"), second = send ("svc");

    ASSERT_TRUE (wait_for_calls ("Prompt", 1));
  }
  ASSERT_TRUE (wait_until ([&] {
    return agent_->control ("GET", "/v1/events").body.find ("\"cancelled\"") != std::string::npos;
  }));
  EXPECT_TRUE (bus_->has_owner (KeyringDaemon::name));
  Connection next = send ("svc");
  prompter_->go_on ();
  EXPECT_THAT (next.read_response ().body, HasSubstr ("\"result\""));
  EXPECT_EQ (upstream_->requests ().size (), 1u);
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
}

// Behaviour 15.5, at its real length.
TEST_F (AgentPrompt, J21ARequestWaits35SecondsAndTheWindowStays)
{
  START_LOCKED ("delay:37000", "pw:pw");
  const gint64 begun_ms = now_ms ();
  Process tools (agent_->options ({ client_program ("bindify"), "tools", "two" }));
  Connection waiting = send ("svc");
  struct pollfd ready = { waiting.fd (), POLLIN, 0 };
  ASSERT_EQ (poll (&ready, 1, 60000), 1);
  Response refused = waiting.read_response ();

  EXPECT_GE (now_ms () - begun_ms, 34900);
  EXPECT_LT (now_ms () - begun_ms, 45000);
  expect_refused (refused, "-31008", "locked");
  EXPECT_THAT (refused.body, HasSubstr ("still open"));
  EXPECT_EQ (tools.wait (), 4);
  EXPECT_THAT (tools.errors (), HasSubstr ("still open"));
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
}

TEST_F (AgentPrompt, D04ARefusalReachesTheClientAndIsKeptTo)
{
  START_LOCKED ("cancel", "pw:pw");

  Response refused = post ("svc");
  expect_refused (refused, "-31008", "locked");
  EXPECT_THAT (refused.body, HasSubstr ("was closed without it"));
  Finished finished = agent_->cli ({ "bindify", "tools", "two" });
  EXPECT_EQ (finished.status, 4) << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("asks again in"));
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
  EXPECT_THAT (agent_->control ("GET", "/v1/events").body, HasSubstr ("\"locked\""));
}

TEST_F (AgentPrompt, D04AKeyringThatDiesWhileItAsksIsSaid)
{
  START_LOCKED ("pw:pw");
  prompter_->hold ();
  Connection waiting = send ("svc");

  ASSERT_TRUE (wait_for_calls ("Prompt", 1));
  daemon_->kill ();
  expect_refused (waiting.read_response (), "-31003", "keyring_unavailable");
  prompter_->go_on ();
  daemon_->start_locked ();
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
}

TEST_F (AgentPrompt, ANewCredentialAsksToo)
{
  START_LOCKED ("pw:bad", "pw:pw");

  Response added = agent_->add ("new", upstream_->url (), kSecret);
  EXPECT_EQ (added.status, 201) << added.body;
  EXPECT_EQ (json_string (added.body, "keyring"), "secret-service");
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
  EXPECT_EQ (daemon_->find ("binding", json_string (added.body, "id").c_str ()).size (), 1u);
  EXPECT_THAT (post ("new").body, HasSubstr ("\"result\""));
}

TEST_F (AgentPrompt, ANewCredentialThatIsGivenUpLeavesNothing)
{
  START_LOCKED ("pw:pw");
  prompter_->hold ();
  Process::Options options =
      agent_->options ({ client_program ("bindify-add"), "--name", "new", "--allow-local",
                         "--no-check", "--token-stdin", upstream_->url () });
  options.input = std::string (kSecret) + "\n";
  Process adding (options);

  ASSERT_TRUE (wait_for_calls ("Prompt", 1));
  adding.signal (SIGINT);
  adding.wait ();
  prompter_->go_on ();
  ASSERT_TRUE (wait_until ([&] { return secret_service_state () == "ready"; }));
  EXPECT_EQ (agent_->control ("GET", "/v1/bindings/new").status, 404);
  EXPECT_EQ (daemon_->find ("app", "bindify").size (), 2u);
}

// After kill -9 the first request succeeds within 1 s, if the keyring is open again …
TEST_F (AgentPrompt, D07AKilledKeyringIsFoundAgainWithinASecond)
{
  start_agent ();
  ASSERT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  daemon_->kill ();
  daemon_->start_unlocked ();
  const gint64 begun_ms = now_ms ();
  EXPECT_THAT (post ("two").body, HasSubstr ("\"result\""));
  const gint64 took_ms = now_ms () - begun_ms;
  EXPECT_LT (took_ms, 1000);
  RecordProperty ("first_request_ms", static_cast<int> (took_ms));
}

// … and says “locked” if it is not: the bus starts it when it is needed, and nobody gives it the
// password.
TEST_F (AgentPrompt, D08AKilledKeyringThatComesBackLockedIsSaidWithinASecond)
{
  const std::string service = bus_->services () + "/org.freedesktop.secrets.service";

  start_agent ();
  ASSERT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  daemon_->kill ();
  write_file (service,
              "[D-BUS Service]\nName=org.freedesktop.secrets\n"
              "Exec=/usr/bin/gnome-keyring-daemon --start --foreground --components=secrets\n");
  bus_->reload ();
  const gint64 begun_ms = now_ms ();
  Response refused = post ("two");
  const gint64 took_ms = now_ms () - begun_ms;
  std::filesystem::remove (service);
  bus_->reload ();
  expect_refused (refused, "-31008", "locked");
  EXPECT_LT (took_ms, 1000);
  RecordProperty ("first_request_ms", static_cast<int> (took_ms));
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\"")) << "it is in memory";

  daemon_->unlock ();
  EXPECT_THAT (post ("two").body, HasSubstr ("\"result\""));
  bus_->kill_owner (KeyringDaemon::name);
}

// A credential in memory costs no call on the bus, and needs no keyring any more.
TEST_F (AgentPrompt, ACachedCredentialAsksNobody)
{
  start_agent ();
  ASSERT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  monitor_ = std::make_unique<BusMonitor> (*bus_);
  for (int i = 0; i < 20; i++)
    ASSERT_THAT (post ("svc").body, HasSubstr ("\"result\""));
  EXPECT_EQ (monitor_->n_calls (), 0);
  EXPECT_EQ (secret_service_state (), "ready");
  EXPECT_GT (monitor_->n_calls (), 0) << "the monitor is blind";
  daemon_->kill ();
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
}

// The agent's own lock, whose passphrase nobody remembers: whoever knows the keyring's password has
// shown that they are its owner, even when the keyring was open.
TEST_F (AgentPrompt, ThePasswordOfTheKeyringOpensTheAgentsLock)
{
  if (!MockPrompter::is_built ())
    GTEST_SKIP () << "libgcr-3-dev was not installed when this was built";
  prompter_->start ({ "cancel", "pw:pw" });
  start_agent ();
  ASSERT_EQ (agent_->cli ({ "bindify", "lock", "--stdin" }, "forgotten\n").status, 0);
  EXPECT_EQ (secret_service_state (), "ready");

  Finished refused = agent_->cli ({ "bindify", "unlock", "--keyring" });
  EXPECT_EQ (refused.status, 4) << refused.errors;
  EXPECT_EQ (json_string (agent_->control ("GET", "/v1/lock").body, "state"), "passphrase");
  expect_refused (post ("svc"), "-31008", "locked");

  // Who has just said no is left alone for a while: another agent, another day.
  agent_->kill ();
  ASSERT_TRUE (agent_->start ());
  Finished opened = agent_->cli ({ "bindify", "unlock", "--keyring" });
  EXPECT_EQ (opened.status, 0) << opened.errors;
  EXPECT_EQ (json_string (agent_->control ("GET", "/v1/lock").body, "state"), "open");
  EXPECT_THAT (post ("svc").body, HasSubstr ("\"result\""));
}

TEST_F (AgentPrompt, AKeyringThatIsNotThereOpensNothing)
{
  start_agent ();
  ASSERT_EQ (agent_->cli ({ "bindify", "lock", "--stdin" }, "forgotten\n").status, 0);
  daemon_->kill ();
  EXPECT_EQ (agent_->control ("POST", "/v1/unlock", R"({"keyring":true})").status, 503);
  EXPECT_EQ (json_string (agent_->control ("GET", "/v1/lock").body, "state"), "passphrase");
}
