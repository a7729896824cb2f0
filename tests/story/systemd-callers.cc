// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who asks, where desktops start each application in a unit of its own: what a person is told of
// it, and that it is a hint, not an identity. And why our own unit has no namespaces.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/account.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/user-systemd.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-systemd-callers-0123456789abcdef";

class SystemdCallers : public testing::Test
{
protected:
  void start (const UnitAgent::Options &options = {})
  {
    agent = std::make_unique<UnitAgent> (systemd, options);
    systemd.log_in ();
    ASSERT_EQ (systemd.systemctl ({ "start", "bindify.socket" }).status, 0);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201) << agent->log ();
    ASSERT_EQ (agent->control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"ask"})")
                   .status,
               200);
    answerer = std::make_unique<Person> (*agent, std::vector<std::string>{ "--pty" });
    token = answerer->register_as ("terminal");
    ASSERT_NE (token, "") << answerer->refusal ();
  }
  void TearDown () override
  {
    answerer.reset ();
  }

  std::unique_ptr<Person> window (const std::string &unit)
  {
    return std::make_unique<Person> (*agent, std::vector<std::string>{},
                                     systemd.in_unit ({ "--scope", "--unit=" + unit }));
  }
  int ask (Person &asker)
  {
    return asker.ask ("/mcp/svc", kToolCall);
  }
  // What the person who is asked is told of the one that asks.
  std::string caller_of (const std::string &prompt)
  {
    return member_of (prompt, "client");
  }
  // Asks, and is allowed to as long as it runs.
  std::string allow (Person &asker)
  {
    int asked = ask (asker);
    std::string prompt = answerer->event ("opened");

    EXPECT_EQ (answerer->reply (token, prompt, "allow", "session").status, 204) << prompt;
    EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"result\""));
    return caller_of (prompt);
  }
  // Asks, and the person is asked, who says no.
  std::string refuse (Person &asker)
  {
    int asked = ask (asker);
    std::string prompt = answerer->event ("opened");

    EXPECT_EQ (answerer->reply (token, prompt, "dismiss").status, 204) << prompt;
    EXPECT_THAT (asker.answer (asked).body, Not (HasSubstr ("\"result\"")));
    return caller_of (prompt);
  }

  UserSystemd systemd;
  Upstream upstream{ mcp_script (kSecret) };
  std::unique_ptr<UnitAgent> agent;
  std::unique_ptr<Person> answerer;
  std::string token;
};

TEST_F (SystemdCallers, TheApplicationIsNamedInTheQuestion)
{
  start ();
  auto editor = window ("app-gnome-org.example.Editor-4711.scope");
  int asked = ask (*editor);
  std::string prompt = answerer->event ("opened");
  std::string told = caller_of (prompt);

  EXPECT_EQ (member_of (told, "scope"), "org.example.Editor") << told;
  EXPECT_THAT (member_of (told, "program"), HasSubstr ("python3"));
  Finished listed = agent->cli ({ "bindify", "prompts", "--json" });
  EXPECT_THAT (listed.output, HasSubstr ("org.example.Editor")) << listed.errors;
  EXPECT_THAT (agent->cli ({ "bindify", "prompts" }).output, HasSubstr ("org.example.Editor"));
  EXPECT_EQ (answerer->reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (editor->answer (asked).body, HasSubstr ("\"result\""));
}

TEST_F (SystemdCallers, AServiceIsNamedLikewise)
{
  start ();
  Person robot (*agent, {},
                systemd.in_unit ({ "--pipe", "--unit=app-org.example.Robot@1.service" }));
  int asked = ask (robot);
  std::string prompt = answerer->event ("opened");

  EXPECT_EQ (member_of (caller_of (prompt), "scope"), "org.example.Robot")
      << prompt << robot.process ().errors ();
  EXPECT_EQ (answerer->reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (robot.answer (asked).body, HasSubstr ("\"result\""));
  robot.process ().close_input ();
  EXPECT_EQ (robot.process ().wait (), 0);
}

TEST_F (SystemdCallers, TwoWindowsOfOneApplicationAreTwoCallers)
{
  start ();
  auto one = window ("app-org.example.Editor-1.scope");
  auto other = window ("app-org.example.Editor-2.scope");

  allow (*one);
  EXPECT_THAT (one->answer (ask (*one)).body, HasSubstr ("\"result\"")) << "it is remembered";
  EXPECT_THAT (agent->control ("GET", "/v1/grants").body, HasSubstr ("\"scope\":\"session\""));
  EXPECT_EQ (member_of (refuse (*other), "scope"), "org.example.Editor");
  EXPECT_THAT (one->answer (ask (*one)).body, HasSubstr ("\"result\""));
}

// Every program of the user can write itself into the cgroup of another.
TEST_F (SystemdCallers, WhoMovesIntoAnotherUnitHasNotBecomeAnotherProgram)
{
  start ();
  auto trusted = window ("app-org.example.Editor-1.scope");
  auto mover = window ("app-org.example.Other-2.scope");

  allow (*trusted);
  const std::string group = systemd.property ("app-org.example.Editor-1.scope", "ControlGroup");
  std::ofstream procs ("/sys/fs/cgroup" + group + "/cgroup.procs");
  EXPECT_EQ (member_of (refuse (*mover), "scope"), "org.example.Other");
  procs << mover->process ().pid () << std::endl;
  ASSERT_TRUE (procs) << group;
  // A refusal for once is not remembered; that of the editor would be used if that counted.
  EXPECT_EQ (member_of (refuse (*mover), "scope"), "org.example.Editor")
      << "the hint is what the kernel says now";
  EXPECT_EQ (upstream.requests ().size (), 1u);
  EXPECT_THAT (trusted->answer (ask (*trusted)).body, HasSubstr ("\"result\""));
}

// The reason for what bindify.service leaves out. From inside of a user namespace, which is what
// systemd would have to put the agent in, nobody's program can be seen: neither who asks, nor who
// may answer.
TEST_F (SystemdCallers, InAUserNamespaceTheAgentWouldKnowNobody)
{
  UnitAgent::Options options;

  options.service = "PrivateUsers=yes\nRestrictNamespaces=no\n";
  agent = std::make_unique<UnitAgent> (systemd, options);
  systemd.log_in ();
  ASSERT_EQ (systemd.systemctl ({ "start", "bindify.service" }).status, 0) << systemd.log ();
  Person person (*agent, { "--pty" });
  EXPECT_EQ (person.register_as ("terminal"), "") << "then PrivateUsers= could be in our unit";
  EXPECT_THAT (person.refusal (), HasSubstr ("cannot be known which program"));
}

// And of CapabilityBoundingSet=: a manager without privileges can start nothing with it.
TEST_F (SystemdCallers, WithoutABoundingSetTheAgentWouldNotStart)
{
  UnitAgent::Options options;

  options.service = "CapabilityBoundingSet=\nRestart=no\n";
  agent = std::make_unique<UnitAgent> (systemd, options);
  systemd.log_in ();
  EXPECT_NE (systemd.systemctl ({ "start", "bindify.service" }).status, 0)
      << "then CapabilityBoundingSet= could be in our unit";
  EXPECT_EQ (systemd.property ("bindify.service", "ExecMainStatus"), "218") << systemd.log ();
}

} // namespace

BFY_MAIN_IN_ACCOUNT (kPerson)
