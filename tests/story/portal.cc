// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a program asks of the desktop's portal: to open an address, and to be started at login. From
// within a sandbox there is no other way, and in a systemd unit none that is better.

#include "tests/fixture/portal.h"

#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <unistd.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/background.h"
#include "client/browser.h"
#include "protocol/error.h"
}

using testing::HasSubstr;

namespace
{

constexpr const char *url = "https://auth.example.com/authorize?a=b";

class PortalStory : public testing::Test
{
protected:
  void SetUp () override
  {
    if (!PrivateBus::is_installed ())
      GTEST_SKIP () << "dbus-daemon is not installed";
    bus = std::make_unique<PrivateBus> (dirs);
    old_path = g_getenv ("PATH");
    g_mkdir_with_parents (dirs.path ("bin").c_str (), 0700);
    g_setenv ("PATH", (dirs.path ("bin") + ":/bin:/usr/bin").c_str (), TRUE);
    have_opener (0);
  }
  void TearDown () override
  {
    if (bus != nullptr)
      g_setenv ("PATH", old_path.c_str (), TRUE);
  }

  // xdg-open, as far as it can be told from outside.
  void have_opener (int status)
  {
    write_file (dirs.path ("bin/xdg-open"),
                "#!/bin/sh\necho \"$1\" >" + dirs.path ("visited") + "\nexit " +
                    std::to_string (status) + "\n",
                0700);
  }
  std::string visited ()
  {
    g_autofree char *text = nullptr;

    g_file_get_contents (dirs.path ("visited").c_str (), &text, nullptr, nullptr);
    return text != nullptr ? text : "";
  }
  // "" or the error.
  std::string open (bool by_portal, bool has_bus = true)
  {
    BfyDesktop desktop = {};
    Await done;
    Error error;

    desktop.by_portal = by_portal;
    desktop.bus = has_bus ? bus->address ().c_str () : nullptr;
    bfy_browser_open_async (&desktop, url, nullptr, Await::on_ready, done.data ());
    return bfy_browser_open_finish (done.result (), error.out ()) ? "" : error.message ();
  }
  // 1 or 0, -1 for the error in @code.
  int start_at_login (bool wants, GCancellable *cancellable = nullptr)
  {
    Await done;
    Error error;
    gboolean starts = FALSE;

    bfy_background_request_async (bus->connection (), wants, "It asks before tokens are used",
                                  cancellable, Await::on_ready, done.data ());
    if (bfy_background_request_finish (done.result (), &starts, error.out ()))
      return starts;
    code = bfy_error_code (error.get ());
    return -1;
  }

  PrivateDirs dirs;
  std::string old_path;
  std::unique_ptr<PrivateBus> bus;
  BfyErrorCode code = BFY_N_ERRORS;
};

} // namespace

TEST_F (PortalStory, OpensAnAddressFirstWhereWeAreConfined)
{
  Portal portal (*bus);

  EXPECT_EQ (open (true), "");
  EXPECT_EQ (portal.opened, url);
  EXPECT_EQ (visited (), "") << "a browser was started by us as well";
}

TEST_F (PortalStory, IsAskedOnlyWhenNothingElseOpensIt)
{
  Portal portal (*bus);

  EXPECT_EQ (open (false), "");
  EXPECT_EQ (visited (), std::string (url) + "\n");
  EXPECT_EQ (portal.opened, "");
  have_opener (3);
  EXPECT_EQ (open (false), "");
  EXPECT_EQ (portal.opened, url);
}

TEST_F (PortalStory, ThatIsNotThereLeavesItToTheOpener)
{
  EXPECT_EQ (open (true), "");
  EXPECT_EQ (visited (), std::string (url) + "\n");
  std::filesystem::remove (dirs.path ("visited"));
  EXPECT_EQ (open (true, false), "") << "not even a bus";
  EXPECT_EQ (visited (), std::string (url) + "\n");
  have_opener (3);
  EXPECT_EQ (open (true), "No browser could be opened") << "each is tried once";
}

TEST_F (PortalStory, StartsUsAtLoginAsFarAsAPersonAgrees)
{
  Portal portal (*bus);

  EXPECT_EQ (start_at_login (true), 1);
  EXPECT_THAT (portal.options, HasSubstr ("'autostart': <true>"));
  EXPECT_THAT (portal.options, HasSubstr ("'commandline': <['bindify-tray', '--background']>"));
  EXPECT_THAT (portal.options, HasSubstr ("'reason': <'It asks before tokens are used'>"));
  portal.grants = false;
  EXPECT_EQ (start_at_login (true), 0);
  EXPECT_EQ (start_at_login (false), 0);
  EXPECT_THAT (portal.options, HasSubstr ("'autostart': <false>"));
  portal.code = 1;
  EXPECT_EQ (start_at_login (true), -1);
  EXPECT_EQ (code, BFY_ERROR_DENIED);
}

// Any program of the session can send such a signal, and the path is no secret.
TEST_F (PortalStory, IsNotImitatedByOthers)
{
  Portal portal (*bus);
  g_autoptr (GDBusConnection) other = g_dbus_connection_new_for_address_sync (
      bus->address ().c_str (),
      static_cast<GDBusConnectionFlags> (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, nullptr);
  const char *us = g_dbus_connection_get_unique_name (bus->connection ());
  const auto respond = [&] (GDBusConnection *from, guint32 how) {
    GVariantBuilder results = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

    g_variant_builder_add (&results, "{sv}", "autostart", g_variant_new_boolean (TRUE));
    g_dbus_connection_emit_signal (from, us, portal.request.c_str (),
                                   "org.freedesktop.portal.Request", "Response",
                                   g_variant_new ("(ua{sv})", how, &results), nullptr);
    g_dbus_connection_flush_sync (from, nullptr, nullptr);
  };

  portal.answers = false;
  portal.on_asked = [&] {
    respond (other, 0);
    respond (bus->connection (), 1);
  };
  EXPECT_EQ (start_at_login (true), -1);
  EXPECT_EQ (code, BFY_ERROR_DENIED);
}

TEST_F (PortalStory, IsNotWaitedForWhenThePersonTakesTheirTime)
{
  Portal portal (*bus);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  portal.answers = false;
  portal.on_asked = [&] { g_cancellable_cancel (cancellable); };
  EXPECT_EQ (start_at_login (true, cancellable), -1);
  EXPECT_EQ (code, BFY_ERROR_CANCELLED);
}

TEST_F (PortalStory, ThatIsNotThereDoesNotStartUsAtLogin)
{
  EXPECT_EQ (start_at_login (true), -1);
  EXPECT_EQ (code, BFY_ERROR_UNSUPPORTED);
}
