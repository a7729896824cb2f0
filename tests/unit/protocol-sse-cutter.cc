// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/sse-cutter.h"
}

using testing::ElementsAre;

// What has been handed out: the bytes, and behind | what they say.
using Pieces = std::vector<std::string>;

static void
on_piece (const char *bytes, gsize length, const BfySseEvent *event, gpointer user_data)
{
  auto *pieces = static_cast<Pieces *> (user_data);

  pieces->push_back (
      std::string (bytes, length) + "|" +
      (event != nullptr ? std::string (event->type) + "=" + std::string (event->data, event->length)
                        : ""));
}

static Pieces
cut (const std::string &stream, const std::vector<gsize> &ends, GError **error, gsize max = 1 << 20)
{
  Pieces pieces;
  gsize start = 0;
  g_autoptr (BfySseCutter) cutter = bfy_sse_cutter_new (max, on_piece, &pieces);

  for (gsize end : ends)
    {
      Block block (stream.substr (start, end - start));

      if (!bfy_sse_cutter_feed (cutter, block.data (), block.size (), error))
        break;
      start = end;
    }
  return pieces;
}

static std::vector<gsize>
every_byte (const std::string &stream)
{
  std::vector<gsize> ends;

  for (gsize end = 1; end <= stream.size (); end++)
    ends.push_back (end);
  return ends;
}

struct CutCase
{
  const char *name;
  std::string stream;
  Pieces pieces;
};

class SseCutter : public testing::TestWithParam<CutCase>
{
};

TEST_P (SseCutter, CutsAtTheSamePlacesHoweverItIsFed)
{
  const CutCase &row = GetParam ();
  Error error;

  EXPECT_EQ (cut (row.stream, { row.stream.size () }, error.out ()), row.pieces);
  EXPECT_EQ (cut (row.stream, every_byte (row.stream), error.out ()), row.pieces);
  for (gsize split = 0; split <= row.stream.size (); split++)
    EXPECT_EQ (cut (row.stream, { split, row.stream.size () }, error.out ()), row.pieces)
        << "split at " << split;
  EXPECT_THAT (error, Succeeds ());
}

INSTANTIATE_TEST_SUITE_P (
    Streams,
    SseCutter,
    testing::Values (
        CutCase{ "Lf",
                 "event: endpoint\ndata: /m\n\ndata: b\n\n",
                 { "event: endpoint\ndata: /m\n\n|endpoint=/m", "data: b\n\n|message=b" } },
        CutCase{ "TypeBehindTheData",
                 "data: /m\nevent: endpoint\n\n",
                 { "data: /m\nevent: endpoint\n\n|endpoint=/m" } },
        CutCase{
            "Cr", "data: a\r\rdata: b\r\r", { "data: a\r\r|message=a", "data: b\r\r|message=b" } },
        // The last LF comes when its event has gone already.
        CutCase{ "CrLf",
                 "data: a\r\n\r\ndata: b\r\n\r\n",
                 { "data: a\r\n\r|message=a", "\n|", "data: b\r\n\r|message=b", "\n|" } },
        CutCase{ "Comments", ": a\n: b\r\n\n", { ": a\n|", ": b\r|", "\n|", "\n|" } },
        CutCase{ "CommentInAnEvent",
                 "data: a\n: x\ndata: b\n\n",
                 { "data: a\n: x\ndata: b\n\n|message=a\nb" } },
        CutCase{ "CommentAfterAnEvent", "data: a\n\n: x\n", { "data: a\n\n|message=a", ": x\n|" } },
        CutCase{ "NoEvent", "event: endpoint\n\n", { "event: endpoint\n\n|" } },
        CutCase{ "Bom",
                 "\xef\xbb\xbf"
                 "data: a\n\n",
                 { "\xef\xbb\xbf"
                   "data: a\n\n|message=a" } },
        CutCase{ "CutOff", "data: a\n\ndata: b\n", { "data: a\n\n|message=a" } },
        CutCase{ "CutOffComment", ": a", {} }),
    case_name<CutCase>);

TEST (SseCutterLimit, IsThatOfOneEvent)
{
  std::string fits = "data: 456\n\ndata: 456\n\n: 8901234\n", above = "data: 4567\n\n";
  Error error;

  for (const std::vector<gsize> &ends : { std::vector<gsize>{ fits.size () }, every_byte (fits) })
    EXPECT_EQ (cut (fits, ends, error.out (), 11).size (), 3u) << error;
  EXPECT_THAT (error, Succeeds ());
  for (const std::vector<gsize> &ends : { std::vector<gsize>{ above.size () }, every_byte (above) })
    {
      Error refused;

      EXPECT_EQ (cut (above, ends, refused.out (), 11).size (), 0u);
      EXPECT_THAT (refused, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
    }
}

TEST (SseCutterLimit, IsFinal)
{
  Pieces pieces;
  Error error, again;
  g_autoptr (BfySseCutter) cutter = bfy_sse_cutter_new (8, on_piece, &pieces);

  EXPECT_FALSE (bfy_sse_cutter_feed (cutter, "data: 123456\n\n", 14, error.out ()));
  EXPECT_FALSE (bfy_sse_cutter_feed (cutter, "data:1\n\n", 8, again.out ()));
  EXPECT_THAT (again, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
  EXPECT_THAT (pieces, ElementsAre ());
}

TEST (SseCutterLimit, IdlesOnCommentsForEver)
{
  Pieces pieces;
  Error error;
  g_autoptr (BfySseCutter) cutter = bfy_sse_cutter_new (16, on_piece, &pieces);

  for (int i = 0; i < 10000; i++)
    ASSERT_TRUE (bfy_sse_cutter_feed (cutter, ": wait\n", 7, error.out ())) << error;
  EXPECT_EQ (pieces.size (), 10000u);
}
