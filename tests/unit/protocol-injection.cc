// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/injection-place.h"
#include "protocol/injection.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using std::string_literals::operator""s;

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

struct CheckCase
{
  const char *name;
  BfyInjectKind kind;
  const char *header, *prefix;
  bool is_accepted;
};

class InjectionCheck : public testing::TestWithParam<CheckCase>
{
};

TEST_P (InjectionCheck, Decides)
{
  const CheckCase &row = GetParam ();
  g_autoptr (BfyInjection) injection = bfy_injection_new (row.kind, row.header, row.prefix);
  Error error;

  EXPECT_EQ (bfy_injection_check (injection, error.out ()), row.is_accepted) << error;
  if (row.is_accepted)
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("\n")));
}

const std::string long_name (129, 'x');

INSTANTIATE_TEST_SUITE_P (
    Accepted,
    InjectionCheck,
    testing::Values (CheckCase{ "None", BFY_INJECT_NONE, nullptr, nullptr, true },
                     CheckCase{ "Basic", BFY_INJECT_BASIC, nullptr, nullptr, true },
                     CheckCase{ "Bearer", BFY_INJECT_HEADER, "Authorization", "Bearer ", true },
                     CheckCase{ "NoPrefix", BFY_INJECT_HEADER, "X-Figma-Token", nullptr, true },
                     CheckCase{ "EmptyPrefix", BFY_INJECT_HEADER, "X-API-Key", "", true },
                     CheckCase{ "AllTokenSigns", BFY_INJECT_HEADER, "!#$%&'*+-.^_`|~", nullptr,
                                true },
                     CheckCase{ "OneCharacter", BFY_INJECT_HEADER, "k", nullptr, true },
                     CheckCase{ "LooksLikeHost", BFY_INJECT_HEADER, "Hostess", nullptr, true },
                     CheckCase{ "LooksLikeTe", BFY_INJECT_HEADER, "Tenant", nullptr, true },
                     CheckCase{ "Query", BFY_INJECT_QUERY, "api_key", nullptr, true },
                     CheckCase{ "QueryCalledHost", BFY_INJECT_QUERY, "host", nullptr, true },
                     CheckCase{ "Path", BFY_INJECT_PATH, "/bot{token}", nullptr, true },
                     CheckCase{ "PathOfSegments", BFY_INJECT_PATH, "/v1/{token}/x", nullptr, true },
                     CheckCase{ "Body", BFY_INJECT_BODY, "token", nullptr, true },
                     CheckCase{ "Sigv4", BFY_INJECT_SIGV4, "eu-central-1/s3", nullptr, true },
                     CheckCase{ "Sigv4Unnamed", BFY_INJECT_SIGV4, nullptr, nullptr, true }),
    case_name<CheckCase>);

