// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// People sign in: the real agent, an authorization server, and a browser that follows redirects
// (behaviour 17, A20, A22; mcp.md B.1, B.3).

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "tests/fixture/agent.h"
#include "tests/fixture/signing-in.h"

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kWorks[] = "\"result\"";
constexpr char kSignedOut[] = "\"code\":-31005";

// Every byte below @directory.
std::string
read_all (const std::string &directory)
{
  std::stringstream text;

  for (const auto &entry : std::filesystem::recursive_directory_iterator (directory))
    if (entry.is_regular_file ())
      text << std::ifstream (entry.path (), std::ios::binary).rdbuf ();
  return text.str ();
}

// One server for all tests of a suite: Python takes its time to start. Counters are told since the
// test began.
class CountingServer : public SignInServer
{
public:
  void begin ()
  {
    set (R"({"pkce":true,"dcr":true,"device":true,"revocation":true,"device_life":300,
             "device_pending":0,"device_answer":"wait","resource_metadata":{},
             "scopes":null,"challenge_scope":null,"server_scopes":null})");
    before_ = log ();
  }
  long count (const std::string &name)
  {
    return number (log (), name) - number (before_, name);
  }
  bool wait_for (const std::string &name, long n)
  {
    return SignInServer::wait_for (name, number (before_, name) + n);
  }

  // The sign-in that happened last.
  std::string newest ()
  {
    const std::string text = log (), member = "\"family\": ";
    size_t at = text.rfind (member) + member.size ();

    return text.substr (at, text.find_first_not_of ("0123456789", at) - at);
  }

private:
  static long number (const std::string &log, const std::string &name)
  {
    const std::string member = "\"" + name + "\": ";
    size_t at = log.find (member);

    return at == std::string::npos ? 0 : strtol (log.c_str () + at + member.size (), nullptr, 10);
  }

  std::string before_;
};

class SignInStory : public testing::Test
{
protected:
  static void SetUpTestSuite ()
  {
    shared = std::make_unique<CountingServer> ();
  }
  static void TearDownTestSuite ()
  {
    shared = nullptr;
  }
  void SetUp () override
  {
    server.begin ();
  }

  // Signs in to "svc" all the way; the last line.
  std::string sign_in (const std::string &oauth = R"({"flow":"browser"})",
                       const std::string &more = "")
  {
    SigningIn signing = SigningIn::add (agent, server, "svc", oauth, more);

    EXPECT_EQ (browse (signing.url ()).status, 200) << signing.body ();
    std::string last = signing.end ();

    EXPECT_THAT (last, HasSubstr ("\"step\":\"done\""));
    return last;
  }
  std::string call (const std::string &key, const std::string &name = "svc")
  {
    return agent.post (name, key, kInitialize).body;
  }
  std::string show (const std::string &name = "svc")
  {
    return agent.control ("GET", "/v1/bindings/" + name).body;
  }
  std::string events ()
  {
    return agent.control ("GET", "/v1/events").body;
  }

  static std::unique_ptr<CountingServer> shared;
  CountingServer &server = *shared;
  Agent agent;
};

std::unique_ptr<CountingServer> SignInStory::shared;

