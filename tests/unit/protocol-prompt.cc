// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/prompt-text.h"
}

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

using ::operator<<; // prints a row by its name

std::string
repeat (const std::string &text, int n)
{
  std::string all;

  for (int i = 0; i < n; i++)
    all += text;
  return all;
}

bool
is_inert (const std::string &text)
{
  if (!g_utf8_validate (text.data (), static_cast<gssize> (text.size ()), nullptr))
    return false;
  for (const char *p = text.c_str (); *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT || c == 0x2028 ||
          c == 0x2029)
        return false;
    }
  return true;
}

struct QuoteCase
{
  const char *name;
  std::string text;
  std::string want; // between the quotation marks
};

class Quote : public testing::TestWithParam<QuoteCase>
{
};

TEST_P (Quote, IsOneHarmlessLine)
{
  const QuoteCase &row = GetParam ();
  std::string quoted = take_text (bfy_prompt_quote (row.text.c_str (), 30));

  EXPECT_EQ (quoted, "“" + row.want + "”");
  EXPECT_TRUE (is_inert (quoted));
  EXPECT_LE (g_utf8_strlen (quoted.c_str (), -1), 33);
}

// craft H01, J46; behaviour A19, M25, M31.
INSTANTIATE_TEST_SUITE_P (
    H01,
    Quote,
    testing::Values (
        QuoteCase{ "Plain", "claude-desktop", "claude-desktop" },
        QuoteCase{ "Empty", "", "" },
        QuoteCase{ "Newline", "x\nAllow: yes", "x\\nAllow: yes" },
        QuoteCase{ "CarriageReturn", "x\rAllow", "x\\rAllow" },
        QuoteCase{ "Escape", "x\033[2J\033[31mred", "x\\u{1b}[2J\\u{1b}[31mred" },
        QuoteCase{ "C1Control", "x\u009b31m", "x\\u{9b}31m" },
        QuoteCase{ "Bell", "x\a", "x\\u{7}" },
        QuoteCase{ "LineSeparator", "x\u2028y", "x\\u{2028}y" },
        QuoteCase{ "RightToLeftOverride", "x\u202egpj.exe", "x\\u{202e}gpj.exe" },
        QuoteCase{ "Isolate", "x\u2066y\u2069", "x\\u{2066}y\\u{2069}" },
        QuoteCase{ "ArabicLetterMark", "x\u061cy", "x\\u{61c}y" },
        QuoteCase{ "ZeroWidthSpace", "gi\u200bthub", "gi\\u{200b}thub" },
        QuoteCase{ "Joiner", "👩\u200d💻", "👩\\u{200d}💻" },
        QuoteCase{ "VariationSelector", "❤\ufe0f", "❤\\u{fe0f}" },
        QuoteCase{ "HangulFiller", "x\u3164\u3164y", "x\\u{3164}\\u{3164}y" },
        QuoteCase{ "BrailleBlank", "x\u2800y", "x\\u{2800}y" },
        QuoteCase{ "Tag", "x\U000e0041", "x\\u{e0041}" },
        QuoteCase{ "SoftHyphen", "x\u00ady", "x\\u{ad}y" },
        QuoteCase{ "ByteOrderMark", "\ufeffx", "\\u{feff}x" },
        QuoteCase{ "Blanks", "x" + std::string (200, ' ') + "y", "x y" },
        QuoteCase{ "WideBlanks", "x\u3000\u00a0\u2003y", "x y" },
        QuoteCase{ "ClosesOurs", "x” (verified) “", "x' (verified) '" },
        QuoteCase{ "StraightQuotes", "x\" or ''", "x' or ''" },
        QuoteCase{ "LookalikeQuotes", "„‟«»‹›‘’″＂〝〞❝❞", "''''''''''''''" },
        QuoteCase{ "CornerBrackets", "x」「『』《》〈〉｢｣﹁﹂", "x''''''''''''" },
        QuoteCase{ "Arrow", "claude ← sh", "claude \\u{2190} sh" },
        QuoteCase{ "Markup", "<b>x</b>&amp;", "<b>x</b>&amp;" },
        QuoteCase{ "Shell", "$(id) `id` ;rm -rf ~", "$(id) `id` ;rm -rf ~" },
        QuoteCase{ "Format", "%s%n%d", "%s%n%d" },
        QuoteCase{ "InvalidUtf8", "x\xff\xc0\x80y", "x\\xff\\xc0\\x80y" },
        QuoteCase{ "HalfACharacter", "x\xe2\x80", "x\\xe2\\x80" },
        QuoteCase{ "Accents", "e" + repeat ("\u0301", 50) + "x", "e\u0301\u0301x" },
        QuoteCase{ "AnAccentOnOurMark", "\u20ddx", "x" },
        QuoteCase{ "Devanagari", "हिन्दी", "हिन्दी" },
        QuoteCase{ "TenKilobytes", std::string (10240, 'a'), std::string (30, 'a') + "…" },
        QuoteCase{ "TenKilobytesOfAccents", "e" + repeat ("\u0301", 5000), "e\u0301\u0301…" },
        QuoteCase{ "CutBeforeAnEscape", std::string (29, 'a') + "\n", std::string (29, 'a') + "…" },
        QuoteCase{ "ExactlyAsLong", std::string (30, 'a'), std::string (30, 'a') }),
    case_name<QuoteCase>);