INSTANTIATE_TEST_SUITE_P (
    Malformed,
    InjectionCheck,
    testing::Values (
        CheckCase{ "NoneNamed", BFY_INJECT_NONE, "x", nullptr, false },
        CheckCase{ "BasicNamed", BFY_INJECT_BASIC, "Authorization", nullptr, false },
        CheckCase{ "BasicPrefixed", BFY_INJECT_BASIC, nullptr, "Basic ", false },
        CheckCase{ "HeaderUnnamed", BFY_INJECT_HEADER, nullptr, "Bearer ", false },
        CheckCase{ "HeaderEmpty", BFY_INJECT_HEADER, "", nullptr, false },
        CheckCase{ "HeaderSpace", BFY_INJECT_HEADER, "X Key", nullptr, false },
        CheckCase{ "HeaderColon", BFY_INJECT_HEADER, "X-Key:", nullptr, false },
        CheckCase{ "HeaderPseudo", BFY_INJECT_HEADER, ":authority", nullptr, false },
        CheckCase{ "HeaderSplit", BFY_INJECT_HEADER, "X-Key\r\nEvil", nullptr, false },
        CheckCase{ "HeaderQuote", BFY_INJECT_HEADER, "X\"", nullptr, false },
        CheckCase{ "HeaderBracket", BFY_INJECT_HEADER, "X(y)", nullptr, false },
        CheckCase{ "HeaderUmlaut", BFY_INJECT_HEADER, "Schlüssel", nullptr, false },
        CheckCase{ "HeaderDelete", BFY_INJECT_HEADER, "X\x7f", nullptr, false },
        CheckCase{ "HeaderLong", BFY_INJECT_HEADER, long_name.c_str (), nullptr, false },
        CheckCase{ "PrefixSplit", BFY_INJECT_HEADER, "X-Key", "a\r\nEvil: ", false },
        CheckCase{ "PrefixTab", BFY_INJECT_HEADER, "X-Key", "a\t", false },
        CheckCase{ "PrefixUmlaut", BFY_INJECT_HEADER, "X-Key", "ä", false },
        CheckCase{ "PrefixLong", BFY_INJECT_HEADER, "X-Key", long_name.c_str (), false },
        CheckCase{ "QueryUnnamed", BFY_INJECT_QUERY, nullptr, nullptr, false },
        CheckCase{ "QueryEmpty", BFY_INJECT_QUERY, "", nullptr, false },
        CheckCase{ "QueryControl", BFY_INJECT_QUERY, "a\n", nullptr, false },
        CheckCase{ "QueryPrefixed", BFY_INJECT_QUERY, "key", "Bearer ", false },
        CheckCase{ "PathUnnamed", BFY_INJECT_PATH, nullptr, nullptr, false },
        CheckCase{ "PathWithoutPlace", BFY_INJECT_PATH, "/bot", nullptr, false },
        CheckCase{ "PathWithTwoPlaces", BFY_INJECT_PATH, "/{token}/{token}", nullptr, false },
        CheckCase{ "PathRelative", BFY_INJECT_PATH, "bot{token}", nullptr, false },
        CheckCase{ "PathWithSlashAtTheEnd", BFY_INJECT_PATH, "/bot{token}/", nullptr, false },
        CheckCase{ "PathUp", BFY_INJECT_PATH, "/../{token}", nullptr, false },
        CheckCase{ "PathToAHost", BFY_INJECT_PATH, "//evil.example/{token}", nullptr, false },
        CheckCase{ "PathWithQuery", BFY_INJECT_PATH, "/x?y={token}", nullptr, false },
        CheckCase{ "PathEscaped", BFY_INJECT_PATH, "/%2e/{token}", nullptr, false },
        CheckCase{ "PathSplit", BFY_INJECT_PATH, "/{token} HTTP/1.1\r\nX: y", nullptr, false },
        CheckCase{ "BodyUnnamed", BFY_INJECT_BODY, nullptr, nullptr, false },
        CheckCase{ "BodyControl", BFY_INJECT_BODY, "a\n", nullptr, false },
        CheckCase{ "Sigv4WithoutService", BFY_INJECT_SIGV4, "eu-central-1", nullptr, false },
        CheckCase{ "Sigv4Prefixed", BFY_INJECT_SIGV4, "a/b", "AWS4", false }),
    case_name<CheckCase>);

class RefusedHeader : public testing::TestWithParam<const char *>
{
};

TEST_P (RefusedHeader, InAnyCase)
{
  for (const std::string &name :
       { std::string (GetParam ()), take_text (g_ascii_strup (GetParam (), -1)),
         take_text (g_ascii_strdown (GetParam (), -1)) })
    {
      g_autoptr (BfyInjection) injection =
          bfy_injection_new (BFY_INJECT_HEADER, name.c_str (), nullptr);
      Error error;

      EXPECT_FALSE (bfy_injection_check (injection, error.out ())) << name;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
    }
}

