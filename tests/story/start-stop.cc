// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// How the agent starts, who it lets in, what it protects itself with, and how it ends: craft A, B
// and F08, on the real program.

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;

namespace
{

constexpr unsigned kNobody = 65534;

mode_t
mode_of (const std::string &path)
{
  struct stat facts;

  return lstat (path.c_str (), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

bool
exists (const std::string &path)
{
  struct stat facts;

  return lstat (path.c_str (), &facts) == 0;
}

std::string
file_text (const std::string &path)
{
  std::ifstream file (path);

  return std::string (std::istreambuf_iterator<char> (file), {});
}

// A listening UNIX socket made by somebody else, as systemd would.
int
listen_unix (const std::string &path)
{
  struct sockaddr_un address = unix_address (path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  EXPECT_EQ (bind (fd, reinterpret_cast<struct sockaddr *> (&address), sizeof address), 0);
  EXPECT_EQ (listen (fd, 8), 0);
  return fd;
}

int
listen_any_address ()
{
  struct sockaddr_in address = {};
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_family = AF_INET;
  EXPECT_EQ (bind (fd, reinterpret_cast<struct sockaddr *> (&address), sizeof address), 0);
  EXPECT_EQ (listen (fd, 8), 0);
  return fd;
}

// What the process protects itself with, as the kernel tells it.
void
expect_hardened (pid_t pid)
{
  std::string proc = "/proc/" + std::to_string (pid);
  std::string limits = file_text (proc + "/limits");
  struct stat facts;

  EXPECT_THAT (limits, testing::ContainsRegex ("Max core file size +0 +0 "));
  EXPECT_THAT (file_text (proc + "/status"), HasSubstr ("NoNewPrivs:\t1"));
  EXPECT_THAT (file_text (proc + "/status"), HasSubstr ("Umask:\t0077"));
  // Not dumpable: the files below /proc/PID belong to root (craft B03, B04).
  ASSERT_EQ (stat ((proc + "/environ").c_str (), &facts), 0);
  EXPECT_EQ (facts.st_uid, 0u);
  ASSERT_EQ (stat ((proc + "/mem").c_str (), &facts), 0);
  EXPECT_EQ (facts.st_uid, 0u);
}

// A running agent of nobody: root owns its own files below /proc whether they may be dumped or not,
// and may attach to everything. Only somebody else's process tells.
class AgentOfNobody
{
public:
  AgentOfNobody ()
  {
    Agent::Options options;

    options.starts = false;
    agent_ = std::make_unique<Agent> (options);
    std::string home = agent_->dir ().path ();
    run (agent_->options ({ "chown", "-R", std::to_string (kNobody), home }));
    std::string program = home + "/agent";
    std::ofstream (program, std::ios::binary) << file_text (agent_program ());
    EXPECT_EQ (chmod (program.c_str (), 0755), 0);
    Process::Options process_options =
        agent_->options ({ program, "--port", "0", "--keyring", "memory", "--ready-fd", "9" });
    process_options.has_ready_fd = true;
    process_options.uid = kNobody;
    process_ = std::make_unique<Process> (process_options);
    EXPECT_THAT (process_->ready_line (), testing::StartsWith ("READY")) << process_->errors ();
  }

  pid_t pid () const
  {
    return process_->pid ();
  }

private:
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<Process> process_;
};

// What @attempt returns in a process of nobody.
int
as_nobody (const std::function<int ()> &attempt)
{
  pid_t child = fork ();
  int status = -1;

  if (child == 0)
    {
      bool is_nobody =
          setgroups (0, nullptr) == 0 && setgid (kNobody) == 0 && setuid (kNobody) == 0;

      // Becoming somebody else makes a process undumpable, and so no equal of the agent.
      _exit (is_nobody && prctl (PR_SET_DUMPABLE, 1) == 0 ? attempt () : 100);
    }
  waitpid (child, &status, 0);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 101;
}

} // namespace

TEST (Start, MakesItsDirectoryAndSocketForTheUserAlone)
{
  Agent agent;

  EXPECT_EQ (mode_of (agent.dir ().path ("run/bindify")), 0700u);
  EXPECT_EQ (mode_of (agent.socket ()), 0600u);
  EXPECT_EQ (mode_of (agent.state_dir ()), 0700u);
  EXPECT_EQ (mode_of (agent.state_dir () + "/bindify.db"), 0600u);
  EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);
}

// craft A10.
TEST (Start, EndsWithStatus0OnSigtermAndRemovesTheSocket)
{
  for (int number : { SIGTERM, SIGINT, SIGHUP })
    {
      Agent agent;

      agent.process ().signal (number);
      EXPECT_EQ (agent.process ().wait (), 0);
      EXPECT_FALSE (exists (agent.socket ()));
    }
}

// craft A13, craft A14: a second start says what is the matter and does not disturb the first.
TEST (Start, ASecondAgentOnTheSameSocketSaysSo)
{
  Agent first;
  Process::Options options = first.options (
      { agent_program (), "--port", "0", "--state-dir", first.dir ().path ("other-state") });
  Finished second = run (options);

  EXPECT_EQ (second.status, 1);
  EXPECT_THAT (second.errors, HasSubstr ("already running"));
  EXPECT_THAT (second.errors, HasSubstr (first.socket ()));
  EXPECT_THAT (second.errors, HasSubstr ("--socket"));
  EXPECT_EQ (first.control ("GET", "/v1/status").status, 200);
}

TEST (Start, ASecondAgentOnTheSameStateSaysSo)
{
  Agent first;
  Finished second = run (first.options ({ agent_program (), "--port", "0", "--socket",
                                          first.dir ().path ("run/bindify/second.sock") }));

  EXPECT_EQ (second.status, 1);
  EXPECT_THAT (second.errors, HasSubstr (first.state_dir ()));
  EXPECT_THAT (second.errors, HasSubstr ("--state-dir"));
  EXPECT_FALSE (exists (first.dir ().path ("run/bindify/second.sock")));
}

TEST (Start, AnOccupiedPortIsAClearError)
{
  Agent first;
  Agent::Options options;

  options.arguments = { "--port", std::to_string (first.port ()) };
  options.starts = false;
  Agent second (options);
  EXPECT_FALSE (second.start ());
  EXPECT_THAT (second.process ().errors (), HasSubstr (std::to_string (first.port ())));
  EXPECT_THAT (second.process ().errors (), HasSubstr ("--port"));
}

// craft A14.
TEST (Start, ReplacesTheSocketOfADeadAgent)
{
  Agent agent;

  agent.kill ();
  ASSERT_TRUE (exists (agent.socket ()));
  ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
  EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);
}

TEST (Start, DoesNotTouchAFileThatIsNoSocket)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  g_mkdir_with_parents (agent.dir ().path ("run/bindify").c_str (), 0700);
  std::ofstream (agent.socket ()) << "precious";
  EXPECT_FALSE (agent.start ());
  EXPECT_EQ (file_text (agent.socket ()), "precious");
}

