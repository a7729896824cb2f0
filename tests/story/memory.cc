// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the real agent's memory holds: root may read it, although the agent lets nobody else. After
// `bindify lock` and after `bindify remove` no trace of a credential is left, in whatever form it
// was sent, on the heap, on the stack or anywhere else (craft 1.3, J39).

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <glib.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

std::string
random_token ()
{
  std::string token = "tok";

  for (int i = 0; i < 40; i++)
    token += "abcdefghijklmnopqrstuvwxyz0123456789"[g_random_int_range (0, 36)];
  return token;
}

std::string
base64 (const std::string &bytes)
{
  g_autofree char *text =
      g_base64_encode (reinterpret_cast<const guchar *> (bytes.data ()), bytes.size ());

  return text;
}

struct Mapping
{
  unsigned long begin, end;
  std::string line;
};

std::vector<Mapping>
mappings (pid_t pid)
{
  std::ifstream file ("/proc/" + std::to_string (pid) + "/maps");
  std::vector<Mapping> found;
  std::string line;

  while (std::getline (file, line))
    {
      Mapping mapping{ 0, 0, line };

      if (sscanf (line.c_str (), "%lx-%lx", &mapping.begin, &mapping.end) == 2 &&
          line.find ("[v") == std::string::npos)
        found.push_back (mapping);
    }
  return found;
}

// Half of a token is as good as a whole one: parts of 12 bytes are looked for.
std::vector<std::string>
search (pid_t pid, const std::vector<std::string> &needles)
{
  int fd = open (("/proc/" + std::to_string (pid) + "/mem").c_str (), O_RDONLY | O_CLOEXEC);
  std::vector<std::string> found;

  for (const Mapping &mapping : mappings (pid))
    {
      std::string bytes (mapping.end - mapping.begin, '\0');
      ssize_t n = pread (fd, bytes.data (), bytes.size (), static_cast<off_t> (mapping.begin));

      if (n <= 0)
        continue;
      for (const std::string &needle : needles)
        {
          size_t at = std::string_view (bytes.data (), static_cast<size_t> (n)).find (needle);

          if (at != std::string::npos)
            found.push_back (needle + " in " + mapping.line + " at " + std::to_string (at));
        }
    }
  close (fd);
  return found;
}

// Every form in which a token of a user may lie about, in parts.
std::vector<std::string>
forms (const std::string &token, const std::string &user)
{
  std::vector<std::string> whole = { token, base64 (token), base64 ("x" + token).substr (4),
                                     base64 ("xx" + token).substr (4),
                                     base64 (user + ":" + token).substr (8) };
  std::vector<std::string> parts;

  for (const std::string &text : whole)
    for (size_t at = 4; at + 12 <= text.size () - 4; at += 12)
      parts.push_back (text.substr (at, 12));
  return parts;
}

Upstream::Script
answer_all ()
{
  return [] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{}})");
  };
}

constexpr char kInitialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
// The program says its secret in many ways.
constexpr char kSpell[] =
    R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"spell","arguments":{}}})";

