// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Events: numbers, batches, caps, history, and a disk that refuses them.

#include "tests/unit/store-fixture.h"

using testing::ElementsAre;
using testing::HasSubstr;

class StoreEvents : public StoreFixture
{
protected:
  void SetUp () override
  {
    open ();
  }
  // Returns the number that the event got.
  gint64 append (const std::string &detail, const char *binding = nullptr, bool urgent = false)
  {
    BfyEvent *event = bfy_event_new ("proxy_request", 1700000000000);
    gint64 sequence = 0;
    gulong handler = g_signal_connect (store, "event", G_CALLBACK (on_event), &sequence);

    event->detail = g_strdup (detail.c_str ());
    if (binding != nullptr)
      {
        event->binding = g_strdup (binding);
        event->binding_id = g_strdup (("id-of-" + std::string (binding)).c_str ());
      }
    bfy_store_append_event (store, event, urgent);
    g_signal_handler_disconnect (store, handler);
    return sequence;
  }
  void add (const char *name)
  {
    Error error;

    ASSERT_TRUE (add_binding (store, name, error.out ())) << error;
  }
  std::vector<std::string> details (const BfyEventFilter &filter)
  {
    Error error;
    g_autoptr (GPtrArray) events = bfy_store_query_events (store, &filter, error.out ());
    std::vector<std::string> found;

    EXPECT_NE (events, nullptr) << error;
    for (guint i = 0; events != nullptr && i < events->len; i++)
      found.push_back (static_cast<BfyEvent *> (events->pdata[i])->detail);
    return found;
  }
  std::string on_disk (const std::string &sql = "SELECT count (*) FROM event")
  {
    return Sqlite (database ()).ask (sql);
  }
  // Milliseconds until the main loop would wake up on its own, -1 for never.
  static int next_wake_up ()
  {
    GMainContext *context = g_main_context_default ();
    int priority, timeout_ms;

    g_main_context_acquire (context);
    g_main_context_prepare (context, &priority);
    g_main_context_query (context, G_MAXINT, &timeout_ms, nullptr, 0);
    g_main_context_release (context);
    return timeout_ms;
  }

private:
  static void on_event (BfyStore *, BfyEvent *event, gint64 *sequence)
  {
    *sequence = event->sequence;
  }
};

// Page by page into the past, without one that is told twice or left out.
TEST_F (StoreEvents, AreReadBackwards)
{
  BfyEventFilter page = {};

  for (int i = 1; i <= 5; i++)
    {
      BfyEvent *event = bfy_event_new ("thawed", i);

      event->detail = g_strdup_printf ("%d", i);
      bfy_store_append_event (store, event, FALSE);
    }
  page.limit = 2;
  EXPECT_THAT (details (page), testing::ElementsAre ("4", "5"));
  page.before = 4;
  EXPECT_THAT (details (page), testing::ElementsAre ("2", "3"));
  page.before = 2;
  EXPECT_THAT (details (page), testing::ElementsAre ("1"));
  page.before = 1;
  EXPECT_THAT (details (page), testing::IsEmpty ());
}

