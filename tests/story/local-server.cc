// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// MCP servers that run on this machine as commands: how they are spoken to over HTTP in both eras,
// what they get to see and to say, and that nothing is left of them. Each protection is attacked
// from inside; without the sandbox the same attack succeeds.

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fixture/agent.h"

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

// As JSON spells it: quotes and backslashes belong to a secret, too.
constexpr char kSecretJson[] = R"(local/secret+with~\"quote\\and-more=1)";
constexpr char kAccept[] = "Content-Type: application/json\r\nAccept: application/json, "
                           "text/event-stream";
constexpr char kInitialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

std::string
fixtures ()
{
  return getenv ("BFY_TEST_FIXTURES_DIR");
}

std::string
tool (const std::string &name, const std::string &arguments = "{}", const std::string &id = "2")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" + name +
         R"(","arguments":)" + arguments + "}}";
}

std::string
modern (const std::string &method,
        const std::string &params,
        const std::string &id,
        const std::string &more_meta = "")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + params +
         (params.empty () ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{})" +
         more_meta + "}}}";
}

std::string
modern_headers (const std::string &method, const std::string &name = "")
{
  return std::string (kAccept) + "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method +
         (name.empty () ? "" : "\r\nMcp-Name: " + name);
}

// The text of the tool's answer, unescaped: what the fixture printed as JSON.
std::string
text_of (const std::string &body)
{
  size_t start = body.find ("\"text\": \"");
  std::string out;

  if (start == std::string::npos)
    return "(none) " + body;
  for (size_t i = start + 9; i < body.size () && body[i] != '"'; i++)
    out += body[i] == '\\' ? body[++i] : body[i];
  return out;
}

bool
process_exists (pid_t pid)
{
  std::ifstream file ("/proc/" + std::to_string (pid) + "/stat");
  std::string text ((std::istreambuf_iterator<char> (file)), {});
  size_t end = text.rfind (')');

  // A zombie is over; whoever adopted it has not looked yet.
  return end != std::string::npos && text.substr (end + 2, 1) != "Z";
}

bool
ends_soon (pid_t pid)
{
  for (int i = 0; i < kPatienceMs / 20 && process_exists (pid); i++)
    usleep (20000); // polls another process: there is nothing to wait on
  return !process_exists (pid);
}

// All processes whose command line holds @mark.
std::vector<pid_t>
processes_with (const std::string &mark)
{
  std::vector<pid_t> found;

  for (const auto &entry : std::filesystem::directory_iterator ("/proc"))
    {
      std::ifstream file (entry.path () / "cmdline");
      std::string text ((std::istreambuf_iterator<char> (file)), {});
      pid_t pid = static_cast<pid_t> (strtol (entry.path ().filename ().c_str (), nullptr, 10));

      if (pid > 0 && text.find (mark) != std::string::npos && process_exists (pid))
        found.push_back (pid);
    }
  return found;
}

bool
has_bwrap ()
{
  return access ("/usr/bin/bwrap", X_OK) == 0;
}

Agent::Options
options_with_variables ()
{
  Agent::Options options;

  options.environment = { { "UNWANTED", "1" }, { "WANTED", "2" } };
  return options;
}

class LocalServer : public testing::TestWithParam<bool>
{
protected:
  // More members of the command, beginning with a comma.
  Response add (const std::string &arguments,
                const std::string &more = "",
                const std::string &deliver = R"("variable":"TOKEN")")
  {
    std::string sandbox =
        GetParam () ? R"(,"share":[")" + fixtures () + "\"]" : std::string (R"(,"sandbox":false)");
    std::string words;
    size_t at = 0;

