// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/scrub.h"
}

namespace
{

using ::operator<<; // prints a row by its name

using testing::HasSubstr;
using testing::Not;

constexpr char kSecret[] = "s3cr3t/Token+With~Chars=";

BfyScrub *
scrub_for (const std::string &text)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (text.data (), text.size ());

  return bfy_scrub_new (secret);
}

std::string
clean (const BfyScrub *scrub, const std::string &text)
{
  gsize length = 0;
  g_autofree char *out = bfy_scrub_text (scrub, text.data (), text.size (), &length);

  return out != nullptr ? std::string (out, length) : text;
}

std::string
clean_json (const BfyScrub *scrub, const std::string &text)
{
  gsize length = 0;
  g_autofree char *out = bfy_scrub_json (scrub, text.data (), text.size (), &length);

  return out != nullptr ? std::string (out, length) : text;
}

std::string
base64 (const std::string &text)
{
  return take_text (
      g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ()));
}

} // namespace

struct ScrubCase
{
  const char *name;
  std::string text, want;
};

class ScrubText : public testing::TestWithParam<ScrubCase>
{
};

TEST_P (ScrubText, TakesTheSecretOut)
{
  g_autoptr (BfyScrub) scrub = scrub_for (kSecret);

  EXPECT_EQ (clean (scrub, GetParam ().text), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    ScrubText,
    testing::Values (
        ScrubCase{ "Nothing", "hello world", "hello world" },
        ScrubCase{ "Empty", "", "" },
        ScrubCase{ "Alone", kSecret, "[REDACTED]" },
        ScrubCase{ "Within", std::string ("TOKEN=") + kSecret + "!", "TOKEN=[REDACTED]!" },
        ScrubCase{ "Twice", std::string (kSecret) + kSecret, "[REDACTED][REDACTED]" },
        ScrubCase{ "Half", "s3cr3t/Token+With~Chars", "s3cr3t/Token+With~Chars" },
        ScrubCase{ "HexLower", "x7333637233742f546f6b656e2b576974687e43686172733dx",
                   "x[REDACTED]x" },
        ScrubCase{ "HexUpper", "7333637233742F546F6B656E2B576974687E43686172733D", "[REDACTED]" },
        ScrubCase{ "Percent", "a=s3cr3t%2FToken%2BWith~Chars%3D&b", "a=[REDACTED]&b" },
        ScrubCase{ "PercentLower", "s3cr3t%2fToken%2bWith~Chars%3d", "[REDACTED]" }),
    [] (const auto &info) { return info.param.name; });

// At every offset in the groups of three bytes, in both alphabets, with anything around it.
TEST (Scrub, FindsBase64AtAnyOffset)
{
  const std::string secret = "k\xc3\xbf\xc3\xbe?>~secret-value"; // makes "+" and "/"
  g_autoptr (BfyScrub) scrub = scrub_for (secret);

  for (size_t n_before = 0; n_before < 7; n_before++)
    for (size_t n_after = 0; n_after < 4; n_after++)
      {
        std::string text =
            base64 (std::string (n_before, 'b') + secret + std::string (n_after, 'a'));
        std::string url = text;

        for (char &c : url)
          c = c == '+' ? '-' : c == '/' ? '_' : c;
        EXPECT_THAT (clean (scrub, text), HasSubstr ("[REDACTED]")) << text;
        EXPECT_THAT (clean (scrub, url), HasSubstr ("[REDACTED]")) << url;
        // What is left of it does not decode to it.
        EXPECT_LT (clean (scrub, text).size (), text.size () + 10 - secret.size ());
      }
}

TEST (Scrub, LeavesShortSecretsAlone)
{
  g_autoptr (BfyScrub) scrub = scrub_for ("abc");

  EXPECT_EQ (clean (scrub, "abc"), "abc");
  EXPECT_EQ (clean (nullptr, "abc"), "abc");
}

class ScrubJson : public testing::TestWithParam<ScrubCase>
{
};

TEST_P (ScrubJson, StaysJson)
{
  g_autoptr (BfyScrub) scrub = scrub_for ("a\"b\\c/d\ne");
  std::string out = clean_json (scrub, GetParam ().text);
  Error error;

  EXPECT_TRUE (bfy_json_check (out.data (), out.size (), error.out ())) << error << out;
  EXPECT_EQ (out, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    ScrubJson,
    testing::Values (
        ScrubCase{ "Nothing", R"({"a":"b\n","c":[1,"d"]})", R"({"a":"b\n","c":[1,"d"]})" },
        ScrubCase{ "Escaped", R"({"env":"T=a\"b\\c/d\ne;"})", R"({"env":"T=[REDACTED];"})" },
        ScrubCase{ "OtherEscapes", R"(["\u0061\u0022b\u005Cc\/d\u000ae"])", R"(["[REDACTED]"])" },
        ScrubCase{ "InAKey", R"({"a\"b\\c/d\ne":1})", R"({"[REDACTED]":1})" },
        ScrubCase{ "JsonWithinJson", R"(["{\"k\":\"a\\\"b\\\\c/d\\ne\"}"])",
                   R"(["{\"k\":\"[REDACTED]\"}"])" },
        ScrubCase{ "JsonTwiceWithinJson",
                   R"(["{\"k\":\"{\\\"j\\\":\\\"a\\\\\\\"b\\\\\\\\c/d\\\\ne\\\"}\"}"])",
                   R"(["{\"k\":\"{\\\"j\\\":\\\"[REDACTED]\\\"}\"}"])" },
        ScrubCase{ "Twice", R"(["a\"b\\c/d\ne",2,"a\"b\\c/d\ne"])",
                   R"(["[REDACTED]",2,"[REDACTED]"])" }),
    [] (const auto &info) { return info.param.name; });

TEST (Scrub, KnowsWhereACutMayHideABeginning)
{
  g_autoptr (BfyScrub) scrub = scrub_for (kSecret);
  const std::string text = std::string ("log: ") + kSecret;

  for (size_t n = 0; n <= text.size (); n++)
    {
      gsize safe = bfy_scrub_safe_length (scrub, text.data (), n);

      // Of an incomplete secret at most two bytes are shown.
      if (n > 5 && n < text.size ())
        EXPECT_LE (safe, 5u + 2) << n;
      else
        EXPECT_EQ (safe, n);
    }
}
