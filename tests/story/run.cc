// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify run`: a command uses the bindings it was given, and gets at nothing else. The attempts
// of fixtures/escapes.py are attacks: each works without its protection.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/sanitizers.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-run-only-the-agent-has-this-0123456789";
constexpr char kPython[] = "/usr/bin/python3";

std::string
fixture (const std::string &name)
{
  return std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/" + name;
}

// Ended by its pid with the test.
class Sample
{
public:
  explicit Sample (const TempDir &dir)
  {
    Process::Options options;

    std::ofstream (dir.path ("token")) << kSecret;
    options.argv = { "python3",          "-u",    fixture ("sample-server.py"), "--token-file",
                     dir.path ("token"), "--log", dir.path ("requests"),        "--leaky" };
    process = std::make_unique<Process> (options);
    std::string line = process->read_line ();
    port = line.rfind ("READY port=", 0) == 0 ? std::stoi (line.substr (11)) : 0;
  }
  ~Sample ()
  {
    process->signal (SIGTERM);
    process->wait ();
  }
  std::string url () const
  {
    return "http://127.0.0.1:" + std::to_string (port) + "/mcp";
  }

  std::unique_ptr<Process> process;
  int port = 0;
};

// Listens until the test ends.
class Listener
{
public:
  explicit Listener (const struct sockaddr_un &address, socklen_t length = sizeof (sockaddr_un))
      : fd_ (socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
  {
    is_there = bind (fd_, reinterpret_cast<const sockaddr *> (&address), length) == 0 &&
               listen (fd_, 8) == 0;
  }
  ~Listener ()
  {
    close (fd_);
  }
  bool is_there;

private:
  int fd_;
};

class Run : public testing::Test
{
protected:
  void SetUp () override
  {
    if (access ("/usr/bin/bwrap", X_OK) != 0)
      GTEST_SKIP () << "bubblewrap is not installed";
    std::filesystem::create_directories (project + "/out");
    ASSERT_EQ (agent.add ("sample", sample.url (), kSecret).status, 201);
    ASSERT_EQ (agent.add ("other", sample.url (), kSecret).status, 201);
  }

  // In the project.
  Process::Options line (const std::vector<std::string> &arguments,
                         const std::map<std::string, std::string> &more = {}) const
  {
    std::vector<std::string> argv = {
      "/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", project, client_program ("bindify"), "run"
    };

    argv.insert (argv.end (), arguments.begin (), arguments.end ());
    Process::Options options = agent.options (argv);
    for (const auto &[name, value] : more)
      options.environment[name] = value;

    return options;
  }
  Finished in_project (const std::vector<std::string> &arguments) const
  {
    return run (line (arguments));
  }
  void copy (const std::string &name) const
  {
    std::filesystem::copy_file (fixture (name), project + "/" + name);
  }
  std::string clients () const
  {
    return agent.control ("GET", "/v1/clients").body;
  }
  // Until nobody has a key any more.
  bool keys_are_gone () const
  {
    for (int i = 0; i < 500; i++)
      {
        if (clients ().find ("\"run: ") == std::string::npos)
          return true;
        usleep (20000);
      }

    return false;
  }

  Agent agent;
  Sample sample{ agent.dir () };
  std::string home = agent.dir ().path ("home");
  std::string project = home + "/project";
};

} // namespace

// What it is like.

TEST_F (Run, PassesTheExitStatusOn)
{
  EXPECT_EQ (in_project ({ "true" }).status, 0);
  EXPECT_EQ (in_project ({ "--", "sh", "-c", "exit 37" }).status, 37);
  EXPECT_EQ (in_project ({ "--", "sh", "-c", "kill -TERM $$" }).status, 128 + SIGTERM);
  EXPECT_EQ (in_project ({ "--", "no-such-program" }).status, 127);
  std::ofstream (project + "/notes") << "x";
  EXPECT_EQ (in_project ({ "--", "./notes" }).status, 126);
}

TEST_F (Run, LeavesTheOptionsOfTheCommandAlone)
{
  Finished finished = in_project ({ "--net", "none", "echo", "--net", "x", "--", "-h" });

  EXPECT_EQ (finished.output, "--net x -- -h\n");
}