// craft A07.
TEST (Start, RefusesADirectoryThatOthersMayEnter)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  g_mkdir_with_parents (agent.dir ().path ("run/bindify").c_str (), 0700);
  chmod (agent.dir ().path ("run/bindify").c_str (), 0777);
  EXPECT_FALSE (agent.start ());
  EXPECT_THAT (agent.process ().errors (), HasSubstr ("chmod 700"));
}

// craft A16.
TEST (Start, ASocketPathThatIsTooLongIsAMessage)
{
  Agent::Options options;

  options.arguments = { "--socket", "/tmp/" + std::string (200, 'x') + "/agent.sock" };
  options.starts = false;
  Agent agent (options);
  EXPECT_FALSE (agent.start ());
  EXPECT_THAT (agent.process ().errors (), HasSubstr ("107"));
}

struct OptionCase
{
  const char *name;
  std::vector<std::string> arguments;
  const char *text;
};

class BadOption : public testing::TestWithParam<OptionCase>
{
};

TEST_P (BadOption, IsRefusedWithASentence)
{
  Agent::Options options;

  options.starts = false;
  options.arguments = GetParam ().arguments;
  Agent agent (options);
  EXPECT_FALSE (agent.start ());
  EXPECT_THAT (agent.process ().errors (), HasSubstr (GetParam ().text));
}

INSTANTIATE_TEST_SUITE_P (
    Options,
    BadOption,
    testing::Values (OptionCase{ "Unknown", { "--colour" }, "--colour" },
                     OptionCase{ "Extra", { "hello" }, "hello" },
                     OptionCase{ "Port", { "--port", "70000" }, "65535" },
                     OptionCase{ "PortText", { "--port", "x" }, "x" },
                     OptionCase{ "Keyring", { "--keyring", "shoebox" }, "vault" },
                     OptionCase{ "RelativeSocket", { "--socket", "agent.sock" }, "agent.sock" }),
    [] (const testing::TestParamInfo<OptionCase> &info) { return info.param.name; });

