// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// How long grants last, over restarts of the agent and of the machine, and what they go with
// (behaviour 13.4, 15.3).

#include "tests/unit/grants-fixture.h"

namespace
{

// --- Ends: a clock that counts suspend, restarts, a new start of the machine ---

TEST_F (Grants, TenMinutesAreTenMinutes)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (10 * kMinute - 1);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (1);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);
  EXPECT_EQ (list->len, 0u);
  EXPECT_EQ (n_kept (), "0") << "expired is gone";
}

TEST_F (Grants, TheWallClockDoesNotMakeThemLonger)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (10 * kMinute);
  moment.wall_s -= 24 * kHour;
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, TenMinutesGoOnAfterARestart)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (5 * kMinute);
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (5 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, ExpiredWhileNoAgentRanIsGoneAfterwards)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  unload ();
  pass (11 * kMinute);
  open ();
  load ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_kept (), "0");
}

TEST_F (Grants, AfterANewStartTheWallClockDecides)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  moment = { kNextBoot, 5000, moment.wall_s + 5 * kMinute };
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (5 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, AWallClockThatWasSetBackMeanwhileGivesNoMoreThanTenMinutes)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  moment = { kNextBoot, 5000, moment.wall_s - 365 * 24 * kHour };
  restart ();
  pass (10 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M23AlwaysOutlivesTheAgentAndTheMachine)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  moment = { kNextBoot, 5000, moment.wall_s + 400 * 24 * kHour };
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M23ANoIsRememberedForAnHour)
{
  deny (client ("c1"), Wish ());
  restart ();
  pass (kHour - 1);
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 2)), BFY_GRANTS_DENY);
  pass (1);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, SessionsAndLocksEndWithTheAgent)
{
  allow (client ("c1"), Wish (), BFY_GRANT_SESSION);
  allow (client ("c1"), Wish ("other"), BFY_GRANT_UNTIL_LOCK);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("other")));
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_FALSE (may (client ("c1"), Wish ("other")));
}

TEST_F (Grants, TheLockEndsWhatWasUntilThen)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_UNTIL_LOCK);
  allow (client ("c1"), Wish ("b"), BFY_GRANT_TEN_MINUTES);
  deny (client ("c1"), Wish ("c"));
  bfy_grants_note_locked (grants);
  EXPECT_FALSE (may (client ("c1"), Wish ("a")));
  EXPECT_TRUE (may (client ("c1"), Wish ("b")));
  EXPECT_EQ (use (client ("c1"), Wish ("c")), BFY_GRANTS_DENY);
}

// --- 13.4: grants go with what they are about ---

TEST_F (Grants, A14RemovingTheBindingRemovesItsGrants)
{
  Error error;

  bfy_grants_follow (grants, registry);
  set_policy ("");
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("a"), BFY_GRANT_SESSION);
  ASSERT_TRUE (bfy_registry_remove (registry, "github", error.out ())) << error;
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
  EXPECT_EQ (n_revoked, 2);
  EXPECT_EQ (n_kept (), "0");

  g_autoptr (BfyBinding) again = make_binding ("github");
  ASSERT_TRUE (bfy_registry_add (registry, again, error.out ())) << error;
  EXPECT_FALSE (may (client ("c1"), Wish ())) << "also when one of that id comes back";
}

TEST_F (Grants, ABindingThatIsRenamedKeepsThem)
{
  Error error;

  bfy_grants_follow (grants, registry);
  set_policy ("");
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  g_autoptr (BfyBinding) renamed = bfy_binding_copy (bfy_registry_find (registry, "github"));
  g_free (renamed->name);
  renamed->name = g_strdup ("hub");
  ASSERT_TRUE (bfy_registry_update (registry, renamed, error.out ())) << error;
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  for (int i = 0; i < 2; i++, restart ())
    {
      g_autoptr (GPtrArray) list = bfy_grants_list (grants);
      ASSERT_EQ (list->len, 1u);
      EXPECT_STREQ (static_cast<BfyGrant *> (list->pdata[0])->binding, "hub");
    }
}