TEST_F (Run, ReadsInputAndWritesOutput)
{
  Process::Options options = line ({ "sh", "-c", "cat; echo oops >&2" });

  options.input = "hello";
  Finished finished = run (options);
  EXPECT_EQ (finished.output, "hello");
  EXPECT_THAT (finished.errors, testing::StartsWith ("oops\n"));
  // A sanitizer wants to trace what may not be traced, and says so.
  if (!is_sanitized ())
    {
      EXPECT_EQ (finished.errors, "oops\n");
    }
}

TEST_F (Run, WritesOnlyWhereItMay)
{
  std::ofstream (project + "/notes") << "x";
  Finished finished = in_project (
      { "--rw", "out", "sh", "-c", "cat notes; echo y > out/new; echo z > notes; ls; pwd" });

  EXPECT_THAT (finished.output, HasSubstr ("x"));
  EXPECT_THAT (finished.output, HasSubstr (project + "\n"));
  EXPECT_THAT (finished.errors, HasSubstr ("Read-only file system"));
  EXPECT_TRUE (std::filesystem::exists (project + "/out/new"));
}

TEST_F (Run, RefusesToShowWhatHoldsSecrets)
{
  std::filesystem::create_directories (home + "/.ssh");
  for (const std::string &folder : { home, home + "/.ssh", agent.state_dir (), std::string ("/") })
    {
      Finished finished = in_project ({ "--rw", folder, "true" });

      EXPECT_EQ (finished.status, 3) << folder;
    }
  EXPECT_EQ (in_project ({ "--ro", "no-such-folder", "true" }).status, 1);
}

TEST_F (Run, NeedsNoAgentWithoutBindings)
{
  agent.stop ();
  EXPECT_EQ (in_project ({ "true" }).status, 0);
  EXPECT_EQ (in_project ({ "--binding", "sample", "true" }).status, 2);
}

TEST_F (Run, RunsNothingForABindingThatDoesNotExist)
{
  Finished finished = in_project ({ "--binding", "nobody", "--rw", "out", "touch", "out/x" });

  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("does not exist"));
  EXPECT_FALSE (std::filesystem::exists (project + "/out/x"));
}

TEST_F (Run, ExplainsWhatIsInForce)
{
  Finished finished = in_project ({ "--binding", "sample", "--explain" });
  Finished json = in_project ({ "--explain", "--json" });

  EXPECT_EQ (finished.status, 0) << finished.errors;
  EXPECT_THAT (finished.output, HasSubstr ("namespaces: in force."));
  EXPECT_THAT (finished.output, HasSubstr ("sample"));
  EXPECT_THAT (json.output, HasSubstr ("\"in_force\""));
  EXPECT_THAT (clients (), Not (HasSubstr ("run: ")));
}

// Signals and ends.

TEST_F (Run, PassesSignalsOn)
{
  for (int number : { SIGINT, SIGTERM, SIGHUP, SIGUSR1 })
    {
      Process process (line ({ "--", "sh", "-c",
                               "trap 'echo got; exit 9' INT TERM HUP USR1; echo ready; "
                               "while :; do sleep 0.1; done" }));

      ASSERT_EQ (process.read_line (), "ready");
      process.signal (number);
      EXPECT_EQ (process.wait (), 9) << number;
    }
}

TEST_F (Run, EndsAtTheSecondSignalWhateverTheCommandSays)
{
  Process process (
      line ({ "--", "sh", "-c", "trap 'echo no' INT; echo ready; while :; do sleep 0.1; done" }));

  ASSERT_EQ (process.read_line (), "ready");
  process.signal (SIGINT);
  EXPECT_EQ (process.read_line (), "no");
  process.signal (SIGINT);
  EXPECT_EQ (process.wait (), 128 + SIGKILL);
}

TEST_F (Run, TakesTheKeyBackAtTheEnd)
{
  Process process (
      line ({ "--binding", "sample", "--", "sh", "-c", "echo $BINDIFY_KEY; read line" }));
  // Its standard input is at its end, so it ends at once.
  std::string key = process.read_line ();

  EXPECT_EQ (process.wait (), 1);
  EXPECT_THAT (key, testing::StartsWith ("bnd_local_"));
  EXPECT_TRUE (keys_are_gone ());
  EXPECT_THAT (agent.post ("sample", key, kInitialize).body, Not (HasSubstr ("result")));
}