// craft B03, B04 in every start mode.
TEST (Hardening, B03HoldsWhenStartedByHand)
{
  Agent agent;

  expect_hardened (agent.process ().pid ());
}

TEST (Hardening, B04WhatItHoldsBelongsToRootWhoeverItRunsAs)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "needs root to become another user; as a user, the test above tells";
  AgentOfNobody agent;
  std::string proc = "/proc/" + std::to_string (agent.pid ());

  expect_hardened (agent.pid ());
  for (const char *name : { "/environ", "/mem", "/maps", "/fd" })
    EXPECT_EQ (as_nobody ([&] { return open ((proc + name).c_str (), O_RDONLY) < 0 ? 0 : 1; }), 0)
        << name;
}

TEST (Hardening, B02AttachingWithADebuggerIsRefused)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "needs root to become another user";
  AgentOfNobody agent;
  auto attach = [&] {
    return ptrace (PTRACE_SEIZE, agent.pid (), nullptr, nullptr) != 0 && errno == EPERM ? 0 : 1;
  };

  EXPECT_EQ (as_nobody (attach), 0);
}

TEST (Hardening, B03HoldsWhenStartedBySocketActivation)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  int fd = listen_unix (agent.dir ().path ("run/a.sock"));
  Process::Options process_options =
      agent.options ({ agent_program (), "--port", "0", "--ready-fd", "9" });
  process_options.listen_fds = { fd };
  process_options.has_ready_fd = true;
  Process process (process_options);

  EXPECT_THAT (process.ready_line (),
               testing::AllOf (HasSubstr ("READY port="),
                               testing::EndsWith ("socket=" + agent.dir ().path ("run/a.sock"))));
  expect_hardened (process.pid ());
  Connection connection = Connection::to_unix (agent.dir ().path ("run/a.sock"));
  connection.send (format_request ("GET", "/v1/status", "localhost"));
  EXPECT_EQ (connection.read_response ().status, 200);
  process.signal (SIGTERM);
  EXPECT_EQ (process.wait (), 0);
  EXPECT_TRUE (exists (agent.dir ().path ("run/a.sock"))) << "it belongs to who made it";
  close (fd);
}

// craft A15.
TEST (SocketActivation, AnythingUnexpectedIsAClearError)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  int unix_fd = listen_unix (agent.dir ().path ("run/a.sock"));
  int second_fd = listen_unix (agent.dir ().path ("run/b.sock"));
  int any_fd = listen_any_address ();
  int file_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  for (const std::vector<int> &fds :
       { std::vector<int>{ unix_fd, second_fd }, { any_fd }, { file_fd } })
    {
      Process::Options process_options = agent.options ({ agent_program (), "--port", "0" });
      process_options.listen_fds = fds;
      Finished finished = run (process_options);

      EXPECT_EQ (finished.status, 1);
      EXPECT_THAT (finished.errors, HasSubstr ("nherited"));
    }
  for (const auto &[pid, n] :
       { std::pair<std::string, std::string>{ "1", "1" }, { "x", "1" }, { "", "0" } })
    {
      Process::Options process_options = agent.options ({ agent_program (), "--port", "0" });
      process_options.environment["LISTEN_PID"] = pid;
      process_options.environment["LISTEN_FDS"] = n;
      Finished finished = run (process_options);

      EXPECT_EQ (finished.status, 1);
      EXPECT_THAT (finished.errors, HasSubstr ("LISTEN_PID"));
    }
  close (unix_fd);
  close (second_fd);
  close (any_fd);
  close (file_fd);
}

TEST (Notify, TellsTheServiceManager)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::string path = agent.dir ().path ("run/notify");
  struct sockaddr_un address = unix_address (path);
  char text[64] = {};

  ASSERT_EQ (bind (fd, reinterpret_cast<struct sockaddr *> (&address), sizeof address), 0);
  Process::Options process_options =
      agent.options ({ agent_program (), "--port", "0", "--ready-fd", "9" });
  process_options.environment["NOTIFY_SOCKET"] = path;
  process_options.has_ready_fd = true;
  Process process (process_options);
  process.ready_line ();
  EXPECT_GT (recv (fd, text, sizeof text - 1, 0), 0);
  EXPECT_STREQ (text, "READY=1");
  process.signal (SIGTERM);
  EXPECT_EQ (process.wait (), 0);
  close (fd);
}

