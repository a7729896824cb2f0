// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Methods of REST services: what a call becomes, and what an argument cannot do.

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/method-request.h"
}

using testing::AllOf;
using testing::HasSubstr;

namespace
{

using ::operator<<; // prints a row by its name

const char kMethod[] = R"({"name":"issues.create","title":"Create an issue","access":"write",
  "http":{"method":"POST","path":"/repos/{owner}/issues/{+path}",
    "query":{"n":"{n}","labels":"{labels}","v":"1"},
    "headers":{"X-Mode":"{mode}","Accept":"text/x"},
    "body":{"title":"{title}","nested":{"flag":"{flag}"},"fixed":[1,"{n}"],"more":{"o":"{o}"}}},
  "params":{"owner":{"type":"string"},"path":{"type":"string"},"n":{"type":"integer","maximum":9},
    "labels":{"type":"array","items":{"type":"string"},"maxItems":2},"mode":{"type":"string"},
    "title":{"type":"string","minLength":1},"flag":{"type":"boolean"},
    "o":{"type":"object","properties":{"k":{"enum":["a","b"]}},"required":["k"],
      "additionalProperties":false}},
  "required":["owner","path"]})";

BfyMethod *
read (const std::string &text, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (text.data (), text.size (), error);

  return object != nullptr ? bfy_method_read (object, error) : nullptr;
}

BfyMethodRequest *
build (const char *definition, const std::string &arguments, GError **error)
{
  g_autoptr (BfyMethod) method = read (definition, error);
  g_autoptr (JsonObject) object =
      method != nullptr ? bfy_json_parse_object (arguments.data (), arguments.size (), error)
                        : nullptr;

  return object != nullptr ? bfy_method_request_build (method, object, error) : nullptr;
}

std::string
body_of (const BfyMethodRequest *request)
{
  gsize length;
  const char *text = static_cast<const char *> (g_bytes_get_data (request->body, &length));

  return std::string (text, length);
}

struct Call
{
  const char *name;
  const char *arguments;
  const char *target;
  const char *body;
};

struct Refusal
{
  const char *name;
  const char *arguments;
  const char *says;
};

} // namespace

class MethodCall : public testing::TestWithParam<Call>
{
};

TEST_P (MethodCall, BecomesARequest)
{
  Error error;
  g_autoptr (BfyMethodRequest) request = build (kMethod, GetParam ().arguments, error.out ());

  ASSERT_NE (request, nullptr) << error;
  EXPECT_STREQ (request->target, GetParam ().target);
  EXPECT_EQ (body_of (request), GetParam ().body);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    MethodCall,
    testing::Values (
        Call{ "Least", R"({"owner":"me","path":"a"})", "/repos/me/issues/a?v=1",
              R"({"fixed":[1]})" },
        Call{ "All",
              R"({"owner":"me","path":"a/b c","n":7,"labels":["x","y&z"],"title":"t",)"
              R"("flag":false,"o":{"k":"a"}})",
              "/repos/me/issues/a/b%20c?n=7&labels=x&labels=y%26z&v=1",
              R"({"title":"t","nested":{"flag":false},"fixed":[1,7],"more":{"o":{"k":"a"}}})" },
        Call{ "Null", R"({"owner":"me","path":"a","n":null})", "/repos/me/issues/a?v=1",
              R"({"fixed":[1]})" },
        Call{ "Escaped", R"({"owner":"a?b#c&d=e@f:g","path":"é"})",
              "/repos/a%3Fb%23c%26d%3De%40f%3Ag/issues/%C3%A9?v=1", R"({"fixed":[1]})" },
        Call{ "NoPlaceholder", R"({"owner":"{path}","path":"x","title":"{owner}"})",
              "/repos/%7Bpath%7D/issues/x?v=1", R"({"title":"{owner}","fixed":[1]})" },
        Call{ "DotsInside", R"({"owner":"a..b","path":"x/.well"})",
              "/repos/a..b/issues/x/.well?v=1", R"({"fixed":[1]})" }),
    [] (const auto &info) { return info.param.name; });

class MethodRefusal : public testing::TestWithParam<Refusal>
{
};

