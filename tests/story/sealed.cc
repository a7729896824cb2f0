// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Sealed bindings with the real agent (behaviour 11): they work with a client's key and with
// nothing else, not for the agent either, and what they rest on is of no use to whoever steals it.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/upstream.h"

extern "C"
{
#include "keyring/vault.h"
#include "protocol/client-key.h"
#include "protocol/sealed-credential.h"
}

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-sealed-story-0123456789abcdef";
constexpr char kRenewed[] = "sk-sealed-story-renewed-98765432";
constexpr char kWorks[] = "\"result\"";
constexpr char kLocked[] = "\"code\":-31008";

std::string
credential_json (const std::string &secret)
{
  return R"({"type":"api_key","api_key":")" + secret + "\"}";
}

class Sealed : public testing::Test
{
protected:
  // Adds "notes" for a new client "laptop"; its key.
  std::string seal (const std::string &name = "notes", const std::string &client = "laptop")
  {
    Response added = agent.add (name, upstream.url (), kSecret,
                                R"(,"mode":"sealed","client":")" + client + "\"");

    EXPECT_EQ (added.status, 201) << added.body;
    id = json_string (added.body, "id");
    return json_string (added.body, "client_key");
  }
  // Lets a new client open "notes"; its key, "" when it was refused.
  std::string admit (const std::string &label, const std::string &opener)
  {
    return json_string (agent
                            .control ("POST", "/v1/clients",
                                      R"({"label":")" + label +
                                          R"(","bindings":["notes"],"unseal_with":")" + opener +
                                          "\"}")
                            .body,
                        "key");
  }
  std::string call (const std::string &key, const std::string &name = "notes")
  {
    return agent.post (name, key, kToolCall).body;
  }
  // The same through the UNIX door.
  Response call_locally (const std::string &key)
  {
    Connection connection = agent.local ();
    std::string lines = "Connection: close\r\nContent-Type: application/json";

    if (!key.empty ())
      lines += "\r\nAuthorization: Bearer " + key;
    connection.send (format_request ("POST", "/mcp/notes", "localhost", lines, kToolCall));
    return connection.read_response ();
  }
  Response login (const std::string &secret, const std::string &more = "")
  {
    return agent.control ("POST", "/v1/bindings/notes/login",
                          "{\"credential\":" + credential_json (secret) + more + "}");
  }
  std::string vault_dir () const
  {
    return agent.state_dir () + "/vault";
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
  std::string id;
};

std::string
read_file (const std::filesystem::path &path)
{
  std::ifstream file (path, std::ios::binary);
  std::stringstream text;

  text << file.rdbuf ();
  return text.str ();
}

// Every byte below @directory.
std::string
read_all (const std::string &directory)
{
  std::string all;

  for (const auto &entry : std::filesystem::recursive_directory_iterator (directory))
    if (entry.is_regular_file ())
      all += read_file (entry.path ());
  return all;
}

// The second half of a key as it is.
std::string
proof_of (const std::string &key_text)
{
  g_autoptr (BfySecret) key = bfy_client_key_parse (key_text.data (), key_text.size ());
  g_autoptr (BfySecret) proof = bfy_client_key_proof (key);

  return std::string (bfy_secret_peek_text (proof), bfy_secret_length (proof));
}

// How many runs of 32 bytes of @loot open @envelope, as a client's half key or as its data key.
int
count_keys (const BfySealedCredential *envelope,
            const std::string &binding,
            const std::string &loot)
{
  g_auto (GStrv) clients = bfy_sealed_credential_dup_clients (envelope);
  int n_found = 0;

  for (size_t i = 0; i + 32 <= loot.size (); i++)
    {
      g_autoptr (BfySecret) key = bfy_secret_new (loot.data () + i, 32);
      g_autoptr (BfyCredential) credential =
          bfy_sealed_credential_open (envelope, binding.c_str (), key, nullptr);

      n_found += credential != nullptr;
      for (char **client = clients; *client != nullptr; client++)
        {
          g_autoptr (BfySecret) data_key =
              bfy_sealed_credential_unwrap (envelope, binding.c_str (), *client, key, nullptr);

          n_found += data_key != nullptr;
        }
    }
  return n_found;
}