TEST_F (SignInStory, GoesAllTheWay)
{
  std::string key = agent.add_client ("story");
  SigningIn signing = SigningIn::add (agent, server, "svc");

  EXPECT_EQ (signing.status (), 200);
  EXPECT_EQ (signing.content_type (), "application/x-ndjson");
  std::string discovered = signing.next ();
  EXPECT_EQ (json_string (discovered, "step"), "discovered");
  EXPECT_EQ (json_string (discovered, "issuer"), server.url (""));
  EXPECT_EQ (json_string (discovered, "client"), "registered");
  EXPECT_THAT (discovered, HasSubstr ("\"scope\":null"));

  std::string authorize = signing.next ();
  std::string url = json_string (authorize, "url");
  std::string redirect = json_string (authorize, "redirect_uri");
  EXPECT_THAT (redirect, AllOf (StartsWith ("http://127.0.0.1:"), EndsWith ("/callback")));
  EXPECT_THAT (authorize, HasSubstr ("\"expires_in\":600"));
  EXPECT_THAT (url,
               AllOf (StartsWith (server.url ("/authorize?")), HasSubstr ("response_type=code"),
                      HasSubstr ("client_id=registered-"), HasSubstr ("code_challenge_method=S256"),
                      HasSubstr ("state="), HasSubstr ("resource=http%3A%2F%2F127.0.0.1%3A"),
                      Not (HasSubstr ("scope="))));

  Response page = browse (url);
  EXPECT_EQ (page.status, 200);
  EXPECT_THAT (page.body, HasSubstr ("Almost done"));
  EXPECT_EQ (json_string (signing.next (), "step"), "exchanging");
  EXPECT_EQ (json_string (signing.next (), "step"), "storing");

  std::string done = signing.next ();
  EXPECT_EQ (json_string (done, "step"), "done");
  EXPECT_THAT (done, AllOf (HasSubstr ("\"auth_type\":\"oauth\""), HasSubstr ("\"state\":\"ok\""),
                            HasSubstr ("\"can_refresh\":true"), HasSubstr ("\"performed\":true"),
                            HasSubstr ("\"endpoint\":\"http://127.0.0.1:")));
  EXPECT_THAT (json_string (done, "expires_at"), StartsWith ("20"));
  EXPECT_EQ (signing.next (), "");
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (server.count ("registrations"), 1);
  EXPECT_EQ (server.count ("authorization_code"), 1);
}

// What the person's browser and terminal see has no token in it, nor have logs and events.
TEST_F (SignInStory, TellsNoSecret)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string page = browse (signing.url ()).body;

  signing.end ();
  std::string all = page + signing.text () + events () + show ();
  EXPECT_EQ (agent.stop (), 0);
  all += agent.process ().errors ();
  EXPECT_THAT (all, AllOf (Not (HasSubstr ("at-")), Not (HasSubstr ("rt-"))));
  // At rest it is encrypted.
  EXPECT_THAT (read_all (agent.state_dir ()),
               AllOf (Not (HasSubstr ("\"at-")), Not (HasSubstr ("\"rt-"))));
}

struct EndCase
{
  const char *name;
  const char *steering; // path and body
  const char *wishes;
  std::string code;
  std::string page; // "": not looked at
};

void
PrintTo (const EndCase &row, std::ostream *out)
{
  *out << row.name;
}

class SignInEndTest : public SignInStory, public testing::WithParamInterface<EndCase>
{
};

// A20 with a real agent. Nothing is left behind, and nothing that the server wrote is told.
TEST_P (SignInEndTest, A20FailsAndLeavesNothing)
{
  const EndCase &row = GetParam ();

  if (std::string (row.steering) == "set")
    server.set (row.wishes);
  else
    server.faults (row.wishes);
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string page = browse (signing.url ()).body;
  std::string last = signing.end ();

  EXPECT_EQ (json_string (last, "step"), "failed") << last;
  EXPECT_EQ (json_string (last, "error"), row.code) << last;
  EXPECT_THAT (page, HasSubstr (row.page));
  EXPECT_THAT (page + signing.text () + events (),
               AllOf (Not (HasSubstr ("evil")), Not (HasSubstr ("<script"))));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings").body, HasSubstr ("\"bindings\":[]"));
  EXPECT_THAT (events (), AllOf (HasSubstr ("\"type\":\"sign_in\""), HasSubstr (row.code)));
  // The next one works.
  sign_in ();
  EXPECT_EQ (agent.stop (), 0);
  EXPECT_THAT (agent.process ().errors (), Not (HasSubstr ("evil")));
}

