// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/fixture/await.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/names.h"
#include "tests/fixture/private-dirs.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/upstream.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/fetch-answer.h"
#include "agent/oauth/fetch.h"
}

namespace
{

const int patience_ms = 30000;

class OAuthFetch : public testing::Test
{
protected:
  ~OAuthFetch () override
  {
    bfy_fetch_answer_free (answer_);
  }

  // A GET of @url unless told otherwise, with what a test sets in request_.
  BfyFetchAnswer *fetch (const std::string &url)
  {
    Await done;

    request_.url = url.c_str ();
    bfy_fetch_async (&agent_, &request_, cancellable_, Await::on_ready, done.data ());
    bfy_fetch_answer_free (answer_);
    answer_ = bfy_fetch_finish (done.result (), error_.out ());
    return answer_;
  }
  std::string body () const
  {
    gsize length;
    const guint8 *bytes = bfy_secret_peek (answer_->body, &length);

    return std::string (reinterpret_cast<const char *> (bytes), length);
  }

  BfyAgent agent_ = {};
  BfyFetch request_ = { "GET",   nullptr, nullptr, nullptr, nullptr,
                        nullptr, nullptr, nullptr, TRUE,    0 };
  GCancellable *cancellable_ = nullptr;
  BfyFetchAnswer *answer_ = nullptr;
  Error error_;
};

} // namespace

TEST_F (OAuthFetch, BringsTheAnswer)
{
  Upstream server ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (401, "{\"a\":1}",
                "Content-Type: Application/JSON; charset=utf-8\r\nRetry-After: 7\r\n"
                "WWW-Authenticate: Bearer scope=\"a\"\r\nWWW-Authenticate: Basic realm=\"b\"\r\n"
                "Set-Cookie: a=b");
  });

  request_.accept = "application/json";
  request_.mcp_version = "2025-11-25";
  ASSERT_NE (fetch (server.url ("/a%2Fb?c=d")), nullptr) << error_;
  EXPECT_EQ (answer_->status, 401u);
  EXPECT_STREQ (answer_->content_type, "application/json");
  EXPECT_EQ (answer_->retry_after_s, 7);
  EXPECT_STREQ (answer_->challenges[0], "Bearer scope=\"a\"");
  EXPECT_STREQ (answer_->challenges[1], "Basic realm=\"b\"");
  EXPECT_EQ (answer_->challenges[2], nullptr);
  EXPECT_EQ (answer_->location, nullptr);
  EXPECT_EQ (body (), "{\"a\":1}");

  Upstream::Request seen = server.requests (1)[0];

  EXPECT_EQ (seen.method, "GET");
  EXPECT_EQ (seen.path, "/a%2Fb?c=d");
  EXPECT_EQ (seen.header ("accept"), "application/json");
  EXPECT_EQ (seen.header ("accept-encoding"), "identity");
  EXPECT_EQ (seen.header ("mcp-protocol-version"), "2025-11-25");
  EXPECT_EQ (seen.header ("cookie"), "");
  EXPECT_EQ (seen.header ("authorization"), "");
}

