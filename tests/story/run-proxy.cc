// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify run --proxy`: programs that know nothing but HTTPS_PROXY use bindings, with their own
// addresses and certificates that are trusted nowhere else.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/trust.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-proxy-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kPython[] = "/usr/bin/python3";

// What it is asked, in words.
void
repeat (Upstream::Peer &peer, const Upstream::Request &request)
{
  if (request.path == "/cut")
    {
      peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
      peer.close ();
      return;
    }
  if (request.path == "/big")
    {
      peer.reply (200, std::string (3000000, 'x'));
      return;
    }
  peer.reply (200, "{\"method\":\"" + request.method + "\",\"path\":\"" + request.path +
                       "\",\"length\":" + std::to_string (request.body.size ()) + ",\"signed\":" +
                       (request.header ("authorization") == std::string ("Bearer ") + kSecret
                            ? "true"
                            : "false") +
                       "}");
}

class RunProxy : public testing::Test
{
protected:
  void SetUp () override
  {
    Agent::Options options;
    Process::Options probe;

    if (access ("/usr/bin/bwrap", X_OK) != 0)
      GTEST_SKIP () << "bubblewrap is not installed";
    write_file (dir.path ("authority.pem"), authority.certificate (), 0644);
    write_file (dir.path ("authority.pem.hosts"), "127.0.0.1 localhost api.example two.example\n",
                0644);
    probe.argv = options.wrapper = trusting (dir.path ("authority.pem"), true);
    probe.argv.push_back ("true");
    if (run (probe).status != 0)
      GTEST_SKIP () << "no mount namespace of our own can be had";

    Authority::Wish wish;
    wish.names = "DNS:api.example,DNS:two.example";
    upstream = std::make_unique<Upstream> (repeat, false, authority.issue (wish));
    agent = std::make_unique<Agent> (options);
    add ("api", url ());
    add ("two", "https://two.example:" + port ());
    project = agent->dir ().path ("home/project");
    std::filesystem::create_directories (project + "/out");
  }

  std::string port () const
  {
    return std::to_string (upstream->port ());
  }
  std::string url () const
  {
    return "https://api.example:" + port ();
  }
  void add (const std::string &name, const std::string &where)
  {
    Finished added =
        agent->cli ({ "bindify", "add", where, "--type", "http", "--allow-local", "--name", name,
                      "--token-stdin", "--no-check", "--profile", "reads-flow" },
                    std::string (kSecret) + "\n");

    ASSERT_EQ (added.status, 0) << added.errors;
  }
  Finished in_run (const std::vector<std::string> &command,
                   const std::vector<std::string> &more = {})
  {
    std::vector<std::string> argv = { "/bin/sh",
                                      "-c",
                                      "cd \"$0\" && exec \"$@\"",
                                      project,
                                      client_program ("bindify"),
                                      "run",
                                      "--proxy",
                                      "--binding",
                                      "api",
                                      "--rw",
                                      "out" };

    argv.insert (argv.end (), more.begin (), more.end ());
    argv.push_back ("--");
    argv.insert (argv.end (), command.begin (), command.end ());
    Finished finished = run (agent->options (argv));
    EXPECT_THAT (finished.output + finished.errors, Not (HasSubstr (kSecret)));

    return finished;
  }
  Finished shell (const std::string &script, const std::vector<std::string> &more = {})
  {
    return in_run ({ "/bin/sh", "-c", script, url (), port () }, more);
  }
  // What the proxy says to these bytes.
  std::string say (const std::string &bytes)
  {
    Finished finished = in_run ({ kPython, "-c",
                                  "import os, socket, sys\n"
                                  "port = int(os.environ['HTTPS_PROXY'].rsplit(':', 1)[1])\n"
                                  "end = socket.create_connection(('127.0.0.1', port), 20)\n"
                                  "end.sendall(sys.argv[1].encode().decode('unicode_escape')"
                                  ".encode('latin-1'))\n"
                                  "print(end.recv(4096).decode('latin-1'))\n",
                                  bytes });

    EXPECT_EQ (finished.status, 0) << finished.errors;
    return finished.output;
  }

  Authority authority;
  TempDir dir;
  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Agent> agent;
  std::string project;
};

} // namespace

TEST_F (RunProxy, ServesCurl)
{
  Finished finished = shell ("curl -sS --http1.1 $0/one && curl -sS --http2 $0/two?x=1 && "
                             "head -c 1000000 /dev/zero | curl -sS -f --data-binary @- "
                             "-H 'Authorization: Bearer placeholder' $0/search");

  EXPECT_THAT (finished.output, AllOf (HasSubstr (R"("path":"/one","length":0,"signed":true)"),
                                       HasSubstr (R"("path":"/two?x=1")")))
      << finished.errors;
}

TEST_F (RunProxy, ServesPython)
{
  Finished finished = in_run ({ kPython, "-c",
                                "import sys, urllib.request\n"
                                "print(urllib.request.urlopen(sys.argv[1] + '/py').read())\n"
                                "print(len(urllib.request.urlopen(sys.argv[1] + '/big').read()))\n",
                                url () });

  EXPECT_THAT (finished.output, AllOf (HasSubstr (R"("path":"/py","length":0,"signed":true)"),
                                       HasSubstr ("3000000")))
      << finished.errors;
}

