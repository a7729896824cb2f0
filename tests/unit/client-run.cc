// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <vector>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/valgrind.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "client/run/calls.h"
#include "client/run/explain.h"
#include "client/run/filter.h"
#include "client/run/landlock.h"
#include "client/run/plan.h"
#include "protocol/event-type.h"
#include "protocol/run-refusal.h"
}

// What a sandbox is made of, and what the kernel then refuses.

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const char *const nothing[] = { nullptr };
const char *const echo[] = { "echo", "--x", "hi", nullptr };

// A machine that is none of ours: ada works in a project.
class Machine
{
public:
  Machine ()
  {
    static const char *const roots[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };

    facts.bwrap = g_strdup ("/usr/bin/bwrap");
    facts.self = g_strdup ("/usr/bin/bindify");
    facts.home = g_strdup ("/home/me");
    facts.hidden = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_hidden_free);
    for (int i = 0; i < BFY_RUN_ROOTS; i++)
      facts.roots[i].path = roots[i];
    facts.roots[0].target = g_strdup ("usr/bin");
    facts.variables = nothing;
    facts.architecture = "x86_64";
    facts.landlock = 7;
    work_in ("/home/me/project");
    hide ("/home/me/.ssh", true);
    hide ("/home/me/.netrc", false);
    hide ("/home/me/project/.env-store", true);
    hide ("/home/me/.config/bindify", true);
    hide ("/srv/state/bindify", true);
  }
  Machine (const Machine &) = delete;
  Machine &operator= (const Machine &) = delete;
  ~Machine ()
  {
    g_free (facts.bwrap);
    g_free (facts.self);
    g_free (facts.home);
    g_free (facts.directory);
    g_free (facts.roots[0].target);
    g_ptr_array_unref (facts.hidden);
  }

  void work_in (const char *path)
  {
    g_free (facts.directory);
    facts.directory = g_strdup (path);
  }
  void hide (const char *path, bool is_folder)
  {
    auto *hidden = g_new0 (BfyRunHidden, 1);

    hidden->path = g_strdup (path);
    hidden->is_folder = is_folder;
    g_ptr_array_add (facts.hidden, hidden);
  }

  BfyRunMachine facts = {};
};

BfyRunWish
wish_of (const char *const *writable = nothing,
         const char *const *shown = nothing,
         BfyRunNet net = BFY_RUN_NET_BINDINGS)
{
  static const char *const names[] = { "github", "db", nullptr };

  return { names, net, FALSE, shown, writable, echo, nothing, FALSE };
}

const BfyRunParts parts = { 3, 5, 10, 6, 7, -1, -1, 7391, 0, nullptr, "bnd_local_x", nullptr };

// The words with a blank behind each, so that neighbours can be looked for.
std::string
plan (const BfyRunWish &wish, const Machine &machine)
{
  g_autoptr (GPtrArray) words = bfy_run_plan (&wish, &machine.facts, &parts);
  std::string text = " ";

  for (guint i = 0; i < words->len; i++)
    text += std::string (static_cast<char *> (words->pdata[i])) + " ";

  return text;
}

std::string
joined (GStrv list)
{
  std::string text;

  for (int i = 0; list[i] != nullptr; i++)
    text += std::string (list[i]) + "\n";
  g_strfreev (list);

  return text;
}

TEST (RunPlan, HasNamespacesOfItsOwn)
{
  std::string words = plan (wish_of (), Machine ());

  for (const char *word :
       { "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net",
         "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop ALL", "--clearenv",
         "--proc /proc", "--ro-bind-try /proc/sys /proc/sys", "--dev /dev", "--tmpfs /tmp",
         "--seccomp 5" })
    EXPECT_THAT (words, HasSubstr (std::string (" ") + word + " "));
}

