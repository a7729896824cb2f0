// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Upstreams that are broken or hostile: whatever they send, the client gets it as it is or a clear
// end, the agent stays as small as it was, and others are served on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"
#include "tests/fixture/sanitizers.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

using namespace std::string_literals;

std::string
many (const std::string &text, int n)
{
  std::string all;

  for (int i = 0; i < n; i++)
    all += text;
  return all;
}

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";
const std::string kEvents =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string
chunk (const std::string &bytes)
{
  char size[24];

  snprintf (size, sizeof size, "%zx\r\n", bytes.size ());
  return size + bytes + "\r\n";
}

// One agent for all rows, with a binding "svc" to the upstream of the row and "honest" to a decent
// one: it has to survive them all.
class Shared
{
public:
  Shared ()
      : honest (mcp_script ("sk-honest-0123456789")), hostile ([this] (auto &peer, auto &) {
          peer.write (bytes);
          if (!stays)
            peer.close ();
        })
  {
    agent.add ("honest", honest.url (), "sk-honest-0123456789");
    agent.add ("svc", hostile.url (), "sk-hostile-0123456789",
               ",\"limits\":{\"response_timeout_ms\":5000}");
    key = agent.add_client ("story");
  }

  std::string bytes;  // what the hostile one sends
  bool stays = false; // whether it keeps the connection open then
  Upstream honest, hostile;
  Agent agent;
  std::string key;
};

class BadUpstream : public testing::Test
{
protected:
  static void SetUpTestSuite ()
  {
    shared = new Shared;
  }
  static void TearDownTestSuite ()
  {
    delete shared;
    shared = nullptr;
  }
  void TearDown () override
  {
    EXPECT_EQ (shared->agent.post ("honest", shared->key, kToolCall).status, 200)
        << "the agent suffered";
  }

  static Shared *shared;
};

Shared *BadUpstream::shared = nullptr;

enum class End
{
  kRefused, // 502 and a JSON-RPC error of ours with the id of the call
  kPassed,  // what the row says, to its end
  kBroken,  // the answer began and was visibly cut off
};

} // namespace

struct AnswerCase
{
  const char *name;
  std::string bytes;
  End end;
  int status = 200;
  std::string body = "{}";
};

class BadAnswer : public BadUpstream, public testing::WithParamInterface<AnswerCase>
{
};

TEST_P (BadAnswer, HasAClearEnd)
{
  const AnswerCase &row = GetParam ();

  shared->bytes = row.bytes;
  shared->stays =
      row.end == End::kPassed && row.bytes.find ("Connection: close") == std::string::npos;
  Response response = shared->agent.post ("svc", shared->key, kToolCall);

  switch (row.end)
    {
    case End::kRefused:
      EXPECT_EQ (response.status, 502);
      EXPECT_THAT (response.body, HasSubstr ("\"code\":-31011"));
      EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
      EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
      break;
    case End::kPassed:
      EXPECT_EQ (response.status, row.status);
      EXPECT_EQ (response.body, row.body);
      EXPECT_TRUE (response.is_complete);
      break;
    case End::kBroken:
      EXPECT_EQ (response.status, row.status);
      EXPECT_FALSE (response.is_complete);
      break;
    }
  EXPECT_EQ (response.header ("x-evil"), "");
  EXPECT_THAT (response.head, Not (HasSubstr ("sk-hostile")));
}

