// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What must be refused gets a clear answer, and nothing is lost: each row is sent to the real
// agent, and afterwards the agent still serves an honest request.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-story-0123456789abcdefghijklmnopqrstuvwxyz";

// One agent for all rows: it has to survive them anyway.
class Shared
{
public:
  Shared () : upstream (mcp_script (kSecret))
  {
    agent.add ("svc", upstream.url (), kSecret);
    agent.add ("other", upstream.url (), kSecret);
    key = agent.add_client ("story");
    limited_key = agent.add_client ("limited", "[\"other\"]");
  }

  Upstream upstream;
  Agent agent;
  std::string key, limited_key;
};

class BadInput : public testing::Test
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
    EXPECT_EQ (shared->agent.post ("svc", shared->key, kToolCall).status, 200)
        << "the agent suffered";
  }

  static Shared *shared;
};

Shared *BadInput::shared = nullptr;

std::string
many (const std::string &text, int n)
{
  std::string all;

  for (int i = 0; i < n; i++)
    all += text;
  return all;
}

} // namespace

struct BodyCase
{
  const char *name;
  std::string body;
  int status, code;
};

class BadBody : public BadInput, public testing::WithParamInterface<BodyCase>
{
};

TEST_P (BadBody, A7IsRefusedAndNotForwarded)
{
  size_t before = shared->upstream.requests ().size ();
  Response response = shared->agent.post ("svc", shared->key, GetParam ().body);

  EXPECT_EQ (response.status, GetParam ().status) << response.body;
  EXPECT_THAT (response.body, HasSubstr ("\"code\":" + std::to_string (GetParam ().code)));
  EXPECT_THAT (response.body, HasSubstr ("\"id\":null"));
  EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
  EXPECT_EQ (shared->upstream.requests ().size (), before);
}

// behaviour 4, 4.3, A7, craft F05; mcp.md A.7 JSON strictness.
INSTANTIATE_TEST_SUITE_P (
    Json,
    BadBody,
    testing::Values (
        BodyCase{ "Empty", "", 400, -32700 },
        BodyCase{ "NotJson", "hello", 400, -32700 },
        BodyCase{ "Truncated", R"({"jsonrpc":"2.0","id":1,"method":"tools/call")", 400, -32700 },
        BodyCase{ "Trailing", R"({"jsonrpc":"2.0","id":1,"method":"x"} {})", 400, -32700 },
        BodyCase{ "Comment", R"({"jsonrpc":"2.0","id":1,/* */"method":"x"})", 400, -32700 },
        BodyCase{ "Brackets75000", many ("[", 75000), 400, -32700 },
        BodyCase{ "ClosedBrackets75000", many ("[", 75000) + many ("]", 75000), 400, -32700 },
        BodyCase{ "DuplicateKey",
                  R"({"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"})", 400,
                  -32700 },
        BodyCase{ "DuplicateKeyEscaped",
                  R"({"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"tools/call"})",
                  400, -32700 },
        BodyCase{ "DuplicateKeyDeep",
                  R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","name":"b"}})", 400,
                  -32700 },
        BodyCase{ "RawNul", std::string ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\0\"}", 37),
                  400, -32700 },
        BodyCase{ "EscapedNul", R"({"jsonrpc":"2.0","id":1,"method":"x\u0000"})", 400, -32700 },
        BodyCase{ "LoneSurrogate", R"({"jsonrpc":"2.0","id":1,"method":"\ud800"})", 400, -32700 },
        BodyCase{ "BrokenUtf8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", 400, -32700 },
        BodyCase{ "EmptyArray", "[]", 400, -32600 },
        BodyCase{ "ArrayOfNumbers", "[1,2]", 400, -32600 },
        BodyCase{ "Number", "1", 400, -32600 },
        BodyCase{ "String", "\"tools/call\"", 400, -32600 },
        BodyCase{ "MethodNotAString", R"({"jsonrpc":"2.0","id":1,"method":7})", 400, -32600 },
        BodyCase{ "OtherJsonRpc", R"({"jsonrpc":"1.0","id":1,"method":"x"})", 400, -32600 },
        BodyCase{ "IdIsAnObject", R"({"jsonrpc":"2.0","id":{},"method":"x"})", 400, -32600 }),
    [] (const testing::TestParamInfo<BodyCase> &info) { return info.param.name; });

