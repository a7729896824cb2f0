// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a person has permitted is remembered, shown and taken back (behaviour 15.2, 15.3, 13.4): the
// real agent and command line, real processes that ask and answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/await.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-grants-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kPath[] = "/mcp/svc";

std::string
call (const std::string &tool, const std::string &arguments = "{}")
{
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool +
         R"(","arguments":)" + arguments + "}}";
}

size_t
count (const std::string &text, const std::string &word)
{
  size_t n = 0;

  for (size_t at = text.find (word); at != std::string::npos; at = text.find (word, at + 1))
    n++;

  return n;
}

class GrantStory : public testing::Test
{
protected:
  GrantStory ()
      : upstream ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
          // A tool that takes its time, until the agent has enough of it.
          if (request.body.find ("slow_write") != std::string::npos)
            {
              upstream.signal ("slow");
              upstream.signal (peer.wait_for_close (20000) ? "given-up" : "kept");
              return;
            }
          if (request.body.find ("stream_write") != std::string::npos)
            {
              peer.begin_events ();
              peer.event (R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
              upstream.signal ("streaming");
              upstream.signal (peer.wait_for_close (20000) ? "given-up" : "kept");
              return;
            }
          peer.reply (request.method == "POST" ? 200 : 405,
                      R"({"jsonrpc":"2.0","id":1,"result":{"is":"reached"}})");
        })
  {
  }
  void SetUp () override
  {
    Agent::Options options;

    options.profile = "reads-flow";
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
    key = agent->add_client ("story");
    begin_watching ();
  }
  void begin_watching ()
  {
    person = std::make_unique<Person> (*agent, std::vector<std::string>{ "--pty" });
    token = person->register_as ("terminal");
    ASSERT_NE (token, "") << person->refusal ();
  }
  // Asks, has it allowed for @scope, and gives what the asker was told.
  std::string ask_and_allow (Person &asker,
                             const std::string &tool,
                             const std::string &scope,
                             const std::string &with_key,
                             const std::string &arguments = "{}")
  {
    int asked = asker.ask (kPath, call (tool, arguments), with_key);
    Told told = person->reply (token, person->event ("opened"), "allow", scope);

    EXPECT_EQ (told.status, 204) << told.body;
    return asker.answer (asked).body;
  }
  // Whether it goes on without a question; a question is put away.
  bool goes_on (Person &asker,
                const std::string &tool,
                const std::string &with_key,
                const std::string &arguments = "{}")
  {
    int asked = asker.ask (kPath, call (tool, arguments), with_key);

    // It is answered, or there is a question: whichever comes first.
    for (;;)
      {
        std::string open = prompts ();

        if (open.find ("\"prompts\":[]") == std::string::npos)
          {
            std::string prompt = person->event ("opened");
            EXPECT_EQ (person->reply (token, prompt, "dismiss").status, 204);
            EXPECT_THAT (asker.answer (asked).body, HasSubstr ("approval_dismissed"));
            return false;
          }
        if (asker.has_answer (asked))
          return asker.answer (asked).body.find ("reached") != std::string::npos;
      }
  }
  std::string prompts ()
  {
    return agent->control ("GET", "/v1/prompts").body;
  }
  std::string grants ()
  {
    return agent->control ("GET", "/v1/grants").body;
  }
  std::string cli (const std::vector<std::string> &arguments)
  {
    std::vector<std::string> words = { "bindify", "grants" };

    words.insert (words.end (), arguments.begin (), arguments.end ());
    Finished finished = agent->cli (words);
    status = finished.status;
    return finished.output + finished.errors;
  }
  void restart (bool is_killed)
  {
    person.reset ();
    if (is_killed)
      agent->kill ();
    else
      agent->stop ();
    ASSERT_TRUE (agent->start ()) << agent->process ().errors ();
    begin_watching ();
  }

  Upstream upstream;
  std::unique_ptr<Agent> agent;
  std::unique_ptr<Person> person;
  std::string key, token;
  int status = 0;
};

