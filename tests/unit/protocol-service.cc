// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <map>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/service.h"
#include "protocol/upstream.h"
}

namespace
{

using ::operator<<; // prints a row by its name

BfyService *
parse (const std::string &text, GError **error)
{
  return bfy_service_parse (text.data (), text.size (), error);
}

const char full_text[] = R"({
  "id": "example", "name": "Example", "mcp_url": "https://mcp.example.com",
  "token_url": "https://example.com/tokens", "docs_url": "https://example.com/docs",
  "icon": "example-symbolic", "instructions": ["One.", "Two."],
  "api_key": {
    "injection": {"kind": "header", "name": "X-Key"},
    "username_field": "email",
    "probe": {
      "method": "POST", "url": "https://api.example.com/me",
      "headers": {"User-Agent": "bindify", "Accept": "*/*"},
      "body": {"a": [1, "b"]}, "expect_status": 204,
      "injection": {"kind": "query", "name": "key"}, "account": ["/login", "/a~1b/0"]
    }
  },
  "oauth": {
    "authorize_url": "https://example.com/authorize", "token_url": "https://example.com/token",
    "registration_url": "https://example.com/register", "client": "dcr", "pkce": false,
    "device_url": "https://example.com/device", "revoke_url": "https://example.com/revoke",
    "scopes": ["a", "b"]
  },
  "requires_refresh": false, "keepalive_interval_min": 360,
  "quirks": {"no_session_id": true, "get_405": false},
  "auth_modes": [{"id": "x", "name": "X", "injection": {"kind": "basic"}}],
  "applications": [{"id": "y", "name": "Y"}],
  "keywords": ["issues", "code review"],
  "hosts": [{"host": "api.example.com", "path": "/v1", "injection": {"kind": "basic"}},
            {"host": "*.example.org"}],
  "env": {"token": ["EXAMPLE_TOKEN"], "base_url": ["EXAMPLE_URL"]},
  "git": {"host": "example.com", "username": "x-token"},
  "token_patterns": [{"prefix": "exa_", "characters": "hex", "min": 8}],
  "capabilities": [{"id": "z", "name": "Do z", "access": "write", "tools": ["z_*"]}],
  "sources": [{"url": "https://example.com/docs", "checked": "2026-01-31", "facts": ["hosts"]}]
})";

TEST (Service, IsRead)
{
  Error error;
  g_autoptr (BfyService) service = parse (full_text, error.out ());

  ASSERT_NE (service, nullptr) << error;
  EXPECT_STREQ (service->id, "example");
  EXPECT_STREQ (service->name, "Example");
  EXPECT_STREQ (service->mcp_url, "https://mcp.example.com") << "as written";
  EXPECT_STREQ (service->token_url, "https://example.com/tokens");
  EXPECT_STREQ (service->username_field, "email");
  EXPECT_TRUE (service->has_api_key);
  EXPECT_TRUE (service->has_oauth);
  EXPECT_STREQ (service->instructions[1], "Two.");
  EXPECT_EQ (service->injection->kind, BFY_INJECT_HEADER);
  g_autoptr (JsonObject) kept = bfy_service_read_record (service);
  EXPECT_TRUE (json_object_has_member (kept, "quirks"));
}

TEST (Service, HasAProbe)
{
  Error error;
  g_autoptr (BfyService) service = parse (full_text, error.out ());

  ASSERT_NE (service, nullptr) << error;
  ASSERT_NE (service->probe, nullptr);
  EXPECT_STREQ (service->probe->method, "POST");
  EXPECT_STREQ (service->probe->url, "https://api.example.com/me");
  EXPECT_STREQ (service->probe->body, R"({"a":[1,"b"]})");
  EXPECT_EQ (service->probe->expect_status, 204u);
  EXPECT_EQ (service->probe->injection->kind, BFY_INJECT_QUERY);
  EXPECT_EQ (g_hash_table_size (service->probe->headers), 2u);
  EXPECT_STREQ (static_cast<char *> (g_hash_table_lookup (service->probe->headers, "User-Agent")),
                "bindify");
}