namespace
{

// Who comes as another user to the UNIX door, or by that family to the TCP door: 0 is turned away,
// 1 cannot connect, 2 is served.
int
come_as_nobody (Agent &agent, int family)
{
  int port = agent.port ();
  std::string path = agent.socket ();

  return as_nobody ([&] {
    Connection connection = family == AF_UNIX   ? Connection::to_unix (path)
                            : family == AF_INET ? Connection::to_tcp (port)
                                                : Connection::to_tcp6 (port);

    if (!connection.is_open ())
      return 1;
    connection.send (format_request ("GET", "/healthz", "127.0.0.1:" + std::to_string (port)));
    return connection.read_response ().status == 0 ? 0 : 2;
  });
}

} // namespace

// Only as root can somebody else be played. The way is open as far as file modes go: the agent must
// still refuse.
TEST (Peer, B01AnotherUserIsRefusedThoughTheSocketIsOpenToAll)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "needs root to become another user";
  Agent agent;

  for (const char *name : { "", "/run", "/run/bindify" })
    chmod ((agent.dir ().path () + name).c_str (), 0755);
  chmod (agent.socket ().c_str (), 0644);
  EXPECT_EQ (come_as_nobody (agent, AF_UNIX), 1) << "a matter of the file's mode";
  chmod (agent.socket ().c_str (), 0666);
  EXPECT_EQ (come_as_nobody (agent, AF_UNIX), 0);
  EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);
}

// B10.
TEST (Peer, J32AnotherUserIsTurnedAwayBeforeAByteIsRead)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "needs root to become another user";
  Agent agent;

  EXPECT_EQ (come_as_nobody (agent, AF_INET), 0);
  EXPECT_NE (come_as_nobody (agent, AF_INET6), 2) << "where there is no IPv6 it cannot connect";
  EXPECT_EQ (agent.control ("GET", "/v1/status").status, 200);
}

TEST (Doors, Ipv6LoopbackServesToo)
{
  Agent agent;
  Connection connection = Connection::to_tcp6 (agent.port ());

  if (!connection.is_open ())
    GTEST_SKIP () << "no IPv6 here";
  connection.send (format_request ("GET", "/healthz", "[::1]:" + std::to_string (agent.port ())));
  EXPECT_EQ (connection.read_response ().status, 200);
}

TEST (Doors, ListenOnLoopbackOnly)
{
  Agent agent;
  std::string tcp = file_text ("/proc/net/tcp");
  char any[32];

  snprintf (any, sizeof any, "00000000:%04X", agent.port ());
  EXPECT_THAT (tcp, testing::Not (HasSubstr (any)));
  snprintf (any, sizeof any, "0100007F:%04X", agent.port ());
  EXPECT_THAT (tcp, HasSubstr (any));
}

// Clean stop: what is under way has two seconds.
TEST (Stop, WaitsForARequestUnderWay)
{
  Upstream *script_upstream = nullptr;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    script_upstream->signal ("working");
    script_upstream->wait ("go");
    peer.reply (200, "{\"late\":true}");
  });
  script_upstream = &upstream;
  Agent agent;
  agent.add ("svc", upstream.url (), "sk-1");
  Connection connection = agent.local ();
  connection.send (format_request ("POST", "/mcp/svc", "localhost",
                                   "Content-Type: application/json", kToolCall));
  ASSERT_TRUE (upstream.wait ("working"));
  agent.process ().signal (SIGTERM);
  // The doors are shut now; wait for it to be seen, then let the answer come.
  while (Connection::to_tcp (agent.port ()).is_open ())
    continue;
  upstream.signal ("go");
  EXPECT_EQ (connection.read_response ().body, "{\"late\":true}");
  EXPECT_EQ (agent.process ().wait (), 0);
}

TEST (Stop, DoesNotWaitForEver)
{
  Upstream *script_upstream = nullptr;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    script_upstream->signal ("working");
    peer.wait_for_close (kPatienceMs);
    script_upstream->signal ("closed");
  });
  script_upstream = &upstream;
  Agent agent;
  agent.add ("svc", upstream.url (), "sk-1");
  Connection connection = agent.local ();
  connection.send (format_request ("GET", "/mcp/svc", "localhost"));
  ASSERT_TRUE (upstream.wait ("working"));
  gint64 begin_us = g_get_monotonic_time ();
  EXPECT_EQ (agent.stop (), 0);
  gint64 duration_ms = (g_get_monotonic_time () - begin_us) / 1000;
  EXPECT_GT (duration_ms, 1900);
  EXPECT_LT (duration_ms, 4000);
  EXPECT_FALSE (exists (agent.socket ()));
  EXPECT_TRUE (connection.wait_for_close (kPatienceMs)) << "the client is not left waiting";
  EXPECT_TRUE (upstream.wait ("closed"));
}