TEST_F (Run, SaysHowItEnded)
{
  std::string log;

  EXPECT_EQ (in_project ({ "--binding", "sample", "--", "sh", "-c", "exit 37" }).status, 37);
  EXPECT_TRUE (keys_are_gone ());
  log = agent.control ("GET", "/v1/events?type=run_ended").body;
  EXPECT_THAT (log, HasSubstr ("\"detail\":\"status 37, 0 requests\""));
  EXPECT_THAT (log, HasSubstr ("\"client\":\"run: sh\""));
}

// Nobody else of this user writes into the record, or ends a run by saying that it has ended.
TEST_F (Run, OnlyTheRunItselfSaysHowItEnded)
{
  Process process (line ({ "--binding", "sample", "--", "sh", "-c", "echo in; exec sleep 600" }));
  ASSERT_EQ (process.read_line (), "in");
  std::string id = json_string (clients (), "id");

  EXPECT_EQ (
      agent.control ("POST", "/v1/clients/" + id + "/report", "{\"refused\":{\"key\":1}}").status,
      403);
  EXPECT_EQ (agent.control ("POST", "/v1/clients/" + id + "/report", "{\"status\":0}").status, 403);
  EXPECT_EQ (agent.control ("POST", "/v1/clients/nobody/report", "{\"status\":0}").status, 404);
  EXPECT_THAT (clients (), HasSubstr (id));
  EXPECT_THAT (agent.control ("GET", "/v1/events?limit=1000").body,
               Not (HasSubstr ("run_refused")));

  process.signal (SIGKILL);
  process.wait ();
  EXPECT_TRUE (keys_are_gone ());
  EXPECT_THAT (agent.control ("GET", "/v1/events?type=run_ended").body,
               HasSubstr ("\"category\":\"lost\""));
}

TEST_F (Run, LeavesNothingWhenItIsKilled)
{
  Process::Options options = line ({ "--binding", "sample", "--rw", "out", "--", "sh", "-c",
                                     "echo $BINDIFY_KEY; while :; do date +%N > out/alive; sleep "
                                     "0.05; done" });
  Process process (options);
  std::string key = process.read_line ();

  EXPECT_THAT (agent.post ("sample", key, kInitialize).body, HasSubstr ("result"));
  EXPECT_THAT (clients (), HasSubstr ("\"run: sh\""));
  process.signal (SIGKILL);
  EXPECT_EQ (process.wait (), 128 + SIGKILL);
  EXPECT_TRUE (keys_are_gone ());
  EXPECT_THAT (agent.post ("sample", key, kInitialize).body, Not (HasSubstr ("result")));
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, HasSubstr ("key_revoked"));

  // Nobody writes any more: what is written over stays.
  bool is_quiet = false;
  for (int i = 0; i < 100 && !is_quiet; i++)
    {
      std::ofstream (project + "/out/alive") << "mine";
      usleep (200000);
      std::ifstream file (project + "/out/alive");
      std::string text;
      file >> text;
      is_quiet = text == "mine";
    }
  EXPECT_TRUE (is_quiet);
}

TEST_F (Run, HasNoKeyAfterTheAgentWasKilled)
{
  Process process (
      line ({ "--binding", "sample", "--", "sh", "-c", "echo $BINDIFY_KEY; exec sleep 600" }));
  std::string key = process.read_line ();

  agent.kill ();
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (clients (), Not (HasSubstr ("run: ")));
  EXPECT_THAT (agent.post ("sample", key, kInitialize).body, Not (HasSubstr ("result")));
  process.signal (SIGTERM);
  EXPECT_EQ (process.wait (), 128 + SIGTERM);
}

// Scripts.

TEST_F (Run, LetsAPythonScriptUseABindingWithoutASecret)
{
  copy ("run-script.py");
  Finished finished =
      in_project ({ "--binding", "sample", "--", kPython, "run-script.py", "sample" });

  EXPECT_EQ (finished.status, 0) << finished.errors;
  EXPECT_THAT (finished.output, HasSubstr ("sum 42\n"));
  EXPECT_THAT (finished.output, HasSubstr ("leak credential was sent\n"));
  EXPECT_THAT (finished.output, HasSubstr ("error not_found bindify tools sample\n"));
  EXPECT_THAT (finished.output, HasSubstr ("searched enough\n"));
  EXPECT_THAT (finished.output, Not (HasSubstr ("FOUND")));
  EXPECT_THAT (finished.output, Not (HasSubstr (kSecret)));
}

