// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/lifetime.h"
}

namespace
{

using ::operator<<; // prints a row by its name

constexpr gint64 kBootMs = 1000000;
constexpr gint64 kWallS = 1795324727;

// What ends an hour after the moment of the constants.
BfyExpiry
an_hour ()
{
  const BfyMoment begun = { "boot-1", kBootMs, kWallS };

  return bfy_expiry_after (&begun, 3600 * 1000);
}

struct MomentCase
{
  const char *name;
  BfyMoment now;
  gint64 want_ms;
};

class Lifetime : public testing::TestWithParam<MomentCase>
{
};

} // namespace

// C02, with every clock that there is.
TEST_P (Lifetime, C02EndsByTheClockThatGoesOn)
{
  g_autoptr (GPtrArray) bindings =
      g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (bfy_binding_unref));
  BfyBinding *lasting = bfy_binding_new ();
  BfyBinding *ending = bfy_binding_new ();

  ending->ends = an_hour ();
  g_ptr_array_add (bindings, lasting);
  EXPECT_EQ (bfy_lifetime_next_ms (bindings, &GetParam ().now), G_MAXINT64);
  g_ptr_array_add (bindings, ending);
  EXPECT_EQ (bfy_lifetime_next_ms (bindings, &GetParam ().now), GetParam ().want_ms);
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    Lifetime,
    testing::Values (
        MomentCase{ "AtOnce", { "boot-1", kBootMs, kWallS }, 3600 * 1000 },
        MomentCase{ "AfterHalf", { "boot-1", kBootMs + 1800 * 1000, kWallS + 1800 }, 1800 * 1000 },
        MomentCase{ "AtItsEnd", { "boot-1", kBootMs + 3600 * 1000, kWallS + 3600 }, 0 },
        MomentCase{ "LongAfter", { "boot-1", kBootMs + 9999 * 1000, kWallS + 9999 }, 0 },
        // While the machine slept only the boot clock went on, and the wall clock is not set yet.
        MomentCase{ "AfterSuspend", { "boot-1", kBootMs + 3600 * 1000, kWallS }, 0 },
        MomentCase{ "WallClockSetBack", { "boot-1", kBootMs + 1000, kWallS - 99999 }, 3599 * 1000 },
        MomentCase{
            "WallClockSetAhead", { "boot-1", kBootMs + 1000, kWallS + 99999 }, 3599 * 1000 },
        // After a new start the boot clock says nothing.
        MomentCase{ "NewStart", { "boot-2", 5000, kWallS + 600 }, 3000 * 1000 },
        MomentCase{ "NewStartAfterItsEnd", { "boot-2", 5000, kWallS + 3600 }, 0 },
        MomentCase{ "BootNotKnown", { "", 5000, kWallS + 600 }, 3000 * 1000 }),
    [] (const auto &info) { return std::string (info.param.name); });
