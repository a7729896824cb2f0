// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/settings.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

static std::vector<std::string>
problems_of (const BfySettings *settings)
{
  std::vector<std::string> problems;

  for (guint i = 0; settings->problems[i] != nullptr; i++)
    problems.push_back (settings->problems[i]);
  return problems;
}

static void
expect_defaults (const BfySettings *settings)
{
  EXPECT_EQ (settings->port, 7391);
  EXPECT_STREQ (settings->keyring, "auto");
  EXPECT_EQ (settings->vault_key_file, nullptr);
  EXPECT_EQ (settings->collection, nullptr);
  EXPECT_EQ (settings->lifetime_s, 0);
  EXPECT_EQ (settings->bindings_max, 0u);
  EXPECT_EQ (settings->client_metadata_url, nullptr);
  EXPECT_STREQ (settings->profile, "reads-flow");
  EXPECT_EQ (settings->lock_on, 7u) << "screen, suspend and session";
  EXPECT_EQ (settings->retention.events_per_binding, 200) << "behaviour 21.10";
  EXPECT_EQ (settings->retention.events, 20000);
  EXPECT_EQ (settings->retention.days, 0);
  EXPECT_EQ (settings->limits.request_bytes_max, BFY_REQUEST_BYTES_DEFAULT);
  EXPECT_EQ (settings->limits.response_bytes_max, BFY_RESPONSE_BYTES_DEFAULT);
  EXPECT_EQ (settings->limits.connect_timeout_ms, BFY_CONNECT_TIMEOUT_MS_DEFAULT);
  EXPECT_EQ (settings->limits.response_timeout_ms, BFY_RESPONSE_TIMEOUT_MS_DEFAULT);
}

TEST (Settings, AreAllRead)
{
  std::string text = "# a comment\n"
                     "[agent]\n"
                     "port = 8000 \n"
                     "keyring=vault\r\n"
                     "vault-key-file=/media/stick/bindify.key\n"
                     "collection = Work things\n"
                     "lifetime = 1h30m\n"
                     "bindings_max = 12\n"
                     "\n"
                     "[network]\n"
                     "proxy=http://proxy.example:3128\n"
                     "proxy_resolves=true\n"
                     "\n"
                     "[oauth]\n"
                     "client-metadata-url=https://a.example/client.json\n"
                     "\n"
                     "[log]\n"
                     "format=json\n"
                     "events_per_binding=30\n"
                     "events=40\n"
                     "days=50\n"
                     "\n"
                     "[policy]\n"
                     "profile = read-only\n"
                     "\n"
                     "[prompts]\n"
                     "life_ms=6000\n"
                     "silent_ms=300\n"
                     "beat_ms=7000\n"
                     "askpass=/usr/bin/ssh-askpass\n"
                     "\n"
                     "[limits]\n"
                     "request_bytes_max=2000\n"
                     "response_bytes_max=3000\n"
                     "connect_timeout_ms=4000\n"
                     "response_timeout_ms=5000";
  g_autoptr (BfySettings) settings = bfy_settings_parse (text.data (), text.size (), "c");

  EXPECT_THAT (problems_of (settings), IsEmpty ());
  EXPECT_EQ (settings->port, 8000);
  EXPECT_STREQ (settings->keyring, "vault");
  EXPECT_STREQ (settings->vault_key_file, "/media/stick/bindify.key");
  EXPECT_STREQ (settings->collection, "Work things");
  EXPECT_EQ (settings->lifetime_s, 5400);
  EXPECT_EQ (settings->bindings_max, 12u);
  EXPECT_STREQ (settings->proxy, "http://proxy.example:3128");
  EXPECT_TRUE (settings->proxy_resolves);
  EXPECT_STREQ (settings->client_metadata_url, "https://a.example/client.json");
  EXPECT_TRUE (settings->logs_json);
  EXPECT_STREQ (settings->profile, "read-only");
  EXPECT_EQ (settings->prompt_life_ms, 6000u);
  EXPECT_EQ (settings->prompt_silent_ms, 300u);
  EXPECT_EQ (settings->prompt_beat_ms, 7000u);
  EXPECT_STREQ (settings->askpass, "/usr/bin/ssh-askpass");
  EXPECT_EQ (settings->retention.events_per_binding, 30);
  EXPECT_EQ (settings->retention.events, 40);
  EXPECT_EQ (settings->retention.days, 50);
  EXPECT_EQ (settings->limits.request_bytes_max, 2000);
  EXPECT_EQ (settings->limits.response_bytes_max, 3000);
  EXPECT_EQ (settings->limits.connect_timeout_ms, 4000);
  EXPECT_EQ (settings->limits.response_timeout_ms, 5000);
}

// One bad key costs that key only (behaviour 1.4). Each text stands between two good keys.

struct BadCase
{
  const char *name;
  const char *text;
  std::vector<std::string> say; // a part of each problem, in order
};

class SettingsFallback : public testing::TestWithParam<BadCase>
{
};

