// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who is served by a grant, what lists and revokes it, and how many there may be (behaviour 15.2,
// 15.3).

#include "tests/unit/grants-fixture.h"

namespace
{

TEST_F (Grants, WithoutAnAnswerAPersonHasToBeAsked)
{
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

// --- A17, M22, M45: one client's grant never serves another ---

TEST_F (Grants, A17AGrantToOneClientServesNoOther)
{
  for (BfyGrantScope scope : { BFY_GRANT_ONCE, BFY_GRANT_TEN_MINUTES, BFY_GRANT_SESSION,
                               BFY_GRANT_UNTIL_LOCK, BFY_GRANT_ALWAYS })
    {
      allow (client ("c1"), Wish (), scope);
      EXPECT_FALSE (may (client ("c2"), Wish ())) << bfy_grant_scope_to_wire (scope);
      EXPECT_FALSE (may (program ("c1"), Wish ())) << bfy_grant_scope_to_wire (scope);
      EXPECT_TRUE (may (client ("c1"), Wish ())) << bfy_grant_scope_to_wire (scope);
      bfy_grants_revoke_all (grants, nullptr);
    }
}

TEST_F (Grants, A17ADenialOfOneClientIsNoneOfAnother)
{
  deny (client ("c1"), Wish ());
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_DENY);
  EXPECT_EQ (use (client ("c2"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, A17ProgramsAreKnownByTheirPath)
{
  allow (program ("/usr/bin/claude", 1, 1), Wish (), BFY_GRANT_TEN_MINUTES);
  EXPECT_TRUE (may (program ("/usr/bin/claude", 2, 2), Wish ()));
  EXPECT_FALSE (may (program ("/tmp/claude", 1, 1), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 1, 1), Wish ()));
}

// --- C11: client × binding × method × tool × rule, each alone makes another thing ---

TEST_F (Grants, C11AGrantForOneNeverServesAnother)
{
  struct Other
  {
    const char *what;
    void (*change) (BfyWish *wish);
  };
  const Other others[] = {
    { "binding", [] (BfyWish *w) { w->binding_id = const_cast<char *> ("id-of-gitlab"); } },
    { "method", [] (BfyWish *w) { w->method = const_cast<char *> ("prompts/get"); } },
    { "kind", [] (BfyWish *w) { w->kind = BFY_POLICY_PROMPT; } },
    { "tool", [] (BfyWish *w) { w->name = const_cast<char *> ("delete_repo"); } },
    { "no tool", [] (BfyWish *w) { w->name = nullptr; } },
    { "rule", [] (BfyWish *w) { w->rule = const_cast<char *> ("0123456789abcdef"); } },
    { "access", [] (BfyWish *w) { w->access = BFY_ACCESS_DANGER; } },
    { "reach", [] (BfyWish *w) { w->reach = BFY_WISH_SAME_ARGUMENTS; } },
  };

  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  for (const Other &other : others)
    {
      Wish wish;

      other.change (&wish.wish);
      EXPECT_FALSE (may (client ("c1"), wish)) << other.what;
    }
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

// A grant for A never executes B.
TEST_F (Grants, BoundToArgumentsServesThoseOnly)
{
  allow (client ("c1"), Wish ("merge", 1).danger (), BFY_GRANT_TEN_MINUTES);
  EXPECT_FALSE (may (client ("c1"), Wish ("merge", 2).danger ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("merge", 1).danger ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("merge", 1).danger ())) << "as often as it likes";
}

// --- M44: once is one request ---

TEST_F (Grants, M44OnceIsUsedExactlyOnce)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (client ("c1"), Wish ("create_issue", 2))) << "another request";
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_ended, 1);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

TEST_F (Grants, M44OnceWaitsForItsRequestForAWhileOnly)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  pass (10 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M44ARestartLeavesNothingThatCouldBeUsedTwice)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, OnceOfSomebodyUnknownIsForThatProcess)
{
  allow (program (nullptr, 7, 70), Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (program (nullptr, 8, 70), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 7, 71), Wish ())) << "another process of that number";
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (program (nullptr, 7, 70), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 7, 70), Wish ()));
}

