// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <fcntl.h>
#include <map>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/caller/glance.h"
#include "agent/caller/kin.h"
#include "agent/caller/root.h"
#include "agent/caller/sockets.h"
#include "agent/door/sock-diag.h"
}

namespace
{

constexpr int kGone = -1;

// Parents as they are told, one after the other; the last word stays.
class Parents
{
public:
  Parents (std::map<int, std::vector<int>> told) : told_ (std::move (told))
  {
  }

  static int of (int pid, gpointer user_data)
  {
    auto *self = static_cast<Parents *> (user_data);
    auto found = self->told_.find (pid);

    if (found == self->told_.end ())
      return kGone;
    int parent = found->second.front ();
    if (found->second.size () > 1)
      found->second.erase (found->second.begin ());
    return parent;
  }

private:
  std::map<int, std::vector<int>> told_;
};

struct KinCase
{
  const char *name;
  std::map<int, std::vector<int>> parents;
  int pid, other;
  BfyKin want;
};

std::ostream &
operator<< (std::ostream &stream, const KinCase &row)
{
  return stream << row.name;
}

class KinTest : public testing::TestWithParam<KinCase>
{
};

} // namespace

TEST_P (KinTest, FollowsTheParents)
{
  const KinCase &row = GetParam ();
  Parents parents (row.parents);

  EXPECT_EQ (bfy_kin_find (row.pid, row.other, Parents::of, &parents), row.want);
}

// 1 ← 10 (terminal) ← 20 (shell) ← 30 (asks) ← 40 (its child); 1 ← 50 (another).
#define FAMILY                                                                                     \
  { 1, { 0 } }, { 10, { 1 } }, { 20, { 10 } }, { 30, { 20 } }, { 40, { 30 } },                     \
  {                                                                                                \
    50,                                                                                            \
    {                                                                                              \
      1                                                                                            \
    }                                                                                              \
  }

INSTANTIATE_TEST_SUITE_P (
    Families,
    KinTest,
    testing::Values (
        KinCase{ "Same", { FAMILY }, 30, 30, BFY_KIN_SAME },
        KinCase{ "Parent", { FAMILY }, 20, 30, BFY_KIN_ANCESTOR },
        KinCase{ "Grandparent", { FAMILY }, 10, 30, BFY_KIN_ANCESTOR },
        KinCase{ "First", { FAMILY }, 1, 30, BFY_KIN_ANCESTOR },
        KinCase{ "Child", { FAMILY }, 40, 30, BFY_KIN_DESCENDANT },
        KinCase{ "Grandchild", { FAMILY }, 40, 20, BFY_KIN_DESCENDANT },
        KinCase{ "Stranger", { FAMILY }, 50, 30, BFY_KIN_NONE },
        KinCase{ "Gone", { FAMILY }, 60, 30, BFY_KIN_UNKNOWN },
        KinCase{ "AskerGone", { FAMILY }, 50, 60, BFY_KIN_UNKNOWN },
        KinCase{ "SameButGone", { FAMILY }, 60, 60, BFY_KIN_UNKNOWN },
        KinCase{ "NoNumber", { FAMILY }, 0, 30, BFY_KIN_UNKNOWN },
        KinCase{ "Negative", { FAMILY }, 30, -5, BFY_KIN_UNKNOWN },
        KinCase{ "Cycle", { { 2, { 3 } }, { 3, { 2 } }, { 9, { 0 } } }, 9, 2, BFY_KIN_UNKNOWN },
        KinCase{ "OwnParent", { { 2, { 2 } }, { 9, { 0 } } }, 9, 2, BFY_KIN_UNKNOWN },
        KinCase{ "CycleWithBoth", { { 2, { 3 } }, { 3, { 2 } } }, 2, 3, BFY_KIN_ANCESTOR },
        // 1 and 10 are somebody else's, and hidden.
        KinCase{ "HiddenAbove",
                 { { 20, { 10 } }, { 30, { 20 } }, { 50, { 1 } } },
                 50,
                 30,
                 BFY_KIN_NONE },
        KinCase{ "HiddenBetween", { { 20, { 10 } }, { 30, { 20 } } }, 10, 30, BFY_KIN_ANCESTOR },
        // 20 ends while we look: its child has another parent by now.
        KinCase{ "Reparented",
                 { { 1, { 0 } }, { 30, { 20, 1 } }, { 50, { 1 } } },
                 50,
                 30,
                 BFY_KIN_NONE },
        KinCase{ "ReparentedToIt",
                 { { 1, { 0 } }, { 30, { 20, 50 } }, { 50, { 1 } } },
                 50,
                 30,
                 BFY_KIN_ANCESTOR },
        KinCase{ "EndsMeanwhile",
                 { { 1, { 0 } }, { 30, { 20, kGone } }, { 50, { 1 } } },
                 50,
                 30,
                 BFY_KIN_UNKNOWN }),
    [] (const testing::TestParamInfo<KinCase> &info) { return info.param.name; });