TEST_P (SettingsFallback, IsPerKey)
{
  std::string text = std::string ("[agent]\nport=8000\n") + GetParam ().text +
                     "\n[limits]\nconnect_timeout_ms=4000\n";
  g_autoptr (BfySettings) settings = bfy_settings_parse (text.data (), text.size (), "my.conf");
  std::vector<std::string> problems = problems_of (settings);

  EXPECT_EQ (settings->port, 8000);
  EXPECT_STREQ (settings->keyring, "auto");
  EXPECT_EQ (settings->limits.connect_timeout_ms, 4000);
  EXPECT_EQ (settings->limits.request_bytes_max, BFY_REQUEST_BYTES_DEFAULT);
  EXPECT_EQ (settings->limits.response_timeout_ms, BFY_RESPONSE_TIMEOUT_MS_DEFAULT);
  ASSERT_EQ (problems.size (), GetParam ().say.size ()) << testing::PrintToString (problems);
  for (size_t i = 0; i < problems.size (); i++)
    {
      EXPECT_THAT (problems[i], testing::StartsWith ("my.conf: "));
      EXPECT_THAT (problems[i], HasSubstr (GetParam ().say[i]));
      EXPECT_THAT (problems[i], Not (HasSubstr ("ghp_")));
      EXPECT_THAT (problems[i], Not (HasSubstr ("\x1b")));
    }
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour1_4,
    SettingsFallback,
    testing::Values (
        BadCase{ "RelativeAskpass",
                 "[prompts]\naskpass=ssh-askpass",
                 { "[prompts] askpass is not an absolute path; it is ignored" } },
        BadCase{ "Nothing", "", {} },
        BadCase{ "BindingsMax",
                 "bindings_max=-1",
                 { "[agent] bindings_max is not a number from 0 to 2147483647" } },
        BadCase{ "Lifetime", "lifetime=soon", { "[agent] lifetime is no time such as 8h" } },
        BadCase{ "NegativeLifetime", "lifetime=-1", { "[agent] lifetime is no time such as 8h" } },
        BadCase{ "EmptyCollection", "collection= ", { "[agent] collection is empty" } },
        BadCase{ "EmptyKeyring", "keyring=", { "[agent] keyring is empty" } },
        BadCase{ "UnknownKeyring", "keyring=ghp_token", { "[agent] keyring is none of auto" } },
        BadCase{
            "UnknownProfile",
            "[policy]\nprofile=ghp_token",
            { "[policy] profile is none of reads-flow, read-only, open; reads-flow is used" } },
        BadCase{ "EmptyProfile", "[policy]\nprofile=", { "[policy] profile is empty" } },
        BadCase{ "CaseOfKeyring", "keyring=Vault", { "[agent] keyring is none of auto" } },
        BadCase{ "NoText", "keyring=\xff\xfe", { "line 3 is not understood" } },
        BadCase{ "BadEscape", "keyring=a\\qb", { "[agent] keyring is not text" } },
        BadCase{ "BrokenLine", "this is no setting", { "line 3 is not understood" } },
        BadCase{ "PastedToken", "ghp_0123456789", { "line 3 is not understood" } },
        BadCase{ "NoKey", "=ghp_0123456789", { "line 3 is not understood" } },
        BadCase{ "UnknownKey", "prot=ghp_1", { "[agent] prot is not a setting" } },
        BadCase{ "UnknownGroup", "[agnet]\nport=1", { "[agnet] port is not a setting" } },
        BadCase{ "LogFormat", "[log]\nformat=ghp_1", { "[log] format is neither" } },
        BadCase{ "BrokenGroup",
                 "[limits\nrequest_bytes_max=1",
                 { "line 3 is not understood", "line 4 is not understood" } },
        BadCase{ "ClearTextDocument",
                 "[oauth]\nclient-metadata-url=http://a.example/ghp_1",
                 { "[oauth] client-metadata-url is not an https:// URL" } },
        BadCase{ "Flag",
                 "[network]\nproxy_resolves=yes",
                 { "[network] proxy_resolves is neither true nor false" } },
        BadCase{ "Word", "[limits]\nrequest_bytes_max=ghp_1", { "request_bytes_max is not a" } },
        BadCase{ "Unit", "[limits]\nrequest_bytes_max=1M", { "request_bytes_max is not a" } },
        BadCase{ "NoEvents", "[log]\nevents=0", { "events is less than 1" } },
        BadCase{ "NoEventsOfABinding",
                 "[log]\nevents_per_binding=0",
                 { "events_per_binding is less than 1" } },
        BadCase{ "TooManyEvents", "[log]\nevents=1000001", { "events is not a number" } },
        BadCase{ "NegativeDays", "[log]\ndays=-1", { "days is not a number" } },
        BadCase{ "Negative", "[limits]\nrequest_bytes_max=-5", { "request_bytes_max is not a" } },
        BadCase{
            "Fraction", "[limits]\nresponse_timeout_ms=1.5", { "response_timeout_ms is not" } },
        BadCase{ "Huge",
                 "[limits]\nrequest_bytes_max=99999999999999999999",
                 { "request_bytes_max is not a" } },
        BadCase{ "OverTheCeiling",
                 "[limits]\nrequest_bytes_max=67108865",
                 { "[limits] request_bytes_max must lie" } },
        BadCase{ "EmptyLimit",
                 "[limits]\nresponse_timeout_ms= ",
                 { "[limits] response_timeout_ms is empty" } },
        BadCase{ "ZeroIsTheDefault", "[limits]\nrequest_bytes_max=0", {} }),
    case_name<BadCase>);

