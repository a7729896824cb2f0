// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/oauth-members.h"
#include "protocol/token-answer.h"
}

namespace
{

using testing::HasSubstr;
using testing::Not;
using ::operator<<; // prints a row by its name

const char form_type[] = "application/x-www-form-urlencoded";
const char json_type[] = "application/json";

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
text_of (const BfySecret *secret)
{
  return secret != nullptr ? std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret))
                           : "(null)";
}

BfyTokenAnswer *
parse (guint status, const char *type, const std::string &body)
{
  g_autoptr (BfySecret) secret = secret_of (body);

  return bfy_token_answer_parse (status, type, secret, 0);
}

const char *
name_of (BfyTokenOutcome outcome)
{
  static const char *const names[] = { "granted", "transient", "refused", "pending", "unusable" };

  return names[outcome];
}

// What an answer with tokens gives.

struct GrantCase
{
  const char *name;
  const char *type;
  std::string body;
  const char *refresh; // "(null)": none
  gint64 expires_in_s;
  const char *scope = nullptr;
};

class TokenGrant : public testing::TestWithParam<GrantCase>
{
};

TEST_P (TokenGrant, J43IsRead)
{
  const GrantCase &row = GetParam ();
  g_autoptr (BfyTokenAnswer) answer = parse (200, row.type, row.body);

  EXPECT_STREQ (name_of (answer->outcome), "granted") << answer->problem;
  EXPECT_EQ (text_of (answer->access), "at");
  EXPECT_EQ (text_of (answer->refresh), row.refresh);
  EXPECT_EQ (answer->expires_in_s, row.expires_in_s);
  EXPECT_STREQ (answer->scope, row.scope);
  EXPECT_STREQ (answer->error, nullptr);
  EXPECT_STREQ (answer->problem, nullptr);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour9,
    TokenGrant,
    testing::Values (
        GrantCase{ "Json", json_type,
                   R"({"access_token":"at","token_type":"Bearer","expires_in":3600,)"
                   R"("refresh_token":"rt","scope":"a b"})",
                   "rt", 3600, "a b" },
        GrantCase{ "JsonWithoutType", nullptr, R"({"access_token":"at"})", "(null)", 0 },
        GrantCase{ "JsonCalledForm", form_type, R"( {"access_token":"at"})", "(null)", 0 },
        GrantCase{ "JsonCalledText", "text/plain", R"({"access_token":"at"})", "(null)", 0 },
        GrantCase{ "Form", form_type,
                   "access_token=at&refresh_token=rt&expires_in=60&token_type=bearer&scope=a+b",
                   "rt", 60, "a b" },
        GrantCase{ "FormWithCharset", "application/x-www-form-urlencoded; charset=utf-8",
                   "access_token=at", "(null)", 0 },
        GrantCase{ "FormWithoutType", nullptr, "access_token=at&refresh_token=rt", "rt", 0 },
        GrantCase{ "FormCalledJson", json_type, "access_token=at&expires_in=9", "(null)", 9 },
        GrantCase{ "FormEscaped", form_type, "access%5Ftoken=a%74&refresh_token=%72t", "rt", 0 },
        GrantCase{ "FormOddEscapes", form_type, "access_token=at&refresh_token=r%t%4", "r%t%4", 0 },
        GrantCase{ "FormEmptyPairs", form_type, "&&access_token=at&x&=y&", "(null)", 0 },
        GrantCase{ "JsonEscaped", json_type, R"({"access_token":"\u0061t"})", "(null)", 0 },
        GrantCase{ "TypeLowerCase", json_type, R"({"access_token":"at","token_type":"bEARER"})",
                   "(null)", 0 },
        GrantCase{ "TypeNull", json_type, R"({"access_token":"at","token_type":null})", "(null)",
                   0 },
        GrantCase{ "NumberText", json_type, R"({"access_token":"at","expires_in":"3600"})",
                   "(null)", 3600 },
        GrantCase{ "Zero", json_type, R"({"access_token":"at","expires_in":0})", "(null)", 0 },
        GrantCase{ "ZeroText", json_type, R"({"access_token":"at","expires_in":"0"})", "(null)",
                   0 },
        GrantCase{ "Null", json_type, R"({"access_token":"at","expires_in":null})", "(null)", 0 },
        GrantCase{ "Fraction", json_type, R"({"access_token":"at","expires_in":59.9})", "(null)",
                   59 },
        GrantCase{ "LessThanASecond", json_type, R"({"access_token":"at","expires_in":0.4})",
                   "(null)", 1 },
        GrantCase{ "Exponent", json_type, R"({"access_token":"at","expires_in":1e3})", "(null)",
                   1000 },
        GrantCase{ "Huge", json_type,
                   R"({"access_token":"at","expires_in":99999999999999999999999})", "(null)",
                   BFY_OAUTH_SECONDS_MAX },
        GrantCase{ "RefreshNull", json_type, R"({"access_token":"at","refresh_token":null})",
                   "(null)", 0 },
        GrantCase{ "RefreshEmpty", json_type, R"({"access_token":"at","refresh_token":""})",
                   "(null)", 0 },
        GrantCase{ "ErrorBeside", json_type, R"({"access_token":"at","error":"invalid_grant"})",
                   "(null)", 0 },
        GrantCase{ "ErrorBesideInForm", form_type, "error=invalid_grant&access_token=at", "(null)",
                   0 },
        GrantCase{ "ScopeArray", json_type, R"({"access_token":"at","scope":["a"]})", "(null)", 0 },
        GrantCase{ "ScopeEmpty", json_type, R"({"access_token":"at","scope":""})", "(null)", 0 },
        GrantCase{ "ScopeControl", json_type, R"({"access_token":"at","scope":"a\nb"})", "(null)",
                   0 }),
    case_name<GrantCase>);

