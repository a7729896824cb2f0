// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Unlocking the real gnome-keyring-daemon: the person answers, refuses, goes away, or is not there.
// libgcr's mock prompter plays the person.

#include <algorithm>
#include <gtest/gtest.h>

#include "tests/fixture/bus-monitor.h"
#include "tests/fixture/desktop.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/mock-prompter.h"

extern "C"
{
#include "keyring/secret-service.h"
}

using testing::HasSubstr;

class KeyringPrompt : public Desktop
{
protected:
  void SetUp () override
  {
    Desktop::SetUp ();
    if (daemon_ != nullptr)
      prompter_ = std::make_unique<MockPrompter> (*dirs_);
  }
  void TearDown () override
  {
    monitor_.reset ();
    Desktop::TearDown ();
    if (daemon_ == nullptr)
      return;
    std::filesystem::remove_all (bus_->services ());
    g_mkdir_with_parents (bus_->services ().c_str (), 0700);
    bus_->reload ();
  }

  // A locked keyring that holds “a”, and somebody with these answers before the screen.
  bool lock_with (const std::vector<std::string> &answers)
  {
    if (!MockPrompter::is_built ())
      return false;
    prompter_->start (answers);
    lock ();
    return true;
  }
  void lock ()
  {
    Error error;

    daemon_->start_unlocked ();
    keyring_ = std::make_unique<Keyring> (bfy_secret_service_new (nullptr));
    EXPECT_TRUE (keyring_->store ("a", "alpha", error)) << error;
    EXPECT_TRUE (keyring_->store ("b", "beta", error)) << error;
    daemon_->lock ();
    monitor_ = std::make_unique<BusMonitor> (*bus_);
  }
  // Nothing but unlock() prompts.
  void expect_locked (Keyring &keyring)
  {
    Error error;

    EXPECT_EQ (keyring.lookup ("a", error), "");
    EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
    EXPECT_EQ (keyring.check (error), "locked");
  }
  bool start_plain (Daemon &service, std::vector<std::string> arguments)
  {
    const std::string script =
        getenv ("BFY_TEST_FIXTURES_DIR") + std::string ("/plain-secret-service.py");

    arguments.insert (arguments.begin (), { "/usr/bin/python3", script });
    service.start (arguments, dirs_->path ("plain.log"));
    return wait_until ([&] { return bus_->has_owner (KeyringDaemon::name); }, 5000);
  }
  static gint64 now_ms ()
  {
    return g_get_monotonic_time () / 1000;
  }

  std::unique_ptr<MockPrompter> prompter_;
  std::unique_ptr<Keyring> keyring_;
  std::unique_ptr<BusMonitor> monitor_;
};

#define LOCK_WITH(...)                                                                             \
  if (!lock_with ({ __VA_ARGS__ }))                                                                \
  GTEST_SKIP () << "libgcr-3-dev was not installed when this was built"

TEST_F (KeyringPrompt, D01TheRightPasswordOpensIt)
{
  LOCK_WITH ("pw:pw");
  Error error;

  expect_locked (*keyring_);
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 0) << "a question that nobody needs";
  EXPECT_TRUE (keyring_->unlock ("a", error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "alpha");
  EXPECT_TRUE (keyring_->unlock ("a", error)) << "twice: " << error;
  EXPECT_TRUE (keyring_->unlock (nullptr, error)) << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
}

