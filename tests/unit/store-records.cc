// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Bindings and clients: every field, every limitation, and what survives a crash or a full disk.

#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "protocol/policy-review.h"
}

using testing::ElementsAre;
using testing::HasSubstr;

class StoreRecords : public StoreFixture
{
protected:
  void SetUp () override
  {
    open ();
  }
  void add (const std::string &name)
  {
    Error error;

    ASSERT_TRUE (add_binding (store, name, error.out ())) << error;
  }
  void add_client (const char *id, const char *label, const std::vector<const char *> *names)
  {
    Error error;

    ASSERT_TRUE (try_client (id, label, names, error)) << error;
  }
  bool try_client (const char *id,
                   const char *label,
                   const std::vector<const char *> *names,
                   Error &error)
  {
    std::vector<const char *> list = names != nullptr ? *names : std::vector<const char *> ();
    guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];

    list.push_back (nullptr);
    memset (hash, id[0], sizeof hash);
    g_autoptr (BfyClient) client =
        bfy_client_new (id, label, names != nullptr ? list.data () : nullptr);
    client->created_at_s = 1700000001;
    return bfy_store_add_client (store, client, hash, error.out ());
  }
  // The limitation as text: "all", or the names in brackets.
  std::string limitation_of (const char *id)
  {
    Error error;
    g_autoptr (GPtrArray) clients = bfy_store_load_clients (store, error.out ());

    EXPECT_NE (clients, nullptr) << error;
    for (guint i = 0; clients != nullptr && i < clients->len; i++)
      {
        auto *stored = static_cast<BfyStoredClient *> (clients->pdata[i]);

        if (strcmp (stored->client->id, id) != 0)
          continue;
        if (stored->client->bindings == nullptr)
          return "all";
        return "[" + take_text (g_strjoinv (" ", stored->client->bindings)) + "]";
      }
    return "gone";
  }
};

static BfyConstraints *
make_constraints ()
{
  g_autoptr (JsonObject) object = json_object_new ();

  for (const char *word : { "mcp.example.com", "tool=list_*", "uses=31" })
    EXPECT_TRUE (bfy_constraints_add_word (object, word, nullptr)) << word;
  return bfy_constraints_from_json (object, nullptr);
}