TEST (RunPlan, SharesTheNetworkOnlyWhereAskedFor)
{
  std::string own = plan (wish_of (nothing, nothing, BFY_RUN_NET_NONE), Machine ());
  std::string shared = plan (wish_of (nothing, nothing, BFY_RUN_NET_HOST), Machine ());

  EXPECT_THAT (own, HasSubstr (" --unshare-net "));
  EXPECT_THAT (own, Not (HasSubstr ("/etc/resolv.conf")));
  EXPECT_THAT (shared, Not (HasSubstr ("--unshare-net")));
  EXPECT_THAT (shared, HasSubstr ("/etc/resolv.conf"));
}

TEST (RunPlan, ShowsNothingOfTheSession)
{
  std::string words = plan (wish_of (), Machine ());

  for (const char *word : { " /run ", "/run/user", " /home/me /home/me ", " / / ", " /etc /etc ",
                            "/etc/shadow", "/var/lib", " --bind ", "/dev/mem", "--dev-bind" })
    EXPECT_THAT (words, Not (HasSubstr (word)));
}

TEST (RunPlan, ShowsTheFolderToReadAndCoversSecretsInIt)
{
  std::string words = plan (wish_of (), Machine ());
  auto home = words.find (" --tmpfs /home/me ");
  auto folder = words.find (" --ro-bind /home/me/project /home/me/project ");
  auto cover = words.find (" --tmpfs /home/me/project/.env-store ");

  ASSERT_NE (home, std::string::npos);
  ASSERT_NE (folder, std::string::npos);
  ASSERT_NE (cover, std::string::npos);
  EXPECT_LT (home, folder);
  EXPECT_LT (folder, cover);
  EXPECT_THAT (words, HasSubstr (" --chdir /home/me/project "));
}

TEST (RunPlan, LetsWriteBehindWhatCanBeRead)
{
  const char *const writable[] = { "/home/me/project/out", "/home/me/project", nullptr };
  std::string words = plan (wish_of (writable), Machine ());
  auto read = words.find (" --ro-bind /home/me/project ");
  auto whole = words.find (" --bind /home/me/project /home/me/project ");
  auto part = words.find (" --bind /home/me/project/out /home/me/project/out ");

  ASSERT_NE (whole, std::string::npos);
  ASSERT_NE (part, std::string::npos);
  EXPECT_LT (read, whole);
  EXPECT_LT (whole, part);
  EXPECT_THAT (words.substr (whole), HasSubstr (" --tmpfs /home/me/project/.env-store "));
}

TEST (RunPlan, CoversAFileWithNothing)
{
  const char *const shown[] = { "/home/me/dots", nullptr };
  Machine machine;

  machine.hide ("/home/me/dots/.npmrc", false);
  EXPECT_THAT (plan (wish_of (nothing, shown), machine),
               HasSubstr (" --ro-bind /dev/null /home/me/dots/.npmrc "));
}

struct DirectoryCase
{
  const char *name;
  const char *path;
  bool is_shown;
};

class RunDirectory : public testing::TestWithParam<DirectoryCase>
{
};

TEST_P (RunDirectory, IsShownUnlessTooMuchIsInIt)
{
  BfyRunWish wish = wish_of ();
  Machine machine;

  machine.work_in (GetParam ().path);
  EXPECT_EQ (bfy_run_shows_directory (&wish, &machine.facts) != FALSE, GetParam ().is_shown);
  if (!GetParam ().is_shown)
    {
      EXPECT_THAT (plan (wish, machine), HasSubstr (" --chdir /home/me "));
    }
}

INSTANTIATE_TEST_SUITE_P (Directories,
                          RunDirectory,
                          testing::Values (DirectoryCase{ "Project", "/home/me/project", true },
                                           DirectoryCase{ "OfOthers", "/srv/work", true },
                                           DirectoryCase{ "Temporary", "/tmp/x", true },
                                           DirectoryCase{ "Home", "/home/me", false },
                                           DirectoryCase{ "AboveHome", "/home", false },
                                           DirectoryCase{ "Root", "/", false },
                                           DirectoryCase{ "AllTemporary", "/tmp", false },
                                           DirectoryCase{ "Keys", "/home/me/.ssh", false },
                                           DirectoryCase{ "InKeys", "/home/me/.ssh/x", false },
                                           DirectoryCase{ "Run", "/run/user/1000/x", false },
                                           DirectoryCase{ "Proc", "/proc/1", false }),
                          [] (const auto &info) { return info.param.name; });

