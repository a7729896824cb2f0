// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

extern "C"
{
#include "client/completion.h"
#include "client/rehearsal.h"
}

namespace
{

struct DecideCase
{
  const char *name;
  std::vector<const char *> words; // the last one is to be completed
  guint kinds;
  const char *of;
  gsize n_fixed;
};

class CompletionDecide : public testing::TestWithParam<DecideCase>
{
};

BfyCli
quiet_cli ()
{
  static const BfyEnvironment environment = {};
  static const BfyDesktop desktop = {};
  BfyCli cli = {};

  cli.environment = &environment;
  cli.desktop = &desktop;
  return cli;
}

} // namespace

TEST_P (CompletionDecide, Finds)
{
  const DecideCase &c = GetParam ();
  static const GOptionEntry common[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, nullptr, "", "PATH" },
    {},
  };
  BfyCli cli = quiet_cli ();
  std::vector<const char *> words = c.words;
  BfyCompletionPlace place;
  BfyCompletion completion;
  const GOptionEntry *options = common;
  g_autoptr (BfyRehearsal) rehearsal = nullptr;

  words.push_back (nullptr);
  bfy_completion_place (words.data (), &place);
  if (place.command != nullptr)
    {
      const char *const alone[] = { place.command->name, nullptr };

      rehearsal = bfy_rehearsal_new (&cli, place.command, alone);
      options = reinterpret_cast<const GOptionEntry *> (rehearsal->options->data);
    }
  bfy_completion_decide (&place, options, words.data (), &completion);

  EXPECT_EQ (static_cast<guint> (completion.kinds), c.kinds);
  if (c.of != nullptr)
    {
      EXPECT_STREQ (completion.of, c.of);
    }
  EXPECT_EQ (completion.n_fixed, c.n_fixed);
}