INSTANTIATE_TEST_SUITE_P (Names,
                          RefusedHeader,
                          testing::Values ("Host",
                                           "Content-Length",
                                           "Transfer-Encoding",
                                           "Connection",
                                           "Keep-Alive",
                                           "TE",
                                           "Trailer",
                                           "Upgrade",
                                           "Expect",
                                           "Content-Type",
                                           "Content-Encoding",
                                           "Accept",
                                           "Accept-Encoding",
                                           "Mcp-Session-Id",
                                           "MCP-Protocol-Version",
                                           "Mcp-Method",
                                           "Mcp-Name",
                                           "Mcp-Param-X",
                                           "Last-Event-ID",
                                           "Origin",
                                           "Cookie",
                                           "Proxy-Authorization",
                                           "Proxy-Connection",
                                           "X-Forwarded-For",
                                           "User-Agent",
                                           "traceparent"));

struct ValueCase
{
  const char *name;
  BfyInjectKind kind;
  const char *prefix, *user;
  std::string secret;
  std::string want;
};

class HeaderValue : public testing::TestWithParam<ValueCase>
{
};

TEST_P (HeaderValue, IsPutTogether)
{
  const ValueCase &row = GetParam ();
  g_autoptr (BfyInjection) injection =
      bfy_injection_new (row.kind, row.kind == BFY_INJECT_HEADER ? "X-Key" : nullptr, row.prefix);
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  Error error;
  g_autoptr (BfySecret) value =
      bfy_injection_header_value (injection, row.user, secret, error.out ());

  EXPECT_EQ (text_of (value), row.want) << error;
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour57,
    HeaderValue,
    testing::Values (
        ValueCase{ "Bearer", BFY_INJECT_HEADER, "Bearer ", nullptr, "tok", "Bearer tok" },
        ValueCase{ "NoPrefix", BFY_INJECT_HEADER, nullptr, nullptr, "tok", "tok" },
        ValueCase{ "AllVisible", BFY_INJECT_HEADER, "", nullptr, "!~ +/=", "!~ +/=" },
        ValueCase{ "UserIsIgnored", BFY_INJECT_HEADER, "", "user", "tok", "tok" },
        // RFC 7617, section 2.
        ValueCase{ "Basic", BFY_INJECT_BASIC, nullptr, "Aladdin", "open sesame",
                   "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
        ValueCase{ "BasicUtf8", BFY_INJECT_BASIC, nullptr, "test", "123\xc2\xa3",
                   "Basic dGVzdDoxMjPCow==" },
        ValueCase{ "BasicOnePad", BFY_INJECT_BASIC, nullptr, "u", "abc", "Basic dTphYmM=" },
        ValueCase{ "BasicNoPad", BFY_INJECT_BASIC, nullptr, "u", "p", "Basic dTpw" },
        ValueCase{ "BasicColonInPassword", BFY_INJECT_BASIC, nullptr, "u", "a:b",
                   "Basic dTphOmI=" },
        ValueCase{ "BasicNoUser", BFY_INJECT_BASIC, nullptr, nullptr, "pp", "Basic OnBw" }),
    case_name<ValueCase>);

struct DamagedCase
{
  const char *name;
  BfyInjectKind kind;
  const char *user;
  std::string secret;
  BfyErrorCode code;
};

class HeaderValueRefused : public testing::TestWithParam<DamagedCase>
{
};

TEST_P (HeaderValueRefused, WithoutQuoting)
{
  const DamagedCase &row = GetParam ();
  g_autoptr (BfyInjection) injection =
      bfy_injection_new (row.kind, row.kind == BFY_INJECT_BASIC ? nullptr : "X-Key", nullptr);
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  Error error;

  EXPECT_EQ (bfy_injection_header_value (injection, row.user, secret, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (row.code));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    Bytes,
    HeaderValueRefused,
    testing::Values (
        DamagedCase{ "Empty", BFY_INJECT_HEADER, nullptr, "", BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "Split", BFY_INJECT_HEADER, nullptr, "hunter2\r\nEvil: x",
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "Newline", BFY_INJECT_HEADER, nullptr, "hunter2\n",
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "Nul", BFY_INJECT_HEADER, nullptr, "hunter2\0x"s,
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "Tab", BFY_INJECT_HEADER, nullptr, "hunter2\t", BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "Delete", BFY_INJECT_HEADER, nullptr, "hunter2\x7f",
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "HighByte", BFY_INJECT_HEADER, nullptr, "hunter2\x80",
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "BasicEmpty", BFY_INJECT_BASIC, "u", "", BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "BasicNewline", BFY_INJECT_BASIC, "u", "hunter2\n",
                     BFY_ERROR_CREDENTIAL_DAMAGED },
        DamagedCase{ "BasicColonInUser", BFY_INJECT_BASIC, "u:v", "hunter2",
                     BFY_ERROR_INVALID_ARGUMENT },
        DamagedCase{ "QueryHasNoHeader", BFY_INJECT_QUERY, nullptr, "hunter2", BFY_ERROR_FAILED }),
    case_name<DamagedCase>);

struct QueryCase
{
  const char *name;
  const char *parameter;
  const char *query;
  std::string secret;
  std::string want;
};

class Query : public testing::TestWithParam<QueryCase>
{
};

TEST_P (Query, HasOurParameterOnce)
{
  const QueryCase &row = GetParam ();
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_QUERY, row.parameter, nullptr);
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  g_autoptr (BfySecret) query = bfy_injection_query (injection, row.query, secret);

  EXPECT_EQ (text_of (query), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour56,
    Query,
    testing::Values (QueryCase{ "None", "key", nullptr, "tok", "key=tok" },
                     QueryCase{ "Empty", "key", "", "tok", "key=tok" },
                     QueryCase{ "Others", "key", "a=1&b=2", "tok", "a=1&b=2&key=tok" },
                     QueryCase{ "OthersStayRaw", "key", "a=%2f+%zz&b", "tok",
                                "a=%2f+%zz&b&key=tok" },
                     QueryCase{ "Replaced", "key", "key=old&a=1", "tok", "a=1&key=tok" },
                     QueryCase{ "ReplacedAll", "key", "key=1&a=1&key=2&key", "tok", "a=1&key=tok" },
                     QueryCase{ "ReplacedEscaped", "key", "%6bey=old&k%65%79", "tok", "key=tok" },
                     QueryCase{ "ReplacedPlus", "a b", "a+b=1&a%20b=2", "tok", "a%20b=tok" },
                     QueryCase{ "SimilarStay", "key", "ke=1&keys=2&Key=3&=key", "tok",
                                "ke=1&keys=2&Key=3&=key&key=tok" },
                     QueryCase{ "EscapedNulIsNoEnd", "key", "key%00=1", "tok", "key%00=1&key=tok" },
                     QueryCase{ "CutEscape", "key", "key%6=1&key%", "tok", "key%6=1&key%&key=tok" },
                     QueryCase{ "EmptyParameters", "key", "&&a=1&", "tok", "a=1&key=tok" },
                     QueryCase{ "Escaped", "k&=", nullptr, "a&b=c d%\n\xc3\xa4~-._",
                                "k%26%3D=a%26b%3Dc%20d%25%0A%C3%A4~-._" }),
    case_name<QueryCase>);

// --- A part of the path ---

struct PathCase
{
  const char *name, *template_text, *path, *secret, *want; // nullptr: it is damaged
};

class Path : public testing::TestWithParam<PathCase>
{
};

TEST_P (Path, HasTheCredentialInItsPlace)
{
  const PathCase &row = GetParam ();
  g_autoptr (BfyInjection) injection =
      bfy_injection_new (BFY_INJECT_PATH, row.template_text, nullptr);
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  Error error;
  g_autoptr (BfySecret) path = bfy_injection_path (injection, row.path, secret, error.out ());

  EXPECT_EQ (text_of (path), row.want != nullptr ? row.want : "(null)");
  if (row.want == nullptr)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
    }
}

INSTANTIATE_TEST_SUITE_P (
    Paths,
    Path,
    testing::Values (PathCase{ "Bot", "/bot{token}", "/getMe", "12:AB-c_d", "/bot12:AB-c_d/getMe" },
                     PathCase{ "InTheMiddle", "/v1/{token}/x", "/a/b", "t", "/v1/t/x/a/b" },
                     PathCase{ "NoPath", "/{token}", "", "t", "/t/" },
                     PathCase{ "Slash", "/{token}", "/a", "../x", "/..%2Fx/a" },
                     PathCase{ "Signs", "/{token}", "/a", "a b?c#d%", "/a%20b%3Fc%23d%25/a" },
                     PathCase{ "LineEnd", "/{token}", "/a", "a\r\nb", "/a%0D%0Ab/a" },
                     PathCase{ "Dots", "/{token}", "/a", "..", nullptr },
                     PathCase{ "Empty", "/{token}", "/a", "", nullptr }),
    case_name<PathCase>);

// --- A field of the body ---

struct BodyCase
{
  const char *name, *type, *body, *secret;
  const char *want; // nullptr: refused with
  BfyErrorCode code;
};

class Body : public testing::TestWithParam<BodyCase>
{
};

TEST_P (Body, HasOurFieldOnce)
{
  const BodyCase &row = GetParam ();
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_BODY, "token", nullptr);
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  g_autoptr (GBytes) bytes = g_bytes_new_static (row.body, strlen (row.body));
  Error error;
  g_autoptr (BfySecret) body =
      bfy_injection_body (injection, row.type, bytes, secret, error.out ());

  EXPECT_EQ (text_of (body), row.want != nullptr ? row.want : "(null)") << error;
  if (row.want == nullptr)
    {
      EXPECT_THAT (error, FailsWith (row.code));
    }
}

