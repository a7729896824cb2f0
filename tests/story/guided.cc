// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify-add` without words, in a real terminal; a token alone; two accounts of one service.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/tmux.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kAnn[] = "acme_ann0123456789abcdef0123456789";
constexpr char kBea[] = "acme_bea0123456789abcdef0123456789";
constexpr char kWrong[] = "acme_wrong0123456789abcdef01234567";
constexpr char kOther[] = "beta_0123456789abcdef0123456789abcd";
constexpr char kCall[] = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
constexpr char kQuestion[] = "What do you want to add?";
constexpr char kUnseen[] = "(not shown):";

std::string
who (const std::string &authorization)
{
  return authorization == std::string ("Bearer ") + kAnn   ? "ann"
         : authorization == std::string ("Bearer ") + kBea ? "bea"
                                                           : "";
}

// Says whose the token is that came with the request.
void
serve (Upstream::Peer &peer, const Upstream::Request &request)
{
  std::string name = who (request.header ("authorization"));

  if (name.empty ())
    peer.reply (401, R"({"error":"bad token"})", "WWW-Authenticate: Bearer");
  else if (request.path == "/me")
    peer.reply (200, R"({"login":")" + name + "\"}");
  else
    peer.reply (200,
                R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"is-)" + name + R"("}]}})");
}

class Guided : public testing::Test
{
protected:
  void SetUp () override
  {
    Agent::Options options;

    options.starts = false;
    options.environment = Tmux::environment ();
    agent = std::make_unique<Agent> (options);
    write_record ("acme", "Acme", "tickets");
    write_record ("beta", "Beta", "parcels");
    ASSERT_TRUE (agent->start ());
  }

  void write_record (const std::string &id, const std::string &name, const std::string &keyword)
  {
    const std::string dir = agent->dir ().path ("config/bindify/services.d");

    g_mkdir_with_parents (dir.c_str (), 0700);
    write_file (
        dir + "/" + id + ".json",
        R"({"id":")" + id + R"(","name":")" + name + R"(","mcp_url":")" + upstream.url () +
            R"(","keywords":[")" + keyword + R"("],"token_url":"https://acme.example/tokens",)" +
            R"("instructions":["Choose the short-lived kind."],"api_key":{"injection":)" +
            R"({"kind":"header","name":"Authorization","prefix":"Bearer "},"probe":{"method":"GET",)" +
            R"("url":")" + upstream.url ("/me") + R"(","account":"/login"}},)" +
            R"("token_patterns":[{"prefix":")" + id + R"(_","characters":"alnum","min":16}]})");
  }

  std::string bindings ()
  {
    return agent->control ("GET", "/v1/bindings").body;
  }
  Finished add (std::vector<std::string> words, const std::string &input)
  {
    words.insert (words.begin (), { "bindify-add", "--allow-local" });
    return agent->cli (words, input);
  }

  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
};

class GuidedScreen : public Guided
{
protected:
  void SetUp () override
  {
    if (!Tmux::is_there ())
      GTEST_SKIP () << "there is no tmux";
    Guided::SetUp ();
    terminal = std::make_unique<Tmux> (*agent);
    ASSERT_TRUE (terminal->is_ready ()) << terminal->screen ();
  }

  void begin (const std::string &variables = "")
  {
    terminal->type ("clear");
    ASSERT_TRUE (terminal->shows_no (kQuestion));
    terminal->type (variables + " bindify-add --allow-local; echo status=$?");
    ASSERT_TRUE (terminal->shows (kQuestion)) << terminal->screen ();
  }
  // Types when it is asked.
  void answer (const std::string &question, const std::string &text)
  {
    ASSERT_TRUE (terminal->shows (question)) << terminal->screen ();
    terminal->type (text);
  }
  void expect_nothing (const std::string &status)
  {
    EXPECT_TRUE (terminal->shows ("status=" + status)) << terminal->screen ();
    EXPECT_THAT (terminal->screen (), Not (HasSubstr ("acme_")));
    EXPECT_TRUE (terminal->is_as_it_was ()) << terminal->screen ();
    EXPECT_THAT (bindings (), Not (HasSubstr ("\"name\"")));
  }

  std::unique_ptr<Tmux> terminal;
};