TEST_F (GrantStory, M22AYesIsShownUsedAndTakenBack)
{
  Person asker (*agent);

  EXPECT_THAT (cli ({}), HasSubstr ("Nobody has been given a permission"));
  EXPECT_THAT (ask_and_allow (asker, "create_issue", "10min", key), HasSubstr ("reached"));
  EXPECT_TRUE (goes_on (asker, "create_issue", key, R"({"n":2})"));

  std::string shown = cli ({});
  EXPECT_EQ (status, 0);
  EXPECT_THAT (shown, HasSubstr ("WHO    BINDING  WHAT          SCOPE       UNTIL"));
  EXPECT_THAT (shown, MatchesRegex ("(.|\n)*story  svc      create_issue  10 minutes  in [0-9]+ "
                                    "min [^\n]* 2     [0-9a-f]{8}\n"));
  EXPECT_THAT (cli ({ "list", "--json" }),
               AllOf (HasSubstr (R"("tool" : "create_issue")"), HasSubstr (R"("uses" : 2)")));

  std::string id = shown.substr (shown.size () - 9, 8);
  EXPECT_THAT (cli ({ "revoke", id }),
               HasSubstr ("Took it back: story has to ask for create_issue on svc again."));
  EXPECT_EQ (status, 0);
  EXPECT_THAT (cli ({ "revoke", id }), HasSubstr ("There is no permission with that id"));
  EXPECT_EQ (status, 1);
  EXPECT_FALSE (goes_on (asker, "create_issue", key));
}

TEST_F (GrantStory, A17M45AYesToOneClientServesNoOther)
{
  Person asker (*agent);
  std::string other = agent->add_client ("other");

  ask_and_allow (asker, "create_issue", "always", key);
  EXPECT_TRUE (goes_on (asker, "create_issue", key));
  EXPECT_FALSE (goes_on (asker, "create_issue", other));
  EXPECT_FALSE (goes_on (asker, "create_issue", "")) << "a local process";
}

// Both are Python to the kernel.
TEST_F (GrantStory, A17TwoScriptsOfOneInterpreterAreTwoClients)
{
  Person asker (*agent), other (*agent);

  ask_and_allow (asker, "create_issue", "10min", "");
  EXPECT_TRUE (goes_on (asker, "create_issue", "", R"({"n":2})"));
  EXPECT_FALSE (goes_on (other, "create_issue", "", R"({"n":2})"));
}

TEST_F (GrantStory, C11AYesForADoesNotExecuteB)
{
  Person asker (*agent);

  // What is dangerous is bound to its arguments, however they are written.
  ask_and_allow (asker, "delete_repo", "10min", key, R"({"repo":"sandbox","force":true})");
  EXPECT_TRUE (goes_on (asker, "delete_repo", key, R"({ "force": true, "repo": "sandbox" })"));
  EXPECT_FALSE (goes_on (asker, "delete_repo", key, R"({"repo":"shop","force":true})"));
}

TEST_F (GrantStory, C11NeverAlwaysForDanger)
{
  Person asker (*agent);
  int asked = asker.ask (kPath, call ("delete_repo"), key);
  std::string prompt = person->event ("opened");

  EXPECT_THAT (member_of (prompt, "scopes"), Not (HasSubstr ("always")));
  EXPECT_EQ (person->reply (token, prompt, "allow", "always").status, 403);
  EXPECT_EQ (upstream.requests ().size (), 0u);
  EXPECT_EQ (person->reply (token, prompt, "allow", "10min").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
}

TEST_F (GrantStory, M44OnceIsNotThere)
{
  Person asker (*agent);

  ask_and_allow (asker, "create_issue", "once", key);
  EXPECT_THAT (grants (), HasSubstr (R"("grants":[])"));
  EXPECT_FALSE (goes_on (asker, "create_issue", key));
}

TEST_F (GrantStory, TheSessionOfAProgramEndsWithIt)
{
  {
    Person asker (*agent);

    EXPECT_THAT (ask_and_allow (asker, "create_issue", "session", ""), HasSubstr ("reached"));
    EXPECT_TRUE (goes_on (asker, "create_issue", ""));
    EXPECT_THAT (grants (), HasSubstr (R"("scope":"session")"));

    Person other (*agent);
    EXPECT_FALSE (goes_on (other, "create_issue", "")) << "the same program, another process";
  }
  while (grants ().find ("\"session\"") != std::string::npos)
    continue;
}

TEST_F (GrantStory, RevokingEndsWhatIsUnderWay)
{
  Person asker (*agent);

  int asked = asker.ask (kPath, call ("slow_write"), key);
  ASSERT_EQ (person->reply (token, person->event ("opened"), "allow", "10min").status, 204);
  ASSERT_TRUE (upstream.wait ("slow"));
  EXPECT_THAT (cli ({ "revoke", "--all" }), HasSubstr ("Took back 1 permission."));
  EXPECT_THAT (asker.answer (asked).body,
               AllOf (HasSubstr ("taken back"), HasSubstr ("\"denied\""), HasSubstr ("\"id\":1")));
  EXPECT_TRUE (upstream.wait ("given-up")) << "and the server is let go";
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=proxy_request").body,
               AllOf (HasSubstr (R"("category":"denied")"), Not (HasSubstr ("cancelled"))));
}