namespace
{

// PID → parent and number of its pseudo-terminal (-1: none, -2: a console).
using Processes = std::map<int, std::pair<int, int>>;

gboolean
tell_of (int pid, BfyProcessStat *stat, gpointer user_data)
{
  auto *processes = static_cast<Processes *> (user_data);
  auto found = processes->find (pid);

  if (found == processes->end ())
    return FALSE;
  *stat = {};
  stat->parent = found->second.first;
  if (found->second.second >= 0)
    stat->terminal = static_cast<int> (makedev (136, found->second.second));
  else if (found->second.second == -2)
    stat->terminal = static_cast<int> (makedev (4, 1));
  return TRUE;
}

struct RootCase
{
  const char *name;
  Processes processes;
  int want;
};

std::ostream &
operator<< (std::ostream &stream, const RootCase &row)
{
  return stream << row.name;
}

class RootTest : public testing::TestWithParam<RootCase>
{
};

} // namespace

TEST_P (RootTest, IsTheTopmostInAWindow)
{
  Processes processes = GetParam ().processes;

  EXPECT_EQ (bfy_root_find (40, tell_of, &processes), GetParam ().want);
}

// 10 is a terminal emulator, 20 a shell in it, 30 a program, 40 what it starts.
INSTANTIATE_TEST_SUITE_P (
    Windows,
    RootTest,
    testing::Values (
        RootCase{ "InTheWindow",
                  { { 10, { 1, -1 } }, { 20, { 10, 3 } }, { 30, { 20, 3 } }, { 40, { 30, 3 } } },
                  20 },
        RootCase{ "InASessionOfItsOwn",
                  { { 10, { 1, -1 } }, { 20, { 10, 3 } }, { 30, { 20, 3 } }, { 40, { 30, -1 } } },
                  20 },
        RootCase{ "InATerminalOfItsOwn",
                  { { 10, { 1, -1 } }, { 20, { 10, 3 } }, { 30, { 20, 3 } }, { 40, { 30, 9 } } },
                  20 },
        RootCase{ "WithoutATerminal", { { 30, { 1, -1 } }, { 40, { 30, -1 } } }, 40 },
        // The desktop was started at a console: all of it is not one window.
        RootCase{ "Console",
                  { { 10, { 1, -2 } }, { 20, { 10, -2 } }, { 30, { 20, 3 } }, { 40, { 30, 3 } } },
                  30 },
        RootCase{ "ParentsGoRound", { { 30, { 40, -1 } }, { 40, { 30, 2 } } }, 40 },
        RootCase{ "ParentUnseen", { { 40, { 30, 2 } } }, 40 },
        RootCase{ "Gone", {}, 0 }),
    [] (const testing::TestParamInfo<RootCase> &info) { return info.param.name; });

TEST (Kin, IsReadFromProc)
{
  EXPECT_EQ (bfy_kin_of (getpid (), getpid ()), BFY_KIN_SAME);
  EXPECT_EQ (bfy_kin_of (getppid (), getpid ()), BFY_KIN_ANCESTOR);
  EXPECT_EQ (bfy_kin_of (getpid (), getppid ()), BFY_KIN_DESCENDANT);
}

