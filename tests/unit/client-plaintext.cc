// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Tokens that lie about (craft 3, row 8): what is found in a text, and what is not opened.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/bundle.h"
#include "client/local-findings.h"
#include "client/plaintext.h"
#include "client/settings-text.h"
#include "protocol/json.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

using ::operator<<; // prints a row by its name

constexpr char kGithub[] = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

class Scan
{
public:
  Scan ()
  {
    bfy_plaintext_scan_init (&scan);
  }
  ~Scan ()
  {
    bfy_plaintext_scan_clear (&scan);
  }
  // "LINE KIND TAIL SERVICE"
  std::vector<std::string> found () const
  {
    std::vector<std::string> lines;

    for (guint i = 0; i < scan.found->len; i++)
      {
        auto *one = static_cast<const BfyPlaintext *> (scan.found->pdata[i]);
        lines.push_back (std::to_string (one->line) + " " + one->kind + " " + one->tail + " " +
                         (one->service != nullptr ? one->service : "-"));
      }
    return lines;
  }
  std::vector<std::string> unchecked () const
  {
    std::vector<std::string> lines;

    for (guint i = 0; i < scan.unchecked->len; i++)
      lines.push_back (static_cast<const char *> (scan.unchecked->pdata[i]));
    return lines;
  }

  BfyPlaintextScan scan{};
};

struct TextCase
{
  const char *name;
  std::string text;
  std::vector<std::string> want;
};

class Plaintext : public testing::TestWithParam<TextCase>
{
};