// What one without tokens means.

struct OutcomeCase
{
  const char *name;
  guint status;
  const char *type;
  std::string body;
  BfyTokenOutcome want;
  const char *error = nullptr;
};

class TokenOutcome : public testing::TestWithParam<OutcomeCase>
{
};

TEST_P (TokenOutcome, IsJudged)
{
  const OutcomeCase &row = GetParam ();
  g_autoptr (BfyTokenAnswer) answer = parse (row.status, row.type, row.body);

  EXPECT_STREQ (name_of (answer->outcome), name_of (row.want)) << answer->problem;
  EXPECT_STREQ (answer->error, row.error);
  EXPECT_EQ (answer->access, nullptr);
  EXPECT_EQ (answer->refresh, nullptr);
  EXPECT_EQ (answer->status, row.status);
  ASSERT_NE (answer->problem, nullptr);
  EXPECT_THAT (answer->problem, Not (HasSubstr ("hunter2"))) << "nothing that came is repeated";
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour77,
    TokenOutcome,
    testing::Values (
        OutcomeCase{ "Grant", 400, json_type,
                     R"({"error":"invalid_grant","error_description":"hunter2"})",
                     BFY_TOKEN_REFUSED, "invalid_grant" },
        OutcomeCase{ "Client", 401, json_type, R"({"error":"invalid_client"})", BFY_TOKEN_REFUSED,
                     "invalid_client" },
        OutcomeCase{ "Unauthorized", 400, json_type, R"({"error":"unauthorized_client"})",
                     BFY_TOKEN_REFUSED, "unauthorized_client" },
        OutcomeCase{ "GrantWith403", 403, json_type, R"({"error":"invalid_grant"})",
                     BFY_TOKEN_REFUSED, "invalid_grant" },
        OutcomeCase{ "GrantWith200", 200, json_type, R"({"error":"bad_refresh_token"})",
                     BFY_TOKEN_REFUSED, "bad_refresh_token" },
        OutcomeCase{ "GrantWith200InForm", 200, form_type,
                     "error=bad_refresh_token&error_description=hunter2", BFY_TOKEN_REFUSED,
                     "bad_refresh_token" },
        OutcomeCase{ "GrantWith200Untyped", 200, nullptr, "error=bad_refresh_token&x=hunter2",
                     BFY_TOKEN_REFUSED, "bad_refresh_token" },
        OutcomeCase{ "Other400", 400, json_type, R"({"error":"invalid_request"})",
                     BFY_TOKEN_REFUSED, "invalid_request" },
        OutcomeCase{ "Bare401", 401, nullptr, "", BFY_TOKEN_REFUSED },
        OutcomeCase{ "Page400", 400, "text/html", "<p>hunter2</p>", BFY_TOKEN_REFUSED },
        OutcomeCase{ "Other200", 200, json_type, R"({"error":"something_else"})",
                     BFY_TOKEN_UNUSABLE, "something_else" },
        OutcomeCase{ "Other403", 403, json_type, R"({"error":"something_else"})",
                     BFY_TOKEN_UNUSABLE, "something_else" },
        OutcomeCase{ "Status404", 404, "text/html", "<p>hunter2</p>", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Redirect", 302, nullptr, "", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "GrantBehind302", 302, json_type, R"({"access_token":"hunter2"})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "TokensWith400", 400, json_type, R"({"access_token":"hunter2"})",
                     BFY_TOKEN_REFUSED },
        OutcomeCase{ "Status408", 408, nullptr, "", BFY_TOKEN_TRANSIENT },
        OutcomeCase{ "Status429", 429, json_type, R"({"error":"rate_limited"})",
                     BFY_TOKEN_TRANSIENT, "rate_limited" },
        OutcomeCase{ "Status500", 500, json_type, R"({"error":"invalid_grant"})",
                     BFY_TOKEN_TRANSIENT, "invalid_grant" },
        OutcomeCase{ "Status503", 503, "text/html", "<p>hunter2</p>", BFY_TOKEN_TRANSIENT },
        OutcomeCase{ "Unavailable", 400, json_type, R"({"error":"temporarily_unavailable"})",
                     BFY_TOKEN_TRANSIENT, "temporarily_unavailable" },
        OutcomeCase{ "Unavailable200", 200, json_type, R"({"error":"temporarily_unavailable"})",
                     BFY_TOKEN_TRANSIENT, "temporarily_unavailable" },
        OutcomeCase{ "Pending", 400, json_type, R"({"error":"authorization_pending"})",
                     BFY_TOKEN_PENDING, "authorization_pending" },
        OutcomeCase{ "Pending200", 200, form_type, "error=authorization_pending", BFY_TOKEN_PENDING,
                     "authorization_pending" },
        OutcomeCase{ "Pending428", 428, json_type, R"({"error":"authorization_pending"})",
                     BFY_TOKEN_PENDING, "authorization_pending" },
        OutcomeCase{ "SlowDown", 400, json_type, R"({"error":"slow_down"})", BFY_TOKEN_PENDING,
                     "slow_down" },
        OutcomeCase{ "SlowDown429", 429, json_type, R"({"error":"slow_down"})", BFY_TOKEN_PENDING,
                     "slow_down" },
        OutcomeCase{ "Denied", 403, json_type, R"({"error":"access_denied"})", BFY_TOKEN_REFUSED,
                     "access_denied" },
        OutcomeCase{ "Expired", 400, json_type, R"({"error":"expired_token"})", BFY_TOKEN_REFUSED,
                     "expired_token" }),
    case_name<OutcomeCase>);

