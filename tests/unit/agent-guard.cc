// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/guard/guard.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kFirst[] = "4d1c8a3e-0000-4000-8000-000000000001";
constexpr char kSecond[] = "4d1c8a3e-0000-4000-8000-000000000002";

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

class Guard : public StoreFixture
{
protected:
  void SetUp () override
  {
    Error error;

    open ();
    registry = bfy_registry_new (store, error.out ());
    ASSERT_NE (registry, nullptr) << error;
    keyrings = bfy_keyrings_new (dir.path ("vault").c_str (), "memory", nullptr);
    credentials = bfy_credentials_new (keyrings);
    guard = bfy_guard_new (credentials, registry);
    first = binding_of (kFirst, "first");
    second = binding_of (kSecond, "second");
  }
  ~Guard () override
  {
    bfy_guard_unref (guard);
    bfy_binding_unref (first);
    bfy_binding_unref (second);
    g_object_unref (credentials);
    g_object_unref (keyrings);
    g_object_unref (registry);
  }
  static BfyBinding *binding_of (const char *id, const char *name)
  {
    BfyBinding *binding = make_binding (name);

    g_free (binding->id);
    binding->id = g_strdup (id);
    return binding;
  }
  void remember (BfyBinding *binding, const std::string &text, const char *username = nullptr)
  {
    g_autoptr (BfySecret) secret = secret_of (text);

    bfy_credentials_remember (credentials, binding,
                              bfy_credential_new (username != nullptr ? BFY_CREDENTIAL_BASIC_AUTH
                                                                      : BFY_CREDENTIAL_API_KEY,
                                                  username, secret));
  }
  // Whose it is, "" when it is nobody's.
  std::string owner_of (const std::string &text)
  {
    BfyLeak leak;

    if (!bfy_leak_set_find (bfy_guard_peek_set (guard), text.data (), text.size (), 0, &leak))
      return "";
    BfyGuardOwner owner = bfy_guard_find_owner (guard, leak.tag);
    return (owner.kind == BFY_GUARD_DECOY ? "decoy " : "") + std::string (owner.id);
  }

  BfyRegistry *registry = nullptr;
  BfyKeyrings *keyrings = nullptr;
  BfyCredentials *credentials = nullptr;
  BfyGuard *guard = nullptr;
  BfyBinding *first = nullptr, *second = nullptr;
};

void
count (gpointer user_data)
{
  ++*static_cast<int *> (user_data);
}

} // namespace

TEST_F (Guard, KnowsNothingAtFirst)
{
  EXPECT_TRUE (bfy_leak_set_is_empty (bfy_guard_peek_set (guard)));
  EXPECT_FALSE (bfy_guard_has_decoys (guard));
  EXPECT_EQ (bfy_guard_clean_text (guard, "sk-first-0123456789"), nullptr);
}

TEST_F (Guard, KnowsWhoseEachSecretIs)
{
  remember (first, "sk-first-0123456789");
  remember (second, "sk-second-0123456789");
  EXPECT_EQ (owner_of ("x sk-first-0123456789 x"), kFirst);
  EXPECT_EQ (owner_of ("x sk-second-0123456789 x"), kSecond);
  EXPECT_EQ (owner_of ("x sk-third-0123456789 x"), "");
}

TEST_F (Guard, KnowsAllPartsOfASignIn)
{
  g_autoptr (BfySecret) access = secret_of ("access-0123456789");
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_REGISTERED, "https://auth.example.com", "client-id-0123");
  BfyCredential *credential = bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, access);

  client->secret = secret_of ("client-secret-0123456789");
  client->registration_token = secret_of ("registration-0123456789");
  credential->refresh = secret_of ("refresh-0123456789");
  credential->source = bfy_oauth_source_new (client, "https://auth.example.com/token");
  bfy_credentials_remember (credentials, first, credential);
  for (const char *text : { "access-0123456789", "refresh-0123456789", "client-secret-0123456789",
                            "registration-0123456789" })
    EXPECT_EQ (owner_of (text), kFirst) << text;
  EXPECT_EQ (owner_of ("client-id-0123"), "") << "not secret";
}

// Over the wire goes the Base64 of both, and a short password is only found together with its name.
TEST_F (Guard, KnowsAPasswordBehindItsName)
{
  remember (first, "hunter2", "ada");
  EXPECT_EQ (owner_of ("YWRhOmh1bnRlcjI="), kFirst);
  EXPECT_EQ (owner_of ("ada:hunter2"), kFirst);
  EXPECT_EQ (owner_of ("hunter2"), "");
}

TEST_F (Guard, DoesNotLookForWhatIsTooShort)
{
  remember (first, "1234567");
  EXPECT_TRUE (bfy_leak_set_is_empty (bfy_guard_peek_set (guard)));
}