struct FolderCase
{
  const char *name;
  const char *path;
  const char *said; // nullptr: it may be had
};

class RunFolder : public testing::TestWithParam<FolderCase>
{
};

TEST_P (RunFolder, IsJudgedReadOrWritten)
{
  const char *const list[] = { GetParam ().path, nullptr };
  const BfyRunWish wishes[] = { wish_of (list), wish_of (nothing, list) };
  Machine machine;

  for (const BfyRunWish &wish : wishes)
    {
      Error error;

      EXPECT_EQ (bfy_run_check (&wish, &machine.facts, error.out ()) != FALSE,
                 GetParam ().said == nullptr);
      if (GetParam ().said == nullptr)
        continue;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
      EXPECT_THAT (error.message (), HasSubstr (GetParam ().said));
    }
}

INSTANTIATE_TEST_SUITE_P (
    Folders,
    RunFolder,
    testing::Values (FolderCase{ "Project", "/home/me/project", nullptr },
                     FolderCase{ "BesideKeys", "/home/me/.sshd", nullptr },
                     FolderCase{ "WithKeysInIt", "/home/me/.config", nullptr },
                     FolderCase{ "State", "/srv/state/bindify", "secrets" },
                     FolderCase{ "InState", "/srv/state/bindify/x", "secrets" },
                     FolderCase{ "Keys", "/home/me/.ssh", "secrets" },
                     FolderCase{ "Home", "/home/me", "too much" },
                     FolderCase{ "Root", "/", "too much" },
                     FolderCase{ "Homes", "/home", "too much" },
                     FolderCase{ "Temporary", "/tmp", "too much" },
                     FolderCase{ "Run", "/run/user/1000", "too much" },
                     FolderCase{ "Devices", "/dev/shm", "too much" },
                     FolderCase{ "System", "/etc", "too much" }),
    [] (const auto &info) { return info.param.name; });

TEST (RunEnvironment, IsAListOfWhatIsAllowed)
{
  const char *const variables[] = { "PATH=/home/me/bin:/usr/bin:relative:/home/me/project/bin:/opt",
                                    "LANG=de_DE.UTF-8",
                                    "LC_TIME=C",
                                    "TERM=xterm",
                                    "GITHUB_TOKEN=ghp_x",
                                    "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus",
                                    "SSH_AUTH_SOCK=/run/ssh",
                                    "BINDIFY_SOCK=/run/agent",
                                    "LD_PRELOAD=/x.so",
                                    "DISPLAY=:0",
                                    "HOME=/elsewhere",
                                    nullptr };
  BfyRunWish wish = wish_of ();
  Machine machine;

  machine.facts.variables = variables;
  EXPECT_EQ (joined (bfy_run_plan_environment (&wish, &machine.facts, &parts)),
             "PATH=/usr/bin:/home/me/project/bin:/opt\nHOME=/home/me\nTMPDIR=/tmp\n"
             "PYTHONPATH=/run/bindify/clients\nLANG=de_DE.UTF-8\nTERM=xterm\nLC_TIME=C\n"
             "BINDIFY_URL=http://127.0.0.1:7391\nBINDIFY_KEY=bnd_local_x\n"
             "BINDIFY_BINDINGS=github db\n");
}

TEST (RunEnvironment, HasNoDoorWithoutBindings)
{
  const BfyRunParts bare = { 3, -1, -1, -1, -1, -1, -1, 0, 0, nullptr, nullptr, nullptr };
  BfyRunWish wish = wish_of ();
  Machine machine;
  std::string text = joined (bfy_run_plan_environment (&wish, &machine.facts, &bare));

  EXPECT_THAT (text, Not (HasSubstr ("BINDIFY_")));
  EXPECT_THAT (text, StartsWith ("PATH=/usr/local/bin:/usr/bin:/bin\n"));
}