TEST_P (Plaintext, IsFound)
{
  Scan scan;

  bfy_plaintext_scan_text (&scan.scan, "f", GetParam ().text.c_str ());
  EXPECT_EQ (scan.found (), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Found,
    Plaintext,
    testing::Values (
        TextCase{ "Mcp",
                  std::string (R"({"env":{
 "GITHUB_TOKEN": ")") +
                      kGithub + "\"}}",
                  { "2 token 8B4a github" } },
        TextCase{ "Header",
                  std::string (R"({"headers":{"Authorization":"Bearer )") + kGithub + "\"}}",
                  { "1 token 8B4a github" } },
        TextCase{ "OwnHeader", R"("X-Acme-Key-Token": "abcdefgh12345678")", { "1 token 5678 -" } },
        TextCase{ "Argument",
                  std::string (R"(["--key", ")") + kGithub + "\"]",
                  { "1 token 8B4a github" } },
        TextCase{ "Netrc", "machine h login ada\npassword s3cretW0rd", { "2 password  -" } },
        TextCase{ "Npm", "//registry/:_authToken=0123456789abcdefABCD", { "1 token ABCD -" } },
        TextCase{ "Git",
                  std::string ("\nhttps://ada:") + kGithub + "@github.com",
                  { "2 password 8B4a github" } },
        TextCase{ "Gh",
                  std::string ("github.com:\n  oauth_token: ") + kGithub,
                  { "2 token 8B4a github" } },
        TextCase{
            "Shell", "export LINEAR_API_KEY='lin_api_AbCdEfGh1234'", { "1 API key 1234 linear" } },
        TextCase{ "Toml", "api_key = \"0123456789abcdef\" # x", { "1 API key cdef -" } },
        TextCase{ "Comment", std::string ("# ") + kGithub, { "1 token 8B4a github" } }),
    case_name<TextCase>);

INSTANTIATE_TEST_SUITE_P (
    NotFound,
    Plaintext,
    testing::Values (
        TextCase{ "Nothing", "", {} },
        TextCase{ "Variable", R"("Authorization": "Bearer ${TOKEN}")", {} },
        TextCase{ "Command", "export X_TOKEN=$(pass show x)", {} },
        TextCase{ "OtherKeeper", R"("token": "op://vault/item/field1")", {} },
        TextCase{ "ClientKey", R"("Authorization": "Bearer bnd_local_0123456789abcdef")", {} },
        TextCase{ "Number", R"("max_token": 123456789)", {} },
        TextCase{ "Word", "token: disabled", {} },
        TextCase{ "Sentence", "# the password is in the keyring", {} },
        TextCase{ "OtherEnd", R"("token_limit": "abcdefgh12345678")", {} },
        TextCase{ "Commit", "rev 0123456789abcdef0123456789abcdef01234567", {} },
        TextCase{ "Url", "https://github.com:443/ada", {} }),
    case_name<TextCase>);

class PlaintextHome : public testing::Test
{
protected:
  void SetUp () override
  {
    home = dirs.path ("home-of-this");
    std::filesystem::create_directories (home);
    environment.home = home.c_str ();
  }
  void put (const std::string &name, const std::string &text) const
  {
    std::filesystem::create_directories (std::filesystem::path (home + "/" + name).parent_path ());
    std::ofstream (home + "/" + name) << text;
  }

  PrivateDirs dirs;
  std::string home;
  BfyEnvironment environment{};
};

} // namespace

TEST_F (PlaintextHome, KnownFilesAreRead)
{
  Scan scan;

  put (".claude.json", std::string ("{\n\"GITHUB_TOKEN\":\"") + kGithub + "\"}");
  put (".config/gh/hosts.yml", std::string ("oauth_token: ") + kGithub);
  put ("elsewhere", kGithub);
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_THAT (scan.found (), ElementsAre ("2 token 8B4a github", "1 token 8B4a github"));
  EXPECT_THAT (scan.unchecked (), IsEmpty ());
}

TEST_F (PlaintextHome, ALinkWithinTheHomeIsFollowed)
{
  Scan scan;

  put ("dotfiles/rc", std::string ("export A_TOKEN=") + kGithub);
  std::filesystem::create_symlink (home + "/dotfiles/rc", home + "/.bashrc");
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_EQ (scan.found ().size (), 1u);
}

TEST_F (PlaintextHome, ALinkOutOfTheHomeIsNot)
{
  Scan scan;

  std::ofstream (dirs.path ("outside")) << kGithub;
  std::filesystem::create_symlink (dirs.path ("outside"), home + "/.bashrc");
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_THAT (scan.found (), IsEmpty ());
  EXPECT_THAT (scan.unchecked (), ElementsAre (HasSubstr ("leads out of the home")));
}

// Whoever opens it waits for a writer that never comes.
TEST_F (PlaintextHome, AFifoIsNotOpened)
{
  Scan scan;

  ASSERT_EQ (mkfifo ((home + "/.npmrc").c_str (), 0600), 0);
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_THAT (scan.unchecked (), ElementsAre (HasSubstr ("is no regular file")));
}

TEST_F (PlaintextHome, AHugeFileIsNotRead)
{
  Scan scan;

  put (".claude.json", kGithub);
  std::filesystem::resize_file (home + "/.claude.json", BFY_PLAINTEXT_FILE_BYTES_MAX + 1);
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_THAT (scan.found (), IsEmpty ());
  EXPECT_THAT (scan.unchecked (), ElementsAre (HasSubstr ("is too large")));
}

TEST_F (PlaintextHome, AnUnreadableFileIsTold)
{
  Scan scan;

  if (geteuid () == 0)
    GTEST_SKIP () << "root reads everything";
  put (".netrc", "password s3cretW0rd");
  ASSERT_EQ (chmod ((home + "/.netrc").c_str (), 0), 0);
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_THAT (scan.unchecked (), ElementsAre (HasSubstr (".netrc: ")));
}

TEST_F (PlaintextHome, WhatIsFoundIsBounded)
{
  Scan scan;
  std::string text;

  for (int i = 0; i < 500; i++)
    text += std::string ("A_TOKEN=") + kGithub + "\n";
  put (".env", text);
  bfy_plaintext_scan_home (&scan.scan, &environment);
  EXPECT_EQ (scan.found ().size (), static_cast<size_t> (BFY_PLAINTEXT_FOUND_MAX));
}

namespace
{

std::vector<std::string>
codes_of (const BfyEnvironment *environment, const char *socket_path, gint64 now_s)
{
  BfyLocalFindings local = bfy_local_findings_look (environment, socket_path, now_s);
  std::vector<std::string> codes;

  for (guint i = 0; i < json_array_get_length (local.findings); i++)
    codes.push_back (
        json_object_get_string_member (json_array_get_object_element (local.findings, i), "code"));
  json_array_unref (local.findings);
  json_array_unref (local.unchecked);
  return codes;
}

} // namespace

TEST_F (PlaintextHome, SurroundingsAreLookedAt)
{
  const gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  const std::string socket = dirs.path ("no-socket");

  EXPECT_THAT (codes_of (&environment, socket.c_str (), now_s), ElementsAre ("socket_missing"));
  std::ofstream (socket) << "x";
  EXPECT_THAT (codes_of (&environment, socket.c_str (), now_s), ElementsAre ("socket_is_other"));
  EXPECT_THAT (codes_of (&environment, nullptr, 0), ElementsAre ("clock_behind"));
  put (".config/systemd/user/bindify.service", "[Service]\nExecStart=/no/such/bindify-agent -x\n");
  EXPECT_THAT (codes_of (&environment, nullptr, now_s), ElementsAre ("unit_program_missing"));
  put (".config/systemd/user/bindify.service", "[Service]\nExecStart=-/bin/sh -c true\n");
  EXPECT_THAT (codes_of (&environment, nullptr, now_s), IsEmpty ());
}

// Whoever listens there gets the keys of clients while no agent does.
TEST (LocalFindings, AnotherProgramOnThePort)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (listener, nullptr, nullptr);
  const std::string settings = "[agent]\nport=" + std::to_string (port) + "\n";
  g_autoptr (JsonArray) taken = json_array_new ();
  g_autoptr (JsonArray) free = json_array_new ();

  ASSERT_GT (port, 0);
  bfy_local_findings_check_port (taken, settings.c_str ());
  ASSERT_EQ (json_array_get_length (taken), 1u);
  JsonObject *finding = json_array_get_object_element (taken, 0);
  EXPECT_STREQ (json_object_get_string_member (finding, "code"), "port_taken");
  EXPECT_THAT (json_object_get_string_member (finding, "next"), HasSubstr (std::to_string (port)));
  g_socket_listener_close (listener);
  bfy_local_findings_check_port (free, settings.c_str ());
  EXPECT_EQ (json_array_get_length (free), 0u);
}

