// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The Secret Service backend against the real gnome-keyring-daemon: what a desktop does to it in
// the course of its days.

#include <gtest/gtest.h>
#include <set>

#include "tests/fixture/desktop.h"
#include "tests/fixture/keyring-calls.h"

extern "C"
{
#include "keyring/secret-service.h"
}

class SecretServiceStory : public Desktop
{
protected:
  void SetUp () override
  {
    Desktop::SetUp ();
    if (daemon_ != nullptr)
      daemon_->start_unlocked ();
  }

  // All that there is to ask fails with @code; for “a”, which is there, and for “absent”, which is
  // not: nobody can know.
  void expect_all_fail (Keyring &keyring, BfyErrorCode code, const char *state)
  {
    Error error;

    EXPECT_EQ (keyring.lookup ("a", error), "");
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_EQ (keyring.lookup ("absent", error), "");
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_FALSE (keyring.store ("a", "new", error));
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_FALSE (keyring.remove ("a", error));
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_EQ (keyring.list (error).size (), 0u);
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_EQ (keyring.check (error), state);
  }

  // Lets the code under test see what has happened on the bus meanwhile.
  static void catch_up ()
  {
    wait_until ([] { return false; }, 50);
  }
};

TEST_F (SecretServiceStory, KeepsTheContract)
{
  expect_keyring_contract (bfy_secret_service_new (nullptr));
}

TEST_F (SecretServiceStory, SaysNothingInTheClearButTheId)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  EXPECT_STREQ (bfy_keyring_get_name (keyring.get ()), BFY_KEYRING_SECRET_SERVICE);
  ASSERT_TRUE (keyring.store ("random-id", "s3cret", error)) << error;
  const auto items = daemon_->find ("app", "bindify");
  ASSERT_EQ (items.size (), 1u);
  EXPECT_EQ (items[0].rfind (KeyringDaemon::login, 0), 0u) << "not in the default collection";

  g_autoptr (GVariant) label = daemon_->get_property (items[0], "Label");
  EXPECT_STREQ (g_variant_get_string (label, nullptr), "bindify credential");
  g_autoptr (GVariant) attributes = daemon_->get_property (items[0], "Attributes");
  std::set<std::string> pairs;
  GVariantIter iter;
  const char *attribute, *value;
  g_variant_iter_init (&iter, attributes);
  while (g_variant_iter_next (&iter, "{&s&s}", &attribute, &value))
    pairs.insert (std::string (attribute) + "=" + value);
  EXPECT_EQ (pairs, (std::set<std::string>{ "app=bindify", "binding=random-id",
                                            "xdg:schema=io.bindify.Credential" }));
}