TEST (RunEnvironment, LeadsToItsPartOfTheBus)
{
  BfyRunParts with_bus = parts;
  BfyRunWish wish = wish_of ();
  Machine machine;

  with_bus.bus = "/tmp/x/bus";
  EXPECT_THAT (joined (bfy_run_plan_environment (&wish, &machine.facts, &with_bus)),
               HasSubstr ("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bindify/bus\n"));
}

TEST (RunCommand, StartsThisProgramWithTheCommandBehindIt)
{
  const char *const writable[] = { "/srv/out", nullptr };
  BfyRunWish wish = wish_of (writable);
  Machine machine;

  EXPECT_EQ (joined (bfy_run_plan_command (&wish, &machine.facts, &parts)),
             "/run/bindify/bindify\nrun-inside\n3\n7391\n0\n10\n/tmp\n/var/tmp\n/dev\n/home/me\n"
             "/srv/out\n--\necho\n--x\nhi\n");
}

// What a run ends with in the log.

TEST (RunRefusal, IsNewsLessAndLess)
{
  guint n_records = 0;

  for (guint64 n = 1; n <= 1000000; n++)
    n_records += bfy_run_refusal_is_news (n);
  EXPECT_EQ (n_records, 24u);
}

TEST (RunRefusal, IsCountedAtTheEnd)
{
  guint64 n_refused[BFY_RUN_N_REFUSALS] = {};
  g_autofree char *nothing_refused = bfy_run_refusal_format_end (0, 12, n_refused);

  n_refused[BFY_RUN_REFUSED_BINDING] = 1;
  n_refused[BFY_RUN_REFUSED_PLACEHOLDER] = 3;
  g_autofree char *some = bfy_run_refusal_format_end (-1, 0, n_refused);
  EXPECT_STREQ (nothing_refused, "status 0, 12 requests");
  EXPECT_STREQ (some, "0 requests, refused: 1 binding, 3 placeholder");
}

TEST (RunRefusal, IsACategoryOfItsEvent)
{
  const BfyEventType *type = bfy_event_type_find ("run_refused");

  for (const char *const *name = bfy_run_refusal_names (); *name != nullptr; name++)
    EXPECT_TRUE (bfy_event_type_has_category (type, *name)) << *name;
}

TEST (RunExplain, SaysWhatIsMissing)
{
  BfyRunWish wish = wish_of (nothing, nothing, BFY_RUN_NET_HOST);
  Machine machine;

  machine.facts.architecture = nullptr;
  machine.facts.landlock = 3;
  g_autoptr (GPtrArray) layers = bfy_run_explain (&wish, &machine.facts, FALSE);
  std::string missing;
  for (guint i = 0; i < layers->len; i++)
    {
      auto *layer = static_cast<BfyRunLayer *> (layers->pdata[i]);

      if (!layer->is_in_force)
        missing += std::string (layer->name) + " ";
    }
  EXPECT_EQ (missing, "namespaces network abstract-sockets seccomp ");
}

TEST (RunExplain, SaysThatTheBusHasNoFilter)
{
  BfyRunWish wish = wish_of ();
  Machine machine;

  wish.has_bus = TRUE;
  g_autoptr (GPtrArray) layers = bfy_run_explain (&wish, &machine.facts, TRUE);
  guint n_missing = 0;
  for (guint i = 0; i < layers->len; i++)
    {
      auto *layer = static_cast<BfyRunLayer *> (layers->pdata[i]);

      if (std::string (layer->name) == "bus")
        n_missing += !layer->is_in_force;
    }
  EXPECT_EQ (n_missing, 1u);
}

