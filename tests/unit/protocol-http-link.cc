// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/http-link.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct LinkCase
{
  const char *name, *header, *value, *want;
};

class HttpLink : public testing::TestWithParam<LinkCase>
{
};

TEST_P (HttpLink, LeadsThroughTheDoorOrStaysAsItIs)
{
  const BfyLinkPlace place = { "https://api.example.com/v1", "https://api.example.com/v1/a/b?c",
                               "/http/api" };
  g_autofree char *value = bfy_http_link_rewrite (&place, GetParam ().header, GetParam ().value);

  EXPECT_STREQ (value, GetParam ().want);
}

#define BASE "https://api.example.com/v1"

INSTANTIATE_TEST_SUITE_P (
    Links,
    HttpLink,
    testing::Values (
        LinkCase{ "Absolute", "Location", BASE "/x", "/http/api/x" },
        LinkCase{ "Query", "Location", BASE "/x?p=1&q=%2F#f", "/http/api/x?p=1&q=%2F#f" },
        LinkCase{ "Escapes", "Location", BASE "/a%20b", "/http/api/a%20b" },
        LinkCase{ "Base", "Location", BASE, "/http/api/" },
        LinkCase{ "FromTheRoot", "Location", "/v1/x", "/http/api/x" },
        LinkCase{ "Relative", "Location", "x", "/http/api/a/x" },
        LinkCase{ "RelativeUp", "Location", "../x", "/http/api/x" },
        LinkCase{ "QueryOnly", "Location", "?d", "/http/api/a/b?d" },
        LinkCase{ "UsualPort", "Location", "https://api.example.com:443/v1/x", "/http/api/x" },
        LinkCase{ "Capitals", "location", "HTTPS://API.example.com/v1/x", "/http/api/x" },
        LinkCase{ "OtherHost", "Location", "https://x.example/v1/x", "https://x.example/v1/x" },
        LinkCase{ "HostBelow", "Location", "https://api.example.com.evil.example/v1/x",
                  "https://api.example.com.evil.example/v1/x" },
        LinkCase{ "OtherScheme", "Location", "http://api.example.com/v1/x",
                  "http://api.example.com/v1/x" },
        LinkCase{ "OtherPort", "Location", "https://api.example.com:8443/v1/x",
                  "https://api.example.com:8443/v1/x" },
        LinkCase{ "User", "Location", "https://u@api.example.com/v1/x",
                  "https://u@api.example.com/v1/x" },
        LinkCase{ "OtherPath", "Location", "https://api.example.com/v2/x",
                  "https://api.example.com/v2/x" },
        LinkCase{ "AlmostThePath", "Location", "https://api.example.com/v11/x",
                  "https://api.example.com/v11/x" },
        LinkCase{ "UpAndOut", "Location", BASE "/../admin", BASE "/../admin" },
        LinkCase{ "NoLink", "Location", "http://[", "http://[" },
        LinkCase{ "Pages", "Link",
                  "<" BASE "/x?page=2>; rel=\"next\", <https://x.example/>; rel=\"other\"",
                  "</http/api/x?page=2>; rel=\"next\", <https://x.example/>; rel=\"other\"" },
        LinkCase{ "Quoted", "Link", "<x>; title=\"<" BASE "/y> \\\" <x>\"",
                  "</http/api/a/x>; title=\"<" BASE "/y> \\\" <x>\"" },
        LinkCase{ "Open", "Link", "<" BASE "/x", "<" BASE "/x" }),
    case_name<LinkCase>);

TEST (HttpLinkHeaders, AreThree)
{
  EXPECT_TRUE (bfy_http_link_is_in ("LOCATION"));
  EXPECT_TRUE (bfy_http_link_is_in ("content-location"));
  EXPECT_TRUE (bfy_http_link_is_in ("Link"));
  EXPECT_FALSE (bfy_http_link_is_in ("Refresh"));
}

} // namespace
