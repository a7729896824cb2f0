// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Records that are tied to each other: whoever changes the file behind the agent's back is found
// out. Each attack is made with another connection, as somebody with sqlite3 would.

#include "tests/unit/store-fixture.h"

using testing::ElementsAre;
using testing::IsEmpty;

class StoreChain : public StoreFixture
{
protected:
  void SetUp () override
  {
    open ();
  }
  void append (const char *binding = nullptr, gint64 time_ms = 1700000000000)
  {
    BfyEvent *event = bfy_event_new ("proxy_request", time_ms);

    if (binding != nullptr)
      {
        event->binding = g_strdup (binding);
        event->binding_id = g_strdup (("id-of-" + std::string (binding)).c_str ());
      }
    event->detail = g_strdup ("detail");
    event->tool = g_strdup ("create_issue");
    bfy_store_append_event (store, event, FALSE);
  }
  void add (const char *name)
  {
    Error error;

    ASSERT_TRUE (add_binding (store, name, error.out ())) << error;
  }
  // Numbers 1 to 10: the odd ones of github, the even ones of no binding.
  void fill ()
  {
    add ("github");
    for (int i = 0; i < 5; i++)
      {
        append ("github");
        append ();
      }
  }
  // What is wrong: "chain: state at sequence" each.
  std::vector<std::string> verify (GPtrArray *kept = nullptr)
  {
    Error error;
    g_autoptr (BfyVerify) walk = bfy_verify_new (store, kept, error.out ());
    std::vector<std::string> found;
    gboolean has_more = TRUE;

    EXPECT_NE (walk, nullptr) << error;
    while (walk != nullptr && has_more)
      {
        if (!bfy_verify_step (walk, &has_more, error.out ()))
          {
            ADD_FAILURE () << error;
            return found;
          }
      }
    n_events = 0;
    for (guint i = 0; walk != nullptr && i < bfy_verify_get_reports (walk)->len; i++)
      {
        auto *report = static_cast<BfyChainReport *> (bfy_verify_get_reports (walk)->pdata[i]);

        n_events += report->walk.n_events;
        if (report->walk.state != BFY_CHAIN_OK)
          found.push_back (std::string (report->chain) + ": " +
                           bfy_chain_state_to_wire (report->walk.state) + " at " +
                           std::to_string (report->walk.where));
      }
    n_unhashed = walk != nullptr ? bfy_verify_get_n_unhashed (walk) : -1;
    return found;
  }
  void attack (const std::string &sql)
  {
    Sqlite (database ()).run (sql);
  }
  // As it is on disk, in a store that knows nothing but the file.
  std::vector<std::string> verify_again ()
  {
    open ();
    return verify ();
  }
  std::string ask (const std::string &sql)
  {
    return Sqlite (database ()).ask (sql);
  }
  GPtrArray *keep (const char *chain, gint64 sequence, const std::string &hash)
  {
    GPtrArray *kept =
        g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (bfy_kept_head_free));
    auto *head = g_new0 (BfyKeptHead, 1);

    head->chain = g_strdup (chain);
    head->head.sequence = sequence;
    EXPECT_TRUE (bfy_event_hash_from_text (hash.c_str (), head->head.hash));
    g_ptr_array_add (kept, head);
    return kept;
  }

  gint64 n_events = 0, n_unhashed = 0;
};

TEST_F (StoreChain, IsSoundAsWritten)
{
  fill ();
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 10);
  EXPECT_THAT (verify_again (), IsEmpty ()) << "after a restart";
  append ("github");
  EXPECT_THAT (verify (), IsEmpty ()) << "and goes on";
  EXPECT_EQ (n_events, 11);
}

TEST_F (StoreChain, IsSoundWithoutAnyEvent)
{
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 0);
}

TEST_F (StoreChain, StaysSoundWhenABindingIsRenamedAndRemoved)
{
  g_autoptr (BfyBinding) renamed = make_binding ("github");
  Error error;

  fill ();
  g_free (renamed->name);
  renamed->name = g_strdup ("work");
  ASSERT_TRUE (bfy_store_update_binding (store, renamed, error.out ())) << error;
  EXPECT_THAT (verify (), IsEmpty ());
  append ("github");
  ASSERT_TRUE (bfy_store_remove_binding (store, "id-of-github", error.out ())) << error;
  append ("github");
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (ask ("SELECT count (*) FROM event WHERE chain = 'id-of-github'"), "7");
  EXPECT_THAT (verify_again (), IsEmpty ());
}

