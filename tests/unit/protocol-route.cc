// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/route.h"
}

namespace
{

using ::operator<<; // prints a row by its name

const std::string key86 (86, 'A');

const char *
kind_name (BfyRouteKind kind)
{
  switch (kind)
    {
    case BFY_ROUTE_NONE:
      return "none";
    case BFY_ROUTE_HEALTHZ:
      return "healthz";
    case BFY_ROUTE_MCP:
      return "mcp";
    case BFY_ROUTE_MCP_SSE:
      return "sse";
    case BFY_ROUTE_HTTP:
      return "http";
    case BFY_ROUTE_CONTROL:
      return "control";
    }
  return "?";
}

// "kind name key rest", with "-" for what is missing.
std::string
summary (const std::string &path)
{
  g_autoptr (BfyRoute) route = bfy_route_parse (path.c_str ());
  std::string text = kind_name (route->kind);

  text += std::string (" ") + (route->name != nullptr ? route->name : "-");
  text += " ";
  if (route->presented != nullptr)
    text += "“" + std::string (bfy_secret_peek_text (route->presented)) + "”";
  else
    text += "-";
  text += std::string (" ") + (route->rest != nullptr ? route->rest : "-");
  return text;
}

struct RouteCase
{
  const char *name;
  std::string path;
  std::string want;
};

class Route : public testing::TestWithParam<RouteCase>
{
};

TEST_P (Route, IsRead)
{
  EXPECT_EQ (summary (GetParam ().path), GetParam ().want);
}

const char nothing[] = "none - - -";

INSTANTIATE_TEST_SUITE_P (
    Behaviour2,
    Route,
    testing::Values (
        RouteCase{ "Health", "/healthz", "healthz - - -" },
        RouteCase{ "Mcp", "/mcp/github", "mcp github - -" },
        RouteCase{ "McpKey", "/mcp/github/" + key86, "mcp github “" + key86 + "” -" },
        RouteCase{ "McpShortKey", "/mcp/github/abc", "mcp github “abc” -" },
        RouteCase{ "McpSse", "/mcp/github/sse", "sse github - sse" },
        RouteCase{ "McpMessages", "/mcp/github/messages", "sse github - messages" },
        RouteCase{ "McpKeySse", "/mcp/github/" + key86 + "/sse", "sse github “" + key86 + "” sse" },
        RouteCase{ "McpKeyMessages", "/mcp/github/k/messages", "sse github “k” messages" },
        RouteCase{ "McpCalledSse", "/mcp/sse", "mcp sse - -" },
        RouteCase{ "McpNameIsNotChecked", "/mcp/Git%20Hub", "mcp Git%20Hub - -" },
        RouteCase{ "Http", "/http/api/users/1", "http api - /users/1" },
        RouteCase{ "HttpBare", "/http/api", "http api - " },
        RouteCase{ "HttpSlash", "/http/api/", "http api - /" },
        RouteCase{ "HttpTrailingSlash", "/http/api/users/", "http api - /users/" },
        RouteCase{ "HttpKey", "/http/api/~" + key86 + "/users", "http api “" + key86 + "” /users" },
        RouteCase{ "HttpKeyBare", "/http/api/~" + key86, "http api “" + key86 + "” " },
        RouteCase{ "HttpMisspeltKey", "/http/api/~abc/users", "http api “abc” /users" },
        RouteCase{ "HttpEmptyKey", "/http/api/~/users", "http api “” /users" },
        RouteCase{ "HttpTildeLater", "/http/api/users/~me", "http api - /users/~me" },
        RouteCase{ "HttpStaysRaw", "/http/api/a%2fb%20c", "http api - /a%2fb%20c" },
        RouteCase{ "HttpDots", "/http/api/a..b/.well-known/...",
                   "http api - /a..b/.well-known/..." },
        RouteCase{ "Control", "/v1/status", "control - - /status" },
        RouteCase{ "ControlDeep", "/v1/bindings/github/login",
                   "control - - /bindings/github/login" },
        RouteCase{ "ControlUnescaped", "/v1/clients/My%20b%C3%BCro",
                   "control - - /clients/My büro" }),
    case_name<RouteCase>);

INSTANTIATE_TEST_SUITE_P (
    MatchesNothing,
    Route,
    testing::Values (RouteCase{ "Empty", "", nothing },
                     RouteCase{ "Root", "/", nothing },
                     RouteCase{ "Relative", "mcp/github", nothing },
                     RouteCase{ "WellKnown", "/.well-known/oauth-protected-resource", nothing },
                     RouteCase{ "HealthSlash", "/healthz/", nothing },
                     RouteCase{ "HealthMore", "/healthzz", nothing },
                     RouteCase{ "UpperCase", "/MCP/github", nothing },
                     RouteCase{ "Escaped", "/%6dcp/github", nothing },
                     RouteCase{ "DoubleSlash", "//mcp/github", nothing },
                     RouteCase{ "McpAlone", "/mcp", nothing },
                     RouteCase{ "McpSlash", "/mcp/", nothing },
                     RouteCase{ "McpTrailingSlash", "/mcp/github/", nothing },
                     RouteCase{ "McpEmptyName", "/mcp//key", nothing },
                     RouteCase{ "McpDot", "/mcp/./key", nothing },
                     RouteCase{ "McpDotDot", "/mcp/../v1/status", nothing },
                     RouteCase{ "McpDotDotAsKey", "/mcp/github/..", nothing },
                     RouteCase{ "McpSseSlash", "/mcp/github/sse/", nothing },
                     RouteCase{ "McpSseTwice", "/mcp/github/sse/sse", nothing },
                     RouteCase{ "McpOtherSuffix", "/mcp/github/key/other", nothing },
                     RouteCase{ "McpKeySlash", "/mcp/github/key/", nothing },
                     RouteCase{ "McpTooDeep", "/mcp/github/key/sse/x", nothing },
                     RouteCase{ "HttpAlone", "/http", nothing },
                     RouteCase{ "HttpEmptyName", "/http//x", nothing },
                     RouteCase{ "HttpEmptySegment", "/http/api//x", nothing },
                     RouteCase{ "HttpEmptySegmentLater", "/http/api/a//x", nothing },
                     RouteCase{ "HttpTwoSlashesLast", "/http/api/a//", nothing },
                     RouteCase{ "HttpUp", "/http/api/../x", nothing },
                     RouteCase{ "HttpUpLast", "/http/api/a/..", nothing },
                     RouteCase{ "HttpDot", "/http/api/a/./b", nothing },
                     RouteCase{ "HttpUpEscaped", "/http/api/%2e%2E/x", nothing },
                     RouteCase{ "HttpUpHalfEscaped", "/http/api/.%2e/x", nothing },
                     RouteCase{ "HttpUpInSegment", "/http/api/a%2f..%2fb", nothing },
                     RouteCase{ "HttpUpBackslash", "/http/api/a\\..\\b", nothing },
                     RouteCase{ "HttpUpParameter", "/http/api/..;x=1/b", nothing },
                     RouteCase{ "HttpUpBehindKey", "/http/api/~k/../x", nothing },
                     RouteCase{ "HttpKeyUp", "/http/api/~k/%2e%2e", nothing },
                     RouteCase{ "ControlAlone", "/v1", nothing },
                     RouteCase{ "ControlSlash", "/v1/", nothing },
                     RouteCase{ "ControlTrailingSlash", "/v1/status/", nothing },
                     RouteCase{ "ControlUp", "/v1/bindings/%2e%2e", nothing },
                     RouteCase{ "ControlEscapedSlash", "/v1/clients/a%2Fb", nothing },
                     RouteCase{ "ControlEscapedNul", "/v1/clients/a%00b", nothing },
                     RouteCase{ "ControlBadEscape", "/v1/clients/a%zz", nothing },
                     RouteCase{ "ControlCutEscape", "/v1/clients/a%4", nothing },
                     RouteCase{ "ControlBadUtf8", "/v1/clients/a%ff", nothing },
                     RouteCase{ "OtherVersion", "/v2/status", nothing },
                     RouteCase{ "Query", "/mcp/github?key=x", nothing },
                     RouteCase{ "Fragment", "/mcp/github#x", nothing },
                     RouteCase{ "Space", "/mcp/git hub", nothing },
                     RouteCase{ "Newline", "/http/api/a\r\nX: y", nothing },
                     RouteCase{ "HighByte", "/mcp/gr\xc3\xb6", nothing },
                     RouteCase{ "HugeKey", "/mcp/github/" + std::string (70000, 'A'), nothing }),
    case_name<RouteCase>);

} // namespace