INSTANTIATE_TEST_SUITE_P (
    Ends,
    SignInEndTest,
    testing::Values (
        EndCase{ "Denied", "faults", R"({"authorize":["deny"]})", "denied", "Not signed in" },
        EndCase{ "WrongIssuer", "faults", R"({"authorize":["wrong-iss"]})", "denied",
                 "another server" },
        EndCase{ "NoIssuer", "faults", R"({"authorize":["no-iss"]})", "denied", "another server" },
        EndCase{ "WrongIssuerOfADenial", "faults", R"({"authorize":["deny+wrong-iss"]})", "denied",
                 "another server" },
        EndCase{ "NoCode", "faults", R"({"authorize":["no-code"]})", "upstream_failed",
                 "Not complete" },
        EndCase{ "HtmlInTheError", "faults", R"({"authorize":["html-error"]})", "upstream_failed",
                 "The service refused" },
        EndCase{ "CodeRefused", "faults", R"({"token":["error:invalid_grant"]})", "upstream_failed",
                 "" },
        EndCase{ "ErrorWith200", "faults", R"({"token":["200-error"]})", "upstream_failed", "" },
        EndCase{ "NoAnswer", "faults", R"({"token":["reset"]})", "upstream_failed", "" },
        EndCase{ "Page", "faults", R"({"token":["html"]})", "upstream_failed", "" },
        EndCase{ "NoAccessToken", "faults", R"({"token":["missing:access_token"]})",
                 "upstream_failed", "" },
        EndCase{ "TokenOfAnotherType", "faults", R"({"token":["token-type:mac"]})",
                 "upstream_failed", "" },
        EndCase{ "TokenNotTaken", "faults", R"({"mcp":["ok","403"]})", "upstream_failed", "" }),
    [] (const testing::TestParamInfo<EndCase> &info) { return info.param.name; });

// A token that was given and not stored does not stay valid.
TEST_F (SignInStory, AnUnusedTokenIsGivenBack)
{
  server.faults (R"({"mcp":["ok","401"]})");
  SigningIn signing = SigningIn::add (agent, server, "svc");

  browse (signing.url ());
  EXPECT_THAT (signing.end (), HasSubstr ("HTTP 401"));
  EXPECT_TRUE (server.wait_for ("revocations", 1));
}

// The service itself being down for a moment is no reason to sign in once more.
TEST_F (SignInStory, ACheckThatCannotBeMadeIsToldAndNoObstacle)
{
  server.faults (R"({"mcp":["ok","503"]})");

  EXPECT_THAT (sign_in (), HasSubstr ("\"performed\":false"));
}

// Somebody leads the browser to us with an answer of their own: the person's own still counts.
TEST_F (SignInStory, AWrongStateIsNoAnswer)
{
  server.faults (R"({"authorize":["wrong-state","no-state"]})");
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string url = signing.url ();

  EXPECT_EQ (browse (url).status, 400);
  EXPECT_EQ (browse (url).status, 400);
  EXPECT_EQ (server.count ("authorization_code"), 0);
  EXPECT_EQ (browse (url).status, 200);
  EXPECT_EQ (json_string (signing.end (), "step"), "done");
}

TEST_F (SignInStory, AnotherOriginIsNoAnswer)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string back = browse_once (signing.url ()).header ("location");

  EXPECT_EQ (browse_once (back, "Origin: https://evil.example").status, 403);
  EXPECT_EQ (browse_once (back, "Sec-Fetch-Mode: no-cors").status, 403);
  EXPECT_EQ (browse_once (back).status, 200);
  EXPECT_EQ (json_string (signing.end (), "step"), "done");
}

// The code comes a second time: nobody listens any more.
TEST_F (SignInStory, AReplayMeetsNobody)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string back = browse_once (signing.url ()).header ("location");

  EXPECT_EQ (browse_once (back).status, 200);
  signing.end ();
  EXPECT_EQ (browse_once (back).status, 0);
  EXPECT_EQ (server.count ("code_reuse"), 0);
}

TEST_F (SignInStory, EndsWhenWhoeverAskedGoes)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string back = browse_once (signing.url ()).header ("location");

  signing.close ();
  SigningIn again = SigningIn::when_free ([this] { return SigningIn::add (agent, server, "svc"); });
  EXPECT_EQ (browse_once (back).status, 0);
  EXPECT_EQ (browse (again.url ()).status, 200);
  EXPECT_EQ (json_string (again.end (), "step"), "done");
  EXPECT_EQ (server.count ("authorization_code"), 1);
}

