// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who asks, as a person is told: real processes that are not what they seem (craft 1.5, B05 to
// B09). Each opens a question at the real agent; what the question says of them counts.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-caller-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kNobody[] = "an unidentified program";

void
serve (Upstream::Peer &peer, const Upstream::Request &request)
{
  peer.reply (request.method == "POST" ? 200 : 405,
              R"({"jsonrpc":"2.0","id":1,"result":{"is":"reached"}})");
}

std::string
request_for (const std::string &more)
{
  return format_request ("POST", "/mcp/svc", "localhost", "Content-Type: application/json" + more,
                         R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                         R"("params":{"name":"create_issue","arguments":{}}})");
}

std::string
program_of (pid_t pid)
{
  std::error_code ignored;

  return std::filesystem::read_symlink ("/proc/" + std::to_string (pid) + "/exe", ignored)
      .filename ();
}

class CallerStory : public testing::Test
{
protected:
  // Root may look at everything: without this it can do what a user can.
  static void SetUpTestSuite ()
  {
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct sets[2];

    if (geteuid () != 0)
      return;
    prctl (PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0);
    ASSERT_EQ (syscall (SYS_capget, &header, sets), 0);
    for (auto &set : sets)
      set.inheritable = 0;
    sets[0].effective &= ~(1u << CAP_SYS_PTRACE);
    sets[0].permitted &= ~(1u << CAP_SYS_PTRACE);
    ASSERT_EQ (syscall (SYS_capset, &header, sets), 0);
  }

  void SetUp () override
  {
    Agent::Options options;

    options.profile = "reads-flow";
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
    person = std::make_unique<Person> (*agent, std::vector<std::string>{ "--pty" });
    token = person->register_as ("terminal");
    ASSERT_NE (token, "") << person->refusal ();
  }

  // A copy of the fixture under that name, which is what people see.
  std::string program (const std::string &name)
  {
    std::string path = agent->dir ().path (name);

    std::filesystem::copy_file (getenv ("BFY_TEST_CALLER"), path,
                                std::filesystem::copy_options::skip_existing);
    return path;
  }

  Process::Options asker (const std::string &name,
                          const std::string &mode,
                          const std::vector<std::string> &more = {},
                          const std::vector<std::string> &wrapper = {})
  {
    std::vector<std::string> argv = wrapper;

    argv.insert (argv.end (), { program (name), agent->socket (), mode,
                                request_for (mode == "again" ? "" : "\r\nConnection: close") });
    argv.insert (argv.end (), more.begin (), more.end ());
    Process::Options options = agent->options (argv);
    options.keeps_input_open = true;
    return options;
  }

  std::string opened ()
  {
    return prompt_ = person->event ("opened");
  }
  void TearDown () override
  {
    if (prompt_ != "" && person != nullptr)
      person->reply (token, prompt_, "dismiss");
  }

  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
  std::unique_ptr<Person> person;
  std::string token;

private:
  std::string prompt_;
};

std::string
client_of (const std::string &prompt)
{
  return member_of (prompt, "client");
}

std::string
name_in (const std::string &prompt)
{
  return member_of (client_of (prompt), "name");
}

// The line of its output with the body.
std::string
answer_to (Process &process)
{
  std::string line;

  do
    line = process.read_line ();
  while (line != "" && line.find ("jsonrpc") == std::string::npos);
  return line;
}

} // namespace

TEST_F (CallerStory, AProgramIsShownWithWhereItComesFrom)
{
  Process process (asker ("editor", "plain"));
  std::string prompt = opened ();
  std::string client = client_of (prompt);

  EXPECT_EQ (member_of (client, "name"), "editor");
  EXPECT_EQ (member_of (client, "program"), agent->dir ().path ("editor"));
  EXPECT_EQ (member_of (client, "pid"), std::to_string (process.pid ()));
  EXPECT_EQ (member_of (client, "verified"), "true");
  EXPECT_EQ (member_of (client, "directory"), std::filesystem::current_path ().string ());
  EXPECT_THAT (member_of (client, "chain"), StartsWith ("editor ← story-caller"));
  EXPECT_EQ (member_of (client, "sandbox"), "");
  EXPECT_EQ (member_of (client, "via"), "");
  EXPECT_EQ (person->reply (token, prompt, "allow", "once").status, 204);
  EXPECT_EQ (process.wait (), 0);
  EXPECT_THAT (process.output (), HasSubstr ("reached"));
}

TEST_F (CallerStory, AnInterpreterIsShownWithWhatItRuns)
{
  Person asker (*agent);
  asker.ask ("/mcp/svc", R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                         R"("params":{"name":"create_issue","arguments":{}}})");
  std::string client = client_of (opened ());

  EXPECT_THAT (member_of (client, "name"), StartsWith ("python3"));
  EXPECT_EQ (member_of (client, "script"), "person.py");
  EXPECT_THAT (member_of (client, "chain"), HasSubstr (" (person.py) ← story-caller"));
}