TEST (Service, SaysWhereItsTokensLieAndGo)
{
  Error error;
  g_autoptr (BfyService) service = parse (full_text, error.out ());

  ASSERT_NE (service, nullptr) << error;
  ASSERT_NE (service->hosts, nullptr);
  ASSERT_EQ (service->hosts->len, 2u);
  auto *first = static_cast<BfyServiceHost *> (service->hosts->pdata[0]);
  auto *second = static_cast<BfyServiceHost *> (service->hosts->pdata[1]);
  EXPECT_STREQ (first->name, "api.example.com");
  EXPECT_STREQ (first->path, "/v1");
  EXPECT_EQ (first->injection->kind, BFY_INJECT_BASIC);
  EXPECT_STREQ (second->path, "/");
  EXPECT_EQ (second->injection, nullptr);
  EXPECT_STREQ (service->token_variables[0], "EXAMPLE_TOKEN");
  EXPECT_STREQ (service->base_url_variables[0], "EXAMPLE_URL");
  EXPECT_STREQ (service->git_host, "example.com");
  EXPECT_STREQ (service->git_username, "x-token");
  EXPECT_STREQ (service->keywords[1], "code review");
  EXPECT_STREQ (service->probe->accounts[1], "/a~1b/0");
}

struct PlaceCase
{
  const char *name, *place, *path, *host, *request;
  bool covers;
};

class ServicePlace : public testing::TestWithParam<PlaceCase>
{
};

TEST_P (ServicePlace, Covers)
{
  const PlaceCase &row = GetParam ();
  BfyServiceHost host = { g_strdup (row.place), g_strdup (row.path), nullptr };

  EXPECT_EQ (bfy_service_host_covers (&host, row.host, row.request), row.covers);
  g_free (host.name);
  g_free (host.path);
}

INSTANTIATE_TEST_SUITE_P (
    Places,
    ServicePlace,
    testing::Values (PlaceCase{ "Itself", "api.x.com", "/", "api.x.com", "/user", true },
                     PlaceCase{ "Another", "api.x.com", "/", "x.com", "/user", false },
                     PlaceCase{ "Below", "*.x.com", "/", "a.x.com", "/", true },
                     PlaceCase{ "FarBelow", "*.x.com", "/", "a.b.x.com", "/", true },
                     PlaceCase{ "NotTheTop", "*.x.com", "/", "x.com", "/", false },
                     PlaceCase{ "NotTheTopWithADot", "*.x.com", "/", ".x.com", "/", false },
                     PlaceCase{ "NotItsEnd", "*.x.com", "/", "evilx.com", "/", false },
                     PlaceCase{ "Path", "x.com", "/v1", "x.com", "/v1/user", true },
                     PlaceCase{ "PathItself", "x.com", "/v1", "x.com", "/v1", true },
                     PlaceCase{ "PathGoesOn", "x.com", "/v1", "x.com", "/v10/user", false },
                     PlaceCase{ "PathWithSlash", "x.com", "/v1/", "x.com", "/v1/user", true },
                     PlaceCase{ "OtherPath", "x.com", "/v1", "x.com", "/v2/user", false }),
    case_name<PlaceCase>);

struct OverlapCase
{
  const char *name, *one, *one_path, *other, *other_path;
  bool overlaps;
};

class ServiceOverlap : public testing::TestWithParam<OverlapCase>
{
};

