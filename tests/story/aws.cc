// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Signatures of AWS through /http/NAME. The service does what AWS does: it makes the signature
// again from the request that has arrived (Python's hmac and hashlib, not our code), and a curl
// that signs by itself has to come to the same one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace
{

const char kKeyId[] = "AKIDEXAMPLE0000000001";
const char kSecretKey[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const char kSession[] = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN0123456789==";

// Reads "secret key, s3 or not, method, target, digest, Authorization" and the signed headers, one
// a line; says what the signature should be.
const char kVerifier[] = R"(
import hashlib, hmac, sys
from urllib.parse import quote, unquote
key, s3, method, target, digest, authorization, *headers = sys.stdin.read().split('\n')
headers = dict(line.split(':', 1) for line in headers if line)
fields = dict(part.strip().split('=', 1) for part in authorization.split(' ', 1)[1].split(','))
day, region, service, end = fields['Credential'].split('/')[1:]
path, _, query = target.partition('?')
path = quote(unquote(path), safe='/-_.~') if s3 == 's3' else quote(path, safe='/-_.~')
pairs = sorted(tuple((part + '=').split('=')[:2]) for part in query.split('&') if part)
query = '&'.join('='.join(pair) for pair in pairs)
names = fields['SignedHeaders'].split(';')
lines = ''.join('%s:%s\n' % (name, ' '.join(headers[name].split())) for name in names)
request = '\n'.join([method, path, query, lines, ';'.join(names), digest])
scope = '/'.join([day, region, service, end])
text = '\n'.join(['AWS4-HMAC-SHA256', headers['x-amz-date'], scope,
                  hashlib.sha256(request.encode()).hexdigest()])
mac = ('AWS4' + key).encode()
for word in (day, region, service, end, text):
    mac = hmac.new(mac, word.encode(), hashlib.sha256).digest()
print(mac.hex())
)";

std::string
digest_of (const std::string &body)
{
  g_autofree char *digest =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) body.data (), body.size ());

  return digest;
}

std::string
behind (const std::string &text, const std::string &mark)
{
  size_t at = text.find (mark);

  return at != std::string::npos ? text.substr (at + mark.size ()) : "";
}

std::string
signature_of (const Upstream::Request &request)
{
  return behind (request.header ("authorization"), "Signature=");
}

class Aws : public testing::Test
{
protected:
  Response add (const std::string &name, const std::string &scope, const std::string &more = "")
  {
    std::string secret = std::string (kSecretKey) + more;

    return agent.control (
        "POST", "/v1/bindings",
        R"({"url":")" + upstream.url ("/") + R"(","name":")" + name +
            R"(","type":"http","allow_local":true,"check":false,"injection":{"kind":"aws-sigv4")" +
            (scope.empty () ? "" : R"(,"name":")" + scope + "\"") +
            R"(},"credential":{"type":"basic_auth","username":")" + kKeyId + R"(","password":")" +
            secret + R"("}})");
  }

  // Over the port, where the key is in the path: the Authorization header is the client's own.
  Response send (const std::string &method,
                 const std::string &name,
                 const std::string &rest,
                 const std::string &headers = "",
                 const std::string &body = "")
  {
    Connection connection = agent.tcp ();

    if (key.empty ())
      key = agent.add_client ("sdk").substr (strlen ("bnd_local_"));
    connection.send (
        method + " /http/" + name + "/~" + key + rest + " HTTP/1.1\r\nHost: " + agent.host () +
        "\r\n" + headers +
        (body.empty () ? "" : "Content-Length: " + std::to_string (body.size ()) + "\r\n") +
        "\r\n" + body);
    return connection.read_response ();
  }

  Upstream::Request last ()
  {
    return upstream.requests ().back ();
  }

  // What AWS would find.
  std::string expected (const Upstream::Request &request, bool is_s3)
  {
    std::string lines;

    for (const auto &[name, value] : request.headers)
      lines += "\n" + name + ":" + value;
    Process::Options options = agent.options ({ "python3", "-c", kVerifier });

    options.input = std::string (kSecretKey) + "\n" + (is_s3 ? "s3" : "other") + "\n" +
                    request.method + "\n" + request.path + "\n" + digest_of (request.body) + "\n" +
                    request.header ("authorization") + lines;

    Finished finished = run (options);
    EXPECT_EQ (finished.status, 0) << finished.errors;
    return finished.output.substr (0, finished.output.find ('\n'));
  }

  Upstream upstream{ [] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.path.find ("echo") != std::string::npos)
      peer.reply (200, std::string ("{\"key\":\"") + kSecretKey + "\",\"session\":\"" + kSession +
                           "\"}");
    else
      peer.reply (200, "");
  } };
  Agent agent;
  std::string key;
};

} // namespace