TEST_F (BadInput, BodyOverTheCapIs413)
{
  std::string large = R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":")" +
                      std::string (1024 * 1024, 'x') + "\"}}";
  Response response = shared->agent.post ("svc", shared->key, large);

  EXPECT_EQ (response.status, 413);
  EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
}

TEST_F (BadInput, ChunkedBodyOverTheCapIs413)
{
  Connection connection = shared->agent.tcp ();
  char size[16];

  snprintf (size, sizeof size, "%x\r\n", 1024 * 1024 + 1);
  connection.send ("POST /mcp/svc HTTP/1.1\r\nHost: " + shared->agent.host () +
                   "\r\nAuthorization: Bearer " + shared->key +
                   "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                   size + std::string (1024 * 1024 + 1, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ (connection.read_response ().status, 413);
}

TEST_F (BadInput, AnEnormousDeclaredLengthIsRefusedBeforeTheBody)
{
  for (const char *length : { "1048577", "67108865", "4294967295", "999999999999999999" })
    {
      Connection connection = shared->agent.tcp ();

      connection.send ("POST /mcp/svc HTTP/1.1\r\nHost: " + shared->agent.host () +
                       "\r\nAuthorization: Bearer " + shared->key +
                       "\r\nContent-Type: application/json\r\nContent-Length: " + length +
                       "\r\n\r\n{");
      EXPECT_EQ (connection.read_response ().status, 413) << length;
    }
}

// behaviour 4.2.
TEST_F (BadInput, OtherMediaTypesAre415)
{
  for (const char *lines : { "Content-Type: text/plain", "Content-Type: application/json-seq",
                             "Content-Type: application/json\r\nContent-Encoding: gzip" })
    {
      Connection connection = shared->agent.tcp ();

      connection.send (format_request ("POST", "/mcp/svc", shared->agent.host (),
                                       "Authorization: Bearer " + shared->key + "\r\n" + lines,
                                       kToolCall));
      EXPECT_EQ (connection.read_response ().status, 415) << lines;
    }
}

struct FramingCase
{
  const char *name;
  std::string head; // behind the request line and Host
  std::string body;
};

class BadFraming : public BadInput, public testing::WithParamInterface<FramingCase>
{
};

TEST_P (BadFraming, Is400OnBothDoors)
{
  for (bool is_tcp : { true, false })
    {
      Connection connection = is_tcp ? shared->agent.tcp () : shared->agent.local ();
      std::string host = is_tcp ? shared->agent.host () : "localhost";

      connection.send ("POST /mcp/svc HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " +
                       shared->key + "\r\nContent-Type: application/json\r\n" + GetParam ().head +
                       "\r\n" + GetParam ().body);
      Response response = connection.read_response ();

      EXPECT_EQ (response.status, 400);
      EXPECT_THAT (response.body, HasSubstr ("\"error\":\"bad_request\""));
      EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
      EXPECT_TRUE (connection.wait_for_close (kPatienceMs)) << "nothing after it may be read";
    }
}

// craft J26, J28; the whole table is in the unit test of the framing check.
INSTANTIATE_TEST_SUITE_P (
    Framing,
    BadFraming,
    testing::Values (
        FramingCase{ "TwoHosts", "Host: evil.example\r\n", "" },
        FramingCase{ "TwoLengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}" },
        FramingCase{ "LengthAndChunked", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                     "2\r\n{}\r\n0\r\n\r\n" },
        FramingCase{ "BadChunkSize", "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n" },
        FramingCase{ "ChunkTooShort", "Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n" },
        FramingCase{ "FoldedHeader", "X-A: b\r\n c\r\n", "" },
        FramingCase{ "TwoAuthorizations", "Authorization: Bearer x\r\n", "" }),
    [] (const testing::TestParamInfo<FramingCase> &info) { return info.param.name; });

// craft J36. Refused as soon as it is clear, whether or not an end will come.
TEST_F (BadInput, J36AHeadWithoutMeasureIsRefused)
{
  std::string begin = "GET /healthz HTTP/1.1\r\nHost: " + shared->agent.host () + "\r\n";
  struct
  {
    const char *what;
    std::string head;
    int status;
  } cases[] = {
    { "1 MB line", begin + "X-A: " + std::string (1 << 20, 'a'), 431 },
    { "10,000 fields", begin + many ("X-A: b\r\n", 10000), 431 },
    { "101 fields", begin + many ("X-A: b\r\n", 100) + "\r\n", 431 },
    { "1 MB path", "GET /" + std::string (1 << 20, 'a'), 431 },
    { "9 KB path", "GET /" + std::string (9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414 },
    { "1 MB method", std::string (1 << 20, 'A'), 431 },
    { "1 MB of empty lines", many ("\r\n", 1 << 19), 400 },
    { "1 MB of NULs", std::string (1 << 20, '\0'), 431 },
  };

  for (const auto &row : cases)
    {
      Connection connection = shared->agent.tcp ();

      connection.send (row.head);
      EXPECT_EQ (connection.read_response ().status, row.status) << row.what;
      EXPECT_TRUE (connection.wait_for_close (kPatienceMs)) << row.what;
    }
}

TEST_F (BadInput, J26ASmuggledSecondRequestIsNotServed)
{
  Connection connection = shared->agent.tcp ();
  size_t before = shared->upstream.requests ().size ();

  connection.send ("POST /mcp/svc HTTP/1.1\r\nHost: " + shared->agent.host () +
                   "\r\nAuthorization: Bearer " + shared->key +
                   "\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n0\r\n\r\nGET /mcp/svc HTTP/1.1\r\nHost: " +
                   shared->agent.host () + "\r\nAuthorization: Bearer " + shared->key + "\r\n\r\n");
  EXPECT_EQ (connection.read_response ().status, 400);
  EXPECT_TRUE (connection.wait_for_close (kPatienceMs));
  EXPECT_EQ (shared->upstream.requests ().size (), before);
}

struct OriginCase
{
  const char *name, *host, *origin; // %d in host: the port
  int status;
};

class Origins : public BadInput, public testing::WithParamInterface<OriginCase>
{
};

// behaviour 2.1, A24, J30, J31.
TEST_P (Origins, A24AreCheckedBeforeAnythingElse)
{
  std::string port = std::to_string (shared->agent.port ());
  auto fill = [&] (std::string text) {
    size_t at = text.find ("%d");

    return at != std::string::npos ? text.replace (at, 2, port) : text;
  };

  for (const char *method : { "GET", "POST", "OPTIONS" })
    {
      Connection connection = shared->agent.tcp ();
      std::string lines = "Content-Type: application/json\r\nAuthorization: Bearer " + shared->key;

      if (GetParam ().origin != nullptr)
        lines += "\r\nOrigin: " + fill (GetParam ().origin);
      connection.send (format_request (method, "/healthz", fill (GetParam ().host), lines, ""));
      Response response = connection.read_response ();

      if (GetParam ().status == 403)
        EXPECT_EQ (response.status, 403) << method;
      else
        EXPECT_EQ (response.status, method == std::string ("GET") ? 200 : 405) << method;
      for (const auto &[name, value] : response.headers)
        EXPECT_THAT (name, Not (testing::StartsWith ("access-control"))) << value;
    }
}

INSTANTIATE_TEST_SUITE_P (
    Guard,
    Origins,
    testing::Values (OriginCase{ "Ours", "127.0.0.1:%d", nullptr, 200 },
                     OriginCase{ "OwnOrigin", "127.0.0.1:%d", "http://127.0.0.1:%d", 200 },
                     OriginCase{ "Localhost", "localhost:%d", nullptr, 200 },
                     OriginCase{ "Rebinding", "evil.example:%d", nullptr, 403 },
                     OriginCase{ "OtherPort", "127.0.0.1:1", nullptr, 403 },
                     OriginCase{ "WebPage", "127.0.0.1:%d", "https://evil.example", 403 },
                     OriginCase{ "NullOrigin", "127.0.0.1:%d", "null", 403 }),
    [] (const testing::TestParamInfo<OriginCase> &info) { return info.param.name; });

TEST_F (BadInput, AnyOriginIsForeignOnTheSocket)
{
  Connection connection = shared->agent.local ();

  connection.send (format_request ("GET", "/v1/status", "localhost", "Origin: http://localhost"));
  EXPECT_EQ (connection.read_response ().status, 403);
}

// behaviour 3.3, 3.4, A4, A6: unknown binding, no key, bad key, half a key, another spelling and a
// key of other bindings cannot be told apart.
TEST_F (BadInput, A6UnknownBindingAndBadKeysLookTheSame)
{
  std::string half_right = shared->key.substr (0, 53) + std::string (43, 'A');
  std::string other_spelling = shared->key;
  std::string reference;

  other_spelling.back () = other_spelling.back () == 'A' ? 'B' : 'A' + 1;
  struct
  {
    const char *what;
    std::string name, key;
  } cases[] = {
    { "no key", "svc", "" },
    { "unknown binding", "nothing", shared->key },
    { "unknown binding without key", "nothing", "" },
    { "random key", "svc", "bnd_local_" + std::string (86, 'A') },
    { "hosted prefix", "svc", "bnd_live_" + std::string (86, 'A') },
    { "short key", "svc", "bnd_local_AAAA" },
    { "right first half", "svc", half_right },
    { "key of another binding", "svc", shared->limited_key },
    { "name with newline", "sv%0Ac", shared->key },
    { "name with dots", "..%2Fsvc", shared->key },
    { "upper case", "SVC", shared->key },
    { "key in the query", "svc?key=" + shared->key, "" },
    { "bare key in the query", "svc?" + shared->key.substr (10), "" },
  };

  for (const auto &row : cases)
    for (const char *id : { "7", "\"req-1\"" })
      {
        std::string body =
            std::string (R"({"jsonrpc":"2.0","id":)") + id + R"(,"method":"tools/list"})";
        Response response = shared->agent.post (row.name, row.key, body);
        std::string shape = response.body;

        EXPECT_EQ (response.status, 404) << row.what;
        EXPECT_THAT (shape, HasSubstr (std::string ("\"id\":") + id)) << row.what;
        EXPECT_EQ (response.header ("www-authenticate"), "");
        shape.replace (shape.find (id), strlen (id), "ID");
        if (reference.empty ())
          reference = shape;
        EXPECT_EQ (shape, reference) << row.what;
      }
  EXPECT_THAT (reference, HasSubstr ("-31001"));
}

TEST_F (BadInput, TheKeyInThePathWorksAndIsNotLogged)
{
  Connection connection = shared->agent.tcp ();

  connection.send (format_request ("POST", "/mcp/svc/" + shared->key.substr (10),
                                   shared->agent.host (), "Content-Type: application/json",
                                   kToolCall));
  EXPECT_EQ (connection.read_response ().status, 200);
  EXPECT_THAT (shared->agent.process ().errors (), Not (HasSubstr (shared->key.substr (10))));
}

// behaviour 2.4, 2.5, 2.7.
TEST_F (BadInput, OtherPathsAndMethods)
{
  struct
  {
    const char *method, *path;
    int status;
  } cases[] = {
    { "GET", "/", 404 },
    { "GET", "/v1/status", 404 },
    { "POST", "/v1/bindings", 404 },
    { "GET", "/.well-known/oauth-protected-resource", 404 },
    { "GET", "/.well-known/oauth-authorization-server", 404 },
    { "GET", "/.well-known/oauth-protected-resource/mcp/svc", 404 },
    { "GET", "/.well-known/openid-configuration/mcp/svc", 404 },
    { "GET", "/mcp/svc/.well-known/oauth-authorization-server", 404 },
    { "POST", "/register", 404 },
    { "GET", "/authorize", 404 },
    { "GET", "/mcp", 404 },
    { "GET", "/mcp/svc/a/b", 404 },
    { "GET", "/healthz/", 404 },
    { "POST", "/healthz", 405 },
    { "PUT", "/mcp/svc", 405 },
    { "PATCH", "/mcp/svc", 405 },
    { "GET", "/mcp/svc/sse", 400 },
    { "POST", "/mcp/svc/messages", 400 },
  };

  for (const auto &row : cases)
    {
      Connection connection = shared->agent.tcp ();
      bool is_post = row.method == std::string ("POST");

      connection.send (format_request (row.method, row.path, shared->agent.host (),
                                       "Authorization: Bearer " + shared->key +
                                           (is_post ? "\r\nContent-Type: application/json" : ""),
                                       is_post ? kToolCall : ""));
      Response response = connection.read_response ();

      EXPECT_EQ (response.status, row.status) << row.method << " " << row.path;
      EXPECT_EQ (response.header ("www-authenticate"), "") << row.path;
      EXPECT_EQ (response.header ("x-bindify-origin"), "agent") << row.path;
    }
}

TEST_F (BadInput, HealthzSaysNothingButOk)
{
  Connection connection = shared->agent.tcp ();

  connection.send (format_request ("GET", "/healthz", shared->agent.host ()));
  EXPECT_EQ (connection.read_response ().body, "{\"status\":\"ok\"}");
}

// F02.
TEST_F (BadInput, ARequestMayArriveByteByByte)
{
  Connection connection = shared->agent.tcp ();
  std::string text = format_request (
      "POST", "/mcp/svc", shared->agent.host (),
      "Content-Type: application/json\r\nAuthorization: Bearer " + shared->key, kToolCall);

  for (char byte : text)
    ASSERT_TRUE (connection.send (std::string (1, byte)));
  EXPECT_EQ (connection.read_response ().status, 200);
}

TEST_F (BadInput, PipelinedRequestsAreAnsweredInOrder)
{
  Connection connection = shared->agent.tcp ();
  std::string head = "Content-Type: application/json\r\nAuthorization: Bearer " + shared->key;
  std::string text;

  for (int i = 0; i < 5; i++)
    text += format_request ("POST", "/mcp/svc", shared->agent.host (), head,
                            R"({"jsonrpc":"2.0","id":)" + std::to_string (i) +
                                R"(,"method":"tools/list"})");
  connection.send (text);
  for (int i = 0; i < 5; i++)
    EXPECT_THAT (connection.read_response ().body,
                 HasSubstr ("\"id\":" + std::to_string (i) + ","));
}

TEST_F (BadInput, WhoeverAsksFirstIsToldToGoOn)
{
  Connection connection = shared->agent.tcp ();
  std::string text = format_request ("POST", "/mcp/svc", shared->agent.host (),
                                     "Content-Type: application/json\r\nExpect: 100-continue\r\n"
                                     "Authorization: Bearer " +
                                         shared->key,
                                     kToolCall);
  const size_t n_head = text.find ("\r\n\r\n") + 4;

  connection.send (text.substr (0, n_head));
  EXPECT_EQ (connection.read_head ().status, 100);
  connection.send (text.substr (n_head));
  EXPECT_EQ (connection.read_response ().status, 200);
}

TEST_F (BadInput, WhoeverAsksFirstIsRefusedAtOnce)
{
  Connection connection = shared->agent.tcp ();

  connection.send ("POST /nowhere HTTP/1.1\r\nHost: " + shared->agent.host () +
                   "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
                   "Content-Length: 10\r\n\r\n");
  EXPECT_EQ (connection.read_head ().status, 404);
}

// What comes behind the head of a refused request is its body, whatever it looks like.
TEST_F (BadInput, TheBodyOfARefusedRequestIsNoRequest)
{
  Connection connection = shared->agent.tcp ();
  const std::string inner = format_request ("GET", "/healthz", shared->agent.host ());

  connection.send (format_request ("POST", "/nowhere", shared->agent.host (),
                                   "Content-Type: application/json", inner));
  EXPECT_EQ (connection.read_response ().status, 404);
  connection.send (inner);
  EXPECT_EQ (connection.read_response ().status, 200);
}

TEST_F (BadInput, ConnectionsCloseWhenTheClientWantsThemTo)
{
  struct
  {
    const char *version, *headers;
    bool closes;
  } const rows[] = {
    { "1.1", "", false },
    { "1.1", "Connection: close\r\n", true },
    { "1.1", "Connection: x, Close\r\n", true },
    { "1.0", "", true },
    { "1.0", "Connection: keep-alive\r\n", false },
  };

  for (const auto &row : rows)
    {
      Connection connection = shared->agent.tcp ();
      const std::string text = std::string ("GET /healthz HTTP/") + row.version +
                               "\r\nHost: " + shared->agent.host () + "\r\n" + row.headers + "\r\n";

      connection.send (text);
      const Response response = connection.read_response ();
      EXPECT_EQ (response.status, 200) << text;
      EXPECT_EQ (response.header ("connection") == "close", row.closes) << text;
      if (row.closes)
        {
          EXPECT_TRUE (connection.wait_for_close (30000)) << text;
          continue;
        }
      connection.send (text);
      EXPECT_EQ (connection.read_response ().status, 200) << text;
    }
}

TEST_F (BadInput, HeadHasNoBody)
{
  Connection connection = shared->agent.tcp ();

  connection.send (format_request ("HEAD", "/healthz", shared->agent.host ()) +
                   format_request ("GET", "/healthz", shared->agent.host ()));
  const Response head = connection.read_head ();
  EXPECT_NE (head.status, 0);
  EXPECT_THAT (connection.read_raw (12), testing::StartsWith ("HTTP/1.1 200"));
}

// F03, F11.
TEST_F (BadInput, HalfRequestsDoNotHoldUpOthers)
{
  std::vector<Connection> half;

  for (int i = 0; i < 200; i++)
    {
      half.push_back (shared->agent.tcp ());
      half.back ().send ("POST /mcp/svc HTTP/1.1\r\nHost: x");
    }
  EXPECT_EQ (shared->agent.post ("svc", shared->key, kToolCall).status, 200);
}

struct AddCase
{
  const char *name;
  std::string body;
  int status;
  const char *error;
};

class BadBinding : public BadInput, public testing::WithParamInterface<AddCase>
{
};

TEST_P (BadBinding, IsRefusedAndLeavesNothingBehind)
{
  std::string before = shared->agent.control ("GET", "/v1/bindings").body;
  Response response = shared->agent.control ("POST", "/v1/bindings", GetParam ().body);

  EXPECT_EQ (response.status, GetParam ().status) << response.body;
  EXPECT_EQ (json_string (response.body, "error"), GetParam ().error);
  EXPECT_THAT (response.body, Not (HasSubstr ("sk-")));
  EXPECT_EQ (shared->agent.control ("GET", "/v1/bindings").body, before);
}

INSTANTIATE_TEST_SUITE_P (
    Bindings,
    BadBinding,
    testing::Values (
        AddCase{ "NotJson", "x", 400, "parse_error" },
        AddCase{ "Array", "[]", 400, "bad_request" },
        AddCase{ "Neither", "{}", 400, "bad_request" },
        AddCase{ "Both", R"({"service":"github","url":"https://x.example/mcp"})", 400,
                 "bad_request" },
        AddCase{ "UnknownMember", R"({"url":"https://x.example/mcp","colour":"red"})", 400,
                 "bad_request" },
        AddCase{ "UnknownService", R"({"service":"nothing"})", 409, "no_service" },
        AddCase{ "NameWithNewline",
                 R"({"name":"a\nb","url":"https://x.example/mcp","check":false})", 400,
                 "invalid_argument" },
        AddCase{ "NameWithDots", R"({"name":"../x","url":"https://x.example/mcp","check":false})",
                 400, "invalid_argument" },
        AddCase{ "NameTaken", R"({"name":"svc","url":"https://x.example/mcp","check":false})", 409,
                 "exists" },
        AddCase{ "PlainHttp", R"({"name":"x","url":"http://x.example/mcp","check":false})", 400,
                 "invalid_argument" },
        AddCase{ "FileUrl", R"({"name":"x","url":"file:///etc/passwd","check":false})", 400,
                 "invalid_argument" },
        AddCase{ "UserInfo", R"({"name":"x","url":"https://me:sk-1@x.example/mcp","check":false})",
                 400, "invalid_argument" },
        AddCase{ "LocalWithoutConsent",
                 R"({"name":"x","url":"http://127.0.0.1:1/mcp","check":false})", 403,
                 "local_address" },
        AddCase{ "PrivateWithoutConsent",
                 R"({"name":"x","url":"https://10.0.0.1/mcp","check":false})", 403,
                 "local_address" },
        AddCase{
            "EmptyKey",
            R"({"name":"x","url":"https://x.example/mcp","check":false,"credential":{"type":"api_key","api_key":"  "}})",
            400, "invalid_argument" },
        AddCase{
            "KeyWithNewline",
            R"({"name":"x","url":"https://x.example/mcp","check":false,"credential":{"type":"api_key","api_key":"sk-a\r\nX: y"}})",
            400, "invalid_argument" },
        AddCase{
            "HeaderOfFraming",
            R"({"name":"x","url":"https://x.example/mcp","check":false,"credential":{"type":"api_key","api_key":"sk-a"},"injection":{"kind":"header","name":"Content-Length"}})",
            400, "invalid_argument" },
        AddCase{
            "HeaderWithNewline",
            R"({"name":"x","url":"https://x.example/mcp","check":false,"credential":{"type":"api_key","api_key":"sk-a"},"injection":{"kind":"header","name":"X\r\nY"}})",
            400, "invalid_argument" },
        AddCase{
            "UnknownKeyring",
            R"({"name":"x","url":"https://x.example/mcp","check":false,"keyring":"shoebox","credential":{"type":"api_key","api_key":"sk-a"}})",
            503, "keyring_unavailable" }),
    [] (const testing::TestParamInfo<AddCase> &info) { return info.param.name; });

TEST_F (BadInput, UnknownControlPathsAndMethods)
{
  Agent &agent = shared->agent;

  EXPECT_EQ (agent.control ("GET", "/v1/nothing").status, 404);
  EXPECT_EQ (agent.control ("PUT", "/v1/bindings").status, 405);
  EXPECT_EQ (agent.control ("GET", "/v1/bindings/nothing").status, 404);
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/nothing").status, 404);
  EXPECT_EQ (agent.control ("DELETE", "/v1/clients/nothing").status, 404);
  EXPECT_EQ (agent.control ("POST", "/v1/clients", "{}").status, 400);
  EXPECT_EQ (
      agent.control ("POST", "/v1/clients", R"({"label":"x","bindings":["nothing"]})").status, 404);
  EXPECT_EQ (agent.control ("GET", "/v1/events?limit=-1").status, 400);
}
