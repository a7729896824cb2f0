// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The programs of a person speak the person's language, and what programs read stays as it is. The
// catalogue is a small one, made here by the real msgfmt, so that no translator can break a test:
// copies of the programs find it where an installation has it. What is complete is for
// lint/languages.py.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

namespace fs = std::filesystem;

constexpr char kCatalogue[] = R"PO(msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Show one binding"
msgstr "Eine Bindung zeigen"

msgid "The agent’s socket"
msgstr "Der Socket des Agenten"

msgid "Not found"
msgstr "Nicht gefunden"

msgid "Try: %s\n"
msgstr "Als Nächstes: %s\n"

msgid "Let %s use the tool %s of %s?"
msgstr "Darf %1$s das Werkzeug %2$s von %3$s benutzen?"

msgid "Effect: changes something"
msgstr "Wirkung: ändert etwas"

msgid "Today: not used yet"
msgstr "Heute: noch nicht benutzt"

msgid "Time left: %s"
msgstr "Übrige Zeit: %s"

msgid "Socket"
msgstr "Anschlußbüchse"

msgid "Bindings"
msgstr "绑定"

msgid "%s, line %u, holds a %s that ends in “%s”, which every program of yours can read"
msgstr "%s enthält in Zeile %u ein %s, das auf „%s“ endet; jedes Ihrer Programme kann es lesen"
)PO";

void
serve (Upstream::Peer &peer, const Upstream::Request &request)
{
  peer.reply (request.method == "POST" ? 200 : 405, R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

void
write_file (const std::string &path, const std::string &text)
{
  std::ofstream (path, std::ios::binary) << text;
}

// Before a test has put a copy in its place.
const std::string &
built_agent ()
{
  static const std::string path = agent_program ();

  return path;
}

class LanguageStory : public testing::Test
{
protected:
  void SetUp () override
  {
    g_autofree char *msgfmt = g_find_program_in_path ("msgfmt");

    if (msgfmt == nullptr)
      GTEST_SKIP () << "msgfmt (gettext) is not installed";
    fs::create_directories (place.path ("bin"));
    fs::create_directories (fs::path (catalogue ()).parent_path ());
    fs::copy_file (client_program ("bindify"), place.path ("bin/bindify"));
    fs::copy_file (built_agent (), place.path ("bin/bindify-agent"));
    setenv ("BFY_TEST_AGENT", place.path ("bin/bindify-agent").c_str (), 1);
    write_file (place.path ("de.po"), kCatalogue);

    Process::Options compile;
    compile.argv = { msgfmt, "--output-file", catalogue (), place.path ("de.po") };
    Finished compiled = run (compile);
    ASSERT_EQ (compiled.status, 0) << compiled.errors;

    Agent::Options options;
    options.profile = "reads-flow";
    options.environment = { { "LANGUAGE", "de" } };
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), "sk-languages-0123456789").status, 201);
  }
  std::string catalogue () const
  {
    return place.path ("share/locale/de/LC_MESSAGES/bindify.mo");
  }
  Finished say (const std::string &language, const std::vector<std::string> &words) const
  {
    std::vector<std::string> argv = { place.path ("bin/bindify") };

    argv.insert (argv.end (), words.begin (), words.end ());
    Process::Options options = agent->options (argv);
    options.environment["LANGUAGE"] = language;

    return run (options);
  }
  // Asks for a tool that a person has to allow, and comes back when the question is there.
  int ask (Person &asker, Person &person)
  {
    std::string key = agent->add_client ("story");
    int asked = asker.ask (
        "/mcp/svc",
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_issue","arguments":{}}})",
        key);

    EXPECT_NE (person.event ("opened"), "");
    return asked;
  }

  TempDir place;
  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
};

TEST_F (LanguageStory, HelpIsInTheLanguageOfThePerson)
{
  Finished overview = say ("de", { "help" });
  Finished one = say ("de", { "show", "--help" });

  EXPECT_EQ (overview.status, 0);
  EXPECT_THAT (overview.output, testing::ContainsRegex ("  show +Eine Bindung zeigen\n"));
  EXPECT_THAT (overview.output, HasSubstr ("List the bindings")); // not in our small catalogue
  EXPECT_THAT (one.output,
               AllOf (HasSubstr ("Eine Bindung zeigen"), HasSubstr ("Der Socket des Agenten")));
}

