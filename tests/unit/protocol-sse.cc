// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/sse.h"
}

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

// One line per event, so that a difference can be read: TYPE|DATA|ID|RETRY.
using Events = std::vector<std::string>;

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  auto *events = static_cast<Events *> (user_data);

  events->push_back (std::string (event->type) + "|" + std::string (event->data, event->length) +
                     "|" + (event->id != nullptr ? event->id : "-") + "|" +
                     std::to_string (event->retry_ms));
}

static constexpr gsize plenty = 1 << 20;

// Feeds the stream in pieces that end at the given offsets. What a failed feed says goes to @error.
static Events
feed (const std::string &stream,
      const std::vector<gsize> &ends,
      GError **error,
      gsize event_bytes_max = plenty)
{
  Events events;
  gsize start = 0;
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (event_bytes_max, on_event, &events);

  for (gsize end : ends)
    {
      Block block (stream.substr (start, end - start));

      if (!bfy_sse_parser_feed (parser, block.data (), block.size (), error))
        break;
      start = end;
    }
  return events;
}

static std::vector<gsize>
every_byte (const std::string &stream)
{
  std::vector<gsize> ends;

  for (gsize end = 1; end <= stream.size (); end++)
    ends.push_back (end);
  return ends;
}

struct SseStreamCase
{
  const char *name;
  std::string stream;
  Events events;
};

class SseStream : public testing::TestWithParam<SseStreamCase>
{
};

TEST_P (SseStream, GivesTheseEvents)
{
  const SseStreamCase &row = GetParam ();
  Error error;

  EXPECT_EQ (feed (row.stream, { row.stream.size () }, error.out ()), row.events);
  EXPECT_THAT (error, Succeeds ());
}

TEST_P (SseStream, GivesTheSameByteByByte)
{
  const SseStreamCase &row = GetParam ();
  Error error;

  EXPECT_EQ (feed (row.stream, every_byte (row.stream), error.out ()), row.events);
  EXPECT_THAT (error, Succeeds ());
}

TEST_P (SseStream, GivesTheSameInAnyTwoPieces)
{
  const SseStreamCase &row = GetParam ();

  for (gsize split = 0; split <= row.stream.size (); split++)
    {
      Error error;

      EXPECT_EQ (feed (row.stream, { split, row.stream.size () }, error.out ()), row.events)
          << "split at " << split;
      EXPECT_THAT (error, Succeeds ());
    }
}

INSTANTIATE_TEST_SUITE_P (
    Lines,
    SseStream,
    testing::Values (
        SseStreamCase{ "Empty", "", {} },
        SseStreamCase{ "Lf", "data: a\n\ndata: b\n\n", { "message|a|-|-1", "message|b|-|-1" } },
        SseStreamCase{ "Cr", "data: a\r\rdata: b\r\r", { "message|a|-|-1", "message|b|-|-1" } },
        SseStreamCase{
            "CrLf", "data: a\r\n\r\ndata: b\r\n\r\n", { "message|a|-|-1", "message|b|-|-1" } },
        SseStreamCase{ "Mixed",
                       "data: a\r\n\ndata: b\r\r\ndata: c\n\r\n",
                       { "message|a|-|-1", "message|b|-|-1", "message|c|-|-1" } },
        SseStreamCase{
            "LfCrAreTwo", "data: a\n\rdata: b\n\r", { "message|a|-|-1", "message|b|-|-1" } },
        SseStreamCase{ "CrLfIsOne", "data: a\r\ndata: b\r\n\r\n", { "message|a\nb|-|-1" } },
        SseStreamCase{ "DispatchOnCr", "data: a\r\r", { "message|a|-|-1" } },
        SseStreamCase{ "BlankLines", "\n\r\n\r\n\n\ndata: a\n\n\n\n", { "message|a|-|-1" } },
        SseStreamCase{ "CutOff", "data: a\n\ndata: b\n", { "message|a|-|-1" } },
        SseStreamCase{ "CutOffLine", "data: a\n\ndata: b", { "message|a|-|-1" } }),
    case_name<SseStreamCase>);