TEST_F (StoreRecords, KeepEveryFieldOfABinding)
{
  g_autoptr (BfyBinding) binding = make_binding ("full");
  Error error;

  binding->type = BFY_BINDING_LOCAL_NETWORK;
  binding->service = g_strdup ("github");
  bfy_injection_free (binding->injection);
  binding->injection = bfy_injection_new (BFY_INJECT_QUERY, "api_key", nullptr);
  binding->account = g_strdup ("Büro “1” '; DROP TABLE binding; --");
  binding->is_sealed = TRUE;
  binding->allow_local = TRUE;
  binding->state = BFY_STATE_NEEDS_LOGIN;
  binding->limits = { 11, 12, 13, 14 };
  binding->created_at_s = 21;
  binding->last_used_at_s = 22;
  binding->needs_login_at_s = 23;
  binding->paused_at_s = 24;
  binding->expires_at_s = 25;
  binding->issued_at_s = 26;
  binding->refreshed_at_s = 27;
  binding->can_refresh = TRUE;
  binding->confirms = TRUE;
  binding->reveals = TRUE;
  binding->constraints = make_constraints ();
  binding->n_uses = 28;
  binding->ends = { "boot-1", 29, 30 };
  binding->resumes = { "boot-2", 32, 33 };
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;

  open ();
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  ASSERT_NE (bindings, nullptr) << error;
  ASSERT_EQ (bindings->len, 1u);
  auto *loaded = static_cast<BfyBinding *> (bindings->pdata[0]);
  EXPECT_STREQ (loaded->id, "id-of-full");
  EXPECT_STREQ (loaded->name, "full");
  EXPECT_EQ (loaded->type, BFY_BINDING_LOCAL_NETWORK);
  EXPECT_STREQ (loaded->service, "github");
  EXPECT_STREQ (loaded->url, "https://mcp.example.com/mcp");
  EXPECT_EQ (loaded->injection->kind, BFY_INJECT_QUERY);
  EXPECT_STREQ (loaded->injection->name, "api_key");
  EXPECT_STREQ (loaded->injection->prefix, nullptr);
  EXPECT_STREQ (loaded->auth_type, "api_key");
  EXPECT_STREQ (loaded->account, binding->account);
  EXPECT_STREQ (loaded->keyring, "vault");
  EXPECT_EQ (loaded->is_sealed, TRUE);
  EXPECT_EQ (loaded->allow_local, TRUE);
  EXPECT_EQ (loaded->state, BFY_STATE_NEEDS_LOGIN);
  EXPECT_EQ (loaded->limits.request_bytes_max, 11);
  EXPECT_EQ (loaded->limits.response_bytes_max, 12);
  EXPECT_EQ (loaded->limits.connect_timeout_ms, 13);
  EXPECT_EQ (loaded->limits.response_timeout_ms, 14);
  EXPECT_EQ (loaded->created_at_s, 21);
  EXPECT_EQ (loaded->last_used_at_s, 22);
  EXPECT_EQ (loaded->needs_login_at_s, 23);
  EXPECT_EQ (loaded->paused_at_s, 24);
  EXPECT_EQ (loaded->expires_at_s, 25);
  EXPECT_EQ (loaded->issued_at_s, 26);
  EXPECT_EQ (loaded->refreshed_at_s, 27);
  EXPECT_EQ (loaded->confirms, TRUE);
  EXPECT_EQ (loaded->reveals, TRUE);
  ASSERT_NE (loaded->constraints, nullptr);
  EXPECT_STREQ (loaded->constraints->host, "mcp.example.com");
  EXPECT_STREQ (loaded->constraints->tools[0], "list_*");
  EXPECT_EQ (loaded->constraints->uses_max, 31);
  EXPECT_EQ (loaded->n_uses, 28);
  EXPECT_STREQ (loaded->resumes.boot_id, "boot-2");
  EXPECT_EQ (loaded->resumes.boot_ms, 32);
  EXPECT_EQ (loaded->resumes.wall_s, 33);
  EXPECT_STREQ (loaded->ends.boot_id, "boot-1");
  EXPECT_EQ (loaded->ends.boot_ms, 29);
  EXPECT_EQ (loaded->ends.wall_s, 30);
  EXPECT_EQ (loaded->can_refresh, TRUE);
}

TEST_F (StoreRecords, KeepWhatIsNotThere)
{
  g_autoptr (BfyBinding) binding = make_binding ("bare");
  Error error;

  g_clear_pointer (&binding->injection, bfy_injection_free);
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  ASSERT_NE (bindings, nullptr) << error;
  auto *loaded = static_cast<BfyBinding *> (bindings->pdata[0]);
  EXPECT_STREQ (loaded->service, nullptr);
  EXPECT_STREQ (loaded->account, nullptr);
  EXPECT_EQ (loaded->injection->kind, BFY_INJECT_NONE);
  EXPECT_EQ (loaded->last_used_at_s, 0);
}