TEST_F (StoreChain, StaysSoundWhenItsBeginningIsPruned)
{
  add ("github");
  for (int i = 0; i < 450; i++)
    {
      append ("github");
      append ();
      if (i % 100 == 7)
        {
          EXPECT_THAT (verify (), IsEmpty ());
        }
    }
  EXPECT_THAT (verify_again (), IsEmpty ());
  EXPECT_EQ (n_events, 450 + BFY_RETENTION_EVENTS_PER_BINDING);
}

// More in one batch than is kept: what is not even written is part of the chain all the same.
TEST_F (StoreChain, StaysSoundWhenABatchIsLargerThanWhatIsKept)
{
  add ("github");
  append ("github");
  EXPECT_THAT (verify (), IsEmpty ());
  for (int i = 0; i < 700; i++)
    append ("github");
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, BFY_RETENTION_EVENTS_PER_BINDING);
  EXPECT_EQ (ask ("SELECT anchor_sequence FROM event_chain"), "501");
}

TEST_F (StoreChain, StaysSoundWhenEventsGoByAge)
{
  static constexpr gint64 kDay = 24 * 3600 * G_GINT64_CONSTANT (1000);
  gint64 now = g_get_real_time () / 1000;
  BfyRetention retention = { 200, 20000, 7 };

  add ("github");
  append ("github", now - 9 * kDay);
  append ("github", now - 8 * kDay);
  append ("github", now - 6 * kDay);
  append ("github", now - 8 * kDay); // the clock was set back
  append (nullptr, now - 8 * kDay);
  EXPECT_THAT (verify (), IsEmpty ());
  bfy_store_set_retention (store, &retention);
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 2);
  append ();
  EXPECT_THAT (verify_again (), IsEmpty ());
}

TEST_F (StoreChain, StaysSoundWhenBindingsThatAreGoneAreForgotten)
{
  BfyRetention retention = { 200, 10, 0 };
  Error error;

  for (const char *name : { "a", "b", "c" })
    {
      add (name);
      for (int i = 0; i < 8; i++)
        append (name);
    }
  for (const char *name : { "id-of-a", "id-of-b" })
    ASSERT_TRUE (bfy_store_remove_binding (store, name, error.out ())) << error;
  EXPECT_THAT (verify (), IsEmpty ());
  bfy_store_set_retention (store, &retention);
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 18) << "ten of those that are gone, eight of c";
  EXPECT_THAT (verify_again (), IsEmpty ());
}

TEST_F (StoreChain, FollowsWhatIsOlderThanHashes)
{
  fill ();
  bfy_store_close (store);
  attack (kBackToVersion5);
  for (const char *column : { "host", "path", "peer", "previous", "hash" })
    attack (std::string ("ALTER TABLE event DROP COLUMN ") + column);
  attack ("DROP INDEX event_by_chain; ALTER TABLE event DROP COLUMN chain;"
          "CREATE INDEX event_by_binding ON event (binding_id, sequence);"
          "ALTER TABLE client DROP COLUMN decoy; DROP TABLE event_chain; DROP TABLE usage;"
          "PRAGMA user_version = 4");
  EXPECT_THAT (verify_again (), IsEmpty ());
  EXPECT_EQ (n_unhashed, 10);
  append ("github");
  append ();
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 2);
  attack ("UPDATE event SET hash = NULL WHERE sequence = 11");
  EXPECT_THAT (verify_again (), ElementsAre ("id-of-github: inserted at 11"));
}