INSTANTIATE_TEST_SUITE_P (
    Heads,
    BadAnswer,
    testing::Values (
        AnswerCase{ "Nothing", "", End::kRefused },
        AnswerCase{ "Http09", "<html>hello</html>\n", End::kRefused },
        AnswerCase{ "Ssh", "SSH-2.0-OpenSSH_9.2\r\n", End::kRefused },
        AnswerCase{ "Tls", "\x15\x03\x01\x00\x02\x02\x28"s, End::kRefused },
        AnswerCase{ "Nuls", std::string (4096, '\0'), End::kRefused },
        AnswerCase{ "Http3", "HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", End::kRefused },
        AnswerCase{ "StatusIsNoNumber", "HTTP/1.1 abc X\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "Status0", "HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\n{}", End::kRefused },
        AnswerCase{ "Status99", "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\n{}", End::kRefused },
        AnswerCase{ "Status600", "HTTP/1.1 600 X\r\nContent-Length: 2\r\n\r\n{}", End::kRefused },
        AnswerCase{ "Status999", "HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\n{}", End::kRefused },
        AnswerCase{ "Status20000", "HTTP/1.1 20000 X\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "StatusNegative", "HTTP/1.1 -20 X\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "SwitchesProtocols",
                    "HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "OneHint",
                    "HTTP/1.1 103 X\r\nX-Evil: a\r\n\r\n" + kOk + "Content-Length: 2\r\n\r\n{}",
                    End::kPassed },
        AnswerCase{ "ManyHints",
                    many ("HTTP/1.1 102 X\r\nX-Evil: a\r\n\r\n", 20000) + kOk +
                        "Content-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "OnlyHints", many ("HTTP/1.1 100 X\r\n\r\n", 1000), End::kRefused },
        AnswerCase{ "HeadHasNoEnd", kOk + "X-Evil: a\r\n", End::kRefused },
        AnswerCase{ "HeadEndsInALine", kOk + "Content-Len", End::kRefused },
        AnswerCase{ "HeadEndsInTheStatusLine", "HTTP/1.1 200", End::kRefused },
        AnswerCase{ "LineHasNoColon", kOk + "nonsense\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "NulInHeader", kOk + "X-Evil: a\0b\r\nContent-Length: 2\r\n\r\n{}"s,
                    End::kRefused },
        AnswerCase{ "BareLineFeeds",
                    "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 2\n\n{}",
                    End::kPassed },
        AnswerCase{ "FoldedSession",
                    kOk + "Mcp-Session-Id: a\r\n X-Evil: b\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "ReturnInSession",
                    kOk + "Mcp-Session-Id: a\rX-Evil: b\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "Headers10000",
                    kOk + many ("X-Evil: a\r\n", 10000) + "Content-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "HeaderOf1Mb",
                    kOk + "X-Evil: " + std::string (1 << 20, 'a') +
                        "\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "SessionOf1Mb",
                    kOk + "Mcp-Session-Id: " + std::string (1 << 20, 'a') +
                        "\r\nContent-Length: 2\r\n\r\n{}",
                    End::kRefused }),
    [] (const testing::TestParamInfo<AnswerCase> &info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P (
    Lengths,
    BadAnswer,
    testing::Values (
        AnswerCase{ "LengthTooLong", kOk + "Content-Length: 3\r\n\r\n{}", End::kBroken },
        AnswerCase{ "LengthNegative", kOk + "Content-Length: -1\r\n\r\n{}", End::kRefused },
        AnswerCase{ "LengthIsNoNumber", kOk + "Content-Length: two\r\n\r\n{}", End::kRefused },
        AnswerCase{ "LengthHasATail", kOk + "Content-Length: 2x\r\n\r\n{}", End::kRefused },
        AnswerCase{ "LengthHuge", kOk + "Content-Length: 99999999999999999999999\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "LengthOverTheCap", kOk + "Content-Length: 999999999999\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "TwoLengths", kOk + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                    End::kRefused },
        AnswerCase{ "LengthAndChunks",
                    kOk + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk ("{}") +
                        "0\r\n\r\n",
                    End::kRefused },
        AnswerCase{ "OtherCoding", kOk + "Transfer-Encoding: gzip\r\n\r\n{}", End::kRefused },
        AnswerCase{ "NoLengthAtAll", kOk + "Connection: close\r\n\r\n{}", End::kPassed },
        AnswerCase{ "ChunkSizeIsNoNumber", kChunked + "zz\r\n{}\r\n0\r\n\r\n", End::kRefused },
        AnswerCase{ "ChunkSizeNegative", kChunked + "-2\r\n{}\r\n0\r\n\r\n", End::kRefused },
        AnswerCase{ "ChunkSizeHuge", kChunked + "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
                    End::kRefused },
        AnswerCase{ "ChunkSizeWithoutEnd", kChunked + std::string (100000, '1'), End::kRefused },
        AnswerCase{ "ChunkTooShort", kChunked + "1\r\n{}\r\n0\r\n\r\n", End::kBroken },
        AnswerCase{ "ChunkTooLong", kChunked + "9\r\n{}\r\n0\r\n\r\n", End::kBroken },
        AnswerCase{ "EndsInAChunk", kChunked + "9\r\n{}", End::kBroken },
        AnswerCase{ "EndsInAChunkSize", kChunked + "1", End::kRefused },
        AnswerCase{ "NoLastChunk", kChunked + chunk ("{}"), End::kBroken },
        AnswerCase{ "ChunkExtension", kChunked + "2;a=b\r\n{}\r\n0\r\n\r\n", End::kPassed },
        AnswerCase{ "Trailers", kChunked + chunk ("{}") + "0\r\nX-Evil: a\r\nSet-Cookie: b\r\n\r\n",
                    End::kPassed },
        AnswerCase{ "EventsEndInAChunk", kEvents + "99\r\ndata: a\n", End::kBroken }),
    [] (const testing::TestParamInfo<AnswerCase> &info) { return info.param.name; });

// Bodies are the client's business: they pass as they are.
INSTANTIATE_TEST_SUITE_P (
    Bodies,
    BadAnswer,
    testing::Values (
        AnswerCase{ "NulsInJson", kOk + "Content-Length: 5\r\n\r\n{\0\0\0}"s, End::kPassed, 200,
                    "{\0\0\0}"s },
        AnswerCase{ "HalfUtf8InJson", kOk + "Content-Length: 5\r\n\r\n\"\xe2\x82\"}", End::kPassed,
                    200, "\"\xe2\x82\"}" },
        AnswerCase{ "NulsInEvents", kEvents + chunk ("data: \0\0\n\nid: \0\n\n"s) + "0\r\n\r\n",
                    End::kPassed, 200, "data: \0\0\n\nid: \0\n\n"s },
        AnswerCase{ "HalfUtf8InEvents",
                    kEvents + chunk ("data: \xe2") + chunk ("\x82\n\ndata: \xff\xfe\n\n") +
                        "0\r\n\r\n",
                    End::kPassed, 200, "data: \xe2\x82\n\ndata: \xff\xfe\n\n" },
        AnswerCase{ "NotJson", kOk + "Content-Length: 4\r\n\r\n<p/>", End::kPassed, 200, "<p/>" },
        AnswerCase{ "BracketsInJson",
                    kOk + "Content-Length: 75000\r\n\r\n" + std::string (75000, '['), End::kPassed,
                    200, std::string (75000, '[') }),
    [] (const testing::TestParamInfo<AnswerCase> &info) { return info.param.name; });

// What libsoup takes from the connection ahead of time must not be taken for the answer to the next
// call: that one may be another client's.
TEST_F (BadUpstream, WhatIsLeftOverIsNotTheNextAnswer)
{
  std::atomic<int> n{ 0 };
  Upstream upstream ([&n] (Upstream::Peer &peer, const Upstream::Request &) {
    if (++n == 1)
      peer.write (kOk + "Content-Length: 2\r\n\r\n{}" + kOk + "Content-Length: 6\r\n\r\nPOISON");
    else
      peer.reply (200, "[]");
  });
  Agent &agent = shared->agent;
  ASSERT_EQ (agent.add ("leftover", upstream.url (), "sk-leftover-0123456789").status, 201);

  EXPECT_EQ (agent.post ("leftover", shared->key, kToolCall).body, "{}");
  Response next = agent.post ("leftover", shared->key, kToolCall);
  EXPECT_THAT (next.body, Not (HasSubstr ("POISON")));
  EXPECT_EQ (agent.post ("leftover", shared->key, kToolCall).body, "[]");
  agent.control ("DELETE", "/v1/bindings/leftover");
}

TEST_F (BadUpstream, TrailersAreNotTheNextAnswer)
{
  Upstream upstream ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (kChunked + chunk ("{}") + "0\r\nX-Evil: a\r\nContent-Length: 9\r\n\r\n");
  });
  Agent &agent = shared->agent;
  ASSERT_EQ (agent.add ("trailers", upstream.url (), "sk-trailers-0123456789").status, 201);

  for (int i = 0; i < 3; i++)
    {
      Response response = agent.post ("trailers", shared->key, kToolCall);

      EXPECT_EQ (response.status, 200);
      EXPECT_EQ (response.body, "{}");
      EXPECT_EQ (response.header ("x-evil"), "");
    }
  agent.control ("DELETE", "/v1/bindings/trailers");
}

// An answer may come before the request has been read, as 413 and 429 often do.
TEST_F (BadUpstream, AnAnswerMayComeBeforeTheBodyWasRead)
{
  Upstream upstream (
      [] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.reply (413, "{\"too\":\"large\"}", "Connection: close");
        peer.finish ();
        peer.wait_for_close (kPatienceMs);
      },
      true);
  Agent &agent = shared->agent;
  std::string large = R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":")" +
                      std::string (1000 * 1000, 'x') + "\"}}";
  ASSERT_EQ (agent.add ("early", upstream.url (), "sk-early-0123456789").status, 201);
  Response response = agent.post ("early", shared->key, large);

  EXPECT_EQ (response.status, 413);
  EXPECT_EQ (response.body, "{\"too\":\"large\"}");
  agent.control ("DELETE", "/v1/bindings/early");
}