TEST_F (Grants, OnceOfAProcessThatCannotBeSeenIsForItsConnection)
{
  Caller one = program (nullptr, 0, 0);
  Caller other = program (nullptr, 0, 0);

  allow (one, Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (other, Wish ()));
  EXPECT_TRUE (may (one, Wish ()));
}

TEST_F (Grants, WhatWasNotOfferedIsRefused)
{
  Error error;
  Wish wish;
  Wish danger;
  danger.danger ();

  EXPECT_EQ (bfy_grants_add (grants, program (nullptr).get (), &wish.wish, BFY_GRANT_TEN_MINUTES,
                             FALSE, error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &danger.wish, BFY_GRANT_ALWAYS, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("always"));
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_N_GRANT_SCOPES, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

// --- The newest answer counts ---

TEST_F (Grants, ANoEndsTheYesesBeforeIt)
{
  allow (client ("c1"), Wish ("merge", 1), BFY_GRANT_ONCE);
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  deny (client ("c1"), Wish ("merge", 2));
  deny (client ("c1"), Wish ());
  EXPECT_EQ (use (client ("c1"), Wish ("merge", 1)), BFY_GRANTS_DENY);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_DENY);
  pass (kHour);
  EXPECT_EQ (use (client ("c1"), Wish ("merge", 1)), BFY_GRANTS_NOTHING);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING) << "the old yes does not come back";
  restart ();
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, AYesEndsTheNoBeforeIt)
{
  deny (client ("c1"), Wish ());
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_EQ (bfy_grants_get_n (grants), 1u);
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, AYesForOneRequestLeavesTheNoForTheOthers)
{
  deny (client ("c1"), Wish ());
  allow (client ("c1"), Wish ("create_issue", 2), BFY_GRANT_ONCE);
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 1)), BFY_GRANTS_DENY);
  EXPECT_TRUE (may (client ("c1"), Wish ("create_issue", 2)));
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 2)), BFY_GRANTS_DENY);
}

TEST_F (Grants, ALongerYesTakesThePlaceOfAShorterOne)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  EXPECT_EQ (bfy_grants_get_n (grants), 1u);
  EXPECT_EQ (n_kept (), "1");
  pass (kHour);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, TheYesOfOneClientIsLeftAloneByTheNoOfAnother)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  deny (client ("c2"), Wish ());
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

// --- Listing and revoking ---

TEST_F (Grants, ListHasTheNewestFirstWithItsUses)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_TEN_MINUTES);
  allow (client ("c1"), Wish ("b"), BFY_GRANT_SESSION);
  pass (5);
  may (client ("c1"), Wish ("a"));
  may (client ("c1"), Wish ("a"));
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);

  ASSERT_EQ (list->len, 2u);
  auto *first = static_cast<BfyGrant *> (list->pdata[0]);
  auto *second = static_cast<BfyGrant *> (list->pdata[1]);
  EXPECT_STREQ (first->name, "b");
  EXPECT_EQ (first->n_uses, 0u);
  EXPECT_EQ (first->last_used_at_s, 0);
  EXPECT_EQ (second->n_uses, 2u);
  EXPECT_EQ (second->created_at_s, 1700000000);
  EXPECT_EQ (second->last_used_at_s, 1700000005);
}

TEST_F (Grants, UsesAreWrittenWithTheNextBatch)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_TEN_MINUTES);
  may (client ("c1"), Wish ("a"));
  may (client ("c1"), Wish ("a"));
  restart ();
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);

  ASSERT_EQ (list->len, 1u);
  EXPECT_EQ (static_cast<BfyGrant *> (list->pdata[0])->n_uses, 2u);
  EXPECT_EQ (static_cast<BfyGrant *> (list->pdata[0])->last_used_at_s, 1700000000);
}