TEST_P (ServiceOverlap, IsTheSameBothWays)
{
  const OverlapCase &row = GetParam ();
  BfyServiceHost one = { g_strdup (row.one), g_strdup (row.one_path), nullptr };
  BfyServiceHost other = { g_strdup (row.other), g_strdup (row.other_path), nullptr };

  EXPECT_EQ (bfy_service_host_overlaps (&one, &other), row.overlaps);
  EXPECT_EQ (bfy_service_host_overlaps (&other, &one), row.overlaps);
  for (BfyServiceHost *host : { &one, &other })
    {
      g_free (host->name);
      g_free (host->path);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Places,
    ServiceOverlap,
    testing::Values (OverlapCase{ "Same", "x.com", "/", "x.com", "/", true },
                     OverlapCase{ "OnePath", "x.com", "/", "x.com", "/v1", true },
                     OverlapCase{ "TwoPaths", "x.com", "/v2", "x.com", "/v1", false },
                     OverlapCase{ "Star", "*.x.com", "/", "a.x.com", "/", true },
                     OverlapCase{ "Stars", "*.x.com", "/", "*.a.x.com", "/", true },
                     OverlapCase{ "OtherHosts", "a.com", "/", "b.com", "/", false }),
    case_name<OverlapCase>);

TEST (Service, SaysHowToSignIn)
{
  Error error;
  g_autoptr (BfyService) service = parse (full_text, error.out ());

  ASSERT_NE (service, nullptr) << error;
  ASSERT_NE (service->oauth, nullptr);
  EXPECT_STREQ (service->oauth->authorize_url, "https://example.com/authorize");
  EXPECT_STREQ (service->oauth->token_url, "https://example.com/token");
  EXPECT_STREQ (service->oauth->registration_url, "https://example.com/register");
  EXPECT_STREQ (service->oauth->device_url, "https://example.com/device");
  EXPECT_STREQ (service->oauth->revoke_url, "https://example.com/revoke");
  EXPECT_STREQ (service->oauth->scopes[1], "b");
  EXPECT_FALSE (service->oauth->uses_pkce);
  EXPECT_FALSE (service->oauth->is_own_client);
  EXPECT_FALSE (service->requires_refresh);
  EXPECT_EQ (service->keepalive_interval_min, 360);
  EXPECT_TRUE (service->has_no_session_id);
  EXPECT_FALSE (service->answers_get_405);
}

TEST (Service, SignsInWithLittle)
{
  Error error;
  g_autoptr (BfyService) service =
      parse (R"({"id":"x","name":"X","oauth":{"authorize_url":"https://x.example/a",)"
             R"("token_url":"http://127.0.0.1:9/t","scopes":[]}})",
             error.out ());

  ASSERT_NE (service, nullptr) << error;
  EXPECT_EQ (service->oauth->registration_url, nullptr);
  EXPECT_EQ (service->oauth->device_url, nullptr);
  EXPECT_EQ (service->oauth->scopes, nullptr);
  EXPECT_TRUE (service->oauth->uses_pkce);
  EXPECT_TRUE (service->oauth->is_own_client) << "it cannot register anybody";
  EXPECT_TRUE (service->requires_refresh);
  EXPECT_EQ (service->keepalive_interval_min, 1440);
  EXPECT_FALSE (service->has_no_session_id);
}

TEST (Service, IsListed)
{
  Error error;
  g_autoptr (BfyService) service = parse (full_text, error.out ());

  ASSERT_NE (service, nullptr) << error;
  g_autoptr (JsonObject) object = bfy_service_to_json (service);
  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)),
             R"({"id":"example","name":"Example","mcp_url":"https://mcp.example.com",)"
             R"("supports_api_key":true,"supports_oauth":true,"oauth_client":"dcr",)"
             R"("app_url":null,"requires_refresh":false,"username_field":"email",)"
             R"("token_url":"https://example.com/tokens","docs_url":"https://example.com/docs",)"
             R"("icon":"example-symbolic","keywords":["issues","code review"],)"
             R"("injection":{"kind":"header","name":"X-Key"},"names_account":true,)"
             R"("hosts":[{"host":"api.example.com","path":"/v1"},)"
             R"({"host":"*.example.org","path":"/"}],)"
             R"("env":{"token":["EXAMPLE_TOKEN"],"base_url":["EXAMPLE_URL"]},)"
             R"("git":{"host":"example.com","username":"x-token"},"instructions":["One.","Two."],)"
             R"("auth_modes":[{"id":"x","name":"X","injection":{"kind":"basic"}}],)"
             R"("applications":[{"id":"y","name":"Y"}],)"
             R"("capabilities":[{"id":"z","name":"Do z","access":"write","tools":["z_*"]}],)"
             R"("token_patterns":[{"prefix":"exa_","characters":"hex","min":8}],)"
             R"("sources":[{"url":"https://example.com/docs","checked":"2026-01-31",)"
             R"("facts":["hosts"]}]})");
}

TEST (Service, NeedsLittle)
{
  Error error;
  g_autoptr (BfyService) service = parse (R"({"id":"x","name":"X","env":{}})", error.out ());

  ASSERT_NE (service, nullptr) << error;
  EXPECT_FALSE (service->has_api_key);
  EXPECT_FALSE (service->has_oauth);
  EXPECT_EQ (service->probe, nullptr);
  g_autoptr (JsonObject) object = bfy_service_to_json (service);
  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)),
             R"({"id":"x","name":"X","mcp_url":null,"supports_api_key":false,)"
             R"("supports_oauth":false,"oauth_client":null,"app_url":null,)"
             R"("requires_refresh":true,)"
             R"("username_field":null,"token_url":null,"docs_url":null,"icon":null,)"
             R"("keywords":null,"injection":null,"names_account":false,"hosts":null,"env":null,)"
             R"("git":null,"instructions":null,"auth_modes":null,"applications":null,)"
             R"("capabilities":null,"token_patterns":null,"sources":null})");
}

TEST (Service, ExpectsStatus200)
{
  Error error;
  g_autoptr (BfyService) service =
      parse (R"({"id":"x","name":"X","api_key":{"injection":{"kind":"basic"},)"
             R"("probe":{"method":"GET","url":"https://x.example/"}}})",
             error.out ());

  ASSERT_NE (service, nullptr) << error;
  EXPECT_EQ (service->probe->expect_status, 200u);
  EXPECT_EQ (service->probe->injection, nullptr);
  EXPECT_EQ (g_hash_table_size (service->probe->headers), 0u);
}

