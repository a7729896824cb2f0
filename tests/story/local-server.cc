// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// MCP servers that run on this machine as commands: how they are spoken to over HTTP in both eras,
// how they are added, and by whom they can be used.

#include "tests/fixture/local-server.h"

INSTANTIATE_TEST_SUITE_P (Modes, LocalServer, testing::Bool (), mode_name);

// The legacy era (mcp.md A.5).

TEST_P (LocalServer, ServesASession)
{
  must_add ();
  Response answer = begin ();

  EXPECT_EQ (answer.status, 200) << answer.body;
  EXPECT_EQ (answer.header ("content-type"), "application/json");
  EXPECT_EQ (session.size (), 40u);
  EXPECT_THAT (answer.body, HasSubstr ("stdio-server"));
  Response echo = call ("echo", R"({"x":"ä\n"})");
  EXPECT_EQ (echo.status, 200);
  EXPECT_THAT (echo.body, HasSubstr ("\"id\": 2"));
  // Ids come back as they were written.
  for (const char *id : { "\"a\"", "17", "\"\\u00e4\"", "1.0", "12345678901234567890" })
    EXPECT_THAT (exchange ("POST", in_session (), tool ("echo", "{}", id)).body,
                 HasSubstr (std::string ("\"id\": ") + id));
  EXPECT_EQ (exchange ("POST", in_session (), kInitialized).status, 202);
}

TEST_P (LocalServer, GivesEachSessionAServerOfItsOwn)
{
  must_add ();
  begin ();
  std::string first = session, first_pid = text_from ("pid");
  begin ();
  std::string second_pid = text_from ("pid");

  EXPECT_NE (session, first);
  std::swap (session, first);
  EXPECT_EQ (text_from ("pid"), first_pid);
  EXPECT_EQ (processes_with (mark).size (), GetParam () ? 6u : 4u);
  EXPECT_EQ (exchange ("DELETE", in_session ()).status, 200);
  EXPECT_EQ (call ("pid").status, 404);
  std::swap (session, first);
  EXPECT_EQ (text_from ("pid"), second_pid);
}

TEST_P (LocalServer, ChecksSessionsAndMethods)
{
  must_add ();
  begin ();
  std::string version = in_session () + "\r\nMCP-Protocol-Version: ";

  EXPECT_EQ (exchange ("POST", kAccept, tool ("echo")).status, 400);
  EXPECT_EQ (
      exchange ("POST", std::string (kAccept) + "\r\nMcp-Session-Id: x", tool ("echo")).status,
      404);
  EXPECT_EQ (exchange ("POST", version + "2025-11-25", tool ("echo")).status, 200);
  EXPECT_EQ (exchange ("POST", version + "2025-01-01", tool ("echo")).status, 400);
  EXPECT_EQ (exchange ("GET", "Accept: text/event-stream").status, 400);
  EXPECT_EQ (exchange ("GET", "Accept: text/html\r\nMcp-Session-Id: " + session).status, 406);
  EXPECT_EQ (exchange ("PUT", in_session (), tool ("echo")).status, 405);
  // Of the same binding, but of another client.
  std::string key = agent.add_client ("other");
  EXPECT_EQ (agent.post ("local", key, tool ("echo"), "Mcp-Session-Id: " + session).status, 404);
}

TEST_P (LocalServer, StreamsWhatPrecedesTheAnswer)
{
  must_add ();
  begin ();
  Connection connection = agent.local ();

  connection.send (format_request (
      "POST", "/mcp/local", "localhost", in_session (),
      R"({"jsonrpc":"2.0","id":"s","method":"tools/call","params":{"name":"slow","arguments":{)"
      R"("waits":true},"_meta":{"progressToken":"my-token"}}})"));
  Response stream = connection.read_head ();
  EXPECT_EQ (stream.header ("content-type"), "text/event-stream");
  std::string events = connection.read_body_until (stream, "\"progress\": 2");
  EXPECT_THAT (events, HasSubstr ("\"progressToken\": \"my-token\""));
  EXPECT_THAT (events, Not (HasSubstr ("\"id\"")));
  call ("release");
  events = connection.read_body_until (stream, "\"id\": \"s\"");
  while (!connection.read_body (stream).empty ())
    continue;
  EXPECT_TRUE (stream.is_complete);
}