INSTANTIATE_TEST_SUITE_P (
    Bom,
    SseStream,
    testing::Values (
        SseStreamCase{ "AtTheStart",
                       "\xef\xbb\xbf"
                       "data: a\n\n",
                       { "message|a|-|-1" } },
        SseStreamCase{ "OnlyOnce",
                       "\xef\xbb\xbf\xef\xbb\xbf"
                       "data: a\n\n",
                       {} },
        SseStreamCase{ "NotLater",
                       "data: a\n\n\xef\xbb\xbf"
                       "data: b\n\n",
                       { "message|a|-|-1" } },
        SseStreamCase{ "NotAfterABlankLine",
                       "\n\xef\xbb\xbf"
                       "data: a\n\n",
                       {} },
        SseStreamCase{ "Half",
                       "\xef\xbb"
                       "data: a\n\ndata: b\n\n",
                       { "message|b|-|-1" } },
        SseStreamCase{ "HalfOfALine", "\xef\n\ndata: b\n\n", { "message|b|-|-1" } },
        SseStreamCase{ "BeforeAComment", "\xef\xbb\xbf:x\ndata: a\n\n", { "message|a|-|-1" } },
        SseStreamCase{ "InData", "data: \xef\xbb\xbf\n\n", { "message|\xef\xbb\xbf|-|-1" } }),
    case_name<SseStreamCase>);

INSTANTIATE_TEST_SUITE_P (
    Data,
    SseStream,
    testing::Values (
        SseStreamCase{ "Joined", "data: a\ndata: b\ndata:c\n\n", { "message|a\nb\nc|-|-1" } },
        SseStreamCase{ "OneSpaceOff", "data:  a \n\n", { "message| a |-|-1" } },
        SseStreamCase{ "NoTabOff", "data:\ta\n\n", { "message|\ta|-|-1" } },
        SseStreamCase{ "NoSpace", "data:a\n\n", { "message|a|-|-1" } },
        SseStreamCase{ "Colons", "data: a: b\n\n", { "message|a: b|-|-1" } },
        SseStreamCase{ "Empty", "data:\n\n", { "message||-|-1" } },
        SseStreamCase{ "NoColon", "data\n\n", { "message||-|-1" } },
        SseStreamCase{ "TwoEmpty", "data\ndata\n\n", { "message|\n|-|-1" } },
        SseStreamCase{ "EmptyLast", "data: a\ndata:\n\n", { "message|a\n|-|-1" } },
        SseStreamCase{ "AnyBytes", "data: \0\x01\xff\n\n"s, { "message|\0\x01\xff|-|-1"s } }),
    case_name<SseStreamCase>);

INSTANTIATE_TEST_SUITE_P (
    Fields,
    SseStream,
    testing::Values (
        SseStreamCase{ "Type",
                       "event: endpoint\ndata: /m\n\ndata: b\n\n",
                       { "endpoint|/m|-|-1", "message|b|-|-1" } },
        SseStreamCase{ "LastTypeWins", "event: a\nevent: b\ndata: x\n\n", { "b|x|-|-1" } },
        SseStreamCase{
            "EmptyTypeIsMessage", "event: a\nevent:\ndata: x\n\n", { "message|x|-|-1" } },
        SseStreamCase{ "TypeWithNul", "event: a\0b\ndata: x\n\n"s, { "message|x|-|-1" } },
        SseStreamCase{
            "TypeOfADatalessEventIsForgotten", "event: a\n\ndata: x\n\n", { "message|x|-|-1" } },
        SseStreamCase{
            "IdStays", "id: 1\ndata: a\n\ndata: b\n\n", { "message|a|1|-1", "message|b|1|-1" } },
        SseStreamCase{ "IdChanges",
                       "id: 1\ndata: a\n\nid: 22\ndata: b\n\n",
                       { "message|a|1|-1", "message|b|22|-1" } },
        SseStreamCase{ "IdIsReset",
                       "id: 1\ndata: a\n\nid\ndata: b\n\n",
                       { "message|a|1|-1", "message|b|-|-1" } },
        SseStreamCase{ "IdWithNulIsIgnored", "id: 1\nid: 2\0\ndata: a\n\n"s, { "message|a|1|-1" } },
        SseStreamCase{ "IdWithNulIsNoEvent", "id: 2\0\n\n"s, {} },
        SseStreamCase{ "Priming", "id: 7\ndata:\n\n", { "message||7|-1" } },
        SseStreamCase{ "PrimingWithoutData", "id: 7\n\n", { "message||7|-1" } },
        SseStreamCase{ "PrimingWithRetry", "id: 7\nretry: 500\ndata:\n\n", { "message||7|500" } },
        SseStreamCase{
            "RetryAlone", "retry: 10\n\ndata: a\n\n", { "message||-|10", "message|a|-|-1" } },
        SseStreamCase{ "RetryZero", "retry: 0\n\n", { "message||-|0" } },
        SseStreamCase{ "RetryNegative", "retry: -1\n\n", {} },
        SseStreamCase{ "RetryWithUnit", "retry: 10ms\n\n", {} },
        SseStreamCase{ "RetryFraction", "retry: 1.5\n\n", {} },
        SseStreamCase{ "RetryTwoSpaces", "retry:  1\n\n", {} },
        SseStreamCase{ "RetryEmpty", "retry:\nretry\n\n", {} },
        SseStreamCase{ "RetryKeepsTheGoodOne", "retry: 5\nretry: x\n\n", { "message||-|5" } },
        SseStreamCase{
            "RetryLeadingZeros", "retry: 00000000000000000000007\n\n", { "message||-|7" } },
        SseStreamCase{ "RetryClamped", "retry: 2147483648\n\n", { "message||-|2147483647" } },
        SseStreamCase{
            "RetryHuge", "retry: 99999999999999999999999999\n\n", { "message||-|2147483647" } }),
    case_name<SseStreamCase>);

