// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/store/registry.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Registry : public StoreFixture
{
protected:
  void SetUp () override
  {
    open ();
    load ();
  }
  ~Registry () override
  {
    g_clear_object (&registry);
  }
  void load ()
  {
    Error error;

    g_clear_object (&registry);
    registry = bfy_registry_new (store, error.out ());
    ASSERT_NE (registry, nullptr) << error;
    g_signal_connect (registry, "binding-changed", G_CALLBACK (on_changed), this);
    g_signal_connect (registry, "client-removed", G_CALLBACK (on_removed), this);
    g_signal_connect (registry, "tokens-changed", G_CALLBACK (on_tokens), this);
    said.clear ();
  }
  // As after a restart of the agent.
  void restart ()
  {
    g_clear_object (&registry);
    open ();
    load ();
  }
  void add (const std::string &name)
  {
    g_autoptr (BfyBinding) binding = make_binding (name);
    Error error;

    ASSERT_TRUE (bfy_registry_add (registry, binding, error.out ())) << error;
  }
  void rename (const char *from, const char *to)
  {
    g_autoptr (BfyBinding) changed = bfy_binding_copy (bfy_registry_find (registry, from));
    Error error;

    g_free (changed->name);
    changed->name = g_strdup (to);
    ASSERT_TRUE (bfy_registry_update (registry, changed, error.out ())) << error;
  }
  // Adds a client and keeps its key; the id is empty when that failed.
  std::string add_client (const char *label, const std::vector<const char *> *names, Error &error)
  {
    std::vector<const char *> list = names != nullptr ? *names : std::vector<const char *> ();

    list.push_back (nullptr);
    g_clear_pointer (&key, bfy_secret_unref);
    g_autoptr (BfyClient) client = bfy_registry_add_client (
        registry, label, names != nullptr ? list.data () : nullptr, &key, error.out ());
    return client != nullptr ? client->id : "";
  }
  std::string add_client (const char *label, const std::vector<const char *> *names = nullptr)
  {
    Error error;
    std::string id = add_client (label, names, error);

    EXPECT_NE (id, "") << error;
    return id;
  }
  std::string limitation_of (const std::string &id)
  {
    Error error;
    BfyClient *client = bfy_registry_find_client (registry, id.c_str (), error.out ());

    if (client == nullptr)
      return error.message ();
    if (client->bindings == nullptr)
      return "all";
    return "[" + take_text (g_strjoinv (" ", client->bindings)) + "]";
  }

  BfyRegistry *registry = nullptr;
  BfySecret *key = nullptr;
  std::vector<std::string> said; // what the signals told

  void TearDown () override
  {
    g_clear_pointer (&key, bfy_secret_unref);
  }

private:
  static void on_changed (BfyRegistry *, BfyBinding *before, BfyBinding *after, Registry *self)
  {
    self->said.push_back (std::string (before != nullptr ? before->name : "-") + " > " +
                          (after != nullptr ? after->name : "-"));
  }
  static void on_removed (BfyRegistry *, BfyClient *client, Registry *self)
  {
    self->said.push_back (std::string ("client ") + client->label);
  }
  static void on_tokens (BfyRegistry *, BfyBinding *binding, Registry *self)
  {
    self->said.push_back (std::string ("tokens of ") + binding->name + " until " +
                          std::to_string (binding->expires_at_s));
  }
};

static std::vector<std::string>
names_in (BfyRegistry *registry)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (registry);
  std::vector<std::string> names;

  for (guint i = 0; i < bindings->len; i++)
    names.push_back (static_cast<BfyBinding *> (bindings->pdata[i])->name);
  return names;
}

TEST_F (Registry, FindsBindings)
{
  add ("github");
  add ("asana");
  for (int round = 0; round < 2; round++, restart ())
    {
      EXPECT_THAT (names_in (registry), ElementsAre ("asana", "github"));
      EXPECT_EQ (bfy_registry_n_bindings (registry), 2u);
      ASSERT_NE (bfy_registry_find (registry, "github"), nullptr);
      EXPECT_STREQ (bfy_registry_find (registry, "github")->id, "id-of-github");
      EXPECT_STREQ (bfy_registry_find_by_id (registry, "id-of-asana")->name, "asana");
      EXPECT_EQ (bfy_registry_find (registry, "GitHub"), nullptr);
      EXPECT_EQ (bfy_registry_find (registry, "git"), nullptr);
      EXPECT_EQ (bfy_registry_find_by_id (registry, "github"), nullptr);
    }
}