TEST_P (LocalServer, CarriesRequestsOfTheServerBothWays)
{
  must_add ();
  begin ();
  Connection connection = agent.local ();

  connection.send (
      format_request ("POST", "/mcp/local", "localhost", in_session (), tool ("ask", "{}", "9")));
  Response stream = connection.read_head ();
  EXPECT_THAT (connection.read_body_until (stream, "who?"), HasSubstr ("\"id\": \"ask-1\""));
  EXPECT_EQ (exchange ("POST", in_session (),
                       R"({"jsonrpc":"2.0","id":"ask-1","result":{"action":"decline"}})")
                 .status,
             202);
  EXPECT_THAT (connection.read_body_until (stream, "decline"), HasSubstr ("\"id\": 9"));
}

TEST_P (LocalServer, HasOneStreamPerSession)
{
  must_add ();
  begin ();
  Connection connection = agent.local ();

  connection.send (format_request ("GET", "/mcp/local", "localhost",
                                   "Accept: text/event-stream\r\nMcp-Session-Id: " + session));
  Response stream = connection.read_head ();
  EXPECT_EQ (stream.status, 200);
  EXPECT_EQ (exchange ("GET", "Accept: text/event-stream\r\nMcp-Session-Id: " + session).status,
             409);
  EXPECT_EQ (exchange ("DELETE", in_session ()).status, 200);
  while (!connection.read_body (stream).empty ())
    continue;
  EXPECT_TRUE (stream.is_complete);
}

// Clients that come back (mcp.md A.5).

TEST_P (LocalServer, KeepsTheAnswerForAClientThatLostItsConnection)
{
  must_add ();
  begin ();
  std::string version = "\r\nMCP-Protocol-Version: 2025-11-25";
  std::string events;
  {
    Connection connection = agent.local ();

    connection.send (format_request (
        "POST", "/mcp/local", "localhost", in_session () + version,
        R"({"jsonrpc":"2.0","id":"s","method":"tools/call","params":{"name":"slow","arguments":{)"
        R"("waits":true},"_meta":{"progressToken":"t"}}})"));
    Response stream = connection.read_head ();
    events = connection.read_body_until (stream, "\"progress\": 1");
  }
  ASSERT_EQ (events.substr (0, 4), "id: ");
  std::string first_id = events.substr (4, events.find ('\n') - 4);
  EXPECT_THAT (events, HasSubstr ("id: " + first_id + "\nretry: 1000\ndata:\n\n"));

  std::string back =
      "Accept: text/event-stream\r\nMcp-Session-Id: " + session + version + "\r\nLast-Event-ID: ";
  Connection again = agent.local ();
  again.send (format_request ("GET", "/mcp/local", "localhost", back + first_id));
  Response stream = again.read_head ();
  EXPECT_EQ (stream.header ("content-type"), "text/event-stream");
  // What it has had already, what it had not, and, as it is under way, the rest.
  events = again.read_body_until (stream, "\"progress\": 2");
  EXPECT_THAT (events, HasSubstr ("\"progress\": 0"));
  call ("release");
  events = again.read_body_until (stream, "\"id\": \"s\"");
  while (!again.read_body (stream).empty ())
    continue;
  EXPECT_TRUE (stream.is_complete);

  // Once more, for what is over.
  Response late = exchange ("GET", back + first_id);
  EXPECT_THAT (late.body, HasSubstr ("\"progress\": 2"));
  EXPECT_THAT (late.body, HasSubstr ("\"id\": \"s\""));
  EXPECT_TRUE (late.is_complete);
  std::string last_id = late.body.substr (late.body.rfind ("id: ") + 4);
  late = exchange ("GET", back + last_id.substr (0, last_id.find ('\n')));
  EXPECT_THAT (late.body, Not (HasSubstr ("data: {")));
}

