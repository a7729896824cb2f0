// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The audit record from end to end: what a use leaves behind, what it never leaves behind, and that
// nobody can take it back unseen. Real agent, real command line, scripted upstream.

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

class Audit : public Proxied
{
protected:
  std::string events (const std::string &query = "")
  {
    return agent->control ("GET", "/v1/events" + query).body;
  }
  // As somebody with sqlite3 would do it, while no agent runs.
  void attack (const std::string &sql)
  {
    sqlite3 *database = nullptr;
    const std::string path = agent->state_dir () + "/bindify.db";

    ASSERT_EQ (sqlite3_open (path.c_str (), &database), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (database, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg (database);
    sqlite3_close (database);
  }
  Finished verify (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> words = { "bindify", "log", "verify" };

    words.insert (words.end (), more.begin (), more.end ());
    return agent->cli (words);
  }
};

} // namespace

// Item by item what a record says; and the payload, which it does not.
TEST_F (Audit, AUseSaysWhoDidWhatAndWhere)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (call (R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":)"
                   R"("create_issue","arguments":{"title":"payload-of-mine"}}})")
                 .status,
             200);
  std::string all = events ();

  for (const char *part :
       { R"("type":"proxy_request")", R"("binding":"svc")", R"("method":"tools/call")",
         R"("tool":"create_issue")", R"("host":"127.0.0.1:)", R"("path":"/)",
         R"("outcome":"success")", R"("bytes_up":)", R"("bytes_down":)" })
    EXPECT_THAT (all, HasSubstr (part));
  EXPECT_THAT (all, Not (HasSubstr ("payload-of-mine")));
  EXPECT_THAT (all, Not (HasSubstr (kSecret)));
  EXPECT_THAT (agent->cli ({ "bindify", "log", "--outcome", "success" }).output,
               HasSubstr ("create_issue"));
  EXPECT_THAT (agent->cli ({ "bindify", "log", "--outcome", "pending" }).output,
               HasSubstr ("No events"));
}

// Who came through the socket is named by the kernel.
TEST_F (Audit, AChangeSaysWhichProcessMadeIt)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc" }).status, 0);
  EXPECT_THAT (events (), HasSubstr ("exe bindify\""));
}

// behaviour 21.11: names of tools are what a client says they are.
TEST_F (Audit, ATokenInTheNameOfAToolIsNotRecorded)
{
  const std::string token = "ghp_0123456789abcdef0123456789abcdef0123";

  open (mcp_script (kSecret));
  call (R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + token + R"("}})");
  EXPECT_THAT (events (), HasSubstr ("[REDACTED:40chars]"));
  EXPECT_THAT (events (), Not (HasSubstr (token)));
}

TEST_F (Audit, IsSoundUntilSomebodyChangesIt)
{
  open (mcp_script (kSecret));
  for (int i = 0; i < 5; i++)
    ASSERT_EQ (call ().status, 200);
  Finished sound = verify ();
  EXPECT_EQ (sound.status, 0) << sound.output << sound.errors;
  EXPECT_THAT (sound.output, HasSubstr ("svc"));

  agent->kill ();
  ASSERT_TRUE (agent->start ());
  sound = verify ();
  EXPECT_EQ (sound.status, 0) << "after a kill: " << sound.output << sound.errors;

  agent->stop ();
  attack ("UPDATE event SET tool = 'harmless' WHERE sequence = "
          "(SELECT min (sequence) FROM event WHERE type = 'proxy_request')");
  ASSERT_TRUE (agent->start ());
  Finished changed = verify ();
  EXPECT_EQ (changed.status, 1);
  EXPECT_THAT (changed.output, HasSubstr ("says something else than when it was written"));
}

TEST_F (Audit, AHeadThatWasKeptTellsOfALogThatWasMadeAnew)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (call ().status, 200);
  const std::string kept = agent->state_dir () + "/kept-heads";
  std::ofstream (kept) << verify ({ "--head" }).output;
  EXPECT_EQ (verify ({ "--expect", kept }).status, 0);

  agent->stop ();
  attack ("DELETE FROM event; DELETE FROM event_chain");
  ASSERT_TRUE (agent->start ());
  ASSERT_EQ (call ().status, 200);
  EXPECT_EQ (verify ().status, 0) << "a log that is made anew is sound";
  Finished compared = verify ({ "--expect", kept });
  EXPECT_EQ (compared.status, 1);
  EXPECT_THAT (compared.output, HasSubstr ("is not among the records"));
}

TEST_F (Audit, CanBeLookedThroughWhileLocked)
{
  open (mcp_script (kSecret));
  agent->control ("POST", "/v1/lock");
  EXPECT_EQ (verify ().status, 0);
}

TEST_F (Audit, StatsCountWhatWasUsed)
{
  open (mcp_script (kSecret));
  for (int i = 0; i < 3; i++)
    ASSERT_EQ (call ().status, 200);
  ASSERT_EQ (agent->add ("other", upstream->url (), kSecret).status, 201);
  Finished stats = agent->cli ({ "bindify", "log", "stats" });

  EXPECT_EQ (stats.status, 0) << stats.errors;
  EXPECT_THAT (stats.output, HasSubstr ("svc      3      0        0"));
  EXPECT_THAT (stats.output, HasSubstr ("One mark of the activity is 1 h"));
  EXPECT_THAT (agent->cli ({ "bindify", "log", "stats", "--since", "30d" }).output,
               HasSubstr ("svc      3      0        0"));
  EXPECT_THAT (agent->cli ({ "bindify", "log", "stats", "--binding", "other" }).output,
               HasSubstr ("Nothing was used"));
  EXPECT_NE (agent->cli ({ "bindify", "log", "stats", "--binding", "nothing" }).status, 0);
}

// What was used outlives the events that tell of it.
TEST_F (Audit, StatsCountWhatHasNoEventAnyMore)
{
  open (mcp_script (kSecret));
  for (int i = 0; i < 3; i++)
    ASSERT_EQ (call ().status, 200);
  agent->stop ();
  attack ("DELETE FROM event");
  // More hours of it than events are ever kept.
  attack (
      "INSERT INTO usage (binding_id, client_id, hour_s, n_calls, n_refused, n_failed,"
      " bytes_up, bytes_down, duration_ms)"
      " SELECT id, '', (strftime('%s', 'now') / 86400 - 3) * 86400, 1000000, 5, 4, 2, 1, 7000000"
      " FROM binding");
  ASSERT_TRUE (agent->start ());
  Finished stats = agent->cli ({ "bindify", "log", "stats", "--since", "7d" });

  EXPECT_THAT (stats.output, HasSubstr ("svc      1000003  5        4"));
  EXPECT_THAT (stats.output, AnyOf (HasSubstr ("6 ms"), HasSubstr ("7 ms")));
  EXPECT_THAT (agent->cli ({ "bindify", "log", "stats", "--since", "1h" }).output,
               HasSubstr ("svc      3      0        0"));
  EXPECT_THAT (agent->control ("GET", "/v1/usage?by=day").body,
               AllOf (HasSubstr (R"("calls":1000000)"), HasSubstr (R"("is_cut":false)")));
}