// In a process of its own, because it is for good: the error of what was tried, 0 when it worked.
int
tried_in_child (const std::function<bool ()> &restrict_it, const std::function<long ()> &attempt)
{
  pid_t pid = fork ();
  int status = 0;

  if (pid == 0)
    {
      if (!restrict_it ())
        _exit (255);
      errno = 0;
      long result = attempt ();
      _exit (result < 0 ? errno : 0);
    }
  waitpid (pid, &status, 0);

  return WIFEXITED (status) ? WEXITSTATUS (status) : 1000 + WTERMSIG (status);
}

bool
install (GBytes *filter)
{
  gsize length;
  auto *lines = static_cast<const sock_filter *> (g_bytes_get_data (filter, &length));
  std::vector<sock_filter> muted (lines, lines + length / sizeof *lines);

  bfy_run_calls_mute (muted.data (), muted.size ());
  sock_fprog program = { static_cast<unsigned short> (muted.size ()), muted.data () };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Both halves, with nobody who is told.
bool
install_filter ()
{
  return install (bfy_run_filter_build ()) && install (bfy_run_filter_build_watch ());
}

struct CallCase
{
  const char *name;
  long (*attempt) ();
  int error;
};

class RunFilter : public testing::TestWithParam<CallCase>
{
};

TEST_P (RunFilter, Answers)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the filter would be valgrind's, too";

  if (bfy_run_filter_architecture () == nullptr)
    GTEST_SKIP () << "no filter for this processor";
  EXPECT_EQ (tried_in_child (install_filter, GetParam ().attempt), GetParam ().error);
}

long
ends_well (pid_t pid)
{
  int status = 0;

  return pid < 0 ? -1 : waitpid (pid, &status, 0);
}