TEST (Service, LivesAsLongAsItsReferences)
{
  Error error;
  BfyService *service = parse (full_text, error.out ());
  BfyService *second = bfy_service_ref (service);

  bfy_service_unref (service);
  EXPECT_STREQ (second->id, "example");
  bfy_service_unref (second);
}

struct BadCase
{
  const char *name;
  std::string members; // behind id and name
  const char *says;
};

class ServiceRefused : public testing::TestWithParam<BadCase>
{
};

TEST_P (ServiceRefused, NamingTheMember)
{
  Error error;

  EXPECT_EQ (parse (R"({"id":"x","name":"X",)" + GetParam ().members + "}", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (GetParam ().says));
}

const std::string key_start = R"("api_key":{"injection":{"kind":"basic"},)";
const std::string probe_start =
    key_start + R"("probe":{"method":"GET","url":"https://x.example/",)";
const std::string oauth_start =
    R"("oauth":{"authorize_url":"https://x.example/","token_url":"https://x.example/",)";

const std::string source_start = R"("sources":[{"url":"https://x.example/","facts":["name"],)";

INSTANTIATE_TEST_SUITE_P (
    Members,
    ServiceRefused,
    testing::Values (
        BadCase{ "Unknown", R"("colour":1)", "“colour” is unknown" },
        BadCase{ "UnknownEscaped", R"("a\nb":1)", "“a\\nb” is unknown" },
        BadCase{ "PatternNoList", R"("token_patterns":{})", "“token_patterns” must be a list" },
        BadCase{ "PatternNoObject", R"("token_patterns":["gh"])", "must be an object" },
        BadCase{ "PatternUnknown", R"("token_patterns":[{"regex":"(a+)+"}])", "nothing else" },
        BadCase{ "PatternNoPrefix", R"("token_patterns":[{"characters":"hex","min":8}])",
                 "“token_patterns”: the prefix" },
        BadCase{ "PatternAnything",
                 R"("token_patterns":[{"prefix":"?_","characters":"hex","min":8}])",
                 "“token_patterns”: the prefix" },
        BadCase{ "PatternBlank",
                 R"("token_patterns":[{"prefix":"a b","characters":"hex","min":8}])",
                 "a character that no token has" },
        BadCase{ "PatternCharacters",
                 R"("token_patterns":[{"prefix":"ab","characters":"any","min":8}])",
                 "are hex, alnum" },
        BadCase{ "PatternMin", R"("token_patterns":[{"prefix":"ab","characters":"hex","min":0}])",
                 "a number from 4" },
        BadCase{ "UnknownInKey", key_start + R"("colour":1})", "“api_key.colour” is unknown" },
        BadCase{ "UnknownInProbe", probe_start + R"("colour":1}})", "“api_key.probe.colour”" },
        BadCase{ "UnknownInInjection", R"("api_key":{"injection":{"kind":"basic","x":1}})",
                 "“api_key.injection.x”" },
        BadCase{ "UnknownInOauth", oauth_start + R"("x":1})", "“oauth.x”" },
        BadCase{ "UnknownInQuirks", R"("quirks":{"x":true})", "“quirks.x”" },
        BadCase{ "KeyWithoutInjection", R"("api_key":{})", "“api_key.injection” is missing" },
        BadCase{ "ProbeWithoutUrl", key_start + R"("probe":{"method":"GET"}})",
                 "“api_key.probe.url” is missing" },
        BadCase{ "OauthWithoutToken", R"("oauth":{"authorize_url":"https://x.example/"})",
                 "“oauth.token_url” is missing" },
        BadCase{ "KeyNull", R"("api_key":null)", "“api_key” must be an object" },
        BadCase{ "UrlNumber", R"("mcp_url":1)", "“mcp_url” must be" },
        BadCase{ "UrlEmpty", R"("mcp_url":"")", "“mcp_url” must be" },
        BadCase{ "UrlCleartext", R"("mcp_url":"http://x.example/")", "use https://" },
        BadCase{ "UrlScript", R"("docs_url":"javascript:alert%281%29")", "“docs_url” is refused" },
        BadCase{ "InjectionRefused", R"("api_key":{"injection":{"kind":"header","name":"Host"}})",
                 "“api_key.injection” is refused" },
        BadCase{ "InjectionKind", R"("api_key":{"injection":{"kind":"path"}})",
                 "“api_key.injection” is refused" },
        BadCase{ "InstructionsText", R"("instructions":"x")", "“instructions” must be" },
        BadCase{ "InstructionsMixed", R"("instructions":["x",1])", "“instructions” must be" },
        BadCase{ "Method", key_start + R"("probe":{"method":"PUT","url":"https://x.example/"}})",
                 "“api_key.probe.method” must be" },
        BadCase{ "HeaderName", probe_start + R"("headers":{"a b":"c"}}})", "probe.headers" },
        BadCase{ "HeaderSplit", probe_start + R"("headers":{"a":"b\r\nc"}}})", "probe.headers" },
        BadCase{ "HeaderNumber", probe_start + R"("headers":{"a":1}}})", "probe.headers" },
        BadCase{ "Body", probe_start + R"("body":"{}"}})", "“api_key.probe.body” must be" },
        BadCase{ "StatusText", probe_start + R"("expect_status":"200"}})", "expect_status" },
        BadCase{ "StatusRange", probe_start + R"("expect_status":600}})", "expect_status" },
        BadCase{ "StatusFraction", probe_start + R"("expect_status":200.5}})", "expect_status" },
        BadCase{ "Pkce", oauth_start + R"("pkce":"yes"})", "“oauth.pkce” must be" },
        BadCase{ "Client", oauth_start + R"("client":"shared"})", "“oauth.client” must be" },
        BadCase{ "AppUrl", oauth_start + R"("app_url":"javascript:x"})", "“oauth.app_url”" },
        BadCase{ "Scopes", oauth_start + R"("scopes":"a b"})", "“oauth.scopes” must be" },
        BadCase{ "ScopeWithSpace", oauth_start + R"("scopes":["a b"]})", "“oauth.scopes” holds" },
        BadCase{ "ScopeWithQuote", oauth_start + R"("scopes":["a\"b"]})", "“oauth.scopes” holds" },
        BadCase{ "ScopeUmlaut", oauth_start + R"("scopes":["ä"]})", "“oauth.scopes” holds" },
        BadCase{ "DeviceCleartext", oauth_start + R"("device_url":"http://x.example/"})",
                 "“oauth.device_url” is refused" },
        BadCase{ "RevokeInTheOffice", oauth_start + R"("revoke_url":"http://10.0.0.1/"})",
                 "“oauth.revoke_url” must be an https URL" },
        BadCase{ "RegistrationFragment",
                 oauth_start + R"("registration_url":"https://x.example/#a"})",
                 "“oauth.registration_url” must not have" },
        BadCase{ "Refresh", R"("requires_refresh":0)", "“requires_refresh” must be" },
        BadCase{ "Interval", R"("keepalive_interval_min":0)", "“keepalive_interval_min” must be" },
        BadCase{ "Modes", R"("auth_modes":["x"])", "“auth_modes[0]” must be" },
        BadCase{ "Capabilities", R"("capabilities":{})", "“capabilities” must be" },
        BadCase{ "CapabilityTwice",
                 R"("capabilities":[{"id":"a","name":"A","access":"read","tools":["a"]},)"
                 R"({"id":"a","name":"B","access":"write","tools":["b"]}])",
                 "“a” is there twice" },
        BadCase{ "CapabilityWithoutName",
                 R"("capabilities":[{"id":"a","access":"read","tools":["a"]}])", "name" },
        BadCase{ "CapabilityOfNoClass",
                 R"("capabilities":[{"id":"a","name":"A","access":"reads","tools":["a"]}])",
                 "access" },
        BadCase{ "Applications", R"("applications":{})", "“applications” must be" },
        BadCase{ "Sources", R"("sources":{})", "“sources” must be" },
        BadCase{ "DateShape", source_start + R"("checked":"31.1.2026"}])",
                 "“sources[0].checked” must be" },
        BadCase{ "DateImpossible", source_start + R"("checked":"2026-02-30"}])",
                 "“sources[0].checked” must be" },
        BadCase{ "SecondHost", R"("hosts":[{"host":"x.com"},{"host":"x.com:443"}])",
                 "“hosts[1].host” must be" }),
    case_name<BadCase>);

