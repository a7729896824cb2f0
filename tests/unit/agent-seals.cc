// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <memory>
#include <vector>

#include "tests/fixture/await.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/move.h"
#include "agent/seals.h"
#include "protocol/blob.h"
}

namespace
{

constexpr char kBinding[] = "4d1c8a3e-0000-4000-8000-000000000001";

// What the edits of this test work with.
struct Change
{
  std::string client;
  BfySecret *data_key;
  BfySecret *proof;
  bool was_empty = false;
};

gboolean
let_in (BfySealedCredential *envelope,
        const BfyBinding *binding,
        gpointer user_data,
        GError **error)
{
  Change *change = static_cast<Change *> (user_data);

  change->was_empty = bfy_sealed_credential_n_clients (envelope) == 0;
  return bfy_sealed_credential_add_client (envelope, binding->id, change->client.c_str (),
                                           change->proof, change->data_key, error);
}

gboolean
fill (BfySealedCredential *envelope, const BfyBinding *binding, gpointer user_data, GError **error)
{
  Change *change = static_cast<Change *> (user_data);
  g_autoptr (BfySecret) secret = bfy_secret_new ("sk", 2);
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);

  return let_in (envelope, binding, user_data, error) &&
         bfy_sealed_credential_store (envelope, binding->id, change->data_key, credential, error);
}

gboolean
let_out (BfySealedCredential *envelope, const BfyBinding *, gpointer user_data, GError **)
{
  return bfy_sealed_credential_remove_client (envelope,
                                              static_cast<Change *> (user_data)->client.c_str ());
}

gboolean
refuse (BfySealedCredential *envelope, const BfyBinding *, gpointer, GError **error)
{
  bfy_sealed_credential_remove_all_clients (envelope);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, "No");
  return FALSE;
}

class Seals : public testing::Test
{
protected:
  Seals ()
  {
    keyrings = bfy_keyrings_new (dir.path ("vault").c_str (), "vault", nullptr);
    credentials = bfy_credentials_new (keyrings);
    store = bfy_store_open (dir.path ("state").c_str (), error.out ());
    registry = bfy_registry_new (store, error.out ());
    seals = bfy_seals_new (credentials, registry);
    agent.keyrings = keyrings;
    agent.credentials = credentials;
    agent.registry = registry;
    binding = bfy_binding_new ();
    binding->url = g_strdup ("https://notes.example/mcp");
    binding->id = g_strdup (kBinding);
    binding->name = g_strdup ("notes");
    binding->auth_type = g_strdup ("api_key");
    binding->keyring = g_strdup ("vault");
    binding->is_sealed = TRUE;
    data_key = bfy_blob_make_key (error.out ());
    proof = bfy_blob_make_key (error.out ());
  }
  ~Seals () override
  {
    bfy_secret_unref (data_key);
    bfy_secret_unref (proof);
    bfy_binding_unref (binding);
    g_object_unref (seals);
    g_object_unref (registry);
    bfy_store_close (store);
    g_object_unref (store);
    g_object_unref (credentials);
    g_object_unref (keyrings);
  }

  Change change (int number)
  {
    return { "4d1c8a3e-0000-4000-8000-0000000001" + std::to_string (10 + number), data_key, proof };
  }
  bool create ()
  {
    Change first = change (0);
    Await done;

    bfy_seals_create_async (seals, binding, fill, &first, Await::on_ready, done.data ());
    return bfy_seals_edit_finish (seals, done.result (), error.out ()) &&
           bfy_registry_add (registry, binding, error.out ());
  }
  // What rests in another keyring than the one the binding was made with.
  std::string item_in (const char *name)
  {
    Keyring calls (BFY_KEYRING (g_object_ref (bfy_keyrings_find (keyrings, name, nullptr))));
    Error none;

    return calls.lookup (kBinding, none);
  }
  void move_async (const char *target, Await &done)
  {
    bfy_move_async (&agent, bfy_registry_find_by_id (registry, kBinding), target, Await::on_ready,
                    done.data ());
  }
  bool move_finish (Await &done)
  {
    g_auto (BfyMove) move = {};

    return bfy_move_finish (done.result (), &move, error.out ());
  }
  BfyKeyring *keyring ()
  {
    return bfy_keyrings_find (keyrings, "vault", nullptr);
  }
  // What rests, read by nobody's cache.
  std::string item ()
  {
    Keyring calls (BFY_KEYRING (g_object_ref (keyring ())));
    Error none;

    return calls.lookup (kBinding, none);
  }
  guint n_clients ()
  {
    std::string text = item ();
    g_autoptr (BfySecret) secret = bfy_secret_new (text.data (), text.size ());
    g_autoptr (BfySealedCredential) envelope = bfy_sealed_credential_parse (secret, nullptr);

    return envelope != nullptr ? bfy_sealed_credential_n_clients (envelope) : G_MAXUINT;
  }