TEST_F (Aws, SignsWhatTheServiceReceives)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3").status, 201);
  ASSERT_EQ (add ("sqs", "eu-west-1/sqs").status, 201);

  for (const char *rest :
       { "/", "/bucket/key.txt", "/bucket/a%20b%28c%29", "/bucket/plus+sign", "/bucket/%C3%A4",
         "/bucket?list-type=2&prefix=a%2Fb", "/bucket?z=2&a=1&a=0&acl", "/bucket?x=a+b&y=%7E" })
    for (const char *name : { "s3", "sqs" })
      {
        Response reply = send ("GET", name, rest);

        EXPECT_EQ (reply.status, 200) << reply.body;
        EXPECT_EQ (signature_of (last ()), expected (last (), std::string (name) == "s3"))
            << name << " " << rest << " → " << last ().path;
      }
  EXPECT_THAT (last ().header ("authorization"),
               StartsWith (std::string ("AWS4-HMAC-SHA256 Credential=") + kKeyId + "/"));
}

TEST_F (Aws, SignsBodiesAndHeadersOfAmazon)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3").status, 201);
  ASSERT_EQ (add ("db", "eu-central-1/dynamodb").status, 201);

  send ("PUT", "s3", "/bucket/key", "Content-Type: text/plain\r\nX-Amz-Meta-A: 1   2\r\n", "hello");
  EXPECT_EQ (last ().header ("x-amz-content-sha256"), digest_of ("hello"));
  EXPECT_EQ (signature_of (last ()), expected (last (), true));
  EXPECT_THAT (last ().header ("authorization"),
               HasSubstr ("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                          "x-amz-meta-a,"));
  // Large enough to go up as it comes, if it were not for the signature.
  const std::string large (300 * 1024, 'x');
  EXPECT_EQ (send ("PUT", "s3", "/bucket/large", "", large).status, 200);
  EXPECT_EQ (last ().header ("x-amz-content-sha256"), digest_of (large));
  EXPECT_EQ (signature_of (last ()), expected (last (), true));
  send (
      "POST", "db", "/",
      "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n",
      "{}");
  EXPECT_THAT (last ().header ("x-amz-content-sha256"), IsEmpty ());
  EXPECT_THAT (last ().header ("authorization"), HasSubstr ("x-amz-target"));
  EXPECT_EQ (signature_of (last ()), expected (last (), false));
}

// An SDK signs with whatever key it was given, in headers or in the URL.
TEST_F (Aws, TakesTheClientsSignatureOut)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3").status, 201);

  send ("GET", "s3", "/bucket/key",
        "Authorization: AWS4-HMAC-SHA256 Credential=dummy/20200101/x/s3/aws4_request, "
        "SignedHeaders=host, Signature=00\r\nX-Amz-Date: 20200101T000000Z\r\n"
        "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nX-Amz-Security-Token: dummy-session\r\n");
  EXPECT_EQ (signature_of (last ()), expected (last (), true));
  EXPECT_EQ (last ().header ("x-amz-content-sha256"), digest_of (""));
  EXPECT_THAT (last ().header ("x-amz-security-token"), IsEmpty ());
  EXPECT_THAT (last ().header ("authorization"), Not (HasSubstr ("dummy")));

  send ("GET", "s3",
        "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=dummy&X-Amz-Date=x"
        "&versionId=7&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00");
  EXPECT_EQ (last ().path, "/bucket/key?versionId=7");
  EXPECT_EQ (signature_of (last ()), expected (last (), true));
}

TEST_F (Aws, RefusesPiecesThatTheClientHasSigned)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3").status, 201);

  Response reply = send ("PUT", "s3", "/bucket/key",
                         "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n", "5;x");
  EXPECT_THAT (reply.body, HasSubstr ("in one piece"));
  EXPECT_THAT (upstream.requests (), IsEmpty ());
}