TEST_F (Grants, RemovingTheClientRemovesItsGrants)
{
  Error error;

  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish (), BFY_GRANT_ALWAYS);
  set_policy ("");
  bfy_grants_follow (grants, registry);
  ASSERT_TRUE (bfy_registry_remove_client (registry, "c1", error.out ())) << error;
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (n_revoked, 1);
  EXPECT_EQ (n_kept (), "1");
}

TEST_F (Grants, OtherRulesMayChangeAndItsOwnMayNot)
{
  const char *rule = R"({"tool":"merge_*","effect":"ask"})";

  bfy_grants_follow (grants, registry);
  set_policy (rule);
  std::string digest = bfy_policy_rule_digest (bfy_registry_find (registry, "github")->policy, 1);
  allow (client ("c1"), Wish ("merge_pr").by (digest.c_str ()), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("other"), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("third").by ("confirm"), BFY_GRANT_ALWAYS);

  set_policy (std::string (R"({"tool":"delete_*","effect":"deny"},)") + rule, "deny");
  EXPECT_TRUE (may (client ("c1"), Wish ("merge_pr").by (digest.c_str ())));
  EXPECT_FALSE (may (client ("c1"), Wish ("other"))) << "the default does not ask any more";

  set_policy (R"({"tool":"merge_*","effect":"ask","grant":"once"})");
  EXPECT_FALSE (may (client ("c1"), Wish ("merge_pr").by (digest.c_str ())));
  EXPECT_TRUE (may (client ("c1"), Wish ("third").by ("confirm"))) << "no rule of the policy";
  EXPECT_EQ (n_kept (), "1");
}

TEST_F (Grants, RulesThatAreGoneAtTheStartEndTheirs)
{
  allow (client ("c1"), Wish ().by ("0123456789abcdef"), BFY_GRANT_ALWAYS);
  restart ();
  bfy_grants_follow (grants, registry);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

// --- The store ---

TEST_F (Grants, RowsThatCannotBeUnderstoodDoNotCount)
{
  const char *damages[] = {
    "scope = 'forever'",
    "scope = 'session'",
    "scope = 'once'",
    "kind = 'toool'",
    "access = ''",
    "access = 'danger'", // always
    "subject = ''",
    "method = ''",
    "rule = ''",
    "wall_s = -1, scope = '10min'",
    "scope = '10min'", // without a time
    "boot_id = 'much longer than any identification of a boot is'",
    "name = x'ff'",
    "client = x'ff'",
  };

  for (const char *damage : damages)
    {
      allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
      unload ();
      g_clear_object (&store);
      {
        Sqlite sqlite (database ());
        // A strict table takes no bytes for text, so they are cast.
        std::string text = damage;
        size_t bytes = text.find ("x'ff'");
        if (bytes != std::string::npos)
          text.replace (bytes, 5, "cast (x'ff' AS TEXT)");
        sqlite.run ("UPDATE grant_given SET " + text);
      }
      open ();
      load ();
      EXPECT_EQ (bfy_grants_get_n (grants), 0u) << damage;
      EXPECT_FALSE (may (client ("c1"), Wish ())) << damage;
      unload ();
      g_clear_object (&store);
      Sqlite (database ()).run ("DELETE FROM grant_given");
      open ();
      load ();
    }
}

TEST_F (Grants, WhatCannotBeKeptDoesNotCount)
{
  Sqlite other (database ());
  Error error;
  Wish wish;

  other.run ("BEGIN IMMEDIATE");
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_GRANT_ALWAYS, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  other.run ("COMMIT");
}

TEST_F (Grants, ARevocationThatCannotBeWrittenIsTriedAgain)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);

  {
    Sqlite other (database ());
    other.run ("BEGIN IMMEDIATE");
    EXPECT_TRUE (bfy_grants_revoke (grants, id.c_str ()));
    EXPECT_FALSE (may (client ("c1"), Wish ()));
    other.run ("COMMIT");
  }
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

} // namespace
