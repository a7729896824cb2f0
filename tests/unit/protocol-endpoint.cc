// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/endpoint.h"
}

struct EndpointCase
{
  const char *name, *stream_url;
  std::string data;
  const char *want; // nullptr: refused
};

class EndpointTest : public testing::TestWithParam<EndpointCase>
{
};

TEST_P (EndpointTest, StaysWithinTheOriginOfTheStream)
{
  const EndpointCase &row = GetParam ();
  Error error;
  g_autofree char *got =
      bfy_endpoint_resolve (row.stream_url, row.data.data (), row.data.size (), error.out ());

  EXPECT_STREQ (got, row.want);
  if (row.want == nullptr)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
    }
}

static const char local_stream[] = "http://127.0.0.1:3001/sse";
static const char nested_stream[] = "https://a.example/v1/mcp/sse?team=7";

INSTANTIATE_TEST_SUITE_P (
    Resolved,
    EndpointTest,
    testing::Values (
        EndpointCase{ "AbsolutePath", local_stream, "/message?sessionId=a-1",
                      "http://127.0.0.1:3001/message?sessionId=a-1" },
        EndpointCase{ "RelativePath", nested_stream, "messages/?session_id=1",
                      "https://a.example/v1/mcp/messages/?session_id=1" },
        EndpointCase{ "Upwards", nested_stream, "../messages", "https://a.example/v1/messages" },
        EndpointCase{ "Above", nested_stream, "../../../../m", "https://a.example/m" },
        EndpointCase{ "QueryOnly", nested_stream, "?s=1", "https://a.example/v1/mcp/sse?s=1" },
        EndpointCase{ "SameOrigin", local_stream, "http://127.0.0.1:3001/m?s=1",
                      "http://127.0.0.1:3001/m?s=1" },
        EndpointCase{ "SameOriginInOtherLetters", nested_stream, "HTTPS://A.Example:443/m",
                      "https://a.example/m" },
        EndpointCase{ "SchemeRelative", nested_stream, "//a.example/m", "https://a.example/m" },
        EndpointCase{ "Escapes", local_stream, "/m/%2Fx?a=%2F&b=%00",
                      "http://127.0.0.1:3001/m/%2Fx?a=%2F&b=%00" },
        EndpointCase{ "Fragment", local_stream, "/m#x", "http://127.0.0.1:3001/m" },
        EndpointCase{ "ColonInAPath", local_stream, "/m:1", "http://127.0.0.1:3001/m:1" }),
    case_name<EndpointCase>);

// acceptance: the credential must not follow the upstream's word to another place.
INSTANTIATE_TEST_SUITE_P (
    Foreign,
    EndpointTest,
    testing::Values (
        EndpointCase{ "Host", nested_stream, "https://evil.example/m", nullptr },
        EndpointCase{ "SchemeRelative", nested_stream, "//evil.example/m", nullptr },
        EndpointCase{ "ThreeSlashes", nested_stream, "///evil.example/m", nullptr },
        EndpointCase{ "Backslashes", nested_stream, "\\\\evil.example/m", nullptr },
        EndpointCase{ "SlashBackslash", nested_stream, "/\\evil.example/m", nullptr },
        EndpointCase{ "Port", local_stream, "http://127.0.0.1:3002/m", nullptr },
        EndpointCase{ "DefaultPort", local_stream, "http://127.0.0.1/m", nullptr },
        EndpointCase{ "LosesTls", "https://127.0.0.1/sse", "http://127.0.0.1/m", nullptr },
        EndpointCase{ "OtherSchemePort", "https://127.0.0.1/sse", "http://127.0.0.1:443/m",
                      nullptr },
        EndpointCase{ "UserInfo", nested_stream, "https://u:p@a.example/m", nullptr },
        EndpointCase{ "HostAsUserInfo", nested_stream, "https://a.example@evil.example/m",
                      nullptr },
        EndpointCase{ "LongerHost", nested_stream, "https://a.example.evil.example/m", nullptr },
        EndpointCase{ "Subdomain", nested_stream, "https://b.a.example/m", nullptr },
        EndpointCase{ "OtherNameOfLoopback", local_stream, "http://localhost:3001/m", nullptr }),
    case_name<EndpointCase>);