// A byte now and then is not an answer: the deadline is for the whole of it.
TEST_F (BadUpstream, ADropAtATimeIsCutOffByTheDeadline)
{
  std::atomic<bool> drips_head{ true };
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    if (!drips_head)
      peer.write (kOk + "Content-Length: 1000000\r\n\r\n");
    // The wait is the drip.
    while (peer.write (drips_head ? "H" : "{") && !peer.wait_for_close (20))
      continue;
  });
  Agent &agent = shared->agent;
  ASSERT_EQ (agent
                 .add ("drop", upstream.url (), "sk-drop-0123456789",
                       ",\"limits\":{\"response_timeout_ms\":400}")
                 .status,
             201);

  Response head = agent.post ("drop", shared->key, kToolCall);
  EXPECT_EQ (head.status, 504);
  EXPECT_THAT (head.body, HasSubstr ("\"reason\":\"upstream_timeout\""));
  drips_head = false;
  EXPECT_FALSE (agent.post ("drop", shared->key, kToolCall).is_complete);
  agent.control ("DELETE", "/v1/bindings/drop");
}

struct EndlessCase
{
  const char *name;
  std::string begin, again;
  bool is_answer = false; // what it begins with is one
};

class Endless : public BadUpstream, public testing::WithParamInterface<EndlessCase>
{
};