TEST_F (OAuthFetch, SendsSecretsOnce)
{
  Upstream server (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  BfySecret *secret = bfy_secret_new ("code=c0de&client_secret=s3cret", 30);
  BfySecret *authorization = bfy_secret_new ("Basic YTpi", 10);

  request_.method = "POST";
  request_.content_type = "application/x-www-form-urlencoded";
  request_.body = secret;
  request_.authorization = authorization;
  ASSERT_NE (fetch (server.url ("/token")), nullptr) << error_;
  bfy_secret_unref (secret);
  bfy_secret_unref (authorization);

  Upstream::Request seen = server.requests (1)[0];

  EXPECT_EQ (seen.method, "POST");
  EXPECT_EQ (seen.header ("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ (seen.header ("authorization"), "Basic YTpi");
  EXPECT_EQ (seen.body, "code=c0de&client_secret=s3cret");
  EXPECT_EQ (server.requests ().size (), 1u);
}

// The caller's reference is the last one when it gets its answer: the secret is wiped when it lets
// go.
TEST_F (OAuthFetch, KeepsNoSecret)
{
  for (const char *answer : { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "" })
    {
      Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.write (answer);
        peer.close ();
      });
      BfySecret *body = bfy_secret_new ("refresh_token=s3cret", 20);
      BfySecret *authorization = bfy_secret_new ("Basic s3cret", 12);
      const char *body_at = bfy_secret_peek_text (body);
      const char *authorization_at = bfy_secret_peek_text (authorization);

      request_.method = "POST";
      request_.body = body;
      request_.authorization = authorization;
      fetch (server.url ("/token"));
      EXPECT_EQ (server.requests (1)[0].body, "refresh_token=s3cret");
      bfy_secret_unref (body);
      bfy_secret_unref (authorization);
      EXPECT_EQ (std::string (body_at, 20), std::string (20, '\0'));
      EXPECT_EQ (std::string (authorization_at, 12), std::string (12, '\0'));
    }
}

// mcp.md C: no automatic redirects on discovery and token calls.
TEST_F (OAuthFetch, FollowsNoRedirect)
{
  Upstream other ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  BfySecret *secret = bfy_secret_new ("s3cret", 6);

  request_.method = "POST";
  request_.body = secret;
  for (int status : { 301, 302, 303, 307, 308 })
    {
      Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.reply (status, "", "Location: " + other.url ());
      });

      ASSERT_NE (fetch (server.url ()), nullptr) << error_;
      EXPECT_EQ (answer_->status, guint (status));
      EXPECT_EQ (answer_->location, other.url ());
      EXPECT_EQ (server.requests ().size (), 1u);
    }
  EXPECT_EQ (other.n_connections (), 0);
  bfy_secret_unref (secret);
}

// --- Answers that do not end, or not well ---

TEST_F (OAuthFetch, TakesABodyUpToTheCap)
{
  for (size_t size : { size_t (0), size_t (BFY_FETCH_BYTES_MAX) })
    for (bool is_chunked : { false, true })
      {
        std::string text (size, 'x');
        Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
          if (!is_chunked)
            {
              peer.reply (200, text);
              return;
            }
          // The first chunk ends one byte before the cap.
          peer.write ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          if (!text.empty ())
            {
              peer.chunk (text.substr (1));
              peer.chunk (text.substr (0, 1));
            }
          peer.end_chunks ();
        });

        ASSERT_NE (fetch (server.url ()), nullptr) << error_;
        EXPECT_TRUE (body () == text) << size << is_chunked;
      }
}

TEST_F (OAuthFetch, DoesNotEvenBeginAHugeBody)
{
  Upstream server ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    peer.wait_for_close (patience_ms);
  });

  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
}

TEST_F (OAuthFetch, CutsABodyThatNeverEnds)
{
  std::atomic<bool> was_closed{ false };
  Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.chunk (std::string (4096, 'x')))
      ;
    was_closed = true;
  });

  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
  EXPECT_TRUE (wait_until ([&] { return was_closed.load (); }));
}

struct StallCase
{
  const char *name, *bytes;
};

class OAuthFetchStall : public OAuthFetch, public testing::WithParamInterface<StallCase>
{
};

// The deadline is over all of it, wherever the other side falls silent.
TEST_P (OAuthFetchStall, EndsAtTheDeadline)
{
  std::atomic<bool> was_closed{ false };
  Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (GetParam ().bytes);
    was_closed = peer.wait_for_close (patience_ms);
  });

  request_.timeout_ms = 100;
  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_TIMEOUT));
  // On a slow machine the deadline may come before the request.
  EXPECT_TRUE (wait_until ([&] { return was_closed.load () || server.requests ().empty (); }));
}

INSTANTIATE_TEST_SUITE_P (
    Stalls,
    OAuthFetchStall,
    testing::Values (StallCase{ "AtOnce", "" },
                     StallCase{ "InTheHead", "HTTP/1.1 200 OK\r\nContent-" },
                     StallCase{ "BeforeTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" },
                     StallCase{ "InTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" },
                     StallCase{ "InAChunk",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc" }),
    case_name<StallCase>);

// A byte now and then is no sign of life that counts.
TEST_F (OAuthFetch, EndsASlowDripAtTheDeadline)
{
  Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.chunk ("x") && !peer.wait_for_close (5))
      ;
  });

  request_.timeout_ms = 200;
  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_TIMEOUT));
}

struct BrokenCase
{
  const char *name, *bytes;
};