INSTANTIATE_TEST_SUITE_P (
    Behaviour91,
    TokenOutcome,
    testing::Values (
        OutcomeCase{ "Empty", 200, json_type, "", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Garbage", 200, json_type, "hunter2 &&& ===", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Array", 200, json_type, R"(["hunter2"])", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Null", 200, json_type, "null", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "String", 200, json_type, R"("access_token=hunter2")", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Number", 200, json_type, "12", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "EmptyObject", 200, json_type, "{}", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Cut", 200, json_type, R"({"access_token":"hunter2")", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "CutWithForm", 200, json_type, R"({"x":"&access_token=hunter2&y=)",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Page", 200, "text/html", R"(<a href="?a=b&access_token=hunter2">)",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "Duplicate", 200, json_type, R"({"access_token":"a","access_token":"b"})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "DuplicateInForm", 200, form_type, "access_token=a&access_token=b",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "GuessWithoutToken", 200, nullptr, "refresh_token=hunter2",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "GuessWithOtherError", 200, nullptr, "error=whatever", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "EmptyToken", 200, json_type, R"({"access_token":""})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "NullToken", 200, json_type, R"({"access_token":null})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "NumberToken", 200, json_type, R"({"access_token":7})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "ObjectToken", 200, json_type, R"({"access_token":{"a":"hunter2"}})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "ControlToken", 200, json_type, R"({"access_token":"hunter2\r\nX: y"})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "SpaceToken", 200, json_type, R"({"access_token":"hunter2 x"})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "UmlautToken", 200, json_type, R"({"access_token":"hunter2ä"})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "NulToken", 200, form_type, "access_token=hunter2%00x", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "ControlRefresh", 200, json_type,
                     R"({"access_token":"hunter2","refresh_token":"a\nb"})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "NumberRefresh", 200, json_type,
                     R"({"access_token":"hunter2","refresh_token":5})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "OtherType", 200, json_type,
                     R"({"access_token":"hunter2","token_type":"mac"})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "TypeNumber", 200, json_type, R"({"access_token":"hunter2","token_type":1})",
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "ErrorNumber", 200, json_type, R"({"error":1})", BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "ErrorText", 400, json_type, R"({"error":"Bad token: hunter2"})",
                     BFY_TOKEN_REFUSED },
        OutcomeCase{ "ErrorToken", 400, json_type, R"({"error":"hunter2"})", BFY_TOKEN_REFUSED },
        OutcomeCase{ "ErrorLong", 400, json_type, R"({"error":")" + std::string (41, 'a') + "\"}",
                     BFY_TOKEN_REFUSED },
        OutcomeCase{ "Deep", 200, json_type, std::string (100000, '['), BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "DeepObject", 200, json_type, R"({"a":)" + std::string (100000, '['),
                     BFY_TOKEN_UNUSABLE },
        OutcomeCase{ "NotUtf8", 200, json_type, "{\"access_token\":\"\xff\"}",
                     BFY_TOKEN_UNUSABLE }),
    case_name<OutcomeCase>);

TEST (TokenAnswer, SaysThatItIsAPage)
{
  g_autoptr (BfyTokenAnswer) answer = parse (200, "text/html", "<html>");

  EXPECT_STREQ (answer->problem, "The token endpoint answered with a web page instead of tokens");
}

TEST (TokenAnswer, SaysWhichErrorAndStatus)
{
  g_autoptr (BfyTokenAnswer) answer = parse (400, json_type, R"({"error":"invalid_grant"})");

  EXPECT_STREQ (answer->problem,
                "The authorization server refused the request (invalid_grant, HTTP 400)");
}

TEST (TokenAnswer, KeepsWhenToComeBack)
{
  g_autoptr (BfyTokenAnswer) answer = bfy_token_answer_parse (503, nullptr, nullptr, 120);

  EXPECT_EQ (answer->retry_after_s, 120);
}

TEST (TokenAnswer, TakesALongToken)
{
  std::string jwt (48 * 1024, 'j');
  g_autoptr (BfyTokenAnswer) answer =
      parse (200, json_type, R"({"access_token":")" + jwt + R"(","refresh_token":"rt"})");

  EXPECT_STREQ (name_of (answer->outcome), "granted");
  EXPECT_EQ (text_of (answer->access), jwt);
}

// Cut off anywhere, it is an answer all the same.
TEST (TokenAnswer, SurvivesCuts)
{
  for (const std::string text :
       { R"({"access_token":"a\u0074","expires_in":"3600","scope":"a b","x":[1,{}]})",
         "access_token=a%74&expires_in=36%30&scope=a+b&x" })
    for (size_t i = 0; i <= text.size (); i++)
      {
        g_autoptr (BfyTokenAnswer) answer = parse (200, nullptr, text.substr (0, i));

        EXPECT_EQ (answer->outcome == BFY_TOKEN_GRANTED, answer->access != nullptr);
      }
}

struct FailureCase
{
  const char *name;
  BfyErrorCode code;
  BfyTokenOutcome want;
};

class TokenFailure : public testing::TestWithParam<FailureCase>
{
};

TEST_P (TokenFailure, IsJudged)
{
  g_autoptr (GError) error = g_error_new_literal (BFY_ERROR, GetParam ().code, "It did not work");
  g_autoptr (BfyTokenAnswer) answer = bfy_token_answer_new_failed (error);

  EXPECT_STREQ (name_of (answer->outcome), name_of (GetParam ().want));
  EXPECT_STREQ (answer->problem, "It did not work");
  EXPECT_EQ (answer->status, 0u);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour77,
    TokenFailure,
    testing::Values (FailureCase{ "Unreachable", BFY_ERROR_UPSTREAM_FAILED, BFY_TOKEN_TRANSIENT },
                     FailureCase{ "Deadline", BFY_ERROR_UPSTREAM_TIMEOUT, BFY_TOKEN_TRANSIENT },
                     FailureCase{ "LocalAddress", BFY_ERROR_LOCAL_ADDRESS, BFY_TOKEN_TRANSIENT },
                     FailureCase{ "TooLarge", BFY_ERROR_RESPONSE_TOO_LARGE, BFY_TOKEN_UNUSABLE },
                     FailureCase{ "BadUrl", BFY_ERROR_INVALID_ARGUMENT, BFY_TOKEN_UNUSABLE }),
    case_name<FailureCase>);

// Layer 2 and the merge.

class TokenMerge : public testing::Test
{
protected:
  BfyOAuthClient *client = bfy_oauth_client_new (BFY_CLIENT_REGISTERED, "https://as.example", "id");
  BfyOAuthSource *source = bfy_oauth_source_new (client, "https://as.example/token");
  BfyCredential *old = nullptr;
  BfyTokenAnswer *answer = nullptr;
  BfyCredential *fresh = nullptr;
  Error error;

  TokenMerge ()
  {
    g_autoptr (BfySecret) access = secret_of ("old-at");

    source->scope = g_strdup ("a");
    old = bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, access);
    old->refresh = secret_of ("old-rt");
    old->issued_at_s = 500;
    old->expires_at_s = 600;
    old->source = bfy_oauth_source_ref (source);
  }

  ~TokenMerge () override
  {
    bfy_credential_free (fresh);
    bfy_token_answer_free (answer);
    bfy_credential_free (old);
    bfy_oauth_source_unref (source);
    bfy_oauth_client_unref (client);
  }

  void merge (const char *body, const BfyCredential *with)
  {
    answer = parse (200, json_type, body);
    fresh = bfy_token_answer_merge (answer, with, source, 1000, error.out ());
  }
};

TEST_F (TokenMerge, TakesTheNewSet)
{
  merge (R"({"access_token":"at","refresh_token":"rt","expires_in":60})", old);
  ASSERT_NE (fresh, nullptr) << error;
  EXPECT_EQ (text_of (fresh->secret), "at");
  EXPECT_EQ (text_of (fresh->refresh), "rt");
  EXPECT_EQ (fresh->issued_at_s, 1000);
  EXPECT_EQ (fresh->expires_at_s, 1060);
  EXPECT_EQ (fresh->source, source) << "shared, because nothing in it changed";
}

TEST_F (TokenMerge, J42KeepsTheRefreshTokenThatDidNotComeBack)
{
  merge (R"({"access_token":"at"})", old);
  ASSERT_NE (fresh, nullptr) << error;
  EXPECT_EQ (text_of (fresh->refresh), "old-rt");
  EXPECT_EQ (fresh->expires_at_s, 0) << "never";
}

TEST_F (TokenMerge, NeedsNoRefreshToken)
{
  g_clear_pointer (&old->refresh, bfy_secret_unref);
  merge (R"({"access_token":"at"})", old);
  ASSERT_NE (fresh, nullptr) << error;
  EXPECT_EQ (fresh->refresh, nullptr);
}

TEST_F (TokenMerge, BeginsASignIn)
{
  merge (R"({"access_token":"at","scope":"a b"})", nullptr);
  ASSERT_NE (fresh, nullptr) << error;
  EXPECT_EQ (fresh->refresh, nullptr);
  EXPECT_STREQ (fresh->source->scope, "a b") << "what was granted";
  EXPECT_STREQ (source->scope, "a") << "a shared source stays as it is";
  EXPECT_EQ (fresh->source->client, client);
}

TEST_F (TokenMerge, CannotOverflow)
{
  merge (R"({"access_token":"at","expires_in":1e300})", old);
  ASSERT_NE (fresh, nullptr) << error;
  EXPECT_EQ (fresh->expires_at_s, 1000 + BFY_OAUTH_SECONDS_MAX);
}

struct ExpiryCase
{
  const char *name;
  const char *value;
};

class TokenExpiry : public TokenMerge, public testing::WithParamInterface<ExpiryCase>
{
};

TEST_P (TokenExpiry, IsRefusedByName)
{
  merge ((std::string (R"({"access_token":"hunter2","expires_in":)") + GetParam ().value + "}")
             .c_str (),
         old);
  EXPECT_EQ (fresh, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_THAT (error.message (), HasSubstr ("expires_in"));
  EXPECT_THAT (error.message (), Not (HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour92,
    TokenExpiry,
    testing::Values (ExpiryCase{ "Negative", "-1" },
                     ExpiryCase{ "NegativeText", R"("-60")" },
                     ExpiryCase{ "NegativeFraction", "-0.5" },
                     ExpiryCase{ "Words", R"("soon")" },
                     ExpiryCase{ "NaN", R"("NaN")" },
                     ExpiryCase{ "Infinite", R"("inf")" },
                     ExpiryCase{ "TooFar", "1e999" },
                     ExpiryCase{ "Hex", R"("0x10")" },
                     ExpiryCase{ "EmptyText", R"("")" },
                     ExpiryCase{ "Blank", R"(" 60")" },
                     ExpiryCase{ "Unit", R"("60s")" },
                     ExpiryCase{ "True", "true" },
                     ExpiryCase{ "Array", "[60]" },
                     ExpiryCase{ "Object", "{}" },
                     ExpiryCase{ "ManyDigits", "1000000000000000000000000000000000000000000000000"
                                               "0000000000000000000000000000000000000" }),
    case_name<ExpiryCase>);

TEST_F (TokenMerge, RefusesAnAnswerWithoutToken)
{
  merge ("{}", old);
  EXPECT_EQ (fresh, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_THAT (error.message (), HasSubstr ("access_token"));
}

// Layer 2 looks at the result, whoever made it.

struct SetCase
{
  const char *name;
  void (*spoil) (BfyCredential *fresh);
  const char *field; // nullptr: it passes
};

class TokenSet : public TokenMerge, public testing::WithParamInterface<SetCase>
{
};

TEST_P (TokenSet, IsChecked)
{
  merge (R"({"access_token":"at","refresh_token":"rt","expires_in":60})", old);
  ASSERT_NE (fresh, nullptr) << error;
  GetParam ().spoil (fresh);
  EXPECT_EQ (bfy_token_set_check (fresh, old, error.out ()), GetParam ().field == nullptr);
  if (GetParam ().field != nullptr)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
      EXPECT_THAT (error.message (), HasSubstr (GetParam ().field));
    }
}

void
set_secret (BfySecret **secret, const char *text)
{
  g_clear_pointer (secret, bfy_secret_unref);
  *secret = secret_of (text);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour96,
    TokenSet,
    testing::Values (
        SetCase{ "Whole", [] (BfyCredential *) {}, nullptr },
        SetCase{ "ForEver", [] (BfyCredential *fresh) { fresh->expires_at_s = 0; }, nullptr },
        SetCase{ "EmptyAccess", [] (BfyCredential *fresh) { set_secret (&fresh->secret, ""); },
                 "access_token" },
        SetCase{ "LostRefresh",
                 [] (BfyCredential *fresh) { g_clear_pointer (&fresh->refresh, bfy_secret_unref); },
                 "refresh_token" },
        SetCase{ "EmptyRefresh", [] (BfyCredential *fresh) { set_secret (&fresh->refresh, ""); },
                 "refresh_token" },
        SetCase{ "ExpiryNegative", [] (BfyCredential *fresh) { fresh->expires_at_s = -1; },
                 "expires_at" },
        SetCase{ "ExpiryPast", [] (BfyCredential *fresh) { fresh->expires_at_s = 999; },
                 "expires_at" },
        SetCase{ "OtherType", [] (BfyCredential *fresh) { fresh->type = BFY_CREDENTIAL_API_KEY; },
                 "type" },
        SetCase{
            "LostSource",
            [] (BfyCredential *fresh) { g_clear_pointer (&fresh->source, bfy_oauth_source_unref); },
            "source" },
        SetCase{ "UnreadableSource",
                 [] (BfyCredential *fresh) {
                   g_free (fresh->source->resource);
                   fresh->source->resource = g_strdup ("");
                 },
                 "source" }),
    case_name<SetCase>);

} // namespace