TEST_F (Run, LetsANodeScriptUseABinding)
{
  if (access ("/usr/bin/node", X_OK) != 0)
    GTEST_SKIP () << "no Node.js in /usr/bin";
  copy ("run-script.mjs");
  Finished finished =
      in_project ({ "--binding", "sample", "--", "node", "run-script.mjs", "sample" });

  EXPECT_EQ (finished.status, 0) << finished.errors;
  EXPECT_THAT (finished.output, HasSubstr ("sum 42\n"));
  EXPECT_THAT (finished.output, HasSubstr ("error not_found bindify tools sample\n"));
}

TEST_F (Run, ServesManyConnectionsAtOnce)
{
  std::ofstream (project + "/many.py")
      << "import threading\nfrom bindify import bindings\nsums = []\n"
         "def work(n):\n  sums.append(bindings.sample.add(a=n, b=1) == n + 1)\n"
         "bindings.sample.methods()\n"
         "threads = [threading.Thread(target=work, args=(n,)) for n in range(40)]\n"
         "[t.start() for t in threads]\n[t.join() for t in threads]\nprint(sum(sums))\n";
  Finished finished = in_project ({ "--binding", "sample", "--", kPython, "many.py" });

  EXPECT_EQ (finished.output, "40\n") << finished.errors;
}

// What it does not get at.

// Whether an attempt leaves a record. What comes as far as the agent does, with the run as client,
// and so does a call that no honest script makes. The others find nothing: what is not there, in
// namespaces of its own, is seen by nobody but the command, and no record of it can exist.
struct Attempt
{
  std::string name;
  const char *record; // category of the event, NULL: none can exist
};

const Attempt kAttempts[] = {
  { "session_bus", nullptr },
  { "abstract_socket", nullptr },
  { "agent_socket", nullptr },
  { "control_through_the_door", "control" },
  { "key_through_the_door", "control" },
  { "other_binding", "binding" },
  { "guessed_key", "key" },
  { "trick_in_the_path", "path" },
  { "as_a_web_page", "origin" },
  { "service_directly", nullptr },
  { "other_network", nullptr },
  { "keyring_file", nullptr },
  { "ssh_key", nullptr },
  { "own_database", nullptr },
  { "runtime_folder", nullptr },
  { "hidden_in_a_shown_folder", nullptr },
  { "link_out_of_the_folder", nullptr },
  { "write_beside_the_folder", nullptr },
  { "write_into_the_system", nullptr },
  { "other_processes", nullptr },
  { "first_process", nullptr },
  { "root_of_the_first_process", nullptr },
  { "trace", "process" },
  { "read_memory", "process" },
  { "kernel_keys", "kernel_key" },
  { "mount", "mount" },
  { "remount", "mount" },
  { "new_users", "namespace" },
  { "new_users_unseen", nullptr },
  { "bpf", "kernel" },
  { "ring", nullptr },
  { "netlink", nullptr },
  { "physical_memory", nullptr },
  { "type_into_terminal", "terminal" },
  { "terminal", nullptr },
  { "kernel_setting", nullptr },
  { "leaked_descriptors", nullptr },
  { "environment", nullptr },
  { "become_more", nullptr },
};

// As it stands in the log: who, and what.
std::string
refusal (const std::string &category)
{
  return "\"type\":\"run_refused\",\"category\":\"" + category + "\"";
}

std::vector<std::string>
names_in (const std::string &outcomes)
{
  static const std::regex name ("\n \"([a-z_]+)\": ");
  std::vector<std::string> names;

  for (std::sregex_iterator match (outcomes.begin (), outcomes.end (), name), end; match != end;
       ++match)
    names.push_back ((*match)[1]);

  return names;
}