TEST_F (Registry, TellsWhatChanged)
{
  Error error;

  add ("github");
  rename ("github", "work");
  ASSERT_TRUE (bfy_registry_remove (registry, "work", error.out ())) << error;
  EXPECT_FALSE (bfy_registry_remove (registry, "work", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_THAT (said, ElementsAre ("- > github", "github > work", "work > -"));
  EXPECT_THAT (names_in (registry), IsEmpty ());
  EXPECT_EQ (bfy_registry_find (registry, "github"), nullptr);
  EXPECT_EQ (bfy_registry_find_by_id (registry, "id-of-github"), nullptr);
  EXPECT_THAT (binding_names (store), IsEmpty ());
}

TEST_F (Registry, KeepsACopyOfItsOwn)
{
  g_autoptr (BfyBinding) binding = make_binding ("github");
  Error error;

  ASSERT_TRUE (bfy_registry_add (registry, binding, error.out ())) << error;
  g_free (binding->url);
  binding->url = g_strdup ("https://evil.example/");
  EXPECT_STREQ (bfy_registry_find (registry, "github")->url, "https://mcp.example.com/mcp");
}

TEST_F (Registry, RefusesATakenName)
{
  g_autoptr (BfyBinding) twin = make_binding ("github");
  Error error;

  add ("github");
  add ("asana");
  g_free (twin->id);
  twin->id = g_strdup ("another");
  EXPECT_FALSE (bfy_registry_add (registry, twin, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  g_free (twin->id);
  twin->id = g_strdup ("id-of-asana");
  EXPECT_FALSE (bfy_registry_update (registry, twin, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  g_free (twin->id);
  twin->id = g_strdup ("ghost");
  EXPECT_FALSE (bfy_registry_update (registry, twin, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_THAT (names_in (registry), ElementsAre ("asana", "github"));
  EXPECT_STREQ (bfy_registry_find (registry, "github")->id, "id-of-github");
}

// What the disk refuses is not in memory either (behaviour 12.6).
TEST_F (Registry, ChangesNothingThatIsNotStored)
{
  g_autoptr (BfyBinding) other = make_binding ("asana");
  std::string id;
  Error error;

  add ("github");
  id = add_client ("Editor");
  g_autoptr (BfyBinding) renamed = bfy_binding_copy (bfy_registry_find (registry, "github"));
  g_free (renamed->name);
  renamed->name = g_strdup ("work");
  said.clear ();
  bfy_store_close (store);

  EXPECT_FALSE (bfy_registry_add (registry, other, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
  EXPECT_FALSE (bfy_registry_update (registry, renamed, error.out ()));
  EXPECT_FALSE (bfy_registry_remove (registry, "github", error.out ()));
  EXPECT_FALSE (bfy_registry_remove_client (registry, id.c_str (), error.out ()));
  EXPECT_THAT (names_in (registry), ElementsAre ("github"));
  EXPECT_NE (bfy_registry_authenticate (registry, key), nullptr);
  EXPECT_EQ (add_client ("Twin", nullptr, error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
  EXPECT_EQ (key, nullptr);
  EXPECT_THAT (said, IsEmpty ());
}

TEST_F (Registry, FollowsTheStateOfABinding)
{
  add ("github");
  said.clear ();
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_NEEDS_LOGIN, 100);
  EXPECT_EQ (bfy_registry_find (registry, "github")->state, BFY_STATE_NEEDS_LOGIN);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 100);
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_NEEDS_LOGIN, 200);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 100) << "unchanged";
  EXPECT_THAT (said, ElementsAre ("tokens of github until 0")) << "once";
  restart ();
  EXPECT_EQ (bfy_registry_find (registry, "github")->state, BFY_STATE_NEEDS_LOGIN);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 100);
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_OK, 300);
  bfy_registry_set_state (registry, "ghost", BFY_STATE_ERROR, 300);
  EXPECT_THAT (said, ElementsAre ("tokens of github until 0"));
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_ERROR, 400);
  EXPECT_EQ (said.size (), 1u) << "no timer depends on it";
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_OK, 500);
  restart ();
  EXPECT_EQ (bfy_registry_find (registry, "github")->state, BFY_STATE_OK);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 0);
}

TEST_F (Registry, KnowsTheTokensOfABinding)
{
  add ("github");
  said.clear ();
  bfy_registry_set_tokens (registry, "id-of-github", 900, 100, TRUE);
  bfy_registry_set_tokens (registry, "ghost", 900, 100, TRUE);
  EXPECT_THAT (said, ElementsAre ("tokens of github until 900"))
      << "open sessions are of no concern to it";
  restart ();
  EXPECT_EQ (bfy_registry_find (registry, "github")->expires_at_s, 900);
  EXPECT_EQ (bfy_registry_find (registry, "github")->issued_at_s, 100);
  EXPECT_EQ (bfy_registry_find (registry, "github")->refreshed_at_s, 100);
  EXPECT_TRUE (bfy_registry_find (registry, "github")->can_refresh);
  bfy_registry_set_tokens (registry, "id-of-github", 900, 200, TRUE);
  EXPECT_EQ (bfy_registry_find (registry, "github")->issued_at_s, 100) << "kept alive";
  EXPECT_EQ (bfy_registry_find (registry, "github")->refreshed_at_s, 200);
  bfy_registry_set_tokens (registry, "id-of-github", 0, 300, FALSE);
  restart ();
  EXPECT_EQ (bfy_registry_find (registry, "github")->expires_at_s, 0);
  EXPECT_EQ (bfy_registry_find (registry, "github")->issued_at_s, 300);
  EXPECT_FALSE (bfy_registry_find (registry, "github")->can_refresh);
}

// A record that says only until when: as if it had come for ever, it would be renewed all the time.
TEST_F (Registry, KnowsFromTheFirstRenewalHowLongATokenLives)
{
  Error error;

  add ("github");
  g_autoptr (BfyBinding) known = bfy_binding_copy (bfy_registry_find (registry, "github"));
  known->expires_at_s = 104;
  known->issued_at_s = 0;
  ASSERT_TRUE (bfy_registry_update (registry, known, error.out ())) << error;
  bfy_registry_set_tokens (registry, "id-of-github", 104, 100, TRUE);
  EXPECT_EQ (bfy_registry_find (registry, "github")->issued_at_s, 100);
}

// A refresh may end between somebody's copy of a record and its update.
TEST_F (Registry, DoesNotTakeARefreshBack)
{
  add ("github");
  g_autoptr (BfyBinding) stale = bfy_binding_copy (bfy_registry_find (registry, "github"));
  Error error;

  bfy_registry_set_tokens (registry, "id-of-github", 900, 100, TRUE);
  ASSERT_TRUE (bfy_registry_update (registry, stale, error.out ())) << error;
  EXPECT_EQ (bfy_registry_find (registry, "github")->expires_at_s, 900);
  EXPECT_EQ (bfy_registry_find (registry, "github")->refreshed_at_s, 100);
  EXPECT_TRUE (bfy_registry_find (registry, "github")->can_refresh);
  g_autoptr (BfyBinding) newer = bfy_binding_copy (bfy_registry_find (registry, "github"));
  newer->expires_at_s = 2000;
  newer->refreshed_at_s = 200;
  newer->can_refresh = FALSE;
  ASSERT_TRUE (bfy_registry_update (registry, newer, error.out ())) << error;
  EXPECT_EQ (bfy_registry_find (registry, "github")->expires_at_s, 2000);
  EXPECT_FALSE (bfy_registry_find (registry, "github")->can_refresh);
}

TEST_F (Registry, LetsNoRequestInFlightResumeABinding)
{
  add ("github");
  g_autoptr (BfyBinding) paused = bfy_binding_copy (bfy_registry_find (registry, "github"));
  Error error;

  paused->state = BFY_STATE_PAUSED;
  paused->paused_at_s = 50;
  ASSERT_TRUE (bfy_registry_update (registry, paused, error.out ())) << error;
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_OK, 100);
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_NEEDS_LOGIN, 100);
  EXPECT_EQ (bfy_registry_find (registry, "github")->state, BFY_STATE_PAUSED);
  EXPECT_EQ (bfy_registry_find (registry, "github")->paused_at_s, 50);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 100);
  bfy_registry_set_state (registry, "id-of-github", BFY_STATE_OK, 110);
  EXPECT_EQ (bfy_registry_find (registry, "github")->state, BFY_STATE_PAUSED);
  EXPECT_EQ (bfy_registry_find (registry, "github")->needs_login_at_s, 0);
}

