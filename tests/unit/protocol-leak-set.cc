// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Behaviour 13.5 and 20.2, craft J01, J02, J38: what the agent holds does not come out, however it
// is spelled and wherever it is cut.

#include <algorithm>
#include <random>
#include <vector>

#include "tests/fixture/valgrind.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/leak-set.h"
#include "protocol/spelling.h"
}

namespace
{

using ::operator<<; // prints a row by its name

using testing::HasSubstr;
using testing::Not;

constexpr char kSecret[] = "s3cr3t/Token+With~\"Chars\\=";

struct SetFree
{
  void operator() (BfyLeakSet *set) const
  {
    bfy_leak_set_unref (set);
  }
};
using Set = std::unique_ptr<BfyLeakSet, SetFree>;

// Each one's tag is its place.
Set
set_of (const std::vector<std::string> &texts)
{
  std::vector<BfyLeakEntry> entries;
  std::vector<BfySecret *> secrets;

  for (const std::string &text : texts)
    {
      secrets.push_back (bfy_secret_new (text.data (), text.size ()));
      entries.push_back ({ secrets.back (), static_cast<guint> (entries.size ()) });
    }
  Set set (bfy_leak_set_new (entries.data (), entries.size ()));
  for (BfySecret *secret : secrets)
    bfy_secret_unref (secret);

  return set;
}

std::string
mask (const Set &set, std::string text)
{
  bfy_leak_set_mask (set.get (), text.data (), text.size ());
  return text;
}

std::string
mask_json (const Set &set, std::string text)
{
  bfy_leak_set_mask_json (set.get (), text.data (), text.size ());
  return text;
}

std::string
redact (const Set &set, const std::string &text)
{
  gsize length = 0;
  g_autofree char *out = bfy_leak_set_redact (set.get (), text.data (), text.size (), &length);

  return out != nullptr ? std::string (out, length) : text;
}

std::string
base64 (const std::string &text)
{
  return take_text (
      g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ()));
}

std::string
stars (size_t n)
{
  return std::string (n, '*');
}

void
append (std::string &out, GBytes *bytes)
{
  gsize length = 0;
  const void *data = bytes != nullptr ? g_bytes_get_data (bytes, &length) : nullptr;

  out.append (static_cast<const char *> (data), length);
  g_clear_pointer (&bytes, g_bytes_unref);
}

// Feeds the pieces that begin at @cuts.
std::string
stream (BfyLeakSet *set, const std::string &text, const std::vector<size_t> &cuts, guint *n_found)
{
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (set);
  std::string out;
  size_t at = 0;

  for (size_t i = 0; i <= cuts.size (); i++)
    {
      size_t end = i < cuts.size () ? cuts[i] : text.size ();
      g_autoptr (GBytes) piece = g_bytes_new (text.data () + at, end - at);

      append (out, bfy_leak_stream_feed (leaks, piece, i == cuts.size ()));
      at = end;
    }
  EXPECT_EQ (bfy_leak_stream_get_n_held (leaks), 0u);
  if (n_found != nullptr)
    *n_found = bfy_leak_stream_get_n_found (leaks);

  return out;
}

std::string
stream_by (BfyLeakSet *set, const std::string &text, size_t n, size_t first)
{
  std::vector<size_t> cuts;

  for (size_t at = first; at < text.size (); at += n)
    cuts.push_back (at);

  return stream (set, text, cuts, nullptr);
}

// The first three bytes of each may have passed before it was known for one.
bool
is_masked_but_for_cuts (BfyLeakSet *set,
                        const std::string &got,
                        const std::string &want,
                        const std::string &text)
{
  std::string open = want;
  BfyLeak leak = {};

  for (gsize from = 0; bfy_leak_set_find (set, text.data (), text.size (), from, &leak);
       from = leak.start + 1)
    for (size_t i = leak.start; i < leak.start + 3; i++)
      if (i < got.size () && got[i] == text[i])
        open[i] = text[i];

  return got == open;
}