TEST_F (SignInStory, OneAtATimePerBinding)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string url = signing.url ();
  SigningIn second = SigningIn::add (agent, server, "svc");

  EXPECT_EQ (second.status (), 409);
  EXPECT_THAT (second.body (), AllOf (HasSubstr ("in_use"), HasSubstr ("under way")));
  // The first goes on, and so does one for another name.
  SigningIn other = SigningIn::add (agent, server, "other");
  browse (other.url ());
  EXPECT_EQ (json_string (other.end (), "step"), "done");
  browse (url);
  EXPECT_EQ (json_string (signing.end (), "step"), "done");
}

// J16: each has a verifier of its own, and the server takes each code with the right one only.
TEST_F (SignInStory, J16VerifiersAreNotShared)
{
  auto parameter = [] (const std::string &url, const std::string &name) {
    const size_t at = url.find (name + "=");

    return at == std::string::npos ? "" : url.substr (at, url.find ('&', at) - at);
  };
  SigningIn first = SigningIn::add (agent, server, "svc");
  SigningIn second = SigningIn::add (agent, server, "other");
  const std::string one = first.url (), two = second.url ();

  for (const char *name : { "code_challenge", "state" })
    {
      EXPECT_NE (parameter (one, name), "") << name;
      EXPECT_NE (parameter (one, name), parameter (two, name)) << name;
    }
  browse (two);
  EXPECT_EQ (json_string (second.end (), "step"), "done");
  browse (one);
  EXPECT_EQ (json_string (first.end (), "step"), "done");
}

TEST_F (SignInStory, SoManyAtATime)
{
  std::vector<std::unique_ptr<SigningIn>> all;

  for (int i = 0; i < 16; i++)
    {
      all.push_back (std::make_unique<SigningIn> (
          SigningIn::add (agent, server, "svc-" + std::to_string (i))));
      ASSERT_EQ (all.back ()->status (), 200);
    }
  EXPECT_EQ (SigningIn::add (agent, server, "svc-16").status (), 409);
}

TEST_F (SignInStory, ALockEndsIt)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string back = browse_once (signing.url ()).header ("location");

  agent.control ("POST", "/v1/lock");
  EXPECT_EQ (json_string (signing.end (), "error"), "locked");
  EXPECT_EQ (browse_once (back).status, 0);
}

struct WishCase
{
  const char *name;
  std::string body; // behind the url
  std::string words;
};

void
PrintTo (const WishCase &row, std::ostream *out)
{
  *out << row.name;
}

class SignInWishTest : public SignInStory, public testing::WithParamInterface<WishCase>
{
};

// Before anybody is asked anything.
TEST_P (SignInWishTest, IsRefusedAtOnce)
{
  const WishCase &row = GetParam ();
  Response refused = agent.control ("POST", "/v1/bindings",
                                    R"({"name":"svc","allow_local":true,"url":")" + server.url () +
                                        "\"" + row.body + "}");

  EXPECT_EQ (refused.status, 400) << refused.body;
  EXPECT_THAT (refused.body, AllOf (HasSubstr (row.words), Not (HasSubstr ("s3cret"))));
  EXPECT_EQ (server.count ("none"), 0);
}

INSTANTIATE_TEST_SUITE_P (
    Wishes,
    SignInWishTest,
    testing::Values (
        WishCase{ "NoFlow", R"(,"oauth":{})", "“flow”" },
        WishCase{ "SecretInLines",
                  R"(,"oauth":{"flow":"browser","client_id":"a","client_secret":"s3cret\n"})",
                  "client secret" },
        WishCase{ "MachineWithoutClient", R"(,"oauth":{"flow":"machine"})", "--client-id" },
        WishCase{
            "BesideACredential",
            R"(,"oauth":{"flow":"browser"},"credential":{"type":"api_key","api_key":"s3cret"})",
            "oauth" }),
    [] (const testing::TestParamInfo<WishCase> &info) { return info.param.name; });