TEST_F (Registry, RemembersTheLastUse)
{
  std::string id;

  add ("github");
  id = add_client ("Editor");
  g_autoptr (BfyBinding) stale = bfy_binding_copy (bfy_registry_find (registry, "github"));
  Error error;

  bfy_registry_touch (registry, "id-of-github", id.c_str (), 500);
  bfy_registry_touch (registry, nullptr, nullptr, 600);
  bfy_registry_touch (registry, "ghost", "ghost", 600);
  EXPECT_EQ (bfy_registry_find (registry, "github")->last_used_at_s, 500);
  EXPECT_EQ (Sqlite (database ()).ask ("SELECT last_used_at_s FROM binding"), "0") << "deferred";
  ASSERT_TRUE (bfy_registry_update (registry, stale, error.out ())) << error;
  EXPECT_EQ (bfy_registry_find (registry, "github")->last_used_at_s, 500);
  restart ();
  EXPECT_EQ (bfy_registry_find (registry, "github")->last_used_at_s, 500);
  EXPECT_EQ (bfy_registry_find_client (registry, id.c_str (), error.out ())->last_used_at_s, 500);
}

// Keys (behaviour 3.1–3.4).

TEST_F (Registry, KnowsAClientByItsWholeKey)
{
  std::string first = add_client ("Editor"), second;
  g_autoptr (BfySecret) first_key = bfy_secret_ref (key);

  second = add_client ("Desktop");
  ASSERT_EQ (bfy_secret_length (key), 64u);
  for (int round = 0; round < 2; round++, restart ())
    {
      ASSERT_NE (bfy_registry_authenticate (registry, first_key), nullptr);
      EXPECT_EQ (bfy_registry_authenticate (registry, first_key)->id, first);
      EXPECT_EQ (bfy_registry_authenticate (registry, key)->id, second);
    }
}