// A call whose answer never comes: its client sees the connection close, with nothing that could be
// taken for an answer, and the log keeps that it was under way.
TEST (Stop, ACallThatHangsIsBrokenOffInTime)
{
  Upstream *script_upstream = nullptr;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    script_upstream->signal ("working");
    peer.wait_for_close (kPatienceMs);
    script_upstream->signal ("closed");
  });
  script_upstream = &upstream;
  Agent agent;
  agent.add ("svc", upstream.url (), "sk-1");
  Connection connection = agent.local ();
  connection.send (format_request ("POST", "/mcp/svc", "localhost",
                                   "Content-Type: application/json", kToolCall));
  ASSERT_TRUE (upstream.wait ("working"));
  gint64 begin_us = g_get_monotonic_time ();
  EXPECT_EQ (agent.stop (), 0);
  gint64 duration_ms = (g_get_monotonic_time () - begin_us) / 1000;
  EXPECT_GT (duration_ms, 1900);
  EXPECT_LT (duration_ms, 4000);
  EXPECT_FALSE (exists (agent.socket ()));
  EXPECT_NE (connection.read_response ().status, 200);
  EXPECT_TRUE (upstream.wait ("closed"));
  ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, HasSubstr ("tools/call"));
}

TEST (Stop, ASecondSignalDoesNotWait)
{
  Upstream *script_upstream = nullptr;
  Upstream upstream ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    script_upstream->signal ("working");
    peer.wait_for_close (kPatienceMs);
  });
  script_upstream = &upstream;
  Agent agent;
  agent.add ("svc", upstream.url (), "sk-1");
  Connection connection = agent.local ();
  connection.send (format_request ("POST", "/mcp/svc", "localhost",
                                   "Content-Type: application/json", kToolCall));
  ASSERT_TRUE (upstream.wait ("working"));
  agent.process ().signal (SIGINT);
  while (Connection::to_tcp (agent.port ()).is_open ())
    continue;
  agent.process ().signal (SIGINT);
  EXPECT_EQ (agent.process ().wait (), 0);
  EXPECT_FALSE (exists (agent.socket ()));
}

// F08.
TEST (Descriptors, RunningOutOfThemHurtsNobodyWhoIsIn)
{
  Agent::Options options;

  options.descriptor_limit = 40;
  Agent agent (options);
  std::vector<Connection> clients;
  Connection early = agent.local ();
  early.send (format_request ("GET", "/v1/status", "localhost"));
  ASSERT_EQ (early.read_response ().status, 200);

  for (int i = 0; i < 60; i++)
    clients.push_back (agent.tcp ());
  early.send (format_request ("GET", "/v1/status", "localhost"));
  EXPECT_EQ (early.read_response ().status, 200) << "who is in is served";

  // No spinning: hardly any processor time passes while nobody can be let in.
  auto cpu_ticks = [&] {
    std::string stat = file_text ("/proc/" + std::to_string (agent.process ().pid ()) + "/stat");
    std::istringstream fields (stat.substr (stat.rfind (')') + 2));
    std::string field;
    long ticks = 0;

    for (int i = 0; fields >> field; i++)
      if (i == 11 || i == 12)
        ticks += std::stol (field);
    return ticks;
  };
  long before = cpu_ticks ();
  EXPECT_FALSE (early.wait_for_close (1500));
  EXPECT_LT (cpu_ticks () - before, 30) << "in 1.5 s, a tick is 10 ms";

  clients.clear ();
  Connection late = agent.local ();
  late.send (format_request ("GET", "/v1/status", "localhost"));
  EXPECT_EQ (late.read_response ().status, 200) << "recovers when clients leave";
}

// Fail closed, keep data.
TEST (State, SurvivesARestartAndAKill)
{
  Upstream upstream (mcp_script ("sk-kept"));
  Agent agent;

  ASSERT_EQ (agent.add ("svc", upstream.url (), "sk-kept").status, 201);
  std::string key = agent.add_client ("story");
  agent.kill ();
  ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
  EXPECT_EQ (agent.post ("svc", key, kToolCall).status, 200);
  EXPECT_EQ (agent.stop (), 0);
  ASSERT_TRUE (agent.start ());
  EXPECT_EQ (agent.post ("svc", key, kToolCall).status, 200);
}