    if (more.find ("\"share\"") != std::string::npos)
      sandbox = "";
    while (at < arguments.size ())
      {
        size_t end = std::min (arguments.find (' ', at), arguments.size ());

        words += ",\"" + arguments.substr (at, end - at) + "\"";
        at = end + 1;
      }
    // The mark tells processes of this test from others; the fixture does not know it.
    mark = "--mark-" + std::to_string (getpid ()) + "-" + std::to_string (agent.port ());
    return agent.control (
        "POST", "/v1/bindings",
        R"({"name":"local","command":{"argv":["/usr/bin/python3",")" + fixtures () +
            R"(/stdio-server.py")" + words + ",\"" + mark + R"("],)" + deliver + sandbox + more +
            R"(},"credential":{"type":"custom","value":")" + kSecretJson + "\"}}");
  }
  void must_add (const std::string &arguments = "",
                 const std::string &more = "",
                 const std::string &deliver = R"("variable":"TOKEN")")
  {
    Response added = add (arguments, more, deliver);

    ASSERT_EQ (added.status, 201) << added.body;
  }
  void SetUp () override
  {
    if (GetParam () && !has_bwrap ())
      GTEST_SKIP () << "bubblewrap is not installed";
  }

  Response
  exchange (const std::string &method, const std::string &headers, const std::string &body = "")
  {
    Connection connection = agent.local ();

    connection.send (format_request (method, "/mcp/local", "localhost", headers, body));
    return connection.read_response ();
  }
  Response begin ()
  {
    Response answer = exchange ("POST", kAccept, kInitialize);

    session = answer.header ("mcp-session-id");
    if (!session.empty ())
      exchange ("POST", in_session (), kInitialized);
    return answer;
  }
  std::string in_session () const
  {
    return std::string (kAccept) + "\r\nMcp-Session-Id: " + session;
  }
  Response call (const std::string &name, const std::string &arguments = "{}")
  {
    return exchange ("POST", in_session (), tool (name, arguments));
  }
  std::string text_from (const std::string &name, const std::string &arguments = "{}")
  {
    return text_of (call (name, arguments).body);
  }
  std::string stderr_text ()
  {
    return agent.control ("GET", "/v1/bindings/local/stderr").body;
  }

  Agent agent{ options_with_variables () };
  std::string session, mark;
};

class SandboxedServer : public LocalServer
{
};

std::string
mode_name (const testing::TestParamInfo<bool> &info)
{
  return info.param ? "Sandbox" : "Plain";
}

} // namespace

INSTANTIATE_TEST_SUITE_P (Modes, LocalServer, testing::Bool (), mode_name);
INSTANTIATE_TEST_SUITE_P (Modes, SandboxedServer, testing::Bool (), mode_name);

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
  EXPECT_EQ (exchange ("POST", in_session (), "[" + tool ("echo") + "]").status, 400);
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

// The secret.

TEST_P (LocalServer, HidesTheSecretInWhatTheServerSays)
{
  must_add ();
  begin ();
  std::string said = call ("spell").body;

  EXPECT_THAT (said, HasSubstr ("\\\"length\\\": 35")); // it has it
  EXPECT_THAT (said, HasSubstr ("[REDACTED]"));
  for (const char *spelling :
       { "local/secret", "bG9jYWwvc2VjcmV0", "xvY2FsL3NlY3JldC", "6c6f63616c2f736563726574" })
    EXPECT_THAT (said, Not (HasSubstr (spelling)));
  call ("complain");
  std::string log;
  for (int i = 0; i < 200 && log.find ("xxx") == std::string::npos; i++)
    log = stderr_text ();
  EXPECT_THAT (log, HasSubstr ("the token is [REDACTED]"));
  EXPECT_THAT (log, Not (HasSubstr ("local/sec")));
  EXPECT_THAT (log, Not (HasSubstr ("bG9jYWwvc2VjcmV0")));
}

TEST_P (LocalServer, GetsTheSecretInAFileThatVanishes)
{
  must_add ("", "", R"("deliver":"file","variable":"TOKEN_FILE")");
  begin ();
  EXPECT_THAT (call ("spell").body, HasSubstr ("\\\"length\\\": 35"));
  // Nobody can make the server read it again.
  std::string secrets = agent.dir ().path ("run/bindify-secrets");
  for (const auto &entry : std::filesystem::recursive_directory_iterator (secrets))
    EXPECT_FALSE (entry.is_regular_file ()) << entry.path ();
  agent.stop ();
  EXPECT_FALSE (std::filesystem::exists (secrets));
}

TEST_P (LocalServer, GetsTheSecretOnAPipe)
{
  must_add ("", "", R"("deliver":"fd","variable":"TOKEN_FD")");
  begin ();
  EXPECT_THAT (call ("spell").body, HasSubstr ("\\\"length\\\": 35"));
}