TEST (Bundle, HoldsNoNamesNoHomeAndNoSecrets)
{
  const std::string bindings =
      std::string (R"({"bindings":[{"name":"my-secret-plan","id":"6f1c2d3e",
      "service":"github","state":"ok","type":"mcp","auth_type":"api_key","keyring":"vault"}]})");
  const std::string doctor =
      std::string (R"({"findings":[{"code":"x","message":"“my-secret-plan” in )") +
      "/srv/ada/.netrc holds " + kGithub + R"("}]})";
  g_autoptr (JsonObject) list = bfy_json_parse_object (bindings.data (), bindings.size (), nullptr);
  g_autoptr (JsonObject) found = bfy_json_parse_object (doctor.data (), doctor.size (), nullptr);
  ASSERT_NE (list, nullptr);
  ASSERT_NE (found, nullptr);
  BfyBundle bundle = {};

  bundle.doctor = found;
  bundle.bindings = list;
  bundle.home = "/srv/ada";

  std::string text = take_text (bfy_bundle_to_text (&bundle));
  EXPECT_THAT (text, Not (HasSubstr ("my-secret-plan")));
  EXPECT_THAT (text, Not (HasSubstr ("/srv/ada")));
  EXPECT_THAT (text, Not (HasSubstr (kGithub + 4)));
  EXPECT_THAT (text, HasSubstr ("binding-1: ok, service github"));
  EXPECT_THAT (text, HasSubstr ("x: “binding-1” in ~/.netrc holds [REDACTED:40chars]"));

  bundle.shows_names = TRUE;
  text = take_text (bfy_bundle_to_text (&bundle));
  EXPECT_THAT (text, HasSubstr ("my-secret-plan: ok"));
  EXPECT_THAT (text, Not (HasSubstr (kGithub + 4)));
}