TEST_F (GrantStory, RevokingCallsOffWhatALocalServerDoes)
{
  ASSERT_EQ (agent
                 ->control ("POST", "/v1/bindings",
                            R"({"name":"local","check":false,"command":{"argv":)"
                            R"(["/usr/bin/python3",")" +
                                std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                                R"(/stdio-server.py"],"sandbox":false}})")
                 .status,
             201);
  const std::string session =
      agent->post ("local", key, kInitialize, "Accept: application/json, text/event-stream")
          .header ("mcp-session-id");
  ASSERT_NE (session, "");
  Person asker (*agent);
  // With progress there is a stream, to which a client could come back for the answer.
  const std::vector<std::string> metas = { "{}", R"({"progressToken":1})" };
  for (size_t i = 0; i < metas.size (); i++)
    {
      const std::string slow =
          R"({"jsonrpc":"2.0","id":"slow-1","method":"tools/call","params":{"name":"slow",)"
          R"("arguments":{"waits":true},"_meta":)" +
          metas[i] + "}}";
      int asked = asker.ask_in_session ("/mcp/local", slow, key, session);
      ASSERT_EQ (person->reply (token, person->event ("opened"), "allow", "10min").status, 204);
      ASSERT_TRUE (wait_until ([&] {
        return count (agent->control ("GET", "/v1/bindings/local/stderr").body, "slow waits") ==
               i + 1;
      }));
      EXPECT_THAT (cli ({ "revoke", "--all" }), HasSubstr ("Took back 1 permission."));
      Told told = asker.answer (asked);
      if (i == 0)
        {
          EXPECT_THAT (told.body, AllOf (HasSubstr ("taken back"), HasSubstr ("\"denied\"")));
        }
    }
  const std::string events = agent->control ("GET", "/v1/events?type=proxy_request").body;
  EXPECT_EQ (count (events, R"("category":"denied")"), 2u) << events;
  EXPECT_EQ (count (events, R"("category":"cancelled")"), 0u) << events;

  int asked = asker.ask_in_session ("/mcp/local", call ("state"), key, session);
  ASSERT_EQ (person->reply (token, person->event ("opened"), "allow", "once").status, 204);
  // The agent has ids of its own there.
  EXPECT_THAT (asker.answer (asked).body, ContainsRegex (R"(cancelled\\": \[[0-9]+, [0-9]+\])"));
}

TEST_F (GrantStory, RevokingBreaksOffWhatHasBegun)
{
  Person asker (*agent);

  int asked = asker.ask (kPath, call ("stream_write"), key);
  ASSERT_EQ (person->reply (token, person->event ("opened"), "allow", "10min").status, 204);
  ASSERT_TRUE (upstream.wait ("streaming"));
  cli ({ "revoke", "--all", "--client", "story", "--binding", "svc" });
  EXPECT_EQ (status, 0);
  asker.answer (asked);
  EXPECT_TRUE (upstream.wait ("given-up"));
}