TEST_F (Registry, KnowsNobodyByPartOfAKey)
{
  add_client ("Editor");
  std::string bytes (reinterpret_cast<const char *> (bfy_secret_peek (key, nullptr)), 64);

  EXPECT_EQ (bfy_registry_authenticate (registry, nullptr), nullptr);
  for (size_t length : { 0, 32, 63 })
    {
      g_autoptr (BfySecret) part = bfy_secret_new (bytes.data (), length);

      EXPECT_EQ (bfy_registry_authenticate (registry, part), nullptr) << length << " bytes";
    }
  for (size_t position : { 0, 31, 32, 63 })
    {
      std::string changed = bytes;

      changed[position] = static_cast<char> (changed[position] ^ 1);
      g_autoptr (BfySecret) wrong = bfy_secret_new (changed.data (), changed.size ());
      EXPECT_EQ (bfy_registry_authenticate (registry, wrong), nullptr) << "byte " << position;
    }
}

TEST_F (Registry, ComparesWholeHashes)
{
  g_autoptr (BfySecret) stored_key = bfy_secret_new (std::string (64, 'k').data (), 64);
  Error error;

  for (size_t position : { 0, 15, 16, 31 })
    {
      std::string id = "client-" + std::to_string (position);
      g_autoptr (BfyClient) client = bfy_client_new (id.c_str (), id.c_str (), nullptr);
      guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];

      bfy_client_key_hash (stored_key, hash);
      hash[position] ^= 1;
      ASSERT_TRUE (bfy_store_add_client (store, client, hash, error.out ())) << error;
    }
  load ();
  EXPECT_EQ (bfy_registry_authenticate (registry, stored_key), nullptr);
}

// The key that is hashed in place of a missing one must not open anything, even if it were stored.
TEST_F (Registry, KnowsNobodyWithoutAKey)
{
  std::string zeroes (64, '\0');
  g_autoptr (BfySecret) no_key = bfy_secret_new (zeroes.data (), zeroes.size ());
  g_autoptr (BfyClient) client = bfy_client_new ("z", "Zero", nullptr);
  guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];
  Error error;

  bfy_client_key_hash (no_key, hash);
  ASSERT_TRUE (bfy_store_add_client (store, client, hash, error.out ())) << error;
  load ();
  ASSERT_NE (bfy_registry_authenticate (registry, no_key), nullptr);
  EXPECT_EQ (bfy_registry_authenticate (registry, nullptr), nullptr);
}

