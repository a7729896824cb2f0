// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The requests to token and revocation endpoints, to a server that answers what a test wants.

#include "tests/fixture/await.h"
#include "tests/fixture/upstream.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/token-endpoint.h"
}

namespace
{

using testing::HasSubstr;
using testing::Not;

class TokenEndpoint : public testing::Test
{
protected:
  TokenEndpoint ()
  {
    g_autoptr (BfyOAuthClient) client =
        bfy_oauth_client_new (BFY_CLIENT_REGISTERED, "https://as.example", "me");

    client->secret = bfy_secret_new ("s3cret", 6);
    source_ = bfy_oauth_source_new (client, server_.url ("/token?tenant=1").c_str ());
    source_->revocation_url = g_strdup (server_.url ("/revoke").c_str ());
    source_->resource = g_strdup ("https://mcp.example");
    source_->scope = g_strdup ("a b");
    source_->allow_local = TRUE;
  }

  ~TokenEndpoint () override
  {
    bfy_token_answer_free (answer_);
    bfy_secret_unref (token_);
    bfy_oauth_source_unref (source_);
  }

  using Call = void (*) (TokenEndpoint *test, GAsyncReadyCallback callback, gpointer data);

  static void refresh (TokenEndpoint *test, GAsyncReadyCallback callback, gpointer data)
  {
    bfy_token_refresh_async (&test->agent_, nullptr, test->source_, test->token_,
                             test->cancellable_, callback, data);
  }
  static void device (TokenEndpoint *test, GAsyncReadyCallback callback, gpointer data)
  {
    bfy_token_device_async (&test->agent_, nullptr, test->source_, test->token_, test->cancellable_,
                            callback, data);
  }
  static void machine (TokenEndpoint *test, GAsyncReadyCallback callback, gpointer data)
  {
    bfy_token_client_credentials_async (&test->agent_, nullptr, test->source_, test->cancellable_,
                                        callback, data);
  }
  static void exchange (TokenEndpoint *test, GAsyncReadyCallback callback, gpointer data)
  {
    bfy_token_exchange_async (&test->agent_, nullptr, test->source_, test->token_,
                              "http://127.0.0.1:9/callback", test->token_, test->cancellable_,
                              callback, data);
  }

  void ask (Call call)
  {
    Await done;

    call (this, Await::on_ready, done.data ());
    bfy_token_answer_free (answer_);
    answer_ = bfy_token_finish (done.result (), error_.out ());
  }

  // FALSE with error_; the token is a refresh token if told so.
  gboolean revoke (bool is_refresh)
  {
    g_autoptr (BfySecret) access = bfy_secret_new ("acc3ss", 6);
    g_autoptr (BfyCredential) credential =
        bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, access);
    Await done;

    credential->refresh = is_refresh ? bfy_secret_ref (token_) : nullptr;
    credential->source = source_ != nullptr ? bfy_oauth_source_ref (source_) : nullptr;
    bfy_token_revoke_async (&agent_, nullptr, credential, nullptr, Await::on_ready, done.data ());
    return bfy_token_revoke_finish (done.result (), error_.out ());
  }

  // What the server says; set before a test asks.
  int status_ = 200;
  std::string body_ = R"({"access_token":"at","expires_in":60})";
  std::string headers_;
  Upstream server_{ [this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (status_, body_, headers_);
  } };
  BfyAgent agent_ = {};
  BfyOAuthSource *source_ = nullptr;
  BfySecret *token_ = bfy_secret_new ("t0ken", 5);
  GCancellable *cancellable_ = nullptr;
  BfyTokenAnswer *answer_ = nullptr;
  Error error_;
};