// A copy of the files at any moment is what a killed agent leaves.
TEST_F (StoreChain, IsSoundAfterAKillAtAnyMoment)
{
  add ("github");
  for (int round = 0; round < 5; round++)
    {
      for (int i = 0; i < 60; i++)
        append (i % 2 == 0 ? "github" : nullptr);
      if (round % 2 == 0)
        {
          EXPECT_THAT (verify (), IsEmpty ());
        }

      TempDir copy;
      for (const char *name : { "bindify.db", "bindify.db-wal" })
        write_file (copy.path (name), read_file (dir.path (name)));
      Error error;
      g_autoptr (BfyStore) next = bfy_store_open (copy.path ().c_str (), error.out ());
      ASSERT_NE (next, nullptr) << error;
      std::swap (store, next);
      append ();
      EXPECT_THAT (verify (), IsEmpty ());
      std::swap (store, next);
    }
}

// The log of the database ends in the middle of a transaction.
TEST_F (StoreChain, IsSoundAfterAKillInTheMiddleOfABatch)
{
  add ("github");
  append ("github");
  EXPECT_THAT (verify (), IsEmpty ());
  gsize before = read_file (dir.path ("bindify.db-wal")).size ();
  for (int i = 0; i < 100; i++)
    append ("github");
  EXPECT_THAT (verify (), IsEmpty ());
  std::string log = read_file (dir.path ("bindify.db-wal"));
  ASSERT_GT (log.size (), before + 8192);

  TempDir copy;
  write_file (copy.path ("bindify.db"), read_file (dir.path ("bindify.db")));
  write_file (copy.path ("bindify.db-wal"), log.substr (0, before + (log.size () - before) / 2));
  Error error;
  g_autoptr (BfyStore) next = bfy_store_open (copy.path ().c_str (), error.out ());
  ASSERT_NE (next, nullptr) << error;
  std::swap (store, next);
  EXPECT_THAT (verify (), IsEmpty ());
  EXPECT_EQ (n_events, 1);
  std::swap (store, next);
}

TEST_F (StoreChain, GoesOnWhenABatchCouldNotBeWritten)
{
  fill ();
  EXPECT_THAT (verify (), IsEmpty ());
  {
    Sqlite other (database ());

    other.run ("BEGIN IMMEDIATE");
    append ("github");
    other.run ("COMMIT");
  }
  append ();
  EXPECT_THAT (verify_again (), IsEmpty ());
  EXPECT_EQ (n_events, 12);
}

// ── attacks ────────────────────────────────────────────────────────────────────────────────────

struct AttackCase
{
  const char *name, *sql, *want;
};

class StoreChainAttack : public StoreChain, public testing::WithParamInterface<AttackCase>
{
};

// github is 1 3 5 7 9, those of no binding are 2 4 6 8 10.
TEST_P (StoreChainAttack, IsNamed)
{
  fill ();
  ASSERT_THAT (verify (), IsEmpty ());
  bfy_store_close (store);
  attack (GetParam ().sql);
  EXPECT_EQ (testing::PrintToString (verify_again ()), std::string (GetParam ().want));
}

#define INSERT                                                                                     \
  "INSERT INTO event (sequence, time_ms, type, outcome, status, bytes_up, bytes_down, "            \
  "duration_ms, chain, previous, hash) "
#define COPY_OF(n) " FROM event WHERE sequence = " n

