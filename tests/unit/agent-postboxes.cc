// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <set>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/proxy/postboxes.h"
}

namespace
{

constexpr char kUrl[] = "http://127.0.0.1:3001/message?sessionId=theirs";

void
on_message (const char *message, gpointer user_data)
{
  static_cast<std::string *> (user_data)->append (message);
}

} // namespace

// behaviour 5.12, 5.10.
TEST (Postboxes, AreOfUseToTheirBindingAndClientOnly)
{
  Error error;
  g_autoptr (BfyPostboxes) postboxes = bfy_postboxes_new (4);
  BfyPostbox *mine = bfy_postboxes_open (postboxes, "b1", "c1", kUrl, error.out ());
  BfyPostbox *local = bfy_postboxes_open (postboxes, "b1", nullptr, kUrl, error.out ());
  ASSERT_TRUE (mine != nullptr && local != nullptr) << error;
  std::string id = bfy_postbox_get_id (mine);

  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", "c1", id.c_str ()), mine);
  EXPECT_STREQ (bfy_postbox_get_url (mine), kUrl);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b2", "c1", id.c_str ()), nullptr);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", "c2", id.c_str ()), nullptr);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", nullptr, id.c_str ()), nullptr);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", "c1", bfy_postbox_get_id (local)), nullptr);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", "c1", ""), nullptr);
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b1", nullptr, bfy_postbox_get_id (local)), local);
}

TEST (Postboxes, HaveIdsThatNobodyGuesses)
{
  Error error;
  std::set<std::string> ids;
  g_autoptr (BfyPostboxes) postboxes = bfy_postboxes_new (100);

  for (int i = 0; i < 100; i++)
    {
      BfyPostbox *postbox = bfy_postboxes_open (postboxes, "b", "c", kUrl, error.out ());

      ASSERT_NE (postbox, nullptr) << error;
      ids.insert (bfy_postbox_get_id (postbox));
    }
  EXPECT_EQ (ids.size (), 100u);
  EXPECT_EQ (ids.begin ()->size (), 43u); // 256 bits
}

TEST (Postboxes, AreForgottenWhenTheirStreamEnds)
{
  Error error;
  std::string got;
  g_autoptr (BfyPostboxes) postboxes = bfy_postboxes_new (4);
  BfyPostbox *opened = bfy_postboxes_open (postboxes, "b", "c", kUrl, error.out ());
  ASSERT_NE (opened, nullptr) << error;
  g_autoptr (BfyPostbox) postbox = bfy_postbox_ref (opened);

  EXPECT_FALSE (bfy_postbox_deliver (postbox, "too early"));
  bfy_postbox_set_handler (postbox, on_message, &got);
  EXPECT_TRUE (bfy_postbox_deliver (postbox, "{}"));
  bfy_postboxes_close (postboxes, postbox);
  EXPECT_FALSE (bfy_postbox_is_open (postbox));
  EXPECT_FALSE (bfy_postbox_deliver (postbox, "too late"));
  EXPECT_EQ (bfy_postboxes_find (postboxes, "b", "c", bfy_postbox_get_id (postbox)), nullptr);
  EXPECT_EQ (got, "{}");
}

TEST (Postboxes, AreCountedForEachClient)
{
  Error error, refused;
  g_autoptr (BfyPostboxes) postboxes = bfy_postboxes_new (2);
  BfyPostbox *first = bfy_postboxes_open (postboxes, "b1", "c", kUrl, error.out ());

  ASSERT_NE (first, nullptr) << error;
  EXPECT_NE (bfy_postboxes_open (postboxes, "b2", "c", kUrl, error.out ()), nullptr) << error;
  EXPECT_EQ (bfy_postboxes_open (postboxes, "b3", "c", kUrl, refused.out ()), nullptr);
  EXPECT_THAT (refused, FailsWith (BFY_ERROR_RATE_LIMITED));
  EXPECT_NE (bfy_postboxes_open (postboxes, "b1", nullptr, kUrl, error.out ()), nullptr) << error;
  bfy_postboxes_close (postboxes, first);
  EXPECT_NE (bfy_postboxes_open (postboxes, "b3", "c", kUrl, error.out ()), nullptr) << error;
}