TEST_F (StoreEvents, KeepEveryField)
{
  BfyEvent *event = bfy_event_new ("proxy_request", 1700000000123);
  BfyEventFilter all = {};
  Error error;

  add ("github");
  event->category = g_strdup ("upstream_error");
  event->binding = g_strdup ("github");
  event->binding_id = g_strdup ("id-of-github");
  event->client = g_strdup ("Editor");
  event->client_id = g_strdup ("client-id");
  event->method = g_strdup ("tools/call");
  event->tool = g_strdup ("create_issue");
  event->host = g_strdup ("mcp.example.com");
  event->path = g_strdup ("/mcp");
  event->peer = g_strdup ("uid 1000 pid 7 exe editor");
  event->detail = g_strdup ("one line");
  event->outcome = BFY_OUTCOME_BLOCKED;
  event->status = 503;
  event->bytes_up = 5000000000;
  event->bytes_down = 6000000000;
  event->duration_ms = 77;
  bfy_store_append_event (store, event, FALSE);
  open ();

  g_autoptr (GPtrArray) events = bfy_store_query_events (store, &all, error.out ());
  ASSERT_NE (events, nullptr) << error;
  ASSERT_EQ (events->len, 1u);
  auto *loaded = static_cast<BfyEvent *> (events->pdata[0]);
  EXPECT_EQ (loaded->sequence, 1);
  EXPECT_EQ (loaded->time_ms, 1700000000123);
  EXPECT_STREQ (loaded->type, "proxy_request");
  EXPECT_STREQ (loaded->category, "upstream_error");
  EXPECT_STREQ (loaded->binding, "github");
  EXPECT_STREQ (loaded->binding_id, "id-of-github");
  EXPECT_STREQ (loaded->client, "Editor");
  EXPECT_STREQ (loaded->client_id, "client-id");
  EXPECT_STREQ (loaded->method, "tools/call");
  EXPECT_STREQ (loaded->tool, "create_issue");
  EXPECT_STREQ (loaded->host, "mcp.example.com");
  EXPECT_STREQ (loaded->path, "/mcp");
  EXPECT_STREQ (loaded->peer, "uid 1000 pid 7 exe editor");
  EXPECT_STREQ (loaded->detail, "one line");
  EXPECT_EQ (loaded->outcome, BFY_OUTCOME_BLOCKED);
  EXPECT_EQ (loaded->status, 503u);
  EXPECT_EQ (loaded->bytes_up, 5000000000);
  EXPECT_EQ (loaded->bytes_down, 6000000000);
  EXPECT_EQ (loaded->duration_ms, 77);
}

TEST_F (StoreEvents, AreNumberedAtOnceAndOnOverRestarts)
{
  EXPECT_EQ (append ("a"), 1);
  EXPECT_EQ (append ("b"), 2);
  open ();
  EXPECT_EQ (append ("c"), 3);
  Sqlite (database ()).run ("DELETE FROM event");
  open ();
  EXPECT_EQ (append ("d"), 4) << "a number is used once even when its event is gone";
}

TEST_F (StoreEvents, AreNotNumberedTwiceAfterACrash)
{
  gint64 announced;

  append ("written", nullptr, true);
  announced = append ("announced, then lost");

  // The state of the disk at this moment, as a killed agent leaves it.
  TempDir copy;
  for (const char *name : { "bindify.db", "bindify.db-wal" })
    write_file (copy.path (name), read_file (dir.path (name)));
  Error error;
  g_autoptr (BfyStore) next = bfy_store_open (copy.path ().c_str (), error.out ());
  ASSERT_NE (next, nullptr) << error;
  std::swap (store, next);
  EXPECT_EQ (details ({}).size (), 1u);
  EXPECT_GT (append ("after the crash"), announced);
  std::swap (store, next);
}

TEST_F (StoreEvents, WaitForABatchAndWakeNobodyBefore)
{
  ASSERT_EQ (next_wake_up (), -1) << "idle before";
  append ("a");
  append ("b");
  EXPECT_EQ (on_disk (), "0");
  EXPECT_GE (next_wake_up (), 0);
  EXPECT_LE (next_wake_up (), BFY_STORE_FLUSH_MS);
  while (on_disk () == "0")
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_EQ (on_disk (), "2");
  EXPECT_EQ (next_wake_up (), -1) << "idle again";
}

TEST_F (StoreEvents, DoNotWaitWhenTheyAreUrgent)
{
  append ("a");
  append ("b", nullptr, true);
  EXPECT_EQ (on_disk (), "2");
  EXPECT_EQ (next_wake_up (), -1);
}

// A rush of refusals: the first is on disk at once, the others soon and together.
TEST_F (StoreEvents, AreWrittenTogetherInARushOfUrgentOnes)
{
  append ("first", nullptr, true);
  EXPECT_EQ (on_disk (), "1");
  for (int i = 0; i < 100; i++)
    append (std::to_string (i), nullptr, true);
  EXPECT_LE (next_wake_up (), BFY_STORE_URGENT_MS + 1);
  while (on_disk () != "101")
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_EQ (next_wake_up (), -1);
}