TEST_F (KeyringPrompt, D01AWrongPasswordIsAskedForAgain)
{
  LOCK_WITH ("pw:bad", "pw:worse", "pw:pw");
  Error error;

  EXPECT_TRUE (keyring_->unlock (nullptr, error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "alpha");
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
}

TEST_F (KeyringPrompt, D01TwiceAWrongPasswordAndThenNoMore)
{
  LOCK_WITH ("pw:bad", "pw:bad", "cancel");
  Error error;

  EXPECT_FALSE (keyring_->unlock ("a", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  expect_locked (*keyring_);
}

// A daemon that never loaded the collection, as after its restart.
TEST_F (KeyringPrompt, D01OpensACollectionThatWasNeverLoaded)
{
  LOCK_WITH ("pw:pw");
  Error error;

  daemon_->kill ();
  daemon_->start_locked ();
  expect_locked (*keyring_);
  EXPECT_TRUE (keyring_->unlock ("a", error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "alpha");
}

TEST_F (KeyringPrompt, D04ARefusalIsKeptToForAWhile)
{
  LOCK_WITH ("cancel", "pw:pw");
  Error error;

  EXPECT_FALSE (keyring_->unlock ("a", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), HasSubstr ("closed"));
  for (int i = 0; i < 5; i++)
    {
      EXPECT_FALSE (keyring_->unlock (i % 2 == 0 ? "b" : nullptr, error));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
      EXPECT_THAT (error.message (), HasSubstr ("asks again in"));
    }
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1) << "a storm of prompts";

  // Whoever opens it, it is open.
  daemon_->unlock ();
  EXPECT_TRUE (keyring_->unlock ("a", error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "alpha");
}

// The prompter dies with its window open.
TEST_F (KeyringPrompt, D04APrompterThatVanishesEndsTheWait)
{
  LOCK_WITH ("pw:pw");
  Await done;
  Error error;

  prompter_->hold ();
  bfy_keyring_unlock_async (keyring_->get (), "a", nullptr, Await::on_ready, done.data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") == 1; }));
  EXPECT_FALSE (done.is_ready ());
  prompter_->kill ();
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring_->get (), done.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
}

// The daemon dies while it asks.
TEST_F (KeyringPrompt, D04ADaemonThatVanishesEndsTheWait)
{
  LOCK_WITH ("pw:pw");
  Await done;
  Error error;

  prompter_->hold ();
  bfy_keyring_unlock_async (keyring_->get (), "a", nullptr, Await::on_ready, done.data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") == 1; }));
  daemon_->kill ();
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring_->get (), done.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_THAT (error.message (), HasSubstr ("try again"));
  EXPECT_EQ (done.n_calls (), 1);

  // And the next one is asked anew.
  prompter_->go_on ();
  daemon_->start_locked ();
  EXPECT_TRUE (keyring_->unlock ("a", error)) << error;
}

TEST_F (KeyringPrompt, ManyWaitForOneQuestion)
{
  LOCK_WITH ("pw:pw");
  const char *const ids[] = { "a", "b", "absent", nullptr };
  std::vector<Await> waits (40);
  Error error;

  prompter_->hold ();
  for (size_t i = 0; i < waits.size (); i++)
    bfy_keyring_unlock_async (keyring_->get (), ids[i % 4], nullptr, Await::on_ready,
                              waits[i].data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") > 0; }));
  // Others, who need no password, are served meanwhile.
  expect_locked (*keyring_);
  prompter_->go_on ();
  for (Await &wait : waits)
    EXPECT_TRUE (bfy_keyring_unlock_finish (keyring_->get (), wait.result (), error.out ()))
        << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
  EXPECT_EQ (monitor_->n_calls ("Dismiss"), 0);
}

// GNOME's keyring aborts when an open prompt is dismissed, and every keyring of the session is
// locked then. So its prompt stays, and the answer is for whoever comes next.
TEST_F (KeyringPrompt, IsKeptWhenTheLastOneGoesAndTheDaemonLives)
{
  LOCK_WITH ("pw:pw");
  g_autoptr (GCancellable) first = g_cancellable_new (), last = g_cancellable_new ();
  Await first_done, last_done, next_done;
  Error error;

  prompter_->hold ();
  bfy_keyring_unlock_async (keyring_->get (), "a", first, Await::on_ready, first_done.data ());
  bfy_keyring_unlock_async (keyring_->get (), "b", last, Await::on_ready, last_done.data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") == 1; }));
  g_cancellable_cancel (first);
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring_->get (), first_done.result (), error.out ()));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;
  EXPECT_FALSE (last_done.is_ready ());
  g_cancellable_cancel (last);
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring_->get (), last_done.result (), error.out ()));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;
  expect_locked (*keyring_);
  EXPECT_EQ (monitor_->n_calls ("Dismiss"), 0);
  EXPECT_TRUE (bus_->has_owner (KeyringDaemon::name)) << "that killed it";

  bfy_keyring_unlock_async (keyring_->get (), "a", nullptr, Await::on_ready, next_done.data ());
  expect_locked (*keyring_);
  prompter_->go_on ();
  EXPECT_TRUE (bfy_keyring_unlock_finish (keyring_->get (), next_done.result (), error.out ()))
      << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1) << "the one that is open is enough";
}

// Another service, whose prompts can be withdrawn.
TEST_F (KeyringPrompt, IsWithdrawnWhenTheLastOneGoes)
{
  Keyring keyring (bfy_secret_service_new (nullptr));
  g_autoptr (GCancellable) first = g_cancellable_new (), last = g_cancellable_new ();
  Await first_done, last_done;
  Daemon plain;
  Error error;

  if (!start_plain (plain, { "--locked" }))
    GTEST_SKIP () << "python3-gi is not installed";
  monitor_ = std::make_unique<BusMonitor> (*bus_);
  expect_locked (keyring);
  bfy_keyring_unlock_async (keyring.get (), "a", first, Await::on_ready, first_done.data ());
  bfy_keyring_unlock_async (keyring.get (), nullptr, last, Await::on_ready, last_done.data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") == 1; }));
  g_cancellable_cancel (first);
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring.get (), first_done.result (), error.out ()));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;
  EXPECT_EQ (monitor_->n_calls ("Dismiss"), 0) << "somebody still waits";
  EXPECT_FALSE (last_done.is_ready ());
  g_cancellable_cancel (last);
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring.get (), last_done.result (), error.out ()));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;
  EXPECT_TRUE (wait_until ([&] { return monitor_->n_calls ("Dismiss") == 1; }));

  // That was no refusal: who comes next is asked for, and it can die meanwhile (D04).
  Await next_done;
  bfy_keyring_unlock_async (keyring.get (), "a", nullptr, Await::on_ready, next_done.data ());
  ASSERT_TRUE (wait_until ([&] { return monitor_->n_calls ("Prompt") == 2; }));
  plain.stop ();
  EXPECT_FALSE (bfy_keyring_unlock_finish (keyring.get (), next_done.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
}

// Unencrypted on the bus of one user is what a service may offer; it is used.
TEST_F (KeyringPrompt, D06AServiceWithPlainSessionsOnly)
{
  Daemon plain;

  if (!start_plain (plain, {}))
    GTEST_SKIP () << "python3-gi is not installed";
  expect_keyring_contract (bfy_secret_service_new (nullptr));
}

// Each collection is its own question; what is in an open one needs none.
TEST_F (KeyringPrompt, AsksForTheCollectionThatTheCredentialIsIn)
{
  LOCK_WITH ("pw:pw", "pw:other");
  const std::string path = daemon_->create_collection ("Work", "other");
  Keyring work (bfy_secret_service_new ("Work"));
  Error error;

  ASSERT_TRUE (work.store ("w", "omega", error)) << error;
  EXPECT_TRUE (work.unlock (nullptr, error)) << error;
  EXPECT_TRUE (work.unlock ("w", error)) << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 0) << "the locked one is none of its business";
  EXPECT_TRUE (work.unlock ("a", error)) << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 1);
  EXPECT_EQ (work.lookup ("a", error), "alpha");
  daemon_->lock (path);
  EXPECT_TRUE (keyring_->unlock ("w", error)) << error;
  EXPECT_EQ (monitor_->n_calls ("Prompt"), 2);
  EXPECT_EQ (keyring_->lookup ("w", error), "omega");
}

