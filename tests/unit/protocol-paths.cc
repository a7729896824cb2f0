// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/paths.h"
}

namespace
{

using ::operator<<; // prints a row by its name

const std::string longest = "/" + std::string (BFY_SOCKET_PATH_MAX - 1, 'x');
const std::string too_long = longest + "x";

struct SocketCase
{
  const char *name;
  BfyEnvironment environment;
  const char *option;
  gboolean run_user_is_ours;
  const char *want;      // nullptr: refused
  const char *says = ""; // of the refusal
};

class SocketPath : public testing::TestWithParam<SocketCase>
{
};

TEST_P (SocketPath, IsChosen)
{
  const SocketCase &row = GetParam ();
  Error error;
  g_autofree char *path =
      bfy_paths_socket (&row.environment, row.option, row.run_user_is_ours, error.out ());

  EXPECT_STREQ (path, row.want) << error;
  if (row.want != nullptr)
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (row.says));
}

// home, runtime, state, config, socket, uid
INSTANTIATE_TEST_SUITE_P (
    Behaviour129,
    SocketPath,
    testing::Values (
        SocketCase{ "Runtime",
                    { "/home/a", "/run/user/7", nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    "/run/user/7/bindify/agent.sock" },
        SocketCase{ "OptionWins",
                    { "/home/a", "/run/user/7", nullptr, nullptr, "/tmp/b", 7, nullptr, nullptr },
                    "/tmp/a",
                    TRUE,
                    "/tmp/a" },
        SocketCase{ "VariableWins",
                    { "/home/a", "/run/user/7", nullptr, nullptr, "/tmp/b", 7, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    "/tmp/b" },
        SocketCase{ "VariableAlone",
                    { nullptr, nullptr, nullptr, nullptr, "/tmp/b", 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    "/tmp/b" },
        SocketCase{ "VariableEmpty",
                    { "/home/a", "/run/user/7", nullptr, nullptr, "", 7, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    "/run/user/7/bindify/agent.sock" },
        SocketCase{ "RuntimeRelative",
                    { "/home/a", "run", nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    "/run/user/7/bindify/agent.sock" },
        SocketCase{ "RuntimeMissing",
                    { "/home/a", nullptr, nullptr, nullptr, nullptr, 1000, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    "/run/user/1000/bindify/agent.sock" },
        SocketCase{ "StateHome",
                    { "/home/a", nullptr, "/srv/state", nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    "/srv/state/bindify/agent.sock" },
        SocketCase{ "Home",
                    { "/home/a", "", "state", nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    "/home/a/.local/state/bindify/agent.sock" },
        SocketCase{ "Longest",
                    { nullptr, nullptr, nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    longest.c_str (),
                    FALSE,
                    longest.c_str () },
        SocketCase{ "TooLong",
                    { nullptr, nullptr, nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    too_long.c_str (),
                    FALSE,
                    nullptr,
                    "limit is 107" },
        SocketCase{ "VariableTooLong",
                    { nullptr, nullptr, nullptr, nullptr, too_long.c_str (), 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    nullptr,
                    "108 bytes" },
        SocketCase{ "RuntimeTooLong",
                    { nullptr, longest.c_str (), nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    nullptr,
                    "limit is 107" },
        SocketCase{ "OptionRelative",
                    { "/home/a", "/run/user/7", nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    "agent.sock",
                    TRUE,
                    nullptr,
                    "--socket" },
        SocketCase{ "OptionEmpty",
                    { "/home/a", "/run/user/7", nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    "",
                    TRUE,
                    nullptr,
                    "--socket" },
        SocketCase{ "OptionAbstract",
                    { "/home/a", "/run/user/7", nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    "@bindify",
                    TRUE,
                    nullptr,
                    "--socket" },
        SocketCase{ "VariableRelative",
                    { "/home/a", "/run/user/7", nullptr, nullptr, "./sock\n", 7, nullptr, nullptr },
                    nullptr,
                    TRUE,
                    nullptr,
                    "“./sock\\n” from BINDIFY_SOCK" },
        SocketCase{ "NoHome",
                    { nullptr, nullptr, nullptr, nullptr, nullptr, 7, nullptr, nullptr },
                    nullptr,
                    FALSE,
                    nullptr,
                    "HOME" }),
    case_name<SocketCase>);

struct DirectoryCase
{
  const char *name;
  const char *home, *xdg;
  const char *want_state, *want_config; // nullptr: refused
};

class Directories : public testing::TestWithParam<DirectoryCase>
{
};

TEST_P (Directories, AreChosen)
{
  const DirectoryCase &row = GetParam ();
  BfyEnvironment environment = {
    row.home, nullptr, row.xdg, row.xdg, nullptr, 7, nullptr, nullptr
  };
  Error state_error;
  Error config_error;
  g_autofree char *state = bfy_paths_state_dir (&environment, nullptr, state_error.out ());
  g_autofree char *config = bfy_paths_config_dir (&environment, config_error.out ());

  EXPECT_STREQ (state, row.want_state);
  EXPECT_STREQ (config, row.want_config);
  EXPECT_EQ (state_error.get () == nullptr, row.want_state != nullptr) << state_error;
  EXPECT_EQ (config_error.get () == nullptr, row.want_config != nullptr) << config_error;
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour129,
    Directories,
    testing::Values (DirectoryCase{ "Home", "/home/a", nullptr, "/home/a/.local/state/bindify",
                                    "/home/a/.config/bindify" },
                     DirectoryCase{ "Xdg", "/home/a", "/x", "/x/bindify", "/x/bindify" },
                     DirectoryCase{ "XdgAlone", nullptr, "/x", "/x/bindify", "/x/bindify" },
                     DirectoryCase{ "XdgEmpty", "/home/a", "", "/home/a/.local/state/bindify",
                                    "/home/a/.config/bindify" },
                     DirectoryCase{ "XdgRelative", "/home/a", "x", "/home/a/.local/state/bindify",
                                    "/home/a/.config/bindify" },
                     DirectoryCase{ "Nothing", nullptr, nullptr, nullptr, nullptr },
                     DirectoryCase{ "HomeEmpty", "", nullptr, nullptr, nullptr },
                     DirectoryCase{ "HomeRelative", ".", nullptr, nullptr, nullptr }),
    case_name<DirectoryCase>);

TEST (StateDir, MayBeGiven)
{
  BfyEnvironment environment = { "/home/a", nullptr, "/x", nullptr, nullptr, 7, nullptr, nullptr };
  Error error;

  EXPECT_EQ (take_text (bfy_paths_state_dir (&environment, "/tmp/state", error.out ())),
             "/tmp/state");
  EXPECT_EQ (take_text (bfy_paths_state_dir (&environment, "state", error.out ())), "(null)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

} // namespace