TEST_F (StoreEvents, CarryTheLastUseToTheDisk)
{
  add ("github");
  bfy_store_touch_binding (store, "id-of-github", 500);
  EXPECT_EQ (on_disk ("SELECT last_used_at_s FROM binding"), "0");
  append ("a", "github", true);
  EXPECT_EQ (on_disk ("SELECT last_used_at_s FROM binding"), "500");
}

TEST_F (StoreEvents, AreKeptUpToACapPerBinding)
{
  add ("busy");
  add ("quiet");
  append ("kept", "quiet");
  for (int i = 0; i < 3; i++)
    append ("unbound " + std::to_string (i));
  for (int i = 1; i <= BFY_RETENTION_EVENTS_PER_BINDING + 50; i++)
    append (std::to_string (i), "busy", i % 37 == 0);
  g_clear_object (&store);
  EXPECT_EQ (on_disk ("SELECT count (*) FROM event WHERE binding = 'busy'"), "200");
  EXPECT_EQ (on_disk ("SELECT detail FROM event WHERE binding = 'busy' ORDER BY sequence"), "51");
  EXPECT_EQ (on_disk ("SELECT count (*) FROM event WHERE binding = 'quiet'"), "1");
  EXPECT_EQ (on_disk ("SELECT count (*) FROM event WHERE binding IS NULL"), "3");
}

TEST_F (StoreEvents, AreKeptUpToACapWithoutABinding)
{
  for (int i = 1; i <= BFY_RETENTION_EVENTS + 5; i++)
    append (std::to_string (i));
  g_clear_object (&store);
  EXPECT_EQ (on_disk (), std::to_string (BFY_RETENTION_EVENTS));
  EXPECT_EQ (on_disk ("SELECT detail FROM event ORDER BY sequence"), "6");
}

TEST_F (StoreEvents, StayWithARenamedBindingAndWithTheNameOfARemovedOne)
{
  g_autoptr (BfyBinding) renamed = make_binding ("github");
  Error error;

  add ("github");
  append ("before", "github");
  ASSERT_EQ (details ({}).size (), 1u);
  g_free (renamed->name);
  renamed->name = g_strdup ("work");
  ASSERT_TRUE (bfy_store_update_binding (store, renamed, error.out ())) << error;
  EXPECT_THAT (details ({ "work", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }),
               ElementsAre ("before"));
  EXPECT_THAT (details ({ "github", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }),
               ElementsAre ("before"));

  append ("queued while it goes", "github");
  ASSERT_TRUE (bfy_store_remove_binding (store, "id-of-github", error.out ())) << error;
  EXPECT_THAT (details ({ "github", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }),
               ElementsAre ("before", "queued while it goes"));
  EXPECT_EQ (on_disk ("SELECT count (*) FROM event WHERE binding_id IS NOT NULL"), "0");
  EXPECT_EQ (bfy_store_get_event_failure (store), nullptr);
}

struct FilterCase
{
  const char *name;
  BfyEventFilter filter;
  std::vector<std::string> want;
};

class StoreEventFilter : public StoreEvents, public testing::WithParamInterface<FilterCase>
{
};

TEST_P (StoreEventFilter, Selects)
{
  static const struct
  {
    const char *detail, *binding, *client, *client_id;
    gint64 time_ms;
  } rows[] = {
    { "1", "github", "Editor", "c1", 100 },
    { "2", "asana", "Editor", "c1", 200 },
    { "3", "github", "Desktop", "c2", 300 },
    { "4", nullptr, "uid 1000 pid 7", nullptr, 400 },
  };

  for (const auto &row : rows)
    {
      BfyEvent *event = bfy_event_new ("proxy_request", row.time_ms);

      event->detail = g_strdup (row.detail);
      event->binding = g_strdup (row.binding);
      event->client = g_strdup (row.client);
      event->client_id = g_strdup (row.client_id);
      if (row.binding == nullptr)
        event->outcome = BFY_OUTCOME_BLOCKED;
      bfy_store_append_event (store, event, FALSE);
    }
  EXPECT_EQ (details (GetParam ().filter), GetParam ().want);
}

