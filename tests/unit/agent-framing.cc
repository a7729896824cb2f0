// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/door/framing.h"
}

namespace
{

constexpr guint64 kBodyMax = 1000;

// What comes out of the check when @input is delivered in pieces of @step bytes.
struct Outcome
{
  std::string vetted;
  guint status = 0;
  bool is_idle = false;
  int n_heads = 0;
};

Outcome
feed (const std::string &input, gsize step)
{
  Outcome outcome;
  BfyFraming framing;
  GByteArray *vetted = g_byte_array_new ();
  gsize offset = 0;

  bfy_framing_init (&framing, kBodyMax);
  while (offset < input.size () && bfy_framing_get_fault (&framing) == nullptr)
    {
      gsize n = std::min (step, input.size () - offset);
      gsize taken = bfy_framing_feed (
          &framing, reinterpret_cast<const guint8 *> (input.data ()) + offset, n, vetted);

      EXPECT_LE (taken, n);
      if (taken == 0)
        break;
      offset += taken;
      outcome.n_heads += bfy_framing_take_head (&framing);
    }
  outcome.vetted.assign (reinterpret_cast<char *> (vetted->data), vetted->len);
  if (bfy_framing_get_fault (&framing) != nullptr)
    outcome.status = bfy_framing_get_fault (&framing)->status;
  outcome.is_idle = bfy_framing_is_idle (&framing);
  g_byte_array_unref (vetted);
  bfy_framing_clear (&framing);
  return outcome;
}

const std::string kHost = "Host: localhost\r\n";

} // namespace

struct FramingCase
{
  const char *name;
  std::string input;
  guint status;          // 0: passes
  std::string want = ""; // what comes out, if it is not the same
};

class FramingTest : public testing::TestWithParam<FramingCase>
{
};

TEST_P (FramingTest, JudgesTheSameInEveryDelivery)
{
  const FramingCase &row = GetParam ();

  for (gsize step : { gsize{ 1 }, gsize{ 2 }, gsize{ 7 }, row.input.size () })
    {
      Outcome outcome = feed (row.input, step);

      EXPECT_EQ (outcome.status, row.status) << "in steps of " << step;
      if (row.status == 0)
        {
          EXPECT_EQ (outcome.vetted, row.want.empty () ? row.input : row.want)
              << "in steps of " << step;
          EXPECT_EQ (outcome.n_heads, 1) << "in steps of " << step;
          EXPECT_TRUE (outcome.is_idle) << "in steps of " << step;
        }
    }
}

INSTANTIATE_TEST_SUITE_P (
    Passes,
    FramingTest,
    testing::Values (
        FramingCase{ "Get", "GET /healthz HTTP/1.1\r\n" + kHost + "\r\n", 0 },
        FramingCase{ "OldGetWithoutHost", "GET / HTTP/1.0\r\n\r\n", 0 },
        FramingCase{ "Post", "POST /mcp/x HTTP/1.1\r\n" + kHost + "Content-Length: 2\r\n\r\n{}",
                     0 },
        FramingCase{ "EmptyBody", "POST /x HTTP/1.1\r\n" + kHost + "Content-Length: 0\r\n\r\n", 0 },
        FramingCase{ "BodyAtTheCap",
                     "POST /x HTTP/1.1\r\n" + kHost + "Content-Length: 1000\r\n\r\n" +
                         std::string (1000, 'x'),
                     0 },
        FramingCase{ "Chunked",
                     "POST /x HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
                     0, "POST /x HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n{}" },
        FramingCase{
            "ChunkedUpperCase",
            "POST /x HTTP/1.1\r\n" + kHost +
                "transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
            0, "POST /x HTTP/1.1\r\n" + kHost + "transfer-encoding: Chunked\r\n\r\n0123456789" },
        FramingCase{ "EmptyHeaderValue", "GET / HTTP/1.1\r\n" + kHost + "X-Nothing:\r\n\r\n", 0 },
        FramingCase{ "ExpectContinue",
                     "POST /x HTTP/1.1\r\n" + kHost +
                         "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
                     0 }),
    case_name<FramingCase>);