class OAuthFetchBroken : public OAuthFetch, public testing::WithParamInterface<BrokenCase>
{
};

TEST_P (OAuthFetchBroken, IsNoAnswer)
{
  Upstream server ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (GetParam ().bytes);
    peer.close ();
  });

  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
  EXPECT_EQ (server.requests ().size (), 1u);
}

// A token that is cut off would be stored as if it were whole.
INSTANTIATE_TEST_SUITE_P (
    Ends,
    OAuthFetchBroken,
    testing::Values (
        BrokenCase{ "Nothing", "" },
        BrokenCase{ "NotHttp", "MARK\r\n\r\n" },
        BrokenCase{ "HeadCutOff", "HTTP/1.1 200 OK\r\nX-MARK" },
        BrokenCase{ "BodyCutOff",
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\naccess_token=MARK" },
        BrokenCase{ "ChunkCutOff",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nMARK" },
        BrokenCase{ "LastChunkMissing",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nMARK\r\n" },
        BrokenCase{ "Compressed",
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nMARK" },
        BrokenCase{ "Misdirected", "HTTP/1.1 421 MARK\r\nContent-Length: 0\r\n\r\n" }),
    case_name<BrokenCase>);

TEST_F (OAuthFetch, EndsProvisionalAnswersThatNeverEnd)
{
  Upstream server ([] (Upstream::Peer &peer, const Upstream::Request &) {
    while (peer.write ("HTTP/1.1 103 Early Hints\r\n\r\n"))
      ;
  });

  EXPECT_EQ (fetch (server.url ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
}

TEST_F (OAuthFetch, TellsThatNobodyAnswers)
{
  EXPECT_EQ (fetch ("http://127.0.0.1:1/MARK"), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_EQ (error_.message (), "The sign-in server failed: nothing answers at its address");
}

TEST_F (OAuthFetch, EndsWhenItsCallerDoes)
{
  Upstream server ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    peer.wait_for_close (patience_ms);
  });
  std::string url = server.url ();
  Await done;

  cancellable_ = g_cancellable_new ();
  request_.url = url.c_str ();
  bfy_fetch_async (&agent_, &request_, cancellable_, Await::on_ready, done.data ());
  ASSERT_TRUE (wait_until ([&] { return server.requests ().size () == 1; }));
  EXPECT_FALSE (done.is_ready ());
  g_cancellable_cancel (cancellable_);
  EXPECT_EQ (bfy_fetch_finish (done.result (), error_.out ()), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_CANCELLED));
  // Cancelled before it began.
  EXPECT_EQ (fetch (url), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_CANCELLED));
  EXPECT_EQ (server.n_connections (), 1);
  g_clear_object (&cancellable_);
}

// --- Where it may go (mcp.md C) ---

TEST_F (OAuthFetch, DoesNotGoToThisMachineUnasked)
{
  Upstream server (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  std::string port = std::to_string (server.port ());

  request_.allow_local = FALSE;
  for (const char *host : { "127.0.0.1", "localhost", "a.localhost", "127.1", "0x7f000001",
                            "2130706433", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
                            "[64:ff9b::127.0.0.1]", "LOCALHOST.", "10.0.0.1", "169.254.169.254" })
    for (const char *scheme : { "http://", "https://" })
      {
        EXPECT_EQ (fetch (scheme + std::string (host) + ":" + port + "/MARK"), nullptr);
        EXPECT_THAT (error_, FailsWith (BFY_ERROR_LOCAL_ADDRESS)) << scheme << host;
        EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
      }
  EXPECT_EQ (server.n_connections (), 0);
}

TEST_F (OAuthFetch, DoesNotGoWhereANameLeadsInside)
{
  Upstream server (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  std::string url = "https://inside.example:" + std::to_string (server.port ()) + "/";

  request_.allow_local = FALSE;
  for (const char *address :
       { "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
         "169.254.169.254", "100.64.0.1", "fd00::1", "fe80::1", "::ffff:10.0.0.1" })
    {
      Names names ({ { address } });

      EXPECT_EQ (fetch (url), nullptr);
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_LOCAL_ADDRESS)) << address;
      EXPECT_EQ (names.n_lookups (), 1);
    }
  EXPECT_EQ (server.n_connections (), 0);
}

TEST_F (OAuthFetch, TellsThatThereIsNoSuchName)
{
  Names names ({ Names::Answer () });

  EXPECT_EQ (fetch ("https://nobody.example/MARK"), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_EQ (error_.message (), "The sign-in server failed: its host name cannot be resolved");
}

namespace
{

// A sign-in server with a certificate for @names, of an authority that this process trusts for now.
class Certified
{
public:
  explicit Certified (const std::string &names)
      : server_ ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); },
                 false,
                 authority_.issue ({ names }))
  {
    g_autoptr (GTlsDatabase) database = nullptr;

    g_file_set_contents (dir_.path ("ca.pem").c_str (), authority_.certificate ().c_str (), -1,
                         nullptr);
    database = g_tls_file_database_new (dir_.path ("ca.pem").c_str (), nullptr);
    g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  }
  ~Certified ()
  {
    g_tls_backend_set_default_database (g_tls_backend_get_default (), nullptr);
  }

  std::string url (const std::string &host)
  {
    return "https://" + host + ":" + std::to_string (server_.port ()) + "/";
  }
  Upstream &server ()
  {
    return server_;
  }

private:
  TempDir dir_;
  Authority authority_;
  Upstream server_;
};

} // namespace

// Rebinding: what was judged is what is connected to, whatever the next answer would be; and the
// name, not the address, is what the certificate must have.
TEST_F (OAuthFetch, ConnectsToTheAddressThatWasJudged)
{
  if (is_sanitized ())
    GTEST_SKIP () << "clang's leak sanitizer reads wild memory once GnuTLS has had a thread";

  Certified site ("DNS:rebind.example");
  Names names ({ { "127.0.0.1" }, { "127.0.0.2" } });

  ASSERT_NE (fetch (site.url ("rebind.example")), nullptr) << error_;
  EXPECT_EQ (answer_->status, 200u);
  EXPECT_EQ (names.n_lookups (), 1);
  EXPECT_EQ (site.server ().requests (1)[0].header ("host"),
             "rebind.example:" + std::to_string (site.server ().port ()));
}

TEST_F (OAuthFetch, ShowsNothingToAServerWithoutACertificateOfTheName)
{
  if (is_sanitized ())
    GTEST_SKIP () << "clang's leak sanitizer reads wild memory once GnuTLS has had a thread";

  for (const char *certified : { "DNS:other.example", "IP:127.0.0.1", "DNS:*.as.example" })
    {
      Certified site (certified);
      Names names ({ { "127.0.0.1" } });

      EXPECT_EQ (fetch (site.url ("as.example")), nullptr) << certified;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
      EXPECT_THAT (error_.message (), testing::HasSubstr ("another host name"));
      EXPECT_TRUE (site.server ().requests ().empty ());
    }
}

// --- Retry-After ---

struct RetryCase
{
  const char *name, *value;
  gint64 want_s;
};

class RetryAfterTest : public testing::TestWithParam<RetryCase>
{
};

TEST_P (RetryAfterTest, IsANumberOfSeconds)
{
  // 2026-01-31T12:00:00Z
  EXPECT_EQ (bfy_fetch_parse_retry_after (GetParam ().value, 1769860800), GetParam ().want_s);
}

// RFC 9110, 10.2.3.
INSTANTIATE_TEST_SUITE_P (Values,
                          RetryAfterTest,
                          testing::Values (RetryCase{ "None", nullptr, 0 },
                                           RetryCase{ "Seconds", "120", 120 },
                                           RetryCase{ "Zero", "0", 0 },
                                           RetryCase{ "Date", "Sat, 31 Jan 2026 12:01:00 GMT", 60 },
                                           RetryCase{ "Past", "Sat, 31 Jan 2026 11:00:00 GMT", 0 },
                                           RetryCase{ "FarDate", "Sat, 31 Jan 2099 12:00:00 GMT",
                                                      BFY_FETCH_RETRY_AFTER_MAX_S },
                                           RetryCase{ "Long", "99999999",
                                                      BFY_FETCH_RETRY_AFTER_MAX_S },
                                           RetryCase{ "Overflow", "99999999999999999999", 0 },
                                           RetryCase{ "Negative", "-1", 0 },
                                           RetryCase{ "Words", "soon", 0 },
                                           RetryCase{ "Empty", "", 0 }),
                          case_name<RetryCase>);
