// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Writing over files of other programs, and taking it back.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/undo.h"
#include "protocol/error.h"
}

namespace
{

namespace fs = std::filesystem;

class UserFile : public testing::Test
{
protected:
  PrivateDirs dirs;
  std::string home = dirs.path ("home");
  std::string path = home + "/a.json";

  void put (const std::string &name, const std::string &text)
  {
    std::ofstream (name, std::ios::binary) << text;
  }

  std::string get (const std::string &name)
  {
    std::ifstream file (name, std::ios::binary);

    return file ? std::string (std::istreambuf_iterator<char> (file), {}) : "(none)";
  }

  BfyUserFile *read (const std::string &name)
  {
    bfy_user_file_free (file);
    file = bfy_user_file_read (name.c_str (), home.c_str (), error.out ());

    return file;
  }

  bool write (const char *text)
  {
    g_autoptr (GBytes) bytes = text != nullptr ? g_bytes_new (text, strlen (text)) : nullptr;

    return bfy_user_file_write (file, bytes, error.out ());
  }

  void TearDown () override
  {
    bfy_user_file_free (file);
  }

  // Nothing of ours is left beside what was written.
  size_t count (const std::string &folder)
  {
    return static_cast<size_t> (
        std::distance (fs::directory_iterator (folder), fs::directory_iterator ()));
  }