TEST_P (LocalServer, ShowsTheSecretInNoArgumentList)
{
  must_add ();
  begin ();
  for (pid_t pid : processes_with (mark))
    {
      std::ifstream file ("/proc/" + std::to_string (pid) + "/cmdline");

      EXPECT_THAT (std::string ((std::istreambuf_iterator<char> (file)), {}),
                   Not (HasSubstr ("local/secret")));
    }
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/local").body, Not (HasSubstr ("local/secret")));
}

// The surroundings.

TEST_P (LocalServer, StartsWithACleanSlate)
{
  must_add ("", R"(,"pass":["WANTED"])");
  begin ();
  std::string state = text_from ("state");

  EXPECT_THAT (state, HasSubstr ("\"umask\": \"0o77\""));
  EXPECT_THAT (state, HasSubstr ("\"core\": \"0\""));
  EXPECT_THAT (state, HasSubstr ("\"WANTED\""));
  EXPECT_THAT (state, Not (HasSubstr ("UNWANTED")));
  EXPECT_THAT (state, Not (HasSubstr ("XDG_")));
  EXPECT_THAT (state, HasSubstr ("\"home\": \"" + agent.dir ().path ("home") + "\""));
  std::string descriptors = text_from ("descriptors");
  EXPECT_THAT (descriptors, HasSubstr ("\"2\": \"pipe:"));
  EXPECT_THAT (descriptors, AnyOf (Not (HasSubstr ("\"4\"")), Not (HasSubstr ("\"5\""))));
  EXPECT_THAT (descriptors, Not (HasSubstr ("socket:")));
  EXPECT_THAT (descriptors, Not (HasSubstr ("bindify")));
}

TEST_P (SandboxedServer, ReachesNothingOfTheSession)
{
  int bus = socket (AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un address = unix_address (agent.dir ().path ("run/bus"));
  std::string keyrings = agent.dir ().path ("home/.local/share/keyrings");

  ASSERT_EQ (bind (bus, reinterpret_cast<sockaddr *> (&address), sizeof address), 0);
  listen (bus, 8);
  std::filesystem::create_directories (keyrings);
  std::ofstream (keyrings + "/login.keyring") << "x";
  must_add ();
  begin ();
  std::string pid = std::to_string (agent.process ().pid ());
  std::string seen =
      text_from ("look", R"({"agent":["connect",")" + agent.socket () + R"("],"bus":["connect",")" +
                             agent.dir ().path ("run/bus") + R"("],"keyring":["read",")" +
                             keyrings + R"(/login.keyring"],"state":["list",")" +
                             agent.state_dir () + R"("],"run":["list",")" +
                             agent.dir ().path ("run") + R"("],"process":["read","/proc/)" + pid +
                             R"(/cmdline"],"environ":["read","/proc/)" + pid + R"(/environ"]})");
  close (bus);

  if (GetParam ())
    {
      for (const char *what : { "agent", "bus", "keyring", "state", "run", "process", "environ" })
        EXPECT_THAT (seen, HasSubstr (std::string ("\"") + what + "\": \"FileNotFoundError\""));
      return;
    }
  // What the sandbox is good for: without it all this works.
  for (const char *what : { "agent", "bus" })
    EXPECT_THAT (seen, HasSubstr (std::string ("\"") + what + "\": \"connected\""));
  EXPECT_THAT (seen, HasSubstr ("\"keyring\": \"read 1\""));
  EXPECT_THAT (seen, HasSubstr ("\"state\": \"listed"));
  EXPECT_THAT (seen, HasSubstr ("\"process\": \"read"));
}