TEST (Glance, SeesAProcessAndThatItChanges)
{
  BfyGlance glance;

  ASSERT_TRUE (bfy_glance_take (&glance, getpid ()));
  EXPECT_EQ (glance.stat.parent, getppid ());
  EXPECT_NE (glance.file.inode, 0u);
  ASSERT_NE (glance.program, nullptr);
  EXPECT_EQ (glance.program[0], '/');
  EXPECT_TRUE (bfy_glance_is_still (&glance));
  glance.stat.started_at++;
  EXPECT_FALSE (bfy_glance_is_still (&glance)) << "another process with that number";
  glance.stat.started_at--;
  glance.file.inode++;
  EXPECT_FALSE (bfy_glance_is_still (&glance)) << "another program";
  glance.file.inode--;
  glance.stat.parent++;
  EXPECT_FALSE (bfy_glance_is_still (&glance)) << "another parent";
  bfy_glance_clear (&glance);
  EXPECT_FALSE (bfy_glance_take (&glance, 0));
  EXPECT_FALSE (bfy_glance_take (&glance, G_MAXINT));
}

TEST (Glance, ReadsNoMoreThanThereIsRoomFor)
{
  char buffer[8];

  EXPECT_EQ (bfy_glance_read (getpid (), "status", buffer, sizeof buffer), 7);
  EXPECT_EQ (buffer[7], '\0');
  EXPECT_EQ (bfy_glance_read (getpid (), "no-such-file", buffer, sizeof buffer), -1);
}

TEST (PeerLife, IsAskedOfTheSocket)
{
  int fds[2];
  ASSERT_EQ (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  BfyPeer peer = {};

  peer.pid = getpid ();
  EXPECT_NE (bfy_peer_get_life (fds[0], &peer), BFY_PEER_DEAD);
  close (fds[0]);
  close (fds[1]);
}

// What it runs is all that is asked for each request: who has ended must not be taken for alive.
TEST (PeerPins, TellWhatAProcessRunsUntilItEnds)
{
  BfyProgramFile ours = bfy_program_file_of (getpid ());
  BfyProgramFile file;
  BfyPeerPins pins;
  pid_t child = fork ();

  if (child == 0)
    {
      pause ();
      _exit (0);
    }
  bfy_peer_pins_init (&pins);
  EXPECT_FALSE (bfy_program_file_at (pins.process, &file)) << "there is none";
  pins.process = bfy_peer_pin_by_number (child);
  ASSERT_GE (pins.process, 0);
  EXPECT_TRUE (bfy_program_file_at (pins.process, &file));
  EXPECT_TRUE (bfy_program_file_is_same (&file, &ours));

  siginfo_t end;
  ASSERT_EQ (kill (child, SIGKILL), 0);
  ASSERT_EQ (waitid (P_PID, (id_t) child, &end, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE (bfy_program_file_at (pins.process, &file)) << "it has ended, its number is taken";
  EXPECT_EQ (file.inode, 0u);
  ASSERT_EQ (waitpid (child, nullptr, 0), child);
  EXPECT_FALSE (bfy_program_file_at (pins.process, &file)) << "it has gone";
  bfy_peer_pins_close (&pins);
  EXPECT_EQ (pins.process, -1);
  EXPECT_EQ (bfy_peer_pin_by_number (0), -1);
  EXPECT_EQ (bfy_peer_pin_by_number (G_MAXINT), -1);
}

TEST (Sockets, AreFoundAtWhoHoldsThem)
{
  int fds[2];
  ASSERT_EQ (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  struct stat other_end;
  guint64 inode = 0;

  if (!bfy_sock_diag_unix (fds[0], &inode))
    GTEST_SKIP () << "this kernel cannot be asked about UNIX sockets";
  ASSERT_EQ (fstat (fds[1], &other_end), 0);
  EXPECT_EQ (inode, other_end.st_ino);
  EXPECT_EQ (bfy_sockets_find (getpid (), inode), BFY_SOCKET_OWN);
  int copy = dup (fds[1]); // without close-on-exec
  EXPECT_EQ (bfy_sockets_find (getpid (), inode), BFY_SOCKET_INHERITED);
  close (copy);
  close (fds[1]);
  EXPECT_EQ (bfy_sockets_find (getpid (), inode), BFY_SOCKET_ABSENT);
  EXPECT_FALSE (bfy_sock_diag_unix (fds[0], &inode)) << "nobody is at the other end";
  EXPECT_EQ (bfy_sockets_find (G_MAXINT, inode), BFY_SOCKET_ABSENT);
  close (fds[0]);
}