TEST_F (Guard, IsBuiltAnewOnlyWhenSomethingHasChanged)
{
  remember (first, "sk-first-0123456789");
  g_autoptr (BfyLeakSet) before = bfy_leak_set_ref (bfy_guard_peek_set (guard));

  EXPECT_EQ (bfy_guard_peek_set (guard), before);
  remember (second, "sk-second-0123456789");
  EXPECT_NE (bfy_guard_peek_set (guard), before);
}

// Who began with an older set still asks whose it was.
TEST_F (Guard, TagsStay)
{
  BfyLeak leak;
  const std::string text = "sk-second-0123456789";

  remember (second, text);
  g_autoptr (BfyLeakSet) old = bfy_leak_set_ref (bfy_guard_peek_set (guard));
  remember (first, "sk-first-0123456789");
  bfy_credentials_forget (credentials, second);
  EXPECT_EQ (owner_of (text), "");
  ASSERT_TRUE (bfy_leak_set_find (old, text.data (), text.size (), 0, &leak));
  EXPECT_STREQ (bfy_guard_find_owner (guard, leak.tag).id, kSecond);
}

TEST_F (Guard, KeepersHearOfALossAndOfNothingElse)
{
  int n_losses = 0;
  GList *keeper = bfy_guard_add_keeper (guard, count, &n_losses);

  remember (first, "sk-first-0123456789");
  remember (first, "sk-renewed-0123456789");
  EXPECT_EQ (n_losses, 0);
  bfy_credentials_forget (credentials, second);
  EXPECT_EQ (n_losses, 0) << "there was nothing";
  bfy_credentials_forget (credentials, first);
  EXPECT_EQ (n_losses, 1);
  bfy_credentials_lock (credentials);
  EXPECT_EQ (n_losses, 2);
  EXPECT_TRUE (bfy_leak_set_is_empty (bfy_guard_peek_set (guard)));
  bfy_guard_remove_keeper (guard, keeper);
  bfy_credentials_lock (credentials);
  EXPECT_EQ (n_losses, 2);
}

TEST_F (Guard, KnowsDecoysUntilTheyGo)
{
  const char *const none[] = { nullptr };
  g_autoptr (BfySecret) key = nullptr;
  g_autoptr (BfySecret) decoy = secret_of ("ghp_decoy0123456789");
  Error error;
  g_autoptr (BfyClient) client =
      bfy_registry_add_client (registry, "editor", none, &key, error.out ());

  ASSERT_NE (client, nullptr) << error;
  EXPECT_TRUE (bfy_registry_set_decoy (registry, client->id, decoy, error.out ())) << error;
  EXPECT_TRUE (bfy_guard_has_decoys (guard));
  EXPECT_EQ (owner_of ("ghp_decoy0123456789"), std::string ("decoy ") + client->id);
  EXPECT_TRUE (bfy_registry_set_decoy (registry, client->id, nullptr, error.out ())) << error;
  EXPECT_FALSE (bfy_guard_has_decoys (guard));
  EXPECT_TRUE (bfy_registry_set_decoy (registry, client->id, decoy, error.out ())) << error;
  EXPECT_TRUE (bfy_registry_remove_client (registry, client->id, error.out ())) << error;
  EXPECT_FALSE (bfy_guard_has_decoys (guard));
  EXPECT_EQ (owner_of ("ghp_decoy0123456789"), "");
  EXPECT_FALSE (bfy_registry_set_decoy (registry, client->id, decoy, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
}

// Only while its exchange has it open.
TEST_F (Guard, KnowsOneCredentialByItself)
{
  g_autoptr (BfySecret) secret = secret_of ("sk-sealed-0123456789");
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);
  g_autoptr (BfyLeakSet) set = bfy_guard_make_set (guard, kFirst, credential);
  BfyLeak leak;

  ASSERT_TRUE (bfy_leak_set_find (set, "sk-sealed-0123456789", 20, 0, &leak));
  EXPECT_STREQ (bfy_guard_find_owner (guard, leak.tag).id, kFirst);
  EXPECT_EQ (owner_of ("sk-sealed-0123456789"), "");
}

TEST_F (Guard, CleansTextForPeople)
{
  remember (first, "sk-first-0123456789");
  g_autofree char *clean = bfy_guard_clean_text (guard, "it said sk-first-0123456789, twice");

  ASSERT_NE (clean, nullptr);
  EXPECT_THAT (std::string (clean), Not (HasSubstr ("sk-first")));
  EXPECT_THAT (std::string (clean), HasSubstr ("it said "));
  EXPECT_THAT (std::string (clean), HasSubstr (", twice"));
  EXPECT_EQ (bfy_guard_clean_text (guard, "nothing"), nullptr);
}