TEST_F (LanguageStory, AHeadlineStandsBeforeWhatTheAgentSays)
{
  std::string english = say ("", { "show", "nothing" }).errors;
  Finished german = say ("de", { "show", "nothing" });
  std::string sentence = english.substr (0, english.find ('\n')).substr (strlen ("bindify: "));

  EXPECT_EQ (german.status, say ("", { "show", "nothing" }).status);
  EXPECT_THAT (german.errors, StartsWith ("bindify: Nicht gefunden: " + sentence + "\n"));
  EXPECT_THAT (german.errors, HasSubstr ("Als Nächstes: bindify list"));
}

TEST_F (LanguageStory, AQuestionIsAskedInTheLanguageOfThePerson)
{
  Person asker (*agent), person (*agent, { "--pty" });
  ASSERT_NE (person.register_as ("terminal"), "") << person.refusal ();
  int asked = ask (asker, person);
  std::string german = say ("de", { "prompts" }).output;
  std::string english = say ("", { "prompts" }).output;

  EXPECT_THAT (german, HasSubstr ("Darf “story” das Werkzeug “create_issue” von “svc” benutzen?"));
  EXPECT_THAT (german, AllOf (HasSubstr ("    Wirkung: ändert etwas\n"),
                              HasSubstr ("    Heute: noch nicht benutzt\n"),
                              HasSubstr ("    Client: “story” (known by its key)\n")));
  EXPECT_THAT (german, HasSubstr ("    Übrige Zeit: "));
  EXPECT_THAT (english, HasSubstr ("Let “story” use the tool “create_issue” of “svc”?"));
  // Line by line they say the same: as many, and what comes from outside is in both.
  EXPECT_EQ (std::count (german.begin (), german.end (), '\n'),
             std::count (english.begin (), english.end (), '\n'));
  asker.hang_up (asked);
}

TEST_F (LanguageStory, WhatProgramsReadIsTheSameInEveryLanguage)
{
  Person asker (*agent), person (*agent, { "--pty" });
  ASSERT_NE (person.register_as ("terminal"), "") << person.refusal ();
  int asked = ask (asker, person);
  // A finding that the client makes itself, and that is told as JSON, too.
  write_file (agent->dir ().path ("home/.npmrc"), "//r.example/:_authToken=aB3dEfGh1jKlMnOp5rSt\n");

  EXPECT_THAT (say ("de", { "doctor" }).output, HasSubstr ("enthält in Zeile 1 ein"));
  for (const std::vector<std::string> &words : { std::vector<std::string>{ "prompts", "--json" },
                                                 { "list", "--json" },
                                                 { "show", "svc", "--json" },
                                                 { "doctor", "--json" } })
    {
      Finished german = say ("de", words);

      EXPECT_EQ (german.output, say ("", words).output) << words[0];
      EXPECT_NE (german.output, "") << words[0];
    }
  // The agent was started with the same language, and its catalogue lies where it would look.
  EXPECT_THAT (agent->control ("GET", "/v1/prompts").body,
               AllOf (HasSubstr ("Let “story” use the tool"), Not (HasSubstr ("Darf"))));
  asker.hang_up (asked);
}

// By columns of the terminal, not by bytes: "ß" is two of them, and "绑" is wide.
TEST_F (LanguageStory, LabelsOfAnyLengthStandInOneColumn)
{
  std::string status = say ("de", { "status" }).output;

  EXPECT_THAT (status, HasSubstr ("Agent          bindify-agent "));
  EXPECT_THAT (status, HasSubstr ("Anschlußbüchse " + agent->socket ()));
  EXPECT_THAT (status, HasSubstr ("绑定           1\n"));
}

TEST_F (LanguageStory, ALanguageThatIsNotThereIsEnglish)
{
  Finished other = say ("xx", { "help" });

  EXPECT_EQ (other.status, 0);
  EXPECT_EQ (other.output, say ("", { "help" }).output);
  EXPECT_THAT (other.output, HasSubstr ("Show one binding"));
}

TEST_F (LanguageStory, ABrokenCatalogueIsEnglish)
{
  std::ifstream file (catalogue (), std::ios::binary);
  std::string whole ((std::istreambuf_iterator<char> (file)), {});
  std::string english = say ("", { "help" }).output;

  ASSERT_GT (whole.size (), 64u);
  for (const std::string &broken :
       { std::string (), whole.substr (0, 20), std::string (4096, '\xff'),
         "\xde\x12\x04\x95" + whole.substr (0, 8) })
    {
      write_file (catalogue (), broken);
      Finished answer = say ("de", { "help" });

      EXPECT_EQ (answer.status, 0) << broken.size ();
      EXPECT_EQ (answer.output, english) << broken.size ();
    }
}

} // namespace
