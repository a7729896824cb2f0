// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The sink that all processes log through (behaviour 20).

#include <gmock/gmock.h>
#include <random>
#include <vector>

#include "tests/fixture/valgrind.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/client-key.h"
#include "protocol/log-line.h"
#include "protocol/log.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

GLogField
field (const char *key, const char *value)
{
  return { key, value, -1 };
}

std::string
clean (const char *key, const std::string &value)
{
  GLogField one = field (key, value.c_str ());

  return take_text (bfy_log_clean_field (&one));
}

// What is known goes exactly, whatever it looks like.
class LogKnown : public testing::Test
{
protected:
  void SetUp () override
  {
    bfy_log_set_known (take_out, nullptr);
  }
  void TearDown () override
  {
    bfy_log_set_known (nullptr, nullptr);
  }
  static char *take_out (gpointer, const char *text)
  {
    std::string line = text;
    const size_t at = line.find ("swordfish");

    if (at == std::string::npos)
      return nullptr;
    line.replace (at, strlen ("swordfish"), "[REDACTED]");
    return g_strdup (line.c_str ());
  }
};

} // namespace

TEST_F (LogKnown, GoesFirstAndExactly)
{
  EXPECT_EQ (clean ("MESSAGE", "the word is swordfish, he said"),
             "the word is [REDACTED], he said");
  EXPECT_EQ (take_text (bfy_log_clean ("a swordfish and Bearer abc")),
             "a [REDACTED] and Bearer [REDACTED]");
  EXPECT_EQ (take_text (bfy_log_clean (nullptr)), "");
}

// behaviour 20.3: P3 was a list of fields that were thought to be safe.
TEST (Log, NoFieldIsExempt)
{
  for (const char *key : { "MESSAGE", "PATH", "ERROR", "BINDIFY_DETAIL", "CODE_FILE", "path" })
    EXPECT_EQ (clean (key, "x ghp_16C7e42F292c6912E7710c838347Ae178B4a"), "x [REDACTED:40chars]")
        << key;
}

// behaviour 20.4
TEST (Log, IdsAreCut)
{
  EXPECT_EQ (clean ("BINDIFY_BINDING_ID", "6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"), "6f1c2d3e...");
  EXPECT_EQ (clean ("BINDIFY_BINDING_ID", "6f1c2d3e"), "6f1c2d3e");
  EXPECT_EQ (clean ("BINDIFY_BINDING", "a-long-name-of-one"), "a-long-name-of-one");
  EXPECT_EQ (clean ("MESSAGE_ID", "39f53479d3a045ac"), "39f53479d3a045ac");
}

TEST (Log, BytesEndAtANul)
{
  GLogField bytes = { "MESSAGE", "ab\0ghp_16C7e42F292c6912", 23 };

  EXPECT_EQ (take_text (bfy_log_clean_field (&bytes)), "ab");
}

// behaviour 20.1, P5: what a caller names its fields changes nothing of the first four.
TEST (LogLine, FixedFieldsWin)
{
  const GLogField fields[] = {
    field ("TIMESTAMP", "never"),
    field ("LEVEL", "fine"),
    field ("MESSAGE", "one \"quoted\"\nline"),
    field ("MESSAGE", "two"),
    field ("GLIB_DOMAIN", "bindify"),
    field ("BINDIFY_EVENT", "paused"),
    field ("BINDIFY_EVENT", "resumed"),
    field ("CODE_LINE", "12"),
  };

  EXPECT_EQ (take_text (bfy_log_line (G_LOG_LEVEL_WARNING, fields, G_N_ELEMENTS (fields), 250)),
             "{\"timestamp\":\"1970-01-01T00:00:00.250Z\",\"level\":\"warning\","
             "\"domain\":\"bindify\",\"message\":\"one \\\"quoted\\\"\\nline\","
             "\"bindify_event\":\"paused\"}\n");
}

TEST (LogLine, ManagesWithoutAMessage)
{
  EXPECT_EQ (take_text (bfy_log_line (G_LOG_LEVEL_DEBUG, nullptr, 0, 1)),
             "{\"timestamp\":\"1970-01-01T00:00:00.001Z\",\"level\":\"debug\",\"domain\":null,"
             "\"message\":\"\"}\n");
}

TEST (LogLine, IsJsonWhateverTheBytesAre)
{
  const GLogField fields[] = { field ("MESSAGE", "a\xff\x1b[31m\x01") };
  const std::string line = take_text (bfy_log_line (G_LOG_LEVEL_INFO, fields, 1, 1));

  EXPECT_TRUE (g_utf8_validate (line.c_str (), -1, nullptr)) << line;
  EXPECT_THAT (line, Not (HasSubstr ("\x1b")));
  EXPECT_EQ (line.find ('\n'), line.size () - 1);
}

