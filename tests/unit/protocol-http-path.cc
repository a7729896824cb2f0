// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/http-path.h"
}

// --- One form (craft J34) ---

struct HttpPathCase
{
  const char *name;
  std::string target;
  const char *form; // NULL: it has none
};

class HttpPath : public testing::TestWithParam<HttpPathCase>
{
};

TEST_P (HttpPath, HasOneFormOrNone)
{
  g_autofree char *form = bfy_http_target_canonicalize (GetParam ().target.c_str ());

  EXPECT_STREQ (form, GetParam ().form);
  if (form != nullptr)
    {
      g_autofree char *again = bfy_http_target_canonicalize (form);

      EXPECT_STREQ (again, form);
    }
}

INSTANTIATE_TEST_SUITE_P (
    J34,
    HttpPath,
    testing::Values (HttpPathCase{ "Root", "/", "/" },
                     HttpPathCase{ "Plain", "/repos/a/b", "/repos/a/b" },
                     HttpPathCase{ "SlashAtTheEnd", "/repos/", "/repos/" },
                     HttpPathCase{ "Query", "/a?x=/../b", "/a?x=/../b" },
                     HttpPathCase{ "EscapedLetter", "/%72epos/%61", "/repos/a" },
                     HttpPathCase{ "EscapedTilde", "/%7euser", "/~user" },
                     HttpPathCase{ "Case", "/a%c3%a9", "/a%C3%A9" },
                     HttpPathCase{ "OtherEscapes", "/a%20b%3ac", "/a%20b%3Ac" },
                     HttpPathCase{ "DoubleSlash", "//a///b", "/a/b" },
                     HttpPathCase{ "Dot", "/a/./b/.", "/a/b/" },
                     HttpPathCase{ "Up", "/a/b/../c", "/a/c" },
                     HttpPathCase{ "UpAtTheEnd", "/a/b/..", "/a/" },
                     HttpPathCase{ "UpToTheRoot", "/a/..", "/" },
                     HttpPathCase{ "ManyDots", "/a/.../b", "/a/.../b" },
                     HttpPathCase{ "DotInName", "/a%2eb", "/a.b" },
                     HttpPathCase{ "HiddenName", "/.well-known/x", "/.well-known/x" },
                     HttpPathCase{ "AboveTheRoot", "/..", nullptr },
                     HttpPathCase{ "AboveTheRootLater", "/a/../../b", nullptr },
                     HttpPathCase{ "EscapedUp", "/repos/%2e%2e/admin", nullptr },
                     HttpPathCase{ "HalfEscapedUp", "/repos/.%2E/admin", nullptr },
                     HttpPathCase{ "EscapedDot", "/repos/%2e/admin", nullptr },
                     HttpPathCase{ "EscapedUpAtTheEnd", "/repos/%2e%2e", nullptr },
                     HttpPathCase{ "EscapedSlash", "/repos%2Fadmin", nullptr },
                     HttpPathCase{ "EscapedBackslash", "/repos%5cadmin", nullptr },
                     HttpPathCase{ "Backslash", "/repos\\admin", nullptr },
                     HttpPathCase{ "Semicolon", "/repos;x/admin", nullptr },
                     HttpPathCase{ "UpWithSemicolon", "/repos/..;/admin", nullptr },
                     HttpPathCase{ "EscapedSemicolon", "/repos%3b", nullptr },
                     HttpPathCase{ "Nul", "/repos%00", nullptr },
                     HttpPathCase{ "EscapedNewline", "/a%0ab", nullptr },
                     HttpPathCase{ "TwiceEscaped", "/a%252e%252e/b", nullptr },
                     HttpPathCase{ "BrokenEscape", "/a%2", nullptr },
                     HttpPathCase{ "NoEscape", "/a%zz", nullptr },
                     HttpPathCase{ "Overlong", "/a/%c0%ae%c0%ae/b", nullptr },
                     HttpPathCase{ "CutUtf8", "/a%c3/b", nullptr },
                     HttpPathCase{ "Surrogate", "/a%ed%a0%80", nullptr },
                     HttpPathCase{ "RawUtf8", "/\xc3\xa9", nullptr },
                     HttpPathCase{ "Space", "/a b", nullptr },
                     HttpPathCase{ "Fragment", "/a#b", nullptr },
                     HttpPathCase{ "NoSlash", "a", nullptr },
                     HttpPathCase{ "Star", "*", nullptr },
                     HttpPathCase{ "Absolute", "http://h/a", nullptr },
                     HttpPathCase{ "Empty", "", nullptr },
                     HttpPathCase{ "OnlyQuery", "?a", nullptr },
                     HttpPathCase{ "TooLong", "/" + std::string (BFY_HTTP_TARGET_BYTES_MAX, 'a'),
                                   nullptr }),
    [] (const testing::TestParamInfo<HttpPathCase> &info) { return info.param.name; });

