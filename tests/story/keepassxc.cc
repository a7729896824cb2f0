// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// KeePassXC as the Secret Service, without a screen: what works with a second provider, and that
// what does not work ends with an answer. The README says the same.

#include <gtest/gtest.h>

#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/private-bus.h"
#include "tests/fixture/process.h"

extern "C"
{
#include "keyring/secret-service.h"
}

using testing::HasSubstr;

namespace
{

constexpr char kName[] = "org.freedesktop.secrets";

// A database that exposes its root group: without that, KeePassXC offers nothing on the bus.
constexpr char kDatabase[] = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<KeePassFile><Meta><Generator>test</Generator><DatabaseName>t</DatabaseName><CustomData>
<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00010203-0405-0607-0809-0a0b0c0d0e0f}</Value></Item>
</CustomData></Meta><Root><Group><UUID>AAECAwQFBgcICQoLDA0ODw==</UUID><Name>Root</Name></Group></Root>
</KeePassFile>)";

constexpr char kSettings[] = "[General]\nConfigVersion=2\nUpdateCheckMessageShown=true\n"
                             "[GUI]\nCheckForUpdates=false\n"
                             "[FdoSecrets]\nEnabled=true\nShowNotification=false\n"
                             "ConfirmDeleteItem=false\nConfirmAccessItem=false\n"
                             "UnlockBeforeSearch=true\n";

class KeePassXc : public testing::Test
{
protected:
  static void SetUpTestSuite ()
  {
    if (!PrivateBus::is_installed () || !Daemon::is_installed ("keepassxc"))
      return;
    dirs_ = new PrivateDirs ();
    bus_ = new PrivateBus (*dirs_);
    g_setenv ("QT_QPA_PLATFORM", "offscreen", TRUE);
  }
  static void TearDownTestSuite ()
  {
    delete bus_;
    delete dirs_;
  }

  void SetUp () override
  {
    if (bus_ == nullptr)
      GTEST_SKIP () << "keepassxc or dbus-daemon is not installed";
    const std::string xml = dirs_->path ("t.xml"), settings = dirs_->path ("keepassxc.ini");
    Process::Options import;

    database_ = dirs_->path ("t.kdbx");
    std::filesystem::remove (database_);
    write_file (xml, kDatabase);
    write_file (settings, kSettings);
    import.argv = { "keepassxc-cli", "import", "-p", xml, database_ };
    import.environment = { { "HOME", dirs_->path ("home") }, { "QT_QPA_PLATFORM", "offscreen" } };
    import.input = "pw\npw\n";
    ASSERT_EQ (run (import).status, 0);
    as_made_ = read_file (database_);
    start ();
  }
  void TearDown () override
  {
    if (bus_ != nullptr)
      stop ();
  }

  void start ()
  {
    const std::string password = "pw\n";

    daemon_.start (
        { "keepassxc", "--pw-stdin", "--config", dirs_->path ("keepassxc.ini"), database_ },
        dirs_->path ("keepassxc.log"), &password);
    ASSERT_TRUE (wait_until ([&] { return bus_->has_owner (kName); }));
    keyring_ = std::make_unique<Keyring> (bfy_secret_service_new (nullptr));
    Error error;
    ASSERT_TRUE (wait_until ([&] { return keyring_->check (error) == "ready"; }));
  }
  // It writes its file some time after it has said that the item is stored.
  bool is_saved ()
  {
    return read_file (database_) != as_made_;
  }
  // SIGTERM is not enough for it.
  void stop ()
  {
    keyring_.reset ();
    daemon_.stop (SIGKILL);
    bus_->wait_for_owner (kName, false);
  }

  static PrivateDirs *dirs_;
  static PrivateBus *bus_;
  std::string database_, as_made_;
  std::unique_ptr<Keyring> keyring_;
  Daemon daemon_;
};

PrivateDirs *KeePassXc::dirs_;
PrivateBus *KeePassXc::bus_;

} // namespace

// Its own clients hang when they replace an item, on a question that nobody can see. Ours writes
// into the item.
TEST_F (KeePassXc, StoresReplacesFindsListsAndRemoves)
{
  Error error;

  EXPECT_EQ (keyring_->list (error), std::vector<std::string>{});
  ASSERT_TRUE (keyring_->store ("a", "first", error)) << error;
  ASSERT_TRUE (keyring_->store ("b", "second", error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "first");
  ASSERT_TRUE (keyring_->store ("a", "replaced", error)) << error;
  EXPECT_EQ (keyring_->lookup ("a", error), "replaced");
  EXPECT_EQ (keyring_->list (error), (std::vector<std::string>{ "a", "b" }));
  EXPECT_EQ (keyring_->lookup ("absent", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  EXPECT_TRUE (keyring_->unlock ("a", error)) << "nothing is locked: " << error;
  EXPECT_TRUE (keyring_->remove ("b", error)) << error;
  EXPECT_EQ (keyring_->list (error), std::vector<std::string>{ "a" });
}

TEST_F (KeePassXc, IsFoundAgainWhenItIsKilled)
{
  Error error;

  ASSERT_TRUE (keyring_->store ("a", "alpha", error)) << error;
  EXPECT_TRUE (wait_until ([&] { return is_saved (); }, 10000));
  daemon_.stop (SIGKILL);
  ASSERT_TRUE (bus_->wait_for_owner (kName, false));
  EXPECT_EQ (keyring_->lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  const std::unique_ptr<Keyring> kept = std::move (keyring_);
  start ();
  EXPECT_EQ (kept->check (error), "ready");
  EXPECT_EQ (kept->lookup ("a", error), "alpha") << error;
}

// With the database locked, its search waits for a window. Whoever asks is told.
TEST_F (KeePassXc, WithALockedDatabaseEveryCallEnds)
{
  Error error;

  ASSERT_TRUE (keyring_->store ("a", "alpha", error)) << error;
  EXPECT_TRUE (wait_until ([&] { return is_saved (); }, 10000));
  stop ();
  start ();
  g_autoptr (GVariant) alias =
      bus_->call (kName, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "ReadAlias",
                  g_variant_new ("(s)", "default"));
  const char *path;
  g_variant_get (alias, "(&o)", &path);
  const char *paths[] = { path, nullptr };
  g_autoptr (GVariant) lock =
      bus_->call (kName, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "Lock",
                  g_variant_new ("(^ao)", paths));
  const char *prompt;
  g_variant_get (lock, "(ao&o)", nullptr, &prompt);
  g_variant_unref (bus_->call (kName, prompt, "org.freedesktop.Secret.Prompt", "Prompt",
                               g_variant_new ("(s)", "")));
  ASSERT_TRUE (wait_until ([&] { return keyring_->check (error) == "locked"; }));
  g_autoptr (BfySecret) secret = bfy_secret_new ("x", 1);
  BfyKeyring *backend = keyring_->get ();
  Await lookup, store;

  bfy_keyring_lookup_async (backend, "a", nullptr, Await::on_ready, lookup.data ());
  bfy_keyring_store_async (backend, "new", secret, nullptr, Await::on_ready, store.data ());
  EXPECT_EQ (bfy_keyring_lookup_finish (backend, lookup.result (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_THAT (error.message (), HasSubstr ("perhaps a window of it waits for you"));
  EXPECT_FALSE (bfy_keyring_store_finish (backend, store.result (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
}