INSTANTIATE_TEST_SUITE_P (
    Ignored,
    SseStream,
    testing::Values (
        SseStreamCase{ "Comments", ": x\n:\n::\ndata: a\n:data: b\n\n", { "message|a|-|-1" } },
        SseStreamCase{ "CommentAlone", ": keep-alive\n\n", {} },
        SseStreamCase{ "CommentWithCrLf", ":x\r\ndata: a\r\n\r\n", { "message|a|-|-1" } },
        SseStreamCase{ "UnknownFields", "foo: 1\nbar\ndata: a\n\n", { "message|a|-|-1" } },
        SseStreamCase{ "OtherCase", "Data: a\nDATA: b\n\n", {} },
        SseStreamCase{ "SpaceBeforeName", " data: a\n\n", {} },
        SseStreamCase{ "SpaceAfterName", "data : a\n\n", {} },
        SseStreamCase{ "LongerName", "data2: a\n\n", {} },
        SseStreamCase{ "ShorterName", "dat: a\n\n", {} },
        SseStreamCase{ "NulInName", "data\0: a\n\n"s, {} }),
    case_name<SseStreamCase>);

// --- Limits ---

struct SseLimitCase
{
  const char *name;
  std::string stream;
  gsize event_bytes_max;
  gboolean fits;
  gsize n_events; /* reported before */
};

class SseLimit : public testing::TestWithParam<SseLimitCase>
{
};