TEST (State, AGarbledDatabaseIsLeftAlone)
{
  Agent agent;
  std::string path = agent.state_dir () + "/bindify.db";

  agent.stop ();
  std::ofstream (path, std::ios::binary) << std::string (8192, 'x');
  EXPECT_FALSE (agent.start ());
  EXPECT_THAT (agent.process ().errors (), HasSubstr (path));
  EXPECT_EQ (file_text (path), std::string (8192, 'x'));
}

TEST (State, J14AMissingCredentialSaysSo)
{
  Upstream upstream (mcp_script ("sk-1"));
  Agent::Options options;

  options.keyring = "memory";
  Agent agent (options);
  agent.add ("svc", upstream.url (), "sk-1");
  std::string key = agent.add_client ("story");
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  Response response = agent.post ("svc", key, kToolCall);
  EXPECT_EQ (response.status, 200);
  EXPECT_THAT (response.body, HasSubstr ("\"code\":-31003"));
  EXPECT_THAT (response.body, HasSubstr ("credential_missing"));
  EXPECT_EQ (upstream.n_connections (), 0) << "nothing goes up without it";
}

TEST (State, A13ADamagedVaultIsSaidAndLeftAlone)
{
  Upstream upstream (mcp_script ("sk-1"));
  Agent agent;
  agent.add ("svc", upstream.url (), "sk-1");
  std::string key = agent.add_client ("story");
  agent.stop ();
  std::string path = agent.state_dir () + "/vault/vault.bfy";
  std::string bytes = file_text (path);
  bytes[bytes.size () - 1] ^= 1;
  std::ofstream (path, std::ios::binary | std::ios::trunc) << bytes;
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (agent.post ("svc", key, kToolCall).body, HasSubstr ("vault_damaged"));
  EXPECT_EQ (json_string (agent.add ("new", upstream.url (), "sk-2").body, "error"),
             "vault_damaged");
  EXPECT_EQ (file_text (path), bytes);
  EXPECT_EQ (agent.control ("GET", "/v1/bindings/new").status, 404) << "nothing half made";
}

// A full disk: what was there stays, the refusal says so, and it works again afterwards.
TEST (State, AFullDiskIsAClearErrorAndLosesNothing)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  std::string mount_point = agent.dir ().path ("state");

  if (geteuid () != 0 || run (agent.options ({ "mount", "-t", "tmpfs", "-o", "size=256k,mode=700",
                                               "tmpfs", mount_point }))
                                 .status != 0)
    GTEST_SKIP () << "needs to mount a small file system";
  Upstream upstream (mcp_script ("sk-1"));
  ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
  EXPECT_EQ (agent.add ("first", upstream.url (), "sk-1").status, 201);
  std::string key = agent.add_client ("story");
  // Fill what is left.
  std::ofstream filler (mount_point + "/filler");
  while (filler << std::string (4096, 'x') && filler.flush ())
    continue;
  Response refused = agent.add ("second", upstream.url (), "sk-2");
  EXPECT_EQ (refused.status, 507) << refused.body;
  EXPECT_EQ (json_string (refused.body, "error"), "storage");
  EXPECT_EQ (agent.post ("first", key, kToolCall).status, 200);
  filler.close ();
  unlink ((mount_point + "/filler").c_str ());
  EXPECT_EQ (agent.add ("second", upstream.url (), "sk-2").status, 201);
  EXPECT_EQ (agent.stop (), 0);
  ASSERT_TRUE (agent.start ());
  EXPECT_EQ (agent.post ("first", key, kToolCall).status, 200);
  agent.stop ();
  EXPECT_EQ (run (agent.options ({ "umount", mount_point })).status, 0);
}

// Under 12 MB when idle (measured without a wrapper only).
TEST (Memory, AnIdleAgentIsSmall)
{
  if (getenv ("BFY_TEST_AGENT_WRAPPER") != nullptr || is_sanitized ())
    GTEST_SKIP () << "a wrapper and a sanitizer have memory of their own";
  Agent agent;

  agent.control ("GET", "/v1/status");
  EXPECT_LT (resident_kib (agent.process ().pid ()), 12 * 1024);
}