using Filtered = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P (
    Filters,
    StoreEventFilter,
    testing::Values (
        FilterCase{ "All", {}, { "1", "2", "3", "4" } },
        FilterCase{
            "Binding", { "github", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }, { "1", "3" } },
        FilterCase{ "ClientLabel",
                    { nullptr, "Editor", 0, 0, 0, 0, nullptr, nullptr, FALSE },
                    { "1", "2" } },
        FilterCase{ "ClientId", { nullptr, "c2", 0, 0, 0, 0, nullptr, nullptr, FALSE }, { "3" } },
        FilterCase{ "Both", { "github", "c1", 0, 0, 0, 0, nullptr, nullptr, FALSE }, { "1" } },
        FilterCase{
            "Since", { nullptr, nullptr, 300, 0, 0, 0, nullptr, nullptr, FALSE }, { "3", "4" } },
        FilterCase{ "After", { nullptr, nullptr, 0, 3, 0, 0, nullptr, nullptr, FALSE }, { "4" } },
        FilterCase{
            "NewestFew", { nullptr, nullptr, 0, 0, 0, 2, nullptr, nullptr, FALSE }, { "3", "4" } },
        FilterCase{
            "OldestFew", { nullptr, nullptr, 0, 1, 0, 2, nullptr, nullptr, TRUE }, { "2", "3" } },
        FilterCase{ "Type",
                    { nullptr, nullptr, 0, 0, 0, 0, nullptr, "proxy_request", FALSE },
                    { "1", "2", "3", "4" } },
        FilterCase{
            "TypePattern", { nullptr, nullptr, 0, 0, 0, 2, nullptr, "p*_*", FALSE }, { "3", "4" } },
        FilterCase{
            "OtherType", { nullptr, nullptr, 0, 0, 0, 0, nullptr, "paused", FALSE }, Filtered () },
        FilterCase{
            "Outcome", { nullptr, nullptr, 0, 0, 0, 0, "blocked", nullptr, FALSE }, { "4" } },
        FilterCase{
            "Unknown", { "ghost", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }, Filtered () },
        FilterCase{
            "NoWildcards", { "git%", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE }, Filtered () },
        FilterCase{ "NoInjection",
                    { "' OR 1 = 1 --", nullptr, 0, 0, 0, 0, nullptr, nullptr, FALSE },
                    Filtered () }),
    case_name<FilterCase>);

TEST_F (StoreEvents, ShowAHundredUnlessAsked)
{
  for (int i = 1; i <= 150; i++)
    append (std::to_string (i));
  EXPECT_EQ (details ({}).size (), 100u);
  EXPECT_EQ (details ({}).front (), "51");
  EXPECT_EQ (details ({ nullptr, nullptr, 0, 0, 0, 1000, nullptr, nullptr, FALSE }).size (), 150u);
}

// The disk refuses (another program holds the write lock): nothing is lost, and it can be seen.
TEST_F (StoreEvents, WaitWhileTheyCannotBeWritten)
{
  Sqlite other (database ());

  other.run ("BEGIN IMMEDIATE");
  append ("a", nullptr, true);
  EXPECT_GT (next_wake_up (), BFY_STORE_FLUSH_MS) << "it will try again, but not soon";
  append ("b");
  ASSERT_NE (bfy_store_get_event_failure (store), nullptr);
  EXPECT_THAT (bfy_store_get_event_failure (store), HasSubstr ("bindify.db"));
  other.run ("COMMIT");
  EXPECT_THAT (details ({}), ElementsAre ("a", "b"));
  EXPECT_EQ (bfy_store_get_event_failure (store), nullptr);
  EXPECT_EQ (next_wake_up (), -1);
}