TEST_F (Aws, SendsASessionTokenAndGuardsItsParts)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3", std::string (":") + kSession).status, 201);

  Response reply = send ("GET", "s3", "/echo");
  EXPECT_EQ (last ().header ("x-amz-security-token"), kSession);
  EXPECT_EQ (signature_of (last ()), expected (last (), true));
  EXPECT_THAT (reply.body, AllOf (HasSubstr ("\"key\":\"****"), Not (HasSubstr (kSecretKey)),
                                  Not (HasSubstr (kSession))));
  for (const auto &words : { std::vector<std::string>{ "bindify", "log" },
                             std::vector<std::string>{ "bindify", "show", "s3" } })
    EXPECT_THAT (agent.cli (words).output,
                 AllOf (Not (HasSubstr (kSecretKey)), Not (HasSubstr (kSession))));
}

TEST_F (Aws, HasToKnowWhatToSignFor)
{
  Response unknown = add ("x", "");

  EXPECT_EQ (unknown.status, 400);
  EXPECT_THAT (unknown.body, HasSubstr ("region"));
  EXPECT_EQ (add ("x", "eu-central-1").status, 400);
  EXPECT_EQ (agent
                 .add ("x", upstream.url ("/"), "key",
                       R"(,"type":"http","injection":{"kind":"aws-sigv4","name":"a/b"})")
                 .status,
             400);
}

// The same request, signed by curl and sent without us, at the same second or the next one.
TEST_F (Aws, SignsAsCurlDoes)
{
  std::string user = std::string (kKeyId) + ":" + kSecretKey;
  std::string target = upstream.url ("/path/to/x?a=1&b=2");

  ASSERT_EQ (add ("api", "eu-west-1/execute-api").status, 201);
  Finished curl = run (agent.options ({ "curl", "-sS", "--noproxy", "*", "--aws-sigv4",
                                        "aws:amz:eu-west-1:execute-api", "-u", user, "-H",
                                        "Content-Type: application/json", "-d", "{}", target }));
  if (curl.status != 0)
    GTEST_SKIP () << "this curl makes no such signatures: " << curl.errors;
  EXPECT_EQ (signature_of (last ()), expected (last (), false));

  Finished added = agent.cli ({ "bindify-add", "--name", "own", "--type", "http", "--allow-local",
                                "--token-stdin", "--no-check", "--sigv4", kKeyId, "--sign-for",
                                "eu-west-1/execute-api", upstream.url ("/") },
                              std::string (kSecretKey) + "\n");
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (agent.cli ({ "bindify", "show", "own" }).output,
               HasSubstr ("AWS signature for eu-west-1/execute-api"));
  EXPECT_EQ (
      send ("POST", "own", "/path/to/x?a=1&b=2", "Content-Type: application/json\r\n", "{}").status,
      200);
  EXPECT_EQ (signature_of (last ()), expected (last (), false));
}

// A program of Amazon's own, which insists on a key, with one that is none.
TEST_F (Aws, AnSdkWithADummyKeyWorks)
{
  ASSERT_EQ (add ("s3", "eu-central-1/s3").status, 201);
  send ("GET", "s3", "/");

  std::string url = "http://" + agent.host () + "/http/s3/~" + key;
  Finished sdk = run (agent.options (
      { "python3", "-c",
        "import sys\n"
        "try:\n    import botocore.session\nexcept ImportError:\n    sys.exit(77)\n"
        "client = botocore.session.get_session().create_client('s3', endpoint_url='" +
            url +
            "', region_name='us-east-1', aws_access_key_id='dummy', "
            "aws_secret_access_key='dummy')\n"
            "client.put_object(Bucket='bucket', Key='a folder/b+c.txt', Body=b'hello')\n"
            "client.delete_object(Bucket='bucket', Key='a folder/b+c.txt')\n" }));

  if (sdk.status == 77)
    GTEST_SKIP () << "there is no botocore here";
  EXPECT_EQ (sdk.status, 0) << sdk.errors;
  ASSERT_EQ (upstream.requests ().size (), 3u);
  for (size_t i = 1; i < 3; i++)
    {
      Upstream::Request request = upstream.requests ()[i];

      EXPECT_EQ (request.path, "/bucket/a%20folder/b%2Bc.txt");
      EXPECT_EQ (signature_of (request), expected (request, true));
      EXPECT_THAT (request.header ("authorization"), Not (HasSubstr ("dummy")));
    }
}