TEST_P (SandboxedServer, KeepsAwayFromSecretsEvenInASharedHome)
{
  std::string home = agent.dir ().path ("home"), keyrings = home + "/.local/share/keyrings";

  if (!GetParam ())
    GTEST_SKIP () << "nothing is shared without a sandbox";
  std::filesystem::create_directories (keyrings);
  std::ofstream (keyrings + "/login.keyring") << "x";
  std::ofstream (home + "/notes") << "xy";
  must_add ("", R"(,"share":[")" + fixtures () + R"(",")" + home + R"("])");
  begin ();
  std::string seen = text_from ("look", R"({"notes":["read",")" + home +
                                            R"(/notes"],"keyring":[)"
                                            R"("read",")" +
                                            keyrings +
                                            R"(/login.keyring"],"new":[)"
                                            R"("write",")" +
                                            home + R"(/new"]})");
  EXPECT_THAT (seen, HasSubstr ("\"notes\": \"read 2\""));
  EXPECT_THAT (seen, HasSubstr ("\"keyring\": \"FileNotFoundError\""));
  EXPECT_THAT (seen, HasSubstr ("\"new\": \"OSError\"")); // read-only
  agent.control ("DELETE", "/v1/bindings/local");
  Response refused = add ("", R"(,"share":[")" + fixtures () + R"(",")" + keyrings + R"("])");
  EXPECT_EQ (refused.status, 403);
  EXPECT_THAT (refused.body, HasSubstr ("never shared"));
}

// The settings may name any place for the vault's key, systemd hands one over in a folder.
TEST (SandboxedServerWithKeysElsewhere, KeepsAwayFromThem)
{
  if (!has_bwrap ())
    GTEST_SKIP () << "bubblewrap is not installed";
  TempDir dir;
  std::string shared = dir.path ("shared"), read_all;
  Agent::Options options;
  options.config = "[agent]\nvault-key-file=" + shared + "/vault.key\n";
  options.environment["CREDENTIALS_DIRECTORY"] = shared + "/credentials";
  std::filesystem::create_directories (shared + "/credentials");
  for (const char *name : { "vault.key", "credentials/bindify.vault-key", "notes" })
    {
      std::ofstream (shared + "/" + name) << "0123456789abcdef";
      read_all += (read_all.empty () ? "\"" : ",\"") + std::string (name) + R"(":["read",")" +
                  shared + "/" + name + "\"]";
    }
  Agent agent (options);
  Response added = agent.control ("POST", "/v1/bindings",
                                  R"({"name":"local","command":{"argv":["/usr/bin/python3",")" +
                                      fixtures () + R"(/stdio-server.py"],"share":[")" +
                                      fixtures () + R"(",")" + shared + "\"]}}");
  ASSERT_EQ (added.status, 201) << added.body;

  Finished seen = agent.cli ({ "bindify", "call", "local", "look", "{" + read_all + "}" });
  EXPECT_THAT (seen.output, HasSubstr ("\"notes\": \"read 16\"")) << seen.errors;
  EXPECT_THAT (seen.output, HasSubstr ("\"vault.key\": \""));
  EXPECT_THAT (seen.output, Not (HasSubstr ("\"vault.key\": \"read 16\"")));
  EXPECT_THAT (seen.output, HasSubstr ("\"credentials/bindify.vault-key\": \"FileNotFoundError\""));
}

TEST_P (SandboxedServer, HasNoNetworkWhenToldSo)
{
  if (!GetParam ())
    GTEST_SKIP () << "the network is shut off by the sandbox";
  for (bool network : { true, false })
    {
      must_add ("", network ? R"(,"network":true)" : R"(,"network":false)");
      begin ();
      EXPECT_THAT (
          text_from ("look", R"({"door":["tcp",")" + std::to_string (agent.port ()) + "\"]}"),
          HasSubstr (network ? "connected" : "ConnectionRefusedError"));
      agent.control ("DELETE", "/v1/bindings/local");
    }
}