TEST_F (GuidedScreen, WordsANumberANameAndAToken)
{
  begin ();
  answer (kQuestion, "no such thing");
  answer ("No service is found", "tickets");
  answer ("1  Acme (acme)", "1");
  answer ("Name of the binding (Enter: acme):", "");
  answer (kUnseen, kWrong);
  // It was shown where to get one, and a wrong one can be followed by a right one.
  ASSERT_TRUE (terminal->shows ("refuse")) << terminal->screen ();
  EXPECT_THAT (terminal->screen (), AllOf (HasSubstr ("https://acme.example/tokens"),
                                           HasSubstr ("1. Choose the short-lived kind.")));
  EXPECT_THAT (bindings (), Not (HasSubstr ("\"name\"")));
  terminal->type (kAnn);
  EXPECT_TRUE (terminal->shows ("Signed in as ann.")) << terminal->screen ();
  answer ("Connect a program to it now", "");
  EXPECT_TRUE (terminal->shows ("status=0")) << terminal->screen ();
  EXPECT_THAT (terminal->screen (), AllOf (HasSubstr ("Added acme: "), Not (HasSubstr ("acme_"))));
  EXPECT_TRUE (terminal->is_as_it_was ());
  EXPECT_THAT (agent->cli ({ "bindify", "list" }).output, HasSubstr ("ann"));
}

// By the desktop's own opener, which gives the page to a script here; only when the person says so.
TEST_F (GuidedScreen, OpensThePageWhereTokensAreMade)
{
  constexpr char kOpen[] = "Open that page in the browser?";
  const std::string browser = agent->dir ().path ("tmp/browser"), visited = browser + ".visited";

  if (access ("/usr/bin/xdg-open", X_OK) != 0)
    GTEST_SKIP () << "xdg-open is not installed";
  write_file (browser, "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'" + visited + "'\n", 0700);
  for (const char *said : { "n", "y" })
    {
      begin ("BROWSER=" + browser);
      answer (kQuestion, "acme");
      answer ("Name of the binding", "");
      EXPECT_FALSE (g_file_test (visited.c_str (), G_FILE_TEST_EXISTS));
      answer (kOpen, said);
      ASSERT_TRUE (terminal->shows (kUnseen)) << terminal->screen ();
      terminal->press ("C-c");
      expect_nothing ("130");
    }
  ASSERT_TRUE (wait_until ([&] { return read_file (visited) == "https://acme.example/tokens\n"; }));

  begin ("BROWSER=/bin/false");
  answer (kQuestion, "acme");
  answer ("Name of the binding", "");
  answer (kOpen, "y");
  EXPECT_TRUE (terminal->shows ("No browser could be opened")) << terminal->screen ();
  answer (kUnseen, kAnn);
  EXPECT_TRUE (terminal->shows ("Signed in as ann.")) << terminal->screen ();
}

TEST_F (GuidedScreen, TellsWhoseATokenIs)
{
  ASSERT_EQ (add ({ "acme", "--token-stdin" }, kAnn).status, 0);
  begin ();
  answer (kQuestion, "t");
  answer (kUnseen, kBea);
  answer ("This looks like a token of Acme. Is it one?", "");
  answer ("There is a binding called “acme” already.", "Work");
  answer ("Name of the binding (Enter: acme-work):", "");
  EXPECT_TRUE (terminal->shows ("Added acme-work: ")) << terminal->screen ();
  answer ("Connect a program to it now", "cursor");
  EXPECT_TRUE (terminal->shows ("Cursor uses acme-work now")) << terminal->screen ();
  EXPECT_TRUE (terminal->shows ("status=0")) << terminal->screen ();
  EXPECT_THAT (agent->cli ({ "bindify", "show", "acme-work" }).output, HasSubstr ("Work"));
}

TEST_F (GuidedScreen, WarnsOfATokenInTheWrongPlace)
{
  begin ();
  answer (kQuestion, "beta");
  answer ("Name of the binding", "");
  answer (kUnseen, kAnn);
  answer ("That looks like a token of Acme, not of Beta", "n");
  EXPECT_TRUE (terminal->shows ("bindify-add acme")) << terminal->screen ();
  EXPECT_EQ (upstream.requests ().size (), 0u);
  expect_nothing ("1");
}

TEST_F (GuidedScreen, CtrlCAtTheFirstQuestion)
{
  begin ();
  terminal->press ("C-c");
  EXPECT_TRUE (terminal->shows ("Cancelled. Nothing was added.")) << terminal->screen ();
  expect_nothing ("130");
}

TEST_F (GuidedScreen, CtrlCAtTheToken)
{
  begin ();
  answer (kQuestion, "acme");
  answer ("Name of the binding", "");
  ASSERT_TRUE (terminal->shows (kUnseen));
  terminal->tmux ({ "send-keys", "-l", "acme_half" });
  terminal->press ("C-c");
  EXPECT_TRUE (terminal->shows ("Cancelled. Nothing was added.")) << terminal->screen ();
  expect_nothing ("130");
}

TEST_F (GuidedScreen, TheEndOfInput)
{
  begin ();
  terminal->press ("C-d");
  EXPECT_TRUE (terminal->shows ("nothing was stored")) << terminal->screen ();
  expect_nothing ("1");
}