// What could be a name that somebody chose is not in it: of bindings that are gone nothing is
// known, and tools, hosts, paths and clients are anybody's words.
TEST (Bundle, EventsAreWithoutNames)
{
  const std::string bindings = R"({"bindings":[{"name":"my-secret-plan","id":"6f1c2d3e"}]})";
  const std::string event =
      R"({"time":"2026-01-02T03:04:05Z","type":"proxy_request","outcome":"blocked","category":"x",)"
      R"("binding":"my-secret-plan","client":"ada-laptop","tool":"buy_boat","host":"boats.example",)"
      R"("path":"/ada","peer":"uid 1000","detail":"boat","status":403,"duration_ms":7})";
  const std::string gone =
      R"({"time":"2026-01-02T03:04:06Z","type":"binding_removed","outcome":"success",)"
      R"("binding":"old-secret-plan"})";
  const std::string broken = R"({"ok":false,"chains":[{"state":"ok","events":3},)"
                             R"({"state":"removed","events":2,"binding":"my-secret-plan"}]})";
  const std::string status = R"({"libraries":[{"name":"SQLite","version":"3.40.1"}]})";
  g_autoptr (JsonObject) list = bfy_json_parse_object (bindings.data (), bindings.size (), nullptr);
  g_autoptr (JsonObject) verified = bfy_json_parse_object (broken.data (), broken.size (), nullptr);
  g_autoptr (JsonObject) agent = bfy_json_parse_object (status.data (), status.size (), nullptr);
  g_autoptr (GPtrArray) events =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  BfyBundle bundle = {};

  for (const std::string &text : { event, gone })
    g_ptr_array_add (events, bfy_json_parse_object (text.data (), text.size (), nullptr));
  bundle.bindings = list;
  bundle.status = agent;
  bundle.events = events;
  bundle.verified = verified;
  bundle.settings = "[log]\ndays=30\n";
  std::string text = take_text (bfy_bundle_to_text (&bundle));
  EXPECT_THAT (text, HasSubstr ("proxy_request blocked x binding binding-1, status 403, 7 ms"));
  EXPECT_THAT (text, HasSubstr ("binding_removed success  binding (none, or gone)"));
  EXPECT_THAT (text,
               HasSubstr ("not as it was written: 5 records in 2 chains, 1 chains are wrong"));
  EXPECT_THAT (text, HasSubstr ("agent: SQLite 3.40.1"));
  EXPECT_THAT (text, HasSubstr ("[log] days=30"));
  for (const char *name : { "secret-plan", "ada", "boat", "uid 1000" })
    EXPECT_THAT (text, Not (HasSubstr (name)));
}

// People paste tokens into the wrong place.
TEST (Bundle, SettingsAreToldByWhatTheyMayBe)
{
  const std::string text = std::string ("# ") + kGithub +
                           "\n[agent]\nport = 7400\nkeyring=vault\ncollection=" + kGithub +
                           "\nvault-key-file=/media/ada/key\n" + kGithub + "=1\n" + kGithub +
                           "\n[network]\nproxy=http://ada:" + kGithub +
                           "@proxy.example\nport=1\n[log]\ndays=123456789012345\nformat=json\n";
  g_auto (GStrv) lines = bfy_settings_text_describe (text.c_str ());
  std::vector<std::string> shown (lines, lines + g_strv_length (lines));

  EXPECT_THAT (shown, ElementsAre ("[agent] port=7400", "[agent] keyring=vault",
                                   "[agent] collection is set", "[agent] vault-key-file is set",
                                   "[network] proxy is set", "[log] days is set",
                                   "[log] format=json", "3 lines that are no settings"));
}
