// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Entries of the two lists that bindify is accepted by (behaviour 25, craft 5.2) which concern the
// places where a secret could lie about, and the values that it may have.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

std::string
text_of (const std::string &path)
{
  std::ifstream file (path, std::ios::binary);

  return std::string (std::istreambuf_iterator<char> (file), {});
}

// The files below @directory that hold @text.
std::vector<std::string>
files_with (const std::string &directory, const std::string &text)
{
  std::vector<std::string> found;

  for (const auto &entry : std::filesystem::recursive_directory_iterator (directory))
    if (entry.is_regular_file () && text_of (entry.path ()).find (text) != std::string::npos)
      found.push_back (entry.path ());
  return found;
}

// What of all processes of this machine that we may look at holds @text in its arguments or its
// environment.
std::vector<std::string>
processes_that_show (const std::string &text)
{
  std::vector<std::string> found;
  std::error_code ignored;

  for (const auto &entry : std::filesystem::directory_iterator ("/proc", ignored))
    for (const char *name : { "/cmdline", "/environ" })
      if (isdigit (entry.path ().filename ().string ()[0]) &&
          text_of (entry.path ().string () + name).find (text) != std::string::npos)
        found.push_back (entry.path ().string () + name);
  return found;
}

const char kServer[] = "import sys,json\\nfor line in sys.stdin:\\n  m=json.loads(line)\\n"
                       "  if 'id' in m: print(json.dumps({'jsonrpc':'2.0','id':m['id'],"
                       "'result':{'protocolVersion':'2025-11-25','capabilities':{},"
                       "'serverInfo':{'name':'x','version':'1'}}}),flush=True)\\n";

class ConformanceSecrets : public Proxied
{
protected:
  Response add_local (const std::string &secret)
  {
    return agent->control (
        "POST", "/v1/bindings",
        std::string (
            R"({"name":"local","check":false,"command":{"argv":["/usr/bin/python3","-c",")") +
            kServer + R"("],"variable":"TOKEN","deliver":"fd","sandbox":false},)" +
            R"("credential":{"type":"custom","value":")" + secret + "\"}}");
  }
  std::string events ()
  {
    return agent->control ("GET", "/v1/events?limit=1000").body;
  }
};

} // namespace

// The key is right, the name is not: wherever it stands, it is written down nowhere.
TEST_F (ConformanceSecrets, A4AKeyWithAWrongNameIsWrittenDownNowhere)
{
  open (mcp_script (kSecret));
  const std::string bare = key.substr (strlen ("bnd_local_"));

  EXPECT_EQ (agent->post ("wrong", key, kToolCall).status, 404);
  EXPECT_EQ (agent->post ("wrong/" + bare, "", kToolCall).status, 404);
  EXPECT_EQ (agent->post ("wrong/" + key, "", kToolCall).status, 404);
  EXPECT_EQ (agent->post ("wrong?key=" + key, "", kToolCall).status, 404);
  EXPECT_EQ (agent->post ("wrong", "x" + key, kToolCall).status, 404);
  EXPECT_THAT (events (), Not (HasSubstr (bare)));
  agent->stop ();
  EXPECT_THAT (files_with (agent->dir ().path (), bare), IsEmpty ());
  EXPECT_THAT (agent->process ().errors (), Not (HasSubstr (bare)));
}

// Removed is gone: the secret, the policy, the sessions. A new binding of the name begins anew.
TEST_F (ConformanceSecrets, A14NothingOutlivesARemovedBinding)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{}})",
                request.body.find ("initialize") != std::string::npos ? "Mcp-Session-Id: abc" : "");
  });
  const std::string id = json_string (agent->control ("GET", "/v1/bindings/svc").body, "id");
  ASSERT_NE (id, "");
  ASSERT_EQ (call (kInitialize).header ("mcp-session-id"), "abc");
  ASSERT_EQ (call (kToolCall, "Mcp-Session-Id: abc").status, 200);
  ASSERT_EQ (
      agent->control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"deny"})").status,
      200);
  ASSERT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);

  for (const char *path : { "/v1/bindings/svc", "/v1/bindings/svc/policy" })
    EXPECT_EQ (agent->control ("GET", path).status, 404) << path;
  EXPECT_THAT (agent->control ("GET", "/v1/doctor").body, Not (HasSubstr (id)))
      << "no secret without a record";
  EXPECT_EQ (call ().status, 404) << "nor is it in memory";

  ASSERT_EQ (agent->add ("svc", upstream->url (), "sk-another-0123456789abcdefghij").status, 201);
  EXPECT_NE (json_string (agent->control ("GET", "/v1/bindings/svc").body, "id"), id);
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc/policy").body, Not (HasSubstr ("deny")));
  const size_t before = upstream->requests ().size ();
  EXPECT_EQ (call (kToolCall, "Mcp-Session-Id: abc").status, 404) << "that session is over";
  EXPECT_EQ (upstream->requests ().size (), before);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));
  EXPECT_EQ (upstream->requests (before + 1)[before].header ("authorization"),
             "Bearer sk-another-0123456789abcdefghij");
}