INSTANTIATE_TEST_SUITE_P (
    Attacks,
    StoreChainAttack,
    testing::Values (
        AttackCase{ "ChangesADetail", "UPDATE event SET detail = 'harmless' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheTool", "UPDATE event SET tool = 'list' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheHost", "UPDATE event SET host = 'x' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesThePath", "UPDATE event SET path = '' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesThePeer", "UPDATE event SET peer = 'x' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheClient", "UPDATE event SET client = 'x' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheTime", "UPDATE event SET time_ms = 1 WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheOutcome", "UPDATE event SET outcome = 'blocked' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "SpoilsTheOutcome", "UPDATE event SET outcome = 'fine' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheBytes", "UPDATE event SET bytes_down = 1 WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesTheName", "UPDATE event SET binding = 'asana' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "MovesABoundary",
                    "UPDATE event SET tool = 'create_issued', detail = 'etail' WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ChangesAHash", "UPDATE event SET hash = zeroblob (32) WHERE sequence = 5",
                    R"({ "id-of-github: changed at 5" })" },
        AttackCase{ "ShortensAHash", "UPDATE event SET hash = zeroblob (5) WHERE sequence = 5",
                    R"({ "id-of-github: inserted at 5" })" },
        AttackCase{ "ChangesTheLast", "UPDATE event SET detail = '' WHERE sequence = 10",
                    R"({ ": changed at 10" })" },
        AttackCase{ "RemovesOneInTheMiddle", "DELETE FROM event WHERE sequence = 5",
                    R"({ "id-of-github: removed at 5" })" },
        AttackCase{ "RemovesTwoInTheMiddle", "DELETE FROM event WHERE sequence IN (5, 7)",
                    R"({ "id-of-github: removed at 7" })" },
        AttackCase{ "RemovesTheFirst", "DELETE FROM event WHERE sequence = 1",
                    R"({ "id-of-github: removed at 1" })" },
        AttackCase{ "RemovesTheFirstAsIfItWerePruned",
                    "DELETE FROM event WHERE sequence = 1;"
                    "UPDATE event_chain SET anchor_sequence = 1 WHERE chain = 'id-of-github'",
                    R"({ "id-of-github: changed at 3" })" },
        AttackCase{ "CutsOffTheEnd", "DELETE FROM event WHERE sequence >= 8",
                    R"({ ": cut_off at 10", "id-of-github: cut_off at 9" })" },
        AttackCase{ "RemovesAll", "DELETE FROM event",
                    R"({ ": cut_off at 10", "id-of-github: cut_off at 9" })" },
        AttackCase{ "RemovesTheAnchor", "DELETE FROM event_chain WHERE chain = ''",
                    R"({ ": unbound at 0" })" },
        AttackCase{ "MovesTheHead", "UPDATE event_chain SET head_sequence = 99 WHERE chain = ''",
                    R"({ ": cut_off at 99" })" },
        AttackCase{ "ChangesTheHead",
                    "UPDATE event_chain SET head_hash = zeroblob (32) WHERE chain = ''",
                    R"({ ": changed at 10" })" },
        AttackCase{ "SwapsTwo",
                    "UPDATE event SET sequence = 99 WHERE sequence = 3;"
                    "UPDATE event SET sequence = 3 WHERE sequence = 7;"
                    "UPDATE event SET sequence = 7 WHERE sequence = 99",
                    R"({ "id-of-github: removed at 5" })" },
        AttackCase{ "MovesOneToAnotherChain", "UPDATE event SET chain = '' WHERE sequence = 5",
                    R"({ ": inserted at 5", "id-of-github: removed at 5" })" },
        AttackCase{
            "GivesOneToAnotherBinding",
            "INSERT INTO binding SELECT 'other', 'other', type, service, url, "
            "injection_kind, injection_name, injection_prefix, auth_type, account, keyring, "
            "is_sealed, allow_local, state, request_bytes_max, response_bytes_max, "
            "connect_timeout_ms, response_timeout_ms, created_at_s, last_used_at_s, "
            "needs_login_at_s, paused_at_s, command, policy, expires_at_s, issued_at_s, "
            "refreshed_at_s, can_refresh, confirms, constraints, n_uses, ends_boot_id, "
            "ends_boot_ms, ends_wall_s, resumes_boot_id, resumes_boot_ms, resumes_wall_s, mac, "
            "reveals FROM "
            "binding;"
            "UPDATE event SET binding_id = 'other' WHERE sequence = 5",
            R"({ "id-of-github: changed at 5" })" },
        AttackCase{
            "InsertsOneWithoutAHash",
            "DELETE FROM event WHERE sequence = 4;" INSERT
            "SELECT 4, time_ms, type, outcome, 0, 0, 0, 0, 'id-of-github', 3, NULL" COPY_OF ("3"),
            R"({ ": removed at 4", "id-of-github: inserted at 4" })" },
        AttackCase{
            "InsertsOneAtTheEnd",
            INSERT
            "SELECT 11, time_ms, type, outcome, 0, 0, 0, 0, '', 10, zeroblob (32)" COPY_OF ("10"),
            R"({ ": inserted at 11" })" },
        AttackCase{ "CopiesOneOfAnotherChain",
                    "UPDATE event SET sequence = sequence + 100 WHERE sequence > 5;" INSERT
                    "SELECT 6, time_ms, type, outcome, 0, 0, 0, 0, 'id-of-github', previous, "
                    "hash" COPY_OF ("4"),
                    R"({ ": changed at 106", "id-of-github: inserted at 6" })" },
        AttackCase{
            "InsertsOneThatFitsTheOneBefore",
            "DELETE FROM event WHERE sequence = 4;" INSERT
            "SELECT 4, time_ms, type, outcome, 0, 0, 0, 0, chain, 3, zeroblob (32)" COPY_OF ("3"),
            R"({ ": removed at 4", "id-of-github: inserted at 4" })" }),
    case_name<AttackCase>);

