// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/proxy/response.h"
}

namespace
{

// What is found in @input when it is delivered in pieces of @step bytes.
struct Outcome
{
  std::string body, rest;
  guint status = 0;
  goffset length = -1;
  bool is_done = false, is_fault = false, is_persistent = false, may_end_here = false;
};

Outcome
feed (const std::string &input, gsize step)
{
  Outcome outcome;
  BfyResponse answer;
  gsize offset = 0;

  bfy_response_init (&answer);
  while (offset < input.size () && !bfy_response_is_done (&answer) &&
         !bfy_response_is_fault (&answer))
    {
      const gsize length = std::min (step, input.size () - offset);
      const char *body = nullptr;
      gsize n_body = 0;
      const gsize n = bfy_response_feed (&answer, input.data () + offset, length, &body, &n_body);

      EXPECT_LE (n, length);
      EXPECT_GT (n, 0u);
      outcome.body.append (body != nullptr ? body : "", n_body);
      offset += n;
    }
  outcome.rest = input.substr (offset);
  outcome.status = answer.status;
  outcome.length = answer.length;
  outcome.is_done = bfy_response_is_done (&answer);
  outcome.is_fault = bfy_response_is_fault (&answer);
  outcome.is_persistent = answer.is_persistent;
  outcome.may_end_here = !outcome.is_fault && bfy_response_end (&answer);
  bfy_response_clear (&answer);
  return outcome;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

struct GoodCase
{
  const char *name;
  std::string input, body, rest;
  guint status;
  bool is_persistent;
  bool until_close;
};

class GoodAnswer : public testing::TestWithParam<GoodCase>
{
};

TEST_P (GoodAnswer, IsTakenApartTheSameHoweverItArrives)
{
  for (gsize step : { 1, 2, 3, 7, 100000 })
    {
      const Outcome outcome = feed (GetParam ().input, step);

      EXPECT_EQ (outcome.body, GetParam ().body) << step;
      EXPECT_EQ (outcome.rest, GetParam ().rest) << step;
      EXPECT_EQ (outcome.status, GetParam ().status) << step;
      EXPECT_EQ (outcome.is_persistent, GetParam ().is_persistent) << step;
      EXPECT_EQ (outcome.is_done, !GetParam ().until_close) << step;
      EXPECT_FALSE (outcome.is_fault) << step;
      EXPECT_TRUE (outcome.may_end_here) << step;
    }
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    GoodAnswer,
    testing::Values (
        GoodCase{ "Counted", kOk + "Content-Length: 3\r\n\r\nabc", "abc", "", 200, true, false },
        GoodCase{ "Empty", kOk + "Content-Length: 0\r\n\r\n", "", "", 200, true, false },
        GoodCase{ "WhatFollowsStays", kOk + "Content-Length: 1\r\n\r\naHTTP/1.1", "a", "HTTP/1.1",
                  200, true, false },
        GoodCase{ "Chunked",
                  kOk +
                      "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n00A\r\n0123456789\r\n0\r\n\r\n",
                  "ab0123456789", "", 200, true, false },
        GoodCase{ "ChunkExtensionsAndTrailers",
                  kOk + "transfer-encoding: Chunked\r\n\r\n1;a=b\r\nx\r\n0 \r\nX: y\r\n\r\n", "x",
                  "", 200, true, false },
        GoodCase{ "UntilClose", kOk + "\r\nall of it", "all of it", "", 200, false, true },
        GoodCase{ "Close", kOk + "Connection: x, Close\r\nContent-Length: 1\r\n\r\na", "a", "", 200,
                  false, false },
        GoodCase{ "CloseWins",
                  kOk + "Connection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
                  "", "", 200, false, false },
        GoodCase{ "Old", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "a", "", 200, false,
                  false },
        GoodCase{ "OldKeptAlive",
                  "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", "a",
                  "", 200, true, false },
        GoodCase{ "NoContent", "HTTP/1.1 204 No Content\r\n\r\n", "", "", 204, true, false },
        GoodCase{ "NoContentAlthoughItSaysSo",
                  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", "", 304, true,
                  false },
        GoodCase{ "NoReason", "HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", "", "", 202, true,
                  false },
        GoodCase{ "Interim",
                  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kOk +
                      "Content-Length: 2\r\n\r\nok",
                  "ok", "", 200, true, false },
        GoodCase{ "LinesWithoutCr", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "ok", "", 200, true,
                  false }),
    [] (const auto &info) { return info.param.name; });

struct BadCase
{
  const char *name;
  std::string input;
};

class BadAnswer : public testing::TestWithParam<BadCase>
{
};

TEST_P (BadAnswer, IsAFaultHoweverItArrives)
{
  for (gsize step : { 1, 2, 3, 7, 100000 })
    {
      const Outcome outcome = feed (GetParam ().input, step);

      EXPECT_TRUE (outcome.is_fault) << step;
      EXPECT_FALSE (outcome.is_done) << step;
    }
}

const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P (
    Answers,
    BadAnswer,
    testing::Values (
        BadCase{ "NotHttp", "SSH-2.0-OpenSSH_9.2\r\n\r\n" },
        BadCase{ "OtherVersion", "HTTP/2.0 200 OK\r\n\r\n" },
        BadCase{ "ShortStatus", "HTTP/1.1 20\r\n\r\n" },
        BadCase{ "LongStatus", "HTTP/1.1 2000\r\n\r\n" },
        BadCase{ "ImpossibleStatus", "HTTP/1.1 600 No\r\n\r\n" },
        BadCase{ "Empty", "\r\n\r\n" },
        BadCase{ "BothFramings", kOk + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" },
        BadCase{ "TwoLengths", kOk + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n" },
        BadCase{ "LengthTwice", kOk + "Content-Length: 3\r\ncontent-length: 3\r\n\r\n" },
        BadCase{ "LengthList", kOk + "Content-Length: 3, 3\r\n\r\n" },
        BadCase{ "SignedLength", kOk + "Content-Length: +3\r\n\r\n" },
        BadCase{ "NegativeLength", kOk + "Content-Length: -1\r\n\r\n" },
        BadCase{ "NoLength", kOk + "Content-Length:\r\n\r\n" },
        BadCase{ "HugeLength", kOk + "Content-Length: 1111111111111111111\r\n\r\n" },
        BadCase{ "OtherCoding", kOk + "Transfer-Encoding: gzip, chunked\r\n\r\n" },
        BadCase{ "CodingTwice",
                 kOk + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
        BadCase{ "SpaceBeforeColon", kOk + "Content-Length : 3\r\n\r\n" },
        BadCase{ "FoldedLine", kOk + "X: a\r\n b: c\r\n\r\n" },
        BadCase{ "NoColon", kOk + "nonsense\r\n\r\n" },
        BadCase{ "BareCr", kOk + "X: a\rContent-Length: 3\r\n\r\n" },
        BadCase{ "Nul", kOk + "X: a" + std::string (1, '\0') + "b\r\n\r\n" },
        BadCase{ "SwitchesProtocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n" },
        BadCase{ "HeadWithoutEnd", kOk + "X: " + std::string (BFY_RESPONSE_HEAD_BYTES_MAX, 'x') },
        BadCase{ "ChunkSizeMissing", kChunked + "\r\n" },
        BadCase{ "ChunkSizeWithSign", kChunked + "-1\r\n" },
        BadCase{ "ChunkSizeWithPrefix", kChunked + "0x1\r\na" },
        BadCase{ "ChunkSizeTooLong", kChunked + "1111111111111111\r\n" },
        BadCase{ "ChunkSizeWithoutCr", kChunked + "1\na" },
        BadCase{ "ChunkExtensionWithoutEnd",
                 kChunked + "1;" + std::string (BFY_RESPONSE_LINE_BYTES_MAX + 1, 'x') },
        BadCase{ "ChunkExtensionWithLf", kChunked + "1;a\nb\r\n" },
        BadCase{ "ChunkLongerThanItSays", kChunked + "1\r\nab\r\n" },
        BadCase{ "ChunkWithoutCr", kChunked + "1\r\na\n" },
        BadCase{ "TrailersWithoutEnd",
                 kChunked + "0\r\n" + std::string (BFY_RESPONSE_LINE_BYTES_MAX + 1, 'x') }),
    [] (const auto &info) { return info.param.name; });

struct SwitchCase
{
  const char *name, *fields;
  bool is_good;
};

class AnswerSwitch : public testing::TestWithParam<SwitchCase>
{
};

TEST_P (AnswerSwitch, IsOnlyToWhatWasAskedFor)
{
  const std::string head =
      std::string ("HTTP/1.1 101 Switching Protocols\r\n") + GetParam ().fields + "\r\n";
  const std::string all = head + "\x81\x01x";
  const char *body = nullptr;
  gsize n_body = 0;
  BfyResponse answer;

  for (bool is_asked : { true, false })
    {
      bfy_response_init (&answer);
      answer.allows_upgrade = is_asked;
      gsize n = bfy_response_feed (&answer, all.data (), all.size (), &body, &n_body);
      EXPECT_EQ (bfy_response_is_fault (&answer), !is_asked || !GetParam ().is_good);
      if (is_asked && GetParam ().is_good)
        {
          EXPECT_EQ (n, head.size ());
          bfy_response_feed (&answer, all.data () + n, all.size () - n, &body, &n_body);
          EXPECT_EQ (std::string (body, n_body), "\x81\x01x");
          EXPECT_TRUE (bfy_response_end (&answer));
          EXPECT_FALSE (answer.is_persistent);
        }
      bfy_response_clear (&answer);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Switches,
    AnswerSwitch,
    testing::Values (
        SwitchCase{ "Good", "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n", true },
        SwitchCase{ "OtherProtocol", "Upgrade: h2c\r\nConnection: Upgrade\r\n", false },
        SwitchCase{ "NoProtocol", "Connection: Upgrade\r\n", false },
        SwitchCase{ "NotThisConnection", "Upgrade: websocket\r\n", false },
        SwitchCase{ "Sized", "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3\r\n",
                    false },
        SwitchCase{ "Chunked",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n",
                    false }),
    [] (const auto &info) { return info.param.name; });

TEST (Answer, EndsInTheMiddleOnlyWhereItMay)
{
  const std::string counted = kOk + "Content-Length: 3\r\n\r\nabc";
  const std::string chunked = kChunked + "1\r\na\r\n0\r\n\r\n";

  for (const std::string &whole : { counted, chunked })
    for (gsize n = 0; n < whole.size (); n++)
      EXPECT_FALSE (feed (whole.substr (0, n), 100).may_end_here) << whole.substr (0, n);
}

TEST (Answer, TellsTheLengthBeforeTheBody)
{
  EXPECT_EQ (feed (kOk + "Content-Length: 12\r\n\r\n", 100).length, 12);
  EXPECT_EQ (feed (kChunked, 100).length, -1);
  EXPECT_EQ (feed ("HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", 100).length, 0);
}

TEST (Answer, HasEnoughOfInterimAnswers)
{
  std::string input;

  for (int i = 0; i <= BFY_RESPONSE_INTERIM_MAX; i++)
    input += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_TRUE (feed (input + kOk, 100000).is_fault);
}

} // namespace