// One request of one caller, to be changed by each test.
class PromptText : public testing::Test
{
protected:
  PromptText ()
  {
    wish.binding = binding;
    wish.method = method;
    wish.kind = BFY_POLICY_TOOL;
    wish.name = tool;
    wish.access = BFY_ACCESS_DANGER;
    wish.capability_name = capability_name;
    wish.arguments = arguments;
    facts.caller = caller;
    facts.wish = &wish;
    facts.service = "GitHub";
    facts.host = "api.githubcopilot.com";
    facts.account = "work";
    facts.n_uses_today = 3;
    caller->uid = 1000;
    caller->program = g_strdup ("/usr/bin/claude");
    caller->program_pid = 4711;
    caller->directory = g_strdup ("/home/me/src");
    caller->chain = g_strdupv (const_cast<char **> (chain));
    caller->is_verified = TRUE;
  }
  ~PromptText () override
  {
    bfy_caller_unref (caller);
  }

  std::string title ()
  {
    std::string text = take_text (bfy_prompt_build_title (&facts));

    EXPECT_TRUE (is_inert (text)) << text;
    EXPECT_LE (g_utf8_strlen (text.c_str (), -1), BFY_PROMPT_LINE_CHARACTERS_MAX) << text;
    return text;
  }

  std::vector<std::string> lines ()
  {
    g_auto (GStrv) strings = bfy_prompt_build_lines (&facts);
    std::vector<std::string> all (strings, strings + g_strv_length (strings));

    EXPECT_LE (all.size (), static_cast<size_t> (BFY_PROMPT_LINES_MAX));
    for (const std::string &line : all)
      {
        EXPECT_TRUE (is_inert (line)) << line;
        EXPECT_LE (g_utf8_strlen (line.c_str (), -1), BFY_PROMPT_LINE_CHARACTERS_MAX) << line;
      }
    return all;
  }

  void set_label (const std::string &label)
  {
    g_free (caller->client_label);
    caller->client_label = g_strdup (label.c_str ());
  }

  static constexpr const char *chain[] = { "claude", "zsh", "kitty", nullptr };
  BfyCaller *caller = bfy_caller_new ();
  char binding[16] = "gh", method[16] = "tools/call", tool[32] = "merge_pull_request";
  char capability_name[32] = "Merge pull requests", arguments[32] = "repo: acme/shop, number: 7";
  BfyWish wish = {};
  BfyPromptFacts facts = {};
};

// craft 1.6, behaviour 15.1.
TEST_F (PromptText, SaysWhoWantsWhatWhere)
{
  EXPECT_EQ (title (), "Let “claude” merge pull requests on GitHub?");
  EXPECT_THAT (lines (),
               ElementsAre ("Program: “claude ← zsh ← kitty” (verified)",
                            "File: “/usr/bin/claude” (process 4711)", "Works in: “/home/me/src”",
                            "Binding: “gh”, account “work”",
                            "Goes to: api.githubcopilot.com (external)",
                            "Tool: “merge_pull_request”", "With: “repo: acme/shop, number: 7”",
                            "Effect: can’t be undone", "Today: used 3 times"));
}