const char kJson[] = "application/json";
const char kForm[] = "application/x-www-form-urlencoded";

INSTANTIATE_TEST_SUITE_P (
    Bodies,
    Body,
    testing::Values (
        BodyCase{ "Json", kJson, R"({"a":1})", "k", R"({"token":"k","a":1})", {} },
        BodyCase{ "JsonEmpty", kJson, "{}", "k", R"({"token":"k"})", {} },
        BodyCase{ "JsonReplaced",
                  kJson,
                  R"({"token":"mine","a":[1]})",
                  "k",
                  R"({"token":"k","a":[1]})",
                  {} },
        BodyCase{ "JsonReplacedAlone", kJson, R"({"token":"mine"})", "k", R"({"token":"k"})", {} },
        BodyCase{ "JsonReplacedInDisguise",
                  kJson,
                  R"({"to\u006ben":"mine"})",
                  "k",
                  R"({"token":"k"})",
                  {} },
        BodyCase{ "JsonQuoted", kJson, "{}", "a\"\\", R"({"token":"a\"\\"})", {} },
        BodyCase{ "JsonWithCharset",
                  "application/json; charset=utf-8",
                  "{}",
                  "k",
                  R"({"token":"k"})",
                  {} },
        BodyCase{ "Form", kForm, "a=1&token=mine&b=2", "k&x", "a=1&b=2&token=k%26x", {} },
        BodyCase{ "FormEmpty", kForm, "", "k", "token=k", {} },
        BodyCase{ "JsonList", kJson, "[1]", "k", nullptr, BFY_ERROR_BAD_REQUEST },
        BodyCase{ "JsonTwice", kJson, R"({"a":1,"a":2})", "k", nullptr, BFY_ERROR_PARSE },
        BodyCase{ "NoJson", kJson, "{", "k", nullptr, BFY_ERROR_PARSE },
        BodyCase{ "OtherType", "text/plain", "x", "k", nullptr, BFY_ERROR_UNSUPPORTED_MEDIA },
        BodyCase{ "AlmostJson", "application/jsonp", "{}", "k", nullptr,
                  BFY_ERROR_UNSUPPORTED_MEDIA },
        BodyCase{ "NoType", nullptr, "{}", "k", nullptr, BFY_ERROR_UNSUPPORTED_MEDIA },
        BodyCase{ "NoUtf8", kJson, "{}", "\xff", nullptr, BFY_ERROR_CREDENTIAL_DAMAGED }),
    case_name<BodyCase>);

