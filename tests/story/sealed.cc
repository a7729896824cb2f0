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

namespace
{

class SealedCommands : public Sealed
{
protected:
  Finished add (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> words = { "bindify-add",   "--name",   "notes",
                                       "--allow-local", "--sealed", "--token-stdin" };

    words.insert (words.end (), more.begin (), more.end ());
    words.push_back (upstream.url ());
    return agent.cli (words, std::string (kSecret) + "\n");
  }
  // The key that the output shows.
  static std::string key_in (const std::string &output)
  {
    size_t at = output.find ("bnd_local_");

    return at != std::string::npos ? output.substr (at, 96) : "";
  }
  // A file with that key; its path.
  std::string key_file (const std::string &key, mode_t mode = 0600)
  {
    std::string path = agent.dir ().path ("key-" + std::to_string (n_files++));

    std::ofstream (path) << key << "\n";
    chmod (path.c_str (), mode);
    return path;
  }

  int n_files = 0;
};

} // namespace

TEST_F (SealedCommands, AddShowToolsCall)
{
  Finished added = add ({ "--client", "laptop" });
  ASSERT_EQ (added.status, 0) << added.errors;
  std::string key = key_in (added.output);
  ASSERT_EQ (key.size (), 96u);
  EXPECT_EQ (added.output.find (key), added.output.rfind (key)) << "shown once";
  EXPECT_THAT (added.output, HasSubstr ("has to be entered again")) << "what it costs";
  EXPECT_THAT (added.output, HasSubstr ("--key-file"));

  Finished show = agent.cli ({ "bindify", "show", "notes" });
  EXPECT_THAT (show.output, HasSubstr ("sealed"));
  EXPECT_THAT (show.output, HasSubstr ("laptop"));
  EXPECT_THAT (show.output, HasSubstr ("has to be entered again"));

  Finished bare = agent.cli ({ "bindify", "tools", "notes" });
  EXPECT_EQ (bare.status, 4);
  EXPECT_THAT (bare.errors, HasSubstr ("sealed"));
  EXPECT_THAT (bare.errors, HasSubstr ("bindify tools notes … --key-file FILE"));

  std::string file = key_file (key);
  EXPECT_THAT (agent.cli ({ "bindify", "tools", "notes", "--key-file", file }).output,
               HasSubstr ("echo"));
  Finished call =
      agent.cli ({ "bindify", "call", "notes", "echo", "message=x", "--key-stdin" }, key + "\n");
  EXPECT_EQ (call.status, 0) << call.errors;
  for (const Finished &finished : { show, bare, call })
    EXPECT_THAT (finished.output + finished.errors, Not (HasSubstr (key.substr (10))));
}

TEST_F (SealedCommands, AScriptGetsTheKeyAlone)
{
  Finished added = add ({ "-q" });

  EXPECT_EQ (added.output, key_in (added.output) + "\n");
  EXPECT_THAT (call (key_in (added.output)), HasSubstr (kWorks));
}

TEST_F (SealedCommands, TheBridgePresentsTheKey)
{
  std::string file = key_file (key_in (add ().output));

  for (bool with_key : { true, false })
    {
      std::vector<std::string> words = { client_program ("bindify-mcp"), "notes" };
      if (with_key)
        words.insert (words.end (), { "--key-file", file });
      Process::Options options = agent.options (words);
      options.keeps_input_open = true;
      Process bridge (options);
      bridge.write (std::string (kInitialize) + "\n");
      std::string line = bridge.read_line ();
      EXPECT_THAT (line, HasSubstr (with_key ? kWorks : kLocked));
      bridge.close_input ();
      EXPECT_EQ (bridge.wait (), 0);
    }
}

