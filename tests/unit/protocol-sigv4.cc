// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/sigv4.h"
}

namespace
{

using ::operator<<; // prints a row by its name

const char kDate[] = "20150830T123600Z";
const char kKey[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string
sign (const BfySigv4Request &request, const char *scope, const char *date = kDate)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (kKey, sizeof kKey - 1);
  BfySigv4Key key = { "AKIDEXAMPLE", secret, scope, date };
  g_autoptr (BfySecret) value = bfy_sigv4_authorization (&request, &key);

  return bfy_secret_peek_text (value);
}

// --- AWS’s published test vectors (aws-sig-v4-test-suite) ---

struct VectorCase
{
  const char *name, *method, *path, *query;
  std::vector<BfySigv4Header> headers; // beside Host and X-Amz-Date
  const char *body, *names, *signature;
};

class Sigv4Vectors : public testing::TestWithParam<VectorCase>
{
};

TEST_P (Sigv4Vectors, AreSignedAsPublished)
{
  const VectorCase &row = GetParam ();
  std::vector<BfySigv4Header> headers = row.headers;
  g_autofree char *payload = bfy_sigv4_hash (row.body, strlen (row.body));

  headers.push_back ({ "X-Amz-Date", kDate });
  headers.insert (headers.begin (), { "Host", "example.amazonaws.com" });

  BfySigv4Request request = { row.method,      row.path,        row.query,
                              headers.data (), headers.size (), payload };

  EXPECT_EQ (sign (request, "us-east-1/service"),
             std::string ("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                          "aws4_request, SignedHeaders=") +
                 row.names + ", Signature=" + row.signature);
}

#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define PLAIN "host;x-amz-date"
#define SESSION                                                                                    \
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI" \
  "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0" \
  "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDry" \
  "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

INSTANTIATE_TEST_SUITE_P (
    Published,
    Sigv4Vectors,
    testing::Values (
        VectorCase{ "Vanilla",
                    "GET",
                    "/",
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
        VectorCase{ "QueryOrderKey",
                    "GET",
                    "/",
                    "Param2=value2&Param1=value1",
                    {},
                    "",
                    PLAIN,
                    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
        VectorCase{ "QueryOrderEncoded",
                    "GET",
                    "/",
                    "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                    {},
                    "",
                    PLAIN,
                    "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac" },
        VectorCase{ "EmptyQueryKey",
                    "GET",
                    "/",
                    "Param1=value1",
                    {},
                    "",
                    PLAIN,
                    "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb" },
        VectorCase{ "QueryUnreserved",
                    "GET",
                    "/",
                    UNRESERVED "=" UNRESERVED,
                    {},
                    "",
                    PLAIN,
                    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197" },
        VectorCase{ "QueryUtf8",
                    "GET",
                    "/",
                    "\u1234=bar",
                    {},
                    "",
                    PLAIN,
                    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
        VectorCase{ "Utf8",
                    "GET",
                    "/\u1234",
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
        VectorCase{ "Space",
                    "GET",
                    "/example space/",
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
        VectorCase{ "Unreserved",
                    "GET",
                    "/" UNRESERVED,
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
        VectorCase{ "NormalizeSlashes",
                    "GET",
                    "//example//",
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84" },
        VectorCase{ "NormalizeDots",
                    "GET",
                    "/example1/example2/../..",
                    nullptr,
                    {},
                    "",
                    PLAIN,
                    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
        VectorCase{ "HeaderValueTrim",
                    "GET",
                    "/",
                    nullptr,
                    { { "My-Header1", " value1" }, { "My-Header2", " \"a   b   c\"" } },
                    "",
                    "host;my-header1;my-header2;x-amz-date",
                    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
        VectorCase{
            "HeaderKeyDuplicate",
            "GET",
            "/",
            nullptr,
            { { "My-Header1", "value2" }, { "My-Header1", "value2" }, { "My-Header1", "value1" } },
            "",
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
        VectorCase{ "HeaderValueOrder",
                    "GET",
                    "/",
                    nullptr,
                    { { "My-Header1", "value4" },
                      { "My-Header1", "value1" },
                      { "My-Header1", "value3" },
                      { "My-Header1", "value2" } },
                    "",
                    "host;my-header1;x-amz-date",
                    "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01" },
        VectorCase{ "PostQuery",
                    "POST",
                    "/",
                    "Param1=value1",
                    {},
                    "",
                    PLAIN,
                    "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11" },
        VectorCase{ "PostForm",
                    "POST",
                    "/",
                    nullptr,
                    { { "Content-Type", "application/x-www-form-urlencoded" },
                      { "Content-Length", "13" },
                      { "x-amz-content-sha256",
                        "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e" } },
                    "Param1=value1",
                    "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
                    "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b" },
        VectorCase{ "PostStsToken",
                    "POST",
                    "/",
                    nullptr,
                    { { "X-Amz-Security-Token", SESSION } },
                    "",
                    "host;x-amz-date;x-amz-security-token",
                    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
        VectorCase{ "SessionToken",
                    "GET",
                    "/",
                    nullptr,
                    { { "X-Amz-Security-Token",
                        "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267" } },
                    "",
                    "host;x-amz-date;x-amz-security-token",
                    "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8" }),
    case_name<VectorCase>);

// --- Paths and queries ---

struct FormCase
{
  const char *name, *text, *want;
};

class Sigv4Paths : public testing::TestWithParam<FormCase>
{
};

TEST_P (Sigv4Paths, AreSentInOneForm)
{
  g_autofree char *form = bfy_sigv4_path (GetParam ().text);

  EXPECT_STREQ (form, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Paths,
                          Sigv4Paths,
                          testing::Values (FormCase{ "Empty", "", "/" },
                                           FormCase{ "Plain", "/bucket/key.txt",
                                                     "/bucket/key.txt" },
                                           FormCase{ "Escaped", "/a%20b", "/a%20b" },
                                           FormCase{ "Plus", "/a+b", "/a%2Bb" },
                                           FormCase{ "Signs", "/a(1)!*", "/a%281%29%21%2A" },
                                           FormCase{ "EscapedSlash", "/a%2fb", "/a%2Fb" },
                                           FormCase{ "NoEscape", "/100%", "/100%25" },
                                           FormCase{ "DoubleSlash", "/a//b", "/a//b" }),
                          case_name<FormCase>);

class Sigv4Queries : public testing::TestWithParam<FormCase>
{
};

TEST_P (Sigv4Queries, AreSentInOneForm)
{
  g_autofree char *form = bfy_sigv4_query (GetParam ().text);

  EXPECT_STREQ (form, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Queries,
    Sigv4Queries,
    testing::Values (
        FormCase{ "None", nullptr, "" },
        FormCase{ "KeyOnly", "acl", "acl=" },
        FormCase{ "Plus", "prefix=a+b", "prefix=a%20b" },
        FormCase{ "EscapedPlus", "prefix=a%2Bb", "prefix=a%2Bb" },
        FormCase{ "SameName", "a=2&a=1", "a=1&a=2" },
        FormCase{ "EqualsInValue", "a=b=c", "a=b%3Dc" },
        FormCase{ "EmptyParts", "&&a=1&", "a=1" },
        FormCase{ "Presigned",
                  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Date=d&list-type=2"
                  "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&x-amz-signature=ab"
                  "&X-Amz-Security-Token=t",
                  "list-type=2" },
        FormCase{ "PresignedInDisguise", "X-Amz-Signatur%65=ab", "" }),
    case_name<FormCase>);

TEST (Sigv4, EncodesAgainButForS3)
{
  BfySigv4Header host = { "Host", "h" };
  BfySigv4Request request = { "GET", "/a%20b", nullptr, &host, 1, BFY_SIGV4_UNSIGNED };
  g_autofree char *s3 = bfy_sigv4_canonical_request (&request, "eu-west-1/s3");
  g_autofree char *other = bfy_sigv4_canonical_request (&request, "eu-west-1/sqs");

  EXPECT_STREQ (s3, "GET\n/a%20b\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD");
  EXPECT_STREQ (other, "GET\n/a%2520b\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD");
}

TEST (Sigv4, SplitsAStoredSecret)
{
  g_autoptr (BfySecret) both = bfy_secret_new ("key/+:token==", 13);
  g_autoptr (BfySecret) alone = bfy_secret_new ("key/+", 5);
  g_autoptr (BfySecret) key = nullptr, token = nullptr, other_key = nullptr, no_token = nullptr;

  bfy_sigv4_split_secret (both, &key, &token);
  bfy_sigv4_split_secret (alone, &other_key, &no_token);
  EXPECT_STREQ (bfy_secret_peek_text (key), "key/+");
  EXPECT_STREQ (bfy_secret_peek_text (token), "token==");
  EXPECT_TRUE (bfy_secret_equal (alone, other_key));
  EXPECT_EQ (no_token, nullptr);
}

// --- What a host tells ---

class Sigv4Scope : public testing::TestWithParam<FormCase>
{
};

TEST_P (Sigv4Scope, IsToldByTheHost)
{
  g_autofree char *scope = bfy_sigv4_scope_from_host (GetParam ().text);

  EXPECT_STREQ (scope, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Hosts,
    Sigv4Scope,
    testing::Values (
        FormCase{ "S3", "s3.eu-central-1.amazonaws.com", "eu-central-1/s3" },
        FormCase{ "Bucket", "b.s3.eu-central-1.amazonaws.com", "eu-central-1/s3" },
        FormCase{ "BucketWithDots", "a.b.s3.eu-central-1.amazonaws.com", "eu-central-1/s3" },
        FormCase{ "GlobalS3", "s3.amazonaws.com", "us-east-1/s3" },
        FormCase{ "DualStack", "s3.dualstack.us-west-2.amazonaws.com", "us-west-2/s3" },
        FormCase{ "Fips", "sts-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1/sts" },
        FormCase{ "China", "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1/sqs" },
        FormCase{ "Capitals", "DynamoDB.EU-West-1.amazonaws.com", "eu-west-1/dynamodb" },
        FormCase{ "OtherName", "email.eu-west-1.amazonaws.com", "eu-west-1/ses" },
        FormCase{ "Bedrock", "bedrock-runtime.us-east-1.amazonaws.com", "us-east-1/bedrock" },
        FormCase{ "Gateway", "x.execute-api.eu-west-1.amazonaws.com", "eu-west-1/execute-api" },
        FormCase{ "FunctionUrl", "x.lambda-url.eu-west-1.on.aws", "eu-west-1/lambda" },
        FormCase{ "Global", "iam.amazonaws.com", "us-east-1/iam" },
        FormCase{ "NoRegion", "unknown.amazonaws.com", nullptr },
        FormCase{ "RegionOnly", "eu-west-1.amazonaws.com", nullptr },
        FormCase{ "Domain", "amazonaws.com", nullptr },
        FormCase{ "Other", "s3.eu-central-1.example.com", nullptr },
        FormCase{ "NotItsDomain", "s3.eu-west-1.notamazonaws.com", nullptr }),
    case_name<FormCase>);

struct ScopeCase
{
  const char *name, *scope;
  bool is_good;
};

class Sigv4ScopeCheck : public testing::TestWithParam<ScopeCase>
{
};

TEST_P (Sigv4ScopeCheck, Decides)
{
  EXPECT_EQ (bfy_sigv4_scope_check (GetParam ().scope), GetParam ().is_good);
}

INSTANTIATE_TEST_SUITE_P (Scopes,
                          Sigv4ScopeCheck,
                          testing::Values (ScopeCase{ "Good", "eu-central-1/s3", true },
                                           ScopeCase{ "NoSlash", "eu-central-1", false },
                                           ScopeCase{ "NoRegion", "/s3", false },
                                           ScopeCase{ "NoService", "eu-central-1/", false },
                                           ScopeCase{ "TwoSlashes", "a/b/c", false },
                                           ScopeCase{ "LineEnd", "a/b\n", false },
                                           ScopeCase{ "Capital", "EU/s3", false }),
                          case_name<ScopeCase>);

} // namespace
