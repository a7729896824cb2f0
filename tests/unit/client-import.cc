// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Credentials in files of other programs: what is found, and how an entry reads that was moved.

#include <gmock/gmock.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/import/backup.h"
#include "client/import/bridge-entry.h"
#include "client/import/find.h"
#include "client/import/report.h"
#include "protocol/error.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

constexpr char kToken[] = "tok-abcdef0123456789";
constexpr char kGithub[] = "ghp_0123456789abcdefghijABCDEFGHIJ018B4a";

struct ScanCase
{
  const char *name;
  BfyScanFormat format;
  std::string text;
  std::vector<std::string> want; // "LINE LABEL SERVICE WAY"
};

std::string
way_of (const BfyFind *find)
{
  if (find->problem != nullptr)
    return find->problem;
  if (find->query != nullptr)
    return std::string ("url ") + find->url + " ?" + find->query;
  if (find->url != nullptr)
    return std::string ("url ") + find->url + " " + find->header + "=" + find->prefix;
  if (find->argv == nullptr)
    return "-";
  g_autofree char *words = g_strjoinv (" ", find->argv);

  return std::string ("program ") + words + " $" + find->variable;
}

class ImportScan : public testing::TestWithParam<ScanCase>
{
};

TEST_P (ImportScan, Finds)
{
  const ScanCase &row = GetParam ();
  g_autoptr (GError) error = nullptr;
  g_autoptr (GPtrArray) finds = bfy_scan (row.format, row.text.c_str (), row.text.size (), &error);
  std::vector<std::string> found;

  ASSERT_NE (finds, nullptr) << error->message;
  for (guint i = 0; i < finds->len; i++)
    {
      auto find = static_cast<const BfyFind *> (g_ptr_array_index (finds, i));

      found.push_back (std::to_string (find->line) + " " + find->label + " " +
                       (find->service != nullptr ? find->service : "-") + " " + way_of (find));
      EXPECT_LE (find->end, row.text.size ());
    }
  EXPECT_EQ (found, row.want);
}

std::string
servers (const std::string &entry)
{
  return "{\"mcpServers\": {\n\"a\": {" + entry + "}}}";
}

const std::string kT = kToken, kG = kGithub;