TEST_F (KeyringPrompt, D10WithoutAPrompterItSaysWhatIsMissing)
{
  Error error;

  lock ();
  // The quickest of three: the desktop's prompter has to start first, on a machine that may be
  // busy.
  gint64 quickest_ms = G_MAXINT64;
  for (int i = 0; i < 3 && quickest_ms >= 2000; i++)
    {
      const gint64 begun_ms = now_ms ();

      EXPECT_FALSE (keyring_->unlock ("a", error));
      quickest_ms = std::min (quickest_ms, now_ms () - begun_ms);
    }
  EXPECT_LT (quickest_ms, 2000);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), HasSubstr ("no program is installed"));
  EXPECT_THAT (error.message (), HasSubstr ("apt install gcr"));
}

TEST_F (KeyringPrompt, D10WithoutADisplayItSaysWhatToType)
{
  const char *const prompter = "/usr/libexec/gcr-prompter";
  Error error;

  if (!std::filesystem::exists (prompter))
    GTEST_SKIP () << "gcr is not installed";
  write_file (bus_->services () + "/org.gnome.keyring.SystemPrompter.service",
              std::string ("[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=") +
                  prompter + "\n");
  bus_->reload ();
  lock ();
  // The quickest of three: the desktop's prompter has to start first, on a machine that may be
  // busy.
  gint64 quickest_ms = G_MAXINT64;
  for (int i = 0; i < 3 && quickest_ms >= 2000; i++)
    {
      const gint64 begun_ms = now_ms ();

      EXPECT_FALSE (keyring_->unlock ("a", error));
      quickest_ms = std::min (quickest_ms, now_ms () - begun_ms);
    }
  EXPECT_LT (quickest_ms, 2000);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), HasSubstr ("no display"));
  EXPECT_THAT (error.message (), HasSubstr ("dbus-update-activation-environment"));
}