struct BadRecordCase
{
  const char *name, *text;
  BfyErrorCode code;
};

class RecordRefused : public testing::TestWithParam<BadRecordCase>
{
};

TEST_P (RecordRefused, WithAnError)
{
  Error error;

  EXPECT_EQ (parse (GetParam ().text, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().code));
}

INSTANTIATE_TEST_SUITE_P (
    Records,
    RecordRefused,
    testing::Values (
        BadRecordCase{ "NoId", R"({"name":"X"})", BFY_ERROR_INVALID_ARGUMENT },
        BadRecordCase{ "NoName", R"({"id":"x"})", BFY_ERROR_INVALID_ARGUMENT },
        BadRecordCase{ "IdTraversal", R"({"id":"../x","name":"X"})", BFY_ERROR_INVALID_ARGUMENT },
        BadRecordCase{ "IdNumber", R"({"id":1,"name":"X"})", BFY_ERROR_INVALID_ARGUMENT },
        BadRecordCase{ "NameEmpty", R"({"id":"x","name":""})", BFY_ERROR_INVALID_ARGUMENT },
        BadRecordCase{ "Twice", R"({"id":"x","id":"y","name":"X"})", BFY_ERROR_PARSE },
        BadRecordCase{ "NotJson", "id = x", BFY_ERROR_PARSE },
        BadRecordCase{ "Array", "[]", BFY_ERROR_BAD_REQUEST }),
    case_name<BadRecordCase>);