// By label, by object path and by alias. What was made elsewhere is found, replaced and removed
// where it is, and nothing moves (behaviour 12.10).
TEST_F (SecretServiceStory, ANewCredentialGoesIntoTheChosenCollection)
{
  const std::string path = daemon_->create_collection ("Work things");
  Keyring usual (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (usual.store ("old", "1", error)) << error;
  for (const char *wanted : { "Work things", path.c_str () })
    {
      Keyring keyring (bfy_secret_service_new (wanted));

      EXPECT_EQ (keyring.check (error), "ready");
      ASSERT_TRUE (keyring.store ("new", "2", error)) << error;
      EXPECT_EQ (daemon_->find ("binding", "new")[0].rfind (path + "/", 0), 0u) << wanted;
      EXPECT_EQ (usual.lookup ("new", error), "2");
      ASSERT_TRUE (keyring.store ("old", "3", error)) << error;
      EXPECT_EQ (usual.lookup ("old", error), "3");
      ASSERT_EQ (daemon_->find ("binding", "old").size (), 1u) << "replacing copies nothing";
      EXPECT_EQ (daemon_->find ("binding", "old")[0].rfind (KeyringDaemon::login, 0), 0u);
      ASSERT_TRUE (usual.store ("new", "4", error)) << error;
      ASSERT_EQ (daemon_->find ("binding", "new").size (), 1u);
      EXPECT_EQ (keyring.lookup ("new", error), "4");
      EXPECT_TRUE (usual.remove ("new", error)) << error;
    }
  Keyring by_alias (bfy_secret_service_new ("login"));
  ASSERT_TRUE (by_alias.store ("new", "5", error)) << error;
  EXPECT_EQ (daemon_->find ("binding", "new")[0].rfind (KeyringDaemon::login, 0), 0u);
}

// Each collection has its own lock.
TEST_F (SecretServiceStory, OneLockedCollectionSaysNothingOfTheOther)
{
  const std::string path = daemon_->create_collection ("Work");
  Keyring usual (bfy_secret_service_new (nullptr)), work (bfy_secret_service_new ("Work"));
  Error error;

  ASSERT_TRUE (usual.store ("a", "alpha", error)) << error;
  ASSERT_TRUE (work.store ("w", "omega", error)) << error;
  daemon_->lock (path);
  EXPECT_EQ (usual.check (error), "ready");
  EXPECT_EQ (usual.lookup ("a", error), "alpha");
  EXPECT_EQ (usual.lookup ("w", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED)) << "it is in the locked one";
  EXPECT_FALSE (usual.store ("w", "copy", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_EQ (daemon_->find ("binding", "w").size (), 1u) << "never a second copy";
  EXPECT_EQ (usual.lookup ("absent", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  EXPECT_EQ (work.check (error), "locked");
  EXPECT_EQ (work.lookup ("a", error), "alpha");
  EXPECT_FALSE (work.store ("new", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  daemon_->unlock ("pw", path);
  EXPECT_EQ (usual.lookup ("w", error), "omega");
}

TEST_F (SecretServiceStory, AnUnknownCollectionIsAnErrorThatListsThem)
{
  daemon_->create_collection ("Work\nthings");
  daemon_->create_collection ("Twice");
  daemon_->create_collection ("Twice");

  for (const char *wanted :
       { "Nobody's", "/org/freedesktop/secrets/collection/nowhere", "/", "Twice" })
    {
      Keyring keyring (bfy_secret_service_new (wanted));
      Await done;
      BfyKeyringState state;
      Error error;

      EXPECT_FALSE (keyring.store ("a", "x", error)) << wanted;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
      EXPECT_THAT (error.message (), testing::HasSubstr (KeyringDaemon::login));
      EXPECT_THAT (error.message (), testing::HasSubstr (wanted));
      EXPECT_THAT (error.message (), testing::HasSubstr ("collection= in bindify.conf"));
      EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("\n")));
      EXPECT_EQ (keyring.lookup ("a", error), "");
      EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
      EXPECT_EQ (daemon_->find ("app", "bindify").size (), 0u) << "it went somewhere else";
      // Not “absent”: that would make “auto” use the vault.
      bfy_keyring_check_async (keyring.get (), nullptr, Await::on_ready, done.data ());
      EXPECT_FALSE (
          bfy_keyring_check_finish (keyring.get (), done.result (), &state, error.out ()));
      EXPECT_EQ (state, BFY_KEYRING_DAMAGED);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
    }
}

TEST_F (SecretServiceStory, D11TwoAgentsShareWhatTheyStore)
{
  Keyring one (bfy_secret_service_new (nullptr)), two (bfy_secret_service_new (nullptr));
  g_autoptr (BfySecret) first = bfy_secret_new ("first", 5), second = bfy_secret_new ("second", 6);
  Await one_done, two_done;
  Error error;

  // Both store the same at once; one wins, and there is one item.
  bfy_keyring_store_async (one.get (), "a", first, nullptr, Await::on_ready, one_done.data ());
  bfy_keyring_store_async (two.get (), "a", second, nullptr, Await::on_ready, two_done.data ());
  EXPECT_TRUE (bfy_keyring_store_finish (one.get (), one_done.result (), error.out ())) << error;
  EXPECT_TRUE (bfy_keyring_store_finish (two.get (), two_done.result (), error.out ())) << error;
  EXPECT_EQ (daemon_->find ("binding", "a").size (), 1u);

  ASSERT_TRUE (one.store ("a", "from one", error)) << error;
  EXPECT_EQ (two.lookup ("a", error), "from one");
  ASSERT_TRUE (two.remove ("a", error)) << error;
  EXPECT_EQ (one.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
}

TEST_F (SecretServiceStory, RemovesEveryCopy)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "x", error)) << error;
  const auto items = daemon_->find ("binding", "a");
  ASSERT_EQ (items.size (), 1u);
  g_autoptr (GVariant) attributes = daemon_->get_property (items[0], "Attributes");
  daemon_->create_session_item (attributes, "copy");
  ASSERT_EQ (daemon_->find ("binding", "a").size (), 2u);

  EXPECT_EQ (keyring.list (error), std::vector<std::string>{ "a" });
  EXPECT_TRUE (keyring.remove ("a", error)) << error;
  EXPECT_EQ (daemon_->find ("binding", "a").size (), 0u);
}

TEST_F (SecretServiceStory, D03LockedIsNeverMissing)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->lock ();
  expect_all_fail (keyring, BFY_ERROR_LOCKED, "locked");
  Keyring later (bfy_secret_service_new (nullptr));
  expect_all_fail (later, BFY_ERROR_LOCKED, "locked");

  EXPECT_THROW (daemon_->unlock ("wrong"), std::runtime_error);
  EXPECT_EQ (keyring.check (error), "locked");
  daemon_->unlock ();
  EXPECT_EQ (keyring.check (error), "ready");
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
  EXPECT_EQ (keyring.lookup ("absent", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  EXPECT_TRUE (keyring.store ("a", "new", error)) << error;
  EXPECT_EQ (later.lookup ("a", error), "new");
}

// A keyring file that cannot be read: to the daemon it is not there. We neither call the credential
// “missing” nor write another keyring in its place.
TEST_F (SecretServiceStory, D02ADamagedKeyringFileIsNeverTouched)
{
  const std::string file = dirs_->path ("data/keyrings/login.keyring");
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->kill ();
  const std::string good = read_file (file);
  ASSERT_GT (good.size (), 100u);
  for (const std::string &damaged :
       { std::string ("not a keyring at all"), good.substr (0, good.size () / 2),
         good.substr (0, good.size () - 1), std::string () })
    {
      write_file (file, damaged);
      daemon_->start_locked ();
      EXPECT_EQ (keyring.lookup ("a", error), "");
      EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
      EXPECT_THAT (error.message (), testing::HasSubstr ("damaged"));
      EXPECT_FALSE (keyring.store ("a", "new", error));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
      EXPECT_TRUE (keyring.unlock ("a", error)) << "nothing can be asked for: " << error;
      daemon_->kill ();
      EXPECT_EQ (read_file (file), damaged) << damaged.size () << " bytes";
    }
  write_file (file, good);
  daemon_->start_unlocked ();
  EXPECT_EQ (keyring.lookup ("a", error), "alpha") << error;
}

// The connection that is kept learns of the restart before the next call, or only by it.
TEST_F (SecretServiceStory, D07OutlivesItsDaemon)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "0", error)) << error;
  for (int i = 0; i < 6; i++)
    {
      const std::string before = std::to_string (i), after = std::to_string (i + 1);

      daemon_->kill ();
      daemon_->start_unlocked ();
      if (i % 2 == 0)
        catch_up ();
      if (i % 3 == 0)
        {
          EXPECT_EQ (keyring.lookup ("a", error), before) << error;
        }
      EXPECT_TRUE (keyring.store ("a", after, error)) << error;
      EXPECT_EQ (keyring.lookup ("a", error), after) << error;
    }
  daemon_->kill ();
  daemon_->start_unlocked ();
  EXPECT_EQ (keyring.list (error), std::vector<std::string>{ "a" }) << error;
  daemon_->kill ();
  daemon_->start_unlocked ();
  EXPECT_TRUE (keyring.remove ("a", error)) << error;
}

// As after an upgrade of the daemon.
TEST_F (SecretServiceStory, D08ADaemonThatComesBackLockedSaysSo)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->kill ();
  daemon_->start_locked ();
  expect_all_fail (keyring, BFY_ERROR_LOCKED, "locked");
  daemon_->unlock ();
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
}

