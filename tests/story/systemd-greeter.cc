// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Login screens have an account, and systemd starts units for it that are enabled for everybody.
// Ours leave it alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/account.h"
#include "tests/fixture/user-systemd.h"

namespace
{

TEST (SystemdGreeter, NothingOfOursStartsForAnAccountOfTheSystem)
{
  UserSystemd systemd;
  UnitAgent agent (systemd);

  systemd.log_in ();
  for (const char *unit : { "bindify.socket", "bindify-http.socket", "bindify.service" })
    {
      systemd.systemctl ({ "start", unit });
      EXPECT_EQ (systemd.property (unit, "ActiveState"), "inactive") << unit;
      EXPECT_EQ (systemd.property (unit, "ConditionResult"), "no") << unit;
    }
  EXPECT_FALSE (std::filesystem::exists (agent.socket ()));
  EXPECT_FALSE (std::filesystem::exists (systemd.home () + "/.local/state/bindify"));
}

} // namespace

BFY_MAIN_IN_ACCOUNT (kSystem)