// As fast as the machine can, for as long as the agent listens: neither memory nor other clients
// may pay for it.
TEST_P (Endless, CostsNeitherMemoryNorOthers)
{
  constexpr size_t kFarTooMuch = 32 * 1024 * 1024; // the limit is 10 MiB
  std::string block;
  std::atomic<size_t> n_sent{ 0 };

  while (block.size () < 65536)
    block += GetParam ().again;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (GetParam ().begin);
    while (peer.write (block))
      n_sent += block.size ();
  });
  Agent &agent = shared->agent;
  ASSERT_EQ (agent
                 .add ("endless", upstream.url (), "sk-endless-0123456789",
                       ",\"limits\":{\"response_timeout_ms\":2000}")
                 .status,
             201);
  long before_kib = resident_kib (agent.process ().pid ());
  Connection connection = agent.tcp ();
  connection.send (format_request (
      "POST", "/mcp/endless", agent.host (),
      "Authorization: Bearer " + shared->key + "\r\nContent-Type: application/json", kToolCall));
  upstream.requests (1);
  Response other = agent.post ("honest", shared->key, kToolCall);
  Response response = connection.read_head ();
  while (response.status != 0 && response.body.size () < kFarTooMuch &&
         !connection.read_body (response).empty ())
    continue;
  long after_kib = resident_kib (agent.process ().pid ());

  EXPECT_EQ (other.status, 200) << "served meanwhile";
  if (GetParam ().is_answer)
    EXPECT_EQ (response.body, "{}");
  else
    EXPECT_TRUE (response.status >= 500 || !response.is_complete) << response.head;
  EXPECT_LT (response.body.size (), kFarTooMuch);
  if (!is_sanitized ())
    {
      EXPECT_LT (after_kib - before_kib, 16 * 1024) << "KiB after " << n_sent << " bytes";
    }
  agent.control ("DELETE", "/v1/bindings/endless");
}