INSTANTIATE_TEST_SUITE_P (
    Words,
    CompletionDecide,
    testing::Values (
        DecideCase{ "NothingTyped", { "bindify" }, 0, nullptr, 0 },
        DecideCase{ "NoWords", { "" }, 0, nullptr, 0 },
        DecideCase{ "Command", { "bindify", "" }, BFY_COMPLETE_COMMANDS, nullptr, 0 },
        DecideCase{ "ByPath", { "/usr/bin/bindify", "s" }, BFY_COMPLETE_COMMANDS, nullptr, 0 },
        DecideCase{ "OptionBefore", { "bindify", "-" }, BFY_COMPLETE_OPTIONS, nullptr, 0 },
        DecideCase{ "Socket", { "bindify", "--socket", "" }, BFY_COMPLETE_FILES, nullptr, 0 },
        DecideCase{ "SocketEquals", { "bindify", "--socket=/" }, BFY_COMPLETE_FILES, nullptr, 9 },
        DecideCase{ "BehindSocket",
                    { "bindify", "--socket", "/x", "sh" },
                    BFY_COMPLETE_COMMANDS,
                    nullptr,
                    0 },
        DecideCase{ "Unknown", { "bindify", "juggle", "" }, 0, nullptr, 0 },
        DecideCase{ "Binding", { "bindify", "show", "" }, BFY_COMPLETE_BINDINGS, nullptr, 0 },
        DecideCase{ "OneBindingOnly", { "bindify", "show", "a", "" }, 0, nullptr, 0 },
        DecideCase{
            "ManyBindings", { "bindify", "panic", "a", "b", "" }, BFY_COMPLETE_BINDINGS, "a", 0 },
        DecideCase{ "OldButNotNew", { "bindify", "rename", "a", "" }, 0, nullptr, 0 },
        DecideCase{ "Option", { "bindify", "show", "--" }, BFY_COMPLETE_OPTIONS, nullptr, 0 },
        DecideCase{ "NoOptionBehindDashes",
                    { "bindify", "show", "--", "-" },
                    BFY_COMPLETE_BINDINGS,
                    nullptr,
                    0 },
        DecideCase{
            "GroupWithoutDefault", { "bindify", "policy", "" }, BFY_COMPLETE_COMMANDS, nullptr, 0 },
        DecideCase{ "GroupThatRunsAlone",
                    { "bindify", "log", "" },
                    BFY_COMPLETE_COMMANDS | BFY_COMPLETE_BINDINGS,
                    nullptr,
                    0 },
        DecideCase{
            "InGroup", { "bindify", "policy", "show", "" }, BFY_COMPLETE_BINDINGS, nullptr, 0 },
        DecideCase{
            "PolicyFile", { "bindify", "policy", "set", "a", "" }, BFY_COMPLETE_FILES, "a", 0 },
        DecideCase{ "ToolOfARule",
                    { "bindify", "policy", "set", "a", "--allow-tool", "" },
                    BFY_COMPLETE_TOOLS,
                    "a",
                    0 },
        DecideCase{ "KindOfARule",
                    { "bindify", "policy", "set", "a", "--deny", "" },
                    BFY_COMPLETE_RULE_KINDS,
                    "a",
                    0 },
        DecideCase{ "AccessOfARule",
                    { "bindify", "policy", "set", "a", "--deny", "access=w" },
                    BFY_COMPLETE_ACCESS,
                    "a",
                    7 },
        DecideCase{ "CapabilityOfARule",
                    { "bindify", "policy", "set", "a", "--deny=capability=" },
                    BFY_COMPLETE_CAPABILITIES,
                    "a",
                    18 },
        DecideCase{ "PathOfARule",
                    { "bindify", "policy", "set", "a", "--deny=http=" },
                    BFY_COMPLETE_NOTHING,
                    "a",
                    7 },
        DecideCase{ "ToolBehindOptionWithValue",
                    { "bindify", "call", "--key-file", "f", "a", "" },
                    BFY_COMPLETE_TOOLS,
                    "a",
                    0 },
        DecideCase{ "Keyring",
                    { "bindify", "keyring", "move", "--to", "" },
                    BFY_COMPLETE_KEYRINGS,
                    nullptr,
                    0 },
        DecideCase{ "SettingsValue",
                    { "bindify", "settings", "log.days", "" },
                    BFY_COMPLETE_SETTING_VALUES,
                    "log.days",
                    0 },
        DecideCase{
            "Prompt", { "bindify", "prompts", "allow", "" }, BFY_COMPLETE_PROMPTS, nullptr, 0 },
        DecideCase{
            "Grant", { "bindify", "grants", "revoke", "" }, BFY_COMPLETE_GRANTS, nullptr, 0 },
        DecideCase{ "ClientToRemove",
                    { "bindify", "client", "remove", "" },
                    BFY_COMPLETE_CLIENTS,
                    nullptr,
                    0 },
        DecideCase{ "NewClient", { "bindify", "client", "add", "" }, 0, nullptr, 0 },
        DecideCase{ "HelpOf", { "bindify", "help", "" }, BFY_COMPLETE_COMMANDS, nullptr, 0 },
        DecideCase{ "Add", { "bindify-add", "" }, BFY_COMPLETE_SERVICES, nullptr, 0 },
        DecideCase{ "AddName", { "bindify-add", "--name", "" }, 0, nullptr, 0 },
        DecideCase{ "AddLetter", { "bindify-add", "-d", "" }, BFY_COMPLETE_BINDINGS, nullptr, 0 },
        DecideCase{
            "AddFolder", { "bindify-add", "--share-dir", "" }, BFY_COMPLETE_FOLDERS, nullptr, 0 },
        DecideCase{ "Bridge", { "bindify-mcp", "" }, BFY_COMPLETE_BINDINGS, nullptr, 0 },
        DecideCase{ "LinkOfANewerVersion", { "bindify-juggle", "" }, 0, nullptr, 0 }),
    [] (const testing::TestParamInfo<DecideCase> &info) { return info.param.name; });

namespace
{

void
expect_rehearses (const BfyCommand *commands, const std::string &title)
{
  BfyCli cli = quiet_cli ();

  for (const BfyCommand *c = commands; c->name != nullptr; c++)
    {
      const BfyCommandGroup *group =
          commands == bfy_commands ? bfy_command_group_find (c->name) : nullptr;
      const char *const words[] = { c->name, nullptr };

      if (group != nullptr)
        expect_rehearses (group->commands, title + " " + c->name);
      if (group != nullptr && !group->runs_alone)
        continue;

      g_autoptr (BfyRehearsal) rehearsal = bfy_rehearsal_new (&cli, c, words);

      // --socket and --version at least: the command got to where it reads its options.
      EXPECT_GE (rehearsal->options->len, 2u) << title << " " << c->name;
      EXPECT_EQ (rehearsal->is_understood, c->n_min == 0) << title << " " << c->name;
    }
}

} // namespace

// Completions know the options of all of them, and none does anything before it has read them.
TEST (Rehearsal, WorksWithEveryCommand)
{
  expect_rehearses (bfy_commands, "bindify");
}