class Memory : public testing::Test
{
protected:
  void SetUp () override
  {
    if (getuid () != 0)
      GTEST_SKIP () << "only root may read the agent's memory";
    if (is_sanitized ())
      GTEST_SKIP () << "free() is the sanitizer's, and memory is not locked";
    if (getenv ("BFY_TEST_AGENT_WRAPPER") != nullptr)
      GTEST_SKIP () << "the memory of a wrapper is not that of the agent";
    agent = std::make_unique<Agent> ();
    key = agent->add_client ("story");
    add ("header", R"({"type":"api_key","api_key":")" + token + "\"}", "");
    add ("basic", R"({"type":"basic_auth","username":"ada","password":")" + token + "\"}",
         R"(,"injection":{"kind":"basic"})");
    add ("query", R"({"type":"api_key","api_key":")" + token + "\"}",
         R"(,"injection":{"kind":"query","name":"key"})");
    for (const char *deliver : { "env", "file", "fd" })
      add_program (deliver);
  }
  // Called like the way in which its program gets the secret.
  void add_program (const std::string &deliver)
  {
    Response added = agent->control (
        "POST", "/v1/bindings",
        "{\"name\":\"" + deliver + R"(","command":{"argv":["/usr/bin/python3",")" +
            getenv ("BFY_TEST_FIXTURES_DIR") + R"(/stdio-server.py"],"variable":"TOKEN",)" +
            R"("deliver":")" + deliver + R"(","sandbox":false},)" +
            R"("credential":{"type":"custom","value":")" + token + "\"}}");

    ASSERT_EQ (added.status, 201) << added.body;
  }
  Response to_program (const std::string &name, const std::string &session, const std::string &body)
  {
    Connection connection = agent->local ();
    std::string headers = "Content-Type: application/json\r\nAccept: application/json, "
                          "text/event-stream";

    if (!session.empty ())
      headers += "\r\nMcp-Session-Id: " + session;
    connection.send (format_request ("POST", "/mcp/" + name, "localhost", headers, body));
    return connection.read_response ();
  }
  void use_program (const std::string &name)
  {
    std::string session = to_program (name, "", kInitialize).header ("mcp-session-id");

    to_program (name, session, kInitialized);
    ASSERT_THAT (to_program (name, session, kSpell).body,
                 HasSubstr (name == "env" ? "********" : "\"result\""));
  }
  void add (const std::string &name, const std::string &credential, const std::string &more)
  {
    Response added = agent->control (
        "POST", "/v1/bindings",
        "{\"name\":\"" + name + "\",\"url\":\"" + upstream.url () +
            "\",\"allow_local\":true,\"check\":false,\"credential\":" + credential + more + "}");

    ASSERT_EQ (added.status, 201) << added.body;
  }
  void use_all ()
  {
    for (int i = 0; i < 5; i++)
      for (const char *name : { "header", "basic", "query" })
        ASSERT_THAT (agent->post (name, key, kToolCall).body, HasSubstr ("\"result\""));
    for (const char *name : { "env", "file", "fd" })
      use_program (name);
  }
  std::vector<std::string> found ()
  {
    return search (agent->process ().pid (), forms (token, "ada"));
  }
  // What ends with the connections takes a turn of the main loop or two, which requests make.
  std::vector<std::string> found_after_a_moment ()
  {
    std::vector<std::string> left = found ();

    for (int i = 0; i < 20 && !left.empty (); i++)
      {
        for (const char *path : { "/v1/status", "/v1/keyrings", "/v1/doctor" })
          agent->control ("GET", path);
        left = found ();
      }
    return left;
  }

  std::string token = random_token ();
  Upstream upstream{ answer_all () };
  std::unique_ptr<Agent> agent;
  std::string key;
};

} // namespace

TEST_F (Memory, NothingIsLeftAfterLock)
{
  use_all ();
  ASSERT_THAT (found (), Not (IsEmpty ())) << "the search must be able to find something";
  ASSERT_EQ (agent->cli ({ "bindify", "lock" }).status, 0);

  EXPECT_THAT (found_after_a_moment (), IsEmpty ());
  // Looking at the keyrings reads the vault, and must not bring anything back.
  for (const char *path : { "/v1/status", "/v1/keyrings", "/v1/doctor" })
    EXPECT_EQ (agent->control ("GET", path).status, 200);
  EXPECT_THAT (found_after_a_moment (), IsEmpty ());
  agent->cli ({ "bindify", "unlock" });
  use_all ();
  ASSERT_THAT (found (), Not (IsEmpty ()));
}

TEST_F (Memory, NothingIsLeftAfterRemove)
{
  use_all ();
  ASSERT_THAT (found (), Not (IsEmpty ()));
  for (const char *name : { "header", "basic", "query", "env", "file", "fd" })
    ASSERT_EQ (agent->cli ({ "bindify", "remove", name }).status, 0);

  EXPECT_THAT (found_after_a_moment (), IsEmpty ());
}

// Only the pages made for secrets hold one while it is in use; the stack, where a part may lie in
// dead frames until it is overwritten, is cleared by lock and remove, see above.
TEST_F (Memory, J39SecretsLieInLockedPagesThatAreNeitherDumpedNorInherited)
{
  use_all ();
  pid_t pid = agent->process ().pid ();
  std::ifstream file ("/proc/" + std::to_string (pid) + "/smaps");
  std::vector<std::string> needles = forms (token, "ada"), outside;
  std::string line, head, mem;
  std::map<std::string, std::string> flags;
  int n_secret = 0;

  while (std::getline (file, line))
    {
      if (line.find ('-') != std::string::npos && isxdigit (line[0]) && line.find (':') > 20)
        head = line.substr (0, line.find (' '));
      else if (line.rfind ("VmFlags:", 0) == 0)
        flags[head] = line + " ";
    }
  for (const std::string &where : search (pid, needles))
    {
      size_t at = where.find (" in ") + 4;
      std::string range = where.substr (at, where.find (' ', at) - at);

      n_secret++;
      if (where.find ("[stack]") != std::string::npos)
        continue;
      if (flags[range].find (" dd ") == std::string::npos ||
          flags[range].find (" wf ") == std::string::npos ||
          flags[range].find (" lo ") == std::string::npos)
        outside.push_back (where + flags[range]);
    }
  EXPECT_GT (n_secret, 0);
  EXPECT_THAT (outside, IsEmpty ());
}