TEST_F (SignInStory, WithoutPkceOnlyWhenThePersonSaysSo)
{
  server.set (R"({"pkce":false})");
  SigningIn refused = SigningIn::add (agent, server, "svc");
  std::string last = refused.end ();

  EXPECT_EQ (json_string (last, "error"), "unsupported");
  EXPECT_THAT (last, HasSubstr ("--allow-no-pkce"));
  EXPECT_EQ (server.count ("registrations"), 0);
  sign_in (R"({"flow":"browser","allow_no_pkce":true})");
}

TEST_F (SignInStory, AClientOfThePersonsOwn)
{
  server.set (R"({"dcr":false})");
  EXPECT_EQ (json_string (SigningIn::add (agent, server, "svc").end (), "error"), "unsupported");

  SigningIn signing = SigningIn::add (
      agent, server, "svc",
      R"({"flow":"browser","client_id":"app","client_secret":"app-secret-0123456789","scope":"a b"})");
  std::string discovered = signing.step ("discovered");
  EXPECT_EQ (json_string (discovered, "client"), "configured");
  EXPECT_EQ (json_string (discovered, "scope"), "a b");
  std::string url = signing.url ();
  EXPECT_THAT (url, AllOf (HasSubstr ("client_id=app&"), HasSubstr ("scope=a%20b")));
  EXPECT_THAT (url, Not (HasSubstr ("app-secret")));
  browse (url);
  EXPECT_EQ (json_string (signing.end (), "step"), "done");

  // Id, secret and scope are those of the last time.
  SigningIn again = SigningIn::again (agent, "svc");
  EXPECT_THAT (again.step ("discovered"),
               AllOf (HasSubstr ("configured"), HasSubstr ("\"scope\":\"a b\"")));
  browse (again.url ());
  EXPECT_EQ (json_string (again.end (), "step"), "done");
}

// mcp.md B.1: what is asked for again is what was granted, with what the server demands by now, and
// not all that it could have.
TEST_F (SignInStory, ALimitedSignInStaysLimited)
{
  server.set (R"({"scopes":["read","write","admin"]})");
  EXPECT_EQ (json_string (SigningIn::add (agent, server, "all").step ("discovered"), "scope"),
             "read write admin");
  sign_in (R"({"flow":"browser","scope":"read"})");
  EXPECT_EQ (json_string (SigningIn::again (agent, "svc").step ("discovered"), "scope"), "read");
  server.set (R"({"challenge_scope":"mcp","server_scopes":["offline_access"]})");
  std::string discovered =
      SigningIn::when_free ([this] { return SigningIn::again (agent, "svc"); }).step ("discovered");
  EXPECT_EQ (json_string (discovered, "scope"), "read mcp offline_access");
}

// An id that a person registered by hand is never shown to another server (mcp.md B.1).
TEST_F (SignInStory, AClientIsOneServersOnly)
{
  SignInServer other;

  sign_in (R"({"flow":"browser","client_id":"app","client_secret":"app-secret-0123456789"})");
  server.set (R"({"resource_metadata":{"authorization_servers":[")" + other.url ("") + "\"]}}");
  SigningIn again = SigningIn::again (agent, "svc");
  EXPECT_THAT (again.end (), AllOf (HasSubstr ("\"step\":\"failed\""), HasSubstr ("--client-id")));
  EXPECT_EQ (other.count ("authorizations"), 0);
  EXPECT_THAT (show (), HasSubstr ("\"state\":\"ok\""));
}

// A22: everything but the credential is what it was.
TEST_F (SignInStory, A22AgainInPlace)
{
  std::string key = agent.add_client ("story");
  std::string first = sign_in ();
  SigningIn again = SigningIn::again (agent, "svc");
  std::string url = again.url ();

  // The old one is good until the new one is there.
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (browse (url).status, 200);
  std::string last = again.end ();
  EXPECT_EQ (json_string (last, "step"), "done");
  EXPECT_EQ (json_string (last, "id"), json_string (first, "id"));
  EXPECT_EQ (json_string (last, "endpoint"), json_string (first, "endpoint"));
  // With the new token.
  std::string newest = server.newest () + ".1";
  long n_before = server.count (newest);
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (server.count (newest), n_before + 1) << server.log ();
  // The same client, with the same redirect: servers that compare ports are served.
  EXPECT_EQ (server.count ("registrations"), 1);
  EXPECT_THAT (events (), HasSubstr ("\"type\":\"reauth\""));
}