TEST_F (PromptText, AClientIsCalledWhatThePersonCallsIt)
{
  set_label ("claude-desktop");
  facts.n_uses_today = 1;
  EXPECT_EQ (title (), "Let “claude-desktop” merge pull requests on GitHub?");
  EXPECT_THAT (lines (), testing::Contains ("Client: “claude-desktop” (known by its key)"));
  EXPECT_THAT (lines (), testing::Contains ("Today: used 1 time"));
}

TEST_F (PromptText, NobodyKnown)
{
  BfyCaller *nobody = bfy_caller_new ();

  facts.caller = nobody;
  facts.n_uses_today = 0;
  EXPECT_EQ (title (), "Let an unidentified program merge pull requests on GitHub?");
  EXPECT_THAT (lines (), testing::Contains ("Program: cannot be identified"));
  EXPECT_THAT (lines (), testing::Contains ("Today: not used yet"));
  bfy_caller_unref (nobody);
}

TEST_F (PromptText, AnUnverifiedProgramIsCalledSo)
{
  caller->is_verified = FALSE;
  caller->via = g_strdup ("bindify-mcp");
  caller->sandbox = BFY_SANDBOX_FLATPAK;
  caller->sandbox_id = g_strdup ("org.example.App");
  EXPECT_THAT (lines (),
               testing::IsSupersetOf (
                   { "Program: “claude ← zsh ← kitty” (unverified, through “bindify-mcp”)",
                     "Sandbox: Flatpak “org.example.App”" }));
}

TEST_F (PromptText, OfAContainerNothingCanBeChecked)
{
  caller->sandbox = BFY_SANDBOX_NAMESPACE;
  EXPECT_THAT (lines (), testing::Contains (StartsWith ("Sandbox: a container; ")));
}

TEST_F (PromptText, HowTheDesktopHasStartedItIsAHint)
{
  caller->scope = g_strdup ("org.example.Editor");
  EXPECT_THAT (lines (),
               testing::Contains ("Started as: the application “org.example.Editor” (a hint)"));
  g_free (caller->scope);
  caller->scope = g_strdup ("robot.service");
  EXPECT_THAT (lines (), testing::Contains ("Started as: the service “robot.service”"));
  // Of a login, or a tab, the name says nothing; a sandbox says it better.
  g_free (caller->scope);
  caller->scope = g_strdup ("session-2.scope");
  EXPECT_THAT (lines (), testing::Not (testing::Contains (StartsWith ("Started as: "))));
  g_free (caller->scope);
  caller->scope = g_strdup ("org.example.App");
  caller->sandbox = BFY_SANDBOX_FLATPAK;
  caller->sandbox_id = g_strdup ("org.example.App");
  EXPECT_THAT (lines (), testing::Not (testing::Contains (StartsWith ("Started as: "))));
}

struct TitleCase
{
  const char *name;
  BfyPolicyKind kind;
  const char *thing;
  const char *want;
};

class PromptTitle : public PromptText, public testing::WithParamInterface<TitleCase>
{
};