  TempDir dir;
  Error error;
  BfyKeyrings *keyrings = nullptr;
  BfyCredentials *credentials = nullptr;
  BfyStore *store = nullptr;
  BfyRegistry *registry = nullptr;
  BfySeals *seals = nullptr;
  BfyAgent agent = {};
  BfyBinding *binding = nullptr;
  BfySecret *data_key = nullptr;
  BfySecret *proof = nullptr;
};

} // namespace

// All of them start from what is there now; a change that did not see the one before would lose it.
TEST_F (Seals, NoChangeIsLostToAnother)
{
  constexpr int n = 12;
  std::vector<Change> changes;
  std::vector<std::unique_ptr<Await>> done;

  ASSERT_TRUE (create ()) << error;
  bfy_credentials_forget_all (credentials);
  for (int i = 1; i <= n; i++)
    changes.push_back (change (i));
  for (Change &each : changes)
    {
      done.push_back (std::make_unique<Await> ());
      bfy_seals_edit_async (seals, binding, let_in, &each, Await::on_ready, done.back ()->data ());
    }
  for (auto &each : done)
    EXPECT_TRUE (bfy_seals_edit_finish (seals, each->result (), error.out ())) << error;
  EXPECT_EQ (n_clients (), n + 1u);
}

TEST_F (Seals, ARefusedChangeLeavesEverythingAndTheNextGoesOn)
{
  Change second = change (1);
  Await refused, done;

  ASSERT_TRUE (create ()) << error;
  bfy_seals_edit_async (seals, binding, refuse, nullptr, Await::on_ready, refused.data ());
  bfy_seals_edit_async (seals, binding, let_in, &second, Await::on_ready, done.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, refused.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_TRUE (bfy_seals_edit_finish (seals, done.result (), error.out ())) << error;
  EXPECT_EQ (n_clients (), 2u);
}

TEST_F (Seals, WhatNobodyCanOpenIsRemoved)
{
  Change first = change (0);
  Await done;

  ASSERT_TRUE (create ()) << error;
  bfy_seals_edit_async (seals, binding, let_out, &first, Await::on_ready, done.data ());
  EXPECT_TRUE (bfy_seals_edit_finish (seals, done.result (), error.out ())) << error;
  EXPECT_EQ (item (), "");
  EXPECT_EQ (bfy_credentials_peek_sealed (credentials, binding), nullptr);
}

// Only a new credential takes the place of a damaged one.
TEST_F (Seals, ADamagedEnvelopeIsKeptUntilItIsReplaced)
{
  Keyring calls (BFY_KEYRING (g_object_ref (keyring ())));
  Change second = change (1);
  Await refused, done;

  ASSERT_TRUE (create ()) << error;
  bfy_credentials_forget_all (credentials);
  ASSERT_TRUE (calls.store (kBinding, "{\"v\":1,\"type\":\"sealed\"}", error)) << error;
  bfy_seals_edit_async (seals, binding, let_in, &second, Await::on_ready, refused.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, refused.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_EQ (item (), "{\"v\":1,\"type\":\"sealed\"}");

  bfy_seals_replace_async (seals, binding, fill, &second, Await::on_ready, done.data ());
  EXPECT_TRUE (bfy_seals_edit_finish (seals, done.result (), error.out ())) << error;
  EXPECT_TRUE (second.was_empty);
  EXPECT_EQ (n_clients (), 1u);
}

// An absent keyring is not an absent credential: nobody's access may be lost to it.
TEST_F (Seals, AKeyringThatCannotBeReadIsAnErrorForAll)
{
  Change second = change (1);
  Await done;

  ASSERT_TRUE (bfy_registry_add (registry, binding, error.out ())) << error;
  bfy_seals_replace_async (seals, binding, fill, &second, Await::on_ready, done.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, done.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
}

TEST_F (Seals, TheCacheHoldsTheEnvelopeOnly)
{
  ASSERT_TRUE (create ()) << error;
  EXPECT_EQ (bfy_credentials_peek (credentials, binding), nullptr);
  EXPECT_NE (bfy_credentials_peek_sealed (credentials, binding), nullptr);
  bfy_credentials_forget_all (credentials);
  EXPECT_EQ (bfy_credentials_peek_sealed (credentials, binding), nullptr);
}

// What is sealed by mode is not opened by content, and the other way round.
TEST_F (Seals, ModeAndItemMustAgree)
{
  Keyring calls (BFY_KEYRING (g_object_ref (keyring ())));
  Await as_managed, as_sealed;

  ASSERT_TRUE (create ()) << error;
  bfy_credentials_forget_all (credentials);
  binding->is_sealed = FALSE;
  bfy_credentials_load_async (credentials, binding, nullptr, Await::on_ready, as_managed.data ());
  EXPECT_FALSE (bfy_credentials_load_finish (credentials, as_managed.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));

  ASSERT_TRUE (calls.store (kBinding, R"({"v":1,"type":"api_key","api_key":"sk-planted"})", error));
  binding->is_sealed = TRUE;
  bfy_credentials_load_async (credentials, binding, nullptr, Await::on_ready, as_sealed.data ());
  EXPECT_FALSE (bfy_credentials_load_finish (credentials, as_sealed.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
}

// An envelope written to the keyring that the binding has just left would be lost, and with it
// whoever was let in.
TEST_F (Seals, AChangeAndAMoveExcludeEachOther)
{
  Change second = change (1), third = change (2);
  Await moved, refused_edit, edited, refused_move;

  ASSERT_TRUE (create ()) << error;
  move_async ("memory", moved);
  bfy_seals_edit_async (seals, binding, let_in, &second, Await::on_ready, refused_edit.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, refused_edit.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  ASSERT_TRUE (move_finish (moved)) << error;

  // The caller's record is the one from before the move.
  ASSERT_STREQ (binding->keyring, "vault");
  bfy_credentials_forget_all (credentials);
  bfy_seals_edit_async (seals, binding, let_in, &third, Await::on_ready, edited.data ());
  move_async ("vault", refused_move);
  EXPECT_FALSE (move_finish (refused_move));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_TRUE (bfy_seals_edit_finish (seals, edited.result (), error.out ())) << error;
  EXPECT_EQ (item (), "") << "the vault was left";
  EXPECT_THAT (item_in ("memory"), testing::HasSubstr (third.client));

  Await back;
  move_async ("vault", back);
  EXPECT_TRUE (move_finish (back)) << error;
  EXPECT_EQ (n_clients (), 2u);
}

TEST_F (Seals, AChangeAndARemovalExcludeEachOther)
{
  Change second = change (1), third = change (2);
  Await edited, refused_removal, removed, refused_edit, late;

  ASSERT_TRUE (create ()) << error;
  bfy_seals_edit_async (seals, binding, let_in, &second, Await::on_ready, edited.data ());
  bfy_credentials_remove_async (credentials, binding, Await::on_ready, refused_removal.data ());
  EXPECT_FALSE (
      bfy_credentials_remove_finish (credentials, refused_removal.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_TRUE (bfy_seals_edit_finish (seals, edited.result (), error.out ())) << error;
  EXPECT_EQ (n_clients (), 2u);

  bfy_credentials_remove_async (credentials, binding, Await::on_ready, removed.data ());
  bfy_seals_edit_async (seals, binding, let_in, &third, Await::on_ready, refused_edit.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, refused_edit.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_TRUE (bfy_credentials_remove_finish (credentials, removed.result (), error.out ()));

  // Nothing comes back to life.
  ASSERT_TRUE (bfy_registry_remove (registry, "notes", error.out ())) << error;
  bfy_seals_replace_async (seals, binding, fill, &third, Await::on_ready, late.data ());
  EXPECT_FALSE (bfy_seals_edit_finish (seals, late.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (item (), "");
}

// Removing hands nothing out: a lock that comes in between does not leave half of it undone.
TEST_F (Seals, ALockedAgentRemovesAndKeepsNothing)
{
  Await removed;

  ASSERT_TRUE (create ()) << error;
  bfy_credentials_lock (credentials);
  bfy_credentials_remove_async (credentials, binding, Await::on_ready, removed.data ());
  EXPECT_TRUE (bfy_credentials_remove_finish (credentials, removed.result (), error.out ()))
      << error;
  EXPECT_EQ (item (), "");
  EXPECT_TRUE (bfy_credentials_hold (credentials, binding, error.out ())) << error;
}