// --- Patterns ---

struct HttpPatternCase
{
  const char *name, *pattern, *method, *path;
  bool exact, loose;
};

class HttpPattern : public testing::TestWithParam<HttpPatternCase>
{
};

static bool
fits_loosely (const HttpPatternCase &row)
{
  g_autofree char *pattern = g_ascii_strdown (row.pattern, -1);
  g_autofree char *method = g_ascii_strdown (row.method, -1);
  g_autofree char *path = g_ascii_strdown (row.path, -1);

  return bfy_http_pattern_matches (pattern, method, path, BFY_HTTP_MATCH_LOOSE);
}

TEST_P (HttpPattern, FitsWhatItLooksLike)
{
  const HttpPatternCase &row = GetParam ();

  ASSERT_EQ (bfy_http_pattern_find_problem (row.pattern), nullptr);
  EXPECT_EQ (bfy_http_pattern_matches (row.pattern, row.method, row.path, BFY_HTTP_MATCH_EXACT),
             row.exact);
  EXPECT_EQ (fits_loosely (row), row.loose);
}

INSTANTIATE_TEST_SUITE_P (
    Requests,
    HttpPattern,
    testing::Values (
        HttpPatternCase{ "Exact", "GET /a/b", "GET", "/a/b", true, true },
        HttpPatternCase{ "Method", "GET /a/b", "POST", "/a/b", false, false },
        HttpPatternCase{ "MethodPrefix", "GET /a", "GETX", "/a", false, false },
        HttpPatternCase{ "MethodIsPrefix", "GETX /a", "GET", "/a", false, false },
        HttpPatternCase{ "AnyMethod", "* /a", "DELETE", "/a", true, true },
        HttpPatternCase{ "MethodCase", "DELETE /a", "delete", "/a", false, true },
        HttpPatternCase{ "HeadIsGet", "GET /a", "HEAD", "/a", false, true },
        HttpPatternCase{ "GetIsNoHead", "HEAD /a", "GET", "/a", false, false },
        HttpPatternCase{ "HttpPathCase", "GET /Admin", "GET", "/admin", false, true },
        HttpPatternCase{ "Slash", "GET /a", "GET", "/a/", false, true },
        HttpPatternCase{ "NoSlash", "GET /a/", "GET", "/a", false, true },
        HttpPatternCase{ "Longer", "GET /a", "GET", "/a/b", false, false },
        HttpPatternCase{ "Shorter", "GET /a/b", "GET", "/a", false, false },
        HttpPatternCase{ "Star", "GET /repos/*/issues", "GET", "/repos/x/issues", true, true },
        HttpPatternCase{ "StarStays", "GET /repos/*/issues", "GET", "/repos/x/y/issues", false,
                         false },
        HttpPatternCase{ "StarIsSomething", "GET /repos/*", "GET", "/repos/", false, true },
        HttpPatternCase{ "StarInside", "GET /a/x-*-y/b", "GET", "/a/x-1-y/b", true, true },
        HttpPatternCase{ "StarInsideEmpty", "GET /a/x*", "GET", "/a/x", true, true },
        HttpPatternCase{ "All", "GET /**", "GET", "/", true, true },
        HttpPatternCase{ "AllDeep", "GET /**", "GET", "/a/b/c", true, true },
        HttpPatternCase{ "Below", "GET /repos/**", "GET", "/repos/a/b", true, true },
        HttpPatternCase{ "BelowSlash", "GET /repos/**", "GET", "/repos/", true, true },
        HttpPatternCase{ "BelowItself", "GET /repos/**", "GET", "/repos", false, true },
        HttpPatternCase{ "BelowOther", "GET /repos/**", "GET", "/reposx/a", false, false },
        HttpPatternCase{ "Middle", "GET /a/**/z", "GET", "/a/b/c/z", true, true },
        HttpPatternCase{ "MiddleNone", "GET /a/**/z", "GET", "/a/z", true, true },
        HttpPatternCase{ "MiddleTwice", "GET /a/**/z", "GET", "/a/z/y/z", true, true },
        HttpPatternCase{ "MiddleMissing", "GET /a/**/z", "GET", "/a/b/zz", false, false },
        HttpPatternCase{ "TwoMiddles", "GET /**/b/**/d", "GET", "/a/b/c/b/d", true, true },
        HttpPatternCase{ "TwoMiddlesOrder", "GET /**/b/**/d", "GET", "/a/d/c/b", false, false },
        HttpPatternCase{ "StarsMixed", "GET /**/x*/y", "GET", "/a/x1/x2/y", true, true }),
    [] (const testing::TestParamInfo<HttpPatternCase> &info) { return info.param.name; });

