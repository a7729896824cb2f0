// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <csignal>

#include "tests/unit/client-cli.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/timestamp.h"
}

using testing::HasSubstr;

// bindify log.

TEST_F (Cli, LogShowsATable)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->text (
        200, "application/x-ndjson",
        R"({"sequence":1,"time":"2026-11-22T05:18:47.123Z","type":"proxy_request","binding":)"
        R"("github","client":"ci","method":"tools/call","tool":"get","outcome":"success",)"
        R"("status":200,"duration_ms":12})"
        "\n");
  };

  auto table = run ({ "log", "--binding", "github", "--since", "2026-11-22T05:00:00Z", "-n", "5" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_THAT (table.output, HasSubstr ("proxy_request  tools/call  get"));
  EXPECT_THAT (table.output, HasSubstr ("200     12 ms"));
  EXPECT_EQ (agent.requests[0].path, "/v1/events?binding=github&since_ms=1795323600000&limit=5");
  run ({ "log", "--type", "proxy_*", "--after", "7" });
  EXPECT_EQ (agent.requests[1].path, "/v1/events?type=proxy_%2A&after=7&limit=50");
  auto wrong = run ({ "log", "--type", "party" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("no such type of event"));
}

// One that is cut off for being slow, and an agent that ends, are the same to whoever reads.
TEST_F (Cli, LogFollowsOnBehindTheLastEventItWasTold)
{
  const std::string one = R"({"sequence":1,"type":"paused"})";
  const std::string two = R"({"sequence":2,"type":"removed"})";
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    if (agent.requests.size () == 4)
      {
        answer->json (500, R"({"error":"failed","message":"That was all"})");
        return;
      }
    answer->stream ();
    if (agent.requests.size () == 1)
      answer->bytes ("id: 1\ndata: " + one + "\n\nevent: dropped\ndata: {\"after\":1}\n\n");
    if (agent.requests.size () == 2)
      answer->bytes ("id: 2\ndata: " + two + "\n\ndata: {\"type\":\"no_number\"}\n\n");
    answer->end ();
  };

  auto followed = run ({ "log", "-f", "--json" });
  EXPECT_EQ (followed.output, one + "\n" + two + "\n{\"type\":\"no_number\"}\n");
  EXPECT_EQ (followed.status, 1);
  EXPECT_THAT (followed.errors, HasSubstr ("not read fast enough"));
  EXPECT_THAT (followed.errors, HasSubstr ("waiting for it to come back"));
  EXPECT_THAT (followed.errors, HasSubstr ("That was all"));
  ASSERT_EQ (agent.requests.size (), 4u);
  EXPECT_EQ (agent.requests[0].path, "/v1/events?limit=50");
  EXPECT_EQ (agent.requests[0].header ("last-event-id"), "(none)");
  EXPECT_EQ (agent.requests[1].header ("last-event-id"), "1");
  EXPECT_EQ (agent.requests[2].header ("last-event-id"), "2");
  EXPECT_EQ (agent.requests[3].header ("last-event-id"), "2");
}

TEST_F (Cli, LogMarksWhatNeedsAPerson)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    if (agent.requests.size () > 1)
      {
        answer->json (500, R"({"error":"failed","message":"That was all"})");
        return;
      }
    answer->stream ();
    answer->event (R"({"time":"x","type":"proxy_request","binding":"github"})");
    answer->event (R"({"time":"x","type":"approval_requested","binding":"github"})");
    answer->event (R"({"time":"x","type":"security_violation","detail":"\u001b[2J\u202e"})");
    answer->end ();
  };

  EXPECT_EQ (run ({ "log", "-f" }).output, "x   github  proxy_request\n"
                                           "x ? github  approval_requested\n"
                                           "x ! security_violation  \\u{1b}[2J\\u{202e}\n");
}

TEST_F (Cli, LogAsksForOutcomes)
{
  agent.handler = [] (const Request &, const AnswerPtr &answer) {
    answer->text (200, "application/x-ndjson", "");
  };
  EXPECT_EQ (run ({ "log", "--outcome", "blocked" }).output, "No events.\n");
  EXPECT_EQ (agent.requests[0].path, "/v1/events?outcome=blocked&limit=50");
  auto wrong = run ({ "log", "--outcome", "fine" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("success, failure, blocked or pending"));
}

TEST_F (Cli, LogVerifyNamesWhatIsWrong)
{
  const std::string hash (64, 'a');
  std::string state = "ok";
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    bool is_ok = state == "ok";

    answer->json (
        200, R"({"ok":)" + std::string (is_ok ? "true" : "false") +
                 R"(,"unhashed":3,"chains":[{"chain":"","events":2,"state":"ok",)" +
                 R"("head":{"sequence":9,"hash":")" + hash + R"("}},{"chain":"b1","binding":)" +
                 R"("github","events":7,"first":"2026-11-22T05:18:47.123Z","state":")" + state +
                 R"(","sequence":5,"head":{"sequence":8,"hash":")" + hash + R"("}}]})");
  };
  auto good = run ({ "log", "verify" });
  EXPECT_EQ (good.status, 0) << good.errors;
  EXPECT_THAT (good.output, HasSubstr ("github   7"));
  EXPECT_THAT (good.output, HasSubstr ("3 records are older than the check"));
  EXPECT_EQ (agent.requests[0].method, "POST");
  EXPECT_EQ (agent.requests[0].body, "{}");

  const std::pair<const char *, const char *> texts[] = {
    { "changed", "record 5 says something else" },
    { "removed", "record 5 is not there any more" },
    { "inserted", "record 5 was not written by the agent" },
    { "cut_off", "the newest records, up to 5," },
    { "unbound", "begin and end is not written down" },
    { "replaced", "the head that was kept, 5," },
    { "of_tomorrow", "of_tomorrow" },
  };
  for (const auto &[wire, text] : texts)
    {
      state = wire;
      auto bad = run ({ "log", "verify" });
      EXPECT_EQ (bad.status, 1) << wire;
      EXPECT_THAT (bad.output, HasSubstr (text));
    }
}