TEST_F (SecretServiceStory, WithoutADaemonItIsUnavailable)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  daemon_->kill ();
  expect_all_fail (keyring, BFY_ERROR_KEYRING_UNAVAILABLE, "absent");
  daemon_->start_unlocked ();
  EXPECT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->kill ();
  expect_all_fail (keyring, BFY_ERROR_KEYRING_UNAVAILABLE, "absent");
  daemon_->start_unlocked ();
  EXPECT_EQ (keyring.lookup ("a", error), "alpha") << error;
}

// The first login ever: a daemon, and no keyring in it. Nothing prompts to make one.
TEST_F (SecretServiceStory, D05WithoutADefaultKeyringItSaysWhatToDo)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  daemon_->kill ();
  daemon_->forget ();
  daemon_->start_locked ();
  EXPECT_EQ (keyring.check (error), "absent");
  EXPECT_FALSE (keyring.store ("a", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_THAT (error.message (), testing::HasSubstr ("no default keyring"));
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_FALSE (keyring.remove ("a", error)) << "what is nowhere can be forgotten";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
}

// A daemon that hangs: its caller can go, and everybody is told in the end.
TEST_F (SecretServiceStory, ADaemonThatHangsStopsNobody)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BfySecret) secret = bfy_secret_new ("x", 1);
  Await cancelled, lookup, store, remove, list, check;
  BfyKeyring *backend = keyring.get ();
  BfyKeyringState state;
  Error error;

  ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->signal (SIGSTOP);
  const gint64 start_us = g_get_monotonic_time ();
  bfy_keyring_lookup_async (backend, "a", cancellable, Await::on_ready, cancelled.data ());
  bfy_keyring_lookup_async (backend, "a", nullptr, Await::on_ready, lookup.data ());
  bfy_keyring_store_async (backend, "b", secret, nullptr, Await::on_ready, store.data ());
  bfy_keyring_remove_async (backend, "a", nullptr, Await::on_ready, remove.data ());
  bfy_keyring_list_async (backend, nullptr, Await::on_ready, list.data ());
  bfy_keyring_check_async (backend, nullptr, Await::on_ready, check.data ());
  EXPECT_FALSE (wait_until ([&] { return cancelled.is_ready (); }, 50));

  g_cancellable_cancel (cancellable);
  EXPECT_TRUE (wait_until ([&] { return cancelled.is_ready (); }, 5000));
  EXPECT_EQ (bfy_keyring_lookup_finish (backend, cancelled.result (), error.out ()), nullptr);
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;

  EXPECT_EQ (bfy_keyring_lookup_finish (backend, lookup.result (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_THAT (error.message (), testing::HasSubstr ("did not answer"));
  EXPECT_FALSE (bfy_keyring_store_finish (backend, store.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_FALSE (bfy_keyring_remove_finish (backend, remove.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_EQ (bfy_keyring_list_finish (backend, list.result (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_TRUE (bfy_keyring_check_finish (backend, check.result (), &state, error.out ()));
  EXPECT_EQ (state, BFY_KEYRING_ABSENT);
  const gint64 took_ms = (g_get_monotonic_time () - start_us) / G_TIME_SPAN_MILLISECOND;
  EXPECT_GE (took_ms, BFY_SECRET_SERVICE_TIMEOUT_MS - 100);
  EXPECT_LT (took_ms, BFY_SECRET_SERVICE_TIMEOUT_MS + 8000);

  daemon_->signal (SIGCONT);
  EXPECT_EQ (keyring.check (error), "ready");
  EXPECT_EQ (lookup.n_calls () + store.n_calls () + remove.n_calls (), 3) << "late answers count";
}

// The agent outlives its desktop session, and finds the next one.
TEST_F (SecretServiceStory, OutlivesTheBus)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  Error error;

  ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
  daemon_->kill ();
  bus_->stop ();
  catch_up ();
  expect_all_fail (keyring, BFY_ERROR_KEYRING_UNAVAILABLE, "absent");
  bus_->start ();
  daemon_->start_unlocked ();
  EXPECT_EQ (keyring.lookup ("a", error), "alpha") << error;
}
