// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/event-text.h"
#include "protocol/event-type.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct PathCase
{
  const char *name, *path, *want;
};

class PathPattern : public testing::TestWithParam<PathCase>
{
};

TEST_P (PathPattern, HidesWhatIsNoWord)
{
  EXPECT_EQ (take_text (bfy_path_pattern (GetParam ().path)), GetParam ().want);
}

// behaviour 21.11: no query string, no key path segment.
INSTANTIATE_TEST_SUITE_P (
    Paths,
    PathPattern,
    testing::Values (PathCase{ "Plain", "/mcp", "/mcp" },
                     PathCase{ "Root", "/", "/" },
                     PathCase{ "Empty", "", "" },
                     PathCase{ "Version", "/v1/oauth2/mcp", "/v1/oauth2/mcp" },
                     PathCase{ "Number", "/repos/octo/issues/17", "/repos/octo/issues/*" },
                     PathCase{ "Uuid", "/x/0f8fad5b-d9cb-469f-a165-70867728950e/y", "/x/*/y" },
                     PathCase{ "Hex", "/x/deadbeef00112233", "/x/*" },
                     PathCase{ "Key", "/mcp/sk-abc123def456", "/mcp/*" },
                     PathCase{ "LongWord", "/mcp/abcdefghijklmnopqrstuvwxyzabcdefghij", "/mcp/*" },
                     PathCase{ "Escaped", "/mcp/a%2Fb", "/mcp/*" },
                     PathCase{ "Odd", "/mcp/a=b", "/mcp/*" },
                     PathCase{ "Query", "/mcp?token=abc", "/mcp" },
                     PathCase{ "QueryWithSlash", "/mcp?next=/secret/x", "/mcp" },
                     PathCase{ "Fragment", "/mcp#abc", "/mcp" },
                     PathCase{ "TrailingSlash", "/api/", "/api/" },
                     PathCase{ "Deep", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n",
                               "/a/b/c/d/e/f/g/h/i/j/k/l/**" }),
    case_name<PathCase>);

TEST (EventTarget, IsHostAndPath)
{
  g_autoptr (BfyEvent) event = bfy_event_new ("proxy_request", 1);

  bfy_event_set_target (event, "https://mcp.example.com:8443/v1/12345/mcp?key=abc");
  EXPECT_STREQ (event->host, "mcp.example.com:8443");
  EXPECT_STREQ (event->path, "/v1/*/mcp");
  bfy_event_set_target (event, "https://mcp.example.com?key=abc");
  EXPECT_STREQ (event->host, "mcp.example.com");
  EXPECT_STREQ (event->path, "/");
  for (const char *other : { "", "stdio", "https://user:password@host/mcp" })
    {
      bfy_event_set_target (event, other);
      EXPECT_EQ (event->host, nullptr) << other;
      EXPECT_EQ (event->path, nullptr) << other;
    }
}

std::string
clean (const std::string &text)
{
  char *cleaned = bfy_event_text_clean (text.c_str (), nullptr, nullptr, nullptr);

  return cleaned != nullptr ? take_text (cleaned) : text;
}

TEST (EventText, IsOneShortLineWithoutCredentials)
{
  EXPECT_EQ (clean ("tools/call"), "tools/call");
  EXPECT_EQ (clean ("My laptop"), "My laptop");
  EXPECT_EQ (clean ("a\nb\x1b[31m"), "a\\nb\\u{1b}[31m");
  EXPECT_EQ (clean ("ghp_0123456789abcdef"), "[REDACTED:20chars]");
  EXPECT_EQ (clean ("Bearer abc"), "Bearer [REDACTED]");
  EXPECT_EQ (clean ("https://host/x?token=abc"), "https://host/x?[REDACTED]");
}

// What was found to be harmless may be a secret by now.
TEST (EventText, IsRememberedOnlyAsFarAsItsLooksGo)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, nullptr);
  auto take_all = +[] (const char *, gpointer) -> char * { return g_strdup ("[REDACTED]"); };

  EXPECT_EQ (bfy_event_text_clean ("My laptop", known, nullptr, nullptr), nullptr);
  EXPECT_EQ (g_hash_table_size (known), 1u);
  EXPECT_EQ (bfy_event_text_clean ("My laptop", known, nullptr, nullptr), nullptr);
  EXPECT_EQ (take_text (bfy_event_text_clean ("My laptop", known, take_all, nullptr)),
             "[REDACTED]");
  g_free (bfy_event_text_clean ("ghp_0123456789abcdef", known, nullptr, nullptr));
  EXPECT_EQ (g_hash_table_size (known), 1u) << "a credential is not remembered";
  for (int i = 0; i < 3000; i++)
    g_free (
        bfy_event_text_clean (("Tool " + std::to_string (i)).c_str (), known, nullptr, nullptr));
  EXPECT_LE (g_hash_table_size (known), 1024u);
}

TEST (EventText, IsCutAtAWholeCharacter)
{
  std::string text, cleaned;

  for (int i = 0; i < 200; i++)
    text += i % 2 == 0 ? "é" : " ";
  cleaned = clean (text);
  EXPECT_LE (cleaned.size (), BFY_EVENT_TEXT_BYTES_MAX);
  EXPECT_TRUE (g_utf8_validate (cleaned.c_str (), -1, nullptr));
  EXPECT_EQ (cleaned.substr (cleaned.size () - 3), "…");
}

// A token that lies across the end of what is looked at does not look like one any more.
TEST (EventText, LosesTheWordAtItsCut)
{
  for (int n : { 4096 - 10, 4096 - 40, 4096 })
    {
      std::string text;

      // What is redacted gets shorter, so that the end comes into sight.
      while (text.size () + 1000 < size_t (n))
        text += "ghp_" + std::string (900, 'a') + " ";
      text += std::string (n - text.size () - 1, ' ') + " ghp_0123456789abcdef0123456789abcdef";
      EXPECT_EQ (clean (text).find ("ghp_"), std::string::npos) << n;
    }
}

TEST (EventTypes, HaveDifferentNamesAndSaneCategories)
{
  for (guint i = 0; bfy_event_type_nth (i) != nullptr; i++)
    EXPECT_EQ (bfy_event_type_find (bfy_event_type_nth (i)->type), bfy_event_type_nth (i));
  EXPECT_EQ (bfy_event_type_find ("teapot"), nullptr);
  EXPECT_EQ (bfy_event_type_find (nullptr), nullptr);

  const BfyEventType *use = bfy_event_type_find ("proxy_request");
  for (const char *category : { "success", "upstream_error", "denied", "rate_limited" })
    EXPECT_TRUE (bfy_event_type_has_category (use, category)) << category;
  EXPECT_TRUE (bfy_event_type_has_category (use, nullptr));
  EXPECT_FALSE (bfy_event_type_has_category (use, "teapot"));
  EXPECT_FALSE (bfy_event_type_has_category (bfy_event_type_find ("reauth"), "denied"));
}

} // namespace
