// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the Secret Service backend costs beside libsecret itself, with the real gnome-keyring-daemon
// on a private bus. Prints figures; there are no pass marks. Aim: a look-up takes at most twice as
// long as a bare one of libsecret in the same run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>

#include "tests/fixture/bus-monitor.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/keyring-daemon.h"

extern "C"
{
#include "keyring/secret-match.h"
#include "keyring/secret-service.h"
}

namespace
{

constexpr int n_rounds = 400;
constexpr int n_warm_up = 40;
const std::string token (200, 't');

struct Row
{
  const char *what;
  std::function<void ()> run;
  std::vector<double> ms;
};

double
median (std::vector<double> values)
{
  std::nth_element (values.begin (), values.begin () + values.size () / 2, values.end ());
  return values[values.size () / 2];
}

// Interleaved, so that whatever else the machine does falls on all of them.
void
measure (std::vector<Row> &rows)
{
  for (int i = 0; i < n_warm_up + n_rounds; i++)
    for (Row &row : rows)
      {
        const auto begin = std::chrono::steady_clock::now ();

        row.run ();
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now () - begin;
        if (i >= n_warm_up)
          row.ms.push_back (took.count ());
      }
}

// As the manual of libsecret shows it, on a service that is kept. Nothing is verified.
void
bare_lookup (SecretService *service)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes ("a");
  g_autoptr (GError) error = nullptr;
  Await done;

  secret_service_lookup (service, &bfy_secret_schema, attributes, nullptr, Await::on_ready,
                         done.data ());
  g_autoptr (SecretValue) value = secret_service_lookup_finish (service, done.result (), &error);
  if (value == nullptr)
    throw std::runtime_error ("the bare look-up found nothing");
}

} // namespace

int
main ()
{
  if (!PrivateBus::is_installed () || !KeyringDaemon::is_installed ())
    {
      std::printf ("gnome-keyring-daemon or dbus-daemon is not installed\n");
      return 77;
    }

  PrivateDirs dirs;
  PrivateBus bus (dirs);
  KeyringDaemon daemon (dirs, bus);
  Error error;
  daemon.start_unlocked ();
  {
    Keyring keyring (bfy_secret_service_new (nullptr));
    g_autoptr (SecretService) service =
        secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, nullptr, nullptr);
    std::vector<Row> rows = {
      { "bare libsecret look-up", [&] { bare_lookup (service); }, {} },
      { "look-up", [&] { keyring.lookup ("a", error); }, {} },
      { "look-up of nothing", [&] { keyring.lookup ("nothing", error); }, {} },
      { "store (replace)", [&] { keyring.store ("a", token, error); }, {} },
      { "check", [&] { keyring.check (error); }, {} },
    };

    if (service == nullptr || !keyring.store ("a", token, error))
      return 1;
    measure (rows);
    std::printf ("%d rounds, interleaved; ms\n%-24s %8s %8s %8s %8s\n", n_rounds, "", "median",
                 "min", "max", "x bare");
    for (const Row &row : rows)
      std::printf ("%-24s %8.3f %8.3f %8.3f %8.2f\n", row.what, median (row.ms),
                   *std::min_element (row.ms.begin (), row.ms.end ()),
                   *std::max_element (row.ms.begin (), row.ms.end ()),
                   median (row.ms) / median (rows[0].ms));

    BusMonitor monitor (bus);
    int before = monitor.n_calls ();
    bare_lookup (service);
    const int bare = monitor.n_calls () - before;
    before = monitor.n_calls ();
    keyring.lookup ("a", error);
    std::printf ("calls on the bus: %d for a bare look-up, %d for ours\n", bare,
                 monitor.n_calls () - before);
  }
  daemon.kill ();
  return 0;
}