TEST (HttpPatternProblem, IsNamed)
{
  for (const char *pattern :
       { "", "GET", "GET /a b", "get /a", "GET a", "/a", "GET  /a", "GET /a/../b", "GET //a",
         "GET /%61", "GET /a;b", "GET /a?b", "GET /a**", "GET /**b", "GET /***", "GET /a%2fb",
         "G*T /a", "** /a", "GET /\xc3\xa9" })
    EXPECT_NE (bfy_http_pattern_find_problem (pattern), nullptr) << pattern;
}

// One that tries everything would not come to an end.
TEST (HttpPatternTime, IsBounded)
{
  std::string pattern = "GET ", path;

  for (int i = 0; i < 40; i++)
    pattern += "/**/a*a";
  for (int i = 0; i < 1000; i++)
    path += "/aab";
  EXPECT_FALSE (
      bfy_http_pattern_matches (pattern.c_str (), "GET", path.c_str (), BFY_HTTP_MATCH_EXACT));
}

// --- Marks ---

static std::vector<std::string>
all_paths (const std::vector<std::string> &segments, size_t n_max)
{
  std::vector<std::string> paths = { "" };

  for (size_t start = 0, n = 0; n < n_max; n++)
    {
      size_t end = paths.size ();

      for (; start < end; start++)
        for (const std::string &segment : segments)
          paths.push_back (paths[start] + "/" + segment);
    }
  for (size_t i = paths.size (); i-- > 0;)
    paths.push_back (paths[i] + "/");

  return { paths.begin () + 1, paths.end () };
}

static void
expect_marked (const std::string &pattern, const std::string &path, BfyHttpMatch match)
{
  guint64 lacking =
      bfy_http_pattern_marks (pattern.c_str ()) & ~bfy_http_path_marks (path.c_str ());

  if (!bfy_http_pattern_matches (pattern.c_str (), "get", path.c_str (), match))
    return;
  ASSERT_EQ (lacking, 0u) << pattern << " and " << path;
}

TEST (HttpMarks, LackInNoPathThatFits)
{
  for (const std::string &pattern : all_paths ({ "a", "bc", "*", "b*", "**" }, 4))
    for (const std::string &path : all_paths ({ "a", "bc", "b" }, 4))
      for (BfyHttpMatch match : { BFY_HTTP_MATCH_EXACT, BFY_HTTP_MATCH_LOOSE })
        expect_marked ("get " + pattern, path, match);
}

TEST (HttpMarks, LackInNoLongPathThatFits)
{
  for (const char *segment : { "a", "*" })
    for (int n = 14; n < 20; n++)
      {
        std::string pattern = "get ", path;

        for (int i = 0; i < n; i++)
          {
            pattern += std::string ("/") + segment;
            path += "/a";
          }
        for (const char *end : { "", "/", "/*" })
          for (const char *path_end : { "", "/", "/b" })
            expect_marked (pattern + end, path + path_end, BFY_HTTP_MATCH_LOOSE);
      }
}

TEST (HttpMarks, TellMostPathsApart)
{
  guint64 marks = bfy_http_path_marks ("/repos/acme/shop/pulls");
  int n_told = 0;

  for (int i = 0; i < 100; i++)
    {
      std::string pattern = "GET /repos/*/*/thing" + std::to_string (i);

      n_told += (bfy_http_pattern_marks (pattern.c_str ()) & ~marks) != 0;
    }
  EXPECT_GT (n_told, 80);
  EXPECT_NE (bfy_http_pattern_marks ("GET /repos/*/*") & ~marks, 0u);
  EXPECT_NE (bfy_http_pattern_marks ("GET /repos/*/*/*/*") & ~marks, 0u);
}
