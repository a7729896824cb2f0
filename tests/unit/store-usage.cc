// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Usage by binding, client and hour: batches, sums, retention, and a disk that refuses them.

#include "tests/fixture/valgrind.h"
#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/store/store-usage.h"
}

using testing::ElementsAre;

// An hour of 2024 that begins on the hour.
static constexpr gint64 hour = 1709294400;

class StoreUsage : public StoreFixture
{
protected:
  void SetUp () override
  {
    open ();
    add ("github");
    add ("asana");
  }
  void add (const char *name)
  {
    Error error;

    ASSERT_TRUE (add_binding (store, name, error.out ())) << error;
  }
  void use (const std::string &binding,
            const char *client,
            gint64 now_s,
            const BfyUsageCounts &more = { 1, 0, 0, 10, 100, 5 })
  {
    bfy_store_add_usage (store, ("id-of-" + binding).c_str (), client, now_s, &more);
  }
  // "binding client hour calls/refused/failed up/down ms", hours counted from `hour`.
  std::vector<std::string> rows (const char *binding_id = nullptr, gint64 since_s = 0)
  {
    Error error;
    g_autoptr (GPtrArray) found = bfy_store_query_usage (store, binding_id, since_s, error.out ());
    std::vector<std::string> lines;

    EXPECT_NE (found, nullptr) << error;
    for (guint i = 0; found != nullptr && i < found->len; i++)
      {
        auto *row = static_cast<BfyUsageRow *> (found->pdata[i]);
        const BfyUsageCounts &c = row->counts;
        std::ostringstream line;

        line << row->binding_id << " " << row->client_id << " " << (row->hour_s - hour) / 3600
             << " " << c.n_calls << "/" << c.n_refused << "/" << c.n_failed << " " << c.bytes_up
             << "/" << c.bytes_down << " " << c.duration_ms;
        lines.push_back (line.str ());
      }
    return lines;
  }
  std::string on_disk (const std::string &sql = "SELECT count (*) FROM usage")
  {
    return Sqlite (database ()).ask (sql);
  }
};

TEST_F (StoreUsage, IsOneRowForEachBindingClientAndHour)
{
  use ("github", "c1", hour);
  use ("github", "c1", hour + 3599, { 2, 3, 4, 1, 1, 1 });
  use ("github", "c1", hour + 3600);
  use ("github", "", hour);
  use ("asana", "c1", hour);
  EXPECT_THAT (rows (),
               ElementsAre ("id-of-asana c1 0 1/0/0 10/100 5", "id-of-github  0 1/0/0 10/100 5",
                            "id-of-github c1 0 3/3/4 11/101 6",
                            "id-of-github c1 1 1/0/0 10/100 5"));
}

TEST_F (StoreUsage, IsAddedToWhatIsOnDisk)
{
  use ("github", "c1", hour);
  bfy_store_close (store);
  open ();
  use ("github", "c1", hour + 60);
  EXPECT_THAT (rows (), ElementsAre ("id-of-github c1 0 2/0/0 20/200 10"));
  use ("github", "c1", hour + 120);
  EXPECT_THAT (rows (), ElementsAre ("id-of-github c1 0 3/0/0 30/300 15"));
}

TEST_F (StoreUsage, IsWrittenWithoutAnyEvent)
{
  use ("github", "c1", hour);
  EXPECT_EQ (on_disk (), "0");
  while (on_disk () == "0")
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_EQ (on_disk (), "1");
}

TEST_F (StoreUsage, GoesWithTheBatchOfAnUrgentEvent)
{
  use ("github", "c1", hour);
  bfy_store_append_event (store, bfy_event_new ("proxy_request", hour * 1000), TRUE);
  EXPECT_EQ (on_disk (), "1");
}

TEST_F (StoreUsage, QueriesOneBindingAndTheHoursSince)
{
  use ("github", "c1", hour - 3600);
  use ("github", "c1", hour);
  use ("asana", "c1", hour);
  EXPECT_THAT (rows ("id-of-github"), ElementsAre ("id-of-github c1 -1 1/0/0 10/100 5",
                                                   "id-of-github c1 0 1/0/0 10/100 5"));
  /* The hour that the time lies in is part of it. */
  EXPECT_THAT (rows (nullptr, hour + 1800),
               ElementsAre ("id-of-asana c1 0 1/0/0 10/100 5", "id-of-github c1 0 1/0/0 10/100 5"));
  EXPECT_THAT (rows ("id-of-nothing"), ElementsAre ());
}