// To clients of older versions an event without data would be a broken message.
TEST_P (LocalServer, PrimesNoOldClients)
{
  must_add ();
  begin ();
  std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow",)"
                     R"("arguments":{},"_meta":{"progressToken":"t"}}})";

  for (const char *version : { "", "\r\nMCP-Protocol-Version: 2025-06-18" })
    {
      std::string events = exchange ("POST", in_session () + version, body).body;

      EXPECT_THAT (events, HasSubstr ("\"progress\": 0"));
      EXPECT_THAT (events, Not (HasSubstr ("data:\n")));
    }
}

TEST_P (LocalServer, ReplaysTheStreamOfTheSession)
{
  must_add ();
  begin ();
  std::string get = "Accept: text/event-stream\r\nMcp-Session-Id: " + session, first_id;
  Connection lost = agent.local (), next = agent.local ();

  lost.send (format_request ("GET", "/mcp/local", "localhost", get));
  Response stream = lost.read_head ();
  call ("change");
  std::string events = lost.read_body_until (stream, "list_changed");
  ASSERT_THAT (events, HasSubstr ("id: 0-"));
  // It comes back before anybody has noticed that it was gone; without that, it is another stream.
  EXPECT_EQ (exchange ("GET", get).status, 409);
  EXPECT_EQ (exchange ("GET", get + "\r\nLast-Event-ID: x").status, 409);
  next.send (format_request ("GET", "/mcp/local", "localhost", get + "\r\nLast-Event-ID: 0-0"));
  stream = next.read_head ();
  EXPECT_EQ (stream.status, 200);
  EXPECT_THAT (next.read_body_until (stream, "list_changed"), HasSubstr ("id: 0-"));
  call ("change");
  EXPECT_THAT (next.read_body_until (stream, "list_changed"), HasSubstr ("id: 0-"));
}

// Batches are of 2025-03-26 (mcp.md A.3), where accepting them is a must.
TEST_P (LocalServer, TakesABatchApart)
{
  must_add ();
  begin ();
  Response answer = exchange ("POST", in_session (),
                              "[" + tool ("echo", R"({"x":"first"})", "7") + "," + kInitialized +
                                  "," + tool ("echo", R"({"x":"second"})", "\"a\"") + "," +
                                  tool ("spell", "{}", "9") + "]");

  EXPECT_EQ (answer.status, 200);
  EXPECT_EQ (answer.header ("content-type"), "text/event-stream");
  for (const char *part :
       { "first", "second", "\"id\": 7", "\"id\": \"a\"", "\"id\": 9", "********" })
    EXPECT_THAT (answer.body, HasSubstr (part));
  EXPECT_TRUE (answer.is_complete);
  EXPECT_EQ (exchange ("POST", in_session (), std::string ("[") + kInitialized + "]").status, 202);
}

// What the policy hides shows nowhere, what it denies is not called: not in an array either.
TEST_P (LocalServer, AppliesThePolicyWhateverTheWay)
{
  must_add ();
  ASSERT_EQ (agent
                 .control ("PUT", "/v1/bindings/local/policy",
                           R"({"version":1,"default":"allow","rules":[)"
                           R"({"tool":"spell","effect":"deny"}]})")
                 .status,
             200);
  begin ();
  std::string list = R"({"jsonrpc":"2.0","id":5,"method":"tools/list"})";

  EXPECT_THAT (exchange ("POST", in_session (), list).body, Not (HasSubstr ("spell")));
  Response answer =
      exchange ("POST", in_session (), "[" + list + "," + tool ("echo", "{}", "6") + "]");
  EXPECT_THAT (answer.body, HasSubstr ("\"complain\""));
  EXPECT_THAT (answer.body, HasSubstr ("\"id\": 6"));
  EXPECT_THAT (answer.body, Not (HasSubstr ("spell")));
  answer = exchange ("POST", in_session (),
                     "[" + tool ("echo", "{}", "6") + "," + tool ("spell", "{}", "7") + "]");
  EXPECT_THAT (answer.body, HasSubstr ("\"id\":7,\"error\""));
  EXPECT_THAT (answer.body, Not (HasSubstr ("****")));
}