TEST (Injection, PutsNothingIntoALargeBody)
{
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_BODY, "token", nullptr);
  g_autoptr (BfySecret) secret = secret_of ("k");
  std::string text = "a=" + std::string (BFY_INJECTION_BODY_BYTES_MAX, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_static (text.data (), text.size ());
  Error error;

  EXPECT_EQ (bfy_injection_body (injection, kForm, bytes, secret, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_TOO_LARGE));
}

struct JsonCase
{
  const char *name;
  BfyInjectKind kind;
  const char *header, *prefix;
  const char *text;
};

class InjectionJson : public testing::TestWithParam<JsonCase>
{
};

TEST_P (InjectionJson, ComesBack)
{
  const JsonCase &row = GetParam ();
  g_autoptr (BfyInjection) injection = bfy_injection_new (row.kind, row.header, row.prefix);
  g_autoptr (JsonObject) object = bfy_injection_to_json (injection);
  Error error;

  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)), row.text);
  g_autoptr (BfyInjection) back = bfy_injection_from_json (object, error.out ());
  ASSERT_NE (back, nullptr) << error;
  EXPECT_EQ (back->kind, row.kind);
  EXPECT_STREQ (back->name, row.header);
  EXPECT_STREQ (back->prefix, row.prefix);
}

INSTANTIATE_TEST_SUITE_P (
    Kinds,
    InjectionJson,
    testing::Values (JsonCase{ "None", BFY_INJECT_NONE, nullptr, nullptr, R"({"kind":"none"})" },
                     JsonCase{ "Basic", BFY_INJECT_BASIC, nullptr, nullptr, R"({"kind":"basic"})" },
                     JsonCase{ "Query", BFY_INJECT_QUERY, "k", nullptr,
                               R"({"kind":"query","name":"k"})" },
                     JsonCase{ "Header", BFY_INJECT_HEADER, "Authorization", "Bearer ",
                               R"({"kind":"header","name":"Authorization","prefix":"Bearer "})" }),
    case_name<JsonCase>);