TEST_F (StoreUsage, AnswersWithTheNewestRows)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  for (int i = 0; i < BFY_STORE_USAGE_ROWS_MAX / 2 + 1; i++)
    for (gint64 at : { hour, hour + 3600 })
      use ("github", std::to_string (100000 + i).c_str (), at);

  auto lines = rows ();

  ASSERT_EQ (lines.size (), static_cast<size_t> (BFY_STORE_USAGE_ROWS_MAX));
  EXPECT_EQ (lines.front (), "id-of-github 100002 0 1/0/0 10/100 5");
}

// A row that cannot be written would keep the events of its batch from the disk as well.
TEST_F (StoreUsage, OfARemovedBindingIsDropped)
{
  Error error;

  use ("github", "c1", hour);
  ASSERT_TRUE (bfy_store_remove_binding (store, "id-of-github", error.out ())) << error;
  bfy_store_append_event (store, bfy_event_new ("removed", hour * 1000), TRUE);
  EXPECT_EQ (bfy_store_get_event_failure (store), nullptr);
  EXPECT_EQ (on_disk (), "0");
  EXPECT_EQ (on_disk ("SELECT count (*) FROM event"), "1");
}

TEST_F (StoreUsage, GoesWithItsBinding)
{
  Error error;

  use ("github", "c1", hour);
  use ("asana", "c1", hour);
  EXPECT_EQ (rows ().size (), 2u);
  ASSERT_TRUE (bfy_store_remove_binding (store, "id-of-github", error.out ())) << error;
  EXPECT_THAT (rows (), ElementsAre ("id-of-asana c1 0 1/0/0 10/100 5"));
}

TEST_F (StoreUsage, IsForgottenAfterItsDays)
{
  const gint64 day_s = 24 * 3600;
  const gint64 midnight = hour - hour % day_s;

  use ("github", "c1", midnight);
  use ("github", "c1", midnight + day_s);
  EXPECT_EQ (rows ().size (), 2u);
  use ("github", "c1", midnight + (BFY_STORE_USAGE_DAYS + 1) * day_s);
  EXPECT_EQ (rows ().size (), 2u);
  EXPECT_EQ (on_disk ("SELECT min (hour_s) FROM usage"), std::to_string (midnight + day_s));
}

// behaviour 21.11: while the disk refuses, nothing is lost and nothing is counted twice.
TEST_F (StoreUsage, WaitsForTheDisk)
{
  {
    Sqlite other (database ());

    other.run ("BEGIN IMMEDIATE");
    use ("github", "c1", hour);
    EXPECT_THAT (rows (), ElementsAre ());
    EXPECT_NE (bfy_store_get_event_failure (store), nullptr);
    use ("github", "c1", hour);
  }
  EXPECT_THAT (rows (), ElementsAre ("id-of-github c1 0 2/0/0 20/200 10"));
  EXPECT_EQ (bfy_store_get_event_failure (store), nullptr);
}

TEST_F (StoreUsage, OfAClosedStoreIsNothing)
{
  Error error;

  bfy_store_close (store);
  use ("github", "c1", hour);
  EXPECT_EQ (bfy_store_query_usage (store, nullptr, 0, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
}

TEST (UsageCounts, StopAtTheLargestNumber)
{
  BfyUsageCounts sum = { G_MAXINT64 - 1, 1, 0, 0, 0, 0 };
  const BfyUsageCounts more = { 2, -1, 3, 0, G_MAXINT64, 0 };

  bfy_usage_counts_add (&sum, &more);
  EXPECT_EQ (sum.n_calls, G_MAXINT64);
  EXPECT_EQ (sum.n_refused, 1);
  EXPECT_EQ (sum.n_failed, 3);
  EXPECT_EQ (sum.bytes_down, G_MAXINT64);
}