TEST_F (StoreEvents, AreCountedWhenTooManyWait)
{
  Sqlite other (database ());

  other.run ("BEGIN IMMEDIATE");
  append ("0", nullptr, true);
  for (int i = 1; i < 4096 + 3; i++)
    append (std::to_string (i));
  other.run ("COMMIT");
  EXPECT_EQ (details ({ nullptr, nullptr, 0, 0, 0, 10000, nullptr, nullptr, FALSE }).size (),
             4096u);
  EXPECT_EQ (details ({ nullptr, nullptr, 0, 0, 0, 10000, nullptr, nullptr, FALSE }).front (), "3")
      << "the oldest are given up";
  ASSERT_NE (bfy_store_get_event_failure (store), nullptr) << "lost events stay known";
  EXPECT_THAT (bfy_store_get_event_failure (store), HasSubstr ("3 events are lost"));
}

// behaviour 21.8.
TEST_F (StoreEvents, TheSameFailureIsWrittenOnceAnHour)
{
  static constexpr gint64 kBegin = 1700000000000, kHour = 3600 * 1000;
  guint n = 0;
  g_signal_connect (store, "event",
                    G_CALLBACK (+[] (BfyStore *, BfyEvent *, guint *counted) { ++*counted; }), &n);
  auto fail = [&] (gint64 time_ms, const char *binding, const char *category, const char *detail) {
    BfyEvent *event = bfy_event_new ("keepalive", time_ms);

    event->binding_id = g_strdup (binding);
    event->category = g_strdup (category);
    event->detail = g_strdup (detail);
    bfy_store_append_event (store, event, FALSE);
    return n;
  };

  EXPECT_EQ (fail (kBegin, "a", "transient_error", nullptr), 1u);
  EXPECT_EQ (fail (kBegin + kHour - 1, "a", "transient_error", nullptr), 1u);
  EXPECT_EQ (fail (kBegin + 1, "a", "transient_error", ""), 2u) << "absent is not empty";
  EXPECT_EQ (fail (kBegin + 2, "a", "transient_error", "HTTP 500"), 3u);
  EXPECT_EQ (fail (kBegin + 3, "a", "auth_failed", "HTTP 500"), 4u);
  EXPECT_EQ (fail (kBegin + 4, "b", "auth_failed", "HTTP 500"), 5u);
  EXPECT_EQ (fail (kBegin + 5, "b", "auth_failed", "HTTP 500"), 5u);
  EXPECT_EQ (fail (kBegin + kHour, "a", "transient_error", nullptr), 6u);
  EXPECT_EQ (fail (kBegin, "a", "transient_error", nullptr), 7u) << "the clock was set back";
  EXPECT_EQ (fail (kBegin, nullptr, "unknown", nullptr), 8u);
  EXPECT_EQ (fail (kBegin, nullptr, "unknown", nullptr), 9u) << "of no binding: always";
}

// behaviour 21.5, 21.6: what is recorded, and what is announced all the same.
class StoreRepeats : public StoreEvents
{
protected:
  struct Use
  {
    const char *category = "upstream_error", *client = "Editor", *tool = "create_issue";
    guint status = 500;
    BfyOutcome outcome = BFY_OUTCOME_FAILURE;
    gint64 time_ms = 1700000000000;
    const char *type = "proxy_request";
  };
  // "recorded", "announced" or "dropped".
  std::string record (const Use &use)
  {
    BfyEvent *event = bfy_event_new (use.type, use.time_ms);
    gint64 sequence = -1;
    gulong handler = g_signal_connect (
        store, "event",
        G_CALLBACK (+[] (BfyStore *, BfyEvent *seen, gint64 *out) { *out = seen->sequence; }),
        &sequence);

    event->binding_id = g_strdup ("id-of-github");
    event->category = g_strdup (use.category);
    event->client = g_strdup (use.client);
    event->tool = g_strdup (use.tool);
    event->status = use.status;
    event->outcome = use.outcome;
    bfy_store_append_event (store, event, FALSE);
    g_signal_handler_disconnect (store, handler);
    return sequence > 0 ? "recorded" : sequence == 0 ? "announced" : "dropped";
  }
};