// craft F01–F03, J26, J28, J36; mcp.md A.7 step 1.
INSTANTIATE_TEST_SUITE_P (
    Refuses,
    FramingTest,
    testing::Values (
        FramingCase{ "Garbage", std::string ("\x16\x03\x01\x02\r\n\r\n"), 400 },
        FramingCase{ "LeadingEmptyLine", "\r\nGET / HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "BareLf", "GET / HTTP/1.1\nHost: localhost\n\n", 400 },
        FramingCase{ "BareCrInValue", "GET / HTTP/1.1\r\n" + kHost + "X: a\rb\r\n\r\n", 400 },
        FramingCase{ "LfInsideHead", "GET / HTTP/1.1\r\n" + kHost + "X: a\nY: b\r\n\r\n", 400 },
        FramingCase{ "NulInValue",
                     "GET / HTTP/1.1\r\n" + kHost + std::string ("X: a\0b\r\n\r\n", 10), 400 },
        FramingCase{ "TwoHosts", "GET / HTTP/1.1\r\n" + kHost + kHost + "\r\n", 400 },
        FramingCase{ "NoHost", "GET / HTTP/1.1\r\nAccept: x\r\n\r\n", 400 },
        FramingCase{ "TwoLengths",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                     400 },
        FramingCase{ "LengthList", "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1, 1\r\n\r\nx",
                     400 },
        FramingCase{ "NegativeLength",
                     "POST / HTTP/1.1\r\n" + kHost + "Content-Length: -1\r\n\r\nx", 400 },
        FramingCase{ "PlusLength", "POST / HTTP/1.1\r\n" + kHost + "Content-Length: +1\r\n\r\nx",
                     400 },
        FramingCase{ "EmptyLength", "POST / HTTP/1.1\r\n" + kHost + "Content-Length:\r\n\r\nx",
                     400 },
        FramingCase{
            "EndlessLength",
            "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999999999999999\r\n\r\nx", 400 },
        FramingCase{ "LengthAndCoding",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     400 },
        FramingCase{
            "TwoCodings",
            "POST / HTTP/1.1\r\n" + kHost +
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400 },
        FramingCase{ "OtherCoding",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                     400 },
        FramingCase{ "IdentityCoding",
                     "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: identity\r\n\r\n", 400 },
        FramingCase{ "CodingInOldVersion",
                     "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        FramingCase{ "BodyOverTheCap",
                     "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1001\r\n\r\n", 413 },
        FramingCase{
            "ChunksOverTheCap",
            "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413 },
        FramingCase{ "ChunkSizeTooLong",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: chunked\r\n\r\n000000001\r\nx\r\n",
                     400 },
        FramingCase{ "ChunkSizeNotHex",
                     "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
                     400 },
        FramingCase{ "ChunkSizeEmpty",
                     "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n\r\n",
                     400 },
        FramingCase{
            "ChunkSizeWithPrefix",
            "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n", 400 },
        FramingCase{ "ChunkExtension",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n",
                     400 },
        FramingCase{
            "ChunkLongerThanItSays",
            "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", 400 },
        FramingCase{ "ChunkEndsWithLf",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n",
                     400 },
        FramingCase{ "ChunkSizeEndsWithLf",
                     "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n",
                     400 },
        FramingCase{ "Trailer",
                     "POST / HTTP/1.1\r\n" + kHost +
                         "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
                     400 },
        FramingCase{ "FoldedLine", "GET / HTTP/1.1\r\n" + kHost + "X: a\r\n b\r\n\r\n", 400 },
        FramingCase{ "SpaceBeforeColon", "GET / HTTP/1.1\r\n" + kHost + "X : a\r\n\r\n", 400 },
        FramingCase{ "NoColon", "GET / HTTP/1.1\r\n" + kHost + "nonsense\r\n\r\n", 400 },
        FramingCase{ "EmptyName", "GET / HTTP/1.1\r\n" + kHost + ": a\r\n\r\n", 400 },
        FramingCase{ "TwoAuthorizations",
                     "GET / HTTP/1.1\r\n" + kHost + "Authorization: a\r\nauthorization: b\r\n\r\n",
                     400 },
        FramingCase{
            "TwoSessions",
            "GET / HTTP/1.1\r\n" + kHost + "Mcp-Session-Id: a\r\nMCP-Session-ID: b\r\n\r\n", 400 },
        FramingCase{ "OtherExpectation", "GET / HTTP/1.1\r\n" + kHost + "Expect: something\r\n\r\n",
                     400 },
        FramingCase{ "LowerCaseMethod", "get / HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "LongMethod", "ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "AbsoluteForm", "GET http://localhost/ HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "AuthorityForm", "CONNECT localhost:1 HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "AsteriskForm", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "ControlInPath", std::string ("GET /\x01 HTTP/1.1\r\n") + kHost + "\r\n",
                     400 },
        FramingCase{ "HighByteInPath", std::string ("GET /\xc3\xa9 HTTP/1.1\r\n") + kHost + "\r\n",
                     400 },
        FramingCase{ "FragmentInPath", "GET /#x HTTP/1.1\r\n" + kHost + "\r\n", 400 },
        FramingCase{ "LongPath",
                     "GET /" + std::string (BFY_TARGET_BYTES_MAX, 'x') + " HTTP/1.1\r\n" + kHost +
                         "\r\n",
                     414 },
        FramingCase{ "NoVersion", "GET /\r\n\r\n", 400 },
        FramingCase{ "NewVersion", "GET / HTTP/2.0\r\n" + kHost + "\r\n", 505 },
        FramingCase{ "OddVersion", "GET / HTTP/1.11\r\n" + kHost + "\r\n", 505 },
        FramingCase{ "EndlessHead", "GET / HTTP/1.1\r\nX: " + std::string (BFY_HEAD_BYTES_MAX, 'x'),
                     431 }),
    case_name<FramingCase>);

TEST (Framing, RefusesTooManyFields)
{
  std::string head = "GET / HTTP/1.1\r\n" + kHost;

  for (int i = 0; i < BFY_HEADER_FIELDS_MAX; i++)
    head += "X-" + std::to_string (i) + ": y\r\n";
  EXPECT_EQ (feed (head + "\r\n", 64).status, 431u);
}

TEST (Framing, StopsBehindTheFirstOfTwoRequests)
{
  std::string first = "POST /a HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\n\r\nx";
  std::string second = "GET /b HTTP/1.1\r\nbroken";
  std::string both = first + second;
  BfyFraming framing;
  GByteArray *vetted = g_byte_array_new ();

  const auto bytes = reinterpret_cast<const guint8 *> (both.data ());

  bfy_framing_init (&framing, kBodyMax);
  gsize taken = bfy_framing_feed (&framing, bytes, both.size (), vetted);
  EXPECT_EQ (taken, first.size () - 1) << "and behind the head of the first";
  EXPECT_TRUE (bfy_framing_take_head (&framing));
  taken += bfy_framing_feed (&framing, bytes + taken, both.size () - taken, vetted);
  EXPECT_EQ (taken, first.size ());
  EXPECT_EQ (vetted->len, first.size ());
  EXPECT_TRUE (bfy_framing_is_idle (&framing));
  g_byte_array_unref (vetted);
  bfy_framing_clear (&framing);
}

TEST (Framing, HandsOnNothingOfAHeadThatIsNotComplete)
{
  Outcome outcome = feed ("POST /a HTTP/1.1\r\n" + kHost + "Content-Le", 3);

  EXPECT_EQ (outcome.vetted, "");
  EXPECT_EQ (outcome.status, 0u);
  EXPECT_FALSE (outcome.is_idle);
}