TEST_P (LocalServer, RefusesOtherBatches)
{
  must_add ();
  begin ();
  std::string version = in_session () + "\r\nMCP-Protocol-Version: ",
              batch = "[" + tool ("pid") + "]";

  EXPECT_EQ (exchange ("POST", version + "2025-03-26", batch).status, 200);
  EXPECT_EQ (exchange ("POST", version + "2025-06-18", batch).status, 400);
  EXPECT_EQ (exchange ("POST", kAccept, batch).status, 400) << "no session";
  EXPECT_EQ (exchange ("POST", in_session (), "[" + tool ("pid") + "," + kInitialize + "]").status,
             400);
  EXPECT_EQ (exchange ("POST", in_session (), "[]").status, 400);
  EXPECT_EQ (exchange ("POST", in_session (), "[" + tool ("pid") + ",1]").status, 400);
}

TEST_P (LocalServer, FailsEachRequestOfABatch)
{
  must_add ();
  begin ();
  Response answer = exchange ("POST", in_session (),
                              "[" + tool ("slow", R"({"waits":true})", "1") + "," +
                                  tool ("die", "{}", "\"b\"") + "]");

  for (const char *part : { "\"id\":1,\"error\"", "\"id\":\"b\",\"error\"", "exit status 7" })
    EXPECT_THAT (answer.body, HasSubstr (part));
  EXPECT_EQ (begin ().status, 200);
}

// Nobody listens any more; the session goes on.
TEST_P (LocalServer, SurvivesTheClientOfABatch)
{
  must_add ();
  begin ();
  {
    Connection connection = agent.local ();

    connection.send (format_request ("POST", "/mcp/local", "localhost", in_session (),
                                     "[" + tool ("slow", R"({"waits":true})", "1") + "," +
                                         tool ("echo", "{}", "2") + "]"));
    Response stream = connection.read_head ();
    connection.read_body_until (stream, "\"id\": 2");
  }
  EXPECT_EQ (call ("echo").status, 200);
  EXPECT_EQ (call ("release").status, 200);
}

// The modern era (mcp.md A.6).

TEST_P (LocalServer, SharesOneModernServer)
{
  must_add ("--modern");
  Response discover = exchange ("POST", modern_headers ("server/discover"),
                                modern ("server/discover", "", "\"d\""));

  EXPECT_EQ (discover.status, 200) << discover.body;
  EXPECT_THAT (discover.body, HasSubstr ("\"id\": \"d\""));
  EXPECT_EQ (discover.header ("mcp-session-id"), "");
  std::string pid;
  for (int i = 0; i < 3; i++)
    {
      Response answer = exchange ("POST", modern_headers ("tools/call", "pid"),
                                  modern ("tools/call", R"("name":"pid","arguments":{})", "7"));

      EXPECT_THAT (answer.body, HasSubstr ("\"id\": 7"));
      EXPECT_TRUE (pid.empty () || pid == text_of (answer.body));
      pid = text_of (answer.body);
    }
}

TEST_P (LocalServer, KeepsModernClientsApart)
{
  must_add ("--modern");
  std::string params = R"("name":"slow","arguments":{"waits":true})";
  Connection first = agent.local (), second = agent.local ();

  // The same id and the same token, at the same time.
  first.send (format_request ("POST", "/mcp/local", "localhost",
                              modern_headers ("tools/call", "slow"),
                              modern ("tools/call", params, "1", R"(,"progressToken":"t")")));
  Response one = first.read_head ();
  EXPECT_THAT (first.read_body_until (one, "\"progress\": 2"),
               HasSubstr ("\"progressToken\": \"t\""));
  second.send (format_request ("POST", "/mcp/local", "localhost",
                               modern_headers ("subscriptions/listen"),
                               modern ("subscriptions/listen", R"("notifications":{})", "1")));
  Response two = second.read_head ();
  std::string events = second.read_body_until (two, "list_changed");
  EXPECT_THAT (events, HasSubstr ("\"io.modelcontextprotocol/subscriptionId\": 1}"));
  exchange ("POST", modern_headers ("tools/call", "release"),
            modern ("tools/call", R"("name":"release","arguments":{})", "1"));
  events = first.read_body_until (one, "\"result\"");
  EXPECT_THAT (events, Not (HasSubstr ("list_changed")));
  EXPECT_THAT (events, HasSubstr ("\"id\": 1"));
}

