// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/reveal.h"
}

namespace
{

std::string
take (char *text)
{
  std::string string = text != nullptr ? text : "(none)";

  g_free (text);
  return string;
}

struct HostCase
{
  const char *name, *host, *want;
};

class RevealHost : public testing::TestWithParam<HostCase>
{
};

struct FitCase
{
  const char *name, *url, *git_host;
  BfyRevealPurpose purpose;
  const char *host;
  bool want;
};

class RevealFit : public testing::TestWithParam<FitCase>
{
};

struct ObstacleCase
{
  const char *name;
  bool reveals;
  BfyInjectKind kind;
  const char *auth_type;
  bool is_sealed;
  const char *constraints; // nullable
  BfyRevealPurpose purpose;
  bool is_fine;
};

class RevealObstacle : public testing::TestWithParam<ObstacleCase>
{
};

} // namespace

TEST_P (RevealHost, IsComparedInOneForm)
{
  EXPECT_EQ (take (bfy_reveal_normalize_host (GetParam ().host)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Hosts,
    RevealHost,
    testing::Values (HostCase{ "Plain", "github.com", "github.com" },
                     HostCase{ "Capitals", "GitHub.Com", "github.com" },
                     HostCase{ "UsualPort", "github.com:443", "github.com" },
                     HostCase{ "Port", "git.example:8443", "git.example:8443" },
                     HostCase{ "Six", "[::1]:8443", "[::1]:8443" },
                     HostCase{ "Empty", "", "(none)" },
                     HostCase{ "Path", "github.com/evil", "(none)" },
                     HostCase{ "User", "github.com@evil.example", "(none)" },
                     HostCase{ "Query", "evil.example?github.com", "(none)" },
                     HostCase{ "Fragment", "evil.example#github.com", "(none)" },
                     HostCase{ "Backslash", "evil.example\\github.com", "(none)" },
                     HostCase{ "Escape", "github.com%2eevil.example", "(none)" },
                     HostCase{ "Blank", "github.com evil", "(none)" },
                     HostCase{ "Line", "github.com\nhost=evil", "(none)" },
                     HostCase{ "BadPort", "github.com:99999", "(none)" }),
    case_name<HostCase>);

TEST_P (RevealFit, IsForTheOwnHostOnly)
{
  const FitCase &row = GetParam ();

  EXPECT_EQ (bfy_reveal_fits (row.url, row.git_host, row.purpose, row.host), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    RevealFit,
    testing::Values (
        FitCase{ "Own", "https://git.example/team", nullptr, BFY_REVEAL_GIT, "git.example", true },
        FitCase{ "OtherPort", "https://git.example/", nullptr, BFY_REVEAL_GIT, "git.example:8443",
                 false },
        FitCase{ "Below", "https://git.example/", nullptr, BFY_REVEAL_GIT, "x.git.example", false },
        FitCase{ "Plain", "http://127.0.0.1/", nullptr, BFY_REVEAL_GIT, "127.0.0.1", false },
        FitCase{ "None", nullptr, "github.com", BFY_REVEAL_GIT, "github.com", false },
        FitCase{ "Git", "https://api.github.com/", "github.com", BFY_REVEAL_GIT, "github.com",
                 true },
        FitCase{ "GitIsNotDocker", "https://api.github.com/", "github.com", BFY_REVEAL_DOCKER,
                 "github.com", false }),
    case_name<FitCase>);

TEST_P (RevealObstacle, IsWhatWasNotAllowedOrCouldNotHold)
{
  const ObstacleCase &row = GetParam ();
  g_autoptr (BfyBinding) binding = bfy_binding_new ();

  binding->reveals = row.reveals;
  binding->is_sealed = row.is_sealed;
  binding->auth_type = g_strdup (row.auth_type);
  binding->injection = bfy_injection_new (row.kind, nullptr, nullptr);
  if (row.constraints != nullptr)
    {
      g_autoptr (JsonObject) object =
          bfy_json_parse_object (row.constraints, strlen (row.constraints), nullptr);

      binding->constraints = bfy_constraints_from_json (object, nullptr);
      ASSERT_NE (binding->constraints, nullptr);
    }
  EXPECT_EQ (bfy_reveal_find_obstacle (binding, row.purpose) == nullptr, row.is_fine);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    RevealObstacle,
    testing::Values (ObstacleCase{ "Fine", true, BFY_INJECT_BASIC, "basic", false, nullptr,
                                   BFY_REVEAL_GIT, true },
                     ObstacleCase{ "NotAllowed", false, BFY_INJECT_BASIC, "basic", false, nullptr,
                                   BFY_REVEAL_GIT, false },
                     ObstacleCase{ "Sealed", true, BFY_INJECT_BASIC, "basic", true, nullptr,
                                   BFY_REVEAL_GIT, false },
                     ObstacleCase{ "Nothing", true, BFY_INJECT_NONE, "none", false, nullptr,
                                   BFY_REVEAL_GIT, false },
                     ObstacleCase{ "Aws", true, BFY_INJECT_SIGV4, "basic", false, nullptr,
                                   BFY_REVEAL_AWS, true },
                     ObstacleCase{ "AwsIsNotGit", true, BFY_INJECT_SIGV4, "basic", false, nullptr,
                                   BFY_REVEAL_GIT, false },
                     ObstacleCase{ "GitIsNotAws", true, BFY_INJECT_BASIC, "basic", false, nullptr,
                                   BFY_REVEAL_AWS, false },
                     ObstacleCase{ "LimitedByPath", true, BFY_INJECT_BASIC, "basic", false,
                                   R"({"path":"/team"})", BFY_REVEAL_GIT, false },
                     ObstacleCase{ "LimitedByTool", true, BFY_INJECT_BASIC, "basic", false,
                                   R"({"tools":["x"]})", BFY_REVEAL_GIT, false },
                     ObstacleCase{ "LimitedByUses", true, BFY_INJECT_BASIC, "basic", false,
                                   R"({"uses":3})", BFY_REVEAL_GIT, true }),
    case_name<ObstacleCase>);

TEST (Reveal, HasNamesForWhatItIsFor)
{
  BfyRevealPurpose purpose;

  for (int i = 0; i < BFY_N_REVEAL_PURPOSES; i++)
    {
      const char *wire = bfy_reveal_purpose_to_wire (static_cast<BfyRevealPurpose> (i));

      ASSERT_TRUE (bfy_reveal_purpose_from_wire (wire, &purpose));
      EXPECT_EQ (purpose, i);
    }
  EXPECT_FALSE (bfy_reveal_purpose_from_wire ("ssh", &purpose));
}
