// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/decoy.h"
}

struct DecoyCase
{
  const char *name, *service, *prefix;
  size_t length;
};

class Decoy : public testing::TestWithParam<DecoyCase>
{
protected:
  std::string make ()
  {
    Error error;
    g_autoptr (BfySecret) decoy = bfy_decoy_new (GetParam ().service, error.out ());

    EXPECT_NE (decoy, nullptr) << error;
    return decoy != nullptr ? bfy_secret_peek_text (decoy) : "";
  }
};

TEST_P (Decoy, LooksLikeATokenOfTheService)
{
  const DecoyCase &row = GetParam ();
  std::string first = make ();

  EXPECT_EQ (first.rfind (row.prefix, 0), 0u) << first;
  EXPECT_EQ (first.size (), row.length) << first;
  EXPECT_TRUE (std::all_of (first.begin (), first.end (), [] (char c) {
    return g_ascii_isalnum (c) || c == '_' || c == '=';
  })) << first;
  EXPECT_NE (first, make ());
}

INSTANTIATE_TEST_SUITE_P (All,
                          Decoy,
                          testing::Values (DecoyCase{ "GitHub", "github", "ghp_", 40 },
                                           DecoyCase{ "Linear", "linear", "lin_api_", 48 },
                                           DecoyCase{ "Notion", "notion", "ntn_", 50 },
                                           DecoyCase{ "Figma", "figma", "figd_", 45 },
                                           DecoyCase{ "Atlassian", "atlassian", "ATATT3xFfGF0",
                                                      192 },
                                           DecoyCase{ "AnotherOne", "ticktick", "", 40 },
                                           DecoyCase{ "None", nullptr, "", 40 }),
                          [] (const auto &row) { return row.param.name; });

// The last six characters are the CRC-32 of the thirty before them, in base62: secret scanners drop
// what does not fit. With "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" GitHub's own example has "0mLq17".
TEST (DecoyCheck, IsThatOfGitHub)
{
  static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  auto check = [] (const std::string &random) {
    guint32 crc = ~0u;
    std::string out (6, '0');

    for (unsigned char c : random)
      for (crc ^= c, c = 0; c < 8; c++)
        crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
    crc = ~crc;
    for (int i = 5; i >= 0; i--, crc /= 62)
      out[i] = base62[crc % 62];
    return out;
  };
  Error error;
  g_autoptr (BfySecret) decoy = bfy_decoy_new ("github", error.out ());
  std::string text = bfy_secret_peek_text (decoy);

  ASSERT_EQ (check ("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), "0mLq17");
  EXPECT_EQ (text.substr (34), check (text.substr (4, 30))) << text;
}