// As ssh: a key that others could read is not used.
TEST_F (SealedCommands, AKeyFileIsRefusedWhenOthersCanReadItOrItHoldsNoKey)
{
  std::string key = key_in (add ().output);

  for (mode_t mode : { 0644, 0640, 0604, 0660 })
    {
      Finished open =
          agent.cli ({ "bindify", "tools", "notes", "--key-file", key_file (key, mode) });

      EXPECT_EQ (open.status, 1) << mode;
      EXPECT_THAT (open.errors, HasSubstr ("chmod 600"));
    }
  for (const std::string &file :
       { key_file (key.substr (0, 95)), key_file (""), key_file (key + key), key_file ("x"),
         agent.dir ().path ("nothing"), agent.dir ().path ("") })
    {
      Finished none = agent.cli ({ "bindify", "tools", "notes", "--key-file", file });

      EXPECT_EQ (none.status, 1) << file;
      EXPECT_THAT (none.errors, Not (HasSubstr (key.substr (10, 40))));
    }
  EXPECT_EQ (agent.cli ({ "bindify-mcp", "notes", "--key-file", key_file (key, 0644) }).status, 1);
}

TEST_F (SealedCommands, ASecondClientTheFirstRevokedALogin)
{
  std::string laptop = key_in (add ({ "--client", "laptop" }).output);
  Finished plain = agent.cli ({ "bindify", "client", "add", "plain", "--binding", "notes" });
  EXPECT_THAT (plain.output, HasSubstr ("does not open what is sealed: notes"));

  Finished made = agent.cli ({ "bindify", "client", "add", "server", "--binding", "notes",
                               "--unseal-with-stdin", "--json" },
                             laptop + "\n");
  ASSERT_EQ (made.status, 0) << made.errors;
  std::string server = json_string (made.output, "key");
  EXPECT_THAT (call (server), HasSubstr (kWorks));
  Finished wrong = agent.cli ({ "bindify", "client", "add", "third", "--binding", "notes",
                                "--unseal-with-file", key_file (key_in (plain.output)) });
  EXPECT_EQ (wrong.status, 3) << wrong.errors;
  EXPECT_THAT (wrong.errors, HasSubstr ("“plain”"));

  EXPECT_EQ (agent.cli ({ "bindify", "client", "remove", "laptop" }).status, 0);
  EXPECT_THAT (call (server), HasSubstr (kWorks));
  Finished last = agent.cli ({ "bindify", "client", "remove", "server" });
  EXPECT_EQ (last.status, 3);
  EXPECT_THAT (last.errors, HasSubstr ("lost"));

  std::vector<std::string> words = { "bindify",       "login",      "notes",
                                     "--token-stdin", "--key-file", key_file (server) };
  Finished login = agent.cli (words, std::string (kSecret) + "\n");
  EXPECT_EQ (login.status, 0) << login.errors;
  EXPECT_EQ (key_in (login.output), "");
  EXPECT_THAT (call (server), HasSubstr (kWorks));

  login = agent.cli ({ "bindify", "login", "notes", "--token-stdin", "--client", "fresh" },
                     std::string (kSecret) + "\n");
  EXPECT_EQ (login.status, 0) << login.errors;
  EXPECT_THAT (login.output, HasSubstr ("“server” cannot open it any more"));
  EXPECT_THAT (call (server), HasSubstr (kLocked));
  EXPECT_THAT (call (key_in (login.output)), HasSubstr (kWorks));
  EXPECT_EQ (agent.cli ({ "bindify", "client", "remove", "fresh", "--force" }).status, 0);
  EXPECT_THAT (agent.cli ({ "bindify", "show", "notes" }).output,
               HasSubstr ("needs login: bindify login notes"));
}

TEST_F (SealedCommands, WhatDoesNotGoTogetherIsSaid)
{
  std::string file = key_file ("x");

  for (const std::vector<std::string> &words :
       { std::vector<std::string>{ "--client", "laptop", "--key-file", file },
         { "--key-stdin" },
         { "--key-file", file } })
    EXPECT_EQ (add (words).status, 1) << words[0];
  EXPECT_EQ (agent
                 .cli ({ "bindify-add", "--token-stdin", "--client", "x", "--allow-local",
                         upstream.url () },
                       "t\n")
                 .status,
             1);
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
  EXPECT_EQ (agent.cli ({ "bindify", "client", "add", "x", "--unseal-with-stdin" }, "x\n").status,
             1);
}