INSTANTIATE_TEST_SUITE_P (
    Servers,
    ImportScan,
    testing::Values (
        ScanCase{
            "Header",
            BFY_SCAN_JSON,
            servers (R"("url":"https://a.b/c","headers":{"Authorization":"Bearer )" + kT + "\"}"),
            { "2 Authorization - url https://a.b/c Authorization=Bearer " } },
        ScanCase{ "OwnHeader",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c","headers":{"X-Api-Key":")" + kT + "\"}"),
                  { "2 X-Api-Key - url https://a.b/c X-Api-Key=" } },
        ScanCase{
            "TwoHeaders",
            BFY_SCAN_JSON,
            servers (R"("url":"https://a.b/c","headers":{"X-Set":"y","X-Api-Key":")" + kT + "\"}"),
            { "2 X-Api-Key - it sends other headers, too" } },
        ScanCase{ "Bridge",
                  BFY_SCAN_JSON,
                  servers (R"("command":"npx","args":["mcp-remote@1","https://a.b/c","--header",)"
                           R"("Authorization: Bearer )" +
                           kT + "\"]"),
                  { "2 Authorization - url https://a.b/c Authorization=Bearer " } },
        ScanCase{ "BridgeWithVariable",
                  BFY_SCAN_JSON,
                  servers (R"("command":"npx","args":["mcp-remote","https://a.b/c","--header",)"
                           R"("Authorization:${AUTH}"],"env":{"AUTH":"Bearer )" +
                           kT + "\"}"),
                  { "2 Authorization - url https://a.b/c Authorization=Bearer " } },
        ScanCase{ "Parameter",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c?team=x&api_key=)" + kT + R"(&z#f")"),
                  { "2 api_key - url https://a.b/c?team=x&z#f ?api_key" } },
        ScanCase{ "ParameterAlone",
                  BFY_SCAN_JSON,
                  servers (R"("serverUrl":"https://a.b/c?exaApiKey=)" + kT + "\""),
                  { "2 exaApiKey - url https://a.b/c ?exaApiKey" } },
        ScanCase{ "ParameterCalledKey",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c?key=)" + kT + "\""),
                  { "2 key - url https://a.b/c ?key" } },
        ScanCase{ "ParameterOfBridge",
                  BFY_SCAN_JSON,
                  servers (R"("command":"npx","args":["-y","mcp-remote","https://a.b/c?token=)" +
                           kT + "\"]"),
                  { "2 token - url https://a.b/c ?token" } },
        ScanCase{ "ParameterOfBridgeInOneList",
                  BFY_SCAN_JSON,
                  R"({"mcp":{"a":{"type":"local","command":["mcp-remote","https://a.b/c?token=)" +
                      kT + "\"]}}}",
                  { "1 token - url https://a.b/c ?token" } },
        ScanCase{ "ParameterAndHeader",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c?token=)" + kT + R"(","headers":{"X-Api-Key":")" +
                           kT + "\"}"),
                  { "2 token - the entry holds more than one secret",
                    "2 X-Api-Key - the entry holds more than one secret" } },
        ScanCase{ "ParameterOfTheClient",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c?token=${env:T}")"),
                  {} },
        ScanCase{ "ParametersThatAreNone",
                  BFY_SCAN_JSON,
                  servers (R"("url":"https://a.b/c?key=staging&project=)" + kT + R"(&%ff=%ff&=")"),
                  {} },
        ScanCase{ "Program",
                  BFY_SCAN_JSON,
                  servers (R"("command":"npx","args":["-y","x"],"env":{"M":"1","GITHUB_TOKEN":")" +
                           kG + "\"}"),
                  { "2 GITHUB_TOKEN github program env M=1 npx -y x $GITHUB_TOKEN" } },
        ScanCase{
            "TwoSecrets",
            BFY_SCAN_JSON,
            servers (R"("command":"x","env":{"A_TOKEN":")" + kT + R"(","B_TOKEN":")" + kT + "\"}"),
            { "2 A_TOKEN - the entry holds more than one secret",
              "2 B_TOKEN - the entry holds more than one secret" } },
        ScanCase{ "Argument",
                  BFY_SCAN_JSON,
                  servers (R"("command":"x","args":["--token",")" + kT + "\"]"),
                  { "2 --token - the secret is in the arguments of the program" } },
        ScanCase{ "Folder",
                  BFY_SCAN_JSON,
                  servers (R"("command":"x","cwd":"/","env":{"A_TOKEN":")" + kT + "\"}"),
                  { "2 A_TOKEN - the entry says where and how the program runs" } },
        ScanCase{
            "Input",
            BFY_SCAN_JSON,
            servers (R"("url":"https://a.b","headers":{"Authorization":"Bearer ${input:t}"})"),
            {} },
        ScanCase{ "Nested",
                  BFY_SCAN_JSON,
                  R"({"projects":{"/x":{"mcpServers":{"a":{"command":"x","env":{"T_TOKEN":")" + kT +
                      "\"}}}}}}",
                  { "1 T_TOKEN - program x $T_TOKEN" } },
        ScanCase{ "Opencode",
                  BFY_SCAN_JSON,
                  R"({"mcp":{"a":{"type":"local","command":["x","y"],"environment":{"T_TOKEN":")" +
                      kT + "\"}}}}",
                  { "1 T_TOKEN - program x y $T_TOKEN" } },
        ScanCase{ "Codex",
                  BFY_SCAN_TOML,
                  "[mcp_servers.a]\ncommand = \"x\"\n[mcp_servers.a.env]\nT_TOKEN = \"" + kT +
                      "\"\n",
                  { "4 T_TOKEN - program x $T_TOKEN" } },
        ScanCase{ "Goose",
                  BFY_SCAN_YAML,
                  "extensions:\n  a:\n    cmd: x\n    args: [y]\n    envs:\n      T_TOKEN: " + kT +
                      "\n",
                  { "6 T_TOKEN - program x y $T_TOKEN" } },
        ScanCase{ "Continue",
                  BFY_SCAN_YAML,
                  "mcpServers:\n  - name: a\n    command: x\n    env:\n      T_TOKEN: " + kT + "\n",
                  { "5 T_TOKEN - program x $T_TOKEN" } }),
    case_name<ScanCase>);