TEST_F (GuidedScreen, CtrlZKeepsTheQuestion)
{
  begin ();
  terminal->press ("C-z");
  ASSERT_TRUE (terminal->shows ("Stopped")) << terminal->screen ();
  terminal->type ("clear; fg");
  answer (kQuestion, "acme");
  ASSERT_TRUE (terminal->shows ("Name of the binding")) << terminal->screen ();
  terminal->press ("C-c");
  EXPECT_TRUE (terminal->shows ("Cancelled. Nothing was added.")) << terminal->screen ();
  EXPECT_TRUE (terminal->is_as_it_was ()) << terminal->screen ();
}

// As it was before there were questions.
TEST_F (Guided, AsksNobodyWithoutATerminal)
{
  Finished outcome = add ({}, "");

  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, AllOf (HasSubstr ("Say what to add"), HasSubstr ("services")));
}

struct ScriptCase
{
  const char *name;
  std::vector<std::string> words;
  const char *token;
  int status;
  const char *want; // in what it says
};

class GuidedScript : public Guided, public testing::WithParamInterface<ScriptCase>
{
};

TEST_P (GuidedScript, IsAddedOrRefused)
{
  Finished outcome = add (GetParam ().words, GetParam ().token);
  bool is_there = bindings ().find ("\"name\"") != std::string::npos;

  EXPECT_EQ (outcome.status, GetParam ().status) << outcome.errors;
  EXPECT_THAT (outcome.output + outcome.errors, HasSubstr (GetParam ().want));
  EXPECT_THAT (outcome.output + outcome.errors, Not (HasSubstr (GetParam ().token)));
  EXPECT_EQ (is_there, outcome.status == 0);
}

INSTANTIATE_TEST_SUITE_P (
    Tokens,
    GuidedScript,
    testing::Values (
        ScriptCase{ "ByItsLook", { "--token-stdin" }, kAnn, 0, "Added acme: " },
        ScriptCase{
            "OfNobody", { "--token-stdin" }, "whatever-0123456789", 1, "which one it is for" },
        ScriptCase{
            "OfAnother", { "acme", "--token-stdin" }, kOther, 1, "token of Beta, not of Acme" },
        ScriptCase{ "HintAtTheOther", { "acme", "--token-stdin" }, kOther, 1, "bindify-add beta" },
        ScriptCase{ "OfAnotherUnchecked",
                    { "acme", "--token-stdin", "--no-check" },
                    kOther,
                    0,
                    "not tried out" }),
    [] (const auto &info) { return info.param.name; });

TEST_F (Guided, ANewTokenOfAnotherServiceIsRefused)
{
  ASSERT_EQ (add ({ "acme", "--token-stdin" }, kAnn).status, 0);
  Finished outcome = agent->cli ({ "bindify", "login", "acme", "--token-stdin" }, kOther);
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("token of Beta, not of Acme"));
  EXPECT_EQ (agent->cli ({ "bindify", "login", "acme", "--token-stdin" }, kBea).status, 0);
}

TEST_F (Guided, TwoAccountsOfOneServiceNeverMix)
{
  ASSERT_EQ (add ({ "acme", "--account", "Home", "--token-stdin" }, kAnn).status, 0);
  Finished taken = add ({ "acme", "--account", "Work", "--token-stdin" }, kBea);
  EXPECT_EQ (taken.status, 1);
  EXPECT_THAT (taken.errors, AllOf (HasSubstr ("a binding called “acme” already"),
                                    HasSubstr ("acme --name acme-work")));
  ASSERT_EQ (
      add ({ "acme", "--name", "acme-work", "--account", "Work", "--token-stdin" }, kBea).status,
      0);

  std::string key = agent->add_client ("story");
  for (int i = 0; i < 20; i++)
    {
      EXPECT_THAT (agent->post ("acme", key, kCall).body, HasSubstr ("is-ann"));
      EXPECT_THAT (agent->post ("acme-work", key, kCall).body, HasSubstr ("is-bea"));
    }
  EXPECT_THAT (agent->cli ({ "bindify", "list" }).output,
               AllOf (HasSubstr ("Home"), HasSubstr ("Work")));
  EXPECT_THAT (agent->cli ({ "bindify", "list", "--json" }).output, HasSubstr ("\"Work\""));

  ASSERT_EQ (agent->cli ({ "bindify", "remove", "acme" }).status, 0);
  EXPECT_THAT (agent->post ("acme-work", key, kCall).body, HasSubstr ("is-bea"));
  EXPECT_THAT (agent->post ("acme", key, kCall).body, Not (HasSubstr ("is-")));
}

} // namespace