TEST_F (GrantStory, RevokeAllTakesWhatIsMeant)
{
  Person asker (*agent);
  std::string other = agent->add_client ("other");

  ask_and_allow (asker, "create_issue", "always", key);
  ask_and_allow (asker, "create_issue", "always", other);
  ask_and_allow (asker, "create_issue", "10min", "");
  EXPECT_THAT (cli ({ "revoke", "--all", "--binding", "nothing" }),
               HasSubstr ("There is no binding called “nothing”"));
  EXPECT_THAT (cli ({ "revoke", "--all", "--client", "nobody" }),
               HasSubstr ("bindify client list"));
  EXPECT_THAT (cli ({ "revoke", "--all", "--client", "other" }), HasSubstr ("Took back 1 perm"));
  std::string list = grants ();
  std::string program = list.substr (list.find (R"("program":")") + 11);
  program = program.substr (0, program.find ('"'));
  EXPECT_THAT (cli ({ "revoke", "--all", "--client", program }), HasSubstr ("Took back 1 perm"));
  EXPECT_TRUE (goes_on (asker, "create_issue", key));
  EXPECT_THAT (cli ({ "revoke", "--all" }), HasSubstr ("Took back 1 permission."));
  EXPECT_THAT (cli ({ "revoke", "--all" }), HasSubstr ("There was no permission to take back."));
  EXPECT_EQ (status, 0);
}

TEST_F (GrantStory, M23AlwaysOutlivesTheAgentAndASessionDoesNot)
{
  for (bool is_killed : { false, true })
    {
      {
        Person asker (*agent);
        std::string tool = is_killed ? "create_a" : "create_b";

        ask_and_allow (asker, tool, "always", key);
        ask_and_allow (asker, "update_issue", "session", key);
        ask_and_allow (asker, "create_pr", "until_lock", key);
      }
      restart (is_killed);
      Person asker (*agent);

      EXPECT_TRUE (goes_on (asker, is_killed ? "create_a" : "create_b", key));
      EXPECT_FALSE (goes_on (asker, "update_issue", key));
      EXPECT_FALSE (goes_on (asker, "create_pr", key));
      agent->control ("DELETE", "/v1/prompts/quiet");
    }
}

TEST_F (GrantStory, ANoCanBeForgotten)
{
  Person asker (*agent);
  int asked = asker.ask (kPath, call ("create_issue"), key);

  ASSERT_EQ (person->reply (token, person->event ("opened"), "deny").status, 204);
  asker.answer (asked);
  std::string shown = cli ({});
  EXPECT_THAT (shown, testing::ContainsRegex ("denied  in (1 h|59 min)"));
  EXPECT_THAT (cli ({ "revoke", shown.substr (shown.size () - 9, 8) }),
               HasSubstr ("Forgot the no: story may ask for create_issue on svc again."));
  EXPECT_THAT (ask_and_allow (asker, "create_issue", "once", key), HasSubstr ("reached"));
}

TEST_F (GrantStory, AGrantEndsWithTheRuleThatAsked)
{
  Person asker (*agent);
  const std::string asks = R"({"tool":"create_*","effect":"ask"})";
  auto set = [this] (const std::string &rules) {
    std::string text = R"({"version":1,"default":"deny","rules":[)" + rules + "]}";

    ASSERT_EQ (agent->control ("PUT", "/v1/bindings/svc/policy", text).status, 200);
  };

  set (asks);
  ask_and_allow (asker, "create_pr", "always", key);
  set (R"({"tool":"get_*","effect":"allow"},)" + asks);
  EXPECT_TRUE (goes_on (asker, "create_pr", key)) << "another rule has changed";
  set (R"({"tool":"create_*","effect":"ask","grant":"once"})");
  EXPECT_THAT (grants (), HasSubstr (R"("grants":[])"));
  EXPECT_FALSE (goes_on (asker, "create_pr", key));
}

TEST_F (GrantStory, ARuleThatSaysOnceIsAskedEachTime)
{
  Person asker (*agent);

  ASSERT_EQ (agent
                 ->control ("PUT", "/v1/bindings/svc/policy",
                            R"({"version":1,"default":"deny","rules":[)"
                            R"({"tool":"*","effect":"ask","grant":"once"}]})")
                 .status,
             200);
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person->event ("opened");
  EXPECT_EQ (member_of (prompt, "scopes"), R"(["once"])");
  EXPECT_EQ (person->reply (token, prompt, "allow", "10min").status, 403);
  EXPECT_EQ (person->reply (token, prompt, "allow", "once").status, 204);
  asker.answer (asked);
  EXPECT_FALSE (goes_on (asker, "create_issue", key));
}

TEST_F (GrantStory, A14GrantsGoWithTheirBindingAndTheirClient)
{
  Person asker (*agent);
  std::string other = agent->add_client ("other");

  ask_and_allow (asker, "create_issue", "always", key);
  ask_and_allow (asker, "create_issue", "always", other);
  ASSERT_EQ (agent->control ("DELETE", "/v1/clients/other").status, 204);
  EXPECT_THAT (grants (), Not (HasSubstr ("\"other\"")));
  EXPECT_THAT (grants (), HasSubstr ("\"story\""));
  ASSERT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_THAT (grants (), HasSubstr (R"("grants":[])"));
  ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
  EXPECT_FALSE (goes_on (asker, "create_issue", key));
}

TEST_F (GrantStory, TakingBackIsPossibleWhileTheAgentIsLocked)
{
  Person asker (*agent);

  ask_and_allow (asker, "create_issue", "always", key);
  ASSERT_EQ (agent->cli ({ "bindify", "lock" }).status, 0);
  EXPECT_THAT (cli ({}), HasSubstr ("create_issue"));
  EXPECT_THAT (cli ({ "revoke", "--all" }), HasSubstr ("Took back 1 permission."));
}

} // namespace