TEST_F (SignInStory, AFailedSignInKeepsTheOldCredential)
{
  std::string key = agent.add_client ("story");

  sign_in ();
  server.faults (R"({"authorize":["deny"]})");
  SigningIn again = SigningIn::again (agent, "svc");
  browse (again.url ());
  EXPECT_EQ (json_string (again.end (), "error"), "denied");
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_THAT (show (), AllOf (HasSubstr ("\"state\":\"ok\""), HasSubstr ("\"can_refresh\":true")));
}

// A credential of a binding that is no longer there would lie in the keyring for ever.
TEST_F (SignInStory, ABindingThatIsRemovedMeanwhileStaysRemoved)
{
  sign_in ();
  SigningIn again = SigningIn::again (agent, "svc");
  std::string url = again.url ();

  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 204);
  browse (url);
  EXPECT_EQ (json_string (again.end (), "error"), "not_found");
  EXPECT_THAT (agent.control ("GET", "/v1/doctor").body, Not (HasSubstr ("secret_without_record")));
  // The token of the first sign-in, and the one that was not stored.
  EXPECT_TRUE (server.wait_for ("revocations", 2));
}

// The port of the registration is somebody else's now: registered anew.
TEST_F (SignInStory, J15ATakenPortMeansANewRegistration)
{
  SigningIn signing = SigningIn::add (agent, server, "svc");
  std::string authorize = signing.step ("authorize");
  std::string redirect = json_string (authorize, "redirect_uri");

  browse (json_string (authorize, "url"));
  signing.end ();
  int taken = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {};
  int on = 1;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  address.sin_port =
      htons (static_cast<uint16_t> (std::stoi (redirect.substr (strlen ("http://127.0.0.1:")))));
  setsockopt (taken, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ASSERT_EQ (bind (taken, reinterpret_cast<struct sockaddr *> (&address), sizeof address), 0);
  ASSERT_EQ (listen (taken, 1), 0);

  SigningIn again = SigningIn::again (agent, "svc");
  EXPECT_EQ (browse (again.url ()).status, 200);
  EXPECT_EQ (json_string (again.end (), "step"), "done");
  EXPECT_EQ (server.count ("registrations"), 2);
  close (taken);
}

// mcp.md B.2: the server lost the client between the browser and the exchange.
TEST_F (SignInStory, AForgottenClientIsRegisteredAnewOnce)
{
  server.faults (R"({"token":["error:invalid_client"]})");
  SigningIn signing = SigningIn::add (agent, server, "svc");

  EXPECT_EQ (browse (signing.url ()).status, 200);
  EXPECT_EQ (browse (signing.url ()).status, 200);
  EXPECT_EQ (json_string (signing.end (), "step"), "done");
  EXPECT_EQ (server.count ("registrations"), 2);

  server.faults (R"({"token":["error:invalid_client","error:invalid_client"]})");
  SigningIn again = SigningIn::again (agent, "svc");
  browse (again.url ());
  browse (again.url ());
  EXPECT_THAT (again.end (), AllOf (HasSubstr ("failed"), HasSubstr ("invalid_client")));
  EXPECT_EQ (server.count ("registrations"), 3);
}

// The server's own page tells its person so, and nobody comes back; the next attempt does not rely
// on that client.
TEST_F (SignInStory, AClientThatLedNowhereIsNotUsedAgain)
{
  sign_in ();
  server.set (R"({"forget_clients":true})");
  SigningIn stuck = SigningIn::again (agent, "svc");
  EXPECT_EQ (browse (stuck.url ()).status, 400);
  stuck.close ();

  SigningIn again = SigningIn::when_free ([this] { return SigningIn::again (agent, "svc"); });
  EXPECT_EQ (browse (again.url ()).status, 200);
  EXPECT_EQ (json_string (again.end (), "step"), "done");
  EXPECT_EQ (server.count ("registrations"), 2);
}

TEST_F (SignInStory, Sealed)
{
  std::string done = sign_in (R"({"flow":"browser"})", R"(,"mode":"sealed","client":"laptop")");
  std::string key = json_string (done, "client_key");

  EXPECT_THAT (key, StartsWith ("bnd_local_"));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_THAT (call (agent.add_client ("other")), HasSubstr ("-31008"));

  // With the key, the registration is known and everybody keeps their access.
  SigningIn again =
      SigningIn::again (agent, "svc", R"({"flow":"browser"})", R"(,"client_key":")" + key + "\"");
  browse (again.url ());
  EXPECT_THAT (again.end (),
               AllOf (HasSubstr ("\"step\":\"done\""), HasSubstr ("\"lost_clients\":[]"),
                      Not (HasSubstr ("client_key"))));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (server.count ("registrations"), 1);
}

