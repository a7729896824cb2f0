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
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/trust.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-proxy-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kPython[] = "/usr/bin/python3";

// Says hello, and back what it gets.
void
switch_over (Upstream::Peer &peer)
{
  char bytes[4096];
  std::string last;

  peer.write ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
  for (ssize_t n; last != "bye" && (n = peer.read (bytes, sizeof bytes)) > 0;)
    {
      last.assign (bytes, static_cast<size_t> (n));
      if (last != "bye")
        peer.write (last);
    }
  peer.close ();
}

// What it is asked, in words.
void
repeat (Upstream::Peer &peer, const Upstream::Request &request)
{
  if (request.path == "/socket" && request.header ("upgrade") == "websocket")
    {
      if (request.header ("authorization") == std::string ("Bearer ") + kSecret)
        switch_over (peer);
      return;
    }
  if (request.path.rfind ("/code.git/info/refs", 0) == 0)
    {
      std::string line = std::string (40, 'a') + " refs/heads/main" + '\0' + "agent=x\n";
      std::string body = "001e# service=git-upload-pack\n00000045" + line + "0000";

      peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
                  "Content-Length: " +
                  std::to_string (body.size ()) + "\r\n\r\n" + body);
      return;
    }
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
  if (request.path == "/huge")
    {
      peer.reply (200, std::string (20000000, 'x'));
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
    write_file (dir.path ("authority.pem.hosts"),
                "127.0.0.1 localhost api.example two.example\n"
                "169.254.169.254 meta.example\n10.1.2.3 inner.example\n"
                "11.22.33.44 far.example\n::ffff:127.0.0.1 mapped.example\n",
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
  void allow_search ()
  {
    Finished set =
        agent->cli ({ "bindify", "policy", "set", "api", "--allow", "http=POST /search" });

    ASSERT_EQ (set.status, 0) << set.errors;
  }
  Finished in_run (const std::vector<std::string> &command,
                   const std::vector<std::string> &more = {})
  {
    std::vector<std::string> argv = trusting (dir.path ("authority.pem"), true);

    for (const std::string &word :
         { std::string ("/bin/sh"), std::string ("-c"), std::string ("cd \"$0\" && exec \"$@\""),
           project, client_program ("bindify"), std::string ("run"), std::string ("--proxy"),
           std::string ("--binding"), std::string ("api"), std::string ("--rw"),
           std::string ("out") })
      argv.push_back (word);
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
  // What the proxy says to something odd in HTTP/2.
  std::string attack (const std::string &what)
  {
    Finished finished = in_run ({ kPython, "h2-attack.py", "api.example", port (), what });

    // clang's leak checker fails where TLS was loaded, and the status is its own then.
    if (!is_sanitized ())
      {
        EXPECT_EQ (finished.status, 0) << finished.errors;
      }
    return finished.output;
  }
  // What the proxy says to these bytes.
  std::string say (const std::string &bytes, const std::vector<std::string> &more = {})
  {
    Finished finished = in_run ({ kPython, "-c",
                                  "import os, socket, sys\n"
                                  "port = int(os.environ['HTTPS_PROXY'].rsplit(':', 1)[1])\n"
                                  "end = socket.create_connection(('127.0.0.1', port), 20)\n"
                                  "end.sendall(sys.argv[1].encode().decode('unicode_escape')"
                                  ".encode('latin-1'))\n"
                                  "print(end.recv(4096).decode('latin-1'))\n",
                                  bytes },
                                more);

    EXPECT_EQ (finished.status, 0) << finished.errors;
    return finished.output;
  }
  // The same as shell(), on a machine of its own that has the address of far.example, and a server
  // there.
  Finished far_away (const std::string &script, const std::vector<std::string> &more)
  {
    Agent::Options options;
    std::vector<std::string> argv = trusting (dir.path ("authority.pem"), true);

    for (const std::string &word :
         { std::string ("unshare"), std::string ("--net"), std::string (kPython),
           std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/far-away.py", project,
           client_program ("bindify"), std::string ("run"), std::string ("--proxy"),
           std::string ("--binding"), std::string ("api") })
      argv.push_back (word);
    argv.insert (argv.end (), more.begin (), more.end ());
    for (const std::string &word :
         { std::string ("--"), std::string ("/bin/sh"), std::string ("-c"), script })
      argv.push_back (word);

    return run (agent->options (argv));
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

TEST_F (RunProxy, ServesCurlOverHttp2)
{
  allow_search ();
  Finished finished =
      shell ("w='%{http_version} %{http_code} %{size_download} '; "
             "curl -sS --http2 -w \"$w\" $0/one; curl -sS -o /dev/null --http2 -w \"$w\" $0/huge; "
             "head -c 20000000 /dev/zero > out/zero; "
             "curl -sS --http2 -w \"$w\" --data-binary @out/zero $0/search; "
             "curl -sS -Z --http2 -w \"$w\" --data-binary @out/zero $0/search $0/search $0/search "
             "$0/search $0/search; curl -sS -I --http2 $0/head");

  EXPECT_THAT (finished.output,
               AllOf (HasSubstr (R"("path":"/one","length":0,"signed":true}2 200)"),
                      HasSubstr ("2 200 20000000 "), HasSubstr ("HTTP/2 200")))
      << finished.errors;
  std::string sent = R"("length":20000000,"signed":true})";
  int n = 0;
  for (size_t at = 0; (at = finished.output.find (sent, at)) != std::string::npos; at++)
    n++;
  EXPECT_EQ (n, 6) << finished.output << finished.errors;
}

TEST_F (RunProxy, LeadsWebSocketsOn)
{
  std::filesystem::copy_file (std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/websocket.py",
                              project + "/websocket.py");
  auto ask = [&] (const std::string &authority, const std::string &path) {
    return in_run ({ kPython, "websocket.py", "api.example", port (), authority, path });
  };
  Finished finished = ask ("api.example:" + port (), "/socket");

  EXPECT_EQ (finished.output, "HTTP/1.1 101 Switching Protocols\ns3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n"
                              "hello\nend b''\n")
      << finished.errors;
  EXPECT_THAT (ask ("two.example:" + port (), "/socket").output, HasSubstr ("421"));
  EXPECT_THAT (ask ("api.example:" + port (), "/one").output, HasSubstr ("did not switch"));
  EXPECT_EQ (upstream->requests ().size (), 2u);
}

TEST_F (RunProxy, OutlivesThoseWhoLeave)
{
  allow_search ();
  Finished finished =
      shell ("head -c 5000000 /dev/zero > out/zero; for i in 1 2 3 4 5 6; do "
             "curl -sS --http2 $0/huge | head -c $((i * 100000)) >/dev/null; "
             "curl -sS --http2 -m 0.0$i -o /dev/null -Z $0/huge $0/one $0/huge; "
             "curl -sS --http2 -m 0.0$i --data-binary @out/zero $0/search; done 2>/dev/null; "
             "echo; curl -sS $0/last");

  EXPECT_THAT (finished.output, HasSubstr (R"("path":"/last","length":0,"signed":true)"))
      << finished.errors;
}

TEST_F (RunProxy, ServesGit)
{
  Finished finished = shell ("GIT_CURL_VERBOSE=1 git ls-remote $0/code.git");

  EXPECT_EQ (finished.output, std::string (40, 'a') + "\trefs/heads/main\n") << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("HTTP/2 200"));
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
  Finished finished = in_run ({ "node", "script.mjs", url () + "/node", "http/1.1" });
  allow_search ();
  Finished second = in_run ({ "node", "script.mjs", url () + "/search", "h2", "http/1.1" });

  EXPECT_THAT (finished.output, HasSubstr (R"(node 200 {"method":"GET","path":"/node")"))
      << finished.errors;
  EXPECT_THAT (second.output,
               AllOf (HasSubstr (R"(node2 30 Set(1) { 200 } {"method":"GET","path":"/search")"),
                      HasSubstr (R"("length":600000,"signed":true)")))
      << second.errors;
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

// Others only where that was said, and never into a network of this machine.

TEST_F (RunProxy, LeadsNowhereInside)
{
  const std::string end = ":443 HTTP/1.1\\r\\n\\r\\n";
  const std::vector<std::string> tunnels = { "--tunnel",  "*.example", "--tunnel",
                                             "localhost", "--tunnel",  "odd.test:8443" };

  for (const char *host :
       { "two.example", "localhost", "meta.example", "inner.example", "mapped.example" })
    EXPECT_THAT (say ("CONNECT " + std::string (host) + end, tunnels),
                 AllOf (HasSubstr ("HTTP/1.1 403"), HasSubstr ("network of this machine")))
        << host;
  for (const char *place :
       { "odd.test:443", "example.org:443", "far.example:22", "notexample:443", "x.localhost:443" })
    EXPECT_THAT (say ("CONNECT " + std::string (place) + " HTTP/1.1\\r\\n\\r\\n", tunnels),
                 AllOf (HasSubstr ("HTTP/1.1 403"), HasSubstr ("--tunnel")))
        << place;
}

TEST_F (RunProxy, LeadsToHostsThatWereNamed)
{
  if (access ("/usr/sbin/ip", X_OK) != 0 && access ("/sbin/ip", X_OK) != 0)
    GTEST_SKIP () << "no ip";
  const std::string ask = "curl -sS -p -x $HTTPS_PROXY http://far.example:443/";
  Finished named = far_away (ask, { "--tunnel", "far.example" });
  Finished other = far_away (ask, { "--tunnel", "near.example" });
  Finished host = far_away (ask + "; curl -sS -x $HTTPS_PROXY http://far.example/; "
                                  "curl -sS -p -x $HTTPS_PROXY http://two.example:443/; "
                                  "curl -sS -p -x http://${HTTPS_PROXY#*@} http://far.example:443/",
                            { "--net", "host" });

  EXPECT_EQ (named.output, "far away") << named.errors;
  EXPECT_THAT (other.errors, HasSubstr ("403"));
  EXPECT_THAT (host.output, AllOf (HasSubstr ("far away"), HasSubstr ("plain http is not taken")))
      << host.errors;
  EXPECT_THAT (host.errors, AllOf (HasSubstr ("403"), HasSubstr ("407")));
}

TEST_F (RunProxy, TakesNoPlaceholderToATunnel)
{
  ASSERT_EQ (agent
                 ->cli ({ "bindify", "add", "openai", "--token-stdin", "--no-check" },
                        std::string (kSecret) + "\n")
                 .status,
             0);
  Finished finished = shell ("curl -sS -m 10 --proxy-header \"X-Y: $OPENAI_API_KEY\" "
                             "https://far.example/",
                             { "--binding", "openai", "--tunnel", "far.example" });

  EXPECT_THAT (finished.errors, HasSubstr ("403"));
}

// Everybody on this machine can connect to it there.
TEST_F (RunProxy, AsksForItsPasswordOnThisMachine)
{
  Finished finished = shell ("curl -sS $0/host; curl -sS -x http://${HTTPS_PROXY#*@} $0/x; "
                             "curl -sS -x http://run:x@${HTTPS_PROXY#*@} $0/x",
                             { "--net", "host" });

  EXPECT_THAT (finished.output, HasSubstr (R"("path":"/host","length":0,"signed":true)"))
      << finished.errors;
  EXPECT_THAT (finished.errors, HasSubstr ("407"));
  EXPECT_EQ (upstream->requests ().size (), 1u);
}

TEST_F (RunProxy, SaysWhatItLeadsTo)
{
  Finished explained =
      run (agent->options ({ client_program ("bindify"), "run", "--explain", "--proxy", "--binding",
                             "api", "--tunnel", "pypi.org" }));
  Finished odd = in_run ({ "true" }, { "--tunnel", "10.0.0.1" });
  Finished alone = run (agent->options (
      { client_program ("bindify"), "run", "--tunnel", "a.example", "--", "true" }));

  EXPECT_THAT (explained.output, HasSubstr ("pypi.org"));
  EXPECT_EQ (odd.status, 1);
  EXPECT_THAT (odd.errors, HasSubstr ("is no host"));
  EXPECT_THAT (alone.errors, HasSubstr ("--tunnel needs --proxy"));
}

TEST_F (RunProxy, SpeaksForOneHostInOneConnection)
{
  for (const char *version : { "--http1.1 ", "--http2 " })
    {
      Finished finished =
          shell (std::string ("curl -sS -H 'Host: two.example:'$1 $0/x ") + version +
                     "; curl -sS --request-target https://two.example:$1/x $0/y " + version,
                 { "--binding", "two" });

      EXPECT_THAT (finished.output, HasSubstr ("another host")) << version << finished.errors;
    }
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
  for (const char *way : { "-H \"X-Y: $OPENAI_API_KEY\"", "--http1.1 -H \"X-Y: $OPENAI_API_KEY\"",
                           "--http1.1 -d \"x=$OPENAI_API_KEY\"", "-u \"u:$OPENAI_API_KEY\"",
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

// HTTP/2 has lengths and names of its own; nothing in it becomes another request at the agent.
TEST_F (RunProxy, TakesNoOddHttp2)
{
  const std::pair<const char *, const char *> odd[] = {
    { "authority", "another host" },
    { "port", "another host" },
    { "no-authority", "no request" },
    { "two-authorities", "reset 1" },
    { "scheme", "no request" },
    { "connect", "no request" },
    { "method", "reset" },
    { "path", "reset" },
    { "fragment", "no request" },
    { "short-length", "reset 1" },
    { "long-length", "reset 1" },
    { "line", "reset" },
    { "zero", "reset" },
    { "name", "reset" },
    { "upper", "reset 1" },
    { "chunked", "reset 1" },
    { "connection", "reset 1" },
    { "long-headers", "headers are longer" },
    { "http1", "end" },
  };

  std::filesystem::copy_file (std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/h2-attack.py",
                              project + "/h2-attack.py");
  EXPECT_THAT (attack ("plain"), AllOf (HasSubstr ("agreed h2"), HasSubstr (R"("path":"/h2")")));
  size_t n = upstream->requests ().size ();
  for (const auto &[what, answer] : odd)
    EXPECT_THAT (attack (what), HasSubstr (answer)) << what;
  EXPECT_EQ (upstream->requests ().size (), n);
  EXPECT_THAT (attack ("host"), HasSubstr (R"("path":"/h2")"));
}

TEST_F (RunProxy, EndsFloodsOfHttp2)
{
  std::filesystem::copy_file (std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/h2-attack.py",
                              project + "/h2-attack.py");
  // Goodbye may come too late for who still talks.
  for (const char *what : { "resets", "pings", "empty", "settings", "continuations" })
    EXPECT_THAT (attack (what), AllOf (HasSubstr ("agreed h2"), Not (HasSubstr ("data")),
                                       Not (HasSubstr ("Timeout"))))
        << what;
  EXPECT_LE (upstream->requests ().size (), 250u);
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