// While the agent runs it knows what it has written last.
TEST_F (StoreChain, KnowsItsEndWhileTheAgentRuns)
{
  fill ();
  ASSERT_THAT (verify (), IsEmpty ());
  attack ("DELETE FROM event WHERE sequence = 10;"
          "UPDATE event_chain SET (head_sequence, head_hash) = "
          "(SELECT sequence, hash FROM event WHERE sequence = 8) WHERE chain = ''");
  EXPECT_THAT (verify (), ElementsAre (": cut_off at 10"));
  append ();
  EXPECT_THAT (verify (), ElementsAre (": removed at 10"));
  EXPECT_THAT (verify_again (), ElementsAre (": removed at 10")) << "and it stays on record";
}

TEST_F (StoreChain, IsMissedWhenAllOfItIsTakenWhileTheAgentRuns)
{
  fill ();
  ASSERT_THAT (verify (), IsEmpty ());
  attack ("DELETE FROM event WHERE chain = ''; DELETE FROM event_chain WHERE chain = ''");
  EXPECT_THAT (verify (), ElementsAre (": unbound at 0"));
}

// What the file cannot tell by itself: a head that was kept elsewhere does.
TEST_F (StoreChain, IsComparedWithAHeadThatWasKept)
{
  fill ();
  ASSERT_THAT (verify (), IsEmpty ());
  std::string hash = ask ("SELECT lower (hex (head_hash)) FROM event_chain WHERE chain = ''");
  g_autoptr (GPtrArray) kept = keep ("", 10, hash);
  g_autoptr (GPtrArray) other = keep ("", 10, std::string (64, '0'));
  g_autoptr (GPtrArray) later = keep ("", 12, hash);
  g_autoptr (GPtrArray) gone = keep ("id-of-asana", 12, hash);

  append ();
  EXPECT_THAT (verify (kept), IsEmpty ()) << "the chain has gone on";
  EXPECT_THAT (verify (other), ElementsAre (": replaced at 10"));
  EXPECT_THAT (verify (later), ElementsAre (": replaced at 12"));
  EXPECT_THAT (verify (gone), ElementsAre ("id-of-asana: replaced at 12"));

  bfy_store_close (store);
  attack ("DELETE FROM event; DELETE FROM event_chain");
  open ();
  for (int i = 0; i < 11; i++)
    append ();
  EXPECT_THAT (verify (), IsEmpty ()) << "a log that is made anew is sound";
  EXPECT_THAT (verify (kept), ElementsAre (": replaced at 10"));
}

TEST_F (StoreChain, ForgivesAKeptHeadThatHasBeenPruned)
{
  BfyRetention retention = { 200, 5, 0 };

  fill ();
  ASSERT_THAT (verify (), IsEmpty ());
  g_autoptr (GPtrArray) pruned =
      keep ("", 4, ask ("SELECT lower (hex (hash)) FROM event WHERE sequence = 4"));
  g_autoptr (GPtrArray) anchor =
      keep ("", 6, ask ("SELECT lower (hex (hash)) FROM event WHERE sequence = 6"));
  g_autoptr (GPtrArray) wrong = keep ("", 6, std::string (64, '1'));

  bfy_store_set_retention (store, &retention);
  for (int i = 0; i < 3; i++)
    append ();
  EXPECT_THAT (verify (pruned), IsEmpty ());
  EXPECT_EQ (ask ("SELECT anchor_sequence FROM event_chain WHERE chain = ''"), "6");
  EXPECT_THAT (verify (anchor), IsEmpty ());
  EXPECT_THAT (verify (wrong), ElementsAre (": replaced at 6"));
}