INSTANTIATE_TEST_SUITE_P (
    Others,
    ImportScan,
    testing::Values (
        ScanCase{ "Empty", BFY_SCAN_JSON, "\n", {} },
        ScanCase{ "Gh",
                  BFY_SCAN_YAML,
                  "github.com:\n    oauth_token: " + kT + "\n    user: me\n",
                  { "2 oauth_token github -" } },
        ScanCase{ "Docker",
                  BFY_SCAN_JSON,
                  R"({"auths":{"https://index.docker.io/v1/":{"auth":"bWU6c2VjcmV0MTIz"}}})",
                  { "1 auth - -" } },
        ScanCase{
            "Oauth", BFY_SCAN_JSON, R"({"access_token":")" + kT + "\"}", { "1 access_token - -" } },
        ScanCase{ "Export",
                  BFY_SCAN_LINES,
                  "# A_TOKEN=" + kT + "\n  export A_TOKEN='" + kT + "' # x\nB=1\n",
                  { "2 A_TOKEN - -" } },
        ScanCase{ "Fish", BFY_SCAN_LINES, "set -gx GH_TOKEN " + kG, { "1 GH_TOKEN github -" } },
        ScanCase{ "Reference", BFY_SCAN_LINES, "export A_TOKEN=$(pass a)\nB_TOKEN=${A_TOKEN}", {} },
        ScanCase{ "Npm",
                  BFY_SCAN_LINES,
                  "//npm.example/:_authToken=" + kT,
                  { "1 //npm.example/:_authToken - -" } },
        ScanCase{ "Aws",
                  BFY_SCAN_LINES,
                  "[default]\naws_secret_access_key = " + kT + "\r\n",
                  { "2 aws_secret_access_key - -" } },
        ScanCase{ "Netrc",
                  BFY_SCAN_NETRC,
                  "machine api.github.com\n  login me\n  password secret1\n",
                  { "3 password github -" } },
        ScanCase{ "Git",
                  BFY_SCAN_URLS,
                  "https://a.b\nhttps://me:secret1@github.com\n",
                  { "2 github.com github -" } }),
    case_name<ScanCase>);

TEST (ImportScan, RefusesWhatIsNoText)
{
  const std::string nul ("A_TOKEN=\0x", 10);
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (bfy_scan (BFY_SCAN_LINES, nul.c_str (), nul.size (), nullptr), nullptr);
  EXPECT_EQ (bfy_scan (BFY_SCAN_JSON, "{\"token\": \"tok-abc", 18, &error), nullptr);
  EXPECT_THAT (error->message, testing::Not (HasSubstr ("tok-")));
}

struct EntryCase
{
  const char *name;
  BfyScanFormat format;
  std::string text;
  std::vector<std::string> want;
};

class BridgeEntry : public testing::TestWithParam<EntryCase>
{
};

TEST_P (BridgeEntry, IsWrittenAsTheClientDoes)
{
  const EntryCase &row = GetParam ();
  g_autoptr (GPtrArray) finds = bfy_scan (row.format, row.text.c_str (), row.text.size (), nullptr);

  ASSERT_NE (finds, nullptr);
  ASSERT_EQ (finds->len, 1u);
  auto find = static_cast<const BfyFind *> (g_ptr_array_index (finds, 0));
  ASSERT_TRUE (bfy_find_is_movable (find));
  g_autoptr (GError) error = nullptr;
  g_autofree char *text = bfy_bridge_entry_put (row.format, row.text.c_str (), find, "it", &error);
  ASSERT_NE (text, nullptr) << error->message;
  for (const std::string &part : row.want)
    EXPECT_THAT (text, HasSubstr (part));
  EXPECT_EQ (strstr (text, kToken), nullptr) << text;
}