struct PortCase
{
  const char *name, *value;
  int want;
  size_t n_problems;
};

class SettingsPort : public testing::TestWithParam<PortCase>
{
};

TEST_P (SettingsPort, IsANumberOfOne)
{
  std::string text = std::string ("[agent]\nport=") + GetParam ().value + "\n";
  g_autoptr (BfySettings) settings = bfy_settings_parse (text.data (), text.size (), "c");

  EXPECT_EQ (settings->port, GetParam ().want);
  EXPECT_EQ (problems_of (settings).size (), GetParam ().n_problems);
}

INSTANTIATE_TEST_SUITE_P (Ports,
                          SettingsPort,
                          testing::Values (PortCase{ "Lowest", "1", 1, 0 },
                                           PortCase{ "Highest", "65535", 65535, 0 },
                                           PortCase{ "PickOne", "0", 0, 0 },
                                           PortCase{ "TooHigh", "65536", 7391, 1 },
                                           PortCase{ "Empty", "", 7391, 1 },
                                           PortCase{ "Hex", "0x10", 7391, 1 },
                                           PortCase{ "Word", "http", 7391, 1 }),
                          case_name<PortCase>);

TEST (Settings, IgnoreKeysBeforeAnyGroup)
{
  std::string text = "port=1\n[agent]\nport=8000\n";
  g_autoptr (BfySettings) settings = bfy_settings_parse (text.data (), text.size (), "c");

  EXPECT_EQ (settings->port, 8000);
  EXPECT_THAT (problems_of (settings), ElementsAre (HasSubstr ("line 1")));
}

TEST (Settings, IgnoreWhatIsNotText)
{
  std::string text ("[agent]\nport=80\0\n", 17);
  g_autoptr (BfySettings) settings = bfy_settings_parse (text.data (), text.size (), "c");

  expect_defaults (settings);
  EXPECT_THAT (problems_of (settings), ElementsAre (HasSubstr ("not text")));
}

// Files.

TEST (SettingsFile, MayBeMissing)
{
  TempDir dir;
  g_autoptr (BfySettings) settings = bfy_settings_load (dir.path ("bindify.conf").c_str ());

  expect_defaults (settings);
  EXPECT_THAT (problems_of (settings), IsEmpty ());
}

TEST (SettingsFile, MayBeALink)
{
  TempDir dir;

  write_file (dir.path ("dotfiles.conf"), "[agent]\nport=8000\n", 0644);
  std::filesystem::create_symlink (dir.path ("dotfiles.conf"), dir.path ("bindify.conf"));
  g_autoptr (BfySettings) settings = bfy_settings_load (dir.path ("bindify.conf").c_str ());
  EXPECT_EQ (settings->port, 8000);
  EXPECT_THAT (problems_of (settings), IsEmpty ());
}

struct FileCase
{
  const char *name;
  void (*prepare) (const std::string &path);
  const char *say;
};

class SettingsBadFile : public testing::TestWithParam<FileCase>
{
};

TEST_P (SettingsBadFile, GivesDefaultsAndAProblem)
{
  TempDir dir;
  std::string path = dir.path ("bindify.conf");

  GetParam ().prepare (path);
  g_autoptr (BfySettings) settings = bfy_settings_load (path.c_str ());
  expect_defaults (settings);
  EXPECT_THAT (problems_of (settings),
               ElementsAre (testing::AllOf (HasSubstr (path), HasSubstr (GetParam ().say),
                                            HasSubstr ("the defaults are used"))));
}

static const std::string good_text = "[agent]\nport=8000\n";

INSTANTIATE_TEST_SUITE_P (
    Files,
    SettingsBadFile,
    testing::Values (
        FileCase{ "Directory", [] (const std::string &path) { mkdir (path.c_str (), 0700); },
                  "not a regular file" },
        FileCase{ "Pipe", [] (const std::string &path) { mkfifo (path.c_str (), 0600); },
                  "not a regular file" },
        FileCase{ "OthersMayWrite",
                  [] (const std::string &path) { write_file (path, good_text, 0646); },
                  "Other users can change it" },
        FileCase{ "TooLarge",
                  [] (const std::string &path) {
                    write_file (path, good_text + std::string (65536, '#'));
                  },
                  "larger than 65536 bytes" },
        FileCase{ "DanglingLoop",
                  [] (const std::string &path) { std::filesystem::create_symlink (path, path); },
                  "symbolic link" }),
    case_name<FileCase>);