// The memory of a process: all of it, or only its secret pages, which are wiped in a forked child.
std::string
read_memory (pid_t pid, bool only_secret)
{
  std::ifstream smaps ("/proc/" + std::to_string (pid) + "/smaps");
  std::ifstream memory ("/proc/" + std::to_string (pid) + "/mem", std::ios::binary);
  unsigned long begin = 0, end = 0;
  std::string line, all;

  while (std::getline (smaps, line))
    {
      unsigned long a, b;

      if (sscanf (line.c_str (), "%lx-%lx ", &a, &b) == 2)
        {
          begin = a;
          end = b;
        }
      if (line.rfind ("VmFlags:", 0) != 0 || line.find (" wr") == std::string::npos ||
          (only_secret && line.find (" wf") == std::string::npos) || end - begin > (256ul << 20))
        continue;
      std::string bytes (end - begin, '\0');
      memory.clear ();
      memory.seekg (static_cast<std::streamoff> (begin));
      memory.read (bytes.data (), static_cast<std::streamsize> (bytes.size ()));
      all += bytes.substr (0, static_cast<size_t> (memory.gcount ()));
    }
  return all;
}

bool
contains (const std::string &text, const std::string &part)
{
  return text.find (part) != std::string::npos;
}

} // namespace

TEST_F (Sealed, WorksWithItsKeyOnBothDoors)
{
  std::string key = seal ();

  EXPECT_EQ (key.size (), 96u);
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_THAT (call_locally (key).body, HasSubstr (kWorks));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/notes").body, HasSubstr (R"("mode":"sealed")"));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/notes").body, HasSubstr (R"("label":"laptop")"));
  EXPECT_THAT (agent.control ("GET", "/v1/clients").body, HasSubstr (R"("bindings":["notes"])"));

  Connection connection = agent.tcp ();
  connection.send (format_request ("POST", "/mcp/notes/" + key.substr (10), agent.host (),
                                   "Content-Type: application/json", kToolCall));
  EXPECT_THAT (connection.read_response ().body, HasSubstr (kWorks)) << "the key in the path";
}

// behaviour 3.3, 3.6, 4: who is not known learns nothing, who is known learns which key is needed.
TEST_F (Sealed, IsRefusedWithoutAKeyThatOpensIt)
{
  std::string key = seal ();
  std::string anything = agent.add_client ("anything");
  agent.add ("other", upstream.url (), kSecret);
  std::string limited = agent.add_client ("limited", R"(["other"])");
  std::string unknown = key;
  unknown[20] = unknown[20] == 'A' ? 'B' : 'A';
  size_t n_before = upstream.requests ().size ();

  Response local = call_locally ("");
  EXPECT_EQ (local.status, 200);
  EXPECT_THAT (local.body, HasSubstr (kLocked));
  EXPECT_THAT (local.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (local.body, HasSubstr ("bindify show notes"));
  EXPECT_THAT (local.body, Not (HasSubstr ("laptop")));
  EXPECT_EQ (call_locally (unknown).status, 404);
  EXPECT_EQ (call_locally (limited).status, 404);
  EXPECT_THAT (call_locally (anything).body, HasSubstr (kLocked));

  EXPECT_EQ (agent.post ("notes", "", kToolCall).status, 404);
  EXPECT_EQ (agent.post ("notes", unknown, kToolCall).status, 404);
  EXPECT_EQ (agent.post ("notes", limited, kToolCall).status, 404);
  EXPECT_THAT (call (anything), HasSubstr (kLocked));
  EXPECT_EQ (upstream.requests ().size (), n_before) << "nothing goes up";

  // Having opened it for one must not open it for the next.
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_THAT (call (anything), HasSubstr (kLocked));
  EXPECT_THAT (call_locally ("").body, HasSubstr (kLocked));
}

TEST_F (Sealed, AfterARestartItStillWantsTheKey)
{
  std::string key = seal ();

  EXPECT_THAT (call (key), HasSubstr (kWorks));
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (call_locally ("").body, HasSubstr (kLocked));
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  EXPECT_THAT (call_locally ("").body, HasSubstr (kLocked));
}

TEST_F (Sealed, ASecondClientIsLetInAndTheFirstRevoked)
{
  std::string laptop = seal ();
  std::string anything = agent.add_client ("anything");

  EXPECT_EQ (admit ("thief", anything), "") << "who cannot open it lets nobody in";
  EXPECT_THAT (agent.control ("GET", "/v1/clients").body, Not (HasSubstr ("thief")));
  std::string server = admit ("server", laptop);
  ASSERT_EQ (server.size (), 96u);
  EXPECT_THAT (call (server), HasSubstr (kWorks));
  EXPECT_THAT (call (laptop), HasSubstr (kWorks));

  EXPECT_EQ (agent.control ("DELETE", "/v1/clients/laptop").status, 204);
  EXPECT_EQ (agent.post ("notes", laptop, kToolCall).status, 404);
  EXPECT_THAT (call (server), HasSubstr (kWorks));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/notes").body, Not (HasSubstr ("laptop")));

  // Its copy of the key is gone from the vault, not only its name.
  agent.stop ();
  Keyring vault (bfy_vault_new (vault_dir ().c_str ()));
  Error error;
  std::string item = vault.lookup (id, error);
  g_autoptr (BfySecret) secret = bfy_secret_new (item.data (), item.size ());
  g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_parse (secret, error.out ());
  ASSERT_NE (envelope, nullptr) << error;
  EXPECT_EQ (bfy_sealed_credential_n_clients (envelope), 1u);
}

TEST_F (Sealed, AnExistingClientMayOpenIt)
{
  std::string anything = agent.add_client ("anything");
  Response added = agent.add ("notes", upstream.url (), kSecret,
                              R"(,"mode":"sealed","client_key":")" + anything + "\"");

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_EQ (json_string (added.body, "client_key"), "") << "it is known already";
  EXPECT_THAT (call (anything), HasSubstr (kWorks));
  std::string limited = agent.add_client ("limited", R"(["notes"])");
  EXPECT_EQ (agent
                 .add ("more", upstream.url (), kSecret,
                       R"(,"mode":"sealed","client_key":")" + limited + "\"")
                 .status,
             403);
}