// Not in arguments, environments, cores, the record, what a client gets, or the lists.
TEST_F (ConformanceSecrets, A21SecretsAreNowhereToBeSeen)
{
  const std::string local = "sk-local-0123456789abcdefghijklmnop";

  open (mcp_script (kSecret));
  ASSERT_EQ (add_local (local).status, 201);
  const std::string answer = call ().body + agent->post ("local", key, kInitialize).body;
  EXPECT_THAT (answer, AllOf (HasSubstr ("call-1"), HasSubstr ("serverInfo")));
  const Finished listed = agent->cli ({ "bindify", "list", "--json" });
  const Finished shown = agent->cli ({ "bindify", "show", "svc", "--json" });
  const Finished log = agent->cli ({ "bindify", "log" });
  const std::string limits =
      text_of ("/proc/" + std::to_string (agent->process ().pid ()) + "/limits");

  EXPECT_EQ (listed.status, 0) << listed.errors;
  for (const std::string &secret : { std::string (kSecret), local })
    {
      EXPECT_THAT (processes_that_show (secret), IsEmpty ());
      EXPECT_THAT (answer + listed.output + shown.output + log.output + events (),
                   Not (HasSubstr (secret)));
    }
  EXPECT_THAT (limits, testing::ContainsRegex ("Max core file size +0 +0"));
  agent->stop ();
  for (const std::string &secret : { std::string (kSecret), local })
    {
      EXPECT_THAT (files_with (agent->dir ().path (), secret), IsEmpty ());
      EXPECT_THAT (agent->process ().errors (), Not (HasSubstr (secret)));
    }
}

// A cloned repository is the directory in which everything is started.
TEST (ConformancePlace, A23AHostileDirectoryChangesNothing)
{
  TempDir clone;
  Agent::Options options;
  const std::string config = "[policy]\nprofile=open\n[agent]\nport=1\n";

  std::filesystem::create_directories (clone.path (".bindify/services.d"));
  std::filesystem::create_directories (clone.path ("bindify/services.d"));
  std::filesystem::create_directories (clone.path ("services.d"));
  for (const char *name : { ".bindify/bindify.conf", ".bindify/config", "bindify/bindify.conf",
                            "bindify.conf", ".bindify.conf" })
    std::ofstream (clone.path (name)) << config;
  for (const char *name : { ".bindify/services.d", "bindify/services.d", "services.d" })
    std::ofstream (clone.path (name) + "/evil.json")
        << R"({"id":"evil","name":"Evil","mcp_url":"https://evil.example/mcp"})";
  std::filesystem::create_directory_symlink (clone.path (".bindify"), clone.path (".config"));

  options.profile = "";
  options.wrapper = { "/usr/bin/env", "-C", clone.path () };
  Agent agent (options);
  Upstream upstream (mcp_script ("sk-1"));
  ASSERT_EQ (agent.add ("svc", upstream.url (), "sk-1").status, 201);

  EXPECT_NE (agent.port (), 1);
  EXPECT_THAT (agent.control ("GET", "/v1/services").body, Not (HasSubstr ("evil")));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/svc/policy").body,
               HasSubstr (R"("default":"ask")"));
  Process::Options shell = agent.options (
      { "/usr/bin/env", "-C", clone.path (), client_program ("bindify"), "list", "--json" });
  Finished listed = run (shell);
  EXPECT_EQ (listed.status, 0) << listed.errors;
  EXPECT_THAT (listed.output, AllOf (HasSubstr ("svc"), Not (HasSubstr ("evil"))));
  EXPECT_EQ (std::filesystem::is_directory (clone.path ("vault")), false);
}

// A store that is a link to somewhere else is not the user's own.
TEST (ConformancePlace, A23ALinkInThePlaceOfTheStoreIsRefused)
{
  TempDir elsewhere;
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  std::filesystem::create_directories (agent.dir ().path ("state"));
  std::filesystem::create_directory_symlink (elsewhere.path (), agent.state_dir ());
  EXPECT_FALSE (agent.start ());
  EXPECT_THAT (agent.process ().errors (), HasSubstr (agent.state_dir ()));
  EXPECT_TRUE (std::filesystem::is_empty (elsewhere.path ()));
}

// What is put into a header is one line, whichever way it gets there.
TEST_F (ConformanceSecrets, J27ASecretIsNoSecondHeader)
{
  open (mcp_script (kSecret));
  const std::string begins = R"(,"allow_local":true,"check":false,"credential":)";
  const struct
  {
    const char *name, *rest;
  } rows[] = {
    { "CrLf", R"({"type":"api_key","api_key":"sk-a\r\nX-Evil: y"}})" },
    { "Lf", R"({"type":"api_key","api_key":"sk-a\nX-Evil: y"}})" },
    { "Cr", R"({"type":"api_key","api_key":"sk-a\rX-Evil: y"}})" },
    { "Nul", R"({"type":"api_key","api_key":"sk-a\u0000X"}})" },
    { "Token", R"({"type":"oauth_token","access_token":"sk-a\r\nX-Evil: y"}})" },
    { "HeaderName",
      R"({"type":"api_key","api_key":"sk-a"},"injection":{"kind":"header","name":"X\r\nX-Evil"}})" },
    { "Prefix",
      R"({"type":"api_key","api_key":"sk-a"},"injection":{"kind":"header","name":"X","prefix":"a\r\nX-Evil: "}})" },
  };

  for (const auto &row : rows)
    {
      Response added =
          agent->control ("POST", "/v1/bindings",
                          R"({"name":"bad","url":")" + upstream->url () + "\"" + begins + row.rest);

      EXPECT_EQ (added.status, 400) << row.name << added.body;
      EXPECT_EQ (agent->control ("GET", "/v1/bindings/bad").status, 404) << row.name;
    }
  EXPECT_EQ (
      agent
          ->control (
              "POST", "/v1/bindings/svc/login",
              R"({"check":false,"credential":{"type":"api_key","api_key":"sk-a\r\nX-Evil: y"}})")
          .status,
      400);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\"")) << "the old one is still there";
  EXPECT_EQ (upstream->requests (1)[0].header ("x-evil"), "");
}