TEST_P (SseLimit, HoldsHoweverTheStreamIsCut)
{
  const SseLimitCase &row = GetParam ();
  std::vector<std::vector<gsize>> cuts = { every_byte (row.stream) };

  for (gsize split = 0; split <= row.stream.size (); split++)
    cuts.push_back ({ split, row.stream.size () });
  for (const std::vector<gsize> &ends : cuts)
    {
      Error error;
      Events events = feed (row.stream, ends, error.out (), row.event_bytes_max);

      EXPECT_EQ (error.get () == nullptr, row.fits) << error << ", first cut at " << ends[0];
      if (!row.fits)
        {
          EXPECT_THAT (error, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
        }
      EXPECT_EQ (events.size (), row.n_events) << "first cut at " << ends[0];
    }
}

INSTANTIATE_TEST_SUITE_P (
    Sizes,
    SseLimit,
    testing::Values (
        SseLimitCase{ "LineFits", "data: 4567\n\n", 10, TRUE, 1 },
        SseLimitCase{ "LineTooLong", "data: 45678\n\n", 10, FALSE, 0 },
        SseLimitCase{ "EndlessLine", "data: 45678", 10, FALSE, 0 },
        SseLimitCase{ "EndlessName", "ddddddddddd", 10, FALSE, 0 },
        SseLimitCase{ "UnknownField", "x: 45678901\n\n", 10, FALSE, 0 },
        SseLimitCase{ "LinesFit", "data:1234\ndata:1\n\n", 11, TRUE, 1 },
        SseLimitCase{ "LinesTooLong", "data:1234\ndata:12\n\n", 11, FALSE, 0 },
        SseLimitCase{ "EmptyLinesCount", "data\ndata\ndata\ndata\n\n", 6, FALSE, 0 },
        SseLimitCase{ "TypeCounts", "event:12\ndata:12\n\n", 8, FALSE, 0 },
        SseLimitCase{ "IdCounts", "id:12345\ndata:12\n\n", 8, FALSE, 0 },
        SseLimitCase{ "OldIdDoesNot", "id:12345\n\ndata:123\n\n", 8, TRUE, 2 },
        SseLimitCase{ "EachEventHasTheLimit", "data:123\n\ndata:123\n\ndata:123\n\n", 8, TRUE, 3 },
        SseLimitCase{ "EventsBeforeAreReported", "data:123\n\ndata:1234\n\n", 8, FALSE, 1 },
        SseLimitCase{ "CommentsAreFree", ": 345678901234567890\ndata:123\n: 3456789012\n\n", 8,
                      TRUE, 1 },
        SseLimitCase{ "CommentAfterBomIsFree", "\xef\xbb\xbf: 345678901234567890\ndata:123\n\n", 8,
                      TRUE, 1 },
        SseLimitCase{ "BomIsFree",
                      "\xef\xbb\xbf"
                      "data:123\n\n",
                      8, TRUE, 1 },
        SseLimitCase{ "HalfABomIsNot",
                      "\xef\xbb"
                      "data:12\n\n",
                      8, FALSE, 0 },
        SseLimitCase{ "Nothing", "\n\n:x\n", 0, TRUE, 0 },
        SseLimitCase{ "NothingAllowed", "d\n", 0, FALSE, 0 }),
    case_name<SseLimitCase>);

TEST (Sse, IsDeadAfterTooLargeAnEvent)
{
  Events events;
  Error error;
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (8, on_event, &events);

  EXPECT_FALSE (bfy_sse_parser_feed (parser, "data: 123456\n\n", 14, error.out ()));
  EXPECT_FALSE (bfy_sse_parser_feed (parser, "data:1\n\n", 8, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
  EXPECT_THAT (events, IsEmpty ());
}

TEST (Sse, IdlesOnCommentsForEver)
{
  Events events;
  Error error;
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (16, on_event, &events);

  for (int i = 0; i < 100000; i++)
    ASSERT_TRUE (bfy_sse_parser_feed (parser, ": wait\n", 7, error.out ())) << error;
  ASSERT_TRUE (bfy_sse_parser_feed (parser, "data: a\n\n", 9, error.out ())) << error;
  EXPECT_THAT (events, ElementsAre ("message|a|-|-1"));
}

TEST (Sse, CarriesLargeEventsInLinearTime)
{
  std::string large (4 << 20, 'x');
  std::string stream = "data: " + large + "\n\ndata: small\n\n";
  std::vector<gsize> ends;
  Error error;

  for (gsize end = 1000; end < stream.size (); end += 1000)
    ends.push_back (end);
  ends.push_back (stream.size ());
  Events events = feed (stream, ends, error.out (), stream.size ());
  ASSERT_EQ (events.size (), 2u) << error;
  EXPECT_EQ (events[0].size (), large.size () + strlen ("message||-|-1"));
  EXPECT_EQ (events[1], "message|small|-|-1");
}

TEST (Sse, TakesEmptyFeeds)
{
  Events events;
  Error error;
  g_autoptr (BfySseParser) parser = bfy_sse_parser_new (16, on_event, &events);

  EXPECT_TRUE (bfy_sse_parser_feed (parser, nullptr, 0, error.out ())) << error;
  EXPECT_TRUE (bfy_sse_parser_feed (parser, "data:\r", 6, error.out ())) << error;
  EXPECT_TRUE (bfy_sse_parser_feed (parser, nullptr, 0, error.out ())) << error;
  EXPECT_TRUE (bfy_sse_parser_feed (parser, "\n", 1, error.out ())) << error;
  EXPECT_THAT (events, IsEmpty ());
  EXPECT_TRUE (bfy_sse_parser_feed (parser, "\n", 1, error.out ())) << error;
  EXPECT_THAT (events, ElementsAre ("message||-|-1"));
}