TEST_F (StoreRepeats, EveryUseThatWorksOrIsRefusedIsRecorded)
{
  Use good = { .category = "success", .outcome = BFY_OUTCOME_SUCCESS };
  Use refused = { .category = "denied", .outcome = BFY_OUTCOME_BLOCKED };
  Use broken = { .category = "upstream_failed" };

  for (const Use &use : { good, refused, broken })
    {
      EXPECT_EQ (record (use), "recorded");
      EXPECT_EQ (record (use), "recorded");
    }
}

TEST_F (StoreRepeats, TheSameStatusIsRecordedOnceAnHour)
{
  static constexpr gint64 kHour = 3600 * 1000;
  Use use, other;

  EXPECT_EQ (record (use), "recorded");
  EXPECT_EQ (record (use), "announced");
  (other = use).status = 502;
  EXPECT_EQ (record (other), "recorded");
  (other = use).client = "Desktop";
  EXPECT_EQ (record (other), "recorded") << "who it was is not lost";
  (other = use).tool = "delete_issue";
  EXPECT_EQ (record (other), "recorded");
  (other = use).time_ms += kHour - 1;
  EXPECT_EQ (record (other), "announced");
  other.time_ms += 1;
  EXPECT_EQ (record (other), "recorded");
}

TEST_F (StoreRepeats, ASuccessfulAuthIsNewsAfterAFailureOnly)
{
  Use good = { .category = "success", .outcome = BFY_OUTCOME_SUCCESS, .type = "auth" };
  Use bad = { .category = "store_miss", .type = "auth" };

  EXPECT_EQ (record (good), "dropped");
  EXPECT_EQ (record (bad), "recorded");
  EXPECT_EQ (record (bad), "dropped");
  EXPECT_EQ (record (good), "recorded");
  EXPECT_EQ (record (good), "dropped");
}

TEST_F (StoreRepeats, ARefreshThatWorksOrCannotBeStoredIsAlwaysRecorded)
{
  Use good = { .category = "success", .outcome = BFY_OUTCOME_SUCCESS, .type = "token_refresh" };
  Use unsaved = { .category = "store_write_failed", .type = "token_refresh" };
  Use failed = { .category = "refresh_failed", .type = "token_refresh" };

  for (const Use &use : { good, unsaved })
    {
      EXPECT_EQ (record (use), "recorded");
      EXPECT_EQ (record (use), "recorded");
    }
  EXPECT_EQ (record (failed), "recorded");
  EXPECT_EQ (record (failed), "dropped");
}

// What a client says is no place for a credential, nor for more than a line.
TEST_F (StoreEvents, AreCleanedBeforeAnybodySeesThem)
{
  BfyEvent *event = bfy_event_new ("proxy_request", 1);
  std::string seen;
  auto clean = +[] (const char *text, gpointer) -> char * {
    return strstr (text, "hunter2") != nullptr ? g_strdup ("[REDACTED]") : nullptr;
  };
  gulong handler = g_signal_connect (
      store, "event",
      G_CALLBACK (+[] (BfyStore *, BfyEvent *got, std::string *out) { *out = got->tool; }), &seen);

  bfy_store_set_cleaner (store, clean, nullptr);
  event->method = g_strdup ("ghp_0123456789abcdef0123456789abcdef0123");
  event->tool = g_strdup ("my hunter2");
  event->detail = g_strdup ((std::string ("two\nlines ") + std::string (9000, 'x')).c_str ());
  bfy_store_append_event (store, event, TRUE);
  g_signal_handler_disconnect (store, handler);
  EXPECT_EQ (seen, "[REDACTED]");
  EXPECT_EQ (on_disk ("SELECT method FROM event"), "[REDACTED:40chars]");
  EXPECT_EQ (on_disk ("SELECT tool FROM event"), "[REDACTED]");
  EXPECT_EQ (on_disk ("SELECT detail FROM event"), "two\\nlines ");
}