TEST_F (SignInStory, Machine)
{
  std::string key = agent.add_client ("story");
  SigningIn signing = SigningIn::add (
      agent, server, "svc",
      R"({"flow":"machine","client_id":"app","client_secret":"app-secret-0123456789"})");

  EXPECT_EQ (json_string (signing.next (), "step"), "discovered");
  EXPECT_EQ (json_string (signing.next (), "step"), "exchanging");
  EXPECT_THAT (signing.end (),
               AllOf (HasSubstr ("\"step\":\"done\""), HasSubstr ("\"can_refresh\":true")));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (server.count ("authorizations"), 0);

  // The secret is known by now.
  EXPECT_THAT (SigningIn::again (agent, "svc", R"({"flow":"machine"})").end (),
               HasSubstr ("\"step\":\"done\""));
}

TEST_F (SignInStory, MachineWithAWrongSecret)
{
  std::string last =
      SigningIn::add (agent, server, "svc",
                      R"({"flow":"machine","client_id":"app","client_secret":"wrong"})")
          .end ();

  EXPECT_THAT (last, AllOf (HasSubstr ("\"step\":\"failed\""), HasSubstr ("invalid_client"),
                            HasSubstr ("--client-secret-stdin"), Not (HasSubstr ("wrong"))));
}

TEST_F (SignInStory, Device)
{
  std::string key = agent.add_client ("story");

  server.set (R"({"device_pending":1})");
  SigningIn signing = SigningIn::add (agent, server, "svc", R"({"flow":"device"})");
  std::string device = signing.step ("device");

  EXPECT_EQ (json_string (device, "verification_uri"), server.url ("/device/verify"));
  EXPECT_THAT (json_string (device, "verification_uri_complete"),
               EndsWith ("?user_code=" + json_string (device, "user_code")));
  EXPECT_THAT (device, HasSubstr ("\"expires_in\":300"));
  EXPECT_EQ (browse (json_string (device, "verification_uri_complete")).status, 200);
  EXPECT_THAT (signing.end (), HasSubstr ("\"step\":\"done\""));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_EQ (server.count ("too_early"), 0);
}

TEST_F (SignInStory, DeviceThatIsDeniedOrNotOffered)
{
  auto error = [this] {
    return json_string (SigningIn::add (agent, server, "svc", R"({"flow":"device"})").end (),
                        "error");
  };

  server.set (R"({"device_answer":"deny"})");
  EXPECT_EQ (error (), "denied");
  server.set (R"({"device":false})");
  EXPECT_EQ (error (), "unsupported");
}

TEST_F (SignInStory, DeviceThatNobodyConfirms)
{
  server.set (R"({"device_life":2})");
  std::string last = SigningIn::add (agent, server, "svc", R"({"flow":"device"})").end ();

  EXPECT_EQ (json_string (last, "error"), "upstream_timeout");
  EXPECT_THAT (last, HasSubstr ("in time"));
}

