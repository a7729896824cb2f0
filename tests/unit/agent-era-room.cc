// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <vector>

extern "C"
{
#include "agent/era/eras-private.h"
#include "agent/era/room.h"
}

static BfyEraSeat
seat_of (gconstpointer session)
{
  return *static_cast<const BfyEraSeat *> (session);
}

class EraRoom : public testing::Test
{
protected:
  void sit (const char *owner, guint n, gboolean may_go)
  {
    for (guint i = 0; i < n; i++)
      {
        auto *seat = g_new0 (BfyEraSeat, 1);

        *seat = { owner, ++clock, may_go };
        g_hash_table_add (sessions, seat);
      }
  }

  // What has to go for one more session of @owner: when it was used last, 0 nothing, -1 no room.
  gint64 find (const char *owner)
  {
    gpointer leaver;

    if (!bfy_era_find_room (sessions, owner, seat_of, &leaver))
      return -1;
    return leaver != nullptr ? static_cast<BfyEraSeat *> (leaver)->used_us : 0;
  }

  ~EraRoom () override
  {
    g_hash_table_unref (sessions);
  }

  static constexpr guint kOwn = BFY_ERAS_SESSIONS_OF_CLIENT_MAX;
  static constexpr guint kAll = BFY_ERAS_SESSIONS_MAX;
  GHashTable *sessions = g_hash_table_new_full (nullptr, nullptr, g_free, nullptr);
  gint64 clock = 0;
};

TEST_F (EraRoom, IsThereUntilAClientHasItsShare)
{
  sit ("a", kOwn - 1, TRUE);
  EXPECT_EQ (find ("a"), 0);
  sit ("a", 1, TRUE);
  EXPECT_EQ (find ("a"), 1);
  EXPECT_EQ (find ("b"), 0);
  EXPECT_EQ (find (nullptr), 0);
}

TEST_F (EraRoom, IsNotMadeAmongWhatIsInUse)
{
  sit ("a", 5, FALSE);
  sit ("a", kOwn - 5, TRUE);
  EXPECT_EQ (find ("a"), 6);

  sit ("b", kOwn, FALSE);
  EXPECT_EQ (find ("b"), -1);
}

TEST_F (EraRoom, OfAFullHouseTheOldestGoes)
{
  for (guint i = 0; i < kAll / kOwn; i++)
    sit (g_intern_string (std::to_string (i).c_str ()), kOwn, i > 0);

  EXPECT_EQ (find ("new"), kOwn + 1);
  EXPECT_EQ (find ("0"), -1) << "its own are all in use, and no other's go for it";
}