struct BadJsonCase
{
  const char *name, *text;
  BfyErrorCode code;
};

class InjectionJsonRefused : public testing::TestWithParam<BadJsonCase>
{
};

TEST_P (InjectionJsonRefused, WithAnError)
{
  Error error;
  g_autoptr (JsonObject) object =
      bfy_json_parse_object (GetParam ().text, strlen (GetParam ().text), error.out ());

  ASSERT_NE (object, nullptr) << error;
  EXPECT_EQ (bfy_injection_from_json (object, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().code));
}

INSTANTIATE_TEST_SUITE_P (
    Objects,
    InjectionJsonRefused,
    testing::Values (
        BadJsonCase{ "Empty", "{}", BFY_ERROR_INVALID_ARGUMENT },
        BadJsonCase{ "UnknownKind", R"({"kind":"nowhere"})", BFY_ERROR_INVALID_ARGUMENT },
        BadJsonCase{ "KindNumber", R"({"kind":1})", BFY_ERROR_BAD_REQUEST },
        BadJsonCase{ "NameNumber", R"({"kind":"query","name":1})", BFY_ERROR_BAD_REQUEST },
        BadJsonCase{ "Unchecked", R"({"kind":"header","name":"Host"})",
                     BFY_ERROR_INVALID_ARGUMENT }),
    case_name<BadJsonCase>);

TEST (Injection, IsCopied)
{
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_HEADER, "X", "p ");
  g_autoptr (BfyInjection) copy = bfy_injection_copy (injection);

  EXPECT_STREQ (copy->name, "X");
  EXPECT_STREQ (copy->prefix, "p ");
  EXPECT_NE (copy->name, injection->name);
  EXPECT_EQ (bfy_injection_copy (nullptr), nullptr);
}

} // namespace