// bubblewrap cannot be found: never without a sandbox that was asked for.
TEST (LocalServerWithoutBwrap, IsRefused)
{
  Agent::Options options;
  options.environment = { { "PATH", "/nonexistent" } };
  Agent agent (options);
  Response added =
      agent.control ("POST", "/v1/bindings", R"({"name":"local","command":{"argv":["true"]}})");

  EXPECT_EQ (added.status, 501) << added.body;
  EXPECT_THAT (added.body, HasSubstr ("install the package"));
  EXPECT_THAT (added.body, HasSubstr ("--no-sandbox"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

// The key of a client comes with a request; the program has been started by then.
TEST_P (LocalServer, CannotBeSealed)
{
  Response refused = agent.control (
      "POST", "/v1/bindings",
      R"({"name":"local","mode":"sealed","client":"story","command":{"argv":["cat"],"variable":"TOKEN",)"
      R"("sandbox":false},"credential":{"type":"custom","value":"x"}})");
  EXPECT_EQ (refused.status, 400) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("cannot be sealed"));

  Finished typed = agent.cli ({ "bindify-add", "--command", "cat", "--env", "TOKEN", "--sealed",
                                "--no-sandbox", "--yes", "--token-stdin" },
                              "x\n");
  EXPECT_NE (typed.status, 0);
  EXPECT_THAT (typed.errors, HasSubstr ("--sealed"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

// The end.

TEST_P (LocalServer, LeavesNothingBehind)
{
  must_add ("--deaf");
  begin ();
  call ("spawn");
  std::vector<pid_t> before = processes_with (mark);
  EXPECT_GE (before.size (), 2u);
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/local").status, 204);
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

TEST_P (LocalServer, GrandchildrenEndToo)
{
  if (GetParam ())
    GTEST_SKIP () << "its numbers mean nothing outside of the sandbox";
  must_add ();
  begin ();
  std::string pids = text_from ("spawn");
  pid_t grandchild = static_cast<pid_t> (strtol (pids.c_str () + pids.find (':') + 1, nullptr, 10));

  EXPECT_TRUE (process_exists (grandchild)) << pids;
  exchange ("DELETE", in_session ());
  EXPECT_TRUE (ends_soon (grandchild));
}

TEST_P (LocalServer, EndsWithAnAgentThatIsKilled)
{
  must_add ("--deaf");
  begin ();
  std::string pids = text_from ("spawn");
  std::vector<pid_t> before = processes_with (mark);
  if (!GetParam ())
    before.push_back (
        static_cast<pid_t> (strtol (pids.c_str () + pids.find (':') + 1, nullptr, 10)));
  agent.kill ();
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

TEST_P (LocalServer, EndsWithTheAgent)
{
  must_add ();
  begin ();
  std::vector<pid_t> before = processes_with (mark);
  EXPECT_EQ (agent.stop (), 0);
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
}

// A program holds its secret for as long as it runs.
TEST_P (LocalServer, EndsWhenTheAgentIsLockedAndIsNotStarted)
{
  must_add ();
  begin ();
  Connection waiting = agent.local ();
  waiting.send (
      format_request ("POST", "/mcp/local", "localhost", in_session (),
                      R"({"jsonrpc":"2.0","id":"w","method":"tools/call","params":{"name":"slow",)"
                      R"("arguments":{"waits":true},"_meta":{"progressToken":1}}})"));
  Response stream = waiting.read_head ();
  waiting.read_body_until (stream, "\"progress\": 2");
  std::vector<pid_t> before = processes_with (mark);
  ASSERT_FALSE (before.empty ());
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);

  EXPECT_THAT (waiting.read_body_until (stream, "\"code\":-31008"), HasSubstr ("\"id\":\"w\""));
  for (pid_t pid : before)
    EXPECT_TRUE (ends_soon (pid)) << pid;
  for (const std::string &refused :
       { exchange ("POST", kAccept, kInitialize).body, call ("echo").body,
         exchange ("POST", modern_headers ("tools/list"), modern ("tools/list", "", "2")).body })
    {
      EXPECT_THAT (refused, HasSubstr ("\"code\":-31008"));
      EXPECT_THAT (refused, HasSubstr ("bindify unlock"));
    }
  EXPECT_THAT (processes_with (mark), IsEmpty ());
  EXPECT_THAT (agent.cli ({ "bindify", "list" }).output, HasSubstr ("locked"));
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, HasSubstr ("\"locked\""));

  ASSERT_EQ (agent.control ("POST", "/v1/unlock").status, 200);
  EXPECT_EQ (call ("echo").status, 404) << "that session is over";
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
}

// Without a secret there is nothing to take back, but nobody uses it.
TEST_P (LocalServer, WithoutASecretStaysBehindTheLock)
{
  Response added = agent.control ("POST", "/v1/bindings",
                                  R"({"name":"local","command":{"argv":["/usr/bin/python3",")" +
                                      fixtures () + R"(/stdio-server.py"],)" +
                                      (GetParam () ? R"("share":[")" + fixtures () + "\"]"
                                                   : std::string ("\"sandbox\":false")) +
                                      "}}");
  ASSERT_EQ (added.status, 201) << added.body;
  begin ();
  std::string pid = text_from ("pid");
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  EXPECT_THAT (call ("pid").body, HasSubstr ("\"code\":-31008"));
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/local").body, "state"), "locked");
  ASSERT_EQ (agent.control ("POST", "/v1/unlock").status, 200);
  EXPECT_EQ (text_from ("pid"), pid) << "the same program goes on";
}

TEST_P (LocalServer, EndsWhenItsCredentialMovesOrIsRenewed)
{
  must_add ();
  for (const auto &[method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           { "POST", "/move", R"({"keyring":"memory"})" },
           { "POST", "/move", R"({"keyring":"vault"})" },
           { "POST", "/login", R"({"credential":{"type":"custom","value":"another-secret"}})" } })
    {
      begin ();
      std::vector<pid_t> before = processes_with (mark);
      ASSERT_FALSE (before.empty ()) << path << body;
      Response changed = agent.control (method, "/v1/bindings/local" + path, body);
      ASSERT_EQ (changed.status, 200) << changed.body;
      for (pid_t pid : before)
        EXPECT_TRUE (ends_soon (pid)) << path << body;
    }
  begin ();
  EXPECT_THAT (text_from ("spell"), HasSubstr ("\"length\": 14"));
  EXPECT_EQ (agent.cli ({ "bindify", "doctor" }).status, 0);
  EXPECT_THAT (agent.cli ({ "bindify", "keyring", "list" }).output, HasSubstr ("vault"));
}

TEST_P (LocalServer, FailsWhatWasUnderWayAndStartsAgain)
{
  must_add ();
  begin ();
  Response died = call ("die");

  EXPECT_EQ (died.status, 502);
  EXPECT_THAT (died.body, HasSubstr ("exit status 7"));
  EXPECT_THAT (died.body, HasSubstr ("bindify log local --stderr"));
  EXPECT_EQ (call ("echo").status, 404);
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
}

TEST_P (LocalServer, ThatEndsAtOnceIsNotStartedOverAndOver)
{
  must_add ("exit");
  std::string answers;

  for (int i = 0; i < 3; i++)
    answers = exchange ("POST", kAccept, kInitialize).body;
  EXPECT_THAT (answers, HasSubstr ("times in a row"));
  EXPECT_THAT (stderr_text (), HasSubstr ("out of luck"));
}

// Bad servers.

TEST_P (LocalServer, DropsWhatIsNoJson)
{
  must_add ("noise");
  EXPECT_EQ (begin ().status, 200);
  EXPECT_EQ (call ("echo").status, 200);
  EXPECT_THAT (stderr_text (), HasSubstr ("not JSON"));
  EXPECT_THAT (stderr_text (), HasSubstr ("loading model"));
}

TEST_P (LocalServer, DropsHalfACharacter)
{
  must_add ("half");
  Response answer = begin ();

  EXPECT_EQ (answer.status, 200);
  EXPECT_THAT (answer.body, HasSubstr ("stdio-server"));
}

TEST_P (LocalServer, ThatPrintsForEverIsStopped)
{
  must_add ("endless");
  Response answer = exchange ("POST", kAccept, kInitialize);

  EXPECT_EQ (answer.status, 502);
  EXPECT_THAT (answer.body, HasSubstr ("more in one line"));
  for (pid_t pid : processes_with (mark))
    EXPECT_TRUE (ends_soon (pid)) << pid;
  EXPECT_LT (resident_kib (agent.process ().pid ()), 100 * 1024);
}

TEST_P (LocalServer, MaySendNoLineOf100Megabytes)
{
  must_add ();
  begin ();
  Response answer = call ("big", R"({"bytes":104857600})");

  EXPECT_EQ (answer.status, 502);
  EXPECT_THAT (answer.body, HasSubstr ("more in one line"));
  EXPECT_LT (resident_kib (agent.process ().pid ()), 100 * 1024);
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
  EXPECT_THAT (agent.cli ({ "bindify", "call", "local", "spell" }).output,
               HasSubstr ("[REDACTED]"));
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