TEST_F (Registry, WritesNoKeyDown)
{
  add_client ("Editor");
  std::string bytes (reinterpret_cast<const char *> (bfy_secret_peek (key, nullptr)), 64);
  g_autoptr (BfySecret) text = bfy_client_key_to_text (key);
  std::string half = std::string (bfy_secret_peek_text (text)).substr (0, 40);

  for (const auto &file : picture_of (dir.path ()))
    {
      EXPECT_EQ (file.second.find (bytes.substr (0, 32)), std::string::npos) << file.first;
      EXPECT_EQ (file.second.find (bytes.substr (32)), std::string::npos) << file.first;
      EXPECT_EQ (file.second.find (half), std::string::npos) << file.first;
    }
}

TEST_F (Registry, ForgetsARemovedClientAtOnce)
{
  std::string id = add_client ("Editor");
  Error error;

  said.clear ();
  ASSERT_TRUE (bfy_registry_remove_client (registry, id.c_str (), error.out ())) << error;
  EXPECT_EQ (bfy_registry_authenticate (registry, key), nullptr);
  EXPECT_THAT (said, ElementsAre ("client Editor"));
  EXPECT_FALSE (bfy_registry_remove_client (registry, id.c_str (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  restart ();
  EXPECT_EQ (bfy_registry_authenticate (registry, key), nullptr);
}

TEST_F (Registry, KeepsLimitationsInMemoryAndOnDisk)
{
  std::vector<const char *> both = { "github", "asana", "github" }, one = { "github" }, none;
  std::vector<std::string> ids;
  Error error;

  add ("github");
  add ("asana");
  ids = { add_client ("All"), add_client ("Both", &both), add_client ("One", &one),
          add_client ("None", &none) };
  auto limitations = [&] {
    std::vector<std::string> found;

    for (const std::string &id : ids)
      found.push_back (limitation_of (id));
    return found;
  };

  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana github]", "[github]", "[]"));
  restart ();
  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana github]", "[github]", "[]"));
  rename ("github", "work");
  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana work]", "[work]", "[]"));
  restart ();
  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana work]", "[work]", "[]"));
  ASSERT_TRUE (bfy_registry_remove (registry, "work", error.out ())) << error;
  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana]", "[]", "[]"));
  EXPECT_FALSE (bfy_client_may_use (
      bfy_registry_find_client (registry, ids[2].c_str (), error.out ()), "asana"));
  restart ();
  EXPECT_THAT (limitations (), ElementsAre ("all", "[asana]", "[]", "[]"));
}

TEST_F (Registry, LimitsToBindingsThatExist)
{
  std::vector<const char *> names = { "ghost" };
  Error error;

  EXPECT_EQ (add_client ("Editor", &names, error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (key, nullptr);
  g_autoptr (GPtrArray) clients = bfy_registry_clients (registry);
  EXPECT_EQ (clients->len, 0u);
}

TEST_F (Registry, FindsClientsByIdAndByLabel)
{
  std::string editor = add_client ("  Editor  "), first = add_client ("Twin"),
              second = add_client ("Twin");
  Error error;

  EXPECT_EQ (bfy_registry_find_client (registry, "Editor", error.out ())->id, editor);
  EXPECT_EQ (bfy_registry_find_client (registry, second.c_str (), error.out ())->id, second);
  EXPECT_EQ (bfy_registry_find_client (registry, "Twin", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_EQ (bfy_registry_find_client (registry, "Ghost\n", error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_THAT (error.message (), Not (HasSubstr ("\n")));
  EXPECT_EQ (add_client ("two\nlines", nullptr, error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));

  g_autoptr (GPtrArray) clients = bfy_registry_clients (registry);
  ASSERT_EQ (clients->len, 3u);
  EXPECT_STREQ (static_cast<BfyClient *> (clients->pdata[0])->label, "Editor");
  EXPECT_GT (static_cast<BfyClient *> (clients->pdata[0])->created_at_s, 1700000000);
}