TEST_F (Sealed, TheLastClientGoesOnlyByForceAndTheCredentialWithIt)
{
  std::string key = seal ();
  Response refused = agent.control ("DELETE", "/v1/clients/laptop");

  EXPECT_EQ (refused.status, 403) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("--force"));
  EXPECT_THAT (call (key), HasSubstr (kWorks)) << "nothing has changed";

  EXPECT_EQ (agent.control ("DELETE", "/v1/clients/laptop?force=true").status, 204);
  EXPECT_EQ (agent.post ("notes", key, kToolCall).status, 404);
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/notes").body,
               HasSubstr (R"("state":"needs_login")"));
  std::string fresh = json_string (login (kSecret).body, "client_key");
  EXPECT_THAT (call (fresh), HasSubstr (kWorks));
  EXPECT_THAT (agent.control ("GET", "/v1/bindings/notes").body, HasSubstr (R"("state":"ok")"));
}

// behaviour 11.6.
TEST_F (Sealed, ALoginWithAKeyKeepsEverybodysAccess)
{
  std::string laptop = seal ();
  std::string server = admit ("server", laptop);
  Response renewed = login (kRenewed, R"(,"check":false,"client_key":")" + server + "\"");

  ASSERT_EQ (renewed.status, 200) << renewed.body;
  EXPECT_EQ (json_string (renewed.body, "client_key"), "");
  EXPECT_THAT (renewed.body, HasSubstr (R"("lost_clients":[])"));
  EXPECT_THAT (call (laptop), HasSubstr ("-31005")) << "opened, and refused by the service";
  EXPECT_EQ (upstream.requests ().back ().header ("authorization"),
             std::string ("Bearer ") + kRenewed);
  EXPECT_EQ (login (kSecret, R"(,"client_key":")" + laptop + "\"").status, 200);
  EXPECT_THAT (call (server), HasSubstr (kWorks));
}

TEST_F (Sealed, ALoginWithoutAKeyMakesANewOneAndSaysWhoHasLostAccess)
{
  std::string laptop = seal ();
  Response wrong = login ("sk-wrong");
  EXPECT_EQ (wrong.status, 422) << wrong.body;
  EXPECT_THAT (call (laptop), HasSubstr (kWorks)) << "the old one stays in force";

  Response renewed = login (kSecret, R"(,"client":"second")");
  ASSERT_EQ (renewed.status, 200) << renewed.body;
  EXPECT_EQ (json_string (renewed.body, "id"), id);
  EXPECT_THAT (renewed.body, HasSubstr (R"("label":"laptop")"));
  std::string second = json_string (renewed.body, "client_key");
  EXPECT_THAT (call (second), HasSubstr (kWorks));
  EXPECT_THAT (call (laptop), HasSubstr (kLocked));
}

TEST_F (Sealed, WhatCannotBeSealedIsRefused)
{
  Response nothing = agent.control ("POST", "/v1/bindings",
                                    R"({"name":"x","url":")" + upstream.url () +
                                        R"(","allow_local":true,"check":false,"mode":"sealed"})");

  EXPECT_EQ (nothing.status, 400) << nothing.body;
  EXPECT_EQ (agent.add ("x", upstream.url (), kSecret, R"(,"mode":"zipped")").status, 400);
  EXPECT_EQ (agent.add ("x", upstream.url (), kSecret, R"(,"client":"laptop")").status, 400)
      << "a client without sealing is a misunderstanding";
  EXPECT_EQ (agent.control ("GET", "/v1/clients").body, "{\"clients\":[]}");
}

