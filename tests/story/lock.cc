// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify lock` and `bindify unlock` with the real agent and the real commands (craft C06).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-lock-story-0123456789";

class Lock : public testing::Test
{
protected:
  void SetUp () override
  {
    ASSERT_EQ (agent.add ("svc", upstream.url (), kSecret).status, 201);
    key = agent.add_client ("story");
    ASSERT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
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

TEST_F (Lock, TwiceIsHarmlessAndSaidAndRecordedOnce)
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