TEST_F (SignInStory, DeviceThatEndsAtTheServer)
{
  server.faults (R"({"token":["error:expired_token"]})");
  std::string last = SigningIn::add (agent, server, "svc", R"({"flow":"device"})").end ();

  EXPECT_EQ (json_string (last, "error"), "upstream_timeout");
  EXPECT_THAT (last, HasSubstr ("expired"));
}

TEST_F (SignInStory, DeviceThatIsCancelled)
{
  SigningIn signing = SigningIn::add (agent, server, "svc", R"({"flow":"device"})");

  signing.step ("device");
  signing.close ();
  SigningIn again = SigningIn::when_free (
      [this] { return SigningIn::add (agent, server, "svc", R"({"flow":"device"})"); });
  EXPECT_EQ (again.status (), 200);
}

TEST_F (SignInStory, LogoutRevokesAndForgets)
{
  std::string key = agent.add_client ("story");
  std::string first = sign_in ();
  Response out = agent.control ("POST", "/v1/bindings/svc/logout");

  EXPECT_EQ (out.status, 200);
  EXPECT_THAT (out.body,
               AllOf (HasSubstr ("\"revoked\":true"), HasSubstr ("\"state\":\"needs_login\""),
                      HasSubstr ("\"can_refresh\":false"), HasSubstr ("\"expires_at\":null")));
  EXPECT_EQ (server.count ("revocations"), 1);
  EXPECT_THAT (call (key), AllOf (HasSubstr (kSignedOut), HasSubstr ("bindify login svc")));
  EXPECT_THAT (events (), HasSubstr ("\"type\":\"logout\""));

  // Twice is no error.
  out = agent.control ("POST", "/v1/bindings/svc/logout");
  EXPECT_EQ (out.status, 200);
  EXPECT_THAT (out.body, HasSubstr ("\"revoked\":null"));

  // And back in place.
  SigningIn again = SigningIn::again (agent, "svc");
  browse (again.url ());
  EXPECT_EQ (json_string (again.end (), "id"), json_string (first, "id"));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
}

TEST_F (SignInStory, LogoutDoesNotDependOnTheServer)
{
  sign_in ();
  server.faults (R"({"revoke":["503"]})");
  EXPECT_THAT (agent.control ("POST", "/v1/bindings/svc/logout").body,
               AllOf (HasSubstr ("\"revoked\":false"), HasSubstr ("needs_login")));

  server.set (R"({"revocation":false})");
  SigningIn again = SigningIn::again (agent, "svc");
  browse (again.url ());
  again.end ();
  EXPECT_THAT (agent.control ("POST", "/v1/bindings/svc/logout").body,
               AllOf (HasSubstr ("\"revoked\":null"), HasSubstr ("needs_login")));
}

TEST_F (SignInStory, LogoutOfWhatHasNoCredential)
{
  agent.control ("POST", "/v1/bindings",
                 R"({"name":"open","allow_local":true,"check":false,"url":")" + server.url () +
                     "\"}");

  EXPECT_EQ (agent.control ("POST", "/v1/bindings/open/logout").status, 400);
  EXPECT_EQ (agent.control ("POST", "/v1/bindings/nothing/logout").status, 404);
}

TEST_F (SignInStory, LogoutOfAnApiKey)
{
  std::string key = agent.add_client ("story");

  agent.add ("keyed", server.url (), "sk-story");
  EXPECT_THAT (agent.control ("POST", "/v1/bindings/keyed/logout").body,
               AllOf (HasSubstr ("\"revoked\":null"), HasSubstr ("needs_login")));
  EXPECT_THAT (call (key, "keyed"), HasSubstr (kSignedOut));
}

TEST_F (SignInStory, RemovalRevokes)
{
  sign_in ();
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_EQ (server.count ("revocations"), 1);
}

// behaviour 17.12: failure does not stop it, and nobody waits long.
TEST_F (SignInStory, RemovalDoesNotWaitForTheServer)
{
  sign_in ();
  server.faults (R"({"revoke":["slow:30"]})");
  auto begun = std::chrono::steady_clock::now ();
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_LT (std::chrono::steady_clock::now () - begun, std::chrono::seconds (15));
  server.process ().signal (SIGKILL);
}

} // namespace