  BfyUserFile *file = nullptr;
  Error error;
};

TEST_F (UserFile, IsWrittenInItsPlaceWithItsPermissions)
{
  put (path, "one");
  chmod (path.c_str (), 0640);
  size_t before = count (home);

  ASSERT_NE (read (path), nullptr);
  EXPECT_STREQ (bfy_user_file_peek (file), "one");
  EXPECT_TRUE (write ("two"));
  EXPECT_EQ (get (path), "two");
  EXPECT_EQ (fs::status (path).permissions (), fs::perms (0640));
  EXPECT_EQ (count (home), before);
}

TEST_F (UserFile, IsMadeForItsOwnerAlone)
{
  std::string deep = home + "/x/y/b.json";

  ASSERT_NE (read (deep), nullptr);
  EXPECT_STREQ (bfy_user_file_peek (file), "");
  EXPECT_TRUE (write ("two"));
  EXPECT_EQ (get (deep), "two");
  EXPECT_EQ (fs::status (deep).permissions (), fs::perms (0600));
  EXPECT_EQ (fs::status (home + "/x").permissions (), fs::perms (0700));
  EXPECT_EQ (count (home + "/x/y"), 1u);
}

TEST_F (UserFile, IsTakenAway)
{
  put (path, "one");
  ASSERT_NE (read (path), nullptr);
  EXPECT_TRUE (write (nullptr));
  EXPECT_FALSE (fs::exists (path));
}

TEST_F (UserFile, ThatChangedMeanwhileIsLeft)
{
  put (path, "one");
  ASSERT_NE (read (path), nullptr);
  put (path, "theirs");
  size_t before = count (home);

  EXPECT_FALSE (write ("two"));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_EQ (get (path), "theirs");
  EXPECT_FALSE (write (nullptr));
  EXPECT_EQ (get (path), "theirs");
  EXPECT_EQ (count (home), before);
}

TEST_F (UserFile, ThatCameOrWentMeanwhileIsLeft)
{
  ASSERT_NE (read (path), nullptr);
  put (path, "theirs");
  EXPECT_FALSE (write ("two"));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_EQ (get (path), "theirs");

  ASSERT_NE (read (path), nullptr);
  fs::remove (path);
  EXPECT_FALSE (write ("two"));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_FALSE (fs::exists (path));
}

TEST_F (UserFile, IsFollowedThroughALinkBelowHome)
{
  fs::create_directory (home + "/dotfiles");
  put (home + "/dotfiles/a.json", "one");
  fs::create_symlink (home + "/dotfiles/a.json", path);

  ASSERT_NE (read (path), nullptr);
  EXPECT_TRUE (write ("two"));
  EXPECT_TRUE (fs::is_symlink (path));
  EXPECT_EQ (get (home + "/dotfiles/a.json"), "two");
}

TEST_F (UserFile, IsNotFollowedOutOfHome)
{
  std::string outside = dirs.path ("home") + "-outside";

  fs::create_directory (outside);
  put (outside + "/a.json", "one");
  fs::create_symlink (outside + "/a.json", path);
  fs::create_directory_symlink (outside, home + "/folder");
  fs::create_symlink (home + "/nothing", home + "/dangling");

  EXPECT_EQ (read (path), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_EQ (read (home + "/folder/a.json"), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_EQ (read (home + "/folder/new.json"), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_EQ (read (home + "/dangling"), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_EQ (get (outside + "/a.json"), "one");
  fs::remove_all (outside);
}

TEST_F (UserFile, IsNoPipeAndNoDirectory)
{
  ASSERT_EQ (mkfifo (path.c_str (), 0600), 0);
  EXPECT_EQ (read (path), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  fs::create_directory (home + "/d");
  EXPECT_EQ (read (home + "/d"), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

TEST_F (UserFile, ThatIsReadOnlyStaysSo)
{
  put (path, "one");
  chmod (path.c_str (), 0444);
  ASSERT_NE (read (path), nullptr);
  EXPECT_FALSE (write ("two"));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_EQ (get (path), "one");
}

TEST_F (UserFile, ThatIsTooLargeIsNotRead)
{
  put (path, std::string (BFY_USER_FILE_BYTES_MAX + 1, ' '));
  EXPECT_EQ (read (path), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_TOO_LARGE));
}

class Undo : public UserFile
{
protected:
  std::string state = home + "/state";
  BfyEnvironment environment = {};

  void SetUp () override
  {
    environment.home = home.c_str ();
    environment.state_home = state.c_str ();
  }

  // Changes one file, as a command does.
  void change (const std::string &name, const char *text)
  {
    g_autoptr (BfyUndoSet) set = bfy_undo_set_new ("connect", name.c_str ());
    g_autoptr (GBytes) after = text != nullptr ? g_bytes_new (text, strlen (text)) : nullptr;

    ASSERT_NE (read (name), nullptr);
    json_object_set_string_member (set->notes, "client", "cursor");
    bfy_undo_set_add (set, file, home.c_str (), after, nullptr);
    ASSERT_TRUE (bfy_undo_set_save (set, &environment, nullptr));
    ASSERT_TRUE (write (text));
  }

  BfyUndoResult restore_newest (bool is_forced = false)
  {
    g_autoptr (GPtrArray) sets = bfy_undo_list (&environment, nullptr);
    auto *set = static_cast<BfyUndoSet *> (g_ptr_array_index (sets, 0));
    auto *entry = static_cast<BfyUndoFile *> (g_ptr_array_index (set->files, 0));
    BfyUndoResult result = bfy_undo_restore (entry, entry->before, is_forced, nullptr);

    if (result == BFY_UNDO_DONE)
      bfy_undo_set_forget (set, &environment);

    return result;
  }

  guint count_sets ()
  {
    g_autoptr (GPtrArray) sets = bfy_undo_list (&environment, nullptr);

    return sets->len;
  }
};

TEST_F (Undo, PutsBytesBack)
{
  std::string before ("\xff\r\n\0x", 5);

  put (path, before);
  change (path, "two");
  EXPECT_EQ (get (path), "two");
  EXPECT_EQ (count_sets (), 1u);
  EXPECT_EQ (restore_newest (), BFY_UNDO_DONE);
  EXPECT_EQ (get (path), before);
  EXPECT_EQ (count_sets (), 0u);
}

TEST_F (Undo, TakesAwayWhatWasNotThereAndBringsBackWhatWas)
{
  change (path, "new");
  EXPECT_EQ (restore_newest (), BFY_UNDO_DONE);
  EXPECT_FALSE (fs::exists (path));
  put (path, "one");
  change (path, nullptr);
  EXPECT_FALSE (fs::exists (path));
  EXPECT_EQ (restore_newest (), BFY_UNDO_DONE);
  EXPECT_EQ (get (path), "one");
}

TEST_F (Undo, LeavesWhatSomebodyElseChanged)
{
  put (path, "one");
  change (path, "two");
  put (path, "three");
  EXPECT_EQ (restore_newest (), BFY_UNDO_CHANGED);
  EXPECT_EQ (get (path), "three");
  EXPECT_EQ (restore_newest (true), BFY_UNDO_DONE);
  EXPECT_EQ (get (path), "one");
}

TEST_F (Undo, KnowsWhatIsDoneAlready)
{
  put (path, "one");
  change (path, "two");
  put (path, "one");
  EXPECT_EQ (restore_newest (), BFY_UNDO_ALREADY);
}

TEST_F (Undo, BeginsWithTheNewest)
{
  put (path, "one");
  change (path, "two");
  g_usleep (2000); // ids are in milliseconds
  change (path, "three");
  EXPECT_EQ (restore_newest (), BFY_UNDO_DONE);
  EXPECT_EQ (get (path), "two");
  EXPECT_EQ (restore_newest (), BFY_UNDO_DONE);
  EXPECT_EQ (get (path), "one");
}

TEST_F (Undo, KeepsWhatItHasForItsOwnerAlone)
{
  put (path, "one");
  change (path, "two");
  EXPECT_EQ (fs::status (state + "/bindify/undo").permissions (), fs::perms (0700));
  for (const auto &entry : fs::recursive_directory_iterator (state + "/bindify/undo"))
    {
      EXPECT_EQ (entry.status ().permissions () & fs::perms (0077), fs::perms::none)
          << entry.path ();
    }
  chmod ((state + "/bindify/undo").c_str (), 0755);
  g_autoptr (BfyUndoSet) set = bfy_undo_set_new ("connect", "x");
  EXPECT_FALSE (bfy_undo_set_save (set, &environment, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

TEST_F (Undo, LeavesOutWhatIsDamaged)
{
  put (path, "one");
  change (path, "two");
  for (const auto &entry : fs::recursive_directory_iterator (state + "/bindify/undo"))
    if (entry.path ().filename () == "manifest.json")
      put (entry.path (), "{\"files\":");
  EXPECT_EQ (count_sets (), 0u);
}

// SIGKILL between the exchange of two files and the end of the old one, which had a secret.
TEST_F (Undo, ClearsAwayWhatOneThatWasKilledLeft)
{
  const std::string folder = fs::path (path).parent_path ();
  const std::string left = folder + "/.bindify-0b6ffb1c-6b3e-4a1f-9c5e-0e1d2c3b4a59";
  const std::vector<std::string> others = {
    folder + "/.bindify-notes",
    folder + "/bindify-0b6ffb1c-6b3e-4a1f-9c5e-0e1d2c3b4a59",
    folder + "/.bindify-1c6ffb1c-6b3e-4a1f-9c5e-0e1d2c3b4a59",
  };

  put (path, "one");
  change (path, "two");
  put (left, "one");
  put (others[0], "x");
  put (others[1], "x");
  fs::create_symlink (path, others[2]);
  int lock = bfy_undo_lock (&environment, error.out ());
  ASSERT_GE (lock, 0);
  close (lock);
  EXPECT_FALSE (fs::exists (left));
  for (const std::string &other : others)
    EXPECT_TRUE (fs::exists (other)) << other;
  EXPECT_EQ (get (path), "two");
}

// Where it leads is where it is written.
TEST_F (Undo, ClearsAwayBesideWhatALinkLeadsTo)
{
  const fs::path folder = fs::path (path).parent_path () / "dotfiles";
  const std::string left = folder / ".bindify-0b6ffb1c-6b3e-4a1f-9c5e-0e1d2c3b4a59";

  fs::create_directories (folder);
  put (folder / "real", "one");
  fs::remove (path);
  fs::create_symlink (folder / "real", path);
  change (path, "two");
  put (left, "one");
  int lock = bfy_undo_lock (&environment, error.out ());
  ASSERT_GE (lock, 0);
  close (lock);
  EXPECT_FALSE (fs::exists (left));
}

TEST_F (Undo, IsOneAtATime)
{
  int first = bfy_undo_lock (&environment, error.out ());

  ASSERT_GE (first, 0);
  EXPECT_LT (bfy_undo_lock (&environment, error.out ()), 0);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  close (first);
  int second = bfy_undo_lock (&environment, error.out ());
  EXPECT_GE (second, 0);
  close (second);
}

} // namespace