// --- The records that we install; the build says where they are. ---

using Catalogue = std::map<std::string, BfyService *>;

class Installed : public testing::Test
{
protected:
  void SetUp () override
  {
    const char *directory = std::getenv ("BINDIFY_TEST_SERVICES");
    Error error;

    ASSERT_NE (directory, nullptr) << "set BINDIFY_TEST_SERVICES to data/services";
    g_autoptr (GDir) dir = g_dir_open (directory, 0, error.out ());
    ASSERT_NE (dir, nullptr) << error;
    while (const char *name = g_dir_read_name (dir))
      load (directory, name);
  }

  void TearDown () override
  {
    for (auto &entry : catalogue)
      bfy_service_unref (entry.second);
  }

  void load (const char *directory, const char *name)
  {
    g_autofree char *path = g_build_filename (directory, name, nullptr);
    g_autofree char *text = nullptr;
    gsize length;
    Error error;

    ASSERT_TRUE (g_file_get_contents (path, &text, &length, error.out ())) << error;
    BfyService *service = bfy_service_parse (text, length, error.out ());
    ASSERT_NE (service, nullptr) << name << ": " << error;
    EXPECT_EQ (std::string (name), std::string (service->id) + ".json");
    catalogue[service->id] = service;
  }

  BfyService *find (const char *id)
  {
    auto entry = catalogue.find (id);

    return entry != catalogue.end () ? entry->second : nullptr;
  }

  Catalogue catalogue;
};

TEST_F (Installed, HaveTheSevenOfBehaviour16)
{
  std::vector<std::string> ids;

  for (auto &entry : catalogue)
    ids.push_back (entry.first);
  EXPECT_THAT (ids, testing::IsSupersetOf ({ "atlassian", "figma", "github", "linear", "notion",
                                             "ticktick", "todoist" }));
}

TEST_F (Installed, SayWhatTheySupport)
{
  const struct
  {
    const char *id;
    bool has_api_key, has_oauth;
  } rows[] = {
    { "atlassian", true, false }, { "figma", true, true },   { "github", true, true },
    { "linear", true, true },     { "notion", false, true }, { "ticktick", true, true },
    { "todoist", true, true },
  };

  for (auto &row : rows)
    {
      BfyService *service = find (row.id);

      ASSERT_NE (service, nullptr) << row.id;
      EXPECT_EQ (service->has_api_key, row.has_api_key) << row.id;
      EXPECT_EQ (service->has_oauth, row.has_oauth) << row.id;
      EXPECT_EQ (service->probe != nullptr, row.has_api_key) << row.id;
      EXPECT_NE (service->instructions, nullptr) << row.id;
      EXPECT_NE (service->mcp_url, nullptr) << row.id;
    }
}

TEST_F (Installed, SignInAsBehaviour16Says)
{
  const struct
  {
    const char *id;
    bool is_own_client, uses_pkce;
    const char *token_url, *first_scope;
    guint n_scopes;
    bool requires_refresh;
    gint64 interval_min;
    bool has_no_session_id, answers_get_405;
  } rows[] = {
    { "linear", false, true, "https://mcp.linear.app/token", "read", 2, true, 1440, false, false },
    { "todoist", true, false, "https://todoist.com/oauth/access_token", "data:read_write", 1, false,
      1440, true, true },
    { "github", true, false, "https://github.com/login/oauth/access_token", "repo", 3, false, 1440,
      false, true },
    { "figma", true, false, "https://api.figma.com/v1/oauth/token", "current_user:read", 13, true,
      1440, false, false },
    { "notion", false, true, "https://mcp.notion.com/token", nullptr, 0, true, 360, false, false },
    { "ticktick", false, true, "https://api.ticktick.com/oauth/token", "tasks:read", 2, true, 1440,
      false, false },
  };

  for (auto &row : rows)
    {
      BfyService *service = find (row.id);

      ASSERT_NE (service, nullptr) << row.id;
      ASSERT_NE (service->oauth, nullptr) << row.id;
      EXPECT_EQ (service->oauth->is_own_client, row.is_own_client) << row.id;
      EXPECT_EQ (service->oauth->registration_url == nullptr, row.is_own_client) << row.id;
      EXPECT_EQ (service->oauth->app_url != nullptr, row.is_own_client) << row.id;
      EXPECT_EQ (service->oauth->uses_pkce, row.uses_pkce) << row.id;
      EXPECT_STREQ (service->oauth->token_url, row.token_url) << row.id;
      GStrv scopes = service->oauth->scopes;
      EXPECT_EQ (scopes != nullptr ? g_strv_length (scopes) : 0, row.n_scopes) << row.id;
      EXPECT_STREQ (scopes != nullptr ? scopes[0] : nullptr, row.first_scope) << row.id;
      EXPECT_EQ (service->requires_refresh, row.requires_refresh) << row.id;
      EXPECT_EQ (service->keepalive_interval_min, row.interval_min) << row.id;
      EXPECT_EQ (service->has_no_session_id, row.has_no_session_id) << row.id;
      EXPECT_EQ (service->answers_get_405, row.answers_get_405) << row.id;
    }
}