TEST_F (Grants, RevokingSaysWhetherItWasThere)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);

  EXPECT_FALSE (bfy_grants_revoke (grants, "00000000-0000-0000-0000-000000000000"));
  EXPECT_TRUE (bfy_grants_revoke (grants, id.c_str ()));
  EXPECT_FALSE (bfy_grants_revoke (grants, id.c_str ()));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_revoked, 1);
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, OneIsFoundByTheBeginningOfItsId)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  Error error;

  for (gsize length : { 4, 8, 36 })
    EXPECT_NE (bfy_grants_find (grants, id.substr (0, length).c_str (), error.out ()), nullptr);
  for (const std::string &wrong :
       { std::string (), id.substr (0, 3), id + "0", std::string ("zzzz"), id.substr (1) })
    {
      EXPECT_EQ (bfy_grants_find (grants, wrong.c_str (), error.out ()), nullptr) << wrong;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
    }
}

TEST_F (Grants, ABeginningThatSeveralHaveIsNotEnough)
{
  // With so many, two begin alike.
  std::map<std::string, int> beginnings;
  std::string shared;
  Error error;

  for (guint i = 0; i < 3000 && shared.empty (); i++)
    {
      std::string tool = "tool" + std::to_string (i);
      std::string id = allow (client ("c1"), Wish (tool.c_str ()), BFY_GRANT_SESSION);

      if (beginnings[id.substr (0, 4)]++ > 0)
        shared = id.substr (0, 4);
    }
  ASSERT_NE (shared, "");
  EXPECT_EQ (bfy_grants_find (grants, shared.c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST_F (Grants, RevokeAllTakesWhatIsMeant)
{
  const BfyGrantsFilter of_c1 = { nullptr, "c1", nullptr };
  const BfyGrantsFilter of_gitlab = { "id-of-gitlab", nullptr, nullptr };
  const BfyGrantsFilter of_both = { "id-of-gitlab", "c1", nullptr };
  const BfyGrantsFilter of_claude = { nullptr, nullptr, "program:/usr/bin/claude" };

  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish ().on ("id-of-gitlab"), BFY_GRANT_ALWAYS);
  allow (program ("/usr/bin/claude"), Wish (), BFY_GRANT_ALWAYS);
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_both), 0u);
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_c1), 1u);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_gitlab), 1u);
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_claude), 1u);
  EXPECT_EQ (bfy_grants_revoke_all (grants, nullptr), 1u);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
  EXPECT_EQ (n_kept (), "0");
}

TEST_F (Grants, WhatPeopleSayIsOnRecord)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  bfy_grants_revoke (grants, id.c_str ());
  deny (client ("c1"), Wish ("merge"));

  EXPECT_THAT (events (), testing::ElementsAre ("approval_granted github create_issue 10min",
                                                "approval_revoked github create_issue 10min",
                                                "approval_denied github merge denied"));
}

// --- Many ---

TEST_F (Grants, OneClientHasAnEndToThem)
{
  Wish wish ("one-more");
  Error error;

  grants->n_of_one_max = 5;
  for (const char *tool : { "a", "b", "c", "d", "e" })
    allow (client ("c1"), Wish (tool), BFY_GRANT_SESSION);
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_GRANT_SESSION, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RATE_LIMITED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("bindify grants"));
  EXPECT_NE (allow (client ("c2"), wish, BFY_GRANT_SESSION), "") << "others have room";
  EXPECT_TRUE (may (client ("c1"), Wish ("a")));
}

TEST_F (Grants, WhenAllIsFullWhatEndsNextMakesRoom)
{
  Wish wish ("one-more");
  Error error;

  grants->n_max = 3;
  allow (client ("c1"), Wish ("always"), BFY_GRANT_SESSION);
  allow (client ("c1"), Wish ("minutes"), BFY_GRANT_TEN_MINUTES);
  deny (client ("c1"), Wish ("denied"));
  allow (client ("c2"), Wish ("more"), BFY_GRANT_SESSION);
  EXPECT_FALSE (may (client ("c1"), Wish ("minutes")));
  EXPECT_TRUE (may (client ("c1"), Wish ("always")));
  allow (client ("c2"), Wish ("even more"), BFY_GRANT_SESSION);
  EXPECT_EQ (bfy_grants_add (grants, client ("c2").get (), &wish.wish, BFY_GRANT_SESSION, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RATE_LIMITED));
}

} // namespace