INSTANTIATE_TEST_SUITE_P (
    Calls,
    RunFilter,
    testing::Values (
        CallCase{ "Trace", [] { return ptrace (PTRACE_TRACEME, 0, nullptr, nullptr); }, EPERM },
        CallCase{
            "ReadMemory",
            [] { return syscall (SYS_process_vm_readv, getpid (), nullptr, 0, nullptr, 0, 0); },
            EPERM },
        CallCase{
            "WriteMemory",
            [] { return syscall (SYS_process_vm_writev, getpid (), nullptr, 0, nullptr, 0, 0); },
            EPERM },
        CallCase{ "TakeDescriptor", [] { return syscall (SYS_pidfd_getfd, 0, 0, 0); }, EPERM },
        CallCase{ "KernelKeys", [] { return syscall (SYS_keyctl, 0, -3, 0); }, EPERM },
        CallCase{ "RequestKey", [] { return syscall (SYS_request_key, "user", "x", "", 0); },
                  EPERM },
        CallCase{ "Mount", [] { return long{ mount ("x", "/tmp", "tmpfs", 0, nullptr) }; }, EPERM },
        CallCase{ "NewMount", [] { return syscall (SYS_fsopen, "tmpfs", 0); }, EPERM },
        CallCase{ "Unmount", [] { return long{ umount2 ("/proc", MNT_DETACH) }; }, EPERM },
        CallCase{ "Root", [] { return long{ chroot ("/") }; }, EPERM },
        CallCase{ "Users", [] { return long{ unshare (CLONE_NEWUSER) }; }, EPERM },
        CallCase{ "UsersAmongOthers", [] { return long{ unshare (CLONE_FS | CLONE_NEWUSER) }; },
                  EPERM },
        CallCase{ "UsersByClone",
                  [] { return syscall (SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }, EPERM },
        CallCase{ "UsersByClone3", [] { return syscall (SYS_clone3, nullptr, 0); }, ENOSYS },
        CallCase{ "OtherNamespace", [] { return long{ setns (0, 0) }; }, EPERM },
        CallCase{ "Bpf", [] { return syscall (SYS_bpf, 0, nullptr, 0); }, EPERM },
        CallCase{ "Performance",
                  [] { return syscall (SYS_perf_event_open, nullptr, 0, -1, -1, 0); }, EPERM },
        CallCase{ "Faults", [] { return syscall (SYS_userfaultfd, 1); }, EPERM },
        CallCase{ "Ring", [] { return syscall (SYS_io_uring_setup, 1, nullptr); }, ENOSYS },
        CallCase{ "TypeIntoTerminal", [] { return long{ ioctl (0, TIOCSTI, "x") }; }, EPERM },
        CallCase{ "TypeWithHighBits",
                  [] { return syscall (SYS_ioctl, 0, TIOCSTI | (1UL << 32), "x"); }, EPERM },
        CallCase{ "Console", [] { return long{ ioctl (0, TIOCLINUX, "x") }; }, EPERM },
        CallCase{ "Netlink", [] { return long{ socket (AF_NETLINK, SOCK_RAW, 0) }; },
                  EAFNOSUPPORT },
        CallCase{ "Packets", [] { return long{ socket (AF_PACKET, SOCK_RAW, 0) }; }, EAFNOSUPPORT },
        CallCase{ "VirtualMachine", [] { return long{ socket (AF_VSOCK, SOCK_STREAM, 0) }; },
                  EAFNOSUPPORT },
        // What every program needs.
        CallCase{ "Unix", [] { return long{ socket (AF_UNIX, SOCK_STREAM, 0) }; }, 0 },
        CallCase{ "Inet", [] { return long{ socket (AF_INET, SOCK_STREAM, 0) }; }, 0 },
        CallCase{ "Inet6", [] { return long{ socket (AF_INET6, SOCK_STREAM, 0) }; }, 0 },
        CallCase{ "Fork",
                  [] {
                    pid_t pid = fork ();

                    if (pid == 0)
                      _exit (0);
                    return ends_well (pid);
                  },
                  0 },
        CallCase{ "Files", [] { return long{ open ("/dev/null", O_RDONLY) }; }, 0 },
        CallCase{ "OwnFiles", [] { return long{ unshare (CLONE_FILES) }; }, 0 }),
    [] (const auto &info) { return info.param.name; });

TEST (RunFilter, EndsAProgramForAnotherProcessor)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "valgrind runs no program for another processor";

#ifdef __x86_64__
  if (is_sanitized ())
    GTEST_SKIP () << "the signal is the sanitizer's";
  EXPECT_EQ (tried_in_child (install_filter, [] { return syscall (0x40000000 | SYS_getpid); }),
             1000 + SIGSYS);
#endif
}

class RunLandlock : public testing::Test
{
protected:
  void SetUp () override
  {
    if (bfy_landlock_version () == 0)
      GTEST_SKIP () << "this kernel has no Landlock";
  }
  int tried (const std::function<long ()> &attempt)
  {
    const char *const writable[] = { inside.path ().c_str (), "/nowhere", nullptr };

    return tried_in_child ([&] { return bfy_landlock_restrict (writable); }, attempt);
  }
  static long make (const std::string &path)
  {
    return open (path.c_str (), O_WRONLY | O_CREAT, 0600);
  }

  TempDir inside, outside;
};

TEST_F (RunLandlock, LetsWriteWhereItIsAllowed)
{
  EXPECT_EQ (tried ([&] { return make (inside.path ("x")); }), 0);
}

TEST_F (RunLandlock, ForbidsWritingElsewhere)
{
  EXPECT_EQ (tried ([&] { return make (outside.path ("x")); }), EACCES);
}

TEST_F (RunLandlock, LetsReadEverywhere)
{
  std::ofstream (outside.path ("x")) << "x";
  EXPECT_EQ (tried ([&] { return long{ open (outside.path ("x").c_str (), O_RDONLY) }; }), 0);
}

TEST_F (RunLandlock, FollowsALinkToWhereItLeads)
{
  std::filesystem::create_symlink (outside.path ("y"), inside.path ("link"));
  EXPECT_EQ (tried ([&] { return make (inside.path ("link")); }), EACCES);
}

} // namespace