std::string
to_lower (std::string text)
{
  for (char &c : text)
    c = g_ascii_tolower (c);
  return text;
}

// The other way to look: every place, every spelling.
std::string
mask_naively (const std::vector<std::string> &secrets, const std::string &text)
{
  const std::string lower = to_lower (text);
  std::string out = text;

  for (const std::string &secret : secrets)
    {
      g_autoptr (BfySecret) bytes = bfy_secret_new (secret.data (), secret.size ());
      g_autoptr (BfySpellings) spellings = bfy_spellings_new (bytes);

      for (guint i = 0; i < bfy_spellings_get_n (spellings); i++)
        {
          BfySpelling spelling = bfy_spellings_get (spellings, i);
          std::string pattern (reinterpret_cast<const char *> (spelling.bytes), spelling.length);
          const std::string &where = spelling.minds_case ? text : lower;
          size_t at = 0;

          if (!spelling.minds_case)
            pattern = to_lower (pattern);
          for (; (at = where.find (pattern, at)) != std::string::npos; at++)
            std::fill_n (out.begin () + static_cast<long> (at), pattern.size (), '*');
        }
    }

  return out;
}

std::string
random_text (std::mt19937 &random, size_t n, const std::string &alphabet)
{
  std::string text;

  for (size_t i = 0; i < n; i++)
    text += alphabet[random () % alphabet.size ()];

  return text;
}

const std::string kAlphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string
random_bytes (std::mt19937 &random, size_t n)
{
  std::string text;

  for (size_t i = 0; i < n; i++)
    text += static_cast<char> (random ());

  return text;
}

} // namespace

// One spelling of one secret: found at every alignment, at the beginning, in the middle, at the
// end, and at every cut.
struct SpellingCase
{
  const char *name;
  std::string secret, text;
};

class LeakSpelling : public testing::TestWithParam<SpellingCase>
{
};

TEST_P (LeakSpelling, IsFoundAnywhere)
{
  const std::string &text = GetParam ().text;
  Set set = set_of ({ GetParam ().secret });

  for (size_t n_before = 0; n_before < 17; n_before++)
    for (size_t n_after : { 0, 1, 5, 40 })
      {
        std::string before (n_before, '.'), after (n_after, '!');
        BfyLeak leak = {};

        EXPECT_EQ (mask (set, before + text + after), before + stars (text.size ()) + after);
        ASSERT_TRUE (bfy_leak_set_find (set.get (), (before + text + after).data (),
                                        n_before + text.size () + n_after, 0, &leak));
        EXPECT_EQ (leak.start, n_before);
        EXPECT_EQ (leak.length, text.size ());
      }
}