TEST_F (Installed, InjectAsTheirProvidersWant)
{
  const struct
  {
    const char *id;
    BfyInjectKind kind;
    const char *name, *prefix;
  } rows[] = {
    { "linear", BFY_INJECT_HEADER, "Authorization", "Bearer " },
    { "todoist", BFY_INJECT_HEADER, "Authorization", "Bearer " },
    { "github", BFY_INJECT_HEADER, "Authorization", "Bearer " },
    { "ticktick", BFY_INJECT_HEADER, "Authorization", "Bearer " },
    { "figma", BFY_INJECT_HEADER, "X-Figma-Token", nullptr },
    { "atlassian", BFY_INJECT_BASIC, nullptr, nullptr },
  };

  for (auto &row : rows)
    {
      BfyService *service = find (row.id);

      ASSERT_NE (service, nullptr) << row.id;
      EXPECT_EQ (service->injection->kind, row.kind) << row.id;
      EXPECT_STREQ (service->injection->name, row.name) << row.id;
      EXPECT_STREQ (service->injection->prefix, row.prefix) << row.id;
    }
}

// Linear takes its key without a scheme on its API and with one on its MCP server.
TEST_F (Installed, ProbeLinearWithoutBearer)
{
  BfyService *linear = find ("linear");

  ASSERT_NE (linear, nullptr);
  ASSERT_NE (linear->probe->injection, nullptr);
  EXPECT_STREQ (linear->probe->injection->name, "Authorization");
  EXPECT_EQ (linear->probe->injection->prefix, nullptr);
  EXPECT_STREQ (linear->probe->body, R"({"query":"{ viewer { name email } }"})");
}

TEST_F (Installed, AskAtlassianForAnAddress)
{
  BfyService *atlassian = find ("atlassian");

  ASSERT_NE (atlassian, nullptr);
  EXPECT_STREQ (atlassian->username_field, "email");
  g_autoptr (JsonObject) record = bfy_service_read_record (atlassian);
  EXPECT_EQ (json_array_get_length (json_object_get_array_member (record, "auth_modes")), 2u);
}

// The modes are objects of their own that the schema leaves free.
TEST_F (Installed, HaveModesThatCanBeInjected)
{
  for (auto &entry : catalogue)
    {
      g_autoptr (JsonObject) record = bfy_service_read_record (entry.second);
      JsonArray *modes = json_object_has_member (record, "auth_modes")
                             ? json_object_get_array_member (record, "auth_modes")
                             : nullptr;

      for (guint i = 0; modes != nullptr && i < json_array_get_length (modes); i++)
        {
          JsonObject *mode = json_array_get_object_element (modes, i);
          Error error;
          g_autoptr (BfyInjection) injection = bfy_injection_from_json (
              json_object_get_object_member (mode, "injection"), error.out ());

          EXPECT_NE (injection, nullptr) << entry.first << ": " << error;
          EXPECT_STRNE (json_object_get_string_member_with_default (mode, "id", ""), "");
        }
    }
}

TEST_F (Installed, GoNowhereInClearText)
{
  for (auto &[id, service] : catalogue)
    {
      const char *probe_url = service->probe != nullptr ? service->probe->url : nullptr;

      for (const char *url : { (const char *) service->mcp_url, probe_url })
        {
          Error error;

          if (url == nullptr)
            continue;
          g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, error.out ());
          ASSERT_NE (upstream, nullptr) << id << ": " << error;
          EXPECT_TRUE (upstream->is_tls) << id;
          EXPECT_EQ (upstream->reach, BFY_REACH_EXTERNAL) << id;
        }
    }
}

} // namespace