// B05. The agent is stopped, so that it cannot be fast enough: when it looks, the process has long
// been something else.
TEST_F (CallerStory, B05WhoBecomesAnotherProgramIsNotTakenForIt)
{
  agent->process ().signal (SIGSTOP);
  Process process (asker ("sneak", "exec", { "/bin/sleep", "1000" }));

  ASSERT_EQ (process.read_line (), "sent");
  while (program_of (process.pid ()) == "sneak")
    std::this_thread::yield ();
  agent->process ().signal (SIGCONT);
  std::string prompt = opened ();

  EXPECT_EQ (name_in (prompt), kNobody) << prompt;
  EXPECT_THAT (prompt, Not (HasSubstr ("sleep")));
  EXPECT_THAT (member_of (client_of (prompt), "chain"), StartsWith ("? ← story-caller"));
  EXPECT_THAT (prompt, HasSubstr ("\"verified\":false"));
}

// The connection itself is gone with that, too: only a child still has it.
TEST_F (CallerStory, B05WhoLeavesTheConnectionToAChildIsNotTakenForAnother)
{
  agent->process ().signal (SIGSTOP);
  Process process (asker ("sneak", "drop", { "/bin/sleep", "1000" }));

  ASSERT_EQ (process.read_line (), "sent");
  while (program_of (process.pid ()) == "sneak")
    std::this_thread::yield ();
  agent->process ().signal (SIGCONT);

  EXPECT_EQ (name_in (opened ()), kNobody);
}

// A yes was for what was shown: it is void when that has become something else.
TEST_F (CallerStory, B05WhoBecomesAnotherProgramMeanwhileGetsNothing)
{
  Process process (asker ("editor", "exec-later", { "/bin/sleep", "1000" }));
  std::string prompt = opened ();

  EXPECT_EQ (name_in (prompt), "editor");
  process.write ("go\n");
  while (program_of (process.pid ()) == "editor")
    std::this_thread::yield ();
  person->reply (token, prompt, "allow", "once");
  EXPECT_EQ (upstream.requests ().size (), 0u);
}

// A yes for longer was for what was shown, too, and the connection is kept open.
TEST_F (CallerStory, B05WhoBecomesAnotherProgramInheritsNoGrant)
{
  Process process (asker ("editor", "again", { program ("sneak") }));

  ASSERT_EQ (person->reply (token, opened (), "allow", "10min").status, 204);
  ASSERT_EQ (process.read_line (), "sent");
  ASSERT_EQ (process.read_line (), "answered");
  ASSERT_EQ (process.read_line (), "sent") << "this time by another program";
  EXPECT_THAT (answer_to (process), HasSubstr ("become another one"));
  EXPECT_EQ (upstream.requests ().size (), 1u);
}

// B06.
TEST_F (CallerStory, B06AChildOnAnInheritedSocketIsShownAsStandingBetween)
{
  Process process (asker ("editor", "child", { program ("helper") }));
  std::string prompt = opened ();
  std::string client = client_of (prompt);

  EXPECT_EQ (member_of (client, "name"), "editor");
  EXPECT_EQ (member_of (client, "via"), "helper");
  EXPECT_EQ (member_of (client, "pid"), std::to_string (process.pid ()));
}

// The one that connected has gone: nobody could be named, so nobody is asked.
TEST_F (CallerStory, B06WithoutTheOneThatConnectedNothingIsAsked)
{
  Process process (asker ("editor", "orphan", { program ("helper") }));

  EXPECT_THAT (answer_to (process), AllOf (HasSubstr ("denied"), HasSubstr ("has ended")));
  EXPECT_THAT (agent->control ("GET", "/v1/prompts").body, HasSubstr ("\"prompts\":[]"));
  EXPECT_EQ (upstream.requests ().size (), 0u);
}

// B07. The agent finds the connection when the process has gone.
TEST_F (CallerStory, B07WhoHasGoneBeforeItIsLetInOpensNoQuestion)
{
  agent->process ().signal (SIGSTOP);
  Process gone (asker ("hasty", "gone"));
  EXPECT_EQ (gone.wait (), 0);
  agent->process ().signal (SIGCONT);

  // What comes after it is the first that is seen.
  Process process (asker ("editor", "plain"));
  EXPECT_EQ (name_in (opened ()), "editor");
  EXPECT_THAT (agent->control ("GET", "/v1/events?limit=1000").body,
               Not (HasSubstr ("pid " + std::to_string (gone.pid ()))));
}

// B08.
TEST_F (CallerStory, B08WhoMayNotBeLookedAtIsUnidentifiedAndNotRemembered)
{
  for (int i = 0; i < 2; i++)
    {
      Process process (asker ("hidden", "undumpable"));
      std::string prompt = opened ();

      EXPECT_EQ (name_in (prompt), kNobody);
      EXPECT_THAT (prompt, AllOf (HasSubstr ("\"verified\":false"), Not (HasSubstr ("always")),
                                  Not (HasSubstr ("hidden"))));
      EXPECT_NE (person->reply (token, prompt, "allow", "10min").status, 204);
      EXPECT_EQ (person->reply (token, prompt, "allow", "once").status, 204);
      EXPECT_EQ (process.wait (), 0);
      EXPECT_THAT (process.output (), HasSubstr ("reached"));
    }
}