TEST_F (Run, EscapesAreStopped)
{
  std::string mark = "bindify-test-" + std::to_string (getpid ());
  struct sockaddr_un abstract = unix_address ("x" + mark);
  abstract.sun_path[0] = '\0';
  Listener bus (unix_address (agent.dir ().path ("run/bus")));
  Listener hidden_bus (
      abstract, static_cast<socklen_t> (offsetof (sockaddr_un, sun_path) + 1 + mark.size ()));
  ASSERT_TRUE (bus.is_there && hidden_bus.is_there);

  copy ("escapes.py");
  std::filesystem::create_directories (home + "/.local/share/keyrings");
  std::filesystem::create_directories (home + "/.ssh");
  std::filesystem::create_directory_symlink (agent.state_dir (), project + "/state");
  std::ofstream (home + "/.local/share/keyrings/login.keyring") << "x";
  std::ofstream (home + "/.ssh/id_ed25519") << "x";
  std::string facts = R"({"bus":")" + agent.dir ().path ("run/bus") + R"(","abstract":")" + mark +
                      R"(","socket":")" + agent.socket () +
                      R"(","mine":"sample","other":"other",)" + R"("upstream":)" +
                      std::to_string (sample.port) + R"(,"home":")" + home + R"(","state":")" +
                      agent.state_dir () + R"(","runtime":")" + agent.dir ().path ("run") +
                      R"(","project":")" + project + R"(","writable":")" + project +
                      R"(/out","agent":)" + std::to_string (agent.process ().pid ()) +
                      R"(,"variables":["SSH_AUTH_SOCK","DBUS_SESSION_BUS_ADDRESS","MY_TOKEN"]})";
  Finished finished =
      run (line ({ "--binding", "sample", "--rw", "out", "--", kPython, "escapes.py", facts },
                 { { "SSH_AUTH_SOCK", "/x" },
                   { "DBUS_SESSION_BUS_ADDRESS", "unix:path=" + agent.dir ().path ("run/bus") },
                   { "MY_TOKEN", "x" } }));

  EXPECT_EQ (finished.status, 0) << finished.errors;
  EXPECT_THAT (finished.output, HasSubstr ("\"become_more\""));
  EXPECT_THAT (finished.output, Not (HasSubstr ("ESCAPED")));
  EXPECT_FALSE (std::filesystem::exists (project + "/planted"));

  std::string log = agent.control ("GET", "/v1/events?limit=1000").body;
  std::set<std::string> known;
  for (const Attempt &attempt : kAttempts)
    {
      known.insert (attempt.name);
      EXPECT_THAT (finished.output, HasSubstr ("\"" + attempt.name + "\": ")) << "not tried";
      if (attempt.record != nullptr)
        {
          EXPECT_THAT (log, HasSubstr (refusal (attempt.record))) << attempt.name;
        }
    }
  for (const std::string &name : names_in (finished.output))
    EXPECT_EQ (known.count (name), 1u) << name << " has no row";
  EXPECT_THAT (log,
               HasSubstr ("refused: 1 binding, 1 key, 2 control, 1 path, 1 origin, "
                          "2 process, 1 kernel_key, 2 mount, 1 namespace, 1 kernel, 1 terminal\""));
}

// The same attempts, with the network of the machine: what is left is said by --explain.
TEST_F (Run, SharesTheNetworkOnlyWhereAskedFor)
{
  std::string connect = "import socket; socket.create_connection(('127.0.0.1', " +
                        std::to_string (sample.port) + ")); print('connected')";

  EXPECT_THAT (in_project ({ "--", kPython, "-c", connect }).output, Not (HasSubstr ("connected")));
  EXPECT_THAT (in_project ({ "--net", "host", "--", kPython, "-c", connect }).output,
               HasSubstr ("connected"));
}

// Two runs have the same port in their own networks, and each its own key.
TEST_F (Run, RunsDoNotMeet)
{
  Process one (
      line ({ "--binding", "other", "--", "sh", "-c", "echo $BINDIFY_KEY; exec sleep 600" }));
  std::string key = one.read_line ();
  Finished other = in_project ({ "--", kPython, "-c",
                                 "import socket; socket.create_connection(('127.0.0.1', " +
                                     std::to_string (agent.port ()) + "))" });

  EXPECT_THAT (key, testing::StartsWith ("bnd_local_"));
  EXPECT_THAT (other.errors, HasSubstr ("Connection refused"));
  one.signal (SIGTERM);
  EXPECT_EQ (one.wait (), 128 + SIGTERM);
}