// Names of tools as their servers document them: what a person reads, and how strict it is.
TEST_F (Installed, NameWhatTheirToolsDo)
{
  const struct
  {
    const char *id, *tool, *capability;
    BfyAccess access;
  } rows[] = {
    { "github", "merge_pull_request", "Merge pull requests", BFY_ACCESS_DANGER },
    { "github", "delete_file", "Delete files and branches", BFY_ACCESS_DANGER },
    { "github", "create_or_update_file", "Write files and commit", BFY_ACCESS_WRITE },
    { "github", "issue_write", "Write issues", BFY_ACCESS_WRITE },
    { "github", "pull_request_read", "Read pull requests", BFY_ACCESS_READ },
    { "github", "actions_get", "Read workflow runs", BFY_ACCESS_READ },
    { "linear", "save_issue", "Write issues", BFY_ACCESS_WRITE },
    { "linear", "delete_comment", "Delete comments, attachments and updates", BFY_ACCESS_DANGER },
    { "notion", "notion-fetch", "Read pages and databases", BFY_ACCESS_READ },
    { "notion", "notion-update-page", "Write pages", BFY_ACCESS_WRITE },
    { "atlassian", "getJiraIssue", "Read Jira issues", BFY_ACCESS_READ },
    { "atlassian", "transitionJiraIssue", "Move Jira issues through their workflow",
      BFY_ACCESS_WRITE },
    { "figma", "get_design_context", "Read designs", BFY_ACCESS_READ },
    { "figma", "use_figma", "Change Figma files", BFY_ACCESS_WRITE },
    { "todoist", "find-tasks-by-date", "Read tasks", BFY_ACCESS_READ },
    { "todoist", "delete-object", "Delete tasks, projects and comments", BFY_ACCESS_DANGER },
    { "ticktick", "complete_task", "Complete tasks", BFY_ACCESS_WRITE },
  };

  for (const auto &row : rows)
    {
      const BfyCapability *capability =
          bfy_capability_find_tool (find (row.id)->capabilities, row.tool);

      ASSERT_NE (capability, nullptr) << row.id << " " << row.tool;
      EXPECT_STREQ (capability->name, row.capability) << row.tool;
      EXPECT_EQ (capability->access, row.access) << row.tool;
    }
}

// Names such as "getThing" and "List Things", which are no names of the usual form.
static bool
begins_with_a_reading_verb (const std::string &glob)
{
  g_autofree char *lower = g_ascii_strdown (glob.c_str (), -1);

  for (const char *verb : { "get", "list", "query", "search" })
    if (g_str_has_prefix (lower, verb) && glob.find ('*') >= strlen (verb))
      return true;
  return false;
}

// A capability may be stricter than the name of a tool sounds, and laxer only where every tool of
// it is written out: a pattern that called a “delete_…” a read would be a hole.
TEST_F (Installed, NoPatternIsLaxerThanTheNamesItFits)
{
  for (const auto &[id, service] : catalogue)
    {
      ASSERT_NE (service->capabilities, nullptr) << id;
      for (guint i = 0; i < service->capabilities->len; i++)
        {
          auto *capability = static_cast<BfyCapability *> (service->capabilities->pdata[i]);

          for (guint n = 0; capability->tools != nullptr && capability->tools[n] != nullptr; n++)
            {
              std::string glob = capability->tools[n];
              size_t star = glob.find ('*');

              if (star == std::string::npos || begins_with_a_reading_verb (glob))
                continue;
              glob.replace (star, 1, "x");
              EXPECT_GE (capability->access, bfy_access_of_tool_name (glob.c_str ()))
                  << id << " " << capability->tools[n];
            }
        }
    }
}

TEST_F (Installed, NameWhatTheirRequestsDo)
{
  const struct
  {
    const char *id, *method, *path, *capability;
  } rows[] = {
    { "github", "DELETE", "/repos/acme/shop", "delete-repositories" },
    { "github", "PUT", "/repos/acme/shop/pulls/7/merge", "merge-pull-requests" },
    { "github", "GET", "/repos/acme/shop/issues", "read-repositories" },
    { "notion", "POST", "/v1/search", "search" },
    { "todoist", "POST", "/api/v1/tasks/1/close", "complete-tasks" },
  };

  for (const auto &row : rows)
    {
      const BfyCapability *capability =
          bfy_capability_find_http (find (row.id)->capabilities, row.method, row.path);

      ASSERT_NE (capability, nullptr) << row.path;
      EXPECT_STREQ (capability->id, row.capability) << row.path;
    }
}