TEST_P (LeakSpelling, IsFoundWhereverItIsCut)
{
  const std::string text = "before " + GetParam ().text + " after";
  const std::string want = "before " + stars (GetParam ().text.size ()) + " after";
  Set set = set_of ({ GetParam ().secret });

  for (size_t cut = 0; cut <= text.size (); cut++)
    {
      guint n_found = 0;
      std::string got = stream (set.get (), text, { cut }, &n_found);

      EXPECT_TRUE (is_masked_but_for_cuts (set.get (), got, want, text)) << cut << ": " << got;
      EXPECT_GE (n_found, 1u) << cut; // more of what repeats itself
    }
  for (size_t n : { 1, 2, 3, 7, 64 })
    for (size_t first = 0; first < n; first++)
      {
        std::string got = stream_by (set.get (), text, n, first);

        EXPECT_TRUE (is_masked_but_for_cuts (set.get (), got, want, text)) << n << ": " << got;
      }
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    LeakSpelling,
    testing::Values (
        SpellingCase{ "Raw", kSecret, kSecret },
        SpellingCase{ "Shortest", "12345678", "12345678" },
        SpellingCase{ "LowerCase", "MixedCaseToken", "mixedcasetoken" },
        SpellingCase{ "UpperCase", "MixedCaseToken", "MIXEDCASETOKEN" },
        SpellingCase{ "AnyCase", "MixedCaseTokenThatIsLong", "mIXEDcASEtOKENtHATiSlONG" },
        SpellingCase{ "Percent", kSecret, "s3cr3t%2FToken%2BWith~%22Chars%5C%3D" },
        SpellingCase{ "PercentLower", kSecret, "s3cr3t%2fToken%2bWith~%22Chars%5c%3d" },
        SpellingCase{ "PercentForm", "a b~c*d/e fgh", "a+b%7Ec*d%2Fe+fgh" },
        SpellingCase{ "PercentBlank", "a b/c d e", "a%20b%2Fc%20d%20e" },
        SpellingCase{ "PercentComponent", "it's(me)!*/&", "it's(me)!*%2F%26" },
        SpellingCase{ "PercentPath", "a:b@c=d/e f", "a:b@c=d%2Fe%20f" },
        SpellingCase{ "PercentQuote", "a/b+c=d e", "a/b%2Bc%3Dd%20e" },
        SpellingCase{ "PercentUri", "a/b+c=d e", "a/b+c=d%20e" },
        SpellingCase{ "PercentAll", "abc-defg", "%61%62%63%2d%64%65%66%67" },
        SpellingCase{ "PercentTwice", "abc/def+g", "abc%252Fdef%252bg" },
        SpellingCase{ "Json", "a\"b\\c/d\ne", "a\\\"b\\\\c/d\\ne" },
        SpellingCase{ "JsonTwice", "a\"b\\c/d\ne", "a\\\\\\\"b\\\\\\\\c/d\\\\ne" },
        SpellingCase{ "JsonThrice", "abc\"defg", "abc\\\\\\\\\\\\\\\"defg" },
        SpellingCase{ "JsonSlash", "abc/def/g", "abc\\/def\\/g" },
        SpellingCase{ "JsonSlashTwicePhp", "abc/defg", "abc\\\\\\/defg" },
        SpellingCase{ "JsonSlashInPlain", "abc/defg", "abc\\\\/defg" },
        SpellingCase{ "JsonGo", "abc<d>&efg", "abc\\u003cd\\u003e\\u0026efg" },
        SpellingCase{ "JsonDotNet", "abc+'d\"efg", "abc\\u002B\\u0027d\\u0022efg" },
        SpellingCase{ "JsonAscii",
                      "gr\xc3\xbc\xc3\x9f"
                      "e-\xf0\x9f\x94\x91",
                      "gr\\u00fc\\u00DFe-\\ud83d\\udd11" },
        SpellingCase{ "JsonControl",
                      "abc\x01"
                      "d\nefg",
                      "abc\\u0001d\\u000Aefg" },
        SpellingCase{ "JsonAll", "abcdefgh",
                      "\\u0061\\u0062\\u0063\\u0064\\u0065\\u0066\\u0067\\u0068" },
        SpellingCase{ "JsonAllTwice", "abcdefgh",
                      "\\\\u0061\\\\u0062\\\\u0063\\\\u0064\\\\u0065\\\\u0066\\\\u0067\\\\u0068" },
        SpellingCase{ "Html", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&#39;f" },
        SpellingCase{ "HtmlPython", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&#x27;f" },
        SpellingCase{ "HtmlPhp", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&#039;f" },
        SpellingCase{ "HtmlGo", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&#34;e&#39;f" },
        SpellingCase{ "Xml", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e&apos;f" },
        SpellingCase{ "HtmlText", "a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d\"e'f" },
        SpellingCase{ "HtmlMustache", "abc/d=e`fg", "abc&#x2F;d&#x3D;e&#x60;fg" },
        SpellingCase{ "Hex",
                      "k\xff"
                      "abcdef",
                      "6bff616263646566" },
        SpellingCase{ "HexUpper",
                      "k\xff"
                      "abcdef",
                      "6BFF616263646566" },
        SpellingCase{ "HexMixed",
                      "k\xff"
                      "abcdef",
                      "6bFf616263646566" },
        SpellingCase{ "HexColon",
                      "k\xff"
                      "abcdef",
                      "6B:FF:61:62:63:64:65:66" },
        SpellingCase{ "HexBlank",
                      "k\xff"
                      "abcdef",
                      "6b ff 61 62 63 64 65 66" },
        SpellingCase{ "HexDash",
                      "k\xff"
                      "abcdef",
                      "6B-FF-61-62-63-64-65-66" },
        SpellingCase{ "Utf8",
                      "gr\xc3\xbc\xc3\x9f"
                      "e-und-mehr",
                      "gr\xc3\xbc\xc3\x9f"
                      "e-und-mehr" },
        SpellingCase{ "Control", std::string ("a\0b\x1b\n\rcde", 9),
                      std::string ("a\0b\x1b\n\rcde", 9) },
        SpellingCase{ "Base64InJson", "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                      "\\/\\/\\/\\/\\/\\/\\/\\/\\/\\/\\/\\/" },
        SpellingCase{ "Base64InQuery", "\xfb\xef\xbe\xfb\xef\xbe\xfb\xef\xbe",
                      "%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B%2B" },
        SpellingCase{ "Base64DotNet", "\xfb\xef\xbe\xfb\xef\xbe\xfb\xef\xbe",
                      "\\u002B\\u002B\\u002B\\u002B\\u002B\\u002B\\u002B\\u002B\\u002B\\u002B"
                      "\\u002B\\u002B" }),
    [] (const auto &info) { return info.param.name; });

// At every offset in the groups of three bytes, in both alphabets, with anything around it.
TEST (LeakSet, FindsBase64AtAnyOffset)
{
  const std::string secret = "k\xc3\xbf\xc3\xbe?>~secret-value"; // makes "+" and "/"
  Set set = set_of ({ secret });

  for (size_t n_before = 0; n_before < 7; n_before++)
    for (size_t n_after = 0; n_after < 4; n_after++)
      {
        std::string text =
            base64 (std::string (n_before, 'b') + secret + std::string (n_after, 'a'));
        std::string url = text;

        for (char &c : url)
          c = c == '+' ? '-' : c == '/' ? '_' : c;
        for (const std::string &given : { text, url })
          {
            std::string got = mask (set, given);

            // What is left of it holds less than two bytes at either end.
            EXPECT_GE (std::count (got.begin (), got.end (), '*'),
                       static_cast<long> (secret.size () * 8 / 6 - 2))
                << given;
          }
      }
}

TEST (LeakSet, MindsTheCaseOfBase64)
{
  Set set = set_of ({ "secret-value-of-some-length" });
  std::string text = base64 ("secret-value-of-some-length");
  std::string other = take_text (g_ascii_strdown (text.c_str (), -1));

  EXPECT_THAT (mask (set, text), HasSubstr ("********"));
  EXPECT_EQ (mask (set, other), other);
}

// Bit 5 folds more than letters.
TEST (LeakSet, FoldsOnlyLetters)
{
  Set set = set_of ({ "abc@[\\]^def-1234567890" });

  EXPECT_EQ (mask (set, "ABC@[\\]^DEF-1234567890"), stars (22));
  EXPECT_EQ (mask (set, "abc`[\\]^def-1234567890"), "abc`[\\]^def-1234567890");
  EXPECT_EQ (mask (set, "abc@{|}~def-1234567890"), "abc@{|}~def-1234567890");
  EXPECT_EQ (mask (set, "abc@[\\]^def\r1234567890"), "abc@[\\]^def\r1234567890");
}

TEST (LeakSet, LeavesShortSecretsAndOthersAlone)
{
  Set set = set_of ({ "1234567", "" });
  Set empty = set_of ({});
  BfyLeak leak;

  EXPECT_TRUE (bfy_leak_set_is_empty (set.get ()));
  EXPECT_TRUE (bfy_leak_set_is_empty (empty.get ()));
  EXPECT_TRUE (bfy_leak_set_is_empty (nullptr));
  EXPECT_EQ (mask (set, "1234567 12345678"), "1234567 12345678");
  EXPECT_EQ (bfy_leak_set_mask (nullptr, nullptr, 0), 0u);
  EXPECT_EQ (bfy_leak_set_safe_length (nullptr, "abc", 3), 3u);
  EXPECT_FALSE (bfy_leak_set_find (empty.get (), "", 0, 0, &leak));
  EXPECT_EQ (stream (empty.get (), "hello", { 2 }, nullptr), "hello");
  // Half of one is none.
  set = set_of ({ "a-secret-of-some-length" });
  EXPECT_EQ (mask (set, "a-secret-of-some-lengt"), "a-secret-of-some-lengt");
  EXPECT_FALSE (bfy_leak_set_find (set.get (), "x", 1, 9, &leak));
}

TEST (LeakSet, TellsWhoseItIs)
{
  Set set = set_of ({ "first-secret-value", "second-secret-value", "short-one" });
  const std::string text = "second-secret-value, first-secret-value, SHORT-ONE";
  BfyLeak leak;

  ASSERT_TRUE (bfy_leak_set_find (set.get (), text.data (), text.size (), 0, &leak));
  EXPECT_EQ (leak.tag, 1u);
  ASSERT_TRUE (bfy_leak_set_find (set.get (), text.data (), text.size (), 1, &leak));
  EXPECT_EQ (leak.tag, 0u);
  EXPECT_EQ (leak.start, 21u);
  ASSERT_TRUE (bfy_leak_set_find (set.get (), text.data (), text.size (), 22, &leak));
  EXPECT_EQ (leak.tag, 2u);
  EXPECT_FALSE (bfy_leak_set_find (set.get (), text.data (), text.size (), 42, &leak));
}

// One within another, one that goes on as another ends, one that is the beginning of another.
struct OverlapCase
{
  const char *name;
  std::vector<std::string> secrets;
  std::string text, want;
  guint n_found;
};

class LeakOverlap : public testing::TestWithParam<OverlapCase>
{
};

TEST_P (LeakOverlap, MasksAll)
{
  Set set = set_of (GetParam ().secrets);
  std::string text = GetParam ().text;

  EXPECT_EQ (bfy_leak_set_mask (set.get (), text.data (), text.size ()), GetParam ().n_found);
  EXPECT_EQ (text, GetParam ().want);
  for (size_t first = 0; first <= text.size (); first++)
    for (size_t second = first; second <= text.size (); second++)
      {
        guint n_found = 0;
        std::string got = stream (set.get (), GetParam ().text, { first, second }, &n_found);

        EXPECT_TRUE (is_masked_but_for_cuts (set.get (), got, GetParam ().want, GetParam ().text))
            << first << ", " << second << ": " << got;
        EXPECT_EQ (n_found, GetParam ().n_found) << first << ", " << second;
      }
}

INSTANTIATE_TEST_SUITE_P (
    Kinds,
    LeakOverlap,
    testing::Values (
        OverlapCase{ "Within",
                     { "abcdefghijklmnopqrstuvwxyz", "ijklmnopqrstuvw" },
                     "-abcdefghijklmnopqrstuvwxyz-",
                     "-" + stars (26) + "-",
                     2 },
        OverlapCase{ "Beginning",
                     { "abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyz" },
                     "-abcdefghijklmnopqrstuvwxyz-",
                     "-" + stars (26) + "-",
                     1 },
        OverlapCase{ "BeginningOnly",
                     { "abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyz" },
                     "-abcdefghijklmnopqrst-",
                     "-" + stars (16) + "qrst-",
                     1 },
        OverlapCase{ "GoesOn",
                     { "abcdefghijklmnop", "lmnopqrstuvwxyz01" },
                     "-abcdefghijklmnopqrstuvwxyz01-",
                     "-" + stars (28) + "-",
                     2 },
        OverlapCase{ "GoesOnByTwo",
                     { "abcdefghijklmnop", "opqrstuvwxyz012345" },
                     "-abcdefghijklmnopqrstuvwxyz012345-",
                     "-" + stars (32) + "-",
                     2 },
        OverlapCase{ "Chain",
                     { "abcdefghijklmnop", "mnopqrstuvwxyz01", "yz01234567890" },
                     "-abcdefghijklmnopqrstuvwxyz01234567890-",
                     "-" + stars (37) + "-",
                     3 },
        OverlapCase{ "GoesOnInVain",
                     { "abcdefghijklmnop", "lmnopqrstuvwxyz01" },
                     "-abcdefghijklmnopqrstu-",
                     "-" + stars (16) + "qrstu-",
                     1 },
        OverlapCase{ "Itself",
                     { "abcabcabcabcabcabc" },
                     "-abcabcabcabcabcabcabcabc-",
                     "-" + stars (24) + "-",
                     3 },
        OverlapCase{ "SideBySide",
                     { "abcdefgh", "ijklmnop" },
                     "-abcdefghijklmnopabcdefgh-",
                     "-" + stars (24) + "-",
                     3 },
        OverlapCase{
            "SameLetters", { "aaaaaaaaaa" }, "-aaaaaaaaaaaa-", "-" + stars (12) + "-", 3 }),
    [] (const auto &info) { return info.param.name; });

// Compared with a look at every place for every spelling.
TEST (LeakSet, FindsWhatANaiveSearchFinds)
{
  const int n_rounds = is_under_valgrind () ? 6 : 36;
  std::mt19937 random (20260611);

  for (int round = 0; round < n_rounds; round++)
    {
      std::vector<std::string> secrets;
      std::string text;
      size_t longest = round % 6 == 0 ? 4096 : 100;

      for (int i = 0; i < 3; i++)
        {
          size_t n = 8 + random () % (longest - 7);

          secrets.push_back (round % 2 == 0 ? random_bytes (random, n)
                                            : "ghp_" + random_text (random, n, kAlphanumerics));
        }
      for (const std::string &secret : secrets)
        {
          g_autoptr (BfySecret) bytes = bfy_secret_new (secret.data (), secret.size ());
          g_autoptr (BfySpellings) spellings = bfy_spellings_new (bytes);
          BfySpelling spelling =
              bfy_spellings_get (spellings, random () % bfy_spellings_get_n (spellings));
          std::string planted (reinterpret_cast<const char *> (spelling.bytes), spelling.length);

          text += random_text (random, random () % 50, kAlphanumerics);
          text += planted.substr (0, random () % 3 == 0 ? random () % planted.size ()
                                                        : std::string::npos);
        }
      text += random_bytes (random, random () % 20);

      Set set = set_of (secrets);
      std::string want = mask_naively (secrets, text);

      ASSERT_EQ (mask (set, text), want) << round;
      for (size_t n :
           longest > 100 ? std::vector<size_t>{ 61, 64, 1000 } : std::vector<size_t>{ 1, 3, 7, 64 })
        ASSERT_TRUE (is_masked_but_for_cuts (
            set.get (), stream_by (set.get (), text, n, random () % n), want, text))
            << round << ", pieces of " << n;
    }
}

// A hundred secrets with the beginnings that tokens have, each of which is found.
TEST (LeakSet, TellsManyOfOneKindApart)
{
  std::mt19937 random (42);
  std::vector<std::string> secrets;
  const std::string header = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL";

  for (int i = 0; i < 100; i++)
    secrets.push_back ((i % 2 == 0 ? header : "github_pat_11A") +
                       random_text (random, 40, kAlphanumerics));
  Set set = set_of (secrets);
  for (guint i = 0; i < secrets.size (); i++)
    {
      std::string text = "x" + header + "z" + secrets[i] + base64 (secrets[i]);
      BfyLeak leak;

      ASSERT_TRUE (bfy_leak_set_find (set.get (), text.data (), text.size (), 0, &leak));
      EXPECT_EQ (leak.tag, i);
      EXPECT_EQ (leak.start, header.size () + 2);
      ASSERT_TRUE (
          bfy_leak_set_find (set.get (), text.data (), text.size (), leak.start + 1, &leak));
      EXPECT_EQ (leak.tag, i);
    }
}

// A hundred million characters.
TEST (LeakSet, FindsNothingInRandomBase64)
{
  constexpr size_t kPiece = 1 << 20;
  const int n_pieces = is_under_valgrind () ? 2 : 96;
  std::mt19937 random (8);
  std::vector<std::string> secrets, words;
  const std::string digits = kAlphanumerics + "+/";

  for (int i = 0; i < 100; i++)
    secrets.push_back (random_text (random, 12 + i, digits));
  for (int i = 0; i < 1 << 16; i++)
    words.push_back (random_text (random, 16, digits));
  Set set = set_of (secrets);
  std::string text (kPiece, ' ');
  for (int piece = 0; piece < n_pieces; piece++)
    {
      for (size_t i = 0; i < kPiece; i += 32)
        {
          guint32 bits = random ();

          words[bits & 0xffff].copy (&text[i], 16);
          words[bits >> 16].copy (&text[i + 16], 16);
        }
      ASSERT_EQ (bfy_leak_set_mask (set.get (), text.data (), text.size ()), 0u);
    }
}

TEST (LeakSet, RedactsForPeople)
{
  Set set = set_of ({ kSecret, "abcdefghijklmnop", "lmnopqrstuvwxyz01" });

  EXPECT_EQ (redact (set, "hello"), "hello");
  EXPECT_EQ (redact (set, ""), "");
  EXPECT_EQ (redact (set, std::string ("T=") + kSecret + "!"), "T=[REDACTED]!");
  EXPECT_EQ (redact (set, std::string (kSecret) + kSecret), "[REDACTED][REDACTED]");
  EXPECT_EQ (redact (set, "-abcdefghijklmnopqrstuvwxyz01-"), "-[REDACTED]-");
}

TEST (LeakSet, KnowsWhereACutMayHideABeginning)
{
  Set set = set_of ({ kSecret });
  const std::string text = std::string ("log: ") + kSecret;

  for (size_t n = 0; n <= text.size (); n++)
    {
      gsize safe = bfy_leak_set_safe_length (set.get (), text.data (), n);

      // Of an incomplete secret at most three bytes are shown.
      EXPECT_EQ (safe, n >= 5 + 4 && n < text.size () ? 5u : n) << n;
    }
}

struct JsonCase
{
  const char *name;
  std::string text, want;
};

class LeakJson : public testing::TestWithParam<JsonCase>
{
};

TEST_P (LeakJson, StaysJson)
{
  Set set = set_of ({ "a\"b\\c/d\ne" });
  std::string got = mask_json (set, GetParam ().text);
  Error error;

  EXPECT_TRUE (bfy_json_check (got.data (), got.size (), error.out ())) << error << got;
  EXPECT_EQ (got, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    LeakJson,
    testing::Values (
        JsonCase{ "Nothing", R"({"a":"b\n","c":[1,"d"]})", R"({"a":"b\n","c":[1,"d"]})" },
        JsonCase{ "Escaped", R"({"env":"T=a\"b\\c/d\ne;"})", R"({"env":"T=************;"})" },
        JsonCase{ "MixedEscapes", R"(["\u0061\u0022b\u005Cc\/d\u000ae"])",
                  R"(["******************************"])" },
        JsonCase{ "InAKey", R"({"a\"b\\c/d\ne":1})", R"({"************":1})" },
        JsonCase{ "JsonWithinJson", R"(["{\"k\":\"a\\\"b\\\\c/d\\ne\"}"])",
                  R"(["{\"k\":\"*****************\"}"])" },
        JsonCase{ "Twice", R"(["a\"b\\c/d\ne",2,"a\"b\\c/d\ne"])",
                  R"(["************",2,"************"])" }),
    [] (const auto &info) { return info.param.name; });

// Craft A2: no event waits.

TEST (LeakStream, PassesTheSameBytesWhenThereIsNothing)
{
  Set set = set_of ({ "a-secret-of-some-length" });
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (set.get ());
  g_autoptr (GBytes) piece = g_bytes_new_static ("data: {\"x\":1}\n\n", 15);
  g_autoptr (GBytes) passed = bfy_leak_stream_feed (leaks, piece, FALSE);

  EXPECT_EQ (passed, piece);
  EXPECT_EQ (bfy_leak_stream_get_n_held (leaks), 0u);
  EXPECT_EQ (bfy_leak_stream_feed (leaks, nullptr, FALSE), nullptr);
  EXPECT_EQ (bfy_leak_stream_feed (leaks, nullptr, TRUE), nullptr);
}

TEST (LeakStream, HoldsBackOnlyABeginning)
{
  Set set = set_of ({ "a-secret-of-some-length" });
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (set.get ());
  std::string out;
  auto feed = [&] (const char *text, bool is_last) {
    g_autoptr (GBytes) piece = g_bytes_new (text, strlen (text));

    out.clear ();
    append (out, bfy_leak_stream_feed (leaks, piece, is_last));
    return out;
  };

  EXPECT_EQ (feed ("x a-s", false), "x a-s"); // too few to be held
  EXPECT_EQ (feed ("x a-se", false), "x ");
  EXPECT_EQ (bfy_leak_stream_get_n_held (leaks), 4u);
  EXPECT_EQ (feed ("", false), "");
  EXPECT_EQ (feed ("cret-of", false), "");
  EXPECT_EQ (bfy_leak_stream_get_n_held (leaks), 11u);
  EXPECT_EQ (feed ("ten", false), "a-secret-often"); // it was not one
  EXPECT_EQ (bfy_leak_stream_get_n_held (leaks), 0u);
  EXPECT_EQ (feed ("a-secret-of-some-lengt", true), "a-secret-of-some-lengt");
  EXPECT_EQ (bfy_leak_stream_get_n_found (leaks), 0u);
}

TEST (LeakStream, CountsAndNamesWhatItFound)
{
  Set set = set_of ({ "first-secret-value", "second-secret-value" });
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (set.get ());
  g_autoptr (GBytes) one = g_bytes_new_static ("second-secret-value, first-secr", 31);
  g_autoptr (GBytes) two = g_bytes_new_static ("et-value", 8);
  std::string out;

  append (out, bfy_leak_stream_feed (leaks, one, FALSE));
  EXPECT_EQ (out, stars (19) + ", ");
  EXPECT_EQ (bfy_leak_stream_get_n_found (leaks), 1u);
  append (out, bfy_leak_stream_feed (leaks, two, TRUE));
  EXPECT_EQ (out, stars (19) + ", " + stars (18));
  EXPECT_EQ (bfy_leak_stream_get_n_found (leaks), 2u);
  EXPECT_EQ (bfy_leak_stream_get_tag (leaks), 1u);
}

TEST (LeakStream, CannotBeMadeToHoldMoreThanOneSecret)
{
  Set set = set_of ({ "aaaaaaaaaaaaaaaaaaaa" });
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (set.get ());

  for (int i = 0; i < 200; i++)
    {
      g_autoptr (GBytes) piece = g_bytes_new_static ("aaaaaaaaa", 9);
      g_autoptr (GBytes) passed G_GNUC_UNUSED = bfy_leak_stream_feed (leaks, piece, FALSE);

      EXPECT_LT (bfy_leak_stream_get_n_held (leaks), 20u);
    }
}

// A token of letters and digits has few spellings; each is there once.
TEST (Spellings, AreEachThereOnce)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("ghp_0123456789abcdefghijABCDEFGHIJ", 34);
  g_autoptr (BfySpellings) spellings = bfy_spellings_new (secret);
  std::vector<std::string> texts;

  for (guint i = 0; i < bfy_spellings_get_n (spellings); i++)
    {
      BfySpelling spelling = bfy_spellings_get (spellings, i);

      texts.emplace_back (reinterpret_cast<const char *> (spelling.bytes), spelling.length);
    }
  std::sort (texts.begin (), texts.end ());
  EXPECT_EQ (std::adjacent_find (texts.begin (), texts.end ()), texts.end ());
  EXPECT_LE (texts.size (), 16u);
}