// B09.
TEST_F (CallerStory, B09AnotherPidNamespaceIsLabelled)
{
  Process process (
      asker ("inside", "plain", {},
             { "/usr/bin/bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--die-with-parent" }));

  if (process.read_line () != "sent")
    GTEST_SKIP () << "no namespaces here: " << process.errors ();
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "sandbox"), "namespace");
  EXPECT_EQ (member_of (client, "name"), "inside");
}

// B09: the real bwrap, as Flatpak calls it.
TEST_F (CallerStory, B09AFlatpakIsLabelledWithItsId)
{
  std::string info = agent->dir ().path ("flatpak-info");
  std::string home = agent->dir ().path ();

  std::ofstream (info) << "[Application]\nname=org.example.Editor\nruntime=runtime/x\n";
  Process process (asker ("inside", "plain", {},
                          { "/usr/bin/bwrap",
                            "--ro-bind",
                            "/usr",
                            "/usr",
                            "--symlink",
                            "usr/lib",
                            "/lib",
                            "--symlink",
                            "usr/lib64",
                            "/lib64",
                            "--proc",
                            "/proc",
                            "--bind",
                            home,
                            home,
                            "--ro-bind",
                            info,
                            "/.flatpak-info",
                            "--unshare-pid",
                            "--die-with-parent" }));

  if (process.read_line () != "sent")
    GTEST_SKIP () << "no namespaces here: " << process.errors ();
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "sandbox"), "flatpak");
  EXPECT_EQ (member_of (client, "sandbox_id"), "org.example.Editor");
  EXPECT_EQ (member_of (client, "name"), "org.example.Editor");
}

TEST_F (CallerStory, AProgramWhoseFileWasReplacedIsStillShownByItsName)
{
  std::string path = program ("editor");
  agent->process ().signal (SIGSTOP);
  Process process (asker ("editor", "plain"));

  ASSERT_EQ (process.read_line (), "sent");
  std::filesystem::copy_file (getenv ("BFY_TEST_CALLER"), path + ".new");
  std::filesystem::rename (path + ".new", path);
  agent->process ().signal (SIGCONT);
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "program"), path);
  EXPECT_EQ (member_of (client, "replaced"), "true");
  EXPECT_EQ (member_of (client, "verified"), "true");
}

// Our own command line only passes on what somebody else asks, and so does a shell that was only
// told to start it.
TEST_F (CallerStory, BehindOurOwnProgramsTheOneThatCalledThemIsShown)
{
  Process process (agent->options (
      { "/bin/sh", "-c", client_program ("bindify") + " call svc create_issue; exit $?" }));
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "via"), "bindify");
  EXPECT_EQ (member_of (client, "name"), "story-caller");
  EXPECT_NE (member_of (client, "pid"), std::to_string (process.pid ()));
  EXPECT_EQ (member_of (client, "verified"), "true");
}

TEST_F (CallerStory, BehindOurOwnProgramsAScriptIsShown)
{
  std::string script = agent->dir ().path ("backup.sh");
  std::ofstream (script) << client_program ("bindify") + " call svc create_issue; exit $?\n";
  Process process (agent->options ({ "/bin/sh", script }));
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "via"), "bindify");
  EXPECT_THAT (member_of (client, "name"), testing::AnyOf ("sh", "dash", "bash"));
  EXPECT_EQ (member_of (client, "script"), "backup.sh");
}

TEST_F (CallerStory, BehindTheBridgeTheOneThatStartedItIsShown)
{
  Process::Options options =
      agent->options ({ "/bin/sh", "-c", client_program ("bindify-mcp") + " svc; exit $?" });
  options.keeps_input_open = true;
  Process process (options);

  process.write (std::string (kInitialize) + "\n");
  process.write (R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"create_issue",)"
                 "\"arguments\":{}}}\n");
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "via"), "bindify-mcp");
  EXPECT_EQ (member_of (client, "name"), "story-caller");
}

// A program of that name elsewhere is not ours.
TEST_F (CallerStory, AnyProgramMayBeCalledBindify)
{
  Process process (asker ("bindify", "plain"));
  std::string client = client_of (opened ());

  EXPECT_EQ (member_of (client, "name"), "bindify");
  EXPECT_EQ (member_of (client, "program"), agent->dir ().path ("bindify"));
  EXPECT_EQ (member_of (client, "via"), "");
}

// H01, J46: the name of a file is chosen by whoever made it.
TEST_F (CallerStory, J46AHostileNameOfAProgramIsOneHarmlessLine)
{
  Process process (asker ("a\nb\x1b[31m\xe2\x80\xae$(x)<b>", "plain"));
  std::string client = client_of (opened ());

  EXPECT_NE (client, "");
  EXPECT_THAT (client, AllOf (Not (HasSubstr ("\n")), Not (HasSubstr ("\x1b")),
                              Not (HasSubstr ("\xe2\x80\xae"))));
  EXPECT_THAT (member_of (client, "name"), Not (HasSubstr ("\n")));
}
