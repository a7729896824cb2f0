// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/oauth-scope.h"
}

struct NormalCase
{
  const char *name, *text, *want;
};

class ScopeNormalTest : public testing::TestWithParam<NormalCase>
{
};

TEST_P (ScopeNormalTest, HasOneForm)
{
  EXPECT_EQ (take_text (bfy_oauth_scope_normalise (GetParam ().text)), GetParam ().want);
}

// RFC 6749, 3.3.
INSTANTIATE_TEST_SUITE_P (
    Scopes,
    ScopeNormalTest,
    testing::Values (NormalCase{ "None", nullptr, "(null)" },
                     NormalCase{ "Empty", "", "(null)" },
                     NormalCase{ "Spaces", "   ", "(null)" },
                     NormalCase{ "One", "read", "read" },
                     NormalCase{ "Several", "read write", "read write" },
                     NormalCase{ "ExtraSpaces", "  read   write ", "read write" },
                     NormalCase{ "Repeated", "b a b a", "b a" },
                     NormalCase{ "PrefixIsAnotherWord", "read:user read", "read:user read" },
                     NormalCase{ "AllItsCharacters", "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
                                 "!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~" },
                     NormalCase{ "Quote", "a\"b", "(null)" },
                     NormalCase{ "Backslash", "a\\b", "(null)" },
                     NormalCase{ "Tab", "a\tb", "(null)" },
                     NormalCase{ "LineEnd", "a\nb", "(null)" },
                     NormalCase{ "Delete", "a\x7f", "(null)" },
                     NormalCase{ "Utf8", "\xc3\xa4", "(null)" }),
    case_name<NormalCase>);

TEST (Scope, HasACap)
{
  std::string fits (BFY_OAUTH_SCOPE_BYTES_MAX - 1, 'x');
  std::string full = fits + "yy";
  const char *words[] = { fits.c_str (), "more", nullptr };

  EXPECT_EQ (take_text (bfy_oauth_scope_normalise (fits.c_str ())), fits);
  EXPECT_EQ (take_text (bfy_oauth_scope_normalise (full.c_str ())), "(null)");
  EXPECT_EQ (take_text (bfy_oauth_scope_join (words)), fits);
  EXPECT_EQ (take_text (bfy_oauth_scope_unite (fits.c_str (), "more")), fits);
}

TEST (Scope, JoinsWhatIsAWord)
{
  const char *words[] = { "read", "two words", "", "read", "wr\xc3\xafte", "write", nullptr };

  EXPECT_EQ (take_text (bfy_oauth_scope_join (words)), "read write");
  EXPECT_EQ (take_text (bfy_oauth_scope_join (nullptr)), "(null)");
}

TEST (Scope, KnowsWholeWordsOnly)
{
  EXPECT_TRUE (bfy_oauth_scope_has ("a offline_access b", "offline_access"));
  EXPECT_FALSE (bfy_oauth_scope_has ("offline_access2 my.offline_access", "offline_access"));
  EXPECT_FALSE (bfy_oauth_scope_has (nullptr, "a"));
}

struct ChooseCase
{
  const char *name, *challenged, *supported, *refused, *server_scopes, *want;
  bool wants_consent;
};

class ScopeChoiceTest : public testing::TestWithParam<ChooseCase>
{
};

TEST_P (ScopeChoiceTest, AsksForNoMoreThanItMay)
{
  const ChooseCase &row = GetParam ();
  g_auto (GStrv) listed =
      row.server_scopes != nullptr ? g_strsplit (row.server_scopes, " ", -1) : nullptr;
  BfyScopeOffer offer = { row.challenged, row.supported, row.refused, listed };
  gboolean wants_consent = TRUE;

  EXPECT_EQ (take_text (bfy_oauth_scope_choose (&offer, &wants_consent)), row.want);
  EXPECT_EQ (bool (wants_consent), row.wants_consent);
}

// mcp.md B.1.7 and B.2.
INSTANTIATE_TEST_SUITE_P (
    Choices,
    ScopeChoiceTest,
    testing::Values (
        ChooseCase{ "Nothing", nullptr, nullptr, nullptr, nullptr, "(null)", false },
        ChooseCase{ "ChallengeIsAuthoritative", "a", "a b c", nullptr, nullptr, "a", false },
        ChooseCase{ "ElseAllThatIsSupported", nullptr, "a b c", nullptr, nullptr, "a b c", false },
        ChooseCase{ "UnitedWithRefusals", "a", "x", "b", nullptr, "a b", false },
        ChooseCase{ "RefusalsAlone", nullptr, nullptr, "b", nullptr, "b", false },
        ChooseCase{ "OfflineAccessIsOffered", "a", nullptr, nullptr, "a offline_access",
                    "a offline_access", true },
        ChooseCase{ "OfflineAccessIsNotOffered", "a", nullptr, nullptr, "a b", "a", false },
        ChooseCase{ "NothingToAddItTo", nullptr, nullptr, nullptr, "offline_access", "(null)",
                    false },
        ChooseCase{ "AskedForThoughNotOffered", "a offline_access", nullptr, nullptr, "a", "a",
                    false },
        ChooseCase{ "OnlyThat", "offline_access", nullptr, nullptr, nullptr, "(null)", false },
        ChooseCase{ "AskedForAndOffered", "offline_access a", nullptr, nullptr, "offline_access",
                    "offline_access a", true }),
    case_name<ChooseCase>);