TEST_F (TokenEndpoint, ExchangesACode)
{
  ask (exchange);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_GRANTED);
  EXPECT_EQ (answer_->expires_in_s, 60);
  Upstream::Request seen = server_.requests (1)[0];
  EXPECT_EQ (seen.method, "POST");
  EXPECT_EQ (seen.path, "/token?tenant=1");
  EXPECT_EQ (seen.header ("accept"), "application/json");
  EXPECT_EQ (seen.header ("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ (seen.header ("authorization"), "");
  EXPECT_EQ (seen.body, "grant_type=authorization_code&code=t0ken"
                        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&code_verifier=t0ken"
                        "&resource=https%3A%2F%2Fmcp.example&client_id=me");
}

TEST_F (TokenEndpoint, ProvesWhoAsks)
{
  source_->client->auth = BFY_CLIENT_AUTH_BASIC;
  ask (machine);
  ASSERT_NE (answer_, nullptr) << error_;
  Upstream::Request seen = server_.requests (1)[0];
  EXPECT_EQ (seen.header ("authorization"), "Basic bWU6czNjcmV0");
  EXPECT_EQ (seen.body, "grant_type=client_credentials&scope=a+b"
                        "&resource=https%3A%2F%2Fmcp.example&client_id=me");
  source_->client->auth = BFY_CLIENT_AUTH_POST;
  ask (machine);
  seen = server_.requests (2)[1];
  EXPECT_EQ (seen.header ("authorization"), "");
  EXPECT_THAT (seen.body, HasSubstr ("&client_secret=s3cret"));
}

TEST_F (TokenEndpoint, NeverRepeats)
{
  status_ = 503;
  headers_ = "Retry-After: 7";
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_TRANSIENT);
  EXPECT_EQ (answer_->status, 503u);
  EXPECT_EQ (answer_->retry_after_s, 7);
  EXPECT_EQ (server_.requests (1).size (), 1u);
  EXPECT_EQ (server_.requests ()[0].body,
             "grant_type=refresh_token&refresh_token=t0ken&resource=https%3A%2F%2Fmcp.example"
             "&client_id=me");
}

TEST_F (TokenEndpoint, WaitsForAPersonOnADeviceOnly)
{
  status_ = 400;
  body_ = R"({"error":"slow_down"})";
  ask (device);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_PENDING);
  EXPECT_STREQ (answer_->error, "slow_down");
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_TRANSIENT);
}

TEST_F (TokenEndpoint, ReadsWhatIsNoJson)
{
  Upstream form ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                "Content-Length: 47\r\n\r\nerror=bad_refresh_token&error_description=t0ken");
  });

  g_free (source_->token_url);
  source_->token_url = g_strdup (form.url ("/token").c_str ());
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_REFUSED);
  EXPECT_STREQ (answer_->error, "bad_refresh_token");
  EXPECT_THAT (answer_->problem, Not (HasSubstr ("t0ken")));
}

TEST_F (TokenEndpoint, DoesNotFollowARedirect)
{
  Upstream other ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });

  status_ = 307;
  headers_ = "Location: " + other.url ("/token");
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_UNUSABLE);
  EXPECT_EQ (other.requests ().size (), 0u);
}

TEST_F (TokenEndpoint, TakesSilenceForATransientFailure)
{
  Upstream silent ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.close (true); });

  g_free (source_->token_url);
  source_->token_url = g_strdup (silent.url ("/token").c_str ());
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_EQ (answer_->outcome, BFY_TOKEN_TRANSIENT);
  EXPECT_EQ (answer_->status, 0u);
  EXPECT_NE (answer_->problem, nullptr);
  EXPECT_EQ (silent.requests (1).size (), 1u) << "once: the token may have been used up";
}

// A token endpoint that answers from a private network for an upstream that is not there.
TEST_F (TokenEndpoint, AsksNobodyOnThisMachineWithoutConsent)
{
  source_->allow_local = FALSE;
  ask (refresh);
  ASSERT_NE (answer_, nullptr) << error_;
  EXPECT_NE (answer_->outcome, BFY_TOKEN_GRANTED);
  EXPECT_EQ (server_.requests ().size (), 0u);
}

TEST_F (TokenEndpoint, CanBeCancelled)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  cancellable_ = cancelled;
  g_cancellable_cancel (cancelled);
  ask (refresh);
  EXPECT_EQ (answer_, nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_CANCELLED));
}

TEST_F (TokenEndpoint, TakesTokensBack)
{
  body_ = "";
  EXPECT_TRUE (revoke (true)) << error_;
  Upstream::Request seen = server_.requests (1)[0];
  EXPECT_EQ (seen.path, "/revoke");
  EXPECT_EQ (seen.body, "token=t0ken&token_type_hint=refresh_token&client_id=me");
  EXPECT_TRUE (revoke (false)) << error_;
  seen = server_.requests (2)[1];
  EXPECT_EQ (seen.body, "token=acc3ss&token_type_hint=access_token&client_id=me");
}

TEST_F (TokenEndpoint, SaysWhenTokensAreNotTakenBack)
{
  status_ = 503;
  body_ = "t0ken";
  EXPECT_FALSE (revoke (true));
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_THAT (error_.message (), HasSubstr ("503"));
  EXPECT_THAT (error_.message (), Not (HasSubstr ("t0ken")));
}

TEST_F (TokenEndpoint, CannotTakeBackWithoutEndpoint)
{
  g_clear_pointer (&source_->revocation_url, g_free);
  EXPECT_FALSE (revoke (true));
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  g_clear_pointer (&source_, bfy_oauth_source_unref);
  EXPECT_FALSE (revoke (true));
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_EQ (server_.requests ().size (), 0u);
}

} // namespace