// --- A5 ---

namespace
{

std::string
random_text (std::mt19937 &generator, size_t length, const char *alphabet)
{
  std::uniform_int_distribution<size_t> any (0, strlen (alphabet) - 1);
  std::string text;

  for (size_t i = 0; i < length; i++)
    text += alphabet[any (generator)];
  return text;
}

constexpr char kAlnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr char kHex[] = "0123456789abcdef";

std::string
base64 (const std::string &bytes)
{
  return take_text (
      g_base64_encode (reinterpret_cast<const guchar *> (bytes.data ()), bytes.size ()));
}

// Each as it really comes: the whole of what a log may see of it, and the part that is secret.
struct Shape
{
  std::string text, secret;
};

std::vector<Shape>
real_shapes (std::mt19937 &generator)
{
  std::string bytes;
  std::uniform_int_distribution<int> byte (0, 255);
  for (int i = 0; i < 32; i++)
    bytes += static_cast<char> (byte (generator));
  const std::string tail = random_text (generator, 36, kAlnum),
                    hex40 = random_text (generator, 40, kHex), plain = base64 (bytes),
                    basic = base64 ("ada:" + random_text (generator, 14, kAlnum)),
                    odd = random_text (generator, 12, kAlnum) + "~+/=";
  std::string url = plain;
  for (char &c : url)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (url.back () == '=')
    url.pop_back ();
  const std::string edges = "-" + url.substr (1, url.size () - 2) + "-";

  return {
    { url, url },
    { edges, edges },
    { plain, plain },
    { hex40, hex40 },
    { "ghp_" + tail, tail },
    { "gho_" + tail, tail },
    { "github_pat_" + tail, tail },
    { "lin_api_" + tail, tail },
    { "figd_" + tail, tail },
    { "ntn_" + tail, tail },
    { "ATATT3" + tail + "=1A2B3C4D", tail },
    { "sk-ant-" + tail, tail },
    { "xoxb-" + tail, tail },
    { "AIza" + tail, tail },
    { "npm_" + tail, tail },
    { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + url, url },
    { "bnd_local_" + url + url, url },
    { "Basic " + basic, basic },
    { "Bearer " + odd, odd },
    { "Bearer " + tail.substr (0, 9), tail.substr (0, 9) },
    { "token " + hex40, hex40 },
    { "https://ada:" + tail.substr (0, 12) + "@h.example/", tail.substr (0, 12) },
  };
}

// Fields, paths, headers and errors; "%" is where it stands.
const struct
{
  const char *key, *text;
} places[] = {
  { "MESSAGE", "%" },
  { "MESSAGE", "Cannot renew “x”: the server said: % is no good" },
  { "PATH", "/some/where?k=%" },
  { "PATH", "/mcp/github/%" },
  { "PATH", "/http/api/~%/users" },
  { "BINDIFY_DETAIL", "(%)" },
  { "BINDIFY_BINDING_ID", "%" },
  { "ERROR", "{\"error\":\"%\"}" },
  { "HEADER", "Authorization: %" },
  { "HEADER", "Cookie: a=%; b=c" },
  { "HEADER", "X-Figma-Token: %" },
  { "CODE_FILE", "%" },
  { "UNHEARD_OF", "a [%] b" },
};

} // namespace

// behaviour 25, A5: 1,000 random 32-byte secrets and all real shapes; none survives. No stretch
// of 8 characters, that is.
TEST (LogAcceptance, A5NoSecretSurvivesInAnyFieldPathHeaderOrError)
{
  std::mt19937 generator (20261126);
  const int n_rounds = is_under_valgrind () ? 10 : 1000;
  for (int round = 0; round < n_rounds; round++)
    for (const Shape &shape : real_shapes (generator))
      for (const auto &place : places)
        {
          std::string text = place.text;
          text.replace (text.find ('%'), 1, shape.text);
          const std::string line = clean (place.key, text);
          // What is plain up to the first slash of it may be a path (protocol/token-shape.h).
          const size_t stretch = shape.secret.find ('/') == std::string::npos ? 8 : 16;

          for (size_t i = 0; i + stretch <= shape.secret.size (); i++)
            ASSERT_EQ (line.find (shape.secret.substr (i, stretch)), std::string::npos)
                << place.key << "=" << text << "\n"
                << line;
        }
}