// The attack: somebody has all files of the agent, the vault's key among them.
TEST_F (Sealed, EverythingThatRestsOpensNothing)
{
  std::string key = seal ();
  EXPECT_THAT (call (key), HasSubstr (kWorks));
  agent.stop ();

  std::string loot = read_all (agent.dir ().path (""));
  std::string proof = proof_of (key);
  for (const std::string &secret :
       { std::string (kSecret), key.substr (10), key.substr (55), proof })
    EXPECT_FALSE (contains (loot, secret));

  Keyring vault (bfy_vault_new (vault_dir ().c_str ()));
  Error error;
  std::string item = vault.lookup (id, error);
  ASSERT_THAT (item, HasSubstr (R"("type":"sealed")")) << error;
  EXPECT_THAT (item, Not (HasSubstr ("sk-")));
  g_autoptr (BfySecret) secret = bfy_secret_new (item.data (), item.size ());
  g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_parse (secret, error.out ());
  ASSERT_NE (envelope, nullptr) << error;

  EXPECT_EQ (count_keys (envelope, id, loot), 0);
  // What the search is worth: the client's half of its key would have been found.
  EXPECT_EQ (count_keys (envelope, id, "x" + proof + "x"), 1);
}

// The attack: somebody who can write into the keyring lays a credential of their own in clear
// there, or moves an envelope to another binding.
TEST_F (Sealed, AnItemThatWasExchangedIsNotUsed)
{
  std::string first = seal ("first", "one");
  std::string first_id = id;
  std::string key = seal ();
  agent.stop ();
  {
    Keyring vault (bfy_vault_new (vault_dir ().c_str ()));
    Error error;
    ASSERT_TRUE (vault.store (first_id, vault.lookup (id, error), error)) << error;
    ASSERT_TRUE (vault.store (id, R"({"v":1,"type":"api_key","api_key":"sk-planted"})", error))
        << error;
  }
  ASSERT_TRUE (agent.start ());
  size_t n_before = upstream.requests ().size ();

  EXPECT_THAT (call (key), HasSubstr ("credential_error"));
  EXPECT_THAT (call (first, "first"), HasSubstr (kLocked)) << "another binding’s clients";
  EXPECT_EQ (upstream.requests ().size (), n_before);
  // Given up only by a person: a login replaces it.
  std::string fresh = json_string (login (kSecret).body, "client_key");
  EXPECT_THAT (call (fresh), HasSubstr (kWorks));
}

// Neither the key nor the credential outlives the request in the pages where secrets lie, and the
// key's half is nowhere else either. What libsoup's buffers held in passing is out of reach.
TEST (SealedMemory, ForgetsKeyAndCredentialWithTheRequest)
{
  if (geteuid () != 0 || getenv ("BFY_TEST_AGENT_WRAPPER") != nullptr)
    GTEST_SKIP () << "reading another process’s memory needs root and no valgrind";

  Upstream *upstream_of_script = nullptr;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    upstream_of_script->signal ("asked");
    upstream_of_script->wait ("answer");
    mcp_script (kSecret) (peer, request);
  });
  upstream_of_script = &upstream;
  Agent agent;
  std::string key = json_string (
      agent.add ("notes", upstream.url (), kSecret, R"(,"mode":"sealed")").body, "client_key");
  std::string proof = proof_of (key);
  pid_t pid = agent.process ().pid ();
  ASSERT_EQ (proof.size (), 32u);
  EXPECT_FALSE (contains (read_memory (pid, true), kSecret)) << "after it was added";
  EXPECT_FALSE (contains (read_memory (pid, false), proof)) << "after it was added";

  Connection connection = agent.tcp ();
  connection.send (format_request ("POST", "/mcp/notes", agent.host (),
                                   "Content-Type: application/json\r\nAuthorization: Bearer " + key,
                                   kToolCall));
  ASSERT_TRUE (upstream.wait ("asked"));
  EXPECT_TRUE (contains (read_memory (pid, true), kSecret)) << "the search can find it";
  EXPECT_TRUE (contains (read_memory (pid, true), proof));
  upstream.signal ("answer");
  EXPECT_THAT (connection.read_response ().body, HasSubstr (kWorks));
  // Another request: the first one is over by then.
  EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);

  EXPECT_FALSE (contains (read_memory (pid, true), kSecret));
  EXPECT_FALSE (contains (read_memory (pid, true), key.substr (10)));
  EXPECT_FALSE (contains (read_memory (pid, false), proof));
}