TEST_F (RunProxy, ServesNode)
{
  if (access ("/usr/bin/node", X_OK) != 0)
    GTEST_SKIP () << "no Node.js in /usr/bin";
  std::filesystem::copy_file (std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                                  "/proxied-script.mjs",
                              project + "/script.mjs");
  Finished finished = in_run ({ "node", "script.mjs", url () + "/node" });

  EXPECT_THAT (finished.output, HasSubstr (R"(node 200 {"method":"GET","path":"/node")"))
      << finished.errors;
}

// The variables of `bindify env` lead to the door beside it.
TEST_F (RunProxy, LeavesTheDoorOpen)
{
  Finished finished = shell ("curl -sS $BINDIFY_API_URL/door");

  EXPECT_THAT (finished.output, HasSubstr (R"("path":"/door","length":0,"signed":true)"))
      << finished.errors;
}

TEST_F (RunProxy, BreaksOffWhatBreaksOff)
{
  Finished finished = shell ("curl -sS $0/cut; echo \" status $?\"");

  EXPECT_THAT (finished.output, Not (HasSubstr ("status 0"))) << finished.errors;
}

// Nothing else is connected to.

TEST_F (RunProxy, ConnectsNowhereElse)
{
  const std::string end = " HTTP/1.1\\r\\n\\r\\n";

  for (const std::string &target :
       { "two.example:" + port (), std::string ("api.example:443"), std::string ("example.org:443"),
         std::string ("x.api.example:") + port (), std::string ("localhost:") + port () })
    EXPECT_THAT (say ("CONNECT " + target + end), HasSubstr ("HTTP/1.1 403")) << target;
  for (const std::string &target :
       { "127.0.0.1:" + port (), "[::1]:" + port (), "0x7f000001:" + port (),
         "u@api.example:" + port (), "api.example.:" + port (), std::string ("api.example") })
    EXPECT_THAT (say ("CONNECT " + target + end), HasSubstr ("HTTP/1.1 400")) << target;
  EXPECT_THAT (say ("GET http://api.example/" + end), HasSubstr ("HTTP/1.1 403"));
  EXPECT_THAT (say ("CONNECT api.example:" + port () + end + "GET / HTTP/1.1"),
               HasSubstr ("HTTP/1.1 400"));
}

TEST_F (RunProxy, SpeaksForOneHostInOneConnection)
{
  Finished finished = shell ("curl -sS -H 'Host: two.example:'$1 $0/x; "
                             "curl -sS --request-target https://two.example:$1/x $0/y",
                             { "--binding", "two" });

  EXPECT_THAT (finished.output, HasSubstr ("another host")) << finished.errors;
  EXPECT_THAT (upstream->requests (), testing::IsEmpty ());
}

TEST_F (RunProxy, RefusesAPlaceholderAtTheWrongHost)
{
  for (const char *service : { "anthropic", "openai" })
    ASSERT_EQ (agent
                   ->cli ({ "bindify", "add", service, "--token-stdin", "--no-check" },
                          std::string (kSecret) + "\n")
                   .status,
               0);
  for (const char *way : { "-H \"X-Y: $OPENAI_API_KEY\"", "-u \"u:$OPENAI_API_KEY\"",
                           "-d \"x=$OPENAI_API_KEY\"", "-G -d \"x=$OPENAI_API_KEY\"" })
    {
      Finished finished = shell (std::string ("curl -sS https://api.anthropic.com/v1/x ") + way,
                                 { "--binding", "anthropic", "--binding", "openai" });

      EXPECT_THAT (finished.output, HasSubstr ("belongs to its own host only")) << way;
      EXPECT_THAT (finished.errors, HasSubstr ("openai")) << way;
    }
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=run_refused").body,
               HasSubstr ("\"category\":\"placeholder\""));
}

// Who is trusted.

TEST_F (RunProxy, HasAnAuthorityForItsHostsOnly)
{
  Finished finished =
      shell ("cp $SSL_CERT_FILE out/ca.pem; cmp $SSL_CERT_FILE /etc/ssl/certs/ca-certificates.crt "
             "&& echo same; openssl x509 -in $SSL_CERT_FILE -noout -text; "
             "grep -rl 'PRIVATE KEY' /run /tmp /proc/self/environ 2>/dev/null; echo searched");

  EXPECT_THAT (finished.output, AllOf (HasSubstr ("same"), HasSubstr ("Name Constraints: critical"),
                                       HasSubstr ("DNS:api.example"), HasSubstr ("searched")));
  EXPECT_THAT (finished.output, Not (HasSubstr ("two.example")));
  EXPECT_THAT (finished.output, Not (HasSubstr ("/run/")));

  // Outside of this run nobody believes it.
  Process::Options options;
  options.argv = { "openssl", "verify", project + "/out/ca.pem" };
  EXPECT_NE (run (options).status, 0);
  Finished other = shell ("curl -sS --cacert out/ca.pem $0/x; echo status $?");
  EXPECT_THAT (other.output, HasSubstr ("status 60"));
}