TEST_F (Cli, LogVerifyComparesWithWhatItPrinted)
{
  const std::string hash (64, 'a');
  PrivateDir dir;
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->json (200, R"({"ok":true,"unhashed":0,"chains":[{"chain":"","events":2,"state":"ok",)"
                       R"("head":{"sequence":9,"hash":")" +
                           hash + R"("}}]})");
  };
  auto heads = run ({ "log", "verify", "--head" });
  EXPECT_THAT (heads.output, HasSubstr ("\n- 9 " + hash + "\n"));

  std::ofstream (dir.file ("heads")) << heads.output;
  EXPECT_EQ (run ({ "log", "verify", "--expect", dir.file ("heads") }).status, 0);
  EXPECT_EQ (agent.requests[1].body,
             R"({"heads":[{"chain":"","sequence":9,"hash":")" + hash + R"("}]})");

  for (const char *bad : { "x", "- 9 abc", "- 0 ", "- 9", "a b c d" })
    {
      std::ofstream (dir.file ("bad")) << "# heads\n" << bad << "\n";
      auto refused = run ({ "log", "verify", "--expect", dir.file ("bad") });
      EXPECT_EQ (refused.status, 1) << bad;
      EXPECT_THAT (refused.errors, HasSubstr ("line 2")) << bad;
    }
}

TEST_F (Cli, LogStatsAddsUp)
{
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    const gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
    std::string spans;

    for (int hours : { 20, 1, 0 })
      {
        g_autofree char *time = bfy_time_to_text (now_s - now_s % 3600 - hours * 3600);

        spans += std::string (R"({"binding":"github","time":")") + time +
                 R"(","calls":20000,"refused":7,"failed":3,"bytes_up":1000,"bytes_down":3000,)"
                 R"("duration_ms":800000},)";
      }
    spans.pop_back ();
    answer->json (200, R"({"usage":[)" + spans + R"(],"is_cut":true})");
  };
  auto table = run ({ "log", "stats", "github" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_THAT (table.output, HasSubstr ("github   60000  21       9       12.0"));
  EXPECT_THAT (table.output, HasSubstr ("40 ms"));
  EXPECT_THAT (table.output, HasSubstr ("One mark of the activity is 1 h"));
  EXPECT_THAT (table.output, HasSubstr ("There is more"));
  EXPECT_THAT (agent.requests[0].path, HasSubstr ("/v1/usage?by=hour&since_ms="));
  EXPECT_THAT (agent.requests[0].path, HasSubstr ("&binding=github"));
  EXPECT_THAT (run ({ "log", "stats", "--json" }).output, HasSubstr (R"("calls" : 60000)"));
}

// How long a time is decides what one mark is; nobody gets more of them than a line holds.
TEST_F (Cli, LogStatsCountsLongTimesInDays)
{
  struct
  {
    const char *since, *step, *mark;
  } const rows[] = {
    { "48h", "by=hour", "is 1 h" },
    { "7d", "by=day", "is 1 day" },
    { "300d", "by=day", "is 6 days" },
    { "2001-01-01", "by=day", "is 7 days" },
  };

  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    answer->json (200, R"({"usage":[{"binding":"github","time":"2001-01-01T00:00:00Z","calls":1},)"
                       R"({"binding":"github","time":"nonsense","calls":9223372036854775807},)"
                       R"({"binding":"github","time":"2999-01-01T00:00:00Z","bytes_up":-1}]})");
  };
  for (const auto &row : rows)
    {
      auto table = run ({ "log", "stats", "--since", row.since });

      EXPECT_EQ (table.status, 0) << table.errors;
      EXPECT_THAT (agent.requests.back ().path, HasSubstr (row.step)) << row.since;
      EXPECT_THAT (table.output, HasSubstr (row.mark)) << row.since;
      EXPECT_THAT (table.output, HasSubstr ("9223372036854775807")) << "no more than fits";
    }
}

TEST_F (Cli, LogStopsQuietlyWhenNobodyReads)
{
  AnswerPtr stream;
  agent.handler = [&] (const Request &, const AnswerPtr &answer) {
    stream = answer;
    answer->stream ();
  };
  Program child ("bindify", { "log", "-f" }, { { "BINDIFY_SOCK", agent.socket () } });
  ASSERT_TRUE (spin ([&] { return stream != nullptr; }));
  child.close_output ();
  stream->event (R"({"sequence":1,"time":"2026-11-22T05:18:47.123Z","type":"removed"})");
  EXPECT_EQ (child.wait (), 1);
  EXPECT_EQ (child.errors, "");
}
