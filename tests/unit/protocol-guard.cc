// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/guard.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct GuardCase
{
  const char *name;
  const char *host, *origin;
  BfyGuard want;
  guint16 port = 7391;
};

class Guard : public testing::TestWithParam<GuardCase>
{
};

TEST_P (Guard, Decides)
{
  const GuardCase &row = GetParam ();

  EXPECT_EQ (bfy_guard_check (row.host, row.origin, row.port), row.want);
}

// behaviour 2.1, A24; craft J30 (rebinding).
INSTANTIATE_TEST_SUITE_P (
    Hosts,
    Guard,
    testing::Values (
        GuardCase{ "Loopback", "127.0.0.1:7391", nullptr, BFY_GUARD_ALLOW },
        GuardCase{ "Localhost", "localhost:7391", nullptr, BFY_GUARD_ALLOW },
        GuardCase{ "LocalhostUpperCase", "LOCALHOST:7391", nullptr, BFY_GUARD_ALLOW },
        GuardCase{ "SixLoopback", "[::1]:7391", nullptr, BFY_GUARD_ALLOW },
        GuardCase{ "Port80LeftOut", "localhost", nullptr, BFY_GUARD_ALLOW, 80 },
        GuardCase{ "Port80LeftOutSix", "[::1]", nullptr, BFY_GUARD_ALLOW, 80 },
        GuardCase{ "Port80Written", "127.0.0.1:80", nullptr, BFY_GUARD_ALLOW, 80 },
        GuardCase{ "LargestPort", "127.0.0.1:65535", nullptr, BFY_GUARD_ALLOW, 65535 },
        GuardCase{ "Missing", nullptr, nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "Empty", "", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortLeftOut", "127.0.0.1", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortEmpty", "127.0.0.1:", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortEmptyAt80", "127.0.0.1:", nullptr, BFY_GUARD_FOREIGN_HOST, 80 },
        GuardCase{ "OtherPort", "127.0.0.1:7392", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortPrefix", "127.0.0.1:739", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortLonger", "127.0.0.1:73910", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortLeadingZero", "127.0.0.1:07391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "PortPlus", "127.0.0.1:+7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "Rebinding", "evil.example:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "RebindingNoPort", "evil.example.com", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "LocalhostPrefix", "localhost.evil.example:7391", nullptr,
                   BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "AddressPrefix", "127.0.0.1.nip.io:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "Subdomain", "a.localhost:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "TrailingDot", "localhost.:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "AddressTrailingDot", "127.0.0.1.:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "OtherLoopback", "127.0.0.2:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "AnyAddress", "0.0.0.0:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "OddSpelling", "127.1:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "SixWithoutBrackets", "::1:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "SixLong", "[0:0:0:0:0:0:0:1]:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "UserInfo", "x@127.0.0.1:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "UserInfoBehind", "127.0.0.1:7391@evil", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "TwoHosts", "127.0.0.1:7391, evil.example", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "TwoHostsForeignFirst", "evil.example, 127.0.0.1:7391", nullptr,
                   BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "Path", "127.0.0.1:7391/mcp", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "LeadingSpace", " 127.0.0.1:7391", nullptr, BFY_GUARD_FOREIGN_HOST },
        GuardCase{ "TrailingSpace", "127.0.0.1:7391 ", nullptr, BFY_GUARD_FOREIGN_HOST }),
    case_name<GuardCase>);

// craft J31: a page in a browser.
INSTANTIATE_TEST_SUITE_P (
    Origins,
    Guard,
    testing::Values (
        GuardCase{ "Own", "127.0.0.1:7391", "http://127.0.0.1:7391", BFY_GUARD_ALLOW },
        GuardCase{ "OwnOtherName", "127.0.0.1:7391", "http://localhost:7391", BFY_GUARD_ALLOW },
        GuardCase{ "OwnSix", "[::1]:7391", "http://[::1]:7391", BFY_GUARD_ALLOW },
        GuardCase{ "OwnHostUpperCase", "127.0.0.1:7391", "http://LocalHost:7391", BFY_GUARD_ALLOW },
        GuardCase{ "OwnAt80", "localhost", "http://localhost", BFY_GUARD_ALLOW, 80 },
        GuardCase{ "Null", "127.0.0.1:7391", "null", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Empty", "127.0.0.1:7391", "", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Https", "127.0.0.1:7391", "https://127.0.0.1:7391", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "NoScheme", "127.0.0.1:7391", "127.0.0.1:7391", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Path", "127.0.0.1:7391", "http://127.0.0.1:7391/", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "OtherPort", "127.0.0.1:7391", "http://127.0.0.1:80", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "NoPort", "127.0.0.1:7391", "http://localhost", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Page", "127.0.0.1:7391", "https://evil.example", BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Prefix", "127.0.0.1:7391", "http://localhost:7391.evil.example",
                   BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "UserInfo", "127.0.0.1:7391", "http://localhost:7391@evil.example",
                   BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Extension", "127.0.0.1:7391", "chrome-extension://abcdefgh",
                   BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "Two", "127.0.0.1:7391", "http://localhost:7391 http://evil.example",
                   BFY_GUARD_FOREIGN_ORIGIN },
        GuardCase{ "BothForeign", "evil.example:7391", "http://evil.example:7391",
                   BFY_GUARD_FOREIGN_HOST }),
    case_name<GuardCase>);

} // namespace