TEST_P (MethodRefusal, NamesTheArgument)
{
  Error error;
  g_autoptr (BfyMethodRequest) request = build (kMethod, GetParam ().arguments, error.out ());

  EXPECT_EQ (request, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().says));
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    MethodRefusal,
    testing::Values (
        Refusal{ "Missing", R"({"owner":"me"})", "“path” is missing" },
        Refusal{ "NullRequired", R"({"owner":"me","path":null})", "“path” is missing" },
        Refusal{ "Unknown", R"({"owner":"me","path":"a","url":"x"})", "“url” is not known" },
        Refusal{ "Number", R"({"owner":7,"path":"a"})", "“owner” must be a text" },
        Refusal{ "Text", R"({"owner":"me","path":"a","n":"7"})", "“n” must be a whole number" },
        Refusal{ "Fraction", R"({"owner":"me","path":"a","n":1.5})", "“n” must be a whole number" },
        Refusal{ "TooMuch", R"({"owner":"me","path":"a","n":10})",
                 "“n” is too small or too large" },
        Refusal{ "TooMany", R"({"owner":"me","path":"a","labels":["a","b","c"]})", "“labels” has" },
        Refusal{ "Element", R"({"owner":"me","path":"a","labels":["a",1]})",
                 "“labels[1]” must be" },
        Refusal{ "Short", R"({"owner":"me","path":"a","title":""})", "“title” is too short" },
        Refusal{ "Choice", R"({"owner":"me","path":"a","o":{"k":"c"}})", "“o.k” must be one of" },
        Refusal{ "Member", R"({"owner":"me","path":"a","o":{"k":"a","l":1}})",
                 "“o.l” is not known" },
        Refusal{ "MemberMissing", R"({"owner":"me","path":"a","o":{}})", "“o.k” is missing" },
        Refusal{ "DotDot", R"({"owner":"..","path":"a"})", "“owner” is a dot segment" },
        Refusal{ "Dot", R"({"owner":".","path":"a"})", "“owner” is a dot segment" },
        Refusal{ "Slash", R"({"owner":"a/../b","path":"a"})", "“owner” holds a slash" },
        Refusal{ "Backslash", R"({"owner":"a\\b","path":"a"})", "“owner” holds a slash" },
        Refusal{ "EscapedDots", R"({"owner":"%2e%2e","path":"a"})", "“owner” holds a slash" },
        Refusal{ "EscapedSlash", R"({"owner":"a%2fb","path":"a"})", "“owner” holds a slash" },
        Refusal{ "Parameters", R"({"owner":"a;b","path":"a"})", "“owner” holds a slash" },
        Refusal{ "Empty", R"({"owner":"","path":"a"})", "“owner” is empty" },
        Refusal{ "DeepUp", R"({"owner":"me","path":"a/../../b"})", "“path” is a dot segment" },
        Refusal{ "DeepEmpty", R"({"owner":"me","path":"a//b"})", "“path” is empty" },
        Refusal{ "DeepRoot", R"({"owner":"me","path":"/a"})", "“path” is empty" },
        Refusal{ "DeepUrl", R"({"owner":"me","path":"https://evil.example/"})", "“path” is empty" },
        Refusal{ "LineFeed", R"({"owner":"a\nb","path":"a"})", "read in more than one way" },
        Refusal{ "Header", R"({"owner":"me","path":"a","mode":"x\r\nAuthorization: y"})",
                 "“mode” must be one line" },
        Refusal{ "HeaderLetters", R"({"owner":"me","path":"a","mode":"é"})", "“mode” must be" }),
    [] (const auto &info) { return info.param.name; });

TEST (MethodRequest, HasTheHeadersOfItsTemplate)
{
  Error error;
  g_autoptr (BfyMethodRequest) request =
      build (kMethod, R"({"owner":"me","path":"a","mode":"quick"})", error.out ());

  ASSERT_NE (request, nullptr) << error;
  g_autofree char *headers = g_strjoinv ("|", request->headers);
  EXPECT_STREQ (headers, "Content-Type|application/json|X-Mode|quick|Accept|text/x");
}

TEST (MethodRequest, SendsForms)
{
  const char definition[] = R"({"name":"a","title":"A","access":"write",
    "http":{"method":"POST","path":"/a","form":{"amount":"{amount}","metadata":"{metadata}",
      "items":"{items}","on":"{on}"}},
    "params":{"amount":{"type":"number"},"metadata":{"type":"object"},"items":{"type":"array"},
      "on":{"type":"boolean"}}})";
  Error error;
  g_autoptr (BfyMethodRequest) request = build (
      definition, R"({"amount":1.5,"metadata":{"a&b":"c=d"},"items":[{"id":1},"x"],"on":true})",
      error.out ());

  ASSERT_NE (request, nullptr) << error;
  EXPECT_EQ (body_of (request),
             "amount=1.5&metadata%5Ba%26b%5D=c%3Dd&items%5B0%5D%5Bid%5D=1&items%5B1%5D=x&on=true");
  EXPECT_STREQ (request->headers[1], "application/x-www-form-urlencoded");
}

TEST (MethodRequest, SendsNoBodyWithoutOne)
{
  Error error;
  g_autoptr (BfyMethodRequest) request =
      build (R"({"name":"a","title":"A","access":"read","http":{"method":"GET","path":"/a"}})",
             "{}", error.out ());

  ASSERT_NE (request, nullptr) << error;
  EXPECT_EQ (request->body, nullptr);
  EXPECT_EQ (request->headers[0], nullptr);
}

TEST (Method, HasASchemaThatKnowsNoOthers)
{
  Error error;
  g_autoptr (BfyMethod) method = read (kMethod, error.out ());

  ASSERT_NE (method, nullptr) << error;
  EXPECT_FALSE (json_object_get_boolean_member (method->schema, "additionalProperties"));
  EXPECT_STREQ (method->sample, "/repos/x/issues/x");
}

TEST (Method, ThatIsDamagedIsNamed)
{
  Error error;

  EXPECT_EQ (read (R"({"name":"a.b","title":"A","access":"read",
                      "http":{"method":"GET","path":"/{x}"}})",
                   error.out ()),
             nullptr);
  EXPECT_THAT (error.message (), AllOf (HasSubstr ("a.b"), HasSubstr ("required")));
}