INSTANTIATE_TEST_SUITE_P (
    Streams,
    Endless,
    testing::Values (
        EndlessCase{ "StatusLine", "", "HTTP/1.1 200 OK" },
        EndlessCase{ "HeaderLine", kOk + "X-A: ", "abcdefgh" },
        EndlessCase{ "Headers", kOk, "X-A: b\r\n" },
        EndlessCase{ "Hints", "", "HTTP/1.1 100 Continue\r\n\r\n" },
        EndlessCase{ "ChunkSize", kChunked, "1" },
        EndlessCase{ "Trailers", kChunked + "2\r\n{}\r\n0\r\n", "X-A: b\r\n", true },
        EndlessCase{ "Json", kChunked, chunk (std::string (4096, '[')) },
        EndlessCase{ "EventLine", kEvents, chunk ("data: " + std::string (4096, 'x')) },
        EndlessCase{ "JsonWithoutLength", kOk + "Connection: close\r\n\r\n", "abcdefgh" }),
    [] (const testing::TestParamInfo<EndlessCase> &info) { return info.param.name; });

// One line of 100 MB: within the limit of the binding it passes, and nothing of it is kept.
TEST_F (BadUpstream, AHugeEventPassesThroughASmallAgent)
{
  constexpr size_t kBlocks = 1600, kBlock = 65536; // 100 MiB
  Upstream upstream ([] (Upstream::Peer &peer, const Upstream::Request &) {
    std::string block (kBlock, 'x');

    peer.write (kEvents);
    for (size_t i = 0; i < kBlocks; i++)
      peer.chunk (block);
    peer.chunk ("\n\n");
    peer.end_chunks ();
  });
  Agent &agent = shared->agent;
  ASSERT_EQ (agent
                 .add ("huge", upstream.url (), "sk-huge-0123456789",
                       ",\"limits\":{\"response_bytes_max\":200000000}")
                 .status,
             201);
  long before_kib = resident_kib (agent.process ().pid ()), peak_kib = 0;
  Connection connection = agent.tcp ();
  connection.send (
      format_request ("GET", "/mcp/huge", agent.host (), "Authorization: Bearer " + shared->key));
  Response response = connection.read_head ();
  size_t n_read = 0;
  while (!connection.read_body (response).empty ())
    {
      n_read += response.body.size ();
      response.body.clear ();
      if (n_read / (8 << 20) != (n_read + kBlock) / (8 << 20))
        peak_kib = std::max (peak_kib, resident_kib (agent.process ().pid ()));
    }

  EXPECT_EQ (n_read, kBlocks * kBlock + 2);
  EXPECT_TRUE (response.is_complete);
  EXPECT_GT (peak_kib, 0);
  if (!is_sanitized ())
    {
      EXPECT_LT (peak_kib - before_kib, 8 * 1024);
    }
  agent.control ("DELETE", "/v1/bindings/huge");
}