TEST_F (StoreRecords, HaveNamesOfTheirOwn)
{
  g_autoptr (BfyBinding) twin = make_binding ("github");
  Error error;

  add ("github");
  add ("asana");
  g_free (twin->id);
  twin->id = g_strdup ("another");
  EXPECT_FALSE (bfy_store_add_binding (store, twin, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_THAT (error.message (), HasSubstr ("github"));

  g_free (twin->id);
  twin->id = g_strdup ("id-of-asana");
  EXPECT_FALSE (bfy_store_update_binding (store, twin, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_THAT (binding_names (store), ElementsAre ("asana", "github"));
}

TEST_F (StoreRecords, ThatAreNotThereCannotBeChanged)
{
  g_autoptr (BfyBinding) binding = make_binding ("ghost");
  Error error;

  EXPECT_FALSE (bfy_store_update_binding (store, binding, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (bfy_store_remove_binding (store, "ghost", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (bfy_store_remove_client (store, "ghost", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
}

TEST_F (StoreRecords, WithoutARequiredFieldAreRefused)
{
  g_autoptr (BfyBinding) binding = make_binding ("half");
  Error error;

  g_clear_pointer (&binding->url, g_free);
  EXPECT_FALSE (bfy_store_add_binding (store, binding, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST_F (StoreRecords, KeepEveryFieldOfAClient)
{
  Error error;

  add ("github");
  add_client ("b-id", "Editor", nullptr);
  add_client ("a-id", "Desktop", nullptr);
  open ();
  g_autoptr (GPtrArray) clients = bfy_store_load_clients (store, error.out ());
  ASSERT_NE (clients, nullptr) << error;
  ASSERT_EQ (clients->len, 2u);
  auto *first = static_cast<BfyStoredClient *> (clients->pdata[0]);
  EXPECT_STREQ (first->client->id, "a-id");
  EXPECT_STREQ (first->client->label, "Desktop");
  EXPECT_EQ (first->client->created_at_s, 1700000001);
  EXPECT_EQ (first->client->last_used_at_s, 0);
  EXPECT_EQ (std::string (reinterpret_cast<char *> (first->hash), sizeof first->hash),
             std::string (32, 'a'));
}

// A limitation may become narrower by accident, never wider (behaviour 3.4).
TEST_F (StoreRecords, KeepLimitations)
{
  std::vector<const char *> both = { "github", "asana", "github" }, one = { "github" }, none;
  g_autoptr (BfyBinding) renamed = make_binding ("github");
  Error error;

  add ("github");
  add ("asana");
  add_client ("1", "All", nullptr);
  add_client ("2", "Both", &both);
  add_client ("3", "One", &one);
  add_client ("4", "None", &none);
  EXPECT_EQ (limitation_of ("1"), "all");
  EXPECT_EQ (limitation_of ("2"), "[asana github]");
  EXPECT_EQ (limitation_of ("3"), "[github]");
  EXPECT_EQ (limitation_of ("4"), "[]");

  g_free (renamed->name);
  renamed->name = g_strdup ("work");
  ASSERT_TRUE (bfy_store_update_binding (store, renamed, error.out ())) << error;
  EXPECT_EQ (limitation_of ("2"), "[asana work]");
  EXPECT_EQ (limitation_of ("3"), "[work]");

  ASSERT_TRUE (bfy_store_remove_binding (store, "id-of-github", error.out ())) << error;
  open ();
  EXPECT_EQ (limitation_of ("1"), "all");
  EXPECT_EQ (limitation_of ("2"), "[asana]");
  EXPECT_EQ (limitation_of ("3"), "[]");
  EXPECT_EQ (limitation_of ("4"), "[]");

  add ("github"); // the same name again is another binding
  EXPECT_EQ (limitation_of ("3"), "[]");
}

TEST_F (StoreRecords, AreWrittenWholeOrNotAtAll)
{
  std::vector<const char *> names = { "github", "ghost" };
  Error error;

  add ("github");
  EXPECT_FALSE (try_client ("1", "Editor", &names, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_THAT (error.message (), HasSubstr ("ghost"));
  EXPECT_EQ (limitation_of ("1"), "gone");
  add_client ("1", "Editor", nullptr);
}

TEST_F (StoreRecords, RefuseAKeyThatIsThere)
{
  Error error;

  add_client ("1", "Editor", nullptr);
  EXPECT_FALSE (try_client ("1-too", "Twin", nullptr, error)) << "the hash is made of the 1";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
}

TEST_F (StoreRecords, NoteTheLastUseAtTheEnd)
{
  Error error;

  add ("github");
  add_client ("1", "Editor", nullptr);
  bfy_store_touch_binding (store, "id-of-github", 500);
  bfy_store_touch_binding (store, "id-of-github", 501);
  bfy_store_touch_client (store, "1", 502);
  bfy_store_touch_client (store, "ghost", 503);
  open ();
  Sqlite other (database ());
  EXPECT_EQ (other.ask ("SELECT last_used_at_s FROM binding"), "501");
  EXPECT_EQ (other.ask ("SELECT last_used_at_s FROM client"), "502");
}

// What was acknowledged is there, whatever happens to the agent.
TEST_F (StoreRecords, SurviveAKilledAgent)
{
  constexpr int n_acknowledged = 20;
  int pipe_fds[2];
  char byte;

  g_clear_object (&store);
  ASSERT_EQ (pipe (pipe_fds), 0);
  pid_t child = fork ();
  if (child == 0)
    {
      BfyStore *mine = bfy_store_open (dir.path ().c_str (), nullptr);

      for (int i = 0; mine != nullptr && i < 100000; i++)
        {
          BfyEvent *event = bfy_event_new ("binding_created", i);

          if (!add_binding (mine, "binding-" + std::to_string (i), nullptr))
            _exit (1);
          bfy_store_append_event (mine, event, TRUE);
          if (write (pipe_fds[1], "a", 1) != 1)
            _exit (1);
        }
      _exit (1);
    }
  close (pipe_fds[1]);
  for (int i = 0; i < n_acknowledged; i++)
    ASSERT_EQ (read (pipe_fds[0], &byte, 1), 1);
  ASSERT_EQ (kill (child, SIGKILL), 0);
  ASSERT_EQ (waitpid (child, nullptr, 0), child);
  size_t n_acknowledged_in_all = n_acknowledged;
  while (read (pipe_fds[0], &byte, 1) == 1)
    n_acknowledged_in_all++;
  close (pipe_fds[0]);

  open ();
  EXPECT_GE (binding_names (store).size (), n_acknowledged_in_all);
  EXPECT_GE (std::stoul (Sqlite (database ()).ask ("SELECT count (*) FROM event")),
             n_acknowledged_in_all);
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA integrity_check"), "ok");
}

// No file of this process can grow beyond a size, as if the disk were full.
class FullDisk
{
public:
  explicit FullDisk (rlim_t size)
  {
    struct rlimit limit;

    signal (SIGXFSZ, SIG_IGN);
    getrlimit (RLIMIT_FSIZE, &old_);
    limit = old_;
    limit.rlim_cur = size;
    setrlimit (RLIMIT_FSIZE, &limit);
  }
  ~FullDisk ()
  {
    setrlimit (RLIMIT_FSIZE, &old_);
    signal (SIGXFSZ, SIG_DFL);
  }

private:
  struct rlimit old_;
};

TEST_F (StoreRecords, SurviveAFullDisk)
{
  std::vector<std::string> stored;
  Error error;

  {
    FullDisk full (200 * 1000);

    for (int i = 100; i < 999 && error.get () == nullptr; i++)
      {
        std::string name = "binding-" + std::to_string (i);

        if (add_binding (store, name, error.out ()))
          stored.push_back (name);
      }
    EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
    EXPECT_FALSE (stored.empty ());
    EXPECT_FALSE (try_client ("1", "Editor", nullptr, error));
    EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
    EXPECT_EQ (binding_names (store), stored) << "still readable";
  }

  EXPECT_TRUE (add_binding (store, "later", error.out ())) << error;
  stored.push_back ("later");
  EXPECT_EQ (binding_names (store), stored);
  EXPECT_EQ (limitation_of ("1"), "gone");
  open ();
  EXPECT_EQ (binding_names (store), stored);
}

TEST_F (StoreRecords, SayWhenAnotherProgramIsWriting)
{
  Sqlite other (database ());
  Error error;

  other.run ("BEGIN IMMEDIATE");
  EXPECT_FALSE (add_binding (store, "github", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  other.run ("COMMIT");
  EXPECT_TRUE (add_binding (store, "github", error.out ())) << error;
}

// The policy: as it was given, for it is what the person will look for.

TEST_F (StoreRecords, APolicyComesBackAndGoes)
{
  const char text[] = R"({"version":1, "default":"deny"})";
  Error error;
  g_autoptr (BfyBinding) binding = make_binding ("github");

  binding->policy = bfy_policy_parse (text, strlen (text), error.out ());
  ASSERT_NE (binding->policy, nullptr) << error;
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
  bfy_store_close (store);
  open ();
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  ASSERT_NE (bindings, nullptr) << error;
  auto *loaded = static_cast<BfyBinding *> (bindings->pdata[0]);
  ASSERT_NE (loaded->policy, nullptr);
  EXPECT_STREQ (bfy_policy_peek_text (loaded->policy), text);

  g_clear_pointer (&binding->policy, bfy_policy_unref);
  ASSERT_TRUE (bfy_store_update_binding (store, binding, error.out ())) << error;
  g_autoptr (GPtrArray) again = bfy_store_load_bindings (store, error.out ());
  EXPECT_EQ (static_cast<BfyBinding *> (again->pdata[0])->policy, nullptr);
}

// What cannot be read any more permits nothing, and stays for the person who wrote it. The other
// bindings go on.
TEST_F (StoreRecords, APolicyThatCannotBeReadClosesItsBinding)
{
  for (const char *text : { R"({"version":2,"default":"allow"})", "", "{", "[]" })
    {
      Error error;
      g_autoptr (BfyBinding) binding = make_binding ("github");

      g_free (binding->id);
      binding->id = g_uuid_string_random ();
      binding->policy = bfy_policy_new_unreadable (text);
      ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
      g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
      ASSERT_NE (bindings, nullptr) << error;
      ASSERT_EQ (bindings->len, 1u);
      auto *loaded = static_cast<BfyBinding *> (bindings->pdata[0]);
      ASSERT_NE (loaded->policy, nullptr) << text;
      EXPECT_TRUE (bfy_policy_is_unreadable (loaded->policy));
      EXPECT_STREQ (bfy_policy_peek_text (loaded->policy), text);
      EXPECT_EQ (bfy_policy_decide (loaded->policy, "tools/call", BFY_POLICY_TOOL, "get_x", nullptr)
                     .effect,
                 BFY_POLICY_DENY);
      ASSERT_TRUE (bfy_store_remove_binding (store, binding->id, error.out ())) << error;
    }
}

// The command of a custom binding.

TEST_F (StoreRecords, ACommandComesBack)
{
  Error error;
  g_autoptr (BfyBinding) binding = make_binding ("local");

  binding->type = BFY_BINDING_CUSTOM;
  g_clear_pointer (&binding->url, g_free);
  binding->program = bfy_program_new ();
  g_strfreev (binding->program->argv);
  binding->program->argv = g_strsplit ("npx -y server", " ", -1);
  binding->program->delivery = BFY_DELIVER_FILE;
  binding->program->variable = g_strdup ("TOKEN_FILE");
  binding->program->has_network = FALSE;
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
  bfy_store_close (store);
  open ();
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  ASSERT_NE (bindings, nullptr) << error;
  ASSERT_EQ (bindings->len, 1u);
  auto *loaded = static_cast<BfyBinding *> (bindings->pdata[0]);
  EXPECT_EQ (loaded->url, nullptr);
  EXPECT_TRUE (bfy_program_equal (loaded->program, binding->program));
}

// Never run as something else than what the person confirmed.
TEST_F (StoreRecords, ACommandThatIsNotUnderstoodStopsEverything)
{
  Error error;

  add ("local");
  for (const char *damage :
       { "UPDATE binding SET type = 'custom'", "UPDATE binding SET command = '{}'",
         "UPDATE binding SET type = 'custom', command = '{\"argv\":[\"a\"],\"newer\":1}'" })
    {
      Sqlite (database ()).run (damage);
      EXPECT_EQ (bfy_store_load_bindings (store, error.out ()), nullptr) << damage;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_STORE_DAMAGED));
      Sqlite (database ()).run ("UPDATE binding SET type = 'mcp', command = NULL");
    }
}

// What cannot be understood does not permit more than what was said.
TEST_F (StoreRecords, ALimitThatIsNotUnderstoodIsNotPassedOver)
{
  g_autoptr (BfyBinding) binding = make_binding ("limited");
  Error error;

  binding->constraints = make_constraints ();
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
  for (const char *text : { R"({"audience":"x"})", R"({"uses":0})", "", "{", "[]" })
    {
      bfy_store_close (store);
      Sqlite (database ()).run (std::string ("UPDATE binding SET constraints = '") + text + "'");
      open ();
      EXPECT_EQ (bfy_store_load_bindings (store, error.out ()), nullptr) << text;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_STORE_DAMAGED)) << text;
    }
}

// A use that is counted is on the disk.
TEST_F (StoreRecords, UsesAreCounted)
{
  g_autoptr (BfyBinding) binding = make_binding ("limited");
  Error error;

  binding->constraints = make_constraints ();
  ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
  EXPECT_TRUE (bfy_store_set_uses (store, binding->id, 7, error.out ())) << error;
  EXPECT_EQ (Sqlite (database ()).ask ("SELECT n_uses FROM binding"), "7");
  EXPECT_FALSE (bfy_store_set_uses (store, "nobody", 1, error.out ()));
}