// The disconnect is the cancel (mcp.md A.1).
TEST_P (LocalServer, CancelsWhatAModernClientLeaves)
{
  must_add ("--modern");
  {
    Connection connection = agent.local ();

    connection.send (
        format_request ("POST", "/mcp/local", "localhost", modern_headers ("tools/call", "slow"),
                        modern ("tools/call", R"("name":"slow","arguments":{"waits":true})", "1",
                                R"(,"progressToken":1)")));
    Response stream = connection.read_head ();
    connection.read_body_until (stream, "\"progress\": 2");
  }
  std::string state;
  for (int i = 0; i < 500 && state.find ("cancelled\": [2]") == std::string::npos; i++)
    state = text_of (exchange ("POST", modern_headers ("tools/call", "state"),
                               modern ("tools/call", R"("name":"state","arguments":{})", "1"))
                         .body);
  EXPECT_THAT (state, HasSubstr ("\"cancelled\": [2]"));
}

TEST_P (LocalServer, RefusesWhatHeadersAndBodyDisagreeOn)
{
  must_add ("--modern");
  std::string body = modern ("tools/call", R"("name":"pid","arguments":{})", "1");

  for (const std::string &headers :
       { modern_headers ("tools/list", "pid"), modern_headers ("tools/call", "die"),
         modern_headers ("tools/call"), std::string (kAccept) })
    {
      Response answer = exchange ("POST", headers, body);

      EXPECT_EQ (answer.status, 400) << headers;
      EXPECT_THAT (answer.body, HasSubstr ("-32020"));
    }
  EXPECT_EQ (exchange ("POST", modern_headers ("tools/call", "=?base64?cGlk?="), body).status, 200);
  EXPECT_EQ (exchange ("POST", modern_headers ("no/such"), modern ("no/such", "", "1")).status,
             404);
  EXPECT_EQ (
      exchange ("GET", "Accept: text/event-stream\r\nMCP-Protocol-Version: 2026-07-28").status,
      405);
}

// What a list of the tools asks for (mcp.md A.6).
TEST_P (LocalServer, RefusesArgumentsThatTheirHeadersDoNotRepeat)
{
  must_add ("--modern");
  auto echo = [this] (const std::string &arguments, const std::string &headers) {
    return exchange ("POST", modern_headers ("tools/call", "echo") + headers,
                     modern ("tools/call", R"("name":"echo","arguments":)" + arguments, "1"));
  };
  std::string both = R"({"x":"a b","n":17})", umlaut = R"({"x":"\u00e4"})";

  EXPECT_EQ (echo (both, "").status, 200) << "nobody has been told yet";
  ASSERT_EQ (
      exchange ("POST", modern_headers ("tools/list"), modern ("tools/list", "", "1")).status, 200);
  for (const char *headers : { "\r\nMcp-Param-X: a b\r\nMcp-Param-N: 17",
                               "\r\nmcp-param-x: =?base64?YSBi?=\r\nmcp-param-n: 17",
                               "\r\nMcp-Param-X: a b\r\nMcp-Param-N: 17\r\nMcp-Param-Other: 1" })
    EXPECT_EQ (echo (both, headers).status, 200) << headers;
  EXPECT_EQ (echo (umlaut, "\r\nMcp-Param-X: =?base64?w6Q=?=").status, 200);
  EXPECT_EQ (echo (R"({"x":null})", "").status, 200);
  EXPECT_EQ (echo ("{}", "").status, 200);
  for (const char *headers :
       { "", "\r\nMcp-Param-X: a b", "\r\nMcp-Param-X: a b\r\nMcp-Param-N: 18",
         "\r\nMcp-Param-X: A b\r\nMcp-Param-N: 17",
         "\r\nMcp-Param-X: =?base64?YSBi\r\nMcp-Param-N: 17",
         "\r\nMcp-Param-X: =?base64?YSBj?=\r\nMcp-Param-N: 17" })
    {
      Response refused = echo (both, headers);

      EXPECT_EQ (refused.status, 400) << headers;
      EXPECT_THAT (refused.body, HasSubstr ("-32020"));
    }
}

