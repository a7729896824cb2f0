// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tests/fixture/valgrind.h"

extern "C"
{
#include "protocol/secret.h"
}

TEST (Secret, KeepsBytesAndEndsWithNul)
{
  for (gsize length : { 0, 1, 31, 32, 63, 64, 4000, 4096, 70000 })
    {
      std::string text (length, 'k');
      g_autoptr (BfySecret) secret = bfy_secret_new (text.data (), text.size ());
      gsize got;
      const guint8 *bytes = bfy_secret_peek (secret, &got);

      ASSERT_EQ (got, length);
      EXPECT_EQ (memcmp (bytes, text.data (), length), 0);
      EXPECT_EQ (bytes[length], 0);
    }
}

TEST (Secret, WipesTheSource)
{
  char source[] = "hunter2";
  g_autoptr (BfySecret) secret = bfy_secret_new_wipe (source, 7);

  EXPECT_STREQ (bfy_secret_peek_text (secret), "hunter2");
  EXPECT_EQ (std::string (source, 7), std::string (7, '\0'));
}

TEST (Secret, IsWipedWhenTheLastReferenceGoes)
{
  BfySecret *secret = bfy_secret_new ("a-long-enough-marker-to-look-for", 32);
  const guint8 *bytes = bfy_secret_peek (secret, nullptr);
  BfySecret *second = bfy_secret_ref (secret);

  bfy_secret_unref (secret);
  EXPECT_EQ (memcmp (bytes, "a-long", 6), 0) << "a second reference keeps it";
  bfy_secret_unref (second);
  // The slot is still mapped and belongs to the pool: reading it is well defined for this pool.
  int pipe_fds[2];
  ASSERT_EQ (pipe (pipe_fds), 0);
  std::vector<char> seen (32);
  ASSERT_EQ (write (pipe_fds[1], bytes, 32), 32);
  ASSERT_EQ (read (pipe_fds[0], seen.data (), 32), 32);
  EXPECT_EQ (std::string (seen.begin (), seen.end ()), std::string (32, '\0'));
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

TEST (Secret, IsEmptyInAForkedChild)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "valgrind does not wipe on fork";
  g_autoptr (BfySecret) secret = bfy_secret_new ("parent-only", 11);
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    _exit (memcmp (bfy_secret_peek (secret, nullptr), "parent-only", 11) == 0 ? 1 : 0);
  ASSERT_EQ (waitpid (child, &status, 0), child);
  EXPECT_EQ (WEXITSTATUS (status), 0) << "the child could read the secret";
}

TEST (Secret, ComparesWholeSecrets)
{
  g_autoptr (BfySecret) a = bfy_secret_new ("abc", 3);
  g_autoptr (BfySecret) same = bfy_secret_new ("abc", 3);
  g_autoptr (BfySecret) other = bfy_secret_new ("abd", 3);
  g_autoptr (BfySecret) longer = bfy_secret_new ("abcd", 4);

  EXPECT_TRUE (bfy_secret_equal (a, same));
  EXPECT_FALSE (bfy_secret_equal (a, other));
  EXPECT_FALSE (bfy_secret_equal (a, longer));
}

TEST (Secret, ReusesSlots)
{
  std::vector<BfySecret *> many;

  for (int round = 0; round < 3; round++)
    {
      for (int i = 0; i < 2000; i++)
        many.push_back (bfy_secret_new ("x", 1));
      for (BfySecret *secret : many)
        bfy_secret_unref (secret);
      many.clear ();
    }
  SUCCEED ();
}