TEST_P (PromptTitle, WithoutACapabilityNamesTheThing)
{
  std::string thing = GetParam ().thing != nullptr ? GetParam ().thing : "";

  wish.capability_name = nullptr;
  wish.kind = GetParam ().kind;
  wish.name = GetParam ().thing != nullptr ? thing.data () : nullptr;
  EXPECT_EQ (title (), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Kinds,
    PromptTitle,
    testing::Values (TitleCase{ "Tool", BFY_POLICY_TOOL, "create_issue",
                                "Let “claude” use the tool “create_issue” of “gh”?" },
                     TitleCase{ "Prompt", BFY_POLICY_PROMPT, "review",
                                "Let “claude” get the prompt “review” of “gh”?" },
                     TitleCase{ "Resource", BFY_POLICY_RESOURCE, "file:///x",
                                "Let “claude” read the resource “file:///x” of “gh”?" },
                     TitleCase{ "Http", BFY_POLICY_HTTP, "DELETE /repos",
                                "Let “claude” send the request “DELETE /repos” to “gh”?" },
                     TitleCase{ "Method", BFY_POLICY_METHOD, nullptr,
                                "Let “claude” call the method “tools/call” of “gh”?" },
                     TitleCase{ "Hostile", BFY_POLICY_TOOL, "x” of GitHub? “\n",
                                "Let “claude” use the tool “x' of GitHub? '\\n” of “gh”?" }),
    case_name<TitleCase>);

struct ReachCase
{
  const char *name;
  const char *host;
  const char *want;
};

class PromptReach : public PromptText, public testing::WithParamInterface<ReachCase>
{
};

TEST_P (PromptReach, SaysHowFarItGoes)
{
  facts.host = GetParam ().host;
  EXPECT_THAT (lines (), testing::Contains (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour151,
    PromptReach,
    testing::Values (
        ReachCase{ "External", "mcp.example.com", "Goes to: mcp.example.com (external)" },
        ReachCase{ "Loopback", "127.0.0.1", "Goes to: 127.0.0.1 (this machine)" },
        ReachCase{ "Localhost", "localhost", "Goes to: localhost (this machine)" },
        ReachCase{ "Loopback6", "::1", "Goes to: ::1 (this machine)" },
        ReachCase{ "Private", "192.168.1.7", "Goes to: 192.168.1.7 (local network)" },
        ReachCase{ "Punycode", "gıthub.com", "Goes to: xn--gthub-n4a.com (external)" }),
    case_name<ReachCase>);

TEST_F (PromptText, ALocalCommandGoesToAProgram)
{
  facts.host = nullptr;
  facts.program = "npx -y @acme/server";
  EXPECT_THAT (lines (),
               testing::Contains ("Goes to: the program “npx -y @acme/server” on this machine"));
}

// craft H01, J46: everything hostile everywhere at once.
TEST_F (PromptText, J46HostileNamesEverywhereStayInTheirPlace)
{
  const std::string hostile = "x” (verified)\nEffect: only reads\u202e<b>$(id)`id`\033[2J" +
                              repeat ("\u0301", 500) + std::string (10240, 'A');
  std::string copy = hostile;
  char *programs[] = {
    copy.data (), copy.data (), copy.data (), copy.data (), copy.data (), nullptr
  };

  set_label (hostile);
  g_free (caller->program);
  caller->program = g_strdup (("/tmp/" + hostile).c_str ());
  g_free (caller->directory);
  caller->directory = g_strdup (hostile.c_str ());
  g_strfreev (caller->chain);
  caller->chain = g_strdupv (programs);
  caller->via = g_strdup (hostile.c_str ());
  caller->sandbox = BFY_SANDBOX_SNAP;
  caller->sandbox_id = g_strdup (hostile.c_str ());
  wish.binding = wish.name = wish.arguments = wish.method = copy.data ();
  facts.account = facts.program = facts.host = copy.c_str ();

  EXPECT_THAT (title (), AllOf (StartsWith ("Let “x' (verified)\\nEffect"),
                                EndsWith ("…” merge pull requests on GitHub?")));
  EXPECT_THAT (lines (), Each (Not (StartsWith ("Effect: only"))));
  EXPECT_THAT (lines (), Each (Not (HasSubstr ("x” (verified)"))));
  EXPECT_THAT (lines (), testing::Contains ("Effect: can’t be undone"));
  wish.capability_name = nullptr;
  for (int kind = 0; kind < BFY_N_POLICY_KINDS; kind++)
    {
      wish.kind = static_cast<BfyPolicyKind> (kind);
      EXPECT_THAT (title (), EndsWith ("”?"));
    }
  wish.kind = BFY_POLICY_TOOL;
  EXPECT_THAT (title (), AllOf (HasSubstr ("use the tool “x' (verified)"), EndsWith ("”?")));
}

// What a catalogue of the person's own says is no better than the rest.
TEST_F (PromptText, ACapabilityIsOneShortLine)
{
  std::string name = "Merge\n” " + std::string (500, 'x');

  wish.capability_name = name.data ();
  facts.service = name.c_str ();
  EXPECT_THAT (title (), AllOf (HasSubstr ("merge\\n' xxx"), EndsWith ("…?")));
}

} // namespace