// Whatever the client speaks (mcp.md A.9; the story `eras` tells the rest).
TEST_P (LocalServer, IsSpokenToInItsOwnEra)
{
  must_add ();
  Response discovered =
      exchange ("POST", modern_headers ("server/discover"), modern ("server/discover", "", "1"));
  EXPECT_EQ (discovered.status, 200);
  EXPECT_THAT (discovered.body, HasSubstr (R"("supportedVersions":["2026-07-28"])"));
  EXPECT_EQ (begin ().status, 200);
  agent.control ("DELETE", "/v1/bindings/local");

  must_add ("--modern");
  Response initialized = exchange ("POST", kAccept, kInitialize);
  EXPECT_EQ (initialized.status, 200);
  EXPECT_THAT (initialized.body, HasSubstr (R"("protocolVersion":"2025-11-25")"));
  EXPECT_NE (initialized.header ("mcp-session-id"), "");
}

// The command line.

TEST_P (LocalServer, IsAddedByTheCommandLine)
{
  std::string command = "/usr/bin/python3 " + fixtures () + "/stdio-server.py --x='a b'";
  std::vector<std::string> words = { "bindify-add", "--command", command, "--env",
                                     "TOKEN",       "--name",    "local", "--token-stdin",
                                     "--share-dir", fixtures () };

  if (!GetParam ())
    words = { "bindify-add", "--command", command,         "--env",       "TOKEN",
              "--name",      "local",     "--token-stdin", "--no-sandbox" };
  Finished unconfirmed = agent.cli (words, "x-secret-x\n");
  EXPECT_EQ (unconfirmed.status, 3) << unconfirmed.errors;
  EXPECT_THAT (unconfirmed.errors, HasSubstr ("stdio-server.py '--x=a b'"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");

  words.push_back ("--yes");
  Finished added = agent.cli (words, "x-secret-x\n");
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.errors, HasSubstr (GetParam () ? "sandbox   yes" : "sandbox   NO"));
  EXPECT_THAT (added.output + added.errors, Not (HasSubstr ("x-secret-x")));
  EXPECT_THAT (agent.cli ({ "bindify", "show", "local" }).output, HasSubstr ("'--x=a b'"));
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, HasSubstr ("/usr/bin/python3"));
  EXPECT_THAT (agent.cli ({ "bindify", "tools", "local" }).output, HasSubstr ("echo"));
  EXPECT_THAT (agent.cli ({ "bindify", "call", "local", "spell" }).output, HasSubstr ("********"));
  EXPECT_EQ (agent.cli ({ "bindify", "log", "local", "--stderr" }).status, 0);
  // A new secret reaches the next server.
  EXPECT_EQ (agent.cli ({ "bindify", "login", "local", "--token-stdin" }, "longer-secret\n").status,
             0);
  EXPECT_THAT (agent.cli ({ "bindify", "call", "local", "spell" }).output,
               HasSubstr ("\"length\": 13"));
}

TEST_P (LocalServer, IsServedByTheBridge)
{
  must_add ();
  Process::Options options = agent.options ({ client_program ("bindify-mcp"), "local" });
  options.keeps_input_open = true;
  Process bridge (options);

  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("stdio-server"));
  bridge.write (std::string (kInitialized) + "\n" + tool ("ask", "{}", "5") + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("who?"));
  bridge.write ("{\"jsonrpc\":\"2.0\",\"id\":\"ask-1\",\"result\":{\"action\":\"accept\"}}\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("accept"));
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0) << bridge.errors ();
}

// J23: neither the bridge nor what was started for it.
TEST_P (LocalServer, J23NoProcessOutlivesTheEndOfItsInput)
{
  must_add ();
  Process::Options options = agent.options ({ client_program ("bindify-mcp"), "local" });
  options.keeps_input_open = true;
  Process bridge (options);

  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("stdio-server"));
  bridge.write (std::string (kInitialized) + "\n");
  std::vector<pid_t> started = processes_with (mark);
  ASSERT_FALSE (started.empty ());
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0) << bridge.errors ();
  for (pid_t pid : started)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}
