// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the agent says of a binding whose token ends, without anybody having used it: the record
// alone tells, the keyring stays closed.

#include <ctime>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fixture/agent.h"

using testing::HasSubstr;

namespace
{

class TokenState : public testing::Test
{
protected:
  // The state after a restart with @change in the record.
  std::string state_with (const std::string &change)
  {
    sqlite3 *store = nullptr;

    EXPECT_EQ (agent.stop (), 0);
    EXPECT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
    EXPECT_EQ (
        sqlite3_exec (store, ("UPDATE binding SET " + change).c_str (), nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close (store);
    EXPECT_TRUE (agent.start ());
    shown = agent.control ("GET", "/v1/bindings/svc").body;
    EXPECT_THAT (agent.control ("GET", "/v1/bindings").body,
                 HasSubstr ("\"state\":\"" + json_string (shown, "state") + "\""));
    return json_string (shown, "state");
  }
  // A time as SQL, so many seconds from now.
  std::string in (long seconds)
  {
    return std::to_string (time (nullptr) + seconds);
  }

  Agent agent;
  std::string shown;
};

} // namespace

TEST_F (TokenState, IsToldByItsRecord)
{
  Response added = agent.add ("svc", "http://127.0.0.1:1/mcp", "sk-token-state-0123456789");

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_THAT (added.body, HasSubstr ("\"expires_at\":null"));
  EXPECT_THAT (added.body, HasSubstr ("\"can_refresh\":false"));
  EXPECT_EQ (state_with ("issued_at_s = " + in (-36000) + ", expires_at_s = " + in (36000)), "ok");
  EXPECT_THAT (shown, HasSubstr ("\"expires_at\":\"2"));
  EXPECT_EQ (state_with ("expires_at_s = " + in (3600)), "expiring");
  EXPECT_EQ (state_with ("expires_at_s = " + in (-1)), "needs_login");
  EXPECT_EQ (state_with ("can_refresh = 1, refreshed_at_s = 1"), "ok");
  EXPECT_THAT (shown, HasSubstr ("\"refreshed_at\":\"1970-01-01T00:00:01Z\""));
  EXPECT_THAT (shown, HasSubstr ("\"can_refresh\":true"));
}

TEST_F (TokenState, IsNotToldOfAPausedOrLockedBinding)
{
  agent.add ("svc", "http://127.0.0.1:1/mcp", "sk-token-state-0123456789");
  EXPECT_EQ (state_with ("expires_at_s = 1"), "needs_login");
  ASSERT_EQ (agent.control ("POST", "/v1/lock", "{}").status, 200);
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/svc").body, "state"), "locked");
  ASSERT_EQ (agent.control ("POST", "/v1/unlock", "{}").status, 200);
  ASSERT_EQ (agent.control ("PATCH", "/v1/bindings/svc", R"({"paused":true})").status, 200);
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/svc").body, "state"), "paused");
}