INSTANTIATE_TEST_SUITE_P (
    Clients,
    BridgeEntry,
    testing::Values (
        EntryCase{
            "Plain",
            BFY_SCAN_JSON,
            servers (R"("disabled":true,"url":"https://a.b","headers":{"X-Token":")" + kT + "\"}"),
            { "\"disabled\": true", "\"command\": \"bindify-mcp\"" } },
        EntryCase{ "Parameter",
                   BFY_SCAN_JSON,
                   servers (R"("url":"https://a.b?token=)" + kT + "\""),
                   { "\"command\": \"bindify-mcp\"" } },
        EntryCase{ "Typed",
                   BFY_SCAN_JSON,
                   R"({"servers":{"a":{"type":"http","url":"https://a.b","headers":{"X-Token":")" +
                       kT + "\"}}}}",
                   { "\"type\": \"stdio\"", "bindify-mcp" } },
        EntryCase{ "Opencode",
                   BFY_SCAN_JSON,
                   R"({"mcp":{"a":{"type":"remote","url":"https://a.b","headers":{"X-Token":")" +
                       kT + "\"}}}}",
                   { "\"type\": \"local\"", "\"command\": [" } },
        EntryCase{ "Goose",
                   BFY_SCAN_YAML,
                   "extensions:\n  a:\n    cmd: x\n    type: stdio\n    enabled: true\n"
                   "    envs:\n      T_TOKEN: " +
                       kT + "\n",
                   { "cmd: bindify-mcp", "enabled: true" } },
        EntryCase{ "Continue",
                   BFY_SCAN_YAML,
                   "mcpServers:\n  - name: a\n    command: x\n    env:\n      T_TOKEN: " + kT +
                       "\n",
                   { "name: a", "command: bindify-mcp" } },
        EntryCase{ "Codex",
                   BFY_SCAN_TOML,
                   "[mcp_servers.a]\ncommand = \"x\"\n[mcp_servers.a.env]\nT_TOKEN = \"" + kT +
                       "\"\n",
                   { "command = \"bindify-mcp\"" } }),
    case_name<EntryCase>);

TEST (Backup, OpensWithItsPassphraseForItsFileOnly)
{
  g_autoptr (BfySecret) passphrase = bfy_secret_new ("one two three", 13);
  g_autoptr (BfySecret) wrong = bfy_secret_new ("one two four", 12);
  g_autoptr (GBytes) content = g_bytes_new_static (kToken, sizeof kToken - 1);
  g_autoptr (GError) error = nullptr;
  BfyKdf kdf, read;
  g_autoptr (BfySecret) key = bfy_backup_make_key (passphrase, &kdf, &error);
  g_autoptr (GBytes) sealed = bfy_backup_seal (&kdf, key, "/a", content, &error);

  ASSERT_NE (sealed, nullptr);
  ASSERT_TRUE (bfy_backup_read_kdf (sealed, &read, nullptr));
  EXPECT_EQ (memcmp (read.salt, kdf.salt, sizeof kdf.salt), 0);
  g_autoptr (GBytes) opened = bfy_backup_open (sealed, key, "/a", &error);
  ASSERT_NE (opened, nullptr);
  EXPECT_TRUE (g_bytes_equal (opened, content));
  EXPECT_EQ (bfy_backup_open (sealed, key, "/b", nullptr), nullptr);
  g_autoptr (BfySecret) other = bfy_kdf_derive (&kdf, wrong, &error);
  EXPECT_EQ (bfy_backup_open (sealed, other, "/a", nullptr), nullptr);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (sealed, 0, 40);
  EXPECT_EQ (bfy_backup_open (cut, key, "/a", nullptr), nullptr);
}

} // namespace