INSTANTIATE_TEST_SUITE_P (
    NoUrl,
    EndpointTest,
    testing::Values (EndpointCase{ "Empty", local_stream, "", nullptr },
                     EndpointCase{ "Space", local_stream, "/m m", nullptr },
                     EndpointCase{ "LeadingSpace", local_stream, " /m", nullptr },
                     EndpointCase{ "TwoLines", local_stream, "/m\nHost: evil.example", nullptr },
                     EndpointCase{ "Nul", local_stream, std::string ("/m\0x", 4), nullptr },
                     EndpointCase{ "Tab", local_stream, "/\t/evil.example", nullptr },
                     EndpointCase{ "NotAscii", local_stream, "/\xc3\xa9", nullptr },
                     EndpointCase{ "Script", local_stream, "javascript:alert(1)", nullptr },
                     EndpointCase{ "File", local_stream, "file:///etc/passwd", nullptr },
                     EndpointCase{ "SchemeWithoutHost", local_stream, "http:m", nullptr },
                     EndpointCase{ "BrokenEscape", local_stream, "/m%2", nullptr },
                     EndpointCase{ "BrokenHost", local_stream, "http://[::1/m", nullptr },
                     EndpointCase{ "Longest", local_stream,
                                   "/" + std::string (BFY_ENDPOINT_BYTES_MAX, 'm'), nullptr },
                     EndpointCase{ "AMegabyte", local_stream, "/" + std::string (1 << 20, 'm'),
                                   nullptr },
                     EndpointCase{ "Object", local_stream, "{\"uri\":\"/m\"}", nullptr }),
    case_name<EndpointCase>);

TEST (Endpoint, MayBeAsLongAsTheCap)
{
  std::string data = "/" + std::string (BFY_ENDPOINT_BYTES_MAX - 1, 'm');
  Error error;
  g_autofree char *got =
      bfy_endpoint_resolve (local_stream, data.data (), data.size (), error.out ());

  EXPECT_EQ (std::string (got), "http://127.0.0.1:3001" + data) << error;
}

struct VerdictCase
{
  const char *name, *type, *data;
  bool is_first, is_wanted;
  BfyEndpointVerdict want;
};

class VerdictTest : public testing::TestWithParam<VerdictCase>
{
};

TEST_P (VerdictTest, LetsOneEndpointPassAndThatFirst)
{
  const VerdictCase &row = GetParam ();
  BfySseEvent event = { row.type, row.data, strlen (row.data), nullptr, -1 };

  EXPECT_EQ (bfy_endpoint_judge (&event, row.is_first, row.is_wanted), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Events,
    VerdictTest,
    testing::Values (
        VerdictCase{ "First", "endpoint", "/m", true, false, BFY_ENDPOINT_ANNOUNCE },
        VerdictCase{ "FirstWanted", "endpoint", "/m", true, true, BFY_ENDPOINT_ANNOUNCE },
        VerdictCase{ "FirstEmpty", "endpoint", "", true, false, BFY_ENDPOINT_ANNOUNCE },
        VerdictCase{ "Later", "endpoint", "/m", false, false, BFY_ENDPOINT_DROP },
        VerdictCase{ "LaterWanted", "endpoint", "/m", false, true, BFY_ENDPOINT_DROP },
        VerdictCase{ "Message", "message", "{}", true, false, BFY_ENDPOINT_PASS },
        VerdictCase{ "MessageInstead", "message", "{}", true, true, BFY_ENDPOINT_MISSING },
        VerdictCase{ "MessageAfter", "message", "{}", false, true, BFY_ENDPOINT_PASS },
        VerdictCase{ "DelayBefore", "message", "", true, true, BFY_ENDPOINT_PASS },
        VerdictCase{ "OtherCase", "Endpoint", "/m", false, false, BFY_ENDPOINT_PASS }),
    case_name<VerdictCase>);

TEST (Endpoint, TellsThePathThatTheClientUsed)
{
  EXPECT_EQ (take_text (bfy_endpoint_format ("/mcp/svc", FALSE, "abc")),
             "/mcp/svc/messages?sessionId=abc");
  EXPECT_EQ (take_text (bfy_endpoint_format ("/mcp/svc/KEY", FALSE, "abc")),
             "/mcp/svc/KEY/messages?sessionId=abc");
  EXPECT_EQ (take_text (bfy_endpoint_format ("/mcp/svc/KEY/sse", TRUE, "abc")),
             "/mcp/svc/KEY/messages?sessionId=abc");
  EXPECT_EQ (take_text (bfy_endpoint_format ("/mcp/sse/sse", TRUE, "abc")),
             "/mcp/sse/messages?sessionId=abc");
  EXPECT_EQ (take_text (bfy_endpoint_format ("/mcp/sse", FALSE, "abc")),
             "/mcp/sse/messages?sessionId=abc");
}

TEST (Endpoint, FindsTheIdInAQuery)
{
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("sessionId=abc")), "abc");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("a=b&sessionId=abc&c=d")), "abc");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("sessionId=")), "");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("xsessionId=abc")), "(null)");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("a=sessionId=abc")), "(null)");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id ("")), "(null)");
  EXPECT_EQ (take_text (bfy_endpoint_dup_id (nullptr)), "(null)");
}
